//! Every race that Azure is known for, striking one in five of the requests
//! that it can strike, while the whole stack is built and taken down.

use amlsecure::simulator::Latency;
use serde_json::{Value as Json, json};

use super::harness::*;

/// How likely a race strikes a request that it can strike.
const CHANCE: f64 = 0.2;

fn strikes(method: &[&str], of: &Json, produce: &Json) -> Json {
    let mut matching = of.clone();
    matching["chance"] = CHANCE.into();
    if !method.is_empty() {
        matching["method"] = json!(method);
    }
    json!({ "match": matching, "produce": produce })
}

fn kind(kind: &str) -> Json {
    json!({ "kind": kind })
}

fn answer(status: u16, code: &str) -> Json {
    json!({ "answer": { "status": status, "code": code, "message": "It is a race." } })
}

fn fail(code: &str) -> Json {
    json!({ "fail": { "code": code, "message": "It is a race." } })
}

fn race(name: &str) -> Json {
    json!({ "race": name })
}

const PUT: &[&str] = &["PUT"];
const WRITE: &[&str] = &["PUT", "PATCH", "DELETE"];
const DELETE: &[&str] = &["DELETE"];

/// Each race, and what it can strike.
fn races() -> Vec<Json> {
    let mut all = vec![
        strikes(&[], &json!({}), &race("TooManyRequests")),
        strikes(&[], &json!({}), &race("ServiceUnavailable")),
        strikes(&[], &json!({}), &json!({ "drop": "before_effect" })),
        strikes(WRITE, &json!({}), &json!({ "drop": "after_effect" })),
    ];
    for network in [
        "Microsoft.Network/virtualNetworks*",
        "Microsoft.Network/privateEndpoints*",
        "Microsoft.Network/natGateways",
        "Microsoft.Network/networkSecurityGroups",
    ] {
        all.push(strikes(WRITE, &kind(network), &race("AnotherOperationInProgress")));
        all.push(strikes(PUT, &kind(network), &fail("CanceledAndSupersededDueToAnotherOperation")));
        all.push(strikes(PUT, &kind(network), &race("InternalServerError")));
        all.push(strikes(WRITE, &kind(network), &answer(429, "RetryableErrorDueToAnotherOperation")));
    }
    let endpoints = kind("Microsoft.Network/privateEndpoints");
    all.push(strikes(PUT, &endpoints, &race("RetryableError")));
    all.push(strikes(PUT, &endpoints, &race("ReferencedResourceNotProvisioned")));
    for service in ["blob", "file", "queue", "table", "dfs"] {
        let of = json!({ "id": format!("*/privateEndpoints/*-{service}") });
        all.push(strikes(PUT, &of, &race("StorageAccountOperationInProgress")));
    }
    all.push(strikes(PUT, &json!({ "id": "*/privateEndpoints/*-vault" }), &race("ConflictError")));
    all.push(strikes(PUT, &kind("Microsoft.Authorization/roleAssignments"), &race("PrincipalNotFound")));
    for identity in ["Microsoft.MachineLearningServices/workspaces", "*/workspaces/computes"] {
        all.push(strikes(PUT, &kind(identity), &race("FailedIdentityOperation")));
        all.push(strikes(PUT, &kind(identity), &race("InternalServerError")));
    }
    for joins in ["Microsoft.Network/privateEndpoints", "*/workspaces/computes", "*/roleAssignments"] {
        all.push(strikes(PUT, &kind(joins), &answer(403, "LinkedAuthorizationFailed")));
    }
    for child in ["*/virtualNetworkLinks", "*/privateDnsZoneGroups", "*/workspaces/computes"] {
        all.push(strikes(PUT, &kind(child), &answer(404, "ParentResourceNotFound")));
    }
    all.push(strikes(PUT, &kind("Microsoft.*"), &race("ResourceNotFound")));
    for (held, code) in [
        ("Microsoft.Network/virtualNetworks", "InUseSubnetCannotBeDeleted"),
        ("Microsoft.Network/networkSecurityGroups", "InUseNetworkSecurityGroupCannotBeDeleted"),
        ("Microsoft.Network/natGateways", "InUseNatGatewayCannotBeDeleted"),
        ("Microsoft.Network/publicIPAddresses", "PublicIPAddressCannotBeDeleted"),
    ] {
        all.push(strikes(DELETE, &kind(held), &answer(400, code)));
    }
    all.push(strikes(
        DELETE,
        &kind("Microsoft.Network/privateDnsZones"),
        &answer(409, "CannotDeleteResource"),
    ));
    all
}

/// How many lives there are: forty, or what `AMLSECURE_LIVES` says.
#[expect(clippy::disallowed_methods, reason = "a longer run is asked for by the environment")]
fn lives() -> u64 {
    std::env::var("AMLSECURE_LIVES").ok().and_then(|text| text.parse().ok()).unwrap_or(40)
}

/// The configuration of a composite. So many races at once let one request in
/// twenty through: more than the two hours of an ordinary day are given.
fn patient(type_name: &str, arguments: &Json) -> amlsecure::schema::Value {
    config(type_name, &with(arguments, "/timeouts", json!({ "create": "12h", "delete": "12h" })))
}

/// Builds the whole stack, finds it at rest and takes it down. Each composite
/// stands on the one before, so that Terraform would take them in this order.
async fn live(latency: Latency, seed: u64) -> Result<(), String> {
    let stack = Stack::whole();
    let script = json!({ "settings": { "unseen_reads": 1, "lingering_reads": 1 }, "faults": races() });
    let bench = Bench::scripted(script, latency, seed).await;
    let core = &bench.core;
    let mut states = Vec::new();
    for (type_name, arguments) in stack.composites() {
        let told = |told: &dyn std::fmt::Debug| format!("seed {seed}: {type_name}: {told:#?}");
        let plan = core
            .plan(type_name, patient(type_name, arguments), None)
            .await
            .map_err(|refusal| told(&refusal))?;
        let applied = core.apply(plan).await.map_err(|refusal| told(&refusal))?;
        match applied.state {
            Some(state) if !applied.diagnostics.has_errors() => states.push(state),
            _ => return Err(told(&applied.diagnostics)),
        }
    }
    let struck = bench.azure.exchanges().iter().filter(|exchange| exchange.status >= 400).count();
    assert!(struck > 50, "only {struck} requests were struck");
    for state in states.iter().rev() {
        let type_name = &*state.type_name;
        let told = |told: &dyn std::fmt::Debug| format!("seed {seed}: no more {type_name}: {told:#?}");
        let refreshed = core.refresh(state).await.map_err(|refusal| told(&refusal))?;
        let refreshed = refreshed.ok_or_else(|| told(&"it is said to be gone"))?;
        let configuration = patient(type_name, stack.of(type_name));
        let plan =
            core.plan(type_name, configuration, Some(&refreshed)).await.map_err(|refusal| told(&refusal))?;
        if plan.action != Action::NoOp {
            return Err(told(&moving(&plan)));
        }
        let destroyed = core.destroy(&refreshed).await.map_err(|refusal| told(&refusal))?;
        if destroyed.diagnostics.has_errors() || destroyed.state.is_some() {
            return Err(told(&destroyed.diagnostics));
        }
    }
    let left = bench.azure.held();
    if left.is_empty() { Ok(()) } else { Err(format!("seed {seed}: left behind: {left:?}")) }
}

/// Every second of the lives at one pace, the others at the other.
async fn every_second(latency: Latency, first: u64) {
    let mut broken = Vec::new();
    for seed in (first..lives()).step_by(2) {
        broken.extend(live(latency, seed).await.err());
    }
    assert!(broken.is_empty(), "{} of {} fell: {}", broken.len(), lives() / 2, broken.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn a_stack_outlives_every_race_in_an_instant_azure() {
    every_second(Latency::Instant, 0).await;
}

#[tokio::test(start_paused = true)]
async fn a_stack_outlives_every_race_at_azures_own_pace() {
    every_second(Latency::Real { scale: 1.0 }, 1).await;
}

#[tokio::test(start_paused = true)]
async fn what_is_final_is_told_once_and_whole_with_what_to_do() {
    let stack = Stack::example();
    for (status, code, message, advice) in [
        (
            409,
            "StorageAccountAlreadyTaken",
            "The storage account named st is already taken.",
            "choose another",
        ),
        (
            403,
            "RequestDisallowedByPolicy",
            "Resource 'st' was disallowed by policy.",
            "have the assignment exempt",
        ),
        (
            403,
            "AuthorizationFailed",
            "The client does not have authorization.",
            "granted to whoever runs Terraform",
        ),
        (409, "ScopeLocked", "The scope cannot perform write operation.", "Remove the lock"),
        (409, "OperationNotAllowed", "It would exceed the approved quota.", "Ask for more"),
        (400, "SomethingNew", "Nobody has seen this before.", "Nothing is lost"),
    ] {
        let fault = json!({
            "match": { "method": "PUT", "kind": "Microsoft.Storage/storageAccounts" },
            "produce": { "answer": { "status": status, "code": code, "message": message } },
        });
        let bench = Bench::scripted(json!({ "faults": [fault] }), Latency::Instant, 0).await;
        bench.ground(&stack, WORKSPACE).await;
        let applied = bench.apply(WORKSPACE, &stack.workspace, None).await;
        let told = &applied.diagnostics.0;
        assert_eq!(told.len(), 1, "{code}: {told:?}");
        let detail = &told[0].detail;
        let correlation = detail.contains("Correlation id: ");
        assert!(correlation && detail.contains(&format!("{status} {code}: {message}")), "{detail}");
        assert!(detail.contains(advice) && detail.contains("Built so far: "), "{detail}");
        let asked = bench.azure.writes();
        let accounts = asked.iter().filter(|write| write.path.ends_with("/stmlops0001")).count();
        assert_eq!(accounts, 1, "{code} is asked for again");
    }
}
