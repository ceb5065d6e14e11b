//! Bastion hosts.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Bool, Shape::Id, Shape::Int, Shape::Keyed,
    Shape::Location, Shape::OneOf, Shape::Set, Shape::Text, Shape::Word, Style, Tags, Unique, Update, Writer,
    ro, rw,
};

/// A Bastion host.
pub static BASTION_HOST: Kind = Kind {
    noun: "Bastion host",
    resource_type: "Microsoft.Network/bastionHosts",
    api_version: "2025-01-01",
    name: NameRule {
        pattern: "^[a-zA-Z0-9]([a-zA-Z0-9._-]*[a-zA-Z0-9_])?$",
        length: (1, 80),
        words: "1 to 80 letters, digits and . _ -, beginning with a letter or digit and ending with one or _",
        unique: Unique::Scope,
    },
    tags: Tags::AtMost(50),
    put: Put { created: 201, updated: 200, style: Style::AsyncOperation, seconds: 600 },
    update: Update::Put,
    delete: Delete { status: 202, style: Style::AsyncOperation, seconds: 300, query: &[], kept: None },
    embedded: None,
    writers: &[Writer::Itself, Writer::NetworkOf("properties.ipConfigurations[].properties.subnet.id")],
    properties: &[
        rw("location", Location).required().fixed(),
        ro("etag", Text),
        // Raised in place; lowered only by another host.
        rw("sku.name", OneOf(&["Basic", "Standard", "Developer", "Premium"])).default(r#""Standard""#),
        rw("zones", Set).fixed(),
        rw("zones[]", Text),
        rw("properties.ipConfigurations", Keyed("name")),
        rw("properties.ipConfigurations[].name", Word),
        rw("properties.ipConfigurations[].properties.subnet", Any).required(),
        rw("properties.ipConfigurations[].properties.subnet.id", Id).required().fixed(),
        rw("properties.ipConfigurations[].properties.publicIPAddress.id", Id).fixed(),
        rw(
            "properties.ipConfigurations[].properties.privateIPAllocationMethod",
            OneOf(&["Static", "Dynamic"]),
        )
        .default(r#""Dynamic""#),
        ro("properties.ipConfigurations[].properties.provisioningState", Word),
        ro("properties.ipConfigurations[].id", Id),
        ro("properties.ipConfigurations[].type", Word),
        ro("properties.ipConfigurations[].etag", Text),
        // What the Developer tier has in place of configurations.
        rw("properties.virtualNetwork.id", Id).fixed(),
        rw("properties.networkAcls", Any),
        rw("properties.scaleUnits", Int(2, 50)).default("2"),
        rw("properties.disableCopyPaste", Bool).default("false"),
        rw("properties.enableFileCopy", Bool).default("false"),
        rw("properties.enableIpConnect", Bool).default("false"),
        rw("properties.enableShareableLink", Bool).default("false"),
        rw("properties.enableTunneling", Bool).default("false"),
        rw("properties.enableKerberos", Bool).default("false"),
        rw("properties.enableSessionRecording", Bool).default("false"),
        rw("properties.enablePrivateOnlyBastion", Bool).default("false"),
        // The type lets it be sent; Azure decides it.
        ro("properties.dnsName", Word),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.Network 2025-01-01; recorded: azure-cli-extensions \
             test_bastion_host_crud; what is fixed: azurerm bastion_host; accepted statuses: go-azure-sdk \
             network 2025-01-01",
};
