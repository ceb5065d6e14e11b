//! What a kind's table says of a place in a body.

use crate::kinds::{Approval, Change, Kind, Node, Shape};

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

/// Whether what `path` finds in an answer of `kind` (`*` goes through arrays)
/// may be another after a write that says nothing of it: an approval, which
/// somebody else gives at any time, or what Azure chooses anew.
#[must_use]
pub fn is_unsettled(kind: &Kind, path: &str) -> bool {
    kind.properties.iter().any(|property| {
        let approved = |approval: &Approval| path == format!("{}.*.{}", property.path, approval.status);
        property.approval.is_some_and(approved)
            || property.change == Change::WithAnyWrite && property.path == path
    })
}
