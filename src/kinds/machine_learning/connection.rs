//! Connections of a workspace to other services.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Bool, Shape::Id, Shape::Map, Shape::OneOf, Shape::Secret,
    Shape::Set, Shape::Text, Shape::Word, Style, Tags, Unique, Update, ro, rw, wo,
};

/// A connection: where another service is, and what to sign in there with.
pub static WORKSPACE_CONNECTION: Kind = Kind {
    noun: "workspace connection",
    resource_type: "Microsoft.MachineLearningServices/workspaces/connections",
    api_version: "2026-05-01",
    name: NameRule {
        pattern: "^[a-zA-Z0-9][a-zA-Z0-9_-]+$",
        length: (3, 33),
        words: "3 to 33 letters, digits, _ and -, beginning with a letter or digit",
        unique: Unique::Scope,
    },
    tags: Tags::None,
    put: Put { created: 200, updated: 200, style: Style::Sync, seconds: 5 },
    // What is sent of the credentials goes with all else.
    update: Update::Put,
    delete: Delete { status: 200, style: Style::Sync, seconds: 5, query: &[], kept: None },
    embedded: None,
    writers: &[],
    properties: &[
        rw("properties", Any).required(),
        rw(
            "properties.authType",
            OneOf(&[
                "AAD",
                "AccessKey",
                "AccountKey",
                "ApiKey",
                "CustomKeys",
                "ManagedIdentity",
                "None",
                "OAuth2",
                "PAT",
                "SAS",
                "ServicePrincipal",
                "UsernamePassword",
            ]),
        )
        .required(),
        // Which of these there are is up to the authType.
        wo("properties.credentials.pat", Secret),
        wo("properties.credentials.sas", Secret),
        wo("properties.credentials.key", Secret),
        wo("properties.credentials.username", Secret),
        wo("properties.credentials.password", Secret),
        wo("properties.credentials.securityToken", Secret),
        wo("properties.credentials.accessKeyId", Secret),
        wo("properties.credentials.secretAccessKey", Secret),
        wo("properties.credentials.clientId", Secret),
        wo("properties.credentials.clientSecret", Secret),
        wo("properties.credentials.tenantId", Secret),
        wo("properties.credentials.resourceId", Secret),
        wo("properties.credentials.authUrl", Secret),
        wo("properties.credentials.developerToken", Secret),
        wo("properties.credentials.refreshToken", Secret),
        wo("properties.credentials.keys", Any),
        rw("properties.category", Word),
        rw("properties.target", Text),
        rw("properties.metadata", Map),
        rw("properties.expiryTime", Text),
        rw("properties.isSharedToAll", Bool),
        rw("properties.sharedUserList", Set),
        rw("properties.sharedUserList[]", Text),
        rw("properties.useWorkspaceManagedIdentity", Bool),
        rw("properties.peRequirement", OneOf(&["Required", "NotRequired", "NotApplicable"])),
        rw("properties.peStatus", OneOf(&["Inactive", "Active", "NotApplicable"])),
        rw("properties.error", Text),
        ro("properties.createdByWorkspaceArmId", Id),
        ro("properties.group", Word),
    ],
    source: "type definitions of Microsoft.MachineLearningServices 2026-05-01",
};
