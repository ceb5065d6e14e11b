//! Firewalls, their policies and IP groups (azure-network A6.2, B.9, B.10, C.3,
//! C.8, D.2, E.3, E.5, E.7, E.17).

use super::envelope::written_back;
use super::gateways::address_body;
use super::*;

fn firewall(name: &str) -> String {
    network(&format!("azureFirewalls/{name}"))
}

fn policy(name: &str) -> String {
    network(&format!("firewallPolicies/{name}"))
}

fn group(name: &str) -> String {
    format!("{}/ruleCollectionGroups/{name}", policy("policy"))
}

fn addresses() -> String {
    network("ipGroups/offices")
}

fn address(name: &str) -> String {
    network(&format!("publicIPAddresses/{name}"))
}

fn firewall_body() -> Value {
    json!({ "location": "eastus", "properties": {
        "sku": { "name": "AZFW_VNet", "tier": "Standard" },
        "ipConfigurations": [{ "name": "ipconf", "properties": {
            "subnet": { "id": subnet("AzureFirewallSubnet") }, "publicIPAddress": { "id": address("pip") } } }],
    } })
}

fn policy_body() -> Value {
    json!({ "location": "eastus", "properties": { "dnsSettings": { "enableProxy": true } } })
}

fn rules() -> Value {
    json!({ "properties": { "priority": 200, "ruleCollections": [
        {
            "ruleCollectionType": "FirewallPolicyFilterRuleCollection", "name": "out", "priority": 300,
            "action": { "type": "Allow" },
            "rules": [
                { "ruleType": "ApplicationRule", "name": "packages", "sourceIpGroups": [addresses()],
                  "protocols": [{ "protocolType": "Https", "port": 443 }], "targetFqdns": ["pypi.example"] },
                { "ruleType": "NetworkRule", "name": "names", "ipProtocols": ["UDP"], "sourceAddresses": ["*"],
                  "destinationFqdns": ["dns.example"], "destinationPorts": ["53"] },
            ],
        },
        {
            "ruleCollectionType": "FirewallPolicyNatRuleCollection", "name": "in", "priority": 400,
            "action": { "type": "DNAT" },
            "rules": [
                { "ruleType": "NatRule", "name": "jump", "ipProtocols": ["TCP"], "sourceAddresses": ["203.0.113.0/24"],
                  "destinationAddresses": ["198.18.0.1"], "destinationPorts": ["3389"],
                  "translatedAddress": "10.1.1.4", "translatedPort": "3389" },
            ],
        },
    ] } })
}

/// The network, with what a firewall needs.
fn ready(cloud: Cloud) -> Cloud {
    let cloud = cloud.with_network();
    cloud.make(&subnet("AzureFirewallSubnet"), json!({ "properties": { "addressPrefix": "10.1.2.0/26" } }));
    cloud.make(&address("pip"), address_body("Standard"));
    cloud
}

/// A policy with rules for an IP group.
fn ruled(cloud: Cloud) -> Cloud {
    let cloud = ready(cloud);
    cloud.make(
        &addresses(),
        json!({ "location": "eastus", "properties": { "ipAddresses": ["203.0.113.0/24"] } }),
    );
    cloud.make(&policy("policy"), policy_body());
    cloud.make(&group("base"), rules());
    cloud
}

fn names(cloud: &Cloud, collection: &str) -> Vec<String> {
    let list = cloud.get(collection).ok().body;
    list["value"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_firewall_takes_the_first_free_address_and_tells_it() {
    let cloud = ready(Cloud::instant());
    let reply = cloud.put(&firewall("fw"), firewall_body());
    assert_eq!((reply.status, &reply.body["properties"]["provisioningState"]), (201, &json!("Updating")));
    let made = cloud.make(&firewall("fw"), firewall_body());
    let configuration = &made["properties"]["ipConfigurations"][0];
    let id = format!("{}/azureFirewallIpConfigurations/ipconf", firewall("fw"));
    assert_eq!(
        (&configuration["id"], &configuration["properties"]["privateIPAddress"]),
        (&json!(id), &json!("10.1.2.4"))
    );
    assert_eq!(
        (&made["properties"]["threatIntelMode"], &made["properties"]["natRuleCollections"]),
        (&json!("Alert"), &json!([]))
    );
    assert_eq!(
        cloud.get(&subnet("AzureFirewallSubnet")).body["properties"]["ipConfigurations"],
        json!([{ "id": id }])
    );
    assert_eq!(cloud.get(&address("pip")).body["properties"]["ipConfiguration"], json!({ "id": id }));
    assert_eq!(names(&cloud, &network("azureFirewalls")), ["fw"]);
    written_back(&cloud, &firewall("fw"));
    let reply = cloud.patch(&firewall("fw"), json!({ "tags": { "a": "b" } }));
    assert_eq!(cloud.follow(&reply)["status"], "Succeeded");
    let seen = cloud.get(&firewall("fw")).body;
    assert_eq!(
        (&seen["tags"]["a"], &seen["properties"]["ipConfigurations"][0]["properties"]["privateIPAddress"]),
        (&json!("b"), &json!("10.1.2.4"))
    );
    cloud.delete(&subnet("AzureFirewallSubnet")).refused(400, "InUseSubnetCannotBeDeleted");
    cloud.delete(&network("virtualNetworks/vnet")).refused(400, "InUseSubnetCannotBeDeleted");
    cloud.delete(&address("pip")).refused(400, "PublicIPAddressCannotBeDeleted");
    cloud.unmake(&firewall("fw"));
    cloud.unmake(&address("pip"));
    cloud.unmake(&subnet("AzureFirewallSubnet"));
}

#[test]
fn a_firewall_needs_the_right_name_subnet_and_address() {
    let cloud = ready(Cloud::instant());
    cloud.put(&firewall(&"f".repeat(57)), firewall_body()).refused(400, "InvalidResourceName");
    let mut body = firewall_body();
    body["properties"]["ipConfigurations"][0]["properties"]["subnet"]["id"] = json!(subnet("training"));
    cloud.put(&firewall("fw"), body.clone()).refused(400, "SubnetNameMustBeAzureFirewallSubnet");
    body["properties"]["ipConfigurations"][0]["properties"].as_object_mut().unwrap().remove("subnet");
    cloud.put(&firewall("fw"), body).refused(400, "InvalidParameter");
    let small = json!({ "properties": { "addressPrefix": "10.1.2.0/27" } });
    cloud.put(&subnet("AzureFirewallSubnet"), small).refused(400, "NetcfgInvalidSubnet");
}

#[test]
fn more_configurations_add_public_addresses_and_no_subnet() {
    let cloud = ready(Cloud::instant());
    cloud.make(&address("pip2"), address_body("Standard"));
    let mut body = firewall_body();
    let mut second = body["properties"]["ipConfigurations"][0].clone();
    second["name"] = json!("second");
    second["properties"]["publicIPAddress"]["id"] = json!(address("pip2"));
    body["properties"]["ipConfigurations"].as_array_mut().unwrap().push(second);
    cloud.put(&firewall("fw"), body.clone()).refused(400, "AzureFirewallMultipleSubnets");
    body["properties"]["ipConfigurations"][1]["properties"].as_object_mut().unwrap().remove("subnet");
    let made = cloud.make(&firewall("fw"), body);
    assert!(made["properties"]["ipConfigurations"][1]["properties"]["privateIPAddress"].is_null());
    assert_eq!(
        cloud.get(&address("pip2")).body["properties"]["ipConfiguration"]["id"],
        format!("{}/azureFirewallIpConfigurations/second", firewall("fw"))
    );
    // One of them goes, the firewall stays.
    cloud.make(&firewall("fw"), firewall_body());
    cloud.unmake(&address("pip2"));
}

#[test]
fn a_basic_firewall_is_made_with_a_way_to_manage_it() {
    let cloud = ready(Cloud::instant());
    cloud.make(&address("pip2"), address_body("Standard"));
    let mut body = firewall_body();
    body["properties"]["sku"]["tier"] = json!("Basic");
    cloud.put(&firewall("fw"), body.clone()).refused(400, "InvalidParameter");
    body["properties"]["managementIpConfiguration"] = json!({ "name": "management", "properties": {
        "subnet": { "id": subnet("training") }, "publicIPAddress": { "id": address("pip2") } } });
    cloud.put(&firewall("fw"), body.clone()).refused(400, "SubnetNameMustBeAzureFirewallManagementSubnet");
    let management = subnet("AzureFirewallManagementSubnet");
    cloud.make(&management, json!({ "properties": { "addressPrefix": "10.1.2.64/26" } }));
    body["properties"]["managementIpConfiguration"]["properties"]["subnet"]["id"] = json!(management);
    let made = cloud.make(&firewall("fw"), body.clone());
    assert_eq!(
        made["properties"]["managementIpConfiguration"]["properties"]["privateIPAddress"],
        "10.1.2.68"
    );
    cloud.delete(&management).refused(400, "InUseSubnetCannotBeDeleted");
    cloud.delete(&address("pip2")).refused(400, "PublicIPAddressCannotBeDeleted");
    written_back(&cloud, &firewall("fw"));
    // It can only be had from the beginning.
    cloud.unmake(&firewall("fw"));
    cloud.make(&firewall("fw"), firewall_body());
    body["properties"]["sku"]["tier"] = json!("Standard");
    cloud.put(&firewall("fw"), body).refused(409, "PropertyChangeNotAllowed");
}

#[test]
fn a_firewall_has_rules_of_its_own_or_a_policy() {
    let cloud = ruled(Cloud::instant());
    let mut body = firewall_body();
    body["properties"]["networkRuleCollections"] = json!([{ "name": "own", "properties": {
        "priority": 100, "action": { "type": "Allow" }, "rules": [] } }]);
    body["properties"]["firewallPolicy"] = json!({ "id": policy("policy") });
    cloud.put(&firewall("fw"), body.clone()).refused(400, "AzureFirewallPolicyAndRuleCollectionsConflict");
    body["properties"].as_object_mut().unwrap().remove("firewallPolicy");
    cloud.make(&firewall("fw"), body);
    let mut body = firewall_body();
    body["properties"]["firewallPolicy"] = json!({ "id": policy("none") });
    cloud.put(&firewall("fw"), body).refused(400, "InvalidResourceReference");
}

#[test]
fn a_policy_lists_who_follows_it_and_stays_as_long() {
    let cloud = ruled(Cloud::instant());
    let seen = cloud.get(&policy("policy")).body["properties"].clone();
    assert_eq!(seen["ruleCollectionGroups"], json!([{ "id": group("base") }]));
    assert_eq!((&seen["firewalls"], &seen["childPolicies"]), (&json!([]), &json!([])));
    assert_eq!((&seen["sku"]["tier"], &seen["threatIntelMode"]), (&json!("Standard"), &json!("Alert")));
    let mut body = firewall_body();
    body["properties"]["firewallPolicy"] = json!({ "id": policy("policy") });
    cloud.make(&firewall("fw"), body);
    let mut child = policy_body();
    child["properties"]["basePolicy"] = json!({ "id": policy("policy") });
    cloud.make(&policy("child"), child);
    let seen = cloud.get(&policy("policy")).body["properties"].clone();
    assert_eq!(seen["firewalls"], json!([{ "id": firewall("fw") }]));
    assert_eq!(seen["childPolicies"], json!([{ "id": policy("child") }]));
    assert_eq!(names(&cloud, &network("firewallPolicies")), ["policy", "child"]);
    written_back(&cloud, &policy("policy"));
    cloud.delete(&policy("policy")).refused(400, "FirewallPolicyInUse");
    cloud.unmake(&firewall("fw"));
    cloud.delete(&policy("policy")).refused(400, "FirewallPolicyInUse");
    cloud.unmake(&policy("child"));
    cloud.unmake(&policy("policy"));
    assert_eq!(cloud.get(&group("base")).status, 404, "its groups go with it");
}

#[test]
fn a_group_goes_with_its_firewall_whatever_keeps_what() {
    let cloud = ruled(Cloud::instant());
    let mut body = firewall_body();
    body["properties"]["firewallPolicy"] = json!({ "id": policy("policy") });
    let made = cloud.make(&firewall("fw"), body.clone());
    let again = cloud.put(&firewall("fw"), body);
    assert!(again.status == 200 && again.header("azure-asyncoperation").is_none(), "{again:?}");
    assert_eq!(again.body, made);
    cloud.unmake(&rg());
    assert!(cloud.simulator.list().unwrap().is_empty());
}

#[test]
fn the_tier_of_a_policy_is_for_good() {
    let cloud = ruled(Cloud::instant());
    let mut body = policy_body();
    body["properties"]["sku"] = json!({ "tier": "Premium" });
    cloud.put(&policy("policy"), body).refused(409, "PropertyChangeNotAllowed");
}

#[test]
fn tags_of_policies_and_ip_groups_are_only_put() {
    let cloud = ruled(Cloud::instant());
    for path in [policy("policy"), addresses()] {
        cloud.patch(&path, json!({ "tags": { "a": "b" } })).refused(400, "PatchNotSupported");
    }
    let mut body = policy_body();
    body["tags"] = json!({ "a": "b" });
    assert_eq!(cloud.make(&policy("policy"), body)["tags"]["a"], "b");
}

#[test]
fn rules_are_kept_and_must_be_of_their_collections_type() {
    let cloud = ruled(Cloud::instant());
    let made = cloud.get(&group("base")).body;
    assert_eq!(made["properties"]["ruleCollections"], rules()["properties"]["ruleCollections"]);
    assert_eq!(names(&cloud, &format!("{}/ruleCollectionGroups", policy("policy"))), ["base"]);
    written_back(&cloud, &group("base"));
    let mut body = rules();
    body["properties"]["priority"] = json!(99);
    cloud.put(&group("base"), body).refused(400, "InvalidParameter");
    let mut body = rules();
    body["properties"]["ruleCollections"][0]["action"]["type"] = json!("DNAT");
    cloud.put(&group("base"), body).refused(400, "FirewallPolicyRuleCollectionGroupInvalid");
    let mut body = rules();
    body["properties"]["ruleCollections"][1]["rules"][0]["ruleType"] = json!("NetworkRule");
    cloud.put(&group("base"), body).refused(400, "FirewallPolicyRuleCollectionGroupInvalid");
    let mut body = rules();
    body["properties"]["ruleCollections"][0]["rules"][0].as_object_mut().unwrap().remove("ruleType");
    cloud.put(&group("base"), body).refused(400, "InvalidParameter");
    cloud
        .put(&format!("{}/ruleCollectionGroups/g", policy("none")), rules())
        .refused(404, "ParentResourceNotFound");
    let mut body = rules();
    body["properties"]["priority"] = json!(500);
    assert_eq!(cloud.make(&group("base"), body)["properties"]["priority"], 500);
    cloud.unmake(&group("base"));
    assert_eq!(cloud.get(&policy("policy")).body["properties"]["ruleCollectionGroups"], json!([]));
}

#[test]
fn network_rules_for_names_need_the_proxy() {
    let cloud = ruled(Cloud::instant());
    let mut body = policy_body();
    body["properties"]["dnsSettings"]["enableProxy"] = json!(false);
    cloud.make(&policy("policy"), body);
    cloud.put(&group("more"), rules()).refused(400, "FirewallPolicyRuleCollectionGroupInvalid");
    let mut body = rules();
    body["properties"]["ruleCollections"][0]["rules"].as_array_mut().unwrap().truncate(1);
    cloud.make(&group("more"), body);
}

#[test]
fn an_ip_group_lists_the_policies_that_name_it_and_stays_as_long() {
    let cloud = ruled(Cloud::instant());
    cloud.make(&group("more"), rules());
    let seen = cloud.get(&addresses()).body;
    assert_eq!(seen["properties"]["firewallPolicies"], json!([{ "id": policy("policy") }]));
    assert_eq!(seen["properties"]["firewalls"], json!([]));
    assert_eq!(names(&cloud, &network("ipGroups")), ["offices"]);
    written_back(&cloud, &addresses());
    let refused = cloud.delete(&addresses());
    refused.refused(400, "IpGroupsHasFirewallPolicyReferences");
    assert!(refused.message().ends_with("since there are firewall policies using this resource."));
    cloud.unmake(&policy("policy"));
    cloud.unmake(&addresses());
    cloud.make(&policy("policy"), policy_body());
    cloud.put(&group("base"), rules()).refused(400, "InvalidResourceReference");
}

#[test]
fn a_policy_its_groups_and_its_firewalls_have_one_writer_at_a_time() {
    let cloud = ruled(Cloud::real());
    let group_write = cloud.put(&group("more"), rules()).ok();
    assert_eq!(cloud.get(&policy("policy")).body["properties"]["provisioningState"], "Updating");
    cloud.put(&group("third"), rules()).refused(409, "AnotherOperationInProgress");
    cloud.delete(&group("base")).refused(409, "AnotherOperationInProgress");
    let mut changed = policy_body();
    changed["tags"] = json!({ "a": "b" });
    cloud.put(&policy("policy"), changed.clone()).refused(409, "AnotherOperationInProgress");
    let mut body = firewall_body();
    body["properties"]["firewallPolicy"] = json!({ "id": policy("policy") });
    cloud.put(&firewall("fw"), body.clone()).refused(409, "AnotherOperationInProgress");
    cloud.follow(&group_write);
    let firewall_write = cloud.put(&firewall("fw"), body).ok();
    cloud.put(&group("third"), rules()).refused(409, "AnotherOperationInProgress");
    cloud.put(&policy("policy"), changed.clone()).refused(409, "AnotherOperationInProgress");
    cloud
        .put(&subnet("more"), json!({ "properties": { "addressPrefix": "10.1.3.0/24" } }))
        .refused(409, "AnotherOperationInProgress");
    cloud.follow(&firewall_write);
    cloud.make(&policy("policy"), changed);
}

/// azure-network B.9, C.3, `FirewallPolicyUpdateFailed`.
#[test]
fn a_policy_cannot_be_changed_while_a_firewall_of_it_has_failed() {
    let script: amlsecure::simulator::Script = json!({ "faults": [{
        "match": { "method": "PUT", "kind": "*/azureFirewalls" }, "times": 1,
        "produce": { "race": "InternalServerError" },
    }] })
    .to_string()
    .parse()
    .unwrap();
    let cloud = ruled(Cloud::open(Settings { faults: script.faults, ..Settings::default() }));
    let mut body = firewall_body();
    body["properties"]["firewallPolicy"] = json!({ "id": policy("policy") });
    let reply = cloud.put(&firewall("fw"), body.clone()).ok();
    assert_eq!(cloud.follow(&reply)["error"]["code"], "InternalServerError");
    let mut changed = policy_body();
    changed["properties"]["threatIntelMode"] = json!("Deny");
    let mut more = rules();
    more["properties"]["priority"] = json!(201);
    for (path, body) in [(policy("policy"), &changed), (group("base"), &more)] {
        let reply = cloud.put(&path, body.clone()).ok();
        let error = &cloud.follow(&reply)["error"];
        assert_eq!(error["code"], "FirewallPolicyUpdateFailed");
        let said = "Put on Firewall Policy policy Failed with 1 faulted referenced firewalls";
        assert_eq!(error["message"], said);
    }
    // The same firewall again is what heals it.
    cloud.make(&firewall("fw"), body);
    cloud.make(&policy("policy"), changed);
    cloud.make(&group("base"), more);
}

/// azure-network B.9, C.3, `IpGroupsUpdateFailed`.
#[test]
fn the_addresses_of_a_firewall_change_one_group_at_a_time() {
    let cloud = ruled(Cloud::real());
    let other = network("ipGroups/homes");
    let group_body = |range: &str| json!({ "location": "eastus", "properties": { "ipAddresses": [range] } });
    cloud.make(&other, group_body("198.51.100.0/25"));
    let mut both = rules();
    both["properties"]["ruleCollections"][0]["rules"][0]["sourceIpGroups"] = json!([addresses(), other]);
    cloud.make(&group("base"), both);
    let put = |path: &str, range: &str| cloud.put(path, group_body(range)).ok();
    // Without a firewall, nothing is in the way.
    let (first, second) = (put(&addresses(), "203.0.113.0/25"), put(&other, "198.51.100.0/26"));
    assert_eq!(cloud.follow(&first)["status"], "Succeeded");
    assert_eq!(cloud.follow(&second)["status"], "Succeeded");
    let mut body = firewall_body();
    body["properties"]["firewallPolicy"] = json!({ "id": policy("policy") });
    cloud.make(&firewall("fw"), body.clone());
    let (first, second) = (put(&addresses(), "203.0.113.0/26"), put(&other, "198.51.100.0/27"));
    assert_eq!(cloud.follow(&first)["status"], "Succeeded");
    let error = &cloud.follow(&second)["error"];
    assert_eq!(error["code"], "IpGroupsUpdateFailed");
    assert_eq!(error["message"], "Put on IpGroups homes Failed with 1 faulted referenced firewalls");
    cloud.make(&other, group_body("198.51.100.0/27"));
    body["tags"] = json!({ "a": "b" });
    let writing = cloud.put(&firewall("fw"), body).ok();
    let reply = put(&other, "198.51.100.0/28");
    assert_eq!(cloud.follow(&reply)["error"]["code"], "IpGroupsUpdateFailed");
    cloud.follow(&writing);
}
