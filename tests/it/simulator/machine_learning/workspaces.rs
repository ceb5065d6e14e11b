//! What can be asked of a workspace, and how it ends (azure-aml 2.1, 3.2 to
//! 3.4, 3.8 to 3.11, 7, 19.1, 20; 21 rows 27 and 33; 22 rows
//! 7, 8 and 17; 26 row 10).

use super::*;

fn diagnose(cloud: &Cloud) -> Value {
    let done = result(cloud, &in_workspace("diagnose"), json!({ "value": { "dnsResolution": {} } }));
    assert_eq!(done.status, 200);
    done.body["value"].clone()
}

#[test]
fn a_healthy_workspace_has_nothing_to_be_diagnosed() {
    let cloud = Cloud::instant().with_workspace();
    let found = diagnose(&cloud);
    let lists = found.as_object().unwrap();
    assert_eq!(lists.len(), 9);
    assert!(lists.values().all(|list| list == &json!([])), "{found}");
}

#[test]
fn a_diagnosis_takes_its_time_and_comes_by_the_result_url() {
    let cloud = Cloud::real().with_workspace();
    let reply = post(&cloud, &in_workspace("diagnose"), Value::Null);
    let (status, location) =
        (reply.header("azure-asyncoperation").unwrap(), reply.header("location").unwrap());
    let ask = |url: &str| cloud.raw(Method::GET, url, &[], Vec::new());
    assert_eq!(ask(status).body, json!({ "status": "InProgress" }));
    assert_eq!((ask(location).status, ask(location).body), (202, Value::Null));
    cloud.pass(60);
    let done = ask(status).body;
    assert_eq!((&done["status"], &done["properties"]), (&json!("Succeeded"), &ask(location).body));
    assert_eq!(cloud.get(&workspace("mlw")).body["properties"]["provisioningState"], "Succeeded");
}

#[test]
fn own_name_servers_and_a_lost_builder_are_diagnosed() {
    let cloud = Cloud::instant().with_workspace();
    cloud.make(&endpoint("pe"), endpoint_body(&workspace("mlw"), "amlworkspace"));
    let mut body = network_body();
    body["properties"]["dhcpOptions"] = json!({ "dnsServers": ["10.1.0.5"] });
    cloud.make(&network("virtualNetworks/vnet"), body);
    let reply = cloud.patch(&workspace("mlw"), json!({ "properties": { "imageBuildCompute": "builder" } }));
    assert_eq!(reply.status, 202, "it may name what is not there yet");
    cloud.follow(&reply);
    let found = diagnose(&cloud);
    assert_eq!(found["dnsResolutionResults"][0]["code"], "CustomDnsInUse");
    assert_eq!(found["dnsResolutionResults"][0]["level"], "Warning");
    assert_eq!(found["containerRegistryResults"][0]["code"], "ImageBuildComputeNotValid");
    cloud.make(&compute("builder"), open_cluster_body("Standard_DS3_v2", 0));
    assert_eq!(diagnose(&cloud)["containerRegistryResults"], json!([]));
    cloud.unmake(&format!("{}?underlyingResourceAction=Delete", compute("builder")));
    assert_eq!(cloud.get(&workspace("mlw")).body["properties"]["imageBuildCompute"], "builder");
    assert_eq!(diagnose(&cloud)["containerRegistryResults"][0]["code"], "ImageBuildComputeNotValid");
}

#[test]
fn the_keys_of_a_workspace_are_those_of_what_it_stands_on() {
    let cloud = Cloud::instant().with_workspace();
    let list = |action: &str| post(&cloud, &in_workspace(action), Value::Null).ok().body;
    let keys = list("listKeys");
    assert_eq!(keys["userStorageArmId"], storage("stml"));
    let account = post(&cloud, &format!("{}/listKeys", storage("stml")), Value::Null).ok().body;
    assert_eq!(keys["userStorageKey"], account["keys"][0]["value"]);
    assert_eq!(list("listStorageAccountKeys")["userStorageKey"], keys["userStorageKey"]);
    let component = cloud.get(&insights("appi")).body;
    assert_eq!(keys["appInsightsInstrumentationKey"], component["properties"]["InstrumentationKey"]);
    assert!(keys["containerRegistryCredentials"].is_null(), "no admin user, no credentials");
    let mut admin = registry_body();
    admin["properties"]["adminUserEnabled"] = json!(true);
    cloud.make(&registry("crml0001"), admin);
    assert_eq!(list("listKeys")["containerRegistryCredentials"]["username"], "crml0001");
    assert_eq!(list("listNotebookKeys"), keys["notebookAccessKeys"]);
    let token = list("listNotebookAccessToken");
    let notebook = &cloud.get(&workspace("mlw")).body["properties"]["notebookInfo"];
    assert_eq!((&token["hostName"], &token["tokenType"]), (&notebook["fqdn"], &json!("Bearer")));
}

#[test]
fn keys_are_synchronised_and_notebooks_prepared_in_operations() {
    let cloud = Cloud::instant().with_workspace();
    assert_eq!(result(&cloud, &in_workspace("resyncKeys"), Value::Null).status, 200);
    let prepared = result(&cloud, &in_workspace("prepareNotebook"), Value::Null);
    assert_eq!(
        prepared.body["fqdn"],
        cloud.get(&workspace("mlw")).body["properties"]["notebookInfo"]["fqdn"]
    );
    post(&cloud, &in_workspace("selfDestruct"), Value::Null).refused(404, "InvalidResourceType");
    post(&cloud, &format!("{}/listKeys", workspace("none")), Value::Null).refused(404, "ResourceNotFound");
}

#[test]
fn what_can_be_linked_privately_is_listed() {
    let cloud = Cloud::instant().with_workspace();
    let list = cloud.get(&in_workspace("privateLinkResources")).ok().body;
    let properties = &list["value"][0]["properties"];
    assert_eq!(properties["groupId"], "amlworkspace");
    assert_eq!(properties["requiredMembers"], json!(["default", "notebook", "inference"]));
    assert_eq!(
        properties["requiredZoneNames"],
        json!(["privatelink.api.azureml.ms", "privatelink.notebooks.azure.net"]),
    );
}

#[test]
fn features_and_outbound_dependencies_are_listed() {
    let cloud = Cloud::instant().with_workspace();
    assert_eq!(cloud.get(&in_workspace("features")).ok().body, json!({ "value": [] }));
    let list = cloud.get(&in_workspace("outboundNetworkDependenciesEndpoints")).ok().body;
    let hosts = list.to_string();
    for host in ["eastus.tundra.azureml.ms", "*.eastus.batch.azure.com", "mcr.microsoft.com"] {
        assert!(hosts.contains(host), "{hosts}");
    }
    cloud.get(&format!("{}/features", workspace("none"))).refused(404, "ResourceNotFound");
}

#[test]
fn the_workspace_s_side_approves_rejects_and_cuts_a_connection() {
    let cloud = Cloud::instant().with_workspace();
    let mut body = endpoint_body(&workspace("mlw"), "amlworkspace");
    let connection =
        body["properties"].as_object_mut().unwrap().remove("privateLinkServiceConnections").unwrap();
    body["properties"]["manualPrivateLinkServiceConnections"] = connection;
    cloud.make(&endpoint("pe"), body);
    let shown = || cloud.get(&workspace("mlw")).body["properties"]["privateEndpointConnections"][0].clone();
    let state = |seen: &Value| seen["properties"]["privateLinkServiceConnectionState"]["status"].clone();
    assert_eq!(state(&shown()), "Pending");
    let path = shown()["id"].as_str().unwrap().to_owned();
    assert_eq!(names(&cloud, &in_workspace("privateEndpointConnections")).len(), 1);
    // Private, but not yet approved: a compute without public address still fails.
    let failed = cloud.put(&compute("cpu"), cluster_body());
    assert_eq!(cloud.follow(&failed)["error"]["code"], "UserError");
    for word in ["Approved", "Rejected", "Approved"] {
        let body = json!({ "properties": { "privateLinkServiceConnectionState": { "status": word } } });
        assert_eq!(cloud.put(&path, body).status, 200);
        assert_eq!(state(&shown()), word);
        let seen = cloud.get(&endpoint("pe")).body;
        let side = &seen["properties"]["manualPrivateLinkServiceConnections"][0];
        assert_eq!(state(side), word);
    }
    assert_eq!(cloud.delete(&path).status, 200);
    let gone = cloud.get(&workspace("mlw")).body;
    assert_eq!((&gone["properties"]["privateLinkCount"], cloud.get(&path).status), (&json!(0), 404));
    let seen = cloud.get(&endpoint("pe")).body;
    assert_eq!(state(&seen["properties"]["manualPrivateLinkServiceConnections"][0]), "Disconnected");
}

#[test]
fn two_flags_say_one_thing_and_the_last_word_counts() {
    let cloud = Cloud::instant().with_workspace();
    let both = || {
        let seen = cloud.get(&workspace("mlw")).body;
        (
            seen["properties"]["publicNetworkAccess"].clone(),
            seen["properties"]["allowPublicAccessWhenBehindVnet"].clone(),
        )
    };
    let patch = |changes: Value| {
        let reply = cloud.patch(&workspace("mlw"), json!({ "properties": changes })).ok();
        cloud.follow(&reply);
    };
    assert_eq!(both(), (json!("Disabled"), json!(false)));
    patch(json!({ "allowPublicAccessWhenBehindVnet": true }));
    assert_eq!(both(), (json!("Enabled"), json!(true)));
    patch(json!({ "publicNetworkAccess": "Disabled" }));
    assert_eq!(both(), (json!("Disabled"), json!(false)));
    let mut body = workspace_body();
    body["properties"].as_object_mut().unwrap().remove("publicNetworkAccess");
    body["properties"]["allowPublicAccessWhenBehindVnet"] = json!(false);
    let made = cloud.make(&workspace("mlw2"), body);
    assert_eq!(
        made["properties"]["allowPublicAccessWhenBehindVnet"], true,
        "recorded: sent false, read back true"
    );
}

#[test]
fn a_deleted_endpoint_does_not_open_the_workspace() {
    let cloud = Cloud::instant().with_workspace();
    cloud.make(&endpoint("pe"), endpoint_body(&workspace("mlw"), "amlworkspace"));
    cloud.unmake(&endpoint("pe"));
    assert_eq!(cloud.get(&workspace("mlw")).body["properties"]["publicNetworkAccess"], "Disabled");
}

#[test]
fn a_hub_stays_while_it_has_projects() {
    let cloud = Cloud::instant().with_services();
    let mut hub = workspace_body();
    hub["kind"] = json!("Hub");
    let mut bare = hub.clone();
    bare["properties"].as_object_mut().unwrap().remove("storageAccount");
    cloud.put(&workspace("hub"), bare).refused(400, "ValidationError");
    // A vault it can do without: there is one of the service.
    hub["properties"].as_object_mut().unwrap().remove("keyVault");
    assert_eq!(cloud.make(&workspace("hub"), hub)["properties"]["enableDataIsolation"], true);
    let mut project = json!({ "location": "eastus", "kind": "Project", "identity": { "type": "SystemAssigned" },
        "properties": {} });
    cloud.put(&workspace("project"), project.clone()).refused(400, "ValidationError");
    project["properties"]["hubResourceId"] = json!(workspace("hub"));
    cloud.make(&workspace("project"), project);
    cloud.delete(&workspace("hub")).refused(409, "CannotDeleteResource");
    cloud.unmake(&workspace("project"));
    cloud.unmake(&workspace("hub"));
}

#[test]
fn a_feature_store_says_what_it_stores_in() {
    let cloud = Cloud::instant().with_services();
    let mut body = workspace_body();
    body["kind"] = json!("FeatureStore");
    cloud.put(&workspace("features"), body.clone()).refused(400, "ValidationError");
    body["properties"]["featureStoreSettings"] =
        json!({ "computeRuntime": { "sparkRuntimeVersion": "3.4" } });
    cloud.make(&workspace("features"), body.clone());
    body["kind"] = json!("Default");
    cloud.put(&workspace("default"), body).refused(400, "ValidationError");
}

#[test]
fn a_workspace_with_own_keys_has_a_group_of_the_service() {
    let cloud = Cloud::instant().with_services();
    let mut body = workspace_body();
    body["properties"]["enableServiceSideCMKEncryption"] = json!(true);
    cloud.put(&workspace("mlw"), body.clone()).refused(400, "ValidationError");
    let mut protected = vault_body();
    protected["properties"]["enablePurgeProtection"] = json!(true);
    body["properties"]["encryption"] = json!({ "status": "Enabled", "keyVaultProperties": {
        "keyVaultArmId": vault("kv-ml"), "keyIdentifier": "https://kv-ml.vault.azure.net/keys/k/1" } });
    cloud.put(&workspace("mlw"), body.clone()).refused(400, "ValidationError");
    cloud.make(&vault("kv-ml"), protected);
    let there = cloud.make(&workspace("mlw"), body.clone());
    assert!(there["properties"]["serviceProvisionedResourceGroup"].is_null());
    body["properties"].as_object_mut().unwrap().remove("enableServiceSideCMKEncryption");
    let here = cloud.make(&workspace("mlw2"), body);
    assert!(
        here["properties"]["serviceProvisionedResourceGroup"]
            .as_str()
            .unwrap()
            .starts_with("azureml-rg-mlw2_")
    );
}

#[test]
fn a_workspace_does_not_stand_on_every_account() {
    let cloud = Cloud::instant().with_services();
    let mut lake = storage_body();
    lake["properties"]["isHnsEnabled"] = json!(true);
    cloud.make(&storage("stlake"), lake);
    let mut fast = storage_body();
    fast["sku"]["name"] = json!("Premium_LRS");
    cloud.make(&storage("stfast"), fast);
    for name in ["stlake", "stfast"] {
        let mut body = workspace_body();
        body["properties"]["storageAccount"] = json!(storage(name));
        cloud.put(&workspace("mlw"), body).refused(400, "ValidationError");
    }
}

#[test]
fn datastores_without_keys_sign_in_by_identity() {
    let cloud = Cloud::instant().with_services();
    let mut keyless = storage_body();
    keyless["properties"]["allowSharedKeyAccess"] = json!(false);
    cloud.make(&storage("stml"), keyless);
    let mut body = workspace_body();
    let refused = cloud.put(&workspace("mlw"), body.clone());
    refused.refused(400, "ValidationError");
    assert!(refused.message().ends_with("systemDatastoresAuthMode must be Identity."));
    body["properties"]["systemDatastoresAuthMode"] = json!("identity");
    cloud.make(&workspace("mlw"), body);
}

#[test]
fn a_workspace_does_not_give_up_its_user_assigned_identities() {
    let cloud = Cloud::instant().with_services();
    cloud.make(&identity("id-ml"), json!({ "location": "eastus" }));
    let own = workspace_body();
    let mut both = workspace_body();
    both["identity"]["type"] = json!("SystemAssigned,UserAssigned");
    cloud.put(&workspace("mlw"), both.clone()).refused(400, "ValidationError");
    both["identity"]["userAssignedIdentities"] = json!({ identity("id-ml"): {} });
    cloud.make(&workspace("mlw"), own.clone());
    cloud.make(&workspace("mlw"), both.clone());
    let refused = cloud.put(&workspace("mlw"), own);
    refused.refused(400, "ValidationError");
    assert!(refused.message().contains("from 'SystemAssigned,UserAssigned' to 'SystemAssigned'"));
    both["identity"]["type"] = json!("UserAssigned");
    both["properties"]["primaryUserAssignedIdentity"] = json!(identity("id-ml"));
    cloud.make(&workspace("mlw"), both);
}

#[test]
fn what_a_workspace_stands_on_can_go_and_stays_when_it_goes() {
    let cloud = Cloud::instant().with_workspace();
    cloud.unmake(&insights("appi"));
    assert_eq!(cloud.get(&workspace("mlw")).status, 200);
    cloud.unmake(&workspace("mlw"));
    for path in [storage("stml"), vault("kv-ml"), registry("crml0001")] {
        assert_eq!(cloud.get(&path).status, 200, "{path}");
    }
}
