//! Subnets of a virtual network.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Bool, Shape::Id, Shape::Keyed, Shape::Location,
    Shape::OneOf, Shape::Set, Shape::Text, Shape::Word, Style, Tags, Unique, Update, Writer, ro, rw,
};

/// A subnet. A PUT replaces it whole: a security group, route table or NAT
/// gateway that is left out is detached.
pub static SUBNET: Kind = Kind {
    noun: "subnet",
    resource_type: "Microsoft.Network/virtualNetworks/subnets",
    api_version: "2025-01-01",
    name: NameRule {
        pattern: "^[a-zA-Z0-9]([a-zA-Z0-9._-]*[a-zA-Z0-9_])?$",
        length: (1, 80),
        words: "1 to 80 letters, digits and . _ -, beginning with a letter or digit and ending with one or _",
        unique: Unique::Scope,
    },
    tags: Tags::None,
    put: Put { created: 201, updated: 200, style: Style::AsyncOperation, seconds: 10 },
    update: Update::Put,
    delete: Delete { status: 202, style: Style::AsyncOperation, seconds: 10, query: &[], kept: None },
    embedded: Some("properties.subnets"),
    writers: &[
        Writer::Parent,
        Writer::At("properties.networkSecurityGroup.id"),
        Writer::At("properties.routeTable.id"),
    ],
    properties: &[
        ro("etag", Text),
        // One prefix may be sent in either form and come back in the other.
        rw("properties.addressPrefix", Text),
        rw("properties.addressPrefixes", Set),
        rw("properties.addressPrefixes[]", Text),
        rw("properties.networkSecurityGroup.id", Id),
        rw("properties.routeTable.id", Id),
        rw("properties.natGateway.id", Id),
        rw("properties.serviceEndpoints", Keyed("service")),
        rw("properties.serviceEndpoints[].service", Word),
        rw("properties.serviceEndpoints[].networkIdentifier.id", Id),
        rw("properties.serviceEndpoints[].locations", Set),
        rw("properties.serviceEndpoints[].locations[]", Location),
        ro("properties.serviceEndpoints[].provisioningState", Word),
        rw("properties.serviceEndpointPolicies", Keyed("id")),
        rw("properties.serviceEndpointPolicies[].id", Id),
        rw("properties.delegations", Keyed("name")).default("[]"),
        rw("properties.delegations[].name", Word),
        rw("properties.delegations[].properties.serviceName", Word),
        ro("properties.delegations[].properties.actions", Any),
        ro("properties.delegations[].properties.provisioningState", Word),
        ro("properties.delegations[].id", Id),
        ro("properties.delegations[].type", Word),
        ro("properties.delegations[].etag", Text),
        // The default depends on the api-version, so always send both policies and the next one.
        rw(
            "properties.privateEndpointNetworkPolicies",
            OneOf(&["Enabled", "Disabled", "NetworkSecurityGroupEnabled", "RouteTableEnabled"]),
        ),
        rw("properties.privateLinkServiceNetworkPolicies", OneOf(&["Enabled", "Disabled"])),
        rw("properties.defaultOutboundAccess", Bool),
        rw("properties.sharingScope", OneOf(&["Tenant", "DelegatedServices"])),
        rw("properties.ipAllocations", Any),
        rw("properties.ipamPoolPrefixAllocations", Any),
        rw("properties.applicationGatewayIPConfigurations", Any),
        ro("properties.ipConfigurations", Any),
        ro("properties.ipConfigurationProfiles", Any),
        ro("properties.privateEndpoints", Any),
        ro("properties.resourceNavigationLinks", Any),
        ro("properties.serviceAssociationLinks", Any),
        ro("properties.purpose", Text),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.Network 2025-01-01; recorded: as its virtual network (azure-cli); \
             one writer at a time in a network: HTTP 409 AnotherOperationInProgress in the test records of \
             Azure/terraform quickstart 301",
};
