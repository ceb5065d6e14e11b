//! Bad input is an error at its attribute, before anything is written.

use super::bench::{Bench, example};

/// A change of the example that must be refused: what is replaced by what,
/// and what the error says, the line of the attribute included.
struct Refusal {
    what: &'static str,
    from: &'static str,
    to: &'static str,
    says: &'static [&'static str],
}

const REFUSALS: [Refusal; 14] = [
    Refusal {
        what: "a malformed id",
        from: "virtual_network_ids = [amlsecure_network.aml.id]",
        to: "virtual_network_ids = [\"vnet-aml\"]",
        says: &["This is not the id of a virtual network", "virtual_network_ids"],
    },
    Refusal {
        what: "the id of another kind",
        from: "subnet_id            = amlsecure_network.aml.subnet_ids[\"endpoints\"]",
        to: "subnet_id            = amlsecure_network.aml.id",
        says: &["This is not the id of a subnet", "subnet_id"],
    },
    Refusal {
        what: "a storage account name of 25 characters",
        from: "name = \"stmlops0001\"",
        to: "name = \"stmlops000100000000000025\"",
        says: &["cannot name a storage account", "name = \"stmlops000100000000000025\""],
    },
    Refusal {
        what: "a CIDR outside the address space",
        from: "[\"10.10.1.0/24\"]",
        to: "[\"10.11.1.0/24\"]",
        says: &["10.11.1.0/24 lies outside the network", "address_prefixes = [\"10.11.1.0/24\"]"],
    },
    Refusal {
        what: "overlapping subnets",
        from: "[\"10.10.1.0/24\"]",
        to: "[\"10.10.0.0/24\"]",
        says: &["10.10.0.0/24 overlaps 10.10.0.0/26", "address_prefixes = [\"10.10.0.0/24\"]"],
    },
    Refusal {
        what: "a subnet of /30",
        from: "[\"10.10.1.0/24\"]",
        to: "[\"10.10.1.0/30\"]",
        says: &["10.10.1.0/30 is too small for a subnet", "address_prefixes = [\"10.10.1.0/30\"]"],
    },
    Refusal {
        what: "an unknown purpose",
        from: "purpose          = \"training\"",
        to: "purpose          = \"trainings\"",
        says: &["\"trainings\" is not one of the values", "purpose          = \"trainings\""],
    },
    Refusal {
        what: "min above max nodes",
        from: "min_node_count                       = 0",
        to: "min_node_count                       = 9",
        says: &["fewest nodes are more than its most", "min_node_count                       = 9"],
    },
    Refusal {
        what: "a misspelt duration",
        from: "\"PT30S\"",
        to: "\"P30S\"",
        says: &["\"P30S\" is not a duration", "scale_down_nodes_after_idle_duration = \"P30S\""],
    },
    Refusal {
        what: "a Basic registry with private access",
        from: "name = \"crmlops0001\"",
        to: "name = \"crmlops0001\"\n    sku  = \"Basic\"",
        says: &["A Basic registry cannot be private", "sku  = \"Basic\""],
    },
    Refusal {
        what: "a zone missing for a chosen service",
        from: "private_dns_zone_ids = amlsecure_private_dns.aml.zone_ids",
        to: "private_dns_zone_ids = { for s, ids in amlsecure_private_dns.aml.zone_ids : s => ids if s != \"dfs\" }",
        says: &["No private DNS zone is given for \"dfs\"", "private_dns_zone_ids"],
    },
    Refusal {
        what: "an empty subscription",
        from: "environment = \"simulator\"",
        to: "environment     = \"simulator\"\n  subscription_id = \"\"",
        says: &["subscription_id is not a GUID", "subscription_id = \"\""],
    },
    Refusal {
        what: "a tag of ours",
        from: "team = \"mlops\"",
        to: "amlsecure-owner = \"me\"",
        says: &["The tag \"amlsecure-owner\" belongs to the provider", "amlsecure-owner = \"me\""],
    },
    Refusal {
        what: "a name for a resource that is not there",
        from: "image_build_compute_name = \"cpu\"",
        to: "image_build_compute_name = \"cpu\"\n  names = { \"storage/web/endpoint\" = \"pe-web\" }",
        says: &["There is no Azure resource \"storage/web/endpoint\"", "names"],
    },
];

#[test]
fn bad_input_is_an_error_at_its_attribute_before_any_write() {
    let original = example("secure-workspace");
    let bench = Bench::new("refusals", &original);
    for refusal in &REFUSALS {
        let changed = original.replacen(refusal.from, refusal.to, 1);
        assert_ne!(changed, original, "{}", refusal.what);
        bench.write(&changed);
        let said = bench.run(&["plan", "-input=false", "-no-color"]);
        let told = format!("{}{}", said.out, said.err);
        assert_eq!(said.code, Some(1), "{}: {told}", refusal.what);
        for text in refusal.says {
            assert!(told.contains(text), "{}: no {text:?} in\n{told}", refusal.what);
        }
    }
    let writes: Vec<_> = bench.traffic().into_iter().filter(super::bench::Exchange::is_write).collect();
    assert!(writes.is_empty(), "{writes:?}");
}

#[test]
fn without_credentials_one_error_names_every_way_to_sign_in() {
    let configuration = example("secure-workspace").replace(
        "environment = \"simulator\"",
        "use_cli         = false\n  subscription_id = \"11111111-2222-3333-4444-555555555555\"",
    );
    let bench = Bench::new("no-credentials", &configuration);
    let said = bench.run(&["plan", "-input=false", "-no-color"]);
    assert_eq!(said.code, Some(1));
    let told = format!("{}{}", said.out, said.err);
    assert_eq!(told.matches("Error: ").count(), 1, "{told}");
    for way in [
        "client certificate",
        "client secret",
        "federated token",
        "service connection",
        "GitHub workflow",
        "workload identity",
        "managed identity",
        "Azure CLI",
        "ARM_CLIENT_SECRET",
    ] {
        assert!(told.replace('\n', " ").contains(way), "no {way:?} in\n{told}");
    }
}

#[test]
fn a_metadata_host_from_the_environment_alone_gets_no_token() {
    let configuration = example("secure-workspace")
        .replace("environment = \"simulator\"", "subscription_id = \"11111111-2222-3333-4444-555555555555\"");
    let bench = Bench::new("metadata-host", &configuration);
    let mut command = bench.command(&["plan", "-input=false", "-no-color"]);
    let output = command.env("ARM_METADATA_HOSTNAME", "localhost:1").output().unwrap();
    let said = super::bench::said(&output);
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("ARM_METADATA_HOSTNAME alone does not choose a cloud"), "{}", said.err);
}
