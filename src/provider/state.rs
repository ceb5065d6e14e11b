//! The computed attribute `resources`: which Azure resources an object has,
//! and how each of them stands.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::graph::{Graph, Key, Origin};
use crate::engine::{self, Change, Difference};
use crate::kinds::{self, ResourceId};
use crate::schema::{Path, Value};

/// A resource is as wanted.
pub(super) const IN_SYNC: &str = "in sync";
/// A resource that should exist does not.
pub(super) const MISSING: &str = "missing";
/// A resource has not been made yet.
pub(super) const PENDING: &str = "pending";
/// A resource is no longer wanted and not yet gone.
pub(super) const LEFT_OVER: &str = "to be removed";

const CHANGED: &str = "changed: ";
const REPLACED: &str = "replaced: ";
const DRIFTED: &str = "drifted: ";
const BROKEN: &str = "drifted beyond repair: ";

/// A resource is replaced because it could not be mended.
const MENDED: &str = "replaced: it had drifted beyond repair";
/// A resource is replaced because another is.
const ALONG: &str = "replaced: along with what it lies in or is bound to";

/// One element of `resources`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// The ARM id; `None` while it is not known.
    pub(super) id: Option<ResourceId>,
    /// The ARM type.
    pub(super) kind: String,
    /// How it stands.
    pub(super) status: String,
}

/// All of `resources`, by node key.
pub(super) type Entries = BTreeMap<String, Entry>;

/// Reads `resources` from a state. What cannot be read is left out.
pub(super) fn read(state: &Value) -> Entries {
    let Some(members) = state.attribute("resources").as_map() else { return Entries::new() };
    members
        .iter()
        .filter_map(|(key, entry)| {
            Some((
                key.clone(),
                Entry {
                    id: entry.attribute("id").as_str().and_then(|text| ResourceId::parse(text).ok()),
                    kind: entry.attribute("type").as_str()?.to_owned(),
                    status: entry.attribute("status").as_str().unwrap_or(MISSING).to_owned(),
                },
            ))
        })
        .collect()
}

/// `resources` as Terraform's value.
pub(super) fn value(entries: &Entries) -> Value {
    Value::Map(
        entries
            .iter()
            .map(|(key, entry)| {
                let id = entry.id.as_ref().map_or(Value::Unknown, |id| Value::from(id.as_str()));
                let members = [
                    ("id".to_owned(), id),
                    ("type".to_owned(), Value::from(entry.kind.as_str())),
                    ("status".to_owned(), Value::from(entry.status.as_str())),
                ];
                (key.clone(), Value::Map(members.into()))
            })
            .collect(),
    )
}

/// Every resource of ours in a graph, standing as `status` says.
pub(super) fn of_graph(graph: &Graph, status: impl Fn(&str) -> String) -> Entries {
    graph
        .managed()
        .map(|node| {
            let entry = Entry {
                id: node.id.clone(),
                kind: node.kind.resource_type.to_owned(),
                status: status(&node.key),
            };
            (node.key.to_string(), entry)
        })
        .collect()
}

/// Whether a status says that there is nothing to do.
///
/// What the last apply did to a resource stays as its status until something
/// else happens to it: a refresh that finds it in shape has nothing to report.
pub(super) fn is_healthy(status: &str) -> bool {
    status == IN_SYNC || status.starts_with(CHANGED) || status.starts_with(REPLACED)
}

/// What a plan says of a resource: one that is not in shape comes back into
/// it, and one that is says how it will change.
pub(super) fn planned(change: &Change, before: Option<&Entry>) -> String {
    match (change, before) {
        (_, Some(entry)) if !is_healthy(&entry.status) => IN_SYNC.to_owned(),
        (Change::Changed(differences), _) => format!("{CHANGED}{}", listed(differences, &Voice::Becomes)),
        (Change::Replaced(differences), _) if differences.is_empty() => ALONG.to_owned(),
        (Change::Replaced(differences), _) => format!("{REPLACED}{}", listed(differences, &Voice::Becomes)),
        (Change::Same, Some(entry)) => entry.status.clone(),
        (Change::Same | Change::Added | Change::Removed, _) => IN_SYNC.to_owned(),
    }
}

/// What a refresh says of a resource that is not as wanted.
pub(super) fn drifted(differences: &[Difference]) -> String {
    let broken = differences.iter().any(|difference| difference.fixed);
    format!("{}{}", if broken { BROKEN } else { DRIFTED }, listed(differences, &Voice::Is))
}

enum Voice {
    Is,
    Becomes,
}

/// The first few differences, and how many more there are.
fn listed(differences: &[Difference], voice: &Voice) -> String {
    /// More would not be read in a plan.
    const SHOWN: usize = 3;
    // What is too much comes first: it may let somebody in.
    let mut differences: Vec<&Difference> = differences.iter().collect();
    differences.sort_by_key(|difference| difference.want != engine::Side::Absent);
    let mut texts: Vec<String> = differences
        .iter()
        .take(SHOWN)
        .map(|difference| match voice {
            Voice::Is => difference.to_string(),
            Voice::Becomes => format!("{} {} -> {}", difference.path, difference.have, difference.want),
        })
        .collect();
    if differences.len() > SHOWN {
        texts.push(format!("and {} more", differences.len() - SHOWN));
    }
    texts.join("; ")
}

/// What an apply replaces because of what a refresh found, and what the plan
/// says of it: resources that drifted beyond repair, what lies in them or is
/// bound to them, and what is bound to an answer of a missing one.
pub(super) fn replaced_for_drift(graph: &Graph, entries: &Entries) -> BTreeMap<Key, &'static str> {
    let keys = |test: &dyn Fn(&str) -> bool| -> BTreeSet<Key> {
        let found = entries.iter().filter(|(_, entry)| test(&entry.status));
        found.map(|(key, _)| Key::from(key.as_str())).collect()
    };
    let broken = keys(&|status| status.starts_with(BROKEN));
    let missing = keys(&|status| status == MISSING);
    let all = engine::cascade(graph, &broken, &missing);
    all.into_iter()
        .map(|key| {
            let why = if broken.contains(&key) { MENDED } else { ALONG };
            (key, why)
        })
        .collect()
}

/// Adds to a graph what a state records and the graph does not name: resources
/// that an interrupted change has left. They are known by id and type alone.
pub(super) fn with_left_overs(graph: &mut Graph, entries: &Entries) {
    let named: BTreeSet<ResourceId> = graph.nodes().filter_map(|node| node.id.clone()).collect();
    for (key, entry) in entries {
        let Some(id) = entry.id.as_ref().filter(|id| !named.contains(*id)) else { continue };
        if let Some(kind) = kinds::find(&entry.kind) {
            // The key may meanwhile name another resource.
            let key = if graph.get(key).is_some() { format!("{key} (before)") } else { key.clone() };
            let origin = Origin(Path::root().attribute("resources").key(&key).to_string().into());
            graph.add(key, kind, Some(id.clone()), serde_json::Value::Null, origin);
        }
    }
}

/// The ids that a state records.
pub(super) fn ids(entries: &Entries) -> BTreeSet<ResourceId> {
    entries.values().filter_map(|entry| entry.id.clone()).collect()
}
