//! The data sources: one file each. A data source is a graph that is only read.

mod workspace;

use crate::resources::{Azure, Expansion, Outputs, Stack};
use crate::schema::config::Declared;
use crate::schema::{Block, Path, Schema, Value};

/// Every data source.
pub static ALL: &[DataSource] = &[DataSource::of::<workspace::Workspace>()];

/// The data source of a Terraform type.
pub fn find(type_name: &str) -> Option<&'static DataSource> {
    ALL.iter().find(|source| source.type_name == type_name)
}

/// One data source, as its file describes it.
trait Source: Declared {
    /// `amlsecure_workspace`.
    const TYPE: &'static str;
    /// The Azure resources to read, and what the attributes say of them.
    fn expand(&self, stack: &mut Stack<'_>) -> Outputs;
}

/// A data source, whatever its type.
pub struct DataSource {
    /// `amlsecure_workspace`.
    pub type_name: &'static str,
    block: fn() -> Block,
    /// The graph to read.
    pub expand: fn(&Value, &Azure) -> Expansion,
}

impl DataSource {
    const fn of<S: Source>() -> Self {
        Self {
            type_name: S::TYPE,
            block: S::block,
            expand: |value, azure| {
                Stack::read_only(azure, |stack| S::read(value, &Path::root()).expand(stack))
            },
        }
    }

    /// Its schema.
    pub fn schema(&self) -> Schema {
        Schema { version: 0, block: (self.block)() }
    }
}
