//! Real Terraform, this build of the provider, and a simulated Azure.

pub mod bench;
mod examples;
mod flows;
mod import;
mod kills;
mod main_job;
mod moves;
mod process;
mod progress;
mod refusals;
mod safety;
mod surface;
