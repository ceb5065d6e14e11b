//! DNS forwarding rulesets.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Id, Shape::Keyed, Shape::Location, Shape::Text,
    Shape::Word, Style, Tags, Unique, Update, ro, rw,
};

/// Rules for names that are asked for elsewhere.
pub static DNS_FORWARDING_RULESET: Kind = Kind {
    noun: "DNS forwarding ruleset",
    resource_type: "Microsoft.Network/dnsForwardingRulesets",
    api_version: "2025-05-01",
    name: NameRule {
        pattern: "^[a-zA-Z0-9][a-zA-Z0-9_-]*$",
        length: (1, 80),
        words: "1 to 80 letters, digits and _ -, beginning with a letter or digit",
        unique: Unique::Scope,
    },
    tags: Tags::AtMost(50),
    put: Put { created: 202, updated: 202, style: Style::AsyncOperationOnly, seconds: 5 },
    update: Update::Patch,
    delete: Delete { status: 202, style: Style::AsyncOperation, seconds: 10, query: &[], kept: None },
    embedded: None,
    writers: &[],
    properties: &[
        rw("location", Location).required().fixed(),
        ro("etag", Text),
        rw("properties", Any).required(),
        rw("properties.dnsResolverOutboundEndpoints", Keyed("id")).required(),
        rw("properties.dnsResolverOutboundEndpoints[].id", Id).required(),
        ro("properties.resourceGuid", Text),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.Network 2025-05-01 (DNS resolver); recorded: azure-cli-extensions \
             test_dns_resolver_rule_crud",
};
