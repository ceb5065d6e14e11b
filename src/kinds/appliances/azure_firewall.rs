//! Azure firewalls.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Id, Shape::Keyed, Shape::Location, Shape::Map,
    Shape::OneOf, Shape::Set, Shape::Text, Shape::Word, Style, Tags, Unique, Update, Writer, ro, rw,
};

/// A firewall. Only the first of its configurations names the subnet; the
/// others add public addresses.
pub static AZURE_FIREWALL: Kind = Kind {
    noun: "firewall",
    resource_type: "Microsoft.Network/azureFirewalls",
    api_version: "2025-01-01",
    name: NameRule {
        pattern: "^[a-zA-Z0-9]([a-zA-Z0-9._-]*[a-zA-Z0-9_])?$",
        length: (1, 56),
        words: "1 to 56 letters, digits and . _ -, beginning with a letter or digit and ending with one or _",
        unique: Unique::Scope,
    },
    tags: Tags::AtMost(50),
    put: Put { created: 201, updated: 200, style: Style::AsyncOperation, seconds: 600 },
    update: Update::Put,
    delete: Delete { status: 202, style: Style::AsyncOperation, seconds: 300, query: &[], kept: None },
    embedded: None,
    writers: &[
        Writer::Itself,
        Writer::NetworkOf("properties.ipConfigurations[].properties.subnet.id"),
        Writer::At("properties.firewallPolicy.id"),
    ],
    properties: &[
        rw("location", Location).required().fixed(),
        rw("extendedLocation", Any).fixed(),
        ro("etag", Text),
        rw("zones", Set).fixed(),
        rw("zones[]", Text),
        rw("properties.sku.name", OneOf(&["AZFW_VNet", "AZFW_Hub"])).fixed().default(r#""AZFW_VNet""#),
        rw("properties.sku.tier", OneOf(&["Standard", "Premium", "Basic"])).default(r#""Standard""#),
        rw("properties.ipConfigurations", Keyed("name")),
        rw("properties.ipConfigurations[].name", Word),
        rw("properties.ipConfigurations[].properties.subnet.id", Id).fixed(),
        rw("properties.ipConfigurations[].properties.publicIPAddress.id", Id),
        ro("properties.ipConfigurations[].properties.privateIPAddress", Text),
        ro("properties.ipConfigurations[].properties.provisioningState", Word),
        ro("properties.ipConfigurations[].id", Id),
        ro("properties.ipConfigurations[].type", Word),
        ro("properties.ipConfigurations[].etag", Text),
        // For forced tunnelling and the Basic tier; only when the firewall is made.
        rw("properties.managementIpConfiguration.name", Word).fixed(),
        rw("properties.managementIpConfiguration.properties.subnet.id", Id).fixed(),
        rw("properties.managementIpConfiguration.properties.publicIPAddress.id", Id).fixed(),
        ro("properties.managementIpConfiguration.properties.privateIPAddress", Text),
        ro("properties.managementIpConfiguration.properties.provisioningState", Word),
        ro("properties.managementIpConfiguration.id", Id),
        ro("properties.managementIpConfiguration.type", Word),
        ro("properties.managementIpConfiguration.etag", Text),
        rw("properties.firewallPolicy.id", Id),
        rw("properties.virtualHub.id", Id),
        rw("properties.hubIPAddresses", Any),
        rw("properties.threatIntelMode", OneOf(&["Alert", "Deny", "Off"])).default(r#""Alert""#),
        // Rules of its own, from before there were policies.
        rw("properties.applicationRuleCollections", Any).default("[]"),
        rw("properties.networkRuleCollections", Any).default("[]"),
        rw("properties.natRuleCollections", Any).default("[]"),
        rw("properties.additionalProperties", Map).default("{}"),
        rw("properties.autoscaleConfiguration", Any),
        ro("properties.ipGroups", Any),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.Network 2025-01-01; recorded: azure-cli-extensions \
             test_azure_firewall_with_firewall_policy; what is fixed, and the locks: azurerm firewall; one \
             change at a time: Azure Firewall FAQ",
};
