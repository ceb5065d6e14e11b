//! The provider's process is killed before and after the effect of every write
//! of the example's stack, over raw gRPC: nothing of its answer arrives, and the
//! next process goes on.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use amlsecure::protocol::COOKIE;
use amlsecure::provider::schemas;
use amlsecure::simulator::{self, Settings, Simulator};
use serde_json::json;
use tempfile::TempDir;

use super::harness::*;
use crate::contract::Remote;
use crate::protocol::running::plaintext;
use crate::simulator::end_at;

/// The provider as a process of its own, as Terraform starts it.
struct Process {
    child: Child,
    core: Core,
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Process {
    /// Starts over the subscription that lies in a directory.
    async fn start(directory: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_terraform-provider-amlsecure"))
            .current_dir(directory)
            .env_clear()
            .env(COOKIE.0, COOKIE.1)
            .env("TMPDIR", directory)
            .env("AMLSECURE_SIMULATOR_STATE_FILE", directory.join("azure.db"))
            .env("AMLSECURE_SIMULATOR_FAULTS_FILE", directory.join("faults.json"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let socket = PathBuf::from(line.split('|').nth(3).unwrap_or_else(|| panic!("{line:?}")));
        let core = Core::new(Arc::new(Remote::new(plaintext(socket).await, schemas())));
        core.configure(provider_block(&json!({ "environment": "simulator" }))).await.unwrap();
        Self { child, core }
    }
}

/// A subscription in a directory of its own.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        place.kill_at(0, "before_effect");
        place
    }

    /// The same again as it stands here, while no process is at it.
    fn copy(&self) -> Self {
        let copy = Self::new();
        copy_database(&self.0.path().join("azure.db"), &copy.0.path().join("azure.db"));
        copy
    }

    /// Which write ends the process; 0 for none.
    fn kill_at(&self, nth: usize, moment: &str) {
        std::fs::write(self.0.path().join("faults.json"), end_at(nth, moment)).unwrap();
    }

    async fn process(&self) -> Process {
        Process::start(self.0.path()).await
    }

    fn held(&self) -> BTreeSet<String> {
        let state = simulator::State::File(self.0.path().join("azure.db"));
        held(&Simulator::open(Settings { state, ..Settings::default() }).unwrap())
    }
}

/// One composite of the example, before and after it is made.
struct Case {
    type_name: &'static str,
    config: amlsecure::schema::Value,
    bare: Place,
    made: Place,
    state: State,
}

async fn cases() -> Vec<Case> {
    let stack = Stack::whole();
    let place = Place::new();
    drop(place.process().await);
    let mut cases = Vec::new();
    for (type_name, arguments) in stack.composites() {
        let config = config(type_name, arguments);
        let bare = place.copy();
        let process = place.process().await;
        let state = process.core.converge(type_name, config.clone(), None).await.unwrap();
        drop(process);
        cases.push(Case { type_name, config, bare, made: place.copy(), state });
    }
    cases
}

#[tokio::test]
async fn a_create_that_is_killed_at_any_write_is_continued_by_the_next() {
    for case in &cases().await {
        let ground = case.bare.held();
        for nth in 1.. {
            let mut killed = 0;
            for moment in ["before_effect", "after_effect"] {
                let about = format!("{} killed {moment} of write {nth}", case.type_name);
                let place = case.bare.copy();
                place.kill_at(nth, moment);
                let process = place.process().await;
                let plan = process.core.plan(case.type_name, case.config.clone(), None).await.unwrap();
                let applied = process.core.apply(plan).await.unwrap();
                drop(process);
                if !applied.diagnostics.has_errors() {
                    continue;
                }
                killed += 1;
                assert_eq!(said(&applied.diagnostics), [": Plugin did not respond"], "{about}");
                assert_eq!(applied.state, None, "{about}");

                place.kill_at(0, moment);
                let state = goes_on(&place, case, &about).await;
                let own: BTreeSet<String> =
                    ids(&state.value).into_values().map(|id| id.to_lowercase()).collect();
                let held: BTreeSet<String> = place.held().difference(&ground).cloned().collect();
                assert_eq!(held, own, "{about}");
            }
            if killed == 0 {
                assert!(nth > 1, "{}: nothing was written", case.type_name);
                break;
            }
        }
    }
}

/// Applies once more. Where the very last write took effect, the object stands
/// whole and in no state: it is imported, as the error says.
async fn goes_on(place: &Place, case: &Case, about: &str) -> State {
    let process = place.process().await;
    match process.core.converge(case.type_name, case.config.clone(), None).await {
        Ok(state) => state,
        Err(Refusal::Provider(problems)) => {
            let whole = place.held() == case.made.held();
            assert!(whole && problems.0[0].detail.contains("import"), "{about}: {problems:#?}");
            let id = case.state.value.attribute("id").as_str().unwrap();
            let state = process.core.import(case.type_name, id).await.unwrap();
            let plan = process.core.plan(case.type_name, case.config.clone(), Some(&state)).await.unwrap();
            assert_eq!(plan.action, Action::NoOp, "{about}");
            state
        }
        Err(other) => panic!("{about}: {other:#?}"),
    }
}

#[tokio::test]
async fn a_destroy_that_is_killed_at_any_write_is_continued_by_the_next() {
    for case in &cases().await {
        let ground = case.bare.held();
        for nth in 1.. {
            let mut killed = 0;
            for moment in ["before_effect", "after_effect"] {
                let about = format!("{} killed {moment} of deletion {nth}", case.type_name);
                let place = case.made.copy();
                place.kill_at(nth, moment);
                let process = place.process().await;
                let destroyed = process.core.destroy(&case.state).await.unwrap();
                drop(process);
                if !destroyed.diagnostics.has_errors() {
                    continue;
                }
                killed += 1;
                assert_eq!(destroyed.state.unwrap().value, case.state.value, "{about}");

                place.kill_at(0, moment);
                let process = place.process().await;
                if let Some(left) = process.core.refresh(&case.state).await.unwrap() {
                    let destroyed = process.core.destroy(&left).await.unwrap();
                    assert_eq!(said(&destroyed.diagnostics), [""; 0], "{about}");
                }
                assert_eq!(place.held(), ground, "{about}");
            }
            if killed == 0 {
                assert!(nth > 1, "{}: nothing was deleted", case.type_name);
                break;
            }
        }
    }
}
