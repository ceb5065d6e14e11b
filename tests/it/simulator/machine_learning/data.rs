//! Datastores and connections (azure-aml 2.1, 5, A.5; 22 row 5).

use super::*;

fn datastore(name: &str) -> String {
    in_workspace(&format!("datastores/{name}?skipValidation=true"))
}

fn bare(name: &str) -> String {
    in_workspace(&format!("datastores/{name}"))
}

fn blob_body(credentials: Value) -> Value {
    json!({ "properties": {
        "datastoreType": "AzureBlob", "accountName": "stml", "containerName": "data", "credentials": credentials,
    } })
}

fn key(value: &str) -> Value {
    json!({ "credentialsType": "AccountKey", "secrets": { "secretsType": "AccountKey", "key": value } })
}

#[test]
fn a_datastore_is_made_at_once_read_listed_changed_and_deleted() {
    let cloud = Cloud::instant().with_workspace();
    let made = cloud.put(&datastore("data"), blob_body(json!({ "credentialsType": "None" })));
    assert_eq!((made.status, &made.body["properties"]["isDefault"]), (201, &json!(false)));
    assert!(made.header("azure-asyncoperation").is_none() && made.header("location").is_none());
    assert_eq!(made.body["properties"]["endpoint"], "core.windows.net");
    let mut body = blob_body(json!({ "credentialsType": "None" }));
    body["properties"]["description"] = json!("what is trained on");
    assert_eq!(cloud.put(&datastore("data"), body).status, 200);
    assert_eq!(cloud.get(&bare("data")).body["properties"]["description"], "what is trained on");
    // The name of the list is spelled so by go-azure-sdk.
    assert!(names(&cloud, &in_workspace("dataStores")).contains(&"data".to_owned()));
    assert_eq!(cloud.delete(&bare("data")).status, 200);
    assert_eq!(cloud.delete(&bare("data")).status, 204);
}

#[test]
fn every_workspace_has_stores_of_its_own() {
    let cloud = Cloud::instant().with_workspace();
    assert_eq!(
        names(&cloud, &in_workspace("datastores")),
        ["workspaceblobstore", "workspaceartifactstore", "workspacefilestore", "workspaceworkingdirectory"],
    );
    let main = cloud.get(&bare("workspaceblobstore")).body;
    let guid = cloud.get(&workspace("mlw")).body["properties"]["workspaceId"].as_str().unwrap().to_owned();
    assert_eq!(main["properties"]["isDefault"], true);
    assert_eq!(main["properties"]["containerName"], format!("azureml-blobstore-{guid}"));
}

#[test]
fn secrets_of_a_datastore_are_only_listed() {
    let cloud = Cloud::instant().with_workspace();
    let made = cloud.put(&datastore("data"), blob_body(key("first"))).ok().body;
    assert_eq!(made["properties"]["credentials"], json!({ "credentialsType": "AccountKey" }));
    let list = || post(&cloud, &format!("{}/listSecrets", bare("data")), Value::Null);
    assert_eq!(list().ok().body, json!({ "secretsType": "AccountKey", "key": "first" }));
    cloud.put(&datastore("data"), blob_body(key("second"))).ok();
    assert_eq!(list().body["key"], "second");
    cloud.put(&datastore("data"), blob_body(json!({ "credentialsType": "None" }))).ok();
    list().refused(400, "BadRequest");
}

#[test]
fn a_datastore_says_how_it_is_signed_in_to_and_what_its_type_needs() {
    let cloud = Cloud::instant().with_workspace();
    let mut silent = blob_body(Value::Null);
    silent["properties"].as_object_mut().unwrap().remove("credentials");
    cloud.put(&datastore("data"), silent).refused(400, "InvalidParameter");
    cloud
        .put(&datastore("data"), blob_body(json!({ "credentialsType": "AccountKey" })))
        .refused(400, "ValidationError");
    let principal = json!({ "credentialsType": "ServicePrincipal", "secrets": {
        "secretsType": "ServicePrincipal", "clientSecret": "s" } });
    cloud.put(&datastore("data"), blob_body(principal)).refused(400, "ValidationError");
    for (kind, lacks) in [
        ("AzureFile", "fileShareName"),
        ("AzureDataLakeGen2", "filesystem"),
        ("AzureDataLakeGen1", "storeName"),
        ("OneLake", "oneLakeWorkspaceName"),
    ] {
        let mut body = blob_body(json!({ "credentialsType": "None" }));
        body["properties"]["datastoreType"] = json!(kind);
        let refused = cloud.put(&datastore("data"), body);
        refused.refused(400, "ValidationError");
        assert!(refused.message().contains(lacks), "{refused:?}");
    }
}

#[test]
fn a_closed_account_cannot_be_validated() {
    let cloud = Cloud::instant().with_workspace();
    let none = || blob_body(json!({ "credentialsType": "None" }));
    cloud.put(&bare("data"), none()).refused(400, "BadRequest");
    let mut lake = none();
    lake["properties"]["datastoreType"] = json!("AzureDataLakeGen2");
    lake["properties"]["filesystem"] = json!("data");
    lake["properties"].as_object_mut().unwrap().remove("containerName");
    assert_eq!(cloud.put(&bare("lake"), lake).status, 201, "a lake is not looked at");
    cloud.patch(&storage("stml"), json!({ "properties": { "publicNetworkAccess": "Enabled" } })).ok();
    assert_eq!(cloud.put(&bare("data"), none()).status, 201);
    let mut lost = none();
    lost["properties"]["accountName"] = json!("stnone");
    cloud.put(&bare("lost"), lost.clone()).refused(400, "BadRequest");
    assert_eq!(cloud.put(&datastore("lost"), lost).status, 201);
}

#[test]
fn a_connection_keeps_its_secret_for_those_who_list_it() {
    let cloud = Cloud::instant().with_workspace();
    let path = in_workspace("connections/search");
    let body = json!({ "properties": {
        "category": "CognitiveSearch", "authType": "ApiKey", "target": "https://search.example/",
        "credentials": { "key": "s3cret" }, "metadata": { "ApiType": "Azure" },
    } });
    let made = cloud.put(&path, body);
    assert_eq!(made.status, 200);
    assert!(made.body["properties"]["credentials"].is_null());
    assert_eq!(made.body["properties"]["createdByWorkspaceArmId"], workspace("mlw"));
    let listed = post(&cloud, &format!("{path}/listsecrets"), Value::Null).ok().body;
    assert_eq!(listed["properties"]["credentials"], json!({ "key": "s3cret" }));
    let patched = cloud.patch(&path, json!({ "properties": { "isSharedToAll": true } })).ok().body;
    assert_eq!(patched["properties"]["target"], "https://search.example/");
    let listed = post(&cloud, &format!("{path}/listsecrets"), Value::Null).ok().body;
    assert_eq!(listed["properties"]["credentials"]["key"], "s3cret", "a patch without secrets keeps them");
    assert_eq!(names(&cloud, &in_workspace("connections")), ["search"]);
    cloud
        .put(&in_workspace("connections/other"), json!({ "properties": { "authType": "Handshake" } }))
        .refused(400, "InvalidParameter");
    assert_eq!(cloud.delete(&path).status, 200);
    cloud.get(&path).refused(404, "ResourceNotFound");
}
