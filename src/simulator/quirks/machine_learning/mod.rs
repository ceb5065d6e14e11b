//! Machine learning workspaces and what lies in them.

mod beside;
mod compute;
mod compute_actions;
mod data;
mod endpoint;
mod outbound_rule;
mod quota;
mod workspace;
mod workspace_actions;

pub(super) use beside::beside;

use super::Quirk;

/// The quirk of a resource type in lower case, where it has one.
pub(super) fn of(kind: &str) -> Option<&'static dyn Quirk> {
    Some(match kind {
        "microsoft.machinelearningservices/workspaces/privateendpointconnections" => {
            &super::connection::Connection
        }
        "microsoft.machinelearningservices/workspaces" => &workspace::Workspace,
        "microsoft.machinelearningservices/workspaces/computes" => &compute::Compute,
        "microsoft.machinelearningservices/workspaces/outboundrules" => &outbound_rule::OutboundRule,
        "microsoft.machinelearningservices/workspaces/datastores" => &data::Datastore,
        "microsoft.machinelearningservices/workspaces/connections" => &data::Connection,
        "microsoft.machinelearningservices/workspaces/onlineendpoints" => &endpoint::OnlineEndpoint,
        "microsoft.machinelearningservices/workspaces/batchendpoints" => &endpoint::BatchEndpoint,
        "microsoft.machinelearningservices/workspaces/onlineendpoints/deployments"
        | "microsoft.machinelearningservices/workspaces/batchendpoints/deployments" => &endpoint::Deployment,
        _ => return None,
    })
}
