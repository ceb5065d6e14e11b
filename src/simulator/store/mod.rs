//! The rows. Every function works inside the one transaction of its request.
//!
//! Keys are ids in lower case ([`ResourceId::canonical`]); what lies in a
//! resource has its key as a prefix.

mod addresses;
mod consistency;
mod deleted;
mod operations;
mod resources;

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Row as SqlRow, params};
use serde_json::Value;

pub(in crate::simulator) use deleted::Deleted;
pub(in crate::simulator) use operations::Operation;
pub(in crate::simulator) use resources::Resource;

use super::answer::{Outcome, Stop};
use super::{OpenError, Settings, State};
use crate::kinds::ResourceId;

/// The layout of the tables; another number is another layout.
const LAYOUT: i64 = 3;

/// How long a request waits for another process that is writing. A request
/// takes well under a millisecond, so this is only met by a stuck process.
const BUSY: Duration = Duration::from_secs(30);

/// How often turning write-ahead logging on is tried: SQLite does not wait by
/// itself for the lock that this takes, and several processes may begin at once.
const LOGGING_TRIES: u32 = 200;

/// The pause between these tries.
const LOGGING_PAUSE: Duration = Duration::from_millis(10);

/// Prepared statements kept: more than there are in the sources.
const STATEMENTS: usize = 128;

const TABLES: &str = "
CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE resources(
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  key TEXT NOT NULL UNIQUE, id TEXT NOT NULL,
  type TEXT NOT NULL, name TEXT NOT NULL, parent TEXT NOT NULL,
  owner TEXT, written TEXT NOT NULL, stamped TEXT NOT NULL,
  state TEXT NOT NULL, etag TEXT NOT NULL,
  created INTEGER NOT NULL, changed INTEGER NOT NULL);
CREATE INDEX resources_by_type ON resources(type, name);
CREATE INDEX resources_in_order ON resources(type, seq);
CREATE INDEX resources_by_parent ON resources(parent, type);
CREATE INDEX resources_by_owner ON resources(owner) WHERE owner IS NOT NULL;
CREATE TABLE refs(source TEXT NOT NULL, path TEXT NOT NULL, target TEXT NOT NULL);
CREATE INDEX refs_by_source ON refs(source);
CREATE INDEX refs_by_target ON refs(target);
CREATE TABLE operations(
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE, key TEXT NOT NULL, resource TEXT NOT NULL, verb TEXT NOT NULL,
  started INTEGER NOT NULL, ends INTEGER NOT NULL, settled INTEGER NOT NULL,
  failure TEXT, answer TEXT, status_url TEXT NOT NULL, result_url TEXT NOT NULL);
CREATE INDEX operations_open ON operations(settled, ends);
CREATE TABLE holds(operation TEXT NOT NULL, key TEXT NOT NULL, shared INTEGER NOT NULL);
CREATE INDEX holds_by_key ON holds(key);
CREATE INDEX holds_by_operation ON holds(operation);
CREATE TABLE addresses(
  subnet TEXT NOT NULL, address INTEGER NOT NULL, owner TEXT NOT NULL, configuration TEXT NOT NULL,
  PRIMARY KEY(subnet, address)) WITHOUT ROWID;
CREATE INDEX addresses_by_owner ON addresses(owner);
CREATE TABLE lingering(key TEXT NOT NULL, user TEXT NOT NULL, until INTEGER NOT NULL);
CREATE INDEX lingering_by_key ON lingering(key);
CREATE INDEX lingering_by_end ON lingering(until);
CREATE TABLE principals(id TEXT PRIMARY KEY, owner TEXT NOT NULL, seen INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX principals_by_owner ON principals(owner);
CREATE TABLE deleted(
  key TEXT PRIMARY KEY, id TEXT NOT NULL, type TEXT NOT NULL, name TEXT NOT NULL,
  written TEXT NOT NULL, stamped TEXT NOT NULL, at INTEGER NOT NULL, until INTEGER NOT NULL);
CREATE INDEX deleted_by_end ON deleted(until);
CREATE INDEX deleted_by_name ON deleted(type, name);
CREATE TABLE buckets(name TEXT PRIMARY KEY, tokens REAL NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE unregistered(namespace TEXT PRIMARY KEY, until INTEGER NOT NULL DEFAULT 9223372036854775807) WITHOUT ROWID;
CREATE TABLE faults(
  rule TEXT NOT NULL, of TEXT NOT NULL, seen INTEGER NOT NULL, struck INTEGER NOT NULL,
  PRIMARY KEY(rule, of)) WITHOUT ROWID;
CREATE TABLE unseen(key TEXT PRIMARY KEY, reads INTEGER NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE ghosts(key TEXT PRIMARY KEY, reads INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
";

/// Opens the state of `settings` and makes its tables where they are missing.
pub(in crate::simulator) fn open(settings: &Settings) -> Result<Connection, OpenError> {
    let mut connection = match &settings.state {
        State::Memory => Connection::open_in_memory()?,
        State::File(path) => {
            if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                std::fs::create_dir_all(folder)
                    .map_err(|source| OpenError::Folder { path: path.clone(), source })?;
            }
            let connection = Connection::open(path)?;
            connection.busy_timeout(BUSY)?;
            log_ahead(&connection)?;
            connection
        }
    };
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // A lost last second of a simulated cloud after a power cut is bearable; a torn file is not,
    // and with write-ahead logging this setting does not risk one.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let found: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    match found {
        0 => {
            transaction.execute_batch(TABLES)?;
            transaction.pragma_update(None, "user_version", LAYOUT)?;
            let mut meta = transaction.prepare("INSERT INTO meta(name, value) VALUES (?1, ?2)")?;
            meta.execute(params!["seed", settings.seed.to_string()])?;
            meta.execute(params!["serial", "0"])?;
            drop(meta);
            let mut namespaces =
                transaction.prepare("INSERT OR IGNORE INTO unregistered(namespace) VALUES (?1)")?;
            for namespace in &settings.behaviour.unregistered {
                namespaces.execute([namespace.to_ascii_lowercase()])?;
            }
        }
        LAYOUT => {}
        _ => {
            let path = match &settings.state {
                State::File(path) => path.clone(),
                State::Memory => std::path::PathBuf::new(),
            };
            return Err(OpenError::Layout { path, found, needed: LAYOUT });
        }
    }
    transaction.commit()?;
    Ok(connection)
}

fn log_ahead(connection: &Connection) -> rusqlite::Result<()> {
    let mut tries = 0;
    loop {
        tries += 1;
        match connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())) {
            Err(error) if tries < LOGGING_TRIES && is_busy(&error) => std::thread::sleep(LOGGING_PAUSE),
            done => return done,
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked};
    matches!(error.sqlite_error_code(), Some(DatabaseBusy | DatabaseLocked))
}

/// The rows, seen from inside one request.
#[derive(Clone, Copy)]
pub(in crate::simulator) struct Store<'a> {
    connection: &'a Connection,
}

impl<'a> Store<'a> {
    pub(in crate::simulator) fn new(connection: &'a Connection) -> Self {
        Self { connection }
    }

    fn run(self, sql: &str, values: impl rusqlite::Params) -> rusqlite::Result<usize> {
        self.connection.prepare_cached(sql)?.execute(values)
    }

    fn one<T>(
        self,
        sql: &str,
        values: impl rusqlite::Params,
        read: impl FnOnce(&SqlRow<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Option<T>> {
        self.connection.prepare_cached(sql)?.query_row(values, read).optional()
    }

    fn all<T>(
        self,
        sql: &str,
        values: impl rusqlite::Params,
        read: impl FnMut(&SqlRow<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Vec<T>> {
        self.connection.prepare_cached(sql)?.query_map(values, read)?.collect()
    }

    /// Does `work` as a whole or not at all.
    pub(in crate::simulator) fn attempt<T>(self, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
        self.connection.execute_batch("SAVEPOINT attempt")?;
        let done = work();
        if matches!(done, Err(Stop::Refused(_))) {
            self.connection.execute_batch("ROLLBACK TO attempt")?;
        }
        self.connection.execute_batch("RELEASE attempt")?;
        done
    }

    /// What tokens are signed with; `fresh` where there is none yet.
    pub(in crate::simulator) fn key(self, fresh: &str) -> rusqlite::Result<String> {
        self.run("INSERT OR IGNORE INTO meta(name, value) VALUES ('key', ?1)", [fresh])?;
        let key = self.one("SELECT value FROM meta WHERE name = 'key'", [], |row| row.get(0))?;
        Ok(key.unwrap_or_default())
    }

    /// The next id of the seed's sequence.
    pub(in crate::simulator) fn guid(self) -> rusqlite::Result<String> {
        let (seed, serial) = self
            .connection
            .prepare_cached(
                "UPDATE meta SET value = value + 1 WHERE name = 'serial' \
             RETURNING (SELECT value FROM meta WHERE name = 'seed'), value",
            )?
            .query_row([], |row| Ok((text(row, 0)?, text(row, 1)?)))?;
        Ok(stable_guid(&format!("{seed}/{serial}")))
    }

    /// The number of ids drawn so far: a number that never comes twice.
    pub(in crate::simulator) fn serial(self) -> rusqlite::Result<i64> {
        self.guid()?;
        self.connection
            .prepare_cached("SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'serial'")?
            .query_row([], |row| row.get(0))
    }

    /// A new etag.
    pub(in crate::simulator) fn etag(self) -> rusqlite::Result<String> {
        Ok(format!("W/\"{}\"", self.guid()?))
    }

    // notes

    /// Keeps a text under a name.
    pub(in crate::simulator) fn note(self, name: &str, text: &str) -> rusqlite::Result<()> {
        self.run("INSERT OR REPLACE INTO meta(name, value) VALUES (?1, ?2)", [name, text])?;
        Ok(())
    }

    /// The text kept under a name.
    pub(in crate::simulator) fn noted(self, name: &str) -> rusqlite::Result<Option<String>> {
        self.one("SELECT value FROM meta WHERE name = ?1", [name], |row| row.get(0))
    }

    // the directory

    /// Adds a principal that the directory shows from `seen` on.
    pub(in crate::simulator) fn add_principal(
        self,
        id: &str,
        owner: &str,
        seen: i64,
    ) -> rusqlite::Result<()> {
        self.run(
            "INSERT OR REPLACE INTO principals(id, owner, seen) VALUES (?1, ?2, ?3)",
            params![id, owner, seen],
        )?;
        Ok(())
    }

    pub(in crate::simulator) fn knows_principal(self, id: &str, now: i64) -> rusqlite::Result<bool> {
        Ok(self
            .one(
                "SELECT 1 FROM principals WHERE id = lower(?1) AND seen <= ?2",
                params![id, now],
                |_| Ok(()),
            )?
            .is_some())
    }

    // token buckets

    /// Fills the bucket for the time that passed and takes one token, which
    /// may leave it below nothing.
    pub(in crate::simulator) fn take_token(
        self,
        name: &str,
        size: f64,
        per_second: f64,
        now: i64,
    ) -> rusqlite::Result<f64> {
        self.connection
            .prepare_cached(
                "INSERT INTO buckets(name, tokens, at) VALUES (?1, ?2 - 1, ?4) ON CONFLICT(name) DO UPDATE SET \
                 tokens = max(min(?2, tokens + max(0, ?4 - at) * ?3 / 1000.0) - 1, -1), at = ?4 RETURNING tokens",
            )?
            .query_row(params![name, size, per_second, now], |row| row.get(0))
    }

    pub(in crate::simulator) fn tokens(self, name: &str, size: f64) -> rusqlite::Result<f64> {
        Ok(self.one("SELECT tokens FROM buckets WHERE name = ?1", [name], |row| row.get(0))?.unwrap_or(size))
    }

    // resource provider registration

    /// Until when the subscription is not registered for a namespace: for good
    /// ([`i64::MAX`]) unless it is being registered. `None` where it is.
    pub(in crate::simulator) fn unregistered(self, namespace: &str) -> rusqlite::Result<Option<i64>> {
        self.one("SELECT until FROM unregistered WHERE namespace = lower(?1)", [namespace], |row| row.get(0))
    }

    /// Begins a registration that takes until then.
    pub(in crate::simulator) fn register(self, namespace: &str, until: i64) -> rusqlite::Result<()> {
        self.run(
            "UPDATE unregistered SET until = ?2 WHERE namespace = lower(?1) AND until > ?2",
            params![namespace, until],
        )?;
        Ok(())
    }

    pub(in crate::simulator) fn unregister(self, namespace: &str) -> rusqlite::Result<()> {
        self.run("INSERT OR REPLACE INTO unregistered(namespace) VALUES (lower(?1))", [namespace])?;
        Ok(())
    }
}

/// A GUID that the same text always gives.
pub(in crate::simulator) fn stable_guid(text: &str) -> String {
    uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, text.as_bytes()).to_string()
}

fn text(row: &SqlRow<'_>, at: usize) -> rusqlite::Result<String> {
    use rusqlite::types::ValueRef;
    // Arithmetic on a text column gives back a number.
    Ok(match row.get_ref(at)? {
        ValueRef::Integer(number) => number.to_string(),
        other => other.as_str()?.to_owned(),
    })
}

fn resource_id(row: &SqlRow<'_>, at: usize) -> rusqlite::Result<ResourceId> {
    let text: String = row.get(at)?;
    ResourceId::parse(&text).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(at, rusqlite::types::Type::Text, Box::new(error))
    })
}

fn parsed(row: &SqlRow<'_>, at: usize) -> rusqlite::Result<Value> {
    let text = row.get_ref(at)?.as_str()?;
    serde_json::from_str(text).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(at, rusqlite::types::Type::Text, Box::new(error))
    })
}
