//! The provider, served from this process, so that its clock and its requests
//! can be had.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::process::Command;
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, SystemTime};

use amlsecure::arm::{Clock, Request, Response, SystemClock, Transport, TransportError};
use amlsecure::protocol::{Environment as Host, Mode, ServeOptions, serve};
use amlsecure::provider::{Amlsecure, Backend, Environment, Simulated, SimulatorSettings};
use amlsecure::simulator::{self, Latency, Settings, Simulator};
use async_trait::async_trait;
use serde_json::Value as Json;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

/// The address of the example's provider.
const ADDRESS: &str = "registry.terraform.io/amlsecure/amlsecure";

/// One request, with what the chart and the bound need of it.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: String,
    /// The path of the url, in lower case.
    pub(crate) path: String,
    pub(crate) body: Json,
    /// Seconds of Azure's time since the provider was started.
    pub(crate) sent: f64,
    pub(crate) answered: f64,
    pub(crate) status: u16,
    /// Seconds that the answer asks to wait.
    pub(crate) retry_after: Option<f64>,
    /// The path of the operation that the answer announces, in lower case.
    pub(crate) operation: Option<String>,
    /// The `provisioningState` of the answer.
    pub(crate) state: Option<String>,
}

/// A provider that waits for Terraform.
pub(crate) struct Served {
    watch: Arc<Watch>,
    reattach: String,
    _runtime: Runtime,
}

impl Served {
    /// Serves the provider on a clock that runs `faster` times as fast.
    pub(crate) fn start(faster: u32) -> Self {
        let watch =
            Arc::new(Watch { clock: Fast { begun: SystemClock.now(), faster }, log: Mutex::default() });
        let provider = Amlsecure::new(Arc::new(Fake(watch.clone())), Environment::new(BTreeMap::new()));
        let (sender, announced) = mpsc::channel();
        let options = ServeOptions {
            environment: Host { temp_dir: std::env::temp_dir(), ..Host::default() },
            mode: Mode::Debug { addresses: vec![ADDRESS.to_owned()] },
            now: || SystemClock.now(),
            stdout: Box::new(Announcement(sender)),
            shutdown: CancellationToken::new(),
        };
        let runtime = Runtime::new().unwrap();
        runtime.spawn(serve(Arc::new(provider), options));
        let text = String::from_utf8(announced.recv().unwrap()).unwrap();
        let reattach = text.split('\'').nth(1).unwrap().to_owned();
        Self { watch, reattach, _runtime: runtime }
    }

    /// Terraform, told where this provider is.
    pub(crate) fn attached(&self, mut terraform: Command) -> Command {
        terraform.env("TF_REATTACH_PROVIDERS", &self.reattach);
        terraform
    }

    /// Forgets the requests so far.
    pub(crate) fn forget(&self) {
        self.watch.log.lock().unwrap().clear();
    }

    /// The requests since, in the order of their answers.
    pub(crate) fn requests(&self) -> Vec<Asked> {
        self.watch.log.lock().unwrap().clone()
    }
}

struct Announcement(mpsc::Sender<Vec<u8>>);

impl Write for Announcement {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.send(bytes.to_vec()).map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A clock that runs faster than the machine's.
#[derive(Clone, Copy)]
struct Fast {
    begun: SystemTime,
    faster: u32,
}

#[async_trait]
impl Clock for Fast {
    fn now(&self) -> SystemTime {
        self.begun + SystemClock.now().duration_since(self.begun).unwrap() * self.faster
    }

    async fn sleep(&self, duration: Duration) {
        SystemClock.sleep(duration / self.faster).await;
    }
}

struct Watch {
    clock: Fast,
    log: Mutex<Vec<Asked>>,
}

impl Watch {
    fn seconds(&self) -> f64 {
        self.clock.now().duration_since(self.clock.begun).unwrap().as_secs_f64()
    }
}

/// A simulated Azure in memory, at Azure's pace on the fast clock, watched.
struct Fake(Arc<Watch>);

impl Backend for Fake {
    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(self.0.clock)
    }

    fn azure(&self) -> Arc<dyn Transport> {
        panic!("the example is built in the simulated Azure")
    }

    fn simulated(&self, _: &SimulatorSettings) -> Result<Simulated, String> {
        let settings = Settings { latency: Latency::Real { scale: 1.0 }, ..Settings::default() };
        let simulator = Simulator::open(settings).map_err(|error| error.to_string())?;
        Ok(Simulated {
            transport: Arc::new(Watched { simulator, watch: self.0.clone() }),
            subscription_id: simulator::SUBSCRIPTION.to_owned(),
            tenant_id: simulator::TENANT.to_owned(),
        })
    }
}

struct Watched {
    simulator: Simulator,
    watch: Arc<Watch>,
}

#[async_trait]
impl Transport for Watched {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let (method, path) = (request.method().to_string(), request.uri().path().to_lowercase());
        let body = serde_json::from_slice(request.body()).unwrap_or_default();
        let sent = self.watch.seconds();
        let response = self
            .simulator
            .handle(request, self.watch.clock.now())
            .map_err(|dropped| TransportError { message: dropped.to_string(), unsent: false })?;
        let header = |name: &str| response.headers().get(name)?.to_str().ok();
        let operation = header("azure-asyncoperation").or_else(|| header("location"));
        let answer: Json = serde_json::from_slice(response.body()).unwrap_or_default();
        let asked = Asked {
            method,
            path,
            body,
            sent,
            answered: self.watch.seconds(),
            status: response.status().as_u16(),
            retry_after: header("retry-after").and_then(|text| text.parse().ok()),
            operation: operation.and_then(|url| Some(url::Url::parse(url).ok()?.path().to_lowercase())),
            state: answer.pointer("/properties/provisioningState").and_then(Json::as_str).map(str::to_owned),
        };
        self.watch.log.lock().unwrap().push(asked);
        Ok(response)
    }
}
