//! Names that are still taken by a deleted resource.

use rusqlite::{Row as SqlRow, params};
use serde_json::Value;

use super::Resource;
use super::{Store, parsed, resource_id};
use crate::kinds::ResourceId;

/// A deleted resource that still has its name.
#[derive(Debug, Clone)]
pub(in crate::simulator) struct Deleted {
    pub(in crate::simulator) id: ResourceId,
    pub(in crate::simulator) written: Value,
    pub(in crate::simulator) stamped: Value,
    pub(in crate::simulator) at: i64,
    pub(in crate::simulator) until: i64,
}

const DELETED: &str = "id, written, stamped, at, until";

impl Store<'_> {
    pub(in crate::simulator) fn bury(self, resource: &Resource, at: i64, until: i64) -> rusqlite::Result<()> {
        let id = &resource.id;
        self.run(
            "INSERT OR REPLACE INTO deleted(key, id, type, name, written, stamped, at, until) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                id.canonical(),
                id.as_str(),
                id.resource_type().to_ascii_lowercase(),
                id.name().to_ascii_lowercase(),
                resource.written.to_string(),
                resource.stamped.to_string(),
                at,
                until
            ],
        )?;
        Ok(())
    }

    pub(in crate::simulator) fn forget(self, key: &str) -> rusqlite::Result<()> {
        self.run("DELETE FROM deleted WHERE key = ?1", [key])?;
        Ok(())
    }

    /// Forgets the deleted whose retention is over.
    pub(in crate::simulator) fn forget_expired(self, now: i64) -> rusqlite::Result<()> {
        self.run("DELETE FROM deleted WHERE until <= ?1", [now])?;
        Ok(())
    }

    pub(in crate::simulator) fn deleted(self, key: &str) -> rusqlite::Result<Option<Deleted>> {
        self.one(&format!("SELECT {DELETED} FROM deleted WHERE key = ?1"), [key], deleted)
    }

    /// The deleted resources of one type, or the one of them with this name.
    pub(in crate::simulator) fn deleted_of(
        self,
        kind: &str,
        name: Option<&str>,
    ) -> rusqlite::Result<Vec<Deleted>> {
        self.all(
            &format!(
                "SELECT {DELETED} FROM deleted WHERE type = ?1 AND (?2 IS NULL OR name = ?2) ORDER BY at, key"
            ),
            params![kind.to_ascii_lowercase(), name.map(str::to_ascii_lowercase)],
            deleted,
        )
    }

    pub(in crate::simulator) fn soft_deleted_ids(self) -> rusqlite::Result<Vec<String>> {
        self.all("SELECT id FROM deleted ORDER BY at, key", [], |row| row.get(0))
    }
}

fn deleted(row: &SqlRow<'_>) -> rusqlite::Result<Deleted> {
    Ok(Deleted {
        id: resource_id(row, 0)?,
        written: parsed(row, 1)?,
        stamped: parsed(row, 2)?,
        at: row.get(3)?,
        until: row.get(4)?,
    })
}
