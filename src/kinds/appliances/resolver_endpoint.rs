//! The endpoints of DNS resolvers. Each has a subnet to itself, delegated to
//! the service.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Id, Shape::List, Shape::Location, Shape::OneOf,
    Shape::Text, Shape::Word, Style, Tags, Unique, Update, Writer, ro, rw,
};

const NAME: NameRule = NameRule {
    pattern: "^[a-zA-Z0-9][a-zA-Z0-9_-]*$",
    length: (1, 80),
    words: "1 to 80 letters, digits and _ -, beginning with a letter or digit",
    unique: Unique::Scope,
};

/// Where names of the network are asked for.
pub static INBOUND_ENDPOINT: Kind = Kind {
    noun: "inbound endpoint",
    resource_type: "Microsoft.Network/dnsResolvers/inboundEndpoints",
    api_version: "2025-05-01",
    name: NAME,
    tags: Tags::AtMost(50),
    put: Put { created: 202, updated: 202, style: Style::AsyncOperationOnly, seconds: 160 },
    update: Update::Put,
    delete: Delete { status: 202, style: Style::AsyncOperation, seconds: 60, query: &[], kept: None },
    embedded: None,
    writers: &[Writer::NetworkOf("properties.ipConfigurations[].subnet.id")],
    properties: &[
        rw("location", Location).required().fixed(),
        ro("etag", Text),
        rw("properties", Any).required(),
        rw("properties.ipConfigurations", List).required(),
        rw("properties.ipConfigurations[]", Any).required(),
        rw("properties.ipConfigurations[].subnet", Any).required(),
        rw("properties.ipConfigurations[].subnet.id", Id).required().fixed(),
        rw("properties.ipConfigurations[].privateIpAddress", Text),
        rw("properties.ipConfigurations[].privateIpAllocationMethod", OneOf(&["Static", "Dynamic"]))
            .default(r#""Dynamic""#),
        ro("properties.resourceGuid", Text),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.Network 2025-05-01 (DNS resolver); recorded: azure-cli-extensions \
             test_dns_resolver_inbound_crud; what is fixed: azurerm private_dns_resolver_inbound_endpoint",
};

/// From where names are asked for elsewhere, as rulesets say.
pub static OUTBOUND_ENDPOINT: Kind = Kind {
    noun: "outbound endpoint",
    resource_type: "Microsoft.Network/dnsResolvers/outboundEndpoints",
    api_version: "2025-05-01",
    name: NAME,
    tags: Tags::AtMost(50),
    put: Put { created: 202, updated: 202, style: Style::AsyncOperationOnly, seconds: 110 },
    update: Update::Put,
    delete: Delete { status: 202, style: Style::AsyncOperation, seconds: 60, query: &[], kept: None },
    embedded: None,
    writers: &[Writer::NetworkOf("properties.subnet.id")],
    properties: &[
        rw("location", Location).required().fixed(),
        ro("etag", Text),
        rw("properties", Any).required(),
        rw("properties.subnet", Any).required(),
        rw("properties.subnet.id", Id).required().fixed(),
        ro("properties.resourceGuid", Text),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.Network 2025-05-01 (DNS resolver); recorded: azure-cli-extensions \
             test_dns_resolver_rule_crud; what is fixed: azurerm private_dns_resolver_outbound_endpoint",
};
