//! What the user set for every composite alike.

/// What the engine is told once per process.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Tags that somebody else writes and that we leave as they are.
    pub ignore_tags: IgnoreTags,
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
}
