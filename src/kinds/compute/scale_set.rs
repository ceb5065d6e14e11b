//! Virtual machine scale sets.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Bool, Shape::Id, Shape::IdMap, Shape::Int, Shape::Keyed,
    Shape::Location, Shape::OneOf, Shape::Secret, Shape::Set, Shape::Text, Shape::Word, Style, Tags, Unique,
    Update, Writer, ro, rw, wo,
};

const SUBNETS: &str = "properties.virtualMachineProfile.networkProfile.networkInterfaceConfigurations[]\
                       .properties.ipConfigurations[].properties.subnet.id";

/// A scale set. Its machines are answered, not stored; its extensions are
/// stored as such.
pub static SCALE_SET: Kind = Kind {
    noun: "virtual machine scale set",
    resource_type: "Microsoft.Compute/virtualMachineScaleSets",
    api_version: "2025-04-01",
    name: NameRule {
        pattern: "^[a-zA-Z0-9]([a-zA-Z0-9._-]*[a-zA-Z0-9_])?$",
        length: (1, 64),
        words: "1 to 64 letters, digits and . _ -, beginning with a letter or digit and ending with one or _",
        unique: Unique::Scope,
    },
    tags: Tags::AtMost(50),
    put: Put { created: 201, updated: 200, style: Style::AsyncOperation, seconds: 90 },
    update: Update::Patch,
    delete: Delete { status: 202, style: Style::AsyncOperation, seconds: 60, query: &[], kept: None },
    embedded: None,
    writers: &[Writer::Itself, Writer::NetworkOf(SUBNETS)],
    properties: &[
        rw("location", Location).required().fixed(),
        rw("extendedLocation", Any).fixed(),
        rw("zones", Set),
        rw("zones[]", Text),
        rw("placement", Any),
        rw("plan", Any).fixed(),
        rw("sku.name", Word),
        rw("sku.tier", Word),
        rw("sku.capacity", Int(0, 1000)),
        rw(
            "identity.type",
            OneOf(&["SystemAssigned", "UserAssigned", "SystemAssigned, UserAssigned", "None"]),
        ),
        rw("identity.userAssignedIdentities", IdMap),
        ro("identity.userAssignedIdentities{}.principalId", Word),
        ro("identity.userAssignedIdentities{}.clientId", Word),
        ro("identity.principalId", Word),
        ro("identity.tenantId", Word),
        rw("properties.orchestrationMode", OneOf(&["Uniform", "Flexible"])).fixed().default(r#""Uniform""#),
        rw("properties.upgradePolicy.mode", OneOf(&["Automatic", "Manual", "Rolling"])),
        rw("properties.upgradePolicy.rollingUpgradePolicy", Any),
        rw("properties.upgradePolicy.automaticOSUpgradePolicy", Any),
        rw("properties.singlePlacementGroup", Bool),
        rw("properties.overprovision", Bool),
        rw("properties.doNotRunExtensionsOnOverprovisionedVMs", Bool),
        rw("properties.platformFaultDomainCount", Int(0, 5)).fixed(),
        rw("properties.zoneBalance", Bool).fixed(),
        rw("properties.proximityPlacementGroup.id", Id).fixed(),
        rw("properties.hostGroup.id", Id).fixed(),
        rw("properties.additionalCapabilities", Any),
        rw("properties.automaticRepairsPolicy", Any),
        rw("properties.scheduledEventsPolicy", Any),
        rw("properties.scaleInPolicy", Any),
        rw("properties.spotRestorePolicy", Any),
        rw("properties.priorityMixPolicy", Any),
        rw("properties.resiliencyPolicy", Any),
        rw("properties.skuProfile", Any),
        rw("properties.constrainedMaximumCapacity", Bool),
        rw("properties.zonalPlatformFaultDomainAlignMode", OneOf(&["Aligned", "Unaligned"])),
        rw("properties.highSpeedInterconnectPlacement", OneOf(&["None", "Trunk"])),
        rw("properties.virtualMachineProfile.osProfile.computerNamePrefix", Text).fixed(),
        rw("properties.virtualMachineProfile.osProfile.adminUsername", Text).fixed(),
        wo("properties.virtualMachineProfile.osProfile.adminPassword", Secret),
        wo("properties.virtualMachineProfile.osProfile.customData", Secret),
        rw("properties.virtualMachineProfile.osProfile.windowsConfiguration", Any),
        rw("properties.virtualMachineProfile.osProfile.linuxConfiguration", Any),
        rw("properties.virtualMachineProfile.osProfile.secrets", Any),
        rw("properties.virtualMachineProfile.osProfile.allowExtensionOperations", Bool),
        rw("properties.virtualMachineProfile.osProfile.requireGuestProvisionSignal", Bool),
        rw("properties.virtualMachineProfile.storageProfile", Any),
        rw("properties.virtualMachineProfile.networkProfile.healthProbe.id", Id),
        rw("properties.virtualMachineProfile.networkProfile.networkApiVersion", Word),
        rw("properties.virtualMachineProfile.networkProfile.networkInterfaceConfigurations", Keyed("name")),
        rw("properties.virtualMachineProfile.networkProfile.networkInterfaceConfigurations[].name", Word)
            .required(),
        rw("properties.virtualMachineProfile.networkProfile.networkInterfaceConfigurations[].tags", Any),
        rw(
            "properties.virtualMachineProfile.networkProfile.networkInterfaceConfigurations[].properties.primary",
            Bool,
        ),
        rw(
            "properties.virtualMachineProfile.networkProfile.networkInterfaceConfigurations[].properties\
             .networkSecurityGroup.id",
            Id,
        ),
        rw(
            "properties.virtualMachineProfile.networkProfile.networkInterfaceConfigurations[].properties\
             .deleteOption",
            Word,
        ),
        rw(
            "properties.virtualMachineProfile.networkProfile.networkInterfaceConfigurations[].properties\
             .enableAcceleratedNetworking",
            Bool,
        ),
        rw(
            "properties.virtualMachineProfile.networkProfile.networkInterfaceConfigurations[].properties\
             .enableIPForwarding",
            Bool,
        ),
        rw(
            "properties.virtualMachineProfile.networkProfile.networkInterfaceConfigurations[].properties\
             .disableTcpStateTracking",
            Bool,
        ),
        rw(
            "properties.virtualMachineProfile.networkProfile.networkInterfaceConfigurations[].properties\
             .enableFpga",
            Bool,
        ),
        rw(
            "properties.virtualMachineProfile.networkProfile.networkInterfaceConfigurations[].properties\
             .dnsSettings",
            Any,
        ),
        rw(
            "properties.virtualMachineProfile.networkProfile.networkInterfaceConfigurations[].properties\
             .auxiliaryMode",
            Word,
        ),
        rw(
            "properties.virtualMachineProfile.networkProfile.networkInterfaceConfigurations[].properties\
             .auxiliarySku",
            Word,
        ),
        rw(
            "properties.virtualMachineProfile.networkProfile.networkInterfaceConfigurations[].properties\
             .ipConfigurations",
            Keyed("name"),
        )
        .required(),
        rw(
            "properties.virtualMachineProfile.networkProfile.networkInterfaceConfigurations[].properties\
             .ipConfigurations[].name",
            Word,
        )
        .required(),
        rw(SUBNETS, Id),
        rw(
            "properties.virtualMachineProfile.networkProfile.networkInterfaceConfigurations[].properties\
             .ipConfigurations[].properties.primary",
            Bool,
        ),
        rw(
            "properties.virtualMachineProfile.networkProfile.networkInterfaceConfigurations[].properties\
             .ipConfigurations[].properties.privateIPAddressVersion",
            Word,
        ),
        rw(
            "properties.virtualMachineProfile.networkProfile.networkInterfaceConfigurations[].properties\
             .ipConfigurations[].properties.publicIPAddressConfiguration",
            Any,
        ),
        rw(
            "properties.virtualMachineProfile.networkProfile.networkInterfaceConfigurations[].properties\
             .ipConfigurations[].properties.applicationSecurityGroups",
            Any,
        ),
        rw(
            "properties.virtualMachineProfile.networkProfile.networkInterfaceConfigurations[].properties\
             .ipConfigurations[].properties.applicationGatewayBackendAddressPools",
            Any,
        ),
        rw(
            "properties.virtualMachineProfile.networkProfile.networkInterfaceConfigurations[].properties\
             .ipConfigurations[].properties.loadBalancerBackendAddressPools",
            Any,
        ),
        rw(
            "properties.virtualMachineProfile.networkProfile.networkInterfaceConfigurations[].properties\
             .ipConfigurations[].properties.loadBalancerInboundNatPools",
            Any,
        ),
        rw("properties.virtualMachineProfile.extensionProfile.extensions", Keyed("name")),
        // Stored as extensions of their own and checked by their table.
        rw("properties.virtualMachineProfile.extensionProfile.extensions[]", Any),
        rw("properties.virtualMachineProfile.extensionProfile.extensionsTimeBudget", Text),
        rw("properties.virtualMachineProfile.securityProfile", Any),
        rw("properties.virtualMachineProfile.diagnosticsProfile", Any),
        rw("properties.virtualMachineProfile.licenseType", Text),
        rw("properties.virtualMachineProfile.priority", OneOf(&["Regular", "Low", "Spot"])).fixed(),
        rw("properties.virtualMachineProfile.evictionPolicy", OneOf(&["Deallocate", "Delete"])).fixed(),
        rw("properties.virtualMachineProfile.billingProfile", Any),
        rw("properties.virtualMachineProfile.scheduledEventsProfile", Any),
        rw("properties.virtualMachineProfile.userData", Text),
        rw("properties.virtualMachineProfile.capacityReservation", Any),
        rw("properties.virtualMachineProfile.applicationProfile", Any),
        rw("properties.virtualMachineProfile.hardwareProfile", Any),
        rw("properties.virtualMachineProfile.serviceArtifactReference", Any),
        rw("properties.virtualMachineProfile.securityPostureReference", Any),
        ro("properties.virtualMachineProfile.timeCreated", Text),
        ro("properties.uniqueId", Word),
        ro("properties.timeCreated", Text),
        ro("properties.provisioningState", Word),
        ro("etag", Text),
    ],
    source: "type definitions of Microsoft.Compute 2025-04-01; accepted statuses: go-azure-sdk compute; what is \
             fixed: azurerm linux_virtual_machine_scale_set",
};
