//! What Azure holds is found again by the id of its primary: built by us it
//! plans empty, built by others it plans our marks and what differs.

use std::collections::BTreeMap;

use amlsecure::provider::schemas;
use amlsecure::schema::{Value, generate, sets_the_same, with_write_only, without_write_only};
use serde_json::json;

use super::harness::*;

/// Imports what has just been built of these arguments, and finds nothing to
/// do: by the arguments themselves, and by those that Terraform would write.
pub(super) async fn found_again(
    bench: &Bench,
    type_name: &str,
    arguments: &serde_json::Value,
    built: &State,
) {
    bench.azure.writes();
    let id = built.value.attribute("id").as_str().unwrap();
    let imported = match bench.core.import(type_name, id).await {
        Ok(imported) => imported,
        Err(refusal) => panic!("{type_name} {id} cannot be imported: {refusal:#?}"),
    };
    assert_eq!(imported.value.attribute("instance"), built.value.attribute("instance"), "{type_name}");
    assert_eq!(ids(&imported.value), ids(&built.value), "{type_name} {arguments}");
    let plan = bench.plan(type_name, arguments, Some(&imported)).await;
    assert_eq!(moving(&plan), [""; 0], "{type_name} {arguments}: {:#?}", changed(&plan));
    let block = &schemas().resources[type_name].block;
    // What asks for nothing leaves no trace in Azure: a timeout, a block that says what holds without it.
    // Neither does what is write-only.
    let asked = without_write_only(block, &config(type_name, arguments));
    let traced = sets_the_same(block, &imported.value, &asked);
    let expected = if traced { Action::NoOp } else { Action::Update };
    assert_eq!(plan.action, expected, "{type_name} {arguments}: {:#?}", changed(&plan));
    let generated = generate::config(block, &imported.value);
    // No import finds a secret, so whoever generates a configuration adds it.
    let generated = with_write_only(block, &generated, &config(type_name, arguments));
    let plan = bench.core.plan(type_name, generated.clone(), Some(&imported)).await.unwrap();
    assert_eq!(plan.action, Action::NoOp, "{type_name}: {:#?}", changed(&plan));
    assert_eq!(bench.azure.written(), [""; 0]);
}

/// The attributes that a plan changes, before and after.
fn changed(plan: &Plan) -> BTreeMap<&String, (&Value, &Value)> {
    let before = &plan.prior.as_ref().unwrap().value;
    let after = plan.planned.as_map().unwrap();
    let sides = after.iter().map(|(name, after)| (name, (before.attribute(name), after)));
    sides.filter(|(_, (before, after))| before != after).collect()
}

#[tokio::test(start_paused = true)]
async fn what_we_built_is_imported_whole_and_plans_empty() {
    let bench = Bench::with(&json!({ "default_tags": { "stage": "prod" } })).await;
    let stack = Stack::whole();
    for (type_name, arguments) in stack.composites() {
        let arguments = with(arguments, "/tags", json!({ "team": "a" }));
        let built = bench.converge(type_name, &arguments, None).await;
        found_again(&bench, type_name, &arguments, &built).await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_carries_another_owners_mark_is_not_taken_over() {
    let bench = Bench::new().await;
    let stack = Stack::example();
    let states = bench.build(&stack).await;
    let id = ids(&states[NETWORK].value)["nsg/training"].clone();
    let mark = |owner: &str| {
        let owner = json!(owner);
        move |body: &mut serde_json::Value| body["tags"]["amlsecure-owner"] = owner
    };
    bench.azure.change(&id, mark("amlsecure_network:another"));
    bench.azure.change(&in_network(""), |body| body["tags"] = json!({}));
    let refused = format!("{:?}", bench.core.import(NETWORK, &in_network("")).await.unwrap_err());
    assert!(refused.contains(&format!("{id} bears the mark of amlsecure_network:another")), "{refused}");
}

#[tokio::test(start_paused = true)]
async fn an_id_of_another_kind_or_of_nothing_is_refused_in_words() {
    let bench = Bench::new().await;
    let stack = Stack::example();
    let states = bench.build(&stack).await;
    let network = in_network("");
    let storage = ids(&states[WORKSPACE].value)["storage"].clone();
    for (type_name, id, words) in [
        (GROUP, network.as_str(), "is imported by the id of its resource group"),
        (WORKSPACE, storage.as_str(), "is imported by the id of its machine learning workspace"),
        (DNS, network.as_str(), "by the id of its private DNS zone or resource group"),
        (NETWORK, "vnet-aml", "is not the id of a amlsecure_network"),
        (NETWORK, &format!("{network}2"), "Azure does not know"),
        (DNS, &their_group(), "holds no private DNS zone"),
    ] {
        let refused = format!("{:?}", bench.core.import(type_name, id).await.unwrap_err());
        assert!(refused.contains(words), "{type_name} {id}: {refused}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_is_not_imported_without() {
    let bench = Bench::new().await;
    let stack = Stack::example();
    let states = bench.build(&stack).await;
    let workspace = ids(&states[WORKSPACE].value)["workspace"].clone();
    for tail in ["/stmlops0001", "/pe-mlw-mlops-blob", "/pe-mlw-mlops-blob/privateDnsZoneGroups"] {
        bench.azure.refuse(http::Method::GET, tail, 1);
        let refused = format!("{:?}", bench.core.import(WORKSPACE, &workspace).await.unwrap_err());
        assert!(refused.contains("What is imported could not be read"), "{tail}: {refused}");
        assert!(refused.contains("RequestDisallowedByPolicy"), "{tail}: {refused}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_create_left_unfinished_is_imported_and_finished() {
    let bench = Bench::new().await;
    let stack = Stack::example();
    bench.ground(&stack, WORKSPACE).await;
    bench.azure.refuse(http::Method::PUT, "/pe-mlw-mlops-file/privateDnsZoneGroups/default", 1);
    let applied = bench.apply(WORKSPACE, &stack.workspace, None).await;
    let id = ids(&applied.state.unwrap().value)["workspace"].clone();
    let imported = bench.core.import(WORKSPACE, &id).await.unwrap();
    assert_eq!(imported.value.attribute("ready").as_bool(), Some(false));
    assert_eq!(statuses(&imported.value)["storage/file/endpoint/dns"], "missing");
    bench.azure.writes();
    bench.converge(WORKSPACE, &stack.workspace, Some(&imported)).await;
    assert!(bench.azure.writes().iter().all(|write| write.method != http::Method::DELETE));
    assert_eq!(bench.azure.get(&id)["tags"]["amlsecure-state"], "ready");
}

/// Two workspaces may stand on one account, each with an endpoint to it in the
/// same subnet.
#[tokio::test(start_paused = true)]
async fn an_endpoint_of_another_workspace_is_left_to_it() {
    let stack = Stack::example();
    let bench = Bench::new().await.on_the_ground_in(&stack, WORKSPACE).await;
    let given = with(&stack.workspace, "/storage_account", json!({ "id": their_storage() }));
    let mut second = with(&given, "/name", json!("mlw-a-second"));
    second["key_vault"] = json!({ "name": "kv-a-second" });
    second["application_insights"] = json!({ "name": "appi-a-second" });
    second["container_registry"] = json!({ "name": "crasecond" });
    for arguments in [&second, &given] {
        bench.converge(WORKSPACE, arguments, None).await;
    }
    for arguments in [&second, &given] {
        let name = arguments["name"].as_str().unwrap();
        let id = in_group(&format!("Microsoft.MachineLearningServices/workspaces/{name}"));
        let imported = bench.core.import(WORKSPACE, &id).await.unwrap();
        let plan = bench.plan(WORKSPACE, arguments, Some(&imported)).await;
        assert_eq!(plan.action, Action::NoOp, "{name}: {:#?}", changed(&plan));
    }
}

#[tokio::test(start_paused = true)]
async fn what_others_added_to_ours_is_not_imported_with_it() {
    let bench = Bench::new().await;
    let stack = Stack::example();
    let states = bench.build(&stack).await;
    let theirs = json!({ "properties": { "addressPrefixes": ["10.10.9.0/24"] } });
    bench.azure.put(&in_network("/subnets/theirs"), &theirs);
    let zone = in_group("Microsoft.Network/privateDnsZones/privatelink.blob.core.windows.net");
    strangers(&bench.azure);
    bench.azure.put(
        &format!("{zone}/virtualNetworkLinks/theirs"),
        &json!({ "location": "global", "properties": {
            "registrationEnabled": false, "virtualNetwork": { "id": their_network() },
        }}),
    );
    for type_name in [NETWORK, DNS] {
        found_again(&bench, type_name, stack.of(type_name), &states[type_name]).await;
    }
}

#[tokio::test(start_paused = true)]
async fn every_purpose_and_every_way_in_is_found_again() {
    let purposes = [
        ("endpoints", "private_endpoints"),
        ("training", "training"),
        ("inference", "inference"),
        ("containers", "container_instances"),
        ("host", "databricks_public"),
        ("container", "databricks_private"),
        ("AzureBastionSubnet", "bastion"),
        ("GatewaySubnet", "gateway"),
        ("AzureFirewallSubnet", "firewall"),
        ("agents", "agents"),
        ("machines", "attached_compute"),
        ("general", "general"),
    ];
    let subnet = |at: usize, (name, purpose): &(&str, &str)| {
        let range = format!("10.10.{at}.0/24");
        json!({ "name": name, "purpose": purpose, "address_prefixes": [range] })
    };
    let all: Vec<_> = purposes.iter().enumerate().map(|(at, one)| subnet(at, one)).collect();
    for (access, subnets) in [
        ("no_public_ip", &all[..]),
        ("public_ip", &all[..]),
        ("legacy_batch", &all[..]),
        // Nothing in Azure says how nodes are reached where there are none.
        ("public_ip", &all[2..]),
        // No subnet names the way out.
        ("no_public_ip", &all[..1]),
    ] {
        let bench = Bench::new().await;
        let stack = Stack::example();
        bench.ground(&stack, NETWORK).await;
        let arguments = with(&stack.network, "/subnet", json!(subnets));
        let arguments = with(&arguments, "/compute_access", json!(access));
        let built = bench.converge(NETWORK, &arguments, None).await;
        found_again(&bench, NETWORK, &arguments, &built).await;
    }
}
