//! Machine learning workspaces.

use crate::kinds::{
    Action, Delete, Kept, Kind, NameRule, Property, Put, Shape::Any, Shape::Bool, Shape::Id, Shape::IdMap,
    Shape::Int, Shape::Keyed, Shape::Location, Shape::OneOf, Shape::Set, Shape::Text, Shape::Word, Style,
    Tags, Unique, Update, Writer, by_action, ro, rw,
};

/// A machine learning workspace. A plain DELETE keeps the name taken for 14
/// days; `forceToPurge=true` in the query frees it.
pub static WORKSPACE: Kind = Kind {
    noun: "machine learning workspace",
    resource_type: "Microsoft.MachineLearningServices/workspaces",
    api_version: "2026-05-01",
    name: NameRule {
        pattern: "^[a-zA-Z0-9][a-zA-Z0-9_-]+$",
        length: (3, 33),
        words: "3 to 33 letters, digits, _ and -, beginning with a letter or digit",
        unique: Unique::Scope,
    },
    tags: Tags::AtMost(50),
    put: Put { created: 202, updated: 202, style: Style::AsyncOperationOnly, seconds: 120 },
    // PATCH knows only some of the properties.
    update: Update::Put,
    delete: Delete {
        status: 202,
        style: Style::AsyncOperationOnly,
        seconds: 60,
        query: &[],
        kept: Some(&Kept { purge: Some(("forceToPurge", "true")), ..Kept::OUT_OF_SIGHT }),
    },
    embedded: None,
    writers: &[
        Writer::Itself,
        Writer::NetworkOf("properties.serverlessComputeSettings.serverlessComputeCustomSubnet"),
    ],
    properties: ROWS,
    source: "type definitions of Microsoft.MachineLearningServices 2026-05-01; recorded: 202 without a body on \
             every PUT, 202 on DELETE, what is read back (azure-service-operator); what is fixed: the definitions' \
             own text and azurerm machine_learning_workspace; no other kind: learn.microsoft.com, what is a hub \
             workspace",
};

/// A project of a hub. What it has of its hub is shown with it, and Azure refuses to be sent that back.
pub static PROJECT: Kind = Kind {
    noun: "project of a hub",
    properties: &OWN_ROWS,
    source: "as a workspace; what is the hub's: azurerm ai_foundry_project, which sends none of it",
    ..WORKSPACE
};

/// Builds the managed network of a workspace that stands. Nothing takes it down again but the end of the workspace.
pub static PROVISION_MANAGED_NETWORK: Action =
    Action { name: "provisionManagedNetwork", path: "properties.managedNetwork.status.status", none: None };

/// A workspace as the preview knows it, in which alone rows marked so can be read and written.
pub static WORKSPACE_IN_PREVIEW: Kind = Kind {
    api_version: "2026-05-15-preview",
    source: "type definitions of Microsoft.MachineLearningServices 2026-05-15-preview; addresses only of what stands, \
             at most 200 and IPv4: learn.microsoft.com, configure a private endpoint for a workspace",
    ..WORKSPACE
};

const ROWS: &[Property] = &[
    rw("location", Location).required().fixed(),
    // No workspace becomes one of another kind.
    rw("kind", Word).fixed().default(r#""Default""#),
    // Whatever is sent comes back as Basic.
    rw("sku.name", Word).required().default(r#""Basic""#),
    rw("sku.tier", OneOf(&["Free", "Basic", "Standard", "Premium"])).default(r#""Basic""#),
    rw("sku.size", Text),
    rw("sku.family", Text),
    rw("sku.capacity", Int(0, i32::MAX as i64)),
    // The provider refuses a creation without one, though the definitions do not.
    rw("identity", Any).required(),
    // Both: no blank after the comma, unlike a registry's.
    rw("identity.type", OneOf(&["None", "SystemAssigned", "UserAssigned", "SystemAssigned,UserAssigned"]))
        .required(),
    rw("identity.userAssignedIdentities", IdMap),
    ro("identity.userAssignedIdentities{}.principalId", Word),
    ro("identity.userAssignedIdentities{}.clientId", Word),
    ro("identity.principalId", Word),
    ro("identity.tenantId", Word),
    rw("properties", Any).required(),
    rw("properties.friendlyName", Text).default(r#""""#),
    rw("properties.description", Text).default(r#""""#),
    // Required of a Default workspace, by its provider rather than by the definitions.
    rw("properties.storageAccount", Id).fixed(),
    rw("properties.keyVault", Id).fixed(),
    rw("properties.applicationInsights", Id),
    rw("properties.containerRegistry", Id),
    // The name of a compute, which may not exist yet.
    rw("properties.imageBuildCompute", Word),
    // The two flags override each other: send the first only.
    rw("properties.publicNetworkAccess", OneOf(&["Enabled", "Disabled"])).default(r#""Enabled""#),
    rw("properties.allowPublicAccessWhenBehindVnet", Bool),
    // Who passes where the internet does; without it, everybody.
    rw("properties.ipAllowlist", Set)
        .later_and_until_then("properties.publicNetworkAccess", "Disabled")
        .preview(),
    rw("properties.ipAllowlist[]", Text).preview(),
    // The same as rules. Written back, those that were read would speak against the list.
    ro("properties.networkAcls", Any).preview(),
    rw("properties.softDeleteRetentionInDays", Int(1, i32::MAX as i64)).default("14").preview(),
    rw("properties.v1LegacyMode", Bool).default("false"),
    rw("properties.hbiWorkspace", Bool).fixed().default("false"),
    rw("properties.enableDataIsolation", Bool).fixed(),
    rw("properties.enableServiceSideCMKEncryption", Bool).fixed(),
    rw("properties.encryption.status", OneOf(&["Enabled", "Disabled"])).required().fixed(),
    rw("properties.encryption.keyVaultProperties", Any).required(),
    rw("properties.encryption.keyVaultProperties.keyVaultArmId", Id).required().fixed(),
    // The key may be rotated.
    rw("properties.encryption.keyVaultProperties.keyIdentifier", Text).required(),
    rw("properties.encryption.keyVaultProperties.identityClientId", Word).fixed(),
    rw("properties.encryption.identity.userAssignedIdentity", Id).fixed(),
    rw("properties.encryption.cosmosDbResourceId", Id).fixed(),
    rw("properties.encryption.searchAccountResourceId", Id).fixed(),
    rw("properties.encryption.storageAccountResourceId", Id).fixed(),
    rw("properties.systemDatastoresAuthMode", OneOf(&["AccessKey", "Identity", "UserDelegationSAS"])),
    rw("properties.primaryUserAssignedIdentity", Id),
    // Isolation can be strengthened, never weakened.
    rw(
        "properties.managedNetwork.isolationMode",
        OneOf(&["Disabled", "AllowInternetOutbound", "AllowOnlyApprovedOutbound"]),
    )
    .default(r#""Disabled""#),
    // By name; Azure adds the rules that it requires itself.
    rw("properties.managedNetwork.outboundRules{}.type", OneOf(&["FQDN", "PrivateEndpoint", "ServiceTag"]))
        .required(),
    rw(
        "properties.managedNetwork.outboundRules{}.category",
        OneOf(&["Required", "Recommended", "UserDefined", "Dependency"]),
    ),
    rw(
        "properties.managedNetwork.outboundRules{}.status",
        OneOf(&["Inactive", "Active", "Provisioning", "Deleting", "Failed"]),
    ),
    // A host name, a private link target or a service tag with ports, as the type says.
    rw("properties.managedNetwork.outboundRules{}.destination", Any),
    rw("properties.managedNetwork.outboundRules{}.fqdns", Set),
    rw("properties.managedNetwork.outboundRules{}.fqdns[]", Word),
    ro("properties.managedNetwork.outboundRules{}.errorInformation", Text),
    ro("properties.managedNetwork.outboundRules{}.parentRuleNames", Any),
    rw("properties.managedNetwork.status.sparkReady", Bool),
    by_action(PROVISION_MANAGED_NETWORK.path, OneOf(&["Inactive", "Active"])),
    rw("properties.managedNetwork.firewallSku", OneOf(&["Standard", "Basic"])),
    rw("properties.managedNetwork.managedNetworkKind", OneOf(&["V1", "V2"])),
    rw("properties.managedNetwork.enableNetworkMonitor", Bool),
    ro("properties.managedNetwork.networkId", Text),
    ro("properties.managedNetwork.firewallPublicIpAddress", Text),
    // Acts at creation, and later does nothing.
    rw("properties.provisionNetworkNow", Bool),
    rw("properties.serverlessComputeSettings.serverlessComputeCustomSubnet", Id),
    rw("properties.serverlessComputeSettings.serverlessComputeNoPublicIP", Bool),
    rw("properties.sharedPrivateLinkResources", Keyed("name")),
    rw("properties.sharedPrivateLinkResources[].name", Word),
    rw("properties.sharedPrivateLinkResources[].properties.groupId", Word),
    rw("properties.sharedPrivateLinkResources[].properties.privateLinkResourceId", Word),
    rw("properties.sharedPrivateLinkResources[].properties.requestMessage", Text),
    rw(
        "properties.sharedPrivateLinkResources[].properties.status",
        OneOf(&["Approved", "Pending", "Rejected", "Disconnected", "Timeout"]),
    ),
    rw("properties.featureStoreSettings.computeRuntime.sparkRuntimeVersion", Text),
    rw("properties.featureStoreSettings.offlineStoreConnectionName", Word),
    rw("properties.featureStoreSettings.onlineStoreConnectionName", Word),
    rw("properties.hubResourceId", Id).fixed(),
    rw("properties.workspaceHubConfig", Any),
    rw("properties.associatedWorkspaces", Any),
    rw("properties.serviceManagedResourcesSettings", Any),
    rw("properties.allowRoleAssignmentOnRG", Bool).preview(),
    rw("properties.enableSimplifiedCmk", Bool).preview(),
    rw("properties.enableSoftwareBillOfMaterials", Bool).preview(),
    // What a hub is made of several of.
    rw("properties.containerRegistries", Any).preview(),
    rw("properties.existingWorkspaces", Any).preview(),
    rw("properties.keyVaults", Any).preview(),
    rw("properties.storageAccounts", Any).preview(),
    // Azure writes it; the definitions let it be sent.
    ro("properties.discoveryUrl", Text),
    ro("properties.mlFlowTrackingUri", Text),
    ro("properties.notebookInfo", Any),
    ro("properties.privateEndpointConnections", Any),
    ro("properties.privateLinkCount", Int(0, i64::MAX)),
    ro("properties.serviceProvisionedResourceGroup", Text),
    ro("properties.storageHnsEnabled", Bool),
    ro("properties.tenantId", Word),
    ro("properties.workspaceId", Word),
    ro("properties.provisioningState", Word),
];

/// What a project has of its hub: shown with it, and refused where it is sent
/// (azurerm `ai_foundry_project`).
pub const OF_ITS_HUB: [&str; 6] = [
    "properties.storageAccount",
    "properties.keyVault",
    "properties.applicationInsights",
    "properties.containerRegistry",
    "properties.encryption",
    "properties.managedNetwork",
];

const OWN_ROWS: [Property; own_rows().1] = {
    let (all, _) = own_rows();
    let mut own = [ROWS[0]; own_rows().1];
    let mut at = 0;
    while at < own.len() {
        own[at] = all[at];
        at += 1;
    }
    own
};

/// The rows that are not its hub's, first of as many as there are in all, and how many they are.
const fn own_rows() -> ([Property; ROWS.len()], usize) {
    let mut own = [ROWS[0]; ROWS.len()];
    let (mut at, mut count) = (0, 0);
    while at < ROWS.len() {
        if !is_of_its_hub(ROWS[at].path) {
            own[count] = ROWS[at];
            count += 1;
        }
        at += 1;
    }
    (own, count)
}

const fn is_of_its_hub(path: &str) -> bool {
    let mut at = 0;
    while at < OF_ITS_HUB.len() {
        if begins_with(path.as_bytes(), OF_ITS_HUB[at].as_bytes()) {
            return true;
        }
        at += 1;
    }
    false
}

const fn begins_with(text: &[u8], beginning: &[u8]) -> bool {
    let mut at = 0;
    while at < beginning.len() {
        if at == text.len() || text[at] != beginning[at] {
            return false;
        }
        at += 1;
    }
    true
}
