//! What differs from subscription to subscription: policies and what they do,
//! rights, and what a region has (azure-network B.20, B.23, C.2, C.3, C.8, C.10;
//! azure-aml 2.3, 21 row 22).

use amlsecure::simulator::Script;

use super::*;

/// A subscription with settings of its own.
fn set(settings: Value) -> Cloud {
    let script: Script = json!({ "settings": settings }).to_string().parse().unwrap();
    Cloud::open(Settings { behaviour: script.settings, ..Settings::default() })
}

fn group() -> Value {
    json!({ "location": "eastus" })
}

/// azure-network C.10, policy: `modify` and `append` change the body without a
/// word; C.8: a policy may add tags.
#[test]
fn a_policy_can_change_what_was_sent() {
    let cloud = set(json!({ "policies": [
        { "name": "closed", "effect": "modify", "kind": "Microsoft.Storage/storageAccounts",
          "path": "properties.publicNetworkAccess", "unless": "Disabled",
          "set": { "properties.publicNetworkAccess": "Disabled", "tags.closedBy": "policy" } },
        { "name": "tagged", "effect": "append", "kind": "*", "set": { "tags.costCentre": "none" } },
        { "name": "listed", "effect": "append", "kind": "Microsoft.Network/virtualNetworks",
          "set": { "properties.dhcpOptions.dnsServers": ["10.9.0.4", "10.9.0.5"] } },
    ] }));
    let made = cloud.make(&rg(), group());
    assert_eq!(made["tags"], json!({ "costCentre": "none" }));
    let mut open = storage_body();
    open["properties"]["publicNetworkAccess"] = json!("Enabled");
    open["tags"] = json!({ "costCentre": "42" });
    let made = cloud.make(&storage("stml"), open);
    assert_eq!(made["properties"]["publicNetworkAccess"], "Disabled");
    assert_eq!(
        made["tags"],
        json!({ "closedBy": "policy", "costCentre": "42" }),
        "append leaves what is there"
    );
    let mut body = network_body();
    body["properties"]["dhcpOptions"] = json!({ "dnsServers": ["10.9.0.4"] });
    let made = cloud.make(&network("virtualNetworks/vnet"), body);
    assert_eq!(made["properties"]["dhcpOptions"]["dnsServers"], json!(["10.9.0.4", "10.9.0.5"]));
    let opened = cloud.patch(&storage("stml"), json!({ "properties": { "publicNetworkAccess": "Enabled" } }));
    assert_eq!(opened.ok().body["properties"]["publicNetworkAccess"], "Disabled");
}

/// azure-network C.10: also what stands in its parent's body is a resource.
#[test]
fn a_policy_reaches_what_a_body_carries() {
    let cloud = set(json!({ "policies": [{
        "name": "closed", "effect": "modify", "kind": "*/virtualNetworks/subnets",
        "set": { "properties.defaultOutboundAccess": true },
    }] }));
    let cloud = cloud.with_network();
    assert_eq!(cloud.get(&subnet("training")).body["properties"]["defaultOutboundAccess"], true);
}

/// azure-network C.10: an audit is seen by no client.
#[test]
fn an_audit_is_not_seen() {
    let policies = json!([{ "name": "open", "effect": "audit", "kind": "*" }]);
    let (audited, plain) = (set(json!({ "policies": policies })), Cloud::instant());
    let [a, b] = [&audited, &plain].map(|cloud| {
        cloud.make(&rg(), group());
        let reply = cloud.put(&storage("stml"), storage_body());
        (reply.status, reply.body)
    });
    assert_eq!(a, b);
}

/// azure-network C.10: `deployIfNotExists` acts after the write, as drift.
#[test]
fn a_policy_can_deploy_what_is_missing() {
    let name = "privatelink.blob.core.windows.net";
    let cloud = set(json!({ "policies": [
        { "name": "dns", "effect": "deployIfNotExists", "kind": "Microsoft.Network/privateEndpoints",
          "deploy": { "kind": "Microsoft.Network/privateEndpoints/privateDnsZoneGroups", "name": "deployedByPolicy",
            "body": zone_group_body(&[name]) } },
        { "name": "locked", "effect": "deployIfNotExists", "kind": "Microsoft.Network/privateDnsZones",
          "deploy": { "kind": "Microsoft.Authorization/locks", "name": "policy",
            "body": { "properties": { "level": "CanNotDelete" } } } },
        { "name": "broken", "effect": "deployIfNotExists", "kind": "Microsoft.Storage/storageAccounts",
          "deploy": { "kind": "Microsoft.Authorization/locks", "name": "none", "body": {} } },
    ] }));
    let cloud = cloud.with_services();
    cloud.make(&zone(name), json!({ "location": "global" }));
    cloud.make(&endpoint("pe"), endpoint_body(&storage("stml"), "blob"));
    let groups = format!("{}/privateDnsZoneGroups", endpoint("pe"));
    assert_eq!(cloud.names(&groups), ["deployedByPolicy"]);
    assert_eq!(cloud.get(&format!("{}/A/stml", zone(name))).status, 200);
    cloud.delete(&zone(name)).refused(409, "ScopeLocked");
    // What cannot be deployed is not, and nobody hears of it.
    let locks = format!("{}/providers/Microsoft.Authorization/locks", storage("stml"));
    assert_eq!(cloud.names(&locks), Vec::<String>::new());
    // One that is there is enough.
    cloud.make(&endpoint("pe2"), endpoint_body(&storage("stml"), "file"));
    let mut changed = endpoint_body(&storage("stml"), "blob");
    changed["tags"] = json!({ "a": "b" });
    cloud.make(&endpoint("pe"), changed);
    assert_eq!(cloud.names(&groups), ["deployedByPolicy"]);
}

/// azure-network C.2, `AuthorizationFailed`; B.20.
#[test]
fn what_the_caller_may_not_do_is_refused_before_anything_else() {
    let cloud = set(json!({ "denied": [
        { "action": "Microsoft.Network/virtualNetworks/write", "scope": rg() },
        { "action": "Microsoft.Storage/storageAccounts/listKeys/action" },
        { "action": "*/delete", "scope": format!("{}/providers/Microsoft.Storage/storageAccounts/stml", rg()) },
        { "action": "microsoft.keyvault/vaults/READ" },
        { "action": "*/register/action" },
    ] }));
    // azure-network C.9: nor may everybody register.
    let namespace = format!("/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Storage");
    cloud.post(&format!("{namespace}/register"), Value::Null).refused(403, "AuthorizationFailed");
    assert_eq!(cloud.get(&namespace).status, 200);
    let refused = cloud.put(&network("virtualNetworks/vnet"), network_body());
    refused.refused(403, "AuthorizationFailed");
    assert_eq!(
        refused.message(),
        format!(
            "The client '{}' with object id '{}' does not have authorization to perform action \
             'Microsoft.Network/virtualNetworks/write' over scope '{}' or the scope is invalid. If access was \
             recently granted, please refresh your credentials.",
            amlsecure::simulator::CLIENT,
            amlsecure::simulator::PRINCIPAL,
            network("virtualNetworks/vnet")
        )
    );
    cloud.make(&rg(), group());
    cloud.put(&network("virtualNetworks/vnet"), network_body()).refused(403, "AuthorizationFailed");
    let other = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/rg2");
    cloud.make(&other, group());
    cloud.make(&format!("{other}/providers/Microsoft.Network/virtualNetworks/vnet"), network_body());
    for name in ["stml", "stml2"] {
        cloud.make(&storage(name), storage_body());
        cloud.post(&format!("{}/listKeys", storage(name)), Value::Null).refused(403, "AuthorizationFailed");
    }
    cloud.delete(&storage("stml")).refused(403, "AuthorizationFailed");
    cloud.unmake(&storage("stml2"));
    for path in [vault("kv"), format!("{}/providers/Microsoft.KeyVault/vaults", rg())] {
        cloud.get(&path).refused(403, "AuthorizationFailed");
    }
    for (scope, denied) in [(storage("stml"), 5), (storage("stml2"), 4), (other, 3)] {
        let permissions = cloud.get(&format!("{scope}/providers/Microsoft.Authorization/permissions"));
        let own = &permissions.body["value"][0];
        assert_eq!(own["actions"], json!(["*"]));
        assert_eq!(own["notActions"].as_array().unwrap().len(), denied, "{own}");
    }
}

/// azure-aml 2.3 and 21 row 22, azure-network C.3: `LinkedAuthorizationFailed`.
#[test]
fn what_the_caller_may_not_use_is_refused_where_a_body_names_it() {
    let cloud = set(json!({ "denied": [
        { "action": "Microsoft.Network/virtualNetworks/subnets/join/action", "scope": subnet("endpoints") },
        { "action": "*/assign/action" },
        { "action": "*/virtualNetworks/peer/action" },
    ] }));
    let cloud = cloud.with_services();
    let refused = cloud.put(&endpoint("pe"), endpoint_body(&storage("stml"), "blob"));
    refused.refused(403, "LinkedAuthorizationFailed");
    assert_eq!(
        refused.message(),
        format!(
            "The client '{}' with object id '{}' has permission to perform action \
             'Microsoft.Network/privateEndpoints/write' on scope '{}'; however, it does not have permission to \
             perform action(s) 'Microsoft.Network/virtualNetworks/subnets/join/action' on the linked scope(s) '{}' \
             (respectively) or the linked scope(s) are invalid.",
            amlsecure::simulator::CLIENT,
            amlsecure::simulator::PRINCIPAL,
            endpoint("pe"),
            subnet("endpoints")
        )
    );
    let mut elsewhere = endpoint_body(&storage("stml"), "blob");
    elsewhere["properties"]["subnet"]["id"] = json!(subnet("training"));
    cloud.make(&endpoint("pe"), elsewhere);
    cloud.make(&identity("id-ml"), group());
    let mut body = workspace_body();
    let mut assigned = json!({});
    assigned[identity("id-ml")] = json!({});
    body["identity"] = json!({ "type": "UserAssigned", "userAssignedIdentities": assigned });
    cloud.put(&workspace("mlw"), body).refused(403, "LinkedAuthorizationFailed");
    cloud.make(&workspace("mlw"), workspace_body());
    let mut far = network_body();
    far["properties"] = json!({ "addressSpace": { "addressPrefixes": ["10.2.0.0/16"] } });
    cloud.make(&network("virtualNetworks/far"), far);
    let peering =
        json!({ "properties": { "remoteVirtualNetwork": { "id": network("virtualNetworks/far") } } });
    let path = network("virtualNetworks/vnet/virtualNetworkPeerings/far");
    cloud.put(&path, peering).refused(403, "LinkedAuthorizationFailed");
}

/// azure-network C.3, `SkuNotAvailable`; B.23.
#[test]
fn a_region_can_be_out_of_a_size() {
    let cloud = set(json!({ "unavailable_sizes": { "East US": ["standard_ds3_v2"] } })).with_network();
    let nic = |location: &str| {
        json!({ "location": location, "properties": { "ipConfigurations": [{
            "name": "ip", "properties": { "subnet": { "id": subnet("training") } } }] } })
    };
    cloud.make(&network("networkInterfaces/nic"), nic("eastus"));
    let machine = format!("{}/providers/Microsoft.Compute/virtualMachines/vm", rg());
    let mut body = super::machines::machine_body(&["nic"]);
    let refused = cloud.put(&machine, body.clone());
    refused.refused(409, "SkuNotAvailable");
    assert!(
        refused.message().contains(
            "Capacity Restrictions: Standard_DS3_v2' is currently not available in location 'eastus'"
        )
    );
    let set = json!({ "location": "eastus", "sku": { "name": "Standard_DS3_v2", "capacity": 1 },
        "properties": { "orchestrationMode": "Uniform", "upgradePolicy": { "mode": "Manual" } } });
    let scale_set = format!("{}/providers/Microsoft.Compute/virtualMachineScaleSets/vmss", rg());
    cloud.put(&scale_set, set).refused(409, "SkuNotAvailable");
    body["properties"]["hardwareProfile"]["vmSize"] = json!("Standard_D2s_v3");
    cloud.make(&machine, body);
    let skus = format!("/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Compute/skus");
    for (region, restricted) in [("eastus", 1), ("westeurope", 0)] {
        let list = cloud.get(&format!("{skus}?$filter=location%20eq%20'{region}'")).ok().body;
        let sku =
            list["value"].as_array().unwrap().iter().find(|sku| sku["name"] == "Standard_DS3_v2").unwrap();
        assert_eq!(sku["restrictions"].as_array().unwrap().len(), restricted, "{region}");
    }
}
