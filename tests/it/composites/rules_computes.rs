//! What only Azure can know of a compute's surroundings, told in its words at
//! the argument that asked; and names of computes that are older than the rule.

use amlsecure::kinds::Cloud;
use amlsecure::resources::{self, Azure as Where};
use serde_json::{Value as Json, json};

use super::harness::*;
use super::inference_cluster::{given, make_their_cluster, their_cluster};
use super::rules::told_by_azure;

/// Everything, in a workspace that Azure keeps a network for.
fn managed() -> Stack {
    let stack = Stack::whole();
    let workspace = with(&stack.workspace, "/serverless_compute", Json::Null);
    let network = json!({ "isolation_mode": "AllowInternetOutbound" });
    let workspace = with(&workspace, "/managed_network", network);
    let cluster = with(&stack.cluster, "/subnet_resource_id", Json::Null);
    Stack { workspace, cluster, ..stack }
}

/// One composite of a stack with other arguments, told by Azure.
async fn told(stack: &Stack, type_name: &str, changes: &[(&str, Json)], at: &str, words: &str) {
    let arguments = stack.of(type_name).clone();
    let arguments = changes.iter().fold(arguments, |so_far, (at, value)| with(&so_far, at, value.clone()));
    let mut stack = stack.clone();
    stack.beyond.retain(|(name, _)| *name == type_name);
    told_by_azure(&stack, type_name, &arguments, at, words).await;
}

/// What an apply of these arguments is told, over what stands.
async fn said_at_last(
    bench: &Bench,
    type_name: &str,
    arguments: &Json,
    prior: Option<&State>,
) -> (String, String) {
    let applied = bench.apply(type_name, arguments, prior).await;
    let all = &applied.diagnostics.0;
    assert_eq!(all.len(), 1, "{all:?}");
    (all[0].path.to_string(), all[0].detail.clone())
}

#[tokio::test(start_paused = true)]
async fn a_managed_network_comes_before_the_computes() {
    let bench = Bench::new().await;
    let stack = Stack::example();
    let states = bench.build(&stack).await;
    let network = json!({ "isolation_mode": "AllowInternetOutbound" });
    let arguments = with(&stack.workspace, "/managed_network", network);
    let (at, words) = said_at_last(&bench, WORKSPACE, &arguments, Some(&states[WORKSPACE])).await;
    assert_eq!(at, "name");
    assert!(
        words.contains("A managed network can only be enabled once the compute 'cpu' is deleted."),
        "{words}"
    );
}

#[tokio::test(start_paused = true)]
async fn computes_of_a_managed_network_have_no_subnet_and_stand_in_the_workspaces_region() {
    let stack = managed();
    let subnet = [("/subnet_resource_id", json!(in_network("/subnets/training")))];
    let words = "A compute of a workspace with a managed network cannot have a custom subnet.";
    told(&stack, CLUSTER, &subnet, "name", words).await;
    told(&stack, INSTANCE, &subnet, "name", words).await;
    let far = [("/location", json!("japaneast"))];
    told(&stack, CLUSTER, &far, "name", "must be in the location of the workspace").await;
}

#[tokio::test(start_paused = true)]
async fn a_closed_cluster_stands_in_a_managed_network() {
    let stack = managed();
    let bench = Bench::new().await;
    bench.ground(&stack, CLUSTER).await;
    let state = bench.converge(CLUSTER, &stack.cluster, None).await;
    let body = bench.azure.get(&ids(&state.value)["cluster"]);
    assert_eq!(body["properties"]["properties"]["enableNodePublicIp"], false);
}

#[tokio::test(start_paused = true)]
async fn no_kubernetes_cluster_is_attached_beside_a_managed_network() {
    let words = "cannot be attached to a workspace with a managed network";
    told(&managed(), INFERENCE, &[], "name", words).await;
    told(&managed(), INFERENCE, &[("/compute_type", json!("AKS"))], "name", words).await;
}

#[tokio::test(start_paused = true)]
async fn a_given_cluster_has_local_accounts_and_an_identity() {
    let bench = Bench::new().await.on_the_ground_in(&Stack::whole(), INFERENCE).await;
    make_their_cluster(&bench.azure);
    let early = bench.plan(INFERENCE, &given(), None).await;
    bench.azure.change(&their_cluster(), |body| body["properties"]["disableLocalAccounts"] = json!(true));
    let line = "kubernetes_cluster_id: The Kubernetes cluster kubernetes_cluster cannot be used";
    assert_eq!(bench.refusal(INFERENCE, &given(), None).await, [line]);
    bench.azure.writes();
    let Err(Refusal::Provider(problems)) = bench.core.apply(early).await else { panic!("not refused") };
    assert!(problems.0[0].detail.contains("Its local accounts are disabled"), "{problems:?}");
    assert_eq!(bench.azure.written(), [""; 0]);

    // That it acts as a service principal Azure says itself.
    bench.azure.change(&their_cluster(), |body| {
        body["properties"]["disableLocalAccounts"] = json!(false);
        body["properties"]["servicePrincipalProfile"] = json!({ "clientId": SOMEBODY });
        body["identity"] = json!({ "type": "None" });
    });
    let (at, told) = said_at_last(&bench, INFERENCE, &given(), None).await;
    assert_eq!((at.as_str(), told.contains("uses a service principal")), ("name", true), "{told}");
}

/// Which addresses Azure Machine Learning has, no plan can tell, so that it
/// warns and builds.
#[tokio::test(start_paused = true)]
async fn an_api_that_only_some_addresses_reach_is_warned_of() {
    let ranges = json!({ "authorized_ip_ranges": ["203.0.113.0/24"] });
    let made = with(&inference_cluster(), "/kubernetes_cluster/private_cluster_enabled", json!(false));
    let guarded = with(&made, "/kubernetes_cluster/api_server_access_profile", ranges);
    let bench = Bench::new().await;
    bench.ground(&Stack::whole(), INFERENCE).await;
    let plan = bench.plan(INFERENCE, &guarded, None).await;
    let at = "kubernetes_cluster.api_server_access_profile.authorized_ip_ranges";
    assert_eq!(said(&plan.diagnostics), [format!("{at}: Azure Machine Learning may be kept from the API")]);
    assert!(plan.diagnostics.0[0].detail.contains("service tag AzureMachineLearning"));
    assert_eq!(said(&bench.plan(INFERENCE, &made, None).await.diagnostics), [""; 0]);

    // Of one that is given only Azure can tell.
    let line = "kubernetes_cluster_id: The Kubernetes cluster kubernetes_cluster may not do as it stands";
    strangers(&bench.azure);
    let unseen = bench.plan(INFERENCE, &given(), None).await;
    assert_eq!(said(&unseen.diagnostics), [""; 0]);
    make_their_cluster(&bench.azure);
    assert_eq!(said(&bench.plan(INFERENCE, &given(), None).await.diagnostics), [""; 0]);
    bench.azure.change(&their_cluster(), |body| {
        body["properties"]["apiServerAccessProfile"]["authorizedIPRanges"] = json!(["203.0.113.0/24"]);
    });
    let seen = bench.plan(INFERENCE, &given(), None).await;
    assert_eq!(said(&seen.diagnostics), [line]);
    let detail = &seen.diagnostics.0[0].detail;
    assert!(detail.starts_with(&their_cluster()) && detail.contains("service tag"), "{detail}");
    let applied = bench.core.apply(unseen).await.unwrap();
    assert_eq!(said(&applied.diagnostics), [line]);
    assert!(!applied.diagnostics.has_errors());
}

/// So it was in 2022, and nobody has written that it is otherwise.
#[tokio::test(start_paused = true)]
async fn an_identity_of_a_compute_beside_a_private_endpoint_is_warned_of() {
    let bench = Bench::new().await;
    bench.ground(&Stack::whole(), INFERENCE).await;
    let user = json!({ "type": "UserAssigned", "identity_ids": [their_identity()] });
    let plan = bench.plan(INFERENCE, &with(&inference_cluster(), "/identity", user), None).await;
    let line =
        "machine_learning_workspace_id: The machine learning workspace workspace may not do as it stands";
    assert_eq!(said(&plan.diagnostics), [line]);
    assert!(plan.diagnostics.0[0].detail.contains("identity of a compute does not work"));
}

#[tokio::test(start_paused = true)]
async fn nodes_stand_in_a_network_of_their_own_region() {
    let far = [("/subnet_resource_id", json!(their_far_subnet()))];
    let stack = Stack::whole();
    told(&stack, CLUSTER, &far, "name", "is not in the computeLocation of the compute").await;
    told(&stack, INSTANCE, &far, "name", "is not in the location of the compute").await;
}

#[tokio::test(start_paused = true)]
async fn a_size_that_the_region_has_none_of_is_told() {
    let stack = Stack::whole();
    for (type_name, argument) in [(CLUSTER, "vm_size"), (INSTANCE, "virtual_machine_size")] {
        let size = stack.of(type_name)[argument].clone();
        let script = json!({ "settings": { "unavailable_sizes": { "eastasia": [size] } } });
        let bench = Bench::scripted(script, amlsecure::simulator::Latency::Instant, 1).await;
        bench.ground(&stack, CLUSTER).await;
        let (at, words) = said_at_last(&bench, type_name, stack.of(type_name), None).await;
        assert_eq!(at, "name");
        assert!(words.contains("is not available in the region eastasia"), "{words}");
    }
}

/// A system-assigned identity is a Reader by itself.
#[tokio::test(start_paused = true)]
async fn the_users_identity_of_a_workspace_is_made_a_reader_of_the_cluster_before_it_is_attached() {
    let bench = Bench::new().await.on_the_ground_in(&Stack::whole(), INFERENCE).await;
    make_their_cluster(&bench.azure);
    let arguments = with(&given(), "/workspace_principal_id", json!(SOMEBODY));
    let state = bench.converge(INFERENCE, &arguments, None).await;
    let role = ids(&state.value)["role/cluster"].clone();
    assert!(role.starts_with(&format!("{}/providers/Microsoft.Authorization/", their_cluster())), "{role}");
    let written = bench.azure.writes();
    let at = |id: &str| written.iter().position(|write| write.path == id);
    assert!(at(&role) < at(&ids(&state.value)["compute"]));
    let body = &bench.azure.get(&role)["properties"];
    assert_eq!(body["principalId"], SOMEBODY);
    assert!(body["roleDefinitionId"].as_str().unwrap().ends_with("acdd72a7-3385-48ef-bd42-f606fba81ae7"));
    super::import::found_again(&bench, INFERENCE, &arguments, &state).await;

    let listed = with(&arguments, "/role_assignments", json!("none"));
    let state = bench.converge(INFERENCE, &listed, Some(&state)).await;
    assert!(bench.azure.get(&role).is_null());
    assert_eq!(state.value.attribute("required_role_assignments").as_list().map(<[_]>::len), Some(1));
    let told = bench.refusal(INFERENCE, &with(&given(), "/workspace_principal_id", json!("me")), None).await;
    assert_eq!(told, ["workspace_principal_id: \"me\" is not a GUID"]);
}

#[tokio::test(start_paused = true)]
async fn a_kubernetes_cluster_fits_into_the_network_that_it_is_put_in() {
    let stack = Stack::whole();
    let far = [("/location", json!("japaneast"))];
    told(&stack, INFERENCE, &far, "kubernetes_cluster.name", "both resources are in the same region").await;
    let routed = [("/kubernetes_cluster/network_profile/outbound_type", json!("userDefinedRouting"))];
    let words = "ExistingRouteTableNotAssociatedWithSubnet";
    told(&stack, INFERENCE, &routed, "kubernetes_cluster.name", words).await;
    let many = [("/kubernetes_cluster/default_node_pool/node_count", json!(9))];
    let words = "InsufficientSubnetSize: Pre-allocated IPs 279 exceeds IPs available 251";
    told(&stack, INFERENCE, &many, "kubernetes_cluster.name", words).await;
}

#[tokio::test(start_paused = true)]
async fn serverless_compute_needs_a_subnet_that_is_handed_to_nobody() {
    let subnet = [("/serverless_compute/subnet_id", json!(in_network("/subnets/instances")))];
    let words = "is delegated and cannot hold serverless compute";
    told(&Stack::whole(), WORKSPACE, &subnet, "name", words).await;
}

/// Azure lists no deleted workspaces, so no plan can tell.
#[tokio::test(start_paused = true)]
async fn the_name_of_a_deleted_workspace_is_refused_with_the_ways_on() {
    let stack = Stack::example();
    let bench = Bench::new().await.on_the_ground_in(&stack, WORKSPACE).await;
    assert!(bench.azure.delete(&their_workspace()));
    let arguments = with(&stack.workspace, "/name", json!("mlw-theirs"));
    let arguments = with(&arguments, "/resource_group_name", json!("rg-theirs"));
    let (at, words) = said_at_last(&bench, WORKSPACE, &arguments, None).await;
    assert_eq!(at, "name");
    assert!(words.contains("Soft-deleted workspace exists. Please purge or recover it."), "{words}");
}

#[tokio::test(start_paused = true)]
async fn the_name_of_a_compute_is_one_in_its_region() {
    let stack = Stack::whole();
    let bench = Bench::new().await.on_the_ground_in(&stack, CLUSTER).await;
    for (type_name, name) in [(CLUSTER, "cpu"), (INSTANCE, "notebooks")] {
        bench.azure.put(&format!("{}/computes/{name}", their_workspace()), &their_compute());
        let (at, words) = said_at_last(&bench, type_name, stack.of(type_name), None).await;
        assert_eq!(at, "name");
        assert!(
            words.contains(&format!("The compute name '{name}' is already used in the region.")),
            "{words}"
        );
    }
}

/// A cluster of strangers, whose nodes have public addresses.
fn their_compute() -> Json {
    json!({ "location": "eastasia", "properties": {
        "computeType": "AmlCompute", "disableLocalAuth": false,
        "properties": {
            "osType": "Linux", "vmSize": "Standard_DS3_v2", "vmPriority": "Dedicated",
            "remoteLoginPortPublicAccess": "Disabled",
            "scaleSettings": { "minNodeCount": 0, "maxNodeCount": 1, "nodeIdleTimeBeforeScaleDown": "PT2M" },
        },
    }})
}

#[tokio::test(start_paused = true)]
async fn a_compute_of_an_older_name_is_found_and_kept_and_no_new_one_is_named_so() {
    let bench = Bench::new().await.on_the_ground_of(CLUSTER).await;
    let workspace = in_group("Microsoft.MachineLearningServices/workspaces/mlw-mlops");
    for name in ["gpu-cluster-1".to_owned(), "a".repeat(32)] {
        let id = format!("{workspace}/computes/{name}");
        let (status, refused) = bench.azure.ask(http::Method::PUT, &id, &their_compute());
        assert_eq!((status, refused["error"]["code"].as_str()), (400, Some("InvalidResourceName")));
        bench.azure.put(&format!("{id}?api-version=2025-06-01"), &their_compute());
        let imported = bench.core.import(CLUSTER, &id).await.unwrap();
        let arguments = json!({
            "name": name, "machine_learning_workspace_id": workspace, "vm_size": "Standard_DS3_v2",
            "node_public_ip_enabled": true, "local_auth_enabled": true,
            "scale_settings": {
                "min_node_count": 0, "max_node_count": 2, "scale_down_nodes_after_idle_duration": "PT2M",
            },
        });
        let state = bench.converge(CLUSTER, &arguments, Some(&imported)).await;
        assert_eq!(bench.azure.get(&id)["properties"]["properties"]["scaleSettings"]["maxNodeCount"], 2);

        let told = format!("name: {name:?} cannot name a compute");
        let another = with(&arguments, "/vm_size", json!("Standard_DS4_v2"));
        assert_eq!(bench.refusal(CLUSTER, &another, Some(&state)).await, std::slice::from_ref(&told));
        assert_eq!(bench.refusal(CLUSTER, &arguments, None).await, [told]);
        let renamed = with(&with(&arguments, "/name", json!("gpu")), "/names", json!({ "cluster": name }));
        let told = format!("names[\"cluster\"]: {name:?} cannot name a compute");
        assert_eq!(bench.refusal(CLUSTER, &renamed, None).await, [told]);
    }
}

#[tokio::test(start_paused = true)]
async fn an_instance_without_an_address_of_its_subnet_fails_and_says_so() {
    let mut stack = Stack::whole();
    // Three addresses, and three nodes in them.
    stack.network["subnet"][1]["address_prefixes"] = json!(["10.10.1.0/29"]);
    stack.cluster["scale_settings"]["min_node_count"] = json!(3);
    told(&stack, INSTANCE, &[], "name", "has no free IP address for the compute instance").await;
}

#[tokio::test(start_paused = true)]
async fn an_instance_that_needs_the_keys_of_the_account_says_so() {
    let script = json!({ "settings": { "keyless_instances_fail": true } });
    let bench = Bench::scripted(script, amlsecure::simulator::Latency::Instant, 1).await;
    let mut stack = Stack::whole();
    stack.workspace["storage_account_access_type"] = json!("Identity");
    stack.workspace["storage_account"]["shared_access_key_enabled"] = json!(false);
    bench.ground(&stack, CLUSTER).await;
    let (at, words) = said_at_last(&bench, INSTANCE, stack.of(INSTANCE), None).await;
    assert_eq!(at, "name");
    assert!(words.contains("of the workspace does not permit shared key access"), "{words}");
}

#[tokio::test(start_paused = true)]
async fn an_instance_without_a_public_address_needs_what_a_cluster_needs() {
    let subnet = |name: &str| [("/subnet_resource_id", json!(in_network(&format!("/subnets/{name}"))))];
    let stack = Stack::whole();
    told(&stack, INSTANCE, &subnet("endpoints"), "name", "PrivateEndpointNetworkPolicies enabled").await;
    told(&stack, INSTANCE, &subnet("instances"), "name", "is delegated and cannot hold a compute").await;
    let mut open = Stack::whole();
    open.workspace = with(&open.workspace, "/serverless_compute", Json::Null);
    open.workspace = with(&open.workspace, "/private_endpoint", Json::Null);
    open.cluster["node_public_ip_enabled"] = json!(true);
    let words = "Provided EnableNodePublicIp 'False' requires workspace private endpoint.";
    told(&open, INSTANCE, &[], "name", words).await;
}

#[tokio::test(start_paused = true)]
async fn a_storage_account_admits_subnets_by_their_service_endpoint() {
    let rules = json!({ "virtual_network_subnet_ids": [in_network("/subnets/training")] });
    let changes = [("/storage_account/network_rules", rules), ("/private_endpoint", Json::Null)];
    let words = "Add Microsoft.Storage to subnet's ServiceEndpoints collection";
    told(&Stack::example(), WORKSPACE, &changes, "storage_account.name", words).await;
}

#[tokio::test(start_paused = true)]
async fn the_name_of_a_log_workspace_that_others_have_deleted_is_told() {
    let script = json!({ "settings": { "deleted_log_names_taken": true } });
    let bench = Bench::scripted(script, amlsecure::simulator::Latency::Instant, 1).await;
    let stack = Stack::example();
    bench.ground(&stack, WORKSPACE).await;
    let taken = in_group("Microsoft.OperationalInsights/workspaces/log-taken");
    bench
        .azure
        .put(&taken, &json!({ "location": "japaneast", "properties": { "sku": { "name": "PerGB2018" } } }));
    assert!(bench.azure.delete(&taken));
    let arguments = with(&stack.workspace, "/names", json!({ "log_analytics": "log-taken" }));
    let (at, words) = said_at_last(&bench, WORKSPACE, &arguments, None).await;
    assert_eq!(at, "application_insights.name");
    assert!(words.contains("The workspace name 'log-taken' is not unique"), "{words}");
}

#[tokio::test(start_paused = true)]
async fn a_subnet_stays_its_services_while_that_is_in_it() {
    let bench = Bench::new().await;
    let stack = Stack::whole();
    let states = bench.build(&stack).await;
    let subnets = stack.network["subnet"].as_array().unwrap();
    let at = subnets.iter().position(|subnet| subnet["name"] == "instances").unwrap();
    let arguments = with(&stack.network, &format!("/subnet/{at}/purpose"), json!("general"));
    let (path, words) = said_at_last(&bench, NETWORK, &arguments, Some(&states[NETWORK])).await;
    assert_eq!(path, format!("subnet[{at}].name"));
    assert!(words.contains("SubnetDelegationsCannotChangeWhenSubnetUsedByResource"), "{words}");
}

#[tokio::test(start_paused = true)]
async fn databricks_stands_in_its_networks_region_in_guarded_subnets() {
    let stack = Stack::whole();
    let far = [("/location", json!("japaneast"))];
    let network = "custom_parameters.virtual_network_id";
    told(&stack, DATABRICKS, &far, network, "both resources are in the same region").await;

    let bench = Bench::new().await.on_the_ground_in(&stack, DATABRICKS).await;
    for (at, name) in ["spark-public", "spark-private"].into_iter().enumerate() {
        let delegation =
            json!({ "name": "d", "properties": { "serviceName": "Microsoft.Databricks/workspaces" } });
        let range = format!("10.99.{at}.0/24");
        let body = json!({ "properties": { "addressPrefix": range, "delegations": [delegation] } });
        bench.azure.put(&format!("{}/subnets/{name}", their_network()), &body);
    }
    let theirs = with(stack.of(DATABRICKS), "/custom_parameters/virtual_network_id", json!(their_network()));
    let theirs = with(&theirs, "/custom_parameters/machine_learning_workspace_id", Json::Null);
    let (at, words) = said_at_last(&bench, DATABRICKS, &theirs, None).await;
    assert_eq!(at, "name");
    assert!(words.contains("has no network security group"), "{words}");
}

/// Each Azure has storage under a name of its own.
#[test]
fn a_datastore_names_the_storage_of_its_cloud() {
    for (cloud, suffix) in [
        (Cloud::Public, "core.windows.net"),
        (Cloud::China, "core.chinacloudapi.cn"),
        (Cloud::UsGovernment, "core.usgovcloudapi.net"),
    ] {
        let place = Where {
            subscription: amlsecure::kinds::ResourceId::subscription(amlsecure::simulator::SUBSCRIPTION)
                .unwrap(),
            tenant_id: None,
            cloud,
            default_tags: [].into(),
            compute_instance_actions: false,
        };
        let stack = Stack::whole();
        let composite = resources::find(DATASTORE).unwrap();
        let expansion = composite.expand(&config(DATASTORE, stack.of(DATASTORE)), &place);
        let body = format!("{:?}", expansion.graph.get("datastore").unwrap().body);
        assert!(body.contains(&format!("\"{suffix}\"")), "{cloud:?}: {body}");
    }
}
