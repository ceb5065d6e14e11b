//! The closed stack of the example: planned, applied, changed and destroyed.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::json;

use super::bench::{Bench, example, moving, program, resources, root, said, terraform, tried};

const COMPOSITES: [&str; 5] = [
    "amlsecure_resource_group.mlops",
    "amlsecure_network.aml",
    "amlsecure_private_dns.aml",
    "amlsecure_workspace.mlops",
    "amlsecure_compute_cluster.cpu",
];

fn lower(ids: impl IntoIterator<Item = String>) -> BTreeSet<String> {
    ids.into_iter().map(|id| id.to_ascii_lowercase()).collect()
}

#[test]
fn the_plan_names_what_the_subscription_then_holds_and_destroy_leaves_nothing() {
    let bench = Bench::new("main-job", &example("secure-workspace"));
    let plan = bench.plan();
    let planned = lower(COMPOSITES.iter().flat_map(|address| {
        let (_, after) = resources(&plan, address);
        after.values().map(|entry| entry["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    }));
    assert!(planned.len() >= 50, "{} resources: {planned:#?}", planned.len());

    bench.apply();
    let held = lower(bench.held().into_iter().filter(|held| !held.made_by_azure).map(|held| held.id));
    assert_eq!(planned, held);
    bench.assert_settled();

    // Every node of the plan was written: by itself, or by the PUT of the
    // network that carries its subnets.
    let mut written = BTreeSet::new();
    for exchange in bench.traffic().iter().filter(|exchange| exchange.method == "PUT") {
        written.insert(exchange.path.to_ascii_lowercase());
        for subnet in exchange.request["properties"]["subnets"].as_array().into_iter().flatten() {
            let name = subnet["name"].as_str().unwrap();
            written.insert(format!("{}/subnets/{name}", exchange.path).to_ascii_lowercase());
        }
    }
    let silent: Vec<&String> = planned.difference(&written).collect();
    assert!(silent.is_empty(), "never written: {silent:#?}");

    bench.destroy();
    let left: Vec<String> = bench.held().into_iter().map(|held| held.id).collect();
    assert_eq!(left, Vec::<String>::new());

    // The names that Azure keeps of the deleted do not stand in the way of the
    // same stack.
    bench.apply();
    bench.assert_settled();
}

#[test]
fn an_empty_plan_asks_less_than_once_per_resource() {
    let bench = Bench::new("empty-plan", &example("secure-workspace"));
    bench.apply();
    let nodes = bench.held().iter().filter(|held| !held.made_by_azure).count();
    let asked = bench.during(|| {
        bench.succeed(&["plan", "-input=false", "-no-color", "-detailed-exitcode"]);
    });
    assert!(asked.iter().all(|exchange| !exchange.is_write()));
    let most = nodes * 8 / 10;
    assert!(asked.len() <= most, "{} requests for {nodes} resources", asked.len());
}

/// Applies a change, and gives the writes that it took.
fn writes_of(bench: &Bench, configuration: &str) -> Vec<String> {
    bench.write(configuration);
    let writes = bench.during(|| {
        bench.apply();
    });
    bench.assert_settled();
    writes
        .into_iter()
        .filter(super::bench::Exchange::is_write)
        .map(|exchange| format!("{} {}", exchange.method, exchange.path.rsplit('/').next().unwrap()))
        .collect()
}

#[test]
fn a_changed_line_moves_what_the_plan_says_and_nothing_else() {
    let original = example("secure-workspace");
    let bench = Bench::new("changes", &original);
    bench.apply();

    // A stranger's subnet, rule and tag.
    let group = "/subscriptions/5eed0000-0000-4000-8000-000000000001/resourceGroups/rg-mlops";
    let network = format!("{group}/providers/Microsoft.Network/virtualNetworks/vnet-aml");
    let subnet = json!({ "properties": { "addressPrefixes": ["10.10.9.0/24"] } });
    let version = "?api-version=2025-01-01";
    let (status, answer) = bench.as_stranger("PUT", &format!("{network}/subnets/theirs{version}"), &subnet);
    assert!(status < 300, "{status} {answer}");
    let guard =
        format!("{group}/providers/Microsoft.Network/networkSecurityGroups/nsg-vnet-aml-training{version}");
    let (_, mut body) = bench.as_stranger("GET", &guard, &json!(null));
    let rules = body["properties"]["securityRules"].as_array_mut().unwrap();
    rules.push(json!({ "name": "theirs", "properties": {
        "priority": 500, "direction": "Outbound", "access": "Deny", "protocol": "Tcp",
        "sourceAddressPrefix": "*", "sourcePortRange": "*",
        "destinationAddressPrefix": "Internet", "destinationPortRange": "25",
    }}));
    let rules: Vec<_> = rules
        .iter()
        .map(|rule| {
            let mut properties = rule["properties"].as_object().unwrap().clone();
            properties.remove("provisioningState");
            json!({ "name": rule["name"], "properties": properties })
        })
        .collect();
    let mut tags = body["tags"].clone();
    tags["theirs"] = json!("yes");
    let body =
        json!({ "location": body["location"], "tags": tags, "properties": { "securityRules": rules } });
    let (status, answer) = bench.as_stranger("PUT", &guard, &body);
    assert!(status < 300, "{status} {answer}");
    bench.assert_settled();

    // One more node: one resource, one write.
    let more = original
        .replace("max_node_count                       = 3", "max_node_count                       = 4");
    bench.write(&more);
    assert_eq!(moving(&bench.plan(), "amlsecure_compute_cluster.cpu"), ["cluster"]);
    assert_eq!(writes_of(&bench, &more), ["PUT cpu"]);

    // Legacy mode: one write.
    let legacy = original.replace(
        "image_build_compute_name = \"cpu\"\n",
        "image_build_compute_name = \"cpu\"\n  v1_legacy_mode_enabled   = true\n",
    );
    assert_ne!(legacy, original);
    writes_of(&bench, &original);
    assert_eq!(writes_of(&bench, &legacy), ["PUT mlw-mlops"]);
    writes_of(&bench, &original);

    // Without tables: their endpoint, its names, the zone and its link go, and come back.
    let without = original.replace("\"queue\", \"table\", \"dfs\"", "\"queue\", \"dfs\"");
    bench.write(&without);
    let plan = bench.plan();
    assert_eq!(
        moving(&plan, "amlsecure_workspace.mlops"),
        ["storage/table/endpoint", "storage/table/endpoint/dns"]
    );
    assert_eq!(moving(&plan, "amlsecure_private_dns.aml"), ["table", "table/link/vnet-aml"]);
    let mut went = writes_of(&bench, &without);
    went.sort();
    assert_eq!(
        went,
        [
            "DELETE default",
            "DELETE pe-mlw-mlops-table",
            "DELETE privatelink.table.core.windows.net",
            "DELETE vnet-aml",
        ]
    );
    let mut came = writes_of(&bench, &original);
    came.sort();
    assert_eq!(
        came,
        ["PUT default", "PUT pe-mlw-mlops-table", "PUT privatelink.table.core.windows.net", "PUT vnet-aml"]
    );

    // A reorder of subnets moves nothing in Azure.
    let (head, rest) = original.split_once("  subnet {\n    name             = \"endpoints\"").unwrap();
    let (first, rest) = rest.split_once("  subnet {\n").unwrap();
    let (second, tail) = rest.split_once("  egress {").unwrap();
    let reordered = format!(
        "{head}  subnet {{\n{second}  subnet {{\n    name             = \"endpoints\"{first}  egress {{{tail}"
    );
    assert_eq!(writes_of(&bench, &reordered), Vec::<String>::new());
    writes_of(&bench, &original);

    // Another address space writes the network, and the stranger's things stay.
    let wider = original.replace("[\"10.10.0.0/16\"]", "[\"10.10.0.0/16\", \"10.20.0.0/16\"]");
    assert_eq!(writes_of(&bench, &wider), ["PUT vnet-aml"]);
    // Another compute access writes the group of the training subnet.
    let public = wider.replace("\"no_public_ip\"", "\"public_ip\"");
    assert_eq!(writes_of(&bench, &public), ["PUT nsg-vnet-aml-training"]);
    let (status, _) = bench.as_stranger("GET", &format!("{network}/subnets/theirs{version}"), &json!(null));
    assert_eq!(status, 200);
    let (_, body) = bench.as_stranger("GET", &guard, &json!(null));
    assert_eq!(body["tags"]["theirs"], "yes");
    let names: Vec<_> =
        body["properties"]["securityRules"].as_array().unwrap().iter().map(|r| r["name"].clone()).collect();
    assert!(names.contains(&json!("theirs")) && names.contains(&json!("machine-learning")), "{names:?}");
}

#[test]
fn a_prefix_in_use_is_refused_by_azure_at_the_attribute() {
    let original = example("secure-workspace");
    let bench = Bench::new("prefix-in-use", &original);
    bench.apply();
    bench.write(&original.replace("[\"10.10.0.0/26\"]", "[\"10.10.0.64/26\"]"));
    let said = bench.run(&["apply", "-auto-approve", "-input=false", "-no-color"]);
    assert_ne!(said.code, Some(0));
    assert!(said.err.contains("Azure refused to update the subnet"), "{}", said.err);
    assert!(said.err.contains("address_prefixes = [\"10.10.0.64/26\"]"), "{}", said.err);
    assert!(said.err.contains("Nothing is lost"), "{}", said.err);
    // The state still says what stands.
    bench.write(&original);
    bench.apply();
    bench.assert_settled();
}

#[test]
fn try_does_the_main_job_and_takes_it_down_again() {
    terraform();
    let place = tempfile::tempdir().unwrap();
    let example = root().join("examples/secure-workspace");
    let run = |arguments: &[&str]| tried(place.path(), &example, arguments);
    let first = run(&[]);
    assert_eq!(first.code, Some(0), "{}\n{}", first.out, first.err);
    assert!(first.out.contains("5 composites"), "{}", first.out);
    assert!(first.out.contains("no changes"), "{}", first.out);
    assert!(first.out.contains("workspace_id"), "{}", first.out);
    let plan = run(&["plan"]);
    assert_eq!(plan.code, Some(0), "{}\n{}", plan.out, plan.err);
    let gone = run(&["--destroy"]);
    assert_eq!(gone.code, Some(0), "{}\n{}", gone.out, gone.err);
    assert!(gone.out.contains("soft-deleted"), "{}", gone.out);
    let again = run(&[]);
    assert_eq!(again.code, Some(0), "{}\n{}", again.out, again.err);
}

#[test]
fn try_says_what_is_missing() {
    let place = tempfile::tempdir().unwrap();
    let example = root().join("examples/secure-workspace");
    let output = Command::new(program())
        .arg("try")
        .arg(&example)
        .current_dir(place.path())
        .env("PATH", place.path())
        .env_remove("AMLSECURE_TERRAFORM")
        .output()
        .unwrap();
    assert_ne!(output.status.code(), Some(0));
    let said = said(&output);
    assert!(said.err.contains("Neither terraform nor tofu is on the PATH"), "{}", said.err);
}
