//! Container registries.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Bool, Shape::IdMap, Shape::Int, Shape::Keyed,
    Shape::Location, Shape::OneOf, Shape::Text, Shape::Word, Style, Tags, Unique, Update, Writer, ro, rw,
};

/// A container registry. Whatever closes it to the public needs the Premium sku.
pub static CONTAINER_REGISTRY: Kind = Kind {
    noun: "container registry",
    resource_type: "Microsoft.ContainerRegistry/registries",
    api_version: "2025-11-01",
    name: NameRule {
        pattern: "^[a-zA-Z0-9]+$",
        length: (5, 50),
        words: "5 to 50 letters and digits",
        unique: Unique::Global,
    },
    tags: Tags::AtMost(50),
    put: Put { created: 201, updated: 200, style: Style::ProvisioningState, seconds: 30 },
    update: Update::Patch,
    delete: Delete { status: 202, style: Style::Location, seconds: 15, query: &[], kept: None },
    embedded: None,
    writers: &[Writer::Itself],
    properties: &[
        rw("location", Location).required().fixed(),
        rw("sku", Any).required(),
        rw("sku.name", OneOf(&["Classic", "Basic", "Standard", "Premium"])).required(),
        ro("sku.tier", Word),
        // Both identities are written with a blank here, unlike elsewhere.
        rw(
            "identity.type",
            OneOf(&["SystemAssigned", "UserAssigned", "SystemAssigned, UserAssigned", "None"]),
        ),
        rw("identity.userAssignedIdentities", IdMap),
        ro("identity.userAssignedIdentities{}.principalId", Word),
        ro("identity.userAssignedIdentities{}.clientId", Word),
        ro("identity.principalId", Word),
        ro("identity.tenantId", Word),
        rw("properties.adminUserEnabled", Bool),
        rw("properties.publicNetworkAccess", OneOf(&["Enabled", "Disabled"])),
        rw("properties.networkRuleSet.defaultAction", OneOf(&["Allow", "Deny"]))
            .required()
            .default(r#""Allow""#),
        // Azure drops the /32 of a single address.
        rw("properties.networkRuleSet.ipRules", Keyed("value")).closed("[]"),
        rw("properties.networkRuleSet.ipRules[].value", Text).required(),
        rw("properties.networkRuleSet.ipRules[].action", OneOf(&["Allow"])),
        rw("properties.networkRuleBypassOptions", OneOf(&["AzureServices", "None"]))
            .default(r#""AzureServices""#),
        rw("properties.networkRuleBypassAllowedForTasks", Bool).closed("false"),
        rw("properties.dataEndpointEnabled", Bool),
        rw("properties.zoneRedundancy", OneOf(&["Enabled", "Disabled"])).fixed(),
        rw("properties.anonymousPullEnabled", Bool).closed("false"),
        rw(
            "properties.roleAssignmentMode",
            OneOf(&["AbacRepositoryPermissions", "LegacyRegistryPermissions"]),
        ),
        rw("properties.policies.quarantinePolicy.status", OneOf(&["enabled", "disabled"]))
            .default(r#""disabled""#),
        rw("properties.policies.trustPolicy.type", OneOf(&["Notary"])).default(r#""Notary""#),
        rw("properties.policies.trustPolicy.status", OneOf(&["enabled", "disabled"]))
            .default(r#""disabled""#),
        rw("properties.policies.retentionPolicy.days", Int(0, 365)).default("7"),
        rw("properties.policies.retentionPolicy.status", OneOf(&["enabled", "disabled"]))
            .default(r#""disabled""#),
        ro("properties.policies.retentionPolicy.lastUpdatedTime", Text),
        // Disabled only where public access is Disabled.
        rw("properties.policies.exportPolicy.status", OneOf(&["enabled", "disabled"]))
            .default(r#""enabled""#),
        rw("properties.policies.azureADAuthenticationAsArmPolicy.status", OneOf(&["enabled", "disabled"])),
        rw("properties.encryption", Any),
        ro("properties.dataEndpointHostNames", Any),
        ro("properties.loginServer", Word),
        ro("properties.creationDate", Text),
        ro("properties.status", Any),
        ro("properties.privateEndpointConnections", Any),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.ContainerRegistry 2025-11-01; recorded: policies by default \
             (azure-service-operator); accepted statuses: go-azure-sdk containerregistry 2025-11-01; what is \
             fixed: azurerm container_registry",
};
