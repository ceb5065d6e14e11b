//! The graph of one composite: the Azure resources that it wants, what each
//! says of the others, and the order that follows from that.
//!
//! A composite's `expand` builds it from configuration alone. Bodies are
//! [`Expr`]s: JSON in which a value may come from another node once Azure has
//! answered for it, or may not be known yet.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use serde_json::Value as Json;

use super::place::all;
use crate::kinds::{Action, Kind, ResourceId, is_word};

/// What a node is called within its composite, the same from plan to plan:
/// `storage`, `storage/blob/endpoint`.
pub type Key = Arc<str>;

/// Where in the user's configuration a node or a value comes from. Opaque
/// here; `provider/` made it and can read it back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin(pub Arc<str>);

/// A text that must never be shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes charge of a secret text.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text, for the one place that sends it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

/// JSON that may hold what is not known yet.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// A value known now.
    Json(Json),
    /// A secret known now.
    Secret(Secret),
    /// An array with something in it that is not plain JSON.
    Array(Vec<Expr>),
    /// An object with something in it that is not plain JSON.
    Object(BTreeMap<String, Expr>),
    /// What Azure answers for another node, at a dotted path of its resource
    /// (`identity.principalId`); `id` is always the node's own id.
    Output(Key, Arc<str>),
    /// Texts, some of them outputs, one after the other.
    Concat(Vec<Expr>),
    /// A value of the configuration that Terraform does not know yet.
    Unknown,
    /// A value and where the user wrote it.
    At(Origin, Box<Expr>),
}

/// What is to become of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Ours: made, kept in shape, removed.
    Managed,
    /// Somebody else's: it must exist, we read it and never write it.
    Given,
}

/// How a composite comes by the approval that a node's kind needs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Consent {
    /// A write waits for it.
    #[default]
    Awaited,
    /// It is asked for, and may come later.
    Requested,
    /// It is given in the owner's place.
    Given,
}

/// What an owner reads beside an approval that was given in its place.
pub const IN_THE_OWNERS_PLACE: &str = "Approved by amlsecure";

/// One Azure resource wanted by a composite.
#[derive(Debug, Clone)]
pub struct Node {
    /// Its name within the composite.
    pub key: Key,
    /// Its type.
    pub kind: &'static Kind,
    /// Its id; `None` while something that the id is made of is not known.
    pub id: Option<ResourceId>,
    /// Ours or somebody else's.
    pub role: Role,
    /// What it should be: the body of its PUT, without tags of ours.
    pub body: Expr,
    /// What the query of its PUT says besides the api-version.
    pub query: BTreeMap<&'static str, &'static str>,
    /// What changes of it by a POST, and by no PUT.
    pub actions: Vec<&'static Action>,
    /// Nodes that must stand before it although its body does not name them.
    pub after: BTreeSet<Key>,
    /// What it must not say, where it is somebody else's.
    pub unfit: Vec<Unfit>,
    /// What leaves in doubt whether it does, where it is somebody else's.
    pub doubtful: Vec<Unfit>,
    /// How it comes by the approval that its kind needs, if it needs one.
    pub consent: Consent,
    /// Where the user asked for it.
    pub origin: Origin,
}

/// What makes a resource of somebody else's unfit for what it is given for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unfit {
    /// Where it says so, dotted; `[]` leads into a list, of which one element is enough.
    pub path: &'static str,
    /// What it says there, in any casing, `true` and `false` among the words. Without one any word will do.
    pub word: Option<&'static str>,
    /// Why that does not do, in sentences.
    pub why: &'static str,
}

impl Unfit {
    fn is_said(&self, body: &Json) -> bool {
        let is_it = |said: &Json| self.word.map_or(said.is_string(), |word| is_word(said, word));
        all(body, self.path).into_iter().any(is_it)
    }
}

impl Node {
    /// Why it cannot be what it is given for, where Azure shows that.
    #[must_use]
    pub fn is_unfit(&self, body: &Json) -> Option<&'static str> {
        self.unfit.iter().find(|unfit| unfit.is_said(body)).map(|unfit| unfit.why)
    }

    /// Why it may not do for what it is given for, where Azure shows what leaves that in doubt.
    #[must_use]
    pub fn is_doubtful(&self, body: &Json) -> Option<&'static str> {
        self.doubtful.iter().find(|unfit| unfit.is_said(body)).map(|unfit| unfit.why)
    }
}

/// The nodes of one composite, in the order in which they were added.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    nodes: Vec<Node>,
    index: BTreeMap<Key, usize>,
    primary: Option<Key>,
}

/// Names an earlier node, so that cycles cannot be written.
#[derive(Debug, Clone)]
pub struct Handle {
    key: Key,
    id: Option<ResourceId>,
}

impl Handle {
    /// The node's key.
    #[must_use]
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// The node's id, where it is known.
    #[must_use]
    pub fn known_id(&self) -> Option<&ResourceId> {
        self.id.as_ref()
    }

    /// The node's id, as a value that makes an edge to it.
    #[must_use]
    pub fn id(&self) -> Expr {
        self.output("id")
    }

    /// What Azure answers for the node at a dotted path.
    #[must_use]
    pub fn output(&self, path: &str) -> Expr {
        Expr::Output(self.key.clone(), path.into())
    }
}

impl Graph {
    /// Adds a resource of ours. A second node of the same key replaces
    /// nothing: composites derive keys from names that their rules keep
    /// apart, and the later one is dropped.
    pub fn add(
        &mut self,
        key: impl Into<Key>,
        kind: &'static Kind,
        id: Option<ResourceId>,
        body: impl Into<Expr>,
        origin: Origin,
    ) -> Handle {
        self.push(key.into(), kind, id, Role::Managed, body.into(), origin)
    }

    /// Names a resource of somebody else's, which is read and never written.
    pub fn given(
        &mut self,
        key: impl Into<Key>,
        kind: &'static Kind,
        id: Option<ResourceId>,
        origin: Origin,
    ) -> Handle {
        self.push(key.into(), kind, id, Role::Given, Expr::Json(Json::Null), origin)
    }

    fn push(
        &mut self,
        key: Key,
        kind: &'static Kind,
        id: Option<ResourceId>,
        role: Role,
        body: Expr,
        origin: Origin,
    ) -> Handle {
        let handle = Handle { key: key.clone(), id: id.clone() };
        let kind = kind.in_preview().filter(|_| speaks_in_preview(kind, &body)).unwrap_or(kind);
        if !self.index.contains_key(&key) {
            self.index.insert(key.clone(), self.nodes.len());
            self.nodes.push(Node {
                key,
                kind,
                id,
                role,
                body,
                query: BTreeMap::new(),
                actions: Vec::new(),
                after: BTreeSet::new(),
                unfit: Vec::new(),
                doubtful: Vec::new(),
                consent: Consent::default(),
                origin,
            });
        }
        handle
    }

    /// Goes on in a preview where `prior` spoke in one: what was said there
    /// can be taken back in no other version.
    pub fn keep_previews(&mut self, prior: &Self) {
        for node in &mut self.nodes {
            if let Some(before) = prior.get(&node.key)
                && before.id == node.id
                && speaks_in_preview(before.kind, &before.body)
            {
                node.kind = before.kind;
            }
        }
    }

    /// Says something in the query of the PUT of `node` that is no part of
    /// what stands then, such as what Azure leaves unchecked.
    pub fn ask(&mut self, node: &Handle, name: &'static str, value: &'static str) {
        if let Some(&at) = self.index.get(&node.key) {
            self.nodes[at].query.insert(name, value);
        }
    }

    /// Says that Azure has an action for something of `node` that no PUT changes.
    pub fn act(&mut self, node: &Handle, action: &'static Action) {
        if let Some(&at) = self.index.get(&node.key) {
            self.nodes[at].actions.push(action);
        }
    }

    /// Says what makes a given resource unfit, so that nothing is built upon one
    /// that Azure shows to be so.
    pub fn refuse(&mut self, node: &Handle, unfit: Unfit) {
        if let Some(&at) = self.index.get(&node.key) {
            self.nodes[at].unfit.push(unfit);
        }
    }

    /// Says what leaves in doubt whether a given resource does, as Azure does not
    /// show all that matters: it is told, and built upon.
    pub fn doubt(&mut self, node: &Handle, unfit: Unfit) {
        if let Some(&at) = self.index.get(&node.key) {
            self.nodes[at].doubtful.push(unfit);
        }
    }

    /// Says how `node` comes by the approval that its kind needs.
    pub fn consent(&mut self, node: &Handle, consent: Consent) {
        if let Some(&at) = self.index.get(&node.key) {
            self.nodes[at].consent = consent;
        }
    }

    /// Says that `node` must wait for `earlier` although its body does not
    /// name it. The reason stands where the call stands.
    pub fn after(&mut self, node: &Handle, earlier: &Handle) {
        let (Some(&at), Some(&before)) = (self.index.get(&node.key), self.index.get(&earlier.key)) else {
            return;
        };
        // An edge only ever points back, so there is no cycle.
        if before < at {
            self.nodes[at].after.insert(earlier.key.clone());
        }
    }

    /// The node that stands for the composite: it carries the state mark.
    pub fn set_primary(&mut self, node: &Handle) {
        self.primary = Some(node.key.clone());
    }

    /// The node that stands for the composite.
    #[must_use]
    pub fn primary(&self) -> Option<&Node> {
        self.primary.as_ref().and_then(|key| self.get(key))
    }

    /// The node of this key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.index.get(key).map(|at| &self.nodes[*at])
    }

    /// The node that Azure knows by this id.
    #[must_use]
    pub fn at(&self, id: &ResourceId) -> Option<&Node> {
        self.nodes.iter().find(|node| node.id.as_ref() == Some(id))
    }

    /// All nodes; a node stands after everything that it refers to.
    pub fn nodes(&self) -> impl DoubleEndedIterator<Item = &Node> + ExactSizeIterator {
        self.nodes.iter()
    }

    /// The nodes that we make and keep.
    pub fn managed(&self) -> impl DoubleEndedIterator<Item = &Node> {
        self.nodes.iter().filter(|node| node.role == Role::Managed)
    }

    /// The keys that `node` waits for: those its body names, those it was
    /// told to wait for, the node it lies in, and, where its parent's PUT
    /// may carry it, nothing more: the parent waits for them instead.
    #[must_use]
    pub fn waits_for(&self, node: &Node) -> BTreeSet<Key> {
        let mut keys = node.after.clone();
        node.body.references(&mut keys);
        if let Some(parent) = self.parent(node) {
            keys.insert(parent.key.clone());
        }
        for child in self.embedded_in(node) {
            child.body.references(&mut keys);
            keys.extend(child.after.iter().cloned());
        }
        keys.remove(&node.key);
        keys
    }

    /// The node of this graph that `node` lies in.
    #[must_use]
    pub fn parent(&self, node: &Node) -> Option<&Node> {
        let parent = node.id.as_ref()?.parent()?;
        self.nodes.iter().find(|other| other.id.as_ref() == Some(&parent) && other.key != node.key)
    }

    /// The children of `node` that its own PUT may carry.
    pub fn embedded_in<'a>(&'a self, node: &'a Node) -> impl Iterator<Item = &'a Node> {
        self.nodes.iter().filter(move |child| {
            child.kind.embedded.is_some()
                && child.key != node.key
                && match (&child.id, &node.id) {
                    (Some(child), Some(id)) => child.parent().as_ref() == Some(id),
                    _ => false,
                }
        })
    }
}

/// Whether `body` says what only a preview of `kind` knows.
fn speaks_in_preview(kind: &Kind, body: &Expr) -> bool {
    kind.properties.iter().any(|property| property.preview && body.says(property.path))
}

impl Expr {
    /// An object of these members.
    #[must_use]
    pub fn object<K: Into<String>>(members: impl IntoIterator<Item = (K, Expr)>) -> Self {
        Self::Object(members.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }

    /// An array of these elements.
    #[must_use]
    pub fn array(elements: impl IntoIterator<Item = Expr>) -> Self {
        Self::Array(elements.into_iter().collect())
    }

    /// Adds the keys of the nodes whose answers this needs.
    pub fn references(&self, keys: &mut BTreeSet<Key>) {
        match self {
            Self::Json(_) | Self::Secret(_) | Self::Unknown => {}
            Self::Array(items) | Self::Concat(items) => items.iter().for_each(|item| item.references(keys)),
            Self::Object(members) => members.values().for_each(|value| value.references(keys)),
            Self::Output(key, _) => {
                keys.insert(key.clone());
            }
            Self::At(_, inner) => inner.references(keys),
        }
    }

    /// Whether Terraform does not know some of it yet.
    #[must_use]
    pub fn has_unknown(&self) -> bool {
        match self {
            Self::Json(_) | Self::Secret(_) | Self::Output(..) => false,
            Self::Unknown => true,
            Self::Array(items) | Self::Concat(items) => items.iter().any(Self::has_unknown),
            Self::Object(members) => members.values().any(Self::has_unknown),
            Self::At(_, inner) => inner.has_unknown(),
        }
    }

    /// The same without its origins.
    #[must_use]
    pub fn bare(&self) -> &Self {
        match self {
            Self::At(_, inner) => inner.bare(),
            other => other,
        }
    }

    /// Whether something other than null stands at a dotted path of members.
    #[must_use]
    pub fn says(&self, path: &str) -> bool {
        let at = path.split('.').try_fold(self.bare(), |here, name| match here {
            Self::Object(members) => members.get(name).map(Self::bare),
            _ => None,
        });
        at.is_some_and(|value| *value != Self::Json(Json::Null))
    }

    /// The origin of the value at a dotted path, or of the nearest thing
    /// around it that has one. Array elements are named by position, and members
    /// in any casing: services differ in how they write them in errors.
    #[must_use]
    pub fn origin_of(&self, path: &str) -> Option<&Origin> {
        let mut found = None;
        let mut here = self;
        let mut segments = path.split(['.', '[', ']']).filter(|s| !s.is_empty());
        loop {
            while let Self::At(origin, inner) = here {
                found = Some(origin);
                here = inner;
            }
            let Some(segment) = segments.next() else { return found };
            let next = match here {
                Self::Object(members) => members.get(segment).or_else(|| {
                    let found = members.iter().find(|(name, _)| name.eq_ignore_ascii_case(segment));
                    found.map(|(_, value)| value)
                }),
                Self::Array(items) => segment.parse::<usize>().ok().and_then(|at| items.get(at)),
                _ => None,
            };
            match next {
                Some(next) => here = next,
                None => return found,
            }
        }
    }
}

impl From<Json> for Expr {
    fn from(value: Json) -> Self {
        Self::Json(value)
    }
}
impl From<&str> for Expr {
    fn from(value: &str) -> Self {
        Self::Json(value.into())
    }
}
impl From<String> for Expr {
    fn from(value: String) -> Self {
        Self::Json(value.into())
    }
}
impl From<bool> for Expr {
    fn from(value: bool) -> Self {
        Self::Json(value.into())
    }
}
impl From<i64> for Expr {
    fn from(value: i64) -> Self {
        Self::Json(value.into())
    }
}
impl From<&ResourceId> for Expr {
    fn from(value: &ResourceId) -> Self {
        Self::Json(value.as_str().into())
    }
}
impl From<Vec<Expr>> for Expr {
    fn from(items: Vec<Expr>) -> Self {
        Self::Array(items)
    }
}
