//! Where a registry is kept besides its home.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Bool, Shape::Location, Shape::OneOf, Shape::Word, Style,
    Tags, Unique, Update, Writer, ro, rw,
};

/// A replication of a container registry: one a region. That of the home region
/// comes with the registry; others need the Premium sku.
pub static REGISTRY_REPLICATION: Kind = Kind {
    noun: "registry replication",
    resource_type: "Microsoft.ContainerRegistry/registries/replications",
    api_version: "2025-11-01",
    name: NameRule {
        pattern: "^[a-zA-Z0-9]+$",
        length: (5, 50),
        words: "5 to 50 letters and digits",
        unique: Unique::Scope,
    },
    tags: Tags::AtMost(50),
    put: Put { created: 201, updated: 200, style: Style::ProvisioningState, seconds: 30 },
    update: Update::Patch,
    delete: Delete { status: 202, style: Style::Location, seconds: 15, query: &[], kept: None },
    embedded: None,
    writers: &[Writer::Parent],
    properties: &[
        rw("location", Location).required().fixed(),
        rw("properties.regionEndpointEnabled", Bool).default("true"),
        rw("properties.zoneRedundancy", OneOf(&["Enabled", "Disabled"])).fixed().default(r#""Disabled""#),
        ro("properties.status", Any),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.ContainerRegistry 2025-11-01; accepted statuses: go-azure-sdk \
             containerregistry 2025-11-01; the home region: azurerm container_registry",
};
