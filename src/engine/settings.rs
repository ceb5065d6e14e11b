//! What the user set for every composite alike.

use super::ownership;
use crate::kinds::Kind;

/// What the engine is told once per process.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Tags that somebody else writes and that we leave as they are.
    pub ignore_tags: IgnoreTags,
    /// What becomes of names that Azure keeps of the deleted.
    pub soft_delete: SoftDelete,
}

/// What becomes of names that Azure keeps of the deleted. By default what we
/// deleted is recovered, and nothing is removed for good.
#[derive(Debug, Clone, Default)]
pub struct SoftDelete {
    /// The types of which nothing is brought back.
    pub abandons: Vec<&'static str>,
    /// The types of which a destroy leaves nothing behind.
    pub purges: Vec<&'static str>,
}

impl SoftDelete {
    /// Whether what was deleted of a kind is brought back.
    #[must_use]
    pub fn recovers(&self, kind: &Kind) -> bool {
        !self.abandons.contains(&kind.resource_type)
    }

    /// Whether a kind is deleted for good.
    #[must_use]
    pub fn purges(&self, kind: &Kind) -> bool {
        self.purges.contains(&kind.resource_type)
    }
}

/// Tags that are none of our business, as azurerm users know `ignore_tags`
/// from their other providers: a policy's, a cost centre's.
#[derive(Debug, Clone, Default)]
pub struct IgnoreTags {
    /// Whole names, in any casing.
    pub keys: Vec<String>,
    /// Beginnings of names, in any casing.
    pub prefixes: Vec<String>,
}

impl IgnoreTags {
    /// Whether a tag of this name is to be left as it is.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        self.keys.iter().any(|key| key.eq_ignore_ascii_case(&name))
            || self.prefixes.iter().any(|prefix| name.starts_with(&prefix.to_ascii_lowercase()))
    }

    /// Whether the member of this name, of the object at a dotted path in a body of `kind`, is a tag to be left
    /// as it is. Marks of ours never are.
    pub(super) fn leaves(&self, kind: &Kind, at: &str, name: &str) -> bool {
        kind.tags_at() == Some(at) && self.matches(name) && !ownership::is_mark(name)
    }
}
