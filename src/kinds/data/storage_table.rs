//! Tables of a storage account.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Text, Style, Tags, Unique, Update, ro, rw,
};

/// A table, as the management plane sees it.
pub static STORAGE_TABLE: Kind = Kind {
    noun: "storage table",
    resource_type: "Microsoft.Storage/storageAccounts/tableServices/tables",
    api_version: "2026-04-01",
    name: NameRule {
        pattern: "^[A-Za-z][A-Za-z0-9]+$",
        length: (3, 63),
        words: "3 to 63 letters and digits, beginning with a letter",
        unique: Unique::Scope,
    },
    tags: Tags::None,
    put: Put { created: 200, updated: 200, style: Style::Sync, seconds: 1 },
    update: Update::Patch,
    delete: Delete { status: 204, style: Style::Sync, seconds: 1, query: &[], kept: None },
    embedded: None,
    writers: &[],
    properties: &[rw("properties.signedIdentifiers", Any), ro("properties.tableName", Text)],
    source: "type definitions of Microsoft.Storage 2026-04-01; accepted statuses: go-azure-sdk storage \
             2025-08-01",
};
