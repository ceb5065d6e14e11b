//! What each Azure resource type is on the wire: pure data, each fact with its
//! source. The ARM client, the engine and the simulator share these *facts*
//! and nothing else; none of them finds behaviour here.

mod id;

pub use id::{IdError, ResourceId};

/// One ARM resource type.
#[derive(Debug)]
pub struct Kind {
    /// What messages call it: `private endpoint`.
    pub noun: &'static str,
    /// `Microsoft.Network/privateEndpoints`.
    pub resource_type: &'static str,
    /// The version that every request of ours names.
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
    /// Where a PUT of the parent may carry this child, as a keyed list:
    /// `properties.subnets`.
    pub embedded: Option<&'static str>,
    /// What may have only one writer at a time while this kind is written.
    pub writers: &'static [Writer],
    /// Every property that we send or read.
    pub properties: &'static [Property],
    /// Where the facts come from.
    pub source: &'static str,
}

/// What a name may be.
#[derive(Debug, Clone, Copy)]
pub struct NameRule {
    /// A regular expression over the whole name.
    pub pattern: &'static str,
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
    /// What the query must hold besides the api-version.
    pub query: &'static [(&'static str, &'static str)],
    /// Whether the name stays taken by a deleted resource that can be recovered.
    pub soft: bool,
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
/// row of their own.
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
    /// Whether another value means another resource.
    pub fixed: bool,
    /// What ARM answers with where it was not sent, as JSON text.
    pub default: Option<&'static str>,
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
    /// Any JSON.
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
}

impl Property {
    const fn new(path: &'static str, shape: Shape) -> Self {
        Self { path, shape, required: false, access: Access::ReadWrite, fixed: false, default: None }
    }

    /// ARM refuses a PUT without it.
    #[must_use]
    pub const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// Another value is another resource.
    #[must_use]
    pub const fn fixed(self) -> Self {
        Self { fixed: true, ..self }
    }

    /// What ARM answers with where it was not sent, as JSON text.
    #[must_use]
    pub const fn default(self, json: &'static str) -> Self {
        Self { default: Some(json), ..self }
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
