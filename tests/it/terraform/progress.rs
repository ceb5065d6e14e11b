//! Progress, as somebody who waits for Terraform sees it.

use std::process::Command;

use amlsecure::engine::progress::Event;
use amlsecure::provider::Record;

use super::bench::{Bench, Said, example, program, said};

fn watch(arguments: &[&str], variable: Option<&str>) -> Said {
    let mut command = Command::new(program());
    command.arg("watch").args(arguments).env_remove("AMLSECURE_PROGRESS");
    if let Some(file) = variable {
        command.env("AMLSECURE_PROGRESS", file);
    }
    said(&command.output().unwrap())
}

#[test]
fn an_apply_writes_its_progress_and_the_watch_shows_it_done() {
    let configuration = example("secure-workspace").replace(
        "environment = \"simulator\"",
        "progress_file = \"progress.ndjson\"\n  environment = \"simulator\"",
    );
    let bench = Bench::new("progress", &configuration);
    bench.apply();
    let file = bench.path().join("progress.ndjson");
    let text = std::fs::read_to_string(&file).unwrap();
    let records: Vec<Record> = text.lines().map(|line| Record::read(line).expect(line)).collect();
    let ended = records.iter().filter(|record| record.event == Event::Ends { complete: true });
    let ended: Vec<&str> = ended.map(|record| record.subject.type_name.as_str()).collect();
    for type_name in ["resource_group", "network", "private_dns", "workspace", "compute_cluster"] {
        assert!(ended.contains(&format!("amlsecure_{type_name}").as_str()), "{ended:?}");
    }
    for said in [watch(&[file.to_str().unwrap()], None), watch(&[], file.to_str())] {
        assert_eq!(said.code, Some(0), "{}\n{}", said.out, said.err);
        let bars: Vec<&str> = said.out.lines().filter(|line| line.contains(&"#".repeat(32))).collect();
        assert_eq!(bars.len(), 5, "{}", said.out);
        assert!(bars.iter().all(|bar| bar.ends_with("done")), "{bars:#?}");
        assert!(said.out.contains("amlsecure_workspace \"mlw-mlops\""), "{}", said.out);
        assert!(!said.out.contains('\u{1b}'), "nothing is drawn where nobody looks");
    }

    // A line that a killed process left, and what somebody else wrote.
    std::fs::write(&file, format!("{text}{{\"time\":\"2026\nhello\n\u{1b}[2J\n{{\"event\":\"be")).unwrap();
    let after = watch(&[file.to_str().unwrap()], None);
    assert_eq!(after.code, Some(0), "{}\n{}", after.out, after.err);
    assert!(!after.out.contains("hello") && !after.out.contains('\u{1b}'), "{}", after.out);

    // The variable does what the argument does, and a destroy is told as well.
    bench.write(&example("secure-workspace"));
    let named = bench.path().join("named.ndjson");
    let arguments = ["destroy", "-auto-approve", "-input=false", "-no-color"];
    let output = bench.command(&arguments).env("AMLSECURE_PROGRESS", &named).output().unwrap();
    let destroyed = said(&output);
    assert_eq!(destroyed.code, Some(0), "{}\n{}", destroyed.out, destroyed.err);
    let watched = watch(&[named.to_str().unwrap()], None);
    assert_eq!(watched.code, Some(0), "{}\n{}", watched.out, watched.err);
    assert!(watched.out.contains("delete done after"), "{}", watched.out);
}

#[test]
fn the_watch_says_what_it_can_do_and_what_it_lacks() {
    let help = watch(&["--help"], None);
    assert_eq!(help.code, Some(0));
    for words in ["[FILE]", "--follow", "AMLSECURE_PROGRESS"] {
        assert!(help.out.contains(words), "{}", help.out);
    }
    let lost = watch(&[], None);
    assert_eq!(lost.code, Some(2));
    assert!(lost.err.contains("progress_file") && lost.err.contains("AMLSECURE_PROGRESS"), "{}", lost.err);
    let folder = tempfile::tempdir().unwrap();
    let unreadable = watch(&[folder.path().to_str().unwrap()], None);
    assert_eq!(unreadable.code, Some(1));
    assert!(unreadable.err.contains("cannot be read"), "{}", unreadable.err);
}
