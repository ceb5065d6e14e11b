//! Values in JSON, by type: the form in which Terraform stores states.
//!
//! Source: go-cty, cty/json; numbers keep all their digits, a set is an array,
//! a dynamic value is `{"value": …, "type": …}`, and nothing can be unknown.

use bigdecimal::BigDecimal;
use serde_json::{Map, Number, Value as Json, json};

use super::value::at;
use super::{Block, Nesting, Path, Step, Type, Value, number};

/// Where and why JSON is not of a type, or a value has no JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", at(path))]
pub struct Error {
    /// Where, from the root.
    pub path: Path,
    /// What was wanted there.
    pub message: String,
}

/// Reads a value of type `ty`. An attribute that the JSON does not have is
/// null, and one that the type does not have is ignored, so that a state
/// survives additions to its schema and removals from it.
pub fn decode(ty: &Type, json: &Json) -> Result<Value, Error> {
    decode_at(ty, json, &mut Path::root())
}

/// Reads the state of a block as [`decode`] does; nested blocks that the JSON
/// does not have are empty.
pub fn decode_block(block: &Block, json: &Json) -> Result<Value, Error> {
    let mut value = decode(&block.implied_type(), json)?;
    fill_blocks(block, &mut value);
    Ok(value)
}

/// Puts the empty form where a repeatable block is null.
fn fill_blocks(block: &Block, value: &mut Value) {
    let Value::Map(members) = value else { return };
    for nested in &block.blocks {
        let Some(content) = members.get_mut(&nested.name) else { continue };
        match (nested.nesting, content) {
            (Nesting::Single { .. }, content) => fill_blocks(&nested.block, content),
            (Nesting::List { .. }, Value::List(elements)) => {
                for element in elements {
                    fill_blocks(&nested.block, element);
                }
            }
            (Nesting::List { .. }, content) => *content = Value::List(Vec::new()),
        }
    }
}

fn decode_at(ty: &Type, json: &Json, path: &mut Path) -> Result<Value, Error> {
    let wrong = |path: &Path| Err(Error { path: path.clone(), message: format!("{ty} is required") });
    Ok(match (ty, json) {
        (_, Json::Null) => Value::Null,
        (Type::Bool, Json::Bool(truth)) => Value::Bool(*truth),
        (Type::Bool, Json::String(text)) if text == "true" => Value::Bool(true),
        (Type::Bool, Json::String(text)) if text == "false" => Value::Bool(false),
        (Type::String, Json::String(text)) => Value::String(text.clone()),
        (Type::String, Json::Bool(truth)) => Value::String(truth.to_string()),
        (Type::String, Json::Number(digits)) => Value::String(digits.to_string()),
        (Type::Number, Json::Number(digits)) => match number::parse(&digits.to_string()) {
            Some(number) => Value::Number(number),
            None => return wrong(path),
        },
        (Type::Number, Json::String(text)) => match number::parse(text) {
            Some(number) => Value::Number(number),
            None => return wrong(path),
        },
        (Type::List(element) | Type::Set(element), Json::Array(elements)) => {
            let mut values = Vec::with_capacity(elements.len());
            for (index, json) in elements.iter().enumerate() {
                values.push(within(path, Step::Index(index), |path| decode_at(element, json, path))?);
            }
            Value::List(values)
        }
        (Type::Tuple(types), Json::Array(elements)) if types.len() == elements.len() => {
            let mut values = Vec::with_capacity(elements.len());
            for (index, (ty, json)) in types.iter().zip(elements).enumerate() {
                values.push(within(path, Step::Index(index), |path| decode_at(ty, json, path))?);
            }
            Value::List(values)
        }
        (Type::Map(element), Json::Object(members)) => {
            let mut values = std::collections::BTreeMap::new();
            for (key, json) in members {
                let value = within(path, Step::Key(key.clone()), |path| decode_at(element, json, path))?;
                values.insert(key.clone(), value);
            }
            Value::Map(values)
        }
        (Type::Object(attributes), Json::Object(members)) => {
            let mut values = std::collections::BTreeMap::new();
            for (name, ty) in attributes {
                let json = members.get(name).unwrap_or(&Json::Null);
                let value = within(path, Step::Attribute(name.clone()), |path| decode_at(ty, json, path))?;
                values.insert(name.clone(), value);
            }
            Value::Map(values)
        }
        (Type::Dynamic, Json::Object(members)) => {
            let (Some(ty), Some(json)) = (members.get("type"), members.get("value")) else {
                return wrong(path);
            };
            let ty = Type::of_json(ty)
                .map_err(|error| Error { path: path.clone(), message: error.to_string() })?;
            if ty == Type::Dynamic {
                if json.is_null() { Value::Null } else { return wrong(path) }
            } else {
                let value = decode_at(&ty, json, path)?;
                Value::Dynamic(Box::new((ty, value)))
            }
        }
        _ => return wrong(path),
    })
}

/// Runs `inner` one step further down.
fn within<T>(
    path: &mut Path,
    step: Step,
    inner: impl FnOnce(&mut Path) -> Result<T, Error>,
) -> Result<T, Error> {
    path.0.push(step);
    let result = inner(path);
    path.0.pop();
    result
}

/// Writes a value of type `ty`. An unknown value has no JSON, and is an error.
pub fn encode(ty: &Type, value: &Value) -> Result<Json, Error> {
    encode_at(ty, value, &mut Path::root())
}

fn encode_at(ty: &Type, value: &Value, path: &mut Path) -> Result<Json, Error> {
    let wrong = |path: &Path, message: String| Err(Error { path: path.clone(), message });
    Ok(match (ty, value) {
        (_, Value::Unknown) => return wrong(path, "an unknown value cannot be stored".to_owned()),
        (_, Value::Null) => Json::Null,
        (Type::Bool, Value::Bool(truth)) => Json::Bool(*truth),
        (Type::String, Value::String(text)) => Json::String(text.clone()),
        (Type::Number, Value::Number(number)) => match json_number(number) {
            Some(digits) => Json::Number(digits),
            None => return wrong(path, "the number has too many digits".to_owned()),
        },
        (Type::List(element) | Type::Set(element), Value::List(elements)) => {
            let mut array = Vec::with_capacity(elements.len());
            for (index, value) in elements.iter().enumerate() {
                array.push(within(path, Step::Index(index), |path| encode_at(element, value, path))?);
            }
            Json::Array(array)
        }
        (Type::Tuple(types), Value::List(elements)) if types.len() == elements.len() => {
            let mut array = Vec::with_capacity(elements.len());
            for (index, (ty, value)) in types.iter().zip(elements).enumerate() {
                array.push(within(path, Step::Index(index), |path| encode_at(ty, value, path))?);
            }
            Json::Array(array)
        }
        (Type::Map(element), Value::Map(members)) => {
            let mut object = Map::new();
            for (key, value) in members {
                let json = within(path, Step::Key(key.clone()), |path| encode_at(element, value, path))?;
                object.insert(key.clone(), json);
            }
            Json::Object(object)
        }
        (Type::Object(attributes), Value::Map(_)) => {
            let mut object = Map::new();
            for (name, ty) in attributes {
                let member = value.attribute(name);
                let json = within(path, Step::Attribute(name.clone()), |path| encode_at(ty, member, path))?;
                object.insert(name.clone(), json);
            }
            Json::Object(object)
        }
        (Type::Dynamic, Value::Dynamic(typed)) => {
            json!({ "value": encode_at(&typed.0, &typed.1, path)?, "type": typed.0.to_json() })
        }
        _ => return wrong(path, format!("{ty} is required")),
    })
}

/// The number as JSON with all its digits.
fn json_number(number: &BigDecimal) -> Option<Number> {
    serde_json::from_str(&number::text(number)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Attribute, NestedBlock};

    fn parse(text: &str) -> Json {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn digits_survive() {
        for digits in
            ["0.1", "18446744073709551615", "-9223372036854775808", &format!("0.{}", "7".repeat(150))]
        {
            let value = decode(&Type::Number, &parse(digits)).unwrap();
            assert_eq!(encode(&Type::Number, &value).unwrap().to_string(), *digits);
        }
        assert_eq!(decode(&Type::Number, &parse("\"1.5\"")), decode(&Type::Number, &parse("1.5")));
    }

    #[test]
    fn a_missing_attribute_is_null_and_an_undefined_one_ignored() {
        let ty = Type::object([("kept", Type::String), ("added", Type::Bool)]);
        assert_eq!(
            decode(&ty, &parse(r#"{"kept":"a","removed":[1]}"#)),
            Ok(Value::object([("kept", Value::from("a")), ("added", Value::Null)]))
        );
    }

    #[test]
    fn a_missing_repeatable_block_is_empty_and_a_missing_single_one_null() {
        let inner =
            Block { attributes: vec![Attribute::optional("a", Type::String, "")], ..Block::default() };
        let block = Block {
            blocks: vec![NestedBlock::list("many", 0, 0, inner.clone()), NestedBlock::optional("one", inner)],
            ..Block::default()
        };
        assert_eq!(
            decode_block(&block, &parse("{}")),
            Ok(Value::object([("many", Value::List(Vec::new())), ("one", Value::Null)]))
        );
    }

    #[test]
    fn a_dynamic_value_brings_its_type() {
        let json = parse(r#"{"value":["a"],"type":["list","string"]}"#);
        let value = decode(&Type::Dynamic, &json).unwrap();
        assert_eq!(value, Value::Dynamic(Box::new((Type::list(Type::String), Value::list(["a"])))));
        assert_eq!(encode(&Type::Dynamic, &value), Ok(json));
    }

    #[test]
    fn the_error_says_where() {
        let ty = Type::object([("a", Type::list(Type::Bool))]);
        let error = decode(&ty, &parse(r#"{"a":[true,{}]}"#)).unwrap_err();
        assert_eq!(error.to_string(), "a[1]: bool is required");
        let error = encode(&ty, &Value::object([("a", Value::Unknown)])).unwrap_err();
        assert_eq!(error.to_string(), "a: an unknown value cannot be stored");
    }
}
