//! Pages in the registry's layout, from schemas. The shape is the one that the
//! registry's own generator gives, so that readers find their way.

use std::fmt::Write as _;

use amlsecure::resources::Composite;
use amlsecure::schema::{Attribute, Block, Function, NestedBlock, Nesting, Schema, Type, Value};

/// The provider's page.
pub fn index(schema: &Schema, example: &str) -> String {
    let mut page = front("amlsecure Provider", &schema.block.description, false);
    let _ = write!(page, "# amlsecure Provider\n\n{}\n\n{}", schema.block.description, usage(example));
    page.push_str(&schema_section(&schema.block));
    page
}

/// The page of a resource or data source.
pub fn object(what: &str, name: &str, schema: &Schema, example: &str) -> String {
    let mut page = front(&format!("{name} {what} - amlsecure"), &schema.block.description, true);
    let _ = write!(page, "# {name} ({what})\n\n{}\n\n{}", schema.block.description, usage(example));
    page.push_str(&schema_section(&schema.block));
    page
}

/// What a `moved` block can carry into a resource.
pub fn moves(composite: &Composite) -> String {
    let name = composite.type_name;
    let mut page = String::new();
    let mut azurerm_types: Vec<String> =
        composite.moved_from.iter().map(|(of, _)| format!("`{of}`")).filter(|of| of.len() > 2).collect();
    for (azurerm_type, kind) in composite.moved_from.iter().take(1) {
        let from = if azurerm_type.is_empty() { "azapi_resource" } else { azurerm_type };
        azurerm_types.push(format!("`azapi_resource` of the type `{}`", kind.resource_type));
        let _ = write!(
            page,
            "\n## Moving\n\n```terraform\nmoved {{\n  from = {from}.example\n  to   = {name}.example\n}}\n```\n\n\
             A `moved` block carries an {}, into an `{name}`. \
             It writes nothing to Azure: the refresh finds the object by its id, as an import does, and the plan shows \
             what differs. A warning names by id what else belongs to the object now, and so has to leave the state \
             by `removed` blocks. Terraform 1.8 or newer moves between types; it wants the provider that wrote the \
             state installed, and asks it for its schema alone.\n",
            azurerm_types.join(", or an ")
        );
    }
    page
}

/// How a resource is imported.
pub fn import(composite: &Composite, example: &str) -> String {
    let nouns: Vec<&str> = composite.imported_by.iter().map(|kind| kind.noun).collect();
    format!(
        "\n## Import\n\nBy the id of its {}: with an `import` block, which `terraform plan -generate-config-out` can \
         write the configuration for, or with `terraform import {}.NAME ID`.\n\n```terraform\n{}\n```\n\n{} What \
         carries another owner's mark is never taken over.\n",
        nouns.join(" or "),
        composite.type_name,
        example.trim_end(),
        composite.import
    )
}

/// The page of a function.
pub fn function(name: &str, function: &Function, example: &str) -> String {
    let mut page = front(&format!("{name} function - amlsecure"), &function.summary, true);
    let _ = write!(page, "# function: {name}\n\n{}\n\n{}", function.description, usage(example));
    let parameters: Vec<String> = function
        .parameters
        .iter()
        .map(|p| format!("{} {}", p.name, type_name(&p.ty).to_lowercase()))
        .collect();
    let _ = write!(
        page,
        "## Signature\n\n```text\n{name}({}) {}\n```\n\n## Arguments\n\n",
        parameters.join(", "),
        type_name(&function.returns).to_lowercase()
    );
    for (at, parameter) in function.parameters.iter().enumerate() {
        let _ = writeln!(
            page,
            "{}. `{}` ({}) {}",
            at + 1,
            parameter.name,
            type_name(&parameter.ty),
            parameter.description
        );
    }
    page
}

fn front(title: &str, description: &str, with_category: bool) -> String {
    let first = description.split("\n\n").next().unwrap_or_default();
    let category = if with_category { "subcategory: \"\"\n" } else { "" };
    format!(
        "---\n# generated from the schema; edit the source instead\npage_title: \"{title}\"\n{category}description: |-\n  {first}\n---\n\n"
    )
}

fn usage(example: &str) -> String {
    format!("## Example Usage\n\n```terraform\n{}\n```\n\n", example.trim_end())
}

fn schema_section(block: &Block) -> String {
    let mut page = String::from("## Schema\n");
    let mut nested = Vec::new();
    members(&mut page, block, "", "### ", &mut nested);
    while !nested.is_empty() {
        for (path, inner) in std::mem::take(&mut nested) {
            let _ = write!(
                page,
                "\n<a id=\"nestedblock--{}\"></a>\n### Nested Schema for `{path}`\n",
                path.replace('.', "--")
            );
            members(&mut page, &inner.block, &path, "", &mut nested);
        }
    }
    page
}

/// The members of a block in the registry's three groups.
fn members<'b>(
    page: &mut String,
    block: &'b Block,
    path: &str,
    heading: &str,
    nested: &mut Vec<(String, &'b NestedBlock)>,
) {
    let colon = if heading.is_empty() { ":" } else { "" };
    let mut required = Vec::new();
    let mut optional = Vec::new();
    let mut read_only = Vec::new();
    for attribute in &block.attributes {
        let group = if attribute.required {
            &mut required
        } else if attribute.optional {
            &mut optional
        } else {
            &mut read_only
        };
        group.push((attribute.name.clone(), attribute_line(attribute)));
    }
    for inner in &block.blocks {
        let full = if path.is_empty() { inner.name.clone() } else { format!("{path}.{}", inner.name) };
        let group = if is_required(inner) { &mut required } else { &mut optional };
        group.push((inner.name.clone(), block_line(inner, &full)));
        nested.push((full, inner));
    }
    for (name, mut group) in [("Required", required), ("Optional", optional), ("Read-Only", read_only)] {
        if group.is_empty() {
            continue;
        }
        group.sort();
        let _ = write!(page, "\n{heading}{name}{colon}\n\n");
        for (_, line) in group {
            let _ = writeln!(page, "{line}");
        }
    }
}

fn attribute_line(attribute: &Attribute) -> String {
    let mut marks = vec![type_name(&attribute.ty)];
    if attribute.sensitive {
        marks.push("Sensitive".to_owned());
    }
    if attribute.write_only {
        marks.push("Write-only".to_owned());
    }
    let mut text = format!("- `{}` ({}) {}", attribute.name, marks.join(", "), flat(&attribute.description));
    if let Some(default) = &attribute.default {
        let _ = write!(text, " Default: `{}`.", literal(default));
    }
    if attribute.replace {
        text.push_str(" Changing it makes a new resource.");
    }
    text
}

fn block_line(nested: &NestedBlock, full: &str) -> String {
    let shape = match nested.nesting {
        Nesting::Single { .. } => "Block".to_owned(),
        Nesting::List { min, max } => {
            let mut shape = "Block List".to_owned();
            if min > 0 {
                let _ = write!(shape, ", Min: {min}");
            }
            if max > 0 {
                let _ = write!(shape, ", Max: {max}");
            }
            shape
        }
    };
    format!(
        "- `{}` ({shape}) {} (see [below for nested schema](#nestedblock--{}))",
        nested.name,
        flat(&nested.block.description),
        full.replace('.', "--")
    )
}

fn is_required(nested: &NestedBlock) -> bool {
    match nested.nesting {
        Nesting::Single { required } => required,
        Nesting::List { min, .. } => min > 0,
    }
}

/// A description as one line of a list.
fn flat(text: &str) -> String {
    text.replace("\n\n", " ").replace('\n', " ")
}

fn literal(value: &Value) -> String {
    match value {
        Value::String(text) => format!("{text:?}"),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::List(items) => format!("[{}]", items.iter().map(literal).collect::<Vec<_>>().join(", ")),
        _ => "null".to_owned(),
    }
}

fn type_name(ty: &Type) -> String {
    match ty {
        Type::String => "String".to_owned(),
        Type::Number => "Number".to_owned(),
        Type::Bool => "Boolean".to_owned(),
        Type::Dynamic => "Dynamic".to_owned(),
        Type::List(element) => format!("List of {}", type_name(element)),
        Type::Set(element) => format!("Set of {}", type_name(element)),
        Type::Map(element) => format!("Map of {}", type_name(element)),
        Type::Tuple(_) => "Tuple".to_owned(),
        Type::Object(_) => "Object".to_owned(),
    }
}
