//! Network security groups, their rules inline.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Bool, Shape::Id, Shape::Int, Shape::Keyed,
    Shape::Location, Shape::OneOf, Shape::Set, Shape::Shared, Shape::Text, Shape::Word, Style, Tags, Unique,
    Update, Writer, ro, rw,
};

/// A network security group. Its rules are written with it, in one PUT: two
/// rules cannot swap priorities one after the other, and a PUT without a rule
/// removes it, so those of others are sent back.
pub static NETWORK_SECURITY_GROUP: Kind = Kind {
    noun: "network security group",
    resource_type: "Microsoft.Network/networkSecurityGroups",
    api_version: "2025-01-01",
    name: NameRule {
        pattern: "^[a-zA-Z0-9]([a-zA-Z0-9._-]*[a-zA-Z0-9_])?$",
        length: (1, 80),
        words: "1 to 80 letters, digits and . _ -, beginning with a letter or digit and ending with one or _",
        unique: Unique::Scope,
    },
    tags: Tags::AtMost(50),
    put: Put { created: 201, updated: 200, style: Style::AsyncOperation, seconds: 5 },
    update: Update::Put,
    delete: Delete { status: 202, style: Style::AsyncOperation, seconds: 10, query: &[], kept: None },
    embedded: None,
    writers: &[Writer::Itself],
    properties: &[
        rw("location", Location).required().fixed(),
        ro("etag", Text),
        rw("properties.flushConnection", Bool),
        rw("properties.securityRules", Shared("name")).default("[]"),
        rw("properties.securityRules[].name", Word),
        rw("properties.securityRules[].properties", Any).required(),
        rw("properties.securityRules[].properties.description", Text),
        rw(
            "properties.securityRules[].properties.protocol",
            OneOf(&["Tcp", "Udp", "Icmp", "Esp", "Ah", "*"]),
        )
        .required(),
        rw("properties.securityRules[].properties.access", OneOf(&["Allow", "Deny"])).required(),
        rw("properties.securityRules[].properties.priority", Int(100, 4096)).required(),
        rw("properties.securityRules[].properties.direction", OneOf(&["Inbound", "Outbound"])).required(),
        // The singular and the plural form exclude each other. Service tags are written in any case.
        rw("properties.securityRules[].properties.sourcePortRange", Text),
        rw("properties.securityRules[].properties.sourcePortRanges", Set).default("[]"),
        rw("properties.securityRules[].properties.sourcePortRanges[]", Text),
        rw("properties.securityRules[].properties.destinationPortRange", Text),
        rw("properties.securityRules[].properties.destinationPortRanges", Set).default("[]"),
        rw("properties.securityRules[].properties.destinationPortRanges[]", Text),
        rw("properties.securityRules[].properties.sourceAddressPrefix", Word),
        rw("properties.securityRules[].properties.sourceAddressPrefixes", Set).default("[]"),
        rw("properties.securityRules[].properties.sourceAddressPrefixes[]", Word),
        rw("properties.securityRules[].properties.destinationAddressPrefix", Word),
        rw("properties.securityRules[].properties.destinationAddressPrefixes", Set).default("[]"),
        rw("properties.securityRules[].properties.destinationAddressPrefixes[]", Word),
        rw("properties.securityRules[].properties.sourceApplicationSecurityGroups", Keyed("id")),
        rw("properties.securityRules[].properties.sourceApplicationSecurityGroups[].id", Id),
        rw("properties.securityRules[].properties.destinationApplicationSecurityGroups", Keyed("id")),
        rw("properties.securityRules[].properties.destinationApplicationSecurityGroups[].id", Id),
        ro("properties.securityRules[].properties.provisioningState", Word),
        ro("properties.securityRules[].id", Id),
        ro("properties.securityRules[].type", Word),
        ro("properties.securityRules[].etag", Text),
        ro("properties.defaultSecurityRules", Any),
        ro("properties.networkInterfaces", Any),
        ro("properties.subnets", Any),
        ro("properties.flowLogs", Any),
        ro("properties.resourceGuid", Text),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.Network 2025-01-01; recorded wire behaviour of Microsoft.Network \
             (azure-cli); priority bounds: azurerm network_security_rule",
};
