//! Private DNS zones.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Int, Shape::Location, Shape::Text, Shape::Word, Style, Tags, Unique,
    Update, Writer, ro, rw,
};

/// A private DNS zone. Many of one name may exist; a network is linked to one.
pub static PRIVATE_DNS_ZONE: Kind = Kind {
    noun: "private DNS zone",
    resource_type: "Microsoft.Network/privateDnsZones",
    api_version: "2024-06-01",
    name: NameRule {
        pattern: "(?i)^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?([.][a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?){1,33}$",
        length: (3, 253),
        words: "a DNS name of 2 to 34 labels, each of 1 to 63 letters, digits, _ and -",
        unique: Unique::Scope,
    },
    tags: Tags::AtMost(15),
    put: Put { created: 202, updated: 202, style: Style::AsyncOperationOnly, seconds: 30 },
    update: Update::Put,
    delete: Delete { status: 202, style: Style::AsyncOperation, seconds: 30, query: &[], kept: None },
    embedded: None,
    writers: &[Writer::Itself],
    properties: &[
        // Always `global`.
        rw("location", Location).required().fixed(),
        ro("etag", Text),
        ro("properties.maxNumberOfRecordSets", Int(0, i64::MAX)),
        ro("properties.numberOfRecordSets", Int(0, i64::MAX)),
        ro("properties.maxNumberOfVirtualNetworkLinks", Int(0, i64::MAX)),
        ro("properties.numberOfVirtualNetworkLinks", Int(0, i64::MAX)),
        ro("properties.maxNumberOfVirtualNetworkLinksWithRegistration", Int(0, i64::MAX)),
        ro("properties.numberOfVirtualNetworkLinksWithRegistration", Int(0, i64::MAX)),
        ro("properties.internalId", Text),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.Network 2024-06-01 (private DNS); accepted statuses: go-azure-sdk \
             privatedns 2024-06-01; tag limit: learn.microsoft.com, tag support",
};
