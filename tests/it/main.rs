//! All integration tests, in one binary.

// `clippy.toml` grants these to test functions; here every function is a test's.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod arm;
mod docs;
mod house;
mod kinds;
