//! Who writes what at present, among all composites of this process.
//!
//! ARM refuses two writers of one network, endpoint target or security group
//! (`AnotherOperationInProgress`, `StorageAccountOperationInProgress`); it is
//! cheaper not to ask. Another process's writers are met by the client's
//! retries.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use serde_json::Value as Json;
use tokio::sync::watch;

use super::graph::{Graph, Node};
use super::resolve::{Want, by_ids};
use crate::arm::Turn;
use crate::kinds::{Kind, ResourceId, Writer};

/// What one step must hold while it lasts: resources, each alone (`true`) or
/// in company of others that share it (`false`).
pub(crate) type Wanted = BTreeMap<ResourceId, bool>;

/// The locks of a process. Clones share them.
#[derive(Clone)]
pub(crate) struct Locks {
    held: Arc<Mutex<BTreeMap<ResourceId, Hold>>>,
    freed: Arc<watch::Sender<u64>>,
}

enum Hold {
    Alone,
    Shared(usize),
}

/// Gives back what was taken when dropped.
pub(crate) struct Guard {
    locks: Locks,
    wanted: Wanted,
}

/// What one task holds, and gives way with while it waits.
pub(crate) struct Place {
    locks: Locks,
    wanted: Wanted,
    guard: Mutex<Option<Guard>>,
}

impl Place {
    pub(crate) fn new(guard: Guard) -> Self {
        Self { locks: guard.locks.clone(), wanted: guard.wanted.clone(), guard: Mutex::new(Some(guard)) }
    }

    fn hold(&self, guard: Option<Guard>) {
        // The one before is given back after the lock on it.
        let _before =
            std::mem::replace(&mut *self.guard.lock().unwrap_or_else(PoisonError::into_inner), guard);
    }
}

#[async_trait]
impl Turn for Place {
    fn give_way(&self) {
        self.hold(None);
    }

    async fn come_back(&self) {
        let mut freed = self.locks.freed();
        loop {
            freed.borrow_and_update();
            if let Some(guard) = self.locks.try_take(&self.wanted) {
                return self.hold(Some(guard));
            }
            // The sender lives as long as the locks, so this never fails.
            let _ = freed.changed().await;
        }
    }
}

impl Default for Locks {
    fn default() -> Self {
        Self { held: Arc::default(), freed: Arc::new(watch::Sender::new(0)) }
    }
}

impl Locks {
    /// Takes all of `wanted` at once, or nothing: so nobody ever waits
    /// holding something, and there is no deadlock.
    pub(crate) fn try_take(&self, wanted: &Wanted) -> Option<Guard> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let free = wanted.iter().all(|(id, alone)| match held.get(id) {
            None => true,
            Some(Hold::Alone) => false,
            Some(Hold::Shared(_)) => !alone,
        });
        if !free {
            return None;
        }
        for (id, alone) in wanted {
            match held.get_mut(id) {
                Some(Hold::Shared(count)) => *count += 1,
                _ => {
                    held.insert(id.clone(), if *alone { Hold::Alone } else { Hold::Shared(1) });
                }
            }
        }
        Some(Guard { locks: self.clone(), wanted: wanted.clone() })
    }

    /// Changes whenever something is given back. Look at it before trying,
    /// so that nothing given back in between is missed.
    pub(crate) fn freed(&self) -> watch::Receiver<u64> {
        self.freed.subscribe()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let mut held = self.locks.held.lock().unwrap_or_else(PoisonError::into_inner);
        for id in self.wanted.keys() {
            match held.get_mut(id) {
                Some(Hold::Shared(count)) if *count > 1 => *count -= 1,
                _ => {
                    held.remove(id);
                }
            }
        }
        drop(held);
        self.locks.freed.send_modify(|count| *count = count.wrapping_add(1));
    }
}

/// What a write or deletion of `node` must hold, with `children` written
/// along with it.
pub(crate) fn wanted(graph: &Graph, node: &Node, children: &[&Node]) -> Wanted {
    let mut all = Wanted::new();
    for node in std::iter::once(node).chain(children.iter().copied()) {
        if let Some(id) = &node.id {
            of_kind(node.kind, id, &by_ids(graph, &node.body), &mut all);
        }
    }
    all
}

/// Adds what a deletion of a resource must hold as it stands, which an earlier
/// apply that fell short may have left otherwise than any graph says.
pub(crate) fn as_it_stands(kind: &Kind, id: &ResourceId, body: &Json, all: &mut Wanted) {
    of_kind(kind, id, &Want::from(body), all);
}

fn of_kind(kind: &Kind, id: &ResourceId, body: &Want, all: &mut Wanted) {
    let mut take = |id: ResourceId, alone: bool| *all.entry(id).or_insert(false) |= alone;
    for writer in kind.writers {
        match writer {
            Writer::Itself => take(id.clone(), true),
            Writer::Parent => {
                if let Some(parent) = id.parent() {
                    take(parent, true);
                }
            }
            Writer::At(path) => {
                body.texts(path)
                    .into_iter()
                    .filter_map(|text| ResourceId::parse(text).ok())
                    .for_each(|id| take(id, true));
            }
            Writer::NetworkOf(path) => {
                let subnets = body.texts(path).into_iter().filter_map(|text| ResourceId::parse(text).ok());
                subnets.filter_map(|subnet| subnet.parent()).for_each(|network| take(network, false));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(name: &str) -> ResourceId {
        ResourceId::parse(&format!(
            "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/A.B/c/{name}"
        ))
        .unwrap()
    }

    #[test]
    fn a_shared_lock_admits_company_and_no_lone_writer() {
        let locks = Locks::default();
        let first = locks.try_take(&Wanted::from([(id("net"), false)])).unwrap();
        let second = locks.try_take(&Wanted::from([(id("NET"), false)])).unwrap();
        assert!(locks.try_take(&Wanted::from([(id("net"), true)])).is_none());
        drop(first);
        assert!(locks.try_take(&Wanted::from([(id("net"), true)])).is_none());
        drop(second);
        assert!(locks.try_take(&Wanted::from([(id("net"), true)])).is_some());
    }

    #[test]
    fn nothing_is_taken_where_something_is_missing() {
        let locks = Locks::default();
        let _held = locks.try_take(&Wanted::from([(id("b"), true)])).unwrap();
        assert!(locks.try_take(&Wanted::from([(id("a"), true), (id("b"), true)])).is_none());
        assert!(locks.try_take(&Wanted::from([(id("a"), true)])).is_some());
    }

    #[test]
    fn giving_back_wakes_those_who_looked_before() {
        let locks = Locks::default();
        let guard = locks.try_take(&Wanted::from([(id("a"), true)])).unwrap();
        let freed = locks.freed();
        assert!(!freed.has_changed().unwrap());
        drop(guard);
        assert!(freed.has_changed().unwrap());
    }
}
