//! Managed identities: what a resource's `identity` block brings about.

use serde_json::{Value, json};

use super::answer::{Outcome, Refusal};
use super::latency::Lag;
use super::write::Draft;
use super::{Cx, TENANT, body};
use crate::kinds::ResourceId;

/// Gives the resource its identities: a principal of its own that stays the
/// same while it lives, and the ids of the user-assigned ones.
pub(super) fn stamp(cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
    let earlier = body::take(&mut draft.stamped, "identity");
    let Some(identity) = draft.written.get("identity") else { return Ok(()) };
    let kind = identity["type"].as_str().unwrap_or_default().to_ascii_lowercase();
    let assigned = identity["userAssignedIdentities"].as_object();
    if !kind.contains("userassigned") && assigned.is_some_and(|map| !map.is_empty()) {
        return Err(Refusal::new(
            400,
            "BadRequest",
            "The request format was unexpected, a non-UserAssigned identity type should not contain: \
             userAssignedIdentities",
        )
        .into());
    }
    let mut stamped = json!({});
    if kind.contains("systemassigned") {
        let principal = match earlier.as_ref().and_then(|e| body::text(e, "principalId")) {
            Some(principal) => principal.to_owned(),
            None => cx.store.guid()?,
        };
        cx.store.add_principal(
            &principal,
            &draft.id.canonical(),
            cx.now.saturating_add(cx.settings.latency.lag(Lag::Principal)),
        )?;
        stamped["principalId"] = json!(principal);
        stamped["tenantId"] = json!(TENANT);
    }
    if let Some(assigned) = assigned {
        let mut known = serde_json::Map::new();
        for key in assigned.keys() {
            let row = match ResourceId::parse(key) {
                Ok(id) => cx.store.resource(&id.canonical())?,
                Err(_) => None,
            };
            let Some(row) = row else {
                return Err(Refusal::new(
                    400,
                    "FailedIdentityOperation",
                    format!(
                        "Identity operation for resource '{}' failed with error 'Failed to perform resource identity \
                         operation. Resource '{key}' was not found.'.",
                        draft.id
                    ),
                )
                .into());
            };
            let of = |path: &str| body::get(&row.stamped, path).cloned().unwrap_or(Value::Null);
            known.insert(
                key.clone(),
                json!({ "principalId": of("properties.principalId"), "clientId": of("properties.clientId") }),
            );
        }
        if !known.is_empty() {
            stamped["userAssignedIdentities"] = Value::Object(known);
        }
    }
    body::set(&mut draft.stamped, "identity", stamped);
    Ok(())
}
