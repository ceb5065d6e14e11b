//! What lies in a container registry (azure-aml 11; reference/clients-on-a-local-arm
//! 2.1, the replications that clients list).

use super::*;

fn part(tail: &str) -> String {
    format!("{}/{tail}", registry("crml0001"))
}

fn cloud(sku: &str) -> Cloud {
    let cloud = Cloud::instant().with_network();
    cloud.make(&registry("crml0001"), json!({ "location": "eastus", "sku": { "name": sku } }));
    cloud
}

#[test]
fn the_home_region_has_a_replication_from_the_start() {
    let cloud = cloud("Basic");
    let list = cloud.get(&part("replications")).ok().body;
    assert_eq!(list["value"][0]["name"], "eastus");
    assert_eq!(list["value"][0]["location"], "eastus");
    assert_eq!(list["value"][0]["properties"]["status"]["displayStatus"], "Ready");
    cloud.delete(&part("replications/eastus")).refused(400, "CannotDeleteHomeReplication");
    let other = json!({ "location": "westus2" });
    cloud.put(&part("replications/westus2"), other).refused(400, "PremiumSkuRequired");
    cloud.unmake(&registry("crml0001"));
    assert_eq!(cloud.get(&part("replications/eastus")).status, 404);
}

#[test]
fn a_premium_registry_is_kept_once_in_other_regions() {
    let cloud = cloud("Premium");
    let made =
        cloud.make(&part("replications/westus2"), json!({ "location": "West US 2", "tags": { "a": "b" } }));
    assert_eq!(made["properties"]["regionEndpointEnabled"], true);
    cloud
        .put(&part("replications/again"), json!({ "location": "westus2" }))
        .refused(409, "ReplicationAlreadyExists");
    cloud
        .put(&part("replications/home2"), json!({ "location": "eastus" }))
        .refused(409, "ReplicationAlreadyExists");
    let off = cloud
        .patch(&part("replications/westus2"), json!({ "properties": { "regionEndpointEnabled": false } }));
    assert_eq!(off.body["properties"]["regionEndpointEnabled"], false);
    let pe = cloud.make(&endpoint("pe"), endpoint_body(&registry("crml0001"), "registry"));
    let hosts = pe["properties"]["customDnsConfigs"].as_array().unwrap();
    assert!(hosts.iter().any(|host| host["fqdn"] == "crml0001.westus2.data.azurecr.io"));
    assert_eq!(hosts.len(), 3, "each region has a name of its own");
    cloud.unmake(&endpoint("pe"));
    assert!(cloud.get(&registry("crml0001")).body.get("regions").is_none());
    let smaller = json!({ "location": "eastus", "sku": { "name": "Standard" } });
    cloud.put(&registry("crml0001"), smaller.clone()).refused(400, "PremiumSkuRequired");
    cloud.unmake(&part("replications/westus2"));
    cloud.make(&registry("crml0001"), smaller);
}

#[test]
fn endpoints_go_before_the_premium_sku_does() {
    let cloud = cloud("Premium");
    cloud.make(&endpoint("pe"), endpoint_body(&registry("crml0001"), "registry"));
    let smaller = json!({ "location": "eastus", "sku": { "name": "Standard" } });
    cloud.put(&registry("crml0001"), smaller.clone()).refused(400, "PremiumSkuRequired");
    cloud.unmake(&endpoint("pe"));
    cloud.make(&registry("crml0001"), smaller);
}

#[test]
fn a_registry_tells_what_it_uses() {
    let cloud = cloud("Standard");
    let usages = || cloud.get(&part("listUsages")).ok().body["value"].clone();
    let webhooks = |usages: Value| usages[1].clone();
    assert_eq!(webhooks(usages())["currentValue"], 0);
    assert_eq!(webhooks(usages())["limit"], 10);
    let hook = json!({ "location": "eastus", "properties": { "serviceUri": "https://a.example/x", "actions": ["push"] } });
    cloud.make(&part("webhooks/hook1"), hook);
    assert_eq!(webhooks(usages())["currentValue"], 1);
}

#[test]
fn a_webhook_tells_whom_it_calls_only_when_asked() {
    let cloud = cloud("Basic");
    let path = part("webhooks/hook1");
    let body = json!({
        "location": "eastus",
        "properties": {
            "serviceUri": "https://a.example/secret", "customHeaders": { "x-key": "secret" }, "actions": ["push", "delete"],
        },
    });
    let made = cloud.make(&path, body.clone());
    assert_eq!(made["properties"]["status"], "enabled");
    assert!(!made.to_string().contains("secret"));
    let told = cloud.post(&format!("{path}/getCallbackConfig"), Value::Null).ok().body;
    assert_eq!(
        told,
        json!({ "serviceUri": "https://a.example/secret", "customHeaders": { "x-key": "secret" } })
    );
    assert!(cloud.post(&format!("{path}/ping"), Value::Null).ok().body["id"].is_string());
    assert_eq!(cloud.post(&format!("{path}/listEvents"), Value::Null).ok().body["value"], json!([]));
    assert_eq!(cloud.patch(&path, json!({ "tags": { "a": "b" } })).ok().body["tags"]["a"], "b");
    assert_eq!(cloud.post(&format!("{path}/getCallbackConfig"), Value::Null).ok().body, told);
    let bare = json!({ "location": "eastus", "properties": { "actions": ["push"] } });
    cloud.put(&path, bare).refused(400, "InvalidParameter");
    assert_eq!(cloud.names(&part("webhooks")), ["hook1"]);
    cloud.unmake(&path);
}

#[test]
fn tokens_have_the_rights_of_a_scope_map() {
    let cloud = cloud("Standard");
    let map = part("scopeMaps/pullers");
    let token = part("tokens/robot");
    let body = json!({ "properties": { "scopeMapId": map } });
    cloud.put(&token, body.clone()).refused(400, "InvalidResourceReference");
    let actions = json!({ "properties": { "actions": ["repositories/a/content/read"] } });
    assert_eq!(cloud.make(&map, actions)["properties"]["type"], "UserDefined");
    let made = cloud.make(&token, body);
    assert_eq!(made["properties"]["status"], "enabled");
    let off = cloud.patch(&token, json!({ "properties": { "status": "disabled" } }));
    assert_eq!(off.body["properties"]["status"], "disabled");
    cloud.unmake(&token);
    cloud.unmake(&map);
}

#[test]
fn passwords_of_the_admin_are_renewed_one_by_one() {
    let cloud = cloud("Basic");
    let renew = |name: &str| cloud.post(&part("regenerateCredential"), json!({ "name": name }));
    renew("password").refused(400, "UnauthorizedForCredentialOperations");
    cloud.patch(&registry("crml0001"), json!({ "properties": { "adminUserEnabled": true } })).ok();
    let before = cloud.post(&part("listCredentials"), Value::Null).ok().body;
    let after = renew("password2").ok().body;
    assert_eq!(before["passwords"][0], after["passwords"][0]);
    assert_ne!(before["passwords"][1]["value"], after["passwords"][1]["value"]);
    assert_eq!(cloud.post(&part("listCredentials"), Value::Null).ok().body, after);
    renew("password3").refused(400, "InvalidPasswordName");
    assert!(cloud.get(&registry("crml0001")).body.get("renewed").is_none());
    let image = json!({ "source": { "registryUri": "mcr.microsoft.com", "sourceImage": "a:b" } });
    assert_eq!(cloud.post(&part("importImage"), image).status, 200);
}

/// azure-aml 19.1: the endpoints of the stack lead to a Premium registry.
#[test]
fn no_endpoint_leads_to_a_smaller_registry() {
    let cloud = Cloud::instant().with_network();
    let mut small = registry_body();
    small["sku"]["name"] = json!("Standard");
    small["properties"] = json!({});
    cloud.make(&registry("crml0001"), small);
    let path = endpoint("pe");
    let body = endpoint_body(&registry("crml0001"), "registry");
    let refused = cloud.put(&path, body.clone());
    refused.refused(400, "BadRequest");
    assert!(refused.message().contains("Standard") && refused.message().contains("Premium"), "{refused:?}");
    cloud.patch(&registry("crml0001"), json!({ "sku": { "name": "Premium" } })).ok();
    cloud.make(&path, body);
}
