//! Routes of a route table.

use crate::kinds::{
    Delete, Kind, Put, Shape::Any, Shape::Bool, Shape::OneOf, Shape::Text, Shape::Word, Style, Tags, Update,
    Writer, ro, rw,
};

use super::ORDINARY_NAME;

/// A route.
pub static ROUTE: Kind = Kind {
    noun: "route",
    resource_type: "Microsoft.Network/routeTables/routes",
    api_version: "2025-01-01",
    name: ORDINARY_NAME,
    tags: Tags::None,
    put: Put { created: 201, updated: 200, style: Style::AsyncOperation, seconds: 5 },
    update: Update::Put,
    delete: Delete { status: 202, style: Style::AsyncOperation, seconds: 5, query: &[], kept: None },
    embedded: Some("properties.routes"),
    writers: &[Writer::Parent],
    properties: &[
        ro("etag", Text),
        rw("properties", Any).required(),
        // A range, or a service tag in any case.
        rw("properties.addressPrefix", Word),
        rw(
            "properties.nextHopType",
            OneOf(&["VirtualNetworkGateway", "VnetLocal", "Internet", "VirtualAppliance", "None"]),
        )
        .required(),
        rw("properties.nextHopIpAddress", Text),
        ro("properties.hasBgpOverride", Bool),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.Network 2025-01-01; the lock of the table: azurerm route",
};
