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
pub use compute::{COMPUTE, NEW_COMPUTE, UPDATE_IDLE_SHUTDOWN_SETTING, UPDATE_SCHEDULES};
pub use connection::WORKSPACE_CONNECTION;
pub use datastore::DATASTORE;
pub use online_deployment::ONLINE_DEPLOYMENT;
pub use online_endpoint::ONLINE_ENDPOINT;
pub use outbound_rule::OUTBOUND_RULE;
pub use workspace::{OF_ITS_HUB, PROJECT, PROVISION_MANAGED_NETWORK, WORKSPACE, WORKSPACE_IN_PREVIEW};
pub use workspace_private_endpoint_connection::WORKSPACE_PRIVATE_ENDPOINT_CONNECTION;

use super::{Kind, NameRule, Unique};

/// What endpoints are called, and their deployments among their siblings.
const ENDPOINT_NAME: NameRule = NameRule {
    pattern: "^[a-zA-Z][a-zA-Z0-9]*(-[a-zA-Z0-9]+)*$",
    length: (3, 32),
    words: "3 to 32 letters, digits and single hyphens, beginning with a letter",
    unique: Unique::Global,
};

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

/// Those of the family whose tables go beyond what is stable.
pub(super) static PREVIEWS: &[&Kind] = &[&WORKSPACE_IN_PREVIEW];
