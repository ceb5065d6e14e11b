//! The composites' lives without Terraform: the provider over a simulated
//! Azure, driven by the small core that checks every plan and apply as
//! Terraform would.

mod changes;
mod compute_instance;
mod databricks_workspace;
mod destroy;
mod dns;
mod drift;
mod drift_matrix;
mod example;
mod failure;
mod given;
mod golden;
mod harness;
mod import;
mod inference_cluster;
mod kills;
mod lives;
mod matrix;
mod moves;
mod names;
mod progress;
mod races;
mod random;
mod roles;
mod soft_delete;
mod strangers;
mod tags;
mod throttled;
mod unknowns;
mod workspace_isolation;
mod workspace_network;
