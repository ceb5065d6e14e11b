//! What replicas have not heard of yet, and what was counted for faults.

use rusqlite::params;
use serde_json::Value;

use super::{Store, parsed};

impl Store<'_> {
    /// Keeps a new resource from so many reads before `until`.
    pub(in crate::simulator) fn hide(self, key: &str, reads: u32, until: i64) -> rusqlite::Result<()> {
        if reads == 0 {
            self.run("DELETE FROM unseen WHERE key = ?1", [key])?;
            return Ok(());
        }
        self.run(
            "INSERT OR REPLACE INTO unseen(key, reads, until) VALUES (?1, ?2, ?3)",
            params![key, reads, until],
        )?;
        Ok(())
    }

    /// Whether this read does not see the resource yet.
    pub(in crate::simulator) fn unseen(self, key: &str, now: i64) -> rusqlite::Result<bool> {
        self.run("DELETE FROM unseen WHERE key = ?1 AND until <= ?2", params![key, now])?;
        let hidden = self.run("UPDATE unseen SET reads = reads - 1 WHERE key = ?1", [key])? > 0;
        self.run("DELETE FROM unseen WHERE key = ?1 AND reads <= 0", [key])?;
        Ok(hidden)
    }

    /// Whether a resource is kept from reads.
    pub(in crate::simulator) fn is_hidden(self, key: &str, now: i64) -> rusqlite::Result<bool> {
        let row =
            self.one("SELECT 1 FROM unseen WHERE key = ?1 AND until > ?2", params![key, now], |_| Ok(()))?;
        Ok(row.is_some())
    }

    /// Lets the next reads see a deleted resource.
    pub(in crate::simulator) fn haunt(self, key: &str, reads: u32, body: &Value) -> rusqlite::Result<()> {
        self.run(
            "INSERT OR REPLACE INTO ghosts(key, reads, body) VALUES (?1, ?2, ?3)",
            params![key, reads, body.to_string()],
        )?;
        Ok(())
    }

    /// What this read still sees of a deleted resource.
    pub(in crate::simulator) fn ghost(self, key: &str) -> rusqlite::Result<Option<Value>> {
        let seen = self.one("SELECT body FROM ghosts WHERE key = ?1", [key], |row| parsed(row, 0))?;
        self.run("UPDATE ghosts SET reads = reads - 1 WHERE key = ?1", [key])?;
        self.run("DELETE FROM ghosts WHERE key = ?1 AND reads <= 0", [key])?;
        Ok(seen)
    }

    pub(in crate::simulator) fn forget_ghost(self, key: &str) -> rusqlite::Result<()> {
        self.run("DELETE FROM ghosts WHERE key = ?1", [key])?;
        Ok(())
    }

    /// Counts a request that a rule matches: how many there were with this
    /// one, and how many were struck.
    pub(in crate::simulator) fn fault_seen(self, rule: &str, of: &str) -> rusqlite::Result<(i64, i64)> {
        self.connection
            .prepare_cached(
                "INSERT INTO faults(rule, of, seen, struck) VALUES (?1, ?2, 1, 0) \
                 ON CONFLICT(rule, of) DO UPDATE SET seen = seen + 1 RETURNING seen, struck",
            )?
            .query_row([rule, of], |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// Counts a strike.
    pub(in crate::simulator) fn fault_struck(self, rule: &str, of: &str) -> rusqlite::Result<()> {
        self.run("UPDATE faults SET struck = struck + 1 WHERE rule = ?1 AND of = ?2", [rule, of])?;
        Ok(())
    }

    /// How many resources of a type there are, counted up to `limit`.
    pub(in crate::simulator) fn count_of(self, kind: &str, limit: u32) -> rusqlite::Result<u32> {
        let found = self.one(
            "SELECT count(*) FROM (SELECT 1 FROM resources WHERE type = lower(?1) LIMIT ?2)",
            params![kind, limit],
            |row| row.get(0),
        )?;
        Ok(found.unwrap_or_default())
    }

    /// How many resources of a type there are in a region.
    pub(in crate::simulator) fn count_in_region(self, kind: &str, region: &str) -> rusqlite::Result<i64> {
        let found = self.one(
            "SELECT count(*) FROM resources WHERE type = lower(?1) AND written ->> '$.location' = ?2",
            [kind, region],
            |row| row.get(0),
        )?;
        Ok(found.unwrap_or_default())
    }
}
