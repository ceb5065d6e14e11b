//! `docs/simulator.md`: what it lists is what there is. Its tables of kinds, actions and
//! limits are written by `AMLSECURE_UPDATE=1 cargo test docs`.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use amlsecure::kinds::ALL;
use amlsecure::simulator::{self, Behaviour, SUBSCRIPTION, Script, Settings, Simulator};
use serde_json::{Value, json};

use super::root;

fn file() -> std::path::PathBuf {
    root().join("docs/simulator.md")
}

fn page() -> String {
    std::fs::read_to_string(file()).unwrap()
}

/// What stands under a heading, up to the next one.
fn section<'p>(page: &'p str, heading: &str) -> &'p str {
    let (_, rest) =
        page.split_once(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("the page has no {heading:?}"));
    rest.find("\n#").map_or(rest, |end| &rest[..end])
}

/// The rows of the tables under a heading: their cells, without what marks code.
pub fn rows(heading: &str) -> Vec<Vec<String>> {
    let page = page();
    let cells = |line: &str| -> Vec<String> {
        line.trim_matches('|').split(" | ").map(|cell| cell.trim().trim_matches('`').to_owned()).collect()
    };
    section(&page, heading).lines().filter(|line| line.starts_with("| `")).map(cells).collect()
}

/// The first cells of the rows under a heading; none stands there twice.
pub fn names(heading: &str) -> BTreeSet<String> {
    let rows = rows(heading);
    let names: BTreeSet<String> = rows.iter().map(|row| row[0].clone()).collect();
    assert_eq!(names.len(), rows.len(), "{heading} lists something twice");
    names
}

/// The words that a script may have where this one has a `?`.
fn possible(script: &Value) -> BTreeSet<String> {
    let wrong = script.to_string().parse::<Script>().unwrap_err();
    let (_, expected) = wrong.split_once("expected ").unwrap_or_else(|| panic!("{wrong}"));
    expected.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn kinds() -> String {
    let mut kinds: Vec<_> = ALL.iter().collect();
    kinds.sort_by_key(|kind| kind.resource_type.to_lowercase());
    let mut table = String::from("| resource type | shape of | behaviour |\n|---|---|---|\n");
    for kind in kinds {
        let behaviour = if simulator::has_behaviour(kind) { "its own" } else { "from its facts" };
        let _ = writeln!(table, "| `{}` | {} | {behaviour} |", kind.resource_type, kind.api_version);
    }
    table
}

fn limits() -> String {
    let mut table = String::from("| resource type | in | limit |\n|---|---|---|\n");
    for (kind, limit) in simulator::limits() {
        let place = if kind.matches('/').count() > 1 { "its parent" } else { "a region" };
        let _ = writeln!(table, "| `{kind}` | {place} | {limit} |");
    }
    table
}

fn actions() -> String {
    let mut kinds: Vec<_> = ALL.iter().filter(|kind| !simulator::actions(kind).is_empty()).collect();
    kinds.sort_by_key(|kind| kind.resource_type.to_lowercase());
    let mut table = String::from("| POST to | actions |\n|---|---|\n");
    for kind in kinds {
        let actions: Vec<String> = simulator::actions(kind).iter().map(|name| format!("`{name}`")).collect();
        let _ = writeln!(table, "| `{}` | {} |", kind.resource_type, actions.join(", "));
    }
    table
}

#[test]
fn the_tables_of_the_simulator_are_what_it_has() {
    let mut wanted = page();
    for (name, table) in [("kinds", kinds()), ("actions", actions()), ("limits", limits())] {
        let (begin, end) = (format!("<!-- {name}: generated -->\n"), format!("<!-- end of {name} -->"));
        let from = wanted.find(&begin).unwrap_or_else(|| panic!("{begin}")) + begin.len();
        let to = wanted.find(&end).unwrap_or_else(|| panic!("{end}"));
        wanted.replace_range(from..to, &format!("\n{table}\n"));
    }
    if std::env::var_os("AMLSECURE_UPDATE").is_some() {
        std::fs::write(file(), &wanted).unwrap();
    }
    assert!(
        page() == wanted,
        "docs/simulator.md is not what the simulator has. Write it anew with: AMLSECURE_UPDATE=1 cargo test docs"
    );
}

#[test]
fn every_script_on_the_page_can_be_read() {
    let page = page();
    let scripts: Vec<&str> =
        page.split("\n```json\n").skip(1).map(|rest| rest.split_once("\n```").unwrap().0).collect();
    assert!(scripts.len() >= 8, "{} scripts", scripts.len());
    for script in scripts {
        let read: Script = script.parse().unwrap_or_else(|wrong| panic!("{wrong}: {script}"));
        let sets = script.contains("\"settings\"");
        assert!(sets || !read.faults.is_empty(), "a script that says nothing: {script}");
    }
}

#[test]
fn every_word_of_a_script_is_on_the_page() {
    let fault = |fault: Value| json!({ "faults": [fault] });
    let produced = |produced: Value| json!({ "faults": [{ "produce": produced }] });
    for (heading, script) in [
        ("## Faults", fault(json!({ "?": 0 }))),
        ("### `match`", fault(json!({ "match": { "?": 0 } }))),
        ("### `produce`", produced(json!({ "?": 0 }))),
        ("#### `answer`", produced(json!({ "answer": { "?": 0 } }))),
        ("#### `fail`", produced(json!({ "fail": { "?": 0 } }))),
        ("#### `drop` and `end`", produced(json!({ "drop": "?" }))),
        ("#### `race`", produced(json!({ "race": "?" }))),
        ("## Settings", json!({ "settings": { "?": 0 } })),
        ("### `policies`", json!({ "settings": { "policies": [{ "?": 0 }] } })),
        ("#### `effect`", json!({ "settings": { "policies": [{ "effect": "?" }] } })),
        ("#### `deploy`", json!({ "settings": { "policies": [{ "deploy": { "?": 0 } }] } })),
        ("### `denied`", json!({ "settings": { "denied": [{ "?": 0 }] } })),
    ] {
        assert_eq!(names(heading), possible(&script), "{heading}");
    }
}

#[test]
fn every_default_of_a_setting_is_the_one_that_the_page_gives() {
    let Behaviour {
        workspace_recover,
        throttle,
        unregistered,
        registration_seconds,
        unseen_reads,
        lingering_reads,
        absent_subnets_deleted,
        auto_approval,
        unknown_roles_refused,
        deleted_log_names_taken,
        keyless_instances_fail,
        quotas,
        unavailable_sizes,
        policies,
        denied,
    } = Behaviour::default();
    assert!(policies.is_empty() && denied.is_empty());
    let defaults = json!({
        "workspace_recover": workspace_recover,
        "throttle": throttle,
        "unregistered": unregistered,
        "registration_seconds": registration_seconds,
        "unseen_reads": unseen_reads,
        "lingering_reads": lingering_reads,
        "absent_subnets_deleted": absent_subnets_deleted,
        "auto_approval": auto_approval,
        "unknown_roles_refused": unknown_roles_refused,
        "deleted_log_names_taken": deleted_log_names_taken,
        "keyless_instances_fail": keyless_instances_fail,
        "quotas": quotas,
        "unavailable_sizes": unavailable_sizes,
        "policies": [],
        "denied": [],
    });
    for row in rows("## Settings") {
        assert_eq!(row[1], defaults[&row[0]].to_string(), "{}", row[0]);
    }
}

/// The rows of what is not simulated: what, and what there is instead.
fn not_simulated() -> Vec<(String, String)> {
    let page = page();
    let rows = section(&page, "### What is not simulated").lines().filter(|line| line.starts_with("| "));
    rows.skip(1)
        .map(|line| {
            let (what, instead) = line.trim_matches(['|', ' ']).split_once(" | ").unwrap();
            (what.to_owned(), instead.to_owned())
        })
        .collect()
}

/// What is asked of what is not there, and the refusal, told by a word of its row.
const REFUSED: &[(&str, &str, &str, u16, &str)] = &[
    ("Resource Graph", "POST", "/providers/Microsoft.ResourceGraph/resources", 404, "InvalidResourceType"),
    ("Resource Graph", "POST", "/batch", 404, "InvalidResourceType"),
    ("deployments", "PUT", "{rg}/providers/Microsoft.Resources/deployments/main", 404, "InvalidResourceType"),
    (
        "deployments",
        "GET",
        "/providers/Microsoft.Management/managementGroups",
        404,
        "InvalidResourceNamespace",
    ),
    (
        "deployments",
        "GET",
        "{rg}/providers/Microsoft.CostManagement/exports",
        404,
        "InvalidResourceNamespace",
    ),
    (
        "deployments",
        "PUT",
        "{rg}/providers/Microsoft.Authorization/policyAssignments/a",
        404,
        "InvalidResourceType",
    ),
    (
        "other subscriptions",
        "GET",
        "/subscriptions/0f0f0f0f-0000-4000-8000-000000000000",
        404,
        "SubscriptionNotFound",
    ),
    (
        "`runCommand`",
        "POST",
        "{rg}/providers/Microsoft.Compute/virtualMachines/vm/runCommand",
        404,
        "ResourceGroupNotFound",
    ),
];

#[test]
fn what_is_not_simulated_is_refused_as_the_page_says() {
    let cloud = Simulator::open(Settings::default()).unwrap();
    let rows = not_simulated();
    assert!(rows.len() > 10, "{rows:?}");
    let rg = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/rg");
    for (word, method, path, status, code) in REFUSED {
        assert!(rows.iter().any(|(what, _)| what.contains(word)), "no row says {word:?}");
        let url = format!("https://management.azure.com{}?api-version=2022-12-01", path.replace("{rg}", &rg));
        let request = http::Request::builder().method(*method).uri(url).body(b"{}".to_vec()).unwrap();
        let answer = cloud.handle(request, std::time::SystemTime::UNIX_EPOCH).unwrap();
        let body: Value = serde_json::from_slice(answer.body()).unwrap();
        assert_eq!(
            (answer.status().as_u16(), body["error"]["code"].as_str()),
            (*status, Some(*code)),
            "{method} {path}"
        );
    }
}

#[test]
fn nothing_that_has_a_setting_or_an_action_is_said_to_be_missing() {
    let settings = names("## Settings");
    for (what, instead) in not_simulated() {
        for word in what.split('`').skip(1).step_by(2) {
            let action = ALL.iter().any(|kind| simulator::actions(kind).contains(&word));
            assert!(!action && !settings.contains(word), "{word} is there");
        }
        assert!(!instead.is_empty(), "{what}");
    }
}
