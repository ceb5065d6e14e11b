//! Who goes first where not all can go at once.

use amlsecure::engine::graph::{Expr, Graph, Handle};
use amlsecure::engine::ownership::Marks;
use amlsecure::kinds::{
    PRIVATE_DNS_ZONE, PRIVATE_DNS_ZONE_GROUP, PRIVATE_ENDPOINT, STORAGE_ACCOUNT, SUBNET, VIRTUAL_NETWORK,
};
use serde_json::json;

use super::cloud::Cloud;
use super::stack::{Object, at, id};

/// An endpoint of the account `st` in a network that are both somebody else's.
fn endpoint(graph: &mut Graph, name: &str, subnet: &Handle, account: &Handle) -> Handle {
    let connection = Expr::object([
        ("name", Expr::from(name)),
        (
            "properties",
            Expr::object([("privateLinkServiceId", account.id()), ("groupIds", json!(["blob"]).into())]),
        ),
    ]);
    let body = Expr::object([
        ("location", Expr::from("eastasia")),
        (
            "properties",
            Expr::object([
                ("subnet", Expr::object([("id", subnet.id())])),
                ("privateLinkServiceConnections", Expr::array([connection])),
            ]),
        ),
    ]);
    graph.add(name, &PRIVATE_ENDPOINT, Some(id(&PRIVATE_ENDPOINT, name)), body, at(name))
}

fn surroundings(cloud: &Cloud, graph: &mut Graph) -> (Handle, Handle) {
    let network = id(&VIRTUAL_NETWORK, "theirs");
    let subnet = network.child(&SUBNET, "endpoints");
    let account = id(&STORAGE_ACCOUNT, "st");
    cloud.place(&network, json!({"location": "eastasia"}));
    cloud.place(&subnet, json!({"properties": {"addressPrefix": "10.0.0.0/24"}}));
    cloud.place(&account, json!({"location": "eastasia"}));
    (
        graph.given("subnet", &SUBNET, Some(subnet), at("subnet")),
        graph.given("account", &STORAGE_ACCOUNT, Some(account), at("account")),
    )
}

#[tokio::test(start_paused = true)]
async fn the_one_that_more_waits_for_goes_first() {
    let cloud = Cloud::default();
    let mut graph = Graph::default();
    let (subnet, account) = surroundings(&cloud, &mut graph);
    endpoint(&mut graph, "a", &subnet, &account);
    let second = endpoint(&mut graph, "b", &subnet, &account);
    let zone = id(&PRIVATE_DNS_ZONE, "z");
    cloud.place(&zone, json!({"location": "global"}));
    let zone = graph.given("zone", &PRIVATE_DNS_ZONE, Some(zone), at("zone"));
    let group = second.known_id().unwrap().child(&PRIVATE_DNS_ZONE_GROUP, "default");
    let config = Expr::object([
        ("name", Expr::from("blob")),
        ("properties", Expr::object([("privateDnsZoneId", zone.id())])),
    ]);
    let body =
        Expr::object([("properties", Expr::object([("privateDnsZoneConfigs", Expr::array([config]))]))]);
    graph.add("b/zones", &PRIVATE_DNS_ZONE_GROUP, Some(group), body, at("b"));
    let outcome = Object::new(&cloud, "one").apply(&graph).await;
    assert!(outcome.is_complete(), "{:?}", outcome.failures);
    let writes = cloud.writes();
    assert_eq!(writes[0], "PUT b", "{writes:?}");
    assert_eq!(cloud.collisions(), Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn two_composites_of_one_process_take_turns_at_one_target() {
    let cloud = Cloud::default();
    let (mut one, mut two) = (Object::new(&cloud, "one"), Object::new(&cloud, "two"));
    two.engine = one.engine.clone();
    two.marks = Marks { owner: "another".into(), instance: Some("two".into()) };
    let (mut first, mut second) = (Graph::default(), Graph::default());
    let (subnet, account) = surroundings(&cloud, &mut first);
    endpoint(&mut first, "a", &subnet, &account);
    let (subnet, account) = surroundings(&cloud, &mut second);
    endpoint(&mut second, "b", &subnet, &account);
    let (first, second) = tokio::join!(one.apply(&first), two.apply(&second));
    assert!(first.is_complete() && second.is_complete());
    assert_eq!(cloud.collisions(), Vec::<String>::new());
}
