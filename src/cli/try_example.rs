//! `try`: an example, with real Terraform, against a simulated Azure.

#![expect(clippy::print_stderr, reason = "this verb talks to a person")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{ExitCode, Output};
use std::time::{Duration, SystemTime};

use serde_json::Value as Json;

use super::backend::DEFAULT_STATE_FILE;
use super::beside::Beside;
use super::terraform::{Terraform, Workplace};
use crate::arm::{Clock as _, SystemClock};
use crate::simulator::{Settings, Simulator, State};

/// What to do with the example.
pub(super) enum Task {
    /// Plan, apply, show the outputs, prove the next plan empty.
    Everything,
    /// Take it down and show what is left.
    Destroy,
    /// Run one Terraform command.
    Just(Vec<String>),
}

/// Runs a task and says how it went.
pub(super) fn run(example: &Path, task: &Task, environment: &BTreeMap<String, String>) -> ExitCode {
    match Trial::begin(example, environment).and_then(|trial| trial.run(example, task)) {
        Ok(code) => code,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}

struct Trial {
    terraform: Terraform,
    workplace: Workplace,
    beside: Beside,
}

impl Trial {
    fn begin(example: &Path, environment: &BTreeMap<String, String>) -> Result<Self, String> {
        if !example.is_dir() {
            return Err(format!("{} is not a directory. The examples are in examples/.", example.display()));
        }
        let terraform = Terraform::find(environment)?;
        let program =
            std::env::current_exe().map_err(|error| format!("This program cannot find itself: {error}"))?;
        let workplace = Workplace::set_up(example, &program)
            .map_err(|error| format!("The working directory could not be set up: {error}"))?;
        let trial = Self { terraform, workplace, beside: Beside::of(example)? };
        if !trial.beside.is_empty() {
            trial.beside.make(&trial.simulator()?)?;
        }
        Ok(trial)
    }

    fn run(&self, example: &Path, task: &Task) -> Result<ExitCode, String> {
        self.quietly("init", &["init", "-input=false", "-no-color"])?;
        match task {
            Task::Everything => self.everything(example),
            Task::Destroy => self.destroy(),
            Task::Just(command) => {
                let arguments: Vec<&str> = command.iter().map(String::as_str).collect();
                let status = self
                    .terraform
                    .command(&self.workplace, &arguments)
                    .stdin(std::process::Stdio::inherit())
                    .status()
                    .map_err(|error| format!("Terraform could not be started: {error}"))?;
                Ok(ExitCode::from(u8::try_from(status.code().unwrap_or(1)).unwrap_or(1)))
            }
        }
    }

    fn everything(&self, example: &Path) -> Result<ExitCode, String> {
        say!(
            "{}, simulated Azure (nothing real is created), working in {}",
            self.terraform.name,
            relative(&self.workplace.directory)
        );
        self.quietly("plan", &["plan", "-input=false", "-no-color", "-out=plan.bin"])?;
        let plan = self.json(&["show", "-json", "plan.bin"])?;
        let counted = count(&plan);
        say!("  plan      {counted}");
        let started = SystemClock.now();
        self.quietly("apply", &["apply", "-input=false", "-no-color", "plan.bin"])?;
        say!("  apply     done in {}", took(started));
        let second = self.run_terraform(&["plan", "-input=false", "-no-color", "-detailed-exitcode"])?;
        match second.status.code() {
            Some(0) => say!("  plan      no changes"),
            Some(2) => {
                return Err(format!(
                    "The second plan is not empty:\n{}",
                    String::from_utf8_lossy(&second.stdout)
                ));
            }
            _ => return Err(explain("plan", &second)),
        }
        say!("Outputs:");
        for line in self.text(&["output", "-no-color"])?.lines() {
            say!("  {line}");
        }
        let shown = example.display();
        say!("Change {shown}/main.tf and run it again, or:");
        say!("  ... try {shown} plan");
        say!("  ... try {shown} --destroy");
        Ok(ExitCode::SUCCESS)
    }

    fn destroy(&self) -> Result<ExitCode, String> {
        let started = SystemClock.now();
        self.quietly("destroy", &["destroy", "-input=false", "-no-color", "-auto-approve"])?;
        say!("  destroy   done in {}", took(started));
        let simulator = self.simulator()?;
        self.beside.remove(&simulator)?;
        let left: Vec<String> =
            simulator.list().map_err(|error| error.to_string())?.into_iter().map(|held| held.id).collect();
        let soft = simulator.soft_deleted().map_err(|error| error.to_string())?;
        say!("  left      {} resources, {} soft-deleted names", left.len(), soft.len());
        for name in soft {
            say!("            {name} (soft-deleted)");
        }
        if left.is_empty() {
            return Ok(ExitCode::SUCCESS);
        }
        Err(format!("The simulated subscription still holds:\n  {}", left.join("\n  ")))
    }

    fn simulator(&self) -> Result<Simulator, String> {
        let file = self.workplace.directory.join(DEFAULT_STATE_FILE);
        let settings = Settings { state: State::File(file), ..Settings::default() };
        Simulator::open(settings).map_err(|error| error.to_string())
    }

    fn run_terraform(&self, arguments: &[&str]) -> Result<Output, String> {
        self.terraform.output(&self.workplace, arguments)
    }

    /// Runs a step whose output matters only if it fails.
    fn quietly(&self, step: &str, arguments: &[&str]) -> Result<(), String> {
        let output = self.run_terraform(arguments)?;
        if output.status.success() { Ok(()) } else { Err(explain(step, &output)) }
    }

    fn text(&self, arguments: &[&str]) -> Result<String, String> {
        let output = self.run_terraform(arguments)?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        } else {
            Err(explain(arguments.first().copied().unwrap_or_default(), &output))
        }
    }

    fn json(&self, arguments: &[&str]) -> Result<Json, String> {
        serde_json::from_str(&self.text(arguments)?)
            .map_err(|error| format!("Terraform's JSON is unreadable: {error}"))
    }
}

fn explain(step: &str, output: &Output) -> String {
    format!(
        "terraform {step} failed:\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// `5 composites, 54 Azure resources`, or what a later run would change.
fn count(plan: &Json) -> String {
    let mut composites = 0;
    let mut resources = 0;
    let mut changes = 0;
    for change in plan["resource_changes"].as_array().into_iter().flatten() {
        composites += 1;
        let (before, after) =
            (&change["change"]["before"]["resources"], &change["change"]["after"]["resources"]);
        let empty = serde_json::Map::new();
        let before = before.as_object().unwrap_or(&empty);
        let after = after.as_object().unwrap_or(&empty);
        resources += after.len();
        changes += after.iter().filter(|(key, entry)| before.get(*key) != Some(*entry)).count();
        changes += before.keys().filter(|key| !after.contains_key(*key)).count();
    }
    if changes == resources {
        return format!("{composites} composites, {resources} Azure resources");
    }
    format!("{composites} composites, {resources} Azure resources, of which {changes} change")
}

fn took(since: SystemTime) -> String {
    let elapsed = SystemClock.now().duration_since(since).unwrap_or(Duration::ZERO);
    format!("{:.1} s", elapsed.as_secs_f64())
}

fn relative(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(&here).unwrap_or(path).display().to_string()
}
