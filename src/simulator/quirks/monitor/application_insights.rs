//! Application Insights components.

use serde_json::{Value, json};

use super::private_link_scope::show_scopes;
use crate::simulator::answer::Outcome;
use crate::simulator::quirks::Quirk;
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, TENANT, body, timestamp};

/// Where a component notes its billing features, which have a path of their own.
pub(super) const BILLING: &str = "billing";

pub(super) struct Component;

impl Quirk for Component {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        let key = match body::text(&draft.stamped, "properties.InstrumentationKey") {
            Some(key) => key.to_owned(),
            None => cx.store.guid()?,
        };
        let app = match body::text(&draft.stamped, "properties.AppId") {
            Some(app) => app.to_owned(),
            None => cx.store.guid()?,
        };
        let location = draft.text("location").unwrap_or_default().to_owned();
        let name = draft.id.name().to_owned();
        let now = timestamp(cx.now);
        let connection = format!(
            "InstrumentationKey={key};IngestionEndpoint=https://{location}-1.in.applicationinsights.azure.com/;\
             LiveEndpoint=https://{location}.livediagnostics.monitor.azure.com/;ApplicationId={app}"
        );
        for (field, value) in [
            ("InstrumentationKey", json!(key)),
            ("AppId", json!(app)),
            ("ApplicationId", json!(name)),
            ("Name", json!(name)),
            ("ConnectionString", json!(connection)),
            ("TenantId", json!(TENANT)),
            ("CreationDate", json!(now)),
        ] {
            draft.stamp_once(&format!("properties.{field}"), || Ok(value))?;
        }
        if let Some(old) = &draft.old
            && let Some(before) = body::get(&old.written, "properties.WorkspaceResourceId")
            && body::get(&draft.written, "properties.WorkspaceResourceId").is_none()
        {
            // Once there it can be another, never none.
            let before = before.clone();
            body::set(&mut draft.written, "properties.WorkspaceResourceId", before);
        }
        for (field, value) in [
            (
                "IngestionMode",
                if draft.text("properties.WorkspaceResourceId").is_some() {
                    "LogAnalytics"
                } else {
                    "ApplicationInsights"
                },
            ),
            ("publicNetworkAccessForIngestion", "Enabled"),
            ("publicNetworkAccessForQuery", "Enabled"),
        ] {
            let path = format!("properties.{field}");
            if body::get(&draft.written, &path).is_none() {
                body::set(&mut draft.written, &path, json!(value));
            }
        }
        Ok(())
    }

    fn show(&self, cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        body::take(shown, BILLING);
        show_scopes(cx, resource, shown, ["properties.PrivateLinkScopedResources", "ResourceId", "ScopeId"])
    }
}
