//! Key vaults.

use crate::kinds::{
    Delete, Kept, Kind, NameRule, Put, Shape::Any, Shape::Bool, Shape::Id, Shape::Int, Shape::Keyed,
    Shape::Location, Shape::OneOf, Shape::Set, Shape::Shared, Shape::Text, Shape::Word, Style, Tags, Unique,
    Update, Writer, ro, rw, wo,
};

/// A deleted vault is shown below its region and comes back by a PUT in
/// another mode (recorded exchanges of the vault's own test suites).
static KEPT: Kept = Kept {
    shown_at: Some(
        "/subscriptions/{subscription}/providers/Microsoft.KeyVault/locations/{location}/deletedVaults/{name}",
    ),
    id_at: "properties.vaultId",
    tags_at: "properties.tags",
    recover: Some(("properties.createMode", "recover")),
    purge: None,
    returns: false,
};

/// A key vault. Its name stays taken while a deleted vault of that name can be recovered.
pub static KEY_VAULT: Kind = Kind {
    noun: "key vault",
    resource_type: "Microsoft.KeyVault/vaults",
    api_version: "2026-02-01",
    name: NameRule {
        pattern: "^[a-zA-Z](-?[a-zA-Z0-9])+$",
        length: (3, 24),
        words: "3 to 24 letters, digits and single hyphens, beginning with a letter and not ending with a hyphen",
        unique: Unique::Global,
    },
    tags: Tags::AtMost(50),
    put: Put { created: 200, updated: 200, style: Style::ProvisioningState, seconds: 10 },
    update: Update::Patch,
    delete: Delete { status: 200, style: Style::Sync, seconds: 5, query: &[], kept: Some(&KEPT) },
    embedded: None,
    // Two endpoints to one vault, or an endpoint and a write to it, end in ConflictError.
    writers: &[Writer::Itself, Writer::NetworkOf("properties.networkAcls.virtualNetworkRules[].id")],
    properties: &[
        rw("location", Location).required().fixed(),
        rw("properties", Any).required(),
        rw("properties.tenantId", Word).required().fixed(),
        rw("properties.sku", Any).required(),
        rw("properties.sku.family", OneOf(&["A"])).required(),
        rw("properties.sku.name", OneOf(&["standard", "premium"])).required(),
        rw("properties.accessPolicies", Shared("objectId")),
        rw("properties.accessPolicies[].tenantId", Word).required(),
        rw("properties.accessPolicies[].objectId", Word).required(),
        rw("properties.accessPolicies[].applicationId", Word),
        rw("properties.accessPolicies[].permissions", Any).required(),
        rw("properties.accessPolicies[].permissions.keys", Set),
        rw("properties.accessPolicies[].permissions.keys[]", Word),
        rw("properties.accessPolicies[].permissions.secrets", Set),
        rw("properties.accessPolicies[].permissions.secrets[]", Word),
        rw("properties.accessPolicies[].permissions.certificates", Set),
        rw("properties.accessPolicies[].permissions.certificates[]", Word),
        rw("properties.accessPolicies[].permissions.storage", Set),
        rw("properties.accessPolicies[].permissions.storage[]", Word),
        // Absent on creation means true from 2026-02-01 on, and meant false before: always send it.
        rw("properties.enableRbacAuthorization", Bool).default("true"),
        rw("properties.enabledForDeployment", Bool).closed("false"),
        rw("properties.enabledForDiskEncryption", Bool).closed("false"),
        rw("properties.enabledForTemplateDeployment", Bool).closed("false"),
        rw("properties.enableSoftDelete", Bool).default("true"),
        // Set once; a change is refused, and another vault is the only way.
        rw("properties.softDeleteRetentionInDays", Int(7, 90)).fixed().default("90"),
        // Never sent as false, and true cannot be taken back.
        rw("properties.enablePurgeProtection", Bool),
        wo("properties.createMode", OneOf(&["recover", "default"])),
        rw("properties.publicNetworkAccess", Word),
        rw("properties.networkAcls.bypass", OneOf(&["AzureServices", "None"])),
        rw("properties.networkAcls.defaultAction", OneOf(&["Allow", "Deny"])),
        rw("properties.networkAcls.ipRules", Keyed("value")).closed("[]"),
        rw("properties.networkAcls.ipRules[].value", Text).required(),
        rw("properties.networkAcls.virtualNetworkRules", Keyed("id")).closed("[]"),
        rw("properties.networkAcls.virtualNetworkRules[].id", Id).required(),
        rw("properties.networkAcls.virtualNetworkRules[].ignoreMissingVnetServiceEndpoint", Bool),
        // The definitions let these two be sent; Azure decides them.
        ro("properties.vaultUri", Word),
        ro("properties.provisioningState", Word),
        ro("properties.hsmPoolResourceId", Id),
        ro("properties.privateEndpointConnections", Any),
    ],
    source: "type definitions of Microsoft.KeyVault 2026-02-01; recorded: 200 with RegisteringDns on PUT, 200 on \
             DELETE (azure-service-operator); names, retention, purge protection: azurerm key_vault",
};
