//! Rule collection groups of firewall policies.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Bool, Shape::Id, Shape::Int, Shape::Keyed, Shape::OneOf,
    Shape::Set, Shape::Text, Shape::Word, Style, Tags, Unique, Update, Writer, ro, rw,
};

/// A rule collection group. Its collections filter or translate, and their
/// rules are of three types; the rows hold the fields of all of them.
pub static RULE_COLLECTION_GROUP: Kind = Kind {
    noun: "rule collection group",
    resource_type: "Microsoft.Network/firewallPolicies/ruleCollectionGroups",
    api_version: "2025-01-01",
    name: NameRule {
        pattern: "^[a-zA-Z0-9]([a-zA-Z0-9._-]*[a-zA-Z0-9_])?$",
        length: (1, 80),
        words: "1 to 80 letters, digits and . _ -, beginning with a letter or digit and ending with one or _",
        unique: Unique::Scope,
    },
    tags: Tags::None,
    put: Put { created: 201, updated: 200, style: Style::AsyncOperation, seconds: 30 },
    update: Update::Put,
    delete: Delete { status: 202, style: Style::AsyncOperation, seconds: 30, query: &[], kept: None },
    embedded: None,
    writers: &[Writer::Parent],
    properties: &[
        ro("etag", Text),
        rw("properties.priority", Int(100, 65000)),
        rw("properties.ruleCollections", Keyed("name")).default("[]"),
        rw("properties.ruleCollections[].name", Word),
        rw("properties.ruleCollections[].priority", Int(100, 65000)),
        rw(
            "properties.ruleCollections[].ruleCollectionType",
            OneOf(&["FirewallPolicyFilterRuleCollection", "FirewallPolicyNatRuleCollection"]),
        )
        .required(),
        rw("properties.ruleCollections[].action.type", OneOf(&["Allow", "Deny", "DNAT"])),
        rw("properties.ruleCollections[].rules", Keyed("name")),
        rw("properties.ruleCollections[].rules[].name", Word),
        rw("properties.ruleCollections[].rules[].description", Text),
        rw(
            "properties.ruleCollections[].rules[].ruleType",
            OneOf(&["ApplicationRule", "NetworkRule", "NatRule"]),
        )
        .required(),
        rw("properties.ruleCollections[].rules[].sourceAddresses", Set),
        rw("properties.ruleCollections[].rules[].sourceAddresses[]", Text),
        rw("properties.ruleCollections[].rules[].sourceIpGroups", Set),
        rw("properties.ruleCollections[].rules[].sourceIpGroups[]", Id),
        rw("properties.ruleCollections[].rules[].destinationAddresses", Set),
        rw("properties.ruleCollections[].rules[].destinationAddresses[]", Text),
        rw("properties.ruleCollections[].rules[].destinationIpGroups", Set),
        rw("properties.ruleCollections[].rules[].destinationIpGroups[]", Id),
        rw("properties.ruleCollections[].rules[].destinationFqdns", Any),
        rw("properties.ruleCollections[].rules[].destinationPorts", Any),
        rw("properties.ruleCollections[].rules[].ipProtocols", Any),
        rw("properties.ruleCollections[].rules[].protocols", Any),
        rw("properties.ruleCollections[].rules[].targetFqdns", Any),
        rw("properties.ruleCollections[].rules[].targetUrls", Any),
        rw("properties.ruleCollections[].rules[].fqdnTags", Any),
        rw("properties.ruleCollections[].rules[].webCategories", Any),
        rw("properties.ruleCollections[].rules[].httpHeadersToInsert", Any),
        rw("properties.ruleCollections[].rules[].terminateTLS", Bool),
        rw("properties.ruleCollections[].rules[].translatedAddress", Text),
        rw("properties.ruleCollections[].rules[].translatedFqdn", Text),
        rw("properties.ruleCollections[].rules[].translatedPort", Text),
        ro("properties.size", Text),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.Network 2025-01-01; recorded: azure-cli-extensions \
             test_azure_firewall_policy_rules_with_ip_groups; locks: azurerm \
             firewall_policy_rule_collection_group",
};
