//! Local network gateways: the far ends of VPN connections.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Location, Shape::Text, Shape::Word, Style, Tags, Unique,
    Update, Writer, ro, rw,
};

/// A gateway on the far side of a connection.
pub static LOCAL_NETWORK_GATEWAY: Kind = Kind {
    noun: "local network gateway",
    resource_type: "Microsoft.Network/localNetworkGateways",
    api_version: "2025-01-01",
    name: NameRule {
        pattern: "^[a-zA-Z0-9]([a-zA-Z0-9._-]*[a-zA-Z0-9_])?$",
        length: (1, 80),
        words: "1 to 80 letters, digits and . _ -, beginning with a letter or digit and ending with one or _",
        unique: Unique::Scope,
    },
    tags: Tags::AtMost(50),
    put: Put { created: 201, updated: 200, style: Style::AsyncOperation, seconds: 10 },
    update: Update::Put,
    delete: Delete { status: 202, style: Style::AsyncOperation, seconds: 10, query: &[], kept: None },
    embedded: None,
    writers: &[Writer::Itself],
    properties: &[
        rw("location", Location).required().fixed(),
        ro("etag", Text),
        rw("properties", Any).required(),
        rw("properties.localNetworkAddressSpace", Any),
        // One of the two.
        rw("properties.gatewayIpAddress", Text),
        rw("properties.fqdn", Word),
        rw("properties.bgpSettings", Any),
        ro("properties.resourceGuid", Text),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.Network 2025-01-01; accepted statuses: go-azure-sdk network 2025-01-01; \
             recorded wire behaviour of Microsoft.Network (azure-cli)",
};
