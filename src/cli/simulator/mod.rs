//! `simulator`: the simulated Azure alone, for clients of any kind.

#![expect(clippy::print_stderr, reason = "this verb talks to a person")]

mod certificates;
mod ready;
mod server;

use std::net::{SocketAddr, ToSocketAddrs as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::SystemTime;

use clap::Args;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use self::certificates::Certificates;
use self::server::Server;
use crate::arm::{Clock as _, SystemClock};
use crate::simulator::{Door, Latency, Script, Settings, Simulator, State};

/// How the simulated Azure is started.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Where to listen; port 0 picks a free one.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:0")]
    listen: String,
    /// The file that keeps what is built, or :memory: to forget it.
    #[arg(long, value_name = "FILE", default_value = ":memory:")]
    state: String,
    /// Speak TLS, with a CA and a certificate kept in this directory and made there on first use.
    #[arg(long, value_name = "DIR")]
    tls: Option<PathBuf>,
    /// How long things take: instant, real, or real:SCALE for a fraction of what they take in Azure.
    #[arg(long, default_value = "instant")]
    latency: Latency,
    /// The failures to produce, as docs/simulator.md describes them.
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,
    /// The seed of ids and of what is left to chance.
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Refuse unknown and read-only properties, which Azure ignores.
    #[arg(long)]
    strict: bool,
    /// Answer 429 as Azure's token buckets do.
    #[arg(long)]
    throttle: bool,
    /// Append every request and its answer to this file, one JSON object a line.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Write addresses, ids and secrets to this file once requests are served. Only its owner can read it.
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
}

/// Threads that take connections. Requests are answered one after the other,
/// as each is a transaction.
const THREADS: usize = 2;

/// Serves until it is interrupted.
pub(super) fn run(options: &Options) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(THREADS).enable_all().build();
    let served = runtime
        .map_err(|error| format!("The simulated Azure cannot start: {error}"))
        .and_then(|runtime| runtime.block_on(serve(options)));
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(options: &Options) -> Result<(), String> {
    let now = SystemClock.now();
    let address = resolve(&options.listen)?;
    let certificates = match &options.tls {
        Some(directory) => Some(Certificates::at(directory, &host_of(&options.listen), now)?),
        None => None,
    };
    let settings = options.settings()?;
    if let State::File(file) = &settings.state {
        certificates::own(file).map_err(|error| format!("{} cannot be written: {error}", file.display()))?;
    }
    let simulator = Simulator::open(settings).map_err(|error| error.to_string())?;
    let known = certificates.as_ref().map(|certificates| certificates.client.clone());
    let door = Door::new(Arc::new(simulator), known).map_err(|error| error.to_string())?;
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| format!("{} cannot be listened on: {error}", options.listen))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    if !address.ip().is_loopback() {
        eprintln!(
            "Warning: everyone who reaches {address} can sign in as a managed identity and change this state."
        );
    }
    let ready = ready::Ready { address, certificates: certificates.as_ref(), door: &door };
    say!("The simulated Azure listens on {}", ready.base());
    if let Some(file) = &options.ready_file {
        ready.write(file, now).map_err(|error| format!("{} cannot be written: {error}", file.display()))?;
    }
    let acceptor = certificates.as_ref().map(|certificates| certificates.acceptor.clone());
    let stop = CancellationToken::new();
    let server = Server::new(door, acceptor, address);
    let serving = server.run(listener, stop.clone());
    tokio::pin!(serving);
    tokio::select! {
        () = &mut serving => {}
        () = interrupted() => {
            stop.cancel();
            serving.await;
        }
    }
    if let Some(file) = &options.ready_file {
        // What it says is no longer so.
        let _ = std::fs::remove_file(file);
    }
    Ok(())
}

impl Options {
    fn settings(&self) -> Result<Settings, String> {
        let script = match &self.faults {
            Some(file) => super::backend::script(file)?,
            None => Script::default(),
        };
        let mut behaviour = script.settings;
        behaviour.throttle |= self.throttle;
        Ok(Settings {
            state: if self.state == ":memory:" {
                State::Memory
            } else {
                State::File(self.state.clone().into())
            },
            latency: self.latency,
            strict: self.strict,
            seed: self.seed,
            record: self.record.clone(),
            behaviour,
            faults: script.faults,
        })
    }
}

/// The address that `HOST:PORT` names.
fn resolve(listen: &str) -> Result<SocketAddr, String> {
    let mut found = listen.to_socket_addrs().map_err(|error| format!("--listen {listen:?}: {error}"))?;
    found.next().ok_or_else(|| format!("--listen {listen:?}: the name has no address"))
}

/// The host of `HOST:PORT`, without the brackets of an IPv6 address.
fn host_of(listen: &str) -> String {
    let host = listen.rsplit_once(':').map_or(listen, |(host, _)| host);
    host.trim_start_matches('[').trim_end_matches(']').to_owned()
}

/// Waits for Ctrl-C, or for the end that a supervisor asks for.
async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

/// The time as requests bring it.
fn now() -> SystemTime {
    SystemClock.now()
}
