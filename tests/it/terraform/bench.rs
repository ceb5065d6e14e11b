//! A place to run the user's Terraform in: a directory of its own, this build
//! of the provider, a simulated Azure, and a record of every request to it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use amlsecure::simulator::{Held, Settings, Simulator, State};
use serde_json::Value as Json;

/// A working directory with a configuration in it.
pub struct Bench {
    directory: tempfile::TempDir,
    terraform: String,
    name: String,
}

/// What a command said.
pub struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Said {
    /// All of it as one line, so that it can be searched however Terraform
    /// wrapped it.
    pub fn flat(&self) -> String {
        format!("{} {}", self.out, self.err).split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// One recorded request.
#[derive(Debug, Clone)]
pub struct Exchange {
    pub method: String,
    pub path: String,
    pub status: u64,
    pub request: Json,
}

impl Exchange {
    pub fn is_write(&self) -> bool {
        matches!(self.method.as_str(), "PUT" | "PATCH" | "DELETE" | "POST")
    }
}

/// The provider binary of this build.
pub fn program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_terraform-provider-amlsecure"))
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

/// The configuration of an example.
pub fn example(name: &str) -> String {
    std::fs::read_to_string(root().join("examples").join(name).join("main.tf")).unwrap()
}

/// The Terraform to test with. Never none: a machine without one has to say so.
#[expect(clippy::disallowed_methods, reason = "the tests are a process of their own")]
pub fn terraform() -> String {
    let named = std::env::var("AMLSECURE_TERRAFORM").ok().filter(|name| !name.is_empty());
    let program = named.unwrap_or_else(|| "terraform".to_owned());
    let there = Command::new(&program).arg("version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert!(
        there.is_ok_and(|status| status.success()),
        "These tests run Terraform, and {program:?} does not answer: put terraform on the PATH or name one in \
         AMLSECURE_TERRAFORM."
    );
    program
}

/// What `try` says of the example in a folder, with `place` as its working directory.
pub fn tried(place: &Path, example: &Path, arguments: &[&str]) -> Said {
    let mut command = Command::new(program());
    command.arg("try").arg(example).args(arguments).current_dir(place);
    said(&command.output().unwrap())
}

impl Bench {
    /// A bench whose traffic is recorded under `name`.
    pub fn new(name: &str, configuration: &str) -> Self {
        let bench =
            Self { directory: tempfile::tempdir().unwrap(), terraform: terraform(), name: name.to_owned() };
        let folder = program().parent().unwrap().display().to_string();
        let rc = format!(
            "provider_installation {{\n  dev_overrides {{\n    \"amlsecure/amlsecure\" = {folder:?}\n    \
             \"registry.opentofu.org/amlsecure/amlsecure\" = {folder:?}\n  }}\n}}\n"
        );
        std::fs::write(bench.path().join("terraform.rc"), rc).unwrap();
        // The tests may have run before, with another Terraform.
        let _ = std::fs::remove_file(bench.record());
        bench.write(configuration);
        bench
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Replaces the configuration.
    pub fn write(&self, configuration: &str) {
        std::fs::write(self.path().join("main.tf"), configuration).unwrap();
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        self.command_under(&[], arguments)
    }

    /// A command started by another, such as `env`.
    pub fn command_under(&self, starter: &[&str], arguments: &[&str]) -> Command {
        let line: Vec<&str> = starter
            .iter()
            .copied()
            .chain([self.terraform.as_str()])
            .chain(arguments.iter().copied())
            .collect();
        let mut command = Command::new(line[0]);
        command
            .args(&line[1..])
            .current_dir(self.path())
            .env("TF_CLI_CONFIG_FILE", self.path().join("terraform.rc"))
            .env("CHECKPOINT_DISABLE", "1")
            .env("TF_IN_AUTOMATION", "1")
            .env("AMLSECURE_SIMULATOR_RECORD_FILE", self.record())
            .env_remove("TF_LOG")
            .stdin(Stdio::null());
        for variable in ["ARM_SUBSCRIPTION_ID", "ARM_CLIENT_ID", "ARM_CLIENT_SECRET", "ARM_TENANT_ID"] {
            command.env_remove(variable);
        }
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Said {
        said(&self.command(arguments).output().unwrap())
    }

    /// Runs a command that must succeed, and gives its output.
    pub fn succeed(&self, arguments: &[&str]) -> String {
        let said = self.run(arguments);
        assert_eq!(said.code, Some(0), "terraform {arguments:?}\n{}\n{}", said.out, said.err);
        said.out
    }

    pub fn apply(&self) -> String {
        self.succeed(&["apply", "-auto-approve", "-input=false", "-no-color"])
    }

    pub fn destroy(&self) -> String {
        self.succeed(&["destroy", "-auto-approve", "-input=false", "-no-color"])
    }

    /// Runs a command that must be refused, and gives what it said.
    pub fn refused(&self, arguments: &[&str]) -> Said {
        let said = self.run(arguments);
        assert_eq!(said.code, Some(1), "terraform {arguments:?}\n{}\n{}", said.out, said.err);
        said
    }

    /// The plan as JSON.
    pub fn plan(&self) -> Json {
        self.succeed(&["plan", "-input=false", "-no-color", "-out=plan.bin"]);
        serde_json::from_str(&self.succeed(&["show", "-json", "plan.bin"])).unwrap()
    }

    /// Asserts that there is nothing to do, with a refresh and without.
    pub fn assert_settled(&self) {
        for refresh in ["-refresh=true", "-refresh=false"] {
            let said = self.run(&["plan", "-input=false", "-no-color", "-detailed-exitcode", refresh]);
            assert_eq!(said.code, Some(0), "the plan is not empty ({refresh}):\n{}\n{}", said.out, said.err);
        }
    }

    /// Where requests are recorded; in the folder that the contract check
    /// reads, where there is one.
    fn record(&self) -> PathBuf {
        match std::env::var_os("AMLSECURE_TRAFFIC").filter(|folder| !folder.is_empty()) {
            Some(folder) => PathBuf::from(folder).join(format!("terraform-{}.ndjson", self.name)),
            None => self.path().join("traffic.ndjson"),
        }
    }

    /// Every request so far, in order.
    pub fn traffic(&self) -> Vec<Exchange> {
        let text = std::fs::read_to_string(self.record()).unwrap_or_default();
        // The last line may still be under way.
        text.split_inclusive('\n')
            .filter(|line| line.ends_with('\n'))
            .map(|line| {
                let line: Json = serde_json::from_str(line).unwrap();
                let url = line["url"].as_str().unwrap();
                let path = url.split('?').next().unwrap().trim_start_matches("https://management.azure.com");
                Exchange {
                    method: line["method"].as_str().unwrap().to_owned(),
                    path: path.to_owned(),
                    status: line["status"].as_u64().unwrap_or_default(),
                    request: line["request"].clone(),
                }
            })
            .collect()
    }

    /// The requests that something causes.
    pub fn during(&self, work: impl FnOnce()) -> Vec<Exchange> {
        let before = self.traffic().len();
        work();
        self.traffic().split_off(before)
    }

    /// The simulated Azure, to look into and to meddle with.
    pub fn simulator(&self) -> Simulator {
        let state = State::File(self.path().join(".amlsecure/simulator.db"));
        Simulator::open(Settings { state, ..Settings::default() }).unwrap()
    }

    /// What the simulated subscription holds.
    pub fn held(&self) -> Vec<Held> {
        self.simulator().list().unwrap()
    }

    /// Speaks to the simulated Azure as a stranger.
    pub fn as_stranger(&self, method: &str, path: &str, body: &Json) -> (u16, Json) {
        let request = http::Request::builder()
            .method(method)
            .uri(format!("https://management.azure.com{path}"))
            .header("content-type", "application/json")
            .body(if body.is_null() { Vec::new() } else { serde_json::to_vec(body).unwrap() })
            .unwrap();
        #[expect(clippy::disallowed_methods, reason = "a stranger has a clock of his own")]
        let response = self.simulator().handle(request, std::time::SystemTime::now()).unwrap();
        let body = serde_json::from_slice(response.body()).unwrap_or(Json::Null);
        (response.status().as_u16(), body)
    }
}

pub fn said(output: &Output) -> Said {
    Said {
        code: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// `resources` of an object in a plan's JSON, before and after.
pub fn resources(
    plan: &Json,
    address: &str,
) -> (serde_json::Map<String, Json>, serde_json::Map<String, Json>) {
    let change = plan["resource_changes"]
        .as_array()
        .unwrap()
        .iter()
        .find(|change| change["address"] == address)
        .unwrap_or_else(|| panic!("the plan has no {address}"));
    let of = |side: &str| change["change"][side]["resources"].as_object().cloned().unwrap_or_default();
    (of("before"), of("after"))
}

/// The keys of `resources` that a plan changes.
pub fn moving(plan: &Json, address: &str) -> Vec<String> {
    let (before, after) = resources(plan, address);
    let mut keys: Vec<String> = before.keys().chain(after.keys()).cloned().collect();
    keys.sort();
    keys.dedup();
    keys.retain(|key| before.get(key) != after.get(key));
    keys
}
