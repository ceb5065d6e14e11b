//! Resource groups.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Location, Shape::Text, Shape::Word, Style, Tags, Unique, Update, ro,
    rw,
};

/// A resource group. Its DELETE takes everything in it along, in no given order.
pub static RESOURCE_GROUP: Kind = Kind {
    noun: "resource group",
    resource_type: "Microsoft.Resources/resourceGroups",
    api_version: "2025-04-01",
    name: NameRule {
        pattern: r"^[\w.()-]*[\w()-]$",
        length: (1, 90),
        words: "1 to 90 letters, digits and . _ - ( ), not ending with a full stop",
        unique: Unique::Scope,
    },
    tags: Tags::AtMost(50),
    put: Put { created: 201, updated: 200, style: Style::Sync, seconds: 2 },
    update: Update::Patch,
    delete: Delete { status: 202, style: Style::Location, seconds: 30, query: &[], kept: None },
    embedded: None,
    writers: &[],
    properties: &[
        rw("location", Location).required().fixed(),
        rw("managedBy", Text).fixed(),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.Resources 2025-04-01; ARM resource provider contract; recorded: 201 on \
             PUT, 202 with Location on DELETE (azure-service-operator)",
};
