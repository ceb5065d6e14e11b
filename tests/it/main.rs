//! All integration tests, in one binary.

mod arm;
mod kinds;
