//! Terraform's types, and their JSON form.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Value as Json, json};

/// The type of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// Text.
    String,
    /// A number of any precision.
    Number,
    /// `true` or `false`.
    Bool,
    /// Anything; the value brings its own type.
    Dynamic,
    /// Values of one type in an order.
    List(Box<Type>),
    /// Values of one type without order or repetition.
    Set(Box<Type>),
    /// Values of one type by key.
    Map(Box<Type>),
    /// Values of different types in an order.
    Tuple(Vec<Type>),
    /// Values of different types by name.
    Object(BTreeMap<String, Type>),
}

/// A JSON text that is not a type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a type: {0}")]
pub struct TypeError(String);

impl Type {
    /// A list of `element`.
    #[must_use]
    pub fn list(element: Self) -> Self {
        Self::List(Box::new(element))
    }

    /// A set of `element`.
    #[must_use]
    pub fn set(element: Self) -> Self {
        Self::Set(Box::new(element))
    }

    /// A map of `element`.
    #[must_use]
    pub fn map(element: Self) -> Self {
        Self::Map(Box::new(element))
    }

    /// An object of the given attributes.
    pub fn object<N: Into<String>>(attributes: impl IntoIterator<Item = (N, Self)>) -> Self {
        Self::Object(attributes.into_iter().map(|(name, ty)| (name.into(), ty)).collect())
    }

    /// The form in which schemas and dynamic values carry a type: `"string"`,
    /// `["list","string"]`, `["object",{"a":"bool"}]`. Source: go-cty,
    /// cty/json.go.
    #[must_use]
    pub fn to_json(&self) -> Json {
        match self {
            Self::String => json!("string"),
            Self::Number => json!("number"),
            Self::Bool => json!("bool"),
            Self::Dynamic => json!("dynamic"),
            Self::List(element) => json!(["list", element.to_json()]),
            Self::Set(element) => json!(["set", element.to_json()]),
            Self::Map(element) => json!(["map", element.to_json()]),
            Self::Tuple(elements) => json!(["tuple", elements.iter().map(Self::to_json).collect::<Vec<_>>()]),
            Self::Object(attributes) => {
                let attributes: serde_json::Map<String, Json> =
                    attributes.iter().map(|(name, ty)| (name.clone(), ty.to_json())).collect();
                json!(["object", attributes])
            }
        }
    }

    /// Reads that form. Which attributes of an object are optional (its third
    /// element) matters to conversions only and is not kept. Nesting is bounded
    /// by the JSON parser, at 128.
    pub fn from_json(text: &[u8]) -> Result<Self, TypeError> {
        let json: Json = serde_json::from_slice(text).map_err(|error| TypeError(error.to_string()))?;
        Self::of_json(&json)
    }

    /// As [`Type::from_json`], of JSON that is parsed already.
    pub(crate) fn of_json(json: &Json) -> Result<Self, TypeError> {
        let unknown = || TypeError(json.to_string());
        match json {
            Json::String(name) => match name.as_str() {
                "string" => Ok(Self::String),
                "number" => Ok(Self::Number),
                "bool" => Ok(Self::Bool),
                "dynamic" => Ok(Self::Dynamic),
                _ => Err(unknown()),
            },
            Json::Array(parts) => match parts.as_slice() {
                [Json::String(name), element] if name == "list" => Ok(Self::list(Self::of_json(element)?)),
                [Json::String(name), element] if name == "set" => Ok(Self::set(Self::of_json(element)?)),
                [Json::String(name), element] if name == "map" => Ok(Self::map(Self::of_json(element)?)),
                [Json::String(name), Json::Array(elements)] if name == "tuple" => {
                    elements.iter().map(Self::of_json).collect::<Result<_, _>>().map(Self::Tuple)
                }
                [Json::String(name), Json::Object(attributes)]
                | [Json::String(name), Json::Object(attributes), Json::Array(_)]
                    if name == "object" =>
                {
                    attributes
                        .iter()
                        .map(|(name, ty)| Ok((name.clone(), Self::of_json(ty)?)))
                        .collect::<Result<_, _>>()
                        .map(Self::Object)
                }
                _ => Err(unknown()),
            },
            _ => Err(unknown()),
        }
    }

    /// Whether `test` holds for this type or any within it.
    pub fn any(&self, test: &impl Fn(&Self) -> bool) -> bool {
        test(self)
            || match self {
                Self::String | Self::Number | Self::Bool | Self::Dynamic => false,
                Self::List(element) | Self::Set(element) | Self::Map(element) => element.any(test),
                Self::Tuple(elements) => elements.iter().any(|element| element.any(test)),
                Self::Object(attributes) => attributes.values().any(|ty| ty.any(test)),
            }
    }
}

/// As a user writes it in a type constraint: `list(string)`.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::String => f.write_str("string"),
            Self::Number => f.write_str("number"),
            Self::Bool => f.write_str("bool"),
            Self::Dynamic => f.write_str("any"),
            Self::List(element) => write!(f, "list({element})"),
            Self::Set(element) => write!(f, "set({element})"),
            Self::Map(element) => write!(f, "map({element})"),
            Self::Tuple(elements) => {
                f.write_str("tuple([")?;
                for (at, element) in elements.iter().enumerate() {
                    write!(f, "{}{element}", if at == 0 { "" } else { ", " })?;
                }
                f.write_str("])")
            }
            Self::Object(attributes) => {
                f.write_str("object({")?;
                for (at, (name, ty)) in attributes.iter().enumerate() {
                    write!(f, "{}{name} = {ty}", if at == 0 { "" } else { ", " })?;
                }
                f.write_str("})")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_survives_its_json() {
        let ty = Type::object([
            ("a", Type::list(Type::String)),
            ("b", Type::set(Type::Number)),
            ("c", Type::map(Type::Bool)),
            ("d", Type::Tuple(vec![Type::Dynamic, Type::object([("e", Type::String)])])),
        ]);
        let json = ty.to_json().to_string();
        assert_eq!(
            json,
            r#"["object",{"a":["list","string"],"b":["set","number"],"c":["map","bool"],"d":["tuple",["dynamic",["object",{"e":"string"}]]]}]"#
        );
        assert_eq!(Type::from_json(json.as_bytes()), Ok(ty));
    }

    #[test]
    fn optional_attributes_of_an_object_are_attributes() {
        assert_eq!(
            Type::from_json(br#"["object",{"a":"string","b":"bool"},["b"]]"#),
            Ok(Type::object([("a", Type::String), ("b", Type::Bool)]))
        );
    }

    #[test]
    fn what_is_no_type_is_refused() {
        for text in [
            "",
            "null",
            "\"text\"",
            "[]",
            "[\"list\"]",
            "[\"list\",\"x\"]",
            "\"string\" 1",
            "[\"object\",[]]",
        ] {
            assert!(Type::from_json(text.as_bytes()).is_err(), "{text}");
        }
        let deep = format!("{}\"string\"{}", "[\"list\",".repeat(10_000), "]".repeat(10_000));
        assert!(Type::from_json(deep.as_bytes()).is_err());
    }
}
