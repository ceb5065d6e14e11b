//! What stands in the way of a plan, in sentences.

use std::fmt;

use serde_json::Value as Json;

use super::graph::{Graph, Key, Node, Origin, Role};
use super::world::World;
use crate::arm;
use crate::kinds::ResourceId;

/// One node that cannot be brought where it should be.
///
/// Prints as sentences that name the id and the ways on.
#[derive(Debug, Clone)]
pub struct Problem {
    /// The node.
    pub key: Key,
    /// Where the user asked for it.
    pub origin: Origin,
    /// What its kind is called: `storage account`.
    pub noun: &'static str,
    /// What Azure calls it, where that is known.
    pub id: Option<ResourceId>,
    /// What stands in the way.
    pub why: Why,
}

/// What stands in the way of one node.
#[derive(Debug, Clone)]
pub enum Why {
    /// It exists and bears the mark of another owner.
    Foreign(String),
    /// It exists and nothing says that it is ours.
    Unmarked,
    /// It exists, and a finished object of this composite elsewhere has it.
    Live,
    /// It should go, and another object that never became complete made it.
    LeftBehind,
    /// It should exist already and does not.
    GivenAbsent,
    /// It is somebody else's, and cannot be what it is given for.
    GivenUnfit(&'static str),
    /// It is somebody else's, and may not do for what it is given for.
    GivenDoubtful(&'static str),
    /// It could not be read, so nothing may be made or deleted upon it.
    Unread(arm::Error),
    /// Nobody looked at it.
    NotObserved,
    /// Something of it that must be known by now is not.
    NotKnown,
    /// It would have to go, and Terraform's plan did not say so.
    Unannounced {
        /// `replaced` or `deleted`.
        action: &'static str,
        /// Why it would have to go.
        reason: String,
    },
}

impl Problem {
    /// The first sentence alone, without a full stop.
    #[must_use]
    pub fn summary(&self) -> String {
        let noun = self.noun;
        match &self.why {
            Why::Foreign(_) => format!("The {noun} {} belongs to another owner", self.key),
            Why::Unmarked => format!("The {noun} {} exists already", self.key),
            Why::Live => format!("The {noun} {} is in use by another Terraform object", self.key),
            Why::LeftBehind => format!("The {noun} {} was left behind by a run that ended early", self.key),
            Why::GivenAbsent => format!("The {noun} {} does not exist", self.key),
            Why::GivenUnfit(_) => format!("The {noun} {} cannot be used", self.key),
            Why::GivenDoubtful(_) => format!("The {noun} {} may not do as it stands", self.key),
            Why::Unread(_) | Why::NotObserved => format!("The {noun} {} could not be read", self.key),
            Why::NotKnown => format!("The {noun} {} is not known whole", self.key),
            Why::Unannounced { action, .. } => format!("The {noun} {} would have to be {action}", self.key),
        }
    }

    /// What is so, and the ways on.
    #[must_use]
    pub fn detail(&self) -> String {
        let id = self.id.as_ref().map_or("(id not known)", ResourceId::as_str);
        match &self.why {
            Why::Foreign(owner) => format!(
                "{id} bears the mark of {owner}. Give this one another name, or take the other out of its \
                 configuration first."
            ),
            Why::Unmarked => format!(
                "{id} was not made by this composite and nothing in the state records it. Choose another name, \
                 give it by its id where the block takes one, import what it belongs to, or set adopt = true \
                 in the block to take it over."
            ),
            Why::Live => format!(
                "{id} was built whole by this composite under another Terraform object: another state, or one \
                 that lost its record. Import it by the id of its primary, or delete it there first."
            ),
            Why::LeftBehind => format!(
                "{id} was made by a run of this composite that ended before Terraform heard of it, and no later run \
                 has come so far as to take it over. Nothing was deleted. Run terraform apply until it succeeds, and \
                 then destroy."
            ),
            Why::GivenAbsent => {
                format!("{id} must exist before this composite is built, and Azure does not know it.")
            }
            Why::GivenUnfit(why) | Why::GivenDoubtful(why) => format!("{id}: {why}"),
            Why::Unread(error) => format!("{id}: {error}. Nothing is made or deleted on a failed read."),
            Why::NotObserved => format!("{id} was not looked at. Nothing is made or deleted unseen."),
            Why::NotKnown => "Its name or a value of its body is still unknown.".to_owned(),
            Why::Unannounced { reason, .. } => format!(
                "{id}: {reason}. The plan that was approved did not say so: Azure has changed since. Plan again."
            ),
        }
    }
}

/// Given resources that cannot be what they are given for, as far as they were
/// seen.
#[must_use]
pub fn unfit(graph: &Graph, world: &World) -> Vec<Problem> {
    of_given(graph, world, &|node, body| node.is_unfit(body).map(Why::GivenUnfit))
}

/// Given resources that may not be what they are given for, as far as they were
/// seen: nothing that stops a plan.
#[must_use]
pub fn doubtful(graph: &Graph, world: &World) -> Vec<Problem> {
    of_given(graph, world, &|node, body| node.is_doubtful(body).map(Why::GivenDoubtful))
}

fn of_given(graph: &Graph, world: &World, why: &dyn Fn(&Node, &Json) -> Option<Why>) -> Vec<Problem> {
    let given = graph.nodes().filter(|node| node.role == Role::Given);
    given
        .filter_map(|node| {
            let body = world.body(node.id.as_ref()?)?;
            Some(Problem {
                key: node.key.clone(),
                origin: node.origin.clone(),
                noun: node.kind.noun,
                id: node.id.clone(),
                why: why(node, body)?,
            })
        })
        .collect()
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}. {}", self.summary(), self.detail())
    }
}
