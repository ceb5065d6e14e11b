//! Links between DNS forwarding rulesets and virtual networks.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Id, Shape::Map, Shape::Text, Shape::Word, Style, Tags,
    Unique, Update, ro, rw,
};

/// A network that follows a ruleset; it follows one at most.
pub static RULESET_LINK: Kind = Kind {
    noun: "ruleset link",
    resource_type: "Microsoft.Network/dnsForwardingRulesets/virtualNetworkLinks",
    api_version: "2025-05-01",
    name: NameRule {
        pattern: "^[a-zA-Z0-9][a-zA-Z0-9_-]*$",
        length: (1, 80),
        words: "1 to 80 letters, digits and _ -, beginning with a letter or digit",
        unique: Unique::Scope,
    },
    tags: Tags::None,
    put: Put { created: 202, updated: 202, style: Style::AsyncOperationOnly, seconds: 10 },
    update: Update::Patch,
    delete: Delete { status: 202, style: Style::AsyncOperation, seconds: 20, query: &[], kept: None },
    embedded: None,
    writers: &[],
    properties: &[
        ro("etag", Text),
        rw("properties", Any).required(),
        rw("properties.virtualNetwork", Any).required(),
        rw("properties.virtualNetwork.id", Id).required().fixed(),
        rw("properties.metadata", Map),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.Network 2025-05-01 (DNS resolver); recorded: azure-cli-extensions \
             test_dns_resolver_vnet_crud",
};
