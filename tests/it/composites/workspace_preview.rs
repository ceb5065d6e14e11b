//! What Azure knows of a workspace only in a preview: from which addresses the
//! internet reaches it, and for how long it is kept once deleted.

use amlsecure::kinds::{self, WORKSPACE_IN_PREVIEW};
use http::Method;
use serde_json::{Value as Json, json};

use super::harness::*;

const STABLE: &str = kinds::WORKSPACE.api_version;
const PREVIEW: &str = WORKSPACE_IN_PREVIEW.api_version;

/// The example, which the internet reaches from these addresses.
fn open_to(addresses: &Json) -> Json {
    let open = with(&Stack::example().workspace, "/public_network_access_enabled", json!(true));
    with(&open, "/ip_allow_list", addresses.clone())
}

/// What the workspace itself was asked, in which version, and what of it is said.
fn of_the_workspace(bench: &Bench, id: &str) -> Vec<(Method, String, Json)> {
    let mine = |exchange: &Exchange| exchange.path.eq_ignore_ascii_case(id);
    let version = |query: &str| query.trim_start_matches("api-version=").to_owned();
    bench
        .azure
        .exchanges()
        .into_iter()
        .filter(mine)
        .map(|exchange| {
            let said = json!({
                "access": exchange.request["properties"]["publicNetworkAccess"],
                "addresses": exchange.request["properties"]["ipAllowlist"],
            });
            (exchange.method, version(&exchange.query), said)
        })
        .collect()
}

fn puts(asked: &[(Method, String, Json)]) -> Vec<&Json> {
    asked.iter().filter(|(method, ..)| *method == Method::PUT).map(|(_, _, said)| said).collect()
}

/// As the preview shows it.
fn shown(bench: &Bench, id: &str) -> Json {
    bench.azure.get(&format!("{id}?api-version={PREVIEW}"))["properties"].clone()
}

#[tokio::test(start_paused = true)]
async fn a_new_workspace_is_open_to_nobody_until_it_is_open_to_the_listed_alone() {
    let bench = Bench::new().await.on_the_ground_of(WORKSPACE).await;
    let state = bench.converge(WORKSPACE, &open_to(&json!(["20.1.2.3", "20.1.4.0/24"])), None).await;
    let id = ids(&state.value)["workspace"].clone();
    let asked = of_the_workspace(&bench, &id);
    assert!(asked.iter().all(|(_, version, _)| version == PREVIEW), "{asked:#?}");
    let puts = puts(&asked);
    assert_eq!(puts[0], &json!({ "access": "Disabled", "addresses": null }));
    let last = json!({ "access": "Enabled", "addresses": ["20.1.2.3", "20.1.4.0/24"] });
    assert!(puts[1..].iter().all(|said| **said == last), "{puts:#?}");
    assert_eq!(shown(&bench, &id)["ipAllowlist"], json!(["20.1.2.3", "20.1.4.0/24"]));
}

#[tokio::test(start_paused = true)]
async fn the_list_is_taken_back_in_the_preview_and_the_workspace_returns_to_the_stable_version() {
    let bench = Bench::new().await.on_the_ground_of(WORKSPACE).await;
    let listed = open_to(&json!(["20.1.2.3"]));
    let state = bench.converge(WORKSPACE, &listed, None).await;
    let id = ids(&state.value)["workspace"].clone();
    bench.azure.exchanges();
    let closed = Stack::example().workspace;
    let applied = bench.apply(WORKSPACE, &closed, Some(&state)).await;
    assert_eq!(said(&applied.diagnostics), [""; 0]);
    let asked = of_the_workspace(&bench, &id);
    assert!(asked.iter().all(|(_, version, _)| version == PREVIEW), "{asked:#?}");
    assert_eq!(puts(&asked), [&json!({ "access": "Disabled", "addresses": null })]);
    assert_eq!(shown(&bench, &id)["ipAllowlist"], Json::Null);
    let state = bench.refresh(&applied.state.unwrap()).await;
    let asked = of_the_workspace(&bench, &id);
    assert!(!asked.is_empty() && asked.iter().all(|(_, version, _)| version == STABLE), "{asked:#?}");
    assert_eq!(bench.plan(WORKSPACE, &closed, Some(&state)).await.action, Action::NoOp);
}

#[tokio::test(start_paused = true)]
async fn an_address_that_a_stranger_lets_in_is_seen_and_shut_out_again() {
    let bench = Bench::new().await.on_the_ground_of(WORKSPACE).await;
    let arguments = open_to(&json!(["20.1.2.3"]));
    let state = bench.converge(WORKSPACE, &arguments, None).await;
    let id = ids(&state.value)["workspace"].clone();
    let patch = json!({ "properties": { "ipAllowlist": ["20.1.2.3", "20.9.9.9"] } });
    let (status, answer) = bench.azure.ask(Method::PATCH, &format!("{id}?api-version={PREVIEW}"), &patch);
    assert_eq!(status, 202, "{answer}");
    let state = bench.refresh(&state).await;
    let status = &statuses(&state.value)["workspace"];
    assert!(status.contains("ipAllowlist"), "{status}");
    bench.converge(WORKSPACE, &arguments, Some(&state)).await;
    assert_eq!(shown(&bench, &id)["ipAllowlist"], json!(["20.1.2.3"]));
}

#[tokio::test(start_paused = true)]
async fn what_is_only_in_the_preview_is_imported_where_azure_has_the_preview() {
    let bench = Bench::new().await.on_the_ground_of(WORKSPACE).await;
    let arguments = with(&open_to(&json!(["20.1.2.3"])), "/soft_delete_retention_days", json!(7));
    let state = bench.converge(WORKSPACE, &arguments, None).await;
    super::import::found_again(&bench, WORKSPACE, &arguments, &state).await;
    let id = ids(&state.value)["workspace"].clone();
    let imported = bench.core.import(WORKSPACE, &id).await.unwrap();
    assert_eq!(imported.value.attribute("soft_delete_retention_days").as_i64(), Some(7));
    // A cloud without it refuses the version, and only that.
    bench.azure.refuse(Method::GET, &id, 1);
    let imported = bench.core.import(WORKSPACE, &id).await.unwrap();
    assert!(imported.value.attribute("ip_allow_list").is_null());
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_in_force_is_refused_by_the_plan_at_its_argument() {
    let many: Vec<String> = (0..201).map(|nth| format!("20.1.{nth}.0/24")).collect();
    let closed = |list: Json| with(&open_to(&list), "/public_network_access_enabled", json!(false));
    let identity = json!({ "type": "UserAssigned", "identity_ids": [their_identity()] });
    let cases = [
        (
            closed(json!(["20.1.2.3"])),
            "ip_allow_list: Nobody comes from these addresses while public access is off",
        ),
        (open_to(&json!(many)), "ip_allow_list: ip_allow_list has 201 entries"),
        (open_to(&json!(["10.1.0.4"])), "ip_allow_list: 10.1.0.4 is not a public address"),
        (open_to(&json!(["fd00::1"])), "ip_allow_list: \"fd00::1\" is not a public IPv4 address or range"),
        (
            with(
                &open_to(&json!(["20.1.2.3"])),
                "/serverless_compute",
                json!({ "public_ip_enabled": false }),
            ),
            "serverless_compute.public_ip_enabled: Serverless compute without public addresses needs a subnet",
        ),
        (
            with(
                &with(&Stack::example().workspace, "/soft_delete_retention_days", json!(7)),
                "/identity",
                identity,
            ),
            "soft_delete_retention_days: Azure cannot recover a workspace that has user-assigned identities only",
        ),
        (
            with(&Stack::example().workspace, "/soft_delete_retention_days", json!(0)),
            "soft_delete_retention_days: 0 is not a number that soft_delete_retention_days takes",
        ),
        (
            with(&open_to(&json!(["20.1.2.3"])), "/isolation", json!("public")),
            "ip_allow_list: isolation = \"public\" says that everybody reaches the workspace",
        ),
    ];
    let bench = Bench::new().await;
    for (arguments, said) in cases {
        let refused = bench.refusal(WORKSPACE, &arguments, None).await;
        assert!(refused.iter().any(|line| line == said), "{said}: {refused:#?}");
    }
}
