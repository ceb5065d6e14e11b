//! `terraform import`, `import` blocks and `-generate-config-out`, of every
//! composite from one id.

use std::fmt::Write as _;

use super::bench::{Bench, Exchange, example};

const GROUP: &str = "/subscriptions/5eed0000-0000-4000-8000-000000000001/resourceGroups/rg-mlops";

/// Every composite of the example, and the id that it is imported by.
fn composites() -> [(&'static str, String); 5] {
    let machine_learning =
        format!("{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/mlw-mlops");
    [
        ("amlsecure_resource_group.mlops", GROUP.to_owned()),
        ("amlsecure_network.aml", format!("{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet-aml")),
        ("amlsecure_private_dns.aml", format!("{GROUP}/providers/Microsoft.Network/privateDnsZones")),
        ("amlsecure_workspace.mlops", machine_learning.clone()),
        ("amlsecure_compute_cluster.cpu", format!("{machine_learning}/computes/cpu")),
    ]
}

fn import_blocks() -> String {
    composites().iter().fold(String::new(), |mut text, (address, id)| {
        let _ = write!(text, "\nimport {{\n  to = {address}\n  id = {id:?}\n}}\n");
        text
    })
}

/// A stack whose state is gone.
fn forgotten(name: &str) -> Bench {
    let bench = Bench::new(name, &example("secure-workspace"));
    bench.apply();
    forget(&bench);
    bench
}

fn forget(bench: &Bench) {
    for (address, _) in composites().iter().rev() {
        bench.succeed(&["state", "rm", address]);
    }
}

fn no_writes(bench: &Bench, work: impl FnOnce()) {
    let writes: Vec<_> = bench.during(work).into_iter().filter(Exchange::is_write).collect();
    assert!(writes.is_empty(), "{writes:?}");
}

#[test]
fn a_stack_that_lost_its_state_is_imported_by_command_and_by_block() {
    let bench = forgotten("import");
    no_writes(&bench, || {
        for (address, id) in composites() {
            bench.succeed(&["import", "-no-color", address, &id]);
        }
        bench.assert_settled();
    });

    forget(&bench);
    bench.write(&(example("secure-workspace") + &import_blocks()));
    no_writes(&bench, || {
        let said = bench.apply();
        assert!(said.contains("5 imported, 0 added, 0 changed, 0 destroyed"), "{said}");
        bench.assert_settled();
    });
    bench.destroy();
}

#[test]
fn terraform_writes_a_configuration_that_plans_empty() {
    let bench = forgotten("generate");
    let provider: String = example("secure-workspace").split("\nresource ").next().unwrap().to_owned();
    bench.write(&(provider + &import_blocks()));
    no_writes(&bench, || {
        let said = bench.succeed(&["plan", "-no-color", "-generate-config-out=generated.tf"]);
        assert!(said.contains("5 to import, 0 to add, 0 to change, 0 to destroy"), "{said}");
        bench.apply();
        bench.assert_settled();
    });
    let written = std::fs::read_to_string(bench.path().join("generated.tf")).unwrap();
    assert!(written.contains("purpose") && written.contains("private_dns_zone_ids"), "{written}");
    // What is written names ids and no blocks, so Terraform knows no order: the group is told to wait.
    let said = bench.refused(&["destroy", "-auto-approve", "-input=false", "-no-color"]);
    assert!(said.err.contains("still holds something of another composite"), "{}", said.err);
    bench.destroy();
}
