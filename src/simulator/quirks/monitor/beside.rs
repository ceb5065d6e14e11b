//! What is asked for beside the resources of Azure Monitor.

use http::Method;
use serde_json::{Value, json};

use super::application_insights::BILLING;
use super::diagnostic_setting;
use crate::kinds::{APPLICATION_INSIGHTS, LOG_ANALYTICS};
use crate::simulator::answer::{Answer, Outcome};
use crate::simulator::quirks::id_of;
use crate::simulator::route::Request;
use crate::simulator::{Cx, body, read, validate};

/// Answers categories, deleted workspaces and billing features.
pub(in crate::simulator::quirks) fn beside(
    cx: &Cx<'_>,
    request: &Request<'_>,
    lower: &[&str],
) -> Outcome<Option<Answer>> {
    let get = *request.method == Method::GET;
    match lower {
        [scope @ .., "providers", "microsoft.operationalinsights", "deletedworkspaces"] if get => {
            let Some(scope) = id_of(scope) else { return Ok(None) };
            let all = cx.store.deleted_of(LOG_ANALYTICS.resource_type, None)?;
            let items: Vec<Value> = all
                .iter()
                .filter(|deleted| deleted.id.within(&scope))
                .map(|deleted| {
                    let mut item = deleted.written.clone();
                    body::merge(&mut item, &deleted.stamped);
                    item["id"] = json!(deleted.id.as_str());
                    item["name"] = json!(deleted.id.name());
                    item["type"] = json!(LOG_ANALYTICS.resource_type);
                    item
                })
                .collect();
            Ok(Some(Answer::json(200, json!({ "value": items }))))
        }
        [scope @ .., "currentbillingfeatures"] if get || *request.method == Method::PUT => {
            match id_of(scope).filter(|id| id.is(&APPLICATION_INSIGHTS)) {
                Some(id) => {
                    let mut component = read::find(cx, &id)?;
                    let mut features = billing(&component.stamped);
                    if !get {
                        body::merge(&mut features, &validate::object(request.body)?);
                        body::set(&mut component.stamped, BILLING, features.clone());
                        cx.store.save(&component)?;
                    }
                    Ok(Some(Answer::json(200, features)))
                }
                None => Ok(None),
            }
        }
        _ => diagnostic_setting::beside(cx, request, lower),
    }
}

/// What a component costs: as it was written, or as a new one has it.
fn billing(stamped: &Value) -> Value {
    stamped.get(BILLING).cloned().unwrap_or_else(|| {
        json!({
            "CurrentBillingFeatures": ["Basic"],
            "DataVolumeCap": {
                "Cap": 100.0, "ResetTime": 0, "WarningThreshold": 90,
                "StopSendNotificationWhenHitThreshold": false, "StopSendNotificationWhenHitCap": false,
                "MaxHistoryCap": 1000.0,
            },
        })
    })
}
