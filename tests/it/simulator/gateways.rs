//! Bastion and the gateways of VPN and ExpressRoute (azure-network A6.1, A6.3,
//! B.8, B.11, C.3, D.2, E.3, E.4, E.7, E.17).

use super::envelope::written_back;
use super::*;

fn special(name: &str, range: &str) -> (String, Value) {
    (subnet(name), json!({ "properties": { "addressPrefix": range } }))
}

fn address(name: &str) -> String {
    network(&format!("publicIPAddresses/{name}"))
}

pub(super) fn address_body(sku: &str) -> Value {
    let method = if sku == "Standard" { "Static" } else { "Dynamic" };
    json!({ "location": "eastus", "sku": { "name": sku }, "properties": { "publicIPAllocationMethod": method } })
}

/// The network, with a subnet of its own and a public address for the appliance.
fn ready(name: &str, range: &str) -> Cloud {
    let cloud = Cloud::instant().with_network();
    let (path, body) = special(name, range);
    cloud.make(&path, body);
    cloud.make(&address("pip"), address_body("Standard"));
    cloud
}

fn bastion() -> String {
    network("bastionHosts/bastion")
}

fn bastion_body(place: &str) -> Value {
    json!({ "location": "eastus", "sku": { "name": "Standard" }, "properties": { "ipConfigurations": [{
        "name": "ipconf",
        "properties": { "subnet": { "id": subnet(place) }, "publicIPAddress": { "id": address("pip") } },
    }] } })
}

fn gateway(name: &str) -> String {
    network(&format!("virtualNetworkGateways/{name}"))
}

fn gateway_body(kind: &str, public: &str) -> Value {
    json!({ "location": "eastus", "properties": {
        "gatewayType": kind, "sku": { "name": "VpnGw1AZ" },
        "ipConfigurations": [{
            "name": "default",
            "properties": { "subnet": { "id": subnet("GatewaySubnet") }, "publicIPAddress": { "id": address(public) } },
        }],
    } })
}

fn far() -> String {
    network("localNetworkGateways/office")
}

fn far_body() -> Value {
    json!({ "location": "eastus", "properties": {
        "gatewayIpAddress": "203.0.113.7", "localNetworkAddressSpace": { "addressPrefixes": ["192.168.0.0/24"] },
    } })
}

fn connection() -> String {
    network("connections/office")
}

fn connection_body() -> Value {
    json!({ "location": "eastus", "properties": {
        "connectionType": "IPsec", "sharedKey": "correct horse battery staple",
        "virtualNetworkGateway1": { "id": gateway("vpn") }, "localNetworkGateway2": { "id": far() },
    } })
}

fn names(cloud: &Cloud, collection: &str) -> Vec<String> {
    let list = cloud.get(&network(collection)).ok().body;
    list["value"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_bastion_host_has_a_name_a_subnet_and_a_public_address() {
    let cloud = ready("AzureBastionSubnet", "10.1.2.0/26");
    let reply = cloud.put(&bastion(), bastion_body("AzureBastionSubnet"));
    assert_eq!((reply.status, &reply.body["properties"]["provisioningState"]), (201, &json!("Updating")));
    assert!(reply.header("azure-asyncoperation").unwrap().contains("/operations/"));
    let made = cloud.make(&bastion(), bastion_body("AzureBastionSubnet"));
    let host = made["properties"]["dnsName"].as_str().unwrap();
    assert!(host.starts_with("bst-") && host.ends_with(".bastion.azure.com"), "{host}");
    assert_eq!(made["properties"]["scaleUnits"], 2);
    let configuration = &made["properties"]["ipConfigurations"][0];
    let id = format!("{}/bastionHostIpConfigurations/ipconf", bastion());
    assert_eq!(configuration["id"], id);
    assert_eq!(configuration["properties"]["privateIPAllocationMethod"], "Dynamic");
    assert_eq!(
        cloud.get(&subnet("AzureBastionSubnet")).body["properties"]["ipConfigurations"],
        json!([{ "id": id }])
    );
    assert_eq!(cloud.get(&address("pip")).body["properties"]["ipConfiguration"], json!({ "id": id }));
    assert_eq!(names(&cloud, "bastionHosts"), ["bastion"]);
    written_back(&cloud, &bastion());
    assert_eq!(cloud.get(&bastion()).body["properties"]["dnsName"], host, "it keeps its name");
}

#[test]
fn what_a_bastion_host_uses_stays_until_it_is_gone() {
    let cloud = ready("AzureBastionSubnet", "10.1.2.0/26");
    cloud.make(&bastion(), bastion_body("AzureBastionSubnet"));
    let refused = cloud.delete(&subnet("AzureBastionSubnet"));
    refused.refused(400, "InUseSubnetCannotBeDeleted");
    assert!(refused.message().contains("/bastionHostIpConfigurations/ipconf"), "{refused:?}");
    cloud.delete(&network("virtualNetworks/vnet")).refused(400, "InUseSubnetCannotBeDeleted");
    let refused = cloud.delete(&address("pip"));
    refused.refused(400, "PublicIPAddressCannotBeDeleted");
    assert!(refused.message().contains("/bastionHostIpConfigurations/ipconf"), "{refused:?}");
    cloud.unmake(&bastion());
    cloud.unmake(&address("pip"));
    cloud.unmake(&subnet("AzureBastionSubnet"));
}

#[test]
fn a_bastion_host_needs_the_right_subnet_and_address() {
    let cloud = ready("AzureBastionSubnet", "10.1.2.0/27");
    let refused = cloud.put(&bastion(), bastion_body("training"));
    refused.refused(400, "SubnetNameMustBeAzureBastionSubnet");
    assert!(refused.message().ends_with("subnet with name 'AzureBastionSubnet'."));
    cloud.put(&bastion(), bastion_body("AzureBastionSubnet")).refused(400, "NetcfgInvalidSubnet");
    let (path, body) = special("AzureBastionSubnet", "10.1.2.0/26");
    cloud.make(&path, body);
    let mut body = bastion_body("AzureBastionSubnet");
    body["location"] = json!("westus");
    cloud.put(&bastion(), body.clone()).refused(400, "InvalidResourceReference");
    body["location"] = json!("eastus");
    body["properties"]["ipConfigurations"][0]["properties"]["publicIPAddress"]["id"] = json!(address("old"));
    cloud.put(&bastion(), body.clone()).refused(400, "InvalidResourceReference");
    cloud.make(&address("old"), address_body("Basic"));
    cloud.put(&bastion(), body.clone()).refused(400, "InvalidPublicIPAddressSku");
    body["properties"]["ipConfigurations"][0]["properties"]
        .as_object_mut()
        .unwrap()
        .remove("publicIPAddress");
    cloud.put(&bastion(), body.clone()).refused(400, "InvalidParameter");
    body["properties"]["ipConfigurations"] = json!([]);
    cloud.put(&bastion(), body).refused(400, "InvalidParameter");
    cloud.make(
        &network("networkInterfaces/nic"),
        json!({ "location": "eastus", "properties": { "ipConfigurations": [{ "name": "c", "properties": {
            "subnet": { "id": subnet("training") }, "publicIPAddress": { "id": address("pip") } } }] } }),
    );
    let refused = cloud.put(&bastion(), bastion_body("AzureBastionSubnet"));
    refused.refused(400, "PublicIPAddressInUse");
    assert!(refused.message().contains("networkInterfaces/nic/ipConfigurations/c"), "{refused:?}");
}

#[test]
fn a_bastion_host_is_raised_in_place_and_never_lowered() {
    let cloud = ready("AzureBastionSubnet", "10.1.2.0/26");
    cloud.make(&bastion(), bastion_body("AzureBastionSubnet"));
    let mut body = bastion_body("AzureBastionSubnet");
    body["sku"]["name"] = json!("Premium");
    body["properties"]["scaleUnits"] = json!(4);
    assert_eq!(cloud.make(&bastion(), body.clone())["properties"]["scaleUnits"], 4);
    body["sku"]["name"] = json!("Basic");
    cloud.put(&bastion(), body).refused(409, "PropertyChangeNotAllowed");
    let reply = cloud.patch(&bastion(), json!({ "tags": { "a": "b" } }));
    assert!(reply.status == 200 && reply.header("azure-asyncoperation").is_some(), "{reply:?}");
    cloud.follow(&reply);
    let seen = cloud.get(&bastion()).body;
    assert_eq!((&seen["tags"], &seen["sku"]["name"]), (&json!({ "a": "b" }), &json!("Premium")));
}

#[test]
fn a_developer_bastion_host_names_only_the_network() {
    let cloud = Cloud::instant().with_network();
    let mut body = json!({ "location": "eastus", "sku": { "name": "Developer" }, "properties": {} });
    cloud.put(&bastion(), body.clone()).refused(400, "InvalidParameter");
    body["properties"]["virtualNetwork"] = json!({ "id": network("virtualNetworks/vnet") });
    cloud.make(&bastion(), body);
}

#[test]
fn a_subnet_cannot_be_written_while_a_bastion_host_is_made_in_its_network() {
    let cloud = Cloud::real().with_network();
    let (path, body) = special("AzureBastionSubnet", "10.1.2.0/26");
    cloud.make(&path, body);
    cloud.make(&address("pip"), address_body("Standard"));
    let reply = cloud.put(&bastion(), bastion_body("AzureBastionSubnet")).ok();
    let (path, body) = special("more", "10.1.3.0/24");
    cloud.put(&path, body.clone()).refused(409, "AnotherOperationInProgress");
    cloud.patch(&bastion(), json!({ "tags": {} })).refused(409, "AnotherOperationInProgress");
    cloud.follow(&reply);
    cloud.make(&path, body);
}

#[test]
fn a_gateway_tells_its_addresses_and_fills_in_what_was_not_sent() {
    let cloud = ready("GatewaySubnet", "10.1.2.0/27");
    let mut body = gateway_body("Vpn", "pip");
    body["properties"]["enablePrivateIpAddress"] = json!(true);
    body["properties"]["enableDnsForwarding"] = json!(true);
    let made = cloud.make(&gateway("vpn"), body);
    let properties = &made["properties"];
    assert_eq!(properties["vpnType"], "RouteBased");
    assert_eq!(properties["vpnGatewayGeneration"], "Generation1");
    assert_eq!(properties["sku"], json!({ "name": "VpnGw1AZ", "tier": "VpnGw1AZ", "capacity": 2 }));
    assert_eq!(properties["ipConfigurations"][0]["properties"]["privateIPAddress"], "10.1.2.30");
    assert_eq!(properties["inboundDnsForwardingEndpoint"], "10.1.2.30");
    assert_eq!(
        (&properties["bgpSettings"]["asn"], &properties["bgpSettings"]["bgpPeeringAddress"]),
        (&json!(65515), &json!("10.1.2.30"))
    );
    let public = cloud.get(&address("pip")).body["properties"].clone();
    let id = format!("{}/ipConfigurations/default", gateway("vpn"));
    let speaker = &properties["bgpSettings"]["bgpPeeringAddresses"][0];
    assert_eq!(
        (&speaker["ipconfigurationId"], &speaker["tunnelIpAddresses"][0]),
        (&json!(id), &public["ipAddress"])
    );
    assert_eq!(public["ipConfiguration"], json!({ "id": id }));
    assert!(properties["resourceGuid"].is_string());
    assert_eq!(names(&cloud, "virtualNetworkGateways"), ["vpn"]);
    written_back(&cloud, &gateway("vpn"));
    cloud.patch(&gateway("vpn"), json!({ "tags": { "a": "b" } })).ok();
    let seen = cloud.get(&gateway("vpn")).body;
    assert_eq!(
        (&seen["tags"]["a"], &seen["properties"]["bgpSettings"]),
        (&json!("b"), &properties["bgpSettings"])
    );
}

#[test]
fn a_network_has_one_gateway_of_a_type_in_its_gateway_subnet() {
    let cloud = ready("GatewaySubnet", "10.1.2.0/27");
    cloud.make(&address("pip2"), address_body("Standard"));
    cloud.make(&gateway("vpn"), gateway_body("Vpn", "pip"));
    cloud
        .put(&gateway("second"), gateway_body("Vpn", "pip2"))
        .refused(400, "VirtualNetworkGatewayAlreadyExists");
    cloud.put(&gateway("second"), gateway_body("ExpressRoute", "pip")).refused(400, "PublicIPAddressInUse");
    let made = cloud.make(&gateway("second"), gateway_body("ExpressRoute", "pip2"));
    assert_eq!(made["properties"]["vpnGatewayGeneration"], "None");
    assert!(made["properties"]["bgpSettings"].is_null());
    let mut body = gateway_body("Vpn", "pip");
    body["properties"]["ipConfigurations"][0]["properties"]["subnet"]["id"] = json!(subnet("training"));
    cloud.put(&gateway("third"), body).refused(400, "SubnetNameMustBeGatewaySubnet");
    let mut body = gateway_body("Vpn", "pip");
    body["properties"].as_object_mut().unwrap().remove("gatewayType");
    cloud.put(&gateway("third"), body).refused(400, "InvalidParameter");
    cloud.delete(&subnet("GatewaySubnet")).refused(400, "InUseSubnetCannotBeDeleted");
    cloud.delete(&network("virtualNetworks/vnet")).refused(400, "InUseSubnetCannotBeDeleted");
    cloud.delete(&address("pip")).refused(400, "PublicIPAddressCannotBeDeleted");
}

#[test]
fn a_gateway_with_two_configurations_keeps_the_address_of_the_one_that_stays() {
    let cloud = ready("GatewaySubnet", "10.1.2.0/27");
    for name in ["pip2", "pip3"] {
        cloud.make(&address(name), address_body("Standard"));
    }
    let configuration = |name: &str, public: &str| {
        let mut body = gateway_body("Vpn", public)["properties"]["ipConfigurations"][0].clone();
        body["name"] = json!(name);
        body
    };
    let mut body = gateway_body("Vpn", "pip");
    body["properties"]["activeActive"] = json!(true);
    body["properties"]["ipConfigurations"] = json!([configuration("a", "pip"), configuration("b", "pip2")]);
    let made = cloud.make(&gateway("vpn"), body.clone());
    assert_eq!(made["properties"]["bgpSettings"]["bgpPeeringAddress"], "10.1.2.30,10.1.2.29");
    body["properties"]["ipConfigurations"] = json!([configuration("c", "pip"), configuration("a", "pip2")]);
    let made = cloud.make(&gateway("vpn"), body);
    assert_eq!(made["properties"]["bgpSettings"]["bgpPeeringAddress"], "10.1.2.28,10.1.2.30");
}

#[test]
fn most_of_a_gateway_cannot_be_changed_and_its_size_can() {
    let cloud = ready("GatewaySubnet", "10.1.2.0/27");
    cloud.make(&gateway("vpn"), gateway_body("Vpn", "pip"));
    for (name, value) in
        [("vpnType", "PolicyBased"), ("gatewayType", "ExpressRoute"), ("vpnGatewayGeneration", "Generation2")]
    {
        let mut body = gateway_body("Vpn", "pip");
        body["properties"][name] = json!(value);
        cloud.put(&gateway("vpn"), body).refused(409, "PropertyChangeNotAllowed");
    }
    let mut body = gateway_body("Vpn", "pip");
    body["properties"]["sku"] = json!({ "name": "VpnGw2AZ", "tier": "VpnGw2AZ" });
    assert_eq!(cloud.make(&gateway("vpn"), body)["properties"]["sku"]["name"], "VpnGw2AZ");
}

#[test]
fn no_answer_of_a_gateway_tells_its_secrets() {
    let cloud = ready("GatewaySubnet", "10.1.2.0/27");
    let mut body = gateway_body("Vpn", "pip");
    body["properties"]["vpnClientConfiguration"] = json!({
        "vpnClientAddressPool": { "addressPrefixes": ["172.16.9.0/24"] }, "vpnAuthenticationTypes": ["Radius"],
        "radiusServerAddress": "10.1.1.9", "radiusServerSecret": "hush",
        "radiusServers": [{ "radiusServerAddress": "10.1.1.10", "radiusServerSecret": "hush" }],
    });
    let made = cloud.make(&gateway("vpn"), body);
    let configuration = &made["properties"]["vpnClientConfiguration"];
    assert_eq!(configuration["radiusServers"], json!([{ "radiusServerAddress": "10.1.1.10" }]));
    assert!(!made.to_string().contains("hush"), "{made}");
}

#[test]
fn a_connection_keeps_its_gateways_and_its_key_to_itself() {
    let cloud = ready("GatewaySubnet", "10.1.2.0/27");
    cloud.make(&gateway("vpn"), gateway_body("Vpn", "pip"));
    cloud.make(&far(), far_body());
    assert_eq!(names(&cloud, "localNetworkGateways"), ["office"]);
    let made = cloud.make(&connection(), connection_body());
    assert!(!made.to_string().contains("horse"), "{made}");
    let properties = &made["properties"];
    assert_eq!(
        (&properties["connectionStatus"], &properties["connectionProtocol"]),
        (&json!("Unknown"), &json!("IKEv2"))
    );
    assert_eq!(names(&cloud, "connections"), ["office"]);
    let mut patched = cloud.patch(&connection(), json!({ "tags": { "a": "b" } }));
    cloud.follow(&patched);
    patched = cloud.get(&connection());
    assert_eq!(patched.body["tags"]["a"], "b");
    cloud.delete(&gateway("vpn")).refused(400, "InUseVirtualNetworkGatewayCannotBeDeleted");
    cloud.delete(&far()).refused(400, "InUseLocalNetworkGatewayCannotBeDeleted");
    cloud.unmake(&connection());
    cloud.unmake(&far());
    cloud.unmake(&gateway("vpn"));
    cloud.unmake(&subnet("GatewaySubnet"));
    cloud.unmake(&address("pip"));
}

#[test]
fn the_key_of_a_connection_is_asked_for_and_set_at_its_own_address() {
    let cloud = ready("GatewaySubnet", "10.1.2.0/27");
    let key = format!("{}/sharedkey", connection());
    cloud.get(&key).refused(404, "ResourceNotFound");
    cloud.make(&gateway("vpn"), gateway_body("Vpn", "pip"));
    cloud.make(&far(), far_body());
    cloud.make(&connection(), connection_body());
    assert_eq!(cloud.get(&key).ok().body["value"], "correct horse battery staple");
    cloud.put(&key, json!({})).refused(400, "InvalidParameter");
    assert_eq!(cloud.put(&key, json!({ "value": "another" })).ok().body["value"], "another");
    assert_eq!(cloud.get(&key).body["value"], "another");
    // A write that does not say the key leaves it.
    written_back(&cloud, &connection());
    assert_eq!(cloud.get(&key).body["value"], "another");
}

#[test]
fn a_connection_must_have_another_end() {
    let cloud = ready("GatewaySubnet", "10.1.2.0/27");
    cloud.make(&gateway("vpn"), gateway_body("Vpn", "pip"));
    let mut body = connection_body();
    cloud.put(&connection(), body.clone()).refused(400, "InvalidResourceReference");
    for kind in ["Vnet2Vnet", "ExpressRoute"] {
        body["properties"]["connectionType"] = json!(kind);
        cloud.put(&connection(), body.clone()).refused(400, "InvalidParameter");
    }
    body["properties"].as_object_mut().unwrap().remove("virtualNetworkGateway1");
    cloud.put(&connection(), body).refused(400, "InvalidParameter");
    cloud.put(&far(), json!({ "location": "eastus", "properties": {} })).refused(400, "InvalidParameter");
}

#[test]
fn a_group_goes_with_its_gateways_whatever_keeps_what() {
    let cloud = ready("GatewaySubnet", "10.1.2.0/27");
    cloud.make(&gateway("vpn"), gateway_body("Vpn", "pip"));
    cloud.make(&far(), far_body());
    cloud.make(&connection(), connection_body());
    let (path, body) = special("AzureBastionSubnet", "10.1.3.0/26");
    cloud.make(&path, body);
    cloud.make(&address("pip2"), address_body("Standard"));
    let mut body = bastion_body("AzureBastionSubnet");
    body["properties"]["ipConfigurations"][0]["properties"]["publicIPAddress"]["id"] = json!(address("pip2"));
    cloud.make(&bastion(), body);
    cloud.unmake(&rg());
    assert!(cloud.simulator.list().unwrap().is_empty());
}

#[test]
fn no_security_group_guards_a_gateway_subnet() {
    let cloud = Cloud::instant().with_network();
    let group = network("networkSecurityGroups/nsg");
    cloud.make(&group, json!({ "location": "eastus" }));
    let (path, mut body) = special("GatewaySubnet", "10.1.2.0/27");
    body["properties"]["networkSecurityGroup"] = json!({ "id": group });
    cloud.put(&path, body.clone()).refused(400, "NetworkSecurityGroupCannotBeAttachedToGatewaySubnet");
    body["properties"].as_object_mut().unwrap().remove("networkSecurityGroup");
    cloud.make(&path, body);
}

#[test]
fn the_same_appliance_again_is_no_work() {
    let cloud = ready("GatewaySubnet", "10.1.2.0/27");
    let (path, body) = special("AzureBastionSubnet", "10.1.3.0/26");
    cloud.make(&path, body);
    cloud.make(&address("pip2"), address_body("Standard"));
    let mut host = bastion_body("AzureBastionSubnet");
    host["properties"]["ipConfigurations"][0]["properties"]["publicIPAddress"]["id"] = json!(address("pip2"));
    for (path, body) in [(gateway("vpn"), gateway_body("Vpn", "pip")), (bastion(), host), (far(), far_body())]
    {
        let made = cloud.make(&path, body.clone());
        let again = cloud.put(&path, body);
        assert!(again.status == 200 && again.header("azure-asyncoperation").is_none(), "{again:?}");
        assert_eq!(again.body, made);
    }
}

#[test]
fn two_gateways_are_connected_once_both_say_so_with_one_key() {
    let cloud = ready("GatewaySubnet", "10.1.2.0/27");
    cloud.make(&gateway("vpn"), gateway_body("Vpn", "pip"));
    cloud.make(&address("pip2"), address_body("Standard"));
    cloud.make(
        &network("virtualNetworks/spoke"),
        json!({ "location": "eastus", "properties": {
            "addressSpace": { "addressPrefixes": ["10.2.0.0/16"] },
            "subnets": [{ "name": "GatewaySubnet", "properties": { "addressPrefix": "10.2.0.0/27" } }] } }),
    );
    let mut body = gateway_body("Vpn", "pip2");
    body["properties"]["ipConfigurations"][0]["properties"]["subnet"]["id"] =
        json!(network("virtualNetworks/spoke/subnets/GatewaySubnet"));
    cloud.make(&gateway("vpn2"), body);
    let link = |one: &str, other: &str, key: &str| {
        json!({ "location": "eastus", "properties": {
            "connectionType": "Vnet2Vnet", "sharedKey": key,
            "virtualNetworkGateway1": { "id": gateway(one) }, "virtualNetworkGateway2": { "id": gateway(other) } } })
    };
    let status = |name: &str| cloud.get(&network(name)).body["properties"]["connectionStatus"].clone();
    cloud.make(&network("connections/there"), link("vpn", "vpn2", "k"));
    assert_eq!(status("connections/there"), "Unknown");
    cloud.make(&network("connections/back"), link("vpn2", "vpn", "wrong"));
    assert_eq!(status("connections/there"), "Unknown");
    cloud.make(&network("connections/back"), link("vpn2", "vpn", "k"));
    assert_eq!(
        (status("connections/there"), status("connections/back")),
        (json!("Connected"), json!("Connected"))
    );
}

#[test]
fn a_gateway_takes_one_connection_at_a_time() {
    let cloud = Cloud::real().with_network();
    let (path, body) = special("GatewaySubnet", "10.1.2.0/27");
    cloud.make(&path, body);
    cloud.make(&address("pip"), address_body("Standard"));
    let reply = cloud.put(&gateway("vpn"), gateway_body("Vpn", "pip")).ok();
    cloud.make(&far(), far_body());
    cloud.put(&connection(), connection_body()).refused(429, "RetryableError");
    cloud.pass(2400);
    cloud.follow(&reply);
    let first = cloud.put(&connection(), connection_body()).ok();
    assert_eq!(cloud.get(&gateway("vpn")).body["properties"]["provisioningState"], "Updating");
    cloud.put(&network("connections/second"), connection_body()).refused(409, "AnotherOperationInProgress");
    cloud.follow(&first);
    cloud.make(&network("connections/second"), connection_body());
}
