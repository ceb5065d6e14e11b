//! Terraform and a provider that is killed before or after the effect of a write
//! of the example: the next apply goes on, the next destroy finishes.
//!
//! Every fifth write; every one with `AMLSECURE_KILL_EVERY=1`.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::bench::{Bench, Said, example, said};
use crate::simulator::end_at;

const FAULTS: &str = "faults.json";

/// From which write to which it goes.
#[expect(clippy::disallowed_methods, reason = "the tests are a process of their own")]
fn stride() -> usize {
    let named = std::env::var("AMLSECURE_KILL_EVERY").ok().and_then(|text| text.parse().ok());
    named.filter(|stride| *stride > 0).unwrap_or(5)
}

/// Kills the provider at a write; 0 for none.
fn kill_at(bench: &Bench, nth: usize, moment: &str) {
    std::fs::write(bench.path().join(FAULTS), end_at(nth, moment)).unwrap();
}

fn run(bench: &Bench, arguments: &[&str]) -> Said {
    let faults = bench.path().join(FAULTS);
    said(&bench.command(arguments).env("AMLSECURE_SIMULATOR_FAULTS_FILE", faults).output().unwrap())
}

fn apply(bench: &Bench) -> Said {
    run(bench, &["apply", "-auto-approve", "-input=false", "-no-color"])
}

fn destroy(bench: &Bench) -> Said {
    run(bench, &["destroy", "-auto-approve", "-input=false", "-no-color"])
}

/// What the example calls its block of a type.
fn name_of(kind: &str) -> String {
    let example = example("secure-workspace");
    let line = example.lines().find(|line| line.starts_with(&format!("resource \"{kind}\""))).unwrap();
    line.split('"').nth(3).unwrap().to_owned()
}

/// Applies until all stands. Where the write that marks an object as whole was
/// the last thing its process did, the error holds the command that imports it.
fn go_on(bench: &Bench, about: &str) {
    let mut again = apply(bench);
    let import = again.err.lines().find(|line| line.trim_start().starts_with("terraform import "));
    if let Some(import) = import.map(str::to_owned) {
        let kind = import.split_whitespace().nth(2).and_then(|address| address.split('.').next()).unwrap();
        let command = import.replace("NAME", &name_of(kind));
        let command: Vec<&str> = command.split_whitespace().skip(1).collect();
        let imported = run(bench, &[&command[..1], &["-no-color"], &command[1..]].concat());
        assert_eq!(imported.code, Some(0), "{about}\n{}\n{}", imported.out, imported.err);
        again = apply(bench);
    }
    assert_eq!(again.code, Some(0), "{about}\n{}\n{}", again.out, again.err);
    let plan = run(bench, &["plan", "-input=false", "-no-color", "-detailed-exitcode"]);
    assert_eq!(plan.code, Some(0), "{about}\n{}\n{}", plan.out, plan.err);
}

/// What the subscription holds that somebody made.
fn held(bench: &Bench) -> BTreeSet<String> {
    let held = bench.held().into_iter().filter(|held| !held.made_by_azure);
    held.map(|held| held.id.to_lowercase()).collect()
}

/// What the state records.
fn recorded(bench: &Bench) -> BTreeSet<String> {
    let shown: Json = serde_json::from_str(&run(bench, &["show", "-json"]).out).unwrap();
    let objects = shown["values"]["root_module"]["resources"].as_array().unwrap();
    let entries = objects.iter().filter_map(|object| object["values"]["resources"].as_object());
    entries
        .flat_map(|entries| entries.values())
        .map(|one| one["id"].as_str().unwrap().to_lowercase())
        .collect()
}

#[test]
fn whatever_write_a_provider_dies_at_the_next_run_goes_on() {
    let moments = ["before_effect", "after_effect"].into_iter().cycle();
    let mut killed = (0, 0);
    for (nth, moment) in (1..).step_by(stride()).zip(moments) {
        let about = format!("killed {moment} of write {nth}");
        let bench = Bench::new(&format!("killed-{nth}"), &example("secure-workspace"));
        kill_at(&bench, nth, moment);
        let first = apply(&bench);
        let applied = first.code == Some(0);
        killed.0 += usize::from(!applied);
        kill_at(&bench, 0, moment);
        if !applied {
            go_on(&bench, &about);
        }
        assert_eq!(held(&bench), recorded(&bench), "{about}");

        kill_at(&bench, nth, moment);
        let gone = destroy(&bench).code == Some(0);
        killed.1 += usize::from(!gone);
        kill_at(&bench, 0, moment);
        if !gone {
            let again = destroy(&bench);
            assert_eq!(again.code, Some(0), "{about}\n{}\n{}", again.out, again.err);
        }
        assert_eq!(held(&bench), BTreeSet::new(), "{about} of the destroy");
        if applied && gone {
            break;
        }
    }
    assert!(killed.0 > 1 && killed.1 > 1, "nothing was killed: {killed:?}");
}
