//! What the provider keeps in a plan's private bytes: that a plan creates, and
//! which resources the object that it creates will have. The delete half of a
//! replacement gets the bytes of the create plan, and knows itself by that; the
//! create plan of a replacement gets the bytes of the update plan before it. And
//! in an object's own, of which drift a refresh could tell all.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// The private bytes, read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Private {
    /// Set by a plan that updates. Where the update turns out to need a new
    /// object, the create plan that follows gets these bytes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) update: bool,
    /// Set by an import, until the first apply: what Azure does not tell apart
    /// is taken from the configuration.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) imported: bool,
    /// Set by a plan that creates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) create: Option<Creation>,
    /// Set by a refresh: the keys of drifted resources for which the arguments
    /// of the state now say all that Azure says. A configuration that agrees
    /// asks for no change: the user has followed the drift, or ignores it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(super) shown: BTreeSet<String>,
}

/// What a create plan leaves behind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Creation {
    /// The owner that the new object will be, where its id is known already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) owner: Option<String>,
    /// The ids of the resources that the new object wants; those that are not
    /// known yet are left out.
    pub(super) keeps: Vec<String>,
}

impl Private {
    /// Bytes of another provider, or of none, read as nothing.
    pub(super) fn read(bytes: &[u8]) -> Self {
        serde_json::from_slice(bytes).unwrap_or_default()
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_bytes_are_read_and_ours_survive(
            bytes in prop::collection::vec(any::<u8>(), 0..64),
            owner: Option<String>,
            keeps: Vec<String>,
        ) {
            let _ = Private::read(&bytes);
            let create = Some(Creation { owner, keeps });
            let ours = Private { update: true, create, ..Private::default() };
            prop_assert_eq!(Private::read(&ours.bytes()), ours);
        }
    }
}
