//! The list of what a simulated machine learning service must do (azure-aml 26),
//! where no other file proves it; its drift traps (22).

use super::*;

/// 26.1: names and where they are unique.
#[test]
fn names_follow_the_rule_of_their_type() {
    let cloud = Cloud::instant().with_workspace();
    for name in ["-ml", "ab", &"a".repeat(34)] {
        cloud.put(&workspace(name), workspace_body()).refused(400, "InvalidResourceName");
    }
    for name in ["cpu-1", "1cpu", "ab", &"a".repeat(25)] {
        cloud
            .put(&compute(name), open_cluster_body("Standard_DS3_v2", 0))
            .refused(400, "InvalidResourceName");
    }
    let other = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/other");
    cloud.make(&other, json!({ "location": "eastus" }));
    let elsewhere = format!("{other}/providers/Microsoft.MachineLearningServices/workspaces/MLW");
    cloud.make(&elsewhere, workspace_body());
    assert_eq!(cloud.get(&workspace("MLW")).body["name"], "mlw", "one in its group, in any casing");
}

/// 26.2, dialect A: also what changes nothing is an operation, which can be read when it is over.
#[test]
fn the_same_workspace_again_is_accepted_again() {
    let cloud = Cloud::instant().with_workspace();
    let again = cloud.put(&workspace("mlw"), workspace_body());
    assert_eq!((again.status, &again.body), (202, &Value::Null));
    let status = again.header("azure-asyncoperation").unwrap();
    let location = again.header("location").unwrap();
    let place = format!(
        "https://management.azure.com/subscriptions/{SUBSCRIPTION}/providers/Microsoft.MachineLearningServices/locations/eastus/workspaceOperationsStatus/"
    );
    for (url, mark) in [(status, "type=async"), (location, "type=location")] {
        assert!(url.starts_with(&place) && url.contains("api-version=") && url.ends_with(mark), "{url}");
    }
    cloud.pass(3600);
    let done = cloud.raw(Method::GET, status, &[], Vec::new());
    assert_eq!((done.status, &done.body["status"]), (200, &json!("Succeeded")));
}

/// 26.2, dialect B: the body comes at once, and the status document alone tells the end.
#[test]
fn a_compute_is_answered_before_it_stands() {
    let cloud = Cloud::real().with_workspace();
    let reply = cloud.put(&compute("cpu"), open_cluster_body("Standard_DS3_v2", 0));
    assert_eq!((reply.status, &reply.body["properties"]["provisioningState"]), (201, &json!("Creating")));
    assert!(reply.header("location").is_none());
    let url = reply.header("azure-asyncoperation").unwrap().to_owned();
    assert!(
        url.contains("/locations/eastus/computeOperationsStatus/") && url.contains("service=new"),
        "{url}"
    );
    cloud.pass(600);
    cloud.get(&compute("cpu")).ok();
    assert_eq!(cloud.raw(Method::GET, &url, &[], Vec::new()).body["status"], "Succeeded");
}

/// 26.3: what is named must be there.
#[test]
fn a_workspace_stands_on_nothing_that_is_not_there() {
    let cloud = Cloud::instant().with_services();
    for (name, id) in [
        ("storageAccount", storage("stnone")),
        ("keyVault", vault("kv-none")),
        ("applicationInsights", insights("none")),
        ("containerRegistry", registry("crnone0001")),
    ] {
        let mut body = workspace_body();
        body["properties"][name] = json!(id);
        let refused = cloud.put(&workspace("mlw"), body.clone());
        refused.refused(400, "ValidationError");
        assert!(refused.message().contains(&id), "{refused:?}");
        if name != "containerRegistry" {
            body["properties"].as_object_mut().unwrap().remove(name);
            let refused = cloud.put(&workspace("mlw"), body);
            refused.refused(400, "ValidationError");
            let error = &refused.body["error"];
            assert_eq!(
                (&error["target"], &error["details"][0]["code"]),
                (&json!("workspace"), &json!("Invalid"))
            );
        }
    }
}

/// 21 rows 10 and 30, 3.11.
#[test]
fn an_identity_is_of_the_type_that_it_says() {
    let cloud = Cloud::instant().with_services();
    cloud.make(&identity("id-ml"), json!({ "location": "eastus" }));
    let mut body = workspace_body();
    body["identity"]["userAssignedIdentities"] = json!({ identity("id-ml"): {} });
    let refused = cloud.put(&workspace("mlw"), body.clone());
    refused.refused(400, "BadRequest");
    assert!(
        refused.message().starts_with("The request format was unexpected, a non-UserAssigned identity type")
    );
    body["identity"]["type"] = json!("UserAssigned");
    cloud.put(&workspace("mlw"), body.clone()).refused(400, "ValidationError");
    body["properties"]["primaryUserAssignedIdentity"] = json!(identity("id-ml"));
    cloud.make(&workspace("mlw"), body);
}

/// 26.4: a plain DELETE keeps the name for 14 days, also when the group is gone.
#[test]
fn a_deleted_workspace_outlives_its_group() {
    let cloud =
        Cloud::behaving(Behaviour { workspace_recover: false, ..Behaviour::default() }).with_workspace();
    cloud.unmake(&rg());
    assert!(cloud.simulator.soft_deleted().unwrap().contains(&workspace("mlw")));
    cloud.delete(&format!("{}?forceToPurge=true", workspace("mlw"))).refused(404, "ResourceGroupNotFound");
    cloud.pass(15 * 24 * 60 * 60);
    cloud.get(&format!("/subscriptions/{SUBSCRIPTION}")).ok();
    assert!(!cloud.simulator.soft_deleted().unwrap().contains(&workspace("mlw")));
}

/// 3.9: what is destroyed at once and what stays with a deleted workspace.
#[test]
fn computes_are_gone_with_a_deleted_workspace_and_do_not_come_back() {
    let cloud = Cloud::instant().with_workspace();
    cloud.make(&compute("cpu"), open_cluster_body("Standard_DS3_v2", 1));
    cloud.unmake(&workspace("mlw"));
    let list = cloud.get(&compute("cpu"));
    list.refused(404, "ResourceNotFound");
    assert!(list.message().contains("workspaces/mlw'"), "{list:?}");
    cloud.make(&workspace("mlw"), workspace_body());
    assert!(names(&cloud, &in_workspace("computes")).is_empty());
}

/// 22 rows 1, 2 and 16: casing, nothings and spellings of a region.
#[test]
fn spellings_of_one_thing_are_one_thing() {
    let cloud = Cloud::instant().with_services();
    let mut body = workspace_body();
    body["location"] = json!("East US");
    body["properties"]["keyVault"] = json!(vault("KV-ML").replace("resourceGroups", "resourcegroups"));
    body["properties"]["systemDatastoresAuthMode"] = json!("identity");
    body["properties"]["imageBuildCompute"] = json!("");
    let made = cloud.make(&workspace("mlw"), body.clone());
    assert_eq!(made["location"], "eastus");
    assert_eq!(made["properties"]["systemDatastoresAuthMode"], "Identity");
    assert_eq!(
        cloud.make(&workspace("mlw"), workspace_body())["properties"]["workspaceId"],
        made["properties"]["workspaceId"]
    );
    cloud.make(&compute("cpu"), open_cluster_body("STANDARD_DS3_V2", 0));
    let again = cloud.put(&compute("CPU"), open_cluster_body("Standard_DS3_v2", 0));
    assert_eq!(again.status, 200, "a size is one in any casing: {again:?}");
}

/// 22 row 4: what a PUT does not say is reset, but for what is fixed.
#[test]
fn a_put_replaces_the_whole() {
    let cloud = Cloud::instant().with_services();
    let mut body = workspace_body();
    body["properties"]["imageBuildCompute"] = json!("builder");
    body["properties"]["friendlyName"] = json!("mine");
    body["properties"]["hbiWorkspace"] = json!(true);
    cloud.make(&workspace("mlw"), body);
    let mut less = workspace_body();
    less["properties"].as_object_mut().unwrap().remove("publicNetworkAccess");
    let after = cloud.make(&workspace("mlw"), less);
    let properties = &after["properties"];
    assert_eq!((&properties["imageBuildCompute"], &properties["friendlyName"]), (&Value::Null, &json!("")));
    assert_eq!(properties["publicNetworkAccess"], "Enabled");
    assert_eq!(properties["hbiWorkspace"], true);
}

/// 22 row 10.
#[test]
fn the_kind_of_a_managed_network_does_not_go_back() {
    let cloud = Cloud::instant().with_services();
    let body = |kind: &str| {
        let mut body = managed_body("AllowInternetOutbound");
        body["properties"]["managedNetwork"]["managedNetworkKind"] = json!(kind);
        body
    };
    cloud.make(&workspace("mlw"), body("V1"));
    cloud.make(&workspace("mlw"), body("V2"));
    cloud.put(&workspace("mlw"), body("V1")).refused(400, "ValidationError");
    let properties = &cloud.get(&workspace("mlw")).body["properties"]["managedNetwork"];
    assert!(properties["networkId"].is_string());
}

/// 26.6: a subnet that is too small gives a cluster what it has.
#[test]
fn an_instance_without_an_address_fails_where_a_cluster_gets_less() {
    let cloud = Cloud::instant().with_workspace();
    let mut small = network_body();
    small["properties"]["subnets"][1]["properties"]["addressPrefixes"] = json!(["10.1.1.0/29"]);
    cloud.make(&network("virtualNetworks/vnet"), small);
    let mut cluster = cluster_body();
    cluster["properties"]["properties"]["enableNodePublicIp"] = json!(true);
    cluster["properties"]["properties"]["scaleSettings"] = json!({ "minNodeCount": 5, "maxNodeCount": 5 });
    let made = cloud.make(&compute("cpu"), cluster);
    let inner = &made["properties"]["properties"];
    assert_eq!((&inner["currentNodeCount"], &inner["targetNodeCount"]), (&json!(3), &json!(5)));
    let mut desk = instance_body();
    desk["properties"]["properties"]["subnet"] = json!({ "id": subnet("training") });
    let reply = cloud.put(&compute("desk"), desk);
    assert_eq!(cloud.follow(&reply)["status"], "Failed");
    assert_eq!(cloud.get(&compute("desk")).body["properties"]["properties"]["state"], "CreateFailed");
    cloud.unmake(&format!("{}?underlyingResourceAction=Delete", compute("desk")));
}

/// azure-aml 22 row 18; azure-network E.20.
#[test]
fn a_set_in_another_order_is_the_same() {
    let cloud = Cloud::instant().with_network();
    let body = |bypass: &str, ranges: [&str; 2], names: [&str; 2]| {
        let mut body = storage_body();
        let networks = names.map(|name| json!({ "id": subnet(name), "action": "Allow" }));
        body["properties"]["networkAcls"] = json!({
            "defaultAction": "Deny", "bypass": bypass,
            "ipRules": ranges.map(|range| json!({ "value": range, "action": "Allow" })),
            "virtualNetworkRules": networks,
        });
        body
    };
    let (here, there) = (["203.0.113.7", "203.0.113.9"], ["203.0.113.9", "203.0.113.7"]);
    for name in ["endpoints", "training"] {
        let at = cloud.get(&subnet(name)).body["properties"]["addressPrefixes"].clone();
        cloud.make(
            &subnet(name),
            json!({ "properties": { "addressPrefixes": at, "serviceEndpoints": [{ "service": "Microsoft.Storage" }] } }),
        );
    }
    let made = cloud.make(&storage("stml"), body("Logging, AzureServices", here, ["endpoints", "training"]));
    let again = cloud.put(&storage("stml"), body("AzureServices,Logging", there, ["training", "endpoints"]));
    assert_eq!((again.status, &again.body), (200, &made), "nothing is to be done");
    let other = cloud.put(&storage("stml"), body("AzureServices", there, ["training", "endpoints"]));
    assert_ne!(other.ok().body["properties"]["networkAcls"], made["properties"]["networkAcls"]);
}
