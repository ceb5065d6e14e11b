//! Resource groups (azure-network B.1, C.1, C.3, C.8, D.2, E.7, E.13; azure-aml 22
//! rows 16 and 19).

use super::*;

#[test]
fn a_group_is_made_at_once_and_its_region_is_normalised() {
    let cloud = Cloud::instant();
    let made = cloud.put(&rg(), json!({ "location": "East US", "tags": { "a": "b" } }));
    assert_eq!(made.status, 201);
    assert_eq!(made.body["location"], "eastus");
    assert_eq!(made.body["properties"]["provisioningState"], "Succeeded");
    assert_eq!(cloud.put(&rg(), json!({ "location": "eastus" })).status, 200);
    cloud.put(&rg(), json!({ "location": "westus" })).refused(409, "InvalidResourceGroupLocation");
}

#[test]
fn tags_are_replaced_whole() {
    let cloud = Cloud::instant();
    cloud.make(&rg(), json!({ "location": "eastus", "tags": { "a": "1", "b": "2" } }));
    let patched = cloud.patch(&rg(), json!({ "tags": { "c": "3" } }));
    assert_eq!((patched.status, &patched.body["tags"]), (200, &json!({ "c": "3" })));
    cloud.patch(&format!("{}x", rg()), json!({ "tags": {} })).refused(404, "ResourceGroupNotFound");
}

#[test]
fn a_group_goes_with_all_it_holds() {
    let cloud = Cloud::instant().with_workspace();
    cloud.make(&endpoint("pe"), endpoint_body(&storage("stml"), "blob"));
    let reply = cloud.delete(&rg());
    assert_eq!(reply.status, 202);
    assert!(reply.header("location").is_some_and(|url| url.contains("/operationresults/")));
    cloud.follow(&reply);
    assert!(cloud.simulator.list().unwrap().is_empty());
    let left = cloud.simulator.soft_deleted().unwrap();
    assert_eq!(left.len(), 2, "the vault and the workspace keep their names: {left:?}");
    cloud.delete(&rg()).refused(404, "ResourceGroupNotFound");
}

#[test]
fn what_lies_in_another_resource_and_keeps_it_goes_first() {
    let cloud = Cloud::instant().with_network();
    cloud.make(&zone("a.example"), json!({ "location": "global" }));
    cloud.make(&format!("{}/virtualNetworkLinks/l", zone("a.example")), link_body());
    cloud.unmake(&rg());
    assert!(cloud.simulator.list().unwrap().is_empty());
}

#[test]
fn nothing_is_made_in_a_group_that_is_going() {
    let cloud = Cloud::real();
    cloud.make(&rg(), json!({ "location": "eastus" }));
    cloud.delete(&rg()).ok();
    assert_eq!(cloud.get(&rg()).body["properties"]["provisioningState"], "Deleting");
    cloud.put(&storage("stml"), storage_body()).refused(409, "ResourceGroupBeingDeleted");
    cloud.put(&rg(), json!({ "location": "eastus" })).refused(409, "ResourceGroupBeingDeleted");
    assert_eq!(cloud.delete(&rg()).status, 202, "asking again is no error");
}

#[test]
fn what_another_group_uses_blocks_the_deletion() {
    let cloud = Cloud::instant().with_network();
    let other = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/other");
    cloud.make(&other, json!({ "location": "eastus" }));
    let account = format!("{other}/providers/Microsoft.Storage/storageAccounts/stother");
    cloud.make(&account, storage_body());
    let path = format!("{other}/providers/Microsoft.Network/privateEndpoints/pe");
    cloud.make(&path, endpoint_body(&account, "blob"));
    let reply = cloud.delete(&rg());
    let end = cloud.follow(&reply);
    assert_eq!(end["error"]["code"], "ResourceGroupDeletionBlocked");
    assert_eq!(end["error"]["details"][0]["target"], network("virtualNetworks/vnet"));
    assert_eq!(cloud.get(&rg()).body["properties"]["provisioningState"], "Succeeded", "it is rolled back");
    cloud.unmake(&other);
    cloud.unmake(&rg());
}

/// azure-network D.2, E.7: ARM comes back to what is still seen for a while.
#[test]
fn in_a_slow_azure_a_group_waits_for_what_is_still_seen_in_it() {
    let cloud = Cloud::real().with_network();
    cloud.make(&storage("stml"), storage_body());
    cloud.make(&zone("a.example"), json!({ "location": "global" }));
    cloud.make(&format!("{}/virtualNetworkLinks/l", zone("a.example")), link_body());
    cloud.make(&endpoint("pe"), endpoint_body(&storage("stml"), "blob"));
    let reply = cloud.delete(&rg());
    assert_eq!(reply.status, 202);
    let poll = || cloud.raw(Method::GET, reply.header("location").unwrap(), &[], Vec::new()).status;
    cloud.pass(u64::from(kinds::RESOURCE_GROUP.delete.seconds));
    assert_eq!(poll(), 202, "the interface of the endpoint is still in its subnet");
    assert_eq!(cloud.get(&rg()).body["properties"]["provisioningState"], "Deleting");
    cloud.get(&endpoint("pe")).refused(404, "ResourceNotFound");
    cloud.pass(60);
    assert_eq!(poll(), 200);
    assert!(cloud.simulator.list().unwrap().is_empty());
}
