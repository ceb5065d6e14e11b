//! What azurerm, the Azure CLI or a hand has built is imported as it stands:
//! names that others chose are kept, a part that nobody marked is given by its
//! id, and the plan shows our marks and what differs.

use amlsecure::kinds::{self, ResourceId};
use amlsecure::provider::schemas;
use amlsecure::schema::generate;
use amlsecure::simulator::SUBSCRIPTION;
use http::Method;
use serde_json::{Value as Json, json};

use super::harness::*;

const ASSIGNED: &str = "0f0f0f0f-1111-4222-8333-444444444444";

fn nsg(name: &str) -> String {
    in_group(&format!("Microsoft.Network/networkSecurityGroups/{name}"))
}

/// A network as a platform team builds one: its own names, its own rules.
fn their_own_network(azure: &Azure) {
    let group = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-mlops");
    let address = in_group("Microsoft.Network/publicIPAddresses/pip-corp");
    let gateway = in_group("Microsoft.Network/natGateways/ng-corp");
    let tags = json!({ "owner": "platform" });
    let rule = |name: &str, priority: u32, tag: &str| {
        json!({ "name": name, "properties": {
            "priority": priority, "direction": "Outbound", "access": "Allow", "protocol": "Tcp",
            "sourcePortRange": "*", "sourceAddressPrefix": "*", "destinationAddressPrefix": tag,
            "destinationPortRange": "443",
        }})
    };
    azure.put(&group, &json!({ "location": "eastasia", "tags": tags }));
    azure.put(
        &nsg("corp-train"),
        &json!({ "location": "eastasia", "tags": tags, "properties": { "securityRules": [
            rule("aml", 300, "AzureMachineLearning"), rule("batch", 310, "BatchNodeManagement.eastasia"),
        ]}}),
    );
    azure.put(&nsg("corp-shared"), &json!({ "location": "eastasia", "tags": tags }));
    azure.put(
        &address,
        &json!({ "location": "eastasia", "tags": tags, "sku": { "name": "Standard" },
            "properties": { "publicIPAllocationMethod": "Static" } }),
    );
    azure.put(
        &gateway,
        &json!({ "location": "eastasia", "tags": tags, "sku": { "name": "Standard" },
            "properties": { "publicIpAddresses": [{ "id": address }] } }),
    );
    let subnet = |name: &str, prefix: &str, properties: Json| {
        let mut all = json!({ "addressPrefix": prefix });
        all.as_object_mut().unwrap().extend(properties.as_object().unwrap().clone());
        json!({ "name": name, "properties": all })
    };
    azure.put(
        &in_network(""),
        &json!({ "location": "eastasia", "tags": tags, "properties": {
            "addressSpace": { "addressPrefixes": ["10.10.0.0/16"] },
            "subnets": [
                subnet("train", "10.10.1.0/24", json!({
                    "networkSecurityGroup": { "id": nsg("corp-train") }, "natGateway": { "id": gateway },
                })),
                subnet("one", "10.10.2.0/24", json!({ "networkSecurityGroup": { "id": nsg("corp-shared") } })),
                subnet("two", "10.10.3.0/24", json!({ "networkSecurityGroup": { "id": nsg("corp-shared") } })),
            ],
        }}),
    );
}

#[tokio::test(start_paused = true)]
async fn a_network_of_others_becomes_ours_with_its_names_and_nothing_of_it_is_torn_down() {
    let bench = Bench::new().await;
    their_own_network(&bench.azure);
    let imported = bench.core.import(NETWORK, &in_network("")).await.unwrap();
    let names: Vec<(String, String)> = imported
        .value
        .attribute("names")
        .as_map()
        .unwrap()
        .iter()
        .map(|(key, name)| (key.clone(), name.as_str().unwrap().to_owned()))
        .collect();
    let expected =
        [("nat_gateway", "ng-corp"), ("nat_gateway/public_ip", "pip-corp"), ("nsg/train", "corp-train")];
    assert_eq!(names, expected.map(|(key, name)| (key.to_owned(), name.to_owned())));
    assert_eq!(imported.value.attribute("tags").attribute("owner").as_str(), Some("platform"));
    let standing = statuses(&imported.value);
    for key in ["network", "nat_gateway", "nat_gateway/public_ip"] {
        let status = &standing[key];
        assert!(status.starts_with("drifted: tags.amlsecure-owner is absent"), "{key}: {status}");
        assert!(!status.contains(';'), "{key}: {status}");
    }
    // A group that guards two subnets is nobody's alone: each gets one of its own.
    assert_eq!(standing["nsg/one"], "missing");

    let arguments = json!({
        "name": "vnet-aml",
        "resource_group_name": "rg-mlops",
        "location": "East Asia",
        "address_space": ["10.10.0.0/16"],
        "subnet": [
            { "name": "train", "purpose": "training", "address_prefixes": ["10.10.1.0/24"] },
            { "name": "one", "purpose": "general", "address_prefixes": ["10.10.2.0/24"] },
            { "name": "two", "purpose": "inference", "address_prefixes": ["10.10.3.0/24"] },
        ],
        "egress": { "type": "nat_gateway" },
        "tags": { "owner": "platform" },
    });
    let plan = bench.plan(NETWORK, &arguments, Some(&imported)).await;
    assert_eq!(plan.action, Action::Update);
    bench.azure.writes();
    let ours = bench.converge(NETWORK, &arguments, Some(&imported)).await;
    assert!(bench.azure.writes().iter().all(|write| write.method != Method::DELETE));
    assert_eq!(ids(&ours.value)["nsg/train"], nsg("corp-train"));
    // What they wrote into it to let something through gives way to ours, as the plan has said.
    assert!(
        standing["nsg/train"].contains("properties.securityRules[aml] is there, want absent"),
        "{standing:?}"
    );
    let rules = bench.azure.get(&nsg("corp-train"))["properties"]["securityRules"].to_string();
    assert!(!rules.contains("\"aml\"") && rules.contains("machine-learning-tcp"), "{rules}");
    assert!(bench.azure.get(&nsg("corp-shared"))["tags"]["amlsecure-owner"].is_null());
    super::import::found_again(&bench, NETWORK, &arguments, &ours).await;
}

#[tokio::test(start_paused = true)]
async fn a_name_that_an_import_found_goes_with_its_resource() {
    let bench = Bench::new().await;
    their_own_network(&bench.azure);
    let imported = bench.core.import(NETWORK, &in_network("")).await.unwrap();
    let arguments = json!({
        "name": "vnet-aml", "resource_group_name": "rg-mlops", "location": "eastasia",
        "address_space": ["10.10.0.0/16"],
        "subnet": [{ "name": "one", "purpose": "general", "address_prefixes": ["10.10.2.0/24"] }],
    });
    let state = bench.converge(NETWORK, &arguments, Some(&imported)).await;
    assert_eq!(state.value.attribute("names").as_map().unwrap().len(), 0);
    assert!(bench.azure.get(&nsg("corp-train")).is_null());
}

/// Adds to the strangers' workspace what a platform team adds: endpoints of its
/// own names, zone groups, and a role.
fn their_closed_workspace(azure: &Azure) -> String {
    strangers(azure);
    let subnet = format!("{}/subnets/endpoints", their_network());
    azure.put(&subnet, &json!({ "properties": { "addressPrefixes": ["10.99.1.0/24"] } }));
    let zone = |name: &str| format!("{}/providers/Microsoft.Network/privateDnsZones/{name}", their_hub());
    for (name, target, service, zones) in [
        (
            "corp-ws",
            their_workspace(),
            "amlworkspace",
            vec![
                ("ml-api", zone("privatelink.api.azureml.ms")),
                ("ml-notebooks", zone("privatelink.notebooks.azure.net")),
            ],
        ),
        ("corp-vault", their_vault(), "vault", vec![("kv", zone("privatelink.vaultcore.azure.net"))]),
        ("corp-blob", their_storage(), "blob", vec![("st", zone("privatelink.blob.core.windows.net"))]),
    ] {
        let endpoint = theirs(&format!("Microsoft.Network/privateEndpoints/{name}"));
        let connection = json!({ "name": format!("conn-{name}"), "properties": {
            "privateLinkServiceId": target, "groupIds": [service],
        }});
        azure.put(
            &endpoint,
            &json!({ "location": "eastasia", "properties": {
                "subnet": { "id": subnet }, "privateLinkServiceConnections": [connection],
            }}),
        );
        let configs: Vec<Json> = zones
            .iter()
            .map(|(name, zone)| json!({ "name": name, "properties": { "privateDnsZoneId": zone } }))
            .collect();
        azure.put(
            &format!("{endpoint}/privateDnsZoneGroups/corp"),
            &json!({ "properties": { "privateDnsZoneConfigs": configs } }),
        );
    }
    let principal = azure.get(&their_workspace())["identity"]["principalId"].clone();
    azure.put(
        &format!("{}/providers/Microsoft.Authorization/roleAssignments/{ASSIGNED}", their_storage()),
        &json!({ "properties": {
            "roleDefinitionId": kinds::roles::READER.definition_id(&ResourceId::parse(&their_storage()).unwrap()),
            "principalId": principal,
            "principalType": "ServicePrincipal",
        }}),
    );
    subnet
}

#[tokio::test(start_paused = true)]
async fn a_workspace_of_others_is_imported_with_its_parts_given_and_its_endpoints_kept() {
    let bench = Bench::new().await;
    let subnet = their_closed_workspace(&bench.azure);
    let imported = bench.core.import(WORKSPACE, &their_workspace()).await.unwrap();
    let said = |name: &str| imported.value.attribute(name);
    assert_eq!(said("storage_account").attribute("id").as_str(), Some(their_storage().as_str()));
    assert!(said("storage_account").attribute("name").is_null());
    assert_eq!(said("key_vault").attribute("id").as_str(), Some(their_vault().as_str()));
    let names = said("names").as_map().unwrap();
    for (key, name) in [
        ("workspace/endpoint", "corp-ws"),
        ("workspace/endpoint/connection", "conn-corp-ws"),
        ("workspace/endpoint/dns", "corp"),
        ("workspace/endpoint/dns/privatelink.api.azureml.ms", "ml-api"),
        ("storage/blob/endpoint", "corp-blob"),
        ("role/storage/reader", ASSIGNED),
    ] {
        assert_eq!(names[key].as_str(), Some(name), "{names:#?}");
    }
    let arguments = json!({
        "name": "mlw-theirs",
        "resource_group_name": "rg-theirs",
        "location": "eastasia",
        "storage_account": { "id": their_storage() },
        "key_vault": { "id": their_vault() },
        "application_insights": { "id": their_insights() },
        "private_endpoint": {
            "subnet_id": subnet,
            "private_dns_zone_ids": zone_ids(&their_hub(), &SERVICES),
            "storage_services": ["blob", "file"],
        },
        "identity": { "type": "SystemAssigned" },
    });
    let plan = bench.plan(WORKSPACE, &arguments, Some(&imported)).await;
    assert_eq!(plan.action, Action::Update);
    let standing = statuses(&imported.value);
    assert_eq!(standing["storage/file/endpoint"], "missing");
    for (key, status) in &standing {
        let expected = status == "missing" || !status.starts_with("drifted beyond repair");
        assert!(expected, "{key}: {status}");
    }
    for key in ["workspace/endpoint", "storage/blob/endpoint"] {
        assert!(standing[key].starts_with("drifted: tags.amlsecure-owner is absent"), "{}", standing[key]);
        assert!(!standing[key].contains(';'), "{}", standing[key]);
    }
    assert_eq!(standing["workspace/endpoint/dns"], "in sync");
    bench.azure.writes();
    let ours = bench.converge(WORKSPACE, &arguments, Some(&imported)).await;
    let writes = bench.azure.writes();
    assert!(writes.iter().all(|write| write.method != Method::DELETE), "{writes:#?}");
    let given = [their_storage(), their_vault(), their_insights()];
    assert!(writes.iter().all(|write| !given.contains(&write.path)), "{writes:#?}");
    super::import::found_again(&bench, WORKSPACE, &arguments, &ours).await;
}

#[tokio::test(start_paused = true)]
async fn what_terraform_writes_for_a_workspace_of_others_plans_what_it_lacks() {
    let bench = Bench::new().await;
    their_closed_workspace(&bench.azure);
    let imported = bench.core.import(WORKSPACE, &their_workspace()).await.unwrap();
    let block = &schemas().resources[WORKSPACE].block;
    let mut generated = generate::config(block, &imported.value);
    // It has no endpoint for files yet, so nobody could say where its name goes.
    let zones = zone_ids(&their_hub(), &["file"])["file"][0].as_str().unwrap().to_owned();
    let path = amlsecure::schema::Path::parse("private_endpoint.private_dns_zone_ids").unwrap();
    let Some(amlsecure::schema::Value::Map(ids)) = generated.get_mut(&path) else { panic!("no zones") };
    ids.insert("file".to_owned(), amlsecure::schema::Value::list([zones]));
    let plan = bench.core.plan(WORKSPACE, generated, Some(&imported)).await.unwrap();
    assert_eq!(plan.action, Action::Update);
    let applied = bench.core.apply(plan).await.unwrap();
    assert_eq!(said(&applied.diagnostics), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn zones_and_links_of_others_are_imported_by_their_group_and_by_any_zone() {
    let bench = Bench::new().await;
    strangers(&bench.azure);
    let zone = format!("{}/providers/Microsoft.Network/privateDnsZones/privatelink.azurecr.io", their_hub());
    let link = format!("{zone}/virtualNetworkLinks/corp-link");
    let network =
        their_network().replace("/resourceGroups/", "/resourcegroups/").replace("Microsoft.", "microsoft.");
    bench.azure.put(
        &link,
        &json!({ "location": "global", "properties": {
            "registrationEnabled": false, "virtualNetwork": { "id": network },
        }}),
    );
    for id in [format!("{}/providers/Microsoft.Network/privateDnsZones", their_hub()), their_hub(), zone] {
        let imported = bench.core.import(DNS, &id).await.unwrap();
        assert_eq!(imported.value.attribute("services").as_list().unwrap().len(), their_services().len());
        let names = imported.value.attribute("names").as_map().unwrap();
        assert_eq!(names["registry/link/vnet-aml"].as_str(), Some("corp-link"));
        let arguments = json!({
            "resource_group_name": "rg-hub", "services": their_services(), "virtual_network_ids": [their_network()],
        });
        let plan = bench.plan(DNS, &arguments, Some(&imported)).await;
        assert_eq!(plan.action, Action::Update);
        let value = &imported.value;
        assert_eq!(value.attribute("virtual_network_ids"), plan.planned.attribute("virtual_network_ids"));
        assert_eq!(statuses(value)["blob/link/vnet-aml"], "missing");
    }
}

#[tokio::test(start_paused = true)]
async fn a_group_and_a_cluster_of_others_get_our_marks_and_nothing_else() {
    let bench = Bench::new().await;
    let stack = Stack::example();
    let states = bench.build(&stack).await;
    for (type_name, key) in [(GROUP, "resource_group"), (CLUSTER, "cluster")] {
        let id = ids(&states[type_name].value)[key].clone();
        bench.azure.change(&id, |body| body["tags"] = json!({ "team": "a" }));
        let imported = bench.core.import(type_name, &id).await.unwrap();
        assert!(imported.value.attribute("instance").is_null());
        let arguments = with(stack.of(type_name), "/tags", json!({ "team": "a" }));
        let plan = bench.plan(type_name, &arguments, Some(&imported)).await;
        assert_eq!(moving(&plan), [key]);
        bench.azure.writes();
        let state = bench.converge(type_name, &arguments, Some(&imported)).await;
        assert!(state.value.attribute("instance").as_str().is_some());
        let written = bench.azure.writes();
        assert!(written.iter().all(|write| write.path.eq_ignore_ascii_case(&id)), "{written:#?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_part_that_was_given_becomes_ours_by_name_and_only_where_adopt_says_so() {
    let bench = Bench::new().await;
    let stack = Stack::example();
    bench.ground(&stack, WORKSPACE).await;
    let storage = in_group("Microsoft.Storage/storageAccounts/stmlops0001");
    bench.azure.put(
        &storage,
        &json!({ "location": "eastasia", "kind": "StorageV2", "sku": { "name": "Standard_LRS" },
            "properties": { "publicNetworkAccess": "Disabled" } }),
    );
    let given = with(&stack.workspace, "/storage_account", json!({ "id": storage }));
    let state = bench.converge(WORKSPACE, &given, None).await;
    let refused = bench.apply(WORKSPACE, &stack.workspace, Some(&state)).await;
    assert_eq!(
        said(&refused.diagnostics),
        ["storage_account.name: The storage account storage exists already"]
    );
    assert!(refused.diagnostics.0[0].detail.contains("adopt = true"), "{:?}", refused.diagnostics);

    let adopting = with(&stack.workspace, "/adopt", json!(true));
    let plan = bench.plan(WORKSPACE, &adopting, Some(&state)).await;
    assert_eq!(plan.action, Action::Update, "{:?}", plan.requires_replace);
    bench.azure.writes();
    let state = bench.converge(WORKSPACE, &adopting, Some(&state)).await;
    let written = bench.azure.writes();
    assert!(written.iter().all(|write| write.path == storage), "{written:#?}");
    assert_eq!(bench.azure.get(&storage)["tags"]["team"], "mlops");
    bench.destroy(&state).await;
    assert!(bench.azure.get(&storage).is_null());
}

#[tokio::test(start_paused = true)]
async fn what_exists_unmarked_is_adopted_by_a_create_that_says_so() {
    let bench = Bench::new().await;
    let stack = Stack::example();
    their_own_network(&bench.azure);
    let refused = bench.apply(GROUP, &stack.group, None).await;
    assert!(said(&refused.diagnostics)[0].contains("exists already"), "{:?}", refused.diagnostics);
    let adopting = with(&stack.group, "/adopt", json!(true));
    let plan = bench.plan(GROUP, &adopting, None).await;
    assert!(
        !said(&plan.diagnostics).iter().any(|one| one.contains("exists already")),
        "{:?}",
        plan.diagnostics
    );
    let state = bench.converge(GROUP, &adopting, None).await;
    assert!(state.value.attribute("instance").as_str().is_some());
}

#[tokio::test(start_paused = true)]
async fn a_role_that_was_assigned_under_another_name_is_named_and_can_be_adopted() {
    let stack = Stack::example();
    let bench = Bench::new().await.on_the_ground_in(&stack, WORKSPACE).await;
    let principal = bench.azure.get(&their_identity())["properties"]["principalId"].clone();
    let theirs = format!("{}/providers/Microsoft.Authorization/roleAssignments/{ASSIGNED}", their_storage());
    bench.azure.put(
        &theirs,
        &json!({ "properties": {
            "roleDefinitionId": kinds::roles::READER.definition_id(&ResourceId::parse(&their_storage()).unwrap()),
            "principalId": principal, "principalType": "ServicePrincipal",
        }}),
    );
    let mut arguments = with(&stack.workspace, "/storage_account", json!({ "id": their_storage() }));
    arguments["identity"] = json!({ "type": "UserAssigned", "identity_ids": [their_identity()] });
    let applied = bench.apply(WORKSPACE, &arguments, None).await;
    let detail = &applied.diagnostics.0[0].detail;
    assert!(detail.contains("RoleAssignmentExists"), "{detail}");
    assert!(detail.contains(&theirs), "{detail}");
    assert!(detail.contains(&format!("names = {{ \"role/storage/reader\" = \"{ASSIGNED}\" }}")), "{detail}");

    arguments["adopt"] = json!(true);
    arguments["names"] = json!({ "role/storage/reader": ASSIGNED });
    let state = bench.converge(WORKSPACE, &arguments, applied.state.as_ref()).await;
    assert_eq!(ids(&state.value)["role/storage/reader"], theirs);
    let said = bench.azure.get(&theirs)["properties"]["description"].to_string();
    assert!(said.contains("amlsecure-owner=amlsecure_workspace"), "{said}");
}
