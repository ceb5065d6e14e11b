//! DNS resolvers and forwarding rulesets, which azure-network A8 and E.17 ask
//! for: a delegated subnet for each endpoint, one resolver in a network, and
//! what must go first.

use super::envelope::written_back;
use super::*;

fn resolver(name: &str) -> String {
    network(&format!("dnsResolvers/{name}"))
}

fn resolver_body() -> Value {
    json!({ "location": "eastus", "properties": { "virtualNetwork": { "id": network("virtualNetworks/vnet") } } })
}

fn inbound() -> String {
    format!("{}/inboundEndpoints/in", resolver("dns"))
}

fn inbound_body(place: &str) -> Value {
    json!({ "location": "eastus", "properties": { "ipConfigurations": [{ "subnet": { "id": subnet(place) } }] } })
}

fn outbound() -> String {
    format!("{}/outboundEndpoints/out", resolver("dns"))
}

fn outbound_body(place: &str) -> Value {
    json!({ "location": "eastus", "properties": { "subnet": { "id": subnet(place) } } })
}

fn ruleset(name: &str) -> String {
    network(&format!("dnsForwardingRulesets/{name}"))
}

fn ruleset_body() -> Value {
    json!({ "location": "eastus", "properties": { "dnsResolverOutboundEndpoints": [{ "id": outbound() }] } })
}

fn rule(name: &str) -> String {
    format!("{}/forwardingRules/{name}", ruleset("rules"))
}

fn rule_body(domain: &str) -> Value {
    json!({ "properties": { "domainName": domain, "targetDnsServers": [{ "ipAddress": "192.168.0.10" }] } })
}

fn link(ruleset_name: &str) -> String {
    format!("{}/virtualNetworkLinks/vnet", ruleset(ruleset_name))
}

fn link_to(name: &str) -> Value {
    json!({ "properties": { "virtualNetwork": { "id": network(&format!("virtualNetworks/{name}")) } } })
}

fn delegated(range: &str) -> Value {
    json!({ "properties": { "addressPrefix": range, "delegations": [{
        "name": "dns", "properties": { "serviceName": "Microsoft.Network/dnsResolvers" } }] } })
}

/// A resolver, and two subnets for its endpoints.
fn ready() -> Cloud {
    let cloud = Cloud::instant().with_network();
    cloud.make(&subnet("dns-in"), delegated("10.1.2.0/28"));
    cloud.make(&subnet("dns-out"), delegated("10.1.2.16/28"));
    cloud.make(&resolver("dns"), resolver_body());
    cloud
}

/// Besides, an outbound endpoint and a ruleset for it.
fn ruled() -> Cloud {
    let cloud = ready();
    cloud.make(&outbound(), outbound_body("dns-out"));
    cloud.make(&ruleset("rules"), ruleset_body());
    cloud
}

fn names(cloud: &Cloud, collection: &str) -> Vec<String> {
    let list = cloud.get(collection).ok().body;
    list["value"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_resolver_is_made_in_an_operation_of_its_own_service() {
    let cloud = Cloud::instant().with_network();
    let reply = cloud.put(&resolver("dns"), resolver_body());
    assert_eq!(reply.status, 202);
    assert!(reply.header("azure-asyncoperation").unwrap().contains("/dnsResolverOperationStatuses/"));
    assert!(reply.header("location").unwrap().contains("/dnsResolverOperationResults/"));
    assert_eq!(cloud.follow(&reply)["status"], "Succeeded");
    let made = cloud.get(&resolver("dns")).ok().body;
    assert_eq!(made["properties"]["dnsResolverState"], "Connected");
    assert!(made["properties"]["resourceGuid"].is_string() && made["systemData"]["createdAt"].is_string());
    assert_eq!(names(&cloud, &network("dnsResolvers")), ["dns"]);
    written_back(&cloud, &resolver("dns"));
    let reply = cloud.patch(&resolver("dns"), json!({ "tags": { "a": "b" } }));
    assert_eq!(cloud.follow(&reply)["status"], "Succeeded");
    assert_eq!(cloud.get(&resolver("dns")).body["tags"]["a"], "b");
    cloud.unmake(&resolver("dns"));
    assert_eq!(cloud.delete(&resolver("dns")).status, 204);
}

#[test]
fn a_network_has_one_resolver_of_its_region_for_good() {
    let cloud = ready();
    let refused = cloud.put(&resolver("second"), resolver_body());
    refused.refused(409, "Conflict");
    assert!(refused.message().contains(&resolver("dns")), "{refused:?}");
    let mut body = network_body();
    body["location"] = json!("westus");
    cloud.make(&network("virtualNetworks/far"), body);
    let mut body = resolver_body();
    body["properties"]["virtualNetwork"]["id"] = json!(network("virtualNetworks/far"));
    cloud.put(&resolver("dns"), body.clone()).refused(409, "PropertyChangeNotAllowed");
    cloud.put(&resolver("second"), body.clone()).refused(400, "InvalidResourceReference");
    body["properties"]["virtualNetwork"]["id"] = json!(network("virtualNetworks/none"));
    cloud.put(&resolver("second"), body).refused(400, "InvalidResourceReference");
}

#[test]
fn an_inbound_endpoint_takes_an_address_and_keeps_it() {
    let cloud = ready();
    let made = cloud.make(&inbound(), inbound_body("dns-in"));
    let configuration = &made["properties"]["ipConfigurations"][0];
    assert_eq!(
        (&configuration["privateIpAddress"], &configuration["privateIpAllocationMethod"]),
        (&json!("10.1.2.4"), &json!("Dynamic"))
    );
    assert_eq!(names(&cloud, &format!("{}/inboundEndpoints", resolver("dns"))), ["in"]);
    written_back(&cloud, &inbound());
    let mut body = inbound_body("dns-in");
    body["tags"] = json!({ "a": "b" });
    let again = cloud.make(&inbound(), body);
    assert_eq!(again["properties"]["ipConfigurations"], made["properties"]["ipConfigurations"]);
    let reply = cloud.patch(&inbound(), json!({ "tags": { "c": "d" } }));
    cloud.follow(&reply);
    assert_eq!(cloud.get(&inbound()).body["tags"], json!({ "c": "d" }));
    cloud.unmake(&inbound());
    let mut body = inbound_body("dns-in");
    body["properties"]["ipConfigurations"][0]["privateIpAllocationMethod"] = json!("Static");
    body["properties"]["ipConfigurations"][0]["privateIpAddress"] = json!("10.1.9.9");
    cloud.put(&inbound(), body.clone()).refused(400, "PrivateIPAddressNotInSubnet");
    body["properties"]["ipConfigurations"][0]["privateIpAddress"] = json!("10.1.2.10");
    let made = cloud.make(&inbound(), body);
    assert_eq!(made["properties"]["ipConfigurations"][0]["privateIpAddress"], "10.1.2.10");
}

#[test]
fn the_addresses_of_an_endpoint_change_hands() {
    let cloud = ready();
    let mut body = inbound_body("dns-in");
    let one = body["properties"]["ipConfigurations"][0].clone();
    body["properties"]["ipConfigurations"] = json!([one, one]);
    let addresses = |body: &Value| -> Vec<Value> {
        let list = body["properties"]["ipConfigurations"].as_array().unwrap();
        list.iter().map(|each| each["privateIpAddress"].clone()).collect()
    };
    assert_eq!(addresses(&cloud.make(&inbound(), body.clone())), ["10.1.2.4", "10.1.2.5"]);
    body["properties"]["ipConfigurations"][0]["privateIpAllocationMethod"] = json!("Static");
    body["properties"]["ipConfigurations"][0]["privateIpAddress"] = json!("10.1.2.5");
    assert_eq!(addresses(&cloud.make(&inbound(), body)), ["10.1.2.5", "10.1.2.4"]);
}

#[test]
fn an_endpoint_has_a_delegated_subnet_of_the_resolvers_network_to_itself() {
    let cloud = ready();
    cloud.put(&inbound(), inbound_body("training")).refused(400, "SubnetMissingRequiredDelegation");
    cloud.put(&outbound(), outbound_body("training")).refused(400, "SubnetMissingRequiredDelegation");
    cloud.make(&subnet("dns-small"), delegated("10.1.2.32/29"));
    cloud.put(&inbound(), inbound_body("dns-small")).refused(400, "BadRequest");
    cloud
        .put(&inbound(), json!({ "location": "eastus", "properties": { "ipConfigurations": [] } }))
        .refused(400, "BadRequest");
    cloud.make(&inbound(), inbound_body("dns-in"));
    cloud.put(&outbound(), outbound_body("dns-in")).refused(409, "Conflict");
    cloud.put(&inbound(), inbound_body("dns-out")).refused(409, "PropertyChangeNotAllowed");
    let mut both = inbound_body("dns-in");
    let other = inbound_body("dns-out")["properties"]["ipConfigurations"][0].clone();
    both["properties"]["ipConfigurations"].as_array_mut().unwrap().push(other);
    let second = format!("{}/inboundEndpoints/second", resolver("dns"));
    cloud.put(&second, both).refused(400, "BadRequest");
    cloud.make(&network("virtualNetworks/spoke"), network_body());
    let away = network("virtualNetworks/spoke/subnets/dns");
    cloud.make(&away, delegated("10.1.2.0/28"));
    let mut body = outbound_body("dns-out");
    body["properties"]["subnet"]["id"] = json!(away);
    cloud.put(&outbound(), body).refused(400, "BadRequest");
}

#[test]
fn a_subnet_shows_the_resolver_in_it_and_stays_delegated() {
    let cloud = ready();
    cloud.make(&inbound(), inbound_body("dns-in"));
    cloud.make(&outbound(), outbound_body("dns-out"));
    assert_eq!(names(&cloud, &format!("{}/outboundEndpoints", resolver("dns"))), ["out"]);
    written_back(&cloud, &outbound());
    for name in ["dns-in", "dns-out"] {
        let seen = cloud.get(&subnet(name)).body["properties"].clone();
        let link = format!("{}/serviceAssociationLinks/dnsResolverLink", subnet(name));
        assert_eq!(seen["serviceAssociationLinks"][0]["id"], link);
        assert!(seen["ipConfigurations"].is_null());
        let refused = cloud.delete(&subnet(name));
        refused.refused(400, "InUseSubnetCannotBeDeleted");
        assert!(refused.message().contains(&link), "{refused:?}");
    }
    let refused = cloud.put(&subnet("dns-in"), json!({ "properties": { "addressPrefix": "10.1.2.0/28" } }));
    refused.refused(400, "SubnetMissingRequiredDelegation");
    cloud.make(&subnet("dns-in"), delegated("10.1.2.0/28"));
    cloud.delete(&network("virtualNetworks/vnet")).refused(400, "InUseSubnetCannotBeDeleted");
    let refused = cloud.delete(&resolver("dns"));
    refused.refused(409, "CannotDeleteResource");
    assert!(refused.message().contains(&inbound()), "{refused:?}");
    cloud.unmake(&inbound());
    cloud.delete(&resolver("dns")).refused(409, "CannotDeleteResource");
    cloud.unmake(&outbound());
    cloud.make(&subnet("dns-in"), json!({ "properties": { "addressPrefix": "10.1.2.0/28" } }));
    cloud.unmake(&network("virtualNetworks/vnet"));
    assert_eq!(cloud.get(&resolver("dns")).body["properties"]["dnsResolverState"], "Disconnected");
    cloud.unmake(&resolver("dns"));
}

#[test]
fn a_ruleset_keeps_its_endpoint_and_its_links_keep_it() {
    let cloud = ruled();
    assert_eq!(names(&cloud, &network("dnsForwardingRulesets")), ["rules"]);
    written_back(&cloud, &ruleset("rules"));
    cloud.delete(&outbound()).refused(409, "Conflict");
    let made = cloud.make(&link("rules"), link_to("vnet"));
    assert_eq!(made["properties"]["provisioningState"], "Succeeded");
    assert_eq!(names(&cloud, &format!("{}/virtualNetworkLinks", ruleset("rules"))), ["vnet"]);
    written_back(&cloud, &link("rules"));
    let reply = cloud.patch(&link("rules"), json!({ "properties": { "metadata": { "a": "b" } } }));
    assert_eq!(cloud.follow(&reply)["status"], "Succeeded");
    assert_eq!(cloud.get(&link("rules")).body["properties"]["metadata"], json!({ "a": "b" }));
    cloud.delete(&ruleset("rules")).refused(409, "CannotDeleteResource");
    cloud.make(&rule("office"), rule_body("office.example."));
    cloud.unmake(&link("rules"));
    cloud.unmake(&ruleset("rules"));
    assert_eq!(cloud.get(&rule("office")).status, 404, "its rules go with it");
    cloud.unmake(&outbound());
}

#[test]
fn a_ruleset_uses_endpoints_that_are_there() {
    let cloud = ruled();
    let mut body = ruleset_body();
    body["properties"]["dnsResolverOutboundEndpoints"] = json!([]);
    cloud.put(&ruleset("other"), body.clone()).refused(400, "BadRequest");
    body["properties"]["dnsResolverOutboundEndpoints"] =
        json!([{ "id": format!("{}/outboundEndpoints/none", resolver("dns")) }]);
    cloud.put(&ruleset("other"), body).refused(400, "InvalidResourceReference");
    let mut body = ruleset_body();
    body["location"] = json!("westus");
    cloud.put(&ruleset("other"), body).refused(400, "InvalidResourceReference");
    let reply = cloud.patch(&ruleset("rules"), json!({ "tags": { "a": "b" } }));
    assert_eq!(cloud.follow(&reply)["status"], "Succeeded");
    let seen = cloud.get(&ruleset("rules")).body;
    assert_eq!(
        (&seen["tags"]["a"], &seen["properties"]["dnsResolverOutboundEndpoints"]),
        (&json!("b"), &json!([{ "id": outbound() }]))
    );
}

#[test]
fn a_group_goes_with_its_resolver_whatever_keeps_what() {
    let cloud = ruled();
    cloud.make(&inbound(), inbound_body("dns-in"));
    cloud.make(&rule("office"), rule_body("office.example."));
    cloud.unmake(&rg());
    assert!(cloud.simulator.list().unwrap().is_empty());
}

#[test]
fn a_network_follows_one_ruleset() {
    let cloud = ruled();
    cloud.make(&ruleset("more"), ruleset_body());
    cloud.make(&link("rules"), link_to("vnet"));
    let refused = cloud.put(&link("more"), link_to("vnet"));
    refused.refused(409, "Conflict");
    assert!(refused.message().contains(&link("rules")), "{refused:?}");
    cloud.make(&network("virtualNetworks/spoke"), network_body());
    cloud.put(&link("rules"), link_to("spoke")).refused(409, "PropertyChangeNotAllowed");
    cloud.make(&link("more"), link_to("spoke"));
    let mut body = network_body();
    body["location"] = json!("westus");
    cloud.make(&network("virtualNetworks/far"), body);
    let far = format!("{}/virtualNetworkLinks/far", ruleset("more"));
    cloud.put(&far, link_to("far")).refused(400, "InvalidResourceReference");
}

#[test]
fn a_forwarding_rule_is_written_at_once() {
    let cloud = ruled();
    let reply = cloud.put(&rule("office"), rule_body("office.example."));
    assert_eq!((reply.status, &reply.body["properties"]["provisioningState"]), (201, &json!("Succeeded")));
    assert_eq!(reply.body["properties"]["forwardingRuleState"], "Enabled");
    assert_eq!(
        reply.body["properties"]["targetDnsServers"],
        json!([{ "ipAddress": "192.168.0.10", "port": 53 }])
    );
    assert_eq!(names(&cloud, &format!("{}/forwardingRules", ruleset("rules"))), ["office"]);
    written_back(&cloud, &rule("office"));
    let reply = cloud.patch(&rule("office"), json!({ "properties": { "forwardingRuleState": "Disabled" } }));
    assert_eq!((reply.status, &reply.body["properties"]["forwardingRuleState"]), (200, &json!("Disabled")));
    cloud.put(&rule("office"), rule_body("other.example.")).refused(409, "PropertyChangeNotAllowed");
    assert_eq!(cloud.delete(&rule("office")).status, 200);
    assert_eq!(cloud.delete(&rule("office")).status, 204);
}

#[test]
fn a_forwarding_rule_names_a_whole_domain_once_and_a_few_servers() {
    let cloud = ruled();
    cloud.put(&rule("office"), rule_body("office.example")).refused(400, "BadRequest");
    let mut body = rule_body("office.example.");
    let servers: Vec<Value> = (1..8).map(|n| json!({ "ipAddress": format!("192.168.0.{n}") })).collect();
    body["properties"]["targetDnsServers"] = json!(servers);
    cloud.put(&rule("office"), body.clone()).refused(400, "BadRequest");
    body["properties"]["targetDnsServers"] = json!([]);
    cloud.put(&rule("office"), body).refused(400, "BadRequest");
    cloud.make(&rule("office"), rule_body("office.example."));
    cloud.put(&rule("again"), rule_body("Office.example.")).refused(409, "Conflict");
    cloud.make(&rule("everything"), rule_body("."));
}

#[test]
fn an_endpoint_cannot_be_made_while_its_network_is_written() {
    let cloud = Cloud::real().with_network();
    cloud.make(&subnet("dns-in"), delegated("10.1.2.0/28"));
    cloud.make(&resolver("dns"), resolver_body());
    let write = cloud.put(&subnet("more"), json!({ "properties": { "addressPrefix": "10.1.3.0/24" } })).ok();
    cloud.put(&inbound(), inbound_body("dns-in")).refused(409, "AnotherOperationInProgress");
    cloud.follow(&write);
    cloud.make(&inbound(), inbound_body("dns-in"));
}

/// azure-network C.3, `SubnetWithExternalResourcesCannotBeUsedByOtherResources`:
/// before the service is there, it is the delegation that forbids.
#[test]
fn a_subnet_that_a_service_works_in_takes_nothing_else() {
    let cloud = ready();
    let nic = json!({ "location": "eastus", "properties": { "ipConfigurations": [{
        "name": "ip", "properties": { "subnet": { "id": subnet("dns-in") } } }] } });
    let put = || cloud.put(&network("networkInterfaces/nic"), nic.clone());
    put().refused(400, "ResourceNotPermittedOnDelegatedSubnet");
    cloud.make(&inbound(), inbound_body("dns-in"));
    let refused = put();
    refused.refused(400, "SubnetWithExternalResourcesCannotBeUsedByOtherResources");
    assert!(refused.message().contains("(Microsoft.Network/dnsResolvers, "), "{refused:?}");
    cloud.unmake(&inbound());
    put().refused(400, "ResourceNotPermittedOnDelegatedSubnet");
}
