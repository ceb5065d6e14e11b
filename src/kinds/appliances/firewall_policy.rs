//! Firewall policies.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Id, Shape::IdMap, Shape::Location, Shape::OneOf,
    Shape::Text, Shape::Word, Style, Tags, Unique, Update, Writer, ro, rw,
};

/// A firewall policy. It, its rule collection groups and the firewalls that
/// follow it have one writer at a time.
pub static FIREWALL_POLICY: Kind = Kind {
    noun: "firewall policy",
    resource_type: "Microsoft.Network/firewallPolicies",
    api_version: "2025-01-01",
    name: NameRule {
        pattern: "^[a-zA-Z0-9]([a-zA-Z0-9._-]*[a-zA-Z0-9_])?$",
        length: (1, 80),
        words: "1 to 80 letters, digits and . _ -, beginning with a letter or digit and ending with one or _",
        unique: Unique::Scope,
    },
    tags: Tags::AtMost(50),
    put: Put { created: 201, updated: 200, style: Style::AsyncOperation, seconds: 15 },
    update: Update::Put,
    delete: Delete { status: 202, style: Style::AsyncOperation, seconds: 15, query: &[], kept: None },
    embedded: None,
    writers: &[Writer::Itself, Writer::At("properties.basePolicy.id")],
    properties: &[
        rw("location", Location).required().fixed(),
        ro("etag", Text),
        rw(
            "identity.type",
            OneOf(&["SystemAssigned", "UserAssigned", "SystemAssigned, UserAssigned", "None"]),
        ),
        rw("identity.userAssignedIdentities", IdMap),
        ro("identity.userAssignedIdentities{}.principalId", Word),
        ro("identity.userAssignedIdentities{}.clientId", Word),
        ro("identity.principalId", Word),
        ro("identity.tenantId", Word),
        rw("properties.sku.tier", OneOf(&["Standard", "Premium", "Basic"])).fixed().default(r#""Standard""#),
        rw("properties.basePolicy.id", Id),
        rw("properties.threatIntelMode", OneOf(&["Alert", "Deny", "Off"])).default(r#""Alert""#),
        rw("properties.threatIntelWhitelist", Any),
        rw("properties.insights", Any),
        rw("properties.snat", Any),
        rw("properties.sql", Any),
        // Rules for names need the proxy.
        rw("properties.dnsSettings", Any),
        rw("properties.explicitProxy", Any),
        rw("properties.intrusionDetection", Any),
        rw("properties.transportSecurity", Any),
        ro("properties.ruleCollectionGroups", Any),
        ro("properties.firewalls", Any),
        ro("properties.childPolicies", Any),
        ro("properties.size", Text),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.Network 2025-01-01; recorded: azure-cli-extensions \
             test_azure_firewall_policy_rules_with_ip_groups; what is fixed, and the locks: azurerm \
             firewall_policy; no PATCH: tag-resources of the documentation",
};
