//! Virtual networks.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Bool, Shape::Id, Shape::Int, Shape::List,
    Shape::Location, Shape::OneOf, Shape::Set, Shape::Shared, Shape::Text, Shape::Word, Style, Tags, Unique,
    Update, Writer, ro, rw,
};

/// A virtual network. Its PUT may carry all its subnets and peerings
/// ([`crate::kinds::SUBNET`] and [`crate::kinds::VIRTUAL_NETWORK_PEERING`] are
/// embedded), and a PUT without those that exist may delete them.
pub static VIRTUAL_NETWORK: Kind = Kind {
    noun: "virtual network",
    resource_type: "Microsoft.Network/virtualNetworks",
    api_version: "2025-01-01",
    name: NameRule {
        pattern: "^[a-zA-Z0-9][a-zA-Z0-9._-]*[a-zA-Z0-9_]$",
        length: (2, 64),
        words: "2 to 64 letters, digits and . _ -, beginning with a letter or digit and ending with one or _",
        unique: Unique::Scope,
    },
    tags: Tags::AtMost(50),
    put: Put { created: 201, updated: 200, style: Style::AsyncOperation, seconds: 10 },
    update: Update::Put,
    delete: Delete { status: 202, style: Style::AsyncOperation, seconds: 15, query: &[], kept: None },
    embedded: None,
    // Subnets name their security group and route table, which are written too (azurerm locks the same three).
    writers: &[
        Writer::Itself,
        Writer::At("properties.subnets[].properties.networkSecurityGroup.id"),
        Writer::At("properties.subnets[].properties.routeTable.id"),
    ],
    properties: &[
        rw("location", Location).required().fixed(),
        rw("extendedLocation", Any).fixed(),
        ro("etag", Text),
        // The definitions leave both out; the provider refuses a network without prefixes or an allocation.
        rw("properties", Any).required(),
        rw("properties.addressSpace", Any).required(),
        rw("properties.addressSpace.addressPrefixes", Set),
        rw("properties.addressSpace.addressPrefixes[]", Text),
        rw("properties.addressSpace.ipamPoolPrefixAllocations", Any),
        // Order is the order in which resolvers are asked.
        rw("properties.dhcpOptions.dnsServers", List).default("[]"),
        rw("properties.dhcpOptions.dnsServers[]", Text),
        rw("properties.flowTimeoutInMinutes", Int(4, 30)),
        rw("properties.subnets", Shared("name")).default("[]"),
        rw("properties.virtualNetworkPeerings", Shared("name")).default("[]"),
        rw("properties.enableDdosProtection", Bool).default("false"),
        rw("properties.enableVmProtection", Bool),
        rw("properties.ddosProtectionPlan.id", Id),
        rw("properties.bgpCommunities.virtualNetworkCommunity", Text).required(),
        ro("properties.bgpCommunities.regionalCommunity", Text),
        rw("properties.encryption.enabled", Bool).required(),
        rw("properties.encryption.enforcement", OneOf(&["DropUnencrypted", "AllowUnencrypted"])),
        rw("properties.ipAllocations", Any),
        rw("properties.privateEndpointVNetPolicies", OneOf(&["Disabled", "Basic"])),
        ro("properties.flowLogs", Any),
        ro("properties.defaultPublicNatGateway", Any),
        ro("properties.resourceGuid", Text),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.Network 2025-01-01; recorded: 201 with the body and \
             Azure-AsyncOperation on PUT, 202 with both headers on DELETE, defaults (azure-cli, \
             test_natgateway_basic); one writer at a time: azurerm virtual_network_resource.go",
};
