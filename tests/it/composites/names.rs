//! `names`: any resource under a name of the user's.

use serde_json::{Value as Json, json};

use super::harness::*;

/// A name that Azure takes for what is under this id.
fn other_name(id: &str) -> Option<String> {
    let name = id.rsplit('/').next().unwrap();
    // Azure gives these their names, or nobody looks for them elsewhere.
    let bound = ["/privateDnsZones/", "/roleAssignments/"].iter().any(|kind| id.contains(kind));
    if id.contains("/virtualNetworkLinks/") || !bound {
        return Some(format!("{name}2"));
    }
    id.contains("/roleAssignments/").then(|| "11111111-2222-4333-8444-555555555555".to_owned())
}

#[tokio::test(start_paused = true)]
async fn any_resource_can_have_a_name_of_the_users() {
    let stack = Stack::whole();
    let bench = Bench::new().await;
    for (type_name, arguments) in stack.composites() {
        let plan = bench.plan(type_name, arguments, None).await;
        let derived = ids(&plan.planned);
        for (key, id) in &derived {
            let Some(name) = other_name(id) else { continue };
            let named = with(arguments, "/names", json!({ (key): name }));
            let ids = ids(&bench.plan(type_name, &named, None).await.planned);
            assert!(ids[key].ends_with(&format!("/{name}")), "{type_name} {key}: {}", ids[key]);
            for (other, before) in &derived {
                let within = before.starts_with(&format!("{id}/"));
                assert!(
                    within || other == key || ids[other] == *before || other.starts_with("role/"),
                    "{type_name}: naming {key} moves {other} from {before} to {}",
                    ids[other]
                );
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_stack_of_the_users_own_names_is_built_and_at_rest() {
    let mut stack = Stack::example();
    let bench = Bench::new().await;
    for type_name in [NETWORK, WORKSPACE] {
        let derived = ids(&bench.plan(type_name, stack.of(type_name), None).await.planned);
        let names: Json = derived
            .iter()
            .filter(|(_, id)| !id.contains("/roleAssignments/") && !id.contains("/subnets/"))
            .filter(|(key, _)| !matches!(key.as_str(), "network" | "workspace"))
            .filter_map(|(key, id)| Some((key.clone(), json!(other_name(id)?))))
            .collect();
        match type_name {
            NETWORK => stack.network["names"] = names,
            _ => stack.workspace["names"] = names,
        }
    }
    let states = bench.build(&stack).await;
    assert!(bench.azure.get(&in_group("Microsoft.Network/privateEndpoints/pe-mlw-mlops-blob")).is_null());
    assert!(!bench.azure.get(&in_group("Microsoft.Network/privateEndpoints/pe-mlw-mlops-blob2")).is_null());
    for (type_name, _) in stack.composites().into_iter().rev() {
        bench.destroy(&states[type_name]).await;
    }
    assert!(bench.azure.held().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_name_for_nothing_is_an_error_that_lists_the_keys() {
    let bench = Bench::new().await;
    let stack = Stack::whole();
    for (type_name, arguments) in stack.composites() {
        let named = with(arguments, "/names", json!({ "nothing": "x" }));
        let said = bench.refusal(type_name, &named, None).await;
        assert_eq!(said, ["names[\"nothing\"]: There is no Azure resource \"nothing\" in this block"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_name_that_azure_does_not_take_is_an_error_at_its_key() {
    let bench = Bench::new().await;
    let named = with(&Stack::example().workspace, "/names", json!({ "storage": "st-mlops" }));
    let said = bench.refusal(WORKSPACE, &named, None).await;
    assert_eq!(said, ["names[\"storage\"]: \"st-mlops\" cannot name a storage account"]);
}

/// Another name is another resource, made before and in place of the old one.
#[tokio::test(start_paused = true)]
async fn another_name_replaces_that_resource_alone() {
    let bench = Bench::new().await;
    let stack = Stack::example();
    bench.ground(&stack, WORKSPACE).await;
    let state = bench.converge(WORKSPACE, &stack.workspace, None).await;
    bench.azure.writes();
    let named = with(&stack.workspace, "/names", json!({ "storage/queue/endpoint": "pe-queue" }));
    let plan = bench.plan(WORKSPACE, &named, Some(&state)).await;
    assert_eq!(plan.action, Action::Update);
    assert_eq!(moving(&plan), ["storage/queue/endpoint", "storage/queue/endpoint/dns"]);
    let state = bench.converge(WORKSPACE, &named, Some(&state)).await;
    assert_eq!(
        bench.azure.written(),
        [
            "DELETE pe-mlw-mlops-queue",
            "DELETE pe-mlw-mlops-queue/privateDnsZoneGroups/default",
            "PUT pe-queue",
            "PUT pe-queue/privateDnsZoneGroups/default",
        ]
    );
    // Leaving `names` out keeps them: they are also what an import has found.
    let plan = bench.plan(WORKSPACE, &stack.workspace, Some(&state)).await;
    assert_eq!(plan.action, Action::NoOp);
    // An empty map takes them back.
    let unnamed = with(&stack.workspace, "/names", json!({}));
    let state = bench.converge(WORKSPACE, &unnamed, Some(&state)).await;
    assert!(ids(&state.value)["storage/queue/endpoint"].ends_with("/pe-mlw-mlops-queue"));
}
