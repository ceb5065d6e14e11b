//! A cluster that models are served on: how it is attached, what it needs
//! before that, and what is refused before anything is sent.

use http::Method;
use serde_json::{Value as Json, json};

use super::harness::*;

const KEY: &str = "-----the key of scoring-----";

/// The example's, attached as version 1 does.
fn legacy() -> Json {
    with(&inference_cluster(), "/compute_type", json!("AKS"))
}

fn with_tls(arguments: &Json, cert: &str) -> Json {
    let tls = json!({ "cert": cert, "key": KEY, "cname": "scoring.example.com" });
    with(&with(arguments, "/insecure_connections_allowed", Json::Null), "/ssl", tls)
}

pub(super) fn their_cluster() -> String {
    theirs("Microsoft.ContainerService/managedClusters/aks-theirs")
}

/// A cluster of strangers in the example's network.
pub(super) fn make_their_cluster(azure: &Azure) {
    let pool = json!({
        "name": "system", "mode": "System", "count": 3, "vmSize": "Standard_D4s_v5",
        "vnetSubnetID": in_network("/subnets/inference"),
    });
    let ranges =
        json!({ "serviceCidr": "172.16.0.0/16", "dnsServiceIP": "172.16.0.10", "networkPlugin": "azure" });
    azure.put(
        &their_cluster(),
        &json!({ "location": "eastasia", "identity": { "type": "SystemAssigned" }, "properties": {
            "dnsPrefix": "theirs", "agentPoolProfiles": [pool], "networkProfile": ranges,
        }}),
    );
}

pub(super) fn given() -> Json {
    let arguments = with(&inference_cluster(), "/kubernetes_cluster", Json::Null);
    with(&arguments, "/kubernetes_cluster_id", json!(their_cluster()))
}

async fn ground() -> Bench {
    Bench::new().await.on_the_ground_in(&Stack::whole(), INFERENCE).await
}

fn at(writes: &[Exchange], id: &str) -> Vec<usize> {
    let is = |write: &&Exchange| write.path.eq_ignore_ascii_case(id) && write.method == Method::PUT;
    let found = writes.iter().enumerate().filter(|(_, write)| is(write));
    found.map(|(at, _)| at).collect()
}

#[tokio::test(start_paused = true)]
async fn a_cluster_stands_before_its_role_its_role_before_the_extension_and_that_before_the_compute() {
    let bench = Bench::slow().await;
    bench.ground(&Stack::whole(), INFERENCE).await;
    let state = bench.converge(INFERENCE, &inference_cluster(), None).await;
    let (ids, writes) = (ids(&state.value), bench.azure.writes());
    let order: Vec<usize> = ["kubernetes_cluster", "role/network", "extension", "compute"]
        .iter()
        .map(|key| at(&writes, &ids[*key])[0])
        .collect();
    assert!(order.is_sorted(), "{order:?}");
    assert_eq!(ids.len(), order.len());
    let cluster = bench.azure.get(&ids["kubernetes_cluster"]);
    assert_eq!(cluster["properties"]["apiServerAccessProfile"]["enablePrivateCluster"], true);
    assert_eq!(cluster["properties"]["disableLocalAccounts"], false);
    assert_eq!(cluster["properties"]["networkProfile"]["outboundType"], "userAssignedNATGateway");
    let settings = bench.azure.get(&ids["extension"])["properties"]["configurationSettings"].clone();
    assert_eq!(settings["internalLoadBalancerProvider"], "azure");
    assert_eq!(
        (&settings["enableInference"], &settings["enableTraining"]),
        (&json!("True"), &json!("False"))
    );
    // The network's group, as the seed has it.
    let role = bench.azure.get(&ids["role/network"]);
    assert!(
        role["properties"]["roleDefinitionId"]
            .as_str()
            .unwrap()
            .ends_with("4d97b98b-1d4f-4787-a291-c67834d212e7")
    );
    assert_eq!(role["properties"]["principalId"], cluster["identity"]["principalId"]);
    assert!(ids["role/network"].contains("/resourceGroups/rg-mlops/providers/Microsoft.Authorization/"));
    assert_eq!(state.value.attribute("private_fqdn").as_str(), cluster["properties"]["privateFQDN"].as_str());
    bench.destroy(&state).await;
}

/// Version 1 takes an internal load balancer of what is attached, never at once.
#[tokio::test(start_paused = true)]
async fn the_load_balancer_of_version_1_becomes_internal_in_a_second_write_after_the_role() {
    let bench = ground().await;
    let state = bench.converge(INFERENCE, &legacy(), None).await;
    let (ids, writes) = (ids(&state.value), bench.azure.writes());
    assert!(!ids.contains_key("extension"));
    let puts = at(&writes, &ids["compute"]);
    let sent = |at: usize| &writes[at].request["properties"]["properties"];
    assert!(sent(puts[0])["loadBalancerType"].is_null() && sent(puts[0])["loadBalancerSubnet"].is_null());
    assert_eq!(sent(puts[1])["loadBalancerType"], "InternalLoadBalancer");
    assert_eq!(sent(puts[1])["loadBalancerSubnet"], "inference");
    assert!(at(&writes, &ids["role/network"])[0] < puts[1]);
    let compute = bench.azure.get(&ids["compute"]);
    assert_eq!(compute["properties"]["isAttachedCompute"], true);
    assert_eq!(compute["properties"]["properties"]["clusterPurpose"], "FastProd");

    // Its way in changes in place.
    let public = with(&legacy(), "/load_balancer_type", json!("PublicIp"));
    let state = bench.converge(INFERENCE, &public, Some(&state)).await;
    assert_eq!(bench.azure.written(), [format!("PUT {}", brief(&ids["compute"]))]);
    bench.destroy(&state).await;
}

#[tokio::test(start_paused = true)]
async fn a_load_balancer_that_stays_public_is_made_internal_by_the_next_apply() {
    let bench = ground().await;
    let compute = "/computes/scoring";
    let first = bench.plan(INFERENCE, &legacy(), None).await;
    bench.azure.refuse(Method::PUT, compute, 1);
    let failed = bench.core.apply(first).await.unwrap();
    assert!(failed.diagnostics.has_errors());
    let state = bench.converge(INFERENCE, &legacy(), None).await;
    let body = bench.azure.get(&ids(&state.value)["compute"]);
    assert_eq!(body["properties"]["properties"]["loadBalancerType"], "InternalLoadBalancer");
}

#[tokio::test(start_paused = true)]
async fn an_identity_of_the_users_has_its_roles_before_the_cluster_is_made() {
    let bench = ground().await;
    let zone = theirs("Microsoft.Network/privateDnsZones/privatelink.eastasia.azmk8s.io");
    bench.azure.put(&zone, &json!({ "location": "global" }));
    let identity = json!({ "type": "UserAssigned", "identity_ids": [their_identity()] });
    let arguments = with(&inference_cluster(), "/kubernetes_cluster/identity", identity);
    let arguments = with(&arguments, "/kubernetes_cluster/private_dns_zone_id", json!(zone));
    let state = bench.converge(INFERENCE, &arguments, None).await;
    let (ids, writes) = (ids(&state.value), bench.azure.writes());
    for key in ["role/network", "role/private_dns_zone"] {
        assert!(at(&writes, &ids[key])[0] < at(&writes, &ids["kubernetes_cluster"])[0], "{key}");
    }
    let listed = state.value.attribute("required_role_assignments").as_list().unwrap().len();
    assert_eq!(listed, 2);
    let none = with(&arguments, "/role_assignments", json!("none"));
    let state = bench.converge(INFERENCE, &none, Some(&state)).await;
    assert_eq!(statuses(&state.value).keys().filter(|key| key.starts_with("role/")).count(), 0);
    assert_eq!(state.value.attribute("required_role_assignments").as_list().unwrap().len(), listed);
}

#[tokio::test(start_paused = true)]
async fn a_given_cluster_gets_the_extension_and_stays_when_the_block_goes() {
    for arguments in [
        given(),
        with(
            &with(&given(), "/compute_type", json!("AKS")),
            "/load_balancer_subnet_id",
            json!(in_network("/subnets/inference")),
        ),
    ] {
        let bench = ground().await;
        make_their_cluster(&bench.azure);
        let before = bench.azure.held();
        let body = bench.azure.get(&their_cluster());
        let state = bench.converge(INFERENCE, &arguments, None).await;
        assert_eq!(bench.azure.get(&their_cluster()), body);
        bench.destroy(&state).await;
        assert_eq!(bench.azure.held(), before);
    }
}

#[tokio::test(start_paused = true)]
async fn somebody_elses_extension_is_left_alone() {
    let bench = ground().await;
    make_their_cluster(&bench.azure);
    let arguments = with(&given(), "/extension", json!("none"));
    // Nobody has installed it yet.
    let applied = bench.apply(INFERENCE, &arguments, None).await;
    let told = &applied.diagnostics.0[0];
    assert_eq!(told.path.to_string(), "name");
    assert!(told.detail.contains("Microsoft.AzureML.Kubernetes is not installed"), "{told:?}");
    bench.azure.put(
        &format!("{}/providers/Microsoft.KubernetesConfiguration/extensions/theirs", their_cluster()),
        &json!({ "properties": {
            "extensionType": "Microsoft.AzureML.Kubernetes",
            "configurationSettings": { "enableInference": "True" },
        }}),
    );
    bench.azure.writes();
    let state = bench.converge(INFERENCE, &arguments, None).await;
    assert_eq!(statuses(&state.value).into_keys().collect::<Vec<_>>(), ["compute"]);
    assert!(bench.azure.writes().iter().all(|write| !write.path.contains("/extensions/")));
}

#[tokio::test(start_paused = true)]
async fn the_key_is_sent_with_its_certificate_and_kept_nowhere() {
    for arguments in [inference_cluster(), legacy()] {
        let bench = ground().await;
        let one = with_tls(&arguments, "first");
        let plan = bench.plan(INFERENCE, &one, None).await;
        assert!(!format!("{:?}", plan.planned).contains(KEY));
        let state = bench.converge(INFERENCE, &one, None).await;
        assert!(!format!("{:?}", state.value).contains(KEY));
        let carriers = |writes: &[Exchange]| -> Vec<String> {
            let carries = |write: &&Exchange| write.request.to_string().contains(KEY);
            writes.iter().filter(carries).map(|write| brief(&write.path).to_owned()).collect()
        };
        assert!(!carriers(&bench.azure.writes()).is_empty());

        // A refresh sees no drift in what Azure never answers.
        let refreshed = bench.refresh(&state).await;
        assert_eq!(bench.plan(INFERENCE, &one, Some(&refreshed)).await.action, Action::NoOp);

        let other = with_tls(&arguments, "second");
        let state = bench.converge(INFERENCE, &other, Some(&refreshed)).await;
        let writes = bench.azure.writes();
        assert_eq!(writes.len(), 1, "{writes:?}");
        assert_eq!(carriers(&writes).len(), 1);
        assert!(writes[0].request.to_string().contains("second"));

        // What goes on without TLS and comes back has to send both again.
        let state = bench.converge(INFERENCE, &arguments, Some(&state)).await;
        bench.azure.writes();
        bench.converge(INFERENCE, &one, Some(&state)).await;
        assert_eq!(carriers(&bench.azure.writes()).len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn nodes_are_added_in_place_and_pools_of_others_stay() {
    let bench = ground().await;
    let state = bench.converge(INFERENCE, &inference_cluster(), None).await;
    let cluster = ids(&state.value)["kubernetes_cluster"].clone();
    let gpu = format!("{cluster}/agentPools/gpu");
    let own = json!({ "properties": { "count": 1, "mode": "User", "vmSize": "Standard_NC6s_v3" } });
    bench.azure.put(&gpu, &own);
    bench.azure.writes();
    let refreshed = bench.refresh(&state).await;
    assert_eq!(bench.plan(INFERENCE, &inference_cluster(), Some(&refreshed)).await.action, Action::NoOp);
    let more = with(&inference_cluster(), "/kubernetes_cluster/default_node_pool/node_count", json!(4));
    let state = bench.converge(INFERENCE, &more, Some(&refreshed)).await;
    assert_eq!(bench.azure.written(), [format!("PUT {}", brief(&cluster))]);
    assert_eq!(bench.azure.get(&gpu)["properties"]["count"], 1);
    assert_eq!(
        bench.azure.get(&cluster)["properties"]["agentPoolProfiles"].as_array().map(Vec::len),
        Some(2)
    );

    let moved = with(&more, "/kubernetes_cluster/network_profile/service_cidr", json!("172.20.0.0/16"));
    let moved = with(&moved, "/kubernetes_cluster/network_profile/dns_service_ip", json!("172.20.0.10"));
    let plan = bench.plan(INFERENCE, &moved, Some(&state)).await;
    assert_eq!(plan.action, Action::Replace);
}

#[tokio::test(start_paused = true)]
async fn a_cluster_is_found_again_by_its_compute_whoever_made_it() {
    for arguments in [inference_cluster(), legacy(), given()] {
        let bench = ground().await;
        make_their_cluster(&bench.azure);
        let room = with(&arguments, "/cluster_purpose", json!("DenseProd"));
        let state = bench.converge(INFERENCE, &room, None).await;
        super::import::found_again(&bench, INFERENCE, &room, &state).await;
    }
}

/// Each rule with what breaks it, and the error that says so.
#[tokio::test(start_paused = true)]
async fn what_cannot_stand_is_refused_by_the_plan_at_its_argument() {
    let bench = Bench::new().await;
    let elsewhere = |tail: &str| {
        format!(
            "/subscriptions/00000000-0000-0000-0000-0000000000ff/resourceGroups/rg-mlops/providers/{tail}"
        )
    };
    let network = "/kubernetes_cluster/network_profile";
    let pool = "/kubernetes_cluster/default_node_pool";
    let tls = json!({ "cert": "c", "key": "k", "cname": "scoring.example.com" });
    let label = json!({ "leaf_domain_label": "scoring" });
    let range = |name: &str, value: &str| vec![(format!("{network}/{name}"), json!(value))];
    let one = |pointer: &str, value: Json| vec![(pointer.to_owned(), value)];
    let cases: Vec<(Vec<(String, Json)>, &str)> = vec![
        // S0: the services' range, the address of their DNS, Docker's bridge.
        (
            range("dns_service_ip", "10.0.0.10"),
            "kubernetes_cluster.network_profile.dns_service_ip: 10.0.0.10 lies outside the services' range 172.16.0.0/16",
        ),
        (
            range("dns_service_ip", "172.16.0.1"),
            "kubernetes_cluster.network_profile.dns_service_ip: 172.16.0.1 is the first address of 172.16.0.0/16, which Kubernetes takes for itself",
        ),
        (
            [range("service_cidr", "172.17.0.0/16"), range("dns_service_ip", "172.17.0.10")].concat(),
            "kubernetes_cluster.network_profile.service_cidr: 172.17.0.0/16 overlaps 172.17.0.0/16, Docker's bridge on every node",
        ),
        (
            [
                range("service_cidr", "10.10.2.0/24"),
                range("dns_service_ip", "10.10.2.10"),
                one("/virtual_network_address_space", json!(["10.10.0.0/16"])),
            ]
            .concat(),
            "kubernetes_cluster.network_profile.service_cidr: 10.10.2.0/24 overlaps the network's 10.10.0.0/16",
        ),
        (
            [one(network, Json::Null), one("/virtual_network_address_space", json!(["10.0.0.0/16"]))]
                .concat(),
            "virtual_network_address_space: 10.0.0.0/16 overlaps the network's 10.0.0.0/16",
        ),
        (
            [range("service_cidr", "192.0.2.0/24"), range("dns_service_ip", "192.0.2.10")].concat(),
            "kubernetes_cluster.network_profile.service_cidr: 192.0.2.0/24 overlaps 192.0.2.0/24, a range that Azure keeps for itself",
        ),
        (
            [range("service_cidr", "16.0.0.0/8"), range("dns_service_ip", "16.0.0.10")].concat(),
            "kubernetes_cluster.network_profile.service_cidr: 16.0.0.0/8 is too large for services",
        ),
        (
            [range("network_plugin_mode", "overlay"), range("pod_cidr", "172.16.4.0/22")].concat(),
            "kubernetes_cluster.network_profile.pod_cidr: 172.16.4.0/22 overlaps the services' range 172.16.0.0/16",
        ),
        (
            range("pod_cidr", "10.244.0.0/16"),
            "kubernetes_cluster.network_profile.pod_cidr: Pods of the plugin azure have addresses of the subnet",
        ),
        (
            [range("network_plugin", "kubenet"), range("network_plugin_mode", "overlay")].concat(),
            "kubernetes_cluster.network_profile.network_plugin_mode: The plugin kubenet has no overlay mode",
        ),
        (
            range("service_cidr", "172.16.0.1/16"),
            "kubernetes_cluster.network_profile.service_cidr: \"172.16.0.1/16\" is not an IPv4 range",
        ),
        // The API.
        (
            one(
                "/kubernetes_cluster/api_server_access_profile",
                json!({ "authorized_ip_ranges": ["203.0.113.0/24"] }),
            ),
            "kubernetes_cluster.api_server_access_profile.authorized_ip_ranges: A private API has no authorized_ip_ranges",
        ),
        (
            [
                one("/kubernetes_cluster/private_cluster_enabled", json!(false)),
                one("/kubernetes_cluster/private_dns_zone_id", json!("System")),
            ]
            .concat(),
            "kubernetes_cluster.private_dns_zone_id: kubernetes_cluster.private_dns_zone_id is for a private API",
        ),
        (
            one("/kubernetes_cluster/private_dns_zone_id", json!("None")),
            "kubernetes_cluster.private_dns_zone_id: Nobody could find the API",
        ),
        (
            one(
                "/kubernetes_cluster/private_dns_zone_id",
                json!(theirs("Microsoft.Network/privateDnsZones/privatelink.eastasia.azmk8s.io")),
            ),
            "kubernetes_cluster.private_dns_zone_id: A private DNS zone of yours takes an identity of yours",
        ),
        (
            [
                one("/location", json!("eastasia")),
                one(
                    "/kubernetes_cluster/private_dns_zone_id",
                    json!(theirs("Microsoft.Network/privateDnsZones/example.com")),
                ),
                one(
                    "/kubernetes_cluster/identity",
                    json!({ "type": "UserAssigned", "identity_ids": [their_identity()] }),
                ),
            ]
            .concat(),
            "kubernetes_cluster.private_dns_zone_id: A cluster in eastasia writes no name into the zone example.com",
        ),
        (
            one(
                "/kubernetes_cluster/identity",
                json!({ "type": "UserAssigned", "identity_ids": [their_identity(), their_identity()] }),
            ),
            "kubernetes_cluster.identity.identity_ids[1]: A Kubernetes cluster has one user-assigned identity",
        ),
        // The nodes.
        (
            one("/kubernetes_cluster/name", json!("-aks")),
            "kubernetes_cluster.name: \"-aks\" cannot name a Kubernetes cluster",
        ),
        (
            one("/kubernetes_cluster/dns_prefix", json!("aks_")),
            "kubernetes_cluster.dns_prefix: \"aks_\" cannot begin a host name",
        ),
        (
            one(&format!("{pool}/name"), json!("System")),
            "kubernetes_cluster.default_node_pool.name: \"System\" cannot name a agent pool",
        ),
        (
            [one(&format!("{pool}/node_count"), json!(0)), one("/cluster_purpose", json!("DevTest"))]
                .concat(),
            "kubernetes_cluster.default_node_pool.node_count: Azure takes no 0 nodes in a pool that holds the system",
        ),
        (
            one(&format!("{pool}/max_pods"), json!(9)),
            "kubernetes_cluster.default_node_pool.max_pods: Azure takes no 9 pods on a node",
        ),
        (
            one(&format!("{pool}/vnet_subnet_id"), json!(in_network("/subnets/AzureBastionSubnet"))),
            "kubernetes_cluster.default_node_pool.vnet_subnet_id: AzureBastionSubnet holds no nodes",
        ),
        (
            [one("/compute_type", json!("AKS")), one(&format!("{pool}/node_count"), json!(2))].concat(),
            "cluster_purpose: FastProd asks for 12 vCPUs, and the nodes have 8",
        ),
        (
            [one("/cluster_purpose", json!("DenseProd")), one(&format!("{pool}/node_count"), json!(2))]
                .concat(),
            "kubernetes_cluster.default_node_pool.node_count: Production asks for 3 nodes, and there are 2",
        ),
        (
            [
                one("/cluster_purpose", json!("DevTest")),
                one(&format!("{pool}/vm_size"), json!("Standard_D2s_v5")),
            ]
            .concat(),
            "kubernetes_cluster.default_node_pool.vm_size: A node of 2 vCPUs is too small for the extension",
        ),
        // Where things lie.
        (
            one(
                &format!("{pool}/vnet_subnet_id"),
                json!(elsewhere("Microsoft.Network/virtualNetworks/v/subnets/s")),
            ),
            "kubernetes_cluster.default_node_pool.vnet_subnet_id: This lies in another subscription than the workspace",
        ),
        (
            one(
                "/machine_learning_workspace_id",
                json!(elsewhere("Microsoft.MachineLearningServices/workspaces/w")),
            ),
            "machine_learning_workspace_id: The workspace lies in another subscription than the cluster that is made",
        ),
        (
            one("/load_balancer_subnet_id", json!(format!("{}/subnets/s", their_network()))),
            "load_balancer_subnet_id: The load balancer's subnet lies in another network than the nodes",
        ),
        // What is attached, and how.
        (one("/kubernetes_cluster", Json::Null), "kubernetes_cluster_id: There is no cluster to attach"),
        (
            one("/kubernetes_cluster_id", json!(their_cluster())),
            "kubernetes_cluster_id: A cluster is made or given, not both",
        ),
        (one("/name", json!("aks-1")), "name: \"aks-1\" cannot name a compute"),
        (
            one(&format!("{pool}/vm_size"), json!("Standard_F4s_v2")),
            "kubernetes_cluster.default_node_pool.vm_size: A node of 8 GB is too small for the extension",
        ),
        (
            [one("/compute_type", json!("AKS")), one("/training_enabled", json!(true))].concat(),
            "training_enabled: training_enabled is for clusters of the type Kubernetes",
        ),
        (
            [one("/compute_type", json!("AKS")), one("/namespace", json!("ml"))].concat(),
            "namespace: namespace is for clusters of the type Kubernetes",
        ),
        (
            [one("/compute_type", json!("AKS")), one("/extension", json!("none"))].concat(),
            "extension: extension is for clusters of the type Kubernetes",
        ),
        (
            [
                one("/compute_type", json!("AKS")),
                one("/kubernetes_cluster", Json::Null),
                one("/kubernetes_cluster_id", json!(their_cluster())),
            ]
            .concat(),
            "load_balancer_subnet_id: An internal load balancer needs a subnet",
        ),
        // Scoring.
        (one("/insecure_connections_allowed", Json::Null), "ssl: Scoring has no certificate"),
        (
            one("/ssl", tls.clone()),
            "insecure_connections_allowed: Scoring is served with TLS or without, not both",
        ),
        (
            [one("/insecure_connections_allowed", Json::Null), one("/ssl", with(&tls, "/key", Json::Null))]
                .concat(),
            "ssl.key: A certificate of yours needs its key",
        ),
        (
            [one("/insecure_connections_allowed", Json::Null), one("/ssl", label.clone())].concat(),
            "ssl.leaf_domain_label: Only a cluster of the type AKS has a leaf_domain_label",
        ),
        (
            [
                one("/insecure_connections_allowed", Json::Null),
                one("/ssl", label.clone()),
                one("/compute_type", json!("AKS")),
            ]
            .concat(),
            "ssl.leaf_domain_label: Microsoft makes certificates for public addresses only",
        ),
        (
            [
                one("/insecure_connections_allowed", Json::Null),
                one("/ssl", with(&label, "/cname", json!("a.example.com"))),
                one("/compute_type", json!("AKS")),
                one("/load_balancer_type", json!("PublicIp")),
            ]
            .concat(),
            "ssl.cname: cname and leaf_domain_label exclude each other",
        ),
        (
            [
                one("/insecure_connections_allowed", Json::Null),
                one("/ssl", with(&tls, "/overwrite_existing_domain", json!(true))),
            ]
            .concat(),
            "ssl.overwrite_existing_domain: overwrite_existing_domain goes with leaf_domain_label",
        ),
        (
            [
                one("/load_balancer_type", json!("PublicIp")),
                one("/load_balancer_subnet_id", json!(in_network("/subnets/inference"))),
            ]
            .concat(),
            "load_balancer_subnet_id: A public load balancer stands in no subnet",
        ),
    ];
    for (changes, error) in cases {
        let arguments =
            changes.iter().fold(inference_cluster(), |so_far, (at, value)| with(&so_far, at, value.clone()));
        assert_eq!(bench.refusal(INFERENCE, &arguments, None).await, [error]);
    }
}

/// Without the network's ranges only Azure sees that services stand in its
/// way: its words come back to the argument.
#[tokio::test(start_paused = true)]
async fn a_range_that_azure_refuses_is_told_at_its_argument() {
    let bench = ground().await;
    let network = "/kubernetes_cluster/network_profile";
    let arguments = with(&inference_cluster(), &format!("{network}/service_cidr"), json!("10.10.0.0/16"));
    let arguments = with(&arguments, &format!("{network}/dns_service_ip"), json!("10.10.0.10"));
    let applied = bench.apply(INFERENCE, &arguments, None).await;
    let one =
        applied.diagnostics.0.iter().find(|one| one.detail.contains("ServiceCidrOverlapExistingSubnetsCidr"));
    let one = one.unwrap_or_else(|| panic!("{:?}", applied.diagnostics));
    assert_eq!(one.path.to_string(), "kubernetes_cluster.network_profile.service_cidr");
}

#[tokio::test(start_paused = true)]
async fn scoring_is_admitted_from_named_ranges_by_tls() {
    let bench = Bench::new().await;
    let stack = Stack::whole();
    let at = stack.network["subnet"]
        .as_array()
        .unwrap()
        .iter()
        .position(|one| one["name"] == "inference")
        .unwrap();
    let pointer = format!("/subnet/{at}/scoring_sources");
    bench.ground(&stack, NETWORK).await;
    let state = bench.converge(NETWORK, &stack.network, None).await;
    let named = with(&stack.network, &pointer, json!(["203.0.113.0/24"]));
    let guard = ids(&state.value)["nsg/inference"].clone();
    bench.azure.writes();
    let state = bench.converge(NETWORK, &named, Some(&state)).await;
    assert_eq!(bench.azure.written(), [format!("PUT {}", brief(&guard))]);
    let rules = bench.azure.get(&guard)["properties"]["securityRules"].clone();
    let scoring = rules.as_array().unwrap().iter().find(|rule| rule["name"] == "scoring").unwrap();
    assert_eq!(scoring["properties"]["sourceAddressPrefixes"], json!(["203.0.113.0/24"]));
    assert_eq!(scoring["properties"]["destinationPortRange"], "443");
    super::import::found_again(&bench, NETWORK, &named, &state).await;

    let elsewhere = with(&stack.network, "/subnet/1/scoring_sources", json!(["203.0.113.0/24"]));
    assert_eq!(
        bench.refusal(NETWORK, &elsewhere, None).await,
        ["subnet[1].scoring_sources: Only an inference subnet has scoring_sources"]
    );
}
