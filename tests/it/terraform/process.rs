//! The provider as a process: attached to by hand, interrupted, ended.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::bench::{Bench, example, program, said};

/// A provider that waits for Terraform to attach.
struct Attached(Child);

impl Drop for Attached {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn terraform_attaches_to_a_provider_started_by_hand() {
    let bench = Bench::new("attached", &example("secure-workspace"));
    let mut child = Command::new(program())
        .arg("--debug")
        .current_dir(bench.path())
        .env("AMLSECURE_SIMULATOR_RECORD_FILE", bench.path().join("traffic.ndjson"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let out = child.stdout.take().unwrap();
    let _attached = Attached(child);
    let assignment = BufReader::new(out)
        .lines()
        .map_while(Result::ok)
        .find_map(|line| {
            Some(line.trim().strip_prefix("TF_REATTACH_PROVIDERS='")?.strip_suffix('\'')?.to_owned())
        })
        .unwrap();
    for arguments in
        [&["apply", "-auto-approve", "-no-color"][..], &["plan", "-no-color", "-detailed-exitcode"]]
    {
        let output = bench.command(arguments).env("TF_REATTACH_PROVIDERS", &assignment).output().unwrap();
        let said = said(&output);
        assert_eq!(said.code, Some(0), "{arguments:?}\n{}\n{}", said.out, said.err);
    }
}

/// Ctrl-C goes to Terraform and to every plugin at once. Terraform says Stop,
/// waits, and saves what was reached; the next apply goes on from there.
#[test]
fn an_interrupted_apply_is_continued_by_the_next() {
    let configuration = example("secure-workspace").replace(
        "environment = \"simulator\"",
        "environment = \"simulator\"\n  simulator {\n    latency = \"real:0.02\"\n  }",
    );
    let bench = Bench::new("interrupted", &configuration);
    let mut command = bench.command_under(
        // Who runs the tests in the background may have taught them to ignore the signal.
        &["env", "--default-signal=INT"],
        &["apply", "-auto-approve", "-no-color"],
    );
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    // A group of its own, as a terminal gives one, so that the signal reaches
    // Terraform and its plugins, and not the tests.
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let child = command.spawn().unwrap();
    let group = child.id();
    // Once the workspace is under way.
    while !bench
        .traffic()
        .iter()
        .any(|exchange| exchange.method == "PUT" && exchange.path.ends_with("/stmlops0001"))
    {
        std::thread::sleep(Duration::from_millis(50));
    }
    let killed = Command::new("kill").args(["-INT", "--", &format!("-{group}")]).status().unwrap();
    assert!(killed.success());
    let output = child.wait_with_output().unwrap();
    let first = said(&output);
    assert_eq!(first.code, Some(1), "{}\n{}", first.out, first.err);
    assert!(first.err.contains("Nothing is lost"), "{}\n{}", first.out, first.err);

    assert!(first.err.contains("Stopped as asked"), "{}", first.err);
    // What Azure had begun is in the state: a destroy would find it.
    let state = bench.succeed(&["show", "-no-color"]);
    assert!(state.contains("amlsecure_workspace.mlops: (tainted)"), "{state}");

    let before = bench.held().iter().filter(|held| !held.made_by_azure).count();
    assert!(before > 0);
    let work = bench.during(|| {
        bench.apply();
    });
    let deleted: Vec<_> = work.iter().filter(|exchange| exchange.method == "DELETE").collect();
    assert!(deleted.is_empty(), "{deleted:?}");
    bench.assert_settled();
    bench.destroy();
    assert!(bench.held().is_empty());
}
