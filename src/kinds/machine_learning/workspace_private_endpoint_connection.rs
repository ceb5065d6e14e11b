//! The workspace's side of a private endpoint.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Id, Shape::IdMap, Shape::Int, Shape::Location, Shape::OneOf,
    Shape::Text, Shape::Word, Style, Tags, Unique, Update, Writer, ro, rw,
};

/// A private endpoint connection of a machine learning workspace. Azure makes
/// and names it; a PUT only approves or rejects it.
pub static WORKSPACE_PRIVATE_ENDPOINT_CONNECTION: Kind = Kind {
    noun: "private endpoint connection",
    resource_type: "Microsoft.MachineLearningServices/workspaces/privateEndpointConnections",
    api_version: "2026-05-01",
    name: NameRule {
        pattern: r"^[^%&\\?/<>:]+$",
        length: (1, 260),
        words: "1 to 260 characters but % & \\ ? / < > :",
        unique: Unique::Scope,
    },
    tags: Tags::AtMost(50),
    put: Put { created: 200, updated: 200, style: Style::Sync, seconds: 5 },
    update: Update::Put,
    delete: Delete { status: 200, style: Style::Sync, seconds: 5, query: &[], kept: None },
    embedded: None,
    writers: &[Writer::Parent],
    properties: &[
        rw("location", Location).fixed(),
        rw("sku.name", Word).required(),
        rw("sku.tier", OneOf(&["Free", "Basic", "Standard", "Premium"])),
        rw("sku.size", Text),
        rw("sku.family", Text),
        rw("sku.capacity", Int(0, i32::MAX as i64)),
        rw(
            "identity.type",
            OneOf(&["None", "SystemAssigned", "UserAssigned", "SystemAssigned,UserAssigned"]),
        )
        .required(),
        rw("identity.userAssignedIdentities", IdMap),
        ro("identity.userAssignedIdentities{}.principalId", Word),
        ro("identity.userAssignedIdentities{}.clientId", Word),
        ro("identity.principalId", Word),
        ro("identity.tenantId", Word),
        rw(
            "properties.privateLinkServiceConnectionState.status",
            OneOf(&["Approved", "Pending", "Rejected", "Disconnected", "Timeout"]),
        ),
        rw("properties.privateLinkServiceConnectionState.description", Text),
        rw("properties.privateLinkServiceConnectionState.actionsRequired", Text),
        ro("properties.privateEndpoint.id", Id),
        ro("properties.privateEndpoint.subnetArmId", Id),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.MachineLearningServices 2026-05-01; accepted statuses: go-azure-sdk \
             machinelearningservices 2025-06-01",
};
