//! Arguments read back from what Azure holds, for an import.
//!
//! A composite's `recall` is pure. It asks [`Seen`] for what it needs; what
//! nobody has looked at is noted and answered as if it were not there, and
//! once it was looked at the recall is asked again, until it needs no more.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::kinds::{self, Cloud, Kind, ResourceId};
use crate::schema::Value;

/// Arguments by name.
pub(super) type Arguments = Vec<(&'static str, Value)>;

/// What a composite recalls.
#[derive(Debug, Default)]
pub struct Recalled {
    /// The arguments that ask for what was found. Those that are left out are
    /// null, or have their default.
    pub arguments: Arguments,
    /// Which Azure resource is which of the composite's, by key. One whose
    /// name is not the derived one gets an entry in `names`.
    pub parts: BTreeMap<String, ResourceId>,
    /// Further entries of `names`: names within bodies.
    pub names: BTreeMap<String, String>,
}

impl Recalled {
    /// Notes a name within a body, where it is not the derived one.
    pub(super) fn rename(&mut self, key: &str, found: &Value, derived: &str) {
        if let Some(found) = found.as_str().filter(|found| !found.eq_ignore_ascii_case(derived)) {
            self.names.insert(key.to_owned(), found.to_owned());
        }
    }
}

/// Somewhere to look.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Look {
    /// At the resource of this id.
    At(ResourceId),
    /// At all resources of a type directly in this one.
    In(ResourceId, &'static str),
}

/// A resource that Azure holds.
#[derive(Debug, Clone)]
pub struct Found {
    /// Its id.
    pub id: ResourceId,
    /// What Azure says of it.
    pub body: Json,
    /// Whether it carries the mark of the composite that is imported.
    pub ours: bool,
    /// Whether it carries the mark of another.
    pub foreign: bool,
}

impl Found {
    /// Whether it can be a part of the composite that `primary` stands for: of
    /// one that we built those that carry its mark are, of any other those that
    /// carry none.
    pub(super) fn belongs_to(&self, primary: &Self) -> bool {
        self.ours || !primary.ours && !self.foreign
    }
}

/// What was seen of Azure, and where to look next.
#[derive(Debug)]
pub struct Seen {
    /// Which Azure.
    pub cloud: Cloud,
    found: BTreeMap<Look, Vec<Found>>,
    next: RefCell<BTreeSet<Look>>,
}

impl Seen {
    /// Nothing yet.
    pub fn new(cloud: Cloud) -> Self {
        Self { cloud, found: BTreeMap::new(), next: RefCell::default() }
    }

    /// The resource of this id, where there is one.
    pub fn at(&self, id: &ResourceId) -> Option<&Found> {
        self.look(Look::At(id.clone())).first()
    }

    /// The resource that an import begins from.
    pub fn primary(&self, id: &ResourceId) -> Result<&Found, String> {
        self.at(id).ok_or_else(|| format!("Azure does not know {id}."))
    }

    /// The resource whose id stands at a pointer of a body.
    pub fn named(&self, body: &Json, pointer: &str) -> Option<&Found> {
        self.at(&id(body, pointer)?)
    }

    /// All resources of a kind directly in another, by id.
    pub fn within(&self, scope: &ResourceId, kind: &'static Kind) -> &[Found] {
        self.look(Look::In(scope.clone(), kind.resource_type))
    }

    fn look(&self, look: Look) -> &[Found] {
        self.found.get(&look).map_or_else(
            || {
                self.next.borrow_mut().insert(look);
                &[][..]
            },
            Vec::as_slice,
        )
    }

    /// Where a recall has asked to look since this was last asked.
    pub fn next(&self) -> BTreeSet<Look> {
        std::mem::take(&mut *self.next.borrow_mut())
    }

    /// Notes what was found there.
    pub fn note(&mut self, look: Look, mut found: Vec<Found>) {
        found.sort_by(|a, b| a.id.cmp(&b.id));
        self.found.insert(look, found);
    }
}

/// The text at a pointer; null where there is none, or nothing in it.
pub(super) fn text(body: &Json, pointer: &str) -> Value {
    match body.pointer(pointer).and_then(Json::as_str) {
        Some(text) if !text.is_empty() => text.into(),
        _ => Value::Null,
    }
}

/// The whole number at a pointer; null where there is none.
pub(super) fn number(body: &Json, pointer: &str) -> Value {
    body.pointer(pointer).and_then(Json::as_i64).map_or(Value::Null, Value::from)
}

/// The flag at a pointer, which Azure writes as one or as a word; `absent`
/// where it says nothing.
pub(super) fn flag(body: &Json, pointer: &str, absent: bool) -> Value {
    let flag = match body.pointer(pointer) {
        Some(Json::Bool(flag)) => *flag,
        Some(Json::String(word)) => word.eq_ignore_ascii_case("Enabled"),
        _ => absent,
    };
    flag.into()
}

/// The word at a pointer as it is written here, whatever its case in Azure.
pub(super) fn word(body: &Json, pointer: &str, words: &[&str]) -> Value {
    match text(body, pointer) {
        Value::String(text) => {
            let known = words.iter().find(|word| word.eq_ignore_ascii_case(&text));
            known.map_or(Value::String(text), |word| Value::from(*word))
        }
        other => other,
    }
}

/// The texts of an array at a pointer; null where there are none.
pub(super) fn texts(body: &Json, pointer: &str) -> Value {
    let all: Vec<&str> = items(body, pointer).filter_map(Json::as_str).collect();
    if all.is_empty() { Value::Null } else { Value::list(all) }
}

/// The elements of an array at a pointer.
pub(super) fn items<'b>(body: &'b Json, pointer: &str) -> impl Iterator<Item = &'b Json> {
    body.pointer(pointer).and_then(Json::as_array).into_iter().flatten()
}

/// The id at a pointer.
pub(super) fn id(body: &Json, pointer: &str) -> Option<ResourceId> {
    parsed(body.pointer(pointer)?.as_str()?)
}

/// An id of Azure's, spelt.
pub(super) fn parsed(text: &str) -> Option<ResourceId> {
    ResourceId::parse(text).ok().map(|id| spelt(&id))
}

/// An id as we write it: services answer with the types, and the words between,
/// in any case.
pub fn spelt(id: &ResourceId) -> ResourceId {
    fn again(id: &ResourceId) -> Option<ResourceId> {
        let Some(parent) = id.parent() else { return ResourceId::subscription(id.subscription_id()).ok() };
        let kind = kinds::find(&id.resource_type())?;
        Some(again(&parent)?.child(kind, id.name()))
    }
    again(id).unwrap_or_else(|| id.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::SUBNET;

    const GROUP: &str = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg";

    #[test]
    fn what_was_not_seen_is_looked_at_next_and_once() {
        let id =
            ResourceId::parse(&format!("{GROUP}/providers/Microsoft.Network/virtualNetworks/v")).unwrap();
        let mut seen = Seen::new(Cloud::Public);
        assert!(seen.at(&id).is_none() && seen.within(&id, &SUBNET).is_empty());
        let next = seen.next();
        assert_eq!(next.len(), 2);
        for look in next {
            seen.note(look, Vec::new());
        }
        assert!(seen.at(&id).is_none() && seen.within(&id, &SUBNET).is_empty());
        assert!(seen.next().is_empty());
    }

    #[test]
    fn ids_are_spelt_as_we_write_them_and_keep_their_names() {
        let lower = format!(
            "{}/providers/microsoft.network/virtualnetworks/Vnet-A/SUBNETS/s",
            GROUP.replace("resourceGroups", "resourcegroups")
        );
        let id = parsed(&lower).unwrap();
        assert_eq!(
            id.as_str(),
            format!("{GROUP}/providers/Microsoft.Network/virtualNetworks/Vnet-A/subnets/s")
        );
    }
}
