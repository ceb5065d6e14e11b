//! IP groups of firewalls.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Location, Shape::Set, Shape::Text, Shape::Word, Style,
    Tags, Unique, Update, Writer, ro, rw,
};

/// A list of addresses that firewall rules name.
pub static IP_GROUP: Kind = Kind {
    noun: "IP group",
    resource_type: "Microsoft.Network/ipGroups",
    api_version: "2025-01-01",
    name: NameRule {
        pattern: "^[a-zA-Z0-9]([a-zA-Z0-9._-]*[a-zA-Z0-9_])?$",
        length: (1, 80),
        words: "1 to 80 letters, digits and . _ -, beginning with a letter or digit and ending with one or _",
        unique: Unique::Scope,
    },
    tags: Tags::AtMost(50),
    put: Put { created: 201, updated: 200, style: Style::AsyncOperation, seconds: 10 },
    update: Update::Put,
    delete: Delete { status: 202, style: Style::AsyncOperation, seconds: 10, query: &[], kept: None },
    embedded: None,
    writers: &[Writer::Itself],
    properties: &[
        rw("location", Location).required().fixed(),
        ro("etag", Text),
        rw("properties.ipAddresses", Set).default("[]"),
        rw("properties.ipAddresses[]", Text),
        ro("properties.firewalls", Any),
        ro("properties.firewallPolicies", Any),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.Network 2025-01-01; recorded: azure-cli-extensions \
             test_azure_firewall_policy_rules_with_ip_groups",
};
