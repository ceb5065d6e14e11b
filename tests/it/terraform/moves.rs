//! `moved` blocks with Terraform itself: a state that another provider has
//! written, and that provider asked for nothing but its schema.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::bench::{Bench, Exchange, program};

const GROUP: &str = "/subscriptions/5eed0000-0000-4000-8000-000000000001/resourceGroups/rg-moved";

fn configuration(more: &str) -> String {
    format!(
        r#"
        terraform {{
          required_providers {{
            amlsecure = {{ source = "amlsecure/amlsecure" }}
          }}
        }}
        provider "amlsecure" {{
          environment = "simulator"
        }}
        resource "amlsecure_resource_group" "mlops" {{
          name     = "rg-moved"
          location = "eastasia"
        }}
        {more}"#
    )
}

fn moved(from: &str) -> String {
    format!("moved {{\n from = {from}\n to = amlsecure_resource_group.mlops\n }}")
}

/// Terraform wants every provider installed that a state names, and asks it
/// for its schema. These have none of the types that are moved away, which
/// proves that nothing more is needed of them.
fn install_others(bench: &Bench) {
    let mut overrides = String::new();
    for (namespace, name) in [("hashicorp", "azurerm"), ("azure", "azapi")] {
        let folder = bench.path().join(name);
        std::fs::create_dir(&folder).unwrap();
        std::os::unix::fs::symlink(program(), folder.join(format!("terraform-provider-{name}"))).unwrap();
        for registry in ["", "registry.opentofu.org/"] {
            let _ = writeln!(overrides, "    \"{registry}{namespace}/{name}\" = \"{}\"", folder.display());
        }
    }
    let rc = bench.path().join("terraform.rc");
    let text = std::fs::read_to_string(&rc).unwrap();
    std::fs::write(rc, text.replacen("dev_overrides {\n", &format!("dev_overrides {{\n{overrides}"), 1))
        .unwrap();
}

/// A state that holds one object of another provider, and nothing else.
fn hand_over(bench: &Bench, provider: &str, type_name: &str, attributes: &Json) {
    let text = std::fs::read_to_string(bench.path().join("terraform.tfstate")).unwrap();
    let mut state: Json = serde_json::from_str(&text).unwrap();
    state["serial"] = json!(state["serial"].as_u64().unwrap() + 1);
    state["resources"] = json!([{
        "mode": "managed",
        "type": type_name,
        "name": "old",
        "provider": format!("provider[\"registry.terraform.io/{provider}\"]"),
        "instances": [{ "schema_version": 0, "attributes": attributes, "private": "eyJzY2hlbWFfdmVyc2lvbiI6IjAifQ==" }],
    }]);
    std::fs::write(bench.path().join("terraform.tfstate"), state.to_string()).unwrap();
}

#[test]
fn an_object_of_azurerm_or_azapi_is_carried_over_without_a_write() {
    let bench = Bench::new("moved", &configuration(""));
    install_others(&bench);
    bench.apply();
    for (provider, type_name, attributes) in [
        (
            "hashicorp/azurerm",
            "azurerm_resource_group",
            json!({ "id": GROUP, "name": "rg-moved", "location": "eastasia", "managed_by": "", "tags": {}, "timeouts": null }),
        ),
        (
            "azure/azapi",
            "azapi_resource",
            json!({ "id": GROUP, "type": "Microsoft.Resources/resourceGroups@2024-03-01", "name": "rg-moved", "body": {} }),
        ),
    ] {
        hand_over(&bench, provider, type_name, &attributes);
        bench.write(&configuration(&moved(&format!("{type_name}.old"))));
        let work = bench.during(|| {
            let said = bench.refused(&["plan", "-no-color", "-input=false", "-refresh=false"]).flat();
            assert!(said.contains("What was moved has not been refreshed"), "{said}");
            let said = bench.apply();
            assert!(
                said.contains(&format!("{type_name}.old has moved to amlsecure_resource_group.mlops")),
                "{said}"
            );
            assert!(said.contains("0 added, 0 changed, 0 destroyed"), "{said}");
            bench.assert_settled();
        });
        assert!(!work.iter().any(Exchange::is_write), "{work:?}");
        assert_eq!(bench.succeed(&["state", "list"]).trim(), "amlsecure_resource_group.mlops");
    }
}

#[test]
fn an_object_that_is_none_of_its_kind_is_refused() {
    let bench = Bench::new("moved-wrong", &configuration(""));
    install_others(&bench);
    bench.apply();
    let id = format!("{GROUP}/providers/Microsoft.Network/natGateways/nat");
    hand_over(&bench, "hashicorp/azurerm", "azurerm_nat_gateway", &json!({ "id": id }));
    bench.write(&configuration(&moved("azurerm_nat_gateway.old")));
    let said = bench.refused(&["plan", "-no-color", "-input=false"]).flat();
    assert!(
        said.contains("azurerm_nat_gateway from registry.terraform.io/hashicorp/azurerm cannot become"),
        "{said}"
    );
    assert!(said.contains("It takes over azurerm_resource_group of azurerm"), "{said}");
}

/// A network that somebody else has built, as far as Azure tells.
#[test]
fn a_network_of_others_gets_our_marks_and_the_user_is_told_what_came_with_it() {
    let network = r#"
        resource "amlsecure_network" "aml" {
          name                = "vnet-aml"
          resource_group_name = amlsecure_resource_group.mlops.name
          location            = amlsecure_resource_group.mlops.location
          address_space       = ["10.10.0.0/16"]
          subnet {
            name             = "endpoints"
            purpose          = "private_endpoints"
            address_prefixes = ["10.10.0.0/26"]
          }
        }"#;
    let bench = Bench::new("moved-network", &configuration(network));
    install_others(&bench);
    bench.apply();
    let within = |path: &str| format!("{GROUP}/providers/Microsoft.Network/{path}");
    let (id, guard) =
        (within("virtualNetworks/vnet-aml"), within("networkSecurityGroups/nsg-vnet-aml-endpoints"));
    for id in [&id, &guard] {
        let (status, answer) =
            bench.as_stranger("PATCH", &format!("{id}?api-version=2025-01-01"), &json!({ "tags": {} }));
        assert!(status < 300 && answer["tags"] == json!({}), "{status} {answer}");
    }
    // The group's own object stays in the state as it was.
    let before = std::fs::read_to_string(bench.path().join("terraform.tfstate")).unwrap();
    hand_over(
        &bench,
        "hashicorp/azurerm",
        "azurerm_virtual_network",
        &json!({ "id": id, "name": "vnet-aml" }),
    );
    keep(&bench, &before, "amlsecure_resource_group");

    let moved = "moved {\n from = azurerm_virtual_network.old\n to = amlsecure_network.aml\n }";
    bench.write(&configuration(&format!("{network}\n{moved}")));
    let plan = bench.succeed(&["plan", "-no-color", "-input=false"]);
    assert!(plan.contains("Warning: This amlsecure_network stands for more than what was moved"), "{plan}");
    for own in [&format!("{id}/subnets/endpoints"), &guard] {
        assert!(plan.contains(&format!("\n    {own}\n")), "{plan}");
    }
    assert!(plan.contains("Plan: 0 to add, 1 to change, 0 to destroy."), "{plan}");
    let work = bench.during(|| {
        bench.apply();
    });
    let writes: Vec<&Exchange> = work.iter().filter(|exchange| exchange.is_write()).collect();
    assert_eq!(writes.len(), 2, "{writes:?}");
    assert!(writes.iter().all(|write| write.status == 200 && write.method != "DELETE"), "{writes:?}");
    bench.assert_settled();
    bench.destroy();
    assert!(bench.held().is_empty());
}

/// Puts an object of an earlier state beside what the state holds now.
fn keep(bench: &Bench, before: &str, type_name: &str) {
    let path = bench.path().join("terraform.tfstate");
    let before: Json = serde_json::from_str(before).unwrap();
    let mut state: Json = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    let kept = before["resources"].as_array().unwrap().iter().find(|resource| resource["type"] == type_name);
    state["resources"].as_array_mut().unwrap().push(kept.unwrap().clone());
    std::fs::write(path, state.to_string()).unwrap();
}
