//! The whole stack: what the product is for, built and taken down by hand
//! (azure-network D.1, D.2; azure-aml 19.3).

use std::path::{Path, PathBuf};

use amlsecure::simulator::{SUBSCRIPTION, Settings};
use serde_json::{Value, json};

use super::*;

/// Storage Blob Data Contributor.
const ROLE: &str = "ba92f5b4-2d11-453d-a403-e96b0029c9fe";

const ZONES: [&str; 6] = [
    "privatelink.api.azureml.ms",
    "privatelink.notebooks.azure.net",
    "privatelink.blob.core.windows.net",
    "privatelink.file.core.windows.net",
    "privatelink.vaultcore.azure.net",
    "privatelink.azurecr.io",
];

/// Where the traffic of the stack is written down.
fn log() -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("simulator-stack.ndjson");
    let _ = std::fs::remove_file(&path);
    path
}

/// Hands the traffic to who holds it against Microsoft's type definitions,
/// where somebody asks for it.
fn hand_over(log: &Path) {
    #[allow(clippy::disallowed_methods, reason = "a test's process starts here")]
    let Some(folder) = std::env::var_os("AMLSECURE_TRAFFIC").filter(|folder| !folder.is_empty()) else {
        return;
    };
    std::fs::copy(log, Path::new(&folder).join("simulator-stack.ndjson")).unwrap();
}

#[test]
fn the_closed_stack_stands_and_falls_without_a_trace() {
    let log = log();
    let cloud = Cloud::open(Settings { record: Some(log.clone()), ..Settings::default() });
    cloud.make(&rg(), json!({ "location": "East US", "tags": { "amlsecure-owner": "x" } }));
    cloud.make(
        &network("networkSecurityGroups/nsg"),
        json!({ "location": "eastus", "properties": { "securityRules": [{
            "name": "aml", "properties": {
                "priority": 110, "direction": "Inbound", "access": "Allow", "protocol": "Tcp",
                "sourceAddressPrefix": "AzureMachineLearning", "sourcePortRange": "*",
                "destinationAddressPrefix": "VirtualNetwork", "destinationPortRange": "44224",
            },
        }] } }),
    );
    cloud.make(
        &network("publicIPAddresses/pip"),
        json!({ "location": "eastus", "sku": { "name": "Standard" }, "properties": { "publicIPAllocationMethod": "Static" } }),
    );
    cloud.make(
        &network("natGateways/nat"),
        json!({ "location": "eastus", "sku": { "name": "Standard" }, "properties": {
            "publicIpAddresses": [{ "id": network("publicIPAddresses/pip") }] } }),
    );
    let mut body = network_body();
    body["properties"]["subnets"][1]["properties"]["networkSecurityGroup"] =
        json!({ "id": network("networkSecurityGroups/nsg") });
    body["properties"]["subnets"][1]["properties"]["natGateway"] =
        json!({ "id": network("natGateways/nat") });
    body["properties"]["subnets"][1]["properties"]["serviceEndpoints"] =
        json!([{ "service": "Microsoft.Storage" }]);
    cloud.make(&network("virtualNetworks/vnet"), body);
    for name in ZONES {
        cloud.make(&zone(name), json!({ "location": "global" }));
        cloud.make(&format!("{}/virtualNetworkLinks/vnet", zone(name)), link_body());
    }
    cloud.make(
        &logs("logs"),
        json!({ "location": "eastus", "properties": { "sku": { "name": "PerGB2018" } } }),
    );
    cloud.make(&storage("stml"), storage_body());
    cloud.make(&vault("kv-ml"), vault_body());
    cloud.make(&registry("crml0001"), registry_body());
    let mut component = insights_body();
    component["properties"]["WorkspaceResourceId"] = json!(logs("logs"));
    cloud.make(&insights("appi"), component);
    cloud.make(&identity("id-ml"), json!({ "location": "eastus" }));
    let made = cloud.make(&workspace("mlw"), workspace_body());
    let assignment = format!(
        "{}/providers/Microsoft.Authorization/roleAssignments/11111111-1111-4111-8111-111111111111",
        storage("stml")
    );
    cloud.make(
        &assignment,
        json!({ "properties": {
            "roleDefinitionId": format!("/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{ROLE}"),
            "principalId": made["identity"]["principalId"], "principalType": "ServicePrincipal",
        } }),
    );
    for (name, target, group, zones) in [
        ("pe-blob", storage("stml"), "blob", &ZONES[2..3]),
        ("pe-file", storage("stml"), "file", &ZONES[3..4]),
        ("pe-vault", vault("kv-ml"), "vault", &ZONES[4..5]),
        ("pe-registry", registry("crml0001"), "registry", &ZONES[5..6]),
        ("pe-workspace", workspace("mlw"), "amlworkspace", &ZONES[..2]),
    ] {
        cloud.make(&endpoint(name), endpoint_body(&target, group));
        cloud.make(&format!("{}/privateDnsZoneGroups/default", endpoint(name)), zone_group_body(zones));
    }
    cloud.make(&format!("{}/computes/cpu", workspace("mlw")), cluster_body());

    // What each shows of the others.
    let network_now = cloud.get(&network("virtualNetworks/vnet")).body;
    let configurations =
        network_now["properties"]["subnets"][0]["properties"]["ipConfigurations"].as_array().unwrap();
    assert_eq!(configurations.len(), 1 + 1 + 1 + 2 + 3, "addresses of five endpoints");
    for path in [storage("stml"), vault("kv-ml"), registry("crml0001"), workspace("mlw")] {
        let count =
            cloud.get(&path).body["properties"]["privateEndpointConnections"].as_array().unwrap().len();
        assert_eq!(count, if path.contains("storage") { 2 } else { 1 }, "{path}");
    }
    for path in [
        network("networkSecurityGroups/nsg"),
        network("natGateways/nat"),
        network("publicIPAddresses/pip"),
        endpoint("pe-workspace"),
        zone(ZONES[0]),
        identity("id-ml"),
        assignment.clone(),
        logs("logs"),
        insights("appi"),
        format!("{}/A/stml", zone(ZONES[2])),
        format!("{}/SOA/@", zone(ZONES[2])),
    ] {
        assert_eq!(cloud.get(&path).status, 200, "{path}");
    }
    let interface =
        cloud.get(&endpoint("pe-workspace")).body["properties"]["networkInterfaces"][0]["id"].clone();
    assert_eq!(cloud.get(interface.as_str().unwrap()).status, 200);

    // The way back.
    cloud.unmake(&format!("{}/computes/cpu?underlyingResourceAction=Delete", workspace("mlw")));
    for name in ["pe-blob", "pe-file", "pe-vault", "pe-registry", "pe-workspace"] {
        cloud.unmake(&format!("{}/privateDnsZoneGroups/default", endpoint(name)));
        cloud.unmake(&endpoint(name));
    }
    cloud.unmake(&format!("{}?forceToPurge=true", workspace("mlw")));
    cloud.unmake(&assignment);
    for path in [storage("stml"), vault("kv-ml"), registry("crml0001"), insights("appi"), identity("id-ml")] {
        cloud.unmake(&path);
    }
    cloud.unmake(&format!("{}?force=true", logs("logs")));
    for name in ZONES {
        cloud.unmake(&format!("{}/virtualNetworkLinks/vnet", zone(name)));
        cloud.unmake(&zone(name));
    }
    for tail in
        ["virtualNetworks/vnet", "natGateways/nat", "publicIPAddresses/pip", "networkSecurityGroups/nsg"]
    {
        cloud.unmake(&network(tail));
    }
    let left: Vec<String> = cloud.simulator.list().unwrap().into_iter().map(|held| held.id).collect();
    assert_eq!(left, [rg()]);
    cloud.unmake(&rg());
    assert!(cloud.simulator.list().unwrap().is_empty());
    assert_eq!(cloud.simulator.soft_deleted().unwrap(), [vault("kv-ml")]);
    hand_over(&log);
}

#[test]
fn what_azure_made_on_the_way_is_told_from_what_was_asked_for() {
    let cloud = Cloud::instant().with_services();
    cloud.make(&zone(ZONES[2]), json!({ "location": "global" }));
    cloud.make(&endpoint("pe"), endpoint_body(&storage("stml"), "blob"));
    cloud.make(&format!("{}/privateDnsZoneGroups/default", endpoint("pe")), zone_group_body(&ZONES[2..3]));
    let held = cloud.simulator.list().unwrap();
    let by_azure: Vec<&str> =
        held.iter().filter(|h| h.made_by_azure).map(|h| h.id.rsplit('/').nth(1).unwrap()).collect();
    assert_eq!(by_azure[..4], ["blobServices", "fileServices", "queueServices", "tableServices"]);
    assert_eq!(by_azure[4], "replications");
    assert_eq!(by_azure[5..], ["SOA", "networkInterfaces", "privateEndpointConnections", "A"]);
    let asked: Value = held.iter().filter(|h| !h.made_by_azure).map(|h| json!(h.id)).collect();
    assert_eq!(asked.as_array().unwrap().len(), 1 + 1 + 2 + 4 + 1 + 1 + 1, "{asked}");
}
