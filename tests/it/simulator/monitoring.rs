//! Diagnostic settings, private link scopes and what lies beside components and
//! workspaces (azure-aml 12; azure-network A3.1; reference/clients-on-a-local-arm
//! 2.1, billing features and deleted workspaces that clients read).

use super::*;

fn setting(scope: &str, name: &str) -> String {
    format!("{scope}/providers/Microsoft.Insights/diagnosticSettings/{name}")
}

fn settings(scope: &str) -> String {
    format!("{scope}/providers/Microsoft.Insights/diagnosticSettings")
}

fn cloud() -> Cloud {
    let cloud = Cloud::instant().with_services();
    cloud.make(
        &logs("logs"),
        json!({ "location": "eastus", "properties": { "sku": { "name": "PerGB2018" } } }),
    );
    cloud
}

fn to_logs(category: &str) -> Value {
    json!({ "properties": { "workspaceId": logs("logs"), "logs": [{ "category": category, "enabled": true }] } })
}

#[test]
fn a_setting_stands_at_a_resource_and_is_listed_there_alone() {
    let cloud = cloud();
    let path = setting(&vault("kv-ml"), "audit");
    let made = cloud.put(&path, to_logs("AuditEvent"));
    assert_eq!(made.status, 200);
    assert_eq!(made.body["id"], path);
    assert_eq!(made.body["type"], "Microsoft.Insights/diagnosticSettings");
    assert_eq!(made.body["properties"]["metrics"], json!([]));
    assert_eq!(cloud.names(&settings(&vault("kv-ml"))), ["audit"]);
    assert!(cloud.names(&settings(&storage("stml"))).is_empty());
    assert!(cloud.names(&settings(&format!("/subscriptions/{SUBSCRIPTION}"))).is_empty());
    assert!(!cloud.names(&format!("{}/resources", rg())).contains(&"audit".to_owned()));
    cloud.put(&path, json!({ "tags": {}, "properties": {} })).refused(400, "InvalidRequestContent");
    assert_eq!(cloud.delete(&path).status, 200);
    assert_eq!(cloud.delete(&path).status, 204);
}

#[test]
fn a_setting_needs_somewhere_to_send_what_the_resource_has() {
    let cloud = cloud();
    let path = setting(&vault("kv-ml"), "audit");
    let nowhere = json!({ "properties": { "logs": [{ "category": "AuditEvent", "enabled": true }] } });
    cloud.put(&path, nowhere).refused(400, "BadRequest");
    let refused = cloud.put(&path, to_logs("AmlRunEvent"));
    assert_eq!(refused.refused(400, "BadRequest").message(), "Category 'AmlRunEvent' is not supported.");
    let mut lost = to_logs("AuditEvent");
    lost["properties"]["workspaceId"] = json!(logs("none"));
    cloud.put(&path, lost).refused(400, "InvalidResourceReference");
    let group = |name: &str| json!({ "properties": { "workspaceId": logs("logs"), "logs": [{ "categoryGroup": name, "enabled": true }] } });
    cloud.put(&path, group("everything")).refused(400, "BadRequest");
    cloud.put(&setting(&storage("stml"), "all"), group("allLogs")).refused(400, "BadRequest");
    cloud.put(&setting(&rg(), "all"), group("allLogs")).refused(400, "BadRequest");
    let blobs = format!("{}/blobServices/default", storage("stml"));
    assert_eq!(cloud.put(&setting(&blobs, "all"), group("allLogs")).status, 200);
    assert_eq!(cloud.put(&path, group("audit")).status, 200);
    let subscription = setting(&format!("/subscriptions/{SUBSCRIPTION}"), "activity");
    assert_eq!(cloud.put(&subscription, to_logs("Administrative")).status, 200);
    assert_eq!(cloud.delete(&subscription).status, 200);
}

#[test]
fn two_settings_do_not_send_the_same_to_one_place() {
    let cloud = cloud();
    cloud.make(&setting(&vault("kv-ml"), "a"), to_logs("AuditEvent"));
    cloud.put(&setting(&vault("kv-ml"), "b"), to_logs("AuditEvent")).refused(409, "Conflict");
    cloud.make(&setting(&vault("kv-ml"), "b"), to_logs("AzurePolicyEvaluationDetails"));
    let mut elsewhere = to_logs("AuditEvent");
    elsewhere["properties"]["workspaceId"] = Value::Null;
    elsewhere["properties"]["storageAccountId"] = json!(storage("stml"));
    cloud.make(&setting(&vault("kv-ml"), "c"), elsewhere.clone());
    let hub = |at: usize| {
        let rule = format!("{}/providers/Microsoft.EventHub/namespaces/n{at}/authorizationRules/r", rg());
        json!({ "properties": {
            "eventHubAuthorizationRuleId": rule, "metrics": [{ "category": "AllMetrics", "enabled": true }],
        } })
    };
    cloud.make(&setting(&vault("kv-ml"), "d"), hub(1));
    cloud.make(&setting(&vault("kv-ml"), "e"), hub(2));
    cloud.put(&setting(&vault("kv-ml"), "f"), hub(3)).refused(400, "BadRequest");
}

#[test]
fn a_resource_tells_its_categories() {
    let cloud = cloud();
    let at = |scope: &str| format!("{scope}/providers/Microsoft.Insights/diagnosticSettingsCategories");
    let names = cloud.names(&at(&vault("kv-ml")));
    assert_eq!(names, ["AuditEvent", "AzurePolicyEvaluationDetails", "AllMetrics"]);
    let one = cloud.get(&format!("{}/AuditEvent", at(&vault("kv-ml")))).ok().body;
    assert_eq!(one["properties"], json!({ "categoryType": "Logs", "categoryGroups": ["audit", "allLogs"] }));
    cloud.get(&format!("{}/Other", at(&vault("kv-ml")))).refused(404, "ResourceNotFound");
    assert_eq!(cloud.names(&at(&storage("stml"))), ["Transaction", "Capacity"]);
    cloud.get(&at(&vault("kv-none"))).refused(404, "ResourceNotFound");
    cloud.get(&at(&rg())).refused(400, "BadRequest");
}

fn scope() -> String {
    format!("{}/providers/Microsoft.Insights/privateLinkScopes/ampls", rg())
}

fn scope_body() -> Value {
    json!({
        "location": "global",
        "properties": { "accessModeSettings": { "ingestionAccessMode": "Open", "queryAccessMode": "Open" } },
    })
}

#[test]
fn what_is_linked_to_a_private_link_scope_knows_it() {
    let cloud = cloud();
    let made = cloud.put(&scope(), scope_body());
    assert_eq!((made.status, &made.body["properties"]["provisioningState"]), (201, &json!("Succeeded")));
    cloud.put(&scope(), json!({ "location": "global", "properties": {} })).refused(400, "InvalidParameter");
    let link = |name: &str| format!("{}/scopedResources/{name}", scope());
    let to = |id: String| json!({ "properties": { "linkedResourceId": id } });
    cloud.make(&link("logs"), to(logs("logs")));
    cloud.make(&link("appi"), to(insights("appi")));
    assert_eq!(cloud.names(&format!("{}/scopedResources", scope())), ["logs", "appi"]);
    cloud.put(&link("stml"), to(storage("stml"))).refused(400, "InvalidResourceType");
    cloud.put(&link("none"), to(logs("none"))).refused(400, "InvalidResourceReference");
    cloud.put(&link("logs"), to(insights("appi"))).refused(409, "PropertyChangeNotAllowed");
    let workspace = cloud.get(&logs("logs")).body;
    assert_eq!(workspace["properties"]["privateLinkScopedResources"][0]["resourceId"], link("logs"));
    let component = cloud.get(&insights("appi")).body;
    assert_eq!(component["properties"]["PrivateLinkScopedResources"][0]["ResourceId"], link("appi"));
    cloud.unmake(&link("logs"));
    assert!(cloud.get(&logs("logs")).body["properties"].get("privateLinkScopedResources").is_none());
    cloud.unmake(&scope());
    assert_eq!(cloud.get(&link("appi")).status, 404);
}

#[test]
fn an_endpoint_to_a_private_link_scope_leads_to_the_hosts_of_its_workspaces() {
    let cloud = cloud();
    cloud.make(&scope(), scope_body());
    let link = format!("{}/scopedResources/logs", scope());
    cloud.make(&link, json!({ "properties": { "linkedResourceId": logs("logs") } }));
    let zones = [
        "privatelink.monitor.azure.com",
        "privatelink.oms.opinsights.azure.com",
        "privatelink.ods.opinsights.azure.com",
        "privatelink.agentsvc.azure-automation.net",
        "privatelink.blob.core.windows.net",
    ];
    let groups = cloud.get(&format!("{}/privateLinkResources", scope())).ok().body;
    assert_eq!(groups["value"][0]["name"], "azuremonitor");
    assert_eq!(groups["value"][0]["properties"]["requiredZoneNames"], json!(zones));
    let customer = cloud.get(&logs("logs")).body["properties"]["customerId"].as_str().unwrap().to_owned();
    let made = cloud.make(&endpoint("pe"), endpoint_body(&scope(), "azuremonitor"));
    let fqdns: Vec<&str> = made["properties"]["customDnsConfigs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|config| config["fqdn"].as_str().unwrap())
        .collect();
    assert_eq!(fqdns.len(), 11);
    assert!(fqdns.contains(&"api.monitor.azure.com"));
    assert!(fqdns.contains(&format!("{customer}.oms.opinsights.azure.com").as_str()));
    for name in zones {
        cloud.make(&zone(name), json!({ "location": "global" }));
    }
    cloud.make(&format!("{}/privateDnsZoneGroups/default", endpoint("pe")), zone_group_body(&zones));
    assert_eq!(cloud.get(&zone(&format!("{}/A/{customer}", zones[2]))).status, 200);
    assert_eq!(cloud.get(&zone(&format!("{}/A/api", zones[0]))).status, 200);
    let connections = cloud.names(&format!("{}/privateEndpointConnections", scope()));
    let path = format!("{}/privateEndpointConnections/{}", scope(), connections[0]);
    let rejected = json!({ "properties": { "privateLinkServiceConnectionState": { "status": "Rejected" } } });
    let seen = cloud.make(&path, rejected);
    assert_eq!(seen["properties"]["privateLinkServiceConnectionState"]["status"], "Rejected");
    cloud.unmake(&path);
}

#[test]
fn a_component_tells_and_keeps_its_billing_features() {
    let cloud = cloud();
    let path = format!("{}/currentbillingfeatures", insights("appi"));
    let url = format!("https://management.azure.com{path}?api-version=2015-05-01");
    let seen = cloud.raw(Method::GET, &url, &[], Vec::new()).ok().body;
    assert_eq!(seen["CurrentBillingFeatures"], json!(["Basic"]));
    assert_eq!(seen["DataVolumeCap"]["Cap"], 100.0);
    let cap = json!({ "CurrentBillingFeatures": ["Basic"], "DataVolumeCap": { "Cap": 5.0 } });
    let written = cloud.raw(Method::PUT, &url, &[], cap.to_string().into_bytes());
    assert_eq!((written.status, &written.body["DataVolumeCap"]["Cap"]), (200, &json!(5.0)));
    assert_eq!(cloud.raw(Method::GET, &url, &[], Vec::new()).body, written.body);
    assert!(cloud.get(&insights("appi")).body.get("billing").is_none());
    cloud.get(&format!("{}/currentbillingfeatures", insights("none"))).refused(404, "ResourceNotFound");
}

#[test]
fn deleted_workspaces_are_listed_until_they_come_back() {
    let cloud = cloud();
    let list = |scope: &str| {
        cloud.names(&format!("{scope}/providers/Microsoft.OperationalInsights/deletedWorkspaces"))
    };
    let subscription = format!("/subscriptions/{SUBSCRIPTION}");
    assert!(list(&subscription).is_empty());
    cloud.unmake(&logs("logs"));
    assert_eq!((list(&subscription), list(&rg())), (vec!["logs".to_owned()], vec!["logs".to_owned()]));
    assert!(list(&format!("{subscription}/resourceGroups/other")).is_empty());
    cloud.make(&logs("logs"), json!({ "location": "eastus", "properties": {} }));
    assert!(list(&subscription).is_empty());
}

#[test]
fn action_groups_and_linked_services_are_made_changed_and_deleted() {
    let cloud = cloud();
    let group = format!("{}/providers/Microsoft.Insights/actionGroups/ops", rg());
    let body = json!({
        "location": "global",
        "properties": {
            "groupShortName": "ops", "enabled": true,
            "emailReceivers": [{ "name": "a", "emailAddress": "a@b.example", "useCommonAlertSchema": true }],
        },
    });
    let made = cloud.put(&group, body);
    assert_eq!((made.status, &made.body["properties"]["smsReceivers"]), (201, &json!([])));
    assert_eq!(
        cloud.patch(&group, json!({ "properties": { "enabled": false } })).body["properties"]["enabled"],
        false
    );
    cloud.unmake(&group);
    let service = format!("{}/linkedServices/Cluster", logs("logs"));
    let cluster = format!("{}/providers/Microsoft.OperationalInsights/clusters/c", rg());
    let made = cloud.make(&service, json!({ "properties": { "writeAccessResourceId": cluster } }));
    assert_eq!(made["properties"]["writeAccessResourceId"], cluster);
    assert_eq!(cloud.names(&format!("{}/linkedServices", logs("logs"))), ["Cluster"]);
    cloud
        .put(&format!("{}/linkedServices/Other", logs("logs")), json!({ "properties": {} }))
        .refused(400, "InvalidResourceName");
    cloud.unmake(&service);
}
