//! Terraform's values, types, paths, attribute tables and diagnostics. Nothing
//! here knows Azure or the wire.

mod attribute;
pub mod config;
mod diagnostic;
mod function;
pub mod generate;
mod internal;
pub mod json;
pub mod number;
mod path;
mod plan;
mod types;
mod validate;
mod value;

pub use attribute::{Attribute, Block, Check, NestedBlock, Nesting, Schema, Schemas};
pub use diagnostic::{Diagnostic, Diagnostics, Severity};
pub use function::{Function, Parameter};
pub use internal::internal_validate;
pub use path::{Path, PathError, Step};
pub use plan::{complete, proposed, requires_replace, sets_the_same, with_write_only, without_write_only};
pub use types::{Type, TypeError};
pub use validate::validate;
pub use value::{Mismatch, Value};
