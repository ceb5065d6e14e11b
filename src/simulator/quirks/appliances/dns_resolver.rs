//! DNS resolvers: one in a network, gone only after its endpoints.

use serde_json::{Value, json};

use crate::kinds::{INBOUND_ENDPOINT, OUTBOUND_ENDPOINT, ResourceId};
use crate::simulator::answer::{Outcome, Refusal};
use crate::simulator::quirks::Quirk;
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body, references};

const NETWORK: &str = "properties.virtualNetwork.id";

pub(super) struct DnsResolver;

impl Quirk for DnsResolver {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        let Some(network) = draft.id_at(NETWORK) else { return Ok(()) };
        in_region(cx, draft, &network, draft.text("location"))?;
        let others = cx.store.referrers(&network.canonical(), draft.kind.resource_type)?;
        match others.iter().find(|other| other.id != draft.id) {
            None => Ok(()),
            Some(other) => Err(conflict(format!(
                "The virtual network '{network}' is already in use by the DNS resolver '{}'.",
                other.id
            ))
            .into()),
        }
    }

    fn show(&self, cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        let network = body::text(&resource.written, NETWORK).unwrap_or_default().to_ascii_lowercase();
        let state = if cx.store.exists(&network)? { "Connected" } else { "Disconnected" };
        body::set(shown, "properties.dnsResolverState", json!(state));
        Ok(())
    }

    fn release(&self, cx: &Cx<'_>, resource: &Resource) -> Outcome<()> {
        for kind in [&INBOUND_ENDPOINT, &OUTBOUND_ENDPOINT] {
            nothing_nested(cx, resource, kind.resource_type)?;
        }
        Ok(())
    }
}

/// Refuses a network of another region.
pub(super) fn in_region(
    cx: &Cx<'_>,
    draft: &Draft,
    network: &ResourceId,
    location: Option<&str>,
) -> Outcome<()> {
    // One that is missing is refused with the other references.
    let Some(row) = cx.store.resource(&network.canonical())? else { return Ok(()) };
    if body::text(&row.written, "location") == location {
        return Ok(());
    }
    Err(references::dangling(&draft.id, NETWORK, network).into())
}

/// Refuses the deletion of what still has children of one type.
pub(super) fn nothing_nested(cx: &Cx<'_>, resource: &Resource, kind: &str) -> Outcome<()> {
    match cx.store.children(&resource.key(), kind)?.first() {
        None => Ok(()),
        Some(child) => Err(Refusal::new(
            409,
            "CannotDeleteResource",
            format!(
                "Cannot delete resource while nested resources exist. Some existing nested resource IDs include: \
                 '{}'. Please delete all nested resources before deleting this resource.",
                child.id
            ),
        )
        .into()),
    }
}

/// The refusal of what another already has.
pub(super) fn conflict(message: String) -> Refusal {
    Refusal::new(409, "Conflict", message)
}
