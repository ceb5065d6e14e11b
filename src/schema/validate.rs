//! Checks a configuration by its schema.

use super::{Block, Diagnostics, Nesting, Path, Value};

/// Asks the checks of every attribute whose value is known and not null, in
/// nested blocks too. What a known list or map holds may be unknown.
///
/// `write_only_allowed` says whether the client keeps write-only attributes
/// out of the state; if it does not, setting one is an error. That required
/// attributes and blocks are there, Terraform has checked itself.
pub fn validate(block: &Block, config: &Value, write_only_allowed: bool, diagnostics: &mut Diagnostics) {
    validate_at(block, config, write_only_allowed, &Path::root(), diagnostics);
}

fn validate_at(
    block: &Block,
    config: &Value,
    write_only_allowed: bool,
    at: &Path,
    diagnostics: &mut Diagnostics,
) {
    let Value::Map(_) = config else { return };
    for attribute in &block.attributes {
        let value = config.attribute(&attribute.name);
        let at = at.attribute(&attribute.name);
        if attribute.write_only && !write_only_allowed && !value.is_null() {
            diagnostics.error(
                at.clone(),
                "WriteOnly Attribute Not Allowed",
                format!(
                    "`{}` is write-only, which this version of Terraform does not know: it would store the \
                     value in the state. Use Terraform or OpenTofu 1.11 or later.",
                    attribute.name
                ),
            );
        }
        if !value.is_null() && !value.is_unknown() {
            for check in &attribute.checks {
                check(value, &at, diagnostics);
            }
        }
    }
    for nested in &block.blocks {
        let content = config.attribute(&nested.name);
        let at = at.attribute(&nested.name);
        match nested.nesting {
            Nesting::Single { .. } => {
                validate_at(&nested.block, content, write_only_allowed, &at, diagnostics);
            }
            Nesting::List { .. } => {
                for (index, element) in content.as_list().unwrap_or_default().iter().enumerate() {
                    validate_at(&nested.block, element, write_only_allowed, &at.index(index), diagnostics);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Attribute, NestedBlock, Type};

    fn not_empty(value: &Value, at: &Path, diagnostics: &mut Diagnostics) {
        if value.as_str() == Some("") {
            diagnostics.error(at.clone(), "must not be empty", "");
        }
    }

    fn block() -> Block {
        let inner = Block {
            attributes: vec![Attribute::optional("name", Type::String, "").check(not_empty)],
            ..Block::default()
        };
        Block {
            attributes: vec![Attribute::optional("secret", Type::String, "").write_only().check(not_empty)],
            blocks: vec![NestedBlock::list("item", 0, 0, inner)],
            ..Block::default()
        }
    }

    fn found(config: &Value, write_only_allowed: bool) -> Vec<String> {
        let mut diagnostics = Diagnostics::default();
        validate(&block(), config, write_only_allowed, &mut diagnostics);
        diagnostics.0.into_iter().map(|it| format!("{}: {}", it.path, it.summary)).collect()
    }

    fn config(secret: Value, names: Vec<Value>) -> Value {
        let items = names.into_iter().map(|name| Value::object([("name", name)])).collect();
        Value::object([("secret", secret), ("item", Value::List(items))])
    }

    #[test]
    fn a_known_value_is_checked_where_it_stands_and_an_unknown_one_is_not() {
        let names = vec![Value::Unknown, Value::from(""), Value::Null];
        assert_eq!(found(&config(Value::Null, names), true), ["item[1].name: must not be empty"]);
        assert_eq!(found(&Value::object([("secret", Value::Null), ("item", Value::Unknown)]), true), [""; 0]);
    }

    #[test]
    fn a_client_that_would_store_a_secret_is_refused() {
        let config = config(Value::Unknown, Vec::new());
        assert_eq!(found(&config, false), ["secret: WriteOnly Attribute Not Allowed"]);
        assert_eq!(found(&config, true), [""; 0]);
    }
}
