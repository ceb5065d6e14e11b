//! Tags: the provider's, the composite's own, and what strangers write.

use serde_json::{Value as Json, json};

use super::harness::*;

/// The tags of every resource of a composite that has some, our marks left out.
fn tags(bench: &Bench, state: &State) -> Vec<(String, Json)> {
    ids(&state.value)
        .into_iter()
        .filter_map(|(key, id)| {
            let mut tags = tags_of(&bench.azure.get(&id)).as_object()?.clone();
            tags.retain(|name, _| !name.starts_with("amlsecure-"));
            Some((key, Json::Object(tags)))
        })
        .collect()
}

#[tokio::test(start_paused = true)]
async fn tags_go_to_every_resource_that_can_carry_them_and_go_again() {
    let bench = Bench::new().await;
    let stack = Stack::whole();
    bench.ground(&stack, NETWORK).await;
    for (type_name, arguments) in stack.composites().into_iter().skip(1) {
        let tagged = with(arguments, "/tags", json!({ "team": "a", "stage": "b" }));
        let state = bench.converge(type_name, &tagged, None).await;
        let found = tags(&bench, &state);
        assert!(!found.is_empty());
        for (key, tags) in found {
            assert_eq!(tags, json!({ "team": "a", "stage": "b" }), "{type_name} {key}");
        }
        let fewer = with(arguments, "/tags", json!({ "team": "c" }));
        let state = bench.converge(type_name, &fewer, Some(&state)).await;
        for (key, tags) in tags(&bench, &state) {
            assert_eq!(tags, json!({ "team": "c" }), "{type_name} {key}");
        }
        let state = bench.converge(type_name, &with(arguments, "/tags", Json::Null), Some(&state)).await;
        for (key, tags) in tags(&bench, &state) {
            assert_eq!(tags, json!({}), "{type_name} {key}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_composites_own_tags_come_before_the_providers() {
    let bench = Bench::with(&json!({ "default_tags": { "Team": "all", "stage": "prod" } })).await;
    let stack = Stack::example();
    let arguments = with(&stack.group, "/tags", json!({ "team": "own" }));
    let state = bench.converge(GROUP, &arguments, None).await;
    assert_eq!(
        tags(&bench, &state),
        [("resource_group".to_owned(), json!({ "team": "own", "stage": "prod" }))]
    );

    // Without its own, the provider's comes back. Azure keeps the case that a name has.
    let state = bench.converge(GROUP, &stack.group, Some(&state)).await;
    assert_eq!(
        tags(&bench, &state),
        [("resource_group".to_owned(), json!({ "team": "all", "stage": "prod" }))]
    );
}

/// The state records what was written, so a plan sees what the provider block
/// says otherwise now, what it no longer says included.
#[tokio::test(start_paused = true)]
async fn other_default_tags_are_a_change_and_a_dropped_one_goes() {
    let bench = Bench::with(&json!({ "default_tags": { "stage": "prod", "old": "1" } })).await;
    let stack = Stack::example();
    let state = bench.converge(GROUP, &stack.group, None).await;
    let later = bench.reconfigured(&json!({ "default_tags": { "stage": "test", "cost": "1" } })).await;
    assert_eq!(later.refresh(&state).await, state, "nothing has drifted");
    let plan = later.plan(GROUP, &stack.group, Some(&state)).await;
    assert_eq!(
        statuses(&plan.planned)["resource_group"],
        "changed: tags.old 1 -> absent; tags.cost absent -> 1; tags.stage prod -> test"
    );
    let state = later.converge(GROUP, &stack.group, Some(&state)).await;
    assert_eq!(
        tags(&later, &state),
        [("resource_group".to_owned(), json!({ "cost": "1", "stage": "test" }))]
    );
}

#[tokio::test(start_paused = true)]
async fn a_strangers_tags_survive_every_change() {
    let bench = Bench::new().await;
    let stack = Stack::example();
    bench.ground(&stack, NETWORK).await;
    let state = bench.converge(NETWORK, &with(&stack.network, "/tags", json!({ "ours": "1" })), None).await;
    let tagged: Vec<String> =
        tags(&bench, &state).into_iter().map(|(key, _)| ids(&state.value)[&key].clone()).collect();
    for id in &tagged {
        bench.azure.change(id, |body| body["tags"]["theirs"] = json!("yes"));
    }
    let mut refreshed = bench.refresh(&state).await;
    assert_eq!(refreshed, state, "another's tag is no drift");
    for own in [json!({ "ours": "2" }), json!({ "ours": "2", "more": "3" }), Json::Null] {
        let state =
            bench.converge(NETWORK, &with(&stack.network, "/tags", own.clone()), Some(&refreshed)).await;
        let mut expected = own.as_object().cloned().unwrap_or_default();
        expected.insert("theirs".to_owned(), json!("yes"));
        for (key, tags) in tags(&bench, &state) {
            assert_eq!(tags, Json::Object(expected.clone()), "{key}");
        }
        refreshed = bench.refresh(&state).await;
    }
}

#[tokio::test(start_paused = true)]
async fn ignored_tags_are_neither_read_nor_written() {
    let ignoring = json!({ "ignore_tags": { "keys": ["stage"], "key_prefixes": ["policy-"] } });
    let bench = Bench::with(&ignoring).await;
    let stack = Stack::example();
    let arguments = with(&stack.group, "/tags", json!({ "team": "a" }));
    let state = bench.converge(GROUP, &arguments, None).await;
    let id = &ids(&state.value)["resource_group"];
    bench.azure.change(id, |body| {
        body["tags"]["stage"] = json!("theirs");
        body["tags"]["policy-cost"] = json!("7");
    });
    let refreshed = bench.refresh(&state).await;
    assert_eq!(refreshed, state);
    let state =
        bench.converge(GROUP, &with(&arguments, "/tags", json!({ "team": "b" })), Some(&refreshed)).await;
    let found = tags(&bench, &state);
    assert_eq!(found[0].1, json!({ "team": "b", "stage": "theirs", "policy-cost": "7" }));
}

/// Azure tells tag names apart without regard to case.
#[tokio::test(start_paused = true)]
async fn a_tag_that_comes_back_in_another_case_is_no_drift() {
    let bench = Bench::new().await;
    let arguments = with(&Stack::example().group, "/tags", json!({ "Team": "a" }));
    let state = bench.converge(GROUP, &arguments, None).await;
    bench.azure.change(&ids(&state.value)["resource_group"], |body| {
        let tags = body["tags"].as_object_mut().unwrap();
        let value = tags.remove("Team").unwrap();
        tags.insert("TEAM".to_owned(), value);
    });
    let refreshed = bench.refresh(&state).await;
    assert_eq!(bench.plan(GROUP, &arguments, Some(&refreshed)).await.action, Action::NoOp);
}
