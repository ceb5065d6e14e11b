//! Networks and what stands in them, private endpoints, private DNS.

mod application_security_group;
mod beside;
mod effective;
pub(super) mod network_interface;
mod network_security_group;
mod private_dns_record;
mod private_dns_zone;
mod private_dns_zone_group;
mod private_endpoint;
pub(super) mod public_address;
mod public_ip_prefix;
mod route_table;
mod security_rule;
mod service_endpoint_policy;
mod service_tags;
pub(super) mod subnet;
mod virtual_network;
mod virtual_network_link;
mod virtual_network_peering;

use serde_json::Value;

pub(super) use beside::beside;

use super::{Quirk, referrers};
use crate::kinds::ResourceId;
use crate::simulator::answer::Outcome;
use crate::simulator::store::Resource;
use crate::simulator::{Cx, SUBSCRIPTION, body, references};

const SUBNETS: &str = "Microsoft.Network/virtualNetworks/subnets";

/// The quirk of a resource type in lower case, where it has one.
pub(super) fn of(kind: &str) -> Option<&'static dyn Quirk> {
    Some(match kind {
        "microsoft.network/virtualnetworks" => &virtual_network::VirtualNetwork,
        "microsoft.network/virtualnetworks/subnets" => &subnet::Subnet,
        "microsoft.network/virtualnetworks/virtualnetworkpeerings" => &virtual_network_peering::Peering,
        "microsoft.network/applicationsecuritygroups" => {
            &application_security_group::ApplicationSecurityGroup
        }
        "microsoft.network/routetables" => &route_table::RouteTable,
        "microsoft.network/routetables/routes" => &route_table::Route,
        "microsoft.network/serviceendpointpolicies" => &service_endpoint_policy::Policy,
        "microsoft.network/serviceendpointpolicies/serviceendpointpolicydefinitions" => {
            &service_endpoint_policy::Definition
        }
        "microsoft.network/networksecuritygroups/securityrules" => &security_rule::SecurityRule,
        "microsoft.network/networksecuritygroups" => &network_security_group::NetworkSecurityGroup,
        "microsoft.network/publicipprefixes" => &public_ip_prefix::PublicIpPrefix,
        "microsoft.network/publicipaddresses" => &public_address::PublicIpAddress,
        "microsoft.network/natgateways" => &public_address::NatGateway,
        "microsoft.network/networkinterfaces" => &network_interface::NetworkInterface,
        "microsoft.network/privateendpoints" => &private_endpoint::PrivateEndpoint,
        "microsoft.network/privateendpoints/privatednszonegroups" => &private_dns_zone_group::ZoneGroup,
        "microsoft.network/privatednszones" => &private_dns_zone::Zone,
        "microsoft.network/privatednszones/virtualnetworklinks" => &virtual_network_link::Link,
        record if private_dns_record::list(record).is_some() => &private_dns_record::RecordSet,
        _ => return None,
    })
}

/// Shows the subnets that name a resource, where any does.
fn show_subnets(cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
    let subnets = referrers(cx, resource, SUBNETS)?;
    if subnets.as_array().is_some_and(|list| !list.is_empty()) {
        body::set(shown, "properties.subnets", subnets);
    }
    Ok(())
}

/// Every resource of a type.
fn all_of(cx: &Cx<'_>, kind: &str) -> Outcome<Vec<Resource>> {
    Ok(cx.store.page(&format!("/subscriptions/{SUBSCRIPTION}"), Some(kind), 0, usize::MAX)?)
}

/// Refuses to name, at `path`, what lies in another region. What is missing is
/// refused with the other references.
fn same_region(
    cx: &Cx<'_>,
    (source, location): (&ResourceId, Option<&str>),
    path: &str,
    target: &ResourceId,
) -> Outcome<()> {
    match cx.store.resource(&target.canonical())? {
        Some(row) if body::text(&row.written, "location") != location => {
            Err(references::dangling(source, path, target).into())
        }
        _ => Ok(()),
    }
}
