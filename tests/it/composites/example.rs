//! The stack of the example as arguments, and what strangers own beside it.

use amlsecure::kinds;
use amlsecure::simulator::{SUBSCRIPTION, TENANT};
use serde_json::{Value as Json, json};

use super::harness::{
    ATTACHED, Azure, CLUSTER, CONTAINERS, DATABRICKS, DNS, GROUP, INFERENCE, INSTANCE, NETWORK, Plan,
    WORKSPACE, statuses,
};

/// Every service that has zones.
pub(super) const SERVICES: [&str; 8] =
    ["amlworkspace", "blob", "file", "queue", "table", "dfs", "vault", "registry"];

pub(super) const PRIVATE_LINK: &str = "amlsecure_private_link";
pub(super) const DATASTORE: &str = "amlsecure_datastore";
pub(super) const ONLINE_ENDPOINT: &str = "amlsecure_online_endpoint";
pub(super) const BATCH_ENDPOINT: &str = "amlsecure_batch_endpoint";

/// An identity that signs in somewhere, by its object id.
pub(super) const SOMEBODY: &str = "6f1c9d3e-4b7a-4c58-9e21-0d5a7b3c8f14";

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
        let subnet = |at: usize, name: &str, purpose: &str| {
            let prefix = format!("10.10.{at}.0/24");
            json!({ "name": name, "purpose": purpose, "address_prefixes": [prefix] })
        };
        let subnets = [
            subnet(2, "inference", "inference"),
            subnet(3, "instances", "container_instances"),
            subnet(4, "spark-public", "databricks_public"),
            subnet(5, "spark-private", "databricks_private"),
            // Asked for beside the two of Databricks.
            subnet(6, "default", "general"),
        ];
        let mut network = example.network.clone();
        network["subnet"].as_array_mut().unwrap().extend(subnets);
        network["subnet"][1]["service_endpoints"] = json!(["Microsoft.KeyVault", "Microsoft.Storage"]);
        let mut dns = example.dns.clone();
        dns["services"].as_array_mut().unwrap().push(json!("databricks_ui_api"));
        let mut workspace = example.workspace.clone();
        workspace["serverless_compute"] = json!({ "subnet_id": in_network("/subnets/training") });
        workspace["workspace_connection"] = json!([feed()]);
        let mut beyond = vec![
            (INFERENCE, inference_cluster()),
            (INSTANCE, instance()),
            (DATABRICKS, databricks()),
            (CONTAINERS, container_group()),
        ];
        beyond.extend(data());
        beyond.push((ATTACHED, attached_compute()));
        Self { network, dns, workspace, beyond, ..example }
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

/// Ways to data, and doors to models.
fn data() -> Vec<(&'static str, Json)> {
    let workspace = in_group("Microsoft.MachineLearningServices/workspaces/mlw-mlops");
    let storage = in_group("Microsoft.Storage/storageAccounts/stmlops0001");
    let zone = in_group("Microsoft.Network/privateDnsZones/privatelink.blob.core.windows.net");
    let link = json!({
        "name": "pe-secondary",
        "resource_group_name": "rg-mlops",
        "location": "eastasia",
        "subnet_id": in_network("/subnets/endpoints"),
        "machine_learning_workspace_id": workspace,
        "private_service_connection": {
            "private_connection_resource_id": storage, "subresource_names": ["blob_secondary"],
            "is_manual_connection": true, "request_message": "For the clients", "approval": "managed",
        },
        "private_dns_zone_group": { "private_dns_zone_ids": [zone] },
    });
    let datastore = json!({
        "name": "lake",
        "workspace_id": workspace,
        "type": "AzureDataLakeGen2",
        "storage_container_id": format!("{storage}/blobServices/default/containers/curated"),
        "service_data_identity": "WorkspaceUserAssignedIdentity",
        "principal_id": SOMEBODY,
        "credentials": {
            "type": "ServicePrincipal", "tenant_id": TENANT, "client_id": SOMEBODY,
            "client_secret": "a-secret-of-the-lake",
        },
    });
    let endpoint = |name: &str| json!({ "name": name, "machine_learning_workspace_id": workspace });
    vec![
        (PRIVATE_LINK, link),
        (DATASTORE, datastore),
        (ONLINE_ENDPOINT, endpoint("mlops-score")),
        (BATCH_ENDPOINT, endpoint("mlops-nightly")),
    ]
}

/// The tags of a body, wherever its kind has them.
pub(super) fn tags_of(body: &Json) -> &Json {
    if body["tags"].is_null() { &body["properties"]["tags"] } else { &body["tags"] }
}

/// The example's workspace as a project of strangers' hub.
pub(super) fn project() -> Json {
    let own = ["name", "resource_group_name", "location", "identity", "tags"];
    let workspace = Stack::example().workspace;
    let mut project: Json = own.iter().map(|name| ((*name).to_owned(), workspace[name].clone())).collect();
    project["kind"] = json!("Project");
    project["ai_services_hub_id"] = json!(their_hub_of_projects());
    project
}

/// A private feed of Python packages.
pub(super) fn feed() -> Json {
    json!({
        "name": "feed",
        "category": "PythonFeed",
        "target": "https://pkgs.example.com/feed/pypi/simple/",
        "credentials": { "type": "PAT", "personal_access_token": "a-token-of-the-feed" },
    })
}

/// A Kubernetes cluster for scoring on the example's workspace.
pub(super) fn inference_cluster() -> Json {
    json!({
        "name": "scoring",
        "machine_learning_workspace_id": in_group("Microsoft.MachineLearningServices/workspaces/mlw-mlops"),
        "kubernetes_cluster": {
            "name": "aks-mlops",
            "resource_group_name": "rg-mlops",
            "default_node_pool": {
                "vm_size": "Standard_D4s_v5",
                "node_count": 3,
                "vnet_subnet_id": in_network("/subnets/inference"),
            },
            "network_profile": { "service_cidr": "172.16.0.0/16", "dns_service_ip": "172.16.0.10" },
        },
        "insecure_connections_allowed": true,
    })
}

/// An instance with something of each block.
fn instance() -> Json {
    json!({
        "name": "notebooks",
        "machine_learning_workspace_id": in_group("Microsoft.MachineLearningServices/workspaces/mlw-mlops"),
        "subnet_resource_id": in_network("/subnets/training"),
        "virtual_machine_size": "Standard_DS3_v2",
        "idle_time_before_shutdown": "PT1H",
        "assign_to_user": {
            "object_id": "11111111-1111-1111-1111-111111111111",
            "tenant_id": "22222222-2222-2222-2222-222222222222",
        },
        "ssh": { "public_key": "ssh-rsa AAAA me" },
        "schedule": [{ "action": "Stop", "cron": "0 19 * * *", "time_zone": "Tokyo Standard Time" }],
        "setup_scripts": { "creation_script": { "inline": "apt-get install -y jq" } },
        "proxy": { "http_proxy": "http://10.10.2.4:3128" },
        "identity": { "type": "SystemAssigned" },
    })
}

/// Databricks with an endpoint of each kind.
fn databricks() -> Json {
    let group = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-mlops");
    let zones = zone_ids(&group, &["databricks_ui_api"])["databricks_ui_api"].clone();
    json!({
        "name": "dbw-mlops",
        "resource_group_name": "rg-mlops",
        "location": "eastasia",
        "custom_parameters": {
            "virtual_network_id": in_network(""),
            "public_subnet_name": "spark-public",
            "private_subnet_name": "spark-private",
            "machine_learning_workspace_id":
                in_group("Microsoft.MachineLearningServices/workspaces/mlw-mlops"),
        },
        "front_end": { "subnet_id": in_network("/subnets/endpoints"), "dns": "policy" },
        "back_end": { "subnet_id": in_network("/subnets/endpoints"), "private_dns_zone_ids": zones },
    })
}

/// Containers for scoring beside the example's workspace.
pub(super) fn container_group() -> Json {
    json!({
        "name": "aci-mlops",
        "resource_group_name": "rg-mlops",
        "location": "eastasia",
        "subnet_ids": [in_network("/subnets/instances")],
        "container": [{
            "name": "score",
            "image": "mcr.microsoft.com/azureml/minimal-inference:1",
            "cpu": 0.5,
            "memory": 1.5,
            "ports": [{ "port": 5001 }],
            "environment_variables": { "MODEL": "first" },
        }],
        "identity": { "type": "SystemAssigned" },
    })
}

/// Databricks attached to the example's workspace.
pub(super) fn attached_compute() -> Json {
    json!({
        "name": "spark",
        "machine_learning_workspace_id": in_group("Microsoft.MachineLearningServices/workspaces/mlw-mlops"),
        "databricks": {
            "databricks_workspace_id": in_group("Microsoft.Databricks/workspaces/dbw-mlops"),
            "access_token": "a-token-of-databricks",
        },
    })
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

/// A body as far as a write may carry it.
pub(super) fn writable(body: &Json, at: &kinds::Node) -> Json {
    match body {
        Json::Object(members) => members
            .iter()
            .filter_map(|(name, value)| {
                let inner = at.step(name);
                let shown_only = inner.is_some_and(|at| at.access() == kinds::Access::ReadOnly);
                (!shown_only).then(|| (name.clone(), inner.map_or(value.clone(), |at| writable(value, at))))
            })
            .collect(),
        Json::Array(items) => {
            items.iter().map(|item| at.items().map_or(item.clone(), |at| writable(item, at))).collect()
        }
        other => other.clone(),
    }
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

pub(super) fn their_databricks() -> String {
    theirs("Microsoft.Databricks/workspaces/dbw-theirs")
}

pub(super) fn their_workspace() -> String {
    theirs("Microsoft.MachineLearningServices/workspaces/mlw-theirs")
}

/// A hub of projects.
pub(super) fn their_hub_of_projects() -> String {
    theirs("Microsoft.MachineLearningServices/workspaces/hub-theirs")
}

pub(super) fn their_network() -> String {
    theirs("Microsoft.Network/virtualNetworks/vnet-aml")
}

/// The services whose zones they have.
pub(super) fn their_services() -> Vec<&'static str> {
    [&SERVICES[..], &["databricks_ui_api"]].concat()
}

/// A subnet in another region.
pub(super) fn their_far_subnet() -> String {
    theirs("Microsoft.Network/virtualNetworks/vnet-far/subnets/endpoints")
}

/// Makes what strangers own, in a group of their own: a network that is named
/// like the example's, a workspace and what it stands on, an identity, zones.
pub(super) fn strangers(azure: &Azure) {
    let plain = |properties: Json| json!({ "location": "eastasia", "properties": properties });
    azure.put(&their_group(), &json!({ "location": "eastasia" }));
    azure.put(&their_identity(), &json!({ "location": "eastasia" }));
    azure.put(&their_network(), &plain(json!({ "addressSpace": { "addressPrefixes": ["10.99.0.0/16"] } })));
    let far = theirs("Microsoft.Network/virtualNetworks/vnet-far");
    let subnet = json!({ "name": "endpoints", "properties": { "addressPrefixes": ["10.98.0.0/24"] } });
    azure.put(
        &far,
        &json!({ "location": "japaneast", "properties": {
            "addressSpace": { "addressPrefixes": ["10.98.0.0/16"] }, "subnets": [subnet],
        }}),
    );
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
    for (id, managed) in
        [(their_databricks(), "databricks"), (format!("{}2", their_databricks()), "databricks2")]
    {
        let managed = format!("{}-{managed}", their_group());
        let body = json!({ "computeMode": "Hybrid", "managedResourceGroupId": managed });
        azure.put(&id, &json!({ "location": "eastasia", "sku": { "name": "premium" }, "properties": body }));
    }
    for hub in [their_hub_of_projects(), format!("{}2", their_hub_of_projects())] {
        azure.put(
            &hub,
            &json!({ "location": "eastasia", "kind": "Hub", "identity": { "type": "SystemAssigned" },
                "properties": { "storageAccount": their_storage(), "publicNetworkAccess": "Disabled" } }),
        );
    }
    azure.put(&their_hub(), &json!({ "location": "eastasia" }));
    for zone in zone_ids(&their_hub(), &their_services())
        .as_object()
        .unwrap()
        .values()
        .filter_map(Json::as_array)
        .flatten()
    {
        azure.put(zone.as_str().unwrap(), &json!({ "location": "global" }));
    }
}

/// Makes what strangers would have attached, beside all else of theirs.
pub(super) fn machines(azure: &Azure) {
    for name in ["gpu", "other"] {
        machine(azure, name, "Canonical");
        hdinsight(azure, name);
    }
}

/// A machine of the strangers', and its interface.
pub(super) fn machine(azure: &Azure, name: &str, publisher: &str) {
    let nic = theirs(&format!("Microsoft.Network/networkInterfaces/nic-{name}"));
    let configuration = json!({ "name": "one", "properties": { "subnet": { "id": their_far_subnet() } } });
    azure.put(
        &nic,
        &json!({ "location": "japaneast", "properties": { "ipConfigurations": [configuration] } }),
    );
    let image = json!({ "publisher": publisher, "offer": "of-theirs", "sku": "server", "version": "latest" });
    let login =
        json!({ "computerName": name, "adminUsername": "azureuser", "adminPassword": "A-real-one-1" });
    azure.put(
        &their_machine(name),
        &json!({ "location": "japaneast", "properties": {
            "hardwareProfile": { "vmSize": "Standard_DS3_v2" },
            "storageProfile": { "imageReference": image, "osDisk": { "createOption": "FromImage" } },
            "osProfile": login,
            "networkProfile": { "networkInterfaces": [{ "id": nic }] },
        }}),
    );
}

pub(super) fn their_machine(name: &str) -> String {
    theirs(&format!("Microsoft.Compute/virtualMachines/vm-{name}"))
}

pub(super) fn their_hdinsight(name: &str) -> String {
    theirs(&format!("Microsoft.HDInsight/clusters/{name}-theirs"))
}

/// An HDInsight cluster of the strangers'.
fn hdinsight(azure: &Azure, name: &str) {
    let role = json!({ "name": "headnode", "targetInstanceCount": 2,
        "hardwareProfile": { "vmSize": "Standard_D4s_v3" } });
    azure.put(
        &their_hdinsight(name),
        &json!({ "location": "eastasia", "properties": {
            "clusterVersion": "5.1", "osType": "Linux", "clusterDefinition": { "kind": "Spark" },
            "computeProfile": { "roles": [role] },
            "storageProfile": { "storageaccounts": [{ "name": "sttheirs0001", "isDefault": true }] },
        }}),
    );
}

/// The keys whose status is another in a plan than in the state before it.
pub(super) fn moving(plan: &Plan) -> Vec<String> {
    let before = plan.prior.as_ref().map(|state| statuses(&state.value)).unwrap_or_default();
    let after = statuses(&plan.planned);
    let gone = before.keys().filter(|key| !after.contains_key(*key));
    let moved = after.iter().filter(|(key, status)| before.get(*key) != Some(status)).map(|(key, _)| key);
    let mut keys: Vec<String> = gone.chain(moved).cloned().collect();
    keys.sort();
    keys
}
