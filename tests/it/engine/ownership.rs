//! Whose a resource is decides what may be done to it.

use amlsecure::engine::graph::{Graph, Origin};
use amlsecure::engine::{Done, Why};
use amlsecure::kinds::{STORAGE_ACCOUNT, VIRTUAL_NETWORK, WORKSPACE};
use serde_json::json;

use super::cloud::Cloud;
use super::stack::{Config, Object, id};

fn account(owner: Option<&str>) -> serde_json::Value {
    let tags = owner.map_or(json!({}), |owner| json!({"amlsecure-owner": owner, "amlsecure-instance": "x"}));
    json!({"location": "eastasia", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "tags": tags})
}

#[tokio::test(start_paused = true)]
async fn a_resource_of_nobodys_is_refused_with_the_ways_on() {
    let cloud = Cloud::default();
    cloud.place(&id(&STORAGE_ACCOUNT, "st"), account(None));
    let (_, plan) = Object::new(&cloud, "one").plan(&Config::default().expand()).await;
    let problems = plan.unwrap_err();
    assert_eq!(problems.len(), 1);
    assert!(matches!(problems[0].why, Why::Unmarked));
    let text = problems[0].to_string();
    assert!(text.contains("storageAccounts/st") && text.contains("Choose another name"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_resource_of_nobodys_is_taken_over_where_that_is_allowed() {
    let cloud = Cloud::default();
    cloud.place(&id(&STORAGE_ACCOUNT, "st"), account(None));
    let mut object = Object::new(&cloud, "one");
    object.adopt = true;
    let outcome = object.apply(&Config::default().expand()).await;
    assert!(outcome.is_complete(), "{:?}", outcome.failures);
    assert_eq!(outcome.done["storage"], Done::Adopted);
    assert_eq!(cloud.body(&id(&STORAGE_ACCOUNT, "st")).unwrap()["tags"]["amlsecure-instance"], "one");
}

#[tokio::test(start_paused = true)]
async fn anothers_mark_is_refused_even_where_adopting_is_allowed() {
    let cloud = Cloud::default();
    cloud.place(&id(&STORAGE_ACCOUNT, "st"), account(Some("workspace-other")));
    let mut object = Object::new(&cloud, "one");
    object.adopt = true;
    let problems = object.plan(&Config::default().expand()).await.1.unwrap_err();
    assert!(matches!(&problems[0].why, Why::Foreign(owner) if owner == "workspace-other"));
}

#[tokio::test(start_paused = true)]
async fn a_live_stack_is_not_taken_over_by_a_second_create() {
    let cloud = Cloud::default();
    let graph = Config::default().expand();
    Object::new(&cloud, "one").apply(&graph).await;
    let problems = Object::new(&cloud, "two").plan(&graph).await.1.unwrap_err();
    assert!(problems.iter().any(|problem| matches!(problem.why, Why::Live) && &*problem.key == "workspace"));
    assert!(problems.iter().all(|problem| !problem.to_string().is_empty()));
}

#[tokio::test(start_paused = true)]
async fn stripped_tags_are_drift_of_ours_and_come_back() {
    let cloud = Cloud::default();
    let graph = Config::default().expand();
    let mut object = Object::new(&cloud, "one");
    object.apply(&graph).await;
    cloud.touch(&id(&STORAGE_ACCOUNT, "st"), |body| body["tags"] = json!({}));
    let drift = object.drift(&graph).await;
    assert_eq!(drift.len(), 1, "{drift:?}");
    assert!(
        drift[0].starts_with("storage: drifted: tags.amlsecure-instance is absent, want one"),
        "{drift:?}"
    );
    object.apply(&graph).await;
    assert_eq!(object.drift(&graph).await, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_deletion_leaves_what_another_object_has_taken_over() {
    let cloud = Cloud::default();
    let graph = Config::default().expand();
    let mut deposed = Object::new(&cloud, "one");
    deposed.apply(&graph).await;
    // As after a failed create: unfinished, so the next create may take it over.
    cloud.touch(&id(&WORKSPACE, "ws"), |body| body["tags"]["amlsecure-state"] = "building".into());
    let mut heir = Object::new(&cloud, "two");
    let outcome = heir.apply(&graph).await;
    assert!(outcome.is_complete(), "{:?}", outcome.failures);
    cloud.writes();
    let gone = deposed.destroy().await;
    assert!(gone.is_complete(), "{:?}", gone.failures);
    let touched = cloud.writes();
    assert_eq!(touched, Vec::<String>::new());
    assert!(heir.plan(&graph).await.1.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_failed_read_neither_makes_nor_deletes() {
    let cloud = Cloud::default();
    let graph = Config::default().expand();
    let mut object = Object::new(&cloud, "one");
    object.apply(&graph).await;
    cloud.hide("storageaccounts/st");
    let problems = object.plan(&graph).await.1.unwrap_err();
    assert!(
        problems.iter().any(|problem| &*problem.key == "storage" && matches!(problem.why, Why::Unread(_)))
    );
    let problems = object.plan(&Graph::default()).await.1.unwrap_err();
    assert!(problems.iter().any(|problem| matches!(problem.why, Why::Unread(_))), "{problems:?}");
    let drift = object.drift(&graph).await;
    assert!(
        drift.iter().any(|line| line.starts_with("storage: could not be read: 403 AuthorizationFailed")),
        "{drift:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_given_resource_must_exist_and_is_never_written() {
    let cloud = Cloud::default();
    let network = id(&VIRTUAL_NETWORK, "theirs");
    let mut graph = Graph::default();
    let given = graph.given("network", &VIRTUAL_NETWORK, Some(network.clone()), Origin("network".into()));
    let subnet = network.child(&amlsecure::kinds::SUBNET, "ours");
    let body = json!({"properties": {"addressPrefix": "10.9.0.0/24"}});
    let own =
        graph.add("subnet", &amlsecure::kinds::SUBNET, Some(subnet.clone()), body, Origin("subnet".into()));
    graph.after(&own, &given);
    let mut object = Object::new(&cloud, "one");
    let problems = object.plan(&graph).await.1.unwrap_err();
    assert!(matches!(problems[0].why, Why::GivenAbsent));
    assert!(problems[0].to_string().contains("virtualNetworks/theirs must exist"), "{}", problems[0]);

    cloud.place(&network, json!({"location": "eastasia"}));
    let outcome = object.apply(&graph).await;
    assert!(outcome.is_complete(), "{:?}", outcome.failures);
    assert_eq!(cloud.writes(), ["PUT ours"]);
    // Without marks of its own or of its parent's, the state's record proves it ours.
    object.destroy().await;
    assert_eq!(cloud.writes(), ["DELETE ours"]);
    assert!(cloud.body(&network).is_some());
}

#[tokio::test(start_paused = true)]
async fn what_was_not_announced_is_not_replaced_or_deleted() {
    let cloud = Cloud::default();
    let mut object = Object::new(&cloud, "one");
    object.apply(&Config::default().expand()).await;
    object.announced = Some(std::collections::BTreeSet::new());
    let without = Config { file: false, ..Config::default() }.expand();
    let problems = object.plan(&without).await.1.unwrap_err();
    assert_eq!(problems.len(), 4, "zone, link, endpoint and zone group");
    assert!(problems[0].to_string().contains("Plan again"), "{}", problems[0]);
    object.announced =
        Some(["file/zone", "file/zone/link", "file/endpoint", "file/endpoint/zones"].map(Into::into).into());
    assert!(object.plan(&without).await.1.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_create_says_at_plan_what_it_will_continue() {
    let cloud = Cloud::default();
    let graph = Config::default().expand();
    cloud.refuse(http::Method::PUT, graph.get("file/endpoint").unwrap().id.as_ref().unwrap(), false);
    Object::new(&cloud, "one").apply(&graph).await;
    let mut object = Object::new(&cloud, "two");
    object.marks.instance = None;
    let plan = object.plan(&graph).await.1.unwrap();
    let tally = plan.tally();
    assert_eq!((tally.create, tally.adopt), (2, graph.nodes().len() - 2));
    let text = plan.explain().to_string();
    assert!(text.contains("  + file/endpoint"), "{text}");
    assert!(text.ends_with("then the whole is marked ready"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn the_delete_half_of_an_unfinished_object_keeps_what_the_next_one_names() {
    let cloud = Cloud::default();
    let graph = Config::default().expand();
    cloud.refuse(http::Method::PUT, graph.get("blob/endpoint").unwrap().id.as_ref().unwrap(), false);
    let mut tainted = Object::new(&cloud, "one");
    tainted.apply(&graph).await;
    cloud.relent();
    let next = Config { file: false, ..Config::default() }.expand();
    tainted.state = Some(graph);
    tainted.keep = next.nodes().filter_map(|node| node.id.clone()).collect();
    cloud.writes();
    tainted.destroy().await;
    let writes = cloud.writes();
    assert_eq!(writes.len(), 4, "{writes:?}");
    assert!(writes.iter().all(|write| write.starts_with("DELETE ")), "{writes:?}");
    let mut heir = Object::new(&cloud, "two");
    let outcome = heir.apply(&next).await;
    assert!(outcome.is_complete(), "{:?}", outcome.failures);
    assert_eq!(outcome.done["storage"], Done::Adopted);
    assert_eq!(cloud.ids().len(), next.nodes().len());
}

#[tokio::test(start_paused = true)]
async fn an_untainted_object_continues_and_becomes_ready() {
    let cloud = Cloud::default();
    let graph = Config::default().expand();
    cloud.refuse(http::Method::PUT, graph.get("blob/endpoint").unwrap().id.as_ref().unwrap(), false);
    let mut object = Object::new(&cloud, "one");
    object.apply(&graph).await;
    cloud.relent();
    object.state = Some(graph.clone());
    let outcome = object.apply(&graph).await;
    assert!(outcome.is_complete(), "{:?}", outcome.failures);
    assert_eq!(cloud.body(&id(&WORKSPACE, "ws")).unwrap()["tags"]["amlsecure-state"], "ready");
}
