//! Arguments read back from what Azure shows.

use serde_json::Value as Json;

use crate::schema::Value;

/// The text at a pointer; null where there is none, or nothing in it.
pub(super) fn text(body: &Json, pointer: &str) -> Value {
    match body.pointer(pointer).and_then(Json::as_str) {
        Some(text) if !text.is_empty() => text.into(),
        _ => Value::Null,
    }
}

/// The whole number at a pointer; null where there is none.
pub(super) fn number(body: &Json, pointer: &str) -> Value {
    body.pointer(pointer).and_then(Json::as_i64).map_or(Value::Null, Value::from)
}
