//! A key vault's side of private endpoints.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Id, Shape::Location, Shape::OneOf, Shape::Text,
    Shape::Word, Style, Tags, Unique, Update, Writer, ro, rw,
};

/// A private endpoint connection of a key vault. Azure makes and names it; a
/// PUT only approves or rejects it.
pub static KEY_VAULT_CONNECTION: Kind = Kind {
    noun: "key vault connection",
    resource_type: "Microsoft.KeyVault/vaults/privateEndpointConnections",
    api_version: "2026-02-01",
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
        ro("location", Location),
        ro("tags", Any),
        rw("etag", Text),
        rw(
            "properties.privateLinkServiceConnectionState.status",
            OneOf(&["Pending", "Approved", "Rejected", "Disconnected"]),
        ),
        rw("properties.privateLinkServiceConnectionState.description", Text),
        rw("properties.privateLinkServiceConnectionState.actionsRequired", OneOf(&["None"])),
        ro("properties.privateEndpoint.id", Id),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.KeyVault 2026-02-01; approval: learn.microsoft.com, integrate a \
             vault with Private Link",
};
