//! Places in bodies, by dotted paths.

use serde_json::Value as Json;

/// What stands at a dotted path of a body.
pub(super) fn at<'j>(body: &'j Json, path: &str) -> Option<&'j Json> {
    path.split('.').try_fold(body, |value, segment| value.get(segment))
}

/// What stands at a dotted path of a body, in which `[]` after a segment leads into every element of a list.
pub(super) fn all<'j>(body: &'j Json, path: &str) -> Vec<&'j Json> {
    path.split('.').fold(vec![body], |found, segment| {
        let (name, into) = segment.strip_suffix("[]").map_or((segment, false), |name| (name, true));
        let inside = found.into_iter().filter_map(|value| value.get(name));
        if into { inside.filter_map(Json::as_array).flatten().collect() } else { inside.collect() }
    })
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
