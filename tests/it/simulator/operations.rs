//! The dialects of long-running operations (azure-aml 2.1, 2.2; azure-network B.0.3,
//! B.0.4, E.1, E.2; azure-aml 26 row 2).

use super::*;

#[test]
fn the_network_answers_with_the_resource_and_a_status_url() {
    let cloud = Cloud::real();
    cloud.make(&rg(), json!({ "location": "eastus" }));
    let path = network("virtualNetworks/vnet");
    let reply = cloud.put(&path, network_body());
    assert_eq!(reply.status, 201);
    assert_eq!(reply.body["properties"]["provisioningState"], "Updating");
    assert_eq!(reply.body["properties"]["subnets"][0]["properties"]["provisioningState"], "Updating");
    assert_eq!(reply.header("azure-asyncnotification"), Some("Enabled"));
    let url = reply.header("azure-asyncoperation").unwrap().to_owned();
    assert!(url.starts_with(&format!(
        "https://management.azure.com/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Network/locations/eastus/operations/"
    )));
    assert!(reply.header("location").is_none());
    let poll = cloud.raw(Method::GET, &url, &[], Vec::new());
    assert_eq!((poll.status, &poll.body), (200, &json!({ "status": "InProgress" })));
    assert_eq!(poll.header("retry-after"), Some("5"));
    cloud.pass(60);
    assert_eq!(cloud.raw(Method::GET, &url, &[], Vec::new()).body["status"], "Succeeded");
    let seen = cloud.get(&path).body;
    assert_eq!(seen["properties"]["provisioningState"], "Succeeded");
    assert_eq!(seen["properties"]["subnets"][0]["properties"]["provisioningState"], "Succeeded");
    assert_ne!(seen["etag"], reply.body["etag"]);
    let gone = cloud.delete(&path);
    assert_eq!(gone.status, 202);
    assert!(gone.header("azure-asyncoperation").is_some());
    assert!(gone.header("location").unwrap().contains("/operationResults/"));
    assert_eq!(cloud.get(&path).body["properties"]["provisioningState"], "Deleting");
    cloud.pass(60);
    assert_eq!(cloud.get(&path).status, 404);
    assert_eq!(cloud.raw(Method::GET, gone.header("location").unwrap(), &[], Vec::new()).status, 200);
    assert_eq!(cloud.delete(&path).status, 204);
}

#[test]
fn storage_answers_nothing_and_a_location() {
    let cloud = Cloud::real();
    cloud.make(&rg(), json!({ "location": "eastus" }));
    let reply = cloud.put(&storage("stml"), storage_body());
    assert_eq!((reply.status, &reply.body), (202, &Value::Null));
    assert!(reply.header("azure-asyncoperation").is_none());
    let url = reply.header("location").unwrap().to_owned();
    assert!(url.contains("/locations/eastus/asyncoperations/") && url.contains("monitor=true"));
    let poll = cloud.raw(Method::GET, &url, &[], Vec::new());
    assert_eq!((poll.status, &poll.body), (202, &Value::Null));
    cloud.pass(120);
    let poll = cloud.raw(Method::GET, &url, &[], Vec::new());
    assert_eq!(poll.status, 200);
    assert_eq!(poll.body["name"], "stml");
    assert_eq!(
        cloud
            .put(
                &storage("stml"),
                json!({
        "location": "eastus", "kind": "StorageV2", "sku": { "name": "Standard_LRS" }, "tags": { "a": "b" } })
            )
            .status,
        200
    );
    assert_eq!(cloud.delete(&storage("stml")).status, 200);
}

#[test]
fn a_vault_is_read_until_its_state_is_final() {
    let cloud = Cloud::real();
    cloud.make(&rg(), json!({ "location": "eastus" }));
    let reply = cloud.put(&vault("kv-ml"), vault_body());
    assert_eq!(
        (reply.status, &reply.body["properties"]["provisioningState"]),
        (200, &json!("RegisteringDns"))
    );
    assert!(reply.header("azure-asyncoperation").is_none() && reply.header("location").is_none());
    cloud.pass(60);
    assert_eq!(cloud.get(&vault("kv-ml")).body["properties"]["provisioningState"], "Succeeded");
}

#[test]
fn a_workspace_answers_202_even_to_the_same_again() {
    let cloud = Cloud::instant().with_services();
    let path = workspace("mlw");
    let reply = cloud.put(&path, workspace_body());
    assert_eq!((reply.status, &reply.body), (202, &Value::Null));
    assert!(reply.header("azure-asyncoperation").unwrap().contains("/workspaceOperationsStatus/"));
    assert!(reply.header("location").unwrap().contains("type=location"));
    cloud.follow(&reply);
    let etag = cloud.get(&path).body;
    let again = cloud.put(&path, workspace_body());
    assert_eq!(again.status, 202);
    cloud.follow(&again);
    assert_eq!(cloud.get(&path).body, etag);
}

#[test]
fn an_instant_operation_is_over_when_it_is_first_asked_for() {
    let cloud = Cloud::instant();
    cloud.make(&rg(), json!({ "location": "eastus" }));
    let reply = cloud.put(&network("virtualNetworks/vnet"), network_body());
    assert_eq!(reply.header("retry-after"), Some("0"));
    assert_eq!(reply.body["properties"]["provisioningState"], "Updating");
    let url = reply.header("azure-asyncoperation").unwrap();
    assert_eq!(cloud.raw(Method::GET, url, &[], Vec::new()).body["status"], "Succeeded");
}

#[test]
fn a_scaled_pace_is_told_in_milliseconds() {
    let cloud = Cloud::open(Settings { latency: Latency::Real { scale: 0.01 }, ..Settings::default() });
    cloud.make(&rg(), json!({ "location": "eastus" }));
    let reply = cloud.put(&network("virtualNetworks/vnet"), network_body());
    assert_eq!((reply.header("retry-after"), reply.header("x-ms-retry-after-ms")), (Some("1"), Some("50")));
}

#[test]
fn an_operation_nobody_began_is_not_found() {
    let cloud = Cloud::instant();
    let path = format!(
        "/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Network/locations/eastus/operations/11111111-1111-4111-8111-111111111111"
    );
    cloud.get(&path).refused(404, "OperationNotFound");
}

#[test]
fn every_kind_answers_a_creation_with_the_status_of_its_facts() {
    let cloud = Cloud::instant().with_network();
    for (path, body) in [
        (rg().replace("/rg", "/rg2"), json!({ "location": "eastus" })),
        (storage("stml"), storage_body()),
        (vault("kv-ml"), vault_body()),
        (registry("crml0001"), registry_body()),
        (insights("appi"), insights_body()),
        (workspace("mlw"), workspace_body()),
        (zone("privatelink.azurecr.io"), json!({ "location": "global" })),
        (identity("id-ml"), json!({ "location": "eastus" })),
        (logs("logs"), json!({ "location": "eastus" })),
        (network("networkSecurityGroups/nsg"), json!({ "location": "eastus" })),
    ] {
        let kind = kinds::find(&ResourceId::parse(&path).unwrap().resource_type()).unwrap();
        let reply = cloud.put(&path, body);
        assert_eq!(reply.status, kind.put.created, "{path} {reply:?}");
        cloud.follow(&reply);
    }
}

/// azure-network C.4: polls count as reads. azure-aml 2.2: what a poll says in
/// the end.
#[test]
fn a_poll_is_a_read_and_tells_in_the_end_that_all_is_done() {
    let cloud = Cloud::real().with_network();
    let left = |reply: &Reply| -> u32 {
        reply.header("x-ms-ratelimit-remaining-subscription-reads").unwrap().parse().unwrap()
    };
    let begun = cloud.put(&subnet("a"), json!({ "properties": { "addressPrefix": "10.1.9.0/24" } })).ok();
    let url = begun.header("azure-asyncoperation").unwrap();
    let poll = || cloud.raw(Method::GET, url, &[], Vec::new());
    let (first, second) = (poll(), poll());
    assert_eq!(left(&first), left(&second) + 1);
    assert_eq!(first.body, json!({ "status": "InProgress" }));
    let end = cloud.follow(&begun);
    assert_eq!((&end["status"], &end["percentComplete"]), (&json!("Succeeded"), &json!(100.0)));
}
