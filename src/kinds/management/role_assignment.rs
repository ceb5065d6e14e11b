//! Role assignments, at any scope.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Id, Shape::OneOf, Shape::Text, Shape::Word, Style, Tags,
    Unique, Update, ro, rw,
};

/// A role assignment. Its name is a GUID of the caller's choice; only the
/// description and the condition of an existing one can be changed.
pub static ROLE_ASSIGNMENT: Kind = Kind {
    noun: "role assignment",
    resource_type: "Microsoft.Authorization/roleAssignments",
    api_version: "2022-04-01",
    name: NameRule {
        pattern: "^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$",
        length: (36, 36),
        words: "a GUID",
        unique: Unique::Scope,
    },
    tags: Tags::None,
    put: Put { created: 201, updated: 200, style: Style::Sync, seconds: 5 },
    update: Update::Put,
    delete: Delete { status: 200, style: Style::Sync, seconds: 3, query: &[], kept: None },
    embedded: None,
    writers: &[],
    properties: &[
        rw("properties", Any).required(),
        // Of the subscription, or of `/providers/...` alone: no ordinary id, so it compares as a word.
        rw("properties.roleDefinitionId", Word).required().fixed(),
        rw("properties.principalId", Word).required().fixed(),
        // Sent as ServicePrincipal it spares the look-up of an identity that is not known yet.
        rw(
            "properties.principalType",
            OneOf(&[
                "User",
                "Group",
                "ServicePrincipal",
                "ForeignGroup",
                "Device",
                "AgentUser",
                "AgentServicePrincipal",
            ]),
        )
        .fixed(),
        rw("properties.description", Text),
        rw("properties.condition", Text),
        rw("properties.conditionVersion", Text),
        rw("properties.delegatedManagedIdentityResourceId", Id).fixed(),
        ro("properties.scope", Word),
        ro("properties.createdOn", Text),
        ro("properties.createdBy", Text),
        ro("properties.updatedOn", Text),
        ro("properties.updatedBy", Text),
    ],
    source: "type definitions of Microsoft.Authorization 2022-04-01; accepted statuses: go-azure-sdk authorization \
             2022-04-01; what may change: RoleAssignmentUpdateNotPermitted as reported to azurerm",
};
