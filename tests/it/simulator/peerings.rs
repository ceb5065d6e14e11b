//! Peerings (azure-network A5.1, B.13, C.3 and E.5, E.9).

use super::*;

/// A network `name` with this range, beside `vnet` of 10.1.0.0/16.
fn with_other(cloud: Cloud, name: &str, range: &str) -> Cloud {
    cloud.make(&network(&format!("virtualNetworks/{name}")), other_body(range));
    cloud
}

fn other_body(range: &str) -> Value {
    json!({ "location": "eastus", "properties": { "addressSpace": { "addressPrefixes": [range] } } })
}

fn hub() -> Cloud {
    with_other(Cloud::instant().with_network(), "hub", "10.2.0.0/16")
}

fn peering(from: &str, name: &str) -> String {
    network(&format!("virtualNetworks/{from}/virtualNetworkPeerings/{name}"))
}

fn to(name: &str) -> Value {
    json!({ "properties": { "remoteVirtualNetwork": { "id": network(&format!("virtualNetworks/{name}")) } } })
}

fn with(mut body: Value, name: &str, value: Value) -> Value {
    body["properties"][name] = value;
    body
}

fn states(cloud: &Cloud, path: &str) -> (String, String) {
    let body = cloud.get(path).ok().body;
    let text = |name: &str| body["properties"][name].as_str().unwrap().to_owned();
    (text("peeringState"), text("peeringSyncLevel"))
}

#[test]
fn two_sides_make_a_peering() {
    let cloud = hub();
    let made = cloud.make(&peering("vnet", "to-hub"), to("hub"));
    assert_eq!(made["type"], "Microsoft.Network/virtualNetworks/virtualNetworkPeerings");
    assert_eq!(made["properties"]["allowVirtualNetworkAccess"], true);
    assert_eq!(made["properties"]["remoteAddressSpace"]["addressPrefixes"], json!(["10.2.0.0/16"]));
    assert_eq!(
        states(&cloud, &peering("vnet", "to-hub")),
        ("Initiated".to_owned(), "RemoteNotInSync".to_owned())
    );
    cloud.make(&peering("hub", "to-vnet"), to("vnet"));
    for side in [peering("vnet", "to-hub"), peering("hub", "to-vnet")] {
        assert_eq!(states(&cloud, &side), ("Connected".to_owned(), "FullyInSync".to_owned()));
    }
    let whole = cloud.get(&network("virtualNetworks/vnet")).body;
    let child = cloud.get(&peering("vnet", "to-hub")).body;
    assert_eq!(whole["properties"]["virtualNetworkPeerings"], json!([child]));
    let listed = cloud.get(&network("virtualNetworks/vnet/virtualNetworkPeerings")).body;
    assert_eq!(listed["value"], json!([child]));
    let flags = with(to("hub"), "allowForwardedTraffic", json!(true));
    assert_eq!(cloud.make(&peering("vnet", "to-hub"), flags)["properties"]["allowForwardedTraffic"], true);
    assert_eq!(states(&cloud, &peering("hub", "to-vnet")).0, "Connected");
}

#[test]
fn the_first_side_connects_when_the_second_is_over() {
    let cloud = with_other(Cloud::real().with_network(), "hub", "10.2.0.0/16");
    cloud.make(&peering("vnet", "to-hub"), to("hub"));
    let second = cloud.put(&peering("hub", "to-vnet"), to("vnet"));
    assert_eq!(second.status, 201);
    assert_eq!(states(&cloud, &peering("vnet", "to-hub")).0, "Initiated");
    cloud.follow(&second);
    assert_eq!(states(&cloud, &peering("vnet", "to-hub")).0, "Connected");
    // A change of one side does not part them.
    let change =
        cloud.put(&peering("hub", "to-vnet"), with(to("vnet"), "allowForwardedTraffic", json!(true)));
    assert_eq!((change.status, states(&cloud, &peering("vnet", "to-hub")).0.as_str()), (200, "Connected"));
}

#[test]
fn a_side_whose_other_is_gone_cannot_be_used_again() {
    let cloud = hub();
    cloud.make(&peering("vnet", "to-hub"), to("hub"));
    cloud.make(&peering("hub", "to-vnet"), to("vnet"));
    cloud.unmake(&peering("vnet", "to-hub"));
    assert_eq!(states(&cloud, &peering("hub", "to-vnet")).0, "Disconnected");
    cloud.put(&peering("vnet", "to-hub"), to("hub")).refused(400, "RemotePeeringIsDisconnected");
    cloud.make(&peering("hub", "to-vnet"), with(to("vnet"), "allowForwardedTraffic", json!(true)));
    assert_eq!(states(&cloud, &peering("hub", "to-vnet")).0, "Disconnected");
    cloud.unmake(&peering("hub", "to-vnet"));
    cloud.make(&peering("vnet", "to-hub"), to("hub"));
    cloud.make(&peering("hub", "to-vnet"), to("vnet"));
    assert_eq!(states(&cloud, &peering("vnet", "to-hub")).0, "Connected");
}

#[test]
fn a_network_that_goes_disconnects_its_peers_and_they_can_still_be_written() {
    let cloud = hub();
    cloud.make(&peering("vnet", "to-hub"), to("hub"));
    cloud.make(&peering("hub", "to-vnet"), to("vnet"));
    cloud.unmake(&network("virtualNetworks/hub"));
    assert_eq!(states(&cloud, &peering("vnet", "to-hub")).0, "Disconnected");
    let path = network("virtualNetworks/vnet");
    let mut body = network_body();
    body["tags"] = json!({ "a": "b" });
    body["properties"]["virtualNetworkPeerings"] =
        json!([{ "name": "to-hub", "properties": to("hub")["properties"] }]);
    cloud.make(&path, body);
    // One of the same name is another network.
    cloud.make(&network("virtualNetworks/hub"), other_body("10.2.0.0/16"));
    assert_eq!(states(&cloud, &peering("vnet", "to-hub")).0, "Disconnected");
}

#[test]
fn a_network_can_carry_its_peerings_and_keeps_those_it_does_not_name() {
    let cloud = hub();
    cloud.make(&peering("hub", "to-vnet"), to("vnet"));
    let mut body = network_body();
    body["properties"]["virtualNetworkPeerings"] =
        json!([{ "name": "to-hub", "properties": to("hub")["properties"] }]);
    cloud.make(&network("virtualNetworks/vnet"), body.clone());
    assert_eq!(
        states(&cloud, &peering("vnet", "to-hub")),
        ("Connected".to_owned(), "FullyInSync".to_owned())
    );
    cloud.make(&network("virtualNetworks/vnet"), network_body());
    cloud.get(&peering("vnet", "to-hub")).ok();
    body["properties"]["virtualNetworkPeerings"] = json!([]);
    cloud.make(&network("virtualNetworks/vnet"), body);
    assert_eq!(cloud.get(&peering("vnet", "to-hub")).status, 404);
    assert_eq!(states(&cloud, &peering("hub", "to-vnet")).0, "Disconnected");
}

#[test]
fn the_remote_network_of_a_peering_is_fixed_and_must_be_there() {
    let cloud = with_other(hub(), "third", "10.3.0.0/16");
    cloud.make(&peering("vnet", "to-hub"), to("hub"));
    cloud.put(&peering("vnet", "to-hub"), to("third")).refused(409, "PropertyChangeNotAllowed");
    cloud.put(&peering("vnet", "x"), to("none")).refused(400, "InvalidResourceReference");
    cloud.put(&peering("vnet", "x"), json!({ "properties": {} })).refused(400, "InvalidRequestFormat");
    cloud.put(&peering("none", "x"), to("hub")).refused(404, "ParentResourceNotFound");
}

#[test]
fn networks_that_overlap_cannot_be_peered() {
    let cloud = with_other(hub(), "twin", "10.1.128.0/17");
    let refused = cloud.put(&peering("twin", "x"), to("vnet"));
    refused.refused(400, "VnetAddressSpacesOverlap");
    assert!(refused.message().ends_with("Overlapping address prefixes: 10.1.128.0/17."));
    let mut carrying = other_body("10.1.128.0/17");
    carrying["properties"]["virtualNetworkPeerings"] =
        json!([{ "name": "x", "properties": to("vnet")["properties"] }]);
    cloud.put(&network("virtualNetworks/new"), carrying).refused(400, "VnetAddressSpacesOverlap");
    cloud.make(&peering("vnet", "to-hub"), to("hub"));
    cloud.make(&peering("hub", "to-vnet"), to("vnet"));
    cloud
        .put(&peering("twin", "to-hub"), to("hub"))
        .refused(400, "VnetAddressSpaceOverlapsWithAlreadyPeeredVnet");
    let mut wider = network_body();
    wider["properties"]["addressSpace"]["addressPrefixes"] = json!(["10.1.0.0/16", "10.2.7.0/24"]);
    cloud
        .put(&network("virtualNetworks/vnet"), wider)
        .refused(400, "VnetAddressSpaceOverlapsWithAlreadyPeeredVnet");
}

#[test]
fn a_new_address_space_is_known_to_the_other_side_once_it_asks() {
    let cloud = hub();
    cloud.make(&peering("vnet", "to-hub"), to("hub"));
    cloud.make(&peering("hub", "to-vnet"), to("vnet"));
    let mut wider = network_body();
    wider["properties"]["addressSpace"]["addressPrefixes"] = json!(["10.1.0.0/16", "10.9.0.0/16"]);
    cloud.make(&network("virtualNetworks/vnet"), wider);
    assert_eq!(states(&cloud, &peering("vnet", "to-hub")).1, "RemoteNotInSync");
    assert_eq!(states(&cloud, &peering("hub", "to-vnet")).1, "LocalNotInSync");
    let seen = cloud.get(&peering("hub", "to-vnet")).body;
    assert_eq!(seen["properties"]["remoteAddressSpace"]["addressPrefixes"], json!(["10.1.0.0/16"]));
    assert_eq!(
        seen["properties"]["remoteVirtualNetworkAddressSpace"]["addressPrefixes"],
        json!(["10.1.0.0/16", "10.9.0.0/16"])
    );
    cloud.make(&peering("hub", "to-vnet"), to("vnet"));
    assert_eq!(
        states(&cloud, &peering("hub", "to-vnet")).1,
        "LocalNotInSync",
        "a plain PUT asks for nothing"
    );
    let sync = format!("{}?syncRemoteAddressSpace=true", peering("hub", "to-vnet"));
    let reply = cloud.put(&sync, to("vnet")).ok();
    cloud.follow(&reply);
    for side in [peering("vnet", "to-hub"), peering("hub", "to-vnet")] {
        assert_eq!(states(&cloud, &side).1, "FullyInSync");
    }
}

#[test]
fn the_gateways_of_the_other_side_must_be_there_and_allowed() {
    let cloud = hub();
    let using = with(to("hub"), "useRemoteGateways", json!(true));
    cloud.put(&peering("vnet", "to-hub"), using.clone()).refused(400, "RemoteVnetHasNoGateways");
    let trusting = with(using, "doNotVerifyRemoteGateways", json!(true));
    cloud.make(&peering("hub", "to-vnet"), to("vnet"));
    let refused = cloud.put(&peering("vnet", "to-hub"), trusting.clone());
    assert_eq!(refused.status, 400);
    assert!(refused.message().contains("has AllowGatewayTransit flag set to false"), "{refused:?}");
    cloud.make(&peering("hub", "to-vnet"), with(to("vnet"), "allowGatewayTransit", json!(true)));
    cloud.make(&peering("vnet", "to-hub"), trusting);
}

#[test]
fn a_network_that_is_being_written_cannot_be_peered() {
    let cloud = with_other(Cloud::real().with_network(), "hub", "10.2.0.0/16");
    let writing = cloud.put(
        &network("virtualNetworks/hub/subnets/new"),
        json!({ "properties": { "addressPrefix": "10.2.0.0/24" } }),
    );
    let refused = cloud.put(&peering("vnet", "to-hub"), to("hub"));
    refused.refused(400, "ReferencedResourceNotProvisioned");
    assert!(refused.message().ends_with("is PutSubnetOperation."), "{refused:?}");
    cloud.follow(&writing);
    // Both networks are held while a peering is written.
    let first = cloud.put(&peering("vnet", "to-hub"), to("hub")).ok();
    cloud.put(&peering("hub", "to-vnet"), to("vnet")).refused(409, "AnotherOperationInProgress");
    cloud
        .put(&subnet("new"), json!({ "properties": { "addressPrefix": "10.1.9.0/24" } }))
        .refused(409, "AnotherOperationInProgress");
    assert_eq!(
        cloud.get(&network("virtualNetworks/hub")).body["properties"]["provisioningState"],
        "Updating"
    );
    cloud.follow(&first);
    cloud.make(&peering("hub", "to-vnet"), to("vnet"));
}

#[test]
fn the_ranges_of_a_peer_are_routed_once_both_sides_stand() {
    let cloud = hub();
    let nic = network("networkInterfaces/nic");
    let body = json!({ "location": "eastus", "properties": { "ipConfigurations": [{
        "name": "ip", "properties": { "subnet": { "id": subnet("training") } } }] } });
    cloud.make(&nic, body);
    let peered = || {
        let path = format!("{nic}/effectiveRouteTable");
        let routes = cloud.send(Method::POST, &path, &[], &Value::Null).ok().body;
        let routes = routes["value"].as_array().unwrap().clone();
        routes.iter().any(|r| r["nextHopType"] == "VNetPeering" && r["addressPrefix"][0] == "10.2.0.0/16")
    };
    cloud.make(&peering("vnet", "to-hub"), to("hub"));
    assert!(!peered());
    cloud.make(&peering("hub", "to-vnet"), to("vnet"));
    assert!(peered());
    cloud.unmake(&peering("hub", "to-vnet"));
    assert!(!peered());
}
