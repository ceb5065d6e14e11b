//! NAT gateways.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Id, Shape::Int, Shape::Keyed, Shape::Location,
    Shape::OneOf, Shape::Set, Shape::Text, Shape::Word, Style, Tags, Unique, Update, Writer, ro, rw,
};

/// A NAT gateway. Subnets name it; it only lists them back.
pub static NAT_GATEWAY: Kind = Kind {
    noun: "NAT gateway",
    resource_type: "Microsoft.Network/natGateways",
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
    writers: &[Writer::Itself],
    properties: &[
        rw("location", Location).required().fixed(),
        ro("etag", Text),
        rw("sku.name", OneOf(&["Standard", "StandardV2"])).fixed(),
        // A Standard gateway lies in one zone at most.
        rw("zones", Set).fixed(),
        rw("zones[]", Text),
        rw("properties.idleTimeoutInMinutes", Int(4, 120)),
        rw("properties.publicIpAddresses", Keyed("id")),
        rw("properties.publicIpAddresses[].id", Id),
        rw("properties.publicIpAddressesV6", Keyed("id")),
        rw("properties.publicIpAddressesV6[].id", Id),
        rw("properties.publicIpPrefixes", Keyed("id")),
        rw("properties.publicIpPrefixes[].id", Id),
        rw("properties.publicIpPrefixesV6", Keyed("id")),
        rw("properties.publicIpPrefixesV6[].id", Id),
        rw("properties.sourceVirtualNetwork.id", Id),
        ro("properties.subnets", Any),
        ro("properties.resourceGuid", Text),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.Network 2025-01-01; recorded: 201 with Azure-AsyncOperation \
             (azure-cli, test_natgateway_basic); what is fixed and the bounds: azurerm nat_gateway",
};
