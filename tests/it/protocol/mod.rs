//! The plugin layer as its host sees it: a socket, TLS, gRPC.

mod calls;
mod handshake;
mod life;
mod logging;
mod mutual_tls;
pub(crate) mod running;
