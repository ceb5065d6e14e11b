//! A network that follows a script, and a clock that tokio moves.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use amlsecure::arm::{
    Anonymous, Call, Client, Clock, Limits, Request, Response, Settings, Transport, TransportError,
};
use amlsecure::kinds::{Delete, Kind, NameRule, Put, ResourceId, Style, Tags, Unique, Update};
use async_trait::async_trait;
use serde_json::Value as Json;
use tokio::time::Instant;
use uuid::Uuid;

pub(super) const ENDPOINT: &str = "https://management.azure.com";
pub(super) const SUBSCRIPTION: &str = "/subscriptions/00000000-0000-0000-0000-000000000001";
pub(super) const GROUP: &str = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg";
pub(super) const NETWORK: &str = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v";
/// Where operations of the network are watched.
pub(super) const OPERATION: &str = "/subscriptions/00000000-0000-0000-0000-000000000001/providers/Microsoft.Network/locations/x/operations/o";

pub(super) static NETWORKS: Kind = Kind {
    noun: "virtual network",
    resource_type: "Microsoft.Network/virtualNetworks",
    api_version: "2025-01-01",
    name: NameRule { pattern: ".*", length: (1, 260), words: "anything", unique: Unique::Scope },
    tags: Tags::AtMost(50),
    put: Put { created: 201, updated: 200, style: Style::AsyncOperation, seconds: 5 },
    update: Update::Put,
    delete: Delete { status: 202, style: Style::AsyncOperation, seconds: 5, query: &[], kept: None },
    embedded: None,
    writers: &[],
    properties: &[],
    source: "a test",
};

pub(super) fn network() -> ResourceId {
    ResourceId::parse(NETWORK).unwrap()
}

pub(super) fn group() -> ResourceId {
    ResourceId::parse(GROUP).unwrap()
}

/// A url as services put it into headers.
pub(super) fn url(path: &str) -> String {
    format!("{ENDPOINT}{path}")
}

/// What the network does with a request.
pub(super) enum Reply {
    Answer(Response),
    /// It is sent, and no answer comes back.
    Lost,
    /// Nobody takes it.
    Unsent,
    /// It takes so long.
    Slow(Duration, Response),
}

/// An answer with a body.
#[expect(clippy::needless_pass_by_value, reason = "scripts are easier to read without the &")]
pub(super) fn json(status: u16, body: Json) -> Answer {
    Answer(http::Response::builder().status(status).body(body.to_string().into_bytes()).unwrap())
}

/// An answer without one.
pub(super) fn empty(status: u16) -> Answer {
    Answer(http::Response::builder().status(status).body(Vec::new()).unwrap())
}

/// ARM's error body.
pub(super) fn refusal(status: u16, code: &str) -> Answer {
    json(status, serde_json::json!({"error": {"code": code, "message": format!("{code} says ARM.")}}))
}

pub(super) struct Answer(Response);

impl Answer {
    pub(super) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.0.headers_mut().insert(name, value.parse().unwrap());
        self
    }

    pub(super) fn slow(self, seconds: u64) -> Reply {
        Reply::Slow(Duration::from_secs(seconds), self.0)
    }
}

impl From<Answer> for Reply {
    fn from(answer: Answer) -> Self {
        Self::Answer(answer.0)
    }
}

/// One request as it came.
pub(super) struct Seen {
    /// Since the start.
    pub(super) at: Duration,
    pub(super) request: Request,
}

struct Inner {
    start: Instant,
    steps: Mutex<VecDeque<(String, Reply)>>,
    seen: Mutex<Vec<Seen>>,
}

/// The network. Each request must be the script's next.
#[derive(Clone)]
pub(super) struct Script(Arc<Inner>);

impl Script {
    pub(super) fn new() -> Self {
        Self(Arc::new(Inner { start: Instant::now(), steps: Mutex::default(), seen: Mutex::default() }))
    }

    /// Then comes `line` (`PUT /subscriptions/...`, without the query).
    pub(super) fn on(self, line: impl Into<String>, reply: impl Into<Reply>) -> Self {
        self.0.steps.lock().unwrap().push_back((line.into(), reply.into()));
        self
    }

    /// The same, so many times.
    pub(super) fn times(self, times: usize, line: &str, reply: impl Fn() -> Answer) -> Self {
        (0..times).fold(self, |script, _| script.on(line, reply()))
    }

    pub(super) fn client(&self) -> Client {
        self.client_with(Limits::default())
    }

    pub(super) fn client_with(&self, limits: Limits) -> Client {
        Client::new(Settings {
            endpoint: ENDPOINT.parse().unwrap(),
            authorize: Arc::new(Anonymous),
            transport: Arc::new(self.clone()),
            clock: Arc::new(VirtualClock::default()),
            user_agent: "amlsecure/test".to_owned(),
            limits,
        })
    }

    /// That every step was taken; returns the requests.
    pub(super) fn done(&self) -> Vec<Seen> {
        let left: Vec<_> = self.0.steps.lock().unwrap().iter().map(|step| step.0.clone()).collect();
        assert!(left.is_empty(), "never asked: {left:#?}");
        std::mem::take(&mut self.0.seen.lock().unwrap())
    }

    /// The whole seconds at which the requests came.
    pub(super) fn seconds(&self) -> Vec<u64> {
        self.done().iter().map(|seen| seen.at.as_secs()).collect()
    }
}

#[async_trait]
impl Transport for Script {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let line = format!("{} {}", request.method(), request.uri().path());
        let (want, reply) =
            self.0.steps.lock().unwrap().pop_front().unwrap_or_else(|| panic!("not in the script: {line}"));
        assert_eq!(line, want, "out of the script's order");
        let at = self.0.start.elapsed();
        self.0.seen.lock().unwrap().push(Seen { at, request });
        let gone = |unsent| TransportError { message: "the wire is cut".to_owned(), unsent };
        match reply {
            Reply::Answer(response) => Ok(response),
            Reply::Lost => Err(gone(false)),
            Reply::Unsent => Err(gone(true)),
            Reply::Slow(duration, response) => {
                VirtualClock::default().sleep(duration).await;
                Ok(response)
            }
        }
    }
}

/// Begins at a fixed date and runs as tokio's time does.
pub(super) struct VirtualClock(Instant);

impl Default for VirtualClock {
    fn default() -> Self {
        Self(Instant::now())
    }
}

/// The date at which virtual time begins: 2026-01-01.
pub(super) fn epoch() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600)
}

#[async_trait]
impl Clock for VirtualClock {
    fn now(&self) -> SystemTime {
        epoch() + self.0.elapsed()
    }

    #[expect(clippy::disallowed_methods, reason = "this is a clock")]
    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

pub(super) fn call() -> Call {
    Call::new(Uuid::from_u128(7))
}

/// A call that gives up so many seconds after the start.
pub(super) fn call_of(seconds: u64) -> Call {
    Call { deadline: Some(epoch() + Duration::from_secs(seconds)), ..call() }
}

/// A resource as ARM shows it in this state.
pub(super) fn resource(state: &str) -> Json {
    serde_json::json!({"id": NETWORK, "name": "v", "properties": {"provisioningState": state}})
}
