//! `docs/founding-documents.md`: every wish of the documents that the product
//! was founded on has an answer, and an answer that names an argument names
//! one that there is.

use amlsecure::provider;
use amlsecure::schema::{Attribute, Block, Schemas, Type};

/// The documents, by the headings of their tables.
const DOCUMENTS: [&str; 5] = ["S0", "S1", "S2", "S3", "S4"];

/// What later versions deliver.
const PLANNED: [&str; 4] = ["access", "egress", "DNS", "proofs"];

/// One row: where a document asks, for what, and what became of it.
struct Row {
    document: String,
    place: String,
    wish: String,
    answer: String,
}

fn rows(page: &str) -> Vec<Row> {
    let mut document = String::new();
    let mut rows = Vec::new();
    for line in page.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            heading.split(':').next().unwrap_or_default().clone_into(&mut document);
        }
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        if document.is_empty() || !line.starts_with("| ") || cells[0] == "where" {
            continue;
        }
        let [place, wish, answer] = cells[..] else { panic!("{document}: not three cells: {line}") };
        let own = |cell: &str| cell.to_owned();
        rows.push(Row {
            document: document.clone(),
            place: own(place),
            wish: own(wish),
            answer: own(answer),
        });
    }
    rows
}

/// What stands between backquotes.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

fn names_something_of_ours(code: &str) -> bool {
    ["amlsecure_", "provider.", "provider::"].iter().any(|beginning| code.starts_with(beginning))
}

/// Why a row is no answer, if it is none: an argument, a plan or a reason.
fn unanswered(answer: &str) -> Option<&'static str> {
    if let Some(plan) = answer.strip_prefix("planned: ") {
        let subject = plan.split_once('.').map_or(plan, |(subject, _)| subject);
        return (!PLANNED.contains(&subject)).then_some("nobody plans that");
    }
    if let Some(reason) = answer.strip_prefix("not a provider's: ") {
        return (!reason.ends_with('.')).then_some("no sentence says why");
    }
    let begins = answer.starts_with('`') && code(answer).next().is_some_and(names_something_of_ours);
    (!begins).then_some("it is neither an argument, nor planned, nor a reason why not")
}

/// Why `amlsecure_network.subnet.purpose = "training"` says what is not so.
fn wrong(schemas: &Schemas, code: &str) -> Option<String> {
    if let Some(function) = code.strip_prefix("provider::amlsecure::") {
        return (!schemas.functions.contains_key(function))
            .then(|| format!("there is no function {function}"));
    }
    let (path, value) = code.split_once(" = ").map_or((code, None), |(path, value)| (path, Some(value)));
    let mut steps = path.split('.');
    let object = steps.next().unwrap_or_default();
    let schema = if object == "provider" { Some(&schemas.provider) } else { schemas.resources.get(object) };
    let Some(schema) = schema else { return Some(format!("there is no {object}")) };
    let mut block: &Block = &schema.block;
    let mut attribute: Option<&Attribute> = None;
    for step in steps {
        if attribute.is_some() {
            return Some(format!("nothing lies in the attribute before {step}"));
        }
        match block.nested(step) {
            Some(nested) => block = &nested.block,
            None => match block.attribute(step) {
                Some(found) => attribute = Some(found),
                None => return Some(format!("there is no {step} in it")),
            },
        }
    }
    let value = value?;
    let Some(attribute) = attribute else { return Some("a block has no value".to_owned()) };
    let takes = match value.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        Some(text) => attribute.description.contains(&format!("`{text}`")),
        None => attribute.ty == Type::Bool && ["true", "false"].contains(&value),
    };
    (!takes).then(|| format!("its description does not speak of {value}"))
}

fn page() -> Vec<Row> {
    rows(&std::fs::read_to_string(super::root().join("docs/founding-documents.md")).unwrap())
}

#[test]
fn every_document_is_gone_through() {
    let rows = page();
    for document in DOCUMENTS {
        let own: Vec<&Row> = rows.iter().filter(|row| row.document == document).collect();
        assert!(own.len() >= 20, "{document} has {} rows", own.len());
        assert!(own.iter().all(|row| !row.place.is_empty() && !row.wish.is_empty()), "{document}");
    }
    assert!(rows.iter().all(|row| DOCUMENTS.contains(&row.document.as_str())));
}

#[test]
fn every_wish_is_answered() {
    let problems: Vec<String> = page()
        .iter()
        .filter_map(|row| {
            let why = unanswered(&row.answer)?;
            Some(format!("{} {}, {}: {why}: {}", row.document, row.place, row.wish, row.answer))
        })
        .collect();
    assert_eq!(problems, Vec::<String>::new());
}

#[test]
fn every_argument_that_is_named_exists() {
    let schemas = provider::schemas();
    let mut problems: Vec<String> = page()
        .iter()
        .flat_map(|row| [&row.place, &row.wish, &row.answer].map(String::as_str))
        .flat_map(code)
        .filter(|code| names_something_of_ours(code))
        .filter_map(|code| Some(format!("{code}: {}", wrong(&schemas, code)?)))
        .collect();
    problems.sort();
    problems.dedup();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn what_there_is_not_is_told_from_what_there_is() {
    let schemas = provider::schemas();
    for there in [
        "amlsecure_network",
        "amlsecure_network.subnet",
        "amlsecure_network.subnet.purpose = \"training\"",
        "amlsecure_workspace.public_network_access_enabled = false",
        "provider.soft_delete.key_vault",
        "provider::amlsecure::subnet_capacity",
    ] {
        assert_eq!(wrong(&schemas, there), None, "{there}");
    }
    for absent in [
        "amlsecure_moon",
        "amlsecure_network.moon",
        "amlsecure_network.subnet.moon",
        "amlsecure_network.name.moon",
        "amlsecure_network.subnet.purpose = \"moon\"",
        "amlsecure_network.subnet = true",
        "amlsecure_network.name = true",
        "provider.moon",
        "provider::amlsecure::moon",
    ] {
        assert!(wrong(&schemas, absent).is_some(), "{absent}");
    }
}

#[test]
fn an_answer_is_one_of_three_kinds() {
    for answer in [
        "`amlsecure_network.name`, and more",
        "planned: access",
        "planned: DNS. The zones are there.",
        "not a provider's: notebooks are the data plane.",
    ] {
        assert_eq!(unanswered(answer), None, "{answer}");
    }
    for none in [
        "",
        "-",
        "see above",
        "`subnet`",
        "planned",
        "planned: moon",
        "not a provider's: ",
        "the `amlsecure_network`",
    ] {
        assert!(unanswered(none).is_some(), "{none}");
    }
}
