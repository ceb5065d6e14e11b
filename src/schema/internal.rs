//! Checks the schemas themselves, before Terraform does: what it refuses, it
//! refuses for every user of the provider, and some mistakes crash it.

use std::collections::BTreeSet;

use super::{Attribute, Block, Function, Nesting, Schema, Schemas, Type};

/// For whom a block is, which decides what may stand at its root.
#[derive(Clone, Copy, PartialEq)]
enum Use {
    Provider,
    Resource,
    DataSource,
}

impl Use {
    /// Names that Terraform takes for itself at the root of such a block, for
    /// attributes and then for blocks. Source: Terraform,
    /// internal/configs/resource.go and provider.go.
    fn reserved(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Self::Provider => (
                &["alias", "version", "count", "depends_on", "for_each", "source"],
                &["lifecycle", "locals", "_"],
            ),
            Self::Resource => (
                &["count", "for_each", "provider", "depends_on"],
                &["lifecycle", "connection", "provisioner", "locals", "_"],
            ),
            Self::DataSource => {
                (&["count", "for_each", "provider", "depends_on"], &["lifecycle", "locals", "_"])
            }
        }
    }
}

/// Everything that is wrong with the schemas, as sentences; none if Terraform,
/// OpenTofu and tfplugindocs will take them.
///
/// Sources: Terraform, internal/configs/configschema/internal_validate.go; and
/// tfplugindocs, which renders neither tuples nor group blocks.
#[must_use]
pub fn internal_validate(schemas: &Schemas) -> Vec<String> {
    let mut problems = Vec::new();
    schema(&schemas.provider, Use::Provider, "provider", &mut problems);
    for (name, it) in &schemas.resources {
        type_name(name, "resource", &mut problems);
        schema(it, Use::Resource, name, &mut problems);
    }
    for (name, it) in &schemas.data_sources {
        type_name(name, "data source", &mut problems);
        schema(it, Use::DataSource, &format!("data.{name}"), &mut problems);
    }
    for (name, it) in &schemas.functions {
        function(it, name, &mut problems);
    }
    problems
}

/// Whether `name` matches `^[a-z_][a-z0-9_]*$`, the names that Terraform's own
/// framework lets an attribute have.
fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase() || first == '_')
        && name.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '_')
}

fn type_name(name: &str, what: &str, problems: &mut Vec<String>) {
    if !is_name(name) {
        problems.push(format!("{name}: the name of a {what} is lower case, digits and underscores"));
    }
}

fn schema(schema: &Schema, usage: Use, at: &str, problems: &mut Vec<String>) {
    if schema.version < 0 {
        problems.push(format!("{at}: its version is negative"));
    }
    let (attributes, blocks) = usage.reserved();
    for attribute in &schema.block.attributes {
        if attributes.contains(&attribute.name.as_str()) {
            problems.push(format!("{at}.{}: Terraform takes this name for itself", attribute.name));
        }
    }
    for nested in &schema.block.blocks {
        if blocks.contains(&nested.name.as_str()) {
            problems.push(format!("{at}.{}: Terraform takes this block for itself", nested.name));
        }
    }
    block(&schema.block, usage, at, problems);
}

fn block(it: &Block, usage: Use, at: &str, problems: &mut Vec<String>) {
    let mut names = BTreeSet::new();
    for it in &it.attributes {
        let at = format!("{at}.{}", it.name);
        if !names.insert(it.name.as_str()) {
            problems.push(format!("{at}: the name stands there twice"));
        }
        attribute(it, usage, &at, problems);
    }
    for nested in &it.blocks {
        let at = format!("{at}.{}", nested.name);
        if !names.insert(nested.name.as_str()) {
            problems.push(format!("{at}: the name stands there twice"));
        }
        if !is_name(&nested.name) {
            problems.push(format!("{at}: a name is lower case, digits and underscores"));
        }
        if let Nesting::List { min, max } = nested.nesting {
            if min < 0 || max < 0 || max != 0 && min > max {
                problems.push(format!("{at}: {min} to {max} is no range"));
            }
            let dynamic = |ty: &Type| *ty == Type::Dynamic;
            if nested.block.implied_type().any(&dynamic) {
                problems.push(format!("{at}: a repeatable block holds nothing dynamic"));
            }
        }
        block(&nested.block, usage, &at, problems);
    }
}

fn attribute(it: &Attribute, usage: Use, at: &str, problems: &mut Vec<String>) {
    let mut wrong = |message: &str| problems.push(format!("{at}: {message}"));
    if !is_name(&it.name) {
        wrong("a name is lower case, digits and underscores");
    }
    if !(it.required || it.optional || it.computed) {
        wrong("it is neither required nor optional nor computed");
    }
    if it.required && (it.optional || it.computed) {
        wrong("what is required is neither optional nor computed");
    }
    if it.write_only && it.computed {
        wrong("what is write-only is not computed");
    }
    if it.write_only && usage != Use::Resource {
        wrong("only a resource has write-only attributes");
    }
    if it.ty.any(&|ty| matches!(ty, Type::Tuple(_))) {
        wrong("the docs cannot show a tuple");
    }
    if it.ty.any(&|ty| match ty {
        Type::List(element) | Type::Set(element) | Type::Map(element) => {
            element.any(&|ty| *ty == Type::Dynamic)
        }
        _ => false,
    }) {
        wrong("a collection holds nothing dynamic");
    }
    if let Some(default) = &it.default {
        if !(it.optional && it.computed) {
            wrong("what has a default is optional and computed");
        }
        if default.is_null() || !default.is_wholly_known() {
            wrong("its default is not known");
        }
        if let Err(mismatch) = default.conforms(&it.ty) {
            wrong(&format!("its default is not of its type: {mismatch}"));
        }
    }
}

fn function(it: &Function, name: &str, problems: &mut Vec<String>) {
    if !is_name(name) {
        problems.push(format!("function {name}: a name is lower case, digits and underscores"));
    }
    let mut names = BTreeSet::new();
    for parameter in it.parameters.iter().chain(&it.variadic) {
        let at = format!("function {name}({})", parameter.name);
        if !is_name(&parameter.name) {
            problems.push(format!("{at}: a name is lower case, digits and underscores"));
        }
        if !names.insert(parameter.name.as_str()) {
            problems.push(format!("{at}: the name stands there twice"));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::schema::{NestedBlock, Parameter, Value};

    fn of_resource(block: Block) -> Schemas {
        Schemas {
            provider: Schema { version: 0, block: Block::default() },
            resources: BTreeMap::from([("x".to_owned(), Schema { version: 0, block })]),
            data_sources: BTreeMap::new(),
            functions: BTreeMap::new(),
        }
    }

    fn problems(attributes: Vec<Attribute>, blocks: Vec<NestedBlock>) -> Vec<String> {
        internal_validate(&of_resource(Block { description: String::new(), attributes, blocks }))
    }

    fn text(name: &str) -> Attribute {
        Attribute::optional(name, Type::String, "")
    }

    #[test]
    fn a_sound_schema_has_no_problems() {
        let inner = Block { attributes: vec![text("a")], ..Block::default() };
        let found = problems(
            vec![text("a"), text("b").default_value("x"), text("c").write_only()],
            vec![NestedBlock::list("d", 1, 2, inner.clone()), NestedBlock::required("e", inner)],
        );
        assert_eq!(found, [""; 0]);
    }

    #[test]
    fn what_terraform_refuses_is_found() {
        let bad = [
            (Attribute { optional: false, ..text("a") }, "neither required"),
            (Attribute { required: true, ..text("a") }, "what is required"),
            (text("count"), "takes this name"),
            (text("Name"), "lower case"),
            (text("1a"), "lower case"),
            (Attribute::computed("a", Type::String, "").write_only(), "write-only is not computed"),
            (Attribute::optional("a", Type::Tuple(vec![]), ""), "tuple"),
            (Attribute::optional("a", Type::list(Type::Dynamic), ""), "nothing dynamic"),
            (Attribute { default: Some(Value::from("x")), ..text("a") }, "optional and computed"),
            (text("a").default_value(1), "not of its type"),
            (text("a").default_value(Value::Unknown), "not known"),
        ];
        for (attribute, message) in bad {
            let found = problems(vec![attribute], Vec::new());
            assert!(found.len() == 1 && found[0].contains(message), "{message}: {found:?}");
        }
    }

    #[test]
    fn blocks_are_held_to_their_rules() {
        let inner = Block { attributes: vec![text("a")], ..Block::default() };
        let any = Block { attributes: vec![Attribute::optional("a", Type::Dynamic, "")], ..Block::default() };
        for (nested, message) in [
            (NestedBlock::list("b", 2, 1, inner.clone()), "no range"),
            (NestedBlock::list("lifecycle", 0, 0, inner.clone()), "takes this block"),
            (NestedBlock::optional("own", inner), "twice"),
            (NestedBlock::list("b", 0, 0, any), "nothing dynamic"),
        ] {
            let found = problems(vec![text("own")], vec![nested]);
            assert!(found.len() == 1 && found[0].contains(message), "{message}: {found:?}");
        }
    }

    #[test]
    fn write_only_belongs_to_resources_and_parameters_have_names_of_their_own() {
        let parameter = Parameter {
            name: "a".to_owned(),
            ty: Type::String,
            description: String::new(),
            allow_null: false,
            allow_unknown: false,
        };
        let mut schemas = of_resource(Block::default());
        schemas.provider.block.attributes.push(text("secret").write_only());
        schemas.functions.insert(
            "f".to_owned(),
            Function {
                summary: String::new(),
                description: String::new(),
                parameters: vec![parameter.clone()],
                variadic: Some(parameter),
                returns: Type::String,
                deprecated: None,
            },
        );
        assert_eq!(
            internal_validate(&schemas),
            [
                "provider.secret: only a resource has write-only attributes",
                "function f(a): the name stands there twice",
            ]
        );
    }
}
