//! Webhooks of a registry.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Location, Shape::OneOf, Shape::Secret, Shape::Set,
    Shape::Text, Shape::Word, Style, Tags, Unique, Update, ro, rw, wo,
};

/// A webhook of a container registry. Whom it calls is told by an action of its
/// own only.
pub static REGISTRY_WEBHOOK: Kind = Kind {
    noun: "registry webhook",
    resource_type: "Microsoft.ContainerRegistry/registries/webhooks",
    api_version: "2025-11-01",
    name: NameRule {
        pattern: "^[a-zA-Z0-9]+$",
        length: (5, 50),
        words: "5 to 50 letters and digits",
        unique: Unique::Scope,
    },
    tags: Tags::AtMost(50),
    put: Put { created: 201, updated: 200, style: Style::ProvisioningState, seconds: 5 },
    update: Update::Patch,
    delete: Delete { status: 202, style: Style::Location, seconds: 5, query: &[], kept: None },
    embedded: None,
    writers: &[],
    properties: &[
        rw("location", Location).required().fixed(),
        wo("properties.serviceUri", Secret).required(),
        wo("properties.customHeaders", Any),
        rw("properties.actions", Set).required(),
        rw("properties.actions[]", OneOf(&["push", "delete", "quarantine", "chart_push", "chart_delete"])),
        rw("properties.scope", Text).default(r#""""#),
        rw("properties.status", OneOf(&["enabled", "disabled"])).default(r#""enabled""#),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.ContainerRegistry 2025-11-01; accepted statuses: go-azure-sdk \
             containerregistry 2025-11-01",
};
