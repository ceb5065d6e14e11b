//! Building, breaking off, continuing and taking down.

use amlsecure::engine::graph::Graph;
use amlsecure::engine::{Done, Finish, Observation};
use http::Method;
use serde_json::Value as Json;

use super::cloud::{Cloud, call};
use super::stack::{Config, Object};
use amlsecure::kinds::WORKSPACE;

use super::stack::id;

#[tokio::test(start_paused = true)]
async fn a_stack_is_built_whole_and_planned_empty_afterwards() {
    let cloud = Cloud::default();
    let graph = Config::default().expand();
    let mut object = Object::new(&cloud, "one");
    let outcome = object.apply(&graph).await;
    assert!(outcome.is_complete(), "{:?}", outcome.failures);
    assert!(graph.managed().all(|node| outcome.done.get(&node.key) == Some(&Done::Created)), "{outcome:?}");
    assert_eq!(cloud.ids().len(), graph.nodes().len());
    assert_eq!(cloud.collisions(), Vec::<String>::new());
    let primary = cloud.body(&id(&WORKSPACE, "ws")).unwrap();
    assert_eq!(primary["tags"]["amlsecure-state"], "ready");

    let (_, plan) = object.plan(&graph).await;
    let plan = plan.unwrap();
    assert!(plan.is_empty(), "{}", plan.explain());
    assert_eq!(object.drift(&graph).await, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_network_is_made_with_all_its_subnets_in_one_write() {
    let cloud = Cloud::default();
    Object::new(&cloud, "one").apply(&Config::default().expand()).await;
    let writes = cloud.writes();
    assert_eq!(
        writes.iter().filter(|write| write.ends_with("vnet")).count(),
        4,
        "the network and three links"
    );
    assert!(
        !writes.iter().any(|write| write.ends_with("endpoints") || write.ends_with("training")),
        "{writes:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_stack_whose_primary_takes_long_is_ready_by_a_write_of_its_own() {
    let cloud = Cloud::default();
    let whole = Config::default().expand();
    let mut graph = Graph::default();
    for key in ["group", "network", "network/endpoints"] {
        let node = whole.get(key).unwrap();
        let handle = graph.add(key, node.kind, node.id.clone(), node.body.clone(), node.origin.clone());
        if key == "network" {
            graph.set_primary(&handle);
        }
    }
    let mut object = Object::new(&cloud, "one");
    let (_, plan) = object.plan(&graph).await;
    assert_eq!(plan.unwrap().finish, Finish::AfterAll);
    object.apply(&graph).await;
    assert_eq!(cloud.writes(), ["PUT nsg", "PUT vnet", "PUT vnet"]);
    assert_eq!(
        cloud.body(graph.primary().unwrap().id.as_ref().unwrap()).unwrap()["tags"]["amlsecure-state"],
        "ready"
    );
}

#[tokio::test(start_paused = true)]
async fn whatever_write_fails_the_next_run_continues_and_the_third_has_nothing_to_do() {
    let graph = Config::default().expand();
    for failing in graph.managed() {
        for leaves in [false, true] {
            let cloud = Cloud::default();
            cloud.refuse(Method::PUT, failing.id.as_ref().unwrap(), leaves);
            let first = Object::new(&cloud, "one").apply(&graph).await;
            let carried = failing.kind.embedded.is_some();
            assert_eq!(first.failures.is_empty(), carried, "{}", failing.key);
            for failure in &first.failures {
                assert_eq!(failure.key, failing.key);
            }
            for node in
                graph.managed().filter(|node| !carried && graph.waits_for(node).contains(&failing.key))
            {
                assert!(first.unreached.contains(&node.key), "{} ran after {}", node.key, failing.key);
            }
            let seen = first.world.get(&failing.key);
            assert_eq!(matches!(seen, Some(Observation::Present(_))), leaves || carried, "{}", failing.key);
            cloud.relent();
            // The process died with its state; another instance comes.
            let mut object = Object::new(&cloud, "two");
            if carried {
                continue;
            }
            let second = object.apply(&graph).await;
            assert!(second.is_complete(), "after {}: {:?}", failing.key, second.failures);
            let (_, plan) = object.plan(&graph).await;
            assert!(plan.as_ref().unwrap().is_empty(), "after {}: {}", failing.key, plan.unwrap().explain());
            let gone = object.destroy().await;
            assert!(gone.is_complete(), "{:?}", gone.failures);
            assert_eq!(cloud.ids(), Vec::<String>::new());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_says_where_and_what_and_leaves_the_rest_standing() {
    let cloud = Cloud::default();
    let graph = Config::default().expand();
    let endpoint = graph.get("file/endpoint").unwrap();
    cloud.refuse(Method::PUT, endpoint.id.as_ref().unwrap(), false);
    let outcome = Object::new(&cloud, "one").apply(&graph).await;
    assert_eq!(outcome.failures.len(), 1);
    assert_eq!(
        outcome.failures[0].to_string(),
        "file/endpoint (private endpoint): create failed: 400 Refused: Refused says the cloud."
    );
    assert_eq!(&*outcome.failures[0].origin.0, "file/endpoint");
    assert!(matches!(outcome.world.get("file/endpoint"), Some(Observation::Absent)));
    let left: Vec<&str> = outcome.unreached.iter().map(|key| &**key).collect();
    assert_eq!(left, ["file/endpoint/zones"]);
    let primary = cloud.body(&id(&WORKSPACE, "ws")).unwrap();
    assert_eq!(primary["tags"]["amlsecure-state"], "building");
}

#[tokio::test(start_paused = true)]
async fn a_whole_stack_goes_in_the_order_that_azure_wants() {
    let cloud = Cloud::default();
    let mut object = Object::new(&cloud, "one");
    object.apply(&Config::default().expand()).await;
    cloud.writes();
    let outcome = object.destroy().await;
    assert!(outcome.is_complete(), "{:?}", outcome.failures);
    assert_eq!(cloud.ids(), Vec::<String>::new());
    assert_eq!(cloud.collisions(), Vec::<String>::new());
    let writes = cloud.writes();
    assert!(!writes.contains(&"DELETE endpoints".to_owned()), "subnets go with their network: {writes:?}");
}

#[tokio::test(start_paused = true)]
async fn whatever_deletion_fails_the_next_run_takes_the_rest_down() {
    let graph = Config::default().expand();
    for failing in graph.managed().filter(|node| node.kind.embedded.is_none()) {
        let cloud = Cloud::default();
        let mut object = Object::new(&cloud, "one");
        object.apply(&graph).await;
        cloud.refuse(Method::DELETE, failing.id.as_ref().unwrap(), false);
        let first = object.destroy().await;
        assert_eq!(first.failures.len(), 1, "{}: {:?}", failing.key, first.failures);
        cloud.relent();
        object.state = Some(graph.clone());
        let second = object.destroy().await;
        assert!(second.is_complete(), "after {}: {:?}", failing.key, second.failures);
        assert_eq!(cloud.ids(), Vec::<String>::new());
    }
}

#[tokio::test(start_paused = true)]
async fn a_stop_begins_nothing_more_and_the_next_run_continues() {
    let cloud = Cloud::default();
    let graph = Config::default().expand();
    let stopping = call();
    let cancel = stopping.cancel.clone();
    #[expect(clippy::disallowed_methods, reason = "tokio's time is the virtual one here")]
    let stop = async move {
        tokio::time::sleep(std::time::Duration::from_secs(15)).await;
        cancel.cancel();
    };
    let mut first = Object::new(&cloud, "one");
    let (outcome, ()) = tokio::join!(first.apply_with(&graph, &stopping), stop);
    assert!(outcome.stopped && !outcome.unreached.is_empty());
    let mut second = Object::new(&cloud, "two");
    let outcome = second.apply(&graph).await;
    assert!(outcome.is_complete(), "{:?}", outcome.failures);
    assert!(second.plan(&graph).await.1.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn independent_resources_are_built_side_by_side() {
    let cloud = Cloud::default();
    let start = tokio::time::Instant::now();
    let graph = Config::default().expand();
    Object::new(&cloud, "one").apply(&graph).await;
    let one_by_one: u64 = graph.managed().map(|node| u64::from(node.kind.put.seconds)).sum();
    let took = start.elapsed().as_secs();
    // The workspace's chain is the longest: storage, workspace, endpoint, zones, and the mark.
    let chain = ["storage", "workspace", "amlworkspace/endpoint", "amlworkspace/endpoint/zones", "workspace"];
    let least: u64 = chain.iter().map(|key| u64::from(graph.get(key).unwrap().kind.put.seconds)).sum();
    assert!(least <= took && took <= least + 5, "{took} s, {least} s at least, {one_by_one} s in a row");
}

#[tokio::test(start_paused = true)]
async fn every_taggable_resource_bears_both_marks() {
    let cloud = Cloud::default();
    let graph = Config::default().expand();
    Object::new(&cloud, "one").apply(&graph).await;
    for node in graph.managed() {
        let body = cloud.body(node.id.as_ref().unwrap()).unwrap();
        let found = amlsecure::engine::ownership::found(node.kind, &body);
        if amlsecure::engine::ownership::carries_marks(node.kind) {
            assert_eq!(found.owner.as_deref(), Some("workspace-ws"), "{}", node.key);
            assert_eq!(found.instance.as_deref(), Some("one"), "{}", node.key);
        } else {
            assert_eq!(body.get("tags").unwrap_or(&Json::Null), &Json::Null);
        }
    }
}
