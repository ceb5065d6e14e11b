//! All integration tests, in one binary.

mod arm;
mod house;
mod kinds;
