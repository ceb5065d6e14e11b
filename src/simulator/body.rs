//! JSON bodies: look-ups, changes and walks along the paths of a kind's rows.

use serde_json::{Map, Value};

use crate::kinds::{Access, Kind, Shape};

/// One step of a row's path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step<'a> {
    /// Into a field of an object.
    Field(&'a str),
    /// Into every element of an array.
    Items,
    /// Into every value of a map.
    Values,
}

/// The steps of a path such as `properties.subnets[].name`.
pub(super) fn steps(path: &str) -> impl Iterator<Item = Step<'_>> {
    path.split('.').flat_map(|part| {
        let name = part.trim_end_matches(['[', ']', '{', '}']);
        let rest = &part[name.len()..];
        let inner =
            rest.as_bytes().chunks(2).map(|pair| if pair == b"[]" { Step::Items } else { Step::Values });
        (!name.is_empty()).then_some(Step::Field(name)).into_iter().chain(inner)
    })
}

/// Fills in what ARM answers with where nothing was sent: of the rows that
/// clients write, or of the read-only ones.
pub(super) fn set_defaults(kind: &'static Kind, body: &mut Value, read_only: bool) {
    for node in kind.tree().nodes() {
        let Some(default) = node.default_answer() else { continue };
        if (node.access() == Access::ReadOnly) == read_only && node.access() != Access::WriteOnly {
            let path: Vec<Step<'_>> = steps(node.path()).collect();
            set_default(body, &path, default);
        }
    }
}

fn set_default(value: &mut Value, path: &[Step<'_>], default: &Value) {
    match (path, value) {
        ([Step::Field(name)], Value::Object(map)) => {
            map.entry(*name).or_insert_with(|| default.clone());
        }
        ([Step::Field(name), rest @ ..], Value::Object(map)) => {
            // An array or a map that was not sent has no elements to complete.
            let beneath = rest.iter().all(|step| matches!(step, Step::Field(_)));
            if beneath && !map.contains_key(*name) {
                map.insert((*name).to_owned(), Value::Object(Map::new()));
            }
            if let Some(inner) = map.get_mut(*name) {
                set_default(inner, rest, default);
            }
        }
        ([Step::Items, rest @ ..], Value::Array(items)) => {
            for item in items {
                set_default(item, rest, default);
            }
        }
        ([Step::Values, rest @ ..], Value::Object(map)) => {
            for item in map.values_mut() {
                set_default(item, rest, default);
            }
        }
        _ => {}
    }
}

/// Every value that stands at `path`.
pub(super) fn values<'v>(body: &'v Value, path: &str) -> Vec<&'v Value> {
    let mut found = vec![body];
    for step in steps(path) {
        found = found
            .into_iter()
            .flat_map(|value| -> Vec<&Value> {
                match (step, value) {
                    (Step::Field(name), Value::Object(map)) => map.get(name).into_iter().collect(),
                    (Step::Items, Value::Array(items)) => items.iter().collect(),
                    (Step::Values, Value::Object(map)) => map.values().collect(),
                    _ => Vec::new(),
                }
            })
            .collect();
    }
    found
}

/// Whether two bodies of a kind say the same: the order of a set says nothing.
pub(super) fn same(kind: &Kind, a: &Value, b: &Value) -> bool {
    a == b || {
        let mut rows: Vec<_> = kind.properties.iter().collect();
        // What lies within the elements comes before the elements.
        rows.sort_by_key(|row| std::cmp::Reverse(steps(row.path).count()));
        let ordered = |body: &Value| {
            let mut body = body.clone();
            for row in &rows {
                let steps: Vec<Step<'_>> = steps(row.path).collect();
                match row.shape {
                    Shape::Set | Shape::Keyed(_) | Shape::Shared(_) => at_each(&mut body, &steps, &|value| {
                        if let Value::Array(items) = value {
                            items.sort_by_cached_key(Value::to_string);
                        }
                    }),
                    Shape::Words => at_each(&mut body, &steps, &|value| {
                        if let Value::String(text) = value {
                            let mut words: Vec<&str> = text.split(',').map(str::trim).collect();
                            words.sort_unstable();
                            *text = words.join(",");
                        }
                    }),
                    _ => {}
                }
            }
            body
        };
        ordered(a) == ordered(b)
    }
}

/// Does something to every value at a path.
fn at_each(body: &mut Value, path: &[Step<'_>], work: &impl Fn(&mut Value)) {
    let Some((step, rest)) = path.split_first() else { return work(body) };
    match (step, body) {
        (Step::Field(name), Value::Object(map)) => {
            if let Some(value) = map.get_mut(*name) {
                at_each(value, rest, work);
            }
        }
        (Step::Items, Value::Array(items)) => items.iter_mut().for_each(|item| at_each(item, rest, work)),
        (Step::Values, Value::Object(map)) => map.values_mut().for_each(|value| at_each(value, rest, work)),
        _ => {}
    }
}

/// The one value at a path without arrays.
pub(super) fn get<'v>(body: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(body, |value, name| value.get(name))
}

/// The text at a path without arrays.
pub(super) fn text<'v>(body: &'v Value, path: &str) -> Option<&'v str> {
    get(body, path).and_then(Value::as_str)
}

/// Puts a value at a path without arrays, making the objects on the way.
pub(super) fn set(body: &mut Value, path: &str, value: Value) {
    let (parents, name) = path.rsplit_once('.').unwrap_or(("", path));
    let mut at = body;
    for parent in parents.split('.').filter(|p| !p.is_empty()) {
        if !at.get(parent).is_some_and(Value::is_object) {
            let Some(map) = at.as_object_mut() else { return };
            map.insert(parent.to_owned(), Value::Object(Map::new()));
        }
        let Some(next) = at.get_mut(parent) else { return };
        at = next;
    }
    if let Some(map) = at.as_object_mut() {
        map.insert(name.to_owned(), value);
    }
}

/// The elements of the array at a path without arrays, to be changed.
pub(super) fn items_mut<'v>(body: &'v mut Value, path: &str) -> impl Iterator<Item = &'v mut Value> {
    path.split('.')
        .try_fold(body, |value, name| value.get_mut(name))
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
}

/// Takes the value at a path without arrays out of the body.
pub(super) fn take(body: &mut Value, path: &str) -> Option<Value> {
    let (parents, name) = path.rsplit_once('.').unwrap_or(("", path));
    let at =
        parents.split('.').filter(|p| !p.is_empty()).try_fold(body, |value, name| value.get_mut(name))?;
    at.as_object_mut()?.shift_remove(name)
}

/// Lays `over` on `body`: objects field by field, everything else whole.
pub(super) fn merge(body: &mut Value, over: &Value) {
    match (body, over) {
        (Value::Object(body), Value::Object(over)) => {
            for (name, value) in over {
                match body.get_mut(name) {
                    Some(inner) => merge(inner, value),
                    None => {
                        body.insert(name.clone(), value.clone());
                    }
                }
            }
        }
        (body, over) => *body = over.clone(),
    }
}

/// Applies a JSON merge patch (RFC 7396).
pub(super) fn patch(body: &mut Value, over: &Value) {
    let (Value::Object(map), Value::Object(changes)) = (&mut *body, over) else {
        *body = over.clone();
        return;
    };
    for (name, value) in changes {
        if value.is_null() {
            map.shift_remove(name);
        } else {
            patch(map.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
}

/// The form of a region that ARM answers with: `East US` is `eastus`.
pub(super) fn location(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_go_into_arrays_and_maps() {
        assert_eq!(
            steps("a.b[].c{}.d").collect::<Vec<_>>(),
            [
                Step::Field("a"),
                Step::Field("b"),
                Step::Items,
                Step::Field("c"),
                Step::Values,
                Step::Field("d")
            ],
        );
        let body = json!({ "a": { "b": [{ "c": { "x": { "d": 1 }, "y": { "d": 2 } } }] } });
        assert_eq!(values(&body, "a.b[].c{}.d"), [&json!(1), &json!(2)]);
    }

    #[test]
    fn a_merge_patch_removes_what_is_null() {
        let mut body = json!({ "a": 1, "b": { "c": 2, "d": 3 } });
        patch(&mut body, &json!({ "a": null, "b": { "c": 4 } }));
        assert_eq!(body, json!({ "b": { "c": 4, "d": 3 } }));
    }
}
