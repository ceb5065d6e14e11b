//! Computed attributes: from an expansion's expressions and Azure's answers to
//! Terraform's values.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::engine::graph::{Expr, Key};
use crate::schema::{Type, Value, json};

/// What can be said of one node's answer at a path.
pub(super) enum Answer {
    /// Azure answered this; null where it left it out.
    Known(Json),
    /// It will change, or nobody has asked yet.
    Later,
    /// It stays what it was.
    Kept,
    /// It stays this.
    Stays(Value),
}

/// What Azure answered, by node and path, as far as computed attributes show
/// it.
pub(super) type Answered = BTreeMap<(Key, Key), Value>;

/// Gathers the answers that `value` shows, which `expr` once gave. An
/// attribute may later say the same at another place: the element of a list
/// moves, and another identity comes to act.
pub(super) fn gather(expr: &Expr, value: &Value, answered: &mut Answered) {
    match expr.bare() {
        Expr::Output(key, path) if !value.is_null() && !value.is_unknown() => {
            answered.insert((key.clone(), path.clone()), value.clone());
        }
        Expr::Object(members) => {
            for (name, member) in members {
                gather(member, value.attribute(name), answered);
            }
        }
        Expr::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                gather(item, value.element(at), answered);
            }
        }
        _ => {}
    }
}

/// Evaluates an output leaf by leaf. `before` is the value that the attribute
/// had: a leaf whose node stays as it is keeps its part of it.
pub(super) fn evaluate(
    expr: &Expr,
    ty: &Type,
    before: &Value,
    answer: &impl Fn(&str, &str) -> Answer,
) -> Value {
    match (expr, ty) {
        (Expr::At(_, inner), ty) => evaluate(inner, ty, before, answer),
        (Expr::Unknown, _) => Value::Unknown,
        (Expr::Json(value), ty) => typed(ty, value),
        (Expr::Output(key, path), ty) => match answer(key, path) {
            Answer::Known(value) => typed(ty, &value),
            Answer::Later => Value::Unknown,
            Answer::Kept if before.is_null() || before.is_unknown() => Value::Unknown,
            Answer::Kept => before.clone(),
            Answer::Stays(value) => value,
        },
        (Expr::Concat(parts), _) => concat(parts, before, answer),
        (Expr::Object(members), Type::Map(element)) => Value::Map(
            members
                .iter()
                .map(|(key, member)| (key.clone(), evaluate(member, element, before.attribute(key), answer)))
                .collect(),
        ),
        (Expr::Object(members), Type::Object(types)) => Value::Map(
            types
                .iter()
                .map(|(name, ty)| {
                    let value = members
                        .get(name)
                        .map_or(Value::Null, |member| evaluate(member, ty, before.attribute(name), answer));
                    (name.clone(), value)
                })
                .collect(),
        ),
        (Expr::Array(items), Type::List(element) | Type::Set(element)) => Value::List(
            items
                .iter()
                .enumerate()
                .map(|(at, item)| evaluate(item, element, before.element(at), answer))
                .collect(),
        ),
        // Nothing secret is ever an output.
        (Expr::Object(_) | Expr::Array(_) | Expr::Secret(_), _) => Value::Null,
    }
}

fn concat(parts: &[Expr], before: &Value, answer: &impl Fn(&str, &str) -> Answer) -> Value {
    let mut text = String::new();
    for part in parts {
        match evaluate(part, &Type::String, &Value::Null, answer) {
            Value::String(piece) => text.push_str(&piece),
            Value::Unknown if !before.is_null() => return before.clone(),
            _ => return Value::Unknown,
        }
    }
    Value::String(text)
}

/// What a dotted path finds in an answer. `*` goes through every element of an
/// array and gathers what is found into one flat array, each value once.
pub(super) fn pick(body: &Json, path: &str) -> Json {
    let mut found = vec![body];
    let mut gathered = false;
    for segment in path.split('.') {
        if segment == "*" {
            gathered = true;
            found = found.into_iter().filter_map(Json::as_array).flatten().collect();
        } else {
            found = found.into_iter().filter_map(|value| value.get(segment)).collect();
        }
    }
    if gathered {
        let mut once: Vec<Json> = Vec::new();
        for value in found {
            if !once.contains(value) {
                once.push(value.clone());
            }
        }
        Json::Array(once)
    } else {
        found.first().map_or(Json::Null, |value| (*value).clone())
    }
}

fn typed(ty: &Type, value: &Json) -> Value {
    json::decode(ty, value).unwrap_or(Value::Null)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_star_gathers_through_arrays() {
        let body = json!({ "configs": [{ "ips": ["a", "b"] }, { "ips": ["b", "c"] }, {}] });
        assert_eq!(pick(&body, "configs.*.ips.*"), json!(["a", "b", "c"]));
        assert_eq!(pick(&body, "missing.here"), Json::Null);
        assert_eq!(pick(&body, "missing.*"), json!([]));
    }

    #[test]
    fn a_leaf_whose_node_stays_keeps_its_part_of_the_old_value() {
        let expr = Expr::object([
            ("old", Expr::Output("a".into(), "x".into())),
            ("new", Expr::Output("b".into(), "x".into())),
        ]);
        let ty = Type::Map(Box::new(Type::String));
        let before = Value::Map([("old".to_owned(), Value::from("1"))].into());
        let value =
            evaluate(&expr, &ty, &before, &|key, _| if key == "a" { Answer::Kept } else { Answer::Later });
        assert_eq!(value.attribute("old"), &Value::from("1"));
        assert_eq!(value.attribute("new"), &Value::Unknown);
    }
}
