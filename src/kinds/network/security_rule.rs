//! Rules of a network security group.

use crate::kinds::{
    Delete, Kind, Put, Shape::Any, Shape::Id, Shape::Int, Shape::Keyed, Shape::OneOf, Shape::Set,
    Shape::Text, Shape::Word, Style, Tags, Update, Writer, ro, rw,
};

use super::ORDINARY_NAME;

/// A security rule. A PUT of its group replaces it, or removes it where the
/// body leaves it out.
pub static SECURITY_RULE: Kind = Kind {
    noun: "security rule",
    resource_type: "Microsoft.Network/networkSecurityGroups/securityRules",
    api_version: "2025-01-01",
    name: ORDINARY_NAME,
    tags: Tags::None,
    put: Put { created: 201, updated: 200, style: Style::AsyncOperation, seconds: 5 },
    update: Update::Put,
    delete: Delete { status: 202, style: Style::AsyncOperation, seconds: 5, query: &[], kept: None },
    embedded: Some("properties.securityRules"),
    writers: &[Writer::Parent],
    properties: &[
        ro("etag", Text),
        rw("properties", Any).required(),
        rw("properties.description", Text),
        rw("properties.protocol", OneOf(&["Tcp", "Udp", "Icmp", "Esp", "Ah", "*"])).required(),
        rw("properties.access", OneOf(&["Allow", "Deny"])).required(),
        rw("properties.priority", Int(100, 4096)).required(),
        rw("properties.direction", OneOf(&["Inbound", "Outbound"])).required(),
        // The singular and the plural form exclude each other. Service tags are written in any case.
        rw("properties.sourcePortRange", Text),
        rw("properties.sourcePortRanges", Set).default("[]"),
        rw("properties.sourcePortRanges[]", Text),
        rw("properties.destinationPortRange", Text),
        rw("properties.destinationPortRanges", Set).default("[]"),
        rw("properties.destinationPortRanges[]", Text),
        rw("properties.sourceAddressPrefix", Word),
        rw("properties.sourceAddressPrefixes", Set).default("[]"),
        rw("properties.sourceAddressPrefixes[]", Word),
        rw("properties.destinationAddressPrefix", Word),
        rw("properties.destinationAddressPrefixes", Set).default("[]"),
        rw("properties.destinationAddressPrefixes[]", Word),
        rw("properties.sourceApplicationSecurityGroups", Keyed("id")),
        rw("properties.sourceApplicationSecurityGroups[].id", Id),
        rw("properties.destinationApplicationSecurityGroups", Keyed("id")),
        rw("properties.destinationApplicationSecurityGroups[].id", Id),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.Network 2025-01-01; priority bounds and the lock of the group: azurerm \
             network_security_rule",
};
