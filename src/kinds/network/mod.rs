//! Microsoft.Network: networks and what stands in them, private endpoints, private DNS.

mod nat_gateway;
mod network_interface;
mod network_security_group;
mod private_dns_record;
mod private_dns_zone;
mod private_dns_zone_group;
mod private_endpoint;
mod public_ip_address;
mod subnet;
mod virtual_network;
mod virtual_network_link;

pub use nat_gateway::NAT_GATEWAY;
pub use network_interface::NETWORK_INTERFACE;
pub use network_security_group::NETWORK_SECURITY_GROUP;
pub use private_dns_record::{A_RECORD, SOA_RECORD};
pub use private_dns_zone::PRIVATE_DNS_ZONE;
pub use private_dns_zone_group::PRIVATE_DNS_ZONE_GROUP;
pub use private_endpoint::PRIVATE_ENDPOINT;
pub use public_ip_address::PUBLIC_IP_ADDRESS;
pub use subnet::SUBNET;
pub use virtual_network::VIRTUAL_NETWORK;
pub use virtual_network_link::VIRTUAL_NETWORK_LINK;

use super::Kind;

/// Every kind of the family, parents before their children.
pub(super) static ALL: &[&Kind] = &[
    &VIRTUAL_NETWORK,
    &SUBNET,
    &NETWORK_SECURITY_GROUP,
    &NAT_GATEWAY,
    &PUBLIC_IP_ADDRESS,
    &NETWORK_INTERFACE,
    &PRIVATE_ENDPOINT,
    &PRIVATE_DNS_ZONE_GROUP,
    &PRIVATE_DNS_ZONE,
    &VIRTUAL_NETWORK_LINK,
    &A_RECORD,
    &SOA_RECORD,
];
