//! A storage account's side of private endpoints.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Id, Shape::OneOf, Shape::Text, Shape::Word, Style, Tags,
    Unique, Update, Writer, ro, rw,
};

/// A private endpoint connection of a storage account. Azure makes and names
/// it; a PUT only approves or rejects it.
pub static STORAGE_CONNECTION: Kind = Kind {
    noun: "storage account connection",
    resource_type: "Microsoft.Storage/storageAccounts/privateEndpointConnections",
    api_version: "2026-04-01",
    name: NameRule {
        pattern: r"^[^%&\\?/<>:]+$",
        length: (1, 260),
        words: "1 to 260 characters but % & \\ ? / < > :",
        unique: Unique::Scope,
    },
    tags: Tags::None,
    put: Put { created: 200, updated: 200, style: Style::Sync, seconds: 1 },
    update: Update::Put,
    delete: Delete { status: 200, style: Style::Sync, seconds: 1, query: &[], kept: None },
    embedded: None,
    writers: &[Writer::Parent],
    properties: &[
        rw("properties.privateLinkServiceConnectionState", Any).required(),
        rw(
            "properties.privateLinkServiceConnectionState.status",
            OneOf(&["Pending", "Approved", "Rejected"]),
        ),
        rw("properties.privateLinkServiceConnectionState.description", Text),
        rw("properties.privateLinkServiceConnectionState.actionRequired", Text),
        ro("properties.privateEndpoint.id", Id),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.Storage 2026-04-01; accepted statuses: go-azure-sdk storage \
             2025-08-01",
};
