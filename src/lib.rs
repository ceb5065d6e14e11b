//! A Terraform provider that puts Azure Machine Learning into closed networks.
//!
//! The folders read top to bottom as a request flows through them:
//! [`protocol`] speaks to Terraform, [`provider`] turns its values into the
//! graph of a composite ([`resources`]) and back, [`engine`] brings Azure to
//! that graph through [`arm`], and [`kinds`] says what each Azure resource is
//! on the wire. [`simulator`] is an Azure of our own behind the same transport.
//! Which folder may use which stands in `docs/ARCHITECTURE.md`, and a test
//! holds it.

pub mod arm;
pub mod cli;
pub mod data_sources;
pub mod engine;
pub mod functions;
pub mod kinds;
pub mod protocol;
pub mod provider;
pub mod resources;
pub mod schema;
pub mod simulator;
