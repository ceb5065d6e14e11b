//! What a kind's table says of a place in a body.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value as Json;

use super::resolve::Want;
use crate::kinds::{Kind, Property, ResourceId, Shape};

/// The row at exactly this pattern (`properties.rules[].name`).
pub(crate) fn row(kind: &Kind, pattern: &str) -> Option<&'static Property> {
    kind.properties.iter().find(|row| row.path == pattern)
}

/// Whether the table says anything of places within this one.
pub(crate) fn below(kind: &Kind, pattern: &str) -> bool {
    kind.properties.iter().any(|row| is_below(row.path, pattern))
}

/// Whether a secret may stand at this place or within it.
pub(crate) fn holds_secret(kind: &Kind, pattern: &str) -> bool {
    kind.properties
        .iter()
        .any(|row| row.shape == Shape::Secret && (row.path == pattern || is_below(row.path, pattern)))
}

/// Whether this place holds a map: members are named by users, not by ARM.
pub(crate) fn is_map(kind: &Kind, pattern: &str) -> bool {
    row(kind, pattern).is_some_and(|row| row.shape == Shape::Map)
        || kind
            .properties
            .iter()
            .any(|row| row.path.strip_prefix(pattern).is_some_and(|rest| rest.starts_with("{}")))
}

/// The place of a member of the object or map at `pattern`.
pub(crate) fn inside(pattern: &str, name: &str, is_map: bool) -> String {
    match (pattern, is_map) {
        (outer, true) => format!("{outer}{{}}"),
        ("", false) => name.to_owned(),
        (outer, false) => format!("{outer}.{name}"),
    }
}

fn is_below(path: &str, pattern: &str) -> bool {
    path.strip_prefix(pattern).is_some_and(|rest| pattern.is_empty() || rest.starts_with(['.', '[', '{']))
}

/// What ARM answers at this place where nothing was sent.
pub(crate) fn default(row: Option<&Property>) -> Option<Want> {
    let json: Json = serde_json::from_str(row?.default?).ok()?;
    Some(Want::from(&json))
}

/// Whether two scalars say the same, spelled as this shape may be spelled.
pub(crate) fn same(shape: Shape, one: &Json, other: &Json) -> bool {
    let (Json::String(a), Json::String(b)) = (one, other) else {
        return one == other || (one.is_number() && other.is_number() && one.as_f64() == other.as_f64());
    };
    match shape {
        Shape::Word | Shape::OneOf(_) => a.eq_ignore_ascii_case(b),
        Shape::Id => match (ResourceId::parse(a), ResourceId::parse(b)) {
            (Ok(a), Ok(b)) => a == b,
            _ => a.eq_ignore_ascii_case(b),
        },
        Shape::Location => region(a) == region(b),
        Shape::Duration => a == b || length(a).is_some_and(|length_a| Some(length_a) == length(b)),
        Shape::Words => words(a) == words(b),
        _ => a == b,
    }
}

fn region(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase()
}

fn words(text: &str) -> BTreeSet<String> {
    text.split(',').map(|word| word.trim().to_ascii_lowercase()).filter(|word| !word.is_empty()).collect()
}

fn length(text: &str) -> Option<Duration> {
    let mut seconds = 0.0_f64;
    let mut number = String::new();
    let mut in_time = false;
    for c in text.strip_prefix('P')?.chars() {
        match c {
            'T' => in_time = true,
            '0'..='9' | '.' => number.push(c),
            unit => {
                let factor = match (unit, in_time) {
                    ('D', false) => 86_400.0,
                    ('W', false) => 604_800.0,
                    ('H', true) => 3_600.0,
                    ('M', true) => 60.0,
                    ('S', true) => 1.0,
                    _ => return None,
                };
                seconds += number.parse::<f64>().ok()? * factor;
                number.clear();
            }
        }
    }
    Duration::try_from_secs_f64(seconds).ok()
}
