//! The stack of the example as arguments, and what strangers own beside it.

use amlsecure::kinds;
use amlsecure::simulator::{SUBSCRIPTION, TENANT};
use serde_json::{Value as Json, json};

use super::harness::{Azure, CLUSTER, DNS, GROUP, NETWORK, WORKSPACE};

/// Every service that has zones.
pub(super) const SERVICES: [&str; 8] =
    ["amlworkspace", "blob", "file", "queue", "table", "dfs", "vault", "registry"];

/// The id of something in the example's resource group.
pub(super) fn in_group(tail: &str) -> String {
    format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-mlops/providers/{tail}")
}

/// The id of the example's network, or of something in it.
pub(super) fn in_network(tail: &str) -> String {
    in_group(&format!("Microsoft.Network/virtualNetworks/vnet-aml{tail}"))
}

/// The ids of zones in a resource group, by service.
pub(super) fn zone_ids(group: &str, services: &[&str]) -> Json {
    let ids = |service: &str| {
        let zones = kinds::zones::zones(kinds::Cloud::Public, service).iter();
        zones
            .map(|zone| format!("{group}/providers/Microsoft.Network/privateDnsZones/{zone}"))
            .collect::<Vec<_>>()
    };
    services.iter().map(|service| ((*service).to_owned(), json!(ids(service)))).collect()
}

/// The arguments of the composites of one closed stack.
#[derive(Debug, Clone)]
pub(super) struct Stack {
    pub(super) group: Json,
    pub(super) network: Json,
    pub(super) dns: Json,
    pub(super) workspace: Json,
    pub(super) cluster: Json,
    /// What stands on these, in the order in which it can be made.
    pub(super) beyond: Vec<(&'static str, Json)>,
}

impl Stack {
    /// What `examples/secure-workspace` builds.
    pub(super) fn example() -> Self {
        let group = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-mlops");
        Self {
            group: json!({ "name": "rg-mlops", "location": "eastasia" }),
            network: json!({
                "name": "vnet-aml",
                "resource_group_name": "rg-mlops",
                "location": "eastasia",
                "address_space": ["10.10.0.0/16"],
                "compute_access": "no_public_ip",
                "subnet": [
                    { "name": "endpoints", "purpose": "private_endpoints", "address_prefixes": ["10.10.0.0/26"] },
                    { "name": "training", "purpose": "training", "address_prefixes": ["10.10.1.0/24"] },
                ],
                "egress": { "type": "nat_gateway" },
            }),
            dns: json!({
                "resource_group_name": "rg-mlops",
                "services": SERVICES,
                "virtual_network_ids": [in_network("")],
            }),
            workspace: json!({
                "name": "mlw-mlops",
                "resource_group_name": "rg-mlops",
                "location": "eastasia",
                "image_build_compute_name": "cpu",
                "storage_account": { "name": "stmlops0001" },
                "key_vault": { "name": "kv-mlops-0001" },
                "container_registry": { "name": "crmlops0001" },
                "application_insights": { "name": "appi-mlops" },
                "private_endpoint": {
                    "subnet_id": in_network("/subnets/endpoints"),
                    "private_dns_zone_ids": zone_ids(&group, &SERVICES),
                    "storage_services": ["blob", "file", "queue", "table", "dfs"],
                },
                "identity": { "type": "SystemAssigned" },
                "tags": { "team": "mlops" },
            }),
            cluster: json!({
                "name": "cpu",
                "machine_learning_workspace_id":
                    in_group("Microsoft.MachineLearningServices/workspaces/mlw-mlops"),
                "subnet_resource_id": in_network("/subnets/training"),
                "vm_size": "Standard_DS3_v2",
                "vm_priority": "LowPriority",
                "scale_settings": {
                    "min_node_count": 0,
                    "max_node_count": 3,
                    "scale_down_nodes_after_idle_duration": "PT30S",
                },
                "identity": { "type": "SystemAssigned" },
            }),
            beyond: Vec::new(),
        }
    }

    /// Every composite there is, on a network with subnets for all of them.
    pub(super) fn whole() -> Self {
        let example = Self::example();
        let subnet = |at: usize, name: &str, purpose: &str| json!({ "name": name, "purpose": purpose, "address_prefixes": [format!("10.10.{at}.0/24")] });
        let subnets = [
            subnet(2, "inference", "inference"),
            subnet(3, "instances", "container_instances"),
            subnet(4, "spark-public", "databricks_public"),
            subnet(5, "spark-private", "databricks_private"),
        ];
        let mut network = example.network.clone();
        network["subnet"].as_array_mut().unwrap().extend(subnets);
        network["subnet"][1]["service_endpoints"] = json!(["Microsoft.KeyVault", "Microsoft.Storage"]);
        let mut workspace = example.workspace.clone();
        workspace["serverless_compute"] = json!({ "subnet_id": in_network("/subnets/training") });
        Self { network, workspace, beyond: Vec::new(), ..example }
    }

    /// The same under names of its own, to stand beside others.
    pub(super) fn numbered(number: usize) -> Self {
        let example = Self::example();
        let named = |arguments: &Json| {
            let text = arguments.to_string().replace("mlops", &format!("mlops{number}x"));
            serde_json::from_str(&text).unwrap()
        };
        Self {
            group: named(&example.group),
            network: named(&example.network),
            dns: named(&example.dns),
            workspace: named(&example.workspace),
            cluster: named(&example.cluster),
            beyond: Vec::new(),
        }
    }

    /// The composites in the order in which they can be made.
    pub(super) fn composites(&self) -> Vec<(&'static str, &Json)> {
        let first = [
            (GROUP, &self.group),
            (NETWORK, &self.network),
            (DNS, &self.dns),
            (WORKSPACE, &self.workspace),
            (CLUSTER, &self.cluster),
        ];
        first.into_iter().chain(self.beyond.iter().map(|(name, arguments)| (*name, arguments))).collect()
    }

    /// The arguments of one composite.
    pub(super) fn of(&self, type_name: &str) -> &Json {
        self.composites().into_iter().find(|(name, _)| *name == type_name).expect("a composite").1
    }
}

/// Arguments with one of them, at a JSON pointer, set or (by null) left out.
pub(super) fn with(arguments: &Json, pointer: &str, value: Json) -> Json {
    let mut changed = arguments.clone();
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    let parent = changed.pointer_mut(parent).unwrap_or_else(|| panic!("nothing at {parent:?}"));
    match (parent, name.parse::<usize>()) {
        (Json::Array(items), Ok(at)) if at < items.len() => items[at] = value,
        (Json::Array(items), Ok(_)) => items.push(value),
        (Json::Object(members), _) => {
            members.insert(name.to_owned(), value);
        }
        (other, _) => panic!("{other} has no {name:?}"),
    }
    changed
}

/// The strangers' resource group.
pub(super) fn their_group() -> String {
    format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-theirs")
}

/// The strangers' resource group of zones.
pub(super) fn their_hub() -> String {
    format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-hub")
}

/// The id of something in the strangers' resource group.
pub(super) fn theirs(tail: &str) -> String {
    format!("{}/providers/{tail}", their_group())
}

pub(super) fn their_storage() -> String {
    theirs("Microsoft.Storage/storageAccounts/sttheirs0001")
}

pub(super) fn their_vault() -> String {
    theirs("Microsoft.KeyVault/vaults/kv-theirs")
}

/// A vault whose keys cannot be lost.
pub(super) fn their_protected_vault() -> String {
    theirs("Microsoft.KeyVault/vaults/kv-protected")
}

/// A version of a key in it.
pub(super) fn their_key(version: &str) -> String {
    format!("https://kv-protected.vault.azure.net/keys/mlw/{version}")
}

/// What asks for encryption with that key by their identity.
pub(super) fn their_customer_managed_key() -> Json {
    json!({
        "key_vault_id": their_protected_vault(),
        "key_id": their_key("1"),
        "user_assigned_identity_id": their_identity(),
    })
}

pub(super) fn their_registry() -> String {
    theirs("Microsoft.ContainerRegistry/registries/crtheirs0001")
}

pub(super) fn their_insights() -> String {
    theirs("Microsoft.Insights/components/appi-theirs")
}

pub(super) fn their_logs() -> String {
    theirs("Microsoft.OperationalInsights/workspaces/log-theirs")
}

pub(super) fn their_identity() -> String {
    theirs("Microsoft.ManagedIdentity/userAssignedIdentities/id-theirs")
}

pub(super) fn their_workspace() -> String {
    theirs("Microsoft.MachineLearningServices/workspaces/mlw-theirs")
}

pub(super) fn their_network() -> String {
    theirs("Microsoft.Network/virtualNetworks/vnet-aml")
}

/// Makes what strangers own, in a group of their own: a network that is named
/// like the example's, a workspace and what it stands on, an identity, zones.
pub(super) fn strangers(azure: &Azure) {
    let plain = |properties: Json| json!({ "location": "eastasia", "properties": properties });
    azure.put(&their_group(), &json!({ "location": "eastasia" }));
    azure.put(&their_identity(), &json!({ "location": "eastasia" }));
    azure.put(&their_network(), &plain(json!({ "addressSpace": { "addressPrefixes": ["10.99.0.0/16"] } })));
    azure.put(&their_logs(), &plain(json!({ "sku": { "name": "PerGB2018" } })));
    azure.put(
        &their_insights(),
        &json!({ "location": "eastasia", "kind": "web", "properties": {
            "Application_Type": "web", "WorkspaceResourceId": their_logs(), "IngestionMode": "LogAnalytics",
        }}),
    );
    azure.put(
        &their_storage(),
        &json!({ "location": "eastasia", "kind": "StorageV2", "sku": { "name": "Standard_LRS" },
            "properties": { "publicNetworkAccess": "Disabled" } }),
    );
    let protected = [their_protected_vault(), format!("{}2", their_protected_vault())];
    let vaults = protected.map(|id| (id, json!(true))).into_iter().chain([(their_vault(), Json::Null)]);
    for (id, protected) in vaults {
        azure.put(
            &id,
            &plain(json!({
                "tenantId": TENANT, "sku": { "family": "A", "name": "standard" },
                "enableRbacAuthorization": true, "softDeleteRetentionInDays": 7,
                "enablePurgeProtection": protected,
            })),
        );
    }
    azure.put(
        &their_registry(),
        &json!({ "location": "eastasia", "sku": { "name": "Premium" },
            "properties": { "publicNetworkAccess": "Disabled" } }),
    );
    azure.put(
        &their_workspace(),
        &json!({ "location": "eastasia", "identity": { "type": "SystemAssigned" }, "properties": {
            "storageAccount": their_storage(), "keyVault": their_vault(),
            "applicationInsights": their_insights(), "publicNetworkAccess": "Disabled",
        }}),
    );
    azure.put(&their_hub(), &json!({ "location": "eastasia" }));
    for zone in
        zone_ids(&their_hub(), &SERVICES).as_object().unwrap().values().filter_map(Json::as_array).flatten()
    {
        azure.put(zone.as_str().unwrap(), &json!({ "location": "global" }));
    }
}
