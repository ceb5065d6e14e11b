//! Long-running operations, and what they hold while they run.

use rusqlite::{Row as SqlRow, params};
use serde_json::{Value, json};

use super::{Store, resource_id};
use crate::kinds::ResourceId;

/// A long-running operation as it is stored.
#[derive(Debug, Clone)]
pub(in crate::simulator) struct Operation {
    pub(in crate::simulator) id: String,
    /// The resource it works on.
    pub(in crate::simulator) resource: ResourceId,
    /// `put`, `delete`, `delete for good`, `purge` or what a POST asked for.
    pub(in crate::simulator) verb: String,
    pub(in crate::simulator) started: i64,
    pub(in crate::simulator) ends: i64,
    pub(in crate::simulator) settled: bool,
    /// `{"code","message",…}` where it fails.
    pub(in crate::simulator) failure: Option<Value>,
    /// What the result url answers with where that is not the resource.
    pub(in crate::simulator) answer: Option<Value>,
    /// Path and query of `Azure-AsyncOperation`.
    pub(in crate::simulator) status_url: String,
    /// Path and query of `Location`.
    pub(in crate::simulator) result_url: String,
}

const OPERATION: &str = "id, resource, verb, started, ends, settled, failure, status_url, result_url, answer";

impl Store<'_> {
    pub(in crate::simulator) fn add_operation(
        self,
        operation: &Operation,
        holds: &[(String, bool)],
    ) -> rusqlite::Result<()> {
        self.run(
            "INSERT INTO operations(id, key, resource, verb, started, ends, settled, failure, status_url, result_url, \
             answer) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
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
                operation.result_url,
                operation.answer.as_ref().map(Value::to_string)
            ],
        )?;
        for (key, shared) in holds {
            self.run(
                "INSERT INTO holds(operation, key, shared) VALUES (?1, ?2, ?3)",
                params![operation.id, key, shared],
            )?;
        }
        Ok(())
    }

    pub(in crate::simulator) fn operation(self, id: &str) -> rusqlite::Result<Option<Operation>> {
        self.one(&format!("SELECT {OPERATION} FROM operations WHERE id = lower(?1)"), [id], operation)
    }

    /// The operations whose time has come, in the order they end.
    pub(in crate::simulator) fn due(self, now: i64) -> rusqlite::Result<Vec<Operation>> {
        self.all(
            &format!(
                "SELECT {OPERATION} FROM operations WHERE settled = 0 AND ends <= ?1 ORDER BY ends, seq"
            ),
            [now],
            operation,
        )
    }

    /// Notes that an operation is over, and lets go of what it held.
    pub(in crate::simulator) fn settle(self, id: &str, failure: Option<&Value>) -> rusqlite::Result<()> {
        self.run(
            "UPDATE operations SET settled = 1, failure = ?2 WHERE id = ?1",
            params![id, failure.map(Value::to_string)],
        )?;
        self.run("DELETE FROM holds WHERE operation = ?1", [id])?;
        Ok(())
    }

    /// Has an operation end later than it was to.
    pub(in crate::simulator) fn postpone(self, id: &str, ends: i64) -> rusqlite::Result<()> {
        self.run("UPDATE operations SET ends = ?2 WHERE id = ?1", params![id, ends])?;
        Ok(())
    }

    /// The operation that works on the resource itself.
    pub(in crate::simulator) fn running(self, key: &str) -> rusqlite::Result<Option<Operation>> {
        self.one(
            &format!(
                "SELECT {OPERATION} FROM operations WHERE settled = 0 AND key = ?1 ORDER BY seq DESC LIMIT 1"
            ),
            [key],
            operation,
        )
    }

    /// An operation that holds `key`, alone or (where `shared` counts) in company.
    pub(in crate::simulator) fn holder(self, key: &str, shared: bool) -> rusqlite::Result<Option<Operation>> {
        self.one(
            &format!(
                "SELECT {OPERATION} FROM operations WHERE id IN \
                 (SELECT operation FROM holds WHERE key = ?1 AND (shared = 0 OR ?2)) ORDER BY +seq LIMIT 1"
            ),
            params![key, shared],
            operation,
        )
    }
}

fn operation(row: &SqlRow<'_>) -> rusqlite::Result<Operation> {
    let failure: Option<String> = row.get(6)?;
    let answer: Option<String> = row.get(9)?;
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
        answer: answer.and_then(|text| serde_json::from_str(&text).ok()),
    })
}
