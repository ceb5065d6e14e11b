//! Changing what stands: as little as can be, in an order that ARM takes.

use amlsecure::engine::graph::Key;
use amlsecure::engine::{Change, Done, changes};
use amlsecure::kinds::{NETWORK_SECURITY_GROUP, STORAGE_ACCOUNT, SUBNET, VIRTUAL_NETWORK};
use serde_json::json;

use super::cloud::Cloud;
use super::stack::{Config, Object, id};

async fn built(config: &Config) -> (Cloud, Object) {
    let cloud = Cloud::default();
    let mut object = Object::new(&cloud, "one");
    let outcome = object.apply(&config.expand()).await;
    assert!(outcome.is_complete(), "{:?}", outcome.failures);
    cloud.writes();
    (cloud, object)
}

#[tokio::test(start_paused = true)]
async fn drift_is_named_and_mended_with_one_patch() {
    let (cloud, mut object) = built(&Config::default()).await;
    let graph = Config::default().expand();
    cloud.touch(&id(&STORAGE_ACCOUNT, "st"), |body| {
        body["properties"]["networkAcls"]["defaultAction"] = "Allow".into();
        body["tags"]["cost"] = "7".into();
    });
    assert_eq!(
        object.drift(&graph).await,
        ["storage: drifted: properties.networkAcls.defaultAction is Allow, want Deny"]
    );
    let outcome = object.apply(&graph).await;
    assert_eq!(outcome.done["storage"], Done::Updated);
    assert_eq!(cloud.writes(), ["PATCH st"]);
    let (_, sent) = cloud.sent().pop().unwrap();
    assert_eq!(
        sent,
        json!({"properties": {"networkAcls": {"defaultAction": "Deny", "bypass": "AzureServices"}}})
    );
    assert_eq!(object.drift(&graph).await, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_lost_resource_is_missing_and_made_again() {
    let (cloud, mut object) = built(&Config::default()).await;
    let graph = Config::default().expand();
    let endpoint = graph.get("file/endpoint").unwrap().id.clone().unwrap();
    let group = graph.get("file/endpoint/zones").unwrap().id.clone().unwrap();
    cloud.lose(&group);
    cloud.lose(&endpoint);
    assert_eq!(object.drift(&graph).await, ["file/endpoint: missing", "file/endpoint/zones: missing"]);
    object.apply(&graph).await;
    assert_eq!(cloud.writes(), ["PUT pe-file", "PUT default"]);
}

#[tokio::test(start_paused = true)]
async fn what_the_user_takes_out_goes_and_what_others_added_stays() {
    let (cloud, mut object) = built(&Config::default()).await;
    let group = id(&NETWORK_SECURITY_GROUP, "nsg");
    cloud.touch(&group, |body| {
        let rules = body["properties"]["securityRules"].as_array_mut().unwrap();
        rules.push(json!({"name": "theirs", "properties": {"priority": 4000}}));
        body["tags"]["theirs"] = "1".into();
    });
    let config = Config { rules: vec!["batch"], team: None, ..Config::default() };
    let outcome = object.apply(&config.expand()).await;
    assert!(outcome.is_complete(), "{:?}", outcome.failures);
    let body = cloud.body(&group).unwrap();
    let rules = body["properties"]["securityRules"].as_array().unwrap();
    let names: Vec<&str> = rules.iter().map(|rule| rule["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["batch", "theirs"]);
    assert_eq!(body["tags"].get("team"), None);
    assert_eq!(body["tags"]["theirs"], "1");
    assert_eq!(body["tags"]["env"], "test");
}

#[tokio::test(start_paused = true)]
async fn a_network_is_written_without_losing_anybodys_subnets() {
    let (cloud, mut object) = built(&Config::default()).await;
    let network = id(&VIRTUAL_NETWORK, "vnet");
    cloud.place(&network.child(&SUBNET, "theirs"), json!({"properties": {"addressPrefix": "10.0.9.0/24"}}));
    let outcome = object.apply(&Config { team: Some("ops"), ..Config::default() }.expand()).await;
    assert!(outcome.is_complete(), "{:?}", outcome.failures);
    assert_eq!(cloud.body(&network).unwrap()["tags"]["team"], "ops");
    assert!(cloud.body(&network.child(&SUBNET, "theirs")).is_some());
    assert!(cloud.body(&network.child(&SUBNET, "training")).is_some());
}

#[tokio::test(start_paused = true)]
async fn a_write_in_between_is_read_again_and_kept() {
    let (cloud, mut object) = built(&Config::default()).await;
    let group = id(&NETWORK_SECURITY_GROUP, "nsg");
    let mut theirs = cloud.body(&group).unwrap();
    theirs["tags"]["theirs"] = "late".into();
    cloud.interlope(&group, theirs);
    let config = Config { rules: vec!["batch"], ..Config::default() };
    let outcome = object.apply(&config.expand()).await;
    assert!(outcome.is_complete(), "{:?}", outcome.failures);
    let body = cloud.body(&group).unwrap();
    assert_eq!(body["tags"]["theirs"], "late");
    assert_eq!(body["properties"]["securityRules"].as_array().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_subnet_that_comes_waits_for_the_one_that_goes() {
    let (cloud, mut object) = built(&Config { training: Some("10.0.1.0/24"), ..Config::default() }).await;
    let mut renamed = Config { training: None, ..Config::default() }.expand();
    let network = id(&VIRTUAL_NETWORK, "vnet");
    let body = json!({"properties": {"addressPrefix": "10.0.1.0/24"}});
    renamed.add(
        "network/learning",
        &SUBNET,
        Some(network.child(&SUBNET, "learning")),
        body,
        super::stack::at("learning"),
    );
    let outcome = object.apply(&renamed).await;
    assert!(outcome.is_complete(), "{:?}", outcome.failures);
    assert_eq!(cloud.writes(), ["DELETE training", "PUT learning"]);
}

#[tokio::test(start_paused = true)]
async fn what_azure_cannot_change_is_replaced_with_all_that_hangs_on_it() {
    let (cloud, mut object) = built(&Config::default()).await;
    let moved = Config { storage: "stnew", ..Config::default() };
    let announced = changes(&Config::default().expand(), &moved.expand());
    let replaced: Vec<&str> = announced
        .iter()
        .filter(|(_, change)| matches!(change, Change::Replaced(_)))
        .map(|(key, _)| &**key)
        .collect();
    assert!(replaced.contains(&"storage") && replaced.contains(&"workspace"), "{replaced:?}");
    assert!(replaced.contains(&"blob/endpoint") && replaced.contains(&"storage/contributor"), "{replaced:?}");
    assert_eq!(announced["network"], Change::Same);
    object.announced = Some(replaced.iter().map(|key| Key::from(*key)).collect());
    let outcome = object.apply(&moved.expand()).await;
    assert!(outcome.is_complete(), "{:?}", outcome.failures);
    assert!(cloud.body(&id(&STORAGE_ACCOUNT, "st")).is_none());
    assert!(object.plan(&moved.expand()).await.1.unwrap().is_empty());
    assert_eq!(cloud.collisions(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn another_region_is_another_stack() {
    let (cloud, mut object) = built(&Config::default()).await;
    let moved = Config { region: "westeurope", ..Config::default() }.expand();
    let outcome = object.apply(&moved).await;
    assert!(outcome.is_complete(), "{:?}", outcome.failures);
    assert_eq!(outcome.done["network"], Done::Replaced);
    assert_eq!(outcome.done["network/training"], Done::Replaced);
    assert!(object.plan(&moved).await.1.unwrap().is_empty());
    assert_eq!(cloud.collisions(), Vec::<String>::new());
    assert_eq!(cloud.body(&id(&STORAGE_ACCOUNT, "st")).unwrap()["location"], "westeurope");
}

#[test]
fn nothing_changes_between_two_expansions_of_one_configuration() {
    let found = changes(&Config::default().expand(), &Config::default().expand());
    assert!(found.values().all(|change| *change == Change::Same), "{found:?}");
}

#[test]
fn changes_name_what_comes_goes_and_differs() {
    let later = Config { access: "Allow", file: false, ..Config::default() };
    let found = changes(&Config::default().expand(), &later.expand());
    assert_eq!(found["file/endpoint"], Change::Removed);
    let Change::Changed(differences) = &found["storage"] else { panic!("{:?}", found["storage"]) };
    assert_eq!(differences[0].to_string(), "properties.networkAcls.defaultAction is Deny, want Allow");
    assert_eq!(changes(&later.expand(), &Config::default().expand())["file/endpoint"], Change::Added);
}

#[tokio::test(start_paused = true)]
async fn what_stays_lets_go_of_what_is_replaced_and_takes_it_up_again() {
    let (cloud, mut object) = built(&Config::default()).await;
    let graph = Config::default().expand();
    let group = id(&NETWORK_SECURITY_GROUP, "nsg");
    cloud.touch(&group, |body| body["location"] = "westeurope".into());
    let outcome = object.apply(&graph).await;
    assert!(outcome.is_complete(), "{:?}", outcome.failures);
    assert_eq!(outcome.done["group"], Done::Replaced);
    let mut writes = cloud.writes();
    for write in &mut writes {
        *write = write.replace("endpoints", "subnet").replace("training", "subnet");
    }
    assert_eq!(writes, ["PUT subnet", "PUT subnet", "DELETE nsg", "PUT nsg", "PUT subnet", "PUT subnet"]);
    let subnet = cloud.body(&id(&VIRTUAL_NETWORK, "vnet").child(&SUBNET, "training")).unwrap();
    assert_eq!(subnet["properties"]["networkSecurityGroup"]["id"], group.as_str());
    assert!(object.plan(&graph).await.1.unwrap().is_empty());
    assert_eq!(cloud.collisions(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_renamed_network_takes_its_subnets_and_all_in_them_along() {
    let (cloud, mut object) = built(&Config::default()).await;
    let renamed = Config { network: "vnet2", ..Config::default() }.expand();
    let outcome = object.apply(&renamed).await;
    assert!(outcome.is_complete(), "{:?}", outcome.failures);
    assert_eq!(outcome.done["network/training"], Done::Created);
    assert_eq!(outcome.done["blob/endpoint"], Done::Replaced);
    assert_eq!(outcome.done["workspace"], Done::Kept);
    assert!(cloud.body(&id(&VIRTUAL_NETWORK, "vnet")).is_none());
    assert!(object.plan(&renamed).await.1.unwrap().is_empty());
    assert_eq!(cloud.collisions(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn whatever_write_of_a_great_change_fails_the_next_run_ends_it() {
    let later =
        Config { network: "vnet2", storage: "stnew", rules: vec!["batch"], ..Config::default() }.expand();
    for failing in later.managed().filter(|node| node.kind.embedded.is_none()) {
        let (cloud, mut object) = built(&Config::default()).await;
        let before = object.state.clone().unwrap();
        cloud.refuse(http::Method::PUT, failing.id.as_ref().unwrap(), true);
        let first = object.apply(&later).await;
        assert!(first.failures.iter().all(|failure| failure.key == failing.key), "{:?}", first.failures);
        cloud.relent();
        object.state.get_or_insert(before);
        let second = object.apply(&later).await;
        assert!(second.is_complete(), "after {}: {:?}", failing.key, second.failures);
        assert!(object.plan(&later).await.1.unwrap().is_empty(), "after {}", failing.key);
        assert_eq!(cloud.ids().len(), later.nodes().len(), "after {}", failing.key);
    }
}
