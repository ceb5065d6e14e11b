//! Security rules, application security groups, routes and service endpoint
//! policies (azure-network A6, A7, B.3 to B.5, B.16, C.3 and E.3, E.7, E.17).

use super::*;

fn group() -> String {
    network("networkSecurityGroups/nsg")
}

fn rule_at(name: &str) -> String {
    format!("{}/securityRules/{name}", group())
}

fn rule(priority: u16, direction: &str) -> Value {
    json!({ "properties": {
        "priority": priority, "direction": direction, "access": "Allow", "protocol": "Tcp",
        "sourceAddressPrefix": "AzureMachineLearning", "sourcePortRange": "*",
        "destinationAddressPrefix": "VirtualNetwork", "destinationPortRange": "44224" } })
}

fn named(name: &str, mut body: Value) -> Value {
    body["name"] = json!(name);
    body
}

fn with(mut body: Value, name: &str, value: Value) -> Value {
    body["properties"][name] = value;
    body
}

fn without(mut body: Value, name: &str) -> Value {
    body["properties"].as_object_mut().unwrap().remove(name);
    body
}

fn rules_of(cloud: &Cloud) -> Vec<Value> {
    let body = cloud.get(&group()).ok().body;
    body["properties"]["securityRules"].as_array().unwrap().iter().map(|rule| rule["name"].clone()).collect()
}

#[test]
fn a_rule_is_a_resource_and_a_part_of_its_group() {
    let cloud = Cloud::instant().with_network();
    cloud.make(&group(), json!({ "location": "eastus" }));
    let reply = cloud.put(&rule_at("a"), rule(100, "Inbound"));
    assert_eq!(reply.status, 201);
    assert!(reply.header("azure-asyncoperation").is_some());
    let child = cloud.get(&rule_at("a")).ok().body;
    assert_eq!(child["type"], "Microsoft.Network/networkSecurityGroups/securityRules");
    assert_eq!(cloud.get(&group()).body["properties"]["securityRules"], json!([child]));
    assert_eq!(cloud.get(&format!("{}/securityRules", group())).body["value"], json!([child]));
    let etag = cloud.get(&group()).body["etag"].clone();
    cloud.make(&rule_at("a"), with(rule(100, "Inbound"), "access", json!("Deny")));
    assert_ne!(cloud.get(&group()).body["etag"], etag);
    cloud.unmake(&rule_at("a"));
    assert_eq!(cloud.delete(&rule_at("a")).status, 204);
    assert!(rules_of(&cloud).is_empty());
    cloud
        .put(&network("networkSecurityGroups/none/securityRules/a"), rule(100, "Inbound"))
        .refused(404, "ParentResourceNotFound");
}

#[test]
fn a_put_of_the_group_replaces_its_rules_and_a_patch_of_tags_does_not() {
    let cloud = Cloud::instant().with_network();
    let body = json!({ "location": "eastus", "properties": { "securityRules": [
        named("a", rule(100, "Inbound")), named("b", rule(100, "Outbound"))] } });
    cloud.make(&group(), body.clone());
    cloud.make(&rule_at("c"), rule(200, "Inbound"));
    assert_eq!(rules_of(&cloud), ["a", "b", "c"]);
    let patched = cloud.patch(&group(), json!({ "tags": { "team": "ml" } }));
    assert_eq!((patched.status, &patched.body["tags"]), (200, &json!({ "team": "ml" })));
    assert_eq!(rules_of(&cloud), ["a", "b", "c"]);
    cloud.make(&group(), body);
    assert_eq!(rules_of(&cloud), ["a", "b"]);
    cloud.make(&group(), json!({ "location": "eastus" }));
    assert!(rules_of(&cloud).is_empty());
}

#[test]
fn priorities_are_told_apart_however_a_rule_came() {
    let cloud = Cloud::instant().with_network();
    let body = |rules: Value| json!({ "location": "eastus", "properties": { "securityRules": rules } });
    cloud.make(&group(), body(json!([named("a", rule(100, "Inbound")), named("b", rule(200, "Inbound"))])));
    let refused = cloud.put(&rule_at("c"), rule(100, "Inbound"));
    refused.refused(400, "SecurityRuleConflict");
    assert!(refused.message().starts_with("Security rule c conflicts with rule a."));
    cloud.make(&rule_at("c"), rule(100, "Outbound"));
    // Two rules cannot swap one after the other, and can in one PUT of their group.
    cloud.put(&rule_at("a"), rule(200, "Inbound")).refused(400, "SecurityRuleConflict");
    cloud.make(&group(), body(json!([named("a", rule(200, "Inbound")), named("b", rule(100, "Inbound"))])));
    assert_eq!(cloud.get(&rule_at("a")).body["properties"]["priority"], 200);
}

#[test]
fn a_rule_says_each_thing_once_and_in_a_form_that_is() {
    let cloud = Cloud::instant().with_network();
    cloud.make(&group(), json!({ "location": "eastus" }));
    let good = || rule(100, "Inbound");
    let cases = [
        (with(good(), "destinationPortRange", json!("80-22")), "SecurityRuleInvalidPortRange"),
        (with(good(), "destinationPortRange", json!("65536")), "SecurityRuleInvalidPortRange"),
        (with(good(), "sourceAddressPrefix", json!("10.0.0.0/33")), "SecurityRuleInvalidAddressPrefix"),
        (with(good(), "sourceAddressPrefix", json!("10.0.0")), "SecurityRuleInvalidAddressPrefix"),
        (
            with(good(), "sourceAddressPrefixes", json!(["10.0.0.0/8"])),
            "SecurityRuleParameterContainsUnsupportedValue",
        ),
        (without(good(), "sourceAddressPrefix"), "SecurityRuleInvalidParameter"),
        (with(good(), "description", json!("x".repeat(141))), "SecurityRuleInvalidParameter"),
        (with(good(), "priority", json!(99)), "InvalidParameter"),
        (with(good(), "priority", json!(4097)), "InvalidParameter"),
        (without(good(), "direction"), "InvalidParameter"),
    ];
    for (body, code) in cases {
        cloud.put(&rule_at("a"), body.clone()).refused(400, code);
        let whole = json!({ "location": "eastus", "properties": { "securityRules": [named("a", body)] } });
        cloud.put(&group(), whole).refused(400, code);
    }
    cloud.put(&rule_at("AllowVnetInBound"), good()).refused(400, "SecurityRuleConflict");
    let plural = without(without(good(), "sourceAddressPrefix"), "destinationPortRange");
    let plural = with(plural, "sourceAddressPrefixes", json!(["10.0.0.0/8", "192.168.1.1"]));
    cloud.make(&rule_at("a"), with(plural, "destinationPortRanges", json!(["22", "8000-9000"])));
}

#[test]
fn the_rules_that_every_group_has_can_be_read() {
    let cloud = Cloud::instant().with_network();
    cloud.make(&group(), json!({ "location": "eastus" }));
    let list = format!("{}/defaultSecurityRules", group());
    let listed = cloud.get(&list).ok().body;
    assert_eq!(listed["value"], cloud.get(&group()).body["properties"]["defaultSecurityRules"]);
    let one = cloud.get(&format!("{list}/DenyAllInBound")).ok().body;
    assert_eq!(
        (&one["properties"]["priority"], &one["properties"]["access"]),
        (&json!(65500), &json!("Deny"))
    );
    cloud.get(&format!("{list}/none")).refused(404, "NotFound");
    let other = network("networkSecurityGroups/none/defaultSecurityRules");
    cloud.get(&other).refused(404, "ResourceNotFound");
}

#[test]
fn an_application_security_group_stays_while_it_is_borne() {
    let cloud = Cloud::instant().with_network();
    let servers = network("applicationSecurityGroups/servers");
    let made = cloud.make(&servers, json!({ "location": "eastus" }));
    assert!(made["properties"]["resourceGuid"].is_string());
    cloud.make(&group(), json!({ "location": "eastus" }));
    let body = without(rule(100, "Inbound"), "destinationAddressPrefix");
    let body = with(body, "destinationApplicationSecurityGroups", json!([{ "id": servers }]));
    cloud.make(&rule_at("a"), body.clone());
    let both = with(body, "destinationAddressPrefix", json!("*"));
    cloud.put(&rule_at("a"), both).refused(400, "SecurityRuleParameterContainsUnsupportedValue");
    let refused = cloud.delete(&servers);
    assert_eq!(refused.status, 400);
    assert!(refused.message().contains(&rule_at("a")), "{refused:?}");
    cloud.unmake(&rule_at("a"));
    let nic = network("networkInterfaces/nic");
    let body = json!({ "location": "eastus", "properties": { "ipConfigurations": [{ "name": "ip", "properties": {
        "subnet": { "id": subnet("training") }, "applicationSecurityGroups": [{ "id": servers }] } }] } });
    cloud.make(&nic, body);
    assert_eq!(cloud.delete(&servers).status, 400);
    cloud.unmake(&nic);
    cloud.unmake(&servers);
}

fn table() -> String {
    network("routeTables/rt")
}

fn route(prefix: &str, hop: &str, address: Option<&str>) -> Value {
    let mut body = json!({ "properties": { "addressPrefix": prefix, "nextHopType": hop } });
    if let Some(address) = address {
        body["properties"]["nextHopIpAddress"] = json!(address);
    }
    body
}

#[test]
fn a_route_is_a_resource_and_a_part_of_its_table() {
    let cloud = Cloud::instant().with_network();
    let batch = named("batch", route("BatchNodeManagement", "Internet", None));
    let made = cloud.make(&table(), json!({ "location": "eastus", "properties": { "routes": [batch] } }));
    assert_eq!(made["properties"]["disableBgpRoutePropagation"], false);
    assert_eq!(made["properties"]["routes"][0]["properties"]["hasBgpOverride"], false);
    let firewall = format!("{}/routes/firewall", table());
    cloud.make(&firewall, route("0.0.0.0/0", "virtualappliance", Some("10.1.0.62")));
    let child = cloud.get(&firewall).body;
    assert_eq!(child["properties"]["nextHopType"], "VirtualAppliance");
    assert_eq!(cloud.get(&table()).body["properties"]["routes"][1], child);
    assert_eq!(cloud.get(&format!("{}/routes", table())).body["value"].as_array().unwrap().len(), 2);
    assert_eq!(cloud.patch(&table(), json!({ "tags": { "a": "b" } })).status, 200);
    assert_eq!(cloud.get(&table()).body["properties"]["routes"].as_array().unwrap().len(), 2);
    cloud.unmake(&firewall);
    cloud.make(&table(), json!({ "location": "eastus" }));
    assert_eq!(cloud.get(&table()).body["properties"]["routes"], json!([]));
}

#[test]
fn only_an_appliance_has_an_address_to_go_to() {
    let cloud = Cloud::instant().with_network();
    cloud.make(&table(), json!({ "location": "eastus" }));
    let path = format!("{}/routes/r", table());
    for body in [
        route("0.0.0.0/0", "VirtualAppliance", None),
        route("0.0.0.0/0", "VirtualAppliance", Some("firewall")),
        route("0.0.0.0/0", "Internet", Some("10.1.0.62")),
        route("0.0.0.0", "Nowhere", None),
        route("10.0.0.0/40", "Internet", None),
        route("*", "Internet", None),
        json!({ "properties": { "addressPrefix": "0.0.0.0/0" } }),
    ] {
        assert_eq!(cloud.put(&path, body.clone()).status, 400, "{body}");
    }
    for hop in ["VirtualNetworkGateway", "VnetLocal", "Internet", "None"] {
        cloud.make(&path, route("10.9.0.0/16", hop, None));
    }
}

fn attached(name: &str, value: Value) -> Value {
    json!({ "properties": { "addressPrefix": "10.1.1.0/24", name: value } })
}

#[test]
fn a_route_table_in_use_stays() {
    let cloud = Cloud::instant().with_network();
    cloud.make(&table(), json!({ "location": "eastus" }));
    cloud.make(&subnet("training"), attached("routeTable", json!({ "id": table() })));
    assert_eq!(cloud.get(&table()).body["properties"]["subnets"], json!([{ "id": subnet("training") }]));
    let refused = cloud.delete(&table());
    refused.refused(400, "InUseRouteTableCannotBeDeleted");
    assert_eq!(refused.message(), "Route table rt is in use and cannot be deleted.");
    cloud.make(&subnet("training"), json!({ "properties": { "addressPrefix": "10.1.1.0/24" } }));
    assert!(cloud.get(&table()).body["properties"].get("subnets").is_none());
    cloud.unmake(&table());
}

#[test]
fn one_writes_a_group_or_a_table_at_a_time() {
    let cloud = Cloud::real().with_network();
    cloud.make(&group(), json!({ "location": "eastus" }));
    cloud.make(&table(), json!({ "location": "eastus" }));
    let route_at = |name: &str| format!("{}/routes/{name}", table());
    let routes = ["10.8.0.0/16", "10.9.0.0/16"].map(|prefix| route(prefix, "None", None));
    for (paths, [one, two]) in [
        ([rule_at("a"), rule_at("b")], [rule(100, "Inbound"), rule(200, "Inbound")]),
        ([route_at("a"), route_at("b")], routes),
    ] {
        let first = cloud.put(&paths[0], one).ok();
        cloud.put(&paths[1], two.clone()).refused(409, "AnotherOperationInProgress");
        cloud.follow(&first);
        let second = cloud.put(&paths[1], two).ok();
        cloud.follow(&second);
    }
}

fn policy() -> String {
    network("serviceEndpointPolicies/sep")
}

fn definition(service: &str, resources: Value) -> Value {
    json!({ "properties": { "service": service, "serviceResources": resources } })
}

#[test]
fn a_policy_names_what_its_services_lead_to() {
    let cloud = Cloud::instant().with_services();
    let made = cloud.make(
        &policy(),
        json!({ "location": "eastus", "properties": { "serviceEndpointPolicyDefinitions": [
            named("storage", definition("Microsoft.Storage", json!([storage("stml")])))] } }),
    );
    assert_eq!(made["properties"]["serviceEndpointPolicyDefinitions"][0]["name"], "storage");
    let aliases = format!("{}/serviceEndpointPolicyDefinitions/aml", policy());
    cloud.make(&aliases, definition("Global", json!(["/services/Azure/MachineLearning"])));
    let listed = cloud.get(&format!("{}/serviceEndpointPolicyDefinitions", policy())).body;
    assert_eq!(listed["value"].as_array().unwrap().len(), 2);
    assert_eq!(listed["value"], cloud.get(&policy()).body["properties"]["serviceEndpointPolicyDefinitions"]);
    let path = format!("{}/serviceEndpointPolicyDefinitions/x", policy());
    for body in [
        definition("Microsoft.Sql", json!([storage("stml")])),
        definition("Microsoft.Storage", json!(["/services/Azure/Batch"])),
        definition("Microsoft.Storage", json!([vault("kv-ml")])),
        definition("Microsoft.Storage", json!([])),
        definition("Global", json!([storage("stml")])),
        with(definition("Microsoft.Storage", json!([rg()])), "description", json!("x".repeat(141))),
    ] {
        assert_eq!(cloud.put(&path, body.clone()).status, 400, "{body}");
    }
    for scope in [rg(), format!("/subscriptions/{SUBSCRIPTION}")] {
        cloud.make(&path, definition("Microsoft.Storage", json!([scope])));
    }
    cloud.unmake(&path);
    cloud.unmake(&aliases);
}

#[test]
fn a_policy_in_use_stays_and_needs_its_endpoint() {
    let cloud = Cloud::instant().with_network();
    let body = definition("Microsoft.Storage", json!([rg()]));
    cloud.make(
        &policy(),
        json!({ "location": "eastus", "properties": { "serviceEndpointPolicyDefinitions": [named("s", body)] } }),
    );
    let mut guarded = attached("serviceEndpointPolicies", json!([{ "id": policy() }]));
    assert_eq!(cloud.put(&subnet("training"), guarded.clone()).status, 400);
    guarded = with(guarded, "serviceEndpoints", json!([{ "service": "Microsoft.Storage" }]));
    cloud.make(&subnet("training"), guarded);
    assert_eq!(cloud.get(&policy()).body["properties"]["subnets"], json!([{ "id": subnet("training") }]));
    cloud.delete(&policy()).refused(400, "ServiceEndpointPolicyCannotBeDeletedIfReferencedBySubnet");
    cloud.make(&subnet("training"), json!({ "properties": { "addressPrefix": "10.1.1.0/24" } }));
    cloud.unmake(&policy());
}

#[test]
fn what_guards_a_subnet_lies_in_its_region() {
    let cloud = Cloud::instant().with_network();
    for (kind, property) in [
        ("networkSecurityGroups", "networkSecurityGroup"),
        ("routeTables", "routeTable"),
        ("natGateways", "natGateway"),
    ] {
        let path = network(&format!("{kind}/far"));
        cloud.make(&path, json!({ "location": "westeurope" }));
        let body = attached(property, json!({ "id": path }));
        cloud.put(&subnet("training"), body.clone()).refused(400, "InvalidResourceReference");
        let mut whole = network_body();
        whole["properties"]["subnets"][1]["properties"] = body["properties"].clone();
        cloud.put(&network("virtualNetworks/vnet"), whole).refused(400, "InvalidResourceReference");
    }
    let nic = json!({ "location": "westeurope", "properties": { "ipConfigurations": [{
        "name": "ip", "properties": { "subnet": { "id": subnet("training") } } }] } });
    cloud.put(&network("networkInterfaces/nic"), nic).refused(400, "InvalidResourceReference");
}

#[test]
fn a_subnet_with_one_of_azures_names_suits_its_service() {
    let cloud = Cloud::instant().with_network();
    cloud.make(&group(), json!({ "location": "eastus" }));
    let range = |bits: u8| json!({ "properties": { "addressPrefix": format!("10.1.8.0/{bits}") } });
    for (name, longest, guarded) in [
        ("AzureBastionSubnet", 26, true),
        ("AzureFirewallSubnet", 26, false),
        ("AzureFirewallManagementSubnet", 26, false),
        ("GatewaySubnet", 29, false),
    ] {
        if longest < 29 {
            cloud.put(&subnet(name), range(longest + 1)).refused(400, "NetcfgInvalidSubnet");
        }
        cloud.make(&subnet(name), range(longest));
        let body = with(range(longest), "networkSecurityGroup", json!({ "id": group() }));
        assert_eq!(cloud.put(&subnet(name), body).status, if guarded { 200 } else { 400 }, "{name}");
        cloud.unmake(&subnet(name));
    }
}

#[test]
fn a_delegated_subnet_takes_no_interface() {
    let cloud = Cloud::instant().with_network();
    let delegations = json!([{ "name": "aci", "properties": { "serviceName": "Microsoft.ContainerInstance/containerGroups" } }]);
    cloud.make(&subnet("training"), attached("delegations", delegations));
    let nic = json!({ "location": "eastus", "properties": { "ipConfigurations": [{
        "name": "ip", "properties": { "subnet": { "id": subnet("training") } } }] } });
    cloud.put(&network("networkInterfaces/nic"), nic).refused(400, "ResourceNotPermittedOnDelegatedSubnet");
}

#[test]
fn a_security_group_of_an_interface_stays() {
    let cloud = Cloud::instant().with_network();
    cloud.make(&group(), json!({ "location": "eastus" }));
    let nic = network("networkInterfaces/nic");
    let body = json!({ "location": "eastus", "properties": { "networkSecurityGroup": { "id": group() },
        "ipConfigurations": [{ "name": "ip", "properties": { "subnet": { "id": subnet("training") } } }] } });
    cloud.make(&nic, body);
    assert_eq!(cloud.get(&group()).body["properties"]["networkInterfaces"], json!([{ "id": nic }]));
    cloud.delete(&group()).refused(400, "InUseNetworkSecurityGroupCannotBeDeleted");
    cloud.unmake(&nic);
    cloud.unmake(&group());
}

#[test]
fn two_routes_cannot_share_a_prefix() {
    let cloud = Cloud::instant().with_network();
    let body = |routes: Value| json!({ "location": "eastus", "properties": { "routes": routes } });
    let (one, two) = (route("Storage.EastUS", "Internet", None), route("storage.eastus", "None", None));
    cloud
        .put(&table(), body(json!([named("a", one.clone()), named("b", two.clone())])))
        .refused(400, "RouteConflict");
    cloud.make(&table(), body(json!([named("a", one.clone())])));
    let refused = cloud.put(&format!("{}/routes/b", table()), two);
    refused.refused(400, "RouteConflict");
    assert!(refused.message().starts_with("Route b conflicts with route a."));
    cloud.make(&format!("{}/routes/a", table()), one);
}

#[test]
fn a_network_that_is_written_holds_what_guards_its_subnets() {
    let cloud = Cloud::real().with_network();
    cloud.make(&group(), json!({ "location": "eastus" }));
    let mut body = network_body();
    body["properties"]["subnets"][1]["properties"]["networkSecurityGroup"] = json!({ "id": group() });
    let writing = cloud.put(&network("virtualNetworks/vnet"), body.clone()).ok();
    cloud.put(&rule_at("a"), rule(100, "Inbound")).refused(409, "AnotherOperationInProgress");
    cloud.follow(&writing);
    // One that is left as it is, is not written.
    body["properties"]["subnets"][0]["properties"]["defaultOutboundAccess"] = json!(true);
    let writing = cloud.put(&network("virtualNetworks/vnet"), body).ok();
    cloud.make(&rule_at("a"), rule(100, "Inbound"));
    cloud.follow(&writing);
}
