//! Terraform's values: null, unknown and known, of any type.

use std::collections::BTreeMap;

use bigdecimal::{BigDecimal, ToPrimitive};

use super::{Path, Step, Type};

/// A value as Terraform sends and expects it.
///
/// Lists, sets and tuples are `List`; maps and objects are `Map`. Which one is
/// meant, the [`Type`](super::Type) beside the value says.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// No value.
    Null,
    /// A value that is not known before apply.
    Unknown,
    /// `true` or `false`.
    Bool(bool),
    /// A number of any precision.
    Number(BigDecimal),
    /// A text.
    String(String),
    /// The elements of a list, set or tuple.
    List(Vec<Value>),
    /// The members of a map or object.
    Map(BTreeMap<String, Value>),
    /// A value of an attribute whose type is `dynamic`, with its own type.
    Dynamic(Box<(super::Type, Value)>),
}

/// What a missing attribute reads as.
static NULL: Value = Value::Null;

/// Where and why a value is not of a type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", at(path))]
pub struct Mismatch {
    /// Where, from the value's root.
    pub path: Path,
    /// What was wanted there.
    pub message: String,
}

/// The path as the start of a sentence.
pub(super) fn at(path: &Path) -> String {
    if path.0.is_empty() { String::new() } else { format!("{path}: ") }
}

impl Value {
    /// An object or map of the given members.
    pub fn object<N: Into<String>>(members: impl IntoIterator<Item = (N, Self)>) -> Self {
        Self::Map(members.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }

    /// A list, set or tuple of the given elements.
    pub fn list<V: Into<Self>>(elements: impl IntoIterator<Item = V>) -> Self {
        Self::List(elements.into_iter().map(Into::into).collect())
    }

    /// Whether it is null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether it is itself unknown; what it holds may be unknown all the same.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        match self {
            Self::Unknown => true,
            Self::Dynamic(typed) => typed.1.is_unknown(),
            _ => false,
        }
    }

    /// Whether nothing in it is unknown.
    #[must_use]
    pub fn is_wholly_known(&self) -> bool {
        match self {
            Self::Unknown => false,
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::String(_) => true,
            Self::List(elements) => elements.iter().all(Self::is_wholly_known),
            Self::Map(members) => members.values().all(Self::is_wholly_known),
            Self::Dynamic(typed) => typed.1.is_wholly_known(),
        }
    }

    /// This value with null wherever it is unknown, so that it can be stored.
    #[must_use]
    pub fn without_unknown(self) -> Self {
        match self {
            Self::Unknown => Self::Null,
            Self::List(elements) => Self::List(elements.into_iter().map(Self::without_unknown).collect()),
            Self::Map(members) => {
                Self::Map(members.into_iter().map(|(name, it)| (name, it.without_unknown())).collect())
            }
            Self::Dynamic(typed) => match *typed {
                (_, Self::Unknown) => Self::Null,
                (ty, value) => Self::Dynamic(Box::new((ty, value.without_unknown()))),
            },
            known => known,
        }
    }

    /// The text of a known string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            Self::Dynamic(typed) => typed.1.as_str(),
            _ => None,
        }
    }

    /// A known truth value.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(truth) => Some(*truth),
            Self::Dynamic(typed) => typed.1.as_bool(),
            _ => None,
        }
    }

    /// A known number.
    #[must_use]
    pub fn as_number(&self) -> Option<&BigDecimal> {
        match self {
            Self::Number(number) => Some(number),
            Self::Dynamic(typed) => typed.1.as_number(),
            _ => None,
        }
    }

    /// A known whole number within the range of `i64`.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        self.as_number().filter(|number| number.is_integer()).and_then(ToPrimitive::to_i64)
    }

    /// The elements of a known list, set or tuple.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Self]> {
        match self {
            Self::List(elements) => Some(elements),
            Self::Dynamic(typed) => typed.1.as_list(),
            _ => None,
        }
    }

    /// The members of a known map or object.
    #[must_use]
    pub fn as_map(&self) -> Option<&BTreeMap<String, Self>> {
        match self {
            Self::Map(members) => Some(members),
            Self::Dynamic(typed) => typed.1.as_map(),
            _ => None,
        }
    }

    /// The elements of a known list of known strings; `None` if one of them is
    /// not.
    #[must_use]
    pub fn as_strings(&self) -> Option<Vec<&str>> {
        self.as_list()?.iter().map(Self::as_str).collect()
    }

    /// A member of an object: null where the object is null or has none of that
    /// name, unknown where the object is unknown.
    #[must_use]
    pub fn attribute(&self, name: &str) -> &Self {
        match self {
            Self::Map(members) => members.get(name).unwrap_or(&NULL),
            Self::Dynamic(typed) => typed.1.attribute(name),
            Self::Unknown => self,
            _ => &NULL,
        }
    }

    /// An element of a list, read as [`Value::attribute`] reads a member.
    #[must_use]
    pub fn element(&self, index: usize) -> &Self {
        match self {
            Self::List(elements) => elements.get(index).unwrap_or(&NULL),
            Self::Dynamic(typed) => typed.1.element(index),
            Self::Unknown => self,
            _ => &NULL,
        }
    }

    /// What stands at `path`; `None` where the path leads nowhere, which
    /// includes the inside of a null or unknown value.
    #[must_use]
    pub fn get(&self, path: &Path) -> Option<&Self> {
        path.0.iter().try_fold(self, |value, step| match step {
            Step::Attribute(name) | Step::Key(name) => value.as_map()?.get(name),
            Step::Index(index) => value.as_list()?.get(*index),
        })
    }

    /// What stands at `path`, to change it.
    #[must_use]
    pub fn get_mut(&mut self, path: &Path) -> Option<&mut Self> {
        path.0.iter().try_fold(self, |value, step| {
            let value = match value {
                Self::Dynamic(typed) => &mut typed.1,
                value => value,
            };
            match (step, value) {
                (Step::Attribute(name) | Step::Key(name), Self::Map(members)) => members.get_mut(name),
                (Step::Index(index), Self::List(elements)) => elements.get_mut(*index),
                _ => None,
            }
        })
    }

    /// Shows `visit` every value in this one with its path, this one first. A
    /// member's step is an [`Step::Attribute`]: without a type, a map cannot be
    /// told from an object.
    pub fn walk<'a>(&'a self, visit: &mut impl FnMut(&Path, &'a Self)) {
        fn go<'a>(value: &'a Value, path: &mut Path, visit: &mut impl FnMut(&Path, &'a Value)) {
            visit(path, value);
            let value = if let Value::Dynamic(typed) = value { &typed.1 } else { value };
            match value {
                Value::List(elements) => {
                    for (index, element) in elements.iter().enumerate() {
                        path.0.push(Step::Index(index));
                        go(element, path, visit);
                        path.0.pop();
                    }
                }
                Value::Map(members) => {
                    for (name, member) in members {
                        path.0.push(Step::Attribute(name.clone()));
                        go(member, path, visit);
                        path.0.pop();
                    }
                }
                _ => {}
            }
        }
        go(self, &mut Path::root(), visit);
    }

    /// Checks that this is a value of type `ty`: objects with exactly their
    /// attributes, tuples with exactly their elements, dynamic values with
    /// their type. Null and unknown are of every type.
    pub fn conforms(&self, ty: &Type) -> Result<(), Mismatch> {
        conforms(self, ty, &mut Path::root())
    }

    /// Whether two values of type `ty` are the same to Terraform: sets without
    /// regard to order, numbers by their value, unknown equal to unknown only.
    #[must_use]
    pub fn same(&self, other: &Self, ty: &Type) -> bool {
        match (self, other, ty) {
            (Self::List(mine), Self::List(theirs), Type::Set(element)) => {
                // Terraform sends sets in an order of its own, so the sorted
                // comparison nearly always ends it.
                mine == theirs
                    || mine.len() == theirs.len()
                        && mine.iter().all(|one| theirs.iter().any(|other| one.same(other, element)))
                        && theirs.iter().all(|one| mine.iter().any(|other| one.same(other, element)))
            }
            (Self::List(mine), Self::List(theirs), Type::List(element)) => {
                mine.len() == theirs.len()
                    && mine.iter().zip(theirs).all(|(one, other)| one.same(other, element))
            }
            (Self::List(mine), Self::List(theirs), Type::Tuple(elements)) => {
                mine.len() == theirs.len()
                    && mine.len() == elements.len()
                    && mine.iter().zip(theirs).zip(elements).all(|((one, other), ty)| one.same(other, ty))
            }
            (Self::Map(mine), Self::Map(theirs), Type::Map(element)) => {
                mine.len() == theirs.len()
                    && mine.iter().all(|(key, one)| theirs.get(key).is_some_and(|it| one.same(it, element)))
            }
            (Self::Map(_), Self::Map(_), Type::Object(attributes)) => {
                attributes.iter().all(|(name, ty)| self.attribute(name).same(other.attribute(name), ty))
            }
            (Self::Dynamic(mine), Self::Dynamic(theirs), Type::Dynamic) => {
                mine.0 == theirs.0 && mine.1.same(&theirs.1, &mine.0)
            }
            _ => self == other,
        }
    }
}

fn conforms(value: &Value, ty: &Type, path: &mut Path) -> Result<(), Mismatch> {
    let wrong = |path: &Path, message: String| Err(Mismatch { path: path.clone(), message });
    match (value, ty) {
        (Value::Null | Value::Unknown, _)
        | (Value::Bool(_), Type::Bool)
        | (Value::Number(_), Type::Number)
        | (Value::String(_), Type::String) => Ok(()),
        (Value::List(elements), Type::List(element) | Type::Set(element)) => {
            elements.iter().enumerate().try_for_each(|(index, it)| {
                path.0.push(Step::Index(index));
                conforms(it, element, path)?;
                path.0.pop();
                Ok(())
            })
        }
        (Value::List(values), Type::Tuple(types)) => {
            if values.len() != types.len() {
                return wrong(
                    path,
                    format!("a tuple of {} is required, not of {}", types.len(), values.len()),
                );
            }
            values.iter().zip(types).enumerate().try_for_each(|(index, (it, ty))| {
                path.0.push(Step::Index(index));
                conforms(it, ty, path)?;
                path.0.pop();
                Ok(())
            })
        }
        (Value::Map(members), Type::Map(element)) => members.iter().try_for_each(|(key, it)| {
            path.0.push(Step::Key(key.clone()));
            conforms(it, element, path)?;
            path.0.pop();
            Ok(())
        }),
        (Value::Map(members), Type::Object(attributes)) => {
            if let Some(name) = members.keys().find(|name| !attributes.contains_key(*name)) {
                return wrong(&path.attribute(name), "unsupported attribute".to_owned());
            }
            attributes.iter().try_for_each(|(name, ty)| {
                path.0.push(Step::Attribute(name.clone()));
                match members.get(name) {
                    Some(it) => conforms(it, ty, path)?,
                    None => return wrong(path, "required attribute is missing".to_owned()),
                }
                path.0.pop();
                Ok(())
            })
        }
        (Value::Dynamic(typed), Type::Dynamic) => {
            if typed.0 == Type::Dynamic {
                return wrong(path, "a dynamic value needs a type of its own".to_owned());
            }
            conforms(&typed.1, &typed.0, path)
        }
        _ => wrong(path, format!("{ty} is required")),
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number.into())
    }
}

impl<V: Into<Self>> From<Option<V>> for Value {
    fn from(value: Option<V>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Value {
        Value::object([
            ("name", Value::from("a")),
            ("zones", Value::list(["1", "2"])),
            ("subnet", Value::List(vec![Value::object([("id", Value::Unknown)])])),
        ])
    }

    #[test]
    fn a_path_leads_to_a_value_or_nowhere() {
        let value = sample();
        assert_eq!(value.get(&Path::root().attribute("zones").index(1)), Some(&Value::from("2")));
        assert_eq!(
            value.get(&Path::root().attribute("subnet").index(0).attribute("id")),
            Some(&Value::Unknown)
        );
        assert_eq!(value.get(&Path::root().attribute("zones").index(2)), None);
        assert_eq!(value.get(&Path::root().attribute("name").attribute("x")), None);
    }

    #[test]
    fn the_inside_of_an_unknown_object_is_unknown_and_that_of_a_null_one_null() {
        assert_eq!(Value::Unknown.attribute("a"), &Value::Unknown);
        assert_eq!(Value::Null.attribute("a"), &Value::Null);
        assert_eq!(sample().attribute("none"), &Value::Null);
    }

    #[test]
    fn one_unknown_leaf_is_enough_not_to_be_wholly_known() {
        assert!(!sample().is_wholly_known());
        assert!(!sample().is_unknown());
        assert!(sample().attribute("zones").is_wholly_known());
    }

    #[test]
    fn walking_shows_every_value_with_its_path() {
        let mut seen = Vec::new();
        sample().walk(&mut |path, _| seen.push(path.to_string()));
        assert_eq!(
            seen,
            ["", "name", "subnet", "subnet[0]", "subnet[0].id", "zones", "zones[0]", "zones[1]"]
        );
    }

    #[test]
    fn a_set_has_no_order_and_a_list_has() {
        let (one, other) = (Value::list(["a", "b"]), Value::list(["b", "a"]));
        assert!(one.same(&other, &Type::set(Type::String)));
        assert!(!one.same(&other, &Type::list(Type::String)));
        assert!(!one.same(&Value::list(["a", "a"]), &Type::set(Type::String)));
    }

    #[test]
    fn an_object_conforms_with_exactly_its_attributes() {
        let ty = Type::object([("a", Type::String), ("b", Type::list(Type::Number))]);
        let good = Value::object([("a", Value::Null), ("b", Value::list([1, 2]))]);
        assert_eq!(good.conforms(&ty), Ok(()));
        let missing = Value::object([("a", Value::Null)]);
        assert_eq!(missing.conforms(&ty).unwrap_err().to_string(), "b: required attribute is missing");
        let more = Value::object([("a", Value::Null), ("b", Value::Null), ("c", Value::Null)]);
        assert_eq!(more.conforms(&ty).unwrap_err().to_string(), "c: unsupported attribute");
        let wrong = Value::object([("a", Value::Null), ("b", Value::list(["x"]))]);
        assert_eq!(wrong.conforms(&ty).unwrap_err().to_string(), "b[0]: number is required");
    }
}
