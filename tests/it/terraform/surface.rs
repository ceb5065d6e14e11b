//! What Terraform itself says of the provider: nothing but what it should.

use std::process::Command;

use serde_json::Value as Json;

use super::bench::{Bench, example, root, terraform};

#[test]
fn every_example_is_formatted_and_valid() {
    let said = Command::new(terraform())
        .args(["fmt", "-check", "-recursive", "-list=true"])
        .arg(root().join("examples"))
        .env("CHECKPOINT_DISABLE", "1")
        .output()
        .unwrap();
    assert!(said.status.success(), "not formatted: {}", String::from_utf8_lossy(&said.stdout));
    let bench = Bench::new("validate", &example("secure-workspace"));
    let answer: Json = serde_json::from_str(&bench.succeed(&["validate", "-json"])).unwrap();
    assert_eq!(answer["error_count"], 0, "{answer:#}");
}

fn is_of_a_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The examples of the reference pages stand alone or lean on each other's
/// names; together they are one valid configuration.
#[test]
fn the_examples_of_the_pages_are_valid_together() {
    let mut configuration = std::fs::read_to_string(root().join("examples/provider/provider.tf")).unwrap();
    for (folder, file) in
        [("resources", "resource.tf"), ("data-sources", "data-source.tf"), ("functions", "function.tf")]
    {
        for entry in std::fs::read_dir(root().join("examples").join(folder)).unwrap() {
            configuration += &std::fs::read_to_string(entry.unwrap().path().join(file)).unwrap();
        }
    }
    // What a page takes from elsewhere are variables, which it does not declare.
    let mut variables: Vec<_> = configuration
        .split("var.")
        .skip(1)
        .filter_map(|rest| rest.split(|c: char| !is_of_a_name(c)).next())
        .collect();
    variables.sort_unstable();
    variables.dedup();
    let declared: String = variables.iter().map(|name| ["variable \"", name, "\" {}\n"].concat()).collect();
    let bench = Bench::new("pages", &(configuration.clone() + &declared));
    let answer: Json = serde_json::from_str(&bench.run(&["validate", "-json"]).out).unwrap();
    assert_eq!(answer["error_count"], 0, "{answer:#}");
}

#[test]
fn the_machine_readable_outputs_are_whole() {
    let bench = Bench::new("json", &example("secure-workspace"));
    let schema: Json = serde_json::from_str(&bench.succeed(&["providers", "schema", "-json"])).unwrap();
    let providers = schema["provider_schemas"].as_object().unwrap();
    let ours = providers.values().next().unwrap();
    assert_eq!(ours["resource_schemas"].as_object().unwrap().len(), amlsecure::resources::ALL.len());
    assert!(ours["functions"]["subnet_capacity"].is_object());
    for line in bench.succeed(&["plan", "-json", "-input=false"]).lines() {
        let event: Json = serde_json::from_str(line).unwrap();
        assert_ne!(event["@level"], "error", "{event:#}");
    }
    bench.apply();
    let state: Json = serde_json::from_str(&bench.succeed(&["show", "-json"])).unwrap();
    let resources = state["values"]["root_module"]["resources"].as_array().unwrap();
    assert_eq!(resources.len(), 5);
    assert!(resources.iter().all(|resource| resource["values"]["ready"] == true), "{state:#}");
}

#[test]
fn a_workspace_that_exists_is_read_as_data() {
    let configuration = example("secure-workspace")
        + "data \"amlsecure_workspace\" \"there\" {
             name                = amlsecure_workspace.mlops.name
             resource_group_name = amlsecure_resource_group.mlops.name
             depends_on          = [amlsecure_workspace.mlops]
           }
           output \"there\" {
             value = data.amlsecure_workspace.there
           }";
    let bench = Bench::new("data", &configuration);
    bench.apply();
    let there: Json = serde_json::from_str(&bench.succeed(&["output", "-json", "there"])).unwrap();
    assert_eq!(there["location"], "eastasia");
    assert_eq!(there["discovery_url"], "https://eastasia.api.azureml.ms/discovery");
    assert!(there["storage_account_id"].as_str().unwrap().ends_with("/stmlops0001"), "{there:#}");
    bench.assert_settled();
    bench.write(
        &configuration
            .replace("name                = amlsecure_workspace.mlops.name", "name = \"not-there\""),
    );
    let said = bench.run(&["plan", "-no-color"]);
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("There is no such machine learning workspace"), "{}", said.err);
    assert!(said.err.contains("name = \"not-there\""), "{}", said.err);
}

#[test]
fn a_function_refuses_at_its_argument() {
    for range in ["10.0.0.0/30", "fd00::/64", "nonsense"] {
        let configuration = example("secure-workspace")
            .replace("subnet_capacity(\"10.10.1.0/24\")", &format!("subnet_capacity({range:?})"));
        let bench = Bench::new("function", &configuration);
        let said = bench.run(&["validate", "-no-color"]);
        assert_eq!(said.code, Some(1), "{range}");
        assert!(said.err.contains("Invalid value for \"cidr\" parameter"), "{}", said.err);
    }
}

#[test]
fn terraforms_log_has_no_complaint_and_no_secret() {
    const CANARY: &str = "canary-9f3b1c-secret";
    let bench = Bench::new("log", &example("secure-workspace"));
    for arguments in [&["plan", "-no-color", "-out=plan.bin"][..], &["apply", "-no-color", "plan.bin"]] {
        let log = bench.path().join("terraform.log");
        let output = bench
            .command(arguments)
            .env("TF_LOG", "TRACE")
            .env("TF_LOG_PATH", &log)
            .env("ARM_CLIENT_SECRET", CANARY)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let log = std::fs::read_to_string(bench.path().join("terraform.log")).unwrap();
    assert!(log.contains("amlsecure") && log.contains("[TRACE]"), "the log is not a trace");
    let complaints: Vec<&str> = log
        .lines()
        .filter(|line| (line.contains("[WARN]") || line.contains("[ERROR]")) && line.contains("amlsecure"))
        // Terraform says this of every provider that is not installed from a registry.
        .filter(|line| !line.contains("development override") && !line.contains("dev_overrides"))
        .collect();
    assert!(complaints.is_empty(), "{complaints:#?}");
    assert!(!log.contains(CANARY), "the log tells the secret");
    let state = std::fs::read_to_string(bench.path().join("terraform.tfstate")).unwrap();
    assert!(!state.contains(CANARY), "the state tells the secret");
    let shown = bench.succeed(&["show", "-json", "plan.bin"]);
    assert!(shown.contains("resource_changes") && !shown.contains(CANARY), "the plan tells the secret");
}
