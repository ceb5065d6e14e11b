//! The rows. Every function works inside the one transaction of its request.
//!
//! Keys are ids in lower case ([`ResourceId::canonical`]); what lies in a
//! resource has its key as a prefix.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Row as SqlRow, params};
use serde_json::{Value, json};

use super::answer::{Outcome, Stop};
use super::{Held, OpenError, Settings, State};
use crate::kinds::ResourceId;

/// The layout of the tables; another number is another layout.
const LAYOUT: i64 = 1;

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
CREATE INDEX resources_by_parent ON resources(parent, type);
CREATE INDEX resources_by_owner ON resources(owner) WHERE owner IS NOT NULL;
CREATE TABLE refs(source TEXT NOT NULL, path TEXT NOT NULL, target TEXT NOT NULL);
CREATE INDEX refs_by_source ON refs(source);
CREATE INDEX refs_by_target ON refs(target);
CREATE TABLE operations(
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE, key TEXT NOT NULL, resource TEXT NOT NULL, verb TEXT NOT NULL,
  started INTEGER NOT NULL, ends INTEGER NOT NULL, settled INTEGER NOT NULL,
  failure TEXT, status_url TEXT NOT NULL, result_url TEXT NOT NULL);
CREATE INDEX operations_open ON operations(settled, ends);
CREATE TABLE holds(operation TEXT NOT NULL, key TEXT NOT NULL, shared INTEGER NOT NULL);
CREATE INDEX holds_by_key ON holds(key);
CREATE TABLE addresses(
  subnet TEXT NOT NULL, address INTEGER NOT NULL, owner TEXT NOT NULL, configuration TEXT NOT NULL,
  PRIMARY KEY(subnet, address)) WITHOUT ROWID;
CREATE INDEX addresses_by_owner ON addresses(owner);
CREATE TABLE lingering(key TEXT NOT NULL, user TEXT NOT NULL, until INTEGER NOT NULL);
CREATE INDEX lingering_by_key ON lingering(key);
CREATE TABLE principals(id TEXT PRIMARY KEY, owner TEXT NOT NULL, seen INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE deleted(
  key TEXT PRIMARY KEY, id TEXT NOT NULL, type TEXT NOT NULL, name TEXT NOT NULL,
  written TEXT NOT NULL, stamped TEXT NOT NULL, at INTEGER NOT NULL, until INTEGER NOT NULL);
CREATE TABLE buckets(name TEXT PRIMARY KEY, tokens REAL NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE unregistered(namespace TEXT PRIMARY KEY) WITHOUT ROWID;
";

/// Opens the state of `settings` and makes its tables where they are missing.
pub(super) fn open(settings: &Settings) -> Result<Connection, OpenError> {
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
            let mut namespaces = transaction.prepare("INSERT OR IGNORE INTO unregistered VALUES (?1)")?;
            for namespace in &settings.unregistered {
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

/// A resource as it is stored.
#[derive(Debug, Clone)]
pub(super) struct Resource {
    /// Order of creation.
    pub(super) seq: i64,
    pub(super) id: ResourceId,
    /// The key of what Azure made it for; `None` where a client made it.
    pub(super) owner: Option<String>,
    /// What was sent, cleaned, with defaults; without read-only and write-only properties.
    pub(super) written: Value,
    /// What Azure decided about it once: ids, keys, host names.
    pub(super) stamped: Value,
    /// Its `provisioningState`.
    pub(super) state: String,
    /// `W/"…"`, quotes included.
    pub(super) etag: String,
    pub(super) created: i64,
    pub(super) changed: i64,
}

impl Resource {
    /// The key that its id has everywhere.
    pub(super) fn key(&self) -> String {
        self.id.canonical()
    }
}

/// A long-running operation as it is stored.
#[derive(Debug, Clone)]
pub(super) struct Operation {
    pub(super) id: String,
    /// The resource it works on.
    pub(super) resource: ResourceId,
    /// `put`, `delete`, `delete for good` or `purge`.
    pub(super) verb: String,
    pub(super) started: i64,
    pub(super) ends: i64,
    pub(super) settled: bool,
    /// `{"code","message",…}` where it fails.
    pub(super) failure: Option<Value>,
    /// Path and query of `Azure-AsyncOperation`.
    pub(super) status_url: String,
    /// Path and query of `Location`.
    pub(super) result_url: String,
}

/// A deleted resource that still has its name.
#[derive(Debug, Clone)]
pub(super) struct Deleted {
    pub(super) id: ResourceId,
    pub(super) written: Value,
    pub(super) stamped: Value,
    pub(super) at: i64,
    pub(super) until: i64,
}

/// The rows, seen from inside one request.
#[derive(Clone, Copy)]
pub(super) struct Store<'a> {
    connection: &'a Connection,
}

const RESOURCE: &str = "seq, id, owner, written, stamped, state, etag, created, changed";

impl<'a> Store<'a> {
    pub(super) fn new(connection: &'a Connection) -> Self {
        Self { connection }
    }

    fn run(&self, sql: &str, values: impl rusqlite::Params) -> rusqlite::Result<usize> {
        self.connection.prepare_cached(sql)?.execute(values)
    }

    fn one<T>(
        &self,
        sql: &str,
        values: impl rusqlite::Params,
        read: impl FnOnce(&SqlRow<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Option<T>> {
        self.connection.prepare_cached(sql)?.query_row(values, read).optional()
    }

    fn all<T>(
        &self,
        sql: &str,
        values: impl rusqlite::Params,
        read: impl FnMut(&SqlRow<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Vec<T>> {
        self.connection.prepare_cached(sql)?.query_map(values, read)?.collect()
    }

    /// Does `work` as a whole or not at all.
    pub(super) fn attempt<T>(&self, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
        self.connection.execute_batch("SAVEPOINT attempt")?;
        let done = work();
        if matches!(done, Err(Stop::Refused(_))) {
            self.connection.execute_batch("ROLLBACK TO attempt")?;
        }
        self.connection.execute_batch("RELEASE attempt")?;
        done
    }

    // ids

    /// The next id of the seed's sequence.
    pub(super) fn guid(&self) -> rusqlite::Result<String> {
        let (seed, serial) = self.connection.prepare_cached(
            "UPDATE meta SET value = value + 1 WHERE name = 'serial' \
             RETURNING (SELECT value FROM meta WHERE name = 'seed'), value",
        )?.query_row([], |row| Ok((text(row, 0)?, text(row, 1)?)))?;
        Ok(stable_guid(&format!("{seed}/{serial}")))
    }

    /// The number of ids drawn so far: a number that never comes twice.
    pub(super) fn serial(&self) -> rusqlite::Result<i64> {
        self.guid()?;
        self.connection
            .prepare_cached("SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'serial'")?
            .query_row([], |row| row.get(0))
    }

    /// A new etag.
    pub(super) fn etag(&self) -> rusqlite::Result<String> {
        Ok(format!("W/\"{}\"", self.guid()?))
    }

    // resources

    pub(super) fn resource(&self, key: &str) -> rusqlite::Result<Option<Resource>> {
        self.one(&format!("SELECT {RESOURCE} FROM resources WHERE key = ?1"), [key], resource)
    }

    pub(super) fn exists(&self, key: &str) -> rusqlite::Result<bool> {
        Ok(self.one("SELECT 1 FROM resources WHERE key = ?1", [key], |_| Ok(()))?.is_some())
    }

    /// Writes a resource, new or not.
    pub(super) fn save(&self, resource: &Resource) -> rusqlite::Result<()> {
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

    pub(super) fn set_state(&self, key: &str, state: &str) -> rusqlite::Result<()> {
        self.run("UPDATE resources SET state = ?2 WHERE key = ?1", params![key, state])?;
        Ok(())
    }

    /// Gives a resource a new etag, as a write beneath it does.
    pub(super) fn touch(&self, key: &str) -> rusqlite::Result<()> {
        self.run("UPDATE resources SET etag = ?2 WHERE key = ?1", params![key, self.etag()?])?;
        Ok(())
    }

    /// Removes one resource, with its references, addresses and principals.
    pub(super) fn remove(&self, key: &str) -> rusqlite::Result<()> {
        self.run("DELETE FROM resources WHERE key = ?1", [key])?;
        self.run("DELETE FROM refs WHERE source = ?1", [key])?;
        self.run("DELETE FROM principals WHERE owner = ?1", [key])?;
        self.release(key)
    }

    /// The resources directly in `parent` of one type.
    pub(super) fn children(&self, parent: &str, kind: &str) -> rusqlite::Result<Vec<Resource>> {
        self.all(
            &format!("SELECT {RESOURCE} FROM resources WHERE parent = ?1 AND type = ?2 ORDER BY seq"),
            params![parent, kind.to_ascii_lowercase()],
            resource,
        )
    }

    pub(super) fn count_children(&self, parent: &str, kind: &str) -> rusqlite::Result<i64> {
        self.connection
            .prepare_cached("SELECT count(*) FROM resources WHERE parent = ?1 AND type = ?2")?
            .query_row(params![parent, kind.to_ascii_lowercase()], |row| row.get(0))
    }

    /// Everything beneath `key`, deepest first.
    pub(super) fn beneath(&self, key: &str) -> rusqlite::Result<Vec<Resource>> {
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
    pub(super) fn owned(&self, owner: &str) -> rusqlite::Result<Vec<Resource>> {
        self.all(
            &format!("SELECT {RESOURCE} FROM resources WHERE owner = ?1 ORDER BY seq"),
            [owner],
            resource,
        )
    }

    /// A page of the resources after `after` that lie beneath `scope` and have
    /// the type, where one is given.
    pub(super) fn page(
        &self,
        scope: &str,
        kind: Option<&str>,
        after: i64,
        limit: usize,
    ) -> rusqlite::Result<Vec<Resource>> {
        self.all(
            &format!(
                "SELECT {RESOURCE} FROM resources WHERE seq > ?3 AND key > ?1 || '/' AND key < ?1 || '0' \
                 AND (?2 IS NULL OR type = ?2) ORDER BY seq LIMIT ?4"
            ),
            params![scope, kind.map(str::to_ascii_lowercase), after, i64::try_from(limit).unwrap_or(i64::MAX)],
            resource,
        )
    }

    /// The resources of one type and name, wherever they are.
    pub(super) fn named(&self, kind: &str, name: &str) -> rusqlite::Result<Vec<Resource>> {
        self.all(
            &format!("SELECT {RESOURCE} FROM resources WHERE type = ?1 AND name = ?2 ORDER BY seq"),
            params![kind.to_ascii_lowercase(), name.to_ascii_lowercase()],
            resource,
        )
    }

    pub(super) fn held(&self) -> rusqlite::Result<Vec<Held>> {
        self.all("SELECT id, owner IS NOT NULL FROM resources ORDER BY seq", [], |row| {
            Ok(Held { id: row.get(0)?, made_by_azure: row.get(1)? })
        })
    }

    // references

    /// Replaces what `source` refers to.
    pub(super) fn refer(&self, source: &str, references: &[(&str, String)]) -> rusqlite::Result<()> {
        self.run("DELETE FROM refs WHERE source = ?1", [source])?;
        for (path, target) in references {
            self.run("INSERT INTO refs(source, path, target) VALUES (?1, ?2, ?3)", params![source, path, target])?;
        }
        Ok(())
    }

    /// The resources of one type that refer to `target`.
    pub(super) fn referrers(&self, target: &str, kind: &str) -> rusqlite::Result<Vec<Resource>> {
        self.all(
            &format!(
                "SELECT {RESOURCE} FROM resources WHERE type = ?2 AND key IN \
                 (SELECT source FROM refs WHERE target = ?1) ORDER BY seq"
            ),
            params![target, kind.to_ascii_lowercase()],
            resource,
        )
    }

    // addresses

    /// The addresses of `subnet` that are taken.
    pub(super) fn taken_addresses(&self, subnet: &str) -> rusqlite::Result<Vec<u32>> {
        self.all("SELECT address FROM addresses WHERE subnet = ?1 ORDER BY address", [subnet], |row| row.get(0))
    }

    pub(super) fn take_address(
        &self,
        subnet: &str,
        address: u32,
        owner: &str,
        configuration: &str,
    ) -> rusqlite::Result<()> {
        self.run(
            "INSERT INTO addresses(subnet, address, owner, configuration) VALUES (?1, ?2, ?3, ?4)",
            params![subnet, address, owner, configuration],
        )?;
        Ok(())
    }

    /// Gives back every address of `owner`.
    pub(super) fn release(&self, owner: &str) -> rusqlite::Result<()> {
        self.run("DELETE FROM addresses WHERE owner = ?1", [owner])?;
        Ok(())
    }

    /// The ids of the ip configurations that hold addresses of `subnet`.
    pub(super) fn configurations(&self, subnet: &str) -> rusqlite::Result<Vec<String>> {
        self.all(
            "SELECT configuration FROM addresses WHERE subnet = ?1 GROUP BY configuration ORDER BY min(address)",
            [subnet],
            |row| row.get(0),
        )
    }

    /// The subnets and configurations in which `owner` holds addresses.
    pub(super) fn addresses_of(&self, owner: &str) -> rusqlite::Result<Vec<(String, u32, String)>> {
        self.all(
            "SELECT subnet, address, configuration FROM addresses WHERE owner = ?1 ORDER BY address",
            [owner],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
    }

    /// Keeps `user` visible at `key` until the time has come.
    pub(super) fn linger(&self, key: &str, user: &str, until: i64) -> rusqlite::Result<()> {
        self.run("INSERT INTO lingering(key, user, until) VALUES (?1, ?2, ?3)", params![key, user, until])?;
        Ok(())
    }

    /// Who is still seen at `key`.
    pub(super) fn lingering(&self, key: &str, now: i64) -> rusqlite::Result<Vec<String>> {
        self.run("DELETE FROM lingering WHERE until <= ?1", [now])?;
        self.all("SELECT user FROM lingering WHERE key = ?1", [key], |row| row.get(0))
    }

    // the directory

    /// Adds a principal that the directory shows from `seen` on.
    pub(super) fn add_principal(&self, id: &str, owner: &str, seen: i64) -> rusqlite::Result<()> {
        self.run("INSERT OR REPLACE INTO principals(id, owner, seen) VALUES (?1, ?2, ?3)", params![id, owner, seen])?;
        Ok(())
    }

    pub(super) fn knows_principal(&self, id: &str, now: i64) -> rusqlite::Result<bool> {
        Ok(self
            .one("SELECT 1 FROM principals WHERE id = lower(?1) AND seen <= ?2", params![id, now], |_| Ok(()))?
            .is_some())
    }

    // operations

    pub(super) fn add_operation(&self, operation: &Operation, holds: &[(String, bool)]) -> rusqlite::Result<()> {
        self.run(
            "INSERT INTO operations(id, key, resource, verb, started, ends, settled, failure, status_url, result_url) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            params![
                operation.id,
                operation.resource.canonical(),
                operation.resource.as_str(),
                operation.verb,
                operation.started,
                operation.ends,
                operation.settled,
                operation.failure.as_ref().map(Value::to_string),
                operation.status_url,
                operation.result_url
            ],
        )?;
        for (key, shared) in holds {
            self.run("INSERT INTO holds(operation, key, shared) VALUES (?1, ?2, ?3)", params![operation.id, key, shared])?;
        }
        Ok(())
    }

    pub(super) fn operation(&self, id: &str) -> rusqlite::Result<Option<Operation>> {
        self.one(&format!("SELECT {OPERATION} FROM operations WHERE id = lower(?1)"), [id], operation)
    }

    /// The operations whose time has come, in the order they end.
    pub(super) fn due(&self, now: i64) -> rusqlite::Result<Vec<Operation>> {
        self.all(
            &format!("SELECT {OPERATION} FROM operations WHERE settled = 0 AND ends <= ?1 ORDER BY ends, seq"),
            [now],
            operation,
        )
    }

    /// Notes that an operation is over, and lets go of what it held.
    pub(super) fn settle(&self, id: &str, failure: Option<&Value>) -> rusqlite::Result<()> {
        self.run(
            "UPDATE operations SET settled = 1, failure = ?2 WHERE id = ?1",
            params![id, failure.map(Value::to_string)],
        )?;
        self.run("DELETE FROM holds WHERE operation = ?1", [id])?;
        Ok(())
    }

    /// The operation that works on the resource itself.
    pub(super) fn running(&self, key: &str) -> rusqlite::Result<Option<Operation>> {
        self.one(
            &format!("SELECT {OPERATION} FROM operations WHERE settled = 0 AND key = ?1 ORDER BY seq DESC LIMIT 1"),
            [key],
            operation,
        )
    }

    /// An operation that holds `key`, alone or (where `shared` counts) in company.
    pub(super) fn holder(&self, key: &str, shared: bool) -> rusqlite::Result<Option<Operation>> {
        self.one(
            &format!(
                "SELECT {OPERATION} FROM operations WHERE id IN \
                 (SELECT operation FROM holds WHERE key = ?1 AND (shared = 0 OR ?2)) ORDER BY seq LIMIT 1"
            ),
            params![key, shared],
            operation,
        )
    }

    // soft-deleted names

    pub(super) fn bury(&self, resource: &Resource, at: i64, until: i64) -> rusqlite::Result<()> {
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

    pub(super) fn forget(&self, key: &str) -> rusqlite::Result<()> {
        self.run("DELETE FROM deleted WHERE key = ?1", [key])?;
        Ok(())
    }

    /// Forgets the deleted whose retention is over.
    pub(super) fn forget_expired(&self, now: i64) -> rusqlite::Result<()> {
        self.run("DELETE FROM deleted WHERE until <= ?1", [now])?;
        Ok(())
    }

    pub(super) fn deleted(&self, key: &str) -> rusqlite::Result<Option<Deleted>> {
        self.one(&format!("SELECT {DELETED} FROM deleted WHERE key = ?1"), [key], deleted)
    }

    /// The deleted resources of one type, or the one of them with this name.
    pub(super) fn deleted_of(&self, kind: &str, name: Option<&str>) -> rusqlite::Result<Vec<Deleted>> {
        self.all(
            &format!("SELECT {DELETED} FROM deleted WHERE type = ?1 AND (?2 IS NULL OR name = ?2) ORDER BY at, key"),
            params![kind.to_ascii_lowercase(), name.map(str::to_ascii_lowercase)],
            deleted,
        )
    }

    pub(super) fn soft_deleted_ids(&self) -> rusqlite::Result<Vec<String>> {
        self.all("SELECT id FROM deleted ORDER BY at, key", [], |row| row.get(0))
    }

    // tokens

    /// Fills the bucket for the time that passed and takes one token, which
    /// may leave it below nothing.
    pub(super) fn take_token(&self, name: &str, size: f64, per_second: f64, now: i64) -> rusqlite::Result<f64> {
        self.connection
            .prepare_cached(
                "INSERT INTO buckets(name, tokens, at) VALUES (?1, ?2 - 1, ?4) ON CONFLICT(name) DO UPDATE SET \
                 tokens = max(min(?2, tokens + max(0, ?4 - at) * ?3 / 1000.0) - 1, -1), at = ?4 RETURNING tokens",
            )?
            .query_row(params![name, size, per_second, now], |row| row.get(0))
    }

    pub(super) fn tokens(&self, name: &str, size: f64) -> rusqlite::Result<f64> {
        Ok(self.one("SELECT tokens FROM buckets WHERE name = ?1", [name], |row| row.get(0))?.unwrap_or(size))
    }

    // resource provider registration

    pub(super) fn is_registered(&self, namespace: &str) -> rusqlite::Result<bool> {
        Ok(self
            .one("SELECT 1 FROM unregistered WHERE namespace = lower(?1)", [namespace], |_| Ok(()))?
            .is_none())
    }

    pub(super) fn register(&self, namespace: &str, registered: bool) -> rusqlite::Result<()> {
        if registered {
            self.run("DELETE FROM unregistered WHERE namespace = lower(?1)", [namespace])?;
        } else {
            self.run("INSERT OR IGNORE INTO unregistered VALUES (lower(?1))", [namespace])?;
        }
        Ok(())
    }
}

const OPERATION: &str = "id, resource, verb, started, ends, settled, failure, status_url, result_url";
const DELETED: &str = "id, written, stamped, at, until";

/// A GUID that the same text always gives.
pub(super) fn stable_guid(text: &str) -> String {
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
    ResourceId::parse(&text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(at, rusqlite::types::Type::Text, Box::new(error)))
}

fn parsed(row: &SqlRow<'_>, at: usize) -> rusqlite::Result<Value> {
    let text = row.get_ref(at)?.as_str()?;
    serde_json::from_str(text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(at, rusqlite::types::Type::Text, Box::new(error)))
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

fn operation(row: &SqlRow<'_>) -> rusqlite::Result<Operation> {
    let failure: Option<String> = row.get(6)?;
    Ok(Operation {
        id: row.get(0)?,
        resource: resource_id(row, 1)?,
        verb: row.get(2)?,
        started: row.get(3)?,
        ends: row.get(4)?,
        settled: row.get(5)?,
        failure: failure.map(|text| serde_json::from_str(&text).unwrap_or(json!({ "code": text }))),
        status_url: row.get(7)?,
        result_url: row.get(8)?,
    })
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
