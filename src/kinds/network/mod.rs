//! Microsoft.Network: networks and what stands in them, private endpoints, private DNS.

mod application_security_group;
mod nat_gateway;
mod network_interface;
mod network_security_group;
mod private_dns_record;
mod private_dns_zone;
mod private_dns_zone_group;
mod private_endpoint;
mod public_ip_address;
mod public_ip_prefix;
mod route;
mod route_table;
mod security_rule;
mod service_endpoint_policy;
mod service_endpoint_policy_definition;
mod subnet;
mod virtual_network;
mod virtual_network_link;
mod virtual_network_peering;

pub use application_security_group::APPLICATION_SECURITY_GROUP;
pub use nat_gateway::NAT_GATEWAY;
pub use network_interface::NETWORK_INTERFACE;
pub use network_security_group::NETWORK_SECURITY_GROUP;
pub use private_dns_record::{
    A_RECORD, AAAA_RECORD, CNAME_RECORD, MX_RECORD, PTR_RECORD, SOA_RECORD, SRV_RECORD, TXT_RECORD,
};
pub use private_dns_zone::PRIVATE_DNS_ZONE;
pub use private_dns_zone_group::PRIVATE_DNS_ZONE_GROUP;
pub use private_endpoint::PRIVATE_ENDPOINT;
pub use public_ip_address::PUBLIC_IP_ADDRESS;
pub use public_ip_prefix::PUBLIC_IP_PREFIX;
pub use route::ROUTE;
pub use route_table::ROUTE_TABLE;
pub use security_rule::SECURITY_RULE;
pub use service_endpoint_policy::SERVICE_ENDPOINT_POLICY;
pub use service_endpoint_policy_definition::SERVICE_ENDPOINT_POLICY_DEFINITION;
pub use subnet::SUBNET;
pub use virtual_network::VIRTUAL_NETWORK;
pub use virtual_network_link::VIRTUAL_NETWORK_LINK;
pub use virtual_network_peering::VIRTUAL_NETWORK_PEERING;

use super::{Kind, NameRule, Unique};

/// The rule of most names in Microsoft.Network.
const ORDINARY_NAME: NameRule = NameRule {
    pattern: "^[a-zA-Z0-9]([a-zA-Z0-9._-]*[a-zA-Z0-9_])?$",
    length: (1, 80),
    words: "1 to 80 letters, digits and . _ -, beginning with a letter or digit and ending with one or _",
    unique: Unique::Scope,
};

/// Every kind of the family, parents before their children.
pub(super) static ALL: &[&Kind] = &[
    &VIRTUAL_NETWORK,
    &SUBNET,
    &VIRTUAL_NETWORK_PEERING,
    &APPLICATION_SECURITY_GROUP,
    &NETWORK_SECURITY_GROUP,
    &SECURITY_RULE,
    &ROUTE_TABLE,
    &ROUTE,
    &SERVICE_ENDPOINT_POLICY,
    &SERVICE_ENDPOINT_POLICY_DEFINITION,
    &NAT_GATEWAY,
    &PUBLIC_IP_PREFIX,
    &PUBLIC_IP_ADDRESS,
    &NETWORK_INTERFACE,
    &PRIVATE_ENDPOINT,
    &PRIVATE_DNS_ZONE_GROUP,
    &PRIVATE_DNS_ZONE,
    &VIRTUAL_NETWORK_LINK,
    &A_RECORD,
    &AAAA_RECORD,
    &CNAME_RECORD,
    &MX_RECORD,
    &PTR_RECORD,
    &SRV_RECORD,
    &TXT_RECORD,
    &SOA_RECORD,
];
