//! How a workspace is kept from the internet, as one word: what it asks of
//! Azure, and what else in the block must not say.

use http::Method;
use serde_json::{Value as Json, json};

use super::harness::*;

fn subnet() -> String {
    in_network("/subnets/training")
}

/// The example, in which only subnets and named addresses lead in.
fn behind_a_network() -> Json {
    let rules = json!({ "virtual_network_subnet_ids": [subnet()], "ip_rules": ["20.1.2.3"] });
    let mut arguments = Stack::example().workspace;
    arguments["isolation"] = json!("service_endpoint");
    arguments["public_network_access_enabled"] = json!(true);
    arguments["storage_account"]["network_rules"] = rules.clone();
    arguments["key_vault"]["network_acls"] = rules;
    arguments["container_registry"]["network_rule_set"] = json!({ "ip_rule": [{ "ip_range": "20.1.2.3" }] });
    with(&arguments, "/private_endpoint", Json::Null)
}

/// The example, open to everybody.
fn open() -> Json {
    let mut arguments = Stack::example().workspace;
    arguments["isolation"] = json!("public");
    arguments["public_network_access_enabled"] = json!(true);
    for part in ["storage_account", "key_vault", "container_registry"] {
        arguments[part]["public_network_access_enabled"] = json!(true);
    }
    with(&arguments, "/private_endpoint", Json::Null)
}

/// The example, closed but for private endpoints.
fn closed() -> Json {
    with(&Stack::example().workspace, "/isolation", json!("private_endpoint"))
}

fn managed() -> Json {
    let arguments = with(&Stack::example().workspace, "/isolation", json!("managed_network"));
    with(&arguments, "/managed_network", json!({ "isolation_mode": "AllowInternetOutbound" }))
}

/// The example's network, whose training subnet has service endpoints.
fn network() -> Json {
    let endpoints = json!(["Microsoft.KeyVault", "Microsoft.Storage"]);
    with(&Stack::example().network, "/subnet/1/service_endpoints", endpoints)
}

async fn on_its_ground(workspace: &Json) -> Bench {
    let stack = Stack { workspace: workspace.clone(), network: network(), ..Stack::example() };
    Bench::new().await.on_the_ground_in(&stack, WORKSPACE).await
}

#[tokio::test(start_paused = true)]
async fn behind_a_network_subnets_addresses_and_trusted_services_pass_and_nobody_else() {
    let bench = on_its_ground(&behind_a_network()).await;
    let state = bench.converge(WORKSPACE, &behind_a_network(), None).await;
    let ids = ids(&state.value);
    assert!(ids.keys().all(|key| !key.contains("/endpoint")), "{ids:?}");
    let storage = bench.azure.get(&ids["storage"])["properties"].clone();
    assert_eq!(storage["publicNetworkAccess"], "Enabled");
    let rules = &storage["networkAcls"];
    assert_eq!((&rules["defaultAction"], &rules["bypass"]), (&json!("Deny"), &json!("AzureServices")));
    assert_eq!(rules["virtualNetworkRules"][0]["id"], subnet());
    assert_eq!(rules["ipRules"][0]["value"], "20.1.2.3");
    let vault = bench.azure.get(&ids["key_vault"])["properties"].clone();
    assert_eq!(vault["publicNetworkAccess"], "Enabled");
    let rules = &vault["networkAcls"];
    assert_eq!((&rules["defaultAction"], &rules["bypass"]), (&json!("Deny"), &json!("AzureServices")));
    assert_eq!(rules["virtualNetworkRules"][0]["id"], subnet());
    let registry = bench.azure.get(&ids["container_registry"])["properties"].clone();
    assert_eq!(registry["publicNetworkAccess"], "Enabled");
    assert_eq!(registry["networkRuleBypassOptions"], "AzureServices");
    assert_eq!(registry["networkRuleSet"]["defaultAction"], "Deny");
    assert_eq!(registry["networkRuleSet"]["ipRules"][0]["value"], "20.1.2.3");
    super::import::found_again(&bench, WORKSPACE, &behind_a_network(), &state).await;
    let imported = bench.core.import(WORKSPACE, &ids["workspace"]).await.unwrap();
    assert_eq!(imported.value.attribute("isolation").as_str(), Some("service_endpoint"));
}

#[tokio::test(start_paused = true)]
async fn a_resource_that_passes_by_its_identity_is_of_the_workspaces_tenant_unless_it_says_another() {
    let access = json!([{ "endpoint_resource_id": their_workspace() }]);
    let arguments = with(&behind_a_network(), "/storage_account/network_rules/private_link_access", access);
    let bench = on_its_ground(&arguments).await;
    let state = bench.converge(WORKSPACE, &arguments, None).await;
    let storage = bench.azure.get(&ids(&state.value)["storage"]);
    let rule = &storage["properties"]["networkAcls"]["resourceAccessRules"][0];
    assert_eq!(rule["resourceId"], their_workspace());
    assert_eq!(rule["tenantId"], amlsecure::simulator::TENANT);
    super::import::found_again(&bench, WORKSPACE, &arguments, &state).await;
}

/// The table of the walkthrough of 2020: the workspace by Private Link, storage
/// and vault behind the network, insights and registry not.
#[tokio::test(start_paused = true)]
async fn the_workspace_may_have_the_only_endpoint_of_a_stack_behind_a_network() {
    let mut arguments = with(&behind_a_network(), "/container_registry/network_rule_set", Json::Null);
    arguments["public_network_access_enabled"] = json!(false);
    arguments["container_registry"]["public_network_access_enabled"] = json!(true);
    arguments["private_endpoint"] = Stack::example().workspace["private_endpoint"].clone();
    arguments["private_endpoint"]["targets"] = json!(["workspace"]);
    let bench = on_its_ground(&arguments).await;
    let state = bench.converge(WORKSPACE, &arguments, None).await;
    let ids = ids(&state.value);
    let endpoints: Vec<_> = ids.keys().filter(|key| key.ends_with("/endpoint")).collect();
    assert_eq!(endpoints, ["workspace/endpoint"]);
    assert_eq!(bench.azure.get(&ids["workspace"])["properties"]["publicNetworkAccess"], "Disabled");
    super::import::found_again(&bench, WORKSPACE, &arguments, &state).await;
}

#[tokio::test(start_paused = true)]
async fn what_is_public_is_closed_in_place_and_opened_again() {
    let bench = on_its_ground(&closed()).await;
    let state = bench.converge(WORKSPACE, &open(), None).await;
    let before = ids(&state.value);
    let rules = |bench: &Bench, key: &str| bench.azure.get(&before[key])["properties"].clone();
    for key in ["storage", "key_vault"] {
        let properties = rules(&bench, key);
        assert_eq!(properties["publicNetworkAccess"], "Enabled", "{key}");
        assert_eq!(properties["networkAcls"]["defaultAction"], "Allow", "{key}");
    }
    super::import::found_again(&bench, WORKSPACE, &open(), &state).await;
    bench.azure.writes();
    let mut state = state;
    for arguments in [closed(), behind_a_network(), closed(), open()] {
        state = bench.converge(WORKSPACE, &arguments, Some(&state)).await;
        let after = ids(&state.value);
        let writes = bench.azure.writes();
        for key in ["storage", "key_vault", "container_registry", "workspace"] {
            assert_eq!(before[key], after[key]);
            let gone = |write: &Exchange| write.method == Method::DELETE && write.path == before[key];
            assert!(!writes.iter().any(gone), "{key}");
        }
        let expected = if arguments == closed() { "Disabled" } else { "Enabled" };
        for key in ["storage", "key_vault", "container_registry"] {
            assert_eq!(rules(&bench, key)["publicNetworkAccess"], expected, "{key} {arguments}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_contradicts_the_isolation_is_an_error_at_itself() {
    let endpoint = || Stack::example().workspace["private_endpoint"].clone();
    let rules = || json!({ "virtual_network_subnet_ids": [subnet()] });
    let cases: Vec<(Json, &str, Json, &str)> = vec![
        (
            closed(),
            "/private_endpoint",
            Json::Null,
            "isolation: isolation = \"private_endpoint\" needs a private_endpoint block",
        ),
        (
            closed(),
            "/private_endpoint/targets",
            json!(["workspace", "key_vault"]),
            "private_endpoint.targets: isolation = \"private_endpoint\" gives everything an endpoint",
        ),
        (
            closed(),
            "/public_network_access_enabled",
            json!(true),
            "public_network_access_enabled: isolation = \"private_endpoint\" keeps the internet out",
        ),
        (
            closed(),
            "/storage_account/public_network_access_enabled",
            json!(true),
            "storage_account.public_network_access_enabled: isolation = \"private_endpoint\" keeps the internet out",
        ),
        (
            closed(),
            "/container_registry/public_network_access_enabled",
            json!(true),
            "container_registry.public_network_access_enabled: isolation = \"private_endpoint\" keeps the internet out",
        ),
        (
            closed(),
            "/storage_account/network_rules",
            rules(),
            "storage_account.network_rules.virtual_network_subnet_ids: isolation = \"private_endpoint\" lets nobody in by rules",
        ),
        (
            closed(),
            "/key_vault/network_acls",
            json!({ "ip_rules": ["20.1.2.3"] }),
            "key_vault.network_acls.ip_rules: isolation = \"private_endpoint\" lets nobody in by rules",
        ),
        (
            closed(),
            "/container_registry/network_rule_set",
            json!({ "ip_rule": [{ "ip_range": "20.1.2.3" }] }),
            "container_registry.network_rule_set.ip_rule[0].ip_range: isolation = \"private_endpoint\" lets nobody in by rules",
        ),
        (
            closed(),
            "/managed_network",
            json!({ "isolation_mode": "AllowInternetOutbound" }),
            "managed_network: isolation = \"private_endpoint\" has no managed network",
        ),
        (
            managed(),
            "/managed_network",
            Json::Null,
            "isolation: isolation = \"managed_network\" needs a managed_network block",
        ),
        (
            managed(),
            "/key_vault/public_network_access_enabled",
            json!(true),
            "key_vault.public_network_access_enabled: isolation = \"managed_network\" keeps the internet out",
        ),
        (
            behind_a_network(),
            "/private_endpoint",
            endpoint(),
            "private_endpoint: isolation = \"service_endpoint\" leaves no private endpoint to storage and vault",
        ),
        (
            behind_a_network(),
            "/private_endpoint",
            with(&endpoint(), "/targets", json!(["workspace", "storage_account"])),
            "private_endpoint.targets: isolation = \"service_endpoint\" leaves no private endpoint to storage and vault",
        ),
        (
            behind_a_network(),
            "/managed_network",
            json!({ "isolation_mode": "AllowInternetOutbound" }),
            "managed_network: isolation = \"service_endpoint\" has no managed network",
        ),
        (
            behind_a_network(),
            "/storage_account/network_rules",
            Json::Null,
            "storage_account: isolation = \"service_endpoint\" needs a network_rules block here",
        ),
        (
            behind_a_network(),
            "/key_vault/network_acls",
            json!({}),
            "key_vault.network_acls: network_acls lets no subnet in",
        ),
        (
            behind_a_network(),
            "/storage_account/network_rules/default_action",
            json!("Allow"),
            "storage_account.network_rules.default_action: isolation = \"service_endpoint\" lets nobody in whom no rule names",
        ),
        (
            behind_a_network(),
            "/storage_account/network_rules/bypass",
            json!(["Logging"]),
            "storage_account.network_rules.bypass: Azure Machine Learning would not pass",
        ),
        (
            behind_a_network(),
            "/key_vault/network_acls/bypass",
            json!("None"),
            "key_vault.network_acls.bypass: Azure Machine Learning would not pass",
        ),
        (
            behind_a_network(),
            "/storage_account/public_network_access_enabled",
            json!(true),
            "storage_account.public_network_access_enabled: isolation = \"service_endpoint\" keeps the internet out",
        ),
        (
            behind_a_network(),
            "/container_registry/network_rule_set",
            Json::Null,
            "container_registry.public_network_access_enabled: Nobody in the network would reach the registry",
        ),
        (
            behind_a_network(),
            "/public_network_access_enabled",
            json!(false),
            "public_network_access_enabled: Nobody would reach the workspace",
        ),
        (
            open(),
            "/public_network_access_enabled",
            json!(false),
            "public_network_access_enabled: isolation = \"public\" says that the internet reaches the workspace",
        ),
        (
            open(),
            "/key_vault/public_network_access_enabled",
            json!(false),
            "key_vault.public_network_access_enabled: isolation = \"public\" says that the internet reaches key_vault",
        ),
        (
            open(),
            "/storage_account/network_rules",
            rules(),
            "storage_account.network_rules.default_action: isolation = \"public\" says that the internet reaches storage_account",
        ),
        (
            open(),
            "/private_endpoint",
            endpoint(),
            "private_endpoint: isolation = \"public\" has no private endpoints",
        ),
        (
            open(),
            "/isolation",
            json!("private"),
            "isolation: \"private\" is not one of the values that isolation takes",
        ),
    ];
    let bench = Bench::new().await;
    for (arguments, pointer, value, expected) in cases {
        let refusal = bench.refusal(WORKSPACE, &with(&arguments, pointer, value), None).await;
        assert_eq!(refusal, [expected]);
    }
}

#[tokio::test(start_paused = true)]
async fn an_open_workspace_with_a_managed_network_is_told_what_it_does_not_get() {
    let bench = on_its_ground(&managed()).await;
    let open = with(&managed(), "/public_network_access_enabled", json!(true));
    let plan = bench.plan(WORKSPACE, &open, None).await;
    assert_eq!(
        said(&plan.diagnostics),
        ["public_network_access_enabled: A workspace that is open gets no endpoint in its managed network"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_firewall_takes_public_addresses_and_a_premium_registry() {
    let bench = Bench::new().await;
    for (pointer, value, expected) in [
        (
            "/storage_account/network_rules/ip_rules",
            json!(["10.1.2.3"]),
            "storage_account.network_rules.ip_rules: 10.1.2.3 is not a public address",
        ),
        (
            "/storage_account/network_rules/ip_rules",
            json!(["20.1.2.3/32"]),
            "storage_account.network_rules.ip_rules: \"20.1.2.3/32\" is too small for a range",
        ),
        (
            "/key_vault/network_acls/ip_rules",
            json!(["192.168.0.0/16"]),
            "key_vault.network_acls.ip_rules: 192.168.0.0/16 is not a public address",
        ),
        (
            "/key_vault/network_acls/ip_rules",
            json!(["agents.example.com"]),
            "key_vault.network_acls.ip_rules: \"agents.example.com\" is not a public IPv4 address or range",
        ),
        (
            "/container_registry/network_rule_set/ip_rule/0/ip_range",
            json!("172.16.0.1"),
            "container_registry.network_rule_set.ip_rule[0].ip_range: 172.16.0.1 is not a public address",
        ),
        (
            "/storage_account/network_rules/private_link_access",
            json!([{ "endpoint_resource_id": "mlw", "endpoint_tenant_id": "contoso" }]),
            "storage_account.network_rules.private_link_access[0].endpoint_resource_id: This is not the id of an Azure resource",
        ),
    ] {
        let arguments = with(&behind_a_network(), pointer, value);
        assert_eq!(bench.refusal(WORKSPACE, &arguments, None).await[0], expected);
    }
    let standard = with(&behind_a_network(), "/container_registry/sku", json!("Standard"));
    let standard = with(&standard, "/container_registry/public_network_access_enabled", json!(true));
    let refusal = bench.refusal(WORKSPACE, &standard, None).await;
    assert_eq!(refusal, ["container_registry.sku: A Standard registry cannot be private"]);
}

#[tokio::test(start_paused = true)]
async fn a_subnet_has_the_service_endpoints_that_it_names_and_loses_them() {
    let bench = Bench::new().await;
    let stack = Stack::example();
    bench.ground(&stack, NETWORK).await;
    let state = bench.converge(NETWORK, &network(), None).await;
    let services = |bench: &Bench| {
        let subnet = bench.azure.get(&subnet());
        let all = subnet["properties"]["serviceEndpoints"].as_array().cloned().unwrap_or_default();
        all.iter().map(|one| one["service"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(services(&bench), ["Microsoft.KeyVault", "Microsoft.Storage"]);
    super::import::found_again(&bench, NETWORK, &network(), &state).await;
    bench.converge(NETWORK, &stack.network, Some(&state)).await;
    assert_eq!(services(&bench), [""; 0]);
    let wrong = with(&stack.network, "/subnet/1/service_endpoints", json!(["Storage"]));
    let refusal = bench.refusal(NETWORK, &wrong, None).await;
    assert_eq!(refusal, ["subnet[1].service_endpoints: \"Storage\" has no service endpoints"]);
}
