//! Public IP prefixes.

use crate::kinds::{
    Delete, Kind, Put, Shape::Any, Shape::Id, Shape::Int, Shape::Keyed, Shape::Location, Shape::OneOf,
    Shape::Set, Shape::Text, Shape::Word, Style, Tags, Update, Writer, ro, rw,
};

use super::ORDINARY_NAME;

/// A public IP prefix: a range that public addresses can be taken from.
pub static PUBLIC_IP_PREFIX: Kind = Kind {
    noun: "public IP prefix",
    resource_type: "Microsoft.Network/publicIPPrefixes",
    api_version: "2025-01-01",
    name: ORDINARY_NAME,
    tags: Tags::AtMost(50),
    put: Put { created: 201, updated: 200, style: Style::AsyncOperation, seconds: 5 },
    update: Update::Put,
    delete: Delete { status: 202, style: Style::AsyncOperation, seconds: 10, query: &[], kept: None },
    embedded: None,
    writers: &[Writer::Itself],
    properties: &[
        rw("location", Location).required().fixed(),
        rw("extendedLocation", Any).fixed(),
        ro("etag", Text),
        rw("sku.name", OneOf(&["Standard", "StandardV2"])).fixed(),
        rw("sku.tier", OneOf(&["Regional", "Global"])).fixed().default(r#""Regional""#),
        rw("zones", Set).fixed(),
        rw("zones[]", Text),
        rw("properties.prefixLength", Int(0, 127)).fixed(),
        rw("properties.publicIPAddressVersion", OneOf(&["IPv4", "IPv6"])).fixed().default(r#""IPv4""#),
        rw("properties.ipTags", Keyed("ipTagType")).fixed(),
        rw("properties.ipTags[].ipTagType", Word),
        rw("properties.ipTags[].tag", Text).fixed(),
        rw("properties.customIPPrefix.id", Id).fixed(),
        // A gateway names its prefixes; the prefix only shows it.
        rw("properties.natGateway", Any),
        ro("properties.ipPrefix", Text),
        ro("properties.publicIPAddresses", Any),
        ro("properties.loadBalancerFrontendIpConfiguration", Any),
        ro("properties.resourceGuid", Text),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.Network 2025-01-01; accepted statuses: go-azure-sdk network 2025-01-01; \
             what is fixed and the bounds: azurerm public_ip_prefix",
};
