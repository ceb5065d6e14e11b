//! All integration tests, in one binary.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "what is shared between tests fails them by panicking, as they do"
)]

mod contract;
mod protocol;
