//! Attribute tables: what a block may hold.

use super::{Diagnostics, Path, Type, Value};

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

/// One attribute.
#[derive(Debug, Clone)]
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
