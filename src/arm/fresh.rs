//! What this process wrote a moment ago: a 404 about it is a replica of ARM
//! that has not heard of it, and says nothing about the resource.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use crate::kinds::ResourceId;

/// How long an operation, or a resource just written, may be unknown to the
/// replica that is asked: ARM spreads both over its regions.
pub(super) const UNSEEN_AT_MOST: Duration = Duration::from_secs(120);

/// The ids that were written of late, and when. Shared by all clones of a client.
#[derive(Default)]
pub(super) struct Fresh(Mutex<BTreeMap<String, SystemTime>>);

impl Fresh {
    fn with<T>(&self, act: impl FnOnce(&mut BTreeMap<String, SystemTime>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A write of this resource ended well.
    pub(super) fn written(&self, id: &ResourceId, now: SystemTime) {
        self.with(|ids| {
            ids.retain(|_, at| is_recent(*at, now));
            ids.insert(id.canonical(), now);
        });
    }

    /// It is gone, and all that lay in it: a 404 is the truth.
    pub(super) fn deleted(&self, id: &ResourceId) {
        let (own, within) = (id.canonical(), format!("{}/", id.canonical()));
        self.with(|ids| ids.retain(|id, _| *id != own && !id.starts_with(&within)));
    }

    /// Whether a replica may not have heard of it yet.
    pub(super) fn may_be_unseen(&self, id: &ResourceId, now: SystemTime) -> bool {
        self.with(|ids| ids.get(&id.canonical()).is_some_and(|at| is_recent(*at, now)))
    }
}

fn is_recent(at: SystemTime, now: SystemTime) -> bool {
    now.duration_since(at).is_ok_and(|since| since < UNSEEN_AT_MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(tail: &str) -> ResourceId {
        let group = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg";
        ResourceId::parse(&format!("{group}{tail}")).unwrap()
    }

    #[test]
    fn what_was_written_may_be_unseen_for_two_minutes_or_until_it_is_deleted() {
        let (fresh, start) = (Fresh::default(), SystemTime::UNIX_EPOCH);
        let network = id("/providers/Microsoft.Network/virtualNetworks/v");
        assert!(!fresh.may_be_unseen(&network, start));
        fresh.written(&network, start);
        assert!(fresh.may_be_unseen(&network, start + Duration::from_secs(119)));
        assert!(!fresh.may_be_unseen(&network, start + UNSEEN_AT_MOST));
        assert!(!fresh.may_be_unseen(&id(""), start), "only itself");
        fresh.deleted(&id(""));
        assert!(!fresh.may_be_unseen(&network, start), "it went with its group");
    }
}
