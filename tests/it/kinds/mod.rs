//! The tables of the kinds hold together.

mod comparison;
mod consistent;
mod dump;
