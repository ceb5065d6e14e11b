//! Storage, vaults, registries and monitoring (azure-aml 9 to 13, 21 rows 2,
//! 4, 6, 17 and 18, 22 rows 5 and 12, 26 rows 1 and 5).

use super::*;

#[test]
fn a_storage_account_has_defaults_and_a_name_of_its_own_in_the_world() {
    let cloud = Cloud::instant().with_services();
    let seen = cloud.get(&storage("stml")).body;
    assert_eq!(seen["properties"]["primaryEndpoints"]["blob"], "https://stml.blob.core.windows.net/");
    assert_eq!(seen["properties"]["networkAcls"]["defaultAction"], "Allow");
    assert_eq!(seen["properties"]["networkAcls"]["bypass"], "AzureServices");
    assert_eq!(seen["sku"], json!({ "name": "Standard_LRS", "tier": "Standard" }));
    let other = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/other");
    cloud.make(&other, json!({ "location": "eastus" }));
    let refused =
        cloud.put(&format!("{other}/providers/Microsoft.Storage/storageAccounts/stml"), storage_body());
    refused.refused(409, "StorageAccountAlreadyTaken");
    assert_eq!(refused.message(), "The storage account named stml is already taken.");
    cloud.put(&storage("St_ML"), storage_body()).refused(400, "AccountNameInvalid");
}

#[test]
fn a_name_can_be_asked_for_beforehand() {
    let cloud = Cloud::instant().with_services();
    let ask = |name: &str| {
        let url = format!(
            "https://management.azure.com/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Storage/checkNameAvailability?api-version={}",
            kinds::STORAGE_ACCOUNT.api_version
        );
        let body = json!({ "name": name, "type": "Microsoft.Storage/storageAccounts" });
        cloud.raw(Method::POST, &url, &[], body.to_string().into_bytes()).ok().body
    };
    assert_eq!(ask("stfree"), json!({ "nameAvailable": true }));
    assert_eq!(ask("stml")["reason"], "AlreadyExists");
    assert_eq!(ask("ST")["reason"], "AccountNameInvalid");
}

#[test]
fn a_patch_merges_and_the_rest_stays() {
    let cloud = Cloud::instant().with_services();
    let patched = cloud
        .patch(&storage("stml"), json!({ "properties": { "networkAcls": { "defaultAction": "Deny" } } }));
    assert_eq!(patched.status, 200);
    assert_eq!(patched.body["properties"]["networkAcls"]["defaultAction"], "Deny");
    assert_eq!(patched.body["properties"]["networkAcls"]["bypass"], "AzureServices");
    assert_eq!(patched.body["properties"]["publicNetworkAccess"], "Disabled");
    cloud
        .patch(&network("virtualNetworks/vnet"), json!({ "properties": { "flowTimeoutInMinutes": 10 } }))
        .refused(400, "PatchNotSupported");
    assert_eq!(
        cloud.patch(&network("virtualNetworks/vnet"), json!({ "tags": { "a": "b" } })).body["tags"],
        json!({ "a": "b" })
    );
}

#[test]
fn a_vault_guards_its_promises() {
    let cloud = Cloud::instant().with_services();
    let mut body = vault_body();
    body["properties"]["softDeleteRetentionInDays"] = json!(30);
    let refused = cloud.put(&vault("kv-ml"), body);
    refused.refused(400, "BadRequest");
    assert!(refused.message().contains("has been set already and it can't be modified"));
    let mut body = vault_body();
    body["properties"]["enablePurgeProtection"] = json!(true);
    cloud.make(&vault("kv-ml"), body.clone());
    body["properties"]["enablePurgeProtection"] = json!(false);
    cloud.put(&vault("kv-ml"), body).refused(400, "BadRequest");
    let seen = cloud.make(&vault("kv-ml"), vault_body());
    assert_eq!(seen["properties"]["enablePurgeProtection"], true, "what is not said does not take it back");
    assert_eq!(seen["properties"]["vaultUri"], "https://kv-ml.vault.azure.net/");
    let mut body = vault_body();
    body["properties"]["createMode"] = json!("default");
    assert!(cloud.make(&vault("kv-other"), body)["properties"]["createMode"].is_null(), "it is only sent");
}

#[test]
fn a_vault_without_a_word_uses_roles_or_policies_by_the_version() {
    let mut body = vault_body();
    body["properties"].as_object_mut().unwrap().remove("enableRbacAuthorization");
    let cloud = Cloud::instant().with_network();
    let made = cloud.make(&vault("kv-new"), body.clone());
    assert_eq!(made["properties"]["enableRbacAuthorization"], true);
    let old = Cloud::open(Settings { strict: false, ..Settings::default() }).with_network();
    body["properties"]["accessPolicies"] = json!([]);
    let url = format!("https://management.azure.com{}?api-version=2023-07-01", vault("kv-old"));
    old.raw(Method::PUT, &url, &[], body.to_string().into_bytes()).ok();
    assert_eq!(old.get(&vault("kv-old")).body["properties"]["enableRbacAuthorization"], false);
}

#[test]
fn a_closed_registry_is_a_premium_one() {
    let cloud = Cloud::instant().with_network();
    let mut body = registry_body();
    body["sku"]["name"] = json!("Basic");
    let refused = cloud.put(&registry("crml0001"), body.clone());
    refused.refused(400, "DisablingPublicNetworkAccessNotSupported");
    assert!(refused.message().contains("for the SKU Basic"));
    body["sku"]["name"] = json!("Premium");
    let made = cloud.make(&registry("crml0001"), body);
    assert_eq!(made["properties"]["loginServer"], "crml0001.azurecr.io");
    assert_eq!(made["properties"]["networkRuleBypassOptions"], "AzureServices");
    let other = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/other");
    cloud.make(&other, json!({ "location": "eastus" }));
    cloud
        .put(&format!("{other}/providers/Microsoft.ContainerRegistry/registries/CRML0001"), registry_body())
        .refused(409, "AlreadyInUse");
}

#[test]
fn insights_have_a_key_and_keep_their_workspace() {
    let cloud = Cloud::instant().with_network();
    let workspace = cloud.make(
        &logs("logs"),
        json!({ "location": "eastus", "properties": { "sku": { "name": "PerGB2018" } } }),
    );
    assert!(workspace["properties"]["customerId"].is_string());
    let mut body = insights_body();
    body["properties"]["WorkspaceResourceId"] = json!(logs("logs"));
    let made = cloud.make(&insights("appi"), body);
    let key = made["properties"]["InstrumentationKey"].as_str().unwrap();
    assert!(
        made["properties"]["ConnectionString"]
            .as_str()
            .unwrap()
            .starts_with(&format!("InstrumentationKey={key};"))
    );
    assert_eq!(made["properties"]["IngestionMode"], "LogAnalytics");
    let after = cloud.make(&insights("appi"), insights_body());
    assert_eq!(after["properties"]["WorkspaceResourceId"], json!(logs("logs")));
    assert_eq!(after["properties"]["InstrumentationKey"], made["properties"]["InstrumentationKey"]);
}

/// azure-aml 21 row 4.
#[test]
fn the_name_of_a_vault_is_one_in_the_world() {
    let cloud = Cloud::instant().with_services();
    let other = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/other");
    cloud.make(&other, json!({ "location": "eastus" }));
    cloud
        .put(&format!("{other}/providers/Microsoft.KeyVault/vaults/KV-ml"), vault_body())
        .refused(409, "VaultAlreadyExists");
}

/// azure-aml 12.2, 22 row 13.
#[test]
fn a_log_workspace_takes_one_of_its_features_only_when_told_twice() {
    let cloud = Cloud::instant().with_network();
    let name = "enableLogAccessUsingOnlyResourcePermissions";
    let mut body =
        json!({ "location": "eastus", "properties": { "sku": { "name": "PerGB2018" }, "features": {} } });
    body["properties"]["features"][name] = json!(true);
    for kept in [false, true, true] {
        assert_eq!(cloud.make(&logs("logs"), body.clone())["properties"]["features"][name], kept);
    }
}
