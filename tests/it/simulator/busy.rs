//! One writer at a time (azure-network B.2, B.3, B.14, C.3, E.5, E.6; azure-aml 9.3,
//! 21 rows 23 and 24, 26 row 7).

use super::*;

#[test]
fn a_second_writer_of_a_network_is_told_to_wait() {
    let cloud = Cloud::real().with_network();
    let first = cloud.put(&subnet("a"), json!({ "properties": { "addressPrefix": "10.1.10.0/24" } })).ok();
    assert_eq!(
        cloud.get(&network("virtualNetworks/vnet")).body["properties"]["provisioningState"],
        "Updating"
    );
    let second = cloud.put(&subnet("b"), json!({ "properties": { "addressPrefix": "10.1.11.0/24" } }));
    second.refused(409, "AnotherOperationInProgress");
    assert!(
        second.message().contains(first.header("azure-asyncoperation").unwrap()),
        "it says where to look"
    );
    cloud.delete(&subnet("training")).refused(409, "AnotherOperationInProgress");
    cloud
        .put(
            &network("virtualNetworks/vnet"),
            json!({ "location": "eastus", "tags": {},
        "properties": { "addressSpace": { "addressPrefixes": ["10.1.0.0/16"] } } }),
        )
        .refused(409, "AnotherOperationInProgress");
    cloud.follow(&first);
    cloud.make(&subnet("b"), json!({ "properties": { "addressPrefix": "10.1.11.0/24" } }));
}

#[test]
fn an_endpoint_beside_a_subnet_write_fails_in_its_operation_and_can_be_put_again() {
    let cloud = Cloud::real().with_network();
    cloud.make(&storage("stml"), storage_body());
    cloud.put(&subnet("a"), json!({ "properties": { "addressPrefix": "10.1.10.0/24" } })).ok();
    let reply = cloud.put(&endpoint("pe"), endpoint_body(&storage("stml"), "blob"));
    assert_eq!(reply.status, 201);
    let end = cloud.follow(&reply);
    assert_eq!((&end["status"], &end["error"]["code"]), (&json!("Failed"), &json!("RetryableError")));
    assert_eq!(end["error"]["details"][0]["code"], "ReferencedResourceNotProvisioned");
    assert_eq!(cloud.get(&endpoint("pe")).body["properties"]["provisioningState"], "Failed");
    cloud.make(&endpoint("pe"), endpoint_body(&storage("stml"), "blob"));
}

#[test]
fn two_endpoints_of_one_target_at_once_collide() {
    let cloud = Cloud::real().with_services();
    for (target, groups, code) in [
        (storage("stml"), ["blob", "file"], "StorageAccountOperationInProgress"),
        (vault("kv-ml"), ["vault", "vault"], "ConflictError"),
        (registry("crml0001"), ["registry", "registry"], "RetryableError"),
    ] {
        let name = target.rsplit('/').next().unwrap().to_owned();
        let first = cloud.put(&endpoint(&format!("pe1-{name}")), endpoint_body(&target, groups[0])).ok();
        let second = cloud.put(&endpoint(&format!("pe2-{name}")), endpoint_body(&target, groups[1])).ok();
        assert_eq!(cloud.follow(&second)["error"]["code"], code);
        assert_eq!(cloud.follow(&first)["status"], "Succeeded");
    }
}

#[test]
fn endpoints_of_different_targets_share_a_network() {
    let cloud = Cloud::real().with_services();
    let first = cloud.put(&endpoint("pe1"), endpoint_body(&storage("stml"), "blob")).ok();
    let second = cloud.put(&endpoint("pe2"), endpoint_body(&vault("kv-ml"), "vault")).ok();
    cloud
        .put(&subnet("a"), json!({ "properties": { "addressPrefix": "10.1.10.0/24" } }))
        .refused(409, "AnotherOperationInProgress");
    assert_eq!(cloud.follow(&first)["status"], "Succeeded");
    assert_eq!(cloud.follow(&second)["status"], "Succeeded");
}

#[test]
fn what_is_still_being_made_cannot_be_built_on() {
    let cloud = Cloud::real().with_network();
    let group = network("networkSecurityGroups/nsg");
    cloud.put(&group, json!({ "location": "eastus" })).ok();
    let refused = cloud.put(
        &subnet("a"),
        json!({ "properties": { "addressPrefix": "10.1.10.0/24", "networkSecurityGroup": { "id": group } } }),
    );
    refused.refused(429, "RetryableError");
    assert_eq!(refused.body["error"]["details"][0]["code"], "ReferencedResourceNotProvisioned");
    assert!(refused.header("retry-after").is_some());
}

#[test]
fn nothing_is_busy_where_everything_is_over_at_once() {
    let cloud = Cloud::instant().with_services();
    for (name, group) in [("pe1", "blob"), ("pe2", "file")] {
        cloud.put(&endpoint(name), endpoint_body(&storage("stml"), group)).ok();
    }
    cloud.put(&subnet("a"), json!({ "properties": { "addressPrefix": "10.1.10.0/24" } })).ok();
    for name in ["pe1", "pe2"] {
        assert_eq!(cloud.get(&endpoint(name)).body["properties"]["provisioningState"], "Succeeded");
    }
}

/// azure-network C.3, `OperationPreempted`; B.23.
#[test]
fn a_later_write_of_a_machine_goes_before_the_earlier_one() {
    let cloud = Cloud::real().with_network();
    let nic = network("networkInterfaces/nic");
    cloud.make(
        &nic,
        json!({ "location": "eastus", "properties": { "ipConfigurations": [{
            "name": "ip", "properties": { "subnet": { "id": subnet("training") } } }] } }),
    );
    let path = format!("{}/providers/Microsoft.Compute/virtualMachines/vm", rg());
    let mut body = super::machines::machine_body(&["nic"]);
    let first = cloud.put(&path, body.clone()).ok();
    body["tags"] = json!({ "a": "b" });
    let second = cloud.put(&path, body).ok();
    let end = cloud.follow(&first);
    assert_eq!((&end["status"], &end["error"]["code"]), (&json!("Failed"), &json!("OperationPreempted")));
    assert_eq!(cloud.get(&path).body["properties"]["provisioningState"], "Updating");
    assert_eq!(cloud.follow(&second)["status"], "Succeeded");
    assert_eq!(cloud.get(&path).body["tags"]["a"], "b");
    // Other services let nobody in.
    let first = cloud.put(&subnet("a"), json!({ "properties": { "addressPrefix": "10.1.10.0/24" } })).ok();
    let changed = json!({ "properties": { "addressPrefix": "10.1.11.0/24" } });
    cloud.put(&subnet("a"), changed).refused(409, "AnotherOperationInProgress");
    assert_eq!(cloud.follow(&first)["status"], "Succeeded");
}
