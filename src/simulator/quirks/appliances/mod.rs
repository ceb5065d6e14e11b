//! What routes, filters and resolves: firewalls, gateways, Bastion, DNS resolvers.

mod azure_firewall;
mod bastion_host;
mod beside;
mod configuration;
mod connection;
mod dns_forwarding_ruleset;
mod dns_resolver;
mod firewall_policy;
mod resolver_endpoint;
mod virtual_network_gateway;

use super::Quirk;
pub(super) use beside::beside;

/// The quirk of a resource type in lower case, where it has one.
pub(super) fn of(kind: &str) -> Option<&'static dyn Quirk> {
    Some(match kind {
        "microsoft.network/bastionhosts" => &bastion_host::BastionHost,
        "microsoft.network/azurefirewalls" => &azure_firewall::AzureFirewall,
        "microsoft.network/firewallpolicies" => &firewall_policy::FirewallPolicy,
        "microsoft.network/firewallpolicies/rulecollectiongroups" => &firewall_policy::RuleCollectionGroup,
        "microsoft.network/ipgroups" => &firewall_policy::IpGroup,
        "microsoft.network/virtualnetworkgateways" => &virtual_network_gateway::VirtualNetworkGateway,
        "microsoft.network/localnetworkgateways" => &connection::LocalNetworkGateway,
        "microsoft.network/connections" => &connection::Connection,
        "microsoft.network/dnsresolvers" => &dns_resolver::DnsResolver,
        "microsoft.network/dnsresolvers/inboundendpoints" => &resolver_endpoint::InboundEndpoint,
        "microsoft.network/dnsresolvers/outboundendpoints" => &resolver_endpoint::OutboundEndpoint,
        "microsoft.network/dnsforwardingrulesets" => &dns_forwarding_ruleset::Ruleset,
        "microsoft.network/dnsforwardingrulesets/forwardingrules" => &dns_forwarding_ruleset::Rule,
        "microsoft.network/dnsforwardingrulesets/virtualnetworklinks" => &dns_forwarding_ruleset::Link,
        _ => return None,
    })
}
