//! The tables of the kinds hold together.

mod consistent;
mod dump;
