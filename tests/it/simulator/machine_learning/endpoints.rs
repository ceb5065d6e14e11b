//! Online and batch endpoints and their deployments (azure-aml 6, 21 row 31).

use super::*;

fn online(name: &str) -> String {
    in_workspace(&format!("onlineEndpoints/{name}"))
}

fn batch(name: &str) -> String {
    in_workspace(&format!("batchEndpoints/{name}"))
}

fn endpoint_body(mode: &str) -> Value {
    json!({ "location": "eastus", "identity": { "type": "SystemAssigned" }, "properties": { "authMode": mode } })
}

fn deployment_body() -> Value {
    json!({
        "location": "eastus", "sku": { "name": "Default", "capacity": 1 },
        "properties": { "endpointComputeType": "Managed", "instanceType": "Standard_DS3_v2", "model": "azureml:m:1" },
    })
}

#[test]
fn an_online_endpoint_is_made_read_listed_changed_and_deleted() {
    let cloud = Cloud::instant().with_workspace();
    let reply = cloud.put(&online("score"), endpoint_body("Key"));
    assert_eq!((reply.status, &reply.body["properties"]["provisioningState"]), (201, &json!("Creating")));
    cloud.follow(&reply);
    let seen = cloud.get(&online("score")).body;
    assert_eq!(seen["properties"]["scoringUri"], "https://score.eastus.inference.ml.azure.com/score");
    assert_eq!(seen["properties"]["publicNetworkAccess"], "Enabled");
    assert!(seen["properties"]["keys"].is_null() && seen["identity"]["principalId"].is_string());
    assert_eq!(names(&cloud, &in_workspace("onlineEndpoints")), ["score"]);
    let mut closed = endpoint_body("Key");
    closed["properties"]["publicNetworkAccess"] = json!("Disabled");
    let reply = cloud.put(&online("score"), closed);
    cloud.follow(&reply);
    assert_eq!(cloud.get(&online("score")).body["properties"]["publicNetworkAccess"], "Disabled");
    cloud.unmake(&online("score"));
}

#[test]
fn the_shares_of_the_traffic_add_up_and_go_to_deployments() {
    let cloud = Cloud::instant().with_workspace();
    cloud.make(&online("score"), endpoint_body("Key"));
    let share = |traffic: Value| {
        let mut body = endpoint_body("Key");
        body["properties"]["traffic"] = traffic;
        body
    };
    cloud.put(&online("score"), share(json!({ "blue": 100 }))).refused(400, "BadRequest");
    for name in ["blue", "green"] {
        cloud.make(&format!("{}/deployments/{name}", online("score")), deployment_body());
    }
    cloud.put(&online("score"), share(json!({ "blue": 50, "green": 40 }))).refused(400, "BadRequest");
    cloud.make(&online("score"), share(json!({ "blue": 90, "green": 10 })));
    let mut mirror = share(json!({ "blue": 100 }));
    mirror["properties"]["mirrorTraffic"] = json!({ "green": 60 });
    cloud.put(&online("score"), mirror).refused(400, "BadRequest");
}

#[test]
fn keys_are_listed_and_renewed_where_there_are_any() {
    let cloud = Cloud::instant().with_workspace();
    let mut body = endpoint_body("Key");
    body["properties"]["keys"] = json!({ "primaryKey": "mine", "secondaryKey": "mine too" });
    cloud.make(&online("score"), body);
    let list = || post(&cloud, &format!("{}/listKeys", online("score")), Value::Null).ok().body;
    assert_eq!(list(), json!({ "primaryKey": "mine", "secondaryKey": "mine too" }));
    let renewed =
        result(&cloud, &format!("{}/regenerateKeys", online("score")), json!({ "keyType": "Primary" }));
    assert_eq!(renewed.status, 200);
    assert_ne!(list()["primaryKey"], "mine");
    assert_eq!(list()["secondaryKey"], "mine too");
    post(&cloud, &format!("{}/regenerateKeys", online("score")), json!({ "keyType": "Third" }))
        .refused(400, "BadRequest");
    post(&cloud, &format!("{}/token", online("score")), Value::Null).refused(400, "BadRequest");
    cloud.make(&online("sign-in"), endpoint_body("AMLToken"));
    post(&cloud, &format!("{}/listKeys", online("sign-in")), Value::Null).refused(400, "BadRequest");
    let token = post(&cloud, &format!("{}/token", online("sign-in")), Value::Null).ok().body;
    assert!(token["accessToken"].is_string() && token["expiryTimeUtc"].is_i64(), "{token}");
}

#[test]
fn deployments_go_with_their_endpoint() {
    let cloud = Cloud::instant().with_workspace();
    cloud.make(&online("score"), endpoint_body("Key"));
    let blue = format!("{}/deployments/blue", online("score"));
    let reply = cloud.put(&blue, deployment_body());
    assert_eq!(reply.status, 201);
    cloud.follow(&reply);
    assert_eq!(names(&cloud, &format!("{}/deployments", online("score"))), ["blue"]);
    let patched = cloud.patch(&blue, json!({ "properties": { "appInsightsEnabled": true } })).ok();
    cloud.follow(&patched);
    assert_eq!(cloud.get(&blue).body["properties"]["appInsightsEnabled"], true);
    let mut moved = deployment_body();
    moved["properties"]["endpointComputeType"] = json!("Kubernetes");
    cloud.put(&blue, moved).refused(409, "PropertyChangeNotAllowed");
    assert_eq!(post(&cloud, &format!("{blue}/getLogs"), json!({ "tail": 10 })).ok().body["content"], "");
    cloud.unmake(&online("score"));
    assert_eq!(cloud.get(&blue).status, 404);
    cloud.put(&blue, deployment_body()).refused(404, "ParentResourceNotFound");
}

#[test]
fn names_of_endpoints_are_host_names() {
    let cloud = Cloud::instant().with_workspace();
    cloud.put(&online("score--x"), endpoint_body("Key")).refused(400, "InvalidResourceName");
    cloud.put(&online("1score"), endpoint_body("Key")).refused(400, "InvalidResourceName");
    cloud.make(&online("score"), endpoint_body("Key"));
    cloud.make(&workspace("mlw2"), workspace_body());
    let other = format!("{}/onlineEndpoints/SCORE", workspace("mlw2"));
    cloud.put(&other, endpoint_body("Key")).refused(409, "Conflict");
}

#[test]
fn names_on_kubernetes_are_not_too_long_together() {
    let cloud = Cloud::instant().with_workspace();
    let mut body = deployment_body();
    body["properties"]["endpointComputeType"] = json!("Kubernetes");
    let long = "e".repeat(32);
    cloud.make(&online(&long), endpoint_body("Key"));
    cloud
        .put(&format!("{}/deployments/{}", online(&long), "d".repeat(31)), body.clone())
        .refused(400, "InferencingClientCallFailed");
    cloud.make(&format!("{}/deployments/{}", online(&long), "d".repeat(30)), body);
}

#[test]
fn the_older_isolation_of_a_deployment_is_not_for_managed_networks() {
    let cloud = managed("AllowInternetOutbound");
    cloud.make(&online("score"), endpoint_body("Key"));
    let mut body = deployment_body();
    body["properties"]["egressPublicNetworkAccess"] = json!("Disabled");
    cloud.put(&format!("{}/deployments/blue", online("score")), body).refused(400, "BadRequest");
}

#[test]
fn a_batch_endpoint_and_its_deployments_live_and_end() {
    let cloud = Cloud::instant().with_workspace();
    let made = cloud.make(&batch("night"), endpoint_body("Key"));
    assert_eq!(made["properties"]["scoringUri"], "https://night.eastus.inference.ml.azure.com/jobs");
    let mut body = endpoint_body("Key");
    body["properties"]["defaults"] = json!({ "deploymentName": "all" });
    cloud.put(&batch("night"), body.clone()).refused(400, "BadRequest");
    let all = format!("{}/deployments/all", batch("night"));
    cloud.make(
        &all,
        json!({ "location": "eastus", "properties": {
            "compute": compute("cpu"), "errorThreshold": -1, "miniBatchSize": 10, "outputAction": "AppendRow",
            "model": { "referenceType": "Id", "assetId": "azureml:m:1" },
        } }),
    );
    cloud.make(&batch("night"), body);
    assert_eq!(names(&cloud, &in_workspace("batchEndpoints")), ["night"]);
    assert_eq!(names(&cloud, &format!("{}/deployments", batch("night"))), ["all"]);
    let keys = post(&cloud, &format!("{}/listkeys", batch("night")), Value::Null).ok().body;
    assert!(keys["primaryKey"].is_string() && keys["secondaryKey"].is_string());
    let patched = cloud.patch(&all, json!({ "properties": { "miniBatchSize": 20 } })).ok();
    cloud.follow(&patched);
    cloud.unmake(&all);
    cloud.unmake(&batch("night"));
}

#[test]
fn a_deleted_workspace_has_no_endpoints_left() {
    let cloud = Cloud::instant().with_workspace();
    cloud.make(&online("score"), endpoint_body("Key"));
    cloud.make(&batch("night"), endpoint_body("Key"));
    cloud.unmake(&workspace("mlw"));
    cloud.make(&workspace("mlw"), workspace_body());
    assert!(names(&cloud, &in_workspace("onlineEndpoints")).is_empty());
    assert!(names(&cloud, &in_workspace("batchEndpoints")).is_empty());
}
