//! A Databricks workspace's side of private endpoints.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Id, Shape::OneOf, Shape::Set, Shape::Text, Shape::Word,
    Style, Tags, Unique, Update, Writer, ro, rw,
};

/// A private endpoint connection of a Databricks workspace. Azure makes and
/// names it; a PUT only approves or rejects it.
pub static DATABRICKS_CONNECTION: Kind = Kind {
    noun: "Databricks connection",
    resource_type: "Microsoft.Databricks/workspaces/privateEndpointConnections",
    api_version: "2026-01-01",
    name: NameRule {
        pattern: r"^[^%&\\?/<>:]+$",
        length: (1, 260),
        words: "1 to 260 characters but % & \\ ? / < > :",
        unique: Unique::Scope,
    },
    tags: Tags::None,
    put: Put { created: 200, updated: 200, style: Style::AsyncOperation, seconds: 5 },
    update: Update::Put,
    delete: Delete { status: 202, style: Style::AsyncOperation, seconds: 5, query: &[], kept: None },
    embedded: None,
    writers: &[Writer::Parent],
    properties: &[
        rw("properties", Any).required(),
        rw("properties.groupIds", Set),
        rw("properties.groupIds[]", Word),
        rw("properties.privateLinkServiceConnectionState", Any).required(),
        rw(
            "properties.privateLinkServiceConnectionState.status",
            OneOf(&["Pending", "Approved", "Rejected", "Disconnected"]),
        )
        .required(),
        rw("properties.privateLinkServiceConnectionState.description", Text),
        rw("properties.privateLinkServiceConnectionState.actionsRequired", Text),
        ro("properties.privateEndpoint.id", Id),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.Databricks 2026-01-01; accepted statuses: go-azure-sdk databricks",
};
