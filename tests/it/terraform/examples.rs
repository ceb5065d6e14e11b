//! Every example, as a newcomer runs it: tried, at rest, changed in one line,
//! and destroyed to nothing.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value as Json;

use super::bench::{Said, example, root, terraform, tried};

/// An example, and a line of it that Azure changes in place: as it stands, and
/// as it becomes.
const EXAMPLES: &[(&str, &str, &str)] = &[
    ("secure-workspace", "max_node_count                       = 3", "max_node_count = 5"),
    ("behind-vnet", "\"20.43.0.17\"", "\"20.43.0.18\""),
    ("customer-managed-key", "max_node_count     = 1", "max_node_count     = 2"),
    ("managed-network", "\"pypi.org\"", "\"mirror.example.com\""),
    ("serverless", "serverless_compute {", "serverless_compute {\n    public_ip_enabled = true"),
    ("compute-instance", "team = \"research\"", "team = \"lab\""),
    ("databricks", "team = \"research\"", "team = \"lab\""),
    ("aks-inference", "node_count     = 3", "node_count = 4"),
    ("container-instances", "minimal-inference:1", "minimal-inference:2"),
    ("datastores", "    version     = 1", "    version = 2"),
    ("attach-vm-hdinsight", "version          = 1", "version          = 2"),
    ("hub-and-project", "\"Finds what will break\"", "\"Finds what breaks\""),
    ("endpoints", "\"Scores of the current model\"", "\"Scores\""),
];

/// The examples that there are.
fn found() -> BTreeSet<String> {
    let folders = std::fs::read_dir(root().join("examples")).unwrap().map(|entry| entry.unwrap());
    folders
        .filter(|folder| folder.path().join("main.tf").exists())
        .map(|folder| folder.file_name().into_string().unwrap())
        .collect()
}

/// `try` in a place of its own.
fn run(place: &Path, name: &str, arguments: &[&str]) -> Said {
    let said = tried(place, Path::new(name), arguments);
    assert_eq!(said.code, Some(0), "{name} {arguments:?}\n{}\n{}", said.out, said.err);
    said
}

#[test]
fn every_example_is_here() {
    let here: BTreeSet<String> = EXAMPLES.iter().map(|(name, ..)| (*name).to_owned()).collect();
    assert_eq!(here, found());
}

#[test]
fn every_example_is_built_changed_in_place_and_destroyed_to_nothing() {
    terraform();
    for (name, line, changed) in EXAMPLES {
        let place = tempfile::tempdir().unwrap();
        let main = place.path().join(name).join("main.tf");
        let configuration = example(name);
        assert_eq!(configuration.matches(line).count(), 1, "{name} has no such line: {line}");
        std::fs::create_dir(main.parent().unwrap()).unwrap();
        std::fs::write(&main, &configuration).unwrap();
        let beside = root().join("examples").join(name).join("beside.json");
        if beside.exists() {
            std::fs::copy(&beside, main.with_file_name("beside.json")).unwrap();
        }
        let first = run(place.path(), name, &[]);
        assert!(first.out.contains("no changes"), "{name}: {}", first.out);

        std::fs::write(&main, configuration.replace(line, changed)).unwrap();
        run(place.path(), name, &["plan", "-input=false", "-out=changed.bin"]);
        let plan = run(place.path(), name, &["show", "-json", "changed.bin"]).out;
        let plan: Json = serde_json::from_str(&plan).unwrap_or_else(|why| panic!("{name}: {why}: {plan}"));
        let actions: BTreeSet<&str> = plan["resource_changes"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|change| change["change"]["actions"].as_array().unwrap())
            .map(|action| action.as_str().unwrap())
            .filter(|action| *action != "no-op")
            .collect();
        assert_eq!(actions, BTreeSet::from(["update"]), "{name}: {changed}");
        let second = run(place.path(), name, &[]);
        assert!(second.out.contains("no changes"), "{name}: {}", second.out);

        let gone = run(place.path(), name, &["--destroy"]);
        assert!(gone.out.contains("left      0 resources"), "{name}: {}", gone.out);
    }
}
