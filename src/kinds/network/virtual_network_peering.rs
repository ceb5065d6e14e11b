//! Peerings of a virtual network with another.

use crate::kinds::{
    Delete, Kind, Put, Shape::Any, Shape::Bool, Shape::Id, Shape::Set, Shape::Text, Shape::Word, Style, Tags,
    Update, Writer, ro, rw,
};

use super::ORDINARY_NAME;

/// One side of a peering. Two networks are connected once each names the other.
pub static VIRTUAL_NETWORK_PEERING: Kind = Kind {
    noun: "virtual network peering",
    resource_type: "Microsoft.Network/virtualNetworks/virtualNetworkPeerings",
    api_version: "2025-01-01",
    name: ORDINARY_NAME,
    tags: Tags::None,
    put: Put { created: 201, updated: 200, style: Style::AsyncOperation, seconds: 10 },
    update: Update::Put,
    delete: Delete { status: 202, style: Style::AsyncOperation, seconds: 10, query: &[], kept: None },
    embedded: Some("properties.virtualNetworkPeerings"),
    writers: &[Writer::Parent, Writer::At("properties.remoteVirtualNetwork.id")],
    properties: &[
        ro("etag", Text),
        rw("properties.remoteVirtualNetwork.id", Id).fixed(),
        rw("properties.allowVirtualNetworkAccess", Bool).default("true"),
        rw("properties.allowForwardedTraffic", Bool).default("false"),
        rw("properties.allowGatewayTransit", Bool).default("false"),
        rw("properties.useRemoteGateways", Bool).default("false"),
        rw("properties.doNotVerifyRemoteGateways", Bool).default("false"),
        rw("properties.peerCompleteVnets", Bool).fixed().default("true"),
        rw("properties.enableOnlyIPv6Peering", Bool).fixed(),
        rw("properties.localSubnetNames", Set),
        rw("properties.localSubnetNames[]", Word),
        rw("properties.remoteSubnetNames", Set),
        rw("properties.remoteSubnetNames[]", Word),
        // The type lets clients send what follows, and Azure decides it.
        rw("properties.peeringState", Word),
        rw("properties.peeringSyncLevel", Word),
        rw("properties.localAddressSpace", Any),
        rw("properties.localVirtualNetworkAddressSpace", Any),
        rw("properties.remoteAddressSpace", Any),
        rw("properties.remoteVirtualNetworkAddressSpace", Any),
        rw("properties.remoteBgpCommunities", Any),
        ro("properties.remoteVirtualNetworkEncryption", Any),
        ro("properties.resourceGuid", Text),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.Network 2025-01-01; defaults, what is fixed and both locks: azurerm \
             virtual_network_peering; states: learn.microsoft.com, virtual network peering",
};
