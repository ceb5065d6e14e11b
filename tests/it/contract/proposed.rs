//! Terraform's proposal for a new state: the configuration, with what only the
//! provider knows taken from the state. Source: Terraform,
//! internal/plans/objchange/objchange.go.

use amlsecure::schema::{Block, Nesting, Value};

/// The proposal for a block, where `prior` may be null and `config` is not.
pub(crate) fn proposed_new(block: &Block, prior: &Value, config: &Value) -> Value {
    if config.is_null() || config.is_unknown() {
        return config.clone();
    }
    let attributes = block.attributes.iter().map(|attribute| {
        let configured = config.attribute(&attribute.name);
        let value = if attribute.computed && configured.is_null() {
            prior.attribute(&attribute.name)
        } else {
            configured
        };
        (attribute.name.clone(), value.clone())
    });
    let blocks = block.blocks.iter().map(|nested| {
        let (before, configured) = (prior.attribute(&nested.name), config.attribute(&nested.name));
        let value = match (nested.nesting, configured) {
            (Nesting::Single { .. }, _) => proposed_new(&nested.block, before, configured),
            (Nesting::List { .. }, Value::List(elements)) => Value::List(
                elements
                    .iter()
                    .enumerate()
                    .map(|(index, element)| proposed_new(&nested.block, before.element(index), element))
                    .collect(),
            ),
            (Nesting::List { .. }, _) => configured.clone(),
        };
        (nested.name.clone(), value)
    });
    Value::Map(attributes.chain(blocks).collect())
}
