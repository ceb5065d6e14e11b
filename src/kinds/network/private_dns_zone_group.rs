//! The zone group of a private endpoint: it writes the endpoint's records.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Id, Shape::Keyed, Shape::Text, Shape::Word, Style, Tags,
    Unique, Update, Writer, ro, rw,
};

/// A private DNS zone group. An endpoint has one at most, with five zones at most.
pub static PRIVATE_DNS_ZONE_GROUP: Kind = Kind {
    noun: "private DNS zone group",
    resource_type: "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
    api_version: "2025-01-01",
    name: NameRule {
        pattern: "^[a-zA-Z0-9]([a-zA-Z0-9._-]*[a-zA-Z0-9_])?$",
        length: (1, 80),
        words: "1 to 80 letters, digits and . _ -, beginning with a letter or digit and ending with one or _",
        unique: Unique::Scope,
    },
    tags: Tags::None,
    put: Put { created: 201, updated: 200, style: Style::AsyncOperation, seconds: 15 },
    update: Update::Put,
    delete: Delete { status: 202, style: Style::AsyncOperation, seconds: 10, query: &[], kept: None },
    embedded: None,
    writers: &[Writer::Parent],
    properties: &[
        ro("etag", Text),
        rw("properties.privateDnsZoneConfigs", Keyed("name")),
        rw("properties.privateDnsZoneConfigs[].name", Word),
        // Azure refuses another zone in place: the group is deleted and made again (azurerm#27559).
        rw("properties.privateDnsZoneConfigs[].properties.privateDnsZoneId", Id).fixed(),
        ro("properties.privateDnsZoneConfigs[].properties.recordSets", Any),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.Network 2025-01-01; recorded: azure-cli \
             test_network_private_endpoints; azurerm private_endpoint",
};
