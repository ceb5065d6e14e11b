//! The resources, and what they refer to.

use rusqlite::{Row as SqlRow, params};
use serde_json::Value;

use super::{Store, parsed, resource_id};
use crate::kinds::ResourceId;
use crate::simulator::Held;

/// A resource as it is stored.
#[derive(Debug, Clone)]
pub(in crate::simulator) struct Resource {
    /// Order of creation.
    pub(in crate::simulator) seq: i64,
    pub(in crate::simulator) id: ResourceId,
    /// The key of what Azure made it for; `None` where a client made it.
    pub(in crate::simulator) owner: Option<String>,
    /// What was sent, cleaned, with defaults; without read-only and write-only properties.
    pub(in crate::simulator) written: Value,
    /// What Azure decided about it once: ids, keys, host names.
    pub(in crate::simulator) stamped: Value,
    /// Its `provisioningState`.
    pub(in crate::simulator) state: String,
    /// `W/"…"`, quotes included.
    pub(in crate::simulator) etag: String,
    pub(in crate::simulator) created: i64,
    pub(in crate::simulator) changed: i64,
}

impl Resource {
    /// The key that its id has everywhere.
    pub(in crate::simulator) fn key(&self) -> String {
        self.id.canonical()
    }
}

const RESOURCE: &str = "seq, id, owner, written, stamped, state, etag, created, changed";

impl Store<'_> {
    pub(in crate::simulator) fn resource(self, key: &str) -> rusqlite::Result<Option<Resource>> {
        self.one(&format!("SELECT {RESOURCE} FROM resources WHERE key = ?1"), [key], resource)
    }

    pub(in crate::simulator) fn exists(self, key: &str) -> rusqlite::Result<bool> {
        Ok(self.one("SELECT 1 FROM resources WHERE key = ?1", [key], |_| Ok(()))?.is_some())
    }

    /// Writes a resource, new or not.
    pub(in crate::simulator) fn save(self, resource: &Resource) -> rusqlite::Result<()> {
        let id = &resource.id;
        let parent = id.parent().map(|parent| parent.canonical()).unwrap_or_default();
        self.run(
            "INSERT INTO resources(key, id, type, name, parent, owner, written, stamped, state, etag, created, changed) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) \
             ON CONFLICT(key) DO UPDATE SET id = ?2, owner = ?6, written = ?7, stamped = ?8, state = ?9, \
             etag = ?10, changed = ?12",
            params![
                id.canonical(),
                id.as_str(),
                id.resource_type().to_ascii_lowercase(),
                id.name().to_ascii_lowercase(),
                parent,
                resource.owner,
                resource.written.to_string(),
                resource.stamped.to_string(),
                resource.state,
                resource.etag,
                resource.created,
                resource.changed
            ],
        )?;
        Ok(())
    }

    pub(in crate::simulator) fn set_state(self, key: &str, state: &str) -> rusqlite::Result<()> {
        self.run("UPDATE resources SET state = ?2 WHERE key = ?1", params![key, state])?;
        Ok(())
    }

    /// Gives a resource a new etag, as a write beneath it does.
    pub(in crate::simulator) fn touch(self, key: &str) -> rusqlite::Result<()> {
        self.run("UPDATE resources SET etag = ?2 WHERE key = ?1", params![key, self.etag()?])?;
        Ok(())
    }

    /// Removes one resource, with its references, addresses and principals.
    pub(in crate::simulator) fn remove(self, key: &str) -> rusqlite::Result<()> {
        self.run("DELETE FROM resources WHERE key = ?1", [key])?;
        self.run("DELETE FROM refs WHERE source = ?1", [key])?;
        self.run("DELETE FROM principals WHERE owner = ?1", [key])?;
        self.release(key)
    }

    /// The resources directly in `parent` of one type.
    pub(in crate::simulator) fn children(self, parent: &str, kind: &str) -> rusqlite::Result<Vec<Resource>> {
        self.all(
            &format!("SELECT {RESOURCE} FROM resources WHERE parent = ?1 AND type = ?2 ORDER BY seq"),
            params![parent, kind.to_ascii_lowercase()],
            resource,
        )
    }

    pub(in crate::simulator) fn count_children(self, parent: &str, kind: &str) -> rusqlite::Result<i64> {
        self.connection
            .prepare_cached("SELECT count(*) FROM resources WHERE parent = ?1 AND type = ?2")?
            .query_row(params![parent, kind.to_ascii_lowercase()], |row| row.get(0))
    }

    /// Everything beneath `key`, deepest first.
    pub(in crate::simulator) fn beneath(self, key: &str) -> rusqlite::Result<Vec<Resource>> {
        self.all(
            &format!(
                "SELECT {RESOURCE} FROM resources WHERE key > ?1 || '/' AND key < ?1 || '0' \
                 ORDER BY length(key) DESC, seq DESC"
            ),
            [key],
            resource,
        )
    }

    /// The resources that Azure made for `owner`.
    pub(in crate::simulator) fn owned(self, owner: &str) -> rusqlite::Result<Vec<Resource>> {
        self.all(
            &format!("SELECT {RESOURCE} FROM resources WHERE owner = ?1 ORDER BY seq"),
            [owner],
            resource,
        )
    }

    /// A page of the resources after `after` that lie beneath `scope` and have
    /// the type, where one is given. What is read grows with the group, never
    /// with the subscription.
    pub(in crate::simulator) fn page(
        self,
        scope: &str,
        kind: Option<&str>,
        after: i64,
        limit: usize,
    ) -> rusqlite::Result<Vec<Resource>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let kind = kind.map(str::to_ascii_lowercase);
        // The plus keeps SQLite from an index that would read what lies in no page.
        let beneath = "key > ?1 || '/' AND key < ?1 || '0'";
        let held = "+key > ?1 || '/' AND +key < ?1 || '0'";
        let of_all = scope.strip_prefix("/subscriptions/").is_some_and(|rest| !rest.contains('/'));
        match (kind, of_all) {
            (Some(kind), true) => self.all(
                &format!(
                    "SELECT {RESOURCE} FROM resources WHERE type = ?2 AND seq > ?3 AND {held} ORDER BY seq LIMIT ?4"
                ),
                params![scope, kind, after, limit],
                resource,
            ),
            (Some(kind), false) => self.all(
                &format!(
                    "SELECT {RESOURCE} FROM resources WHERE {beneath} AND +type = ?2 AND +seq > ?3 \
                     ORDER BY +seq LIMIT ?4"
                ),
                params![scope, kind, after, limit],
                resource,
            ),
            (None, true) => self.all(
                &format!("SELECT {RESOURCE} FROM resources WHERE seq > ?2 AND {held} ORDER BY seq LIMIT ?3"),
                params![scope, after, limit],
                resource,
            ),
            (None, false) => self.all(
                &format!(
                    "SELECT {RESOURCE} FROM resources WHERE {beneath} AND +seq > ?2 ORDER BY +seq LIMIT ?3"
                ),
                params![scope, after, limit],
                resource,
            ),
        }
    }

    /// The resources of one type and name, wherever they are.
    pub(in crate::simulator) fn named(self, kind: &str, name: &str) -> rusqlite::Result<Vec<Resource>> {
        self.all(
            &format!("SELECT {RESOURCE} FROM resources WHERE type = ?1 AND name = ?2 ORDER BY seq"),
            params![kind.to_ascii_lowercase(), name.to_ascii_lowercase()],
            resource,
        )
    }

    /// The resources of one type, wherever they are.
    pub(in crate::simulator) fn of_type(self, kind: &str) -> rusqlite::Result<Vec<Resource>> {
        self.all(
            &format!("SELECT {RESOURCE} FROM resources WHERE type = ?1 ORDER BY seq"),
            [kind.to_ascii_lowercase()],
            resource,
        )
    }

    pub(in crate::simulator) fn held(self) -> rusqlite::Result<Vec<Held>> {
        self.all("SELECT id, owner IS NOT NULL FROM resources ORDER BY seq", [], |row| {
            Ok(Held { id: row.get(0)?, made_by_azure: row.get(1)? })
        })
    }

    // references

    /// Replaces what `source` refers to.
    pub(in crate::simulator) fn refer(
        self,
        source: &str,
        references: &[(&str, String)],
    ) -> rusqlite::Result<()> {
        self.run("DELETE FROM refs WHERE source = ?1", [source])?;
        for (path, target) in references {
            self.run(
                "INSERT INTO refs(source, path, target) VALUES (?1, ?2, ?3)",
                params![source, path, target],
            )?;
        }
        Ok(())
    }

    /// The resources of one type that refer to `target`.
    pub(in crate::simulator) fn referrers(self, target: &str, kind: &str) -> rusqlite::Result<Vec<Resource>> {
        self.all(
            &format!(
                "SELECT {RESOURCE} FROM resources WHERE +type = ?2 AND key IN \
                 (SELECT source FROM refs WHERE target = ?1) ORDER BY +seq"
            ),
            params![target, kind.to_ascii_lowercase()],
            resource,
        )
    }
}

fn resource(row: &SqlRow<'_>) -> rusqlite::Result<Resource> {
    Ok(Resource {
        seq: row.get(0)?,
        id: resource_id(row, 1)?,
        owner: row.get(2)?,
        written: parsed(row, 3)?,
        stamped: parsed(row, 4)?,
        state: row.get(5)?,
        etag: row.get(6)?,
        created: row.get(7)?,
        changed: row.get(8)?,
    })
}
