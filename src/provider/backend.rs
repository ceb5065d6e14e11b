//! What stands behind the ARM client: the network and its clock, or a
//! simulated Azure. `main` and the tests choose.

use std::path::PathBuf;
use std::sync::Arc;

use crate::arm::{Clock, Transport};

/// Makes transports. Nothing is opened before it is asked for.
pub trait Backend: Send + Sync {
    /// The clock of everything.
    fn clock(&self) -> Arc<dyn Clock>;
    /// The way to the real Azure.
    fn azure(&self) -> Arc<dyn Transport>;
    /// A simulated Azure, or why there cannot be one.
    fn simulated(&self, settings: &SimulatorSettings) -> Result<Simulated, String>;
}

/// A simulated Azure, ready to be asked.
pub struct Simulated {
    /// The way to it.
    pub transport: Arc<dyn Transport>,
    /// The one subscription that it holds.
    pub subscription_id: String,
    /// The tenant that the subscription belongs to.
    pub tenant_id: String,
}

/// What the provider block says of the simulated Azure.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SimulatorSettings {
    /// Where it keeps what was built; `:memory:` forgets it with the process.
    pub state_file: Option<PathBuf>,
    /// `instant`, `real`, or `real:SCALE`.
    pub latency: Option<String>,
    /// Where every request is recorded.
    pub record_file: Option<PathBuf>,
    /// Where its faults are listed.
    pub faults_file: Option<PathBuf>,
    /// The seed of what it leaves to chance.
    pub seed: Option<u64>,
    /// Whether it refuses what Azure would ignore.
    pub strict: Option<bool>,
}
