//! What changes between two expansions of a composite, without asking Azure.

use std::collections::{BTreeMap, BTreeSet};

use super::actions::unfix;
use super::diff::{Differ, Difference, Side};
use super::graph::{Expr, Graph, Key, Node, Role};
use super::resolve::by_ids;
use super::settings::IgnoreTags;
use crate::kinds::{Kind, Node as Place, Update};

/// What becomes of a node from one graph to the next.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Only the later graph has it.
    Added,
    /// Only the earlier graph has it.
    Removed,
    /// It can be brought there as it stands.
    Changed(Vec<Difference>),
    /// It must go and be made anew. The differences are empty where it is
    /// replaced because of another node that it lies in or is bound to.
    Replaced(Vec<Difference>),
    /// Nothing.
    Same,
}

/// What changes from `prior` to `desired`, for every key of ours in either.
///
/// Given resources are none of ours and have no entry. A value that is not
/// known yet counts as another value.
#[must_use]
pub fn changes(prior: &Graph, desired: &Graph) -> BTreeMap<Key, Change> {
    let mut found: BTreeMap<Key, Change> = prior
        .managed()
        .filter(|node| desired.get(&node.key).is_none_or(|node| node.role == Role::Given))
        .map(|node| (node.key.clone(), Change::Removed))
        .collect();
    let mut replaced = BTreeSet::new();
    for node in desired.managed() {
        let change = match prior.get(&node.key) {
            Some(before) if before.role == Role::Managed => change(prior, before, desired, node, &replaced),
            _ => Change::Added,
        };
        if matches!(change, Change::Replaced(_)) {
            replaced.insert(node.key.clone());
        }
        found.insert(node.key.clone(), change);
    }
    found
}

fn change(prior: &Graph, before: &Node, desired: &Graph, node: &Node, replaced: &BTreeSet<Key>) -> Change {
    if before.id != node.id || before.id.is_none() {
        let side = |node: &Node| node.id.as_ref().map_or(Side::Pending, |id| Side::Value(id.as_str().into()));
        return Change::Replaced(vec![Difference {
            path: "id".to_owned(),
            have: side(before),
            want: side(node),
            fixed: true,
        }]);
    }
    let have = by_ids(prior, &before.body);
    let want = by_ids(desired, &node.body);
    let ignore = IgnoreTags::default();
    let mut differences = Differ { kind: node.kind, ignore: &ignore, pending_differs: true }.differences(
        &have,
        &want,
        Some(&have),
    );
    unfix(&node.actions, &want, &mut differences);
    if goes_with(desired, node, replaced) || must_replace(node.kind, &differences) {
        Change::Replaced(differences)
    } else if differences.is_empty() {
        Change::Same
    } else {
        Change::Changed(differences)
    }
}

/// Every node that is replaced when those of `replaced` are and those of
/// `absent` are made again: what lies in one, what refers to one by a property
/// that cannot change, and what holds an answer of one there.
#[must_use]
pub fn cascade(graph: &Graph, replaced: &BTreeSet<Key>, absent: &BTreeSet<Key>) -> BTreeSet<Key> {
    let mut all = replaced.clone();
    for node in graph.managed().filter(|node| !absent.contains(&node.key)) {
        if goes_with(graph, node, &all) || is_outdated(node, absent) {
            all.insert(node.key.clone());
        }
    }
    all
}

/// Whether these differences can only be had from another resource.
pub(super) fn must_replace(kind: &Kind, differences: &[Difference]) -> bool {
    differences.iter().any(|difference| difference.fixed || kind.update == Update::Never)
}

/// Whether `node` cannot outlive one of `replaced`: ARM deletes what lies in
/// a resource with it, and a fixed reference would go on meaning the old one.
pub(super) fn goes_with(graph: &Graph, node: &Node, replaced: &BTreeSet<Key>) -> bool {
    if replaced.is_empty() {
        return false;
    }
    let lies_in = |key: &Key| match (graph.get(key).and_then(|outer| outer.id.as_ref()), &node.id) {
        (Some(outer), Some(id)) => id != outer && id.within(outer),
        _ => false,
    };
    let mut bound = Bound::default();
    fixed_references(Some(node.kind.tree().root()), &node.body, false, &mut bound);
    replaced.iter().any(|key| lies_in(key) || bound.ids.contains(key) || bound.answers.contains(key))
}

/// Whether `node` holds, in a property that cannot change, an answer of one of
/// `absent`: what is made in its place will answer otherwise. Its id it keeps.
pub(super) fn is_outdated(node: &Node, absent: &BTreeSet<Key>) -> bool {
    if absent.is_empty() {
        return false;
    }
    let mut bound = Bound::default();
    fixed_references(Some(node.kind.tree().root()), &node.body, false, &mut bound);
    !bound.answers.is_disjoint(absent)
}

/// The nodes that a body names in properties that cannot change.
#[derive(Default)]
struct Bound {
    /// By id.
    ids: BTreeSet<Key>,
    /// By something else that Azure says of them.
    answers: BTreeSet<Key>,
}

fn fixed_references(at: Option<&Place>, expr: &Expr, fixed: bool, found: &mut Bound) {
    let fixed = fixed || at.is_some_and(Place::is_fixed);
    match expr {
        Expr::Output(key, path) if fixed && &**path == "id" => {
            found.ids.insert(key.clone());
        }
        Expr::Output(key, _) if fixed => {
            found.answers.insert(key.clone());
        }
        Expr::Json(_) | Expr::Secret(_) | Expr::Unknown | Expr::Output(..) => {}
        Expr::Concat(parts) => {
            for part in parts {
                fixed_references(None, part, fixed, found);
            }
        }
        Expr::Array(items) => {
            let inner = at.and_then(Place::items);
            for item in items {
                fixed_references(inner, item, fixed, found);
            }
        }
        Expr::Object(members) => {
            for (name, value) in members {
                fixed_references(at.and_then(|at| at.step(name)), value, fixed, found);
            }
        }
        Expr::At(_, inner) => fixed_references(at, inner, fixed, found),
    }
}
