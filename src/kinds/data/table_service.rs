//! The table service of a storage account.

use crate::kinds::{Delete, Kind, NameRule, Put, Shape::Any, Style, Tags, Unique, Update, rw};

/// The table service of a storage account. It comes with the account and goes with it; a PUT keeps what it does not name.
pub static TABLE_SERVICE: Kind = Kind {
    noun: "table service",
    resource_type: "Microsoft.Storage/storageAccounts/tableServices",
    api_version: "2026-04-01",
    name: NameRule { pattern: "^default$", length: (7, 7), words: "default", unique: Unique::Scope },
    tags: Tags::None,
    put: Put { created: 200, updated: 200, style: Style::Sync, seconds: 1 },
    update: Update::Put,
    delete: Delete { status: 200, style: Style::Sync, seconds: 1, query: &[], kept: None },
    embedded: None,
    writers: &[],
    properties: &[rw("properties.cors", Any).default(r#"{"corsRules":[]}"#)],
    source: "type definitions of Microsoft.Storage 2026-04-01; accepted statuses: go-azure-sdk storage \
             2025-08-01",
};
