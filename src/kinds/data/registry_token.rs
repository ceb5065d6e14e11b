//! Tokens of a registry.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Id, Shape::OneOf, Shape::Text, Shape::Word, Style, Tags,
    Unique, Update, ro, rw,
};

/// A token of a container registry, whose rights a scope map says.
pub static REGISTRY_TOKEN: Kind = Kind {
    noun: "registry token",
    resource_type: "Microsoft.ContainerRegistry/registries/tokens",
    api_version: "2025-11-01",
    name: NameRule {
        pattern: "^[a-zA-Z0-9-]+$",
        length: (5, 50),
        words: "5 to 50 letters, digits and hyphens",
        unique: Unique::Scope,
    },
    tags: Tags::None,
    put: Put { created: 201, updated: 200, style: Style::ProvisioningState, seconds: 5 },
    update: Update::Patch,
    delete: Delete { status: 202, style: Style::Location, seconds: 5, query: &[], kept: None },
    embedded: None,
    writers: &[],
    properties: &[
        rw("properties.scopeMapId", Id),
        rw("properties.credentials", Any),
        rw("properties.status", OneOf(&["enabled", "disabled"])).default(r#""enabled""#),
        ro("properties.creationDate", Text),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.ContainerRegistry 2025-11-01; accepted statuses: go-azure-sdk \
             containerregistry 2025-11-01",
};
