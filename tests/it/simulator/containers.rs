//! Container groups, Databricks workspaces and HDInsight clusters in a network
//! (azure-aml 2.1, 15, 16, 17, 21 #32; azure-network A4.3).

use super::*;

fn group() -> String {
    format!("{}/providers/Microsoft.ContainerInstance/containerGroups/aci", rg())
}

fn databricks(name: &str) -> String {
    format!("{}/providers/Microsoft.Databricks/workspaces/{name}", rg())
}

fn hdinsight(name: &str) -> String {
    format!("{}/providers/Microsoft.HDInsight/clusters/{name}", rg())
}

fn managed() -> String {
    format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/databricks-managed")
}

fn delegated(range: &str, service: &str) -> Value {
    json!({ "properties": {
        "addressPrefix": range,
        "delegations": [{ "name": "d", "properties": { "serviceName": service } }],
    } })
}

fn group_body(address: &str) -> Value {
    let mut body = json!({
        "location": "eastus",
        "properties": {
            "osType": "Linux",
            "containers": [{
                "name": "score",
                "properties": {
                    "image": "mcr.microsoft.com/azuredocs/aci-helloworld",
                    "ports": [{ "port": 80 }],
                    "resources": { "requests": { "cpu": 1, "memoryInGB": 1 } },
                    "environmentVariables": [{ "name": "OPEN", "value": "1" }, { "name": "KEY", "secureValue": "s" }],
                },
            }],
            "ipAddress": { "type": address, "ports": [{ "port": 80 }] },
            "imageRegistryCredentials": [{ "server": "cr.azurecr.io", "username": "u", "password": "p" }],
        },
    });
    if address == "Private" {
        body["properties"]["subnetIds"] = json!([{ "id": subnet("training") }]);
    } else {
        body["properties"]["ipAddress"]["dnsNameLabel"] = json!("score");
    }
    body
}

fn with_container_subnet() -> Cloud {
    let cloud = Cloud::instant().with_network();
    cloud.make(&subnet("training"), delegated("10.1.1.0/24", "Microsoft.ContainerInstance/containerGroups"));
    cloud
}

fn databricks_body() -> Value {
    json!({
        "location": "eastus", "sku": { "name": "premium" },
        "properties": {
            "computeMode": "Hybrid", "managedResourceGroupId": managed(),
            "publicNetworkAccess": "Disabled", "requiredNsgRules": "NoAzureDatabricksRules",
            "parameters": {
                "customVirtualNetworkId": { "value": network("virtualNetworks/vnet") },
                "customPublicSubnetName": { "value": "endpoints" },
                "customPrivateSubnetName": { "value": "training" },
            },
        },
    })
}

fn with_databricks_subnets() -> Cloud {
    let cloud = Cloud::instant().with_network();
    let rules = network("networkSecurityGroups/nsg");
    cloud.make(&rules, json!({ "location": "eastus" }));
    for (name, range) in [("endpoints", "10.1.0.0/26"), ("training", "10.1.1.0/24")] {
        let mut body = delegated(range, "Microsoft.Databricks/workspaces");
        body["properties"]["networkSecurityGroup"] = json!({ "id": rules });
        cloud.make(&subnet(name), body);
    }
    cloud
}

fn hdinsight_body(workers: u32) -> Value {
    let role = |name: &str, count: u32| {
        json!({
            "name": name, "targetInstanceCount": count, "hardwareProfile": { "vmSize": "Standard_D4s_v3" },
            "osProfile": { "linuxOperatingSystemProfile": { "username": "sshuser", "password": "not-a-real-one" } },
            "virtualNetworkProfile": { "id": network("virtualNetworks/vnet"), "subnet": subnet("training") },
        })
    };
    json!({
        "location": "eastus",
        "properties": {
            "clusterVersion": "5.1", "osType": "Linux",
            "clusterDefinition": {
                "kind": "Spark",
                "configurations": { "gateway": { "restAuthCredential.password": "not-a-real-one" } },
            },
            "computeProfile": { "roles": [role("headnode", 2), role("workernode", workers)] },
            "storageProfile": { "storageaccounts": [{ "name": "stml", "key": "secret", "isDefault": true }] },
        },
    })
}

fn held(cloud: &Cloud) -> usize {
    cloud.get(&subnet("training")).body["properties"]["ipConfigurations"].as_array().map_or(0, Vec::len)
}

fn post(cloud: &Cloud, path: &str) -> Reply {
    cloud.send(Method::POST, path, &[], &Value::Null)
}

#[test]
fn a_container_group_is_made_read_listed_changed_and_deleted() {
    let cloud = Cloud::real().with_network();
    let begun = cloud.put(&group(), group_body("Public"));
    assert_eq!((begun.status, cloud.follow(&begun)["status"].clone()), (201, json!("Succeeded")));
    let made = cloud.get(&group()).ok().body;
    let address = &made["properties"]["ipAddress"];
    assert_eq!(address["fqdn"], "score.eastus.azurecontainer.io");
    assert!(address["ip"].as_str().unwrap().starts_with("20."));
    assert_eq!(made["properties"]["instanceView"]["state"], "Running");
    let list =
        cloud.get(&format!("{}/providers/Microsoft.ContainerInstance/containerGroups", rg())).ok().body;
    assert_eq!(list["value"], json!([made]));
    let tagged = cloud.patch(&group(), json!({ "tags": { "a": "b" } })).ok();
    cloud.follow(&tagged);
    cloud.patch(&group(), json!({ "properties": {} })).refused(400, "PatchNotSupported");
    let mut body = group_body("Public");
    body["properties"]["containers"][0]["properties"]["image"] = json!("other");
    let again = cloud.make(&group(), body);
    assert_eq!(&again["properties"]["ipAddress"], address, "the address stays");
    let mut windows = group_body("Public");
    windows["properties"]["osType"] = json!("Windows");
    cloud.put(&group(), windows).refused(409, "PropertyChangeNotAllowed");
    cloud.unmake(&group());
}

#[test]
fn secrets_of_a_container_group_are_never_answered() {
    let cloud = Cloud::instant().with_network();
    let made = cloud.make(&group(), group_body("Public"));
    let variables = &made["properties"]["containers"][0]["properties"]["environmentVariables"];
    assert_eq!(*variables, json!([{ "name": "OPEN", "value": "1" }, { "name": "KEY" }]));
    assert_eq!(
        made["properties"]["imageRegistryCredentials"],
        json!([{ "server": "cr.azurecr.io", "username": "u" }])
    );
}

#[test]
fn a_container_group_needs_containers_with_an_image_and_a_size() {
    let cloud = Cloud::instant().with_network();
    let mut none = group_body("Public");
    none["properties"]["containers"] = json!([]);
    cloud.put(&group(), none).refused(400, "InvalidParameter");
    for name in ["image", "resources"] {
        let mut body = group_body("Public");
        body["properties"]["containers"][0]["properties"].as_object_mut().unwrap().remove(name);
        cloud.put(&group(), body).refused(400, "InvalidParameter");
    }
}

#[test]
fn containers_take_an_address_in_a_subnet_that_is_theirs() {
    let cloud = Cloud::instant().with_network();
    let refused = cloud.put(&group(), group_body("Private"));
    refused.refused(400, "SubnetMissingRequiredDelegation");
    let cloud = with_container_subnet();
    let made = cloud.make(&group(), group_body("Private"));
    assert_eq!((&made["properties"]["ipAddress"]["ip"], held(&cloud)), (&json!("10.1.1.4"), 1));
    cloud.delete(&subnet("training")).refused(400, "InUseSubnetCannotBeDeleted");
    let bare = json!({ "properties": { "addressPrefix": "10.1.1.0/24" } });
    let kept = cloud.put(&subnet("training"), bare.clone());
    kept.refused(400, "SubnetDelegationsCannotChangeWhenSubnetUsedByResource");
    cloud.unmake(&group());
    assert_eq!(held(&cloud), 0);
    cloud.make(&subnet("training"), bare);
}

#[test]
fn a_private_address_needs_a_subnet_and_a_subnet_a_private_one() {
    let cloud = with_container_subnet();
    let mut without = group_body("Private");
    without["properties"].as_object_mut().unwrap().remove("subnetIds");
    cloud.put(&group(), without).refused(400, "InvalidParameter");
    let mut public = group_body("Private");
    public["properties"]["ipAddress"]["type"] = json!("Public");
    cloud.put(&group(), public).refused(400, "InvalidParameter");
    let mut elsewhere = group_body("Private");
    elsewhere["location"] = json!("westeurope");
    cloud.put(&group(), elsewhere).refused(400, "InvalidResourceReference");
    let mut lost = group_body("Private");
    lost["properties"]["subnetIds"] = json!([{ "id": subnet("none") }]);
    cloud.put(&group(), lost).refused(400, "InvalidResourceReference");
}

#[test]
fn containers_are_stopped_and_started() {
    let cloud = Cloud::instant().with_network();
    cloud.make(&group(), group_body("Public"));
    let state = || cloud.get(&group()).body["properties"]["instanceView"]["state"].clone();
    assert_eq!((post(&cloud, &format!("{}/stop", group())).status, state()), (204, json!("Stopped")));
    assert_eq!((post(&cloud, &format!("{}/start", group())).status, state()), (202, json!("Running")));
    assert_eq!((post(&cloud, &format!("{}/restart", group())).status, state()), (202, json!("Running")));
}

#[test]
fn a_databricks_workspace_is_made_read_listed_changed_and_deleted() {
    let cloud = with_databricks_subnets();
    let begun = cloud.put(&databricks("dbw"), databricks_body());
    assert_eq!(begun.status, 201);
    let made = cloud.get(&databricks("dbw")).ok().body;
    let properties = &made["properties"];
    let id = properties["workspaceId"].as_str().unwrap();
    let url = properties["workspaceUrl"].as_str().unwrap();
    assert!(url.starts_with(&format!("adb-{id}.")) && url.ends_with(".azuredatabricks.net"), "{url}");
    assert_eq!(properties["parameters"]["enableNoPublicIp"]["value"], true);
    assert_eq!(properties["privateEndpointConnections"], json!([]));
    let list = cloud.get(&format!("{}/providers/Microsoft.Databricks/workspaces", rg())).ok().body;
    assert_eq!(list["value"], json!([made]));
    cloud.patch(&databricks("dbw"), json!({ "tags": { "a": "b" } })).ok();
    let mut open = databricks_body();
    open["properties"]["publicNetworkAccess"] = json!("Enabled");
    let again = cloud.make(&databricks("dbw"), open);
    assert_eq!(
        (&again["properties"]["workspaceUrl"], &again["properties"]["publicNetworkAccess"]),
        (&json!(url), &json!("Enabled"))
    );
    for (pointer, value) in [
        ("/properties/parameters/customPublicSubnetName/value", json!("other")),
        ("/properties/computeMode", json!("Serverless")),
        ("/properties/managedResourceGroupId", json!(rg())),
    ] {
        let mut body = databricks_body();
        *body.pointer_mut(pointer).unwrap() = value;
        cloud.put(&databricks("dbw"), body).refused(409, "PropertyChangeNotAllowed");
    }
    cloud.unmake(&databricks("dbw"));
}

#[test]
fn azure_makes_a_group_for_the_workspace_and_takes_it_away() {
    let cloud = with_databricks_subnets();
    cloud.make(&managed(), json!({ "location": "eastus" }));
    cloud.put(&databricks("dbw"), databricks_body()).refused(409, "ManagedResourceGroupAlreadyExists");
    cloud.unmake(&managed());
    cloud.make(&databricks("dbw"), databricks_body());
    assert_eq!(cloud.get(&managed()).ok().body["managedBy"], databricks("dbw"));
    cloud.unmake(&databricks("dbw"));
    assert_eq!(cloud.get(&managed()).status, 404);
    let mut without = databricks_body();
    without["properties"].as_object_mut().unwrap().remove("managedResourceGroupId");
    cloud.put(&databricks("dbw"), without).refused(400, "InvalidParameter");
    let mut own = databricks_body();
    own["properties"]["managedResourceGroupId"] = json!(rg());
    cloud.put(&databricks("dbw"), own).refused(400, "BadRequest");
}

#[test]
fn a_workspace_is_put_in_two_delegated_subnets_with_rules() {
    let cloud = with_databricks_subnets();
    let with = |which: &str, name: &str| {
        let mut body = databricks_body();
        body["properties"]["parameters"][which]["value"] = json!(name);
        body
    };
    let wrong = cloud.put(&databricks("dbw"), with("customPublicSubnetName", "none"));
    wrong.refused(400, "SubnetIsNotWithinVnetError");
    cloud.put(&databricks("dbw"), with("customPublicSubnetName", "training")).refused(400, "BadRequest");
    let mut half = databricks_body();
    half["properties"]["parameters"].as_object_mut().unwrap().remove("customPrivateSubnetName");
    cloud.put(&databricks("dbw"), half).refused(400, "InvalidParameter");
    cloud.make(&subnet("endpoints"), delegated("10.1.0.0/26", "Microsoft.Databricks/workspaces"));
    let bare = cloud.put(&databricks("dbw"), databricks_body());
    bare.refused(400, "BadRequest");
    assert!(bare.message().contains("no network security group"), "{bare:?}");
    cloud.make(&subnet("endpoints"), json!({ "properties": { "addressPrefix": "10.1.0.0/26" } }));
    let strange = cloud.put(&databricks("dbw"), databricks_body());
    assert!(strange.message().contains("not delegated"), "{strange:?}");
    let mut closed = databricks_body();
    closed["properties"]["requiredNsgRules"] = json!("AllRules");
    cloud.put(&databricks("dbw"), closed).refused(400, "BadRequest");
}

#[test]
fn a_workspace_holds_its_subnets() {
    let cloud = with_databricks_subnets();
    cloud.make(&databricks("dbw"), databricks_body());
    for name in ["endpoints", "training"] {
        let refused = cloud.delete(&subnet(name));
        refused.refused(400, "InUseSubnetCannotBeDeleted");
        assert!(refused.message().contains(&databricks("dbw")), "{refused:?}");
    }
    cloud.delete(&network("virtualNetworks/vnet")).refused(400, "InUseSubnetCannotBeDeleted");
    let mut second = databricks_body();
    second["properties"]["managedResourceGroupId"] = json!(format!("{}-2", managed()));
    cloud.put(&databricks("second"), second).refused(400, "BadRequest");
    cloud.unmake(&databricks("dbw"));
    cloud.unmake(&subnet("training"));
}

#[test]
fn a_workspace_is_reached_through_private_endpoints() {
    let cloud = Cloud::instant().with_network();
    let properties = json!({ "computeMode": "Hybrid", "managedResourceGroupId": managed() });
    let body = json!({ "location": "eastus", "sku": { "name": "premium" }, "properties": properties });
    let made = cloud.make(&databricks("dbw"), body);
    for (group, host) in [
        ("databricks_ui_api", made["properties"]["workspaceUrl"].as_str().unwrap()),
        ("browser_authentication", "eastus.pl-auth.azuredatabricks.net"),
    ] {
        let path = endpoint(&group.replace('_', "-"));
        let seen = cloud.make(&path, endpoint_body(&databricks("dbw"), group));
        assert_eq!(seen["properties"]["customDnsConfigs"][0]["fqdn"], host);
    }
    let seen = cloud.get(&databricks("dbw")).body;
    assert_eq!(seen["properties"]["privateEndpointConnections"].as_array().map(Vec::len), Some(2));
    let list = cloud.get(&format!("{}/privateEndpointConnections", databricks("dbw"))).ok().body;
    assert_eq!(list["value"].as_array().map(Vec::len), Some(2));
    cloud.put(&endpoint("wrong"), endpoint_body(&databricks("dbw"), "blob")).refused(400, "BadRequest");
    let connection = list["value"][0]["id"].as_str().unwrap();
    let state =
        |status: &str| json!({ "properties": { "privateLinkServiceConnectionState": { "status": status } } });
    let rejected = cloud.make(connection, state("Rejected"));
    assert_eq!(rejected["properties"]["privateLinkServiceConnectionState"]["status"], "Rejected");
    cloud.put(connection, state("Open")).refused(400, "InvalidParameter");
    cloud.unmake(connection);
    let seen = cloud.get(&databricks("dbw")).body;
    assert_eq!(seen["properties"]["privateEndpointConnections"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_serverless_workspace_needs_no_group_and_no_network() {
    let cloud = Cloud::instant().with_network();
    let body = json!({ "location": "eastus", "sku": { "name": "premium" }, "properties": { "computeMode": "Serverless" } });
    let made = cloud.make(&databricks("dbw"), body);
    assert!(made["properties"].get("parameters").is_none() && made["properties"]["workspaceUrl"].is_string());
}

#[test]
fn an_hdinsight_cluster_is_made_read_listed_changed_and_deleted() {
    let cloud = Cloud::instant().with_network();
    let begun = cloud.put(&hdinsight("hdi"), hdinsight_body(3));
    assert_eq!((begun.status, &begun.body["properties"]["provisioningState"]), (200, &json!("InProgress")));
    assert!(begun.header("azure-asyncoperation").is_some());
    let made = cloud.get(&hdinsight("hdi")).ok().body;
    let ends = &made["properties"]["connectivityEndpoints"];
    assert_eq!(
        (&ends[0]["location"], &ends[1]["location"]),
        (&json!("hdi-ssh.azurehdinsight.net"), &json!("hdi.azurehdinsight.net")),
    );
    assert_eq!(
        (&made["properties"]["clusterState"], &made["properties"]["quotaInfo"]["coresUsed"]),
        (&json!("Running"), &json!(20))
    );
    for hidden in ["not-a-real-one", "storageProfile", "configurations"] {
        assert!(!made.to_string().contains(hidden), "{hidden}: {made}");
    }
    let list = cloud.get(&format!("{}/providers/Microsoft.HDInsight/clusters", rg())).ok().body;
    assert_eq!(list["value"], json!([made]));
    assert_eq!(held(&cloud), 5);
    cloud.delete(&subnet("training")).refused(400, "InUseSubnetCannotBeDeleted");
    cloud.patch(&hdinsight("hdi"), json!({ "tags": { "a": "b" } })).ok();
    cloud.make(&hdinsight("hdi"), hdinsight_body(4));
    assert_eq!(held(&cloud), 6);
    let mut newer = hdinsight_body(4);
    newer["properties"]["clusterVersion"] = json!("6.0");
    cloud.put(&hdinsight("hdi"), newer).refused(409, "PropertyChangeNotAllowed");
    cloud.unmake(&hdinsight("hdi"));
    assert_eq!(held(&cloud), 0);
}

#[test]
fn an_hdinsight_cluster_keeps_to_what_can_be() {
    let cloud = Cloud::instant().with_network();
    for name in ["clusterVersion", "clusterDefinition", "computeProfile", "storageProfile"] {
        let mut body = hdinsight_body(1);
        body["properties"].as_object_mut().unwrap().remove(name);
        cloud.put(&hdinsight("hdi"), body).refused(400, "InvalidParameter");
    }
    let mut private = hdinsight_body(1);
    private["properties"]["networkProperties"] = json!({ "privateLink": "Enabled" });
    cloud.put(&hdinsight("hdi"), private).refused(400, "InvalidParameter");
    let mut mixed = hdinsight_body(1);
    mixed["properties"]["computeProfile"]["roles"][0]["virtualNetworkProfile"]["id"] =
        json!(network("virtualNetworks/other"));
    cloud.put(&hdinsight("hdi"), mixed).refused(400, "InvalidParameter");
    cloud.put(&hdinsight("hdi"), hdinsight_body(400)).refused(400, "SubnetIsFull");
    assert_eq!(held(&cloud), 0);
    cloud.make(&hdinsight("hdi"), hdinsight_body(1));
    let other = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/other");
    cloud.make(&other, json!({ "location": "eastus" }));
    let twin = hdinsight("hdi").replace("resourceGroups/rg", "resourceGroups/other");
    cloud.put(&twin, hdinsight_body(1)).refused(409, "DnsNameAlreadyExists");
}
