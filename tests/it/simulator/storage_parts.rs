//! What lies in a storage account, and what its owner may ask of it
//! (azure-aml 2.1, 9; reference/clients-on-a-local-arm 2.1, children that
//! clients read and nobody made).

use super::*;

fn part(tail: &str) -> String {
    format!("{}/{tail}", storage("stml"))
}

fn cloud() -> Cloud {
    let cloud = Cloud::instant().with_network();
    cloud.make(&storage("stml"), storage_body());
    cloud
}

#[test]
fn an_account_comes_with_its_services() {
    let cloud = cloud();
    for service in ["blobServices", "fileServices", "queueServices", "tableServices"] {
        let seen = cloud.get(&part(&format!("{service}/default"))).ok().body;
        assert_eq!(seen["type"], format!("Microsoft.Storage/storageAccounts/{service}"));
        assert_eq!(seen["properties"]["cors"], json!({ "corsRules": [] }));
        assert_eq!(cloud.names(&part(service)), ["default"]);
        cloud.delete(&part(&format!("{service}/default"))).refused(405, "HttpMethodNotAllowed");
        cloud.put(&part(&format!("{service}/other")), json!({})).refused(400, "InvalidResourceName");
    }
    let blobs = cloud.get(&part("blobServices/default")).body;
    assert_eq!(blobs["properties"]["deleteRetentionPolicy"]["enabled"], false);
    assert_eq!(blobs["sku"], json!({ "name": "Standard_LRS", "tier": "Standard" }));
    let files = cloud.get(&part("fileServices/default")).body;
    assert_eq!(files["properties"]["shareDeleteRetentionPolicy"], json!({ "enabled": true, "days": 7 }));
    cloud.unmake(&storage("stml"));
    assert_eq!(cloud.get(&part("blobServices/default")).status, 404);
}

#[test]
fn an_account_for_files_has_no_other_service() {
    let cloud = Cloud::instant().with_network();
    let body = json!({ "location": "eastus", "kind": "FileStorage", "sku": { "name": "Premium_LRS" } });
    cloud.make(&storage("stfiles"), body);
    let service = |name: &str| format!("{}/{name}/default", storage("stfiles"));
    assert_eq!(cloud.get(&service("fileServices")).status, 200);
    cloud.get(&service("blobServices")).refused(404, "ResourceNotFound");
    cloud.put(&service("blobServices"), json!({})).refused(404, "ResourceNotFound");
    let share = format!("{}/shares/data", service("fileServices"));
    let made = cloud
        .make(&share, json!({ "properties": { "enabledProtocols": "NFS", "rootSquash": "RootSquash" } }));
    assert_eq!(made["properties"]["accessTier"], "Premium");
}

#[test]
fn a_service_keeps_what_a_put_does_not_name() {
    let cloud = cloud();
    let blobs = part("blobServices/default");
    let kept = json!({ "properties": { "deleteRetentionPolicy": { "enabled": true, "days": 30 } } });
    assert_eq!(cloud.put(&blobs, kept).status, 200);
    let seen = cloud.make(&blobs, json!({ "properties": { "isVersioningEnabled": true } }));
    assert_eq!(seen["properties"]["deleteRetentionPolicy"]["days"], 30);
    assert_eq!(seen["properties"]["isVersioningEnabled"], true);
    let too_long = json!({ "properties": { "deleteRetentionPolicy": { "enabled": true, "days": 366 } } });
    cloud.put(&blobs, too_long).refused(400, "InvalidValuesForRequestParameters");
    let restore = |days: i64, feed: bool| json!({ "properties": { "changeFeed": { "enabled": feed }, "restorePolicy": { "enabled": true, "days": days } } });
    cloud.put(&blobs, restore(7, false)).refused(400, "InvalidValuesForRequestParameters");
    cloud.put(&blobs, restore(30, true)).refused(400, "InvalidValuesForRequestParameters");
    assert_eq!(cloud.put(&blobs, restore(29, true)).status, 200);
    let again = cloud.make(&storage("stml"), storage_body());
    assert_eq!(again["name"], "stml");
    assert_eq!(cloud.get(&blobs).body["properties"]["isVersioningEnabled"], true, "its account is not it");
}

#[test]
fn a_namespace_of_folders_has_no_versions() {
    let cloud = Cloud::instant().with_network();
    let mut body = storage_body();
    body["properties"]["isHnsEnabled"] = json!(true);
    cloud.make(&storage("stml"), body);
    let versions = json!({ "properties": { "isVersioningEnabled": true } });
    cloud.put(&part("blobServices/default"), versions).refused(409, "FeatureNotSupportedForAccount");
}

#[test]
fn containers_are_made_listed_changed_and_deleted() {
    let cloud = cloud();
    let path = part("blobServices/default/containers/azureml");
    let made = cloud.put(&path, json!({}));
    assert_eq!(made.status, 201);
    assert_eq!(made.body["properties"]["publicAccess"], "None");
    assert_eq!(made.body["properties"]["leaseState"], "Available");
    assert!(made.body["properties"]["lastModifiedTime"].is_string());
    let patched = cloud.patch(&path, json!({ "properties": { "metadata": { "a": "b" } } }));
    assert_eq!((patched.status, &patched.body["properties"]["metadata"]["a"]), (200, &json!("b")));
    cloud.make(&part("blobServices/default/containers/$web"), json!({}));
    assert_eq!(cloud.names(&part("blobServices/default/containers")), ["azureml", "$web"]);
    cloud.put(&part("blobServices/default/containers/a--b"), json!({})).refused(400, "InvalidResourceName");
    let public = json!({ "properties": { "publicAccess": "Blob" } });
    cloud.put(&path, public.clone()).refused(409, "PublicAccessNotPermitted");
    cloud.patch(&storage("stml"), json!({ "properties": { "allowBlobPublicAccess": true } })).ok();
    assert_eq!(cloud.put(&path, public).body["properties"]["publicAccess"], "Blob");
    assert_eq!(cloud.delete(&path).status, 200);
    assert_eq!(cloud.delete(&path).status, 204);
    cloud
        .put(&format!("{}/blobServices/default/containers/x1x", storage("none")), json!({}))
        .refused(404, "ParentResourceNotFound");
}

#[test]
fn shares_queues_and_tables_are_made_and_deleted() {
    let cloud = cloud();
    let share = part("fileServices/default/shares/code");
    let made = cloud.put(&share, json!({}));
    assert_eq!(made.status, 201);
    assert_eq!(made.body["properties"]["shareQuota"], 5120);
    assert_eq!(made.body["properties"]["accessTier"], "TransactionOptimized");
    assert_eq!(
        cloud.patch(&share, json!({ "properties": { "shareQuota": 10 } })).body["properties"]["shareQuota"],
        10
    );
    cloud
        .put(&part("fileServices/default/shares/nfs"), json!({ "properties": { "enabledProtocols": "NFS" } }))
        .refused(400, "InvalidValuesForRequestParameters");
    let smb = json!({ "properties": { "rootSquash": "AllSquash" } });
    cloud.put(&share, smb).refused(400, "InvalidValuesForRequestParameters");
    let queue = part("queueServices/default/queues/tasks");
    let table = part("tableServices/default/tables/Runs");
    for path in [&queue, &table] {
        assert_eq!(cloud.put(path, json!({})).status, 200);
    }
    assert_eq!(cloud.get(&table).body["properties"]["tableName"], "Runs");
    assert_eq!(cloud.names(&part("queueServices/default/queues")), ["tasks"]);
    assert_eq!(cloud.delete(&share).status, 200);
    for path in [&queue, &table] {
        assert_eq!((cloud.delete(path).status, cloud.get(path).status), (204, 404));
    }
}

#[test]
fn lifecycle_rules_are_one_policy() {
    let cloud = cloud();
    let path = part("managementPolicies/default");
    cloud.get(&path).refused(404, "ResourceNotFound");
    let rule = |name: &str| {
        json!({
            "name": name, "type": "Lifecycle", "enabled": true,
            "definition": {
                "actions": { "baseBlob": { "delete": { "daysAfterModificationGreaterThan": 90 } } },
                "filters": { "blobTypes": ["blockBlob"] },
            },
        })
    };
    let policy = |rules: Value| json!({ "properties": { "policy": { "rules": rules } } });
    let made = cloud.put(&path, policy(json!([rule("old")])));
    assert_eq!((made.status, &made.body["properties"]["policy"]["rules"][0]["name"]), (200, &json!("old")));
    cloud.put(&path, policy(json!([]))).refused(400, "InvalidValuesForRequestParameters");
    cloud.put(&path, policy(json!([rule("a"), rule("a")]))).refused(400, "InvalidValuesForRequestParameters");
    cloud.put(&path, json!({ "properties": {} })).refused(400, "InvalidParameter");
    cloud.unmake(&path);
}

#[test]
fn keys_are_told_and_renewed_one_by_one() {
    let cloud = cloud();
    let list =
        || cloud.post(&format!("{}?$expand=kerb", part("listKeys")), Value::Null).ok().body["keys"].clone();
    let before = list();
    assert_eq!((&before[0]["keyName"], &before[1]["keyName"]), (&json!("key1"), &json!("key2")));
    assert_eq!(before[0]["value"].as_str().unwrap().len(), 88, "64 bytes in base64");
    assert_ne!(before[0]["value"], before[1]["value"]);
    cloud.pass(5);
    let after = cloud.post(&part("regenerateKey"), json!({ "keyName": "key1" })).ok().body["keys"].clone();
    assert_ne!(before[0]["value"], after[0]["value"]);
    assert_ne!(before[0]["creationTime"], after[0]["creationTime"]);
    assert_eq!(before[1], after[1]);
    assert_eq!(list(), after);
    let again = cloud.post(&part("regenerateKey"), json!({ "keyName": "key1" })).ok().body["keys"].clone();
    assert_ne!(again[0]["value"], after[0]["value"]);
    cloud
        .post(&part("regenerateKey"), json!({ "keyName": "key3" }))
        .refused(400, "InvalidValuesForRequestParameters");
    assert!(cloud.get(&storage("stml")).body.get("renewed").is_none());
}

#[test]
fn tokens_are_handed_out() {
    let cloud = cloud();
    let account = cloud.post(&part("listAccountSas"), json!({ "signedServices": "b" })).ok().body;
    assert!(account["accountSasToken"].as_str().unwrap().contains("sig="));
    let service =
        cloud.post(&part("listServiceSas"), json!({ "canonicalizedResource": "/blob/stml/c" })).ok().body;
    assert!(service["serviceSasToken"].as_str().unwrap().contains("sig="));
    cloud.post(&part("listNothing"), Value::Null).refused(404, "InvalidResourceType");
}

#[test]
fn a_region_tells_how_many_accounts_it_has_and_none_is_kept_deleted() {
    let cloud = cloud();
    let at = format!("/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Storage");
    let usage = |location: &str| {
        cloud.get(&format!("{at}/locations/{location}/usages")).ok().body["value"][0]["currentValue"].clone()
    };
    assert_eq!((usage("eastus"), usage("westus2")), (json!(1), json!(0)));
    let skus = cloud.get(&format!("{at}/skus")).ok().body;
    assert!(skus["value"].as_array().unwrap().iter().any(|sku| sku["name"] == "Standard_LRS"));
    cloud.unmake(&storage("stml"));
    assert_eq!(cloud.get(&format!("{at}/deletedAccounts")).ok().body["value"], json!([]));
    cloud.get(&format!("{at}/locations/eastus/deletedAccounts/stml")).refused(404, "DeletedAccountNotFound");
    assert_eq!(usage("eastus"), json!(0));
    cloud.make(&storage("stml"), storage_body());
}

#[test]
fn a_target_tells_its_groups_with_members_and_zones() {
    let cloud = Cloud::instant().with_services();
    let groups = |of: String| {
        let body = cloud.get(&format!("{of}/privateLinkResources")).ok().body;
        body["value"].as_array().unwrap().clone()
    };
    let blob = &groups(storage("stml"))[0]["properties"];
    assert_eq!(blob["groupId"], "blob");
    assert_eq!(blob["requiredZoneNames"], json!(["privatelink.blob.core.windows.net"]));
    let vault = &groups(vault("kv-ml"))[0];
    assert_eq!(
        (&vault["name"], &vault["properties"]["requiredMembers"]),
        (&json!("vault"), &json!(["default"]))
    );
    let one = cloud.get(&format!("{}/privateLinkResources/registry", registry("crml0001"))).ok().body;
    assert_eq!(one["properties"]["requiredMembers"], json!(["registry_data_eastus", "registry"]));
    cloud
        .get(&format!("{}/privateLinkResources/blob", registry("crml0001")))
        .refused(404, "ResourceNotFound");
    assert_eq!(cloud.get(&format!("{}/privateLinkResources", storage("none"))).status, 404);
}

#[test]
fn the_owner_of_a_target_approves_rejects_and_removes_its_endpoints() {
    let cloud = Cloud::instant().with_services();
    for (target, group) in
        [(storage("stml"), "blob"), (vault("kv-ml"), "vault"), (registry("crml0001"), "registry")]
    {
        let pe = endpoint(group);
        cloud.make(&pe, endpoint_body(&target, group));
        let list = format!("{target}/privateEndpointConnections");
        let names = cloud.names(&list);
        assert_eq!(names.len(), 1, "{list}");
        let path = format!("{list}/{}", names[0]);
        let state = |status: &str| json!({ "properties": { "privateLinkServiceConnectionState": { "status": status, "description": "no" } } });
        let seen = cloud.make(&path, state("Rejected"));
        assert_eq!(seen["properties"]["privateLinkServiceConnectionState"]["status"], "Rejected");
        assert_eq!(seen["properties"]["privateEndpoint"]["id"], pe, "whose it is stays");
        let connection = || {
            let seen = cloud.get(&pe).body;
            let connections = &seen["properties"]["privateLinkServiceConnections"];
            connections[0]["properties"]["privateLinkServiceConnectionState"]["status"].clone()
        };
        assert_eq!(connection(), "Rejected");
        cloud.put(&format!("{list}/other"), state("Approved")).refused(404, "ResourceNotFound");
        cloud.unmake(&path);
        assert_eq!(connection(), "Disconnected");
    }
}
