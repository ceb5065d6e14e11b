//! Online and batch endpoints: closed, and with deployments that others make.

use serde_json::{Value as Json, json};

use super::harness::*;

fn online() -> (Stack, Json) {
    let stack = Stack::whole();
    let arguments = stack.of(ONLINE_ENDPOINT).clone();
    (stack, arguments)
}

fn user_assigned(arguments: &Json) -> Json {
    let identity = json!({ "type": "UserAssigned", "identity_ids": [their_identity()] });
    with(arguments, "/identity", identity)
}

#[tokio::test(start_paused = true)]
async fn what_azure_would_refuse_is_an_error_at_its_argument() {
    let bench = Bench::new().await;
    let (_, online) = online();
    let storage = json!(in_group("Microsoft.Storage/storageAccounts/stmlops0001"));
    let compute = |workspace: &str| {
        let path = format!("Microsoft.MachineLearningServices/workspaces/{workspace}/computes/aks");
        json!(in_group(&path))
    };
    for (changes, said) in [
        (vec![("/name", json!("1score"))], "name: \"1score\" cannot name a online endpoint"),
        (vec![("/name", json!("my--score"))], "name: \"my--score\" cannot name a online endpoint"),
        (
            vec![("/name", json!("s".repeat(33)))],
            "name: \"sssssssssssssssssssssssssssssssss\" cannot name a online endpoint",
        ),
        (
            vec![("/auth_mode", json!("key"))],
            "auth_mode: \"key\" is not one of the values that auth_mode takes",
        ),
        (
            vec![("/compute_id", compute("mlw-mlops"))],
            "auth_mode: A Kubernetes endpoint takes no Entra tokens",
        ),
        (
            vec![("/auth_mode", json!("Key")), ("/compute_id", compute("mlw-other"))],
            "compute_id: The compute belongs to another workspace",
        ),
        (
            vec![("/storage_account_id", storage.clone())],
            "storage_account_id: The endpoint's own identity has its roles from Azure",
        ),
        (
            vec![("/identity", json!({ "type": "UserAssigned" }))],
            "identity.type: An identity of type \"UserAssigned\" needs identity_ids",
        ),
        (
            vec![("/identity", json!({ "type": "SystemAssigned", "identity_ids": [their_identity()] }))],
            "identity.identity_ids: An identity of type \"SystemAssigned\" takes no identity_ids",
        ),
    ] {
        let changed =
            changes.iter().fold(online.clone(), |so_far, (at, value)| with(&so_far, at, value.clone()));
        let refused = bench.refusal(ONLINE_ENDPOINT, &changed, None).await;
        assert!(refused.iter().any(|line| line == said), "{changes:?}: {refused:#?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_is_closed_unless_asked_for() {
    let bench = Bench::new().await;
    let (stack, online) = online();
    bench.ground(&stack, ONLINE_ENDPOINT).await;
    let state = bench.converge(ONLINE_ENDPOINT, &online, None).await;
    let body = bench.azure.get(&ids(&state.value)["endpoint"]);
    assert_eq!(body["properties"]["publicNetworkAccess"], "Disabled");
    assert_eq!(body["properties"]["authMode"], "AADToken");
    assert_eq!(body["identity"]["type"], "SystemAssigned");
    assert_eq!(state.value.attribute("principal_id").as_str(), body["identity"]["principalId"].as_str());
}

/// A release puts a deployment behind the endpoint and moves the traffic there.
#[tokio::test(start_paused = true)]
async fn what_a_release_does_is_no_drift_and_survives_every_change() {
    let bench = Bench::new().await;
    let (stack, online) = online();
    bench.ground(&stack, ONLINE_ENDPOINT).await;
    let state = bench.converge(ONLINE_ENDPOINT, &online, None).await;
    let id = ids(&state.value)["endpoint"].clone();
    let deployment = json!({
        "location": "eastasia",
        "sku": { "name": "Default", "capacity": 1 },
        "properties": { "endpointComputeType": "Managed", "instanceType": "Standard_DS3_v2", "model": "azureml:m:1" },
    });
    bench.azure.put(&format!("{id}/deployments/blue"), &deployment);
    bench.azure.change(&id, |body| body["properties"]["traffic"] = json!({ "blue": 100 }));
    let refreshed = bench.refresh(&state).await;
    assert_eq!(refreshed, state);
    let described = with(&online, "/description", json!("Scores"));
    let state = bench.converge(ONLINE_ENDPOINT, &described, Some(&refreshed)).await;
    assert_eq!(bench.azure.get(&id)["properties"]["traffic"], json!({ "blue": 100 }));
    assert!(!bench.azure.get(&format!("{id}/deployments/blue")).is_null());
    bench.destroy(&state).await;
}

#[tokio::test(start_paused = true)]
async fn a_default_deployment_of_a_batch_endpoint_is_left_to_releases() {
    let bench = Bench::new().await;
    let stack = Stack::whole();
    bench.ground(&stack, BATCH_ENDPOINT).await;
    let arguments = stack.of(BATCH_ENDPOINT);
    let state = bench.converge(BATCH_ENDPOINT, arguments, None).await;
    let id = ids(&state.value)["endpoint"].clone();
    let cluster = in_group("Microsoft.MachineLearningServices/workspaces/mlw-mlops/computes/cpu");
    let deployment = json!({ "location": "eastasia", "properties": { "compute": cluster } });
    bench.azure.put(&format!("{id}/deployments/first"), &deployment);
    bench.azure.change(&id, |body| {
        body["properties"]["defaults"] = json!({ "deploymentName": "first" });
    });
    let refreshed = bench.refresh(&state).await;
    assert_eq!(refreshed, state);
    let described = with(arguments, "/description", json!("Nightly"));
    bench.converge(BATCH_ENDPOINT, &described, Some(&refreshed)).await;
    assert_eq!(bench.azure.get(&id)["properties"]["defaults"]["deploymentName"], "first");
}

#[tokio::test(start_paused = true)]
async fn a_user_assigned_identity_gets_the_roles_that_azure_gives_to_one_of_its_own() {
    let (stack, online) = online();
    let bench = Bench::new().await.on_the_ground_in(&stack, ONLINE_ENDPOINT).await;
    let storage = in_group("Microsoft.Storage/storageAccounts/stmlops0001");
    let registry = in_group("Microsoft.ContainerRegistry/registries/crmlops0001");
    let arguments = with(&user_assigned(&online), "/storage_account_id", json!(storage));
    let arguments = with(&arguments, "/container_registry_id", json!(registry));
    let state = bench.converge(ONLINE_ENDPOINT, &arguments, None).await;
    let principal = bench.azure.get(&their_identity())["properties"]["principalId"].clone();
    let ids = ids(&state.value);
    for (key, scope) in [("role/storage", &storage), ("role/container_registry", &registry)] {
        assert!(ids[key].starts_with(scope.as_str()), "{key}: {}", ids[key]);
        assert_eq!(bench.azure.get(&ids[key])["properties"]["principalId"], principal);
    }
    assert!(state.value.attribute("principal_id").is_null());
    super::import::found_again(&bench, ONLINE_ENDPOINT, &arguments, &state).await;

    let unassigned = with(&arguments, "/role_assignments", json!("none"));
    let state = bench.converge(ONLINE_ENDPOINT, &unassigned, Some(&state)).await;
    assert_eq!(statuses(&state.value).into_keys().collect::<Vec<_>>(), ["endpoint"]);
    assert_eq!(state.value.attribute("required_role_assignments").as_list().unwrap().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_registry_whose_roles_are_given_by_repository_is_warned_of() {
    let (stack, online) = online();
    let bench = Bench::new().await.on_the_ground_in(&stack, ONLINE_ENDPOINT).await;
    let arguments = with(&user_assigned(&online), "/container_registry_id", json!(their_registry()));
    assert_eq!(said(&bench.plan(ONLINE_ENDPOINT, &arguments, None).await.diagnostics), [""; 0]);
    bench.azure.change(&their_registry(), |body| {
        body["properties"]["roleAssignmentMode"] = json!("AbacRepositoryPermissions");
    });
    let plan = bench.plan(ONLINE_ENDPOINT, &arguments, None).await;
    let line = "container_registry_id: The container registry container_registry may not do as it stands";
    assert_eq!(said(&plan.diagnostics), [line]);
    assert!(plan.diagnostics.0[0].detail.contains("AcrPull counts for nothing"));
}

#[tokio::test(start_paused = true)]
async fn the_name_of_an_endpoint_is_one_in_its_region() {
    let (stack, online) = online();
    let bench = Bench::new().await.on_the_ground_in(&stack, ONLINE_ENDPOINT).await;
    let theirs = format!("{}/onlineEndpoints/{}", their_workspace(), online["name"].as_str().unwrap());
    let body = json!({ "location": "eastasia", "identity": { "type": "SystemAssigned" },
        "properties": { "authMode": "AADToken" } });
    bench.azure.put(&theirs, &body);
    let applied = bench.apply(ONLINE_ENDPOINT, &online, None).await;
    let told = &applied.diagnostics.0[0];
    assert_eq!(told.path.to_string(), "name");
    assert!(told.detail.contains("is already used in the region"), "{told:?}");
}
