//! Private endpoints (azure-network A3, B.12, B.14, C.3, D.2, E.3, E.7, E.10;
//! azure-aml 21 row 28, 26 row 7).

use super::*;

fn used(cloud: &Cloud) -> usize {
    cloud.get(&subnet("endpoints")).body["properties"]["ipConfigurations"].as_array().map_or(0, Vec::len)
}

#[test]
fn an_endpoint_brings_an_interface_and_an_approved_connection() {
    let cloud = Cloud::instant().with_services();
    let made = cloud.make(&endpoint("pe"), endpoint_body(&storage("stml"), "blob"));
    let nic = made["properties"]["networkInterfaces"][0]["id"].as_str().unwrap().to_owned();
    assert!(nic.starts_with(&network("networkInterfaces/pe.nic.")));
    let connection = &made["properties"]["privateLinkServiceConnections"][0]["properties"];
    assert_eq!(connection["privateLinkServiceConnectionState"]["status"], "Approved");
    assert_eq!(
        made["properties"]["customDnsConfigs"],
        json!([{ "fqdn": "stml.blob.core.windows.net", "ipAddresses": ["10.1.0.4"] }])
    );
    let interface = cloud.get(&nic).ok().body;
    assert_eq!(interface["properties"]["privateEndpoint"]["id"], endpoint("pe"));
    cloud.delete(&nic).refused(400, "CannotModifyNicAttachedToPrivateEndpoint");
    let target = cloud.get(&storage("stml")).body;
    let seen = &target["properties"]["privateEndpointConnections"][0];
    assert!(seen["name"].as_str().unwrap().starts_with("pe."));
    assert_eq!(seen["properties"]["privateEndpoint"]["id"], endpoint("pe"));
    let at = cloud.get(&subnet("endpoints")).body;
    assert_eq!(at["properties"]["privateEndpoints"], json!([{ "id": endpoint("pe") }]));
    cloud.delete(&subnet("endpoints")).refused(400, "InUseSubnetCannotBeDeleted");
    cloud.unmake(&endpoint("pe"));
    assert_eq!(cloud.get(&nic).status, 404);
    assert_eq!(cloud.get(&storage("stml")).body["properties"]["privateEndpointConnections"], json!([]));
    assert_eq!(used(&cloud), 0);
}

#[test]
fn each_member_of_a_group_has_an_address() {
    let cloud = Cloud::instant().with_workspace();
    for (name, target, group, members) in [
        ("pe1", workspace("mlw"), "amlworkspace", 3),
        ("pe2", registry("crml0001"), "registry", 2),
        ("pe3", vault("kv-ml"), "vault", 1),
    ] {
        let before = used(&cloud);
        cloud.make(&endpoint(name), endpoint_body(&target, group));
        assert_eq!(used(&cloud) - before, members, "{group}");
    }
    let names: Vec<String> = cloud.get(&endpoint("pe1")).body["properties"]["customDnsConfigs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|config| config["fqdn"].as_str().unwrap().to_owned())
        .collect();
    let id = cloud.get(&workspace("mlw")).body["properties"]["workspaceId"].as_str().unwrap().to_owned();
    assert_eq!(
        names,
        [
            format!("{id}.workspace.eastus.api.azureml.ms"),
            format!("{id}.workspace.eastus.cert.api.azureml.ms"),
            format!("ml-mlw-eastus-{id}.eastus.notebooks.azure.net"),
            format!("*.{id}.inference.eastus.api.azureml.ms"),
        ]
    );
}

#[test]
fn a_group_that_the_target_does_not_have_is_refused() {
    let cloud = Cloud::instant().with_services();
    cloud.put(&endpoint("pe"), endpoint_body(&storage("stml"), "vault")).refused(400, "BadRequest");
    let mut none = endpoint_body(&storage("stml"), "blob");
    none["properties"]["privateLinkServiceConnections"][0]["properties"]["groupIds"] = json!([]);
    let refused = cloud.put(&endpoint("pe"), none);
    assert!(refused.message().contains("missing 'group Id'"), "{refused:?}");
    let mut two = endpoint_body(&storage("stml"), "blob");
    two["properties"]["privateLinkServiceConnections"][0]["properties"]["groupIds"] = json!(["blob", "file"]);
    cloud.put(&endpoint("pe"), two).refused(400, "BadRequest");
    let odd = cloud.put(&endpoint("pe"), endpoint_body(&network("virtualNetworks/vnet"), "blob"));
    assert!(odd.message().contains("Invalid private link service id"), "{odd:?}");
    cloud
        .put(&endpoint("pe"), endpoint_body(&storage("none"), "blob"))
        .refused(400, "InvalidResourceReference");
}

#[test]
fn an_endpoint_lies_in_the_region_of_its_network() {
    let cloud = Cloud::instant().with_services();
    let mut body = endpoint_body(&storage("stml"), "blob");
    body["location"] = json!("westus");
    cloud.put(&endpoint("pe"), body).refused(400, "InvalidResourceReference");
}

#[test]
fn a_subnet_without_an_address_left_is_full() {
    let cloud = Cloud::instant().with_services();
    cloud.make(&subnet("small"), json!({ "properties": { "addressPrefix": "10.1.8.0/29" } }));
    let body = |group: &str| {
        let mut body = endpoint_body(&storage("stml"), group);
        body["properties"]["subnet"]["id"] = json!(subnet("small"));
        body
    };
    for (name, group) in [("a", "blob"), ("b", "file"), ("c", "queue")] {
        cloud.make(&endpoint(&format!("pe-{name}")), body(group));
    }
    cloud.put(&endpoint("pe-d"), body("table")).refused(400, "SubnetIsFull");
    cloud.unmake(&endpoint("pe-a"));
    cloud.make(&endpoint("pe-d"), body("table"));
}

#[test]
fn a_chosen_name_and_address_are_used() {
    let cloud = Cloud::instant().with_services();
    let mut body = endpoint_body(&storage("stml"), "blob");
    body["properties"]["customNetworkInterfaceName"] = json!("nic-pe");
    body["properties"]["ipConfigurations"] = json!([{ "name": "ip", "properties": {
        "groupId": "blob", "memberName": "blob", "privateIPAddress": "10.1.0.20" } }]);
    cloud.make(&endpoint("pe"), body);
    let nic = cloud.get(&network("networkInterfaces/nic-pe")).ok().body;
    assert_eq!(nic["properties"]["ipConfigurations"][0]["properties"]["privateIPAddress"], "10.1.0.20");
}

#[test]
fn what_an_endpoint_is_for_cannot_be_changed() {
    let cloud = Cloud::instant().with_services();
    cloud.make(&endpoint("pe"), endpoint_body(&storage("stml"), "blob"));
    cloud
        .put(&endpoint("pe"), endpoint_body(&storage("stml"), "file"))
        .refused(409, "PropertyChangeNotAllowed");
    let mut tagged =
        endpoint_body(&storage("stml").to_uppercase().replace("/SUBSCRIPTIONS", "/subscriptions"), "blob");
    tagged["tags"] = json!({ "a": "b" });
    cloud.make(&endpoint("pe"), tagged);
}

#[test]
fn an_endpoint_whose_target_is_gone_is_disconnected() {
    let cloud = Cloud::instant().with_services();
    cloud.make(&endpoint("pe"), endpoint_body(&storage("stml"), "blob"));
    cloud.unmake(&storage("stml"));
    let seen = cloud.get(&endpoint("pe")).body;
    let state = &seen["properties"]["privateLinkServiceConnections"][0]["properties"]["privateLinkServiceConnectionState"];
    assert_eq!(state["status"], "Disconnected");
    cloud.unmake(&endpoint("pe"));
}

#[test]
fn a_manual_connection_waits_for_the_target_s_owner() {
    let cloud = Cloud::instant().with_workspace();
    let mut body = endpoint_body(&workspace("mlw"), "amlworkspace");
    let list = body["properties"].as_object_mut().unwrap().remove("privateLinkServiceConnections").unwrap();
    body["properties"]["manualPrivateLinkServiceConnections"] = list;
    let made = cloud.make(&endpoint("pe"), body);
    let state = |seen: &Value| {
        seen["properties"]["manualPrivateLinkServiceConnections"][0]["properties"]["privateLinkServiceConnectionState"]["status"]
            .clone()
    };
    assert_eq!(state(&made), "Pending");
    let id = cloud.get(&workspace("mlw")).body["properties"]["privateEndpointConnections"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let approval = json!({ "properties": { "privateLinkServiceConnectionState": { "status": "Approved", "description": "ok" } } });
    cloud.put(&format!("{id}x"), approval.clone()).refused(404, "ResourceNotFound");
    cloud.put(&id, approval).ok();
    assert_eq!(state(&cloud.get(&endpoint("pe")).body), "Approved");
}

#[test]
fn in_a_slow_azure_the_interface_is_still_seen_for_a_while() {
    let cloud = Cloud::real().with_network();
    cloud.make(&storage("stml"), storage_body());
    cloud.make(&endpoint("pe"), endpoint_body(&storage("stml"), "blob"));
    let reply = cloud.delete(&endpoint("pe"));
    cloud.follow(&reply);
    cloud.delete(&subnet("endpoints")).refused(400, "InUseSubnetCannotBeDeleted");
    cloud.pass(60);
    cloud.unmake(&subnet("endpoints"));
}
