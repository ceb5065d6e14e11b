//! The composites: one file each, with its attribute table, the rules across
//! its attributes, and the graph of Azure resources that it expands to. A large
//! one is a folder whose `mod.rs` is that file, with a file for each of its parts.
//!
//! Beside them stands what they share: [`checks`] of values, the [`Stack`] that
//! they build with, and how identities, roles, private endpoints and imports
//! ([`Recalled`]) are said.
//!
//! An expansion is pure: configuration in, graph out. It knows no HTTP, no
//! state, no retries and no order beyond what its bodies say.

mod attached_compute;
mod batch_endpoint;
pub mod checks;
mod compute_cluster;
mod compute_instance;
mod container_group;
mod databricks_workspace;
mod datastore;
mod expansion;
mod identity;
mod inference_cluster;
mod network;
mod online_endpoint;
mod private_dns;
mod private_endpoint;
mod private_link;
mod recall;
mod resource_group;
mod roles;
mod workspace;

use std::collections::{BTreeMap, BTreeSet};

pub use expansion::{Azure, Stack, Tags};
pub use recall::{Found, Look, Recalled, Seen, spelt};

use crate::block;
use crate::engine::graph::{Expr, Graph};
use crate::kinds::{Kind, ResourceId};
use crate::schema::config::{Computed, Declared, Field, Member as _, State};
use crate::schema::{Attribute, Block, Diagnostics, Path, Schema, Type, Value};

/// Every composite, in the order in which the docs list them.
pub static ALL: &[Composite] = &[
    Composite::of::<resource_group::ResourceGroup>(),
    Composite::of::<network::Network>(),
    Composite::of::<private_dns::PrivateDns>(),
    Composite::of::<workspace::Workspace>(),
    Composite::of::<compute_cluster::ComputeCluster>(),
    Composite::of::<inference_cluster::InferenceCluster>(),
    Composite::of::<compute_instance::ComputeInstance>(),
    Composite::of::<databricks_workspace::DatabricksWorkspace>(),
    Composite::of::<container_group::ContainerGroup>(),
    Composite::of::<private_link::PrivateLink>(),
    Composite::of::<datastore::Datastore>(),
    Composite::of::<online_endpoint::OnlineEndpoint>(),
    Composite::of::<batch_endpoint::BatchEndpoint>(),
    Composite::of::<attached_compute::AttachedCompute>(),
];

/// The composite of a Terraform type.
pub fn find(type_name: &str) -> Option<&'static Composite> {
    ALL.iter().find(|composite| composite.type_name == type_name)
}

/// One composite, as its file describes it.
pub trait Resource: Declared {
    /// `amlsecure_network`.
    const TYPE: &'static str;
    /// What a `moved` block may carry into it.
    const MOVED_FROM: MovedFrom = &[];
    /// Rules across attributes that need nothing but the configuration.
    /// Unknown values break no rule.
    fn check(&self, problems: &mut Diagnostics);
    /// Rules between what was and what is wanted: steps that Azure does not take,
    /// and that no replacement should take unasked.
    fn check_change(&self, _before: &Self, _problems: &mut Diagnostics) {}
    /// The Azure resources that it wants, and what its computed attributes say.
    fn expand(&self, stack: &mut Stack<'_>) -> Outputs;
    /// Of what kind the resource is by whose id it is imported: its primary,
    /// or what its primary lies in.
    const IMPORTED_BY: &'static [&'static Kind];
    /// What an import finds and takes over, for the docs.
    const IMPORT: &'static str;
    /// What its own `id` says where it is imported by this one.
    fn id_of(id: &ResourceId) -> String {
        id.to_string()
    }
    /// The arguments that ask for what Azure holds around the resource of this
    /// id, and which resource is which. An error is a sentence that says why
    /// no arguments do.
    fn recall(id: &ResourceId, seen: &Seen) -> Result<Recalled, String>;
}

/// Types of azurerm, and the kind of each, by which azapi knows it. The type is
/// empty where azurerm has none.
pub type MovedFrom = &'static [(&'static str, &'static Kind)];

/// What the computed attributes of a composite say, by name.
pub type Outputs = BTreeMap<&'static str, Expr>;

/// A composite, whatever its type.
pub struct Composite {
    /// `amlsecure_network`.
    pub type_name: &'static str,
    own: fn() -> Block,
    check: fn(&Value, &mut Diagnostics),
    check_change: fn(&Value, &Value, &mut Diagnostics),
    expand: fn(&Value, &mut Stack<'_>) -> Outputs,
    /// [`Resource::MOVED_FROM`].
    pub moved_from: MovedFrom,
    /// [`Resource::IMPORTED_BY`].
    pub imported_by: &'static [&'static Kind],
    /// [`Resource::IMPORT`].
    pub import: &'static str,
    /// [`Resource::id_of`].
    pub id_of: fn(&ResourceId) -> String,
    /// [`Resource::recall`].
    pub recall: fn(&ResourceId, &Seen) -> Result<Recalled, String>,
}

/// A composite's configuration, expanded.
#[derive(Debug)]
pub struct Expansion {
    /// The Azure resources that it wants.
    pub graph: Graph,
    /// What its computed attributes say.
    pub outputs: Outputs,
    /// Whether something not yet known decides which resources there are.
    pub incomplete: bool,
    /// Keys in `names` that name nothing, which is among the problems.
    pub unused_names: BTreeSet<String>,
    /// What is wrong with it.
    pub problems: Diagnostics,
}

impl Composite {
    const fn of<R: Resource>() -> Self {
        Self {
            type_name: R::TYPE,
            own: R::block,
            check: |value, problems| R::read(value, &Path::root()).check(problems),
            check_change: |value, before, problems| {
                let read = |value| R::read(value, &Path::root());
                read(value).check_change(&read(before), problems);
            },
            expand: |value, stack| R::read(value, &Path::root()).expand(stack),
            moved_from: R::MOVED_FROM,
            imported_by: R::IMPORTED_BY,
            import: R::IMPORT,
            id_of: R::id_of,
            recall: R::recall,
        }
    }

    /// Its schema: its own table, and what every composite has.
    pub fn schema(&self) -> Schema {
        let mut block = (self.own)();
        let common = Common::block();
        block.attributes.extend(common.attributes);
        block.blocks.extend(common.blocks);
        block.attributes.push(resources_attribute());
        Schema { version: 0, block }
    }

    /// Breaks of rules across attributes, asked offline.
    pub fn check(&self, config: &Value) -> Diagnostics {
        let mut problems = Diagnostics::default();
        (self.check)(config, &mut problems);
        problems
    }

    /// Breaks of rules between a state and a configuration.
    pub fn check_change(&self, config: &Value, before: &Value) -> Diagnostics {
        let mut problems = Diagnostics::default();
        (self.check_change)(config, before, &mut problems);
        problems
    }

    /// What `tags_all` says for a configuration.
    pub fn tags_all(&self, config: &Value, azure: &Azure) -> Value {
        let common = Common::read(config, &Path::root());
        let text = |value: &Field<String>| match &value.state {
            State::Known(text) => Value::from(text.as_str()),
            State::Unknown => Value::Unknown,
            State::Null => Value::Null,
        };
        expansion::all_tags(&common.tags, &azure.default_tags).map_or(Value::Unknown, |tags| {
            Value::Map(tags.iter().map(|(name, value)| (name.clone(), text(value))).collect())
        })
    }

    /// The graph that a configuration (or a state: it holds the same
    /// arguments) asks for.
    pub fn expand(&self, config: &Value, azure: &Azure) -> Expansion {
        let common = Common::read(config, &Path::root());
        let mut stack = Stack::new(azure, &common);
        let outputs = (self.expand)(config, &mut stack);
        stack.finish(outputs)
    }
}

block! {
    /// What every composite has.
    pub struct Common {
        /// Names of Azure resources that should not have the name that the provider derives: a map from
        /// a key of `resources` to a name. An import fills it with the names that others chose.
        pub names: Field<BTreeMap<String, Field<String>>> = optional().or_computed(),
        /// Tags of every Azure resource of this block that can carry tags, besides the provider's
        /// `default_tags`. Names that begin with `amlsecure-` belong to the provider.
        pub tags: Field<Tags> = optional().check(checks::tags),
        /// All tags that its resources are given: `tags` and the provider's `default_tags`.
        pub tags_all: Field<Tags> = computed(),
        /// Whether resources that exist already and that no composite has marked are taken over, where the
        /// name of one of this block's is theirs. Without it, such a resource is an error.
        pub adopt: Field<bool> = optional(),
        /// How long an operation may take.
        pub timeouts: Option<Timeouts> = optional(),
        /// Which Terraform object built these resources: the mark that each of them carries.
        pub instance: Computed<String> = computed(),
        /// Whether all of it stands.
        pub ready: Computed<bool> = computed(),
    }
}

block! {
    /// Durations such as `30m` or `1h30m`. Where one is not set, an operation may take 2 hours; a read
    /// 5 minutes.
    pub struct Timeouts {
        /// How long a create may take.
        pub create: Field<String> = optional().check(checks::go_duration),
        /// How long a read may take.
        pub read: Field<String> = optional().check(checks::go_duration),
        /// How long an update may take.
        pub update: Field<String> = optional().check(checks::go_duration),
        /// How long a delete may take.
        pub delete: Field<String> = optional().check(checks::go_duration),
    }
}

/// The type of one element of `resources`.
pub fn resource_entry_type() -> Type {
    Type::Object(["id", "type", "status"].into_iter().map(|name| (name.to_owned(), Type::String)).collect())
}

fn resources_attribute() -> Attribute {
    let mut holder = Block::default();
    Computed::<String>::declare(
        &mut holder,
        "resources",
        "Every Azure resource of this block, by key: its `id`, its `type`, and its `status`, which is `in sync`, \
         what the last change to it was, how it has `drifted`, that it is `missing`, or that it is `pending`."
            .to_owned(),
        crate::schema::config::computed(),
    );
    let mut attribute = holder.attributes.remove(0);
    attribute.ty = Type::Map(Box::new(resource_entry_type()));
    attribute
}
