//! Containers in a subnet of theirs: where they may stand, what changes in
//! place, and what is refused before anything is sent.

use serde_json::{Value as Json, json};

use super::harness::*;

async fn ground() -> Bench {
    Bench::new().await.on_the_ground_in(&Stack::whole(), CONTAINERS).await
}

#[tokio::test(start_paused = true)]
async fn a_group_has_an_address_of_its_subnet_and_no_other() {
    let bench = ground().await;
    let state = bench.converge(CONTAINERS, &container_group(), None).await;
    let address = state.value.attribute("ip_address").as_str().unwrap().to_owned();
    assert!(address.starts_with("10.10.3."), "{address}");
    let body = bench.azure.get(&ids(&state.value)["container_group"]);
    assert_eq!(body["properties"]["ipAddress"]["type"], "Private");
    assert_eq!(body["properties"]["subnetIds"].as_array().map(Vec::len), Some(1));
    bench.destroy(&state).await;
}

#[tokio::test(start_paused = true)]
async fn what_a_container_runs_changes_in_place_and_what_it_stands_on_does_not() {
    let bench = ground().await;
    let mut state = bench.converge(CONTAINERS, &container_group(), None).await;
    let name = format!("PUT {}", brief(&ids(&state.value)["container_group"]));
    bench.azure.writes();
    for (pointer, value) in [
        ("/container/0/image", json!("mcr.microsoft.com/azureml/minimal-inference:2")),
        ("/container/0/environment_variables", json!({ "MODEL": "second" })),
        ("/container/0/commands", json!(["serve"])),
        ("/container/0/ports", json!([{ "port": 5002 }, { "port": 5003, "protocol": "UDP" }])),
        ("/identity", Json::Null),
    ] {
        let arguments = with(&container_group(), pointer, value);
        let plan = bench.plan(CONTAINERS, &arguments, Some(&state)).await;
        assert!(plan.planned.attribute("ip_address").is_unknown(), "{pointer}: it may come up elsewhere");
        state = bench.converge(CONTAINERS, &arguments, Some(&state)).await;
        assert_eq!(bench.azure.written(), std::slice::from_ref(&name), "{pointer}");
        super::import::found_again(&bench, CONTAINERS, &arguments, &state).await;
        state = bench.converge(CONTAINERS, &container_group(), Some(&state)).await;
        bench.azure.writes();
    }
    for (pointer, value) in [
        ("/container/0/cpu", json!(1)),
        ("/container/0/memory", json!(2)),
        ("/restart_policy", json!("Never")),
        ("/name", json!("aci-other")),
    ] {
        let plan = bench.plan(CONTAINERS, &with(&container_group(), pointer, value), Some(&state)).await;
        assert_eq!(plan.action, Action::Replace, "{pointer}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_public_address_gets_another_host_name_in_place() {
    let bench = ground().await;
    let public =
        with(&with(&container_group(), "/subnet_ids", Json::Null), "/ip_address_type", json!("Public"));
    let labelled = |label: &str| with(&public, "/dns_name_label", json!(label));
    let mut state = bench.converge(CONTAINERS, &labelled("first"), None).await;
    let host = |state: &State| state.value.attribute("fqdn").as_str().map(str::to_owned);
    assert_eq!(host(&state).as_deref(), Some("first.eastasia.azurecontainer.io"));
    bench.azure.writes();
    for (arguments, expected) in
        [(labelled("second"), Some("second.eastasia.azurecontainer.io")), (public.clone(), None)]
    {
        state = bench.converge(CONTAINERS, &arguments, Some(&state)).await;
        assert_eq!(bench.azure.written(), ["PUT aci-mlops"]);
        assert_eq!(host(&state).as_deref(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_password_is_sent_and_kept_nowhere() {
    let bench = ground().await;
    let credential = json!({ "server": "cr.example.com", "username": "pull", "password": "not-to-be-kept" });
    let arguments = with(&container_group(), "/image_registry_credential", json!([credential]));
    let state = bench.converge(CONTAINERS, &arguments, None).await;
    let sent: String = bench.azure.writes().iter().map(|write| write.request.to_string()).collect();
    let kept = format!("{:?}", state.value);
    assert!(sent.contains("not-to-be-kept") && !kept.contains("not-to-be-kept"));
    let refreshed = bench.refresh(&state).await;
    assert_eq!(bench.plan(CONTAINERS, &arguments, Some(&refreshed)).await.action, Action::NoOp);
}

/// Each rule with what breaks it, and the error that says so.
#[tokio::test(start_paused = true)]
async fn what_cannot_stand_is_refused_by_the_plan_at_its_argument() {
    let bench = Bench::new().await;
    let theirs = format!("{}/subnets/instances", their_network());
    let second = json!([in_network("/subnets/instances"), in_network("/subnets/training")]);
    let twin = json!({ "name": "score", "image": "i", "cpu": 1, "memory": 1 });
    let beside =
        json!({ "name": "beside", "image": "i", "cpu": 1, "memory": 1, "ports": [{ "port": 5001 }] });
    let credential = |more: Json| {
        let mut all = json!({ "server": "cr.example.com" });
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!([all])
    };
    for (pointer, value, error) in [
        // S0, S1: the network beside the workspace, and no registry behind it.
        (
            "/subnet_ids/0",
            json!(theirs),
            "subnet_ids[0]: The network lies in another resource group than the workspace",
        ),
        (
            "/container_registry_public_network_access_enabled",
            json!(false),
            "container_registry_public_network_access_enabled: Container Instances pull no image from a closed registry",
        ),
        ("/subnet_ids", Json::Null, "subnet_ids: A private address is one of a subnet"),
        ("/subnet_ids", second, "subnet_ids[1]: A container group stands in one subnet"),
        ("/ip_address_type", json!("Public"), "ip_address_type: A group in a subnet has no public address"),
        ("/dns_name_label", json!("score"), "dns_name_label: Only a public address has a name of Azure's"),
        ("/name", json!("ACI"), "name: \"ACI\" cannot name a container group"),
        ("/container/0/name", json!("Score"), "container[0].name: \"Score\" cannot name a container"),
        ("/container/0/ports", Json::Null, "ip_address_type: A group with an address listens on some port"),
        ("/container/0/ports/0/port", json!(0), "container[0].ports[0].port: 0 is not a port"),
        ("/container/0/cpu", json!(0), "container[0].cpu: 0 of it runs nothing"),
        ("/container/1", twin, "container[1].name: There are two containers named \"score\""),
        ("/container/1", beside, "container[1].ports[0].port: Two containers listen on TCP port 5001"),
        (
            "/image_registry_credential",
            credential(json!({})),
            "image_registry_credential[0].server: Nothing says who pulls the images",
        ),
        (
            "/image_registry_credential",
            credential(json!({ "username": "pull" })),
            "image_registry_credential[0].password: The name that pulls has no password",
        ),
        (
            "/image_registry_credential",
            credential(
                json!({ "username": "pull", "password": "p", "user_assigned_identity_id": their_identity() }),
            ),
            "image_registry_credential[0].username: Images are pulled by an identity or by a name, not both",
        ),
    ] {
        let workspace = in_group("Microsoft.MachineLearningServices/workspaces/mlw-mlops");
        let arguments = with(&container_group(), "/machine_learning_workspace_id", json!(workspace));
        let arguments = with(&arguments, pointer, value);
        assert_eq!(bench.refusal(CONTAINERS, &arguments, None).await, [error]);
    }
}

/// Whether its workspace has a private endpoint, Azure shows: nothing is planned
/// beside one, and nothing is made beside one that came since.
#[tokio::test(start_paused = true)]
async fn no_group_stands_beside_a_workspace_with_a_private_endpoint() {
    let bench = ground().await;
    let workspace = in_group("Microsoft.MachineLearningServices/workspaces/mlw-mlops");
    let beside = with(&container_group(), "/machine_learning_workspace_id", json!(workspace));
    let line = "machine_learning_workspace_id: The machine learning workspace workspace cannot be used";
    assert_eq!(bench.refusal(CONTAINERS, &beside, None).await, [line]);
    // What is none of Azure Machine Learning's stands there.
    let state = bench.converge(CONTAINERS, &container_group(), None).await;
    let applied = bench.apply(CONTAINERS, &beside, Some(&state)).await;
    assert_eq!(said(&applied.diagnostics), [line]);
    bench.destroy(&state).await;

    let bench = Bench::new().await;
    let mut open = Stack::whole();
    open.workspace = with(&open.workspace, "/serverless_compute", Json::Null);
    open.workspace = with(&open.workspace, "/private_endpoint", Json::Null);
    bench.ground(&open, CLUSTER).await;
    let state = bench.converge(CONTAINERS, &beside, None).await;
    super::import::found_again(&bench, CONTAINERS, &container_group(), &state).await;
    bench.destroy(&state).await;
    let plan = bench.plan(CONTAINERS, &beside, None).await;
    let endpoint = json!({ "location": "eastasia", "properties": {
        "subnet": { "id": in_network("/subnets/endpoints") },
        "privateLinkServiceConnections": [{ "name": "late", "properties": {
            "privateLinkServiceId": workspace, "groupIds": ["amlworkspace"],
        }}],
    }});
    bench.azure.put(&in_group("Microsoft.Network/privateEndpoints/pe-late"), &endpoint);
    bench.azure.writes();
    let Err(Refusal::Provider(problems)) = bench.core.apply(plan).await else { panic!("not refused") };
    assert_eq!(said(&problems), [line]);
    let detail = &problems.0[0].detail;
    assert!(detail.contains("amlsecure_online_endpoint or an amlsecure_inference_cluster"), "{detail}");
    assert_eq!(bench.azure.written(), [""; 0]);
}

/// What only Azure sees it says itself.
#[tokio::test(start_paused = true)]
async fn a_subnet_that_is_not_delegated_is_refused_in_azures_words() {
    let bench = ground().await;
    let arguments = with(&container_group(), "/subnet_ids", json!([in_network("/subnets/inference")]));
    let applied = bench.apply(CONTAINERS, &arguments, None).await;
    let said = format!("{:?}", applied.diagnostics);
    assert!(said.contains("SubnetMissingRequiredDelegation"), "{said}");
}
