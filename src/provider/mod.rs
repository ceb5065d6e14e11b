//! TODO

pub mod rpc;
