//! What the provider keeps in a plan's private bytes: that a plan creates, and
//! which resources the object that it creates will have. The delete half of a
//! replacement gets the bytes of the create plan, and knows itself by that; the
//! create plan of a replacement gets the bytes of the update plan before it.

use serde::{Deserialize, Serialize};

/// The private bytes, read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Private {
    /// Set by a plan that updates. Where the update turns out to need a new
    /// object, the create plan that follows gets these bytes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) update: bool,
    /// Set by a plan that creates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) create: Option<Creation>,
}

/// What a create plan leaves behind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Creation {
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
        fn any_bytes_are_read_and_ours_survive(bytes in prop::collection::vec(any::<u8>(), 0..64), keeps: Vec<String>) {
            let _ = Private::read(&bytes);
            let ours = Private { update: true, create: Some(Creation { keeps }) };
            prop_assert_eq!(Private::read(&ours.bytes()), ours);
        }
    }
}
