//! Which folder of `src/` may use which: the table of `docs/ARCHITECTURE.md`,
//! read from there, so that what the page says is what holds.

use std::collections::BTreeMap;

use super::source::{module_of, paths, root, rust_files};

/// What the table says where a folder may use everything.
const EVERYTHING: &str = "everything";

/// Folder -> what it may use: `arm`, or `engine::graph` for a part of one.
type Table = BTreeMap<String, Vec<String>>;

/// Reads the rows `| `folder/` | job | may use |` of the page.
fn table(page: &str) -> Table {
    page.lines()
        .filter_map(|line| {
            let cells: Vec<&str> = line.trim().trim_matches('|').split('|').map(str::trim).collect();
            let folder = cells.first()?.strip_prefix('`')?.strip_suffix("/`")?;
            let uses = cells.get(2)?.split(',').map(|part| part.trim().trim_matches('`').to_owned());
            Some((folder.to_owned(), uses.filter(|part| !part.is_empty() && part != "nothing").collect()))
        })
        .collect()
}

/// Whether `folder` may name `path`.
fn allowed(table: &Table, folder: &str, path: &[String]) -> bool {
    let Some(first) = path.first() else { return true };
    if first == folder || !(table.contains_key(first) || first == "*") {
        return true;
    }
    table.get(folder).is_some_and(|uses| {
        uses.iter()
            .any(|part| part == EVERYTHING || part.split("::").eq(path.iter().take(part.split("::").count())))
    })
}

fn page() -> String {
    std::fs::read_to_string(root().join("docs/ARCHITECTURE.md")).unwrap()
}

#[test]
fn no_folder_uses_one_below_its_rank() {
    let (table, src) = (table(&page()), root().join("src"));
    let mut wrong = Vec::new();
    for file in rust_files(&src) {
        let module = module_of(&file, &src);
        let Some(folder) = module.first() else { continue };
        for path in paths(&std::fs::read_to_string(&file).unwrap(), &module) {
            if !allowed(&table, folder, &path) {
                wrong.push(format!("{}: {}", file.display(), path.join("::")));
            }
        }
    }
    assert!(wrong.is_empty(), "docs/ARCHITECTURE.md does not allow:\n{}", wrong.join("\n"));
}

#[test]
fn every_folder_has_its_row() {
    let src = root().join("src");
    let folders: Vec<String> = std::fs::read_dir(&src)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    let table = table(&page());
    for folder in &folders {
        assert!(table.contains_key(folder), "src/{folder} has no row");
    }
    for (folder, uses) in &table {
        assert!(folders.contains(folder), "there is no src/{folder}");
        for part in uses.iter().filter(|part| *part != EVERYTHING) {
            let first = part.split("::").next().unwrap();
            assert!(table.contains_key(first), "src/{folder} may use {part}, which is not there");
        }
    }
}

#[test]
fn client_and_simulator_share_facts_and_no_behaviour() {
    let table = table(&page());
    assert_eq!(table["simulator"], ["kinds"]);
    assert!(table["kinds"].is_empty() && table["schema"].is_empty());
    assert_eq!(table["arm"], ["kinds"]);
}

#[test]
fn a_part_of_a_folder_is_not_the_whole() {
    let table = Table::from([
        ("resources".to_owned(), vec!["engine::graph".to_owned()]),
        ("engine".to_owned(), Vec::new()),
        ("cli".to_owned(), vec![EVERYTHING.to_owned()]),
    ]);
    let path = |text: &str| text.split("::").map(str::to_owned).collect::<Vec<_>>();
    assert!(allowed(&table, "resources", &path("engine::graph::Node")));
    assert!(!allowed(&table, "resources", &path("engine::plan")));
    assert!(!allowed(&table, "resources", &path("engine")));
    assert!(!allowed(&table, "resources", &path("*")));
    assert!(allowed(&table, "resources", &path("std::fmt")));
    assert!(allowed(&table, "cli", &path("engine::plan")));
    assert!(!allowed(&table, "engine", &path("cli::try_it")));
}
