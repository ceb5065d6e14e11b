//! Private link scopes of Azure Monitor.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Keyed, Shape::Location, Shape::OneOf, Shape::Text,
    Shape::Word, Style, Tags, Unique, Update, Writer, ro, rw,
};

/// A private link scope of Azure Monitor: what is linked to it is reached through
/// the endpoints to it.
pub static PRIVATE_LINK_SCOPE: Kind = Kind {
    noun: "private link scope",
    resource_type: "Microsoft.Insights/privateLinkScopes",
    api_version: "2021-09-01",
    name: NameRule {
        pattern: r"^[A-Za-z0-9_.()-]*[A-Za-z0-9_()-]$",
        length: (1, 255),
        words: "1 to 255 letters, digits and _ . ( ) -, not ending with a full stop",
        unique: Unique::Scope,
    },
    tags: Tags::AtMost(50),
    put: Put { created: 201, updated: 200, style: Style::Sync, seconds: 5 },
    update: Update::Put,
    delete: Delete { status: 202, style: Style::AsyncOperation, seconds: 10, query: &[], kept: None },
    embedded: None,
    writers: &[Writer::Itself],
    properties: &[
        rw("location", Location).required().fixed(),
        rw("properties", Any).required(),
        rw("properties.accessModeSettings", Any).required(),
        rw("properties.accessModeSettings.ingestionAccessMode", OneOf(&["Open", "PrivateOnly"])).required(),
        rw("properties.accessModeSettings.queryAccessMode", OneOf(&["Open", "PrivateOnly"])).required(),
        rw("properties.accessModeSettings.exclusions", Keyed("privateEndpointConnectionName")).default("[]"),
        rw("properties.accessModeSettings.exclusions[].privateEndpointConnectionName", Text),
        rw("properties.accessModeSettings.exclusions[].ingestionAccessMode", OneOf(&["Open", "PrivateOnly"])),
        rw("properties.accessModeSettings.exclusions[].queryAccessMode", OneOf(&["Open", "PrivateOnly"])),
        ro("properties.privateEndpointConnections", Any),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.Insights 2021-09-01; accepted statuses: go-azure-sdk insights \
             2021-07-01-preview",
};
