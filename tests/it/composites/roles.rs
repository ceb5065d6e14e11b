//! Who assigns the roles that a workspace's identity needs, and when.

use std::collections::BTreeSet;

use http::Method;
use serde_json::{Value as Json, json};

use super::harness::*;

fn with_user_identity(arguments: &Json) -> Json {
    with(arguments, "/identity", json!({ "type": "UserAssigned", "identity_ids": [their_identity()] }))
}

fn role_keys(state: &State) -> Vec<String> {
    statuses(&state.value).into_keys().filter(|key| key.starts_with("role/")).collect()
}

/// Scope and role of each required assignment.
fn required(state: &State) -> BTreeSet<(String, String)> {
    let text = |value: &amlsecure::schema::Value, name: &str| {
        value.attribute(name).as_str().unwrap_or_else(|| panic!("no {name}")).to_lowercase()
    };
    let lines = state.value.attribute("required_role_assignments").as_list().unwrap();
    lines.iter().map(|line| (text(line, "scope"), text(line, "role_definition_id"))).collect()
}

/// Scope and role of each assignment that was made.
fn made(bench: &Bench, state: &State) -> BTreeSet<(String, String)> {
    let assignments = ids(&state.value).into_iter().filter(|(key, _)| key.starts_with("role/"));
    assignments
        .map(|(_, id)| {
            let body = bench.azure.get(&id);
            let role = body["properties"]["roleDefinitionId"].as_str().unwrap().to_lowercase();
            let (scope, _) = id.split_once("/providers/Microsoft.Authorization/").unwrap();
            (scope.to_lowercase(), role)
        })
        .collect()
}

#[tokio::test(start_paused = true)]
async fn the_roles_that_are_made_are_those_that_are_required() {
    let stack = Stack::example();
    let identities = ["SystemAssigned", "UserAssigned", "SystemAssigned, UserAssigned"];
    for (kind, access) in
        identities.iter().flat_map(|kind| ["AccessKey", "Identity"].map(|access| (kind, access)))
    {
        let bench = Bench::new().await.on_the_ground_in(&stack, WORKSPACE).await;
        let identity = match *kind {
            "SystemAssigned" => json!({ "type": kind }),
            _ => json!({ "type": kind, "identity_ids": [their_identity()] }),
        };
        let arguments = with(&stack.workspace, "/identity", identity);
        let arguments = with(&arguments, "/storage_account_access_type", json!(access));
        let state = bench.converge(WORKSPACE, &arguments, None).await;
        assert!(!role_keys(&state).is_empty());
        assert_eq!(made(&bench, &state), required(&state), "{kind} {access}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_role_assignments_none_is_made_and_all_are_listed() {
    let bench = Bench::new().await;
    let stack = Stack::example();
    bench.ground(&stack, WORKSPACE).await;
    let none = with(&stack.workspace, "/role_assignments", json!("none"));
    let state = bench.converge(WORKSPACE, &none, None).await;
    assert_eq!(role_keys(&state), [""; 0]);
    assert!(bench.azure.writes().iter().all(|write| !write.path.contains("/roleAssignments/")));
    let wanted = required(&state);
    let principal = state.value.attribute("principal_id").as_str().unwrap();
    for line in state.value.attribute("required_role_assignments").as_list().unwrap() {
        assert_eq!(line.attribute("principal_id").as_str(), Some(principal));
    }

    // Changing one's mind makes exactly those, and takes them away again.
    let state = bench.converge(WORKSPACE, &stack.workspace, Some(&state)).await;
    assert_eq!(made(&bench, &state), wanted);
    assert!(bench.azure.writes().iter().all(|write| write.path.contains("/roleAssignments/")));
    let state = bench.converge(WORKSPACE, &none, Some(&state)).await;
    assert_eq!(role_keys(&state), [""; 0]);
    assert!(bench.azure.writes().iter().all(|write| write.method == Method::DELETE));
}

#[tokio::test(start_paused = true)]
async fn a_workspace_of_somebody_elses_identity_comes_after_that_identitys_roles() {
    let bench = Bench::slow().await;
    let stack = Stack::example();
    bench.ground(&stack, WORKSPACE).await;
    strangers(&bench.azure);
    let state = bench.converge(WORKSPACE, &with_user_identity(&stack.workspace), None).await;
    let writes = bench.azure.writes();
    let made_at = |id: &str| {
        let at = |write: &Exchange| write.method == Method::PUT && write.path.eq_ignore_ascii_case(id);
        writes.iter().position(at).unwrap_or_else(|| panic!("{id} was never made"))
    };
    let ids = ids(&state.value);
    // Microsoft lists these for an identity that acts from the workspace's first moment.
    for key in [
        "role/storage/contributor",
        "role/storage/data",
        "role/key_vault/contributor",
        "role/key_vault/administrator",
        "role/application_insights/contributor",
        "role/container_registry/contributor",
    ] {
        assert!(made_at(&ids[key]) < made_at(&ids["workspace"]), "{key}");
    }
}

/// A role assignment of another principal has another name, so both can stand
/// for a moment.
#[tokio::test(start_paused = true)]
async fn another_identity_gets_the_roles_and_the_former_loses_them() {
    let stack = Stack::example();
    let bench = Bench::new().await.on_the_ground_in(&stack, WORKSPACE).await;
    let own = bench.converge(WORKSPACE, &stack.workspace, None).await;
    let before = ids(&own.value);
    let theirs = bench.converge(WORKSPACE, &with_user_identity(&stack.workspace), Some(&own)).await;
    let after = ids(&theirs.value);
    assert_ne!(before["role/storage/reader"], after["role/storage/reader"]);
    assert!(bench.azure.get(&before["role/storage/reader"]).is_null());
    assert_eq!(made(&bench, &theirs), required(&theirs));
}
