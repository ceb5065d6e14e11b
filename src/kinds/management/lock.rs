//! Management locks, at any scope.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::OneOf, Shape::Text, Style, Tags, Unique, Update, rw,
};

/// A management lock: what lies in its scope cannot be deleted, or not be
/// changed either.
pub static LOCK: Kind = Kind {
    noun: "management lock",
    resource_type: "Microsoft.Authorization/locks",
    api_version: "2020-05-01",
    name: NameRule {
        pattern: r"^[^<>%&:\\?/]+$",
        length: (1, 260),
        words: "1 to 260 characters but < > % & : \\ ? /",
        unique: Unique::Scope,
    },
    tags: Tags::None,
    put: Put { created: 201, updated: 200, style: Style::Sync, seconds: 3 },
    update: Update::Put,
    delete: Delete { status: 200, style: Style::Sync, seconds: 3, query: &[], kept: None },
    embedded: None,
    writers: &[],
    properties: &[
        rw("properties", Any).required(),
        rw("properties.level", OneOf(&["NotSpecified", "CanNotDelete", "ReadOnly"])).required(),
        rw("properties.notes", Text),
        rw("properties.owners", Any),
    ],
    source: "type definitions of Microsoft.Authorization 2020-05-01; accepted statuses: go-azure-sdk \
             resources 2020-05-01; notes of 512 characters: azurerm management_lock",
};
