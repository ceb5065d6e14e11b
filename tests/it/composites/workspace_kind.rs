//! Hubs, their projects, and feature stores.

use serde_json::{Value as Json, json};

use super::harness::*;

/// The example as a hub, with a vault that Microsoft manages and no insights.
fn hub() -> Json {
    let mut hub = with(&Stack::example().workspace, "/kind", json!("Hub"));
    for block in ["/key_vault", "/application_insights", "/image_build_compute_name"] {
        hub = with(&hub, block, Json::Null);
    }
    hub
}

fn feature_store() -> Json {
    let store = with(&Stack::example().workspace, "/kind", json!("FeatureStore"));
    with(&store, "/feature_store", json!({ "computer_spark_runtime_version": "3.4" }))
}

#[tokio::test(start_paused = true)]
async fn a_project_stands_on_its_hub_and_has_nothing_else_of_its_own() {
    let bench = Bench::new().await.on_the_ground_of(WORKSPACE).await;
    let state = bench.converge(WORKSPACE, &project(), None).await;
    assert_eq!(ids(&state.value).into_keys().collect::<Vec<_>>(), ["workspace"]);
    let workspace = ids(&state.value)["workspace"].clone();
    let made = bench.azure.writes().remove(0).request;
    assert_eq!(made["kind"], "Project");
    assert_eq!(made["properties"], json!({ "hubResourceId": their_hub_of_projects() }));
    assert_eq!(state.value.attribute("storage_account_id").as_str(), None);
    assert_eq!(state.value.attribute("required_role_assignments").as_list().unwrap().len(), 0);
    super::import::found_again(&bench, WORKSPACE, &project(), &state).await;

    // Azure shows what is the hub's, and refuses to be sent it back.
    assert_eq!(bench.azure.get(&workspace)["properties"]["storageAccount"], their_storage());
    let described = with(&project(), "/description", json!("What it is for"));
    let state = bench.converge(WORKSPACE, &described, Some(&state)).await;
    assert!(bench.azure.writes().iter().all(|write| write.request["properties"]["storageAccount"].is_null()));
    bench.azure.change(&workspace, |body| {
        body["properties"]["description"] = json!("Mine");
        for of_the_hub in ["storageAccount", "keyVault", "containerRegistry", "applicationInsights"] {
            body["properties"].as_object_mut().unwrap().remove(of_the_hub);
        }
    });
    let refreshed = bench.refresh(&state).await;
    assert_eq!(
        statuses(&refreshed.value)["workspace"],
        "drifted: properties.description is Mine, want What it is for"
    );
    let state = bench.converge(WORKSPACE, &described, Some(&refreshed)).await;
    bench.destroy(&state).await;
}

#[tokio::test(start_paused = true)]
async fn a_project_of_a_user_assigned_identity_lets_it_act_there() {
    let bench = Bench::new().await.on_the_ground_of(WORKSPACE).await;
    let identity = json!({ "type": "UserAssigned", "identity_ids": [their_identity()] });
    let arguments = with(&project(), "/identity", identity);
    let state = bench.converge(WORKSPACE, &arguments, None).await;
    assert_eq!(
        ids(&state.value).into_keys().collect::<Vec<_>>(),
        ["role/workspace/contributor", "workspace"]
    );
    super::import::found_again(&bench, WORKSPACE, &arguments, &state).await;
}

#[tokio::test(start_paused = true)]
async fn a_hub_can_be_without_vault_and_insights_and_has_endpoints_for_what_it_has() {
    let bench = Bench::new().await.on_the_ground_of(WORKSPACE).await;
    let state = bench.converge(WORKSPACE, &hub(), None).await;
    let all = ids(&state.value);
    assert!(!all.keys().any(|key| key.contains("vault") || key.contains("insights")), "{all:?}");
    assert!(all.contains_key("storage/blob/endpoint") && all.contains_key("workspace/endpoint/dns"));
    assert_eq!(bench.azure.get(&all["workspace"])["kind"], "Hub");
    super::import::found_again(&bench, WORKSPACE, &hub(), &state).await;

    // It goes after its projects.
    let of_ours = with(&project(), "/name", json!("mlw-project"));
    let of_ours = with(&of_ours, "/ai_services_hub_id", json!(all["workspace"]));
    let project = bench.converge(WORKSPACE, &of_ours, None).await;
    let refused = bench.core.destroy(&state).await.unwrap();
    let said = format!("{:?}", refused.diagnostics);
    assert!(said.contains("CannotDeleteResource") && said.contains("nested resources exist"), "{said}");
    bench.destroy(&project).await;
    bench.destroy(&refused.state.unwrap()).await;
}

#[tokio::test(start_paused = true)]
async fn a_feature_store_changes_its_settings_in_place() {
    let bench = Bench::new().await.on_the_ground_of(WORKSPACE).await;
    let state = bench.converge(WORKSPACE, &feature_store(), None).await;
    super::import::found_again(&bench, WORKSPACE, &feature_store(), &state).await;
    let online = with(&feature_store(), "/feature_store/online_connection_name", json!("redis"));
    let state = bench.converge(WORKSPACE, &online, Some(&state)).await;
    super::import::found_again(&bench, WORKSPACE, &online, &state).await;
    let workspace = &ids(&state.value)["workspace"];
    assert_eq!(
        bench.azure.get(workspace)["properties"]["featureStoreSettings"],
        json!({ "computeRuntime": { "sparkRuntimeVersion": "3.4" }, "onlineStoreConnectionName": "redis" })
    );
}

#[tokio::test(start_paused = true)]
async fn a_workspace_of_another_kind_is_another_workspace() {
    let bench = Bench::new().await.on_the_ground_of(WORKSPACE).await;
    let example = Stack::example().workspace;
    let state = bench.converge(WORKSPACE, &example, None).await;
    for other in [hub(), feature_store(), project()] {
        let plan = bench.plan(WORKSPACE, &other, Some(&state)).await;
        assert_eq!(plan.action, Action::Replace, "{}", other["kind"]);
    }
}

#[tokio::test(start_paused = true)]
async fn every_rule_of_the_kinds_is_an_error_at_its_argument() {
    let example = Stack::example().workspace;
    let mut cases = vec![
        (with(&example, "/kind", json!("Lake")), "kind: \"Lake\" is not one of the values that kind takes"),
        (
            with(&example, "/ai_services_hub_id", json!(their_hub_of_projects())),
            "ai_services_hub_id: A workspace of the kind \"Default\" has no hub",
        ),
        (
            with(&example, "/feature_store", json!({ "online_connection_name": "redis" })),
            "feature_store: A workspace of the kind \"Default\" is no feature store",
        ),
        (
            with(&example, "/kind", json!("FeatureStore")),
            "feature_store: A feature store needs a block feature_store",
        ),
        (
            with(&feature_store(), "/feature_store", json!({})),
            "feature_store: A feature store says what it works with",
        ),
        (with(&project(), "/ai_services_hub_id", Json::Null), "ai_services_hub_id: A project needs its hub"),
        (
            with(&project(), "/ai_services_hub_id", json!("hub")),
            "ai_services_hub_id: This is not the id of a machine learning workspace",
        ),
        (
            with(
                &with(&hub(), "/identity", json!({ "type": "SystemAssigned" })),
                "/customer_managed_key",
                json!({ "key_vault_id": their_protected_vault(), "key_id": their_key("1") }),
            ),
            "high_business_impact: A hub with a key of yours holds data of high business impact",
        ),
        (
            with(&hub(), "/serverless_compute", json!({ "subnet_id": in_network("/subnets/training") })),
            "serverless_compute.subnet_id: A hub has no computes in subnets of yours",
        ),
        (
            with(
                &hub(),
                "/image_build_cluster",
                json!({ "name": "b", "subnet_resource_id": in_network("/subnets/training") }),
            ),
            "image_build_cluster: A hub has no clusters of nodes",
        ),
        (
            with(&hub(), "/storage_account", Json::Null),
            "storage_account: A workspace of the kind \"Hub\" needs a block storage_account",
        ),
    ];
    let needs =
        |kind: &str, name: &str| format!("{name}: A workspace of the kind {kind:?} needs a block {name}");
    let missing: Vec<_> = ["storage_account", "key_vault", "application_insights"]
        .into_iter()
        .flat_map(|name| {
            let without = |whole: &Json| with(whole, &format!("/{name}"), Json::Null);
            [
                (without(&example), needs("Default", name)),
                (without(&feature_store()), needs("FeatureStore", name)),
            ]
        })
        .collect();
    cases.extend(missing.iter().map(|(arguments, said)| (arguments.clone(), said.as_str())));
    let of_the_hub = [
        ("storage_account", json!({ "name": "stmlops0001" })),
        ("key_vault", json!({ "name": "kv-mlops-0001" })),
        ("application_insights", json!({ "name": "appi-mlops" })),
        ("container_registry", json!({ "name": "crmlops0001" })),
        ("private_endpoint", example["private_endpoint"].clone()),
        ("managed_network", json!({ "isolation_mode": "AllowInternetOutbound" })),
        ("serverless_compute", json!({ "public_ip_enabled": true })),
        (
            "shared_private_link",
            json!([{ "name": "a", "subresource_name": "blob", "target_resource_id": their_storage() }]),
        ),
        ("image_build_cluster", json!({ "name": "builder" })),
        (
            "customer_managed_key",
            json!({ "key_vault_id": their_protected_vault(), "key_id": their_key("1") }),
        ),
        ("isolation", json!("public")),
        ("ip_allow_list", json!(["20.1.2.3"])),
        ("soft_delete_retention_days", json!(7)),
        ("image_build_compute_name", json!("cpu")),
        ("public_network_access_enabled", json!(true)),
        ("v1_legacy_mode_enabled", json!(true)),
        ("storage_account_access_type", json!("Identity")),
    ];
    let of_projects: Vec<_> = of_the_hub
        .into_iter()
        .map(|(name, value)| {
            (with(&project(), &format!("/{name}"), value), format!("{name}: A project has this of its hub"))
        })
        .collect();
    cases.extend(of_projects.iter().map(|(arguments, said)| (arguments.clone(), said.as_str())));
    let bench = Bench::new().await;
    for (arguments, said) in cases {
        let refused = bench.refusal(WORKSPACE, &arguments, None).await;
        assert!(refused.iter().any(|line| line == said), "{said}: {refused:#?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_hub_that_is_none_is_refused_by_azure_at_the_argument() {
    let bench = Bench::new().await.on_the_ground_of(WORKSPACE).await;
    let arguments = with(&project(), "/ai_services_hub_id", json!(their_workspace()));
    let applied = bench.apply(WORKSPACE, &arguments, None).await;
    let refusal = &applied.diagnostics.0[0];
    assert!(refusal.detail.contains("must name a workspace of the kind Hub"), "{refusal:?}");
    let absent = with(&project(), "/ai_services_hub_id", json!(format!("{}gone", their_workspace())));
    let applied = bench.apply(WORKSPACE, &absent, None).await;
    assert_eq!(
        said(&applied.diagnostics),
        ["ai_services_hub_id: The machine learning workspace hub does not exist"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_hub_of_azurerm_and_its_project_are_carried_over() {
    let moved: Vec<&str> =
        amlsecure::resources::find(WORKSPACE).unwrap().moved_from.iter().map(|(source, _)| *source).collect();
    assert_eq!(
        moved,
        ["azurerm_machine_learning_workspace", "azurerm_ai_foundry", "azurerm_ai_foundry_project"]
    );
    // As others made them, without our marks: the hub's parts are given.
    let bench = Bench::new().await.on_the_ground_of(WORKSPACE).await;
    let imported = bench.core.import(WORKSPACE, &their_hub_of_projects()).await.unwrap();
    let given = imported.value.attribute("storage_account").attribute("id");
    assert_eq!(given.as_str(), Some(their_storage().as_str()));
    assert!(imported.value.attribute("key_vault").is_null());
    let theirs = in_group("Microsoft.MachineLearningServices/workspaces/project-theirs");
    bench.azure.put(
        &theirs,
        &json!({ "location": "eastasia", "kind": "project", "identity": { "type": "SystemAssigned" },
            "properties": { "hubResourceId": their_hub_of_projects() } }),
    );
    let imported = bench.core.import(WORKSPACE, &theirs).await.unwrap();
    assert_eq!(imported.value.attribute("kind").as_str(), Some("Project"));
    let arguments = with(&with(&project(), "/name", json!("project-theirs")), "/tags", Json::Null);
    bench.azure.writes();
    bench.converge(WORKSPACE, &arguments, Some(&imported)).await;
    assert_eq!(bench.azure.written(), ["PUT project-theirs"]);
}
