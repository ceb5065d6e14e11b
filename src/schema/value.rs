//! Terraform's values: null, unknown and known, of any type.

use std::collections::BTreeMap;

use bigdecimal::BigDecimal;

/// A value as Terraform sends and expects it.
///
/// Lists, sets and tuples are `List`; maps and objects are `Map`. Which one is
/// meant, the [`Type`](super::Type) beside the value says.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// No value.
    Null,
    /// A value that is not known before apply.
    Unknown,
    /// `true` or `false`.
    Bool(bool),
    /// A number of any precision.
    Number(BigDecimal),
    /// A text.
    String(String),
    /// The elements of a list, set or tuple.
    List(Vec<Value>),
    /// The members of a map or object.
    Map(BTreeMap<String, Value>),
    /// A value of an attribute whose type is `dynamic`, with its own type.
    Dynamic(Box<(super::Type, Value)>),
}
