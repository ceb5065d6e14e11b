//! Finding and running the user's Terraform, without asking any registry.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A Terraform (or OpenTofu) on this machine.
pub(super) struct Terraform {
    program: PathBuf,
    /// `Terraform 1.11.4`.
    pub(super) name: String,
}

/// The addresses under which the provider is asked for: Terraform and OpenTofu
/// complete `amlsecure/amlsecure` differently.
const REGISTRIES: [&str; 2] = ["registry.terraform.io", "registry.opentofu.org"];

impl Terraform {
    /// The one that `AMLSECURE_TERRAFORM` names, else `terraform`, else `tofu`.
    pub(super) fn find(environment: &BTreeMap<String, String>) -> Result<Self, String> {
        let candidates = match environment.get("AMLSECURE_TERRAFORM") {
            Some(named) => vec![named.clone()],
            None => vec!["terraform".to_owned(), "tofu".to_owned()],
        };
        for candidate in &candidates {
            let Ok(output) = Command::new(candidate).args(["version", "-json"]).output() else { continue };
            let Ok(answer) = serde_json::from_slice::<serde_json::Value>(&output.stdout) else { continue };
            let Some(version) = answer["terraform_version"].as_str() else { continue };
            let product = if candidate.ends_with("tofu") { "OpenTofu" } else { "Terraform" };
            return Ok(Self { program: candidate.into(), name: format!("{product} {version}") });
        }
        Err(match environment.get("AMLSECURE_TERRAFORM") {
            Some(named) => format!("AMLSECURE_TERRAFORM names {named:?}, which does not answer as Terraform does."),
            None => "Neither terraform nor tofu is on the PATH. Install one of them \
                     (https://developer.hashicorp.com/terraform/install or https://opentofu.org/docs/intro/install), \
                     or name one in AMLSECURE_TERRAFORM."
                .to_owned(),
        })
    }

    /// A command in a working directory, with the mirror as its only source of
    /// providers.
    pub(super) fn command(&self, workplace: &Workplace, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .current_dir(&workplace.directory)
            .env("TF_CLI_CONFIG_FILE", &workplace.configuration)
            .env("TF_IN_AUTOMATION", "1")
            .env("CHECKPOINT_DISABLE", "1")
            .env("AMLSECURE_ENVIRONMENT", "simulator")
            .stdin(Stdio::null());
        command
    }

    /// Runs a command and gives its output.
    pub(super) fn output(&self, workplace: &Workplace, arguments: &[&str]) -> Result<Output, String> {
        self.command(workplace, arguments)
            .output()
            .map_err(|error| format!("{} could not be started: {error}", self.program.display()))
    }
}

/// A directory to work in: the example's files, and a mirror that holds this
/// very program as the provider.
pub(super) struct Workplace {
    pub(super) directory: PathBuf,
    configuration: PathBuf,
}

impl Workplace {
    /// Sets up (or brings up to date) `target/try/<name>` for an example.
    pub(super) fn set_up(example: &Path, program: &Path) -> io::Result<Self> {
        let name = example.canonicalize()?.file_name().map_or_else(|| "example".into(), PathBuf::from);
        let root = std::env::current_dir()?.join("target").join("try");
        let directory = root.join(name);
        std::fs::create_dir_all(&directory)?;
        sync(example, &directory)?;
        let mirror = root.join(".mirror");
        for registry in REGISTRIES {
            place(program, &mirror.join(registry))?;
        }
        let configuration = root.join(".terraformrc");
        std::fs::write(&configuration, cli_configuration(&mirror))?;
        // The program may have been built anew since: its checksum with it.
        let _ = std::fs::remove_file(directory.join(".terraform.lock.hcl"));
        let _ = std::fs::remove_dir_all(directory.join(".terraform").join("providers"));
        Ok(Self { directory, configuration })
    }
}

/// Copies the configuration of an example, and removes what it no longer has.
fn sync(from: &Path, to: &Path) -> io::Result<()> {
    let is_configuration = |path: &Path| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        [".tf", ".tf.json", ".tfvars", ".tfvars.json", ".tofu"].iter().any(|end| name.ends_with(end))
    };
    for entry in std::fs::read_dir(to)? {
        let path = entry?.path();
        if is_configuration(&path) && !from.join(path.file_name().unwrap_or_default()).exists() {
            std::fs::remove_file(path)?;
        }
    }
    for entry in std::fs::read_dir(from)? {
        let path = entry?.path();
        if is_configuration(&path) {
            std::fs::copy(&path, to.join(path.file_name().unwrap_or_default()))?;
        }
    }
    Ok(())
}

/// Puts the program where Terraform looks for an unpacked provider.
fn place(program: &Path, registry: &Path) -> io::Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    let directory = registry.join("amlsecure").join("amlsecure").join(version).join(format!(
        "{}_{}",
        os(),
        architecture()
    ));
    std::fs::create_dir_all(&directory)?;
    let file =
        directory.join(format!("terraform-provider-amlsecure_v{version}{}", std::env::consts::EXE_SUFFIX));
    let _ = std::fs::remove_file(&file);
    // A link costs nothing; another file system needs a copy.
    std::fs::hard_link(program, &file).or_else(|_| std::fs::copy(program, &file).map(|_| ()))
}

fn cli_configuration(mirror: &Path) -> String {
    let includes: Vec<String> = REGISTRIES
        .iter()
        .map(|registry| format!("{:?}", format!("{registry}/amlsecure/amlsecure")))
        .collect();
    format!(
        "provider_installation {{\n  filesystem_mirror {{\n    path    = {:?}\n    include = [{}]\n  }}\n}}\n",
        mirror.display().to_string(),
        includes.join(", ")
    )
}

/// The operating system in Terraform's words.
fn os() -> &'static str {
    match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    }
}

/// The processor in Terraform's words.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        other => other,
    }
}
