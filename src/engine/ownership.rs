//! Whose a resource is, provable from Azure alone.
//!
//! Every taggable resource that a composite makes carries the composite and
//! the Terraform object in its tags; a role assignment, which has no tags,
//! carries them in its description; anything else is its parent's.

use std::fmt;

use serde_json::Value as Json;

use super::graph::{Expr, Graph, Node, Role};
use super::place;
use super::resolve::Want;
use super::world::World;
use crate::kinds::{Kind, ResourceId};

/// The tag that names the composite.
pub const OWNER: &str = "amlsecure-owner";
/// The tag that names the Terraform object that built or adopted it.
pub const INSTANCE: &str = "amlsecure-instance";
/// The primary's tag that says whether the whole graph stands.
pub const STATE: &str = "amlsecure-state";

/// The one kind without tags that has a place for marks.
/// Source: Microsoft.Authorization 2022-04-01, `properties.description`.
const ROLE_ASSIGNMENT: &str = "Microsoft.Authorization/roleAssignments";
const DESCRIPTION: [&str; 2] = ["properties", "description"];

/// Who is acting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marks {
    /// The composite, derived from its type and primary id: a tag's value
    /// without `;`, at most 256 characters.
    pub owner: String,
    /// The Terraform object; `None` while a create is planned, as it is made
    /// by the apply.
    pub instance: Option<String>,
}

/// Whether a composite stands whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// A create has begun and not ended: another may continue it.
    Building,
    /// The whole graph has stood.
    Ready,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Building => "building",
            Self::Ready => "ready",
        })
    }
}

/// The marks that a resource was found with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// The composite named by it.
    pub owner: Option<String>,
    /// The Terraform object named by it.
    pub instance: Option<String>,
    /// What it says of the whole.
    pub state: Option<State>,
}

/// Where a kind carries its marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Carrier {
    /// Where the body has them.
    Tags(&'static str),
    Description,
    Parent,
}

fn carrier(kind: &Kind) -> Carrier {
    match kind.tags_at() {
        Some(tags) => Carrier::Tags(tags),
        None if kind.resource_type == ROLE_ASSIGNMENT => Carrier::Description,
        None => Carrier::Parent,
    }
}

/// Whether a resource of this kind carries marks itself.
#[must_use]
pub fn carries_marks(kind: &Kind) -> bool {
    carrier(kind) != Carrier::Parent
}

/// Whether a tag of this name is one of ours.
#[must_use]
pub fn is_mark(tag: &str) -> bool {
    [OWNER, INSTANCE, STATE].iter().any(|mark| mark.eq_ignore_ascii_case(tag))
}

/// The value of a tag that Azure shows in the tags of `body`, `at` a dotted
/// path, where it has one. Tag names are the same however they are cased
/// (domain rule of ARM tags).
pub(super) fn tag(body: &Json, at: &str, name: &str) -> Option<String> {
    let tags = place::at(body, at)?.as_object()?;
    let value = tags.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?.1.as_str()?;
    (!value.is_empty()).then(|| value.to_owned())
}

/// The marks on the primary of `graph`, with the node; nothing where it was not
/// seen to stand.
pub(super) fn of_primary<'g>(graph: &'g Graph, world: &World) -> Option<(&'g Node, Found)> {
    let node = graph.primary()?;
    Some((node, found(node.kind, world.body(node.id.as_ref()?)?)))
}

/// The marks on a resource of `kind` that Azure shows as `body`.
#[must_use]
pub fn found(kind: &Kind, body: &Json) -> Found {
    match carrier(kind) {
        Carrier::Tags(at) => {
            let state = match tag(body, at, STATE).as_deref() {
                Some("building") => Some(State::Building),
                Some("ready") => Some(State::Ready),
                _ => None,
            };
            Found { owner: tag(body, at, OWNER), instance: tag(body, at, INSTANCE), state }
        }
        Carrier::Description => {
            let text = body.pointer("/properties/description").and_then(Json::as_str).unwrap_or_default();
            let word = |name: &str| {
                text.split(';').find_map(|part| {
                    let value = part.trim().strip_prefix(name)?.strip_prefix('=')?;
                    (!value.is_empty()).then(|| value.to_owned())
                })
            };
            Found { owner: word(OWNER), instance: word(INSTANCE), state: None }
        }
        Carrier::Parent => Found::default(),
    }
}

/// Adds to a wanted body the marks that its kind carries.
pub(crate) fn mark(kind: &Kind, want: &mut Want, marks: &Marks, state: Option<State>) {
    let text = |text: &str| Want::Value(Json::String(text.to_owned()));
    match carrier(kind) {
        Carrier::Tags(at) => {
            let mut set = |name: &str, value: &str| {
                let path: Vec<&str> = at.split('.').chain([name]).collect();
                want.set(&path, text(value));
            };
            set(OWNER, &marks.owner);
            if let Some(instance) = &marks.instance {
                set(INSTANCE, instance);
            }
            if let Some(state) = state {
                set(STATE, &state.to_string());
            }
        }
        Carrier::Description => {
            let own = match want.at("properties.description") {
                Some(Want::Value(Json::String(own))) if !own.is_empty() => format!("{own}; "),
                _ => String::new(),
            };
            let value = match &marks.instance {
                Some(instance) => text(&format!("{own}{OWNER}={}; {INSTANCE}={instance}", marks.owner)),
                // The instance is made by the apply, so the text is not known yet.
                None => Want::Pending(Expr::Unknown),
            };
            want.set(&DESCRIPTION, value);
        }
        Carrier::Parent => {}
    }
}

/// Whether a resource that exists is the acting object's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Claim {
    /// It is.
    Ours,
    /// It is our composite's, marked by another Terraform object.
    OtherInstance(Option<String>),
    /// It is another composite's.
    Foreign(String),
    /// Nothing says whose it is.
    Unmarked,
}

/// Whose `node` is, which `world` holds. A node without a place for marks is
/// whose the nearest marked node around it is.
pub(crate) fn claim(
    graph: &Graph,
    node: &Node,
    world: &World,
    marks: &Marks,
    recorded: &dyn Fn(&ResourceId) -> bool,
) -> Claim {
    let is_recorded = |node: &Node| node.id.as_ref().is_some_and(recorded);
    let mut holder = node;
    while !carries_marks(holder.kind) {
        match graph.parent(holder) {
            Some(parent) if parent.role == Role::Managed => holder = parent,
            _ => return if is_recorded(node) { Claim::Ours } else { Claim::Unmarked },
        }
    }
    let marked = holder.id.as_ref().and_then(|id| world.body(id)).map(|body| found(holder.kind, body));
    let Found { owner, instance, .. } = marked.unwrap_or_default();
    match owner {
        None if is_recorded(node) || is_recorded(holder) => Claim::Ours,
        None => Claim::Unmarked,
        Some(owner) if owner != marks.owner => Claim::Foreign(owner),
        // Someone took the instance off: the record of our state stands in for it.
        Some(_) if instance.is_none() && (is_recorded(node) || is_recorded(holder)) => Claim::Ours,
        Some(_) if instance.is_some() && instance == marks.instance => Claim::Ours,
        Some(_) => Claim::OtherInstance(instance),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::kinds::{ROLE_ASSIGNMENT as ROLE, STORAGE_ACCOUNT as STORAGE, SUBNET};

    fn marks() -> Marks {
        Marks { owner: "workspace-4f2a".into(), instance: Some("7c1d".into()) }
    }

    #[test]
    fn marks_in_tags_are_read_as_they_were_written() {
        let mut want = Want::from(&json!({"location": "eastasia"}));
        mark(&STORAGE, &mut want, &marks(), Some(State::Building));
        let read = found(&STORAGE, &want.expose());
        assert_eq!(read.owner.as_deref(), Some("workspace-4f2a"));
        assert_eq!(read.instance.as_deref(), Some("7c1d"));
        assert_eq!(read.state, Some(State::Building));
    }

    #[test]
    fn marks_in_a_description_stand_beside_the_users_own_words() {
        let mut want = Want::from(&json!({"properties": {"description": "for the pipeline"}}));
        mark(&ROLE, &mut want, &marks(), None);
        let body = want.expose();
        assert_eq!(
            body["properties"]["description"],
            "for the pipeline; amlsecure-owner=workspace-4f2a; amlsecure-instance=7c1d"
        );
        assert_eq!(found(&ROLE, &body).owner.as_deref(), Some("workspace-4f2a"));
        assert_eq!(found(&ROLE, &body).instance.as_deref(), Some("7c1d"));
    }

    #[test]
    fn a_kind_without_a_place_for_marks_gets_none() {
        let mut want = Want::from(&json!({"properties": {}}));
        mark(&SUBNET, &mut want, &marks(), None);
        assert_eq!(want.expose(), json!({"properties": {}}));
    }

    #[test]
    fn tag_names_are_found_in_any_casing() {
        let read = found(&STORAGE, &json!({"tags": {"AMLSecure-Owner": "me", "amlsecure-state": "ready"}}));
        assert_eq!(read.owner.as_deref(), Some("me"));
        assert_eq!(read.state, Some(State::Ready));
    }
}
