//! Tags as a thing of their own: `Microsoft.Resources/tags/default` at any
//! scope shows and changes those of what it stands at.

use http::Method;
use serde_json::{Map, Value, json};

use crate::kinds::{self, RESOURCE_GROUP, ResourceId, TAGS, Tags};
use crate::simulator::answer::{Answer, Outcome, Refusal};
use crate::simulator::quirks::{id_of, sibling};
use crate::simulator::route::Request;
use crate::simulator::store::Resource;
use crate::simulator::{Cx, body, read, validate};

/// Answers what is asked of the tags at a scope.
pub(super) fn beside(cx: &Cx<'_>, request: &Request<'_>, lower: &[&str]) -> Outcome<Option<Answer>> {
    let [scope @ .., "providers", "microsoft.resources", "tags", "default"] = lower else { return Ok(None) };
    let Some(scope) = id_of(scope) else { return Ok(None) };
    let mut row = holder(cx, &scope)?;
    let path = if scope.parent().is_some() { "tags" } else { "properties.tags" };
    let there = body::get(&row.written, path).and_then(Value::as_object).cloned().unwrap_or_default();
    let after = match *request.method {
        Method::GET => return Ok(Some(answer(&row, &scope, &there))),
        Method::DELETE => Map::new(),
        Method::PUT => sent(request)?,
        Method::PATCH => patched(request, there)?,
        _ => return Ok(None),
    };
    check(&scope, &after)?;
    body::set(&mut row.written, path, json!(after));
    row.etag = cx.store.etag()?;
    row.changed = cx.now;
    cx.store.save(&row)?;
    if *request.method == Method::DELETE {
        return Ok(Some(Answer::empty(200)));
    }
    Ok(Some(answer(&row, &scope, &after)))
}

/// What holds the tags: the resource or group itself, and of a subscription a
/// row of this very type.
fn holder(cx: &Cx<'_>, scope: &ResourceId) -> Outcome<Resource> {
    if scope.parent().is_some() {
        return read::find(cx, scope);
    }
    let id = sibling(scope, TAGS.resource_type, "default").unwrap_or_else(|| scope.clone());
    if let Some(row) = cx.store.resource(&id.canonical())? {
        return Ok(row);
    }
    Ok(Resource {
        seq: 0,
        id,
        owner: None,
        written: json!({ "properties": { "tags": {} } }),
        stamped: json!({}),
        state: "Succeeded".to_owned(),
        etag: String::new(),
        created: cx.now,
        changed: cx.now,
    })
}

fn answer(row: &Resource, scope: &ResourceId, tags: &Map<String, Value>) -> Answer {
    let at = if scope.parent().is_some() { &row.id } else { scope };
    Answer::json(
        200,
        json!({
            "id": format!("{at}/providers/{}/default", TAGS.resource_type), "name": "default",
            "type": TAGS.resource_type, "properties": { "tags": tags },
        }),
    )
}

fn sent(request: &Request<'_>) -> Outcome<Map<String, Value>> {
    let body = validate::object(request.body)?;
    match body::get(&body, "properties.tags") {
        Some(Value::Object(tags)) => Ok(tags.clone()),
        _ => Err(Refusal::new(
            400,
            "InvalidRequestContent",
            "The request content was invalid: the property 'properties.tags' is expected to be an object.",
        )
        .target("properties.tags")
        .into()),
    }
}

/// The tags after a PATCH. Names are told apart without regard to case; a tag
/// that is there keeps the spelling of its name.
fn patched(request: &Request<'_>, mut tags: Map<String, Value>) -> Outcome<Map<String, Value>> {
    let given = sent(request)?;
    let body = validate::object(request.body)?;
    let operation = body::text(&body, "operation").unwrap_or_default().to_ascii_lowercase();
    match operation.as_str() {
        "replace" => return Ok(given),
        "merge" => {
            for (name, value) in given {
                let known = tags.keys().find(|known| known.eq_ignore_ascii_case(&name)).cloned();
                tags.insert(known.unwrap_or(name), value);
            }
        }
        "delete" => tags.retain(|known, old| {
            !given.iter().any(|(name, value)| name.eq_ignore_ascii_case(known) && value == old)
        }),
        other => {
            return Err(Refusal::new(
                400,
                "InvalidTagPatchOperation",
                format!("The operation '{other}' is invalid. It must be one of 'Merge, Replace, Delete'."),
            )
            .into());
        }
    }
    Ok(tags)
}

/// Holds the tags to the limits of what carries them.
fn check(scope: &ResourceId, tags: &Map<String, Value>) -> Outcome<()> {
    // A subscription has the limits of a group.
    let kind =
        if scope.parent().is_some() { kinds::find(&scope.resource_type()) } else { Some(&RESOURCE_GROUP) };
    match kind {
        Some(kind) if matches!(kind.tags, Tags::AtMost(_)) => validate::tags(kind, tags),
        _ => Err(Refusal::new(
            400,
            "TagsNotSupportedForResource",
            format!("The resource type '{}' does not support tags.", scope.resource_type()),
        )
        .into()),
    }
}
