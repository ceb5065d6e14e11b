//! The provider over a simulated Azure of its own, with Terraform core before
//! it and a stranger's hands on the same subscription.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use amlsecure::arm::{Clock, HttpTransport, Request, Response, Transport, TransportError};
use amlsecure::kinds::{self, ResourceId};
use amlsecure::provider::{Amlsecure, Backend, Environment, Simulated, SimulatorSettings, schemas};
use amlsecure::schema::{Block, Nesting, Type, Value, json};
use amlsecure::simulator::{self, Latency, SUBSCRIPTION, Script, Settings, Simulator, TENANT};
use async_trait::async_trait;
use http::Method;
use serde_json::{Value as Json, json};
use tempfile::TempPath;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

pub(super) use super::example::*;
pub(super) use crate::contract::{Action, Applied, Core, Plan, Refusal, State};

pub(super) const GROUP: &str = "amlsecure_resource_group";
pub(super) const NETWORK: &str = "amlsecure_network";
pub(super) const DNS: &str = "amlsecure_private_dns";
pub(super) const WORKSPACE: &str = "amlsecure_workspace";
pub(super) const CLUSTER: &str = "amlsecure_compute_cluster";
pub(super) const INFERENCE: &str = "amlsecure_inference_cluster";
pub(super) const INSTANCE: &str = "amlsecure_compute_instance";
pub(super) const DATABRICKS: &str = "amlsecure_databricks_workspace";
pub(super) const CONTAINERS: &str = "amlsecure_container_group";
pub(super) const ATTACHED: &str = "amlsecure_attached_compute";

/// What stands in a configuration for a value that is not known yet.
pub(super) const UNKNOWN: &str = "(known after apply)";

/// A clock that tokio moves, from some moment on.
struct PausedClock {
    began: Instant,
    at: SystemTime,
}

impl PausedClock {
    fn from(at: SystemTime) -> Self {
        Self { began: Instant::now(), at }
    }
}

/// When a story begins that follows no other.
fn dawn() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_305_600)
}

#[async_trait]
impl Clock for PausedClock {
    fn now(&self) -> SystemTime {
        self.at + self.began.elapsed()
    }

    #[expect(clippy::disallowed_methods, reason = "tokio's time is the virtual one here")]
    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// One request of the provider, and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Exchange {
    pub(super) method: Method,
    /// The id that it is about.
    pub(super) path: String,
    pub(super) query: String,
    pub(super) status: u16,
    /// Whether something stood there before.
    pub(super) existed: bool,
    /// Whether it made what stands there now.
    pub(super) made: bool,
    pub(super) request: Json,
}

impl Exchange {
    fn is_write(&self) -> bool {
        self.method != Method::GET && self.method != Method::HEAD
    }

    /// `PUT pe-mlw-blob/privateDnsZoneGroups/default`: the verb, and the id
    /// from the first name on.
    pub(super) fn brief(&self) -> String {
        format!("{} {}", self.method, brief(&self.path))
    }
}

/// An id from its first name after the provider on, or its group's name.
pub(super) fn brief(id: &str) -> &str {
    match id.rsplit_once("/providers/") {
        Some((_, tail)) => tail.splitn(3, '/').nth(2).unwrap_or(tail),
        None => id.rsplit('/').next().unwrap_or(id),
    }
}

/// A request that is refused before it reaches the simulated Azure.
struct Refused {
    method: Method,
    /// How the id ends.
    tail: String,
    /// How often.
    times: usize,
}

/// A request at which Terraform is told to stop.
struct StopAt {
    methods: Vec<Method>,
    id: String,
    cancel: CancellationToken,
}

/// A simulated subscription, and what the provider asked of it.
pub(super) struct Azure {
    /// As strangers meet it.
    simulator: Simulator,
    /// As the provider meets it, where something is to go wrong for it.
    troubled: Option<Simulator>,
    /// Where the state lies, if it is a file.
    state: Option<TempPath>,
    clock: PausedClock,
    log: Mutex<Vec<Exchange>>,
    refused: Mutex<Vec<Refused>>,
    /// Whether each write is preceded by a look of our own, which faults would
    /// strike and buckets would count.
    looks: bool,
    stop_at: Mutex<Option<StopAt>>,
}

/// A subscription as it stood, to begin from as often as one likes.
pub(super) struct Snapshot {
    file: Vec<u8>,
    at: SystemTime,
}

impl Azure {
    fn over(
        settings: Settings,
        troubled: Option<Simulator>,
        state: Option<TempPath>,
        at: SystemTime,
    ) -> Arc<Self> {
        Arc::new(Self {
            looks: settings.faults.is_empty() && !settings.behaviour.throttle,
            simulator: Simulator::open(settings).unwrap(),
            troubled,
            state,
            clock: PausedClock::from(at),
            log: Mutex::default(),
            refused: Mutex::default(),
            stop_at: Mutex::default(),
        })
    }

    fn send(&self, simulator: &Simulator, request: Request) -> Result<Response, TransportError> {
        simulator
            .handle(request, self.clock.now())
            .map_err(|dropped| TransportError { message: dropped.to_string(), unsent: false })
    }

    /// A copy of what stands now.
    pub(super) fn snapshot(&self) -> Snapshot {
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("azure.db");
        copy_database(self.state.as_ref().expect("a bench over a file"), &copy);
        Snapshot { file: std::fs::read(&copy).unwrap(), at: self.clock.now() }
    }

    /// Cancels when the provider sends one of these methods to an id.
    pub(super) fn stop_at(&self, methods: &[Method], id: &str, cancel: CancellationToken) {
        let stop = StopAt { methods: methods.to_vec(), id: id.to_owned(), cancel };
        *self.stop_at.lock().unwrap() = Some(stop);
    }

    /// Asks as somebody else would. What takes long is over when it returns.
    /// An id may come with the version to be asked in.
    pub(super) fn ask(&self, method: Method, id: &str, body: &Json) -> (u16, Json) {
        let (id, older) = id.split_once("?api-version=").map_or((id, None), |(id, old)| (id, Some(old)));
        let newest = ResourceId::parse(id)
            .ok()
            .and_then(|id| kinds::find(&id.resource_type()))
            .map_or("2025-04-01", |kind| kind.api_version);
        let version = older.unwrap_or(newest);
        let url = format!("https://management.azure.com{id}?api-version={version}");
        let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let request = http::Request::builder().method(method).uri(url).body(bytes).unwrap();
        let (head, bytes) = self.send(&self.simulator, request).unwrap().into_parts();
        (head.status.as_u16(), serde_json::from_slice(&bytes).unwrap_or_default())
    }

    /// What stands at an id; null where nothing does.
    pub(super) fn get(&self, id: &str) -> Json {
        match self.ask(Method::GET, id, &Json::Null) {
            (200, body) => body,
            (404, _) => Json::Null,
            (status, body) => panic!("GET {id}: {status} {body}"),
        }
    }

    /// Writes as a stranger, who must succeed.
    #[track_caller]
    pub(super) fn put(&self, id: &str, body: &Json) -> Json {
        let (status, answer) = self.ask(Method::PUT, id, body);
        assert!(status < 300, "PUT {id}: {status} {answer}");
        self.get(id)
    }

    /// Deletes as a stranger; false where Azure refuses.
    pub(super) fn delete(&self, id: &str) -> bool {
        let (status, _) = self.ask(Method::DELETE, id, &Json::Null);
        status < 300 && self.get(id).is_null()
    }

    /// Changes what stands at an id as a stranger: reads it, lets `change`
    /// have it, and writes it back without what Azure alone writes.
    #[track_caller]
    pub(super) fn change(&self, id: &str, change: impl FnOnce(&mut Json)) {
        let kind = kinds::find(&ResourceId::parse(id).unwrap().resource_type()).unwrap();
        let mut body = self.get(id);
        assert!(!body.is_null(), "{id} is not there");
        change(&mut body);
        self.put(id, &writable(&body, kind.tree().root()));
    }

    /// Lets time pass.
    pub(super) async fn rest(&self, seconds: u64) {
        self.clock.sleep(Duration::from_secs(seconds)).await;
    }

    /// Refuses the next `times` requests of a method whose id ends so, for
    /// good: no policy changes its mind within a try.
    pub(super) fn refuse(&self, method: Method, tail: &str, times: usize) {
        self.refused.lock().unwrap().push(Refused { method, tail: tail.to_owned(), times });
    }

    /// What was asked since the last call.
    pub(super) fn exchanges(&self) -> Vec<Exchange> {
        std::mem::take(&mut *self.log.lock().unwrap())
    }

    /// The writes since the last call, reads left out.
    pub(super) fn writes(&self) -> Vec<Exchange> {
        self.exchanges().into_iter().filter(Exchange::is_write).collect()
    }

    /// The same in few words, sorted: their order is not promised.
    pub(super) fn written(&self) -> Vec<String> {
        let mut brief: Vec<String> = self.writes().iter().map(Exchange::brief).collect();
        brief.sort();
        brief
    }

    /// The ids of everything that somebody made, in lower case.
    pub(super) fn held(&self) -> BTreeSet<String> {
        held(&self.simulator)
    }
}

/// The ids of everything that somebody made there, in lower case. The pools of
/// a Kubernetes cluster are parts of its body.
pub(super) fn held(simulator: &Simulator) -> BTreeSet<String> {
    let held = simulator.list().unwrap().into_iter().filter(|held| !held.made_by_azure);
    held.map(|held| held.id.to_lowercase()).filter(|id| !id.contains("/agentpools/")).collect()
}

/// Copies a SQLite file whole: what is not carried over into it yet lies beside it.
pub(super) fn copy_database(from: &Path, to: &Path) {
    let connection = rusqlite::Connection::open(from).unwrap();
    connection.execute("VACUUM INTO ?1", [to.to_str().unwrap()]).unwrap();
}

#[async_trait]
impl Transport for Azure {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let query = request.uri().query().unwrap_or_default().to_owned();
        let body = serde_json::from_slice(request.body()).unwrap_or_default();
        let stands = || {
            self.looks
                && method != Method::GET
                && ResourceId::parse(&path).is_ok()
                && !self.get(&path).is_null()
        };
        let existed = stands();
        if let Some(stop) = &*self.stop_at.lock().unwrap()
            && stop.methods.contains(&method)
            && stop.id.eq_ignore_ascii_case(&path)
        {
            stop.cancel.cancel();
        }
        let refused = {
            let mut refused = self.refused.lock().unwrap();
            let mut matching = refused
                .iter_mut()
                .filter(|one| one.times > 0 && one.method == method && path.ends_with(&one.tail));
            matching.next().map(|one| one.times -= 1).is_some()
        };
        let response = if refused {
            let error = json!({ "error": {
                "code": "RequestDisallowedByPolicy",
                "message": "A policy of the test disallows this.",
            }});
            Ok(http::Response::builder().status(403).body(error.to_string().into_bytes()).unwrap())
        } else {
            Self::send(self, self.troubled.as_ref().unwrap_or(&self.simulator), request)
        };
        let status = response.as_ref().map_or(0, |response| response.status().as_u16());
        let made = !existed && stands();
        let exchange = Exchange { method, path, query, status, existed, made, request: body };
        self.log.lock().unwrap().push(exchange);
        response
    }
}

struct Behind(Arc<Azure>);

struct Shared(Arc<Azure>);

#[async_trait]
impl Clock for Shared {
    fn now(&self) -> SystemTime {
        self.0.clock.now()
    }

    async fn sleep(&self, duration: Duration) {
        self.0.clock.sleep(duration).await;
    }
}

impl Backend for Behind {
    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(Shared(self.0.clone()))
    }

    fn azure(&self) -> Arc<dyn Transport> {
        Arc::new(HttpTransport::new())
    }

    fn simulated(&self, _: &SimulatorSettings) -> Result<Simulated, String> {
        Ok(Simulated {
            transport: self.0.clone(),
            subscription_id: SUBSCRIPTION.to_owned(),
            tenant_id: TENANT.to_owned(),
        })
    }
}

/// A configured provider, the core that drives it, and its Azure.
pub(super) struct Bench {
    pub(super) core: Core,
    pub(super) azure: Arc<Azure>,
}

impl Bench {
    /// An empty subscription in which everything is over at once.
    pub(super) async fn new() -> Self {
        Self::over(Settings::default(), &json!({})).await
    }

    /// The same with what the example builds before a composite, and what strangers own.
    pub(super) async fn on_the_ground_of(self, type_name: &str) -> Self {
        self.on_the_ground_in(&Stack::example(), type_name).await
    }

    /// The same where a stack builds it.
    pub(super) async fn on_the_ground_in(self, stack: &Stack, type_name: &str) -> Self {
        strangers(&self.azure);
        self.ground(stack, type_name).await;
        self
    }

    /// The same with more in the provider block.
    pub(super) async fn with(provider: &Json) -> Self {
        Self::over(Settings::default(), provider).await
    }

    /// One in which things take as long as they do in Azure.
    pub(super) async fn slow() -> Self {
        let latency = Latency::Real { scale: 1.0 };
        Self::over(Settings { latency, ..Settings::default() }, &json!({})).await
    }

    /// One that follows a script of faults and settings.
    pub(super) async fn scripted(script: Json, latency: Latency, seed: u64) -> Self {
        let Script { settings, faults } = script.to_string().parse().unwrap();
        Self::over(Settings { behaviour: settings, faults, latency, seed, ..Settings::default() }, &json!({}))
            .await
    }

    pub(super) async fn over(settings: Settings, provider: &Json) -> Self {
        let azure = Azure::over(settings, None, None, dawn());
        Self { core: core(&azure, provider).await, azure }
    }

    /// An empty subscription of which a snapshot can be taken.
    pub(super) async fn on_file() -> Self {
        let file = tempfile::NamedTempFile::new().unwrap().into_temp_path();
        Self::at(file, dawn(), None).await
    }

    /// A subscription that goes on from a snapshot, where the provider meets
    /// what a file of faults says.
    pub(super) async fn from(snapshot: &Snapshot, faults: &Json) -> Self {
        let file = tempfile::NamedTempFile::new().unwrap().into_temp_path();
        std::fs::write(&file, &snapshot.file).unwrap();
        Self::at(file, snapshot.at, Some(faults)).await
    }

    async fn at(file: TempPath, at: SystemTime, faults: Option<&Json>) -> Self {
        let state = simulator::State::File(file.to_path_buf());
        let settings = Settings { state, ..Settings::default() };
        let troubled = faults.map(|faults| {
            let script: Script = json!({ "faults": faults }).to_string().parse().unwrap();
            let settings = Settings { faults: script.faults, behaviour: script.settings, ..settings.clone() };
            Simulator::open(settings).unwrap()
        });
        let azure = Azure::over(settings, troubled, Some(file), at);
        Self { core: core(&azure, &json!({})).await, azure }
    }

    /// The same subscription in a new process, for which nothing goes wrong.
    pub(super) async fn mended(self) -> Self {
        let Self { core: old, azure } = self;
        drop(old);
        let mut azure = Arc::into_inner(azure).expect("nobody else holds it");
        azure.troubled = None;
        azure.stop_at = Mutex::default();
        let azure = Arc::new(azure);
        Self { core: core(&azure, &json!({})).await, azure }
    }

    /// Another process that has not been sent the provider block.
    pub(super) fn unconfigured(&self) -> Core {
        unconfigured(&self.azure)
    }

    /// Another process with another provider block over the same Azure.
    pub(super) async fn reconfigured(&self, provider: &Json) -> Self {
        Self { core: core(&self.azure, provider).await, azure: self.azure.clone() }
    }

    pub(super) async fn plan(&self, type_name: &str, arguments: &Json, prior: Option<&State>) -> Plan {
        let planned = self.core.plan(type_name, config(type_name, arguments), prior).await;
        planned.unwrap_or_else(|refusal| panic!("{type_name} cannot be planned: {refusal:#?}"))
    }

    /// The errors of a plan that must be refused.
    pub(super) async fn refusal(
        &self,
        type_name: &str,
        arguments: &Json,
        prior: Option<&State>,
    ) -> Vec<String> {
        match self.core.plan(type_name, config(type_name, arguments), prior).await {
            Err(Refusal::Provider(diagnostics)) => said(&diagnostics),
            other => panic!("not refused: {other:#?}"),
        }
    }

    /// Plans and applies, whatever comes of it.
    pub(super) async fn apply(&self, type_name: &str, arguments: &Json, prior: Option<&State>) -> Applied {
        let plan = self.plan(type_name, arguments, prior).await;
        self.core.apply(plan).await.unwrap_or_else(|refusal| panic!("{type_name}: {refusal:#?}"))
    }

    /// Plans and applies, and finds the next plan empty.
    pub(super) async fn converge(&self, type_name: &str, arguments: &Json, prior: Option<&State>) -> State {
        let converged = self.core.converge(type_name, config(type_name, arguments), prior).await;
        converged.unwrap_or_else(|refusal| panic!("{type_name} does not converge: {refusal:#?}"))
    }

    /// Refreshes what must still be there.
    pub(super) async fn refresh(&self, state: &State) -> State {
        self.core.refresh(state).await.unwrap().expect("it is still there")
    }

    /// Destroys an object, which must go.
    pub(super) async fn destroy(&self, state: &State) {
        let applied = self.core.destroy(state).await.unwrap();
        assert_eq!(said(&applied.diagnostics), [""; 0]);
        assert_eq!(applied.state, None);
    }

    /// Builds a stack, each composite after those that it stands on.
    pub(super) async fn build(&self, stack: &Stack) -> BTreeMap<&'static str, State> {
        let mut states = BTreeMap::new();
        for (type_name, arguments) in stack.composites() {
            states.insert(type_name, self.converge(type_name, arguments, None).await);
        }
        self.azure.writes();
        states
    }

    /// Builds what a composite of a stack stands on.
    pub(super) async fn ground(&self, stack: &Stack, above: &str) {
        for (type_name, arguments) in stack.composites() {
            if type_name == above {
                break;
            }
            self.converge(type_name, arguments, None).await;
        }
        self.azure.writes();
    }
}

fn unconfigured(azure: &Arc<Azure>) -> Core {
    let environment = Environment::new(BTreeMap::new());
    Core::new(Arc::new(Amlsecure::new(Arc::new(Behind(azure.clone())), environment)))
}

async fn core(azure: &Arc<Azure>, provider: &Json) -> Core {
    let core = unconfigured(azure);
    let mut block = provider.clone();
    block["environment"] = json!("simulator");
    core.configure(provider_block(&block)).await.unwrap();
    core
}

/// A provider block with these arguments, all others left out.
pub(super) fn provider_block(arguments: &Json) -> Value {
    fill(&schemas().provider.block, arguments)
}

/// Errors and warnings as `path: summary`.
pub(super) fn said(diagnostics: &amlsecure::schema::Diagnostics) -> Vec<String> {
    diagnostics.0.iter().map(|one| format!("{}: {}", one.path, one.summary)).collect()
}

/// A resource block with these arguments, all others left out.
pub(super) fn config(type_name: &str, arguments: &Json) -> Value {
    fill(&schemas().resources[type_name].block, arguments)
}

fn fill(block: &Block, arguments: &Json) -> Value {
    if arguments == UNKNOWN {
        return Value::Unknown;
    }
    let given = arguments.as_object().unwrap_or_else(|| panic!("{arguments} is not a block"));
    for name in given.keys() {
        assert!(block.attribute(name).is_some() || block.nested(name).is_some(), "there is no {name:?}");
    }
    let argument = |name: &str| given.get(name).unwrap_or(&Json::Null);
    let attributes = block
        .attributes
        .iter()
        .map(|attribute| (attribute.name.clone(), typed(&attribute.ty, argument(&attribute.name))));
    let blocks = block.blocks.iter().map(|nested| {
        let value = match (nested.nesting, argument(&nested.name)) {
            (_, Json::Null) => nested.empty(),
            (Nesting::List { .. }, Json::Array(items)) => {
                Value::List(items.iter().map(|item| fill(&nested.block, item)).collect())
            }
            (_, one) => fill(&nested.block, one),
        };
        (nested.name.clone(), value)
    });
    Value::Map(attributes.chain(blocks).collect())
}

fn typed(ty: &Type, argument: &Json) -> Value {
    match (ty, argument) {
        (_, Json::String(text)) if text == UNKNOWN => Value::Unknown,
        (Type::List(element) | Type::Set(element), Json::Array(items)) => {
            Value::List(items.iter().map(|item| typed(element, item)).collect())
        }
        (Type::Map(element), Json::Object(members)) => {
            Value::Map(members.iter().map(|(key, item)| (key.clone(), typed(element, item))).collect())
        }
        _ => json::decode(ty, argument).unwrap(),
    }
}

/// The `resources` of a state or plan: the status of each key.
pub(super) fn statuses(value: &Value) -> BTreeMap<String, String> {
    let members = value.attribute("resources").as_map().expect("resources are known");
    let status = |entry: &Value| entry.attribute("status").as_str().unwrap_or("(unknown)").to_owned();
    members.iter().map(|(key, entry)| (key.clone(), status(entry))).collect()
}

/// The id of each key of `resources`.
pub(super) fn ids(value: &Value) -> BTreeMap<String, String> {
    let members = value.attribute("resources").as_map().expect("resources are known");
    let id = |entry: &Value| entry.attribute("id").as_str().unwrap_or(UNKNOWN).to_owned();
    members.iter().map(|(key, entry)| (key.clone(), id(entry))).collect()
}
