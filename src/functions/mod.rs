//! The functions: one file each, pure and offline.

mod subnet_capacity;

use crate::schema::{Function, Value};

/// Every function.
pub static ALL: &[ProviderFunction] = &[subnet_capacity::FUNCTION];

/// A result, or the argument (from 0) at fault and why.
pub type Answer = Result<Value, (usize, String)>;

/// A function of the provider.
pub struct ProviderFunction {
    /// `subnet_capacity`.
    pub name: &'static str,
    /// What it takes and gives.
    pub signature: fn() -> Function,
    /// Its result.
    pub call: fn(&[Value]) -> Answer,
}
