//! Connections of virtual network gateways.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Bool, Shape::Id, Shape::Int, Shape::Keyed,
    Shape::Location, Shape::OneOf, Shape::Secret, Shape::Text, Shape::Word, Style, Tags, Unique, Update,
    Writer, ro, rw, wo,
};

/// A connection between a gateway and another, or a circuit. Its key is asked
/// for at an address of its own.
pub static CONNECTION: Kind = Kind {
    noun: "gateway connection",
    resource_type: "Microsoft.Network/connections",
    api_version: "2025-01-01",
    name: NameRule {
        pattern: "^[a-zA-Z0-9]([a-zA-Z0-9._-]*[a-zA-Z0-9_])?$",
        length: (1, 80),
        words: "1 to 80 letters, digits and . _ -, beginning with a letter or digit and ending with one or _",
        unique: Unique::Scope,
    },
    tags: Tags::AtMost(50),
    put: Put { created: 201, updated: 200, style: Style::AsyncOperation, seconds: 70 },
    update: Update::Put,
    delete: Delete { status: 202, style: Style::AsyncOperation, seconds: 30, query: &[], kept: None },
    embedded: None,
    writers: &[
        Writer::Itself,
        Writer::At("properties.virtualNetworkGateway1.id"),
        Writer::At("properties.virtualNetworkGateway2.id"),
    ],
    properties: &[
        rw("location", Location).required().fixed(),
        ro("etag", Text),
        rw("properties", Any).required(),
        rw("properties.virtualNetworkGateway1", Any).required(),
        rw("properties.virtualNetworkGateway1.id", Id).required().fixed(),
        rw("properties.virtualNetworkGateway2.id", Id).fixed(),
        rw("properties.localNetworkGateway2.id", Id).fixed(),
        // An ExpressRoute circuit.
        rw("properties.peer.id", Id).fixed(),
        rw("properties.connectionType", OneOf(&["IPsec", "Vnet2Vnet", "ExpressRoute", "VPNClient"]))
            .required()
            .fixed(),
        rw("properties.connectionProtocol", OneOf(&["IKEv2", "IKEv1"])).fixed(),
        rw("properties.connectionMode", OneOf(&["Default", "ResponderOnly", "InitiatorOnly"]))
            .default(r#""Default""#),
        wo("properties.sharedKey", Secret),
        wo("properties.authorizationKey", Secret),
        rw("properties.authenticationType", OneOf(&["PSK", "Certificate"])),
        rw("properties.certificateAuthentication", Any),
        rw("properties.routingWeight", Int(0, 32000)).default("0"),
        rw("properties.dpdTimeoutSeconds", Int(0, 3600)).default("0"),
        rw("properties.enableBgp", Bool).default("false"),
        rw("properties.useLocalAzureIpAddress", Bool).default("false"),
        rw("properties.usePolicyBasedTrafficSelectors", Bool).default("false"),
        rw("properties.expressRouteGatewayBypass", Bool).default("false"),
        rw("properties.enablePrivateLinkFastPath", Bool),
        rw("properties.ingressNatRules", Keyed("id")),
        rw("properties.ingressNatRules[].id", Id),
        rw("properties.egressNatRules", Keyed("id")),
        rw("properties.egressNatRules[].id", Id),
        rw("properties.gatewayCustomBgpIpAddresses", Any),
        rw("properties.ipsecPolicies", Any).default("[]"),
        rw("properties.trafficSelectorPolicies", Any).default("[]"),
        rw("properties.tunnelProperties", Any),
        ro("properties.connectionStatus", Word),
        ro("properties.tunnelConnectionStatus", Any),
        ro("properties.ingressBytesTransferred", Int(0, i64::MAX)),
        ro("properties.egressBytesTransferred", Int(0, i64::MAX)),
        ro("properties.resourceGuid", Text),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.Network 2025-01-01; recorded: azure-cli test_network_vpn_gateway; what is \
             fixed: azurerm virtual_network_gateway_connection; accepted statuses: go-azure-sdk network 2025-01-01",
};
