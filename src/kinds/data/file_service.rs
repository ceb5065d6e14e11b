//! The file service of a storage account.

use crate::kinds::{Delete, Kind, NameRule, Put, Shape::Any, Style, Tags, Unique, Update, ro, rw};

/// The file service of a storage account. It comes with the account and goes with it; a PUT keeps what it does not name.
pub static FILE_SERVICE: Kind = Kind {
    noun: "file service",
    resource_type: "Microsoft.Storage/storageAccounts/fileServices",
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
        rw("properties.protocolSettings", Any).default(r#"{"smb":{}}"#),
        rw("properties.shareDeleteRetentionPolicy", Any).default(r#"{"enabled":true,"days":7}"#),
    ],
    source: "type definitions of Microsoft.Storage 2026-04-01; accepted statuses: go-azure-sdk storage \
             2025-08-01",
};
