//! Terraform's values, types, paths, attribute tables and diagnostics. Nothing
//! here knows Azure or the wire.

mod attribute;
pub mod config;
mod diagnostic;
mod path;
mod types;
mod value;

pub use attribute::{Attribute, Block, Check, NestedBlock, Nesting, Schema};
pub use diagnostic::{Diagnostic, Diagnostics, Severity};
pub use path::{Path, Step};
pub use types::Type;
pub use value::Value;
