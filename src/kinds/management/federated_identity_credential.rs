//! Federated credentials of user-assigned identities.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Set, Shape::Text, Style, Tags, Unique, Update, Writer, rw,
};

/// A federated credential: whose tokens an identity takes for its own.
pub static FEDERATED_IDENTITY_CREDENTIAL: Kind = Kind {
    noun: "federated identity credential",
    resource_type: "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials",
    api_version: "2024-11-30",
    name: NameRule {
        pattern: "^[a-zA-Z0-9][a-zA-Z0-9_-]+$",
        length: (3, 120),
        words: "3 to 120 letters, digits, _ and -, beginning with a letter or digit",
        unique: Unique::Scope,
    },
    tags: Tags::None,
    put: Put { created: 201, updated: 200, style: Style::Sync, seconds: 2 },
    update: Update::Put,
    delete: Delete { status: 200, style: Style::Sync, seconds: 2, query: &[], kept: None },
    embedded: None,
    writers: &[Writer::Parent],
    properties: &[
        rw("properties.issuer", Text).required(),
        rw("properties.subject", Text).required(),
        rw("properties.audiences", Set).required(),
        rw("properties.audiences[]", Text),
    ],
    source: "type definitions of Microsoft.ManagedIdentity 2024-11-30; accepted statuses: go-azure-sdk \
             managedidentity 2024-11-30",
};
