//! Blob containers.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Bool, Shape::Int, Shape::OneOf, Shape::Text, Shape::Word,
    Style, Tags, Unique, Update, ro, rw,
};

/// A blob container, as the management plane sees it.
pub static BLOB_CONTAINER: Kind = Kind {
    noun: "blob container",
    resource_type: "Microsoft.Storage/storageAccounts/blobServices/containers",
    api_version: "2026-04-01",
    name: NameRule {
        pattern: r"^(\$root|\$web|\$logs|[a-z0-9](-?[a-z0-9])+)$",
        length: (3, 63),
        words: "3 to 63 lower-case letters, digits and single hyphens",
        unique: Unique::Scope,
    },
    tags: Tags::None,
    put: Put { created: 201, updated: 200, style: Style::Sync, seconds: 1 },
    update: Update::Patch,
    delete: Delete { status: 200, style: Style::Sync, seconds: 1, query: &[], kept: None },
    embedded: None,
    writers: &[],
    properties: &[
        ro("etag", Text),
        rw("properties.defaultEncryptionScope", Text).fixed().default(r#""$account-encryption-key""#),
        rw("properties.denyEncryptionScopeOverride", Bool).fixed().default("false"),
        // Anything but None needs allowBlobPublicAccess on the account.
        rw("properties.publicAccess", OneOf(&["Container", "Blob", "None"])).default(r#""None""#),
        rw("properties.metadata", Any),
        rw("properties.immutableStorageWithVersioning", Any).fixed(),
        rw("properties.enableNfsV3RootSquash", Bool),
        rw("properties.enableNfsV3AllSquash", Bool),
        ro("properties.version", Text),
        ro("properties.deleted", Bool),
        ro("properties.deletedTime", Text),
        ro("properties.remainingRetentionDays", Int(0, 365)),
        ro("properties.lastModifiedTime", Text),
        ro("properties.leaseStatus", Word),
        ro("properties.leaseState", Word),
        ro("properties.leaseDuration", Word),
        ro("properties.immutabilityPolicy", Any),
        ro("properties.legalHold", Any),
        ro("properties.hasLegalHold", Bool),
        ro("properties.hasImmutabilityPolicy", Bool),
    ],
    source: "type definitions of Microsoft.Storage 2026-04-01; accepted statuses: go-azure-sdk storage \
             2025-08-01; names: learn.microsoft.com, naming containers",
};
