//! What Microsoft.Network answers beside its resources, actions on them, tags
//! and public prefixes (azure-network A1, A4.5, B.0.2, B.6, B.12, B.21, B.22,
//! E.3, E.18).

use super::*;

fn at_location(what: &str) -> String {
    format!("/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Network/locations/eastus/{what}")
}

fn post(cloud: &Cloud, path: &str, body: Value) -> Reply {
    cloud.send(Method::POST, path, &[], &body)
}

#[test]
fn service_tags_have_ranges_and_a_whole_one_those_of_its_regions() {
    let cloud = Cloud::instant();
    let set = cloud.get(&at_location("serviceTags")).ok().body;
    assert_eq!((&set["cloud"], &set["type"]), (&json!("Public"), &json!("Microsoft.Network/serviceTags")));
    let all = set["values"].as_array().unwrap();
    let find = |name: &str| all.iter().find(|tag| tag["name"] == name).unwrap_or_else(|| panic!("{name}"));
    for name in [
        "AzureMachineLearning",
        "BatchNodeManagement.EastUS",
        "Storage.EastUS",
        "AzureActiveDirectory",
        "AzureResourceManager",
        "AzureFrontDoor.FirstParty",
        "AzureFrontDoor.Frontend",
        "AzureKeyVault",
        "MicrosoftContainerRegistry.EastUS",
        "AzureContainerRegistry",
        "AzureMonitor",
    ] {
        assert!(!find(name)["properties"]["addressPrefixes"].as_array().unwrap().is_empty(), "{name}");
    }
    let part = &find("AzureMachineLearning.EastUS2")["properties"];
    assert_eq!(
        (&part["region"], &part["systemService"]),
        (&json!("eastus2"), &json!("AzureMachineLearning"))
    );
    let whole = find("AzureMachineLearning")["properties"]["addressPrefixes"].as_array().unwrap();
    assert!(whole.contains(&part["addressPrefixes"][0]));
    let ranges: Vec<&Value> = all
        .iter()
        .filter(|tag| tag["properties"]["region"] != "")
        .flat_map(|tag| tag["properties"]["addressPrefixes"].as_array().unwrap())
        .collect();
    assert!(ranges.iter().enumerate().all(|(at, range)| !ranges[..at].contains(range)), "no range is of two");
    let bad = format!("https://management.azure.com{}?api-version=soon", at_location("serviceTags"));
    cloud.raw(Method::GET, &bad, &[], Vec::new()).refused(400, "InvalidApiVersionParameter");
}

#[test]
fn what_a_subnet_can_be_given_is_listed() {
    let cloud = Cloud::instant();
    let list = |what: &str| cloud.get(&at_location(what)).ok().body["value"].as_array().unwrap().clone();
    let has = |what: &str, field: &str, value: &str| list(what).iter().any(|item| item[field] == value);
    assert!(has("virtualNetworkAvailableEndpointServices", "name", "Microsoft.Storage"));
    assert!(has("availableServiceAliases", "resourceName", "/services/Azure/MachineLearning"));
    assert!(has("availableDelegations", "serviceName", "Microsoft.ContainerInstance/containerGroups"));
    assert!(has("serviceTagDetails", "name", "AzureMachineLearning"));
}

#[test]
fn usages_count_what_a_region_holds() {
    let cloud = Cloud::instant().with_network();
    let count = |location: &str, name: &str| {
        let path = at_location("usages").replace("eastus", location);
        let items = cloud.get(&path).ok().body["value"].as_array().unwrap().clone();
        let item = items.into_iter().find(|item| item["name"]["value"] == name).unwrap();
        (item["currentValue"].as_i64().unwrap(), item["limit"].as_i64().unwrap())
    };
    assert_eq!(count("eastus", "VirtualNetworks"), (1, 1000));
    assert_eq!(count("westeurope", "VirtualNetworks"), (0, 1000));
    assert_eq!(count("eastus", "NetworkSecurityGroups"), (0, 5000));
    let network_usages = cloud.get(&network("virtualNetworks/vnet/usages")).ok().body;
    assert_eq!(network_usages["value"][0]["id"], subnet("endpoints"));
    assert_eq!(
        (&network_usages["value"][0]["limit"], &network_usages["value"][0]["currentValue"]),
        (&json!(59), &json!(0))
    );
    let nic = json!({ "location": "eastus", "properties": { "ipConfigurations": [{
        "name": "ip", "properties": { "subnet": { "id": subnet("endpoints") } } }] } });
    cloud.make(&network("networkInterfaces/nic"), nic);
    let again = cloud.get(&network("virtualNetworks/vnet/usages")).body;
    assert_eq!(again["value"][0]["currentValue"], 1);
}

fn address_body() -> Value {
    json!({ "location": "eastus", "sku": { "name": "Standard" }, "properties": { "publicIPAllocationMethod": "Static" } })
}

#[test]
fn a_label_is_one_addresss_in_its_region() {
    let cloud = Cloud::instant().with_network();
    let asked = at_location("CheckDnsNameAvailability?domainNameLabel=front");
    assert_eq!(cloud.get(&asked).ok().body, json!({ "available": true }));
    let mut body = address_body();
    body["properties"]["dnsSettings"] = json!({ "domainNameLabel": "front" });
    let made = cloud.make(&network("publicIPAddresses/one"), body.clone());
    assert_eq!(made["properties"]["dnsSettings"]["fqdn"], "front.eastus.cloudapp.azure.com");
    assert_eq!(cloud.get(&asked).ok().body, json!({ "available": false }));
    cloud.put(&network("publicIPAddresses/two"), body.clone()).refused(400, "DnsRecordInUse");
    cloud.make(&network("publicIPAddresses/one"), body.clone());
    body["location"] = json!("westeurope");
    cloud.make(&network("publicIPAddresses/two"), body);
    cloud.get(&at_location("CheckDnsNameAvailability")).refused(400, "InvalidParameter");
}

#[test]
fn an_address_is_asked_for_before_it_is_taken() {
    let cloud = Cloud::instant().with_network();
    let ask = |address: &str| {
        cloud.get(&network(&format!("virtualNetworks/vnet/CheckIPAddressAvailability?ipAddress={address}")))
    };
    assert_eq!(ask("10.1.0.9").ok().body, json!({ "available": true }));
    let reserved = ask("10.1.0.1").ok().body;
    assert_eq!(reserved["available"], false);
    assert_eq!(
        reserved["availableIPAddresses"],
        json!(["10.1.0.4", "10.1.0.5", "10.1.0.6", "10.1.0.7", "10.1.0.8"])
    );
    ask("10.9.0.1").refused(400, "PrivateIPAddressNotInAnySubnet");
    cloud.get(&network("virtualNetworks/vnet/CheckIPAddressAvailability")).refused(400, "InvalidParameter");
}

#[test]
fn private_links_of_a_region_can_be_asked_for() {
    let cloud = Cloud::instant().with_network();
    let types = cloud.get(&at_location("availablePrivateEndpointTypes")).ok().body;
    let names: Vec<&Value> =
        types["value"].as_array().unwrap().iter().map(|item| &item["resourceName"]).collect();
    assert!(names.contains(&&json!("Microsoft.MachineLearningServices/workspaces")), "{names:?}");
    let of_group = network("locations/eastus/availablePrivateEndpointTypes");
    assert_eq!(cloud.get(&of_group).ok().body, types);
    assert_eq!(cloud.get(&at_location("autoApprovedPrivateLinkServices")).ok().body, json!({ "value": [] }));
    let visible = at_location("checkPrivateLinkServiceVisibility");
    let asked = json!({ "privateLinkServiceAlias": "pls.5eed.eastus.azure.privatelinkservice" });
    assert_eq!(post(&cloud, &visible, asked).ok().body, json!({ "visible": false }));
    post(&cloud, &visible, json!({})).refused(400, "InvalidParameter");
}

#[test]
fn an_interface_tells_what_its_traffic_meets() {
    let cloud = Cloud::instant().with_network();
    let (group, table) = (network("networkSecurityGroups/nsg"), network("routeTables/rt"));
    cloud.make(
        &group,
        json!({ "location": "eastus", "properties": { "securityRules": [{ "name": "web", "properties": {
            "priority": 100, "direction": "Inbound", "access": "Allow", "protocol": "*",
            "sourceAddressPrefix": "*", "sourcePortRange": "*", "destinationAddressPrefix": "*",
            "destinationPortRanges": ["80", "443"] } }] } }),
    );
    cloud.make(
        &table,
        json!({ "location": "eastus", "properties": { "routes": [{ "name": "out", "properties": {
            "addressPrefix": "0.0.0.0/0", "nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.1.0.62" } }] } }),
    );
    cloud.make(
        &subnet("training"),
        json!({ "properties": { "addressPrefix": "10.1.1.0/24", "networkSecurityGroup": { "id": group },
            "routeTable": { "id": table } } }),
    );
    let nic = network("networkInterfaces/nic");
    cloud.make(
        &nic,
        json!({ "location": "eastus", "properties": { "ipConfigurations": [{
            "name": "ip", "properties": { "subnet": { "id": subnet("training") } } }] } }),
    );
    let routes = post(&cloud, &format!("{nic}/effectiveRouteTable"), Value::Null).ok().body;
    let routes = routes["value"].as_array().unwrap();
    let of = |source: &str, prefix: &str| {
        routes
            .iter()
            .find(|r| r["source"] == source && r["addressPrefix"][0] == prefix)
            .unwrap_or_else(|| panic!("{prefix}"))
    };
    assert_eq!(of("Default", "10.1.0.0/16")["nextHopType"], "VnetLocal");
    assert_eq!(of("Default", "0.0.0.0/0")["state"], "Invalid");
    let out = of("User", "0.0.0.0/0");
    assert_eq!((&out["state"], &out["nextHopIpAddress"]), (&json!("Active"), &json!(["10.1.0.62"])));
    let groups = post(&cloud, &format!("{nic}/effectiveNetworkSecurityGroups"), Value::Null).ok().body;
    let seen = &groups["value"][0];
    assert_eq!(
        (&seen["networkSecurityGroup"]["id"], &seen["association"]["subnet"]["id"]),
        (&json!(group), &json!(subnet("training")))
    );
    let rules = seen["effectiveSecurityRules"].as_array().unwrap();
    assert_eq!(rules.len(), 7);
    assert_eq!(
        (&rules[0]["name"], &rules[0]["destinationPortRanges"]),
        (&json!("securityRules/web"), &json!(["80", "443"]))
    );
    let configurations = format!("{nic}/ipConfigurations");
    let one = cloud.get(&format!("{configurations}/ip")).ok().body;
    assert_eq!(cloud.get(&configurations).ok().body["value"], json!([one]));
    assert_eq!(one["properties"]["privateIPAddress"], "10.1.1.4");
    cloud.get(&format!("{configurations}/none")).refused(404, "NotFound");
    post(&cloud, &format!("{nic}/dance"), Value::Null).refused(404, "InvalidResourceType");
    post(&cloud, &format!("{}/effectiveRouteTable", network("networkInterfaces/none")), Value::Null)
        .refused(404, "ResourceNotFound");
}

#[test]
fn a_service_may_prepare_a_subnet() {
    let cloud = Cloud::instant().with_network();
    let body = json!({ "serviceName": "Microsoft.Sql/managedInstances" });
    for action in ["PrepareNetworkPolicies", "UnprepareNetworkPolicies"] {
        assert_eq!(post(&cloud, &format!("{}/{action}", subnet("training")), body.clone()).status, 200);
    }
}

#[test]
fn addresses_come_out_of_a_prefix() {
    let cloud = Cloud::instant().with_network();
    let prefix = network("publicIPPrefixes/prefix");
    let body = |length: Value| json!({ "location": "eastus", "sku": { "name": "Standard" }, "properties": { "prefixLength": length } });
    cloud.put(&prefix, body(json!(20))).refused(400, "InvalidPublicIPPrefixLength");
    cloud.put(&prefix, body(Value::Null)).refused(400, "InvalidPublicIPPrefixLength");
    let made = cloud.make(&prefix, body(json!(31)));
    let range: ipnet::Ipv4Net = made["properties"]["ipPrefix"].as_str().unwrap().parse().unwrap();
    assert_eq!(range.prefix_len(), 31);
    cloud.put(&prefix, body(json!(30))).refused(409, "PropertyChangeNotAllowed");
    let mut from = address_body();
    from["properties"]["publicIPPrefix"] = json!({ "id": prefix });
    let address = |name: &str| network(&format!("publicIPAddresses/{name}"));
    for (name, expected) in [("one", range.network()), ("two", range.broadcast())] {
        let made = cloud.make(&address(name), from.clone());
        assert_eq!(made["properties"]["ipAddress"], expected.to_string());
    }
    cloud.put(&address("three"), from).refused(400, "PublicIpPrefixOutOfIpAddresses");
    assert_eq!(
        cloud.get(&prefix).body["properties"]["publicIPAddresses"],
        json!([{ "id": address("one") }, { "id": address("two") }])
    );
    cloud.delete(&prefix).refused(400, "InUsePublicIpPrefixCannotBeDeleted");
    cloud.unmake(&address("one"));
    cloud.unmake(&address("two"));
    let gateway = network("natGateways/nat");
    cloud.make(
        &gateway,
        json!({ "location": "eastus", "properties": { "publicIpPrefixes": [{ "id": prefix }] } }),
    );
    assert_eq!(cloud.get(&prefix).body["properties"]["natGateway"], json!({ "id": gateway }));
    cloud.delete(&prefix).refused(400, "InUsePublicIpPrefixCannotBeDeleted");
    cloud.unmake(&gateway);
    cloud.unmake(&prefix);
}

#[test]
fn tags_of_every_kind_are_changed_at_once_and_alone() {
    let cloud = Cloud::real().with_network();
    let located = || json!({ "location": "eastus" });
    let mut kinds = vec![
        ("networkSecurityGroups/nsg", located()),
        ("applicationSecurityGroups/asg", located()),
        ("routeTables/rt", located()),
        ("serviceEndpointPolicies/sep", located()),
        ("publicIPAddresses/pip", address_body()),
        ("publicIPPrefixes/prefix", json!({ "location": "eastus", "properties": { "prefixLength": 30 } })),
        ("natGateways/nat", located()),
    ];
    kinds.push((
        "networkInterfaces/nic",
        json!({ "location": "eastus", "properties": { "ipConfigurations": [{
            "name": "ip", "properties": { "subnet": { "id": subnet("training") } } }] } }),
    ));
    for (path, body) in kinds {
        cloud.make(&network(path), body);
        tagged(&cloud, path);
    }
    tagged(&cloud, "virtualNetworks/vnet");
    cloud.make(&storage("stml"), storage_body());
    cloud.make(&endpoint("pe"), endpoint_body(&storage("stml"), "blob"));
    tagged(&cloud, "privateEndpoints/pe");
    cloud
        .patch(&network("virtualNetworks/vnet"), json!({ "properties": {} }))
        .refused(400, "PatchNotSupported");
    cloud.patch(&network("virtualNetworks/none"), json!({ "tags": {} })).refused(404, "ResourceNotFound");
    // A zone and its links announce an operation.
    cloud.make(&zone("internal.example"), json!({ "location": "global" }));
    let reply = cloud.patch(&zone("internal.example"), json!({ "tags": { "team": "ml" } }));
    assert_eq!(reply.status, 202);
    cloud.follow(&reply);
    assert_eq!(cloud.get(&zone("internal.example")).body["tags"], json!({ "team": "ml" }));
}

#[track_caller]
fn tagged(cloud: &Cloud, path: &str) {
    let path = network(path);
    let before = cloud.get(&path).body;
    let reply = cloud.patch(&path, json!({ "tags": { "team": "ml" } }));
    assert_eq!((reply.status, reply.header("azure-asyncoperation")), (200, None), "{path}");
    assert_eq!(reply.body["tags"], json!({ "team": "ml" }), "{path}");
    assert_eq!(reply.body["properties"]["provisioningState"], "Succeeded", "{path}");
    let mut after = cloud.get(&path).body;
    assert_ne!(after["etag"], before["etag"], "{path}");
    let (mut before, etag) = (before, after["etag"].clone());
    for body in [&mut before, &mut after] {
        body.as_object_mut().unwrap().remove("tags");
    }
    // Nothing but the tags has changed, etags apart.
    let plain = |body: &Value, etag: &Value| -> Value {
        serde_json::from_str(&body.to_string().replace(&etag.to_string(), "0")).unwrap()
    };
    let old = before["etag"].clone();
    assert_eq!(plain(&before, &old), plain(&after, &etag), "{path}");
}
