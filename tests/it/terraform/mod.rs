//! Real Terraform, this build of the provider, and a simulated Azure.

pub mod bench;
mod main_job;
mod process;
mod progress;
mod refusals;
mod safety;
mod surface;
