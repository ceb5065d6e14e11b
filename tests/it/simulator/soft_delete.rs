//! Names that outlive their resources (azure-aml 3.9, 10.5, 12.2, 21 rows 3, 5 and
//! 7, 22 row 19, 26 row 4; azure-network C.10).

use super::*;

const DAY: u64 = 24 * 60 * 60;

fn deleted_vault(name: &str, tail: &str) -> String {
    format!(
        "https://management.azure.com/subscriptions/{SUBSCRIPTION}/providers/Microsoft.KeyVault/locations/eastus/deletedVaults/{name}{tail}?api-version={}",
        kinds::KEY_VAULT.api_version
    )
}

#[test]
fn a_deleted_vault_keeps_its_name_until_it_is_purged() {
    let cloud = Cloud::instant().with_services();
    cloud.raw(Method::GET, &deleted_vault("kv-ml", ""), &[], Vec::new()).refused(404, "DeletedVaultNotFound");
    assert_eq!(cloud.delete(&vault("kv-ml")).status, 200);
    let seen = cloud.raw(Method::GET, &deleted_vault("kv-ml", ""), &[], Vec::new()).ok().body;
    assert_eq!(seen["properties"]["vaultId"], vault("kv-ml"));
    assert_eq!(seen["type"], "Microsoft.KeyVault/deletedVaults");
    let refused = cloud.put(&vault("kv-ml"), vault_body());
    refused.refused(409, "ConflictError");
    assert_eq!(refused.message(), "Exist soft deleted vault with the same name. ");
    let reply = cloud.raw(Method::POST, &deleted_vault("kv-ml", "/purge"), &[], Vec::new());
    assert_eq!(reply.status, 202);
    cloud.follow(&reply);
    assert!(cloud.simulator.soft_deleted().unwrap().is_empty());
    cloud.make(&vault("kv-ml"), vault_body());
}

#[test]
fn a_vault_is_recovered_as_it_was() {
    let cloud = Cloud::instant().with_services();
    let mut body = vault_body();
    body["properties"]["createMode"] = json!("recover");
    cloud.put(&vault("kv-none"), body.clone()).refused(404, "DeletedVaultNotFound");
    cloud.patch(&vault("kv-ml"), json!({ "tags": { "old": "yes" } })).ok();
    cloud.delete(&vault("kv-ml")).ok();
    let made = cloud.make(&vault("kv-ml"), body);
    assert_eq!(made["tags"], json!({ "old": "yes" }));
    assert!(cloud.simulator.soft_deleted().unwrap().is_empty());
}

#[test]
fn a_protected_vault_cannot_be_purged_and_goes_when_its_time_is_over() {
    let cloud = Cloud::instant().with_network();
    let mut body = vault_body();
    body["properties"]["enablePurgeProtection"] = json!(true);
    cloud.make(&vault("kv-ml"), body);
    cloud.delete(&vault("kv-ml")).ok();
    let refused = cloud.raw(Method::POST, &deleted_vault("kv-ml", "/purge"), &[], Vec::new());
    assert_eq!(refused.status, 400, "{refused:?}");
    cloud.pass(8 * DAY);
    cloud.make(&vault("kv-ml"), vault_body());
}

#[test]
fn a_deleted_workspace_blocks_its_name_unless_it_is_purged() {
    let cloud =
        Cloud::behaving(Behaviour { workspace_recover: false, ..Behaviour::default() }).with_workspace();
    cloud.unmake(&workspace("mlw"));
    let refused = cloud.put(&workspace("mlw"), workspace_body());
    refused.refused(400, "BadRequest");
    assert!(refused.message().starts_with("Soft-deleted workspace exists. Please purge or recover it."));
    let purge = cloud.delete(&format!("{}?forceToPurge=true", workspace("mlw")));
    assert_eq!(purge.status, 202);
    cloud.follow(&purge);
    cloud.make(&workspace("mlw"), workspace_body());
    cloud.unmake(&format!("{}?forceToPurge=true", workspace("mlw")));
    assert!(cloud.simulator.soft_deleted().unwrap().is_empty());
}

#[test]
fn a_workspace_over_its_own_dependencies_comes_back_as_the_old_one() {
    let cloud = Cloud::instant().with_workspace();
    let id = cloud.get(&workspace("mlw")).body["properties"]["workspaceId"].clone();
    cloud.unmake(&workspace("mlw"));
    assert_eq!(cloud.make(&workspace("mlw"), workspace_body())["properties"]["workspaceId"], id);
    cloud.unmake(&workspace("mlw"));
    cloud.make(&insights("appi2"), insights_body());
    let mut other = workspace_body();
    other["properties"]["applicationInsights"] = json!(insights("appi2"));
    cloud.put(&workspace("mlw"), other).refused(400, "BadRequest");
    cloud.pass(15 * DAY);
    assert_ne!(cloud.make(&workspace("mlw"), workspace_body())["properties"]["workspaceId"], id);
}

#[test]
fn a_log_workspace_made_again_is_the_old_one_unless_it_was_forced_away() {
    let cloud = Cloud::instant().with_network();
    let body = json!({ "location": "eastus", "properties": { "sku": { "name": "PerGB2018" } } });
    let id = cloud.make(&logs("logs"), body.clone())["properties"]["customerId"].clone();
    cloud.unmake(&logs("logs"));
    assert_eq!(cloud.simulator.soft_deleted().unwrap(), [logs("logs")]);
    assert_eq!(cloud.make(&logs("logs"), body.clone())["properties"]["customerId"], id);
    cloud.unmake(&format!("{}?force=true", logs("logs")));
    assert!(cloud.simulator.soft_deleted().unwrap().is_empty());
    assert_ne!(cloud.make(&logs("logs"), body)["properties"]["customerId"], id);
}

/// azure-aml 21 row 19: only where it was is a deleted workspace brought back.
#[test]
fn the_name_of_a_deleted_log_workspace_is_taken_elsewhere() {
    let cloud =
        Cloud::behaving(Behaviour { deleted_log_names_taken: true, ..Behaviour::default() }).with_network();
    let body =
        |location: &str| json!({ "location": location, "properties": { "sku": { "name": "PerGB2018" } } });
    cloud.make(&logs("logs"), body("eastus"));
    cloud.unmake(&logs("logs"));
    let refused = cloud.put(&logs("logs"), body("westeurope"));
    refused.refused(409, "Conflict");
    assert_eq!(refused.message(), "The workspace name 'logs' is not unique");
    assert_eq!(refused.body["error"]["target"], "name");
    cloud.make(&logs("logs"), body("eastus"));
    cloud.unmake(&format!("{}?force=true", logs("logs")));
    cloud.make(&logs("logs"), body("westeurope"));
}
