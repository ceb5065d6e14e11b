//! What a kind's tree says of a place in a body.

use crate::kinds::{Node, Shape};

/// Whether this place holds a map: its members are named by users, not by
/// ARM, and so are one member however they are cased.
pub(crate) fn is_map(node: Option<&Node>) -> bool {
    node.is_some_and(|node| match node.shape() {
        Some(Shape::Map | Shape::IdMap) => true,
        _ => node.values().is_some() && node.fields().next().is_none(),
    })
}

/// Whether a secret may stand at this place or within it.
pub(crate) fn holds_secret(node: &Node) -> bool {
    node.shape() == Some(Shape::Secret)
        || node.fields().any(|(_, field)| holds_secret(field))
        || node.items().is_some_and(holds_secret)
        || node.values().is_some_and(holds_secret)
}
