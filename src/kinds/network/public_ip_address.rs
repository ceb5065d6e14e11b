//! Public IP addresses.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Id, Shape::Int, Shape::Keyed, Shape::Location,
    Shape::OneOf, Shape::Set, Shape::Text, Shape::Word, Style, Tags, Unique, Update, ro, rw,
};

/// A public IP address.
pub static PUBLIC_IP_ADDRESS: Kind = Kind {
    noun: "public IP address",
    resource_type: "Microsoft.Network/publicIPAddresses",
    api_version: "2025-01-01",
    name: NameRule {
        pattern: "^[a-zA-Z0-9]([a-zA-Z0-9._-]*[a-zA-Z0-9_])?$",
        length: (1, 80),
        words: "1 to 80 letters, digits and . _ -, beginning with a letter or digit and ending with one or _",
        unique: Unique::Scope,
    },
    tags: Tags::AtMost(50),
    put: Put { created: 201, updated: 200, style: Style::AsyncOperation, seconds: 5 },
    update: Update::Put,
    delete: Delete { status: 202, style: Style::AsyncOperation, seconds: 10, query: &[], kept: None },
    embedded: None,
    writers: &[],
    properties: &[
        rw("location", Location).required().fixed(),
        rw("extendedLocation", Any).fixed(),
        ro("etag", Text),
        rw("sku.name", OneOf(&["Basic", "Standard", "StandardV2"])).fixed(),
        rw("sku.tier", OneOf(&["Regional", "Global"])).fixed().default(r#""Regional""#),
        rw("zones", Set).fixed(),
        rw("zones[]", Text),
        // A Standard address is Static.
        rw("properties.publicIPAllocationMethod", OneOf(&["Static", "Dynamic"])),
        rw("properties.publicIPAddressVersion", OneOf(&["IPv4", "IPv6"])).fixed().default(r#""IPv4""#),
        rw("properties.idleTimeoutInMinutes", Int(4, 30)).default("4"),
        rw("properties.dnsSettings.domainNameLabel", Word),
        rw(
            "properties.dnsSettings.domainNameLabelScope",
            OneOf(&["TenantReuse", "SubscriptionReuse", "ResourceGroupReuse", "NoReuse"]),
        )
        .fixed(),
        rw("properties.dnsSettings.fqdn", Word),
        rw("properties.dnsSettings.reverseFqdn", Word),
        rw(
            "properties.ddosSettings.protectionMode",
            OneOf(&["VirtualNetworkInherited", "Enabled", "Disabled"]),
        )
        .default(r#""VirtualNetworkInherited""#),
        rw("properties.ddosSettings.ddosProtectionPlan.id", Id),
        rw("properties.ipTags", Keyed("ipTagType")).fixed(),
        rw("properties.ipTags[].ipTagType", Word),
        rw("properties.ipTags[].tag", Text).fixed(),
        // Given by Azure; the type lets it be sent, for addresses out of one's own prefix.
        rw("properties.ipAddress", Text),
        rw("properties.publicIPPrefix.id", Id).fixed(),
        rw("properties.deleteOption", OneOf(&["Delete", "Detach"])),
        rw("properties.migrationPhase", OneOf(&["None", "Prepare", "Commit", "Abort", "Committed"])),
        rw("properties.servicePublicIPAddress.id", Id),
        rw("properties.linkedPublicIPAddress.id", Id),
        rw("properties.natGateway.id", Id),
        ro("properties.ipConfiguration", Any),
        ro("properties.resourceGuid", Text),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.Network 2025-01-01; recorded: defaults (azure-cli); what is fixed \
             and the bounds: azurerm public_ip",
};
