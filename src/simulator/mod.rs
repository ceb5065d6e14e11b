//! An Azure Resource Manager of our own, inside the binary.
//!
//! [`Simulator::handle`] answers one HTTP request in one SQLite write
//! transaction. Nothing is kept between requests and nothing runs in the
//! background: operations, delays and token buckets are rows that the next
//! request evaluates against the `now` it brings, so several processes may
//! share one state file and tests may turn the clock as they like.
//!
//! What a resource type looks like comes from [`crate::kinds`]; how ARM acts is
//! written here and nowhere else. A kind that needs more than its facts has a
//! file in `quirks/`.
//!
//! A request flows through `route` (what is asked for), `write`, `read` or
//! `delete` (what becomes of it) over `store` (the rows), and out
//! through `answer` (Azure's envelopes and headers).

mod answer;
mod behaviour;
mod body;
mod busy;
mod consistency;
mod delete;
mod door;
mod exchange;
mod faults;
mod fixed;
mod identity;
mod latency;
mod locks;
mod operation;
mod policy;
mod preview;
mod provider;
mod quirks;
mod quota;
mod read;
mod record;
mod references;
mod rights;
mod route;
mod store;
mod subscription;
mod validate;
mod write;

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use http::{Request, Response};
use rusqlite::{Connection, TransactionBehavior};

pub use behaviour::{Behaviour, Denied, Effect, Policy, Remedy};
pub use door::{ClientCertificate, Credentials, Door, host_names, is_data_plane};
pub use faults::{Delay, Fault, Script};
pub use latency::Latency;

use crate::kinds::{self, ResourceId};
use answer::Refusal;
use exchange::Exchange;
use store::Store;

/// The one subscription there is.
pub const SUBSCRIPTION: &str = "5eed0000-0000-4000-8000-000000000001";

/// The tenant that the subscription trusts.
pub const TENANT: &str = "5eed0000-0000-4000-8000-000000000002";

/// The object id of whoever sends the requests.
pub const PRINCIPAL: &str = "5eed0000-0000-4000-8000-000000000003";

/// The application that the principal signs in as.
pub const CLIENT: &str = "5eed0000-0000-4000-8000-000000000004";

/// The host that absolute urls name when a request names none.
const HOST: &str = "management.azure.com";

/// Where a simulated Azure lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// In a SQLite file, which several processes may share.
    File(PathBuf),
    /// In this process alone, for as long as the simulator lives.
    Memory,
}

/// How a simulated Azure behaves.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where it lives.
    pub state: State,
    /// How long things take.
    pub latency: Latency,
    /// Whether unknown and read-only properties are refused (the provider and
    /// tests) or dropped, as ARM does with what other people's clients send.
    pub strict: bool,
    /// What ids and addresses are drawn from: one seed, one sequence. A state
    /// file keeps the seed it was made with.
    pub seed: u64,
    /// Where every request is written to, one JSON object a line.
    pub record: Option<PathBuf>,
    /// How Azure behaves where that is not certain, or differs.
    pub behaviour: Behaviour,
    /// What fails.
    pub faults: Vec<Fault>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            state: State::Memory,
            latency: Latency::Instant,
            strict: true,
            seed: 0,
            record: None,
            behaviour: Behaviour::default(),
            faults: Vec::new(),
        }
    }
}

/// Why a simulator cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder of the state file cannot be made.
    #[error("the folder of the state file {path} cannot be made: {source}")]
    Folder {
        /// The state file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The state file was written by a version with other tables.
    #[error(
        "the state file {path} has layout {found}, this version needs {needed}: \
         delete the file to begin with an empty subscription"
    )]
    Layout {
        /// The state file.
        path: PathBuf,
        /// The layout it has.
        found: i64,
        /// The layout this version reads.
        needed: i64,
    },
    /// The recording cannot be written.
    #[error("the request log {path} cannot be opened: {source}")]
    Record {
        /// The log.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// SQLite refused.
    #[error("the simulator's state cannot be opened: {0}")]
    Sqlite(#[from] rusqlite::Error),
}

/// No answer came: what a client sees as a broken connection.
#[derive(Debug, thiserror::Error)]
#[error("the simulated Azure gave no answer: {reason}")]
pub struct Dropped {
    /// Why, in words for a log.
    pub reason: String,
    /// Whether a fault wants the process that asked to end here and now.
    pub ends_process: bool,
}

impl Dropped {
    fn because(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), ends_process: false }
    }

    fn ending() -> Self {
        Self { reason: "a fault".to_owned(), ends_process: true }
    }
}

/// One resource that the simulated subscription holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Its id, spelled as it was last written.
    pub id: String,
    /// Whether Azure made it on the way (the interface of an endpoint, a
    /// record of a zone group) and takes it away with what it was made for.
    pub made_by_azure: bool,
}

/// A simulated Azure.
#[derive(Debug)]
pub struct Simulator {
    connection: Mutex<Connection>,
    settings: Settings,
}

/// What every step of one request works with.
struct Cx<'a> {
    store: Store<'a>,
    settings: &'a Settings,
    /// Milliseconds since 1970.
    now: i64,
    /// What absolute urls begin with: `https://management.azure.com`.
    base: String,
    /// How the operation that this request begins will fail, where a fault has it fail.
    failing: Option<Refusal>,
    /// Whether this is a policy's own doing, which no policy adds to.
    remedying: bool,
}

impl Simulator {
    /// Opens the state that `settings` names, making it where there is none.
    pub fn open(settings: Settings) -> Result<Self, OpenError> {
        if let Some(path) = &settings.record {
            record::open(path).map_err(|source| OpenError::Record { path: path.clone(), source })?;
        }
        let connection = store::open(&settings)?;
        Ok(Self { connection: Mutex::new(connection), settings })
    }

    /// Answers `request` as Azure would at `now`.
    ///
    /// Refusals are answers; an error means that no answer came at all.
    pub fn handle(&self, request: Request<Vec<u8>>, now: SystemTime) -> Result<Response<Vec<u8>>, Dropped> {
        let (head, body) = request.into_parts();
        let answered = self.transact(|connection| {
            let (base, now) = (base_url(&head), milliseconds(now));
            let store = Store::new(connection);
            let mut cx = Cx { store, settings: &self.settings, now, base, failing: None, remedying: false };
            operation::settle(&cx)?;
            let struck = faults::strike(&cx, &head)?;
            Exchange { head: &head, body: &body, struck }.answer(&mut cx)
        })?;
        if let Some(path) = &self.settings.record
            && let Ok(response) = &answered
        {
            record::append(path, &head, &body, response)
                .map_err(|error| Dropped::because(format!("the request log cannot be written: {error}")))?;
        }
        answered
    }

    /// Everything that the subscription holds, in the order it was made. The
    /// rules of a security group, the routes of a table and the definitions of
    /// a policy are parts of what they stand in.
    pub fn list(&self) -> Result<Vec<Held>, Dropped> {
        let mut held = self.transact(|connection| Store::new(connection).held())?;
        held.retain(|held| !is_part(&held.id));
        Ok(held)
    }

    /// The ids whose names are still taken by a deleted resource.
    pub fn soft_deleted(&self) -> Result<Vec<String>, Dropped> {
        self.transact(|connection| Store::new(connection).soft_deleted_ids())
    }

    /// What this subscription's tokens are signed with: random, made at the
    /// first call and kept with the state.
    fn key(&self) -> Result<String, Dropped> {
        self.transact(|connection| {
            let fresh = format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple());
            Store::new(connection).key(&fresh)
        })
    }

    fn transact<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, Dropped> {
        // A panic elsewhere leaves at worst an open transaction, which was rolled back on the way out.
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let attempt = || {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = work(&transaction)?;
            transaction.commit()?;
            Ok(done)
        };
        (attempt)().map_err(|error: rusqlite::Error| Dropped::because(error.to_string()))
    }
}

/// Whether a kind acts in ways that its facts do not say. One that does not is
/// checked, kept and answered as its table says.
#[must_use]
pub fn has_behaviour(kind: &kinds::Kind) -> bool {
    quirks::has_behaviour(kind)
}

/// What can be asked of a kind by POST, in Azure's casing.
#[must_use]
pub fn actions(kind: &kinds::Kind) -> &'static [&'static str] {
    quirks::actions(kind)
}

/// The resource types of which there may be only so many: those of a region,
/// and children in what holds them.
pub fn limits() -> impl Iterator<Item = (&'static str, u32)> {
    quota::limits()
}

/// Whether a resource is written as a part of its parent, unlike what stands in networks.
fn is_part(id: &str) -> bool {
    let kind = ResourceId::parse(id).ok().and_then(|id| kinds::find(&id.resource_type()));
    kind.is_some_and(|kind| {
        kind.embedded.is_some() && !kind.resource_type.starts_with(kinds::VIRTUAL_NETWORK.resource_type)
    })
}

/// A type in Azure's own casing, where its kind is known: clients write ids in any.
fn type_of(id: &ResourceId) -> String {
    let written = id.resource_type();
    kinds::find(&written).map_or(written, |kind| kind.resource_type.to_owned())
}

/// What absolute urls in answers begin with: the host that the client spoke to.
fn base_url(head: &http::request::Parts) -> String {
    let host = head
        .uri
        .authority()
        .map(ToString::to_string)
        .or_else(|| head.headers.get(http::header::HOST).and_then(|v| v.to_str().ok()).map(str::to_owned))
        .unwrap_or_else(|| HOST.to_owned());
    format!("{}://{host}", head.uri.scheme_str().unwrap_or("https"))
}

fn milliseconds(at: SystemTime) -> i64 {
    match at.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
        Err(_) => 0,
    }
}

/// Milliseconds since 1970 as ARM writes times: `2026-11-22T01:15:40.000Z`.
fn timestamp(milliseconds: i64) -> String {
    use time::format_description::well_known::Rfc3339;
    time::OffsetDateTime::from_unix_timestamp_nanos(i128::from(milliseconds) * 1_000_000)
        .ok()
        .and_then(|at| at.format(&Rfc3339).ok())
        .unwrap_or_else(|| "1970-01-01T00:00:00Z".to_owned())
}
