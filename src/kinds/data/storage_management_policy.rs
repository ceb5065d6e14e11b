//! Lifecycle rules of a storage account.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Text, Style, Tags, Unique, Update, ro, rw,
};

/// The lifecycle rules of a storage account: one policy, written whole.
pub static STORAGE_MANAGEMENT_POLICY: Kind = Kind {
    noun: "storage management policy",
    resource_type: "Microsoft.Storage/storageAccounts/managementPolicies",
    api_version: "2026-04-01",
    name: NameRule { pattern: "^default$", length: (7, 7), words: "default", unique: Unique::Scope },
    tags: Tags::None,
    put: Put { created: 200, updated: 200, style: Style::Sync, seconds: 1 },
    update: Update::Put,
    delete: Delete { status: 200, style: Style::Sync, seconds: 1, query: &[], kept: None },
    embedded: None,
    writers: &[],
    properties: &[rw("properties.policy", Any).required(), ro("properties.lastModifiedTime", Text)],
    source: "type definitions of Microsoft.Storage 2026-04-01; accepted statuses: go-azure-sdk storage \
             2025-08-01",
};
