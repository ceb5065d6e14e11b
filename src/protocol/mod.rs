//! Terraform's plugin protocol 5 over gRPC: the only place that knows its
//! messages. It serves any [`Provider`](crate::provider::rpc::Provider).
//!
//! [`run`] is what a provider's `main` calls. Terraform starts the process,
//! reads one handshake line from its stdout, connects to the socket named
//! there with a TLS certificate on either side, and calls the RPCs of
//! `proto/tfplugin5.proto`, each in a file of its own under `service/`.

mod crash;
mod environment;
mod handshake;
mod host;
mod listener;
mod log;
mod msgpack;
pub mod proto;
mod schema;
mod server;
mod service;
mod stop;
mod tls;
pub mod wire;

pub use environment::{COOKIE, Environment};
pub use log::HclogLayer;
pub use server::{Mode, ServeError, ServeOptions, run, serve};
pub use tls::TlsError;
