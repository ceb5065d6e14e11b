//! The machine that the provider runs on: its clock, its network, and the
//! simulated Azure that lives in the process.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;

use crate::arm::{Clock, HttpTransport, Request, Response, SystemClock, Transport, TransportError};
use crate::provider::{Backend, Simulated, SimulatorSettings};
use crate::simulator::{self, Delay, Simulator};

/// The real thing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Machine;

impl Backend for Machine {
    fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(SystemClock)
    }

    fn azure(&self) -> Arc<dyn Transport> {
        Arc::new(HttpTransport::new())
    }

    fn simulated(&self, settings: &SimulatorSettings) -> Result<Simulated, String> {
        simulated(settings, self.clock())
    }
}

/// Where the simulated Azure keeps what was built, unless told otherwise.
pub(super) const DEFAULT_STATE_FILE: &str = ".amlsecure/simulator.db";

/// Opens a simulated Azure and puts it behind a transport.
pub(super) fn simulated(settings: &SimulatorSettings, clock: Arc<dyn Clock>) -> Result<Simulated, String> {
    let simulator = Simulator::open(simulator_settings(settings)?).map_err(|error| error.to_string())?;
    Ok(Simulated {
        transport: Arc::new(InProcess { simulator: Arc::new(simulator), clock }),
        subscription_id: simulator::SUBSCRIPTION.to_owned(),
        tenant_id: simulator::TENANT.to_owned(),
    })
}

fn simulator_settings(settings: &SimulatorSettings) -> Result<simulator::Settings, String> {
    let state = match &settings.state_file {
        Some(file) if file.as_os_str() == ":memory:" => simulator::State::Memory,
        Some(file) => simulator::State::File(file.clone()),
        None => simulator::State::File(DEFAULT_STATE_FILE.into()),
    };
    let script = match &settings.faults_file {
        Some(file) => script(file)?,
        None => simulator::Script::default(),
    };
    let latency = settings.latency.as_deref().unwrap_or("instant").parse()?;
    Ok(simulator::Settings {
        state,
        latency,
        strict: settings.strict.unwrap_or(true),
        seed: settings.seed.unwrap_or_default(),
        record: settings.record_file.clone(),
        behaviour: script.settings,
        faults: script.faults,
    })
}

/// Reads a file of faults, or says what is wrong with it.
pub(super) fn script(file: &Path) -> Result<simulator::Script, String> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| format!("The file of faults {} cannot be read: {error}", file.display()))?;
    text.parse().map_err(|reason| format!("The file of faults {} is wrong: {reason}", file.display()))
}

/// A simulator behind the transport that the ARM client knows.
struct InProcess {
    simulator: Arc<Simulator>,
    clock: Arc<dyn Clock>,
}

#[async_trait]
impl Transport for InProcess {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        match self.simulator.handle(request, self.clock.now()) {
            Ok(response) => {
                if let Some(Delay(held_back)) = response.extensions().get() {
                    self.clock.sleep(*held_back).await;
                }
                Ok(response)
            }
            Err(dropped) if dropped.ends_process => end_process(),
            // Whether the request had its effect is what the fault is about.
            Err(dropped) => Err(TransportError { message: dropped.to_string(), unsent: false }),
        }
    }
}

/// Ends the process as a kill does: nothing is told and nothing is written.
pub(super) fn end_process() -> ! {
    std::process::abort()
}
