//! Terraform's types.

use std::collections::BTreeMap;

/// The type of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// Text.
    String,
    /// A number of any precision.
    Number,
    /// `true` or `false`.
    Bool,
    /// Anything; the value brings its own type.
    Dynamic,
    /// Values of one type in an order.
    List(Box<Type>),
    /// Values of one type without order or repetition.
    Set(Box<Type>),
    /// Values of one type by key.
    Map(Box<Type>),
    /// Values of different types in an order.
    Tuple(Vec<Type>),
    /// Values of different types by name.
    Object(BTreeMap<String, Type>),
}
