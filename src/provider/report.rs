//! What went wrong, for the user: what happened, at which attribute, in
//! Azure's own words, and what to do next.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use super::advice::advice;
use super::foreign::Foreign;
use crate::arm::{self, Cause};
use crate::engine::graph::{Graph, Key, Node, Origin, Role};
use crate::engine::ownership::{State, carries_marks, found};
use crate::engine::{
    Failure, KeptName, Marks, Observation, Outcome, Problem, Standing, Trouble, Unapproved, Unproven, Why,
    World,
};
use crate::kinds::ResourceId;
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
        /// The type of the object, where it was being created: Terraform will
        /// call it tainted.
        tainted: Option<&'static str>,
    },
    /// A destroy, which has left this much.
    Deleting {
        /// Resources that still stand.
        left: usize,
    },
}

/// What stands without the approval that it needs, and who gives it.
pub(super) fn unapproved(graph: &Graph, found: &[(Key, Unapproved)]) -> Diagnostics {
    let mut problems = Diagnostics::default();
    for (key, one) in found {
        let Some(node) = graph.get(key) else { continue };
        let id = node.id.as_ref().map(ToString::to_string).unwrap_or_default();
        problems.warning(
            path(&node.origin),
            format!("The {} {:?} is not approved", node.kind.noun, &*node.key),
            format!("{id}: {one}. {}", one.next()),
        );
    }
    problems
}

/// What is given and may not do: it is told, and built upon.
pub(super) fn doubts(found: &[Problem]) -> Diagnostics {
    let mut problems = Diagnostics::default();
    for problem in found {
        problems.warning(path(&problem.origin), problem.summary(), problem.detail());
    }
    problems
}

/// Where an origin stands in the configuration.
pub(super) fn path(origin: &Origin) -> Path {
    Path::parse(&origin.0).unwrap_or_default()
}

/// Every failure once, and how to go on. `assigned` has the role assignments
/// that Azure refused because they stand under another name.
pub(super) fn failures(outcome: &Outcome, doing: Doing, assigned: &BTreeMap<Key, ResourceId>) -> Diagnostics {
    let mut problems = Diagnostics::default();
    let mut under_way = Vec::new();
    for failure in &outcome.failures {
        let detail = match &failure.error {
            Trouble::Azure(error) if matches!(error.cause, Cause::Stopped) => {
                under_way.push(&*failure.key);
                continue;
            }
            Trouble::Azure(error) => in_azures_words(error),
            Trouble::Unapproved(one) => format!("{}: {one}. {}", failure.id, one.next()),
            trouble => format!("{}: {trouble}.", failure.id),
        };
        let refusal = match &failure.error {
            Trouble::Azure(error) => error.refusal(),
            _ => None,
        };
        let advised = refusal.and_then(advice).map(|advice| format!("{advice}\n\n")).unwrap_or_default();
        let way = assigned.get(&failure.key).map(|id| way_to(&failure.key, id)).unwrap_or_default();
        let detail = format!("{detail}\n\n{advised}{way}{}", next(doing));
        problems.error(path(&failure.origin), summary(failure), detail);
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

/// How to go on from a role assignment that stands under another name.
fn way_to(key: &Key, id: &ResourceId) -> String {
    format!(
        "{id} assigns the same role at the same scope to the same principal. Delete it, or take it over: set adopt = \
         true, and names = {{ {:?} = {:?} }}.\n\n",
        &**key,
        id.name()
    )
}

fn summary(failure: &Failure) -> String {
    let what = format!("{} the {} {:?}", failure.action, failure.noun, &*failure.key);
    match &failure.error {
        Trouble::Azure(error) => match &error.cause {
            Cause::Refused(_) => format!("Azure refused to {what}"),
            Cause::TimedOut(_) => format!("No time was left to {what}"),
            _ => format!("Could not {what}"),
        },
        Trouble::Unapproved(_) => format!("The {} {:?} is not approved", failure.noun, &*failure.key),
        _ => format!("Could not {what}"),
    }
}

fn next(doing: Doing) -> String {
    match doing {
        Doing::Nothing => "Nothing was built.".to_owned(),
        Doing::Building { built, total, tainted } => {
            let untaint = tainted.map_or_else(String::new, |type_name| {
                format!(
                    " Where prevent_destroy is set, run terraform untaint {type_name}.NAME before that apply: it \
                     keeps Terraform from asking for a replacement."
                )
            });
            format!(
                "Built so far: {built} of {total} resources. Nothing is lost: run terraform apply again to continue, \
                 or terraform destroy to remove what was built.{untaint}"
            )
        }
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

/// Why nothing was done at all. What another object of the same composite
/// holds it holds whole, so that is said once.
pub(super) fn problems(found: &[Problem], type_name: &str, graph: &Graph) -> Diagnostics {
    let mut problems = Diagnostics::default();
    let (live, others): (Vec<_>, Vec<_>) = found.iter().partition(|problem| matches!(problem.why, Why::Live));
    let primary = graph.primary();
    if let Some(first) = live.first() {
        problems.error(
            path(primary.map_or(&first.origin, |node| &node.origin)),
            format!("This {type_name} is in use by another Terraform object"),
            format!(
                "{} of its resources stand and were built whole under another object: another state has them, or \
                 one that lost its record. Nothing was changed.{}\n\nWhere the lifecycle says \
                 create_before_destroy: Azure cannot hold the old and the new object under the same names, so \
                 remove that line or change the names.",
                live.len(),
                import(type_name, graph)
            ),
        );
    }
    for problem in others {
        let is_primary = primary.is_some_and(|node| node.key == problem.key);
        let way_on = match &problem.why {
            Why::Unmarked if is_primary => import(type_name, graph),
            Why::Foreign(owner) if owner.split(':').next() == Some(type_name) => {
                " If a run of this block ended early under another name, give it that name again, apply, and rename \
                 it then."
                    .to_owned()
            }
            _ => String::new(),
        };
        let detail = match &problem.why {
            Why::Unread(error) => unread_detail(error),
            _ => problem.detail(),
        };
        problems.error(path(&problem.origin), problem.summary(), format!("{detail}{way_on}"));
    }
    problems
}

/// The command that takes the object of a graph into the state, on a line that
/// Terraform does not wrap.
fn import(type_name: &str, graph: &Graph) -> String {
    graph.primary().and_then(|node| node.id.as_ref()).map_or_else(String::new, |id| {
        format!(" To manage it here, put the name of this block into:\n\n    terraform import {type_name}.NAME {id}")
    })
}

/// Resources whose read failed: the state is kept as it is.
pub(super) fn unreadable(graph: &Graph, standings: &BTreeMap<Key, Standing>) -> Diagnostics {
    let mut problems = Diagnostics::default();
    for node in graph.nodes() {
        if let Some(Standing::Unreadable(error)) = standings.get(&node.key) {
            problems.extend(unread(node, error));
        }
    }
    problems
}

/// Endpoints that nobody can vouch for: they are told, and left alone.
pub(super) fn unproven(graph: &Graph, connections: &[Unproven]) -> Diagnostics {
    let mut problems = Diagnostics::default();
    for connection in connections {
        let Some(node) = graph.get(&connection.key) else { continue };
        problems.warning(
            path(&node.origin),
            format!("An unknown private endpoint is connected to the {} {:?}", node.kind.noun, &*node.key),
            format!(
                "{} is approved, and its endpoint {} cannot be read, so nothing says whose it is. It is left as it \
                 is. If nobody should come in there: az network private-endpoint-connection delete --id {}",
                connection.id, connection.endpoint, connection.id
            ),
        );
    }
    problems
}

/// One resource whose read failed.
pub(super) fn unread(node: &Node, error: &arm::Error) -> Diagnostics {
    let mut problems = Diagnostics::default();
    problems.error(
        path(&node.origin),
        format!("The {} {:?} could not be read", node.kind.noun, &*node.key),
        unread_detail(error),
    );
    problems
}

fn unread_detail(error: &arm::Error) -> String {
    format!("{}\n\nNothing was changed, and the state is kept.", in_azures_words(error))
}

/// What will stand in the way of a destroy, seen from its plan. What could not
/// be read may be readable then.
pub(super) fn problems_ahead(found: &[Problem]) -> Diagnostics {
    let mut ahead = Diagnostics::default();
    for problem in found {
        let at = path(&problem.origin);
        match &problem.why {
            Why::Unread(_) => ahead.warning(at, problem.summary(), problem.detail()),
            _ => ahead.error(at, problem.summary(), problem.detail()),
        }
    }
    ahead
}

/// Names that Azure keeps of the deleted, and what the apply will do.
pub(super) fn kept_names(graph: &Graph, names: &[KeptName]) -> Diagnostics {
    let mut problems = Diagnostics::default();
    for kept in names {
        let Some((node, id)) = graph.get(&kept.key).and_then(|node| Some((node, node.id.as_ref()?))) else {
            continue;
        };
        let (noun, name, former) = (node.kind.noun, id.name(), &kept.former);
        let (summary, detail) = if kept.returns {
            (
                format!("The deleted {noun} {name:?} will be recovered"),
                format!("{former} was deleted, and Azure still keeps it: it comes back with what it held."),
            )
        } else if kept.protected {
            (
                format!("A deleted {noun} holds the name {name:?}"),
                format!(
                    "{former} was deleted under purge protection, so Azure will refuse the name until {}. Choose \
                     another name, or recover that one and give it by its id.",
                    kept.until
                ),
            )
        } else {
            (
                format!("A deleted {noun} holds the name {name:?}"),
                format!(
                    "{former} was deleted and is none that this block would recover, so Azure will refuse the name \
                     until {}. Purge it (az keyvault purge --name {name}), recover it and give it by its id, or \
                     choose another name.",
                    kept.until
                ),
            )
        };
        problems.warning(path(&node.origin), summary, detail);
    }
    problems
}

/// Others' resources inside what was to be deleted.
pub(super) fn foreign(others: &[Foreign]) -> Diagnostics {
    let mut problems = Diagnostics::default();
    let mut groups: BTreeMap<(&str, Option<&str>), Vec<&str>> = BTreeMap::new();
    for other in others {
        groups.entry((&other.within, other.owner.as_deref())).or_default().push(other.id.as_str());
    }
    for ((within, owner), ids) in groups {
        let ids = ids.join("\n");
        let (summary, detail) = match owner {
            None => (
                format!("The {within} holds something that is not ours"),
                format!(
                    "{ids}\n\nThis carries no mark of this provider, and would be deleted along or keep the rest from \
                     being deleted. Nothing was deleted. Delete or move it first, or take this block out of the \
                     configuration with a removed block."
                ),
            ),
            Some(owner) => (
                format!("The {within} still holds something of another composite"),
                format!(
                    "{ids}\n\nThis bears the mark of {owner} and would be deleted along. Nothing was deleted. Destroy \
                     the resource that owns it first. Where both are in one configuration, run terraform destroy \
                     again; named by reference rather than by its name, this one would wait for the other."
                ),
            ),
        };
        problems.error(Path::root(), summary, detail);
    }
    problems
}

/// What a group holds could not be read while planning; the apply asks again.
pub(super) fn unlisted_yet(error: &arm::Error) -> Diagnostics {
    let mut problems = Diagnostics::default();
    problems.warning(
        Path::root(),
        "What the resource group holds could not be read",
        format!(
            "{}\n\nNothing is deleted before it can be read: the apply asks again, and stops where something in it \
             is not ours.",
            in_azures_words(error)
        ),
    );
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

/// An import could not look where it had to.
pub(super) fn not_read(error: &arm::Error) -> Diagnostics {
    let mut problems = Diagnostics::default();
    problems.error(
        Path::root(),
        "What is imported could not be read",
        format!("{}\n\nNothing was imported.", in_azures_words(error)),
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
/// interrupted create has left, or belong to an object that was finished.
pub(super) fn existing(
    graph: &Graph,
    world: &World,
    marks: &Marks,
    type_name: &str,
    count: usize,
    adopt: bool,
) -> Diagnostics {
    let mut problems = Diagnostics::default();
    let total = graph.managed().count();
    let mut foreign = Vec::new();
    for node in graph.managed() {
        let Some(Observation::Present(body)) = world.get(&node.key) else { continue };
        let owner = found(node.kind, body).owner;
        let adopted = adopt && owner.is_none();
        if carries_marks(node.kind) && owner.as_deref() != Some(&*marks.owner) && !adopted {
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
                 belongs to, the apply will refuse. Choose another name, import what it belongs to, or set adopt = true \
                 to take it over where nobody has marked it."
            ),
        );
    }
    let finished = graph.primary().is_some_and(|node| {
        let body = world.get(&node.key).and_then(Observation::body);
        body.is_some_and(|body| found(node.kind, body).state == Some(State::Ready))
    });
    if foreign.is_empty() && finished {
        problems.warning(
            Path::root(),
            format!("This {type_name} stands already: {count} of {total} resources exist"),
            format!(
                "They carry this object's mark, and were finished. Unless this plan replaces the object that they \
                 belong to, the apply will refuse.{}",
                import(type_name, graph)
            ),
        );
    } else if foreign.is_empty() {
        problems.warning(
            Path::root(),
            format!("Resuming: {count} of {total} resources exist and will be kept"),
            "They carry this object's mark: an earlier create made them and did not finish.",
        );
    }
    problems
}

/// What the old state may hold beside an object that was moved out of it.
pub(super) fn left_behind(graph: &Graph, world: &World, type_name: &str, moved: &str) -> Diagnostics {
    let mut problems = Diagnostics::default();
    let ids = |role: Role| {
        let there = graph.nodes().filter(|node| {
            node.role == role && matches!(world.get(&node.key), Some(Observation::Present(_)))
        });
        let ids =
            there.filter_map(|node| node.id.as_ref()).filter(|id| !id.as_str().eq_ignore_ascii_case(moved));
        ids.fold(String::new(), |list, id| format!("{list}\n    {id}"))
    };
    let (own, given) = (ids(Role::Managed), ids(Role::Given));
    let mut text = String::new();
    if !own.is_empty() {
        let _ = write!(
            text,
            "\n\nThese belong to this object now. What the state holds of them under other blocks needs a removed \
             block with destroy = false there, so that nothing has two owners:\n{own}"
        );
    }
    if !given.is_empty() {
        let _ = write!(text, "\n\nThese are read and never written, and may stay as they are:\n{given}");
    }
    if !text.is_empty() {
        problems.warning(
            Path::root(),
            format!("This {type_name} stands for more than what was moved"),
            format!("Of its resources only this was carried over:\n\n    {moved}{text}"),
        );
    }
    problems
}
