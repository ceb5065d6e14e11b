//! What a body refers to, and whether it is there.

use serde_json::Value;

use super::answer::{Outcome, Refusal};
use super::body;
use super::write::Draft;
use super::{Cx, type_of};
use crate::kinds::{self, Access, Kind, ResourceId, Shape};

/// Every id in a body that a client writes, with the path of its row.
pub(super) fn texts<'b>(kind: &'static Kind, body: &'b Value) -> Vec<(&'static str, &'b str)> {
    kind.properties
        .iter()
        .filter(|row| row.access == Access::ReadWrite)
        .flat_map(|row| {
            let values = body::values(body, row.path).into_iter();
            let texts: Vec<&str> = match row.shape {
                Shape::Id => values.filter_map(Value::as_str).collect(),
                Shape::IdMap => {
                    values.filter_map(Value::as_object).flat_map(|m| m.keys().map(String::as_str)).collect()
                }
                _ => Vec::new(),
            };
            texts.into_iter().filter(|text| !text.is_empty()).map(|text| (row.path, text))
        })
        .collect()
}

/// The rows that remember what a body refers to.
pub(super) fn rows(kind: &'static Kind, body: &Value) -> Vec<(&'static str, String)> {
    texts(kind, body).into_iter().map(|(path, text)| (path, text.to_ascii_lowercase())).collect()
}

/// Refuses ids of what does not exist.
pub(super) fn check(cx: &Cx<'_>, draft: &Draft) -> Outcome<()> {
    for (path, text) in texts(draft.kind, &draft.written) {
        let Ok(id) = ResourceId::parse(text) else {
            return Err(Refusal::new(
                400,
                "LinkedInvalidPropertyId",
                format!(
                    "Property id '{text}' at path '{path}' is invalid. Expect fully qualified resource Id that start \
                     with '/subscriptions/{{subscriptionId}}' or '/providers/{{resourceProviderNamespace}}/'."
                ),
            )
            .target(path)
            .into());
        };
        if id.within(&draft.id) {
            continue;
        }
        let Some(target) = target(cx, &id)? else {
            if !is_simulated(&id) {
                // Of what is not here nothing can be missed.
                continue;
            }
            return Err(dangling(&draft.id, path, &id).into());
        };
        if target.state == "Deleting" && !target.id.within(&draft.id) {
            return Err(not_provisioned(&draft.id, &target.id, &target.state).into());
        }
        // A service of Microsoft.Network does not build on what is still being built. A private
        // endpoint finds out later, in its operation.
        let network = |id: &ResourceId| id.resource_type().starts_with("Microsoft.Network/");
        if network(&draft.id)
            && network(&target.id)
            && !super::operation::is_terminal(&target.state)
            && !super::busy::finds_out_later(draft.kind)
        {
            return Err(not_provisioned(&draft.id, &target.id, &target.state).into());
        }
    }
    Ok(())
}

/// Whether anything of the namespace of `id` can be here.
fn is_simulated(id: &ResourceId) -> bool {
    let of = id.resource_type();
    let namespace = of.split('/').next().unwrap_or_default();
    kinds::ALL.iter().any(|kind| {
        kind.resource_type.split('/').next().is_some_and(|known| known.eq_ignore_ascii_case(namespace))
    })
}

/// The resource that `id` names. Below a known kind come names that are no
/// resources of their own (a configuration of an interface, a link resource of
/// a registry): for them their owner counts.
fn target(cx: &Cx<'_>, id: &ResourceId) -> Outcome<Option<super::store::Resource>> {
    if let Some(found) = cx.store.resource(&id.canonical())? {
        return Ok(Some(found));
    }
    if kinds::find(&id.resource_type()).is_none()
        && let Some(parent) = id.parent()
        && kinds::find(&parent.resource_type()).is_some()
        && parent.resource_group_name().is_some()
        && id.resource_type().to_ascii_lowercase().starts_with(&parent.resource_type().to_ascii_lowercase())
    {
        return Ok(cx.store.resource(&parent.canonical())?);
    }
    Ok(None)
}

/// The refusal of an id that names nothing, in the words of the service.
pub(super) fn dangling(source: &ResourceId, path: &str, target: &ResourceId) -> Refusal {
    if source.resource_type().starts_with("Microsoft.MachineLearningServices/") {
        return Refusal::new(
            400,
            "ValidationError",
            format!(
                "The dependent resource '{target}' named by '{path}' does not exist or cannot be accessed."
            ),
        )
        .target("workspace")
        .detail("Invalid", format!("Resource '{target}' was not found."));
    }
    Refusal::new(
        400,
        "InvalidResourceReference",
        format!(
            "Resource {target} referenced by resource {source} was not found. Please make sure that the referenced \
             resource exists, and that both resources are in the same region."
        ),
    )
    .target(path)
}

/// The answer of Microsoft.Network to a reference to what is still updating.
pub(super) fn not_provisioned(source: &ResourceId, target: &ResourceId, state: &str) -> Refusal {
    Refusal::new(429, "RetryableError", "A retryable error occurred.")
        .detail("ReferencedResourceNotProvisioned", not_provisioned_text(source, target, state))
        .retry_after(1)
}

/// The sentence of `ReferencedResourceNotProvisioned`.
pub(super) fn not_provisioned_text(source: &ResourceId, target: &ResourceId, state: &str) -> String {
    let last = match type_of(target).rsplit('/').next() {
        Some("subnets") => "PutSubnetOperation",
        Some("virtualNetworks") => "PutVirtualNetworkOperation",
        _ => "PutResourceOperation",
    };
    format!(
        "Cannot proceed with operation because resource {target} used by resource {source} is not in Succeeded state. \
         Resource is in {state} state and the last operation that updated/is updating the resource is {last}."
    )
}
