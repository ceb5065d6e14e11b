//! What is linked to a private link scope.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Id, Shape::Word, Style, Tags, Unique, Update, Writer, ro, rw,
};

/// A component or workspace that is linked to a private link scope.
pub static SCOPED_RESOURCE: Kind = Kind {
    noun: "scoped resource",
    resource_type: "Microsoft.Insights/privateLinkScopes/scopedResources",
    api_version: "2021-09-01",
    name: NameRule {
        pattern: r"^[A-Za-z0-9_.()-]*[A-Za-z0-9_()-]$",
        length: (1, 255),
        words: "1 to 255 letters, digits and _ . ( ) -, not ending with a full stop",
        unique: Unique::Scope,
    },
    tags: Tags::None,
    put: Put { created: 201, updated: 200, style: Style::AsyncOperation, seconds: 10 },
    update: Update::Put,
    delete: Delete { status: 202, style: Style::AsyncOperation, seconds: 10, query: &[], kept: None },
    embedded: None,
    writers: &[Writer::Parent],
    properties: &[
        rw("properties.linkedResourceId", Id).required().fixed(),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.Insights 2021-09-01; accepted statuses: go-azure-sdk insights \
             2019-10-17-preview; what may be linked: learn.microsoft.com, Azure Monitor private link",
};
