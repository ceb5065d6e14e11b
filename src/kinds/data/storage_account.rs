//! Storage accounts.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Bool, Shape::Id, Shape::IdMap, Shape::Int, Shape::Keyed,
    Shape::Location, Shape::OneOf, Shape::Set, Shape::Text, Shape::Word, Shape::Words, Style, Tags, Unique,
    Update, Writer, ro, rw,
};

/// A storage account.
pub static STORAGE_ACCOUNT: Kind = Kind {
    noun: "storage account",
    resource_type: "Microsoft.Storage/storageAccounts",
    api_version: "2026-04-01",
    name: NameRule {
        pattern: "^[a-z0-9]+$",
        length: (3, 24),
        words: "3 to 24 lower-case letters and digits",
        unique: Unique::Global,
    },
    tags: Tags::AtMost(50),
    put: Put { created: 202, updated: 200, style: Style::Location, seconds: 25 },
    update: Update::Patch,
    delete: Delete { status: 200, style: Style::Sync, seconds: 5, query: &[], kept: None },
    embedded: None,
    // Endpoints to the account need it alone; its network rules touch the networks they name.
    writers: &[Writer::Itself, Writer::NetworkOf("properties.networkAcls.virtualNetworkRules[].id")],
    properties: &[
        rw("location", Location).required().fixed(),
        rw("extendedLocation", Any).fixed(),
        rw("zones", Set).fixed(),
        rw("zones[]", Text),
        rw("placement", Any).fixed(),
        // Storage may become StorageV2; nothing else may change.
        rw("kind", OneOf(&["Storage", "StorageV2", "BlobStorage", "FileStorage", "BlockBlobStorage"]))
            .required()
            .fixed(),
        rw("sku", Any).required(),
        // Changes within LRS, GRS and RAGRS only; to and from zone redundancy it is another account.
        rw(
            "sku.name",
            OneOf(&[
                "Standard_LRS",
                "Standard_GRS",
                "Standard_RAGRS",
                "Standard_ZRS",
                "Premium_LRS",
                "Premium_ZRS",
                "Standard_GZRS",
                "Standard_RAGZRS",
                "StandardV2_LRS",
                "StandardV2_GRS",
                "StandardV2_ZRS",
                "StandardV2_GZRS",
                "PremiumV2_LRS",
                "PremiumV2_ZRS",
            ]),
        )
        .required(),
        ro("sku.tier", Word),
        rw(
            "identity.type",
            OneOf(&["None", "SystemAssigned", "UserAssigned", "SystemAssigned,UserAssigned"]),
        )
        .required(),
        rw("identity.userAssignedIdentities", IdMap),
        ro("identity.userAssignedIdentities{}.principalId", Word),
        ro("identity.userAssignedIdentities{}.clientId", Word),
        ro("identity.principalId", Word),
        ro("identity.tenantId", Word),
        // Disabled shuts out what networkAcls would let in; private endpoints stay.
        rw("properties.publicNetworkAccess", OneOf(&["Enabled", "Disabled", "SecuredByPerimeter"]))
            .default(r#""Enabled""#),
        rw("properties.networkAcls.defaultAction", OneOf(&["Allow", "Deny"]))
            .required()
            .default(r#""Allow""#),
        rw("properties.networkAcls.bypass", Words).default(r#""AzureServices""#),
        rw("properties.networkAcls.ipRules", Keyed("value")).default("[]").closed("[]"),
        rw("properties.networkAcls.ipRules[].value", Text).required(),
        rw("properties.networkAcls.ipRules[].action", OneOf(&["Allow"])).default(r#""Allow""#),
        rw("properties.networkAcls.ipv6Rules", Keyed("value")).closed("[]"),
        rw("properties.networkAcls.ipv6Rules[].value", Text).required(),
        rw("properties.networkAcls.ipv6Rules[].action", OneOf(&["Allow"])).default(r#""Allow""#),
        rw("properties.networkAcls.virtualNetworkRules", Keyed("id")).default("[]").closed("[]"),
        rw("properties.networkAcls.virtualNetworkRules[].id", Id).required(),
        rw("properties.networkAcls.virtualNetworkRules[].action", OneOf(&["Allow"])).default(r#""Allow""#),
        ro("properties.networkAcls.virtualNetworkRules[].state", Word),
        rw("properties.networkAcls.resourceAccessRules", Keyed("resourceId")).closed("[]"),
        rw("properties.networkAcls.resourceAccessRules[].tenantId", Word),
        // A pattern may stand for many resources, so it is no reference that must exist.
        rw("properties.networkAcls.resourceAccessRules[].resourceId", Word),
        rw("properties.minimumTlsVersion", OneOf(&["TLS1_0", "TLS1_1", "TLS1_2", "TLS1_3"]))
            .default(r#""TLS1_0""#),
        rw("properties.supportsHttpsTrafficOnly", Bool).default("true"),
        rw("properties.allowBlobPublicAccess", Bool).default("false"),
        rw("properties.allowSharedKeyAccess", Bool).default("true"),
        rw("properties.allowSharedKeyAccessForServices", Any),
        rw("properties.allowCrossTenantReplication", Bool),
        rw("properties.allowedCopyScope", OneOf(&["PrivateLink", "AAD", "All"])),
        rw("properties.defaultToOAuthAuthentication", Bool),
        rw("properties.accessTier", OneOf(&["Hot", "Cool", "Premium", "Cold", "Smart"])).default(r#""Hot""#),
        rw("properties.isHnsEnabled", Bool).fixed(),
        rw("properties.isNfsV3Enabled", Bool).fixed(),
        rw("properties.isSftpEnabled", Bool).closed("false"),
        rw("properties.isLocalUserEnabled", Bool),
        rw("properties.enableExtendedGroups", Bool),
        // May be enabled, never disabled.
        rw("properties.largeFileSharesState", OneOf(&["Disabled", "Enabled"])),
        rw("properties.dnsEndpointType", OneOf(&["Standard", "AzureDnsZone"])).fixed(),
        rw("properties.encryption.keySource", OneOf(&["Microsoft.Storage", "Microsoft.Keyvault"])),
        rw("properties.encryption.requireInfrastructureEncryption", Bool).fixed(),
        rw("properties.encryption.services", Any),
        rw("properties.encryption.keyvaultproperties", Any),
        rw("properties.encryption.identity.userAssignedIdentity", Id),
        rw("properties.encryption.identity.federatedIdentityClientId", Word),
        rw("properties.sasPolicy.sasExpirationPeriod", Text).required(),
        rw("properties.sasPolicy.expirationAction", OneOf(&["Log", "Block"])).required(),
        rw("properties.keyPolicy.keyExpirationPeriodInDays", Int(0, i32::MAX as i64)).required(),
        rw("properties.immutableStorageWithVersioning", Any).fixed(),
        rw("properties.customDomain", Any),
        rw("properties.azureFilesIdentityBasedAuthentication", Any),
        rw("properties.routingPreference", Any),
        rw("properties.dualStackEndpointPreference", Any),
        rw("properties.geoPriorityReplicationStatus", Any),
        rw("properties.dataCollaborationPolicyProperties", Any),
        ro("properties.primaryEndpoints", Any),
        ro("properties.primaryLocation", Location),
        ro("properties.statusOfPrimary", Word),
        ro("properties.secondaryEndpoints", Any),
        ro("properties.secondaryLocation", Location),
        ro("properties.statusOfSecondary", Word),
        ro("properties.lastGeoFailoverTime", Text),
        ro("properties.creationTime", Text),
        ro("properties.keyCreationTime", Any),
        ro("properties.geoReplicationStats", Any),
        ro("properties.failoverInProgress", Bool),
        ro("properties.privateEndpointConnections", Any),
        ro("properties.blobRestoreStatus", Any),
        ro("properties.storageAccountSkuConversionStatus", Any),
        ro("properties.isSkuConversionBlocked", Bool),
        ro("properties.accountMigrationInProgress", Bool),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.Storage 2026-04-01; recorded: 202 with Location on PUT, network rules \
             by default (azure-service-operator); no 201: go-azure-sdk storage 2025-08-01; what is fixed: azurerm \
             storage_account",
};
