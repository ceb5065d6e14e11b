//! Links between private DNS zones and virtual networks.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Bool, Shape::Id, Shape::Location, Shape::OneOf,
    Shape::Text, Shape::Word, Style, Tags, Unique, Update, ro, rw,
};

/// A virtual network link of a private DNS zone. Reads flap after its deletion.
pub static VIRTUAL_NETWORK_LINK: Kind = Kind {
    noun: "virtual network link",
    resource_type: "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
    api_version: "2024-06-01",
    name: NameRule {
        pattern: "^[a-zA-Z0-9]([a-zA-Z0-9._-]*[a-zA-Z0-9_])?$",
        length: (1, 80),
        words: "1 to 80 letters, digits and . _ -, beginning with a letter or digit and ending with one or _",
        unique: Unique::Scope,
    },
    tags: Tags::AtMost(15),
    put: Put { created: 202, updated: 202, style: Style::AsyncOperationOnly, seconds: 30 },
    update: Update::Put,
    delete: Delete { status: 202, style: Style::AsyncOperation, seconds: 60, query: &[], kept: None },
    embedded: None,
    writers: &[],
    properties: &[
        // Always `global`.
        rw("location", Location).required().fixed(),
        ro("etag", Text),
        rw("properties", Any).required(),
        rw("properties.virtualNetwork", Any).required(),
        rw("properties.virtualNetwork.id", Id).required().fixed(),
        rw("properties.registrationEnabled", Bool),
        rw("properties.resolutionPolicy", OneOf(&["Default", "NxDomainRedirect"])),
        ro("properties.virtualNetworkLinkState", Word),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.Network 2024-06-01 (private DNS); accepted statuses: go-azure-sdk \
             privatedns 2024-06-01; what is fixed: azurerm private_dns_zone_virtual_network_link",
};
