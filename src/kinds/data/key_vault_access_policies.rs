//! Changes to the access policies of a vault.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Keyed, Shape::Location, Shape::Set, Shape::Word, Style,
    Tags, Unique, Update, ro, rw,
};

/// A change to the access policies of a vault: its name says whether the
/// policies of the body are added, replace those of the same principals, or go.
pub static KEY_VAULT_ACCESS_POLICIES: Kind = Kind {
    noun: "access policy update",
    resource_type: "Microsoft.KeyVault/vaults/accessPolicies",
    api_version: "2026-02-01",
    name: NameRule {
        pattern: "^(add|replace|remove)$",
        length: (3, 7),
        words: "add, replace or remove",
        unique: Unique::Scope,
    },
    tags: Tags::None,
    put: Put { created: 200, updated: 200, style: Style::Sync, seconds: 1 },
    update: Update::Never,
    delete: Delete { status: 200, style: Style::Sync, seconds: 1, query: &[], kept: None },
    embedded: None,
    writers: &[],
    properties: &[
        ro("location", Location),
        rw("properties", Any).required(),
        rw("properties.accessPolicies", Keyed("objectId")).required(),
        rw("properties.accessPolicies[].tenantId", Word).required(),
        rw("properties.accessPolicies[].objectId", Word).required(),
        rw("properties.accessPolicies[].applicationId", Word),
        rw("properties.accessPolicies[].permissions", Any).required(),
        rw("properties.accessPolicies[].permissions.keys", Set),
        rw("properties.accessPolicies[].permissions.keys[]", Word),
        rw("properties.accessPolicies[].permissions.secrets", Set),
        rw("properties.accessPolicies[].permissions.secrets[]", Word),
        rw("properties.accessPolicies[].permissions.certificates", Set),
        rw("properties.accessPolicies[].permissions.certificates[]", Word),
        rw("properties.accessPolicies[].permissions.storage", Set),
        rw("properties.accessPolicies[].permissions.storage[]", Word),
    ],
    source: "type definitions of Microsoft.KeyVault 2026-02-01; accepted statuses: go-azure-sdk keyvault \
             2026-02-01",
};
