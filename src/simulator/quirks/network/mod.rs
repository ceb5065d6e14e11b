//! Networks and what stands in them, private endpoints, private DNS.

mod network_interface;
mod network_security_group;
mod private_dns_zone;
mod private_dns_zone_group;
mod private_endpoint;
pub(super) mod public_address;
pub(super) mod subnet;
mod virtual_network;
mod virtual_network_link;

use super::Quirk;

/// The quirk of a resource type in lower case, where it has one.
pub(super) fn of(kind: &str) -> Option<&'static dyn Quirk> {
    Some(match kind {
        "microsoft.network/virtualnetworks" => &virtual_network::VirtualNetwork,
        "microsoft.network/virtualnetworks/subnets" => &subnet::Subnet,
        "microsoft.network/networksecuritygroups" => &network_security_group::NetworkSecurityGroup,
        "microsoft.network/publicipaddresses" => &public_address::PublicIpAddress,
        "microsoft.network/natgateways" => &public_address::NatGateway,
        "microsoft.network/networkinterfaces" => &network_interface::NetworkInterface,
        "microsoft.network/privateendpoints" => &private_endpoint::PrivateEndpoint,
        "microsoft.network/privateendpoints/privatednszonegroups" => &private_dns_zone_group::ZoneGroup,
        "microsoft.network/privatednszones" => &private_dns_zone::Zone,
        "microsoft.network/privatednszones/virtualnetworklinks" => &virtual_network_link::Link,
        "microsoft.network/privatednszones/a" | "microsoft.network/privatednszones/soa" => {
            &private_dns_zone::RecordSet
        }
        _ => return None,
    })
}
