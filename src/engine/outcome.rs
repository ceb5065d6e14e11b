//! What became of a plan.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::approval::Unapproved;
use super::graph::{Key, Origin};
use super::world::World;
use crate::arm;
use crate::kinds::ResourceId;

/// What became of a plan: all that was reached, whether or not all was.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// What is now known of every node.
    pub world: World,
    /// What was done to each node whose step succeeded.
    pub done: BTreeMap<Key, Done>,
    /// The steps that failed, in the order in which they did.
    pub failures: Vec<Failure>,
    /// The nodes whose steps were not begun: they wait for one that failed,
    /// or Terraform asked to stop.
    pub unreached: BTreeSet<Key>,
    /// Whether Terraform asked to stop.
    pub stopped: bool,
}

impl Outcome {
    /// Whether everything was done.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.failures.is_empty() && self.unreached.is_empty()
    }
}

/// What was done to a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// It was made.
    Created,
    /// It was changed.
    Updated,
    /// It was deleted and made anew.
    Replaced,
    /// It was deleted.
    Deleted,
    /// It was found and made ours.
    Adopted,
    /// It was left as it stands.
    Kept,
}

/// A step that failed.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The node.
    pub key: Key,
    /// Where the user wrote what Azure complains about, as near as it says.
    pub origin: Origin,
    /// What kind of resource it is: `private endpoint`.
    pub noun: &'static str,
    /// What Azure calls it.
    pub id: ResourceId,
    /// What was being done: `create`.
    pub action: &'static str,
    /// Why it failed.
    pub error: Trouble,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {} failed: {}", self.key, self.noun, self.action, self.error)
    }
}

/// Why a step failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Trouble {
    /// ARM refused, or no answer came.
    #[error("{0}")]
    Azure(Box<arm::Error>),
    /// The body needs something that Azure does not answer for another node.
    #[error("it needs {path} of {key}, and Azure answers without it")]
    Unanswered {
        /// The other node.
        key: Key,
        /// The path that is missing.
        path: String,
    },
    /// It was there when the plan was made and is gone.
    #[error("it has disappeared since the plan was made; apply again to make it anew")]
    Vanished,
    /// Another's mark has come upon it since the plan was made.
    #[error("it has come to belong to {0} since the plan was made")]
    Foreign(String),
    /// It has changed since the plan was made so that only a replacement mends it.
    #[error("it has changed since the plan was made ({0}), and that cannot be changed back; plan again")]
    Moved(String),
    /// It stands, and the owner of what it leads to has not approved it.
    #[error("{0}")]
    Unapproved(Box<Unapproved>),
    /// Somebody else kept writing it.
    #[error("somebody else wrote it at the same time, {0} times in a row")]
    Contended(u32),
}
