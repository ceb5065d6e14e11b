//! What clusters and instances are told to do (azure-aml 2.1, 4.1, 4.3, 4.8, 4.9,
//! 22 rows 6 and 11).

use super::*;

fn told(cloud: &Cloud, action: &str, body: Value) -> Reply {
    post(cloud, &format!("{}/{action}", compute("desk")), body)
}

fn state(cloud: &Cloud) -> Value {
    cloud.get(&compute("desk")).body["properties"]["properties"]["state"].clone()
}

#[test]
fn an_instance_is_stopped_and_started() {
    let cloud = Cloud::real().with_workspace();
    cloud.make(&compute("desk"), instance_body());
    for (action, meanwhile, after) in [
        ("stop", "Stopping", "Stopped"),
        ("start", "Starting", "Running"),
        ("restart", "Restarting", "Running"),
    ] {
        let reply = told(&cloud, action, Value::Null);
        assert_eq!((reply.status, &reply.body), (202, &Value::Null));
        assert!(reply.header("azure-asyncoperation").unwrap().contains("/computeOperationsStatus/"));
        assert_eq!(state(&cloud), meanwhile);
        assert_eq!(cloud.get(&compute("desk")).body["properties"]["provisioningState"], "Succeeded");
        told(&cloud, "start", Value::Null).refused(409, "Conflict");
        cloud.follow(&reply);
        assert_eq!(state(&cloud), after);
    }
    let last = &cloud.get(&compute("desk")).body["properties"]["properties"]["lastOperation"];
    assert_eq!((&last["operationName"], &last["operationStatus"]), (&json!("Restart"), &json!("Succeeded")));
}

#[test]
fn what_an_instance_was_told_ends_with_it() {
    let cloud = Cloud::real().with_workspace();
    cloud.make(&compute("desk"), instance_body());
    let restart = told(&cloud, "restart", Value::Null);
    cloud.delete(&format!("{}?underlyingResourceAction=Delete", compute("desk"))).refused(409, "Conflict");
    let reply = cloud.delete(&format!("{}?forceToPurge=true", workspace("mlw")));
    cloud.follow(&reply);
    assert_eq!(cloud.follow(&restart)["error"]["code"], "Canceled");
    cloud.make(&workspace("mlw"), workspace_body());
    cloud.make(&compute("desk"), instance_body());
    assert_eq!(state(&cloud), "Running");
    assert!(cloud.get(&compute("desk")).body["properties"]["properties"]["lastOperation"].is_null());
}

#[test]
fn a_cluster_has_no_switch() {
    let cloud = Cloud::instant().with_workspace();
    cloud.make(&compute("desk"), open_cluster_body("Standard_DS3_v2", 0));
    for action in ["start", "stop", "restart", "updateIdleShutdownSetting", "updateSchedules"] {
        told(&cloud, action, json!({})).refused(400, "BadRequest");
    }
    told(&cloud, "explode", Value::Null).refused(404, "InvalidResourceType");
}

#[test]
fn an_instance_is_resized_scheduled_and_shut_down_when_idle() {
    let cloud = Cloud::instant().with_workspace();
    cloud.make(&compute("desk"), instance_body());
    let inner = || cloud.get(&compute("desk")).body["properties"]["properties"].clone();
    let reply = told(&cloud, "resize", json!({ "targetVMSize": "Standard_DS4_v2" }));
    assert_eq!(reply.status, 202);
    cloud.follow(&reply);
    assert_eq!(inner()["vmSize"], "Standard_DS4_v2");
    told(&cloud, "resize", json!({})).refused(400, "BadRequest");
    assert_eq!(
        told(&cloud, "updateIdleShutdownSetting", json!({ "idleTimeBeforeShutdown": "PT30M" })).status,
        200
    );
    assert_eq!(inner()["idleTimeBeforeShutdown"], "PT30M");
    for wrong in ["PT5M", "P4D", "soon"] {
        told(&cloud, "updateIdleShutdownSetting", json!({ "idleTimeBeforeShutdown": wrong }))
            .refused(400, "BadRequest");
    }
    let schedule = json!({ "action": "Stop", "status": "Enabled", "triggerType": "Cron",
        "cron": { "expression": "0 18 * * *", "timeZone": "UTC" } });
    assert_eq!(told(&cloud, "updateSchedules", json!({ "computeStartStop": [schedule] })).status, 200);
    assert_eq!(inner()["schedules"]["computeStartStop"][0]["action"], "Stop");
    let many = json!({ "computeStartStop": vec![schedule; 5] });
    told(&cloud, "updateSchedules", many).refused(400, "BadRequest");
}

#[test]
fn the_nodes_of_a_cluster_are_listed_with_their_addresses() {
    let cloud = Cloud::instant().with_workspace();
    let mut body = cluster_body();
    body["properties"]["properties"]["enableNodePublicIp"] = json!(true);
    body["properties"]["properties"]["scaleSettings"]["minNodeCount"] = json!(2);
    cloud.make(&compute("cpu"), body);
    let nodes = post(&cloud, &format!("{}/listNodes", compute("cpu")), Value::Null).ok().body;
    let nodes = nodes["nodes"].as_array().unwrap();
    assert_eq!(nodes.len(), 2);
    assert_eq!((&nodes[0]["privateIpAddress"], &nodes[0]["nodeState"]), (&json!("10.1.1.4"), &json!("idle")));
}

#[test]
fn a_compute_reads_back_as_the_service_has_it() {
    let cloud = Cloud::instant().with_workspace();
    let mut body = open_cluster_body("Standard_DS3_v2", 0);
    body["sku"] = json!({ "name": "Basic" });
    let made = cloud.make(&compute("cpu"), body);
    assert_eq!((&made["sku"], &made["tags"]), (&Value::Null, &Value::Null));
    assert_eq!(made["properties"]["createdOn"], "2026-11-22T00:00:00.0000000+00:00");
    assert_eq!(made["properties"]["isAttachedCompute"], false);
    assert_eq!(made["properties"]["computeLocation"], "eastus");
}

#[test]
fn a_cluster_has_one_kind_of_identity() {
    let cloud = Cloud::instant().with_workspace();
    cloud.make(&identity("id-ml"), json!({ "location": "eastus" }));
    let mut body = open_cluster_body("Standard_DS3_v2", 0);
    let mine = json!({ identity("id-ml"): {} });
    body["identity"] = json!({ "type": "SystemAssigned,UserAssigned", "userAssignedIdentities": mine });
    cloud.put(&compute("cpu"), body.clone()).refused(400, "BadRequest");
    body["identity"]["type"] = json!("UserAssigned");
    cloud.make(&compute("cpu"), body);
}

#[test]
fn a_compute_is_where_its_workspace_says() {
    let cloud = Cloud::instant().with_workspace();
    let mut body = open_cluster_body("Standard_DS3_v2", 0);
    body["location"] = json!("westeurope");
    cloud.put(&compute("cpu"), body.clone()).refused(400, "BadRequest");
    body["location"] = json!("eastus");
    body["properties"]["computeLocation"] = json!("westeurope");
    assert_eq!(cloud.make(&compute("cpu"), body)["properties"]["computeLocation"], "westeurope");
    let mut desk = instance_body();
    desk["properties"]["computeLocation"] = json!("westeurope");
    cloud.put(&compute("desk"), desk).refused(400, "BadRequest");
}

/// 4.3, which Microsoft's documentation says and running stacks deny.
#[test]
fn an_instance_needs_the_keys_of_the_account_where_the_settings_say_so() {
    for fails in [false, true] {
        let cloud = Cloud::behaving(Behaviour { keyless_instances_fail: fails, ..Behaviour::default() })
            .with_services();
        let mut keyless = storage_body();
        keyless["properties"]["allowSharedKeyAccess"] = json!(false);
        cloud.make(&storage("stml"), keyless);
        let mut body = workspace_body();
        body["properties"]["systemDatastoresAuthMode"] = json!("Identity");
        cloud.make(&workspace("mlw"), body);
        let reply = cloud.put(&compute("desk"), instance_body());
        let ended = cloud.follow(&reply);
        assert_eq!(ended["status"], if fails { "Failed" } else { "Succeeded" });
        if fails {
            assert_eq!(ended["error"]["code"], "UserError");
            let words = ended["error"]["message"].as_str().unwrap();
            assert!(words.ends_with("does not permit shared key access."), "{words}");
        }
        cloud.make(&compute("cpu"), open_cluster_body("Standard_DS3_v2", 0));
    }
}

/// 4.10, whose code is not documented.
#[test]
fn a_region_has_not_every_size() {
    let unavailable_sizes = [("East US".to_owned(), vec!["STANDARD_DS3_V2".to_owned()])].into();
    let cloud = Cloud::behaving(Behaviour { unavailable_sizes, ..Behaviour::default() }).with_workspace();
    let refused = cloud.put(&compute("cpu"), open_cluster_body("Standard_DS3_v2", 0));
    refused.refused(400, "InvalidVmSize");
    assert_eq!(refused.message(), "The VM size Standard_DS3_v2 is not available in the region eastus.");
    cloud.make(&compute("cpu"), open_cluster_body("Standard_DS2_v2", 0));
}
