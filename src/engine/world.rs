//! What Azure was seen to hold: one observation per resource.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value as Json;

use super::graph::Key;
use crate::arm;
use crate::kinds::ResourceId;

/// What ARM said about one resource.
#[derive(Clone)]
pub enum Observation {
    /// It does not exist.
    Absent,
    /// The read failed, so nothing is known: neither made nor deleted upon.
    Unknown(arm::Error),
    /// It exists, and this is its body.
    Present(Json),
}

impl Observation {
    /// The body, where there is one.
    #[must_use]
    pub fn body(&self) -> Option<&Json> {
        match self {
            Self::Present(body) => Some(body),
            Self::Absent | Self::Unknown(_) => None,
        }
    }
}

/// Bodies may hold what must not be shown, so only their presence is printed.
impl fmt::Debug for Observation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("Absent"),
            Self::Unknown(error) => write!(f, "Unknown({error})"),
            Self::Present(_) => f.write_str("Present(..)"),
        }
    }
}

/// The observations of a composite's resources, found by node key or by id.
///
/// They are kept by id, as a node of the earlier graph may have had another
/// id under the same key; [`World::get`] answers for the later one.
#[derive(Debug, Clone, Default)]
pub struct World {
    keys: BTreeMap<Key, ResourceId>,
    seen: BTreeMap<ResourceId, Observation>,
}

impl World {
    /// What is known of the node of this key; `None` where nobody looked.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Observation> {
        self.seen.get(self.keys.get(key)?)
    }

    /// What is known of the resource of this id; `None` where nobody looked.
    #[must_use]
    pub fn of(&self, id: &ResourceId) -> Option<&Observation> {
        self.seen.get(id)
    }

    /// The body of the resource of this id, where it is known to exist.
    #[must_use]
    pub fn body(&self, id: &ResourceId) -> Option<&Json> {
        self.of(id).and_then(Observation::body)
    }

    /// Notes what is known of a node; a later note of the same key or id wins.
    pub fn note(&mut self, key: &Key, id: &ResourceId, observation: Observation) {
        self.keys.insert(key.clone(), id.clone());
        self.seen.insert(id.clone(), observation);
    }

    /// Notes what became of a resource without saying whose key it has.
    pub(super) fn note_id(&mut self, id: &ResourceId, observation: Observation) {
        self.seen.insert(id.clone(), observation);
    }

    /// Notes that a resource is gone, and with it all that lay in it.
    pub(super) fn note_gone(&mut self, id: &ResourceId) {
        for (inner, seen) in &mut self.seen {
            if inner.within(id) {
                *seen = Observation::Absent;
            }
        }
    }

    /// Every key with its id and what is known of it, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&Key, &ResourceId, &Observation)> {
        self.keys.iter().filter_map(|(key, id)| self.seen.get(id).map(|seen| (key, id, seen)))
    }

    /// Whether every resource looked at is known to be absent.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.seen.values().all(|seen| matches!(seen, Observation::Absent))
    }
}
