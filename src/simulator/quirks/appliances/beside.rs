//! What is asked for beside resources: the keys of connections.

use http::Method;
use serde_json::{Value, json};

use super::connection::KEY;
use crate::kinds::{CONNECTION, ResourceId};
use crate::simulator::answer::{Answer, Outcome, Refusal};
use crate::simulator::route::Request;
use crate::simulator::{Cx, SUBSCRIPTION, body, read, validate};

/// Answers GET and PUT of `connections/{name}/sharedkey`.
pub(in crate::simulator::quirks) fn beside(
    cx: &Cx<'_>,
    request: &Request<'_>,
    lower: &[&str],
) -> Outcome<Option<Answer>> {
    let [
        "subscriptions",
        _,
        "resourcegroups",
        group,
        "providers",
        "microsoft.network",
        "connections",
        name,
        "sharedkey",
    ] = lower
    else {
        return Ok(None);
    };
    let path = format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}/providers/{}/{name}",
        CONNECTION.resource_type
    );
    let Ok(id) = ResourceId::parse(&path) else { return Ok(None) };
    if *request.method != Method::GET && *request.method != Method::PUT {
        return Ok(None);
    }
    let mut connection = read::find(cx, &id)?;
    if *request.method == Method::PUT {
        let sent = validate::object(request.body)?;
        let Some(key) = body::text(&sent, "value").filter(|key| !key.is_empty()) else {
            return Err(Refusal::new(
                400,
                "InvalidParameter",
                "Required parameter 'value' is missing (null).",
            )
            .target("value")
            .into());
        };
        body::set(&mut connection.stamped, KEY, json!(key));
        cx.store.save(&connection)?;
    }
    let key = connection.stamped.get(KEY).cloned().unwrap_or(Value::Null);
    Ok(Some(Answer::json(200, json!({ "id": format!("{}/sharedKey", connection.id), "value": key }))))
}
