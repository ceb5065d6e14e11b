//! Microsoft.MachineLearningServices: workspaces and what lies in them.

mod batch_deployment;
mod batch_endpoint;
mod compute;
mod connection;
mod datastore;
mod online_deployment;
mod online_endpoint;
mod outbound_rule;
mod workspace;
mod workspace_private_endpoint_connection;

pub use batch_deployment::BATCH_DEPLOYMENT;
pub use batch_endpoint::BATCH_ENDPOINT;
pub use compute::COMPUTE;
pub use connection::WORKSPACE_CONNECTION;
pub use datastore::DATASTORE;
pub use online_deployment::ONLINE_DEPLOYMENT;
pub use online_endpoint::ONLINE_ENDPOINT;
pub use outbound_rule::OUTBOUND_RULE;
pub use workspace::WORKSPACE;
pub use workspace_private_endpoint_connection::WORKSPACE_PRIVATE_ENDPOINT_CONNECTION;

use super::Kind;

/// Every kind of the family, parents before their children.
pub(super) static ALL: &[&Kind] = &[
    &WORKSPACE,
    &WORKSPACE_PRIVATE_ENDPOINT_CONNECTION,
    &COMPUTE,
    &OUTBOUND_RULE,
    &DATASTORE,
    &WORKSPACE_CONNECTION,
    &ONLINE_ENDPOINT,
    &ONLINE_DEPLOYMENT,
    &BATCH_ENDPOINT,
    &BATCH_DEPLOYMENT,
];
