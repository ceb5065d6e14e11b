//! What Terraform makes of a failure, and the ways there are to let go of an
//! object: each does what its user means.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::bench::{Bench, Exchange};

const GROUP: &str = "/subscriptions/5eed0000-0000-4000-8000-000000000001/resourceGroups/rg-flows";
const NETWORK: &str = "amlsecure_network.aml";

const APPLY: [&str; 4] = ["apply", "-auto-approve", "-input=false", "-no-color"];
const PLAN: [&str; 3] = ["plan", "-input=false", "-no-color"];

/// A resource group, whose block also holds `within`.
fn group(within: &str) -> String {
    format!(
        r#"
        terraform {{
          required_providers {{
            amlsecure = {{ source = "amlsecure/amlsecure" }}
          }}
        }}
        provider "amlsecure" {{
          environment = "simulator"
          simulator {{
            faults_file = "faults.json"
          }}
        }}
        resource "amlsecure_resource_group" "mlops" {{
          name     = "rg-flows"
          location = "eastasia"
          {within}
        }}"#
    )
}

/// The group, and in it a network of seven resources, whose block also holds
/// `within`.
fn stack(within: &str) -> String {
    group("")
        + &format!(
            r#"
            resource "amlsecure_network" "aml" {{
              name                = "vnet-aml"
              resource_group_name = amlsecure_resource_group.mlops.name
              location            = amlsecure_resource_group.mlops.location
              address_space       = ["10.10.0.0/16"]
              subnet {{
                name             = "endpoints"
                purpose          = "private_endpoints"
                address_prefixes = ["10.10.0.0/26"]
              }}
              subnet {{
                name             = "training"
                purpose          = "training"
                address_prefixes = ["10.10.1.0/24"]
              }}
              egress {{
                type = "nat_gateway"
              }}
              {within}
            }}"#
        )
}

fn bench(name: &str, configuration: &str, faults: &Json) -> Bench {
    let bench = Bench::new(name, configuration);
    std::fs::write(bench.path().join("faults.json"), json!({ "faults": faults }).to_string()).unwrap();
    bench
}

/// Everything is built, and the plan is empty.
fn whole(name: &str, configuration: &str) -> Bench {
    let bench = bench(name, configuration, &json!([]));
    bench.apply();
    bench
}

/// A policy has refused the virtual network, once: what its subnets need
/// stands, and Terraform calls the object tainted.
fn half_built(name: &str, configuration: &str) -> Bench {
    let bench = bench(
        name,
        configuration,
        &json!([{
            "match": { "method": "PUT", "kind": "Microsoft.Network/virtualNetworks" },
            "times": 1,
            "produce": { "answer": {
                "status": 403, "code": "RequestDisallowedByPolicy", "message": "Not on a Sunday.",
            } },
        }]),
    );
    let said = bench.refused(&APPLY).flat();
    assert!(said.contains("RequestDisallowedByPolicy: Not on a Sunday."), "{said}");
    assert!(said.contains("Built so far: 4 of 7 resources. Nothing is lost"), "{said}");
    let untaint =
        "Where prevent_destroy is set, run terraform untaint amlsecure_network.NAME before that apply";
    assert!(said.contains(untaint), "{said}");
    assert!(bench.succeed(&["show", "-no-color"]).contains("# amlsecure_network.aml: (tainted)"));
    bench
}

/// The ids that somebody made, by their last names.
fn held(bench: &Bench) -> BTreeSet<String> {
    let held = bench.held().into_iter().filter(|held| !held.made_by_azure);
    held.map(|held| held.id.rsplit('/').next().unwrap().to_owned()).collect()
}

fn names<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.map(str::to_owned).into()
}

fn all_of_it() -> BTreeSet<String> {
    names([
        "rg-flows",
        "vnet-aml",
        "endpoints",
        "training",
        "nsg-vnet-aml-endpoints",
        "nsg-vnet-aml-training",
        "nat-vnet-aml",
        "pip-nat-vnet-aml",
    ])
}

/// Nothing that was there has gone, and nothing was made twice, in all that
/// was ever asked.
fn assert_nothing_torn_down(bench: &Bench) {
    let traffic = bench.traffic();
    let deleted: Vec<&Exchange> = traffic.iter().filter(|exchange| exchange.method == "DELETE").collect();
    assert!(deleted.is_empty(), "{deleted:?}");
    let mut made = BTreeSet::new();
    for exchange in traffic.iter().filter(|exchange| exchange.status == 201) {
        assert!(made.insert(exchange.path.to_lowercase()), "{} was made twice", exchange.path);
    }
    assert!(made.len() >= 5, "{made:?}");
}

fn deleted(traffic: &[Exchange]) -> BTreeSet<String> {
    let deleted = traffic.iter().filter(|exchange| exchange.method == "DELETE");
    deleted.map(|exchange| exchange.path.rsplit('/').next().unwrap().to_owned()).collect()
}

/// One plan with a refresh, and it is empty.
fn assert_settled(bench: &Bench) {
    let said = bench.run(&["plan", "-input=false", "-no-color", "-detailed-exitcode"]);
    assert_eq!(said.code, Some(0), "the plan is not empty:\n{}\n{}", said.out, said.err);
}

#[test]
fn a_create_that_failed_part_way_is_continued_by_the_next_apply() {
    let bench = half_built("half-built", &stack(""));
    let before = held(&bench);
    assert_eq!(before.len(), 5);
    let plan = bench.succeed(&PLAN);
    assert!(plan.contains("Warning: Resuming: 4 of 7 resources exist and will be kept"), "{plan}");
    bench.apply();
    assert_eq!(held(&bench), all_of_it());
    assert_nothing_torn_down(&bench);
    assert_settled(&bench);
}

#[test]
fn under_prevent_destroy_a_failed_create_is_continued_after_untaint() {
    let bench = half_built("prevent-destroy", &stack("lifecycle {\n prevent_destroy = true\n }"));
    let said = bench.refused(&APPLY).flat();
    assert!(said.contains("Instance cannot be destroyed"), "{said}");
    bench.succeed(&["untaint", NETWORK]);
    let said = bench.apply();
    assert!(said.contains("Resources: 0 added, 1 changed, 0 destroyed"), "{said}");
    assert_eq!(held(&bench), all_of_it());
    assert_nothing_torn_down(&bench);
    assert_settled(&bench);
}

#[test]
fn a_destroy_of_what_is_half_built_leaves_nothing() {
    let bench = half_built("half-destroyed", &stack(""));
    bench.destroy();
    assert_eq!(held(&bench), names([]));
}

#[test]
fn a_replacement_that_is_asked_for_really_replaces() {
    let bench = whole("replace", &stack(""));
    let everything = all_of_it();
    let network: BTreeSet<String> = everything.iter().filter(|name| *name != "rg-flows").cloned().collect();
    let id = format!("{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet-aml?api-version=2025-01-01");
    let unique = || bench.as_stranger("GET", &id, &json!(null)).1["properties"]["resourceGuid"].clone();
    for by in ["-replace", "taint"] {
        let before = unique();
        let work = bench.during(|| {
            if by == "taint" {
                bench.succeed(&["taint", NETWORK]);
                let plan = bench.succeed(&PLAN);
                assert!(!plan.contains("Resuming"), "{plan}");
                bench.apply();
            } else {
                let replace = format!("-replace={NETWORK}");
                bench.succeed(&[&APPLY[..], &[&replace]].concat());
            }
        });
        // Subnets go with their network.
        let gone: BTreeSet<String> =
            deleted(&work).into_iter().chain(["endpoints", "training"].map(str::to_owned)).collect();
        assert_eq!(gone, network, "{by}");
        assert_ne!(unique(), before, "{by}");
        assert_eq!(held(&bench), everything, "{by}");
    }
    assert_settled(&bench);
}

#[test]
fn an_object_that_is_untainted_again_is_left_alone() {
    let bench = whole("taint-untaint", &stack(""));
    bench.succeed(&["taint", NETWORK]);
    bench.succeed(&["untaint", NETWORK]);
    assert_settled(&bench);
}

#[test]
fn a_block_that_is_taken_out_takes_its_resources_with_it_whole_or_half_built() {
    for bench in [whole("removed", &stack("")), half_built("removed-half", &stack(""))] {
        bench.write(&group(""));
        bench.apply();
        assert_eq!(held(&bench), names(["rg-flows"]));
        assert_settled(&bench);
    }
}

#[test]
fn create_before_destroy_takes_over_what_is_half_built() {
    let bench = half_built("before-half", &stack("lifecycle {\n create_before_destroy = true\n }"));
    bench.apply();
    assert_eq!(held(&bench), all_of_it());
    assert_nothing_torn_down(&bench);
    assert_settled(&bench);
}

#[test]
fn create_before_destroy_of_what_is_whole_is_refused_in_one_error() {
    let bench = whole("before-whole", &stack("lifecycle {\n create_before_destroy = true\n }"));
    let replace = format!("-replace={NETWORK}");
    let work = bench.during(|| {
        let said = bench.refused(&[&APPLY[..], &[&replace]].concat());
        assert_eq!(said.err.matches("Error: ").count(), 1, "{}", said.err);
        let said = said.flat();
        assert!(said.contains("Azure cannot hold the old and the new object under the same names"), "{said}");
    });
    assert!(!work.iter().any(Exchange::is_write), "{work:?}");
    assert_settled(&bench);
}

#[test]
fn a_target_confines_what_is_made_continued_and_destroyed() {
    let bench = half_built("target", &stack(""));
    let target = format!("-target={NETWORK}");
    bench.succeed(&["destroy", "-auto-approve", "-input=false", "-no-color", &target]);
    assert_eq!(held(&bench), names(["rg-flows"]));
    // The policy has struck once and is gone.
    bench.succeed(&[&APPLY[..], &["-target=amlsecure_resource_group.mlops"]].concat());
    assert_eq!(held(&bench), names(["rg-flows"]));
    bench.succeed(&[&APPLY[..], &[&target]].concat());
    assert_eq!(held(&bench), all_of_it());
    assert_settled(&bench);
}

#[test]
fn a_half_built_target_is_continued() {
    let bench = half_built("target-half", &stack(""));
    let target = format!("-target={NETWORK}");
    bench.succeed(&[&APPLY[..], &[&target]].concat());
    assert_eq!(held(&bench), all_of_it());
    assert_nothing_torn_down(&bench);
    assert_settled(&bench);
}

/// The command that an error tells the user to run, with the name of the block
/// put in.
fn told_to_run(said: &str, name: &str) -> Vec<String> {
    let line = said.lines().find(|line| line.trim_start().starts_with("terraform import "));
    let line = line.unwrap_or_else(|| panic!("no command in\n{said}"));
    line.replace("NAME", name).split_whitespace().skip(1).map(str::to_owned).collect()
}

#[test]
fn what_the_state_forgot_is_refused_with_the_command_that_brings_it_back() {
    let bench = whole("forgotten", &stack(""));
    for address in ["amlsecure_resource_group.mlops", NETWORK] {
        bench.succeed(&["state", "rm", address]);
        let work = bench.during(|| {
            let plan = bench.succeed(&PLAN);
            assert!(plan.contains("stands already"), "{plan}");
            let said = bench.refused(&APPLY);
            assert_eq!(said.err.matches("Error: ").count(), 1, "{}", said.err);
            assert!(said.err.contains("is in use by another Terraform object"), "{}", said.err);
            let command = told_to_run(&said.err, address.split('.').nth(1).unwrap());
            let mut command: Vec<&str> = command.iter().map(String::as_str).collect();
            command.insert(1, "-no-color");
            bench.succeed(&command);
            assert_settled(&bench);
        });
        assert!(!work.iter().any(Exchange::is_write), "{work:?}");
    }
}

#[test]
fn what_is_removed_from_the_state_alone_stands_and_can_be_imported_again() {
    let bench = whole("removed", &stack(""));
    let removed =
        format!("\nremoved {{\n  from = {NETWORK}\n  lifecycle {{\n    destroy = false\n  }}\n}}\n");
    bench.write(&(group("") + &removed));
    let work = bench.during(|| {
        let said = bench.apply();
        assert!(said.contains("will no longer be managed by Terraform"), "{said}");
    });
    assert!(!work.iter().any(Exchange::is_write), "{work:?}");
    assert_eq!(bench.succeed(&["state", "list"]).trim(), "amlsecure_resource_group.mlops");
    assert_eq!(held(&bench), all_of_it());
    let id = format!("{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet-aml");
    bench.write(&(stack("") + &format!("\nimport {{\n  to = {NETWORK}\n  id = {id:?}\n}}\n")));
    let work = bench.during(|| {
        bench.apply();
        assert_settled(&bench);
    });
    assert!(!work.iter().any(Exchange::is_write), "{work:?}");
}

#[test]
fn a_provider_that_died_in_the_middle_is_continued_without_a_state() {
    for moment in ["before_effect", "after_effect"] {
        let bench = bench(
            &format!("died-{moment}"),
            &stack(""),
            &json!([{
                "match": { "method": "PUT", "kind": "Microsoft.Network/natGateways" },
                "times": 1,
                "produce": { "end": moment },
            }]),
        );
        bench.refused(&APPLY);
        assert_eq!(bench.succeed(&["state", "list"]).trim(), "amlsecure_resource_group.mlops");
        let before = held(&bench);
        assert_eq!(before.contains("nat-vnet-aml"), moment == "after_effect", "{before:?}");
        let said = bench.apply();
        assert!(said.contains("Resuming: "), "{said}");
        assert_eq!(held(&bench), all_of_it());
        assert_nothing_torn_down(&bench);
        assert_settled(&bench);
    }
}

#[test]
fn a_change_that_is_ignored_is_neither_planned_nor_undone() {
    let bench =
        whole("ignored", &group("tags = { team = \"ours\" }\n lifecycle {\n ignore_changes = [tags]\n }"));
    let id = format!("{GROUP}?api-version=2025-04-01");
    let (_, body) = bench.as_stranger("GET", &id, &json!(null));
    let mut tags = body["tags"].clone();
    tags["team"] = json!("theirs");
    let (status, answer) = bench.as_stranger("PATCH", &id, &json!({ "tags": tags }));
    assert!(status < 300, "{status} {answer}");
    let work = bench.during(|| {
        assert_settled(&bench);
        bench.apply();
        assert_settled(&bench);
    });
    assert!(!work.iter().any(Exchange::is_write), "{work:?}");

    // No longer ignored, it is put back.
    bench.write(&group("tags = { team = \"ours\" }"));
    bench.apply();
    assert_settled(&bench);
    let (_, body) = bench.as_stranger("GET", &id, &json!(null));
    assert_eq!(body["tags"]["team"], "ours");
}

#[test]
fn under_prevent_destroy_drift_is_repaired_and_a_destroy_refused() {
    let bench = whole("prevent-drift", &stack("lifecycle {\n prevent_destroy = true\n }"));
    let subnet = format!(
        "{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet-aml/subnets/training?api-version=2025-01-01"
    );
    let (status, answer) = bench.as_stranger("DELETE", &subnet, &json!(null));
    assert!(status < 300, "{status} {answer}");
    let work = bench.during(|| {
        bench.apply();
    });
    let writes: Vec<&Exchange> = work.iter().filter(|exchange| exchange.is_write()).collect();
    assert!(matches!(&writes[..], [one] if one.path.ends_with("/subnets/training")), "{writes:?}");
    assert_settled(&bench);
    let work = bench.during(|| {
        let said = bench.refused(&["destroy", "-auto-approve", "-input=false", "-no-color"]);
        assert!(said.err.contains("Instance cannot be destroyed"), "{}", said.err);
    });
    assert!(!work.iter().any(Exchange::is_write), "{work:?}");
}
