//! The composites' lives without Terraform: the provider over a simulated
//! Azure, driven by the small core that checks every plan and apply as
//! Terraform would.

mod attached_compute;
mod changes;
mod changes_beyond;
mod compute_instance;
mod container_group;
mod databricks_workspace;
mod datastore;
mod destroy;
mod dns;
mod drift;
mod drift_matrix;
mod endpoints;
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
mod private_link;
mod private_link_approval;
mod progress;
mod races;
mod random;
mod roles;
mod rules;
mod rules_computes;
mod soft_delete;
mod strangers;
mod tags;
mod throttled;
mod unknowns;
mod workspace_connection;
mod workspace_encryption;
mod workspace_isolation;
mod workspace_kind;
mod workspace_network;
mod workspace_preview;
