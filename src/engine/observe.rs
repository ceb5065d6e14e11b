//! Looks at every node of a graph in Azure, with few reads.
//!
//! A child that its parent's answer shows is not asked for; siblings are
//! listed together. But a list lags behind writes (ARM caches it), so only
//! what is listed as wanted is believed: anything else is asked for by id.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt, stream};
use serde_json::Value as Json;

use super::Engine;
use super::diff::Differ;
use super::graph::{Graph, Key, Node, Role};
use super::ownership;
use super::place::at;
use super::plan::prior_want;
use super::resolve::{Want, answer, resolve};
use super::standing::ailments;
use super::world::{Observation, World};
use crate::arm::{self, Call, Cause};
use crate::kinds::{Kind, ResourceId};

/// Reads under way at once for one composite: enough to hide the latency of
/// some fifty reads, and a small part of ARM's bucket of 250.
const READS_AT_ONCE: usize = 12;

/// From how many siblings on a list is cheaper than a read each.
const WORTH_LISTING: usize = 2;

#[derive(Clone, Copy)]
struct Target<'g> {
    node: &'g Node,
    id: &'g ResourceId,
    /// Whether the wanted graph has it, so that there is something to compare with.
    wanted: bool,
}

impl Engine {
    /// Looks at every node of `graph` whose id is known. A read that fails is
    /// an observation too.
    pub async fn observe(&self, graph: &Graph, call: &Call) -> World {
        self.observe_both(graph, None, call).await
    }

    /// Looks at every node of `desired` and at those of `prior` that it no
    /// longer has, or has under another id.
    pub async fn observe_both(&self, desired: &Graph, prior: Option<&Graph>, call: &Call) -> World {
        let targets = targets(desired, prior);
        let ids: BTreeSet<&ResourceId> = targets.iter().map(|target| target.id).collect();
        let mut world = World::default();
        // What a parent's answer says spares its children a read, so parents come first.
        let mut levels: BTreeMap<usize, Vec<Target<'_>>> = BTreeMap::new();
        for target in &targets {
            levels.entry(depth(target.id, &ids)).or_default().push(*target);
        }
        let mut listed = Vec::new();
        for level in levels.into_values() {
            listed.extend(self.observe_level(&level, &targets, &mut world, call).await);
        }
        let doubtful: Vec<Target<'_>> = listed
            .into_iter()
            .filter(|target| !(target.wanted && self.is_as_wanted(target.node, desired, prior, &world)))
            .collect();
        self.read(&doubtful, &mut world, call).await;
        self.look_at_guests(desired, &mut world, call).await;
        world
    }

    /// Looks at the nodes of one level and returns those that only a list has shown.
    async fn observe_level<'g>(
        &self,
        level: &[Target<'g>],
        targets: &[Target<'g>],
        world: &mut World,
        call: &Call,
    ) -> Vec<Target<'g>> {
        let mut single = Vec::new();
        let mut groups: BTreeMap<(&str, ResourceId), Vec<Target<'g>>> = BTreeMap::new();
        for target in level {
            let parent = target.id.parent();
            match parent.as_ref().and_then(|parent| world.of(parent)) {
                Some(Observation::Absent) => {
                    world.note(&target.node.key, target.id, Observation::Absent);
                    continue;
                }
                Some(Observation::Present(body)) if target.node.kind.embedded.is_some() => {
                    let found = embedded(body, target.node.kind, target.id);
                    let seen = found.map_or(Observation::Absent, Observation::Present);
                    world.note(&target.node.key, target.id, seen);
                    continue;
                }
                _ => {}
            }
            let has_embedded = targets.iter().any(|other| {
                other.node.kind.embedded.is_some() && other.id.parent().as_ref() == Some(target.id)
            });
            match parent {
                Some(scope) if !has_embedded => {
                    groups.entry((target.node.kind.resource_type, scope)).or_default().push(*target);
                }
                _ => single.push(*target),
            }
        }
        let (lists, few): (Vec<_>, Vec<_>) =
            groups.into_iter().partition(|(_, members)| members.len() >= WORTH_LISTING);
        single.extend(few.into_iter().flat_map(|(_, members)| members));

        // Gathered first: a closure held across the wait would tie the future to one lifetime.
        let asked: Vec<_> = lists
            .into_iter()
            .map(|((_, scope), members)| async move {
                let kind = members.first().map(|first| first.node.kind);
                let items = match kind {
                    Some(kind) => self.client.list(call, kind, &scope).await,
                    None => Ok(Vec::new()),
                };
                (members, items)
            })
            .collect();
        let answers: Vec<_> = stream::iter(asked).buffer_unordered(READS_AT_ONCE).collect().await;
        let mut listed = Vec::new();
        for (members, items) in answers {
            let items = match items {
                Ok(items) => items,
                // No time is left to ask for each by itself, and this error knows why.
                Err(error) if matches!(error.cause, Cause::TimedOut(_)) => {
                    for target in members {
                        world.note(&target.node.key, target.id, Observation::Unknown(error.clone()));
                    }
                    continue;
                }
                // A list that fails is no answer: each is asked for by itself.
                Err(_) => Vec::new(),
            };
            for target in members {
                match items.iter().find(|item| has_id(item, target.id)) {
                    Some(item) => {
                        world.note(&target.node.key, target.id, Observation::Present(item.clone()));
                        listed.push(target);
                    }
                    None => single.push(target),
                }
            }
        }
        self.read(&single, world, call).await;
        listed
    }

    async fn read(&self, targets: &[Target<'_>], world: &mut World, call: &Call) {
        let asked: Vec<_> = targets
            .iter()
            .map(|target| async move {
                let seen = self.look(call, target.node.kind, target.id).await;
                (&target.node.key, target.id, seen)
            })
            .collect();
        let answers: Vec<_> = stream::iter(asked).buffer_unordered(READS_AT_ONCE).collect().await;
        for (key, id, seen) in answers {
            world.note(key, id, seen);
        }
    }

    /// Asks for one resource.
    pub async fn look(&self, call: &Call, kind: &Kind, id: &ResourceId) -> Observation {
        match self.client.get(call, kind, id).await {
            Ok(Some(body)) => Observation::Present(body),
            Ok(None) => Observation::Absent,
            Err(error) => Observation::Unknown(error),
        }
    }

    /// Asks for all resources of a kind directly in another.
    pub async fn look_within(
        &self,
        call: &Call,
        kind: &Kind,
        scope: &ResourceId,
    ) -> Result<Vec<Json>, arm::Error> {
        self.client.list(call, kind, scope).await
    }

    /// Whether a listed resource gives no reason to do anything about it.
    fn is_as_wanted(&self, node: &Node, desired: &Graph, prior: Option<&Graph>, world: &World) -> bool {
        if node.role == Role::Given {
            return true;
        }
        let Some(body) = node.id.as_ref().and_then(|id| world.body(id)) else { return false };
        if ownership::carries_marks(node.kind) {
            let marks = ownership::found(node.kind, body);
            if marks.owner.is_none() || marks.instance.is_none() {
                return false;
            }
        }
        let want = resolve(&node.body, &|key: &Key, path| answer(desired, world, key, path));
        let prior = prior_want(prior, node, world);
        let differ = Differ { kind: node.kind, ignore: &self.settings.ignore_tags, pending_differs: false };
        ailments(node, body).is_empty()
            && differ.differences(&Want::from(body), &want, prior.as_ref()).is_empty()
    }
}

fn targets<'g>(desired: &'g Graph, prior: Option<&'g Graph>) -> Vec<Target<'g>> {
    let wanted = desired.nodes().map(|node| (node, true));
    let earlier = prior.into_iter().flat_map(Graph::managed).map(|node| (node, false));
    let mut seen = BTreeSet::new();
    wanted
        .chain(earlier)
        .filter_map(|(node, wanted)| {
            let id = node.id.as_ref()?;
            seen.insert(id).then_some(Target { node, id, wanted })
        })
        .collect()
}

/// How many of the targets `id` lies in, one in the other.
fn depth(id: &ResourceId, ids: &BTreeSet<&ResourceId>) -> usize {
    std::iter::successors(id.parent(), ResourceId::parent).take_while(|parent| ids.contains(parent)).count()
}

/// The child of this id in its parent's answer, where it stands in a list, or,
/// as an entry of a map, without its envelope.
pub(super) fn embedded(parent: &Json, kind: &Kind, id: &ResourceId) -> Option<Json> {
    let children = at(parent, kind.embedded?)?;
    if let Some(entries) = children.as_object() {
        let (_, inside) = entries.iter().find(|(name, _)| name.eq_ignore_ascii_case(id.name()))?;
        return Some(serde_json::json!({ "id": id.as_str(), "name": id.name(), "properties": inside }));
    }
    let named = |item: &&Json| {
        has_id(item, id)
            || item
                .get("name")
                .and_then(Json::as_str)
                .is_some_and(|name| name.eq_ignore_ascii_case(id.name()))
    };
    children.as_array()?.iter().find(named).cloned()
}

fn has_id(item: &Json, id: &ResourceId) -> bool {
    ResourceId::of(item).is_some_and(|other| other == *id)
}
