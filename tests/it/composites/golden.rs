//! What plans say, word for word: each file in `golden/` is a configuration's
//! planned state. `AMLSECURE_UPDATE=1 cargo test composites` writes them anew.

use std::fmt::Write as _;
use std::path::Path;

use amlsecure::provider::schemas;
use amlsecure::schema::{Block, Nesting, Type, Value};
use amlsecure::simulator::SUBSCRIPTION;
use serde_json::{Value as Json, json};

use super::harness::*;

/// Holds a text to the file of that name.
pub(super) fn hold(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/composites/golden").join(name);
    if std::env::var_os("AMLSECURE_UPDATE").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let there = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        there == text,
        "golden/{name} says something else. If this is right, write it anew with: AMLSECURE_UPDATE=1 cargo test \
         composites\n{}",
        first_difference(&there, text)
    );
}

fn first_difference(before: &str, after: &str) -> String {
    let mut lines = before.lines().zip(after.lines()).enumerate();
    match lines.find(|(_, (before, after))| before != after) {
        Some((at, (before, after))) => format!("line {}:\n- {before}\n+ {after}", at + 1),
        None => format!("{} lines became {}", before.lines().count(), after.lines().count()),
    }
}

/// A plan as a person would read it: what is null is left out, and the
/// subscription has no number.
pub(super) fn print(plan: &Plan) -> String {
    let mut text = format!("{:?} {}\n", plan.action, plan.type_name);
    for path in &plan.requires_replace {
        writeln!(text, "  because of {path}").unwrap();
    }
    for warning in said(&plan.diagnostics) {
        writeln!(text, "  warning {warning}").unwrap();
    }
    block(&schemas().resources[&plan.type_name].block, &plan.planned, 1, &mut text);
    text.replace(SUBSCRIPTION, "SUBSCRIPTION")
}

fn block(block_of: &Block, value: &Value, depth: usize, text: &mut String) {
    let pad = "  ".repeat(depth);
    for attribute in &block_of.attributes {
        let inner = value.attribute(&attribute.name);
        if !inner.is_null() {
            write!(text, "{pad}{} = ", attribute.name).unwrap();
            printed(&attribute.ty, inner, depth, text);
        }
    }
    for nested in &block_of.blocks {
        let inner = value.attribute(&nested.name);
        match (nested.nesting, inner) {
            (_, Value::Unknown) => writeln!(text, "{pad}{} {UNKNOWN}", nested.name).unwrap(),
            (Nesting::Single { .. }, Value::Map(_)) => {
                writeln!(text, "{pad}{}", nested.name).unwrap();
                block(&nested.block, inner, depth + 1, text);
            }
            (Nesting::List { .. }, Value::List(items)) => {
                for item in items {
                    writeln!(text, "{pad}{}", nested.name).unwrap();
                    block(&nested.block, item, depth + 1, text);
                }
            }
            _ => {}
        }
    }
}

fn printed(ty: &Type, value: &Value, depth: usize, text: &mut String) {
    let pad = "  ".repeat(depth + 1);
    match (ty, value) {
        (_, Value::Unknown) => text.push_str(UNKNOWN),
        (Type::Object(_), Value::Map(members)) if members.contains_key("status") => {
            let word = |name: &str| members[name].as_str().unwrap_or(UNKNOWN).to_owned();
            write!(text, "{}: {}", word("status"), word("id")).unwrap();
        }
        (_, Value::Map(members)) => {
            text.push('\n');
            for (key, member) in members.iter().filter(|(_, member)| !member.is_null()) {
                write!(text, "{pad}{key} = ").unwrap();
                printed(element(ty, key), member, depth + 1, text);
            }
            return;
        }
        (Type::List(element) | Type::Set(element), Value::List(items)) => {
            text.push('\n');
            for item in items {
                write!(text, "{pad}- ").unwrap();
                printed(element, item, depth + 1, text);
            }
            return;
        }
        (_, Value::String(word)) => write!(text, "{word:?}").unwrap(),
        (_, Value::Bool(flag)) => text.push_str(&flag.to_string()),
        (_, Value::Number(number)) => text.push_str(&number.to_string()),
        (_, other) => write!(text, "{other:?}").unwrap(),
    }
    text.push('\n');
}

fn element<'t>(ty: &'t Type, key: &str) -> &'t Type {
    match ty {
        Type::Map(element) => element,
        Type::Object(members) => members.get(key).unwrap_or(&Type::Dynamic),
        _ => &Type::Dynamic,
    }
}

async fn planned(type_name: &str, arguments: &Json) -> String {
    let bench = Bench::new().await;
    print(&bench.plan(type_name, arguments, None).await)
}

#[tokio::test(start_paused = true)]
async fn every_composite_is_planned_to_the_last_id() {
    let stack = Stack::whole();
    for (type_name, arguments) in stack.composites() {
        let short = type_name.strip_prefix("amlsecure_").unwrap();
        hold(&format!("example-{short}.txt"), &planned(type_name, arguments).await);
    }
}

#[tokio::test(start_paused = true)]
async fn a_network_for_every_purpose_is_planned_with_its_guards() {
    let purposes = [
        ("endpoints", "private_endpoints"),
        ("training", "training"),
        ("inference", "inference"),
        ("instances", "container_instances"),
        ("spark-public", "databricks_public"),
        ("spark-private", "databricks_private"),
        ("AzureBastionSubnet", "bastion"),
        ("GatewaySubnet", "gateway"),
        ("AzureFirewallSubnet", "firewall"),
        ("agents", "agents"),
        ("machines", "attached_compute"),
        ("others", "general"),
    ];
    let subnets: Vec<Json> = purposes
        .iter()
        .enumerate()
        .map(|(at, (name, purpose))| {
            json!({ "name": name, "purpose": purpose, "address_prefixes": [format!("10.10.{at}.0/24")] })
        })
        .collect();
    let arguments = with(&Stack::example().network, "/subnet", json!(subnets));
    hold("network-every-purpose.txt", &planned(NETWORK, &arguments).await);
}

#[tokio::test(start_paused = true)]
async fn a_workspace_of_given_parts_plans_only_what_is_its_own() {
    let mut arguments = Stack::example().workspace;
    arguments["storage_account"] = json!({ "id": their_storage() });
    arguments["key_vault"] = json!({ "id": their_vault() });
    arguments["container_registry"] = json!({ "id": their_registry() });
    arguments["application_insights"] = json!({ "id": their_insights() });
    hold("workspace-given-parts.txt", &planned(WORKSPACE, &arguments).await);
}

#[tokio::test(start_paused = true)]
async fn a_workspace_of_a_user_assigned_identity_lists_what_it_needs() {
    let mut arguments = Stack::example().workspace;
    arguments["identity"] = json!({ "type": "UserAssigned", "identity_ids": [their_identity()] });
    arguments["role_assignments"] = json!("none");
    hold("workspace-user-assigned.txt", &planned(WORKSPACE, &arguments).await);
}
