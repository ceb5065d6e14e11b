//! All integration tests, in one binary.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    unreachable_pub,
    reason = "a test says by panicking what is wrong"
)]

mod arm;
mod composites;
mod contract;
mod docs;
mod engine;
mod house;
mod kinds;
mod protocol;
mod simulator;
mod standalone;
mod terraform;
