//! Whether a name obeys its kind's rule.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use regex::Regex;

use super::NameRule;

/// The patterns of the tables, compiled once each. A table's pattern that does
/// not compile fails the tests, and admits nothing here.
static COMPILED: RwLock<Option<HashMap<&'static str, Option<Regex>>>> = RwLock::new(None);

impl NameRule {
    /// Whether `name` is allowed: its length in characters, then the pattern.
    #[must_use]
    pub fn admits(&self, name: &str) -> bool {
        let (shortest, longest) = self.length;
        if !(shortest..=longest).contains(&name.chars().count()) {
            return false;
        }
        let known = COMPILED.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(pattern) = known.as_ref().and_then(|known| known.get(self.pattern)) {
            return pattern.as_ref().is_some_and(|pattern| pattern.is_match(name));
        }
        drop(known);
        let pattern = Regex::new(self.pattern).ok();
        let admitted = pattern.as_ref().is_some_and(|pattern| pattern.is_match(name));
        let mut known = COMPILED.write().unwrap_or_else(PoisonError::into_inner);
        known.get_or_insert_default().insert(self.pattern, pattern);
        admitted
    }
}

#[cfg(test)]
mod tests {
    use super::super::{
        A_RECORD, COMPUTE, CONTAINER_REGISTRY, KEY_VAULT, LOG_ANALYTICS, NEW_COMPUTE, PRIVATE_DNS_ZONE,
        RESOURCE_GROUP, STORAGE_ACCOUNT, SUBNET, WORKSPACE,
    };
    use super::*;

    fn check(rule: &NameRule, good: &[&str], bad: &[&str]) {
        for name in good {
            assert!(rule.admits(name), "{name:?} should be allowed: {}", rule.words);
        }
        for name in bad {
            assert!(!rule.admits(name), "{name:?} should be refused: {}", rule.words);
        }
    }

    #[test]
    fn storage_account_names_are_short_and_lower_case() {
        check(
            &STORAGE_ACCOUNT.name,
            &["st1", "stmlops0001", "a23456789012345678901234"],
            &["st", "stMlops", "st-mlops", "a234567890123456789012345", ""],
        );
    }

    #[test]
    fn vault_names_have_no_two_hyphens_in_a_row() {
        check(&KEY_VAULT.name, &["kv-mlops-0001", "kv1"], &["kv--1", "1kv", "kv-", "kv", "kv_1"]);
    }

    #[test]
    fn names_of_new_computes_do_not_end_in_a_hyphen_and_digits() {
        let older = ["cpu-1", "a-b-22", "abcdefghijklmnopqrstuvwxy"];
        let never = ["1cpu", "my_cluster", "ab"];
        check(
            &NEW_COMPUTE,
            &["cpu", "cpu1", "gpu-a100x", "a-1-b", "abc-"],
            &[&older[..], &never[..]].concat(),
        );
        check(&COMPUTE.name, &older, &never);
        assert!(!COMPUTE.name.admits(&"a".repeat(33)));
    }

    #[test]
    fn resource_groups_may_not_end_with_a_full_stop() {
        check(&RESOURCE_GROUP.name, &["rg", "rg.(a)_-", "グループ"], &["rg.", "", "rg/1"]);
    }

    #[test]
    fn private_dns_zones_have_two_labels_at_least() {
        check(
            &PRIVATE_DNS_ZONE.name,
            &["privatelink.api.azureml.ms", "a.b", "Privatelink.Blob.core.windows.net"],
            &["local", "a..b", "-a.b", "a.b."],
        );
        check(&A_RECORD.name, &["@", "*", "*.a", "host", "host.sub", "a--b"], &["", "a.", "*a", "a..b"]);
    }

    #[test]
    fn the_other_rules_hold_at_their_ends() {
        check(&WORKSPACE.name, &["mlw", "1_-"], &["ml", "_ml", "mlw.1"]);
        check(&CONTAINER_REGISTRY.name, &["crmlops0001", "CrMlOps"], &["cr", "cr-mlops"]);
        check(&LOG_ANALYTICS.name, &["log-1"], &["log", "-log", "log-"]);
        check(&SUBNET.name, &["s", "endpoints_"], &["_s", "s-", ""]);
    }
}
