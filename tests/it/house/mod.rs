//! The rules of the house, kept by tests: which folder may use which, how long
//! a file may be, and that no file is forgotten.

mod files;
mod layers;
mod source;
