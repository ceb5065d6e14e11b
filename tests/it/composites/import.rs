//! Import: from an id to the arguments that say where an object is.

use serde_json::json;

use super::harness::*;

/// The id under which each composite is found, and what it tells.
fn found() -> Vec<(&'static str, String, Vec<(&'static str, &'static str)>)> {
    let group = in_group("").replace("/providers/", "");
    let workspace = in_group("Microsoft.MachineLearningServices/workspaces/mlw-mlops");
    let both = |name| vec![("name", name), ("resource_group_name", "rg-mlops")];
    vec![
        (GROUP, group.clone(), vec![("name", "rg-mlops")]),
        (NETWORK, in_network(""), both("vnet-aml")),
        (DNS, group, vec![("resource_group_name", "rg-mlops")]),
        (WORKSPACE, workspace.clone(), both("mlw-mlops")),
        (CLUSTER, format!("{workspace}/computes/cpu"), vec![("name", "cpu")]),
    ]
}

/// What strangers' ids are refused with: no request is made for them.
#[tokio::test(start_paused = true)]
async fn an_id_of_another_kind_is_refused_with_what_it_is() {
    let bench = Bench::new().await;
    for (type_name, _, _) in found() {
        for id in ["rg-mlops", "/subscriptions/x", their_identity().as_str()] {
            let refusal = bench.core.import(type_name, id).await.unwrap_err();
            let Refusal::Provider(diagnostics) = refusal else { panic!("{type_name} {id}: {refusal:?}") };
            let summary = &diagnostics.0[0].summary;
            assert_eq!(*summary, format!("{id:?} is not the id of a {type_name}"));
            assert!(!diagnostics.0[0].detail.is_empty());
        }
    }
    assert_eq!(bench.azure.written(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn an_import_of_what_is_not_there_says_so() {
    let bench = Bench::new().await;
    for (type_name, id, _) in found() {
        let refusal = bench.core.import(type_name, &id).await;
        assert!(refusal.is_err(), "{type_name}");
    }
}

/// A resource group is its id: what an import does not find it asks nothing
/// about, and a plan of the same configuration goes on from there.
#[tokio::test(start_paused = true)]
async fn an_imported_resource_group_tells_its_name() {
    let bench = Bench::new().await;
    let stack = Stack::example();
    bench.converge(GROUP, &stack.group, None).await;
    let imported = bench.core.import(GROUP, &found()[0].1).await.unwrap();
    assert_eq!(imported.value.attribute("name").as_str(), Some("rg-mlops"));
    assert_eq!(json!(ids(&imported.value)), json!({ "resource_group": found()[0].1 }));
}
