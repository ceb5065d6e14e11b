//! Rules of a workspace's managed network.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::OneOf, Shape::Set, Shape::Text, Shape::Word, Style, Tags,
    Unique, Update, Writer, ro, rw,
};

/// An outbound rule of a managed network. It also stands, by its name, in the
/// body of its workspace.
pub static OUTBOUND_RULE: Kind = Kind {
    noun: "outbound rule",
    resource_type: "Microsoft.MachineLearningServices/workspaces/outboundRules",
    api_version: "2026-05-01",
    name: NameRule {
        pattern: "^[a-zA-Z0-9][a-zA-Z0-9_-]+$",
        length: (3, 33),
        words: "3 to 33 letters, digits, _ and -, beginning with a letter or digit",
        unique: Unique::Scope,
    },
    tags: Tags::None,
    put: Put { created: 202, updated: 202, style: Style::Location, seconds: 60 },
    update: Update::Put,
    delete: Delete { status: 202, style: Style::Location, seconds: 60, query: &[], kept: None },
    embedded: Some("properties.managedNetwork.outboundRules"),
    writers: &[Writer::Parent],
    properties: &[
        rw("properties", Any).required(),
        rw("properties.type", OneOf(&["FQDN", "PrivateEndpoint", "ServiceTag"])).required().fixed(),
        rw("properties.category", OneOf(&["Required", "Recommended", "UserDefined", "Dependency"]))
            .default(r#""UserDefined""#),
        rw("properties.status", OneOf(&["Inactive", "Active", "Provisioning", "Deleting", "Failed"])),
        // A host name, a private link target or a service tag with ports, as the type says.
        rw("properties.destination", Any),
        rw("properties.fqdns", Set),
        rw("properties.fqdns[]", Word),
        ro("properties.errorInformation", Text),
        ro("properties.parentRuleNames", Any),
    ],
    source: "type definitions of Microsoft.MachineLearningServices 2026-05-01; accepted statuses: go-azure-sdk \
             machinelearningservices 2025-06-01; about a minute for a rule: our estimate",
};
