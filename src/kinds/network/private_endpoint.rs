//! Private endpoints.

use crate::kinds::{
    Approval, Delete, Kind, NameRule, Put, Shape::Any, Shape::Id, Shape::Keyed, Shape::Location, Shape::Set,
    Shape::Text, Shape::Word, Style, Tags, Unique, Update, Writer, ro, rw,
};

/// What an endpoint may not use before the owner of its target says so. Azure
/// says it for whoever has the right to, and asks for that in the first list.
static APPROVAL: Approval = Approval {
    of: "properties.privateLinkServiceId",
    status: "properties.privateLinkServiceConnectionState.status",
    said: "properties.privateLinkServiceConnectionState.description",
    given: "Approved",
    pending: "Pending",
    // The target was deleted, or the connection was removed there ("manage private endpoint connections").
    lost: "Disconnected",
    kept_in: "privateEndpointConnections",
    asker: "properties.privateEndpoint.id",
};

/// A private endpoint. Its PUT calls the target's own provider, which fails it
/// where another is at work on the same target; a PUT that succeeded is usable
/// only once its connection is `Approved`.
pub static PRIVATE_ENDPOINT: Kind = Kind {
    noun: "private endpoint",
    resource_type: "Microsoft.Network/privateEndpoints",
    api_version: "2025-01-01",
    name: NameRule {
        pattern: "^[a-zA-Z0-9][a-zA-Z0-9._-]*[a-zA-Z0-9_]$",
        length: (2, 64),
        words: "2 to 64 letters, digits and . _ -, beginning with a letter or digit and ending with one or _",
        unique: Unique::Scope,
    },
    tags: Tags::AtMost(50),
    put: Put { created: 201, updated: 200, style: Style::AsyncOperation, seconds: 90 },
    update: Update::Put,
    delete: Delete { status: 202, style: Style::AsyncOperation, seconds: 30, query: &[], kept: None },
    embedded: None,
    writers: &[
        Writer::Itself,
        Writer::NetworkOf("properties.subnet.id"),
        Writer::At("properties.privateLinkServiceConnections[].properties.privateLinkServiceId"),
        Writer::At("properties.manualPrivateLinkServiceConnections[].properties.privateLinkServiceId"),
    ],
    properties: &[
        // The network's region; the target may lie elsewhere.
        rw("location", Location).required().fixed(),
        rw("extendedLocation", Any).fixed(),
        ro("etag", Text),
        rw("properties", Any).required(),
        rw("properties.subnet", Any).required(),
        rw("properties.subnet.id", Id).required().fixed(),
        // Exactly one of the two lists is used: the second waits for the target's owner.
        rw("properties.privateLinkServiceConnections", Keyed("name")).fixed().approved(&APPROVAL),
        rw("properties.privateLinkServiceConnections[].name", Word).fixed(),
        rw("properties.privateLinkServiceConnections[].properties.privateLinkServiceId", Id).fixed(),
        rw("properties.privateLinkServiceConnections[].properties.groupIds", Set).fixed(),
        rw("properties.privateLinkServiceConnections[].properties.groupIds[]", Word),
        rw("properties.privateLinkServiceConnections[].properties.requestMessage", Text),
        rw("properties.privateLinkServiceConnections[].properties.privateLinkServiceConnectionState", Any),
        ro("properties.privateLinkServiceConnections[].properties.provisioningState", Word),
        ro("properties.privateLinkServiceConnections[].id", Id),
        ro("properties.privateLinkServiceConnections[].type", Word),
        ro("properties.privateLinkServiceConnections[].etag", Text),
        rw("properties.manualPrivateLinkServiceConnections", Keyed("name"))
            .fixed()
            .default("[]")
            .approved(&APPROVAL),
        rw("properties.manualPrivateLinkServiceConnections[].name", Word).fixed(),
        rw("properties.manualPrivateLinkServiceConnections[].properties.privateLinkServiceId", Id).fixed(),
        rw("properties.manualPrivateLinkServiceConnections[].properties.groupIds", Set).fixed(),
        rw("properties.manualPrivateLinkServiceConnections[].properties.groupIds[]", Word),
        rw("properties.manualPrivateLinkServiceConnections[].properties.requestMessage", Text),
        rw(
            "properties.manualPrivateLinkServiceConnections[].properties.privateLinkServiceConnectionState",
            Any,
        ),
        ro("properties.manualPrivateLinkServiceConnections[].properties.provisioningState", Word),
        ro("properties.manualPrivateLinkServiceConnections[].id", Id),
        ro("properties.manualPrivateLinkServiceConnections[].type", Word),
        ro("properties.manualPrivateLinkServiceConnections[].etag", Text),
        rw("properties.customNetworkInterfaceName", Word).fixed().default(r#""""#),
        rw("properties.ipConfigurations", Keyed("name")).fixed().default("[]"),
        rw("properties.ipConfigurations[].name", Word).fixed(),
        rw("properties.ipConfigurations[].properties.groupId", Word).fixed(),
        rw("properties.ipConfigurations[].properties.memberName", Word).fixed(),
        rw("properties.ipConfigurations[].properties.privateIPAddress", Text).fixed(),
        ro("properties.ipConfigurations[].type", Word),
        ro("properties.ipConfigurations[].etag", Text),
        rw("properties.applicationSecurityGroups", Keyed("id")),
        rw("properties.applicationSecurityGroups[].id", Id),
        // Empty once a zone group writes the records.
        rw("properties.customDnsConfigs", Any).default("[]"),
        ro("properties.networkInterfaces", Any),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.Network 2025-01-01; recorded: azure-cli test_network_private_endpoints; \
             what is fixed: azurerm private_endpoint; contention on subnet and target: test records of \
             Azure/terraform quickstart 301",
};
