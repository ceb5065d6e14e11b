//! Looking at Azure: little, and never fooled.

use amlsecure::engine::Observation;
use http::Method;

use super::cloud::{Cloud, call};
use super::stack::{Config, Object};

#[tokio::test(start_paused = true)]
async fn an_unchanged_stack_is_seen_with_few_reads() {
    let cloud = Cloud::default();
    let graph = Config::default().expand();
    let mut object = Object::new(&cloud, "one");
    object.apply(&graph).await;
    cloud.requests();
    assert!(object.plan(&graph).await.1.unwrap().is_empty());
    let reads = cloud.requests().into_iter().filter(|(method, _)| *method == Method::GET).count();
    assert!(reads * 10 <= graph.nodes().len() * 8, "{reads} reads for {} nodes", graph.nodes().len());
}

#[tokio::test(start_paused = true)]
async fn a_list_that_lags_behind_hides_no_resource() {
    let cloud = Cloud::default();
    cloud.freeze_lists();
    let graph = Config::default().expand();
    let mut object = Object::new(&cloud, "one");
    object.apply(&graph).await;
    assert!(object.plan(&graph).await.1.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_list_that_lags_behind_shows_no_drift_that_is_over() {
    let cloud = Cloud::default();
    let graph = Config::default().expand();
    let mut object = Object::new(&cloud, "one");
    object.apply(&graph).await;
    let zone = graph.get("blob/zone").unwrap().id.clone().unwrap();
    let good = cloud.body(&zone).unwrap();
    cloud.touch(&zone, |body| body["tags"]["env"] = "wrong".into());
    cloud.freeze_lists();
    cloud.touch(&zone, |body| *body = good);
    assert_eq!(object.drift(&graph).await, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn subnets_are_read_from_their_network() {
    let cloud = Cloud::default();
    let graph = Config::default().expand();
    let mut object = Object::new(&cloud, "one");
    object.apply(&graph).await;
    cloud.requests();
    let world = object.engine.observe(&graph, &call()).await;
    assert!(matches!(world.get("network/training"), Some(Observation::Present(_))));
    assert!(!cloud.requests().iter().any(|(_, id)| id.contains("/subnets")));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_of_what_lies_in_nothing() {
    let cloud = Cloud::default();
    let graph = Config::default().expand();
    let world = Object::new(&cloud, "one").engine.observe(&graph, &call()).await;
    assert!(world.is_empty());
    assert!(
        !cloud
            .requests()
            .iter()
            .any(|(_, id)| id.contains("privatednszonegroups") || id.contains("/subnets/"))
    );
}
