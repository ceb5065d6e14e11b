//! Microsoft.Network: what routes, filters and resolves. Firewalls, gateways,
//! Bastion, DNS resolvers.

mod azure_firewall;
mod bastion_host;
mod connection;
mod dns_forwarding_ruleset;
mod dns_resolver;
mod firewall_policy;
mod forwarding_rule;
mod ip_group;
mod local_network_gateway;
mod resolver_endpoint;
mod rule_collection_group;
mod ruleset_link;
mod virtual_network_gateway;

pub use azure_firewall::AZURE_FIREWALL;
pub use bastion_host::BASTION_HOST;
pub use connection::CONNECTION;
pub use dns_forwarding_ruleset::DNS_FORWARDING_RULESET;
pub use dns_resolver::DNS_RESOLVER;
pub use firewall_policy::FIREWALL_POLICY;
pub use forwarding_rule::FORWARDING_RULE;
pub use ip_group::IP_GROUP;
pub use local_network_gateway::LOCAL_NETWORK_GATEWAY;
pub use resolver_endpoint::{INBOUND_ENDPOINT, OUTBOUND_ENDPOINT};
pub use rule_collection_group::RULE_COLLECTION_GROUP;
pub use ruleset_link::RULESET_LINK;
pub use virtual_network_gateway::VIRTUAL_NETWORK_GATEWAY;

use super::Kind;

/// Every kind of the family, parents before their children.
pub(super) static ALL: &[&Kind] = &[
    &BASTION_HOST,
    &IP_GROUP,
    &FIREWALL_POLICY,
    &RULE_COLLECTION_GROUP,
    &AZURE_FIREWALL,
    &LOCAL_NETWORK_GATEWAY,
    &VIRTUAL_NETWORK_GATEWAY,
    &CONNECTION,
    &DNS_RESOLVER,
    &INBOUND_ENDPOINT,
    &OUTBOUND_ENDPOINT,
    &DNS_FORWARDING_RULESET,
    &FORWARDING_RULE,
    &RULESET_LINK,
];
