//! Made, at rest, taken away: each composite alone and all of them together.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::harness::*;

#[tokio::test(start_paused = true)]
async fn every_composite_is_made_comes_to_rest_and_leaves_nothing() {
    let stack = Stack::whole();
    for (type_name, arguments) in stack.composites() {
        let bench = Bench::new().await;
        bench.ground(&stack, type_name).await;
        let ground = bench.azure.held();

        let plan = bench.plan(type_name, arguments, None).await;
        assert_eq!(plan.action, Action::Create);
        let promised: BTreeSet<String> =
            ids(&plan.planned).into_values().map(|id| id.to_lowercase()).collect();
        let state = bench.converge(type_name, arguments, None).await;
        let made: BTreeSet<String> = bench.azure.held().difference(&ground).cloned().collect();
        assert_eq!(made, promised, "{type_name} makes what it promised and nothing else");
        assert!(statuses(&state.value).values().all(|status| status == "in sync"), "{type_name}");
        assert_eq!(state.value.attribute("ready").as_bool(), Some(true));

        bench.destroy(&state).await;
        assert_eq!(bench.azure.held(), ground, "{type_name} leaves what was there before");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stack_is_built_and_taken_down_at_azures_own_pace() {
    let bench = Bench::slow().await;
    let stack = Stack::example();
    let states = bench.build(&stack).await;
    for (type_name, _) in stack.composites().into_iter().rev() {
        bench.destroy(&states[type_name]).await;
    }
    assert_eq!(bench.azure.held(), BTreeSet::new());
}

/// Blocks that name each other by plain ids are destroyed side by side: what
/// waits for another's deletion does not stand in its way.
#[tokio::test(start_paused = true)]
async fn composites_without_an_order_are_destroyed_side_by_side() {
    for bench in [Bench::new().await, Bench::slow().await] {
        let stack = Stack::example();
        let states = bench.build(&stack).await;
        let began = tokio::time::Instant::now();
        let all = [NETWORK, DNS, WORKSPACE, CLUSTER].map(|type_name| bench.destroy(&states[type_name]));
        futures::future::join_all(all).await;
        assert!(began.elapsed().as_secs() < 20 * 60, "{:?}", began.elapsed());
        bench.destroy(&states[GROUP]).await;
        assert_eq!(bench.azure.held(), BTreeSet::new());
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_gone_altogether_is_gone_from_the_state() {
    let bench = Bench::new().await;
    let stack = Stack::example();
    let state = bench.converge(GROUP, &stack.group, None).await;
    assert!(bench.azure.delete(&ids(&state.value)["resource_group"]));
    assert_eq!(bench.core.refresh(&state).await.unwrap(), None);
    bench.converge(GROUP, &stack.group, None).await;
}

#[tokio::test(start_paused = true)]
async fn what_is_at_rest_is_not_written_again() {
    let bench = Bench::new().await;
    let stack = Stack::whole();
    let states = bench.build(&stack).await;
    for (type_name, arguments) in stack.composites() {
        let state = bench.refresh(&states[type_name]).await;
        assert_eq!(state, states[type_name], "{type_name}");
        assert_eq!(bench.plan(type_name, arguments, Some(&state)).await.action, Action::NoOp);
    }
    assert_eq!(bench.azure.written(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_healthy_object_can_be_replaced_on_demand() {
    let bench = Bench::new().await;
    let stack = Stack::example();
    bench.ground(&stack, CLUSTER).await;
    let state = bench.converge(CLUSTER, &stack.cluster, None).await;
    bench.azure.writes();
    let plan = bench.core.plan_replace(CLUSTER, config(CLUSTER, &stack.cluster), &state).await.unwrap();
    let applied = bench.core.apply(plan).await.unwrap();
    assert!(!applied.diagnostics.has_errors(), "{:?}", said(&applied.diagnostics));
    let verbs: Vec<String> = bench.azure.writes().iter().map(Exchange::brief).collect();
    // Made, and once it stands, marked as whole.
    let put = "PUT mlw-mlops/computes/cpu";
    assert_eq!(verbs, ["DELETE mlw-mlops/computes/cpu", put, put]);
    let replaced = applied.state.unwrap();
    assert_ne!(replaced.value.attribute("instance"), state.value.attribute("instance"));
}

#[tokio::test(start_paused = true)]
async fn what_is_made_at_once_is_marked_as_whole_by_the_same_write() {
    let bench = Bench::new().await;
    bench.converge(GROUP, &Stack::example().group, None).await;
    assert_eq!(bench.azure.written(), ["PUT rg-mlops"]);
}

/// Azure cannot hold two resources of one name, and what comes first in
/// `create_before_destroy` is the second of them.
#[tokio::test(start_paused = true)]
async fn the_same_names_cannot_be_had_twice() {
    let bench = Bench::new().await;
    let stack = Stack::example();
    let state = bench.converge(GROUP, &stack.group, None).await;
    bench.azure.writes();
    let plan = bench.core.plan_replace(GROUP, config(GROUP, &stack.group), &state).await.unwrap();
    let (created, kept) = bench.core.apply_create_before_destroy(plan).await.unwrap();
    let said = said(&created.diagnostics);
    assert_eq!(said, ["name: This amlsecure_resource_group is in use by another Terraform object"]);
    assert_eq!(kept.state.as_ref(), Some(&state));
    assert_eq!(bench.azure.written(), [""; 0]);
}

/// With another name both fit, and the deposed one takes only its own.
#[tokio::test(start_paused = true)]
async fn another_name_can_be_made_before_the_old_one_goes() {
    let bench = Bench::new().await;
    let stack = Stack::example();
    bench.ground(&stack, NETWORK).await;
    let state = bench.converge(NETWORK, &stack.network, None).await;
    let renamed = with(&stack.network, "/name", json!("vnet-two"));
    let plan = bench.plan(NETWORK, &renamed, Some(&state)).await;
    assert_eq!(plan.action, Action::Replace);
    let (created, destroyed) = bench.core.apply_create_before_destroy(plan).await.unwrap();
    assert_eq!(said(&created.diagnostics), [""; 0]);
    assert_eq!(destroyed.state, None);
    let held = bench.azure.held();
    assert!(
        held.iter().any(|id| id.ends_with("/vnet-two")) && !held.iter().any(|id| id.ends_with("/vnet-aml"))
    );
    let state = created.state.unwrap();
    assert_eq!(bench.plan(NETWORK, &renamed, Some(&state)).await.action, Action::NoOp);
}

#[tokio::test(start_paused = true)]
async fn a_network_without_subnets_or_egress_is_a_network() {
    let bench = Bench::new().await;
    let stack = Stack::example();
    bench.ground(&stack, NETWORK).await;
    let bare = with(&with(&stack.network, "/subnet", json!([])), "/egress", Json::Null);
    let state = bench.converge(NETWORK, &bare, None).await;
    assert_eq!(statuses(&state.value).into_keys().collect::<Vec<_>>(), ["network"]);
    // Everything comes, and goes again.
    let state = bench.converge(NETWORK, &stack.network, Some(&state)).await;
    assert_eq!(statuses(&state.value).len(), 7);
    let state = bench.converge(NETWORK, &bare, Some(&state)).await;
    assert_eq!(statuses(&state.value).into_keys().collect::<Vec<_>>(), ["network"]);
    bench.destroy(&state).await;
}

/// A workspace keeps its name after it is deleted, and a vault too. A
/// replacement needs both at once.
#[tokio::test(start_paused = true)]
async fn a_workspace_is_replaced_under_the_names_that_azure_keeps() {
    let stack = Stack::example();
    for (pointer, value) in [
        ("/high_business_impact", json!(true)),
        ("/name", json!("mlw-other")),
        ("/storage_account/name", json!("stmlops0002")),
    ] {
        let bench = Bench::new().await;
        bench.ground(&stack, WORKSPACE).await;
        let state = bench.converge(WORKSPACE, &stack.workspace, None).await;
        let changed = with(&stack.workspace, pointer, value);
        assert_eq!(bench.plan(WORKSPACE, &changed, Some(&state)).await.action, Action::Replace, "{pointer}");
        let state = bench.converge(WORKSPACE, &changed, Some(&state)).await;
        assert_eq!(state.value.attribute("ready").as_bool(), Some(true), "{pointer}");
    }
}

#[tokio::test(start_paused = true)]
async fn another_spelling_of_a_region_is_the_same_region() {
    let bench = Bench::new().await;
    let stack = Stack::example();
    bench.ground(&stack, NETWORK).await;
    let state = bench.converge(NETWORK, &stack.network, None).await;
    bench.azure.writes();
    let respelt = with(&stack.network, "/location", json!("East Asia"));
    assert_eq!(bench.plan(NETWORK, &respelt, Some(&state)).await.action, Action::Update);
    bench.converge(NETWORK, &respelt, Some(&state)).await;
    assert_eq!(bench.azure.written(), [""; 0]);
}
