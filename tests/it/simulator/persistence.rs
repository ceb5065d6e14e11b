//! The store: shared, repeatable, and not to be broken by any request.

use std::sync::Arc;

use amlsecure::simulator::State;
use proptest::prelude::*;

use super::*;

fn file(folder: &tempfile::TempDir) -> Settings {
    Settings { state: State::File(folder.path().join("deep/down/simulator.db")), ..Settings::default() }
}

#[test]
fn what_one_process_made_another_sees() {
    let folder = tempfile::tempdir().unwrap();
    let one = Cloud::open(file(&folder)).with_network();
    let other = Cloud::open(file(&folder));
    assert_eq!(
        other.get(&network("virtualNetworks/vnet")).body,
        one.get(&network("virtualNetworks/vnet")).body
    );
    // An operation that one began is ended by whoever asks next.
    let reply = one.put(&subnet("s"), json!({ "properties": { "addressPrefix": "10.1.9.0/24" } }));
    assert_eq!(other.follow(&reply)["status"], "Succeeded");
    drop((one, other));
    assert_eq!(
        Cloud::open(file(&folder)).get(&subnet("s")).body["properties"]["provisioningState"],
        "Succeeded"
    );
}

#[test]
fn many_writers_share_one_file() {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let threads: Vec<_> = (0..4)
        .map(|thread| {
            let folder = Arc::clone(&folder);
            std::thread::spawn(move || {
                let cloud = Cloud::open(file(&folder));
                for n in 0..25 {
                    let path = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-{thread}-{n}");
                    assert_eq!(cloud.put(&path, json!({ "location": "eastus" })).status, 201);
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(Cloud::open(file(&folder)).simulator.list().unwrap().len(), 100);
}

#[test]
fn a_file_of_another_layout_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let settings = file(&folder);
    drop(Cloud::open(settings.clone()));
    let State::File(path) = &settings.state else { unreachable!() };
    rusqlite::Connection::open(path).unwrap().pragma_update(None, "user_version", 999).unwrap();
    let error = Simulator::open(settings).unwrap_err().to_string();
    assert!(error.contains("layout 999") && error.contains("delete the file"), "{error}");
}

#[test]
fn one_seed_makes_one_cloud() {
    let shown = |seed: u64| {
        let cloud = Cloud::open(Settings { seed, ..Settings::default() }).with_workspace();
        cloud.get(&workspace("mlw")).body
    };
    assert_eq!(shown(7), shown(7));
    assert_ne!(shown(7)["properties"]["workspaceId"], shown(8)["properties"]["workspaceId"]);
}

#[test]
fn every_request_is_written_down() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("traffic.ndjson");
    let cloud = Cloud::open(Settings { record: Some(log.clone()), ..Settings::default() });
    cloud.put(&rg(), json!({ "location": "eastus" }));
    cloud.get(&storage("none"));
    let lines: Vec<Value> = std::fs::read_to_string(log)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    assert_eq!((&lines[0]["method"], &lines[0]["request"]["location"]), (&json!("PUT"), &json!("eastus")));
    assert_eq!((&lines[0]["status"], &lines[0]["response"]["name"]), (&json!(201), &json!("rg")));
    assert_eq!((&lines[1]["status"], lines[1].get("request")), (&json!(404), None));
}

fn segment() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec![
            "subscriptions", SUBSCRIPTION, "resourceGroups", "rg", "providers", "Microsoft.Network", "virtualNetworks",
            "vnet", "subnets", "endpoints", "privateEndpoints", "privateDnsZones", "A", "Microsoft.Storage",
            "storageAccounts", "stml", "Microsoft.KeyVault", "vaults", "kv-ml", "deletedVaults", "locations", "eastus",
            "Microsoft.MachineLearningServices", "workspaces", "mlw", "computes", "operations", "resources", "register",
            "Microsoft.Authorization", "roleAssignments", "checkNameAvailability", "purge", "networkInterfaces",
        ]).prop_map(str::to_owned),
        1 => "[ -~]{0,12}".prop_map(|text| url::form_urlencoded::byte_serialize(text.as_bytes()).collect()),
        1 => prop::sample::select(vec!["%", "%zz", "%ff", "%00", "..", "%2F", "*", "@"]).prop_map(str::to_owned),
    ]
}

fn path() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        rg(),
        network("virtualNetworks/vnet"),
        subnet("endpoints"),
        endpoint("pe"),
        storage("stml"),
        vault("kv-ml"),
        registry("crml0001"),
        insights("appi"),
        logs("logs"),
        identity("id-ml"),
        workspace("mlw"),
        format!("{}/computes/cpu", workspace("mlw")),
        zone("a.example"),
        format!("{}/virtualNetworkLinks/l", zone("a.example")),
        format!("{}/A/x", zone("a.example")),
        network("networkInterfaces/nic"),
        network("publicIPAddresses/pip"),
        network("natGateways/nat"),
        network("networkSecurityGroups/nsg"),
        format!(
            "{}/providers/Microsoft.Authorization/roleAssignments/11111111-1111-4111-8111-111111111111",
            rg()
        ),
    ]);
    prop_oneof![
        3 => known,
        1 => prop::collection::vec(segment(), 0..12).prop_map(|parts| format!("/{}", parts.join("/"))),
    ]
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[ -~]{0,10}".prop_map(Value::from),
        prop::sample::select(vec![
            "eastus",
            "global",
            "Static",
            "10.1.0.0/16",
            "10.1.0.0/24",
            "SystemAssigned",
            "AmlCompute"
        ])
        .prop_map(Value::from),
        prop::sample::select(vec![subnet("endpoints"), storage("stml"), vault("kv-ml"), workspace("mlw")])
            .prop_map(Value::from),
    ];
    let key = prop::sample::select(vec![
        "location",
        "properties",
        "tags",
        "sku",
        "name",
        "kind",
        "identity",
        "type",
        "userAssignedIdentities",
        "id",
        "addressSpace",
        "addressPrefixes",
        "addressPrefix",
        "subnets",
        "ipConfigurations",
        "subnet",
        "computeType",
        "privateLinkServiceConnections",
        "privateLinkServiceId",
        "groupIds",
        "securityRules",
        "serviceEndpoints",
        "delegations",
        "scaleSettings",
        "minNodeCount",
        "networkAcls",
        "virtualNetwork",
        "aRecords",
        "ipv4Address",
        "privateDnsZoneConfigs",
        "privateDnsZoneId",
        "tenantId",
        "accessPolicies",
        "roleDefinitionId",
        "principalId",
        "publicIPAllocationMethod",
        "privateIPAddress",
        "storageAccount",
        "$serde_json::private::Number",
        "x",
    ]);
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key.clone().prop_map(str::to_owned), inner), 0..6)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

/// A good body with something odd put somewhere into it.
fn nearly_good() -> impl Strategy<Value = Value> {
    let good = prop::sample::select(vec![
        network_body(),
        storage_body(),
        vault_body(),
        registry_body(),
        insights_body(),
        workspace_body(),
        cluster_body(),
        endpoint_body(&storage("stml"), "blob"),
        link_body(),
        zone_group_body(&["a.example"]),
    ]);
    (good, any::<prop::sample::Index>(), json_value()).prop_map(|(mut body, index, odd)| {
        let mut pointers = vec![String::new()];
        collect(&body, "", &mut pointers);
        let at = index.get(&pointers).clone();
        *body.pointer_mut(&at).unwrap() = odd;
        body
    })
}

fn collect(value: &Value, at: &str, found: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(map) => {
            map.iter().map(|(key, inner)| (key.replace('~', "~0").replace('/', "~1"), inner)).collect()
        }
        Value::Array(items) => items.iter().enumerate().map(|(n, inner)| (n.to_string(), inner)).collect(),
        _ => Vec::new(),
    };
    for (key, inner) in children {
        let at = format!("{at}/{key}");
        found.push(at.clone());
        collect(inner, &at, found);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever comes, an answer of ARM's goes back, and the store stays whole.
    #[test]
    fn no_request_breaks_it(
        requests in prop::collection::vec(
            (prop::sample::select(vec!["GET", "HEAD", "PUT", "PATCH", "DELETE", "POST", "OPTIONS"]), path(),
             prop_oneof![3 => nearly_good(), 1 => json_value()], "[ -~]{0,20}"),
            1..12,
        ),
        strict in any::<bool>(),
    ) {
        let cloud = Cloud::open(Settings { strict, ..Settings::default() }).with_workspace();
        for (method, path, body, extra) in requests {
            let query: String = url::form_urlencoded::byte_serialize(extra.as_bytes()).collect();
            let url = format!("{}&forceToPurge=true&underlyingResourceAction=Delete&$filter={query}", Cloud::url(&path));
            let Ok(uri) = url.parse::<http::Uri>() else { continue };
            let request = Request::builder()
                .method(method)
                .uri(uri)
                .body(body.to_string().into_bytes())
                .unwrap();
            let response = cloud.simulator.handle(request, cloud.now.get());
            let response = response.map_err(|error| TestCaseError::fail(format!("{method} {path}: {error}")))?;
            prop_assert!(response.status().as_u16() < 500, "{} {} {}", method, path, body);
        }
        prop_assert!(cloud.simulator.list().is_ok());
    }
}
