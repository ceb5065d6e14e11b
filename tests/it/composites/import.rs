//! What a composite of ours has built is found again by its id.

use serde_json::json;

use super::harness::*;

#[tokio::test(start_paused = true)]
async fn what_we_built_is_imported_whole_and_plans_empty() {
    let bench = Bench::with(&json!({ "default_tags": { "stage": "prod" } })).await;
    let stack = Stack::example();
    let group = with(&stack.group, "/tags", json!({ "team": "a" }));
    bench.ground(&stack, CLUSTER).await;
    for (type_name, arguments, key) in [
        (GROUP, with(&group, "/name", json!("rg-other")), "resource_group"),
        (CLUSTER, stack.cluster.clone(), "cluster"),
    ] {
        let built = bench.converge(type_name, &arguments, None).await;
        bench.azure.writes();
        let imported = bench.core.import(type_name, &ids(&built.value)[key]).await.unwrap();
        assert_eq!(imported.value.attribute("instance"), built.value.attribute("instance"), "{type_name}");
        let plan = bench.plan(type_name, &arguments, Some(&imported)).await;
        assert_eq!(plan.action, Action::NoOp, "{type_name}: {:#?}", plan.planned);
        assert_eq!(bench.azure.written(), [""; 0]);
        bench.destroy(&imported).await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_somebody_else_built_is_not_taken_over() {
    let bench = Bench::new().await;
    let stack = Stack::example();
    let state = bench.converge(GROUP, &stack.group, None).await;
    let id = ids(&state.value)["resource_group"].clone();
    bench.azure.change(&id, |body| {
        body["tags"] = json!({});
    });
    let refused = format!("{:?}", bench.core.import(GROUP, &id).await.unwrap_err());
    assert!(refused.contains("was not built by a amlsecure_resource_group"), "{refused}");
}

#[tokio::test(start_paused = true)]
async fn what_is_not_told_by_one_resource_is_refused() {
    let bench = Bench::new().await;
    let stack = Stack::example();
    let states = bench.build(&stack).await;
    let network = ids(&states[NETWORK].value)["network"].clone();
    for (type_name, id) in [(NETWORK, network.as_str()), (GROUP, network.as_str()), (GROUP, "rg-mlops")] {
        assert!(bench.core.import(type_name, id).await.is_err(), "{type_name} {id}");
    }
    let missing = ids(&states[GROUP].value)["resource_group"].replace("rg-mlops", "rg-none");
    let refused = format!("{:?}", bench.core.import(GROUP, &missing).await.unwrap_err());
    assert!(refused.contains("There is no such resource group"), "{refused}");
}
