//! Role assignments that stand under another name. Azure takes one assignment
//! of a role to a principal at a scope, whatever it is called.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::Engine;
use super::graph::{Graph, Key, Node};
use super::resolve::{Want, answer, resolve};
use super::world::{Observation, World};
use crate::arm::{Call, Error};
use crate::kinds::{ROLE_ASSIGNMENT, ResourceId};

const ROLE: &str = "properties.roleDefinitionId";
const PRINCIPAL: &str = "properties.principalId";

impl Engine {
    /// For each wanted role assignment that was not seen: the id of the one that
    /// says the same at its scope, where there is one. Those of principals that
    /// do not exist yet have none.
    pub async fn assigned_elsewhere(
        &self,
        graph: &Graph,
        world: &World,
        call: &Call,
    ) -> Result<BTreeMap<Key, ResourceId>, Error> {
        let mut listed: BTreeMap<ResourceId, Vec<Json>> = BTreeMap::new();
        let mut found = BTreeMap::new();
        for node in graph.managed().filter(|node| is_unseen_assignment(node, world)) {
            let Some(scope) = node.id.as_ref().and_then(ResourceId::parent) else { continue };
            let want = resolve(&node.body, &|key, path| answer(graph, world, key, path));
            if want.pending().is_some() {
                continue;
            }
            if !listed.contains_key(&scope) {
                let all = self.client.list(call, &ROLE_ASSIGNMENT, &scope).await?;
                listed.insert(scope.clone(), all);
            }
            let same = listed[&scope].iter().find(|one| says_the_same(&Want::from(*one), &want));
            let id = same.and_then(ResourceId::of);
            found.extend(id.map(|id| (node.key.clone(), id)));
        }
        Ok(found)
    }
}

fn is_unseen_assignment(node: &Node, world: &World) -> bool {
    node.kind.resource_type == ROLE_ASSIGNMENT.resource_type
        && !matches!(world.get(&node.key), Some(Observation::Present(_)))
}

fn says_the_same(one: &Want, other: &Want) -> bool {
    // A role is named with or without the subscription before it.
    let last = |want: &Want, path: &str| match want.at(path) {
        Some(Want::Value(Json::String(text))) => text.rsplit('/').next().map(str::to_ascii_lowercase),
        _ => None,
    };
    [ROLE, PRINCIPAL].iter().all(|path| last(one, path).is_some_and(|said| Some(said) == last(other, path)))
}
