//! Observes a graph in Azure, plans the steps that bring Azure to it, and
//! takes them. It knows kinds and the ARM client, and no Terraform.
//!
//! [`Engine::observe_both`] asks Azure and gives a [`World`]. [`plan()`] makes
//! of it, of the graphs and of what the state records a [`Plan`], without
//! asking anybody. [`Engine::apply`] takes its steps and gives an
//! [`Outcome`]. [`changes`] and [`compare`] answer Terraform's plan and read.

mod actions;
mod apply;
mod approval;
mod assigned;
mod change;
mod closing;
mod contents;
mod diff;
mod explain;
mod facts;
pub mod graph;
mod guests;
mod locks;
mod merge;
mod observe;
mod outcome;
pub mod ownership;
mod place;
mod plan;
mod problem;
pub mod progress;
mod recover;
mod resolve;
mod schedule;
mod settings;
mod standing;
mod world;
mod write;

use std::sync::Arc;

pub use apply::Job;
pub use approval::Unapproved;
pub use change::{Change, cascade, changes};
pub use contents::{Other, Others};
pub use diff::{Difference, Side};
pub use explain::{Explanation, Tally};
pub use facts::is_unsettled;
pub use guests::{Unproven, unproven};
pub use outcome::{Done, Failure, Outcome, Trouble};
pub use ownership::Marks;
pub use plan::{Action, Finish, Intent, Plan, Step, plan, reopening};
pub use problem::{Problem, Why, doubtful, unfit};
pub use recover::{KeptName, recovering};
pub use settings::{IgnoreTags, Settings, SoftDelete};
pub use standing::{Standing, compare, unfinished};
pub use world::{Observation, World};

use crate::arm;

/// Brings Azure to graphs. Clones share the client and the locks, so one
/// engine serves all composites of a process.
#[derive(Clone)]
pub struct Engine {
    client: arm::Client,
    settings: Arc<Settings>,
    locks: locks::Locks,
    progress: Arc<dyn progress::Progress>,
}

impl Engine {
    /// An engine that speaks through `client`.
    #[must_use]
    pub fn new(client: arm::Client, settings: Settings) -> Self {
        Self {
            client,
            settings: Arc::new(settings),
            locks: locks::Locks::default(),
            progress: Arc::new(progress::Unwatched),
        }
    }

    /// The same engine, whose applies tell how they come along.
    #[must_use]
    pub fn telling(&self, progress: Arc<dyn progress::Progress>) -> Self {
        Self { progress, ..self.clone() }
    }

    /// What the user set for every composite alike.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }
}
