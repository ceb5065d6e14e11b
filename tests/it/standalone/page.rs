//! What `docs/simulator.md` says of the process: its options, its ready file.

use std::collections::BTreeSet;

use super::*;
use crate::docs::simulator::{names, rows};

#[test]
fn the_page_has_every_option_with_its_default() {
    let output = Command::new(program()).args(["simulator", "--help"]).output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    let option = regex::Regex::new(r"(?m)^\s+(?:-\w, )?--([a-z-]+)").unwrap();
    let there: BTreeSet<String> = option
        .captures_iter(&help)
        .map(|found| format!("--{}", &found[1]))
        .filter(|name| name != "--help")
        .collect();
    assert!(there.contains("--listen"), "{help}");
    assert_eq!(names("### Options").into_iter().map(|name| first(&name)).collect::<BTreeSet<_>>(), there);
    let default = regex::Regex::new(r"\[default: ([^\]]+)\]").unwrap();
    let defaults: Vec<&str> =
        default.captures_iter(&help).map(|found| found.get(1).unwrap().as_str()).collect();
    let written: Vec<String> =
        rows("### Options").into_iter().map(|row| row[1].clone()).filter(|cell| !cell.is_empty()).collect();
    assert_eq!(written, defaults, "in the order of --help");
}

/// `--tls` of `--tls DIR`.
fn first(cell: &str) -> String {
    cell.split(' ').next().unwrap().to_owned()
}

#[test]
fn the_page_has_every_field_of_the_ready_file() {
    let simulator = Standalone::start(&[]);
    let keys = |value: &Json| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(names("## The ready file"), keys(&simulator.ready));
    assert_eq!(names("### Variables"), keys(&simulator.ready["environment"]));
}
