//! What others keep inside something of ours that is about to be deleted. A
//! resource group and a virtual network take their contents with them, whoever
//! they belong to.

use serde_json::Value as Json;

use crate::arm::{self, Call};
use crate::engine::graph::{Graph, Node};
use crate::engine::{Engine, Observation, World};
use crate::kinds::{RESOURCE_GROUP, ResourceId, SUBNET, VIRTUAL_NETWORK};

/// Somebody else's resource inside one of ours.
pub(super) struct Foreign {
    pub(super) id: ResourceId,
    /// The noun and id of what holds it.
    pub(super) within: String,
}

/// Types that Azure makes by itself, beside or inside something of ours, and
/// removes with it: the interfaces of endpoints, the alert rule of an
/// Application Insights component, and what computes with public addresses
/// stand behind.
const MADE_BY_AZURE: [&str; 4] = [
    "Microsoft.Network/networkInterfaces",
    "Microsoft.AlertsManagement/smartDetectorAlertRules",
    "Microsoft.Insights/actionGroups",
    "Microsoft.Network/loadBalancers",
];

/// Finds what others keep inside the groups and networks of a graph.
pub(super) async fn within(
    engine: &Engine,
    graph: &Graph,
    world: &World,
    call: &Call,
) -> Result<Vec<Foreign>, arm::Error> {
    let mut found = Vec::new();
    for node in graph.managed() {
        let (Some(id), Some(Observation::Present(body))) = (&node.id, world.get(&node.key)) else { continue };
        let others = if node.kind.resource_type == RESOURCE_GROUP.resource_type {
            engine.unmarked_in_group(id, call).await?
        } else if node.kind.resource_type == VIRTUAL_NETWORK.resource_type {
            subnets(body, id)
        } else {
            continue;
        };
        found.extend(
            others
                .into_iter()
                .filter(|other| is_foreign(other, graph))
                .map(|other| Foreign { id: other, within: named(node, id) }),
        );
    }
    Ok(found)
}

fn named(node: &Node, id: &ResourceId) -> String {
    format!("{} {:?}", node.kind.noun, id.name())
}

/// Every subnet of an observed network.
fn subnets(body: &Json, network: &ResourceId) -> Vec<ResourceId> {
    body.pointer("/properties/subnets")
        .and_then(Json::as_array)
        .into_iter()
        .flatten()
        .filter_map(|subnet| Some(network.child(&SUBNET, subnet.get("name")?.as_str()?)))
        .collect()
}

fn is_foreign(id: &ResourceId, graph: &Graph) -> bool {
    let own = graph.managed().any(|node| node.id.as_ref() == Some(id));
    let by_azure = MADE_BY_AZURE.iter().any(|kind| id.resource_type().eq_ignore_ascii_case(kind));
    !own && !by_azure
}
