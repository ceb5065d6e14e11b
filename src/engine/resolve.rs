//! Desired bodies with other nodes' answers put in.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::graph::{Expr, Graph, Key, Secret};
use super::world::World;

/// A body, or a part of one, as far as it is known.
///
/// Observed JSON becomes one too, so that two bodies of any origin compare by
/// the same walk. Printing it shows no secret.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Want {
    /// A scalar, or null: "should be absent".
    Value(Json),
    /// A text that is sent and never shown.
    Secret(Secret),
    /// An array.
    Array(Vec<Want>),
    /// An object.
    Object(BTreeMap<String, Want>),
    /// Something that no answer gives yet, free of origins.
    Pending(Expr),
}

impl From<&Json> for Want {
    fn from(json: &Json) -> Self {
        match json {
            Json::Array(items) => Self::Array(items.iter().map(Self::from).collect()),
            Json::Object(members) => {
                Self::Object(members.iter().map(|(name, value)| (name.clone(), Self::from(value))).collect())
            }
            scalar => Self::Value(scalar.clone()),
        }
    }
}

impl Want {
    /// The member of this name, where this is an object that has it.
    pub(crate) fn member(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.get(name),
            _ => None,
        }
    }

    /// The member of this name however it is cased, the exact one first:
    /// ARM keeps the keys of its maps in the casing of whoever wrote them.
    pub(crate) fn member_ignoring_case(&self, name: &str) -> Option<&Self> {
        let Self::Object(members) = self else { return None };
        members.get(name).or_else(|| {
            members.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value)
        })
    }

    /// What a dotted path leads to, where it leads anywhere.
    pub(crate) fn at(&self, path: &str) -> Option<&Self> {
        path.split('.').try_fold(self, |here, name| here.member(name))
    }

    /// All texts at a pattern, `[]` going into every element of an array.
    pub(crate) fn texts(&self, pattern: &str) -> Vec<&str> {
        let mut here = vec![self];
        for segment in pattern.split('.') {
            let (name, each) = segment.strip_suffix("[]").map_or((segment, false), |name| (name, true));
            here = here.into_iter().filter_map(|value| value.member(name)).collect();
            if each {
                here = here
                    .into_iter()
                    .flat_map(|value| match value {
                        Self::Array(items) => items.as_slice(),
                        _ => &[],
                    })
                    .collect();
            }
        }
        here.into_iter()
            .filter_map(|value| match value {
                Self::Value(Json::String(text)) => Some(text.as_str()),
                _ => None,
            })
            .collect()
    }

    /// Nothing, to ARM: null, or an empty text, array or object.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Value(Json::Null) => true,
            Self::Value(Json::String(text)) => text.is_empty(),
            Self::Array(items) => items.is_empty(),
            Self::Object(members) => members.is_empty(),
            Self::Value(_) | Self::Secret(_) | Self::Pending(_) => false,
        }
    }

    /// The first part that no answer gives yet.
    pub(crate) fn pending(&self) -> Option<&Expr> {
        match self {
            Self::Value(_) | Self::Secret(_) => None,
            Self::Pending(expr) => Some(expr),
            Self::Array(items) => items.iter().find_map(Self::pending),
            Self::Object(members) => members.values().find_map(Self::pending),
        }
    }

    /// Whether a secret stands anywhere in it.
    pub(crate) fn has_secret(&self) -> bool {
        match self {
            Self::Value(_) | Self::Pending(_) => false,
            Self::Secret(_) => true,
            Self::Array(items) => items.iter().any(Self::has_secret),
            Self::Object(members) => members.values().any(Self::has_secret),
        }
    }

    /// Whether this says something else than `prior` did, as far as both are
    /// known and can be remembered: of secrets nothing is.
    pub(crate) fn says_otherwise_than(&self, prior: &Self) -> bool {
        let is_known = self.pending().is_none() && prior.pending().is_none();
        is_known && self.without_secrets() != prior.without_secrets()
    }

    /// The same without secrets; `None` where nothing is left.
    fn without_secrets(&self) -> Option<Self> {
        match self {
            Self::Secret(_) | Self::Value(Json::Null) => None,
            Self::Array(items) => Some(Self::Array(items.iter().filter_map(Self::without_secrets).collect())),
            Self::Object(members) => {
                let said = |(name, value): (&String, &Self)| Some((name.clone(), value.without_secrets()?));
                let said: BTreeMap<String, Self> = members.iter().filter_map(said).collect();
                (!said.is_empty()).then_some(Self::Object(said))
            }
            Self::Value(_) | Self::Pending(_) => Some(self.clone()),
        }
    }

    /// The JSON to send: secrets laid open, what is pending left out. For
    /// the body of a request and nothing else.
    pub(crate) fn expose(&self) -> Json {
        match self {
            Self::Value(value) => value.clone(),
            Self::Secret(secret) => Json::String(secret.expose().to_owned()),
            Self::Array(items) => {
                Json::Array(items.iter().filter(|item| !item.is_pending()).map(Self::expose).collect())
            }
            Self::Object(members) => Json::Object(
                members
                    .iter()
                    .filter(|(_, value)| !value.is_pending())
                    .map(|(name, value)| (name.clone(), value.expose()))
                    .collect(),
            ),
            Self::Pending(_) => Json::Null,
        }
    }

    fn is_pending(&self) -> bool {
        matches!(self, Self::Pending(_))
    }

    /// Sets a member of the object at `path`, making objects on the way.
    pub(crate) fn set(&mut self, path: &[&str], value: Self) {
        let Some((name, rest)) = path.split_first() else {
            *self = value;
            return;
        };
        if !matches!(self, Self::Object(_)) {
            *self = Self::Object(BTreeMap::new());
        }
        if let Self::Object(members) = self {
            members.entry((*name).to_owned()).or_insert(Self::Value(Json::Null)).set(rest, value);
        }
    }
}

/// Puts into `expr` what `answer` says of the nodes that it refers to; what
/// it does not say stays pending.
pub(crate) fn resolve(expr: &Expr, answer: &dyn Fn(&Key, &str) -> Option<Json>) -> Want {
    match expr {
        Expr::Json(json) => Want::from(json),
        Expr::Secret(secret) => Want::Secret(secret.clone()),
        Expr::Array(items) => Want::Array(items.iter().map(|item| resolve(item, answer)).collect()),
        Expr::Object(members) => {
            Want::Object(members.iter().map(|(name, value)| (name.clone(), resolve(value, answer))).collect())
        }
        Expr::Output(key, path) => match answer(key, path) {
            Some(json) => Want::from(&json),
            None => Want::Pending(expr.clone()),
        },
        Expr::Concat(parts) => concat(parts, answer).unwrap_or_else(|| Want::Pending(without_origins(expr))),
        Expr::Unknown => Want::Pending(Expr::Unknown),
        Expr::At(_, inner) => resolve(inner, answer),
    }
}

fn concat(parts: &[Expr], answer: &dyn Fn(&Key, &str) -> Option<Json>) -> Option<Want> {
    let mut text = String::new();
    let mut secret = false;
    for part in parts {
        match resolve(part, answer) {
            Want::Value(Json::String(piece)) => text.push_str(&piece),
            Want::Value(Json::Null) => {}
            Want::Value(other) => text.push_str(&other.to_string()),
            Want::Secret(piece) => {
                text.push_str(piece.expose());
                secret = true;
            }
            Want::Array(_) | Want::Object(_) | Want::Pending(_) => return None,
        }
    }
    Some(if secret { Want::Secret(Secret::new(text)) } else { Want::Value(Json::String(text)) })
}

fn without_origins(expr: &Expr) -> Expr {
    match expr.bare() {
        Expr::Array(items) => Expr::Array(items.iter().map(without_origins).collect()),
        Expr::Concat(items) => Expr::Concat(items.iter().map(without_origins).collect()),
        Expr::Object(members) => {
            Expr::Object(members.iter().map(|(name, value)| (name.clone(), without_origins(value))).collect())
        }
        other => other.clone(),
    }
}

/// What stands at a dotted path of an answer; elements of arrays are named
/// by position (`customDnsConfigs[0].ipAddresses[0]`). Null is no answer.
pub(crate) fn lookup<'a>(answer: &'a Json, path: &str) -> Option<&'a Json> {
    path.split(['.', '[', ']'])
        .filter(|segment| !segment.is_empty())
        .try_fold(answer, |here, segment| match here {
            Json::Array(items) => items.get(segment.parse::<usize>().ok()?),
            other => other.get(segment),
        })
        .filter(|value| !value.is_null())
}

/// What is answered for a node of `graph` from what `world` holds. An id is
/// always the one that the graph derives.
pub(crate) fn answer(graph: &Graph, world: &World, key: &Key, path: &str) -> Option<Json> {
    let id = graph.get(key)?.id.as_ref()?;
    if path == "id" {
        return Some(Json::String(id.as_str().to_owned()));
    }
    lookup(world.body(id)?, path).cloned()
}

/// The body of `node` as far as ids alone resolve it.
pub(crate) fn by_ids(graph: &Graph, body: &Expr) -> Want {
    resolve(body, &|key, path| {
        let id = graph.get(key)?.id.as_ref()?;
        (path == "id").then(|| Json::String(id.as_str().to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_and_outputs_join_once_every_part_is_answered() {
        let expr =
            Expr::Concat(vec!["https://".into(), Expr::Output("vault".into(), "name".into()), "/".into()]);
        let known = resolve(&expr, &|_, path| (path == "name").then(|| json!("kv")));
        assert_eq!(known, Want::Value(json!("https://kv/")));
        assert!(resolve(&expr, &|_, _| None).pending().is_some());
    }

    #[test]
    fn a_text_with_a_secret_in_it_is_a_secret() {
        let expr = Expr::Concat(vec!["key=".into(), Expr::Secret(Secret::new("hunter2".into()))]);
        let want = resolve(&expr, &|_, _| None);
        assert!(want.has_secret());
        assert!(!format!("{want:?}").contains("hunter2"));
        assert_eq!(want.expose(), json!("key=hunter2"));
    }

    #[test]
    fn patterns_go_into_every_element() {
        let want = Want::from(&json!({"properties": {"links": [{"id": "a"}, {"id": "b"}]}}));
        assert_eq!(want.texts("properties.links[].id"), ["a", "b"]);
        assert!(want.texts("properties.others[].id").is_empty());
    }

    #[test]
    fn answers_are_found_by_member_and_position() {
        let answer = json!({"a": [{"b": 1}], "c": null});
        assert_eq!(lookup(&answer, "a[0].b"), Some(&json!(1)));
        assert_eq!(lookup(&answer, "c"), None);
    }
}
