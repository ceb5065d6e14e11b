//! What an apply tells while it goes on.

use std::sync::Arc;

use tracing::{debug, info};

use super::graph::Key;
use crate::arm::{self, Listener};

/// One thing that an apply does: a write, a deletion, or what prepares or ends
/// them. A replacement has two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doing {
    /// The node.
    pub key: Key,
    /// `create`, `update`, `replace`, `adopt`, `delete`, `release`, or `mark as ready`.
    pub action: String,
    /// The nodes that are done along with it: a network carries its subnets.
    pub carries: Vec<Key>,
    /// The steps that must be done before, by their places in the list.
    pub waits: Vec<usize>,
    /// The names of what it must have to itself: Azure takes one writer at a time.
    pub turns: Vec<String>,
}

/// What happens in an apply. A step is named by its place in the list that the
/// apply began with, and by its node for those who only read along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It begins, and this is all that it will do.
    Begins(Vec<Doing>),
    /// Something happens to a step.
    Step {
        /// Its place.
        step: usize,
        /// Its node.
        key: Key,
        /// What happens.
        news: News,
    },
    /// It is over.
    Ends {
        /// Whether everything was done.
        complete: bool,
    },
}

/// What happens to a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// It begins.
    Begins,
    /// What Azure says of it meanwhile.
    Azure(arm::News),
    /// It is done.
    Ends,
    /// It has failed.
    Fails {
        /// Why.
        error: String,
    },
}

/// Takes the events of one apply. It is told in the middle of the work, so it
/// must not wait for anything.
pub trait Progress: Send + Sync {
    /// Takes one event.
    fn tell(&self, event: Event);
}

/// Nobody asks.
pub(super) struct Unwatched;

impl Progress for Unwatched {
    fn tell(&self, _: Event) {}
}

/// Tells the log and whoever watches.
pub(super) fn tell(progress: &dyn Progress, event: Event) {
    match &event {
        Event::Begins(steps) => info!(steps = steps.len(), "apply begins"),
        Event::Step { key, news: News::Azure(arm::News::Retrying { code, pause }), .. } => {
            info!(key = %key, code, seconds = pause.as_secs(), "step is retrying");
        }
        Event::Step { key, news: News::Azure(arm::News::Running { status, percent }), .. } => {
            debug!(key = %key, status, percent, "Azure is at work");
        }
        // Their log lines say more: see `apply`.
        Event::Step { .. } => {}
        Event::Ends { complete } => info!(complete, "apply ends"),
    }
    progress.tell(event);
}

/// Hears the news of one step's requests.
pub(super) struct OfStep {
    pub(super) progress: Arc<dyn Progress>,
    pub(super) step: usize,
    pub(super) key: Key,
}

impl Listener for OfStep {
    fn hear(&self, news: arm::News) {
        let (step, key) = (self.step, self.key.clone());
        tell(self.progress.as_ref(), Event::Step { step, key, news: News::Azure(news) });
    }
}
