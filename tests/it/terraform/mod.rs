//! Real Terraform, this build of the provider, and a simulated Azure.

pub mod bench;
mod import;
mod main_job;
mod process;
mod refusals;
mod safety;
mod surface;
