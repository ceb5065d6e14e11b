//! What went wrong, for the user: what happened, at which attribute, in
//! Azure's own words, and what to do next.

use std::fmt::Write as _;
use std::time::Duration;

use super::advice::advice;
use super::foreign::Foreign;
use crate::arm::{self, Cause};
use crate::engine::graph::{Graph, Node, Origin};
use crate::engine::ownership::{carries_marks, found};
use crate::engine::{Failure, Marks, Observation, Outcome, Problem, Standing, Trouble, World};
use crate::schema::{Diagnostics, Path};

/// What an operation was about when it fell short.
#[derive(Debug, Clone, Copy)]
pub(super) enum Doing {
    /// A create that made nothing.
    Nothing,
    /// A create or an update, of which this much stands.
    Building {
        /// Resources that stand.
        built: usize,
        /// Resources that should.
        total: usize,
    },
    /// A destroy, which has left this much.
    Deleting {
        /// Resources that still stand.
        left: usize,
    },
}

/// Where an origin stands in the configuration.
fn path(origin: &Origin) -> Path {
    Path::parse(&origin.0).unwrap_or_default()
}

/// Every failure once, and how to go on.
pub(super) fn failures(outcome: &Outcome, doing: Doing) -> Diagnostics {
    let mut problems = Diagnostics::default();
    let mut under_way = Vec::new();
    for failure in &outcome.failures {
        let detail = match &failure.error {
            Trouble::Azure(error) if matches!(error.cause, Cause::Stopped) => {
                under_way.push(&*failure.key);
                continue;
            }
            Trouble::Azure(error) => in_azures_words(error),
            trouble => format!("{}: {trouble}.", failure.id),
        };
        let refusal = match &failure.error {
            Trouble::Azure(error) => error.refusal(),
            _ => None,
        };
        let advised = refusal.and_then(advice).map(|advice| format!("{advice}\n\n")).unwrap_or_default();
        problems.error(
            path(&failure.origin),
            summary(failure),
            format!("{detail}\n\n{advised}{}", next(doing)),
        );
    }
    if problems.0.is_empty() {
        let begun = if under_way.is_empty() {
            String::new()
        } else {
            format!("Under way, and finished by Azure itself: {}.\n\n", under_way.join(", "))
        };
        problems.error(Path::root(), "Stopped as asked", format!("{begun}{}", next(doing)));
    }
    problems
}

fn summary(failure: &Failure) -> String {
    let what = format!("{} the {} {:?}", failure.action, failure.noun, &*failure.key);
    match &failure.error {
        Trouble::Azure(error) => match &error.cause {
            Cause::Refused(_) => format!("Azure refused to {what}"),
            Cause::TimedOut => format!("No time was left to {what}"),
            _ => format!("Could not {what}"),
        },
        _ => format!("Could not {what}"),
    }
}

fn next(doing: Doing) -> String {
    match doing {
        Doing::Nothing => "Nothing was built.".to_owned(),
        Doing::Building { built, total } => format!(
            "Built so far: {built} of {total} resources. Nothing is lost: run terraform apply again to continue, or \
             terraform destroy to remove what was built."
        ),
        Doing::Deleting { left } => {
            format!(
                "Still there: {left} resources. Nothing is lost: run terraform destroy again to continue."
            )
        }
    }
}

/// ARM's error, whole: code, message, target, inner errors, correlation id.
fn in_azures_words(error: &arm::Error) -> String {
    let mut text = match &error.cause {
        Cause::Refused(refusal) => {
            let mut text =
                format!("{} {}{}: {}", refusal.status, refusal.code, tried(error), refusal.message);
            if let Some(target) = &refusal.target {
                let _ = write!(text, "\nTarget: {target}");
            }
            for detail in &refusal.details {
                let _ = write!(text, "\n- {}: {}", detail.code, detail.message);
            }
            text
        }
        cause => format!("{cause}{}.", tried(error)),
    };
    if !error.request.is_empty() {
        let _ = write!(text, "\nRequest: {}", error.request);
    }
    if let Some(id) = &error.correlation_id {
        let _ = write!(text, "\nCorrelation id: {id}");
    }
    text
}

fn tried(error: &arm::Error) -> String {
    match error.tries {
        0 | 1 => String::new(),
        tries => format!(" (tried {tries} times in {})", duration(error.elapsed)),
    }
}

fn duration(elapsed: Duration) -> String {
    match elapsed.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

/// Why nothing was done at all.
pub(super) fn problems(found: &[Problem]) -> Diagnostics {
    let mut problems = Diagnostics::default();
    for problem in found {
        problems.error(path(&problem.origin), problem.summary(), problem.detail());
    }
    problems
}

/// Resources whose read failed: the state is kept as it is.
pub(super) fn unreadable(
    graph: &Graph,
    standings: &std::collections::BTreeMap<crate::engine::graph::Key, Standing>,
) -> Diagnostics {
    let mut problems = Diagnostics::default();
    for node in graph.nodes() {
        if let Some(Standing::Unreadable(error)) = standings.get(&node.key) {
            problems.extend(unread(node, error));
        }
    }
    problems
}

/// One resource whose read failed.
pub(super) fn unread(node: &Node, error: &arm::Error) -> Diagnostics {
    let mut problems = Diagnostics::default();
    problems.error(
        path(&node.origin),
        format!("The {} {:?} could not be read", node.kind.noun, &*node.key),
        format!("{}\n\nNothing was changed, and the state is kept.", in_azures_words(error)),
    );
    problems
}

/// Somebody else's resources inside what was to be deleted.
pub(super) fn foreign(others: &[Foreign]) -> Diagnostics {
    let mut problems = Diagnostics::default();
    for other in others {
        problems.error(
            Path::root(),
            format!("The {} holds something that is not ours", other.within),
            format!(
                "{} carries no mark of this provider and would be deleted with it. Nothing was deleted. Delete or \
                 move it first, or take this block out of the configuration with a removed block.",
                other.id
            ),
        );
    }
    problems
}

/// What a resource group holds could not be read.
pub(super) fn unlisted(error: &arm::Error) -> Diagnostics {
    let mut problems = Diagnostics::default();
    problems.error(
        Path::root(),
        "What the resource group holds could not be read",
        format!("{}\n\nNothing was deleted.", in_azures_words(error)),
    );
    problems
}

/// A resource that must exist and does not.
pub(super) fn not_found(node: &Node) -> Diagnostics {
    let mut problems = Diagnostics::default();
    let id = node.id.as_ref().map(ToString::to_string).unwrap_or_default();
    problems.error(
        path(&node.origin),
        format!("There is no such {}", node.kind.noun),
        format!("Azure does not know {id}."),
    );
    problems
}

/// Resources that a create will meet. Those that carry our mark are what an
/// interrupted create has left, or belong to a live object elsewhere.
pub(super) fn existing(graph: &Graph, world: &World, marks: &Marks, count: usize) -> Diagnostics {
    let mut problems = Diagnostics::default();
    let total = graph.managed().count();
    let mut foreign = Vec::new();
    for node in graph.managed() {
        let Some(Observation::Present(body)) = world.get(&node.key) else { continue };
        let owner = found(node.kind, body).owner;
        if carries_marks(node.kind) && owner.as_deref() != Some(&*marks.owner) {
            foreign.push(node);
        }
    }
    for node in &foreign {
        let id = node.id.as_ref().map(ToString::to_string).unwrap_or_default();
        problems.warning(
            path(&node.origin),
            format!("The {} {:?} exists already", node.kind.noun, &*node.key),
            format!(
                "{id} exists and does not carry this object's mark. Unless this plan replaces the object that it \
                 belongs to, the apply will refuse. Choose another name, or delete it first."
            ),
        );
    }
    if foreign.is_empty() {
        problems.warning(
            Path::root(),
            format!("Resuming: {count} of {total} resources exist and will be kept"),
            "They carry this object's mark: an earlier create made them and did not finish. If another Terraform \
             state holds the finished object, the apply will refuse and name them.",
        );
    }
    problems
}
