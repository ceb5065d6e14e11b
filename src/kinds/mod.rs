//! What each Azure resource type is on the wire: pure data, each fact with its
//! source. The ARM client, the engine and the simulator share these *facts*
//! and nothing else; none of them finds behaviour here.
//!
//! One folder holds a family, one file a kind. Its table lists what ARM knows
//! of the kind's body at the pinned api-version: every property that can be
//! written, as an update reads the whole body and writes it back, and those
//! answered properties that somebody here reads. [`Kind::tree`] is the table
//! compiled for look-ups.
//!
//! Sources are named in each kind's `source`. Type definitions mean those
//! that Microsoft generates from its REST specifications
//! (github.com/Azure/bicep-types-az); recorded means an HTTP exchange with
//! Azure kept in a public test suite; name rules are those of
//! learn.microsoft.com, "Naming rules and restrictions for Azure resources".

use std::collections::HashMap;
use std::sync::LazyLock;

mod appliances;
mod cloud;
mod compute;
mod data;
mod id;
mod machine_learning;
mod management;
mod monitor;
mod name;
mod network;
pub mod roles;
mod shape;
mod subscription;
mod tree;
pub mod zones;

pub use appliances::*;
pub use cloud::Cloud;
pub use compute::*;
pub use data::*;
pub use id::{IdError, ResourceId};
pub use machine_learning::*;
pub use management::*;
pub use monitor::*;
pub use network::*;
pub use shape::{equal, is_word};
pub use subscription::SUBSCRIPTION;
pub use tree::{Node, Tree};

/// Every kind there is, parents before their children.
pub static ALL: LazyLock<Vec<&'static Kind>> = LazyLock::new(|| {
    [
        management::ALL,
        network::ALL,
        appliances::ALL,
        data::ALL,
        monitor::ALL,
        machine_learning::ALL,
        compute::ALL,
    ]
    .concat()
});

/// The kind of `resource_type`, in any casing: `microsoft.keyvault/vaults`.
#[must_use]
pub fn find(resource_type: &str) -> Option<&'static Kind> {
    static BY_TYPE: LazyLock<HashMap<String, &'static Kind>> =
        LazyLock::new(|| ALL.iter().map(|kind| (kind.resource_type.to_ascii_lowercase(), *kind)).collect());
    BY_TYPE.get(&resource_type.to_ascii_lowercase()).copied()
}

/// The kinds whose tables have rows that only a preview knows, as they are in
/// that preview.
#[must_use]
pub fn previews() -> &'static [&'static Kind] {
    machine_learning::PREVIEWS
}

/// One ARM resource type.
#[derive(Debug)]
pub struct Kind {
    /// What messages call it: `private endpoint`.
    pub noun: &'static str,
    /// `Microsoft.Network/privateEndpoints`.
    pub resource_type: &'static str,
    /// The version that requests of ours name, unless they speak of what only a preview knows.
    pub api_version: &'static str,
    /// What its name may be.
    pub name: NameRule,
    /// How many tags it carries, and whether it does at all.
    pub tags: Tags,
    /// How ARM answers a PUT.
    pub put: Put,
    /// How an existing resource is changed.
    pub update: Update,
    /// How ARM answers a DELETE.
    pub delete: Delete,
    /// Where a PUT of the parent may carry this child: in a keyed list
    /// (`properties.subnets`), or in a map of names to what is in `properties`
    /// (`properties.managedNetwork.outboundRules`).
    pub embedded: Option<&'static str>,
    /// What may have only one writer at a time while this kind is written.
    pub writers: &'static [Writer],
    /// Every property that can be written, and those answered that we read.
    /// What all of ARM shares (`id`, `name`, `type`, `systemData`, and `tags`
    /// as the field above says) has no row: [`Kind::tree`] adds it.
    pub properties: &'static [Property],
    /// Where the facts come from.
    pub source: &'static str,
}

impl Kind {
    /// The same kind in the preview that knows all of its rows; `None` where
    /// there is no such preview.
    #[must_use]
    pub fn in_preview(&self) -> Option<&'static Kind> {
        previews().iter().find(|kind| kind.resource_type == self.resource_type).copied()
    }

    /// Whether the rows that only a preview knows can be said in `api_version`.
    /// Versions are dates, of which `-preview` makes a line of its own.
    #[must_use]
    pub fn is_preview(&self, api_version: &str) -> bool {
        let preview = self.in_preview().map(|kind| kind.api_version);
        preview.is_some_and(|preview| api_version.ends_with("-preview") && api_version >= preview)
    }

    /// Where in its body it carries tags, dotted.
    #[must_use]
    pub fn tags_at(&self) -> Option<&'static str> {
        match self.tags {
            Tags::None => None,
            Tags::AtMost(_) => Some("tags"),
            Tags::InProperties => Some("properties.tags"),
        }
    }

    /// What a resource that is made now may be called, which can be less than
    /// what those are called that stand.
    #[must_use]
    pub fn name_of_new(&self) -> &NameRule {
        if self.resource_type == COMPUTE.resource_type { &NEW_COMPUTE } else { &self.name }
    }
}

/// What a name may be.
#[derive(Debug, Clone, Copy)]
pub struct NameRule {
    /// A regular expression over the whole name; [`NameRule::admits`] asks it
    /// and `length`.
    pub pattern: &'static str,
    /// How many characters it has, both ends included.
    pub length: (usize, usize),
    /// The same rule in words: `3 to 24 lower-case letters and digits`.
    pub words: &'static str,
    /// Where the name must be unique.
    pub unique: Unique,
}

/// Where a name must be unique.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unique {
    /// Among its siblings: the ordinary rule.
    Scope,
    /// In all of Azure, as it becomes a host name.
    Global,
}

/// Whether and how a kind carries tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tags {
    /// It has no tags.
    None,
    /// It has, and at most this many.
    AtMost(usize),
    /// It has a map of its own for them, `properties.tags`, of which ARM's own
    /// operations on tags know nothing.
    InProperties,
}

/// How ARM answers a PUT.
#[derive(Debug, Clone, Copy)]
pub struct Put {
    /// The status that answers a creation.
    pub created: u16,
    /// The status that answers a change.
    pub updated: u16,
    /// How the end of the work is announced.
    pub style: Style,
    /// Seconds that a creation typically takes.
    pub seconds: u32,
}

/// How an existing resource is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Update {
    /// Read, merge, write whole.
    Put,
    /// PATCH with the changed properties; tags are written whole.
    Patch,
    /// ARM can change nothing of it: another value is another resource.
    Never,
}

/// How ARM answers a DELETE.
#[derive(Debug, Clone, Copy)]
pub struct Delete {
    /// The status that answers the deletion of an existing resource.
    pub status: u16,
    /// How the end of the work is announced.
    pub style: Style,
    /// Seconds that a deletion typically takes.
    pub seconds: u32,
    /// What the query must hold besides the api-version: the first that fits.
    pub query: &'static [Parameter],
    /// What is kept of it, where its name stays taken for a while.
    pub kept: Option<&'static Kept>,
}

/// What the query of a DELETE says of some resources of a kind.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub value: &'static str,
    /// Of which resources: where such a one shows what, as one of these words;
    /// `None` for all.
    pub of: Option<(&'static str, &'static [&'static str])>,
}

impl Delete {
    /// What the query must hold besides the api-version to delete a resource as
    /// Azure shows it (`None`: nobody has seen it).
    pub fn query(&self, seen: Option<&serde_json::Value>) -> Option<(&'static str, &'static str)> {
        let says = |(path, words): (&str, &[&str])| {
            let said = seen.and_then(|seen| path.split('.').try_fold(seen, |here, name| here.get(name)));
            said.is_some_and(|said| words.iter().any(|word| is_word(said, word)))
        };
        let fits = |one: &&Parameter| one.of.is_none_or(says);
        self.query.iter().find(fits).map(|one| (one.name, one.value))
    }
}

/// A deleted resource that Azure keeps for a while, under its name.
#[derive(Debug, Clone, Copy)]
pub struct Kept {
    /// Where ARM shows it, with `{subscription}`, `{location}` and `{name}` to
    /// fill in; `None` where ARM shows it nowhere.
    pub shown_at: Option<&'static str>,
    /// Where its own id stands in what is shown.
    pub id_at: &'static str,
    /// Where its tags stand in what is shown.
    pub tags_at: &'static str,
    /// The property that makes a PUT bring it back, and its value; `None`
    /// where a plain PUT does.
    pub recover: Option<(&'static str, &'static str)>,
    /// What the query of a DELETE says so that nothing is kept; `None` where
    /// a POST to `purge` below what is shown does it.
    pub purge: Option<(&'static str, &'static str)>,
    /// Whether a plain PUT of the name brings it back, so that it stands in
    /// nobody's way.
    pub returns: bool,
}

impl Kept {
    /// Kept, and shown nowhere in ARM: a PUT of the name tells.
    pub const OUT_OF_SIGHT: Self =
        Self { shown_at: None, id_at: "", tags_at: "", recover: None, purge: None, returns: false };
}

/// How a long-running operation announces its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// The first answer is the last.
    Sync,
    /// `Azure-AsyncOperation` (and on DELETE `Location`); the PUT answers with the resource.
    AsyncOperation,
    /// 202 with an empty body, `Azure-AsyncOperation` and `Location`.
    AsyncOperationOnly,
    /// 202 with an empty body and `Location`, which answers 202 until done.
    Location,
    /// The resource itself is read until its `provisioningState` is terminal.
    ProvisioningState,
}

/// Something that a write must hold alone, or in company, while it lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writer {
    /// The resource itself.
    Itself,
    /// Its parent: a subnet holds its network.
    Parent,
    /// The resource whose id stands at this path of the body.
    At(&'static str),
    /// The network of the subnet whose id stands at this path, shared with
    /// others that do the same and closed to writers of the network.
    NetworkOf(&'static str),
}

/// One property of a kind's body.
///
/// A path is dotted; `[]` goes into the elements of an array and `{}` into the
/// values of a map: `properties.subnets[].name`,
/// `identity.userAssignedIdentities{}.principalId`. Objects on the way need no
/// row of their own; one that ARM demands has a required [`Shape::Any`] above
/// its fields' rows. Any other row of that shape covers all that lies below it.
/// A row `x.id` of shape [`Shape::Id`] makes `x` a reference, of
/// which nothing else is written.
#[derive(Debug, Clone, Copy)]
pub struct Property {
    /// Where it stands.
    pub path: &'static str,
    /// What it holds.
    pub shape: Shape,
    /// Whether ARM refuses a PUT without it (where its parent is present).
    pub required: bool,
    /// Who may write it.
    pub access: Access,
    /// What makes its value another.
    pub change: Change,
    /// What ARM answers with where it was not sent, as JSON text. It answers
    /// so even where the objects on the way were not sent either, but never
    /// inside an element of an array or map that was not sent.
    pub default: Option<&'static str>,
    /// What it says, as JSON text, while it lets nobody in: a wanted body
    /// that does not speak of it means this.
    pub closed: Option<&'static str>,
    /// Which elements of a shared array let somebody in.
    pub opens: Option<&'static Opening>,
    /// Set where ARM takes it only in a change of what stands, and refuses it
    /// in the PUT that makes it.
    pub later: Option<Later>,
    /// Whether only a preview of the api-version knows it ([`Kind::in_preview`]).
    pub preview: bool,
    /// Whose approval each element of this array needs before it is of use.
    pub approval: Option<&'static Approval>,
}

/// What holds while ARM has not taken a property yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Later {
    /// What another property says meanwhile, where it would let in whom this
    /// one keeps out: its path, and its word.
    pub until_then: Option<(&'static str, &'static str)>,
}

/// The approval that an element of an array needs from the owner of what it
/// leads to. A PUT succeeds without it, and what stands then is of no use yet.
#[derive(Debug)]
pub struct Approval {
    /// Where in the element the id of that stands.
    pub of: &'static str,
    /// Where in the element the answer stands, and where its owner writes it.
    pub status: &'static str,
    /// Where in the element the owner's own words stand.
    pub said: &'static str,
    /// The answer that is wanted.
    pub given: &'static str,
    /// What stands there before there is one.
    pub pending: &'static str,
    /// What stands there once no answer will come: only to ask anew helps.
    pub lost: &'static str,
    /// Under which of its children the owner keeps it: the last segment of their type.
    pub kept_in: &'static str,
    /// Where in such a child the id of the resource stands that asks.
    pub asker: &'static str,
}

/// A POST that changes what no PUT can.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Action {
    /// Its name, the last segment of its path.
    pub name: &'static str,
    /// What it changes. Its body has one member, named as the last segment,
    /// unless the row there is [`Access::ByAction`]: then it has none.
    pub path: &'static str,
    /// What it is told where nothing is wanted there, as JSON text; `None` where it cannot be told so.
    pub none: Option<&'static str>,
}

/// What tells an element of a shared array that lets somebody in from one
/// that does not.
#[derive(Debug, Clone, Copy)]
pub struct Opening {
    /// Where in the element its effect stands: `properties.access`.
    pub field: &'static str,
    /// The effects that let somebody in, in any casing.
    pub values: &'static [&'static str],
    /// How the names begin of those that Azure adds by itself and lets nobody
    /// take out.
    pub azures: &'static [&'static str],
}

/// What makes the value of a property another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// A write that says so.
    ByWrite,
    /// Nothing: another value, here or anywhere below, means another resource.
    Never,
    /// Any write, as Azure pleases.
    WithAnyWrite,
}

/// Who may write a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Sent and answered.
    ReadWrite,
    /// Answered only; refused when sent.
    ReadOnly,
    /// Sent only; never answered.
    WriteOnly,
    /// Answered only; an action changes it ([`Action`]).
    ByAction,
}

/// What a property holds, and so how two spellings of it compare.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shape {
    /// `true` or `false`.
    Bool,
    /// A whole number within bounds.
    Int(i64, i64),
    /// A text, compared to the letter.
    Text,
    /// A text, compared without regard to case.
    Word,
    /// One of these words, compared without regard to case.
    OneOf(&'static [&'static str]),
    /// A resource id; compared as ids are.
    Id,
    /// A region; compared without regard to case and blanks.
    Location,
    /// An ISO 8601 duration; compared by length.
    Duration,
    /// Words parted by commas; compared as a set.
    Words,
    /// A secret text: never compared, logged or shown.
    Secret,
    /// Any JSON; where rows stand below, an object that they describe.
    Any,
    /// An array of scalars whose order means nothing. Its elements have a row at `path[]`.
    Set,
    /// An array of objects that are told apart by this field.
    Keyed(&'static str),
    /// As `Keyed`, and others may add elements of their own, which our writes keep.
    Shared(&'static str),
    /// An ordered array.
    List,
    /// A map of texts, to which others may add: tags.
    Map,
    /// A map whose keys are resource ids, compared as such, with empty objects
    /// as values: the user-assigned identities. A PUT names all of them.
    IdMap,
}

impl Property {
    const fn new(path: &'static str, shape: Shape) -> Self {
        Self {
            path,
            shape,
            required: false,
            access: Access::ReadWrite,
            change: Change::ByWrite,
            default: None,
            closed: None,
            opens: None,
            later: None,
            preview: false,
            approval: None,
        }
    }

    /// ARM refuses a PUT without it.
    #[must_use]
    pub const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// Another value is another resource.
    #[must_use]
    pub const fn fixed(self) -> Self {
        Self { change: Change::Never, ..self }
    }

    /// Azure may answer another value after any write.
    #[must_use]
    pub const fn unsettled(self) -> Self {
        Self { change: Change::WithAnyWrite, ..self }
    }

    /// What ARM answers with where it was not sent, as JSON text.
    #[must_use]
    pub const fn default(self, json: &'static str) -> Self {
        Self { default: Some(json), ..self }
    }

    /// What it says while it lets nobody in, as JSON text.
    #[must_use]
    pub const fn closed(self, json: &'static str) -> Self {
        Self { closed: Some(json), ..self }
    }

    /// ARM takes it only in a change of what stands.
    #[must_use]
    pub const fn later(self) -> Self {
        Self { later: Some(Later { until_then: None }), ..self }
    }

    /// As [`Property::later`]; until then the property at `path` says `word`.
    #[must_use]
    pub const fn later_and_until_then(self, path: &'static str, word: &'static str) -> Self {
        Self { later: Some(Later { until_then: Some((path, word)) }), ..self }
    }

    /// Only a preview of the api-version knows it.
    #[must_use]
    pub const fn preview(self) -> Self {
        Self { preview: true, ..self }
    }

    /// Whose approval each of its elements needs.
    #[must_use]
    pub const fn approved(self, approval: &'static Approval) -> Self {
        Self { approval: Some(approval), ..self }
    }

    /// Which of its elements let somebody in.
    #[must_use]
    pub const fn opens(self, opening: &'static Opening) -> Self {
        Self { opens: Some(opening), ..self }
    }
}

/// A property that is sent and answered.
#[must_use]
pub const fn rw(path: &'static str, shape: Shape) -> Property {
    Property::new(path, shape)
}

/// A property that is only answered.
#[must_use]
pub const fn ro(path: &'static str, shape: Shape) -> Property {
    Property { access: Access::ReadOnly, ..Property::new(path, shape) }
}

/// A property that is only sent.
#[must_use]
pub const fn wo(path: &'static str, shape: Shape) -> Property {
    Property { access: Access::WriteOnly, ..Property::new(path, shape) }
}

/// A property that is only answered, and that an action changes.
#[must_use]
pub const fn by_action(path: &'static str, shape: Shape) -> Property {
    Property { access: Access::ByAction, ..Property::new(path, shape) }
}
