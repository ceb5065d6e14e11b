//! Machines, clusters and containers.

mod agent_pool;
mod beside;
mod container_group;
mod databricks;
mod disk;
mod hdinsight;
mod kubernetes_extension;
mod managed_cluster;
mod placement;
mod scale_set;
mod sizes;
mod virtual_machine;
mod virtual_machine_extension;

use serde_json::Value;

use super::Quirk;
use crate::kinds::Kind;
use crate::simulator::answer::{Answer, Outcome, Refusal};
use crate::simulator::operation::{self, Start, Verb};
use crate::simulator::store::Resource;
use crate::simulator::write::{self, Draft, Embedded};
use crate::simulator::{Cx, body};

pub(super) use beside::beside;
pub(super) use databricks::tenant;
pub(super) use kubernetes_extension::MACHINE_LEARNING;
pub(super) use sizes::is_unavailable;

/// The quirk of a resource type in lower case, where it has one.
pub(super) fn of(kind: &str) -> Option<&'static dyn Quirk> {
    Some(match kind {
        "microsoft.compute/disks" => &disk::Disk,
        "microsoft.compute/virtualmachines" => &virtual_machine::VirtualMachine,
        "microsoft.compute/virtualmachines/extensions" => &virtual_machine_extension::Extension,
        "microsoft.compute/virtualmachinescalesets" => &scale_set::ScaleSet,
        "microsoft.containerservice/managedclusters" => &managed_cluster::ManagedCluster,
        "microsoft.containerservice/managedclusters/agentpools" => &agent_pool::AgentPool,
        "microsoft.kubernetesconfiguration/extensions" => &kubernetes_extension::Extension,
        "microsoft.containerinstance/containergroups" => &container_group::ContainerGroup,
        "microsoft.databricks/workspaces" => &databricks::Workspace,
        "microsoft.databricks/workspaces/privateendpointconnections" => &super::connection::Connection,
        "microsoft.hdinsight/clusters" => &hdinsight::Cluster,
        _ => return None,
    })
}

/// `InvalidParameter` for something that a creation cannot do without.
fn missing(name: &str) -> Refusal {
    Refusal::new(400, "InvalidParameter", format!("Required parameter '{name}' is missing (null)."))
        .target(name)
}

fn bad(message: impl Into<String>) -> Refusal {
    Refusal::new(400, "BadRequest", message)
}

/// The 202 of an action whose effect is there already, and an operation to follow.
fn accepted(cx: &Cx<'_>, kind: &'static Kind, resource: &Resource) -> Outcome<Answer> {
    let location = write::location(cx, resource)?;
    let begun = operation::start(
        cx,
        Start {
            kind,
            resource: &resource.id,
            location: &location,
            verb: Verb::Nothing,
            takes: 0,
            failure: None,
            holds: Vec::new(),
            answer: None,
        },
    )?;
    Ok(Answer::empty(202).with(operation::headers(cx, kind.put.style, Verb::Nothing, &begun)))
}

/// Remembers something that Azure decides about a resource between writes.
fn remember(cx: &Cx<'_>, resource: &Resource, path: &str, value: Value) -> Outcome<()> {
    let mut changed = resource.clone();
    body::set(&mut changed.stamped, path, value);
    Ok(cx.store.save(&changed)?)
}

/// Takes the children at `path` out of a body and makes drafts of them, each
/// from its name and what `inner` makes of the rest.
fn embed(
    cx: &Cx<'_>,
    draft: &mut Draft,
    path: &str,
    child: &'static Kind,
    inner: impl Fn(Value) -> Value,
) -> Outcome<()> {
    let Some(Value::Array(items)) = body::take(&mut draft.written, path) else { return Ok(()) };
    let mut drafts: Vec<Draft> = Vec::with_capacity(items.len());
    for mut item in items {
        let name = body::take(&mut item, "name").and_then(|name| name.as_str().map(str::to_owned));
        let name = name.filter(|name| child.name.admits(name)).ok_or_else(|| {
            Refusal::new(
                400,
                "InvalidParameter",
                format!("The name of the {} in '{path}' is not valid: {}.", child.noun, child.name.words),
            )
            .target(path)
        })?;
        let id = draft.id.child(child, &name);
        let old = cx.store.resource(&id.canonical())?;
        drafts.push(write::prepare(cx, &draft.api_version, child, &id, old, inner(item), true)?);
    }
    draft.embedded.push(Embedded { kind: child, drafts });
    Ok(())
}

/// Ends the writing of children that came with their parent.
fn complete_children(cx: &Cx<'_>, parent: &Resource, child: &Kind) -> Outcome<()> {
    for mut row in cx.store.children(&parent.key(), child.resource_type)? {
        if row.state == "Updating" && cx.store.running(&row.key())?.is_none() {
            "Succeeded".clone_into(&mut row.state);
            row.etag = cx.store.etag()?;
            cx.store.save(&row)?;
        }
    }
    Ok(())
}
