//! The composites' lives without Terraform: the provider over a simulated
//! Azure, driven by the small core that checks every plan and apply as
//! Terraform would.

mod changes;
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
mod kills;
mod lives;
mod matrix;
mod moves;
mod names;
mod progress;
mod races;
mod random;
mod roles;
mod rules;
mod soft_delete;
mod strangers;
mod tags;
mod throttled;
mod unknowns;
