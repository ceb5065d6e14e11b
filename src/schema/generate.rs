//! Writes the configuration that would yield a state.

use super::{Attribute, Block, Nesting, Type, Value};

/// A configuration for `state`, without what a user cannot write (computed and
/// write-only attributes), need not write (an optional attribute that is empty
/// or has its default, a block without content) or should not write any more.
///
/// Without this, Terraform leaves out much the same: computed attributes,
/// deprecated ones, an optional and computed `id`, and empty strings. Source:
/// Terraform, internal/genconfig.
#[must_use]
pub fn config(block: &Block, state: &Value) -> Value {
    let mut config = content(block, state);
    let generated_id = block.attribute("id").is_some_and(|id| id.optional && id.computed);
    if let (true, Value::Map(members)) = (generated_id, &mut config) {
        members.insert("id".to_owned(), Value::Null);
    }
    config
}

fn content(block: &Block, state: &Value) -> Value {
    let Value::Map(_) = state else { return state.clone() };
    let attributes = block.attributes.iter().map(|attribute| {
        let value = state.attribute(&attribute.name);
        (attribute.name.clone(), if is_left_out(attribute, value) { Value::Null } else { value.clone() })
    });
    let blocks = block.blocks.iter().map(|nested| {
        let value = match (nested.nesting, state.attribute(&nested.name)) {
            (Nesting::Single { required }, value) => {
                let value = content(&nested.block, value);
                if !required && is_empty(&value) { Value::Null } else { value }
            }
            (Nesting::List { .. }, Value::List(elements)) => {
                Value::List(elements.iter().map(|element| content(&nested.block, element)).collect())
            }
            (Nesting::List { .. }, _) => Value::List(Vec::new()),
        };
        (nested.name.clone(), value)
    });
    Value::Map(attributes.chain(blocks).collect())
}

fn is_left_out(attribute: &Attribute, value: &Value) -> bool {
    let only_computed = attribute.computed && !attribute.optional;
    let empty_text = attribute.optional && attribute.ty == Type::String && value.as_str() == Some("");
    let has_default = attribute.default.as_ref().is_some_and(|default| default.same(value, &attribute.ty));
    only_computed || attribute.write_only || attribute.deprecated.is_some() || empty_text || has_default
}

/// Whether a block has nothing in it that would be written.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Map(members) => members.values().all(is_empty),
        Value::List(elements) => elements.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::NestedBlock;

    #[test]
    fn only_what_a_user_would_write_is_written() {
        let timeouts =
            Block { attributes: vec![Attribute::optional("create", Type::String, "")], ..Block::default() };
        let block = Block {
            attributes: vec![
                Attribute::optional_computed("id", Type::String, ""),
                Attribute::required("name", Type::String, ""),
                Attribute::optional("empty", Type::String, ""),
                Attribute::computed("fqdn", Type::String, ""),
                Attribute::optional("old", Type::String, "").deprecated("use name"),
                Attribute::optional("size", Type::Number, "").default_value(30),
                Attribute::optional("tier", Type::String, "").default_value("Standard"),
            ],
            blocks: vec![NestedBlock::optional("timeouts", timeouts)],
            ..Block::default()
        };
        let state = Value::object([
            ("id", Value::from("/x")),
            ("name", Value::from("a")),
            ("empty", Value::from("")),
            ("fqdn", Value::from("a.b")),
            ("old", Value::from("a")),
            ("size", Value::from(30)),
            ("tier", Value::from("Premium")),
            ("timeouts", Value::object([("create", Value::Null)])),
        ]);
        let config = config(&block, &state);
        assert_eq!(config.conforms(&block.implied_type()), Ok(()));
        let Value::Map(members) = config else { panic!("an object") };
        let written: Vec<_> = members.into_iter().filter(|(_, value)| !value.is_null()).collect();
        assert_eq!(
            written,
            [("name".to_owned(), Value::from("a")), ("tier".to_owned(), Value::from("Premium"))]
        );
    }
}
