//! Who writes the endpoints' names, and where the zones lie.

use serde_json::json;

use super::harness::*;

fn policy(stack: &Stack) -> serde_json::Value {
    let arguments = with(&stack.workspace, "/private_endpoint/dns", json!("policy"));
    with(&arguments, "/private_endpoint/private_dns_zone_ids", serde_json::Value::Null)
}

#[tokio::test(start_paused = true)]
async fn under_a_policy_no_zone_group_is_made_and_the_policys_own_is_no_drift() {
    let bench = Bench::new().await;
    let stack = Stack::example();
    bench.ground(&stack, WORKSPACE).await;
    let arguments = policy(&stack);
    let state = bench.converge(WORKSPACE, &arguments, None).await;
    assert!(statuses(&state.value).keys().all(|key| !key.ends_with("/dns")));
    assert!(bench.azure.writes().iter().all(|write| !write.path.contains("/privateDnsZoneGroups/")));

    // Azure Policy deploys the group that its definition names.
    let endpoint = &ids(&state.value)["storage/blob/endpoint"];
    let zone =
        zone_ids(&in_group("")[..in_group("").len() - "/providers/".len()], &["blob"])["blob"][0].clone();
    bench.azure.put(
        &format!("{endpoint}/privateDnsZoneGroups/deployedByPolicy"),
        &json!({ "properties": { "privateDnsZoneConfigs": [
            { "name": "blob", "properties": { "privateDnsZoneId": zone } },
        ]}}),
    );
    let refreshed = bench.refresh(&state).await;
    assert!(statuses(&refreshed.value).values().all(|status| status == "in sync"));
    assert_eq!(bench.plan(WORKSPACE, &arguments, Some(&refreshed)).await.action, Action::NoOp);
    let state =
        bench.converge(WORKSPACE, &with(&arguments, "/description", json!("x")), Some(&refreshed)).await;
    assert!(!bench.azure.get(&format!("{endpoint}/privateDnsZoneGroups/deployedByPolicy")).is_null());
    bench.destroy(&state).await;
    assert!(bench.azure.get(endpoint).is_null());
}

/// The addresses of an endpoint are the same whoever writes its names.
#[tokio::test(start_paused = true)]
async fn endpoints_show_their_addresses_either_way() {
    for by_policy in [false, true] {
        let bench = Bench::new().await;
        let stack = Stack::example();
        bench.ground(&stack, WORKSPACE).await;
        let arguments = if by_policy { policy(&stack) } else { stack.workspace.clone() };
        let state = bench.converge(WORKSPACE, &arguments, None).await;
        let addresses = state.value.attribute("private_endpoint_addresses").as_map().unwrap();
        assert_eq!(addresses.len(), 8);
        for (key, found) in addresses {
            let found = found.as_strings().unwrap();
            assert!(!found.is_empty(), "{key} (policy: {by_policy})");
            assert!(found.iter().all(|address| address.starts_with("10.10.0.")), "{key}: {found:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn zones_may_lie_in_another_resource_group() {
    let stack = Stack::example();
    let bench = Bench::new().await.on_the_ground_in(&stack, DNS).await;
    let arguments =
        with(&stack.workspace, "/private_endpoint/private_dns_zone_ids", zone_ids(&their_hub(), &SERVICES));
    let state = bench.converge(WORKSPACE, &arguments, None).await;
    let group = bench.azure.get(&ids(&state.value)["storage/blob/endpoint/dns"]);
    let zone =
        group["properties"]["privateDnsZoneConfigs"][0]["properties"]["privateDnsZoneId"].as_str().unwrap();
    assert!(zone.starts_with(&their_hub()), "{zone}");
    bench.destroy(&state).await;
}

/// The simulated Azure holds one subscription, so a plan is all that can be had.
#[tokio::test(start_paused = true)]
async fn zones_may_be_named_in_another_subscription() {
    let bench = Bench::new().await;
    let hub = "/subscriptions/22222222-2222-4222-8222-222222222222/resourceGroups/rg-hub";
    let zones = zone_ids(hub, &SERVICES);
    let arguments = with(&Stack::example().workspace, "/private_endpoint/private_dns_zone_ids", zones);
    let plan = bench.plan(WORKSPACE, &arguments, None).await;
    assert!(ids(&plan.planned).values().all(|id| !id.contains("22222222")), "the zones are not ours");
}

#[tokio::test(start_paused = true)]
async fn two_networks_of_one_name_are_linked_under_two_names() {
    let stack = Stack::example();
    let bench = Bench::new().await.on_the_ground_in(&stack, DNS).await;
    let alone = bench.converge(DNS, &stack.dns, None).await;
    assert!(statuses(&alone.value).contains_key("blob/link/vnet-aml"));

    let both = with(&stack.dns, "/virtual_network_ids/1", json!(their_network()));
    let state = bench.converge(DNS, &both, Some(&alone)).await;
    let keys = statuses(&state.value);
    for link in ["blob/link/rg-mlops-vnet-aml", "blob/link/rg-theirs-vnet-aml"] {
        assert!(keys.contains_key(link), "{keys:?}");
    }
    let zone = &ids(&state.value)["blob"];
    let linked = |name: &str| {
        let link = bench.azure.get(&format!("{zone}/virtualNetworkLinks/{name}"));
        link["properties"]["virtualNetwork"]["id"].as_str().map(str::to_lowercase)
    };
    assert_eq!(linked("rg-mlops-vnet-aml"), Some(in_network("").to_lowercase()));
    assert_eq!(linked("rg-theirs-vnet-aml"), Some(their_network().to_lowercase()));
    bench.destroy(&state).await;
}

#[tokio::test(start_paused = true)]
async fn a_network_that_is_listed_twice_is_refused_however_it_is_cased() {
    let bench = Bench::new().await;
    let twice = with(
        &Stack::example().dns,
        "/virtual_network_ids/1",
        json!(
            in_network("")
                .to_uppercase()
                .replace("/SUBSCRIPTIONS/", "/subscriptions/")
                .replace("/RESOURCEGROUPS/", "/resourceGroups/")
        ),
    );
    let said = bench.refusal(DNS, &twice, None).await;
    assert_eq!(said, ["virtual_network_ids[1]: The network \"VNET-AML\" stands here twice"]);
}
