//! How each node of a graph stands in Azure.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value as Json;

use super::actions::unfix;
use super::approval;
use super::diff::{Differ, Difference, Side, TAGS};
use super::graph::{Graph, Key, Node, Role};
use super::guests::unwelcome;
use super::ownership::{self, Claim, Marks, State};
use super::resolve::{Want, answer, resolve};
use super::settings::Settings;
use super::world::{Observation, World};
use crate::arm;
use crate::kinds::ResourceId;

/// How one node stands in Azure.
///
/// Prints as the `status` of a node: `in sync`, `missing`,
/// `drifted: properties.networkAcls.defaultAction is Allow, want Deny`.
#[derive(Debug, Clone)]
pub enum Standing {
    /// It is as wanted.
    InSync,
    /// It is not.
    Drifted(Vec<Difference>),
    /// It does not exist.
    Missing,
    /// It could not be read.
    Unreadable(arm::Error),
    /// It exists and is marked as another's: the owner that it names, with
    /// the instance where that is what differs.
    ForeignOwner(String),
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InSync => f.write_str("in sync"),
            Self::Missing => f.write_str("missing"),
            Self::Unreadable(error) => write!(f, "could not be read: {error}"),
            Self::ForeignOwner(owner) => write!(f, "belongs to {owner}"),
            Self::Drifted(differences) => {
                f.write_str("drifted: ")?;
                write_all(f, differences)
            }
        }
    }
}

/// Writes differences one after the other, parted by semicolons.
pub(super) fn write_all(f: &mut fmt::Formatter<'_>, differences: &[Difference]) -> fmt::Result {
    for (position, difference) in differences.iter().enumerate() {
        if position > 0 {
            f.write_str("; ")?;
        }
        write!(f, "{difference}")?;
    }
    Ok(())
}

/// How every node of `graph` stands that has an id and was looked at.
///
/// Every id of the graph counts as recorded in the state: this answers
/// Terraform's read, whose graph is the state's own. A given node is in sync
/// where it exists.
#[must_use]
pub fn compare(graph: &Graph, world: &World, marks: &Marks, settings: &Settings) -> BTreeMap<Key, Standing> {
    let recorded: BTreeSet<&ResourceId> = graph.managed().filter_map(|node| node.id.as_ref()).collect();
    graph
        .nodes()
        .filter_map(|node| {
            let observation = world.of(node.id.as_ref()?)?;
            let standing = match observation {
                Observation::Absent => Standing::Missing,
                Observation::Unknown(error) => Standing::Unreadable(error.clone()),
                Observation::Present(_) if node.role == Role::Given => Standing::InSync,
                Observation::Present(body) => {
                    match ownership::claim(graph, node, world, marks, &|id| recorded.contains(id)) {
                        Claim::Foreign(owner) => Standing::ForeignOwner(owner),
                        Claim::OtherInstance(Some(instance)) if marks.instance.is_some() => {
                            Standing::ForeignOwner(format!("{} (instance {instance})", marks.owner))
                        }
                        _ => {
                            let found = drift(graph, node, body, world, marks, settings);
                            if found.is_empty() { Standing::InSync } else { Standing::Drifted(found) }
                        }
                    }
                }
            };
            Some((node.key.clone(), standing))
        })
        .collect()
}

/// The primary, where its mark does not say that the whole stands: to a
/// composite that is complete this is drift, as another create would take it over.
#[must_use]
pub fn unfinished(graph: &Graph, world: &World) -> Option<(Key, Difference)> {
    let (primary, found) =
        ownership::of_primary(graph, world).filter(|(node, _)| ownership::carries_marks(node.kind))?;
    let said =
        |state: Option<State>| state.map_or(Side::Absent, |state| Side::Value(state.to_string().into()));
    (found.owner.is_some() && found.state != Some(State::Ready)).then(|| {
        let difference = Difference {
            path: format!("{}.{}", primary.kind.tags_at().unwrap_or(TAGS), ownership::STATE),
            have: said(found.state),
            want: said(Some(State::Ready)),
            fixed: false,
        };
        (primary.key.clone(), difference)
    })
}

fn drift(
    graph: &Graph,
    node: &Node,
    body: &Json,
    world: &World,
    marks: &Marks,
    settings: &Settings,
) -> Vec<Difference> {
    let mut want = resolve(&node.body, &|key, path| answer(graph, world, key, path));
    ownership::mark(node.kind, &mut want, marks, None);
    let differ = Differ { kind: node.kind, ignore: &settings.ignore_tags, pending_differs: false };
    let mut found = differ.differences(&Want::from(body), &want, None);
    unfix(&node.actions, &want, &mut found);
    found.extend(unwelcome(graph, body, world));
    found.extend(ailments(node, body));
    found
}

/// What is wrong with a resource whatever its body should say.
pub(super) fn ailments(node: &Node, body: &Json) -> Vec<Difference> {
    unprovisioned(body).into_iter().chain(approval::lacking(node, body)).collect()
}

/// A resource whose last write failed stays in Azure as it was left, and only
/// another write of the whole mends it (resource provider contract, terminal
/// provisioning states).
pub(super) fn unprovisioned(body: &Json) -> Option<Difference> {
    let state = body.pointer("/properties/provisioningState")?.as_str()?;
    let failed = ["Failed", "Canceled", "Cancelled"].iter().any(|bad| bad.eq_ignore_ascii_case(state));
    failed.then(|| Difference {
        path: PROVISIONING_STATE.to_owned(),
        have: Side::Value(state.into()),
        want: Side::Value("Succeeded".into()),
        fixed: false,
    })
}

/// Where [`unprovisioned`] finds its difference.
pub(super) const PROVISIONING_STATE: &str = "properties.provisioningState";
