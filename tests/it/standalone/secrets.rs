//! Nothing that is signed in with, and no key that Azure holds, is told to
//! anybody: not in a log at its most talkative, a plan, a state, a progress
//! file, a recording or an error.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::*;
use crate::terraform::bench::{Bench, example, said};

/// A secret of somebody else, to be refused with.
const WRONG: &str = "canary-of-a-wrong-secret-0123456789";

/// What a run is signed in with.
type Variables<'a> = Vec<(&'a str, &'a str)>;

/// The files that a run leaves, and what its commands say, one text each.
struct Run<'a> {
    simulator: &'a Standalone,
    bench: Bench,
    environment: BTreeMap<String, String>,
    texts: Vec<(String, String)>,
}

impl<'a> Run<'a> {
    fn new(simulator: &'a Standalone, name: &str, configuration: &str, variables: &[(&str, &str)]) -> Self {
        let configuration = simulator.pointed(configuration, "\n  progress_file = \"progress.ndjson\"");
        let mut environment = simulator.variables();
        environment.extend(variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        Self { simulator, bench: Bench::new(name, &configuration), environment, texts: Vec::new() }
    }

    /// Runs a command that logs all it can, and gives its exit code.
    fn terraform(&mut self, arguments: &[&str]) -> Option<i32> {
        let log = self.bench.path().join(format!("{}.log", arguments[0]));
        let mut command = self.bench.command(arguments);
        command
            .envs(&self.environment)
            .env("TF_LOG", "TRACE")
            .env("TF_LOG_PROVIDER", "TRACE")
            .env("TF_LOG_PATH", &log);
        let said = said(&command.output().unwrap());
        self.texts.push((format!("terraform {arguments:?}"), said.out + &said.err));
        said.code
    }

    /// That no text and no file of the run holds a canary, or a token of any kind.
    fn assert_silent(mut self, canaries: &[&str], never_empty: &[&str]) {
        for entry in std::fs::read_dir(self.bench.path()).unwrap() {
            let path = entry.unwrap().path();
            // Terraform keeps a plan zipped; its JSON is among the texts.
            if path.is_file() && path.extension().is_none_or(|extension| extension != "bin") {
                let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
                self.texts.push((path.file_name().unwrap().to_string_lossy().into_owned(), text));
            }
        }
        for name in never_empty {
            assert!(
                self.texts.iter().any(|(file, text)| file == name && !text.is_empty()),
                "there is no {name}"
            );
        }
        let (_, log) = self.texts.iter().find(|(name, _)| name == "apply.log").unwrap();
        assert!(log.contains("provider.arm") || log.contains("sdk.proto"), "the provider logs all it can");
        let token = self.simulator.token();
        // The header of every token that this authority signs.
        let header = token.split('.').next().unwrap();
        for (name, text) in &self.texts {
            for canary in canaries.iter().chain([&header]) {
                let at = text.find(canary);
                assert_eq!(
                    at,
                    None,
                    "{name} tells {canary}: {:?}",
                    at.map(|at| &text[at.saturating_sub(300)..at])
                );
            }
        }
    }
}

/// The smallest thing that is signed in for.
const GROUP: &str = r#"
terraform {
  required_providers {
    amlsecure = {
      source = "amlsecure/amlsecure"
    }
  }
}

provider "amlsecure" {
  environment = "simulator" # remove this line to build it in Azure
}

resource "amlsecure_resource_group" "mlops" {
  name     = "rg-mlops"
  location = "eastasia"
}
"#;

#[test]
fn the_whole_stack_is_built_and_no_secret_of_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let record = folder.path().join("requests.ndjson");
    let simulator = Standalone::start(&["--strict", "--record", record.to_str().unwrap()]);
    let secret = simulator.says("client_secret").to_owned();
    let mut run = Run::new(
        &simulator,
        "secrets-stack",
        &example("secure-workspace"),
        &[("ARM_CLIENT_SECRET", &secret)],
    );
    assert_eq!(
        run.terraform(&["plan", "-input=false", "-no-color", "-out=plan.bin"]),
        Some(0),
        "{:?}",
        run.texts
    );
    assert_eq!(run.terraform(&["show", "-json", "plan.bin"]), Some(0));
    assert_eq!(run.terraform(&["apply", "-input=false", "-no-color", "plan.bin"]), Some(0));
    assert_eq!(run.terraform(&["output", "-json"]), Some(0));

    // What Azure holds, and would tell who asks.
    let token = simulator.token();
    let subscription = simulator.says("subscription_id");
    let providers = format!("/subscriptions/{subscription}/resourceGroups/rg-mlops/providers");
    let account = format!("{providers}/Microsoft.Storage/storageAccounts/stmlops0001");
    let keys =
        simulator.arm("POST", &format!("{account}/listKeys?api-version=2025-08-01"), &token, &json!({})).body;
    let mut canaries: Vec<String> = keys["keys"]
        .as_array()
        .unwrap_or_else(|| panic!("{keys}"))
        .iter()
        .map(|key| key["value"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(canaries.len(), 2);
    canaries.push(secret);
    let canaries: Vec<&str> = canaries.iter().map(String::as_str).collect();
    assert_eq!(run.terraform(&["destroy", "-auto-approve", "-input=false", "-no-color"]), Some(0));
    let requests = std::fs::read_to_string(&record).unwrap();
    let asked = |word: &str| requests.lines().filter(|line| line.contains(word)).count();
    assert!(asked("Microsoft.Storage") > 0 && asked("listKeys") == 1, "nobody but this test asks for keys");
    assert!(
        !requests.contains(canaries[2]) && !requests.contains(&token),
        "the recording tells who signs in"
    );
    run.assert_silent(&canaries, &["apply.log", "plan.log", "terraform.tfstate.backup", "progress.ndjson"]);
}

#[test]
fn no_way_to_sign_in_tells_what_it_signs_in_with() {
    let simulator = Standalone::start(&["--strict"]);
    let says = |name: &str| simulator.says(name).to_owned();
    let pfx = STANDARD.encode(std::fs::read(says("client_certificate_path")).unwrap());
    let (password, assertion, workflow) =
        (says("client_certificate_password"), says("oidc_token"), says("oidc_request_token"));
    let url = says("oidc_request_url");
    let ways: [(&str, Variables<'_>, &[&str]); 3] = [
        (
            "certificate",
            vec![("ARM_CLIENT_CERTIFICATE", &pfx), ("ARM_CLIENT_CERTIFICATE_PASSWORD", &password)],
            // The password of the simulator's certificate is a word that stands everywhere.
            &[&pfx],
        ),
        ("federated", vec![("ARM_USE_OIDC", "true"), ("ARM_OIDC_TOKEN", &assertion)], &[&assertion]),
        (
            "workflow",
            vec![
                ("ARM_USE_OIDC", "true"),
                ("ARM_OIDC_REQUEST_URL", &url),
                ("ARM_OIDC_REQUEST_TOKEN", &workflow),
            ],
            &[&workflow],
        ),
    ];
    for (way, variables, canaries) in ways {
        let mut run = Run::new(&simulator, &format!("secrets-{way}"), GROUP, &variables);
        assert_eq!(
            run.terraform(&["apply", "-auto-approve", "-no-color"]),
            Some(0),
            "{way}: {:?}",
            run.texts
        );
        assert_eq!(run.terraform(&["destroy", "-auto-approve", "-no-color"]), Some(0), "{way}");
        run.assert_silent(canaries, &["apply.log", "progress.ndjson"]);
    }
}

#[test]
fn a_sign_in_that_is_refused_does_not_say_with_what() {
    let simulator = Standalone::start(&[]);
    let certificate = simulator.says("client_certificate_path").to_owned();
    let ways: [(&str, Variables<'_>); 4] = [
        ("wrong-secret", vec![("ARM_CLIENT_SECRET", WRONG)]),
        (
            "wrong-password",
            vec![("ARM_CLIENT_CERTIFICATE_PATH", &certificate), ("ARM_CLIENT_CERTIFICATE_PASSWORD", WRONG)],
        ),
        ("wrong-certificate", vec![("ARM_CLIENT_CERTIFICATE", WRONG)]),
        ("wrong-token", vec![("ARM_USE_OIDC", "true"), ("ARM_OIDC_TOKEN", WRONG)]),
    ];
    for (way, variables) in ways {
        let mut run = Run::new(&simulator, way, GROUP, &variables);
        assert_eq!(run.terraform(&["apply", "-auto-approve", "-no-color"]), Some(1), "{way}");
        run.assert_silent(&[WRONG], &["apply.log"]);
    }
}
