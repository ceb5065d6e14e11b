//! The tags of whatever has any, as a thing of their own.

use crate::kinds::{Delete, Kind, NameRule, Put, Shape::Any, Shape::Map, Style, Tags, Unique, Update, rw};

/// The tags at a scope, which are those of the resource, group or subscription
/// itself.
pub static TAGS: Kind = Kind {
    noun: "tags",
    resource_type: "Microsoft.Resources/tags",
    api_version: "2025-04-01",
    name: NameRule { pattern: "^default$", length: (7, 7), words: "default", unique: Unique::Scope },
    tags: Tags::None,
    put: Put { created: 200, updated: 200, style: Style::Sync, seconds: 1 },
    update: Update::Put,
    delete: Delete { status: 200, style: Style::Sync, seconds: 1, query: &[], kept: None },
    embedded: None,
    writers: &[],
    properties: &[rw("properties", Any).required(), rw("properties.tags", Map)],
    source: "type definitions of Microsoft.Resources 2025-04-01; accepted statuses: go-azure-sdk resources \
             2023-07-01",
};
