//! Machine learning workspaces and what lies in them.

mod compute;

mod workspace;

use super::Quirk;

/// The quirk of a resource type in lower case, where it has one.
pub(super) fn of(kind: &str) -> Option<&'static dyn Quirk> {
    Some(match kind {
        "microsoft.machinelearningservices/workspaces/privateendpointconnections" => {
            &super::connection::Connection
        }
        "microsoft.machinelearningservices/workspaces" => &workspace::Workspace,
        "microsoft.machinelearningservices/workspaces/computes" => &compute::Compute,
        _ => return None,
    })
}
