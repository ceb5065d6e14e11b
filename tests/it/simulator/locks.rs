//! Management locks and what they forbid (azure-network B.20, C.3, C.10;
//! azure-aml 21 row 26).

use super::*;

fn lock(scope: &str, name: &str) -> String {
    format!("{scope}/providers/Microsoft.Authorization/locks/{name}")
}

fn level(level: &str) -> Value {
    json!({ "properties": { "level": level, "notes": "kept" } })
}

fn subscription() -> String {
    format!("/subscriptions/{SUBSCRIPTION}")
}

#[test]
fn a_lock_is_made_read_listed_and_deleted_at_any_scope() {
    let cloud = Cloud::instant().with_services();
    for scope in [subscription(), rg(), storage("stml")] {
        let path = lock(&scope, "keep");
        assert_eq!(cloud.put(&path, level("CanNotDelete")).status, 201);
        assert_eq!(cloud.put(&path, level("CanNotDelete")).status, 200);
        let seen = cloud.get(&path).ok().body;
        assert_eq!((&seen["id"], &seen["properties"]["level"]), (&json!(path), &json!("CanNotDelete")));
    }
    let list = |scope: &str| cloud.get(&format!("{scope}/providers/Microsoft.Authorization/locks")).ok().body;
    let count = |scope: &str| list(scope)["value"].as_array().unwrap().len();
    assert_eq!((count(&subscription()), count(&rg()), count(&storage("stml"))), (3, 2, 1));
    let here = cloud.names(&format!("{}/providers/Microsoft.Authorization/locks?$filter=atScope()", rg()));
    assert_eq!(here.len(), 1);
    for scope in [storage("stml"), rg(), subscription()] {
        cloud.unmake(&lock(&scope, "keep"));
    }
    cloud.put(&lock(&rg(), "keep"), level("Soft")).refused(400, "InvalidParameter");
    cloud.put(&lock(&rg(), "keep"), json!({ "properties": {} })).refused(400, "InvalidParameter");
    let long = json!({ "properties": { "level": "ReadOnly", "notes": "x".repeat(513) } });
    cloud.put(&lock(&rg(), "keep"), long).refused(400, "InvalidLockNotes");
    cloud.put(&lock(&storage("none"), "keep"), level("ReadOnly")).refused(404, "ParentResourceNotFound");
}

#[test]
fn nothing_in_a_locked_scope_is_deleted() {
    let cloud = Cloud::instant().with_services();
    for scope in [subscription(), rg(), storage("stml")] {
        cloud.make(&lock(&scope, "keep"), level("CanNotDelete"));
        let refused = cloud.delete(&storage("stml"));
        assert_eq!(
            refused.refused(409, "ScopeLocked").message(),
            format!(
                "The scope '{}' cannot perform delete operation because following scope(s) are locked: '{scope}'. \
                 Please remove the lock and try again.",
                storage("stml")
            )
        );
        assert_eq!(cloud.put(&storage("stml"), storage_body()).status, 200, "it may be changed");
        let container = format!("{}/blobServices/default/containers/data", storage("stml"));
        cloud.make(&container, json!({}));
        cloud.delete(&container).refused(409, "ScopeLocked");
        cloud.unmake(&lock(&scope, "keep"));
        cloud.unmake(&container);
    }
    cloud.unmake(&storage("stml"));
}

#[test]
fn an_unlocked_neighbour_is_deleted_all_the_same() {
    let cloud = Cloud::instant().with_services();
    cloud.make(&lock(&storage("stml"), "keep"), level("ReadOnly"));
    cloud.make(&storage("stml2"), storage_body());
    cloud.unmake(&storage("stml2"));
    cloud.delete(&storage("stml")).refused(409, "ScopeLocked");
}

#[test]
fn a_locked_resource_keeps_its_group_and_its_parent() {
    let cloud = Cloud::instant().with_services();
    cloud.make(&lock(&subnet("training"), "keep"), level("CanNotDelete"));
    cloud.delete(&network("virtualNetworks/vnet")).refused(409, "ScopeLocked");
    let refused = cloud.delete(&rg());
    assert!(refused.refused(409, "ScopeLocked").message().contains(&subnet("training")));
    assert_eq!(cloud.get(&storage("stml")).status, 200, "nothing of it went");
    cloud.unmake(&lock(&subnet("training"), "keep"));
    cloud.unmake(&rg());
}

#[test]
fn nothing_under_a_read_only_lock_is_written_or_acted_on() {
    let cloud = Cloud::instant().with_services();
    cloud.make(&lock(&rg(), "frozen"), level("ReadOnly"));
    assert_eq!(cloud.get(&storage("stml")).status, 200);
    let refused = cloud.put(&storage("stml"), storage_body());
    assert!(refused.refused(409, "ScopeLocked").message().contains("cannot perform write operation"));
    cloud.patch(&storage("stml"), json!({ "tags": {} })).refused(409, "ScopeLocked");
    cloud.post(&format!("{}/listKeys", storage("stml")), Value::Null).refused(409, "ScopeLocked");
    cloud.put(&storage("stnew"), storage_body()).refused(409, "ScopeLocked");
    cloud.put(&rg(), json!({ "location": "eastus" })).refused(409, "ScopeLocked");
    cloud.put(&format!("{}/currentbillingfeatures", insights("appi")), json!({})).refused(409, "ScopeLocked");
    cloud
        .put(
            &format!("{}/providers/Microsoft.Resources/tags/default", rg()),
            json!({ "properties": { "tags": {} } }),
        )
        .refused(409, "ScopeLocked");
    let other = format!("{}/resourceGroups/other", subscription());
    cloud.make(&other, json!({ "location": "eastus" }));
    cloud.make(&lock(&rg(), "also"), level("CanNotDelete"));
    cloud.unmake(&lock(&rg(), "also"));
    cloud.unmake(&lock(&rg(), "frozen"));
    cloud.patch(&storage("stml"), json!({ "tags": {} })).ok();
}

#[test]
fn role_assignments_and_settings_of_a_locked_scope_stay() {
    let cloud = Cloud::instant().with_services();
    let made = cloud.make(&identity("id-ml"), json!({ "location": "eastus" }));
    let assignment = format!(
        "{}/providers/Microsoft.Authorization/roleAssignments/11111111-1111-4111-8111-111111111111",
        storage("stml")
    );
    let role = format!(
        "{}/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7",
        subscription()
    );
    let body = json!({ "properties": { "roleDefinitionId": role, "principalId": made["properties"]["principalId"] } });
    cloud.make(&assignment, body);
    cloud.make(&lock(&rg(), "keep"), level("CanNotDelete"));
    cloud.delete(&assignment).refused(409, "ScopeLocked");
    cloud.unmake(&lock(&rg(), "keep"));
    assert_eq!(cloud.delete(&assignment).status, 200);
}

#[test]
fn a_subscription_s_lock_leaves_its_services_to_be_asked() {
    let cloud = Cloud::instant().with_network();
    cloud.make(&lock(&subscription(), "frozen"), level("ReadOnly"));
    let ask = json!({ "name": "stfree", "type": "Microsoft.Storage/storageAccounts" });
    let path = format!("{}/providers/Microsoft.Storage/checkNameAvailability", subscription());
    assert_eq!(cloud.post(&path, ask).ok().body["nameAvailable"], true);
    cloud.put(&storage("stfree"), storage_body()).refused(409, "ScopeLocked");
    cloud.unmake(&lock(&subscription(), "frozen"));
}
