//! Replications, webhooks, scope maps and tokens of a registry.

use http::Method;
use serde_json::{Value, json};

use super::container_registry::premium_required;
use crate::kinds::{CONTAINER_REGISTRY, REGISTRY_REPLICATION, REGISTRY_WEBHOOK, ResourceId};
use crate::simulator::answer::{Answer, Outcome, Refusal};
use crate::simulator::quirks::private_link::REGIONS;
use crate::simulator::quirks::{Quirk, id_of, make_once};
use crate::simulator::route::Request;
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body, read, timestamp};

/// Makes the replication of the home region.
pub(super) fn make_home(cx: &Cx<'_>, registry: &Resource) -> Outcome<()> {
    let location = body::text(&registry.written, "location").unwrap_or_default();
    let zones = registry.written["properties"]["zoneRedundancy"].as_str().unwrap_or("Disabled");
    let written = json!({ "location": location, "properties": { "zoneRedundancy": zones } });
    let id = registry.id.child(&REGISTRY_REPLICATION, location);
    make_once(cx, &REGISTRY_REPLICATION, id, &registry.key(), written)
}

/// The replications that somebody asked for.
pub(super) fn replications(cx: &Cx<'_>, registry: &ResourceId) -> Outcome<Vec<Resource>> {
    let all = cx.store.children(&registry.canonical(), REGISTRY_REPLICATION.resource_type)?;
    Ok(all.into_iter().filter(|row| row.owner.is_none()).collect())
}

fn registry_of(cx: &Cx<'_>, id: &ResourceId) -> Outcome<Option<Resource>> {
    match id.parent() {
        Some(parent) => Ok(cx.store.resource(&parent.canonical())?),
        None => Ok(None),
    }
}

/// Notes on the registry the regions that it is kept in besides its home: each
/// has a host name of its own.
fn note_regions(cx: &Cx<'_>, replication: &ResourceId, without: Option<&ResourceId>) -> Outcome<()> {
    let Some(mut registry) = registry_of(cx, replication)? else { return Ok(()) };
    let regions: Vec<Value> = replications(cx, &registry.id)?
        .into_iter()
        .filter(|row| Some(&row.id) != without)
        .map(|row| row.written["location"].clone())
        .collect();
    body::set(&mut registry.stamped, REGIONS, json!(regions));
    Ok(cx.store.save(&registry)?)
}

pub(super) struct Replication;

impl Quirk for Replication {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        let Some(registry) = registry_of(cx, &draft.id)? else { return Ok(()) };
        let sku = body::text(&registry.written, "sku.name").unwrap_or_default();
        let home = draft.old.as_ref().is_some_and(|old| old.owner.is_some());
        if sku != "Premium" && !home {
            return Err(premium_required("replications", sku).into());
        }
        for other in cx.store.children(&registry.key(), REGISTRY_REPLICATION.resource_type)? {
            if other.id != draft.id && body::text(&other.written, "location") == draft.text("location") {
                return Err(Refusal::new(
                    409,
                    "ReplicationAlreadyExists",
                    format!(
                        "The registry {} already has a replication in '{}'.",
                        registry.id.name(),
                        draft.text("location").unwrap_or_default()
                    ),
                )
                .into());
            }
        }
        Ok(())
    }

    fn show(&self, _cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        let status = if resource.state == "Succeeded" { "Ready" } else { "Syncing" };
        body::set(
            shown,
            "properties.status",
            json!({ "displayStatus": status, "timestamp": timestamp(resource.changed) }),
        );
        Ok(())
    }

    fn complete(&self, cx: &Cx<'_>, resource: &mut Resource) -> Outcome<()> {
        note_regions(cx, &resource.id, None)
    }

    fn removed(&self, cx: &Cx<'_>, resource: &Resource) -> Outcome<()> {
        note_regions(cx, &resource.id, Some(&resource.id))
    }

    fn release(&self, _cx: &Cx<'_>, resource: &Resource) -> Outcome<()> {
        if resource.owner.is_none() {
            return Ok(());
        }
        Err(Refusal::new(
            400,
            "CannotDeleteHomeReplication",
            format!(
                "The replication '{}' of the registry's home region cannot be deleted.",
                resource.id.name()
            ),
        )
        .into())
    }
}

pub(super) struct Webhook;

impl Quirk for Webhook {
    fn recall(&self, old: &Resource, merged: &mut Value) {
        body::merge(merged, &json!({ "properties": old.stamped["callback"] }));
    }

    fn accept(&self, _cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        for field in ["serviceUri", "customHeaders"] {
            if let Some(sent) = body::get(&draft.sent_only, &format!("properties.{field}")) {
                let sent = sent.clone();
                body::set(&mut draft.stamped, &format!("callback.{field}"), sent);
            }
        }
        Ok(())
    }

    fn show(&self, _cx: &Cx<'_>, _resource: &Resource, shown: &mut Value) -> Outcome<()> {
        body::take(shown, "callback");
        Ok(())
    }

    fn actions(&self) -> &'static [&'static str] {
        &["getCallbackConfig", "ping", "listEvents"]
    }

    fn act(&self, cx: &Cx<'_>, resource: &Resource, action: &str, _sent: &Value) -> Outcome<Option<Answer>> {
        Ok(Some(match action {
            "getcallbackconfig" => Answer::json(200, resource.stamped["callback"].clone()),
            "ping" => Answer::json(200, json!({ "id": cx.store.guid()? })),
            "listevents" => Answer::json(200, json!({ "value": [] })),
            _ => return Ok(None),
        }))
    }
}

/// Of scope maps and tokens.
pub(super) struct Dated;

impl Quirk for Dated {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        let now = timestamp(cx.now);
        if draft.kind.tree().property("properties.type").is_some() {
            draft.stamp_once("properties.type", || Ok(json!("UserDefined")))?;
        }
        draft.stamp_once("properties.creationDate", || Ok(json!(now)))
    }
}

/// Storage that a sku includes, in bytes.
const INCLUDED: [(&str, i64); 3] = [("Basic", 10 << 30), ("Standard", 100 << 30), ("Premium", 500 << 30)];

/// Webhooks that a sku includes.
const WEBHOOKS: [(&str, i64); 3] = [("Basic", 2), ("Standard", 10), ("Premium", 500)];

/// Answers what a registry uses of what its sku includes.
pub(super) fn beside(cx: &Cx<'_>, request: &Request<'_>, lower: &[&str]) -> Outcome<Option<Answer>> {
    let [scope @ .., "listusages"] = lower else { return Ok(None) };
    let Some(id) = id_of(scope).filter(|id| id.is(&CONTAINER_REGISTRY) && *request.method == Method::GET)
    else {
        return Ok(None);
    };
    let registry = read::find(cx, &id)?;
    let sku = body::text(&registry.written, "sku.name").unwrap_or_default();
    let limit = |of: &[(&str, i64)]| of.iter().find(|(name, _)| *name == sku).map_or(0, |(_, limit)| *limit);
    let webhooks = cx.store.count_children(&registry.key(), REGISTRY_WEBHOOK.resource_type)?;
    let mut value = vec![
        json!({ "name": "Size", "limit": limit(&INCLUDED), "currentValue": 0, "unit": "Bytes" }),
        json!({ "name": "Webhooks", "limit": limit(&WEBHOOKS), "currentValue": webhooks, "unit": "Count" }),
    ];
    if sku == "Premium" {
        let others = replications(cx, &registry.id)?.len();
        value.push(
            json!({ "name": "Geo-replications", "limit": -1, "currentValue": others, "unit": "Count" }),
        );
    }
    Ok(Some(Answer::json(200, json!({ "value": value }))))
}
