//! Workspaces and their computes (azure-aml 3, 4, 21 rows 8, 9, 12 to 15, 26 rows 3
//! and 6; azure-network A1.1, A4.3, E.7).

use super::*;

fn cpu() -> String {
    format!("{}/computes/cpu", workspace("mlw"))
}

fn away() -> String {
    format!("{}?underlyingResourceAction=Delete", cpu())
}

fn with_endpoint() -> Cloud {
    let cloud = Cloud::instant().with_workspace();
    cloud.make(&endpoint("pe"), endpoint_body(&workspace("mlw"), "amlworkspace"));
    cloud
}

fn public_body(nodes: u32) -> Value {
    let mut body = cluster_body();
    body["properties"]["properties"]["enableNodePublicIp"] = json!(true);
    body["properties"]["properties"]["scaleSettings"]["minNodeCount"] = json!(nodes);
    body
}

fn held(cloud: &Cloud) -> usize {
    cloud.get(&subnet("training")).body["properties"]["ipConfigurations"].as_array().map_or(0, Vec::len)
}

#[test]
fn a_workspace_stands_on_its_dependencies() {
    let cloud = Cloud::instant().with_services();
    let mut body = workspace_body();
    body["properties"].as_object_mut().unwrap().remove("applicationInsights");
    let refused = cloud.put(&workspace("mlw"), body);
    refused.refused(400, "ValidationError");
    assert_eq!(refused.message(), "Missing dependent resources in workspace json");
    let mut body = workspace_body();
    body["properties"]["keyVault"] = json!(vault("kv-none"));
    cloud.put(&workspace("mlw"), body).refused(400, "ValidationError");
    let mut body = workspace_body();
    body["identity"] = json!({ "type": "None" });
    let refused = cloud.put(&workspace("mlw"), body);
    assert!(refused.message().contains("using a client which support MSI"), "{refused:?}");
}

#[test]
fn a_workspace_reads_back_as_the_service_has_it() {
    let cloud = Cloud::instant().with_services();
    let mut body = workspace_body();
    body["sku"] = json!({ "name": "Standard_S1" });
    let made = cloud.make(&workspace("mlw"), body);
    let properties = &made["properties"];
    assert_eq!(made["sku"], json!({ "name": "Basic", "tier": "Basic" }));
    assert_eq!((&properties["friendlyName"], &properties["description"]), (&json!(""), &json!("")));
    assert_eq!(properties["keyVault"], vault("kv-ml").replace("KeyVault", "Keyvault"));
    assert_eq!((&made["tags"], &properties["imageBuildCompute"]), (&json!({}), &Value::Null));
    assert_eq!(properties["discoveryUrl"], "https://eastus.api.azureml.ms/discovery");
    assert!(properties["workspaceId"].is_string() && properties["notebookInfo"]["fqdn"].is_string());
    assert_eq!(properties["managedNetwork"]["isolationMode"], "Disabled");
    assert!(made["identity"]["principalId"].is_string());
    let mut again = workspace_body();
    again["tags"] = json!({ "a": "b" });
    let after = cloud.make(&workspace("mlw"), again);
    assert_eq!(after["identity"], made["identity"], "a principal lives as long as its resource");
    let mut moved = workspace_body();
    cloud.make(&storage("stother"), storage_body());
    moved["properties"]["storageAccount"] = json!(storage("stother"));
    cloud.put(&workspace("mlw"), moved).refused(409, "PropertyChangeNotAllowed");
}

#[test]
fn isolation_is_only_ever_strengthened() {
    let cloud = Cloud::instant().with_services();
    let body = |mode: &str| {
        let mut body = workspace_body();
        body["properties"]["managedNetwork"] = json!({ "isolationMode": mode });
        body
    };
    cloud.make(&workspace("mlw"), body("Disabled"));
    cloud.make(&workspace("mlw"), body("AllowOnlyApprovedOutbound"));
    cloud.put(&workspace("mlw"), body("AllowInternetOutbound")).refused(400, "ValidationError");
}

#[test]
fn a_closed_cluster_needs_the_workspace_s_endpoint() {
    let cloud = Cloud::instant().with_workspace();
    let reply = cloud.put(&cpu(), cluster_body());
    assert_eq!(reply.status, 201);
    let end = cloud.follow(&reply);
    assert_eq!(end["error"]["code"], "UserError");
    assert_eq!(
        end["error"]["message"],
        "Provided EnableNodePublicIp 'False' requires workspace private endpoint."
    );
    let failed = cloud.get(&cpu()).body;
    assert_eq!(failed["properties"]["provisioningState"], "Failed");
    assert_eq!(failed["properties"]["provisioningErrors"][0]["error"]["code"], "UserError");
    cloud.unmake(&away());
    cloud.make(&endpoint("pe"), endpoint_body(&workspace("mlw"), "amlworkspace"));
    let made = cloud.make(&cpu(), cluster_body());
    assert_eq!(made["properties"]["provisioningErrors"], json!([]));
}

#[test]
fn a_closed_cluster_needs_a_subnet_without_endpoint_policies() {
    let cloud = with_endpoint();
    cloud.make(&subnet("training"), json!({ "properties": { "addressPrefix": "10.1.1.0/24" } }));
    let reply = cloud.put(&cpu(), cluster_body());
    let end = cloud.follow(&reply);
    assert!(end["error"]["message"].as_str().unwrap().contains("PrivateEndpointNetworkPolicies"), "{end}");
}

#[test]
fn nodes_use_addresses_and_a_sleeping_cluster_none() {
    let cloud = with_endpoint();
    cloud.make(&cpu(), cluster_body());
    assert_eq!(held(&cloud), 0);
    let mut awake = cluster_body();
    awake["properties"]["properties"]["scaleSettings"]["minNodeCount"] = json!(2);
    let made = cloud.make(&cpu(), awake);
    assert_eq!(made["properties"]["properties"]["currentNodeCount"], 2);
    assert_eq!(held(&cloud), 2);
    cloud.delete(&subnet("training")).refused(400, "InUseSubnetCannotBeDeleted");
    cloud.unmake(&away());
    assert_eq!(held(&cloud), 0);
}

#[test]
fn a_cluster_in_a_small_subnet_is_partially_allocated() {
    let cloud = with_endpoint();
    cloud.make(
        &subnet("small"),
        json!({ "properties": { "addressPrefix": "10.1.8.0/29",
        "privateEndpointNetworkPolicies": "Disabled", "privateLinkServiceNetworkPolicies": "Disabled" } }),
    );
    let mut body = cluster_body();
    body["properties"]["properties"]["subnet"]["id"] = json!(subnet("small"));
    body["properties"]["properties"]["scaleSettings"] = json!({ "minNodeCount": 5, "maxNodeCount": 5 });
    let made = cloud.make(&cpu(), body);
    let inner = &made["properties"]["properties"];
    assert_eq!((&inner["currentNodeCount"], &inner["targetNodeCount"]), (&json!(3), &json!(5)));
    assert_eq!(inner["errors"].as_array().unwrap().len(), 1);
}

#[test]
fn public_nodes_bring_objects_into_the_network_s_group() {
    let cloud = Cloud::instant().with_workspace();
    cloud.make(&cpu(), public_body(0));
    let front =
        |held: &&amlsecure::simulator::Held| held.made_by_azure && held.id.contains("/Microsoft.Network/");
    let made = || cloud.simulator.list().unwrap().iter().filter(front).count();
    assert_eq!(made(), 0);
    cloud.make(&cpu(), public_body(1));
    assert_eq!(made(), 3);
    let group = cloud.names(&network("networkSecurityGroups"));
    let rules = cloud.get(&network(&format!("networkSecurityGroups/{}/securityRules", group[0]))).ok().body;
    let rule = &rules["value"][0]["properties"];
    assert_eq!((&rule["destinationPortRange"], &rule["direction"]), (&json!("44224"), &json!("Inbound")));
    assert_eq!(rule["sourceAddressPrefix"], "AzureMachineLearning");
    cloud.make(&cpu(), public_body(0));
    assert_eq!(made(), 0);
    cloud.make(&cpu(), public_body(1));
    cloud.unmake(&away());
    assert_eq!(made(), 0);
}

#[test]
fn a_compute_name_is_one_in_the_region() {
    let cloud = Cloud::instant().with_workspace();
    cloud.make(&cpu(), public_body(0));
    cloud.make(&workspace("mlw2"), workspace_body());
    cloud.put(&format!("{}/computes/CPU", workspace("mlw2")), public_body(0)).refused(409, "Conflict");
    cloud
        .put(&format!("{}/computes/cpu-1", workspace("mlw2")), public_body(0))
        .refused(400, "InvalidResourceName");
}

#[test]
fn a_compute_is_deleted_only_with_a_word_on_what_is_under_it() {
    let cloud = Cloud::instant().with_workspace();
    cloud.make(&cpu(), public_body(0));
    cloud.delete(&cpu()).refused(400, "InvalidParameter");
    let reply = cloud.delete(&away());
    assert_eq!((reply.status, &reply.body), (202, &Value::Null));
    assert!(reply.header("azure-asyncoperation").unwrap().contains("/computeOperationsStatus/"));
}

#[test]
fn only_the_scale_of_a_cluster_changes() {
    let cloud = Cloud::instant().with_workspace();
    cloud.make(&cpu(), public_body(0));
    let mut bigger = public_body(0);
    bigger["properties"]["properties"]["vmSize"] = json!("Standard_DS4_v2");
    cloud.put(&cpu(), bigger).refused(409, "PropertyChangeNotAllowed");
    let patch = json!({ "properties": { "properties": { "scaleSettings": { "minNodeCount": 1, "maxNodeCount": 9 } } } });
    let reply = cloud.patch(&cpu(), patch).ok();
    cloud.follow(&reply);
    assert_eq!(cloud.get(&cpu()).body["properties"]["properties"]["scaleSettings"]["maxNodeCount"], 9);
}

#[test]
fn an_instance_has_an_address_and_nothing_of_a_cluster() {
    let cloud = with_endpoint();
    let body = json!({
        "location": "eastus",
        "properties": { "computeType": "ComputeInstance", "properties": {
            "vmSize": "Standard_DS3_v2", "subnet": { "id": subnet("training") }, "enableNodePublicIp": false,
            "computeInstanceAuthorizationType": "personal",
        } },
    });
    let made = cloud.make(&format!("{}/computes/desk", workspace("mlw")), body);
    let inner = &made["properties"]["properties"];
    assert_eq!(inner["state"], "Running");
    assert!(inner.get("scaleSettings").is_none() && inner.get("vmPriority").is_none());
    assert_eq!(held(&cloud), 1);
}

#[test]
fn a_workspace_takes_its_computes_along() {
    let cloud = with_endpoint();
    let mut awake = cluster_body();
    awake["properties"]["properties"]["scaleSettings"]["minNodeCount"] = json!(1);
    cloud.make(&cpu(), awake);
    cloud.unmake(&workspace("mlw"));
    assert_eq!(held(&cloud), 0);
}

#[test]
fn an_instance_shows_its_schedules_and_its_way_in_and_refuses_what_the_actions_do() {
    let cloud = with_endpoint();
    let desk = format!("{}/computes/desk", workspace("mlw"));
    let body = |properties: Value| {
        let mut all = json!({
            "vmSize": "Standard_DS3_v2", "subnet": { "id": subnet("training") }, "enableNodePublicIp": false,
        });
        all.as_object_mut().unwrap().extend(properties.as_object().unwrap().clone());
        json!({ "location": "eastus", "properties": { "computeType": "ComputeInstance", "properties": all } })
    };
    for idle in ["PT14M", "P4D"] {
        cloud.put(&desk, body(json!({ "idleTimeBeforeShutdown": idle }))).refused(400, "BadRequest");
    }
    let stop = json!({ "action": "Stop", "triggerType": "Cron", "cron": { "expression": "0 19 * * *" } });
    let schedules = |count: usize| json!({ "schedules": { "computeStartStop": vec![stop.clone(); count] } });
    cloud.put(&desk, body(schedules(5))).refused(400, "BadRequest");
    let mut wanted = schedules(1);
    wanted["sshSettings"] = json!({ "sshPublicAccess": "Enabled", "adminPublicKey": "ssh-rsa AAAA" });
    let made = cloud.make(&desk, body(wanted));
    let inner = &made["properties"]["properties"];
    assert_eq!(inner["schedules"]["computeStartStop"][0]["provisioningStatus"], "Completed");
    assert_eq!(
        (&inner["sshSettings"]["adminUserName"], inner["sshSettings"]["sshPort"].is_u64()),
        (&json!("azureuser"), true)
    );
    cloud
        .put(&desk, body(json!({ "schedules": { "computeStartStop": [] } })))
        .refused(409, "PropertyChangeNotAllowed");
}
