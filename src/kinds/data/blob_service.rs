//! The blob service of a storage account.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Bool, Shape::Text, Style, Tags, Unique, Update, ro, rw,
};

/// The blob service of a storage account. It comes with the account and goes with it; a PUT keeps what it does not name.
pub static BLOB_SERVICE: Kind = Kind {
    noun: "blob service",
    resource_type: "Microsoft.Storage/storageAccounts/blobServices",
    api_version: "2026-04-01",
    name: NameRule { pattern: "^default$", length: (7, 7), words: "default", unique: Unique::Scope },
    tags: Tags::None,
    put: Put { created: 200, updated: 200, style: Style::Sync, seconds: 1 },
    update: Update::Put,
    delete: Delete { status: 200, style: Style::Sync, seconds: 1, query: &[], kept: None },
    embedded: None,
    writers: &[],
    properties: &[
        ro("sku", Any),
        rw("properties.cors", Any).default(r#"{"corsRules":[]}"#),
        rw("properties.defaultServiceVersion", Text),
        rw("properties.deleteRetentionPolicy", Any)
            .default(r#"{"enabled":false,"allowPermanentDelete":false}"#),
        rw("properties.containerDeleteRetentionPolicy", Any),
        rw("properties.restorePolicy", Any),
        rw("properties.changeFeed", Any),
        rw("properties.isVersioningEnabled", Bool),
        rw("properties.automaticSnapshotPolicyEnabled", Bool),
        rw("properties.lastAccessTimeTrackingPolicy", Any),
        rw("properties.staticWebsite", Any),
    ],
    source: "type definitions of Microsoft.Storage 2026-04-01; accepted statuses: go-azure-sdk storage \
             2025-08-01; what a PUT keeps: REST reference of the blob service properties",
};
