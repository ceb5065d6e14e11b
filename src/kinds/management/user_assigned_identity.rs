//! User-assigned managed identities.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Location, Shape::OneOf, Shape::Word, Style, Tags, Unique, Update, ro,
    rw,
};

/// A user-assigned managed identity. A new one is known to the directory only
/// after a while.
pub static USER_ASSIGNED_IDENTITY: Kind = Kind {
    noun: "user-assigned identity",
    resource_type: "Microsoft.ManagedIdentity/userAssignedIdentities",
    api_version: "2024-11-30",
    name: NameRule {
        pattern: "^[a-zA-Z0-9][a-zA-Z0-9_-]+$",
        length: (3, 128),
        words: "3 to 128 letters, digits, _ and -, beginning with a letter or digit",
        unique: Unique::Scope,
    },
    tags: Tags::AtMost(50),
    put: Put { created: 201, updated: 200, style: Style::Sync, seconds: 3 },
    update: Update::Patch,
    delete: Delete { status: 200, style: Style::Sync, seconds: 3, query: &[], kept: None },
    embedded: None,
    writers: &[],
    properties: &[
        rw("location", Location).required().fixed(),
        rw("properties.isolationScope", OneOf(&["None", "Regional"])).fixed(),
        ro("properties.tenantId", Word),
        ro("properties.principalId", Word),
        ro("properties.clientId", Word),
    ],
    source: "type definitions of Microsoft.ManagedIdentity 2024-11-30; accepted statuses: go-azure-sdk \
             managedidentity 2024-11-30",
};
