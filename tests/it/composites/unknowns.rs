//! Arguments that are not known while planning, as they come from resources
//! that are not made yet.

use amlsecure::provider::schemas;
use amlsecure::schema::{Block, Nesting, Value};
use serde_json::{Value as Json, json};

use super::harness::*;

/// The JSON pointer of every argument that a block's configuration sets.
fn set(block: &Block, arguments: &Json, at: &str, found: &mut Vec<(String, bool)>) {
    for attribute in &block.attributes {
        if arguments.get(&attribute.name).is_some_and(|value| !value.is_null()) {
            found.push((format!("{at}/{}", attribute.name), attribute.required));
        }
    }
    for nested in &block.blocks {
        match (nested.nesting, &arguments[&nested.name]) {
            (Nesting::List { .. }, Json::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    set(&nested.block, item, &format!("{at}/{}/{index}", nested.name), found);
                }
            }
            (_, Json::Object(_)) => {
                set(&nested.block, &arguments[&nested.name], &format!("{at}/{}", nested.name), found);
            }
            _ => {}
        }
    }
}

/// The example with the defaults written out that decide which resources there
/// are.
fn spelled_out() -> Stack {
    let mut stack = Stack::whole();
    let more = [
        ("/role_assignments", json!("managed")),
        ("/storage_account_access_type", json!("AccessKey")),
        ("/private_endpoint/dns", json!("zones")),
        ("/names", json!({ "workspace": "mlw-mlops" })),
        ("/public_network_access_enabled", json!(false)),
        ("/kind", json!("Default")),
    ];
    for (pointer, value) in more {
        stack.workspace = with(&stack.workspace, pointer, value);
    }
    stack
}

fn set_in(type_name: &str, arguments: &Json) -> Vec<(String, bool)> {
    let mut found = Vec::new();
    set(&schemas().resources[type_name].block, arguments, "", &mut found);
    found
}

/// Plans with `unknown`, then applies with the example's own arguments.
async fn planned_then_known(type_name: &str, unknown: &Json) -> Value {
    let bench = Bench::new().await;
    let stack = spelled_out();
    bench.ground(&stack, type_name).await;
    let known = config(type_name, stack.of(type_name));
    let plan = bench.plan(type_name, unknown, None).await;
    let planned = plan.planned.clone();
    let applied = bench.core.apply_with(plan, known.clone()).await;
    let applied = applied.unwrap_or_else(|refusal| panic!("{type_name} of {unknown}: {refusal:#?}"));
    assert_eq!(said(&applied.diagnostics), [""; 0], "{unknown}");
    let state = applied.state.unwrap();
    let again = bench.core.plan(type_name, known, Some(&state)).await.unwrap();
    assert_eq!(again.action, Action::NoOp, "{type_name} of {unknown}");
    planned
}

#[tokio::test(start_paused = true)]
async fn any_argument_may_be_unknown_until_the_apply() {
    let stack = spelled_out();
    for (type_name, arguments) in stack.composites() {
        for (pointer, _) in set_in(type_name, arguments) {
            planned_then_known(type_name, &with(arguments, &pointer, json!(UNKNOWN))).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn all_required_arguments_may_be_unknown_at_once() {
    let stack = spelled_out();
    for (type_name, arguments) in stack.composites() {
        let unknown = set_in(type_name, arguments)
            .into_iter()
            .filter(|(_, required)| *required)
            .fold(arguments.clone(), |so_far, (pointer, _)| with(&so_far, &pointer, json!(UNKNOWN)));
        planned_then_known(type_name, &unknown).await;
    }
}

/// What decides which resources there are hides them; nothing else does.
#[tokio::test(start_paused = true)]
async fn resources_are_listed_unless_what_decides_them_is_unknown() {
    let deciding = [
        (NETWORK, "/subnet/_/name"),
        (NETWORK, "/subnet/_/purpose"),
        (NETWORK, "/egress/type"),
        (DNS, "/services"),
        (DNS, "/virtual_network_ids"),
        (WORKSPACE, "/private_endpoint/storage_services"),
        (WORKSPACE, "/private_endpoint/dns"),
        (WORKSPACE, "/identity/type"),
        (WORKSPACE, "/role_assignments"),
        (WORKSPACE, "/storage_account_access_type"),
        (WORKSPACE, "/workspace_connection/_/name"),
        (DATABRICKS, "/front_end/dns"),
        (DATASTORE, "/type"),
        (DATASTORE, "/service_data_identity"),
    ];
    let stack = spelled_out();
    for (type_name, arguments) in stack.composites() {
        for (pointer, _) in set_in(type_name, arguments) {
            let bench = Bench::new().await;
            let plan = bench.plan(type_name, &with(arguments, &pointer, json!(UNKNOWN)), None).await;
            let hidden = plan.planned.attribute("resources").is_unknown();
            let any: Vec<&str> = pointer
                .split('/')
                .map(|step| if step.parse::<usize>().is_ok() { "_" } else { step })
                .collect();
            let decides = deciding.contains(&(type_name, any.join("/").as_str()));
            assert_eq!(hidden, decides, "{type_name} {pointer}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn resources_of_an_unknown_name_have_keys_without_ids() {
    let bench = Bench::new().await;
    let unknown = with(&Stack::example().workspace, "/name", json!(UNKNOWN));
    let plan = bench.plan(WORKSPACE, &unknown, None).await;
    let ids = ids(&plan.planned);
    assert_eq!(ids["workspace"], UNKNOWN);
    assert_eq!(ids["storage/blob/endpoint"], UNKNOWN);
    assert_eq!(ids["storage"], in_group("Microsoft.Storage/storageAccounts/stmlops0001"));
}

#[tokio::test(start_paused = true)]
async fn a_whole_list_of_blocks_may_be_unknown() {
    let unknown = with(&Stack::example().network, "/subnet", json!(UNKNOWN));
    let planned = planned_then_known(NETWORK, &unknown).await;
    assert!(planned.attribute("resources").is_unknown());
    assert!(planned.attribute("subnet_ids").is_unknown());
    assert_eq!(planned.attribute("id").as_str(), Some(in_network("").as_str()));
}

/// A module's variable that depends on a resource makes the elements unknown,
/// not the list.
#[tokio::test(start_paused = true)]
async fn elements_of_lists_and_maps_may_be_unknown() {
    let stack = spelled_out();
    let cases = [
        (NETWORK, "/address_space/0"),
        (NETWORK, "/subnet/0/address_prefixes/0"),
        (DNS, "/services/0"),
        (DNS, "/virtual_network_ids/0"),
        (WORKSPACE, "/tags/team"),
        (WORKSPACE, "/private_endpoint/private_dns_zone_ids/blob"),
        (WORKSPACE, "/private_endpoint/private_dns_zone_ids/amlworkspace/1"),
    ];
    for (type_name, pointer) in cases {
        planned_then_known(type_name, &with(stack.of(type_name), pointer, json!(UNKNOWN))).await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_update_may_bring_unknowns_too() {
    let stack = spelled_out();
    for (type_name, arguments) in stack.composites() {
        let bench = Bench::new().await;
        bench.ground(&stack, type_name).await;
        let state = bench.converge(type_name, arguments, None).await;
        for (pointer, _) in set_in(type_name, arguments) {
            let plan = bench.plan(type_name, &with(arguments, &pointer, json!(UNKNOWN)), Some(&state)).await;
            if plan.action != Action::Update {
                continue;
            }
            bench.azure.writes();
            let applied = bench.core.apply_with(plan, config(type_name, arguments)).await.unwrap();
            assert_eq!(said(&applied.diagnostics), [""; 0], "{type_name} {pointer}");
            assert_eq!(bench.azure.written(), [""; 0], "{type_name} {pointer}: it was what it becomes");
        }
    }
}
