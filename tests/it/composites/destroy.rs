//! Taken down: what stops a destroy is named by its plan, before anything is
//! deleted, and what holds it up in Azure is waited out.

use std::collections::BTreeSet;

use amlsecure::simulator::SUBSCRIPTION;
use http::Method;
use serde_json::{Value as Json, json};

use super::harness::*;

/// The errors of a destroy plan that must be refused, whole.
async fn refused(bench: &Bench, state: &State) -> Vec<String> {
    match bench.core.plan_destroy(state).await {
        Err(Refusal::Provider(diagnostics)) => {
            diagnostics.0.iter().map(|one| format!("{}: {}", one.summary, one.detail)).collect()
        }
        other => panic!("not refused: {other:?}"),
    }
}

fn plain(properties: &Json) -> Json {
    json!({ "location": "eastasia", "properties": properties })
}

/// A network interface of somebody's in one of our subnets.
fn interface(subnet: &str) -> Json {
    plain(&json!({ "ipConfigurations": [{ "name": "one", "properties": {
        "subnet": { "id": in_network(&format!("/subnets/{subnet}")) },
    }}]}))
}

/// A private endpoint of somebody's in one of our subnets.
fn endpoint() -> Json {
    plain(&json!({
        "subnet": { "id": in_network("/subnets/endpoints") },
        "privateLinkServiceConnections": [{ "name": "one", "properties": {
            "privateLinkServiceId": their_vault(), "groupIds": ["vault"],
        }}],
    }))
}

#[tokio::test(start_paused = true)]
async fn what_others_keep_in_our_group_stops_the_destroy_before_it_begins() {
    let bench = Bench::new().await;
    let stack = Stack::example();
    let states = bench.build(&stack).await;
    let theirs = [
        (in_group("Microsoft.Network/networkSecurityGroups/nsg-theirs"), plain(&json!({}))),
        (
            in_group("Microsoft.Network/publicIPAddresses/theirs"),
            json!({ "location": "eastasia", "sku": { "name": "Standard" },
                "properties": { "publicIPAllocationMethod": "Static" } }),
        ),
        (
            in_group("Microsoft.ManagedIdentity/userAssignedIdentities/id-theirs"),
            json!({ "location": "eastasia" }),
        ),
    ];
    for (id, body) in &theirs {
        bench.azure.put(id, body);
    }
    let held = bench.azure.held();
    let said = refused(&bench, &states[GROUP]).await;
    assert_eq!(said.len(), 1, "they are named together: {said:?}");
    for (id, _) in &theirs {
        assert!(
            said.iter().any(|line| line.contains(id) && line.contains("removed block")),
            "{id} in {said:?}"
        );
    }
    assert_eq!(bench.azure.held(), held);
    for (id, _) in &theirs {
        assert!(bench.azure.delete(id));
    }
    bench.core.plan_destroy(&states[GROUP]).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_others_put_into_our_network_stops_the_destroy_before_it_begins() {
    let stack = Stack::example();
    let theirs = [
        (in_network("/subnets/theirs"), json!({ "properties": { "addressPrefixes": ["10.10.9.0/24"] } })),
        (theirs("Microsoft.Network/networkInterfaces/nic-theirs"), interface("training")),
        (theirs("Microsoft.Network/privateEndpoints/pe-theirs"), endpoint()),
    ];
    for (id, body) in theirs {
        let bench = Bench::new().await.on_the_ground_in(&stack, NETWORK).await;
        let state = bench.converge(NETWORK, &stack.network, None).await;
        bench.azure.put(&id, &body);
        let said = refused(&bench, &state).await;
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].contains(&id) && said[0].contains("\"vnet-aml\" holds something"), "{said:?}");
        assert!(bench.azure.delete(&id));
        bench.destroy(&state).await;
    }
}

/// The plan sees what stands then; the apply looks again.
#[tokio::test(start_paused = true)]
async fn what_came_after_the_plan_stops_the_apply_before_it_deletes_anything() {
    let bench = Bench::new().await;
    let stack = Stack::example();
    strangers(&bench.azure);
    let states = bench.build(&stack).await;
    for (type_name, id, body) in [
        (NETWORK, theirs("Microsoft.Network/networkInterfaces/nic-theirs"), interface("training")),
        (GROUP, in_group("Microsoft.Network/routeTables/rt-theirs"), plain(&json!({}))),
    ] {
        let plan = bench.core.plan_destroy(&states[type_name]).await.unwrap();
        bench.azure.put(&id, &body);
        bench.azure.writes();
        let applied = bench.core.apply(plan).await.unwrap();
        let detail = applied.diagnostics.0.iter().map(|one| one.detail.clone()).collect::<String>();
        assert!(detail.contains(&id) && detail.contains("Nothing was deleted"), "{detail}");
        assert_eq!(applied.state.as_ref(), Some(&states[type_name]));
        assert_eq!(bench.azure.written(), [""; 0]);
    }
}

/// Terraform plans the whole destroy at once: what the configuration has in
/// the group is there while the group's own destroy is planned.
#[tokio::test(start_paused = true)]
async fn a_whole_stack_can_be_planned_away_and_goes_in_its_order() {
    let bench = Bench::new().await;
    let stack = Stack::example();
    let states = bench.build(&stack).await;
    let mut plans = Vec::new();
    for (type_name, _) in stack.composites().into_iter().rev() {
        let plan = bench.core.plan_destroy(&states[type_name]).await.unwrap();
        assert_eq!(said(&plan.diagnostics), [""; 0], "{type_name}");
        plans.push(plan);
    }
    for plan in plans {
        let applied = bench.core.apply(plan).await.unwrap();
        assert_eq!((said(&applied.diagnostics), applied.state), (Vec::new(), None));
    }
    assert_eq!(bench.azure.held(), BTreeSet::new());
}

/// A group takes its contents with it, and a mark says that they are somebody's.
#[tokio::test(start_paused = true)]
async fn a_group_is_not_deleted_over_another_composite_that_still_stands() {
    let bench = Bench::new().await;
    let stack = Stack::example();
    let state = bench.converge(GROUP, &stack.group, None).await;
    bench.converge(NETWORK, &stack.network, None).await;
    let applied = bench.core.destroy(&state).await.unwrap();
    let lines = said(&applied.diagnostics);
    assert!(
        lines.iter().all(|line| line.contains("still holds something of another composite")),
        "{lines:?}"
    );
    let details: String = applied.diagnostics.0.iter().map(|one| one.detail.clone()).collect();
    assert!(details.contains(&in_network("")) && details.contains("amlsecure_network:"), "{details}");
}

/// What Azure makes beside ours is no reason to stop, and goes with it.
#[tokio::test(start_paused = true)]
async fn what_azure_made_beside_a_compute_is_nobodys() {
    let bench = Bench::new().await;
    let mut stack = Stack::example();
    stack.network = with(&stack.network, "/compute_access", json!("public_ip"));
    stack.cluster = with(&stack.cluster, "/node_public_ip_enabled", json!(true));
    stack.cluster = with(&stack.cluster, "/scale_settings/min_node_count", json!(1));
    let states = bench.build(&stack).await;
    let listed = bench.azure.get(&format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-mlops/resources"));
    let names = listed.to_string();
    assert!(
        names.contains("-azurebatch-cloudserviceloadbalancer") && names.contains("networkInterfaces"),
        "{names}"
    );
    for (type_name, _) in stack.composites().into_iter().rev() {
        let plan = bench.core.plan_destroy(&states[type_name]).await.unwrap();
        assert_eq!(said(&plan.diagnostics), [""; 0], "{type_name}");
        bench.destroy(&states[type_name]).await;
    }
    assert_eq!(bench.azure.held(), BTreeSet::new());
}

/// A read that fails is no leave to delete, and no reason to refuse a plan.
#[tokio::test(start_paused = true)]
async fn a_group_whose_contents_cannot_be_read_warns_in_the_plan_and_stops_the_apply() {
    let bench = Bench::new().await;
    let state = bench.converge(GROUP, &Stack::example().group, None).await;
    bench.azure.writes();
    bench.azure.refuse(Method::GET, "/resources", usize::MAX);
    let plan = bench.core.plan_destroy(&state).await.unwrap();
    assert_eq!(said(&plan.diagnostics), [": What the resource group holds could not be read"]);
    let applied = bench.core.apply(plan).await.unwrap();
    assert!(applied.diagnostics.has_errors());
    assert_eq!((applied.state, bench.azure.written()), (Some(state), Vec::<String>::new()));
}

#[tokio::test(start_paused = true)]
async fn a_destroy_that_somebody_blocks_says_so_once_and_ends_when_the_blocker_is_gone() {
    let bench = Bench::slow().await;
    let stack = Stack::example();
    strangers(&bench.azure);
    bench.azure.rest(3600).await;
    let states = bench.build(&stack).await;
    let others = bench.azure.held();
    for type_name in [CLUSTER, WORKSPACE, DNS] {
        bench.destroy(&states[type_name]).await;
    }
    let lock = format!("{}/providers/Microsoft.Authorization/locks/keep", in_network(""));
    bench.azure.put(&lock, &json!({ "properties": { "level": "CanNotDelete" } }));
    let plan = bench.core.plan_destroy(&states[NETWORK]).await.unwrap();
    let applied = bench.core.apply(plan).await.unwrap();
    let errors: Vec<&str> = applied.diagnostics.0.iter().map(|one| one.detail.as_str()).collect();
    assert!(errors.len() == 1 && errors[0].contains("ScopeLocked"), "{errors:?}");
    assert!(errors[0].contains("Nothing is lost: run terraform destroy again"), "{errors:?}");
    let left = applied.state.unwrap();
    assert!(ids(&left.value).contains_key("network"));

    assert!(bench.azure.delete(&lock));
    let left = bench.refresh(&left).await;
    bench.destroy(&left).await;
    bench.destroy(&states[GROUP]).await;
    let ours = |id: &&String| id.contains("/resourcegroups/rg-mlops");
    assert_eq!(bench.azure.held(), others.iter().filter(|id| !ours(id)).cloned().collect());
}
