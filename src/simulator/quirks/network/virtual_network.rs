//! Virtual networks: what their ranges may be, and their subnets together.

use ipnet::{IpNet, Ipv4Net};

use super::{subnet, virtual_network_peering};
use crate::kinds::SUBNET;
use crate::simulator::Cx;
use crate::simulator::answer::{Outcome, Refusal};
use crate::simulator::quirks::Quirk;
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;

/// Ranges that no network may use (virtual networks FAQ).
const FORBIDDEN: &[&str] =
    &["224.0.0.0/4", "255.255.255.255/32", "127.0.0.0/8", "169.254.0.0/16", "168.63.129.16/32"];

pub(super) struct VirtualNetwork;

impl Quirk for VirtualNetwork {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        let space = subnet::address_space(&draft.written, &draft.id)?;
        if space.is_empty()
            && draft.written["properties"]["addressSpace"]["ipamPoolPrefixAllocations"].is_null()
        {
            return Err(Refusal::new(
                400,
                "InvalidRequestFormat",
                format!(
                    "Cannot parse the request. The virtual network '{}' has no address space.",
                    draft.id.name()
                ),
            )
            .target("properties.addressSpace")
            .into());
        }
        allowed(&space)?;
        let mut plan = Vec::new();
        let mut carried =
            draft.embedded.iter().filter(|e| e.kind.resource_type == SUBNET.resource_type).peekable();
        if carried.peek().is_none() {
            // A body that says nothing of subnets leaves them as they are.
            for row in cx.store.children(&draft.id.canonical(), SUBNET.resource_type)? {
                plan.push((row.id.name().to_owned(), subnet::ranges(&row.written, &row.id)?));
            }
        }
        for child in carried.flat_map(|embedded| &embedded.drafts) {
            subnet::neighbours(cx, child, draft.text("location"))?;
            plan.push((child.id.name().to_owned(), subnet::ranges(&child.written, &child.id)?));
        }
        subnet::fit(&draft.id, &space, &plan)?;
        virtual_network_peering::fits(cx, draft)
    }

    fn removed(&self, cx: &Cx<'_>, resource: &Resource) -> Outcome<()> {
        virtual_network_peering::network_removed(cx, resource)
    }

    fn release(&self, cx: &Cx<'_>, resource: &Resource) -> Outcome<()> {
        for row in cx.store.children(&resource.key(), SUBNET.resource_type)? {
            crate::simulator::quirks::of(&row.id).release(cx, &row)?;
        }
        Ok(())
    }
}

fn allowed(space: &[IpNet]) -> Outcome<()> {
    for range in space {
        let IpNet::V4(range) = range else { continue };
        let forbidden = FORBIDDEN
            .iter()
            .filter_map(|text| text.parse::<Ipv4Net>().ok())
            .find(|other| other.contains(range) || range.contains(other) && other.prefix_len() < 32);
        if let Some(forbidden) = forbidden {
            return Err(Refusal::new(
                400,
                "InvalidAddressPrefix",
                format!("The address prefix {range} is not allowed: it lies in {forbidden}."),
            )
            .into());
        }
    }
    for (at, range) in space.iter().enumerate() {
        if let Some(other) = space[..at].iter().find(|other| other.contains(range) || range.contains(*other))
        {
            return Err(Refusal::new(
                400,
                "InvalidAddressSpace",
                format!("The address prefixes {other} and {range} of the virtual network overlap."),
            )
            .into());
        }
    }
    Ok(())
}
