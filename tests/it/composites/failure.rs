//! What fails half way: nothing is lost, nothing is made twice, and what is
//! taken down goes whole.

use std::collections::BTreeSet;

use amlsecure::schema::Value;
use http::Method;
use serde_json::{Value as Json, json};

use super::harness::*;

/// Every key of a composite and its id, in the order of `resources`.
async fn keys(type_name: &str, arguments: &Json) -> Vec<(String, String)> {
    let bench = Bench::new().await;
    ids(&bench.plan(type_name, arguments, None).await.planned).into_iter().collect()
}

/// Whether a resource is written by a request of its own in a create: a
/// network carries its subnets.
fn is_written_alone(id: &str) -> bool {
    !id.contains("/subnets/")
}

/// A create of the example's composite in which the write of one resource is
/// refused, in a subscription that has what it stands on.
async fn half_built(stack: &Stack, type_name: &str, id: &str) -> (Bench, Option<State>) {
    let bench = Bench::new().await;
    bench.ground(stack, type_name).await;
    bench.azure.refuse(Method::PUT, id, 1);
    let applied = bench.apply(type_name, stack.of(type_name), None).await;
    let detail = &applied.diagnostics.0[0].detail;
    assert!(applied.diagnostics.has_errors() && detail.contains("RequestDisallowedByPolicy"), "{detail}");
    (bench, applied.state)
}

#[tokio::test(start_paused = true)]
async fn a_create_that_fails_anywhere_is_continued_and_nothing_is_made_twice() {
    let stack = Stack::whole();
    for (type_name, arguments) in stack.composites() {
        for (key, id) in keys(type_name, arguments).await.into_iter().filter(|(_, id)| is_written_alone(id)) {
            let (bench, state) = half_built(&stack, type_name, &id).await;
            let first = made(bench.azure.writes());
            let Some(state) = state else {
                assert!(first.is_empty(), "{type_name} {key}: {first:?} is lost");
                continue;
            };
            assert!(state.tainted);
            assert_eq!(state.value.attribute("ready").as_bool(), Some(false));
            assert_eq!(statuses(&state.value)[&key], "pending", "{type_name} {key}");

            // Terraform refreshes, and then plans to replace what is tainted.
            let state = bench.refresh(&state).await;
            let state = State { tainted: true, ..state };
            let plan = bench.plan(type_name, arguments, Some(&state)).await;
            assert_eq!(plan.action, Action::Replace);
            let warned = said(&plan.diagnostics);
            assert!(
                warned.iter().any(|line| line.contains("exist and will be kept")),
                "{type_name} {key}: {warned:?}"
            );
            let state = bench.converge(type_name, arguments, Some(&state)).await;
            let writes = bench.azure.writes();
            assert!(
                writes.iter().all(|write| write.method != Method::DELETE),
                "{type_name} {key}: {writes:?}"
            );
            let second = made(writes);
            assert!(first.is_disjoint(&second), "{type_name} {key}: made twice");
            assert_eq!(state.value.attribute("ready").as_bool(), Some(true));
        }
    }
}

/// What some writes made.
fn made(writes: Vec<Exchange>) -> BTreeSet<String> {
    writes.into_iter().filter(|write| write.made).map(|write| write.path).collect()
}

#[tokio::test(start_paused = true)]
async fn what_is_half_built_is_taken_down_whole() {
    let stack = Stack::whole();
    for (type_name, arguments) in stack.composites() {
        for (key, id) in keys(type_name, arguments).await.into_iter().filter(|(_, id)| is_written_alone(id)) {
            let (bench, state) = half_built(&stack, type_name, &id).await;
            let Some(state) = state else { continue };
            bench.destroy(&state).await;
            let ground = Bench::new().await;
            ground.ground(&stack, type_name).await;
            assert_eq!(bench.azure.held(), ground.azure.held(), "{type_name} {key}");
        }
    }
}

/// `terraform untaint`, the way on under `prevent_destroy`.
#[tokio::test(start_paused = true)]
async fn a_half_built_object_that_is_untainted_is_finished_by_an_update() {
    let stack = Stack::example();
    let id = in_group("Microsoft.Network/privateEndpoints/pe-mlw-mlops-blob");
    let (bench, state) = half_built(&stack, WORKSPACE, &id).await;
    let state = State { tainted: false, ..state.unwrap() };
    let plan = bench.plan(WORKSPACE, &stack.workspace, Some(&state)).await;
    assert_eq!(plan.action, Action::Update);
    let state = bench.converge(WORKSPACE, &stack.workspace, Some(&state)).await;
    assert_eq!(state.value.attribute("ready").as_bool(), Some(true));
}

/// A process that was killed leaves no state at all.
#[tokio::test(start_paused = true)]
async fn a_create_whose_state_was_lost_finds_its_own_again() {
    let stack = Stack::example();
    let id = in_group("Microsoft.Network/privateEndpoints/pe-mlw-mlops-blob");
    let (bench, _) = half_built(&stack, WORKSPACE, &id).await;
    let first = made(bench.azure.writes());
    let state = bench.converge(WORKSPACE, &stack.workspace, None).await;
    let second = made(bench.azure.writes());
    assert!(first.is_disjoint(&second));
    bench.destroy(&state).await;
}

/// The name of the whole is in every mark. With a state all goes and is made
/// anew; without one it is somebody else's, until the old name is back.
#[tokio::test(start_paused = true)]
async fn what_a_failed_create_left_under_another_name_goes_or_says_how_it_can() {
    let stack = Stack::example();
    let id = in_group("Microsoft.Network/privateEndpoints/pe-mlw-mlops-blob");
    let renamed = with(&stack.workspace, "/name", json!("mlw-renamed"));
    let (bench, state) = half_built(&stack, WORKSPACE, &id).await;
    let state = bench.converge(WORKSPACE, &renamed, state.as_ref()).await;
    bench.destroy(&state).await;

    let (bench, _) = half_built(&stack, WORKSPACE, &id).await;
    bench.azure.writes();
    let refused = bench.apply(WORKSPACE, &renamed, None).await;
    let storage = &refused.diagnostics.0[0];
    assert!(storage.summary.ends_with("belongs to another owner"), "{}", storage.summary);
    assert!(
        storage.detail.contains("give it that name again, apply, and rename it then"),
        "{}",
        storage.detail
    );
    assert_eq!(bench.azure.written(), [""; 0]);
    let state = bench.converge(WORKSPACE, &stack.workspace, None).await;
    bench.converge(WORKSPACE, &renamed, Some(&state)).await;
}

/// `-replace` of a healthy object that fails half way is asked for again: what
/// is left of the old object is replaced then too.
#[tokio::test(start_paused = true)]
async fn a_replacement_that_fails_half_way_is_still_a_replacement() {
    let bench = Bench::new().await;
    let stack = Stack::example();
    bench.ground(&stack, NETWORK).await;
    let state = bench.converge(NETWORK, &stack.network, None).await;
    let group = ids(&state.value)["nsg/training"].clone();
    let config = || config(NETWORK, &stack.network);
    bench.azure.refuse(Method::DELETE, &group, 1);
    let plan = bench.core.plan_replace(NETWORK, config(), &state).await.unwrap();
    let failed = bench.core.apply(plan).await.unwrap();
    assert!(failed.diagnostics.has_errors());
    let left = bench.refresh(&failed.state.unwrap()).await;
    bench.azure.writes();
    let plan = bench.core.plan_replace(NETWORK, config(), &left).await.unwrap();
    let applied = bench.core.apply(plan).await.unwrap();
    assert_eq!(said(&applied.diagnostics), [""; 0]);
    let deleted = bench.azure.writes().into_iter().filter(|write| write.method == Method::DELETE);
    assert!(deleted.map(|write| write.path).any(|path| path == group), "what was left is kept");
}

/// A create dies, the next one fails before it has taken everything over, and
/// the user gives up: what nobody has taken over is named, and nothing is lost.
#[tokio::test(start_paused = true)]
async fn what_a_dead_create_left_is_named_or_goes_with_the_one_that_failed_after_it() {
    let stack = Stack::example();
    let ground = Bench::new().await;
    ground.ground(&stack, WORKSPACE).await;
    let id = in_group("Microsoft.Network/privateEndpoints/pe-mlw-mlops-blob");
    for (stands_in_the_way, named) in [
        (in_group("Microsoft.Storage/storageAccounts/stmlops0001"), true),
        (in_group("Microsoft.Network/privateEndpoints/pe-mlw-mlops-file"), false),
    ] {
        let (bench, _) = half_built(&stack, WORKSPACE, &id).await;
        for method in [Method::PUT, Method::PATCH] {
            bench.azure.refuse(method, &stands_in_the_way, 1);
        }
        let failed = bench.apply(WORKSPACE, &stack.workspace, None).await;
        assert!(failed.diagnostics.has_errors());
        let mut state = failed.state.unwrap();
        bench.azure.writes();
        if named {
            let refused = bench.core.destroy(&state).await.unwrap();
            let said = said(&refused.diagnostics);
            assert!(
                said.iter().all(|line| line.contains("was left behind by a run that ended early")),
                "{said:?}"
            );
            assert_eq!(refused.state.unwrap().value, state.value);
            assert_eq!(bench.azure.written(), [""; 0]);
            state = bench.converge(WORKSPACE, &stack.workspace, Some(&state)).await;
        }
        bench.destroy(&state).await;
        assert_eq!(bench.azure.held(), ground.azure.held());
    }
}

/// The new object takes over what the old one has, so the old one's own
/// destroy finds nothing of its own.
#[tokio::test(start_paused = true)]
async fn a_half_built_object_is_taken_over_before_it_is_destroyed() {
    let stack = Stack::example();
    let id = in_group("Microsoft.Network/privateEndpoints/pe-mlw-mlops-blob");
    let (bench, state) = half_built(&stack, WORKSPACE, &id).await;
    let plan = bench.plan(WORKSPACE, &stack.workspace, state.as_ref()).await;
    let (created, destroyed) = bench.core.apply_create_before_destroy(plan).await.unwrap();
    assert_eq!(said(&created.diagnostics), [""; 0]);
    assert_eq!((said(&destroyed.diagnostics), destroyed.state), (Vec::new(), None));
    let state = bench.refresh(&created.state.unwrap()).await;
    assert!(statuses(&state.value).values().all(|status| status == "in sync"));
    assert_eq!(bench.plan(WORKSPACE, &stack.workspace, Some(&state)).await.action, Action::NoOp);
}

/// Stop, or a broken connection, can come between the last write of a create
/// and its answer: all stands and says so, and the state does not.
#[tokio::test(start_paused = true)]
async fn a_create_whose_last_answer_was_lost_is_taken_over_as_it_stands() {
    let stack = Stack::whole();
    for (type_name, arguments) in stack.composites() {
        let bench = Bench::new().await;
        bench.ground(&stack, type_name).await;
        let mut state = bench.converge(type_name, arguments, None).await;
        if let Value::Map(members) = &mut state.value {
            members.insert("ready".to_owned(), false.into());
        }
        bench.azure.writes();
        let state = State { tainted: true, ..state };
        let state = bench.converge(type_name, arguments, Some(&state)).await;
        let writes = bench.azure.writes();
        assert!(writes.iter().all(|write| write.method != Method::DELETE && !write.made), "{writes:?}");
        bench.destroy(&state).await;
    }
}

/// A half-built object whose configuration changed keeps what both want.
#[tokio::test(start_paused = true)]
async fn a_half_built_object_goes_on_as_what_the_configuration_says_now() {
    let stack = Stack::example();
    let id = in_group("Microsoft.Network/privateEndpoints/pe-mlw-mlops-blob");
    let (bench, state) = half_built(&stack, WORKSPACE, &id).await;
    bench.azure.writes();
    let fewer = with(&stack.workspace, "/private_endpoint/storage_services", json!(["blob", "file"]));
    bench.converge(WORKSPACE, &fewer, state.as_ref()).await;
    let gone: Vec<String> =
        bench.azure.written().into_iter().filter(|write| write.starts_with("DELETE")).collect();
    assert!(
        gone.iter().all(|write| ["queue", "table", "dfs"].iter().any(|service| write.contains(service))
            || write.len() == "DELETE ".len() + 36),
        "{gone:?}"
    );
    assert!(!gone.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_update_that_fails_keeps_the_arguments_it_had_and_is_planned_again() {
    let bench = Bench::new().await;
    let stack = Stack::example();
    bench.ground(&stack, WORKSPACE).await;
    let state = bench.converge(WORKSPACE, &stack.workspace, None).await;
    let mut changed = with(&stack.workspace, "/description", json!("new"));
    changed["container_registry"]["admin_enabled"] = json!(true);
    changed["private_endpoint"]["storage_services"] = json!(["blob", "file"]);
    for method in [Method::PUT, Method::PATCH] {
        bench.azure.refuse(method, "/registries/crmlops0001", 1);
    }
    let applied = bench.apply(WORKSPACE, &changed, Some(&state)).await;
    assert!(said(&applied.diagnostics)[0].contains("Azure refused to update the container registry"));
    let failed = applied.state.unwrap();
    assert!(!failed.tainted);
    let registry =
        |state: &State| state.value.attribute("container_registry").attribute("admin_enabled").as_bool();
    assert_eq!((registry(&failed), failed.value.attribute("description").as_str()), (Some(false), None));
    assert_eq!(failed.value.attribute("ready").as_bool(), Some(true));

    let refreshed = bench.refresh(&failed).await;
    let state = bench.converge(WORKSPACE, &changed, Some(&refreshed)).await;
    assert_eq!((registry(&state), state.value.attribute("description").as_str()), (Some(true), Some("new")));
}

/// An update can add, change and remove; wherever it fails, a destroy finds
/// everything.
#[tokio::test(start_paused = true)]
async fn an_update_that_fails_anywhere_leaves_nothing_to_a_destroy() {
    let stack = Stack::example();
    let third = json!({ "name": "third", "purpose": "general", "address_prefixes": ["10.10.2.0/24"] });
    let mut changed = with(&stack.network, "/subnet/0", third);
    changed["egress"] = Json::Null;
    changed["tags"] = json!({ "team": "x" });
    for (method, tail) in [
        (Method::PUT, "/nsg-vnet-aml-third"),
        (Method::PUT, "/subnets/third"),
        (Method::PUT, "/subnets/training"),
        (Method::PUT, "/virtualNetworks/vnet-aml"),
        (Method::DELETE, "/subnets/endpoints"),
        (Method::DELETE, "/nsg-vnet-aml-endpoints"),
        (Method::DELETE, "/nat-vnet-aml"),
        (Method::DELETE, "/pip-nat-vnet-aml"),
    ] {
        let bench = Bench::new().await;
        bench.ground(&stack, NETWORK).await;
        let ground = bench.azure.held();
        let state = bench.converge(NETWORK, &stack.network, None).await;
        bench.azure.refuse(method.clone(), tail, 1);
        let applied = bench.apply(NETWORK, &changed, Some(&state)).await;
        assert!(applied.diagnostics.has_errors(), "{method} {tail}");
        let failed = applied.state.unwrap();
        let recorded: BTreeSet<String> =
            ids(&failed.value).into_values().map(|id| id.to_lowercase()).collect();
        let lost: Vec<_> =
            bench.azure.held().difference(&ground).filter(|id| !recorded.contains(*id)).cloned().collect();
        assert!(lost.is_empty(), "{method} {tail}: {lost:?}");

        // Either way on works: finish, or take it all down.
        let refreshed = bench.refresh(&failed).await;
        let finished = bench.converge(NETWORK, &changed, Some(&refreshed)).await;
        bench.destroy(&finished).await;
        assert_eq!(bench.azure.held(), ground, "{method} {tail}");

        let state = bench.converge(NETWORK, &stack.network, None).await;
        bench.azure.refuse(method.clone(), tail, 1);
        let failed = bench.apply(NETWORK, &changed, Some(&state)).await.state.unwrap();
        bench.destroy(&failed).await;
        assert_eq!(bench.azure.held(), ground, "{method} {tail}, at once");
    }
}

#[tokio::test(start_paused = true)]
async fn a_destroy_that_fails_says_what_is_left_and_goes_on() {
    let stack = Stack::whole();
    for (type_name, arguments) in stack.composites() {
        for (key, id) in keys(type_name, arguments).await.into_iter().filter(|(_, id)| is_written_alone(id)) {
            let bench = Bench::new().await;
            bench.ground(&stack, type_name).await;
            let ground = bench.azure.held();
            let state = bench.converge(type_name, arguments, None).await;
            bench.azure.refuse(Method::DELETE, &id, 1);
            let applied = bench.core.destroy(&state).await.unwrap();
            assert!(applied.diagnostics.has_errors(), "{type_name} {key}");
            let left = applied.state.unwrap();
            let recorded: BTreeSet<String> =
                ids(&left.value).into_values().map(|id| id.to_lowercase()).collect();
            let held: BTreeSet<String> = bench.azure.held().difference(&ground).cloned().collect();
            assert_eq!(recorded, held, "{type_name} {key}");
            assert_eq!(left.value.attribute("ready").as_bool(), Some(false));
            let refreshed = bench.refresh(&left).await;
            bench.destroy(&refreshed).await;
            assert_eq!(bench.azure.held(), ground, "{type_name} {key}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_somebody_else_made_is_refused_before_any_write() {
    let stack = Stack::example();
    let foreign = [
        (GROUP, "resource_group", json!({ "location": "eastasia" })),
        (NETWORK, "nsg/training", json!({ "location": "eastasia" })),
        (DNS, "blob", json!({ "location": "global" })),
        (
            WORKSPACE,
            "storage",
            json!({ "location": "eastasia", "kind": "StorageV2", "sku": { "name": "Standard_LRS" } }),
        ),
    ];
    for (type_name, key, body) in foreign {
        for owner in [None, Some("amlsecure_network:somebody")] {
            let bench = Bench::new().await;
            bench.ground(&stack, type_name).await;
            let arguments = stack.of(type_name);
            let id = ids(&bench.plan(type_name, arguments, None).await.planned)[key].clone();
            let mut body = body.clone();
            if let Some(owner) = owner {
                body["tags"] = json!({ "amlsecure-owner": owner, "amlsecure-instance": "x" });
            }
            bench.azure.put(&id, &body);
            let plan = bench.plan(type_name, arguments, None).await;
            assert!(
                said(&plan.diagnostics)[0].contains("exists already"),
                "a plan warns: {:?}",
                plan.diagnostics
            );
            let applied = bench.core.apply(plan).await.unwrap();
            assert_eq!(applied.diagnostics.0.len(), 1, "{:?}", applied.diagnostics);
            let detail = &applied.diagnostics.0[0].detail;
            assert!(detail.contains(&id) && detail.contains("another name"), "{detail}");
            assert_eq!((applied.state, bench.azure.written()), (None, Vec::new()), "{type_name} {key}");
        }
    }
}

/// What another Terraform state holds whole is not to be taken over.
#[tokio::test(start_paused = true)]
async fn what_another_state_holds_is_refused_before_any_write() {
    let bench = Bench::new().await;
    let stack = Stack::whole();
    let states = bench.build(&stack).await;
    for (type_name, arguments) in stack.composites() {
        let applied = bench.apply(type_name, arguments, None).await;
        let said = said(&applied.diagnostics);
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].ends_with("is in use by another Terraform object"), "{said:?}");
        assert_eq!(applied.state, None);
        assert_eq!(bench.azure.written(), [""; 0]);
        assert_eq!(bench.refresh(&states[type_name]).await, states[type_name]);
    }
}

/// Ctrl-C: what is under way is finished or abandoned, nothing more begins, and
/// the next run goes on.
#[tokio::test(start_paused = true)]
async fn a_stopped_create_is_continued() {
    let bench = Bench::slow().await;
    let stack = Stack::example();
    bench.ground(&stack, WORKSPACE).await;
    let plan = bench.plan(WORKSPACE, &stack.workspace, None).await;
    let cancel = bench.core.cancel.clone();
    let stop = async {
        bench.azure.rest(120).await;
        cancel.cancel();
    };
    let (applied, ()) = tokio::join!(bench.core.apply(plan), stop);
    let applied = applied.unwrap();
    assert!(applied.diagnostics.has_errors());
    // What was under way in Azure comes to its end there.
    bench.azure.rest(3600).await;
    let again = bench.reconfigured(&json!({})).await;
    let state = again.converge(WORKSPACE, &stack.workspace, applied.state.as_ref()).await;
    again.destroy(&state).await;
}
