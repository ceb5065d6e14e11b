//! Role definitions.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Set, Shape::Text, Shape::Word, Style, Tags, Unique,
    Update, ro, rw,
};

/// A role of somebody's own. Whatever scope it was written at, it is kept in the
/// subscription; the built-in ones of [`crate::kinds::roles`] are nobody's to write.
pub static ROLE_DEFINITION: Kind = Kind {
    noun: "role definition",
    resource_type: "Microsoft.Authorization/roleDefinitions",
    api_version: "2022-04-01",
    name: NameRule {
        pattern: "^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$",
        length: (36, 36),
        words: "a GUID",
        unique: Unique::Scope,
    },
    tags: Tags::None,
    put: Put { created: 201, updated: 201, style: Style::Sync, seconds: 3 },
    update: Update::Put,
    delete: Delete { status: 200, style: Style::Sync, seconds: 3, query: &[], kept: None },
    embedded: None,
    writers: &[],
    properties: &[
        rw("properties", Any).required(),
        rw("properties.roleName", Text).required(),
        rw("properties.description", Text).default(r#""""#),
        rw("properties.type", Word).default(r#""CustomRole""#),
        rw("properties.permissions", Any).default("[]"),
        rw("properties.assignableScopes", Set).required(),
        rw("properties.assignableScopes[]", Word),
        ro("properties.createdOn", Text),
        ro("properties.createdBy", Text),
        ro("properties.updatedOn", Text),
        ro("properties.updatedBy", Text),
    ],
    source: "type definitions of Microsoft.Authorization 2022-04-01; accepted statuses: go-azure-sdk \
             authorization 2022-04-01",
};
