//! What a token of a registry may do.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Set, Shape::Text, Shape::Word, Style, Tags, Unique, Update, ro, rw,
};

/// A scope map of a container registry.
pub static REGISTRY_SCOPE_MAP: Kind = Kind {
    noun: "registry scope map",
    resource_type: "Microsoft.ContainerRegistry/registries/scopeMaps",
    api_version: "2025-11-01",
    name: NameRule {
        pattern: "^[a-zA-Z0-9_-]+$",
        length: (5, 50),
        words: "5 to 50 letters, digits, _ and -",
        unique: Unique::Scope,
    },
    tags: Tags::None,
    put: Put { created: 201, updated: 200, style: Style::ProvisioningState, seconds: 5 },
    update: Update::Patch,
    delete: Delete { status: 202, style: Style::Location, seconds: 5, query: &[], kept: None },
    embedded: None,
    writers: &[],
    properties: &[
        rw("properties.description", Text),
        rw("properties.actions", Set).required(),
        rw("properties.actions[]", Text),
        ro("properties.type", Word),
        ro("properties.creationDate", Text),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.ContainerRegistry 2025-11-01; accepted statuses: go-azure-sdk \
             containerregistry 2025-11-01",
};
