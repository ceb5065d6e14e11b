//! Private endpoints that are connected to a resource of ours and that none of
//! our composites made.
//!
//! An approved connection is a way in for somebody's whole network. Whose it
//! is, its endpoint says: one of this graph, or one that bears an owner's mark,
//! is welcome. One that can be read and bears none is not, and its connection
//! is deleted. Of one that cannot be read nothing is known, so it is only told.

use std::collections::BTreeSet;

use futures::{StreamExt, stream};
use serde_json::Value as Json;

use super::Engine;
use super::diff::{Difference, Side};
use super::graph::{Graph, Key, Node};
use super::ownership;
use super::place::at;
use super::world::{Observation, World};
use crate::arm::Call;
use crate::kinds::{self, Kind, PRIVATE_ENDPOINT, ResourceId};

/// Where a target lists the endpoints that are connected to it.
const CONNECTIONS: &str = "properties.privateEndpointConnections";
const SEGMENT: &str = "privateEndpointConnections";

/// Endpoints of others are few, and each is one read.
const READS_AT_ONCE: usize = 4;

/// An approved connection whose endpoint could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unproven {
    /// The node that it leads to.
    pub key: Key,
    /// The connection.
    pub id: ResourceId,
    /// Its endpoint.
    pub endpoint: ResourceId,
}

struct Connection {
    name: String,
    endpoint: ResourceId,
}

impl Engine {
    /// Looks at the endpoints that are connected to nodes of `graph` and are
    /// none of its nodes.
    pub(super) async fn look_at_guests(&self, graph: &Graph, world: &mut World, call: &Call) {
        let endpoints: BTreeSet<ResourceId> = graph
            .managed()
            .filter_map(|node| Some((node, world.body(node.id.as_ref()?)?)))
            .flat_map(|(_, body)| strangers(graph, body))
            .map(|connection| connection.endpoint)
            .collect();
        let asked: Vec<_> = endpoints
            .into_iter()
            .map(|id| async move {
                let seen = self.look(call, &PRIVATE_ENDPOINT, &id).await;
                (id, seen)
            })
            .collect();
        let answers: Vec<_> = stream::iter(asked).buffer_unordered(READS_AT_ONCE).collect().await;
        for (id, seen) in answers {
            world.note_id(&id, seen);
        }
    }
}

/// The connections of a node that have to go, as differences.
pub(super) fn unwelcome(graph: &Graph, body: &Json, world: &World) -> Vec<Difference> {
    strangers(graph, body)
        .into_iter()
        .filter(|connection| match world.of(&connection.endpoint) {
            Some(Observation::Present(endpoint)) => {
                ownership::found(&PRIVATE_ENDPOINT, endpoint).owner.is_none()
            }
            _ => false,
        })
        .map(|connection| Difference {
            path: format!("{CONNECTIONS}[{}]", connection.name),
            have: Side::Value(connection.endpoint.as_str().into()),
            want: Side::Absent,
            fixed: false,
        })
        .collect()
}

/// The connections of which nobody can say whose they are.
#[must_use]
pub fn unproven(graph: &Graph, world: &World) -> Vec<Unproven> {
    let unread = |endpoint: &ResourceId| !matches!(world.of(endpoint), Some(Observation::Present(_)));
    graph
        .managed()
        .filter_map(|node: &Node| Some((node, node.id.as_ref()?)))
        .flat_map(|(node, id)| {
            let connections = world.body(id).map(|body| strangers(graph, body)).unwrap_or_default();
            connections.into_iter().filter_map(move |connection| {
                let id = ResourceId::parse(&format!("{id}/{SEGMENT}/{}", connection.name)).ok()?;
                Some(Unproven { key: node.key.clone(), id, endpoint: connection.endpoint })
            })
        })
        .filter(|connection| unread(&connection.endpoint))
        .collect()
}

/// The connections that the differences of a node tell to delete.
pub(super) fn evicted(
    kind: &Kind,
    id: &ResourceId,
    differences: &[Difference],
) -> Vec<(&'static Kind, ResourceId)> {
    let Some(connection) = kinds::find(&format!("{}/{SEGMENT}", kind.resource_type)) else {
        return Vec::new();
    };
    differences
        .iter()
        .filter_map(|difference| {
            difference.path.strip_prefix(CONNECTIONS)?.strip_prefix('[')?.strip_suffix(']')
        })
        .map(|name| (connection, id.child(connection, name)))
        .collect()
}

/// The approved connections of a body whose endpoint is no node of the graph.
fn strangers(graph: &Graph, body: &Json) -> Vec<Connection> {
    let listed = at(body, CONNECTIONS).and_then(Json::as_array);
    listed
        .into_iter()
        .flatten()
        .filter_map(|item| {
            let status = item.pointer("/properties/privateLinkServiceConnectionState/status")?.as_str()?;
            let endpoint =
                ResourceId::parse(item.pointer("/properties/privateEndpoint/id")?.as_str()?).ok()?;
            let name = item.get("id")?.as_str()?.rsplit('/').next()?.to_owned();
            status.eq_ignore_ascii_case("Approved").then_some(Connection { name, endpoint })
        })
        .filter(|connection| graph.at(&connection.endpoint).is_none())
        .collect()
}
