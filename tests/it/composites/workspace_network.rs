//! The network that Azure manages for a workspace, what may leave it, and where
//! serverless compute stands.

use std::collections::BTreeSet;

use http::Method;
use serde_json::{Value as Json, json};

use super::harness::*;

fn only_approved() -> Json {
    json!({ "isolation_mode": "AllowOnlyApprovedOutbound", "outbound_rule": [
        { "name": "packages", "destination_fqdn": "pypi.org" },
        { "name": "monitor", "service_tag": "AzureMonitor", "protocol": "TCP", "port_ranges": "443" },
        { "name": "data", "service_resource_id": their_storage(), "sub_resource_target": "blob" },
    ]})
}

/// The example in a managed network out of which only what is approved leads.
fn managed() -> Json {
    let arguments = with(&Stack::example().workspace, "/isolation", json!("managed_network"));
    with(&arguments, "/managed_network", only_approved())
}

fn serverless(block: Json) -> Json {
    with(&Stack::example().workspace, "/serverless_compute", block)
}

#[tokio::test(start_paused = true)]
async fn a_workspace_is_made_with_all_its_outbound_rules_in_one_request() {
    let bench = Bench::new().await.on_the_ground_of(WORKSPACE).await;
    let state = bench.converge(WORKSPACE, &managed(), None).await;
    let writes = bench.azure.writes();
    let of_rules = writes.iter().filter(|write| write.path.contains("/outboundRules/"));
    assert_eq!(of_rules.count(), 0);
    let workspace = &ids(&state.value)["workspace"];
    let made: Vec<_> = writes.iter().filter(|write| write.path == *workspace && write.made).collect();
    let network = &made[0].request["properties"]["managedNetwork"];
    assert_eq!(network["isolationMode"], "AllowOnlyApprovedOutbound");
    let rule = |kind: &str, destination: Json| json!({ "type": kind, "category": "UserDefined", "destination": destination });
    assert_eq!(
        network["outboundRules"],
        json!({
            "packages": rule("FQDN", json!("pypi.org")),
            "monitor": rule("ServiceTag", json!({
                "serviceTag": "AzureMonitor", "protocol": "TCP", "portRanges": "443", "action": "Allow",
            })),
            "data": rule("PrivateEndpoint", json!({
                "serviceResourceId": their_storage(), "subresourceTarget": "blob", "sparkEnabled": false,
            })),
        })
    );
    super::import::found_again(&bench, WORKSPACE, &managed(), &state).await;
}

/// A body that leaves a rule out may or may not take it away: only its own
/// deletion certainly does.
#[tokio::test(start_paused = true)]
async fn rules_come_change_and_go_one_by_one_later_and_azures_own_stay() {
    let bench = Bench::new().await.on_the_ground_of(WORKSPACE).await;
    let state = bench.converge(WORKSPACE, &managed(), None).await;
    let workspace = ids(&state.value)["workspace"].clone();
    let rules = |bench: &Bench| {
        let body = bench.azure.get(&workspace);
        let all = body["properties"]["managedNetwork"]["outboundRules"].as_object().unwrap().clone();
        all.keys().cloned().collect::<BTreeSet<_>>()
    };
    let azures: BTreeSet<String> =
        rules(&bench).into_iter().filter(|name| name.starts_with("required-")).collect();
    assert!(azures.contains("required-blob") && azures.contains("required-registry"), "{azures:?}");
    let mut network = only_approved();
    network["outbound_rule"] = json!([
        { "name": "packages", "destination_fqdn": "mirror.example.com" },
        { "name": "registry", "destination_fqdn": "*.azurecr.io" },
    ]);
    bench.azure.writes();
    let later = with(&managed(), "/managed_network", network);
    bench.converge(WORKSPACE, &later, Some(&state)).await;
    assert_eq!(
        bench.azure.written(),
        [
            "DELETE mlw-mlops/outboundRules/data",
            "DELETE mlw-mlops/outboundRules/monitor",
            "PUT mlw-mlops/outboundRules/packages",
            "PUT mlw-mlops/outboundRules/registry",
        ]
    );
    let mut expected = azures;
    expected.extend(["packages", "registry"].map(str::to_owned));
    assert_eq!(rules(&bench), expected);
}

#[tokio::test(start_paused = true)]
async fn a_rule_that_a_stranger_changes_or_deletes_is_mended() {
    let bench = Bench::new().await.on_the_ground_of(WORKSPACE).await;
    let state = bench.converge(WORKSPACE, &managed(), None).await;
    let workspace = ids(&state.value)["workspace"].clone();
    let packages = format!("{workspace}/outboundRules/packages");
    bench.azure.change(&packages, |body| body["properties"]["destination"] = json!("evil.example.com"));
    assert!(bench.azure.delete(&format!("{workspace}/outboundRules/monitor")));
    let refreshed = bench.refresh(&state).await;
    let seen = statuses(&refreshed.value);
    assert_eq!(
        seen["outbound_rule/packages"],
        "drifted: properties.destination is evil.example.com, want pypi.org"
    );
    assert_eq!(seen["outbound_rule/monitor"], "missing");
    bench.azure.writes();
    bench.converge(WORKSPACE, &managed(), Some(&refreshed)).await;
    assert_eq!(
        bench.azure.written(),
        ["PUT mlw-mlops/outboundRules/monitor", "PUT mlw-mlops/outboundRules/packages"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_managed_network_is_provisioned_with_its_workspace_where_that_is_asked_for() {
    for (asked, expected) in [(true, "Active"), (false, "Inactive")] {
        let bench = Bench::new().await.on_the_ground_of(WORKSPACE).await;
        let arguments = with(&managed(), "/managed_network/provision_on_creation_enabled", json!(asked));
        let state = bench.converge(WORKSPACE, &arguments, None).await;
        let body = bench.azure.get(&ids(&state.value)["workspace"]);
        assert_eq!(body["properties"]["managedNetwork"]["status"]["status"], expected);
    }
}

fn provisioned(arguments: &Json) -> Json {
    with(arguments, "/managed_network/provision_on_creation_enabled", json!(true))
}

fn network_of(bench: &Bench, state: &State) -> Json {
    let body = bench.azure.get(&ids(&state.value)["workspace"]);
    body["properties"]["managedNetwork"]["status"]["status"].clone()
}

#[tokio::test(start_paused = true)]
async fn the_network_of_a_workspace_that_stands_is_provisioned_by_the_next_apply_and_stays_so() {
    let bench = Bench::new().await.on_the_ground_of(WORKSPACE).await;
    let state = bench.converge(WORKSPACE, &managed(), None).await;
    let asked = provisioned(&managed());
    let plan = bench.plan(WORKSPACE, &asked, Some(&state)).await;
    let status = &statuses(&plan.planned)["workspace"];
    assert!(status.contains("properties.managedNetwork.status.status absent -> Active"), "{status}");
    bench.azure.writes();
    let state = bench.converge(WORKSPACE, &asked, Some(&state)).await;
    assert_eq!(bench.azure.written(), ["POST mlw-mlops/provisionManagedNetwork", "PUT mlw-mlops"]);
    assert_eq!(network_of(&bench, &state), "Active");
    let state = bench.converge(WORKSPACE, &managed(), Some(&state)).await;
    assert_eq!(bench.azure.written(), ["PUT mlw-mlops"], "nothing takes it down");
    assert_eq!(network_of(&bench, &state), "Active");
    let state = bench.converge(WORKSPACE, &asked, Some(&state)).await;
    assert_eq!(bench.azure.written(), ["PUT mlw-mlops"], "it is built already");
    assert_eq!(bench.plan(WORKSPACE, &asked, Some(&state)).await.action, Action::NoOp);
}

#[tokio::test(start_paused = true)]
async fn a_workspace_gets_its_network_before_that_is_provisioned() {
    let bench = Bench::new().await.on_the_ground_of(WORKSPACE).await;
    let state = bench.converge(WORKSPACE, &Stack::example().workspace, None).await;
    bench.azure.writes();
    let state = bench.converge(WORKSPACE, &provisioned(&managed()), Some(&state)).await;
    let of_the_workspace: Vec<_> = bench
        .azure
        .writes()
        .iter()
        .map(Exchange::brief)
        .filter(|brief| !brief.contains("outboundRules"))
        .collect();
    assert_eq!(of_the_workspace, ["PUT mlw-mlops", "POST mlw-mlops/provisionManagedNetwork"]);
    assert_eq!(network_of(&bench, &state), "Active");
}

#[tokio::test(start_paused = true)]
async fn a_provisioning_that_fails_is_asked_for_again_by_the_next_apply() {
    let bench = Bench::new().await.on_the_ground_of(WORKSPACE).await;
    let state = bench.converge(WORKSPACE, &managed(), None).await;
    let asked = provisioned(&managed());
    bench.azure.refuse(Method::POST, "/provisionManagedNetwork", 1);
    let applied = bench.apply(WORKSPACE, &asked, Some(&state)).await;
    assert!(applied.diagnostics.has_errors());
    assert_eq!(network_of(&bench, &state), "Inactive");
    let state = bench.refresh(&applied.state.unwrap()).await;
    bench.azure.writes();
    let state = bench.converge(WORKSPACE, &asked, Some(&state)).await;
    assert_eq!(bench.azure.written(), ["POST mlw-mlops/provisionManagedNetwork"]);
    assert_eq!(network_of(&bench, &state), "Active");
}

#[tokio::test(start_paused = true)]
async fn isolation_is_tightened_in_place_and_never_loosened() {
    let bench = Bench::new().await.on_the_ground_of(WORKSPACE).await;
    let unmanaged = Stack::example().workspace;
    let internet = with(&unmanaged, "/managed_network", json!({ "isolation_mode": "AllowInternetOutbound" }));
    let approved = with(&unmanaged, "/managed_network", only_approved());
    let mut state = bench.converge(WORKSPACE, &unmanaged, None).await;
    for arguments in [&internet, &approved] {
        let plan = bench.plan(WORKSPACE, arguments, Some(&state)).await;
        assert_eq!(plan.action, Action::Update);
        state = bench.converge(WORKSPACE, arguments, Some(&state)).await;
    }
    let never = "A managed network can be tightened, never loosened";
    assert_eq!(
        bench.refusal(WORKSPACE, &internet, Some(&state)).await,
        [format!("managed_network.isolation_mode: {never}")]
    );
    assert_eq!(
        bench.refusal(WORKSPACE, &unmanaged, Some(&state)).await,
        [format!("managed_network: {never}")]
    );
}

#[tokio::test(start_paused = true)]
async fn an_identity_of_the_users_may_approve_endpoints_before_the_workspace_is_made() {
    let bench = Bench::slow().await;
    bench.ground(&Stack::example(), WORKSPACE).await;
    strangers(&bench.azure);
    bench.azure.writes();
    let identity = json!({ "type": "UserAssigned", "identity_ids": [their_identity()] });
    let state = bench.converge(WORKSPACE, &with(&managed(), "/identity", identity), None).await;
    let writes = bench.azure.writes();
    let ids = ids(&state.value);
    let at = |id: &str| {
        let put = |write: &Exchange| write.method == Method::PUT && write.path.eq_ignore_ascii_case(id);
        writes.iter().position(put).unwrap_or_else(|| panic!("{id} was never made"))
    };
    for key in [
        "role/storage/approver",
        "role/key_vault/approver",
        "role/container_registry/approver",
        "role/outbound_rule/data/approver",
    ] {
        assert!(at(&ids[key]) < at(&ids["workspace"]), "{key}");
    }
    assert!(ids["role/outbound_rule/data/approver"].starts_with(&their_storage()));
}

/// A subscription of another tenant is one that does not exist to those who sign in to this one.
#[tokio::test(start_paused = true)]
async fn a_target_in_another_tenant_is_an_error_at_its_rule_before_any_write() {
    let bench = Bench::new().await.on_the_ground_of(WORKSPACE).await;
    let target =
        their_storage().replace(amlsecure::simulator::SUBSCRIPTION, "5eed0000-0000-4000-8000-0000000000ff");
    let rule = json!({ "name": "data", "service_resource_id": target, "sub_resource_target": "blob" });
    let arguments = with(&managed(), "/managed_network/outbound_rule", json!([rule]));
    bench.azure.writes();
    let applied = bench.apply(WORKSPACE, &arguments, None).await;
    let told = said(&applied.diagnostics);
    let line = "The storage account outbound_rule/data/target could not be read";
    assert_eq!(told, [format!("managed_network.outbound_rule[0].service_resource_id: {line}")]);
    assert!(applied.diagnostics.0[0].detail.contains("SubscriptionNotFound"), "{told:?}");
    assert_eq!(bench.azure.written(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_target_that_is_not_there_is_an_error_at_its_rule_before_any_write() {
    let bench = Bench::new().await.on_the_ground_of(WORKSPACE).await;
    let gone = format!("{}gone", their_storage());
    let arguments = with(&managed(), "/managed_network/outbound_rule/2/service_resource_id", json!(gone));
    let applied = bench.apply(WORKSPACE, &arguments, None).await;
    let said = said(&applied.diagnostics);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].starts_with("managed_network.outbound_rule[2].service_resource_id: "), "{said:?}");
    assert_eq!(bench.azure.written(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn every_rule_of_outbound_rules_is_an_error_at_its_argument() {
    let bench = Bench::new().await;
    let rule = |at: &str| format!("/managed_network/outbound_rule/{at}");
    for (pointer, value, expected) in [
        (
            "/managed_network/isolation_mode".to_owned(),
            json!("AllowInternetOutbound"),
            vec![
                "outbound_rule[0].destination_fqdn: This managed network lets everything out, so that Azure takes no \
                 such rule",
                "outbound_rule[1].service_tag: This managed network lets everything out, so that Azure takes no such \
                 rule",
            ],
        ),
        (
            "/managed_network".to_owned(),
            json!({ "isolation_mode": "AllowInternetOutbound", "firewall_sku": "Basic" }),
            vec!["firewall_sku: This managed network has no firewall"],
        ),
        (
            "/managed_network".to_owned(),
            json!({ "isolation_mode": "Disabled" }),
            vec![
                "isolation_mode: \"Disabled\" is not one of the values that managed_network.isolation_mode takes",
            ],
        ),
        (
            rule("0/name"),
            json!("MONITOR"),
            vec!["outbound_rule[1].name: There are two outbound rules named \"monitor\""],
        ),
        (rule("0/name"), json!("a b"), vec!["outbound_rule[0].name: \"a b\" cannot name a outbound rule"]),
        (
            rule("0/destination_fqdn"),
            json!("https://pypi.org/simple"),
            vec!["outbound_rule[0].destination_fqdn: \"https://pypi.org/simple\" is not a host name"],
        ),
        (
            rule("0/destination_fqdn"),
            json!("stmlops0001.blob.core.windows.net"),
            vec![
                "outbound_rule[0].destination_fqdn: A host name does not lead to the private storage account",
            ],
        ),
        (
            rule("0/destination_fqdn"),
            Json::Null,
            vec!["outbound_rule[0].name: An outbound rule leads to one thing"],
        ),
        (
            rule("0/service_tag"),
            json!("Storage"),
            vec!["outbound_rule[0].name: An outbound rule leads to one thing"],
        ),
        (rule("0/protocol"), json!("TCP"), vec!["outbound_rule[0].protocol: protocol goes with service_tag"]),
        (
            rule("0/spark_enabled"),
            json!(true),
            vec!["outbound_rule[0].spark_enabled: spark_enabled goes with service_resource_id"],
        ),
        (
            rule("1/protocol"),
            Json::Null,
            vec!["outbound_rule[1].protocol: A rule with service_tag needs protocol"],
        ),
        (
            rule("1/port_ranges"),
            Json::Null,
            vec!["outbound_rule[1].port_ranges: A rule with service_tag needs port_ranges"],
        ),
        (
            rule("1/port_ranges"),
            json!("443-80"),
            vec!["outbound_rule[1].port_ranges: \"443-80\" are not ports"],
        ),
        (
            rule("2/sub_resource_target"),
            Json::Null,
            vec![
                "outbound_rule[2].sub_resource_target: A rule with service_resource_id needs sub_resource_target",
            ],
        ),
        (
            rule("2/sub_resource_target"),
            json!("vault"),
            vec![
                "outbound_rule[2].sub_resource_target: \"vault\" is no part of a Microsoft.Storage/storageAccounts that \
                 has endpoints",
            ],
        ),
    ] {
        let refusal = bench.refusal(WORKSPACE, &with(&managed(), &pointer, value), None).await;
        let expected: Vec<String> = expected.iter().map(|text| format!("managed_network.{text}")).collect();
        assert_eq!(refusal, expected, "{pointer}");
    }
}

#[tokio::test(start_paused = true)]
async fn serverless_compute_stands_in_a_subnet_without_public_addresses_unless_it_asks_for_them() {
    let bench = Bench::new().await.on_the_ground_of(WORKSPACE).await;
    let block = json!({ "subnet_id": in_network("/subnets/training") });
    let state = bench.converge(WORKSPACE, &serverless(block), None).await;
    let settings = |bench: &Bench| {
        let id = in_group("Microsoft.MachineLearningServices/workspaces/mlw-mlops");
        bench.azure.get(&id)["properties"]["serverlessComputeSettings"].clone()
    };
    assert_eq!(
        settings(&bench),
        json!({
            "serverlessComputeCustomSubnet": in_network("/subnets/training"),
            "serverlessComputeNoPublicIP": true,
        })
    );
    let open = serverless(json!({ "public_ip_enabled": true }));
    let state = bench.converge(WORKSPACE, &open, Some(&state)).await;
    assert_eq!(settings(&bench), json!({ "serverlessComputeNoPublicIP": false }));
    let shut = serverless(json!({ "public_ip_enabled": false }));
    let shut = with(&shut, "/public_network_access_enabled", json!(true));
    assert_eq!(
        bench.refusal(WORKSPACE, &shut, Some(&state)).await,
        [
            "serverless_compute.public_ip_enabled: Azure takes public addresses from serverless compute only in a subnet"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn every_rule_of_serverless_compute_is_an_error_at_its_argument() {
    let bench = Bench::new().await;
    let subnet = || json!({ "subnet_id": in_network("/subnets/training") });
    let elsewhere = in_network("/subnets/training")
        .replace(amlsecure::simulator::SUBSCRIPTION, "00000000-0000-0000-0000-00000000000b");
    for (arguments, expected) in [
        (
            serverless(json!({ "public_ip_enabled": false })),
            "serverless_compute.public_ip_enabled: Serverless compute without public addresses needs a subnet",
        ),
        (
            with(&serverless(subnet()), "/private_endpoint", Json::Null),
            "serverless_compute.public_ip_enabled: Nodes without public addresses reach the workspace by its private \
             endpoint alone",
        ),
        (
            with(&managed(), "/serverless_compute", subnet()),
            "serverless_compute.subnet_id: A workspace with a managed network has no computes in other subnets",
        ),
        (
            serverless(json!({ "subnet_id": elsewhere })),
            "serverless_compute.subnet_id: The subnet lies in another subscription than the workspace",
        ),
    ] {
        assert_eq!(bench.refusal(WORKSPACE, &arguments, None).await, [expected]);
    }
}

/// What stands outside of it has to go first.
#[tokio::test(start_paused = true)]
async fn a_network_is_managed_only_while_there_are_no_computes_and_no_online_endpoints() {
    let example = Stack::example().workspace;
    let managed = with(&example, "/managed_network", json!({ "isolation_mode": "AllowInternetOutbound" }));
    let workspace = in_group("Microsoft.MachineLearningServices/workspaces/mlw-mlops");
    let cluster = json!({ "location": "eastasia", "properties": { "computeType": "AmlCompute", "properties": {
        "vmSize": "Standard_DS3_v2", "scaleSettings": { "minNodeCount": 0, "maxNodeCount": 1 },
    } } });
    let door = json!({ "location": "eastasia", "identity": { "type": "SystemAssigned" },
        "properties": { "authMode": "AADToken" } });
    for (inside, body, noun) in [
        ("computes/cpu", cluster, "compute 'cpu'"),
        ("onlineEndpoints/mlops-door", door, "online endpoint 'mlops-door'"),
    ] {
        let bench = Bench::new().await.on_the_ground_of(WORKSPACE).await;
        let state = bench.converge(WORKSPACE, &example, None).await;
        bench.azure.put(&format!("{workspace}/{inside}"), &body);
        let applied = bench.apply(WORKSPACE, &managed, Some(&state)).await;
        let said = &applied.diagnostics.0[0];
        let refusal = format!("A managed network can only be enabled once the {noun} is deleted.");
        assert!(said.detail.contains(&refusal), "{said:?}");
    }
}

/// Of an account of somebody else's only Azure can tell.
#[tokio::test(start_paused = true)]
async fn an_account_with_service_endpoints_is_warned_of_in_a_managed_network() {
    let bench = Bench::new().await.on_the_ground_of(WORKSPACE).await;
    let arguments = with(&managed(), "/storage_account", json!({ "id": their_storage() }));
    assert_eq!(said(&bench.plan(WORKSPACE, &arguments, None).await.diagnostics), [""; 0]);
    let subnet = format!("{}/subnets/served", their_network());
    let endpoints = json!([{ "service": "Microsoft.Storage" }]);
    let served = json!({ "addressPrefix": "10.99.9.0/24", "serviceEndpoints": endpoints });
    bench.azure.put(&subnet, &json!({ "properties": served }));
    bench.azure.change(&their_storage(), |body| {
        body["properties"]["networkAcls"] =
            json!({ "defaultAction": "Deny", "virtualNetworkRules": [{ "id": subnet }] });
    });
    let plan = bench.plan(WORKSPACE, &arguments, None).await;
    let warned = said(&plan.diagnostics);
    assert_eq!(
        warned,
        [
            "storage_account.id: The storage account storage may not do as it stands",
            "managed_network.outbound_rule[2].service_resource_id: The storage account outbound_rule/data/target may \
             not do as it stands",
        ]
    );
    assert!(plan.diagnostics.0[0].detail.contains("lets subnets in by service endpoints"));
}
