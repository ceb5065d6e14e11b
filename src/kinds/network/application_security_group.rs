//! Application security groups.

use crate::kinds::{
    Delete, Kind, Put, Shape::Location, Shape::Text, Shape::Word, Style, Tags, Update, Writer, ro, rw,
};

use super::ORDINARY_NAME;

/// An application security group: a name that interfaces bear and rules use.
pub static APPLICATION_SECURITY_GROUP: Kind = Kind {
    noun: "application security group",
    resource_type: "Microsoft.Network/applicationSecurityGroups",
    api_version: "2025-01-01",
    name: ORDINARY_NAME,
    tags: Tags::AtMost(50),
    put: Put { created: 201, updated: 200, style: Style::AsyncOperation, seconds: 5 },
    update: Update::Put,
    delete: Delete { status: 202, style: Style::AsyncOperation, seconds: 5, query: &[], kept: None },
    embedded: None,
    writers: &[Writer::Itself],
    properties: &[
        rw("location", Location).required().fixed(),
        ro("etag", Text),
        ro("properties.resourceGuid", Text),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.Network 2025-01-01; accepted statuses: go-azure-sdk network 2025-01-01",
};
