//! Microsoft.MachineLearningServices: workspaces and what lies in them.

mod compute;
mod workspace;
mod workspace_private_endpoint_connection;

pub use compute::COMPUTE;
pub use workspace::WORKSPACE;
pub use workspace_private_endpoint_connection::WORKSPACE_PRIVATE_ENDPOINT_CONNECTION;

use super::Kind;

/// Every kind of the family, parents before their children.
pub(super) static ALL: &[&Kind] = &[&WORKSPACE, &WORKSPACE_PRIVATE_ENDPOINT_CONNECTION, &COMPUTE];
