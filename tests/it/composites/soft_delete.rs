//! Names that Azure keeps of the deleted: recovered or purged as the provider
//! block says, and told in the plan that wants them.

use amlsecure::simulator::{Latency, SUBSCRIPTION, TENANT};
use http::Method;
use serde_json::{Value as Json, json};

use super::harness::*;

/// Whether Azure still keeps the example's vault.
fn keeps_vault(bench: &Bench) -> bool {
    let place = format!(
        "/subscriptions/{SUBSCRIPTION}/providers/Microsoft.KeyVault/locations/eastasia/deletedVaults/kv-mlops-0001"
    );
    bench.azure.ask(Method::GET, &place, &Json::Null).0 == 200
}

/// The example's workspace made and destroyed under a provider block.
async fn made_and_destroyed(provider: &Json, workspace: &Json) -> Bench {
    let bench = Bench::with(provider).await;
    bench.ground(&Stack::example(), WORKSPACE).await;
    let state = bench.converge(WORKSPACE, workspace, None).await;
    bench.destroy(&state).await;
    bench
}

#[tokio::test(start_paused = true)]
async fn what_was_destroyed_is_recovered_and_the_plan_says_so() {
    let workspace = Stack::example().workspace;
    let bench = made_and_destroyed(&json!({}), &workspace).await;
    assert!(keeps_vault(&bench));
    let plan = bench.plan(WORKSPACE, &workspace, None).await;
    assert_eq!(
        said(&plan.diagnostics),
        ["key_vault.name: The deleted key vault \"kv-mlops-0001\" will be recovered"]
    );
    bench.converge(WORKSPACE, &workspace, None).await;
    assert!(!keeps_vault(&bench));
}

#[tokio::test(start_paused = true)]
async fn a_destroy_that_purges_leaves_no_name_taken() {
    let purges = json!({ "soft_delete": {
        "key_vault": { "purge_soft_delete_on_destroy": true },
        "log_analytics_workspace": { "permanently_delete_on_destroy": true },
        "machine_learning": { "purge_soft_deleted_workspace_on_destroy": true },
    }});
    let workspace = Stack::example().workspace;
    let bench = made_and_destroyed(&purges, &workspace).await;
    assert!(!keeps_vault(&bench));
    assert_eq!(said(&bench.plan(WORKSPACE, &workspace, None).await.diagnostics), [""; 0]);
    // Over a kept workspace with another vault, Azure would refuse.
    let other = with(&workspace, "/key_vault/name", json!("kv-mlops-0002"));
    bench.converge(WORKSPACE, &other, None).await;
}

#[tokio::test(start_paused = true)]
async fn a_vault_with_purge_protection_is_never_purged() {
    let purges = json!({ "soft_delete": { "key_vault": { "purge_soft_delete_on_destroy": true } } });
    let workspace = with(&Stack::example().workspace, "/key_vault/purge_protection_enabled", json!(true));
    let bench = made_and_destroyed(&purges, &workspace).await;
    assert!(keeps_vault(&bench));
    bench.converge(WORKSPACE, &workspace, None).await;
}

#[tokio::test(start_paused = true)]
async fn a_name_that_will_be_refused_is_told_in_the_plan_with_the_ways_on() {
    let workspace = Stack::example().workspace;
    let holds = "key_vault.name: A deleted key vault holds the name \"kv-mlops-0001\"";

    // Ours, and the provider block says to leave it.
    let leaves = json!({ "soft_delete": { "key_vault": { "recover_soft_deleted_key_vaults": false } } });
    let bench = made_and_destroyed(&leaves, &workspace).await;
    let plan = bench.plan(WORKSPACE, &workspace, None).await;
    assert_eq!(said(&plan.diagnostics), [holds]);
    assert!(plan.diagnostics.0[0].detail.contains("az keyvault purge"), "{:?}", plan.diagnostics);
    let applied = bench.core.apply(plan).await.unwrap();
    assert!(applied.diagnostics.0[0].detail.contains("ConflictError"), "{:?}", applied.diagnostics);

    // A stranger's.
    let bench = Bench::new().await;
    bench.ground(&Stack::example(), WORKSPACE).await;
    let theirs = in_group("Microsoft.KeyVault/vaults/kv-mlops-0001");
    let vault = json!({ "location": "eastasia", "properties": {
        "tenantId": TENANT, "sku": { "family": "A", "name": "standard" }, "enablePurgeProtection": true,
        "enableRbacAuthorization": true,
    }});
    bench.azure.put(&theirs, &vault);
    assert!(bench.azure.delete(&theirs));
    let plan = bench.plan(WORKSPACE, &workspace, None).await;
    assert_eq!(said(&plan.diagnostics), [holds]);
    assert!(plan.diagnostics.0[0].detail.contains("purge protection"), "{:?}", plan.diagnostics);
}

/// No plan can tell: Azure shows a deleted workspace nowhere.
#[tokio::test(start_paused = true)]
async fn a_deleted_workspace_holds_its_name_against_one_with_other_parts() {
    let workspace = Stack::example().workspace;
    let bench = made_and_destroyed(&json!({}), &workspace).await;
    let other = with(&workspace, "/key_vault/name", json!("kv-mlops-0002"));
    let applied = bench.apply(WORKSPACE, &other, None).await;
    let detail = &applied.diagnostics.0[0].detail;
    for words in [
        "400 BadRequest: Soft-deleted workspace exists. Please purge or recover it.",
        "az ml workspace delete --permanently-delete",
        "that it had, or choose another name",
        "purge_soft_deleted_workspace_on_destroy",
    ] {
        assert!(detail.contains(words), "{detail}");
    }
    bench.converge(WORKSPACE, &workspace, applied.state.as_ref()).await;
}

/// The name comes back to whoever makes it again in its region.
#[tokio::test(start_paused = true)]
async fn a_deleted_log_analytics_workspace_holds_its_name_against_another_region() {
    let mut workspace = with(&Stack::example().workspace, "/private_endpoint", Json::Null);
    let taken = json!({ "settings": { "deleted_log_names_taken": true } });
    let bench = Bench::scripted(taken, Latency::Instant, 1).await;
    bench.ground(&Stack::example(), WORKSPACE).await;
    let state = bench.converge(WORKSPACE, &workspace, None).await;
    bench.destroy(&state).await;
    workspace = with(&workspace, "/location", json!("japaneast"));
    for (part, name) in [("/name", "mlw-far"), ("/key_vault/name", "kv-far")] {
        workspace = with(&workspace, part, json!(name));
    }
    let applied = bench.apply(WORKSPACE, &workspace, None).await;
    let said = applied.diagnostics.0.iter().find(|one| one.detail.contains("not unique"));
    let said = said.unwrap_or_else(|| panic!("{:?}", applied.diagnostics));
    assert_eq!(said.path.to_string(), "application_insights.name");
    let refusal = "409 Conflict: The workspace name 'log-appi-mlops' is not unique";
    assert!(said.detail.contains(refusal) && said.detail.contains("choose another one"), "{said:?}");
    let named = with(&workspace, "/names", json!({ "log_analytics": "log-far" }));
    bench.converge(WORKSPACE, &named, applied.state.as_ref()).await;
}
