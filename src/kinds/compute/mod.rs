//! Machines, clusters and containers: Microsoft.Compute, Microsoft.ContainerService with
//! Microsoft.KubernetesConfiguration, Microsoft.ContainerInstance, Microsoft.Databricks and Microsoft.HDInsight.

mod agent_pool;
mod container_group;
mod databricks;
mod databricks_connection;
mod disk;
mod hdinsight;
mod kubernetes_extension;
mod managed_cluster;
mod scale_set;
mod scale_set_extension;
mod virtual_machine;
mod virtual_machine_extension;

pub use agent_pool::AGENT_POOL;
pub use container_group::CONTAINER_GROUP;
pub use databricks::DATABRICKS_WORKSPACE;
pub use databricks_connection::DATABRICKS_CONNECTION;
pub use disk::DISK;
pub use hdinsight::HDINSIGHT_CLUSTER;
pub use kubernetes_extension::KUBERNETES_EXTENSION;
pub use managed_cluster::MANAGED_CLUSTER;
pub use scale_set::SCALE_SET;
pub use scale_set_extension::SCALE_SET_EXTENSION;
pub use virtual_machine::VIRTUAL_MACHINE;
pub use virtual_machine_extension::VIRTUAL_MACHINE_EXTENSION;

use super::Kind;

/// Every kind of the family, parents before their children.
pub(super) static ALL: &[&Kind] = &[
    &DISK,
    &VIRTUAL_MACHINE,
    &VIRTUAL_MACHINE_EXTENSION,
    &SCALE_SET,
    &SCALE_SET_EXTENSION,
    &MANAGED_CLUSTER,
    &AGENT_POOL,
    &KUBERNETES_EXTENSION,
    &CONTAINER_GROUP,
    &DATABRICKS_WORKSPACE,
    &DATABRICKS_CONNECTION,
    &HDINSIGHT_CLUSTER,
];
