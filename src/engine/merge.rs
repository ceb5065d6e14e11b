//! The bodies of writes: what is wanted, laid over what stands there, so
//! that what others set is carried along unchanged.

use serde_json::{Map, Value as Json};

use super::diff::{Difference, find_element};
use super::facts;
use super::ownership;
use super::resolve::Want;
use super::settings::IgnoreTags;
use crate::kinds::{Access, Kind, Shape};

/// Makes the bodies of writes of one kind.
pub(crate) struct Merger<'a> {
    /// Whose table says what may be sent.
    pub kind: &'static Kind,
    /// The kinds of children that a PUT of this kind may carry.
    pub children: &'a [&'static Kind],
    /// Tags whose value in Azure wins over ours.
    pub ignore: &'a IgnoreTags,
}

impl Merger<'_> {
    /// The body that creates the resource: `want` without nulls and without
    /// what only Azure may say, and with its embedded children, each a name
    /// and a body.
    pub(crate) fn create(&self, want: &Want, children: &[(&'static Kind, String, Want)]) -> Json {
        let mut body = self.overlay(None, want, None, "").unwrap_or_else(|| Json::Object(Map::new()));
        for (kind, name, want) in children {
            let Some(path) = kind.embedded else { continue };
            let inner = Merger { kind, children: &[], ignore: self.ignore };
            let mut element = inner.create(want, &[]);
            if let Some(members) = element.as_object_mut() {
                members.insert("name".to_owned(), Json::String(name.clone()));
            }
            push(&mut body, path, element);
        }
        body
    }

    /// The body that makes of `observed` what `want` says: everything that
    /// may be written as it stands there, less what `prior` named and `want`
    /// does not, under what `want` says.
    pub(crate) fn put(&self, observed: &Json, want: &Want, prior: Option<&Want>) -> Json {
        let carried = self.writable(observed, "");
        self.overlay(carried, want, prior, "").unwrap_or_else(|| Json::Object(Map::new()))
    }

    /// The PATCH that does the same to the properties that `differences`
    /// names. Its grain is a member of the body or of `properties`, sent
    /// whole: services differ in whether they merge below that.
    pub(crate) fn patch(
        &self,
        observed: &Json,
        want: &Want,
        prior: Option<&Want>,
        differences: &[Difference],
    ) -> Json {
        let whole = self.put(observed, want, prior);
        let mut body = Map::new();
        for difference in differences {
            let mut segments = difference.path.split(['.', '[']);
            let Some(top) = segments.next() else { continue };
            if top != "properties" {
                body.insert(top.to_owned(), self.member_or_default(whole.get(top), top));
                continue;
            }
            let Some(second) = segments.next() else { continue };
            let value = self.member_or_default(
                whole.get(top).and_then(|inner| inner.get(second)),
                &format!("{top}.{second}"),
            );
            let inner = body.entry(top.to_owned()).or_insert_with(|| Json::Object(Map::new()));
            if let Some(inner) = inner.as_object_mut() {
                inner.insert(second.to_owned(), value);
            }
        }
        Json::Object(body)
    }

    /// What takes a property away in a PATCH: its default, which every
    /// service understands, or else null.
    fn member_or_default(&self, value: Option<&Json>, pattern: &str) -> Json {
        value
            .cloned()
            .or_else(|| facts::default(facts::row(self.kind, pattern)).map(|default| default.expose()))
            .unwrap_or(Json::Null)
    }

    /// The part of an observed body that may be written.
    fn writable(&self, observed: &Json, pattern: &str) -> Option<Json> {
        if let Some(child) = self.children.iter().find(|child| child.embedded == Some(pattern)) {
            let Json::Array(items) = observed else { return None };
            let inner = Merger { kind: child, children: &[], ignore: self.ignore };
            return Some(Json::Array(
                items
                    .iter()
                    .filter_map(|item| {
                        let mut element = inner.writable(item, "")?;
                        let name = item.get("name")?.clone();
                        element.as_object_mut()?.insert("name".to_owned(), name);
                        Some(element)
                    })
                    .collect(),
            ));
        }
        let row = facts::row(self.kind, pattern);
        if row.is_some_and(|row| row.access == Access::ReadOnly) {
            return None;
        }
        let deeper = facts::below(self.kind, pattern)
            || self.children.iter().any(|child| child.embedded.is_some_and(|path| path.starts_with(pattern)));
        match observed {
            Json::Null => None,
            Json::Object(members) if deeper => {
                let is_map = facts::is_map(self.kind, pattern);
                Some(Json::Object(
                    members
                        .iter()
                        .filter_map(|(name, value)| {
                            let inner = facts::inside(pattern, name, is_map);
                            let kept = match self.writable(value, &inner) {
                                // A map's texts have no row of their own.
                                None if is_map && facts::row(self.kind, &inner).is_none() => value.clone(),
                                kept => kept?,
                            };
                            Some((name.clone(), kept))
                        })
                        .collect(),
                ))
            }
            Json::Array(items) if deeper => {
                let inner = format!("{pattern}[]");
                let whole = !facts::below(self.kind, &inner);
                Some(Json::Array(
                    items
                        .iter()
                        .filter_map(
                            |item| if whole { Some(item.clone()) } else { self.writable(item, &inner) },
                        )
                        .collect(),
                ))
            }
            _ => {
                (row.is_some() && !deeper || row.is_some() && !observed.is_object()).then(|| observed.clone())
            }
        }
    }

    /// `want` over `base`; `None` where nothing should stand.
    fn overlay(&self, base: Option<Json>, want: &Want, prior: Option<&Want>, pattern: &str) -> Option<Json> {
        let row = facts::row(self.kind, pattern);
        if row.is_some_and(|row| row.access == Access::ReadOnly) {
            return None;
        }
        match want {
            Want::Value(Json::Null) | Want::Pending(_) => None,
            Want::Value(_) | Want::Secret(_) => Some(want.expose()),
            Want::Object(members) => {
                let is_map = facts::is_map(self.kind, pattern);
                let mut body = match base {
                    Some(Json::Object(body)) => body,
                    _ => Map::new(),
                };
                if let Some(Want::Object(prior)) = prior {
                    for (name, prior) in prior {
                        let stays = members.keys().any(|other| names_equal(other, name, is_map));
                        if !stays && !self.is_ignored(pattern, name) {
                            self.forget(&mut body, name, prior, pattern, is_map);
                        }
                    }
                }
                for (name, want) in members {
                    let held = body.keys().find(|other| names_equal(other, name, is_map)).cloned();
                    if held.is_some() && self.is_ignored(pattern, name) {
                        continue;
                    }
                    let below = held.as_ref().and_then(|held| body.get(held)).cloned();
                    let before = match prior {
                        Some(prior) if is_map => prior.member_ignoring_case(name),
                        Some(prior) => prior.member(name),
                        None => None,
                    };
                    let value = self.overlay(below, want, before, &facts::inside(pattern, name, is_map));
                    let name = held.unwrap_or_else(|| name.clone());
                    match value {
                        Some(value) => body.insert(name, value),
                        None => body.shift_remove(&name),
                    };
                }
                Some(Json::Object(body))
            }
            Want::Array(items) => Some(self.array(base, items, prior, pattern, row.map(|row| row.shape))),
        }
    }

    fn array(
        &self,
        base: Option<Json>,
        items: &[Want],
        prior: Option<&Want>,
        pattern: &str,
        shape: Option<Shape>,
    ) -> Json {
        let inner = format!("{pattern}[]");
        let (Some(Shape::Keyed(field) | Shape::Shared(field)), Some(Json::Array(base))) = (shape, base)
        else {
            return Json::Array(
                items.iter().filter_map(|item| self.overlay(None, item, None, &inner)).collect(),
            );
        };
        let find = |items: &[Want], key: &Want| find_element(self.kind, pattern, items, field, key).cloned();
        let held: Vec<Want> = base.iter().map(Want::from).collect();
        let before: &[Want] = match prior {
            Some(Want::Array(before)) => before,
            _ => &[],
        };
        let mut written: Vec<Json> = items
            .iter()
            .filter_map(|item| {
                let key = item.at(field);
                let base = key.and_then(|key| find(&held, key)).map(|held| held.expose());
                let prior = key.and_then(|key| find(before, key));
                self.overlay(base, item, prior.as_ref(), &inner)
            })
            .collect();
        if matches!(shape, Some(Shape::Shared(_))) {
            let foreign = held.iter().filter(|held| {
                held.at(field).is_none_or(|key| find(items, key).is_none() && find(before, key).is_none())
            });
            written.extend(foreign.map(Want::expose));
        }
        Json::Array(written)
    }

    /// Takes out of `body` what `prior` named at `name`.
    fn forget(&self, body: &mut Map<String, Json>, name: &str, prior: &Want, pattern: &str, is_map: bool) {
        let Some(held) = body.keys().find(|other| names_equal(other, name, is_map)).cloned() else { return };
        let inner = facts::inside(pattern, name, is_map);
        let shape = facts::row(self.kind, &inner).map(|row| row.shape);
        let emptied = match (body.get_mut(&held), prior) {
            (Some(Json::Object(members)), Want::Object(prior)) if !is_map => {
                let inner_is_map = facts::is_map(self.kind, &inner);
                for (name, prior) in prior {
                    if !self.is_ignored(&inner, name) {
                        self.forget(members, name, prior, &inner, inner_is_map);
                    }
                }
                members.is_empty()
            }
            (Some(Json::Array(items)), Want::Array(prior)) => match shape {
                Some(Shape::Shared(field) | Shape::Keyed(field)) => {
                    items.retain(|item| {
                        Want::from(item)
                            .at(field)
                            .is_none_or(|key| find_element(self.kind, &inner, prior, field, key).is_none())
                    });
                    // An empty list says that nothing is left; leaving it out may not.
                    false
                }
                _ => true,
            },
            _ => true,
        };
        if emptied {
            body.shift_remove(&held);
        }
    }

    fn is_ignored(&self, pattern: &str, name: &str) -> bool {
        pattern == "tags" && self.ignore.matches(name) && !ownership::is_mark(name)
    }
}

fn names_equal(one: &str, other: &str, is_map: bool) -> bool {
    if is_map { one.eq_ignore_ascii_case(other) } else { one == other }
}

/// Adds an element to the list at a dotted path of `body`.
fn push(body: &mut Json, path: &str, element: Json) {
    let mut here = body;
    let mut names = path.split('.').peekable();
    while let Some(name) = names.next() {
        let Some(members) = here.as_object_mut() else { return };
        let empty = if names.peek().is_some() { Json::Object(Map::new()) } else { Json::Array(Vec::new()) };
        here = members.entry(name.to_owned()).or_insert(empty);
    }
    if let Some(items) = here.as_array_mut() {
        items.push(element);
    }
}
