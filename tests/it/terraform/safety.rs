//! What is not ours stays, and what is ours is not lost.

use serde_json::json;

use super::bench::{Bench, example};

const GROUP: &str = "/subscriptions/5eed0000-0000-4000-8000-000000000001/resourceGroups/rg-mlops";

#[test]
fn a_group_that_holds_a_strangers_resource_is_not_destroyed() {
    let configuration = "
        terraform {
          required_providers {
            amlsecure = { source = \"amlsecure/amlsecure\" }
          }
        }
        provider \"amlsecure\" {
          environment = \"simulator\"
        }
        resource \"amlsecure_resource_group\" \"mlops\" {
          name     = \"rg-mlops\"
          location = \"eastasia\"
        }";
    let bench = Bench::new("stranger-in-group", configuration);
    bench.apply();
    let theirs =
        format!("{GROUP}/providers/Microsoft.Network/publicIPAddresses/theirs?api-version=2025-01-01");
    let body = json!({
        "location": "eastasia",
        "sku": { "name": "Standard" },
        "properties": { "publicIPAllocationMethod": "Static" },
    });
    let (status, answer) = bench.as_stranger("PUT", &theirs, &body);
    assert!(status < 300, "{status} {answer}");
    let said = bench.run(&["destroy", "-auto-approve", "-no-color"]);
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("holds something that is not ours"), "{}", said.err);
    assert!(said.err.replace('\n', "").contains("publicIPAddresses/theirs"), "{}", said.err);
    assert_eq!(bench.held().len(), 2);

    let (status, _) = bench.as_stranger("DELETE", &theirs, &json!(null));
    assert!(status < 300);
    bench.destroy();
    assert!(bench.held().is_empty());
}

#[test]
fn a_network_with_a_strangers_subnet_is_not_destroyed() {
    let bench = Bench::new("stranger-in-network", &example("secure-workspace"));
    bench.apply();
    let theirs = format!(
        "{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet-aml/subnets/theirs?api-version=2025-01-01"
    );
    let (status, answer) =
        bench.as_stranger("PUT", &theirs, &json!({ "properties": { "addressPrefixes": ["10.10.9.0/24"] } }));
    assert!(status < 300, "{status} {answer}");
    let said = bench.run(&["destroy", "-auto-approve", "-no-color"]);
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("The virtual network \"vnet-aml\" holds something"), "{}", said.err);
    let (status, _) = bench.as_stranger("GET", &theirs, &json!(null));
    assert_eq!(status, 200);
    let (status, _) = bench.as_stranger("DELETE", &theirs, &json!(null));
    assert!(status < 300);
    bench.destroy();
    assert!(bench.held().is_empty());
}

#[test]
fn a_stack_changed_by_hand_is_told_and_put_back() {
    let bench = Bench::new("by-hand", &example("secure-workspace"));
    bench.apply();
    let storage =
        format!("{GROUP}/providers/Microsoft.Storage/storageAccounts/stmlops0001?api-version=2026-04-01");
    let opened = json!({ "properties": { "publicNetworkAccess": "Enabled" } });
    let (status, answer) = bench.as_stranger("PATCH", &storage, &opened);
    assert!(status < 300, "{status} {answer}");
    let plan = bench.succeed(&["plan", "-no-color"]);
    assert!(
        plan.contains("drifted: properties.publicNetworkAccess is Enabled, want Disabled\" -> \"in sync\""),
        "{plan}"
    );
    assert!(plan.contains("~ public_network_access_enabled   = true -> false"), "{plan}");
    let writes = bench.during(|| {
        bench.apply();
    });
    let writes: Vec<_> = writes.into_iter().filter(super::bench::Exchange::is_write).collect();
    assert_eq!(writes.len(), 1, "{writes:?}");
    bench.assert_settled();
}
