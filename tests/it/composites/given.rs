//! Parts that are given by id belong to somebody else: looked at, never
//! written, never deleted.

use serde_json::{Value as Json, json};

use super::harness::*;

/// The example's workspace over parts of strangers.
fn given_parts() -> Json {
    let mut arguments = Stack::example().workspace;
    arguments["storage_account"] = json!({ "id": their_storage() });
    arguments["key_vault"] = json!({ "id": their_vault() });
    arguments["container_registry"] = json!({ "id": their_registry() });
    arguments["application_insights"] = json!({ "id": their_insights() });
    arguments
}

/// A part: its argument, an id of that kind that nobody has, and its noun.
fn absent_parts() -> [(&'static str, String, &'static str); 5] {
    let gone = |id: String| format!("{id}gone");
    [
        ("storage_account", gone(their_storage()), "storage account"),
        ("key_vault", gone(their_vault()), "key vault"),
        ("container_registry", gone(their_registry()), "container registry"),
        ("application_insights", gone(their_insights()), "Application Insights component"),
        ("log_analytics", gone(their_logs()), "Log Analytics workspace"),
    ]
}

#[tokio::test(start_paused = true)]
async fn given_parts_are_never_written_and_never_deleted() {
    let stack = Stack { workspace: given_parts(), ..Stack::example() };
    let bench = Bench::new().await.on_the_ground_in(&stack, WORKSPACE).await;
    let before = bench.azure.held();
    let kept = [their_storage(), their_vault(), their_registry(), their_insights(), their_logs()];
    // Azure itself adds what points at a resource, so only what somebody wrote is compared.
    let own = |id: &String| {
        let body = bench.azure.get(id);
        (body["tags"].clone(), body["etag"].clone(), body["properties"]["publicNetworkAccess"].clone())
    };
    let bodies: Vec<_> = kept.iter().map(own).collect();

    let state = bench.converge(WORKSPACE, &stack.workspace, None).await;
    let outputs = [
        ("storage_account_id", their_storage()),
        ("key_vault_id", their_vault()),
        ("container_registry_id", their_registry()),
        ("application_insights_id", their_insights()),
    ];
    for (name, id) in outputs {
        assert_eq!(state.value.attribute(name).as_str(), Some(id.as_str()));
    }
    let open = with(&stack.workspace, "/public_network_access_enabled", json!(true));
    let state = bench.converge(WORKSPACE, &open, Some(&state)).await;
    bench.destroy(&state).await;

    for write in bench.azure.writes() {
        assert!(!kept.contains(&write.path), "{write:?}");
    }
    assert_eq!(kept.iter().map(own).collect::<Vec<_>>(), bodies);
    assert_eq!(bench.azure.held(), before);
}

#[tokio::test(start_paused = true)]
async fn a_given_part_that_is_not_there_is_an_error_at_its_argument_before_any_write() {
    let stack = Stack::example();
    let bench = Bench::new().await.on_the_ground_in(&stack, WORKSPACE).await;
    for (part, id, noun) in absent_parts() {
        let (arguments, path) = if part == "log_analytics" {
            let own = json!({ "name": "appi-mlops", "workspace_id": id });
            (
                with(&stack.workspace, "/application_insights", own),
                "application_insights.workspace_id".to_owned(),
            )
        } else {
            (with(&given_parts(), &format!("/{part}"), json!({ "id": id })), format!("{part}.id"))
        };
        let applied = bench.apply(WORKSPACE, &arguments, None).await;
        let said: Vec<_> =
            applied.diagnostics.0.iter().map(|one| (one.path.to_string(), one.summary.clone())).collect();
        assert_eq!(said.len(), 1, "{said:?}");
        assert_eq!(said[0].0, path);
        assert!(said[0].1.contains(noun) && said[0].1.contains("does not exist"), "{}", said[0].1);
        assert!(applied.diagnostics.0[0].detail.contains(&id), "{}", applied.diagnostics.0[0].detail);
        assert_eq!(applied.state, None);
        assert_eq!(bench.azure.written(), [""; 0]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_cluster_of_a_workspace_that_is_not_there_is_an_error_before_any_write() {
    let bench = Bench::new().await;
    let stack = Stack::example();
    bench.ground(&stack, WORKSPACE).await;
    let applied = bench.apply(CLUSTER, &stack.cluster, None).await;
    assert_eq!(
        said(&applied.diagnostics),
        ["machine_learning_workspace_id: The machine learning workspace workspace does not exist"]
    );
    assert_eq!(bench.azure.written(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_user_assigned_identity_that_is_not_there_is_an_error_at_its_element() {
    let bench = Bench::new().await;
    let stack = Stack::example();
    bench.ground(&stack, WORKSPACE).await;
    let identity = json!({ "type": "UserAssigned", "identity_ids": [their_identity()] });
    let applied = bench.apply(WORKSPACE, &with(&stack.workspace, "/identity", identity), None).await;
    let said = said(&applied.diagnostics);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].starts_with("identity.identity_ids[0]: The user-assigned identity"), "{said:?}");
    assert_eq!(bench.azure.written(), [""; 0]);
}

/// What is not ours is not drift either: only that it is there counts.
#[tokio::test(start_paused = true)]
async fn a_given_part_that_others_change_is_no_drift() {
    let stack = Stack { workspace: given_parts(), ..Stack::example() };
    let bench = Bench::new().await.on_the_ground_in(&stack, WORKSPACE).await;
    let state = bench.converge(WORKSPACE, &stack.workspace, None).await;
    bench.azure.change(&their_storage(), |body| body["properties"]["publicNetworkAccess"] = json!("Enabled"));
    let refreshed = bench.refresh(&state).await;
    assert_eq!(refreshed, state);
    assert_eq!(bench.plan(WORKSPACE, &stack.workspace, Some(&refreshed)).await.action, Action::NoOp);
}
