//! What others keep inside something of ours that is about to be deleted. A
//! resource group takes its contents with it, whoever they belong to, and a
//! network cannot go while anybody stands in it.

use crate::arm::{self, Call};
use crate::engine::graph::Graph;
use crate::engine::{Action, Engine, Others, Plan, World};
use crate::kinds::{Kind, RESOURCE_GROUP, ResourceId, VIRTUAL_NETWORK};

/// Somebody else's resource inside one of ours.
pub(super) struct Foreign {
    pub(super) id: ResourceId,
    /// The composite that marked it; `None` where nobody did.
    pub(super) owner: Option<String>,
    /// The noun and name of what holds it.
    pub(super) within: String,
}

/// Whether something of this kind may hold what is not ours.
pub(super) fn holds_others(kind: &Kind) -> bool {
    [&RESOURCE_GROUP, &VIRTUAL_NETWORK].iter().any(|holder| holder.resource_type == kind.resource_type)
}

/// Finds what others keep inside the groups and networks that a plan deletes.
pub(super) async fn within(
    engine: &Engine,
    (graph, world): (&Graph, &World),
    plan: &Plan,
    which: Others,
    call: &Call,
) -> Result<Vec<Foreign>, arm::Error> {
    let mut found = Vec::new();
    for step in plan.steps.iter().filter(|step| step.action == Action::Delete) {
        let Some(body) = world.body(&step.id) else { continue };
        let others = engine.others_within(graph, step.kind, &step.id, body, which, call).await?;
        let within = format!("{} {:?}", step.kind.noun, step.id.name());
        let foreign = |other: crate::engine::Other| Foreign {
            id: other.id,
            owner: other.owner,
            within: within.clone(),
        };
        found.extend(others.into_iter().map(foreign));
    }
    Ok(found)
}
