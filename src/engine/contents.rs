//! What a resource group or a network holds that none of our nodes is.
//!
//! ARM deletes a group with everything in it, whoever that belongs to, and
//! refuses to delete a subnet while anybody's interface stands in it.

use serde_json::Value as Json;

use super::Engine;
use super::diff::TAGS;
use super::graph::Graph;
use super::ownership::{OWNER, is_mark, tag};
use crate::arm::{Call, Error};
use crate::kinds::{
    self, Kind, NETWORK_INTERFACE, PRIVATE_ENDPOINT, RESOURCE_GROUP, ResourceId, SUBNET, VIRTUAL_NETWORK,
};

/// A resource inside one of ours that is none of its composite's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Other {
    /// Its id.
    pub id: ResourceId,
    /// The composite that marked it; `None` where nobody did.
    pub owner: Option<String>,
}

/// Which others are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Others {
    /// Those that no composite has marked: what is marked may yet be
    /// destroyed before.
    Unmarked,
    /// All of them.
    All,
}

/// How the name of something that Azure makes by itself is told.
#[derive(Clone, Copy)]
enum Named {
    Exactly(&'static str),
    Beginning(&'static str),
    Ending(&'static str),
}

/// What Azure makes by itself beside something of ours, without a reference to
/// it, and removes or abandons with it. A user's own resource of such a type
/// has another name. Sources: what Azure Machine Learning makes in the
/// network's group for computes with public addresses (secure training
/// environment), by Batch's names for it; Application Insights' rule (azurerm#10563) and the group it alerts.
const MADE_BY_AZURE: [(&str, Named); 5] = [
    (
        "Microsoft.Network/networkSecurityGroups",
        Named::Ending("-azurebatch-cloudservicenetworksecuritygroup"),
    ),
    ("Microsoft.Network/publicIPAddresses", Named::Ending("-azurebatch-cloudservicepublicip")),
    ("Microsoft.Network/loadBalancers", Named::Ending("-azurebatch-cloudserviceloadbalancer")),
    ("Microsoft.AlertsManagement/smartDetectorAlertRules", Named::Beginning("Failure Anomalies - ")),
    ("Microsoft.Insights/actionGroups", Named::Exactly("Application Insights Smart Detection")),
];

impl Engine {
    /// What a group or a network of `graph`, which Azure shows as `body`,
    /// holds besides the nodes of the graph. Nothing for any other kind.
    pub async fn others_within(
        &self,
        graph: &Graph,
        kind: &Kind,
        id: &ResourceId,
        body: &Json,
        which: Others,
        call: &Call,
    ) -> Result<Vec<Other>, Error> {
        if kind.resource_type == RESOURCE_GROUP.resource_type {
            self.others_in_group(graph, id, which, call).await
        } else if kind.resource_type == VIRTUAL_NETWORK.resource_type {
            Ok(self.others_in_network(graph, id, body, call).await)
        } else {
            Ok(Vec::new())
        }
    }

    /// Children are not listed by ARM; they go with their parents.
    async fn others_in_group(
        &self,
        graph: &Graph,
        group: &ResourceId,
        which: Others,
        call: &Call,
    ) -> Result<Vec<Other>, Error> {
        let listed =
            self.client.read_all(call, &format!("{group}/resources"), RESOURCE_GROUP.api_version).await?;
        let marked = |id: &ResourceId| {
            listed.iter().any(|item| ResourceId::of(item).as_ref() == Some(id) && is_marked(item))
        };
        let mut found = Vec::new();
        for item in &listed {
            let Some(id) = ResourceId::of(item).filter(|id| is_top_level(id) && !is_node(graph, id)) else {
                continue;
            };
            if is_named_by_azure(&id) || (which == Others::Unmarked && is_marked(item)) {
                continue;
            }
            let manager =
                item.get("managedBy").and_then(Json::as_str).and_then(|text| ResourceId::parse(text).ok());
            if manager.is_some_and(|manager| is_node(graph, &manager) || marked(&manager)) {
                continue;
            }
            // A list lags behind deletions. What cannot be asked for is believed to be there.
            let seen = match kinds::find(&id.resource_type()) {
                Some(kind) => self.client.get(call, kind, &id).await.unwrap_or_else(|_| Some(item.clone())),
                None => Some(item.clone()),
            };
            let Some(body) = seen.filter(|body| !is_of_an_endpoint(&id, body)) else { continue };
            if which == Others::All || !is_marked(&body) {
                found.push(Other { id, owner: tag(&body, TAGS, OWNER) });
            }
        }
        Ok(found)
    }

    /// The subnets that others made, and what others without a mark have put
    /// into ours. What cannot be read, the machines of computes in Microsoft's
    /// own subscriptions among them, is left to Azure, which deletes no
    /// subnet that is in use.
    async fn others_in_network(
        &self,
        graph: &Graph,
        network: &ResourceId,
        body: &Json,
        call: &Call,
    ) -> Vec<Other> {
        let mut found: Vec<Other> = Vec::new();
        let subnets = body.pointer("/properties/subnets").and_then(Json::as_array);
        for subnet in subnets.into_iter().flatten() {
            let Some(name) = subnet.get("name").and_then(Json::as_str) else { continue };
            let id = network.child(&SUBNET, name);
            if !is_node(graph, &id) {
                found.push(Other { id, owner: None });
                continue;
            }
            for id in users(subnet) {
                if is_node(graph, &id) || found.iter().any(|other| other.id == id) {
                    continue;
                }
                if !id.subscription_id().eq_ignore_ascii_case(network.subscription_id()) {
                    continue;
                }
                let Some(kind) = kinds::find(&id.resource_type()) else { continue };
                let Ok(Some(body)) = self.client.get(call, kind, &id).await else { continue };
                if !is_of_an_endpoint(&id, &body) && !is_named_by_azure(&id) && !is_marked(&body) {
                    found.push(Other { id, owner: None });
                }
            }
        }
        found
    }
}

/// The resources that stand in a subnet: endpoints, and whatever has an
/// address there.
fn users(subnet: &Json) -> Vec<ResourceId> {
    let mut found = Vec::new();
    for list in ["privateEndpoints", "ipConfigurations"] {
        let items = subnet.get("properties").and_then(|inner| inner.get(list)).and_then(Json::as_array);
        for id in items.into_iter().flatten().filter_map(ResourceId::of) {
            // An address configuration lies in its interface, gateway or firewall.
            let Some(top) = std::iter::successors(Some(id), ResourceId::parent).find(is_top_level) else {
                continue;
            };
            if !found.contains(&top) {
                found.push(top);
            }
        }
    }
    found
}

fn is_node(graph: &Graph, id: &ResourceId) -> bool {
    graph.managed().any(|node| node.id.as_ref() == Some(id))
}

fn is_top_level(id: &ResourceId) -> bool {
    id.resource_type().matches('/').count() == 1
}

/// Whether any composite's mark stands on it.
fn is_marked(item: &Json) -> bool {
    item.get("tags").and_then(Json::as_object).is_some_and(|tags| tags.keys().any(|name| is_mark(name)))
}

/// The interface of a private endpoint is Azure's, and goes with the endpoint,
/// whosever that is.
fn is_of_an_endpoint(id: &ResourceId, body: &Json) -> bool {
    let endpoint = body.pointer("/properties/privateEndpoint/id").and_then(Json::as_str);
    let endpoint = endpoint.and_then(|text| ResourceId::parse(text).ok());
    id.is(&NETWORK_INTERFACE) && endpoint.is_some_and(|endpoint| endpoint.is(&PRIVATE_ENDPOINT))
}

fn is_named_by_azure(id: &ResourceId) -> bool {
    let (kind, name) = (id.resource_type(), id.name().to_ascii_lowercase());
    MADE_BY_AZURE.iter().any(|(of, named)| {
        let fits = match named {
            Named::Exactly(text) => name == text.to_ascii_lowercase(),
            Named::Beginning(text) => name.starts_with(&text.to_ascii_lowercase()),
            Named::Ending(text) => name.ends_with(&text.to_ascii_lowercase()),
        };
        fits && of.eq_ignore_ascii_case(&kind)
    })
}
