//! The rules of DNS forwarding rulesets.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Int, Shape::Keyed, Shape::Map, Shape::OneOf, Shape::Text,
    Shape::Word, Style, Tags, Unique, Update, ro, rw,
};

/// Which servers are asked for the names of a domain.
pub static FORWARDING_RULE: Kind = Kind {
    noun: "forwarding rule",
    resource_type: "Microsoft.Network/dnsForwardingRulesets/forwardingRules",
    api_version: "2025-05-01",
    name: NameRule {
        pattern: "^[a-zA-Z0-9][a-zA-Z0-9_-]*$",
        length: (1, 80),
        words: "1 to 80 letters, digits and _ -, beginning with a letter or digit",
        unique: Unique::Scope,
    },
    tags: Tags::None,
    put: Put { created: 201, updated: 200, style: Style::Sync, seconds: 1 },
    update: Update::Patch,
    delete: Delete { status: 200, style: Style::Sync, seconds: 1, query: &[], kept: None },
    embedded: None,
    writers: &[],
    properties: &[
        ro("etag", Text),
        rw("properties", Any).required(),
        // Ends with a dot.
        rw("properties.domainName", Word).required().fixed(),
        rw("properties.targetDnsServers", Keyed("ipAddress")).required(),
        rw("properties.targetDnsServers[].ipAddress", Text).required(),
        rw("properties.targetDnsServers[].port", Int(1, 65535)).default("53"),
        rw("properties.forwardingRuleState", OneOf(&["Enabled", "Disabled"])).default(r#""Enabled""#),
        rw("properties.metadata", Map),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.Network 2025-05-01 (DNS resolver); recorded: azure-cli-extensions \
             test_dns_resolver_rule_crud; what is fixed: azurerm private_dns_resolver_forwarding_rule",
};
