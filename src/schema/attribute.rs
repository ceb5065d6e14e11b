//! Attribute tables: what a block may hold.

use std::collections::BTreeMap;

use super::{Diagnostics, Function, Path, Type, Value};

/// The schemas of all that a provider offers.
#[derive(Debug, Clone)]
pub struct Schemas {
    /// The provider block.
    pub provider: Schema,
    /// The resources by type name.
    pub resources: BTreeMap<String, Schema>,
    /// The data sources by type name.
    pub data_sources: BTreeMap<String, Schema>,
    /// The functions by name.
    pub functions: BTreeMap<String, Function>,
}

/// The schema of a resource, data source or provider.
#[derive(Debug, Clone)]
pub struct Schema {
    /// Grows when a stored state needs upgrading.
    pub version: i64,
    /// Its attributes and blocks.
    pub block: Block,
}

/// Attributes and nested blocks.
#[derive(Debug, Clone, Default)]
pub struct Block {
    /// What it is for, in Markdown.
    pub description: String,
    /// Its attributes, in the order in which the docs list them.
    pub attributes: Vec<Attribute>,
    /// Its nested blocks, in the order in which the docs list them.
    pub blocks: Vec<NestedBlock>,
}

impl Block {
    /// The attribute of that name.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// The nested block of that name.
    #[must_use]
    pub fn nested(&self, name: &str) -> Option<&NestedBlock> {
        self.blocks.iter().find(|nested| nested.name == name)
    }

    /// The type of the values that travel for this block: an object of its
    /// attributes and nested blocks, where a repeatable block is a list.
    #[must_use]
    pub fn implied_type(&self) -> Type {
        let attributes = self.attributes.iter().map(|it| (it.name.clone(), it.ty.clone()));
        let blocks = self.blocks.iter().map(|it| (it.name.clone(), it.implied_type()));
        Type::Object(attributes.chain(blocks).collect())
    }

    /// The block with nothing set: attributes and single blocks null,
    /// repeatable blocks empty.
    #[must_use]
    pub fn empty(&self) -> Value {
        let attributes = self.attributes.iter().map(|it| (it.name.clone(), Value::Null));
        let blocks = self.blocks.iter().map(|it| (it.name.clone(), it.empty()));
        Value::Map(attributes.chain(blocks).collect())
    }
}

/// One attribute.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "they are the protocol's own, side by side")]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// What it is for, in Markdown.
    pub description: String,
    /// The user must set it.
    pub required: bool,
    /// The user may set it.
    pub optional: bool,
    /// The provider sets it, where the user does not.
    pub computed: bool,
    /// Terraform hides it.
    pub sensitive: bool,
    /// It is sent and never stored.
    pub write_only: bool,
    /// Why it should not be used any more.
    pub deprecated: Option<String>,
    /// What it is where the user does not set it. The attribute is then
    /// optional and computed.
    pub default: Option<Value>,
    /// Another value means another resource.
    pub replace: bool,
    /// What a known value must satisfy, in the order in which it is asked.
    pub checks: Vec<Check>,
}

impl Attribute {
    /// An attribute that the user must set.
    #[must_use]
    pub fn required(name: &str, ty: Type, description: &str) -> Self {
        Self { required: true, ..Self::new(name, ty, description) }
    }

    /// An attribute that the user may set.
    #[must_use]
    pub fn optional(name: &str, ty: Type, description: &str) -> Self {
        Self { optional: true, ..Self::new(name, ty, description) }
    }

    /// An attribute that only the provider sets.
    #[must_use]
    pub fn computed(name: &str, ty: Type, description: &str) -> Self {
        Self { computed: true, ..Self::new(name, ty, description) }
    }

    /// An attribute that the provider sets where the user does not.
    #[must_use]
    pub fn optional_computed(name: &str, ty: Type, description: &str) -> Self {
        Self { optional: true, computed: true, ..Self::new(name, ty, description) }
    }

    fn new(name: &str, ty: Type, description: &str) -> Self {
        Self {
            name: name.to_owned(),
            ty,
            description: description.to_owned(),
            required: false,
            optional: false,
            computed: false,
            sensitive: false,
            write_only: false,
            deprecated: None,
            default: None,
            replace: false,
            checks: Vec::new(),
        }
    }

    /// With a value for where the user sets none; Terraform demands that such
    /// an attribute is computed too.
    #[must_use]
    pub fn default_value(self, default: impl Into<Value>) -> Self {
        Self { optional: true, computed: true, default: Some(default.into()), ..self }
    }

    /// Hidden in what Terraform prints.
    #[must_use]
    pub fn sensitive(self) -> Self {
        Self { sensitive: true, ..self }
    }

    /// Sent and never stored.
    #[must_use]
    pub fn write_only(self) -> Self {
        Self { write_only: true, ..self }
    }

    /// Another value means another resource.
    #[must_use]
    pub fn replace(self) -> Self {
        Self { replace: true, ..self }
    }

    /// Not to be used any more, and why.
    #[must_use]
    pub fn deprecated(self, why: &str) -> Self {
        Self { deprecated: Some(why.to_owned()), ..self }
    }

    /// Known values must satisfy `check` too.
    #[must_use]
    pub fn check(mut self, check: Check) -> Self {
        self.checks.push(check);
        self
    }
}

/// Says what is wrong with a known value, if anything: the summary's tail is
/// the reason, put after the attribute's name.
pub type Check = fn(&Value, &Path, &mut Diagnostics);

/// A block within a block.
#[derive(Debug, Clone)]
pub struct NestedBlock {
    /// Its name.
    pub name: String,
    /// How often it may stand there.
    pub nesting: Nesting,
    /// Its content.
    pub block: Block,
    /// Another content means another resource.
    pub replace: bool,
}

impl NestedBlock {
    /// A block that may stand there once.
    #[must_use]
    pub fn optional(name: &str, block: Block) -> Self {
        Self { name: name.to_owned(), nesting: Nesting::Single { required: false }, block, replace: false }
    }

    /// A block that must stand there once.
    #[must_use]
    pub fn required(name: &str, block: Block) -> Self {
        Self { name: name.to_owned(), nesting: Nesting::Single { required: true }, block, replace: false }
    }

    /// A block that may stand there `min` to `max` times; `max` 0 is no bound.
    #[must_use]
    pub fn list(name: &str, min: i64, max: i64, block: Block) -> Self {
        Self { name: name.to_owned(), nesting: Nesting::List { min, max }, block, replace: false }
    }

    /// Another content means another resource.
    #[must_use]
    pub fn replace(self) -> Self {
        Self { replace: true, ..self }
    }

    /// The type of the values that travel for this block.
    #[must_use]
    pub fn implied_type(&self) -> Type {
        match self.nesting {
            Nesting::Single { .. } => self.block.implied_type(),
            Nesting::List { .. } => Type::list(self.block.implied_type()),
        }
    }

    /// Where the block does not stand there: null, or an empty list.
    #[must_use]
    pub fn empty(&self) -> Value {
        match self.nesting {
            Nesting::Single { .. } => Value::Null,
            Nesting::List { .. } => Value::List(Vec::new()),
        }
    }
}

/// How often a nested block may stand there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nesting {
    /// Once, or not at all unless `required`.
    Single {
        /// Whether it must be there.
        required: bool,
    },
    /// Any number within bounds, in an order; `max` 0 is no bound.
    List {
        /// At least this many.
        min: i64,
        /// At most this many; 0 is no bound.
        max: i64,
    },
}
