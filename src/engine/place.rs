//! Places in bodies, by dotted paths.

use serde_json::Value as Json;

/// What stands at a dotted path of a body.
pub(super) fn at<'j>(body: &'j Json, path: &str) -> Option<&'j Json> {
    path.split('.').try_fold(body, |value, segment| value.get(segment))
}

/// Puts a value at a dotted path of a body.
pub(super) fn set(body: &mut Json, path: &str, value: Json) {
    let mut here = body;
    for segment in path.split('.') {
        if !here.is_object() {
            return;
        }
        here = &mut here[segment];
    }
    *here = value;
}

/// Whether a path of a [`super::diff::Difference`], elements by their key, leads to `outer` or into it.
pub(super) fn is_within(path: &str, outer: &str) -> bool {
    path.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}
