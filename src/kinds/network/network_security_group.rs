//! Network security groups, their rules embedded.

use crate::kinds::{
    Delete, Kind, NameRule, Opening, Put, Shape::Any, Shape::Bool, Shape::Location, Shape::Shared,
    Shape::Text, Shape::Word, Style, Tags, Unique, Update, Writer, ro, rw,
};

/// A rule that allows. Databricks adds rules of its own to the group of its
/// subnets, under a network intent policy that lets nobody take them out.
/// Source: azure-databricks documentation, network security group rules.
static ALLOWS: Opening = Opening {
    field: "properties.access",
    values: &["Allow"],
    azures: &["Microsoft.Databricks-workspaces_UseOnly_"],
};

/// A network security group. We write its rules with it, in one PUT: two rules
/// cannot swap priorities one after the other, and a PUT without a rule removes
/// it, so those of others are sent back ([`crate::kinds::SECURITY_RULE`] is embedded).
pub static NETWORK_SECURITY_GROUP: Kind = Kind {
    noun: "network security group",
    resource_type: "Microsoft.Network/networkSecurityGroups",
    api_version: "2025-01-01",
    name: NameRule {
        pattern: "^[a-zA-Z0-9]([a-zA-Z0-9._-]*[a-zA-Z0-9_])?$",
        length: (1, 80),
        words: "1 to 80 letters, digits and . _ -, beginning with a letter or digit and ending with one or _",
        unique: Unique::Scope,
    },
    tags: Tags::AtMost(50),
    put: Put { created: 201, updated: 200, style: Style::AsyncOperation, seconds: 5 },
    update: Update::Put,
    delete: Delete { status: 202, style: Style::AsyncOperation, seconds: 10, query: &[], kept: None },
    embedded: None,
    writers: &[Writer::Itself],
    properties: &[
        rw("location", Location).required().fixed(),
        ro("etag", Text),
        rw("properties.flushConnection", Bool),
        rw("properties.securityRules", Shared("name")).default("[]").opens(&ALLOWS),
        ro("properties.defaultSecurityRules", Any),
        ro("properties.networkInterfaces", Any),
        ro("properties.subnets", Any),
        ro("properties.flowLogs", Any),
        ro("properties.resourceGuid", Text),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.Network 2025-01-01; recorded wire behaviour of Microsoft.Network \
             (azure-cli)",
};
