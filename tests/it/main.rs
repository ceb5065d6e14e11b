//! All integration tests, in one binary.

mod arm;
mod docs;
mod house;
mod kinds;
