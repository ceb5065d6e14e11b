//! Peerings: what two networks must be for one, and what each side sees of
//! the other.

use ipnet::IpNet;
use serde_json::{Value, json};

use super::subnet;
use crate::kinds::{ResourceId, SUBNET, VIRTUAL_NETWORK_PEERING};
use crate::simulator::answer::{Outcome, Refusal};
use crate::simulator::operation::is_terminal;
use crate::simulator::quirks::Quirk;
use crate::simulator::references::not_provisioned_text;
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body};

const REMOTE: &str = "properties.remoteVirtualNetwork.id";
const KNOWN_SPACE: &str = "properties.remoteAddressSpace";
const GATEWAYS: &str = "Microsoft.Network/virtualNetworkGateways";

/// Where it is kept that the other side is gone.
const DISCONNECTED: &str = "disconnected";

/// What Azure decides though the type lets it be sent.
const DECIDED: [&str; 7] = [
    "peeringState",
    "peeringSyncLevel",
    "localAddressSpace",
    "localVirtualNetworkAddressSpace",
    "remoteAddressSpace",
    "remoteVirtualNetworkAddressSpace",
    "remoteBgpCommunities",
];

pub(super) struct Peering;

impl Quirk for Peering {
    fn normalise(&self, draft: &mut Draft) {
        for name in DECIDED {
            body::take(&mut draft.written, &format!("properties.{name}"));
        }
    }

    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        let Some(remote_id) = draft.id_at(REMOTE) else {
            return Err(Refusal::new(
                400,
                "InvalidRequestFormat",
                format!(
                    "Cannot parse the request. The peering '{}' names no remote virtual network.",
                    draft.id
                ),
            )
            .target(REMOTE)
            .into());
        };
        // A network that is missing is refused with the other references.
        let Some(remote) = cx.store.resource(&remote_id.canonical())? else { return Ok(()) };
        if draft.sent_only.get("syncRemoteAddressSpace").is_some() {
            body::take(&mut draft.stamped, KNOWN_SPACE);
        }
        draft.stamp_once(KNOWN_SPACE, || Ok(remote.written["properties"]["addressSpace"].clone()))?;
        let Some(id) = draft.id.parent() else { return Ok(()) };
        let other = counterpart(cx, &id, &remote_id)?;
        if draft.is_new()
            && let Some(other) = other.as_ref().filter(|other| is_disconnected(other))
        {
            return Err(remote_disconnected(draft, other).into());
        }
        gateways(cx, draft, &remote, other.as_ref())?;
        // What its network's body carries is judged with the network.
        let Some(local) = cx.store.resource(&id.canonical())?.filter(|_| !draft.inline) else {
            return Ok(());
        };
        for network in [&local, &remote] {
            settled(cx, draft, network)?;
        }
        if draft.is_new() { apart(cx, &draft.id, (&id, &local.written), &remote) } else { Ok(()) }
    }

    fn show(&self, cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        body::take(shown, DISCONNECTED);
        let known = body::get(&resource.stamped, KNOWN_SPACE).cloned().unwrap_or(Value::Null);
        let (Some(id), Some(remote_id)) = (resource.id.parent(), remote(resource)) else { return Ok(()) };
        let space = |row: Option<Resource>| row.map(|row| row.written["properties"]["addressSpace"].clone());
        let local = space(cx.store.resource(&id.canonical())?);
        let remote = space(cx.store.resource(&remote_id.canonical())?);
        let other = counterpart(cx, &id, &remote_id)?;
        let state = match &other {
            _ if is_disconnected(resource) => "Disconnected",
            Some(other) if stands(resource) && stands(other) => "Connected",
            _ => "Initiated",
        };
        let here = remote.as_ref().is_none_or(|space| *space == known);
        let there =
            other.as_ref().is_some_and(|other| body::get(&other.stamped, KNOWN_SPACE) == local.as_ref());
        let level = match (here, there) {
            (true, true) => "FullyInSync",
            (true, false) => "RemoteNotInSync",
            (false, true) => "LocalNotInSync",
            (false, false) => "LocalAndRemoteNotInSync",
        };
        body::set(shown, "properties.peeringState", json!(state));
        body::set(shown, "properties.peeringSyncLevel", json!(level));
        body::set(shown, "properties.remoteVirtualNetworkAddressSpace", remote.unwrap_or(known));
        Ok(())
    }

    fn removed(&self, cx: &Cx<'_>, resource: &Resource) -> Outcome<()> {
        let (Some(id), Some(remote)) = (resource.id.parent(), remote(resource)) else { return Ok(()) };
        match counterpart(cx, &id, &remote)? {
            Some(other) => disconnect(cx, other),
            None => Ok(()),
        }
    }
}

/// Marks the peerings with a network that goes.
pub(super) fn network_removed(cx: &Cx<'_>, network: &Resource) -> Outcome<()> {
    for peering in cx.store.referrers(&network.key(), VIRTUAL_NETWORK_PEERING.resource_type)? {
        disconnect(cx, peering)?;
    }
    Ok(())
}

/// Refuses an address space of `network` that crosses that of a network it is
/// peered with, or is about to be by what its body carries.
pub(super) fn fits(cx: &Cx<'_>, draft: &Draft) -> Outcome<()> {
    let key = draft.id.canonical();
    let carried = draft.embedded.iter().flat_map(|embedded| &embedded.drafts);
    for peering in carried.filter(|child| std::ptr::eq(child.kind, &raw const VIRTUAL_NETWORK_PEERING)) {
        let Some(remote_id) = peering.id_at(REMOTE) else { continue };
        if let Some(remote) = cx.store.resource(&remote_id.canonical())?.filter(|_| peering.is_new()) {
            apart(cx, &peering.id, (&draft.id, &draft.written), &remote)?;
        }
    }
    let space = subnet::address_space(&draft.written, &draft.id)?;
    for peering in cx.store.children(&key, VIRTUAL_NETWORK_PEERING.resource_type)? {
        let Some(remote_id) = remote(&peering).filter(|_| !is_disconnected(&peering)) else { continue };
        let Some(remote) = cx.store.resource(&remote_id.canonical())? else { continue };
        if let Some(range) = crossing(&space, &subnet::address_space(&remote.written, &remote.id)?) {
            return Err(Refusal::new(
                400,
                "VnetAddressSpaceOverlapsWithAlreadyPeeredVnet",
                format!(
                    "Cannot change the address space of virtual network {} because it overlaps with the address space \
                     of virtual network {} already peered with it. Overlapping address prefixes: {range}.",
                    draft.id, remote.id
                ),
            )
            .into());
        }
    }
    Ok(())
}

/// The networks that `network` is connected with.
pub(super) fn connected(cx: &Cx<'_>, network: &ResourceId) -> Outcome<Vec<Resource>> {
    let mut found = Vec::new();
    for peering in cx.store.children(&network.canonical(), VIRTUAL_NETWORK_PEERING.resource_type)? {
        let Some(remote) = remote(&peering).filter(|_| !is_disconnected(&peering)) else { continue };
        if counterpart(cx, network, &remote)?.is_some() {
            found.extend(cx.store.resource(&remote.canonical())?);
        }
    }
    Ok(found)
}

fn remote(peering: &Resource) -> Option<ResourceId> {
    body::text(&peering.written, REMOTE).and_then(|text| ResourceId::parse(text).ok())
}

fn is_disconnected(peering: &Resource) -> bool {
    peering.stamped.get(DISCONNECTED).is_some()
}

/// Whether the PUT that made it is over.
fn stands(peering: &Resource) -> bool {
    peering.state == "Succeeded" || peering.changed > peering.created
}

/// The peering of the remote network that names this one.
fn counterpart(cx: &Cx<'_>, network: &ResourceId, remote_id: &ResourceId) -> Outcome<Option<Resource>> {
    let all = cx.store.children(&remote_id.canonical(), VIRTUAL_NETWORK_PEERING.resource_type)?;
    Ok(all.into_iter().find(|peering| remote(peering).as_ref() == Some(network)))
}

fn disconnect(cx: &Cx<'_>, mut peering: Resource) -> Outcome<()> {
    body::set(&mut peering.stamped, DISCONNECTED, json!(true));
    peering.etag = cx.store.etag()?;
    Ok(cx.store.save(&peering)?)
}

fn remote_disconnected(draft: &Draft, other: &Resource) -> Refusal {
    Refusal::new(
        400,
        "RemotePeeringIsDisconnected",
        format!(
            "Cannot create or update peering {} because remote peering {} is in Disconnected state. Delete the remote \
             peering and create it again.",
            draft.id, other.id
        ),
    )
}

/// Refuses a peering while one of its networks is still being written.
fn settled(cx: &Cx<'_>, draft: &Draft, network: &Resource) -> Outcome<()> {
    let mut rows = cx.store.children(&network.key(), SUBNET.resource_type)?;
    rows.insert(0, network.clone());
    match rows.iter().find(|row| !is_terminal(&row.state)) {
        None => Ok(()),
        Some(row) => Err(Refusal::new(
            400,
            "ReferencedResourceNotProvisioned",
            not_provisioned_text(&draft.id, &row.id, &row.state),
        )
        .into()),
    }
}

fn gateways(cx: &Cx<'_>, draft: &Draft, remote: &Resource, other: Option<&Resource>) -> Outcome<()> {
    let says = |written: &Value, name: &str| {
        body::get(written, &format!("properties.{name}")) == Some(&Value::Bool(true))
    };
    if !says(&draft.written, "useRemoteGateways") {
        return Ok(());
    }
    if let Some(other) = other.filter(|other| !says(&other.written, "allowGatewayTransit")) {
        // The sentence is on record, its code is not.
        return Err(Refusal::new(
            400,
            "RemotePeeringDoesNotAllowGatewayTransit",
            format!(
                "Peering {} cannot have UseRemoteGateways flag set to true, because corresponding remote peering {} \
                 has AllowGatewayTransit flag set to false.",
                draft.id, other.id
            ),
        )
        .into());
    }
    let mut has_gateway = says(&draft.written, "doNotVerifyRemoteGateways");
    for subnet in cx.store.children(&remote.key(), SUBNET.resource_type)? {
        has_gateway |= !cx.store.referrers(&subnet.key(), GATEWAYS)?.is_empty();
    }
    if has_gateway {
        return Ok(());
    }
    Err(Refusal::new(
        400,
        "RemoteVnetHasNoGateways",
        format!(
            "Peering {} cannot have UseRemoteGateway flag set to true because remote virtual network {} referenced by \
             the peering does not have any gateways.",
            draft.id, remote.id
        ),
    )
    .into())
}

/// Refuses to peer networks whose ranges cross, with each other or with what
/// the second is peered with.
fn apart(cx: &Cx<'_>, peering: &ResourceId, local: (&ResourceId, &Value), remote: &Resource) -> Outcome<()> {
    let (id, written) = local;
    let space = subnet::address_space(written, id)?;
    if let Some(range) = crossing(&space, &subnet::address_space(&remote.written, &remote.id)?) {
        return Err(Refusal::new(
            400,
            "VnetAddressSpacesOverlap",
            format!(
                "Cannot create or update peering {peering}. Virtual networks {id} and {} cannot be peered because \
                 their address spaces overlap. Overlapping address prefixes: {range}.",
                remote.id
            ),
        )
        .into());
    }
    for third in connected(cx, &remote.id)?.into_iter().filter(|third| third.id != *id) {
        if let Some(range) = crossing(&space, &subnet::address_space(&third.written, &third.id)?) {
            return Err(Refusal::new(
                400,
                "VnetAddressSpaceOverlapsWithAlreadyPeeredVnet",
                format!(
                    "Cannot create or update peering {peering}. Virtual networks {id} and {} cannot be peered because \
                     address space of the first virtual network overlaps with address space of virtual network {} \
                     already peered with the second virtual network. Overlapping address prefixes: {range}.",
                    remote.id, third.id
                ),
            )
            .into());
        }
    }
    Ok(())
}

fn crossing(one: &[IpNet], other: &[IpNet]) -> Option<IpNet> {
    one.iter().find(|a| other.iter().any(|b| a.contains(b) || b.contains(*a))).copied()
}
