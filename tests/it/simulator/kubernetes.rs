//! Kubernetes clusters, their pools and their extensions (azure-aml 2.1, 14.1,
//! 14.3, 21 #16 and #29).

use base64::Engine as _;

use super::*;

fn cluster() -> String {
    format!("{}/providers/Microsoft.ContainerService/managedClusters/aks", rg())
}

fn pool(name: &str) -> String {
    format!("{}/agentPools/{name}", cluster())
}

fn extension() -> String {
    format!("{}/providers/Microsoft.KubernetesConfiguration/extensions/azureml", cluster())
}

fn cluster_body() -> Value {
    json!({
        "location": "eastus", "identity": { "type": "SystemAssigned" },
        "properties": {
            "dnsPrefix": "aks",
            "agentPoolProfiles": [{
                "name": "system", "mode": "System", "count": 2, "vmSize": "Standard_D2s_v3",
                "vnetSubnetID": subnet("training"),
            }],
            "networkProfile": {
                "networkPlugin": "azure", "serviceCidr": "172.16.0.0/16", "dnsServiceIP": "172.16.0.10",
            },
        },
    })
}

fn pool_body(count: u32) -> Value {
    json!({ "properties": { "count": count, "vmSize": "Standard_D2s_v3", "vnetSubnetID": subnet("training") } })
}

fn extension_body() -> Value {
    json!({
        "identity": { "type": "SystemAssigned" },
        "properties": {
            "extensionType": "Microsoft.AzureML.Kubernetes", "releaseTrain": "stable",
            "scope": { "cluster": { "releaseNamespace": "azureml" } },
            "configurationSettings": { "enableTraining": "True", "enableInference": "False" },
            "configurationProtectedSettings": { "sslKeyPemFile": "secret" },
        },
    })
}

fn with_cluster() -> Cloud {
    let cloud = Cloud::instant().with_network();
    cloud.make(&cluster(), cluster_body());
    cloud
}

fn changed(path: &str, value: Value) -> Value {
    let mut body = cluster_body();
    let (parent, name) = path.rsplit_once('/').unwrap();
    let parent = body.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    if value.is_null() {
        parent.remove(name);
    } else {
        parent.insert(name.to_owned(), value);
    }
    body
}

fn post(cloud: &Cloud, action: &str) -> Reply {
    cloud.send(Method::POST, &format!("{}/{action}", cluster()), &[], &Value::Null)
}

fn names(body: &Value) -> Vec<&str> {
    body.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect()
}

/// How many addresses of the subnet are left, as a cluster that wants too many is told.
fn left(cloud: &Cloud) -> u64 {
    let refused = cloud.put(&pool("probe"), pool_body(900));
    refused.refused(400, "InsufficientSubnetSize");
    let (_, tail) = refused.message().split_once("available ").unwrap();
    tail.split(' ').next().unwrap().parse().unwrap()
}

#[test]
fn a_cluster_is_made_read_listed_changed_and_deleted() {
    let cloud = Cloud::real().with_network();
    let begun = cloud.put(&cluster(), cluster_body());
    assert_eq!((begun.status, &begun.body["properties"]["provisioningState"]), (201, &json!("Creating")));
    assert_eq!(cloud.follow(&begun)["status"], "Succeeded");
    let made = cloud.get(&cluster()).ok().body;
    let properties = &made["properties"];
    assert!(properties["fqdn"].as_str().unwrap().ends_with(".hcp.eastus.azmk8s.io"), "{made}");
    assert!(properties.get("privateFQDN").is_none() && made["identity"]["principalId"].is_string());
    assert_eq!(properties["powerState"]["code"], "Running");
    assert_eq!(properties["currentKubernetesVersion"], "1.33.2");
    assert_eq!(properties["networkProfile"]["loadBalancerSku"], "standard");
    assert_eq!(properties["agentPoolProfiles"][0]["maxPods"], 30);
    assert_eq!(properties["agentPoolProfiles"][0]["provisioningState"], "Succeeded");
    let list = cloud.get(&format!("{}/providers/Microsoft.ContainerService/managedClusters", rg())).ok().body;
    assert_eq!(list["value"], json!([made]));
    let tagged = cloud.patch(&cluster(), json!({ "tags": { "a": "b" } })).ok();
    cloud.follow(&tagged);
    let mut body = cluster_body();
    body["properties"]["agentPoolProfiles"][0]["count"] = json!(3);
    let scaled = cloud.put(&cluster(), body);
    assert_eq!((scaled.status, cloud.follow(&scaled)["status"].clone()), (200, json!("Succeeded")));
    assert_eq!(cloud.get(&pool("system")).body["properties"]["count"], 3);
    assert_eq!(cloud.get(&cluster()).body["properties"]["fqdn"], properties["fqdn"]);
    cloud.unmake(&cluster());
}

#[test]
fn azure_makes_a_group_for_the_nodes_and_takes_it_away() {
    let cloud = with_cluster();
    let made = cloud.get(&cluster()).body;
    assert_eq!(made["properties"]["nodeResourceGroup"], "MC_rg_aks_eastus");
    let group = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/MC_rg_aks_eastus");
    assert_eq!(cloud.get(&group).ok().body["managedBy"], cluster());
    let kubelet = &made["properties"]["identityProfile"]["kubeletidentity"];
    let identity = cloud.get(kubelet["resourceId"].as_str().unwrap()).ok().body;
    assert_eq!(identity["properties"]["principalId"], kubelet["objectId"]);
    assert_eq!(identity["properties"]["clientId"], kubelet["clientId"]);
    cloud.unmake(&cluster());
    assert_eq!((cloud.get(&group).status, cloud.get(&pool("system")).status), (404, 404));
    cloud.make(&group, json!({ "location": "eastus" }));
    cloud.put(&cluster(), cluster_body()).refused(409, "Conflict");
}

#[test]
fn ranges_of_services_are_checked() {
    let cloud = Cloud::instant().with_network();
    let at = |name: &str| format!("/properties/networkProfile/{name}");
    let refused = |path: String, value: Value, code: &str| {
        cloud.put(&cluster(), changed(&path, value)).refused(400, code);
    };
    refused(at("serviceCidr"), Value::Null, "InvalidParameter");
    refused(at("dnsServiceIP"), Value::Null, "InvalidParameter");
    refused(at("dnsServiceIP"), json!("172.17.0.10"), "InvalidParameter");
    refused(at("dnsServiceIP"), json!("172.16.0.1"), "InvalidParameter");
    refused(at("serviceCidr"), json!("nonsense"), "InvalidParameter");
    let mut body = changed(&at("serviceCidr"), json!("10.1.0.0/16"));
    body["properties"]["networkProfile"]["dnsServiceIP"] = json!("10.1.0.10");
    cloud.put(&cluster(), body).refused(400, "ServiceCidrOverlapExistingSubnetsCidr");
    let made = cloud.make(&cluster(), changed("/properties/networkProfile", Value::Null));
    let network = &made["properties"]["networkProfile"];
    assert_eq!(
        (&network["serviceCidr"], &network["dnsServiceIP"]),
        (&json!("10.0.0.0/16"), &json!("10.0.0.10"))
    );
    assert_eq!(network["podCidr"], "10.244.0.0/16");
    let mut moved = cluster_body();
    moved["properties"]["networkProfile"]["networkPlugin"] = json!("kubenet");
    cloud.put(&cluster(), moved).refused(409, "PropertyChangeNotAllowed");
}

#[test]
fn a_cluster_needs_pools_a_name_an_identity_and_a_way_out() {
    let cloud = Cloud::instant().with_network();
    let refused = |path: &str, value: Value, code: &str| {
        cloud.put(&cluster(), changed(path, value)).refused(400, code);
    };
    refused("/properties/agentPoolProfiles", Value::Null, "InvalidParameter");
    refused("/properties/agentPoolProfiles", json!([]), "InvalidParameter");
    refused("/properties/agentPoolProfiles/0/mode", json!("User"), "InvalidParameter");
    refused("/properties/agentPoolProfiles/0/name", json!("Wrong-Name"), "InvalidParameter");
    refused("/properties/agentPoolProfiles/0/count", json!(0), "InvalidParameter");
    refused(
        "/properties/agentPoolProfiles/0/vnetSubnetID",
        json!(subnet("none")),
        "InvalidResourceReference",
    );
    refused("/properties/dnsPrefix", Value::Null, "InvalidParameter");
    refused("/properties/fqdnSubdomain", json!("aks"), "BadRequest");
    refused("/identity", Value::Null, "BadRequest");
    let routed = json!("userDefinedRouting");
    refused("/properties/networkProfile/outboundType", routed, "ExistingRouteTableNotAssociatedWithSubnet");
    refused("/location", json!("westeurope"), "InvalidResourceReference");
    assert_eq!(cloud.get(&cluster()).status, 404);
    assert!(cloud.get(&subnet("training")).body["properties"].get("ipConfigurations").is_none());
}

#[test]
fn a_private_cluster_has_a_private_name() {
    let cloud = Cloud::instant().with_network();
    let closed = json!({ "enablePrivateCluster": true, "enablePrivateClusterPublicFQDN": false });
    let mut body = changed("/properties/apiServerAccessProfile", closed);
    body["properties"]["apiServerAccessProfile"]["privateDNSZone"] =
        json!(zone("privatelink.eastus.azmk8s.io"));
    cloud.put(&cluster(), body.clone()).refused(400, "InvalidResourceReference");
    cloud.make(&zone("privatelink.eastus.azmk8s.io"), json!({ "location": "global" }));
    let made = cloud.make(&cluster(), body.clone());
    let host = made["properties"]["privateFQDN"].as_str().unwrap();
    assert!(host.starts_with("aks-") && host.ends_with(".privatelink.eastus.azmk8s.io"), "{host}");
    assert!(made["properties"].get("fqdn").is_none());
    let mut guarded = body.clone();
    guarded["properties"]["apiServerAccessProfile"]["authorizedIPRanges"] = json!(["203.0.113.0/24"]);
    cloud.put(&cluster(), guarded).refused(400, "BadRequest");
    body["properties"]["apiServerAccessProfile"]["enablePrivateCluster"] = json!(false);
    cloud.put(&cluster(), body).refused(409, "PropertyChangeNotAllowed");
}

#[test]
fn a_pool_is_made_read_listed_changed_and_deleted() {
    let cloud = with_cluster();
    let made = cloud.make(&pool("work"), pool_body(1));
    assert_eq!(
        (&made["properties"]["mode"], &made["properties"]["osType"]),
        (&json!("User"), &json!("Linux"))
    );
    let list = cloud.get(&format!("{}/agentPools", cluster())).ok().body;
    assert_eq!(names(&list["value"]), ["system", "work"]);
    assert_eq!(names(&cloud.get(&cluster()).body["properties"]["agentPoolProfiles"]), ["system", "work"]);
    assert_eq!(cloud.make(&pool("work"), pool_body(2))["properties"]["count"], 2);
    let mut larger = pool_body(2);
    larger["properties"]["vmSize"] = json!("Standard_D8s_v3");
    cloud.put(&pool("work"), larger).refused(409, "PropertyChangeNotAllowed");
    cloud.make(&cluster(), cluster_body());
    assert_eq!(cloud.get(&pool("work")).status, 200, "a cluster's body that does not name it keeps it");
    cloud.unmake(&pool("work"));
    cloud
        .put(&format!("{}/agentPools/x", cluster().replace("aks", "none")), pool_body(1))
        .refused(404, "ParentResourceNotFound");
}

#[test]
fn the_last_system_pool_stays() {
    let cloud = with_cluster();
    cloud.make(&pool("work"), pool_body(1));
    cloud.delete(&pool("system")).refused(400, "OperationNotAllowed");
    let mut user = pool_body(2);
    user["properties"]["mode"] = json!("User");
    cloud.put(&pool("system"), user).refused(400, "OperationNotAllowed");
    let mut system = pool_body(1);
    system["properties"]["mode"] = json!("System");
    cloud.make(&pool("work"), system);
    cloud.unmake(&pool("system"));
}

#[test]
fn autoscaling_needs_its_bounds() {
    let cloud = with_cluster();
    let body = |least: Value, most: Value| {
        let mut body = pool_body(1);
        body["properties"]["enableAutoScaling"] = json!(true);
        body["properties"]["minCount"] = least;
        body["properties"]["maxCount"] = most;
        body
    };
    cloud.put(&pool("work"), body(Value::Null, json!(3))).refused(400, "InvalidParameter");
    cloud.put(&pool("work"), body(json!(1), Value::Null)).refused(400, "InvalidParameter");
    cloud.put(&pool("work"), body(json!(4), json!(3))).refused(400, "InvalidParameter");
    cloud.make(&pool("work"), body(json!(1), json!(3)));
}

#[test]
fn nodes_and_pods_take_the_addresses_of_their_subnet() {
    let cloud = with_cluster();
    // Two nodes with thirty pods each, in a subnet of 251.
    assert_eq!(left(&cloud), 251 - 62);
    let seen = cloud.get(&subnet("training")).body;
    assert_eq!(seen["properties"]["ipConfigurations"].as_array().map(Vec::len), Some(2));
    cloud.delete(&subnet("training")).refused(400, "InUseSubnetCannotBeDeleted");
    cloud.make(&pool("work"), pool_body(1));
    assert_eq!(left(&cloud), 251 - 93);
    cloud.put(&pool("work"), pool_body(8)).refused(400, "InsufficientSubnetSize");
    assert_eq!(left(&cloud), 251 - 93, "a refusal changes nothing");
    cloud.unmake(&pool("work"));
    assert_eq!(left(&cloud), 251 - 62);
    cloud.unmake(&cluster());
    let overlay = changed("/properties/networkProfile/networkPluginMode", json!("overlay"));
    assert_eq!(cloud.make(&cluster(), overlay)["properties"]["agentPoolProfiles"][0]["maxPods"], 250);
    assert_eq!(left(&cloud), 251 - 2, "pods of an overlay have addresses of their own");
    cloud.unmake(&cluster());
    cloud.unmake(&subnet("training"));
}

#[test]
fn nodes_cannot_be_in_a_delegated_subnet() {
    let cloud = Cloud::instant().with_network();
    let service =
        json!([{ "name": "d", "properties": { "serviceName": "Microsoft.Databricks/workspaces" } }]);
    let delegated = json!({ "properties": { "addressPrefix": "10.1.1.0/24", "delegations": service } });
    cloud.make(&subnet("training"), delegated);
    cloud.put(&cluster(), cluster_body()).refused(400, "SubnetIsDelegated");
}

#[test]
fn a_cluster_hands_out_credentials_that_name_it() {
    let cloud = with_cluster();
    let host = cloud.get(&cluster()).body["properties"]["fqdn"].as_str().unwrap().to_owned();
    for (action, name) in
        [("listClusterUserCredential", "clusterUser"), ("listClusterAdminCredential", "clusterAdmin")]
    {
        let answer = post(&cloud, action);
        assert_eq!((answer.status, &answer.body["kubeconfigs"][0]["name"]), (200, &json!(name)));
        let text = answer.body["kubeconfigs"][0]["value"].as_str().unwrap();
        let text = base64::engine::general_purpose::STANDARD.decode(text).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert!(text.contains(&format!("server: https://{host}:443")), "{text}");
    }
    cloud.make(&cluster(), changed("/properties/disableLocalAccounts", json!(true)));
    post(&cloud, "listClusterAdminCredential").refused(400, "BadRequest");
    post(&cloud, "listClusterUserCredential").ok();
}

#[test]
fn a_cluster_is_stopped_and_started() {
    let cloud = with_cluster();
    for (action, code) in [("stop", "Stopped"), ("start", "Running")] {
        let begun = post(&cloud, action);
        assert_eq!((begun.status, cloud.follow(&begun)["status"].clone()), (202, json!("Succeeded")));
        let seen = cloud.get(&cluster()).body;
        assert_eq!(seen["properties"]["powerState"]["code"], code);
        assert_eq!(seen["properties"]["agentPoolProfiles"][0]["powerState"]["code"], code);
    }
}

#[test]
fn an_extension_stands_on_a_cluster() {
    let cloud = with_cluster();
    let begun = cloud.put(&extension(), extension_body());
    assert_eq!(begun.status, 201);
    let made = cloud.get(&extension()).ok().body;
    assert_eq!(made["id"], extension());
    assert_eq!(made["properties"]["currentVersion"], "1.1.64");
    assert_eq!(made["properties"]["autoUpgradeMinorVersion"], true);
    assert!(made["properties"].get("configurationProtectedSettings").is_none());
    assert!(made["properties"]["aksAssignedIdentity"]["principalId"].is_string());
    let list = format!("{}/providers/Microsoft.KubernetesConfiguration/extensions", cluster());
    assert_eq!(cloud.get(&list).ok().body["value"], json!([made]));
    let changes = json!({ "properties": { "configurationSettings": { "enableInference": "True" } } });
    cloud.patch(&extension(), changes).ok();
    let seen = cloud.get(&extension()).body;
    assert_eq!(
        seen["properties"]["configurationSettings"],
        json!({ "enableTraining": "True", "enableInference": "True" })
    );
    let all = cloud.get(&format!("{}/resources", rg())).ok().body;
    assert!(!all.to_string().contains("Microsoft.KubernetesConfiguration"), "{all}");
    cloud.unmake(&extension());
    cloud.make(&extension(), extension_body());
    cloud.unmake(&cluster());
    assert_eq!(cloud.get(&extension()).status, 404);
}

#[test]
fn an_extension_has_a_type_a_use_and_one_version() {
    let cloud = with_cluster();
    let with = |name: &str, value: Value| {
        let mut body = extension_body();
        body["properties"][name] = value;
        body
    };
    cloud.put(&extension(), with("extensionType", Value::Null)).refused(400, "InvalidParameter");
    let neither = json!({ "enableTraining": "False" });
    cloud.put(&extension(), with("configurationSettings", neither)).refused(400, "BadRequest");
    let mut both = with("version", json!("1.1.50"));
    both["properties"]["autoUpgradeMinorVersion"] = json!(true);
    cloud.put(&extension(), both).refused(400, "BadRequest");
    let made = cloud.make(&extension(), with("version", json!("1.1.50")));
    assert_eq!(
        (&made["properties"]["currentVersion"], &made["properties"]["autoUpgradeMinorVersion"]),
        (&json!("1.1.50"), &json!(false))
    );
    let elsewhere = extension().replace("managedClusters/aks", "managedClusters/none");
    cloud.put(&elsewhere, extension_body()).refused(404, "ParentResourceNotFound");
    let on_a_network = format!(
        "{}/providers/Microsoft.KubernetesConfiguration/extensions/x",
        network("virtualNetworks/vnet")
    );
    cloud.put(&on_a_network, extension_body()).refused(400, "BadRequest");
}
