//! Networks, subnets and what protects them (azure-network B.2 to B.7,
//! B.12, C.3, D.2, E.3, E.7, E.17, E.18; azure-aml 21 row 25).

use super::*;

fn prefix(range: &str) -> Value {
    json!({ "properties": { "addressPrefix": range } })
}

fn interface_body(name: &str) -> Value {
    json!({ "location": "eastus", "properties": { "ipConfigurations": [{
        "name": name, "properties": { "subnet": { "id": subnet("training") } } }] } })
}

#[test]
fn a_network_carries_its_subnets_and_each_is_a_resource() {
    let cloud = Cloud::instant().with_network();
    let whole = cloud.get(&network("virtualNetworks/vnet")).body;
    let child = cloud.get(&subnet("training")).body;
    assert_eq!(whole["properties"]["subnets"][1], child);
    assert_eq!(whole["properties"]["dhcpOptions"]["dnsServers"], json!([]));
    assert_eq!(whole["properties"]["virtualNetworkPeerings"], json!([]));
    assert!(whole["properties"]["resourceGuid"].is_string());
    cloud.make(&subnet("more"), prefix("10.1.2.0/24"));
    let names: Vec<Value> = cloud.get(&network("virtualNetworks/vnet")).body["properties"]["subnets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["name"].clone())
        .collect();
    assert_eq!(names, ["endpoints", "training", "more"]);
}

#[test]
fn a_put_that_says_nothing_of_subnets_keeps_them_and_one_that_lists_them_is_the_list() {
    let cloud = Cloud::instant().with_network();
    let path = network("virtualNetworks/vnet");
    let mut body = network_body();
    body["properties"].as_object_mut().unwrap().remove("subnets");
    cloud.make(&path, body.clone());
    assert_eq!(cloud.get(&path).body["properties"]["subnets"].as_array().unwrap().len(), 2);
    body["properties"]["subnets"] =
        json!([{ "name": "endpoints", "properties": { "addressPrefix": "10.1.0.0/26" } }]);
    cloud.make(&path, body);
    assert_eq!(cloud.get(&subnet("training")).status, 404);
}

#[test]
fn a_subnet_write_changes_the_etag_of_its_network() {
    let cloud = Cloud::instant().with_network();
    let path = network("virtualNetworks/vnet");
    let etag = cloud.get(&path).header("etag").unwrap().to_owned();
    cloud.make(&subnet("more"), prefix("10.1.2.0/24"));
    cloud
        .send(Method::PUT, &path, &[("if-match", &etag)], &network_body())
        .refused(412, "PreconditionFailed");
}

#[test]
fn ranges_lie_in_the_address_space_and_apart() {
    let cloud = Cloud::instant().with_network();
    cloud.put(&subnet("x"), prefix("10.2.0.0/24")).refused(400, "NetcfgSubnetRangeOutsideVnet");
    cloud.put(&subnet("x"), prefix("10.1.1.128/25")).refused(400, "NetcfgSubnetRangesOverlap");
    cloud.put(&subnet("x"), prefix("10.1.2.0/30")).refused(400, "NetcfgInvalidSubnet");
    cloud.put(&subnet("x"), prefix("10.0.0.0/7")).refused(400, "NetcfgInvalidSubnet");
    cloud.put(&subnet("x"), prefix("10.1.2.1/24")).refused(400, "InvalidAddressPrefixFormat");
    let mut body = network_body();
    body["properties"]["addressSpace"]["addressPrefixes"] = json!(["10.9.0.0/16"]);
    cloud.put(&network("virtualNetworks/vnet"), body.clone()).refused(400, "NetcfgSubnetRangeOutsideVnet");
    body["properties"]["addressSpace"]["addressPrefixes"] = json!(["169.254.0.0/16"]);
    cloud.put(&network("virtualNetworks/other"), body.clone()).refused(400, "InvalidAddressPrefix");
    body["properties"]["addressSpace"]["addressPrefixes"] = json!([]);
    cloud.put(&network("virtualNetworks/other"), body).refused(400, "InvalidRequestFormat");
}

#[test]
fn a_subnet_in_use_stays_and_keeps_its_addresses() {
    let cloud = Cloud::instant().with_network();
    cloud.make(&network("networkInterfaces/nic"), interface_body("ip"));
    let held = format!("{}/ipConfigurations/ip", network("networkInterfaces/nic"));
    let refused = cloud.delete(&subnet("training"));
    refused.refused(400, "InUseSubnetCannotBeDeleted");
    assert!(
        refused.message().starts_with(&format!("Subnet training is in use by {held} and cannot be deleted."))
    );
    cloud.delete(&network("virtualNetworks/vnet")).refused(400, "InUseSubnetCannotBeDeleted");
    let mut body = network_body();
    body["properties"]["subnets"].as_array_mut().unwrap().truncate(1);
    cloud.put(&network("virtualNetworks/vnet"), body).refused(400, "InUseSubnetCannotBeDeleted");
    cloud.put(&subnet("training"), prefix("10.1.4.0/24")).refused(400, "InUseSubnetCannotBeUpdated");
    assert_eq!(
        cloud.get(&subnet("training")).body["properties"]["ipConfigurations"],
        json!([{ "id": held }])
    );
    cloud.unmake(&network("networkInterfaces/nic"));
    cloud.make(&subnet("training"), prefix("10.1.4.0/24"));
    cloud.unmake(&subnet("training"));
}

/// azure-network C.3, `InUsePrefixCannotBeDeleted`: one of several prefixes goes.
#[test]
fn a_prefix_in_use_stays_beside_others() {
    let cloud = Cloud::instant().with_network();
    let several = |prefixes: &[&str]| json!({ "properties": { "addressPrefixes": prefixes } });
    cloud.make(&subnet("training"), several(&["10.1.1.0/24", "10.1.4.0/24"]));
    cloud.make(&network("networkInterfaces/nic"), interface_body("ip"));
    let refused = cloud.put(&subnet("training"), several(&["10.1.4.0/24"]));
    refused.refused(400, "InUsePrefixCannotBeDeleted");
    assert!(refused.message().contains("10.1.1.0/24"), "{refused:?}");
    cloud.put(&subnet("training"), several(&["10.1.5.0/24"])).refused(400, "InUseSubnetCannotBeUpdated");
    cloud.make(&subnet("training"), several(&["10.1.1.0/24"]));
}

#[test]
fn a_refused_write_leaves_nothing_behind() {
    let cloud = Cloud::instant().with_network();
    let mut body = network_body();
    body["properties"]["subnets"][0]["properties"]["networkSecurityGroup"] =
        json!({ "id": network("networkSecurityGroups/none") });
    body["properties"]["subnets"]
        .as_array_mut()
        .unwrap()
        .push(json!({ "name": "new", "properties": { "addressPrefix": "10.1.9.0/24" } }));
    let before = cloud.get(&network("virtualNetworks/vnet")).body;
    cloud.put(&network("virtualNetworks/vnet"), body).refused(400, "InvalidResourceReference");
    assert_eq!(cloud.get(&network("virtualNetworks/vnet")).body, before);
}

#[test]
fn five_addresses_of_a_subnet_are_azures() {
    let cloud = Cloud::instant().with_network();
    cloud.make(&subnet("small"), prefix("10.1.8.0/29"));
    let body = |address: Option<&str>| {
        let mut body = interface_body("ip");
        let properties = &mut body["properties"]["ipConfigurations"][0]["properties"];
        properties["subnet"]["id"] = json!(subnet("small"));
        if let Some(address) = address {
            properties["privateIPAllocationMethod"] = json!("Static");
            properties["privateIPAddress"] = json!(address);
        }
        body
    };
    let nic = |n: u8| network(&format!("networkInterfaces/nic{n}"));
    let first = cloud.make(&nic(1), body(None));
    assert_eq!(first["properties"]["ipConfigurations"][0]["properties"]["privateIPAddress"], "10.1.8.4");
    cloud.put(&nic(2), body(Some("10.1.8.3"))).refused(400, "PrivateIPAddressInReservedRange");
    cloud.put(&nic(2), body(Some("10.1.8.4"))).refused(400, "PrivateIPAddressIsAllocated");
    cloud.put(&nic(2), body(Some("10.1.9.4"))).refused(400, "PrivateIPAddressNotInSubnet");
    cloud.make(&nic(2), body(Some("10.1.8.6")));
    cloud.make(&nic(3), body(None));
    cloud.put(&nic(4), body(None)).refused(400, "SubnetIsFull");
}

#[test]
fn a_detached_security_group_can_go() {
    let cloud = Cloud::instant().with_network();
    let group = network("networkSecurityGroups/nsg");
    let made = cloud.make(&group, json!({ "location": "eastus" }));
    assert_eq!(made["properties"]["defaultSecurityRules"].as_array().unwrap().len(), 6);
    let mut body = prefix("10.1.1.0/24");
    body["properties"]["networkSecurityGroup"] = json!({ "id": group });
    cloud.make(&subnet("training"), body);
    assert_eq!(cloud.get(&group).body["properties"]["subnets"], json!([{ "id": subnet("training") }]));
    let refused = cloud.delete(&group);
    refused.refused(400, "InUseNetworkSecurityGroupCannotBeDeleted");
    assert!(refused.message().contains(&subnet("training")));
    // A PUT replaces the subnet whole: what it leaves out is detached.
    cloud.make(&subnet("training"), prefix("10.1.1.0/24"));
    cloud.unmake(&group);
}

#[test]
fn two_rules_cannot_share_priority_and_direction() {
    let cloud = Cloud::instant().with_network();
    let rule = |name: &str, direction: &str| {
        json!({ "name": name, "properties": {
            "priority": 100, "direction": direction, "access": "allow", "protocol": "TCP",
            "sourceAddressPrefix": "*", "sourcePortRange": "*", "destinationAddressPrefix": "*", "destinationPortRange": "443" } })
    };
    let body = |rules: Value| json!({ "location": "eastus", "properties": { "securityRules": rules } });
    let path = network("networkSecurityGroups/nsg");
    let refused = cloud.put(&path, body(json!([rule("a", "Inbound"), rule("b", "Inbound")])));
    refused.refused(400, "SecurityRuleConflict");
    assert!(refused.message().starts_with("Security rule b conflicts with rule a."));
    let made = cloud.make(&path, body(json!([rule("a", "Inbound"), rule("b", "Outbound")])));
    assert_eq!(
        made["properties"]["securityRules"][0]["properties"]["protocol"], "Tcp",
        "words come back in Azure's casing"
    );
    let mut both = rule("a", "Inbound");
    both["properties"]["destinationPortRanges"] = json!(["80"]);
    cloud.put(&path, body(json!([both]))).refused(400, "SecurityRuleParameterContainsUnsupportedValue");
}

#[test]
fn an_address_and_a_gateway_in_use_cannot_go() {
    let cloud = Cloud::instant().with_network();
    let address = network("publicIPAddresses/pip");
    let gateway = network("natGateways/nat");
    let body = |method: &str| json!({ "location": "eastus", "sku": { "name": "Standard" }, "properties": { "publicIPAllocationMethod": method } });
    cloud.put(&address, body("Dynamic")).refused(400, "PublicIPAndSkuAllocationMethodMismatch");
    let made = cloud.make(&address, body("Static"));
    assert!(made["properties"]["ipAddress"].is_string());
    cloud.make(&gateway, json!({ "location": "eastus", "sku": { "name": "Standard" }, "properties": { "publicIpAddresses": [{ "id": address }] } }));
    cloud.delete(&address).refused(400, "PublicIPAddressCannotBeDeleted");
    let mut attached = prefix("10.1.1.0/24");
    attached["properties"]["natGateway"] = json!({ "id": gateway });
    cloud.make(&subnet("training"), attached);
    cloud.delete(&gateway).refused(400, "InUseNatGatewayCannotBeDeleted");
    assert_eq!(cloud.get(&gateway).body["properties"]["subnets"], json!([{ "id": subnet("training") }]));
    cloud.make(&subnet("training"), prefix("10.1.1.0/24"));
    cloud.unmake(&gateway);
    cloud.unmake(&address);
}

#[test]
fn an_address_has_one_user_and_a_sku_that_is_still_sold() {
    let cloud = Cloud::instant().with_network();
    let address = network("publicIPAddresses/pip");
    let sold = |sku: &str| json!({ "location": "eastus", "sku": { "name": sku }, "properties": { "publicIPAllocationMethod": "Static" } });
    cloud.put(&address, sold("Basic")).refused(400, "IPv4BasicSkuPublicIpCountLimitReached");
    cloud.make(&address, sold("Standard"));
    let mut body = interface_body("ip");
    body["properties"]["ipConfigurations"][0]["properties"]["publicIPAddress"] = json!({ "id": address });
    let one = network("networkInterfaces/one");
    cloud.make(&one, body.clone());
    cloud.make(&one, body.clone());
    let shown = cloud.get(&address).body;
    assert_eq!(shown["properties"]["ipConfiguration"]["id"], format!("{one}/ipConfigurations/ip"));
    let refused = cloud.put(&network("networkInterfaces/two"), body.clone());
    refused.refused(400, "PublicIPAddressInUse");
    cloud.delete(&address).refused(400, "PublicIPAddressCannotBeDeleted");
    cloud.unmake(&one);
    cloud.make(&network("networkInterfaces/two"), body);
}

#[test]
fn a_delegation_shows_what_its_service_may_do() {
    let cloud = Cloud::instant().with_network();
    let mut body = prefix("10.1.1.0/24");
    body["properties"]["delegations"] =
        json!([{ "name": "bricks", "properties": { "serviceName": "Microsoft.Databricks/workspaces" } }]);
    let made = cloud.make(&subnet("training"), body);
    let actions = made["properties"]["delegations"][0]["properties"]["actions"].as_array().unwrap();
    assert_eq!(actions.len(), 3);
    assert_eq!(actions[0], "Microsoft.Network/virtualNetworks/subnets/join/action");
    for list in ["ServiceAssociationLinks", "ResourceNavigationLinks"] {
        let path = format!("{}/{list}", subnet("training"));
        assert_eq!(cloud.get(&path).ok().body, json!({ "value": [] }));
        cloud.get(&format!("{}/{list}", subnet("none"))).refused(404, "ResourceNotFound");
    }
}
