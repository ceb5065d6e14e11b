//! What follows from a schema while planning: defaults, unknown values, and
//! which change needs a new object. Pure functions for any resource.

use super::{Block, NestedBlock, Nesting, Path, Value};

/// The planned state before the resource has its say.
///
/// `proposed` is Terraform's proposal: the configuration laid over the state.
/// Where `config` has null, an attribute takes its default; write-only
/// attributes become null. If the result differs from `prior`, each computed
/// attribute that is null in `config` and has no default becomes unknown, in
/// nested blocks too. The resource then knows better about some of them. A
/// null proposal (destroy) stays null.
#[must_use]
pub fn proposed(block: &Block, prior: &Value, proposed: &Value, config: &Value) -> Value {
    let Value::Map(_) = proposed else { return proposed.clone() };
    let planned = with_defaults(block, proposed, config);
    if planned.same(prior, &block.implied_type()) {
        return planned;
    }
    with_unknowns(block, &planned, config)
}

/// A value of the block with all its write-only attributes null.
#[must_use]
pub fn without_write_only(block: &Block, value: &Value) -> Value {
    map_block(block, value, &Value::Null, &|attribute, value, _| {
        if attribute.write_only { Value::Null } else { value.clone() }
    })
}

/// A value of the block with its write-only attributes as the configuration
/// has them: they are sent and never kept.
#[must_use]
pub fn with_write_only(block: &Block, value: &Value, config: &Value) -> Value {
    map_block(block, value, config, &|attribute, value, config| {
        if attribute.write_only { config.clone() } else { value.clone() }
    })
}

/// Whether two values of a block set the same attributes and have the same
/// nested blocks, so that only what they say may differ. What a provider may
/// set for a user counts as set.
#[must_use]
pub fn sets_the_same(block: &Block, one: &Value, other: &Value) -> bool {
    let in_blocks = |nested: &NestedBlock| {
        let (one, other) = (one.attribute(&nested.name), other.attribute(&nested.name));
        match (one, other) {
            (Value::List(one), Value::List(other)) => {
                let mut pairs = one.iter().zip(other);
                one.len() == other.len() && pairs.all(|(a, b)| sets_the_same(&nested.block, a, b))
            }
            _ => one.is_null() == other.is_null() && sets_the_same(&nested.block, one, other),
        }
    };
    block.attributes.iter().all(|attribute| {
        let is_null = |value: &Value| value.attribute(&attribute.name).is_null();
        attribute.computed || is_null(one) == is_null(other)
    }) && block.blocks.iter().all(in_blocks)
}

/// A value of the block with everything that it leaves out: an attribute's
/// default, or null.
#[must_use]
pub fn complete(block: &Block, value: &Value) -> Value {
    map_block(block, value, &Value::Null, &|attribute, value, _| match &attribute.default {
        Some(default) if value.is_null() => default.clone(),
        _ => value.clone(),
    })
}

fn with_defaults(block: &Block, proposed: &Value, config: &Value) -> Value {
    map_block(block, proposed, config, &|attribute, value, config| match &attribute.default {
        _ if attribute.write_only => Value::Null,
        Some(default) if config.is_null() => default.clone(),
        _ => value.clone(),
    })
}

fn with_unknowns(block: &Block, planned: &Value, config: &Value) -> Value {
    map_block(block, planned, config, &|attribute, value, config| {
        if attribute.computed && attribute.default.is_none() && config.is_null() {
            Value::Unknown
        } else {
            value.clone()
        }
    })
}

/// Rebuilds a block's value: `each` says what becomes of an attribute, given
/// its value and what the configuration has for it. Null and unknown blocks
/// stay as they are.
fn map_block(
    block: &Block,
    value: &Value,
    config: &Value,
    each: &impl Fn(&super::Attribute, &Value, &Value) -> Value,
) -> Value {
    let Value::Map(_) = value else { return value.clone() };
    let attributes = block.attributes.iter().map(|attribute| {
        let mapped = each(attribute, value.attribute(&attribute.name), config.attribute(&attribute.name));
        (attribute.name.clone(), mapped)
    });
    let blocks = block.blocks.iter().map(|nested| {
        let content = value.attribute(&nested.name);
        let config = config.attribute(&nested.name);
        let mapped = match (nested.nesting, content) {
            (Nesting::Single { .. }, _) => map_block(&nested.block, content, config, each),
            (Nesting::List { .. }, Value::List(elements)) => Value::List(
                elements
                    .iter()
                    .enumerate()
                    .map(|(index, element)| map_block(&nested.block, element, config.element(index), each))
                    .collect(),
            ),
            (Nesting::List { .. }, _) => content.clone(),
        };
        (nested.name.clone(), mapped)
    });
    Value::Map(attributes.chain(blocks).collect())
}

/// Where a change from `prior` to `planned` needs a new object: the paths of
/// all attributes and nested blocks marked `replace` that differ, sorted. None
/// where there was nothing before or shall be nothing. A write-only attribute
/// is null in both, so it cannot be seen here.
#[must_use]
pub fn requires_replace(block: &Block, prior: &Value, planned: &Value) -> Vec<Path> {
    let mut paths = Vec::new();
    if !prior.is_null() && !planned.is_null() {
        replacing(block, prior, planned, &Path::root(), &mut paths);
    }
    paths.sort();
    paths.dedup();
    paths
}

fn replacing(block: &Block, prior: &Value, planned: &Value, at: &Path, paths: &mut Vec<Path>) {
    for attribute in block.attributes.iter().filter(|attribute| attribute.replace) {
        let (before, after) = (prior.attribute(&attribute.name), planned.attribute(&attribute.name));
        if !before.same(after, &attribute.ty) {
            paths.push(at.attribute(&attribute.name));
        }
    }
    for nested in &block.blocks {
        let (before, after) = (prior.attribute(&nested.name), planned.attribute(&nested.name));
        let at = at.attribute(&nested.name);
        let differs = !before.same(after, &nested.implied_type());
        if !differs {
            continue;
        }
        if nested.replace || after.is_unknown() && replaces_anywhere(nested) {
            paths.push(at);
            continue;
        }
        match nested.nesting {
            Nesting::Single { .. } => replacing(&nested.block, before, after, &at, paths),
            Nesting::List { .. } => {
                let length = |value: &Value| value.as_list().map_or(0, <[Value]>::len);
                for index in 0..length(before).max(length(after)) {
                    let (before, after) = (before.element(index), after.element(index));
                    replacing(&nested.block, before, after, &at.index(index), paths);
                }
            }
        }
    }
}

/// Whether a change within the block can need a new object.
fn replaces_anywhere(nested: &NestedBlock) -> bool {
    nested.replace
        || nested.block.attributes.iter().any(|attribute| attribute.replace)
        || nested.block.blocks.iter().any(replaces_anywhere)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Attribute, Type};

    fn block() -> Block {
        let subnet = Block {
            attributes: vec![
                Attribute::required("name", Type::String, ""),
                Attribute::required("prefix", Type::String, "").replace(),
                Attribute::computed("id", Type::String, ""),
            ],
            ..Block::default()
        };
        let identity = Block {
            attributes: vec![Attribute::optional("kind", Type::String, "").default_value("SystemAssigned")],
            ..Block::default()
        };
        Block {
            attributes: vec![
                Attribute::required("name", Type::String, "").replace(),
                Attribute::optional("size", Type::Number, "").default_value(30),
                Attribute::computed("id", Type::String, ""),
                Attribute::optional_computed("dns", Type::set(Type::String), ""),
                Attribute::optional("password", Type::String, "").write_only(),
            ],
            blocks: vec![
                NestedBlock::list("subnet", 0, 0, subnet),
                NestedBlock::optional("identity", identity),
            ],
            ..Block::default()
        }
    }

    fn subnet(prefix: Value, id: Value) -> Value {
        Value::object([("name", Value::from("a")), ("prefix", prefix), ("id", id)])
    }

    fn config() -> Value {
        Value::object([
            ("name", Value::from("x")),
            ("size", Value::Null),
            ("id", Value::Null),
            ("dns", Value::Null),
            ("password", Value::from("secret")),
            ("subnet", Value::List(vec![subnet(Value::from("10.0.0.0/24"), Value::Null)])),
            ("identity", Value::object([("kind", Value::Null)])),
        ])
    }

    fn state() -> Value {
        Value::object([
            ("name", Value::from("x")),
            ("size", Value::from(30)),
            ("id", Value::from("/x")),
            ("dns", Value::list(["1", "2"])),
            ("password", Value::Null),
            ("subnet", Value::List(vec![subnet(Value::from("10.0.0.0/24"), Value::from("/x/a"))])),
            ("identity", Value::object([("kind", Value::from("SystemAssigned"))])),
        ])
    }

    fn with(mut value: Value, path: &str, new: Value) -> Value {
        *value.get_mut(&Path::parse(path).unwrap()).unwrap() = new;
        value
    }

    #[test]
    fn a_create_takes_defaults_hides_secrets_and_leaves_the_computed_unknown() {
        let planned = proposed(&block(), &Value::Null, &config(), &config());
        assert_eq!(planned.attribute("size"), &Value::from(30));
        assert_eq!(planned.attribute("id"), &Value::Unknown);
        assert_eq!(planned.attribute("dns"), &Value::Unknown);
        assert_eq!(planned.attribute("password"), &Value::Null);
        assert_eq!(planned.attribute("subnet").element(0).attribute("id"), &Value::Unknown);
        assert_eq!(planned.attribute("identity").attribute("kind"), &Value::from("SystemAssigned"));
        assert_eq!(planned.conforms(&block().implied_type()), Ok(()));
    }

    #[test]
    fn a_proposal_that_changes_nothing_plans_the_state() {
        let proposal = with(state(), "password", Value::from("secret"));
        assert_eq!(proposed(&block(), &state(), &proposal, &config()), state());
    }

    #[test]
    fn the_order_of_a_set_is_no_change() {
        let proposal = with(state(), "dns", Value::list(["2", "1"]));
        let config = with(config(), "dns", Value::list(["2", "1"]));
        assert_eq!(proposed(&block(), &state(), &proposal, &config).attribute("id"), &Value::from("/x"));
    }

    #[test]
    fn a_change_makes_the_computed_unknown_and_keeps_what_the_user_set() {
        let proposal = with(state(), "dns", Value::list(["3"]));
        let config = with(config(), "dns", Value::list(["3"]));
        let planned = proposed(&block(), &state(), &proposal, &config);
        assert_eq!(planned.attribute("dns"), &Value::list(["3"]));
        assert_eq!(planned.attribute("id"), &Value::Unknown);
        assert_eq!(planned.attribute("size"), &Value::from(30));
    }

    #[test]
    fn a_destroy_stays_null() {
        assert_eq!(proposed(&block(), &state(), &Value::Null, &Value::Null), Value::Null);
        assert_eq!(requires_replace(&block(), &state(), &Value::Null), []);
        assert_eq!(requires_replace(&block(), &Value::Null, &state()), []);
    }

    #[test]
    fn a_changed_or_unknown_replace_attribute_is_named_wherever_it_stands() {
        let planned = with(state(), "name", Value::Unknown);
        let planned = with(planned, "subnet[0].prefix", Value::from("10.0.1.0/24"));
        let paths: Vec<_> =
            requires_replace(&block(), &state(), &planned).iter().map(ToString::to_string).collect();
        assert_eq!(paths, ["name", "subnet[0].prefix"]);
        assert_eq!(requires_replace(&block(), &state(), &with(state(), "size", Value::from(31))), []);
    }

    #[test]
    fn a_block_that_appears_brings_its_replace_attributes() {
        let planned = with(
            state(),
            "subnet",
            Value::List(vec![
                state().attribute("subnet").element(0).clone(),
                subnet(Value::from("10.0.9.0/24"), Value::Unknown),
            ]),
        );
        let paths: Vec<_> =
            requires_replace(&block(), &state(), &planned).iter().map(ToString::to_string).collect();
        assert_eq!(paths, ["subnet[1].prefix"]);
    }
}
