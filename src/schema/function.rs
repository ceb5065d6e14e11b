//! What a provider function takes and gives.

use super::Type;

/// The signature of a provider function.
#[derive(Debug, Clone)]
pub struct Function {
    /// What it does, in one line of plain text.
    pub summary: String,
    /// What it does, in Markdown.
    pub description: String,
    /// Its parameters, in order.
    pub parameters: Vec<Parameter>,
    /// What any number of further arguments are, if it takes them.
    pub variadic: Option<Parameter>,
    /// The type of its result.
    pub returns: Type,
    /// Why it should not be used any more.
    pub deprecated: Option<String>,
}

impl Function {
    /// The parameter that the argument at `index` (0-based) is for.
    #[must_use]
    pub fn parameter(&self, index: usize) -> Option<&Parameter> {
        self.parameters.get(index).or(self.variadic.as_ref())
    }
}

/// One parameter of a [`Function`].
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Its name: an identifier, unique within the function.
    pub name: String,
    /// Its type. Terraform converts the argument to it before the call.
    pub ty: Type,
    /// What it is, in Markdown.
    pub description: String,
    /// Whether the function wants to see `null`; otherwise Terraform refuses it.
    pub allow_null: bool,
    /// Whether the function wants to see unknown values; otherwise Terraform
    /// does not call it and takes the result for unknown.
    pub allow_unknown: bool,
}
