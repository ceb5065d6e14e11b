//! Queues of a storage account.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Int, Style, Tags, Unique, Update, ro, rw,
};

/// A queue, as the management plane sees it.
pub static STORAGE_QUEUE: Kind = Kind {
    noun: "storage queue",
    resource_type: "Microsoft.Storage/storageAccounts/queueServices/queues",
    api_version: "2026-04-01",
    name: NameRule {
        pattern: "^[a-z0-9](-?[a-z0-9])+$",
        length: (3, 63),
        words: "3 to 63 lower-case letters, digits and single hyphens",
        unique: Unique::Scope,
    },
    tags: Tags::None,
    put: Put { created: 200, updated: 200, style: Style::Sync, seconds: 1 },
    update: Update::Patch,
    delete: Delete { status: 204, style: Style::Sync, seconds: 1, query: &[], kept: None },
    embedded: None,
    writers: &[],
    properties: &[rw("properties.metadata", Any), ro("properties.approximateMessageCount", Int(0, i64::MAX))],
    source: "type definitions of Microsoft.Storage 2026-04-01; accepted statuses: go-azure-sdk storage \
             2025-08-01",
};
