//! Secrets of a vault, made through ARM.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Bool, Shape::Int, Shape::Location, Shape::Secret,
    Shape::Text, Style, Tags, Unique, Update, ro, rw, wo,
};

/// A secret of a vault. Its value is never answered here; each value that is
/// sent makes a version.
pub static KEY_VAULT_SECRET: Kind = Kind {
    noun: "key vault secret",
    resource_type: "Microsoft.KeyVault/vaults/secrets",
    api_version: "2026-02-01",
    name: NameRule {
        pattern: "^[a-zA-Z0-9-]+$",
        length: (1, 127),
        words: "1 to 127 letters, digits and hyphens",
        unique: Unique::Scope,
    },
    tags: Tags::AtMost(50),
    put: Put { created: 201, updated: 200, style: Style::Sync, seconds: 1 },
    update: Update::Patch,
    delete: Delete { status: 200, style: Style::Sync, seconds: 1, query: &[], kept: None },
    embedded: None,
    writers: &[],
    properties: &[
        ro("location", Location),
        rw("properties", Any).required(),
        wo("properties.value", Secret),
        rw("properties.contentType", Text),
        rw("properties.attributes.enabled", Bool).default("true"),
        rw("properties.attributes.nbf", Int(0, i64::MAX)),
        rw("properties.attributes.exp", Int(0, i64::MAX)),
        ro("properties.attributes.created", Int(0, i64::MAX)),
        ro("properties.attributes.updated", Int(0, i64::MAX)),
        ro("properties.secretUri", Text),
        ro("properties.secretUriWithVersion", Text),
    ],
    source: "type definitions of Microsoft.KeyVault 2026-02-01; the value: REST reference, secret properties",
};
