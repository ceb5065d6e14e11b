//! What holds for every file.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::source::{root, rust_files, tokens};

/// A file longer than this holds more than one thing. Most stay under 600.
const LONGEST: usize = 700;

fn every_rust_file() -> Vec<PathBuf> {
    ["src", "tests", "benches", "examples"]
        .iter()
        .flat_map(|folder| rust_files(&root().join(folder)))
        .collect()
}

#[test]
fn files_are_short() {
    for file in every_rust_file() {
        let lines = std::fs::read_to_string(&file).unwrap().lines().count();
        assert!(lines <= LONGEST, "{} has {lines} lines: it holds more than one thing", file.display());
    }
}

/// A file that no `mod` names is never compiled, and its tests never run.
#[test]
fn no_file_is_forgotten() {
    for (folder, entries) in [("src", &["lib.rs", "main.rs"][..]), ("tests/it", &["main.rs"])] {
        let folder = root().join(folder);
        let mut reached = BTreeSet::new();
        let mut open: Vec<PathBuf> = entries.iter().map(|entry| folder.join(entry)).collect();
        while let Some(file) = open.pop() {
            if let Ok(source) = std::fs::read_to_string(&file)
                && reached.insert(file.clone())
            {
                open.extend(modules(&file, &source));
            }
        }
        for file in rust_files(&folder) {
            assert!(reached.contains(&file), "no `mod` leads to {}", file.display());
        }
    }
}

/// The files that the `mod name;` of a file may mean.
fn modules(file: &Path, source: &str) -> Vec<PathBuf> {
    let stem = file.file_stem().unwrap().to_string_lossy();
    let folder = file.parent().unwrap();
    let folder = if ["mod", "lib", "main"].contains(&&*stem) { folder.into() } else { folder.join(&*stem) };
    let tokens = tokens(source);
    tokens
        .windows(3)
        .filter(|window| window[0] == "mod" && window[2] == ";")
        .flat_map(|window| [folder.join(format!("{}.rs", window[1])), folder.join(&window[1]).join("mod.rs")])
        .collect()
}

/// A folder that nobody has begun may say so: its `mod.rs` holds no code yet.
#[test]
fn nothing_is_left_for_later() {
    for file in every_rust_file() {
        let source = std::fs::read_to_string(&file).unwrap();
        if tokens(&source).is_empty() {
            continue;
        }
        for window in tokens(&source).windows(2) {
            let later = ["todo", "unimplemented"].contains(&window[0].as_str()) && window[1] == "!";
            assert!(!later, "{} has a {}!", file.display(), window[0]);
        }
        for (number, line) in source.lines().enumerate() {
            let comment = line.split_once("//").map_or("", |(_, comment)| comment);
            for word in ["TODO", "FIXME", "XXX", "HACK"] {
                assert!(!comment.contains(word), "{}:{} has a {word}", file.display(), number + 1);
            }
        }
    }
}

#[test]
fn every_module_says_what_it_is_for() {
    for file in every_rust_file() {
        let source = std::fs::read_to_string(&file).unwrap();
        assert!(source.starts_with("//!"), "{} does not begin with a //! line", file.display());
    }
}
