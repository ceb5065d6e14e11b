//! The composites' lives without Terraform: the provider over a simulated
//! Azure, driven by the small core that checks every plan and apply as
//! Terraform would.

mod changes;
mod dns;
mod drift;
mod example;
mod failure;
mod given;
mod golden;
mod harness;
mod import;
mod lives;
mod names;
mod races;
mod roles;
mod tags;
mod throttled;
mod unknowns;
