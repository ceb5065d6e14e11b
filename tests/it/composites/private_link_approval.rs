//! Who approves a private link, who waits for it, and what is said meanwhile.

use amlsecure::schema::Diagnostics;
use amlsecure::simulator::Latency;
use http::Method;
use serde_json::{Value as Json, json};

use super::harness::*;
use super::import::found_again;

const SERVICE: &str = "/private_service_connection";
const TARGET: &str = "private_service_connection.private_connection_resource_id";

/// A link whose owner is asked, with an `approval` or (null) without.
fn manual(approval: impl Into<Json>) -> (Stack, Json) {
    let stack = Stack::whole();
    let link = stack.of(PRIVATE_LINK);
    let link = with(link, &format!("{SERVICE}/approval"), approval.into());
    (stack, link)
}

/// A link that Azure is to approve.
fn automatic() -> (Stack, Json) {
    let (stack, link) = manual(Json::Null);
    let link = with(&link, &format!("{SERVICE}/request_message"), Json::Null);
    (stack, with(&link, &format!("{SERVICE}/is_manual_connection"), json!(false)))
}

async fn bench(stack: &Stack) -> Bench {
    let bench = Bench::new().await;
    bench.ground(stack, PRIVATE_LINK).await;
    bench
}

fn target(arguments: &Json) -> &str {
    arguments["private_service_connection"]["private_connection_resource_id"].as_str().unwrap()
}

/// The connection of the link as its target's owner sees it.
fn connection(bench: &Bench, arguments: &Json) -> String {
    let endpoint = in_group("Microsoft.Network/privateEndpoints/pe-secondary").to_lowercase();
    let all = bench.azure.get(target(arguments))["properties"]["privateEndpointConnections"].clone();
    let ours = |one: &&Json| {
        one["properties"]["privateEndpoint"]["id"].as_str().is_some_and(|id| id.to_lowercase() == endpoint)
    };
    let found = all.as_array().unwrap().iter().find(ours).expect("a connection");
    found["id"].as_str().unwrap().to_owned()
}

/// The owner answers.
fn answer(bench: &Bench, arguments: &Json, status: &str, said: &str) {
    let state = json!({ "status": status, "description": said });
    let body = json!({ "properties": { "privateLinkServiceConnectionState": state } });
    bench.azure.put(&connection(bench, arguments), &body);
}

fn status(state: &State) -> Vec<&str> {
    let shown = state.value.attribute("connection_status").as_list().unwrap();
    shown.iter().map(|one| one.as_str().unwrap()).collect()
}

fn details(diagnostics: &Diagnostics) -> String {
    let all: Vec<_> = diagnostics.0.iter().map(|one| format!("{}\n{}", one.summary, one.detail)).collect();
    all.join("\n")
}

fn mentions(text: &str, words: &[&str]) {
    for words in words {
        assert!(text.contains(words), "no {words:?} in:\n{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_approval_that_could_not_be_had_is_an_error_at_its_argument() {
    let bench = Bench::new().await;
    let (_, link) = automatic();
    let sql = with(
        &manual("managed").1,
        SERVICE,
        json!({
            "private_connection_resource_id": in_group("Microsoft.Sql/servers/sql"),
            "subresource_names": ["sqlServer"], "is_manual_connection": true, "approval": "managed",
        }),
    );
    let pointer = format!("{SERVICE}/approval");
    for (arguments, said) in [
        (with(&link, &pointer, json!("requested")), "Nobody is asked to approve this connection"),
        (with(&link, &pointer, json!("soon")), "\"soon\" is not one of the values"),
        (sql, "Connections of Microsoft.Sql/servers cannot be approved from here"),
    ] {
        let refused = bench.refusal(PRIVATE_LINK, &arguments, None).await;
        let at = format!("private_service_connection.approval: {said}");
        assert!(refused.iter().any(|line| line.starts_with(&at)), "{at}: {refused:#?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_ends_the_apply_and_says_which_command_approves_it() {
    for approval in [Json::Null, json!("requested")] {
        let (stack, link) = manual(approval);
        let bench = bench(&stack).await;
        let applied = bench.apply(PRIVATE_LINK, &link, None).await;
        assert_eq!(said(&applied.diagnostics), ["name: The private endpoint \"endpoint\" is not approved"]);
        let command = format!(
            "\n    az network private-endpoint-connection approve --id {}",
            connection(&bench, &link)
        );
        let right = "Microsoft.Storage/storageAccounts/privateEndpointConnectionsApproval/action";
        mentions(&details(&applied.diagnostics), &["Pending", target(&link), right, &command]);
        let pending = applied.state.unwrap();
        assert!(!pending.tainted);
        assert_eq!(status(&pending), ["Pending"]);
        assert_eq!(bench.plan(PRIVATE_LINK, &link, Some(&pending)).await.action, Action::NoOp);

        answer(&bench, &link, "Approved", "Welcome");
        let (refreshed, warnings) = bench.core.refresh_and_tell(&pending).await.unwrap();
        let refreshed = refreshed.unwrap();
        assert_eq!(said(&warnings), [""; 0]);
        assert_eq!(status(&refreshed), ["Approved"]);
        assert_eq!(statuses(&refreshed.value), statuses(&pending.value));
        assert_eq!(bench.plan(PRIVATE_LINK, &link, Some(&refreshed)).await.action, Action::NoOp);
        found_again(&bench, PRIVATE_LINK, &link, &refreshed).await;
        bench.destroy(&refreshed).await;
    }
}

/// Between a plan and its apply an owner may answer, and Terraform accepts no
/// other value than the planned one.
#[tokio::test(start_paused = true)]
async fn an_approval_that_comes_between_plan_and_apply_is_no_surprise() {
    let (stack, link) = manual("requested");
    let bench = bench(&stack).await;
    let pending = bench.converge(PRIVATE_LINK, &link, None).await;
    let tagged = with(&link, "/tags", json!({ "team": "a" }));
    let plan = bench.plan(PRIVATE_LINK, &tagged, Some(&pending)).await;
    answer(&bench, &link, "Approved", "");
    let applied = bench.core.apply(plan).await.unwrap();
    assert_eq!(said(&applied.diagnostics), [""; 0]);
    assert_eq!(status(&applied.state.unwrap()), ["Approved"]);
}

#[tokio::test(start_paused = true)]
async fn an_apply_waits_for_the_owner_before_it_writes_names() {
    let (stack, link) = manual("awaited");
    let bench = bench(&stack).await;
    let owner = async {
        bench.azure.rest(300).await;
        assert!(!bench.azure.exchanges().iter().any(|one| one.path.contains("privateDnsZoneGroups/")));
        answer(&bench, &link, "Approved", "Welcome");
    };
    let (state, ()) = tokio::join!(bench.converge(PRIVATE_LINK, &link, None), owner);
    assert_eq!(status(&state), ["Approved"]);
    let dns = "PUT pe-secondary/privateDnsZoneGroups/default";
    assert!(bench.azure.written().iter().any(|line| line == dns));
    found_again(&bench, PRIVATE_LINK, &link, &state).await;
}

/// Whoever makes an endpoint has the right to approve it, or Azure asks.
#[tokio::test(start_paused = true)]
async fn an_automatic_connection_that_azure_leaves_pending_is_waited_for() {
    let (stack, link) = automatic();
    let settings = json!({ "settings": { "auto_approval": false } });
    let bench = Bench::scripted(settings, Latency::Instant, 1).await;
    strangers(&bench.azure);
    // A workspace would wait for the approval of its own endpoints.
    bench.ground(&stack, WORKSPACE).await;
    let link = with(&link, &format!("{SERVICE}/private_connection_resource_id"), json!(their_storage()));
    let link = with(&link, "/machine_learning_workspace_id", Json::Null);
    let owner = async {
        bench.azure.rest(300).await;
        answer(&bench, &link, "Approved", "");
    };
    let (state, ()) = tokio::join!(bench.converge(PRIVATE_LINK, &link, None), owner);
    assert_eq!(status(&state), ["Approved"]);
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_over_says_who_has_to_approve_and_the_next_apply_goes_on() {
    let (stack, link) = manual("awaited");
    let link = with(&link, "/timeouts", json!({ "create": "10m", "update": "10m" }));
    let bench = bench(&stack).await;
    let applied = bench.apply(PRIVATE_LINK, &link, None).await;
    assert_eq!(
        said(&applied.diagnostics),
        [format!("{TARGET}: The private endpoint \"endpoint\" is not approved")]
    );
    let command = format!("approve --id {}", connection(&bench, &link));
    mentions(&details(&applied.diagnostics), &["Pending", &command, "terraform apply again"]);
    let state = applied.state.unwrap();
    assert!(state.tainted);
    let refreshed = bench.refresh(&state).await;
    assert!(statuses(&refreshed.value)["endpoint"].contains("Pending, want Approved"));

    answer(&bench, &link, "Approved", "");
    bench.azure.writes();
    let state = bench.converge(PRIVATE_LINK, &link, Some(&bench.refresh(&state).await)).await;
    assert_eq!(status(&state), ["Approved"]);
    assert!(bench.azure.writes().iter().all(|write| write.method != Method::DELETE));
}

#[tokio::test(start_paused = true)]
async fn a_rejection_ends_the_wait_in_the_owners_words() {
    let (stack, link) = manual("awaited");
    let bench = bench(&stack).await;
    let owner = async {
        bench.azure.rest(300).await;
        answer(&bench, &link, "Rejected", "Not on my account");
    };
    let (applied, ()) = tokio::join!(bench.apply(PRIVATE_LINK, &link, None), owner);
    mentions(&details(&applied.diagnostics), &["does not approve", "Rejected (Not on my account)"]);
    bench.destroy(&applied.state.unwrap()).await;
}

/// Ctrl-C while an owner thinks about it.
#[tokio::test(start_paused = true)]
async fn a_wait_that_is_stopped_is_continued() {
    let (stack, link) = manual("awaited");
    let bench = bench(&stack).await;
    let plan = bench.plan(PRIVATE_LINK, &link, None).await;
    let stop = async {
        bench.azure.rest(300).await;
        bench.core.cancel.cancel();
    };
    let (applied, ()) = tokio::join!(bench.core.apply(plan), stop);
    let applied = applied.unwrap();
    assert_eq!(said(&applied.diagnostics), [": Stopped as asked"]);
    answer(&bench, &link, "Approved", "");
    let again = bench.reconfigured(&json!({})).await;
    let state = again.converge(PRIVATE_LINK, &link, applied.state.as_ref()).await;
    again.destroy(&state).await;
}

/// A wait may take hours, and others have endpoints to make at the same target.
#[tokio::test(start_paused = true)]
async fn others_write_the_target_and_the_network_meanwhile() {
    let (stack, link) = manual("awaited");
    let bench = bench(&stack).await;
    let second = with(&automatic().1, "/name", json!("pe-another"));
    let second = with(&second, &format!("{SERVICE}/subresource_names"), json!(["dfs_secondary"]));
    let zone = in_group("Microsoft.Network/privateDnsZones/privatelink.dfs.core.windows.net");
    let second = with(&second, "/private_dns_zone_group/private_dns_zone_ids", json!([zone]));
    let others = async {
        bench.azure.rest(60).await;
        bench.converge(PRIVATE_LINK, &second, None).await;
        answer(&bench, &link, "Approved", "");
    };
    let (state, ()) = tokio::join!(bench.converge(PRIVATE_LINK, &link, None), others);
    assert_eq!(status(&state), ["Approved"]);
}

#[tokio::test(start_paused = true)]
async fn the_provider_approves_in_the_owners_place_at_every_target_it_knows() {
    let (stack, link) = manual("managed");
    let bench = bench(&stack).await;
    let workspace = in_group("Microsoft.MachineLearningServices/workspaces/mlw-mlops");
    let account = in_group("Microsoft.Storage/storageAccounts/stmlops0001");
    let vault = in_group("Microsoft.KeyVault/vaults/kv-mlops-0001");
    let registry = in_group("Microsoft.ContainerRegistry/registries/crmlops0001");
    let databricks = in_group("Microsoft.Databricks/workspaces/dbw-mlops");
    for (target, service) in [
        (&workspace, "amlworkspace"),
        (&account, "blob_secondary"),
        (&vault, "vault"),
        (&registry, "registry"),
        (&databricks, "databricks_ui_api"),
    ] {
        let asked = json!({
            "private_connection_resource_id": target, "subresource_names": [service],
            "is_manual_connection": true, "approval": "managed", "request_message": "Let us in",
        });
        let group = format!("/subscriptions/{}/resourceGroups/rg-mlops", amlsecure::simulator::SUBSCRIPTION);
        let zones = zone_ids(&group, &[service.trim_end_matches("_secondary")]);
        let zones = zones[service.trim_end_matches("_secondary")].clone();
        let link = with(&with(&link, SERVICE, asked), "/private_dns_zone_group/private_dns_zone_ids", zones);
        let state = bench.converge(PRIVATE_LINK, &link, None).await;
        assert_eq!(status(&state), ["Approved"], "{target}");
        let kept = connection(&bench, &link);
        let puts = bench.azure.writes().into_iter().filter(|write| write.path.eq_ignore_ascii_case(&kept));
        assert_eq!(puts.count(), 1, "{target}");
        let owners = bench.azure.get(&kept)["properties"]["privateLinkServiceConnectionState"].clone();
        assert_eq!(owners["description"], "Approved by amlsecure", "{target}");
        found_again(&bench, PRIVATE_LINK, &link, &state).await;
        bench.destroy(&state).await;
        bench.azure.writes();
    }
}

#[tokio::test(start_paused = true)]
async fn without_the_right_an_approval_is_refused_in_azures_words() {
    let (stack, link) = manual("managed");
    let action = "Microsoft.Storage/storageAccounts/privateEndpointConnectionsApproval/action";
    let settings = json!({ "settings": { "denied": [{ "action": action, "scope": their_storage() }] } });
    let bench = Bench::scripted(settings, Latency::Instant, 1).await;
    strangers(&bench.azure);
    bench.ground(&stack, PRIVATE_LINK).await;
    let link = with(&link, &format!("{SERVICE}/private_connection_resource_id"), json!(their_storage()));
    let applied = bench.apply(PRIVATE_LINK, &link, None).await;
    mentions(&details(&applied.diagnostics), &["403 AuthorizationFailed", action]);
    bench.destroy(&applied.state.unwrap()).await;
}

#[tokio::test(start_paused = true)]
async fn an_approval_that_failed_is_given_by_the_next_apply() {
    let (stack, link) = manual("managed");
    let faults = json!({ "faults": [{
        "match": { "method": "PUT", "kind": "*/privateEndpointConnections" }, "times": 1,
        "produce": { "answer": { "status": 403, "code": "RequestDisallowedByPolicy", "message": "Not now." } },
    }] });
    let bench = Bench::scripted(faults, Latency::Instant, 1).await;
    bench.ground(&stack, PRIVATE_LINK).await;
    let applied = bench.apply(PRIVATE_LINK, &link, None).await;
    mentions(&details(&applied.diagnostics), &["403 RequestDisallowedByPolicy", "terraform apply again"]);
    bench.azure.writes();
    let state = bench.refresh(&applied.state.unwrap()).await;
    let state = bench.converge(PRIVATE_LINK, &link, Some(&state)).await;
    assert_eq!(status(&state), ["Approved"]);
    assert!(bench.azure.writes().iter().all(|write| write.method != Method::DELETE));
}

#[tokio::test(start_paused = true)]
async fn a_rejection_of_what_stands_is_drift_told_in_words() {
    for (approval, mended) in [("requested", false), ("awaited", false), ("managed", true)] {
        let (stack, link) = manual(if approval == "awaited" { "requested" } else { approval });
        let bench = bench(&stack).await;
        let mut state = bench.converge(PRIVATE_LINK, &link, None).await;
        if status(&state) == ["Pending"] {
            answer(&bench, &link, "Approved", "");
            state = bench.refresh(&state).await;
        }
        let link = with(&link, &format!("{SERVICE}/approval"), json!(approval));
        let state = bench.converge(PRIVATE_LINK, &link, Some(&state)).await;
        answer(&bench, &link, "Rejected", "Go away");
        let (drifted, warnings) = bench.core.refresh_and_tell(&state).await.unwrap();
        let drifted = drifted.unwrap();
        assert!(statuses(&drifted.value)["endpoint"].contains("is Rejected, want Approved"));
        let command = format!("approve --id {}", connection(&bench, &link));
        mentions(&details(&warnings), &["does not approve", "Rejected (Go away)", &command]);
        assert_eq!(status(&drifted), ["Rejected"]);
        bench.azure.writes();
        let applied = bench.apply(PRIVATE_LINK, &link, Some(&drifted)).await;
        if mended {
            assert_eq!(said(&applied.diagnostics), [""; 0]);
            assert_eq!(status(&bench.refresh(&applied.state.unwrap()).await), ["Approved"]);
        } else {
            mentions(&details(&applied.diagnostics), &["Rejected (Go away)", &command]);
            assert_eq!(bench.azure.written(), [""; 0], "{approval}: what an owner refuses no write brings");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_its_owner_removed_is_asked_for_anew() {
    let (stack, link) = manual("requested");
    let bench = bench(&stack).await;
    let state = bench.converge(PRIVATE_LINK, &link, None).await;
    assert!(bench.azure.delete(&connection(&bench, &link)));
    let (lost, warnings) = bench.core.refresh_and_tell(&state).await.unwrap();
    mentions(&details(&warnings), &["Disconnected", "terraform plan again"]);
    let state = bench.converge(PRIVATE_LINK, &link, lost.as_ref()).await;
    assert_eq!(status(&state), ["Pending"]);
}

#[tokio::test(start_paused = true)]
async fn how_a_connection_is_approved_can_be_changed_while_it_stands() {
    let (stack, link) = manual("requested");
    let bench = bench(&stack).await;
    let state = bench.converge(PRIVATE_LINK, &link, None).await;
    let endpoint = ids(&state.value)["endpoint"].clone();
    let made = bench.azure.get(&endpoint)["properties"]["networkInterfaces"].clone();
    let managed = with(&link, &format!("{SERVICE}/approval"), json!("managed"));
    let state = bench.converge(PRIVATE_LINK, &managed, Some(&state)).await;
    assert_eq!(status(&state), ["Approved"]);
    let state = bench.converge(PRIVATE_LINK, &link, Some(&state)).await;
    assert_eq!(status(&state), ["Approved"]);
    assert_eq!(bench.azure.get(&endpoint)["properties"]["networkInterfaces"], made);
}
