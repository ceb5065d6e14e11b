//! An object of azurerm's or azapi's, carried into a composite by a `moved`
//! block: nothing is written, and nothing is asked before the refresh.

use amlsecure::provider::rpc::{MoveResourceStateRequest, RawState};
use amlsecure::resources;
use amlsecure::schema::Value;
use http::Method;
use serde_json::{Value as Json, json};

use super::harness::*;

const AZURERM: &str = "registry.terraform.io/hashicorp/azurerm";
const AZAPI: &str = "registry.opentofu.org/Azure/azapi";

fn request(provider: &str, source: &str, state: Json, target: &str) -> MoveResourceStateRequest {
    MoveResourceStateRequest {
        source_provider_address: provider.to_owned(),
        source_type_name: source.to_owned(),
        source_schema_version: 3,
        source_state: RawState::Json(state),
        source_private: b"of no concern".to_vec(),
        target_type_name: target.to_owned(),
    }
}

/// The ways in which a state may hold the resource of this id.
fn sources(type_name: &str, id: &str) -> Vec<MoveResourceStateRequest> {
    let composite = resources::find(type_name).unwrap();
    let sources = composite.moved_from.iter().flat_map(|(azurerm_type, kind)| {
        let versioned = format!("{}@2024-01-01", kind.resource_type);
        [
            request(
                AZURERM,
                azurerm_type,
                json!({ "id": id, "location": "eastasia", "more": [1] }),
                type_name,
            ),
            request(AZAPI, "azapi_resource", json!({ "id": id, "type": versioned, "body": {} }), type_name),
        ]
    });
    sources.collect()
}

/// The id of the resource that a `moved` block would name.
fn source_id(type_name: &str, state: &State) -> String {
    let kind = resources::find(type_name).unwrap().moved_from[0].1;
    let entries = state.value.attribute("resources").as_map().unwrap();
    let mut ids =
        entries.values().filter(|entry| entry.attribute("type").as_str() == Some(kind.resource_type));
    ids.next().unwrap().attribute("id").as_str().unwrap().to_owned()
}

#[tokio::test(start_paused = true)]
async fn what_we_built_is_carried_over_and_plans_empty() {
    let bench = Bench::new().await;
    let stack = Stack::whole();
    let states = bench.build(&stack).await;
    for (type_name, arguments) in stack.composites() {
        let sources = sources(type_name, &source_id(type_name, &states[type_name]));
        assert_eq!(sources.len(), 2);
        for source in sources {
            let from = source.source_type_name.clone();
            let carried = bench.unconfigured().moved(source).await.unwrap();
            let refreshed = bench.refresh(&carried).await;
            let plan = bench.plan(type_name, arguments, Some(&refreshed)).await;
            assert_eq!(plan.action, Action::NoOp, "{type_name} from {from}: {:#?}", plan.planned);
        }
        assert_eq!(bench.azure.written(), [""; 0], "{type_name}");
    }
}

/// Takes our marks off, as if somebody else had built it.
fn strip(azure: &Azure, state: &State) {
    for id in ids(&state.value).values().filter(|id| azure.get(id).get("tags").is_some()) {
        azure.change(id, |body| {
            body["tags"] = json!({ "team": "theirs" });
        });
    }
    azure.writes();
}

#[tokio::test(start_paused = true)]
async fn what_others_built_is_carried_over_and_only_its_tags_are_written() {
    let stack = Stack::whole();
    // These two are found with parts that stay whose they are.
    let whole = |(name, _): &(&str, &Json)| ![WORKSPACE, INFERENCE].contains(name);
    for (type_name, arguments) in stack.composites().into_iter().filter(whole) {
        let bench = Bench::new().await;
        bench.ground(&stack, type_name).await;
        let built = bench.converge(type_name, arguments, None).await;
        strip(&bench.azure, &built);
        let source = sources(type_name, &source_id(type_name, &built)).remove(0);
        let carried = bench.unconfigured().moved(source).await.unwrap();
        let refreshed = bench.refresh(&carried).await;
        let tagged = with(arguments, "/tags", json!({ "team": "theirs" }));
        let state = bench.converge(type_name, &tagged, Some(&refreshed)).await;
        let writes = bench.azure.writes();
        assert!(!writes.is_empty(), "{type_name}");
        for write in writes {
            assert!(write.existed && write.method != Method::DELETE, "{type_name}: {write:?}");
            let mark = &write.request["tags"]["amlsecure-owner"];
            assert!(
                mark.as_str().is_some_and(|owner| owner.starts_with(type_name)),
                "{type_name}: {write:?}"
            );
        }
        bench.destroy(&state).await;
    }
}

/// The storage account and its like stay whose they are, and are given by id.
#[tokio::test(start_paused = true)]
async fn a_workspace_of_others_is_carried_over_with_its_parts_given() {
    let bench = Bench::new().await;
    let stack = Stack::example();
    bench.ground(&stack, WORKSPACE).await;
    let unassigned = with(&stack.workspace, "/role_assignments", json!("none"));
    let built = bench.converge(WORKSPACE, &unassigned, None).await;
    strip(&bench.azure, &built);
    let id = source_id(WORKSPACE, &built);
    let carried = bench.unconfigured().moved(sources(WORKSPACE, &id).remove(1)).await.unwrap();
    let (refreshed, told) = bench.core.refresh_and_tell(&carried).await.unwrap();
    let mut arguments = with(&unassigned, "/tags", json!({ "team": "theirs" }));
    let (own, given) = told.0[0].detail.split_once("never written").unwrap();
    for (part, key) in [
        ("storage_account", "storage"),
        ("key_vault", "key_vault"),
        ("container_registry", "container_registry"),
        ("application_insights", "application_insights"),
    ] {
        let id = &ids(&built.value)[key];
        arguments[part] = json!({ "id": id });
        assert!(given.contains(&**id), "{told:?}");
    }
    assert!(own.contains("/privateEndpoints/"), "{told:?}");
    bench.converge(WORKSPACE, &arguments, refreshed.as_ref()).await;
    let writes = bench.azure.writes();
    assert!(writes.iter().all(|write| write.existed && write.method != Method::DELETE), "{writes:?}");
}

/// A cluster of others stays theirs, and the extension on it.
#[tokio::test(start_paused = true)]
async fn an_inference_cluster_of_others_is_carried_over_with_its_cluster_given() {
    let bench = Bench::new().await;
    let stack = Stack::whole();
    bench.ground(&stack, INFERENCE).await;
    let unassigned = with(stack.of(INFERENCE), "/role_assignments", json!("none"));
    let built = bench.converge(INFERENCE, &unassigned, None).await;
    strip(&bench.azure, &built);
    let id = source_id(INFERENCE, &built);
    let carried = bench.unconfigured().moved(sources(INFERENCE, &id).remove(0)).await.unwrap();
    let refreshed = bench.refresh(&carried).await;
    let arguments = with(&unassigned, "/tags", json!({ "team": "theirs" }));
    let arguments = with(&arguments, "/kubernetes_cluster", Json::Null);
    let arguments =
        with(&arguments, "/kubernetes_cluster_id", json!(ids(&built.value)["kubernetes_cluster"]));
    let arguments = with(&arguments, "/extension", json!("none"));
    let state = bench.converge(INFERENCE, &arguments, Some(&refreshed)).await;
    assert_eq!(bench.azure.written(), [format!("PUT {}", brief(&id))]);
    bench.destroy(&state).await;
    assert!(!bench.azure.get(&ids(&built.value)["extension"]).is_null());
}

#[tokio::test(start_paused = true)]
async fn what_belongs_to_the_object_too_is_named_by_id() {
    let bench = Bench::new().await;
    let stack = Stack::example();
    let states = bench.build(&stack).await;
    for (type_name, _) in stack.composites() {
        let id = source_id(type_name, &states[type_name]);
        let carried = bench.unconfigured().moved(sources(type_name, &id).remove(0)).await.unwrap();
        let (_, told) = bench.core.refresh_and_tell(&carried).await.unwrap();
        let others: Vec<String> =
            ids(&states[type_name].value).into_values().filter(|other| *other != id).collect();
        assert_eq!(told.0.is_empty(), type_name == GROUP, "{type_name}: {told:?}");
        for told in &told.0 {
            assert_eq!(told.summary, format!("This {type_name} stands for more than what was moved"));
            assert!(others.iter().all(|other| told.detail.contains(&format!("\n    {other}"))), "{told:?}");
            assert_eq!(told.detail.contains("removed block"), !others.is_empty(), "{told:?}");
        }
        // Once is enough.
        let (_, told) = bench.core.refresh_and_tell(&bench.refresh(&carried).await).await.unwrap();
        assert_eq!(said(&told), [""; 0]);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_no_such_resource_is_refused() {
    let bench = Bench::new().await;
    let group = in_subscription("rg-mlops");
    let network = format!("{group}/providers/Microsoft.Network/virtualNetworks/vnet-aml");
    let azapi = |kind: &str, id: &str| json!({ "id": id, "type": kind });
    for (provider, source, state, says) in [
        (
            "registry.terraform.io/hashicorp/aws",
            "azurerm_virtual_network",
            json!({ "id": network }),
            "cannot become",
        ),
        (AZURERM, "azurerm_resource_group", json!({ "id": group }), "cannot become"),
        (
            AZURERM,
            "azapi_resource",
            azapi("Microsoft.Network/virtualNetworks@2024-05-01", &network),
            "cannot become",
        ),
        (AZAPI, "azapi_resource", azapi("Microsoft.Network/natGateways@2024-05-01", &network), "natGateways"),
        (
            AZAPI,
            "azapi_update_resource",
            azapi("Microsoft.Network/virtualNetworks@2024-05-01", &network),
            "update",
        ),
        (
            AZAPI,
            "azapi_resource",
            json!({ "id": network }),
            "It takes over azurerm_virtual_network of azurerm",
        ),
        (AZURERM, "azurerm_virtual_network", json!({ "id": group }), "which virtual network it is"),
        (AZURERM, "azurerm_virtual_network", json!({ "id": "vnet-aml" }), "which virtual network it is"),
        (AZURERM, "azurerm_virtual_network", json!({ "name": "vnet-aml" }), "which virtual network it is"),
        (AZURERM, "azurerm_virtual_network", json!(null), "which virtual network it is"),
    ] {
        let told = format!("{state}");
        let refused =
            bench.unconfigured().moved(request(provider, source, state, NETWORK)).await.unwrap_err();
        assert!(format!("{refused:?}").contains(says), "{source} {told}: {refused:?}");
    }
    let mut old = request(AZURERM, "azurerm_virtual_network", json!(null), NETWORK);
    old.source_state = RawState::Flatmap;
    let refused = bench.unconfigured().moved(old).await.unwrap_err();
    assert!(format!("{refused:?}").contains("Terraform 0.11"), "{refused:?}");
}

/// `-refresh=false`, and an object that was tainted before it was moved.
#[tokio::test(start_paused = true)]
async fn nothing_is_planned_or_deleted_before_a_refresh() {
    let bench = Bench::new().await;
    let stack = Stack::example();
    let built = bench.converge(GROUP, &stack.group, None).await;
    bench.azure.writes();
    let source = sources(GROUP, &source_id(GROUP, &built)).remove(0);
    let carried = bench.unconfigured().moved(source).await.unwrap();
    let refused = bench.refusal(GROUP, &stack.group, Some(&carried)).await;
    assert_eq!(refused, [": What was moved has not been refreshed"]);
    assert!(bench.core.plan_destroy(&carried).await.is_err());
    let tainted = State { tainted: true, ..carried };
    let applied = bench.apply(GROUP, &stack.group, Some(&tainted)).await;
    assert_eq!(said(&applied.diagnostics), [": What was moved has not been refreshed"]);
    assert_eq!(applied.state.unwrap().value, tainted.value);
    assert_eq!(bench.azure.written(), [""; 0]);
}

/// Azure has the last word on whether it is there.
#[tokio::test(start_paused = true)]
async fn what_is_not_in_azure_is_refused_by_the_refresh() {
    let bench = Bench::new().await;
    let source = sources(GROUP, &in_subscription("rg-gone")).remove(0);
    let carried = bench.unconfigured().moved(source).await.unwrap();
    assert_eq!(carried.value.attribute("resources"), &Value::Null);
    let refused = bench.core.refresh(&carried).await.unwrap_err();
    assert!(format!("{refused:?}").contains("Azure does not know"), "{refused:?}");
}

fn in_subscription(group: &str) -> String {
    format!("/subscriptions/{}/resourceGroups/{group}", amlsecure::simulator::SUBSCRIPTION)
}
