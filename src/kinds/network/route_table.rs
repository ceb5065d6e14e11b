//! Route tables, their routes embedded.

use crate::kinds::{
    Delete, Kind, Opening, Put, Shape::Any, Shape::Bool, Shape::Location, Shape::Shared, Shape::Text,
    Shape::Word, Style, Tags, Update, Writer, ro, rw,
};

use super::ORDINARY_NAME;

/// A route out of the network, or to an appliance that nobody asked for.
static LEADS_OUT: Opening = Opening {
    field: "properties.nextHopType",
    values: &["Internet", "VirtualNetworkGateway", "VirtualAppliance"],
    azures: &[],
};

/// A route table. Subnets name it; it only lists them back.
pub static ROUTE_TABLE: Kind = Kind {
    noun: "route table",
    resource_type: "Microsoft.Network/routeTables",
    api_version: "2025-01-01",
    name: ORDINARY_NAME,
    tags: Tags::AtMost(50),
    put: Put { created: 201, updated: 200, style: Style::AsyncOperation, seconds: 5 },
    update: Update::Put,
    delete: Delete { status: 202, style: Style::AsyncOperation, seconds: 10, query: &[], kept: None },
    embedded: None,
    writers: &[Writer::Itself],
    properties: &[
        rw("location", Location).required().fixed(),
        ro("etag", Text),
        rw("properties.routes", Shared("name")).default("[]").opens(&LEADS_OUT),
        rw("properties.disableBgpRoutePropagation", Bool).default("false"),
        ro("properties.subnets", Any),
        ro("properties.resourceGuid", Text),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.Network 2025-01-01; recorded wire behaviour of Microsoft.Network \
             (azure-cli); lock: azurerm route",
};
