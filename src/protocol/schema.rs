//! Schemas as the protocol shows them to Terraform.

use std::collections::BTreeMap;

use super::proto::tfplugin5 as proto;
use crate::schema::{Attribute, Block, Function, NestedBlock, Nesting, Parameter, Schema, Type};

/// What this layer supports of what a provider may. All of it.
pub(super) const CAPABILITIES: proto::ServerCapabilities = proto::ServerCapabilities {
    plan_destroy: true,
    get_provider_schema_optional: true,
    move_resource_state: true,
    generate_resource_config: true,
};

/// All descriptions are Markdown.
const MARKDOWN: i32 = proto::StringKind::Markdown as i32;

pub(super) fn schema(schema: &Schema) -> proto::Schema {
    proto::Schema { version: schema.version, block: Some(block(schema.version, &schema.block)) }
}

pub(super) fn schemas<'a>(
    schemas: impl IntoIterator<Item = (&'a String, &'a Schema)>,
) -> std::collections::HashMap<String, proto::Schema> {
    schemas.into_iter().map(|(name, it)| (name.clone(), schema(it))).collect()
}

pub(super) fn functions(
    functions: &BTreeMap<String, Function>,
) -> std::collections::HashMap<String, proto::Function> {
    functions.iter().map(|(name, it)| (name.clone(), function(it))).collect()
}

fn block(version: i64, it: &Block) -> proto::schema::Block {
    proto::schema::Block {
        version,
        attributes: it.attributes.iter().map(attribute).collect(),
        block_types: it.blocks.iter().map(nested).collect(),
        description: it.description.clone(),
        description_kind: MARKDOWN,
        deprecated: false,
        deprecation_message: String::new(),
    }
}

fn attribute(it: &Attribute) -> proto::schema::Attribute {
    proto::schema::Attribute {
        name: it.name.clone(),
        r#type: ty(&it.ty),
        description: it.description.clone(),
        required: it.required,
        optional: it.optional,
        computed: it.computed,
        sensitive: it.sensitive,
        description_kind: MARKDOWN,
        deprecated: it.deprecated.is_some(),
        write_only: it.write_only,
        deprecation_message: it.deprecated.clone().unwrap_or_default(),
    }
}

fn nested(it: &NestedBlock) -> proto::schema::NestedBlock {
    use proto::schema::nested_block::NestingMode;

    // Terraform refuses a single block whose bounds differ: once is 1 to 1,
    // and at most once is 0 to 0.
    let (nesting, min_items, max_items) = match it.nesting {
        Nesting::Single { required: true } => (NestingMode::Single, 1, 1),
        Nesting::Single { required: false } => (NestingMode::Single, 0, 0),
        Nesting::List { min, max } => (NestingMode::List, min, max),
    };
    proto::schema::NestedBlock {
        type_name: it.name.clone(),
        block: Some(block(0, &it.block)),
        nesting: nesting.into(),
        min_items,
        max_items,
    }
}

fn function(it: &Function) -> proto::Function {
    proto::Function {
        parameters: it.parameters.iter().map(parameter).collect(),
        variadic_parameter: it.variadic.as_ref().map(parameter),
        r#return: Some(proto::function::Return { r#type: ty(&it.returns) }),
        summary: it.summary.clone(),
        description: it.description.clone(),
        description_kind: MARKDOWN,
        deprecation_message: it.deprecated.clone().unwrap_or_default(),
    }
}

fn parameter(it: &Parameter) -> proto::function::Parameter {
    proto::function::Parameter {
        name: it.name.clone(),
        r#type: ty(&it.ty),
        allow_null_value: it.allow_null,
        allow_unknown_values: it.allow_unknown,
        description: it.description.clone(),
        description_kind: MARKDOWN,
    }
}

fn ty(it: &Type) -> Vec<u8> {
    it.to_json().to_string().into_bytes()
}
