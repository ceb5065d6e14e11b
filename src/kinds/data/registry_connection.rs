//! A registry's side of private endpoints.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Id, Shape::OneOf, Shape::Text, Shape::Word, Style, Tags, Unique,
    Update, Writer, ro, rw,
};

/// A private endpoint connection of a container registry. Azure makes and
/// names it; a PUT only approves or rejects it.
pub static REGISTRY_CONNECTION: Kind = Kind {
    noun: "container registry connection",
    resource_type: "Microsoft.ContainerRegistry/registries/privateEndpointConnections",
    api_version: "2025-11-01",
    name: NameRule {
        pattern: r"^[^%&\\?/<>:]+$",
        length: (1, 260),
        words: "1 to 260 characters but % & \\ ? / < > :",
        unique: Unique::Scope,
    },
    tags: Tags::None,
    put: Put { created: 201, updated: 200, style: Style::ProvisioningState, seconds: 5 },
    update: Update::Put,
    delete: Delete { status: 202, style: Style::Location, seconds: 5, query: &[], kept: None },
    embedded: None,
    writers: &[Writer::Parent],
    properties: &[
        rw("properties.privateEndpoint.id", Id).fixed(),
        rw(
            "properties.privateLinkServiceConnectionState.status",
            OneOf(&["Approved", "Pending", "Rejected", "Disconnected"]),
        ),
        rw("properties.privateLinkServiceConnectionState.description", Text),
        rw("properties.privateLinkServiceConnectionState.actionsRequired", OneOf(&["None", "Recreate"])),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.ContainerRegistry 2025-11-01; accepted statuses: go-azure-sdk \
             containerregistry 2025-11-01",
};
