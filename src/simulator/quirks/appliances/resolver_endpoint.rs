//! The endpoints of DNS resolvers: each alone in a delegated subnet of the
//! resolver's network, in which it has addresses.

use std::collections::VecDeque;
use std::net::Ipv4Addr;

use ipnet::IpNet;
use serde_json::json;

use super::dns_resolver::conflict;
use crate::kinds::{DNS_FORWARDING_RULESET, INBOUND_ENDPOINT, OUTBOUND_ENDPOINT, ResourceId};
use crate::simulator::answer::{Outcome, Refusal};
use crate::simulator::quirks::Quirk;
use crate::simulator::quirks::network::subnet;
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body};

/// The prefixes that the subnet of an endpoint may have (DNS Private Resolver overview).
const PREFIXES: std::ops::RangeInclusive<u8> = 24..=28;

pub(super) struct InboundEndpoint;

impl Quirk for InboundEndpoint {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        let ids: Vec<ResourceId> = body::values(&draft.written, "properties.ipConfigurations[].subnet.id")
            .into_iter()
            .filter_map(|id| ResourceId::parse(id.as_str()?).ok())
            .collect();
        let Some(first) = ids.first() else {
            return Err(bad("An inbound endpoint needs an ip configuration.".to_owned()).into());
        };
        if ids.iter().any(|id| id != first) {
            return Err(
                bad("All ip configurations of an inbound endpoint must be in one subnet.".to_owned()).into(),
            );
        }
        let Some(row) = enter(cx, draft, first)? else { return Ok(()) };
        let key = draft.id.canonical();
        // What it held it keeps, in order, unless the new body gives it to another configuration.
        let given: Vec<u32> = body::values(&draft.written, "properties.ipConfigurations[]")
            .into_iter()
            .filter(|each| body::text(each, "privateIpAllocationMethod") == Some("Static"))
            .filter_map(|each| body::text(each, "privateIpAddress")?.parse::<Ipv4Addr>().ok())
            .map(u32::from)
            .collect();
        let mut held: VecDeque<u32> = cx
            .store
            .addresses_of(&key)?
            .into_iter()
            .map(|held| held.1)
            .filter(|a| !given.contains(a))
            .collect();
        cx.store.release(&key)?;
        let link = link(&row);
        for each in body::items_mut(&mut draft.written, "properties.ipConfigurations") {
            let wished = body::text(each, "privateIpAddress").map(str::to_owned);
            let fixed = body::text(each, "privateIpAllocationMethod") == Some("Static");
            let address = match wished {
                Some(text) if fixed => subnet::given(cx, &row, &text)?,
                _ => match held.pop_front() {
                    Some(before) => before,
                    None => *subnet::free(cx, &row, given.len() + 1)?
                        .iter()
                        .find(|a| !given.contains(a))
                        .ok_or_else(|| subnet::full(&row))?,
                },
            };
            cx.store.take_address(&row.key(), address, &key, &link)?;
            body::set(each, "privateIpAddress", json!(Ipv4Addr::from(address).to_string()));
        }
        Ok(())
    }
}

pub(super) struct OutboundEndpoint;

impl Quirk for OutboundEndpoint {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        let Some(id) = draft.id_at("properties.subnet.id") else { return Ok(()) };
        let Some(row) = enter(cx, draft, &id)? else { return Ok(()) };
        let key = draft.id.canonical();
        if cx.store.addresses_of(&key)?.is_empty() {
            let address = *subnet::free(cx, &row, 1)?.first().ok_or_else(|| subnet::full(&row))?;
            cx.store.take_address(&row.key(), address, &key, &link(&row))?;
        }
        Ok(())
    }

    fn release(&self, cx: &Cx<'_>, resource: &Resource) -> Outcome<()> {
        match cx.store.referrers(&resource.key(), DNS_FORWARDING_RULESET.resource_type)?.first() {
            None => Ok(()),
            Some(ruleset) => Err(conflict(format!(
                "The outbound endpoint '{}' cannot be deleted while the DNS forwarding ruleset '{}' uses it.",
                resource.id, ruleset.id
            ))
            .into()),
        }
    }
}

/// How the subnet shows that a resolver is in it.
fn link(row: &Resource) -> String {
    format!("{}/serviceAssociationLinks/dnsResolverLink", row.id)
}

/// Judges the subnet of an endpoint; `None` where it is missing, which is
/// refused with the other references.
fn enter(cx: &Cx<'_>, draft: &Draft, subnet_id: &ResourceId) -> Outcome<Option<Resource>> {
    let Some(row) = cx.store.resource(&subnet_id.canonical())? else { return Ok(None) };
    let resolver = match draft.id.parent() {
        Some(id) => cx.store.resource(&id.canonical())?,
        None => None,
    };
    let network = resolver.as_ref().and_then(|r| body::text(&r.written, "properties.virtualNetwork.id"));
    if network.and_then(|id| ResourceId::parse(id).ok()) != subnet_id.parent() {
        return Err(bad(format!(
            "The subnet '{subnet_id}' is not in the virtual network of the DNS resolver."
        ))
        .into());
    }
    let delegated = body::values(&row.written, "properties.delegations[].properties.serviceName")
        .into_iter()
        .any(|name| name.as_str().is_some_and(|name| name.eq_ignore_ascii_case(subnet::RESOLVERS)));
    if !delegated {
        return Err(subnet::not_delegated(&row.id, subnet::RESOLVERS, &link(&row)).into());
    }
    let fits = subnet::ranges(&row.written, &row.id)?
        .iter()
        .any(|range| matches!(range, IpNet::V4(net) if PREFIXES.contains(&net.prefix_len())));
    if !fits {
        return Err(bad(format!(
            "The subnet '{subnet_id}' must have a prefix from /{} to /{}.",
            PREFIXES.start(),
            PREFIXES.end()
        ))
        .into());
    }
    for kind in [&INBOUND_ENDPOINT, &OUTBOUND_ENDPOINT] {
        let others = cx.store.referrers(&row.key(), kind.resource_type)?;
        if let Some(other) = others.iter().find(|other| other.id != draft.id) {
            return Err(
                conflict(format!("The subnet '{subnet_id}' is already in use by '{}'.", other.id)).into()
            );
        }
    }
    Ok(Some(row))
}

fn bad(message: String) -> Refusal {
    Refusal::new(400, "BadRequest", message)
}
