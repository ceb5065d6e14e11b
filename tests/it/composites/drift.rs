//! What changes behind our back: seen by a refresh, shown by the plan, mended
//! by a write to that resource alone.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use amlsecure::schema::Value;
use http::Method;
use serde_json::{Value as Json, json};

use super::golden::hold;
use super::harness::*;

/// A stack of the example, and what each composite recorded.
async fn stood() -> (Bench, Stack, BTreeMap<&'static str, State>) {
    let bench = Bench::new().await;
    let stack = Stack::example();
    let states = bench.build(&stack).await;
    (bench, stack, states)
}

/// A key with what a refresh or a plan says of it.
fn lines(mark: char, statuses: &BTreeMap<String, String>, before: &BTreeMap<String, String>) -> String {
    let changed = statuses.iter().filter(|(key, status)| before.get(*key) != Some(status));
    changed.map(|(key, status)| format!("  {mark} {key}: {status}\n")).collect::<Vec<_>>().concat()
}

#[tokio::test(start_paused = true)]
async fn a_resource_that_was_deleted_is_missing_and_made_again_with_what_is_bound_to_it() {
    let (bench, stack, mut states) = stood().await;
    let mut text = String::new();
    for (type_name, arguments) in stack.composites().into_iter().skip(1) {
        let mut state = states.remove(type_name).unwrap();
        for (key, id) in ids(&state.value) {
            writeln!(text, "{key}").unwrap();
            if !bench.azure.delete(&id) {
                text.push_str("  in use: Azure deletes it for nobody\n");
                continue;
            }
            let whole = statuses(&state.value);
            let Some(refreshed) = bench.core.refresh(&state).await.unwrap() else {
                text.push_str("  nothing is left\n");
                state = bench.converge(type_name, arguments, None).await;
                continue;
            };
            let seen = statuses(&refreshed.value);
            assert_eq!(seen[&key], "missing", "{type_name}");
            text.push_str(&lines('~', &seen, &whole));
            let plan = bench.plan(type_name, arguments, Some(&refreshed)).await;
            assert_eq!(plan.action, Action::Update, "{type_name} {key}");
            let back: Vec<String> =
                seen.iter().filter(|(_, s)| *s == "missing").map(|(key, _)| key.clone()).collect();
            assert!(back.iter().all(|key| statuses(&plan.planned)[key] == "in sync"), "{type_name} {key}");
            let mut planned = statuses(&plan.planned);
            planned.retain(|key, _| !back.contains(key));
            text.push_str(&lines('+', &planned, &seen));

            bench.azure.writes();
            state = bench.converge(type_name, arguments, Some(&refreshed)).await;
            for write in bench.azure.written() {
                writeln!(text, "  > {write}").unwrap();
            }
        }
    }
    hold("deleted.txt", &text);
}

/// A property of each kind that somebody may change in the portal: the
/// composite, the key, where and to what.
fn changes() -> Vec<(&'static str, &'static str, &'static str, Json)> {
    vec![
        (
            NETWORK,
            "network",
            "/properties/addressSpace/addressPrefixes",
            json!(["10.10.0.0/16", "10.30.0.0/16"]),
        ),
        (NETWORK, "network", "/properties/dhcpOptions", json!({ "dnsServers": ["10.10.0.9"] })),
        (NETWORK, "subnet/endpoints", "/properties/defaultOutboundAccess", json!(true)),
        (NETWORK, "subnet/endpoints", "/properties/privateEndpointNetworkPolicies", json!("Enabled")),
        (NETWORK, "subnet/training", "/properties/natGateway", Json::Null),
        (NETWORK, "nsg/training", "/properties/securityRules/0/properties/access", json!("Deny")),
        (DNS, "blob/link/vnet-aml", "/properties/registrationEnabled", json!(true)),
        (WORKSPACE, "storage", "/properties/publicNetworkAccess", json!("Enabled")),
        (WORKSPACE, "storage", "/properties/networkAcls/defaultAction", json!("Allow")),
        (WORKSPACE, "storage", "/sku/name", json!("Standard_ZRS")),
        (WORKSPACE, "key_vault", "/properties/publicNetworkAccess", json!("Enabled")),
        (WORKSPACE, "container_registry", "/properties/adminUserEnabled", json!(true)),
        (WORKSPACE, "log_analytics", "/properties/retentionInDays", json!(60)),
        (WORKSPACE, "workspace", "/properties/publicNetworkAccess", json!("Enabled")),
        (WORKSPACE, "workspace", "/properties/friendlyName", json!("Somebody's")),
        (CLUSTER, "cluster", "/properties/properties/scaleSettings/maxNodeCount", json!(9)),
        (WORKSPACE, "storage", "/tags/team", json!("others")),
    ]
}

/// Every scalar of a value by its dotted path, those of `resources` left out.
fn leaves(value: &Value, at: &str, found: &mut BTreeMap<String, String>) {
    let below = |name: &str| if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") };
    match value {
        Value::Map(members) => {
            for (name, member) in members.iter().filter(|(name, _)| *name != "resources") {
                leaves(member, &below(name), found);
            }
        }
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                leaves(item, &below(&index.to_string()), found);
            }
        }
        leaf => {
            let number = || leaf.as_number().map(ToString::to_string);
            let text =
                leaf.as_str().map(str::to_owned).or_else(number).unwrap_or_else(|| format!("{leaf:?}"));
            found.insert(at.to_owned(), text);
        }
    }
}

/// The arguments that a refresh shows as changed.
fn arguments_that_differ(before: &Value, after: &Value) -> String {
    let (mut was, mut is) = (BTreeMap::new(), BTreeMap::new());
    leaves(before, "", &mut was);
    leaves(after, "", &mut is);
    let changed = is.iter().filter(|(path, leaf)| was.get(*path) != Some(leaf));
    changed.map(|(path, leaf)| format!("  = {path}: {leaf}\n")).collect::<Vec<_>>().concat()
}

#[tokio::test(start_paused = true)]
async fn a_changed_property_is_seen_shown_and_mended_alone() {
    let (bench, stack, mut states) = stood().await;
    let mut text = String::new();
    for (type_name, key, pointer, value) in changes() {
        let state = states.remove(type_name).unwrap();
        writeln!(text, "{key} {pointer} -> {value}").unwrap();
        let id = ids(&state.value)[key].clone();
        bench.azure.change(&id, |body| {
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            match (body.pointer_mut(parent).unwrap(), name.parse::<usize>()) {
                (Json::Array(items), Ok(at)) => items[at] = value.clone(),
                (members, _) => members[name] = value.clone(),
            }
        });
        let refreshed = bench.refresh(&state).await;
        let seen = statuses(&refreshed.value);
        assert!(seen[key].starts_with("drifted: "), "{key} {pointer}: {}", seen[key]);
        text.push_str(&lines('~', &seen, &statuses(&state.value)));
        text.push_str(&arguments_that_differ(&state.value, &refreshed.value));
        let plan = bench.plan(type_name, stack.of(type_name), Some(&refreshed)).await;
        assert_eq!((plan.action, moving(&plan)), (Action::Update, vec![key.to_owned()]), "{key} {pointer}");
        bench.azure.writes();
        let state = bench.converge(type_name, stack.of(type_name), Some(&refreshed)).await;
        let written = bench.azure.written();
        assert_eq!(written.len(), 1, "{key} {pointer}: {written:?}");
        writeln!(text, "  > {}", written[0]).unwrap();
        states.insert(type_name, state);
    }
    hold("drifted.txt", &text);
}

#[tokio::test(start_paused = true)]
async fn marks_that_somebody_took_off_are_put_back() {
    let (bench, stack, mut states) = stood().await;
    for (type_name, arguments) in stack.composites() {
        let mut state = states.remove(type_name).unwrap();
        for (key, id) in ids(&state.value) {
            if bench.azure.get(&id)["tags"].is_null() {
                continue;
            }
            let before = bench.azure.get(&id)["tags"].clone();
            bench.azure.change(&id, |body| {
                body["tags"].as_object_mut().unwrap().retain(|name, _| !name.starts_with("amlsecure-"));
            });
            let refreshed = bench.refresh(&state).await;
            assert!(statuses(&refreshed.value)[&key].starts_with("drifted: tags."), "{type_name} {key}");
            bench.azure.writes();
            state = bench.converge(type_name, arguments, Some(&refreshed)).await;
            assert_eq!(bench.azure.written().len(), 1, "{type_name} {key}");
            assert_eq!(bench.azure.get(&id)["tags"], before, "{type_name} {key}");
        }
    }
}

/// Somebody else's mark is never overwritten.
#[tokio::test(start_paused = true)]
async fn a_resource_that_another_took_over_is_left_to_them() {
    let (bench, stack, states) = stood().await;
    let state = &states[NETWORK];
    let id = ids(&state.value)["nat_gateway"].clone();
    bench.azure.change(&id, |body| body["tags"]["amlsecure-owner"] = json!("amlsecure_network:somebody"));
    let refreshed = bench.refresh(state).await;
    assert_eq!(
        statuses(&refreshed.value)["nat_gateway"],
        "drifted: it now belongs to amlsecure_network:somebody"
    );
    bench.azure.writes();
    let applied = bench.apply(NETWORK, &stack.network, Some(&refreshed)).await;
    assert!(said(&applied.diagnostics)[0].contains("belongs to another owner"), "{:?}", applied.diagnostics);
    assert_eq!(bench.azure.written(), [""; 0]);
}

/// A read that fails is no answer: the state stays as it was.
#[tokio::test(start_paused = true)]
async fn a_resource_that_cannot_be_read_is_an_error_and_no_drift() {
    let (bench, _, states) = stood().await;
    let id = ids(&states[CLUSTER].value)["cluster"].clone();
    bench.azure.refuse(Method::GET, &id, usize::MAX);
    let refusal = bench.core.refresh(&states[CLUSTER]).await.unwrap_err();
    let Refusal::Provider(diagnostics) = refusal else { panic!("{refusal:?}") };
    assert_eq!(said(&diagnostics), ["name: The compute \"cluster\" could not be read"]);
    assert!(diagnostics.0[0].detail.contains("RequestDisallowedByPolicy"), "{}", diagnostics.0[0].detail);
}

/// `terraform apply -refresh-only` keeps what a refresh found, and the next
/// one compares with that.
#[tokio::test(start_paused = true)]
async fn drift_that_was_kept_in_the_state_is_mended_all_the_same() {
    let (bench, stack, states) = stood().await;
    let id = ids(&states[WORKSPACE].value)["storage"].clone();
    bench.azure.change(&id, |body| {
        body["properties"]["publicNetworkAccess"] = json!("Enabled");
        body["sku"]["name"] = json!("Standard_ZRS");
    });
    let once = bench.refresh(&states[WORKSPACE]).await;
    let twice = bench.refresh(&once).await;
    assert_eq!(statuses(&twice.value)["storage"], "drifted: sku.name is Standard_ZRS, want Standard_LRS");
    let plan = bench.plan(WORKSPACE, &stack.workspace, Some(&twice)).await;
    assert_eq!(moving(&plan), ["storage"]);
    bench.azure.writes();
    bench.converge(WORKSPACE, &stack.workspace, Some(&twice)).await;
    let storage = bench.azure.get(&id);
    assert_eq!(storage["properties"]["publicNetworkAccess"], "Disabled");
    assert_eq!(storage["sku"]["name"], "Standard_LRS");
}
