//! DNS resolvers.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Id, Shape::Location, Shape::Text, Shape::Word, Style,
    Tags, Unique, Update, ro, rw,
};

/// The DNS resolver of a network, which has one at most.
pub static DNS_RESOLVER: Kind = Kind {
    noun: "DNS resolver",
    resource_type: "Microsoft.Network/dnsResolvers",
    api_version: "2025-05-01",
    name: NameRule {
        pattern: "^[a-zA-Z0-9][a-zA-Z0-9_-]*$",
        length: (1, 80),
        words: "1 to 80 letters, digits and _ -, beginning with a letter or digit",
        unique: Unique::Scope,
    },
    tags: Tags::AtMost(50),
    put: Put { created: 202, updated: 202, style: Style::AsyncOperationOnly, seconds: 30 },
    update: Update::Put,
    delete: Delete { status: 202, style: Style::AsyncOperation, seconds: 20, query: &[], kept: None },
    embedded: None,
    writers: &[],
    properties: &[
        rw("location", Location).required().fixed(),
        ro("etag", Text),
        rw("properties", Any).required(),
        rw("properties.virtualNetwork", Any).required(),
        rw("properties.virtualNetwork.id", Id).required().fixed(),
        ro("properties.dnsResolverState", Word),
        ro("properties.resourceGuid", Text),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.Network 2025-05-01 (DNS resolver); recorded: azure-cli-extensions \
             test_dns_resolver_crud; what is fixed: azurerm private_dns_resolver",
};
