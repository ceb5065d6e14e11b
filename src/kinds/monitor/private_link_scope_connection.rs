//! A private link scope's side of private endpoints.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Id, Shape::OneOf, Shape::Text, Shape::Word, Style, Tags,
    Unique, Update, Writer, ro, rw,
};

/// A private endpoint connection of a private link scope. Azure makes and names
/// it; a PUT only approves or rejects it.
pub static PRIVATE_LINK_SCOPE_CONNECTION: Kind = Kind {
    noun: "private link scope connection",
    resource_type: "Microsoft.Insights/privateLinkScopes/privateEndpointConnections",
    api_version: "2021-09-01",
    name: NameRule {
        pattern: r"^[^%&\\?/<>:]+$",
        length: (1, 260),
        words: "1 to 260 characters but % & \\ ? / < > :",
        unique: Unique::Scope,
    },
    tags: Tags::None,
    put: Put { created: 201, updated: 200, style: Style::Sync, seconds: 5 },
    update: Update::Put,
    delete: Delete { status: 202, style: Style::AsyncOperation, seconds: 5, query: &[], kept: None },
    embedded: None,
    writers: &[Writer::Parent],
    properties: &[
        rw("properties.privateLinkServiceConnectionState", Any).required(),
        rw(
            "properties.privateLinkServiceConnectionState.status",
            OneOf(&["Pending", "Approved", "Rejected"]),
        ),
        rw("properties.privateLinkServiceConnectionState.description", Text),
        rw("properties.privateLinkServiceConnectionState.actionsRequired", Text),
        ro("properties.privateEndpoint.id", Id),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.Insights 2021-09-01",
};
