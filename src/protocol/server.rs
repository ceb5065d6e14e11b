//! Serves a provider: from the handshake to the end of the process.

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde_json::json;
use tokio_util::sync::CancellationToken;
use tonic::transport::Server;

use super::environment::Environment;
use super::host::Host;
use super::listener::{Address, Listener};
use super::proto::health::health_server::HealthServer;
use super::proto::plugin::grpc_broker_server::GrpcBrokerServer;
use super::proto::plugin::grpc_controller_server::GrpcControllerServer;
use super::proto::plugin::grpc_stdio_server::GrpcStdioServer;
use super::proto::tfplugin5::provider_server::ProviderServer;
use super::service::Service;
use super::{crash, handshake, log, tls};
use crate::provider::rpc::Provider;

/// The largest message, both ways. Terraform's own providers have this limit;
/// tonic's default of 4 MiB is less than a large state.
const MAX_MESSAGE: usize = 256 << 20;

/// How long running requests and open connections may take to end after
/// Shutdown. Terraform kills the process after 2 seconds.
const GRACE: Duration = Duration::from_secs(1);

/// How to serve.
pub struct ServeOptions {
    /// What the host says.
    pub environment: Environment,
    /// Who starts this process.
    pub mode: Mode,
    /// The time of day, for the certificate.
    pub now: fn() -> SystemTime,
    /// Where the handshake goes: the process's stdout.
    pub stdout: Box<dyn Write + Send>,
    /// Ends the server when cancelled, as the host's Shutdown does.
    pub shutdown: CancellationToken,
}

/// Who starts the process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// Terraform, once for each walk.
    Plugin,
    /// A person, who then tells Terraform where to find it: without cookie and
    /// TLS, for any number of Terraform runs.
    Debug {
        /// The source addresses under which configurations ask for the
        /// provider, with host.
        addresses: Vec<String>,
    },
}

/// Why a provider could not be served.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Somebody started the binary by hand.
    #[error(
        "This is a Terraform provider, which Terraform starts itself; it does nothing by hand.\nName it in a \
         `required_providers` block and run `terraform init`, or start it with `--debug` to attach Terraform \
         to it."
    )]
    NotTerraform,
    /// The process cannot hear signals.
    #[error("cannot hear signals: {0}")]
    Signals(#[source] io::Error),
    /// There is no address to listen on.
    #[error("cannot listen: {0}")]
    Listen(#[source] io::Error),
    /// TLS could not be set up.
    #[error(transparent)]
    Tls(#[from] tls::TlsError),
    /// The host could not be told where we are.
    #[error("cannot write the handshake: {0}")]
    Handshake(#[source] io::Error),
    /// The server failed.
    #[error("cannot serve: {0}")]
    Transport(#[from] tonic::transport::Error),
}

/// Serves a provider for the rest of the process: with Terraform's log on
/// stderr, with panics shown as Terraform expects them, and deaf to the
/// interrupt that a terminal sends to Terraform and all it started.
pub async fn run(
    provider: Arc<dyn Provider>,
    environment: Environment,
    mode: Mode,
    now: fn() -> SystemTime,
) -> ExitCode {
    log::install(&environment, now);
    crash::install_hook();
    let shutdown = CancellationToken::new();
    let heard = hear_signals(&mode, shutdown.clone()).map_err(ServeError::Signals);
    let options = ServeOptions { environment, mode, now, stdout: Box::new(io::stdout()), shutdown };
    let served = match heard {
        Ok(()) => serve(provider, options).await,
        Err(error) => Err(error),
    };
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing can be done where even that fails.
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

/// Under Terraform, hears interrupts and does nothing: Terraform says Stop and
/// waits for what runs. A person's interrupt, or a termination, ends the
/// server. Both hold from the return of this on.
fn hear_signals(mode: &Mode, shutdown: CancellationToken) -> io::Result<()> {
    #[cfg(unix)]
    let mut interrupt = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())?;
    #[cfg(windows)]
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    if *mode == Mode::Plugin {
        tokio::spawn(async move { while interrupt.recv().await.is_some() {} });
        return Ok(());
    }
    #[cfg(unix)]
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    #[cfg(windows)]
    let mut terminate = tokio::signal::windows::ctrl_close()?;
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        shutdown.cancel();
    });
    Ok(())
}

/// Serves a provider until the host's Shutdown or that of the options. Takes
/// connections before it tells anybody where.
pub async fn serve(provider: Arc<dyn Provider>, mut options: ServeOptions) -> Result<(), ServeError> {
    let environment = &options.environment;
    if options.mode == Mode::Plugin && !environment.has_cookie() {
        return Err(ServeError::NotTerraform);
    }
    let listener = Listener::bind(environment).await.map_err(ServeError::Listen)?;
    let tls = match (&options.mode, &environment.client_certificate) {
        (Mode::Plugin, Some(pem)) => Some(tls::server(pem, (options.now)())?),
        _ => None,
    };
    let version =
        handshake::negotiate(environment.protocol_versions.as_deref(), handshake::PROTOCOL_VERSIONS);
    let announcement = match &options.mode {
        Mode::Plugin => {
            let certificate = tls.as_ref().map(|tls| tls.certificate.as_slice());
            let multiplex = environment.multiplex.is_some();
            handshake::line(version, listener.address(), certificate, multiplex) + "\n"
        }
        Mode::Debug { addresses } => reattach(addresses, version, listener.address()),
    };

    let shutdown = options.shutdown.clone();
    let (_file, connections) = listener.connections(tls.map(|tls| tls.acceptor), shutdown.clone());
    options
        .stdout
        .write_all(announcement.as_bytes())
        .and_then(|()| options.stdout.flush())
        .map_err(ServeError::Handshake)?;

    let host = Host { shutdown: shutdown.clone() };
    let service = ProviderServer::new(Service::new(provider, shutdown.clone()))
        .max_decoding_message_size(MAX_MESSAGE)
        .max_encoding_message_size(MAX_MESSAGE);
    let serving = Server::builder()
        .http2_adaptive_window(Some(true))
        .add_service(service)
        .add_service(HealthServer::new(host.clone()))
        .add_service(GrpcControllerServer::new(host.clone()))
        .add_service(GrpcStdioServer::new(host.clone()))
        .add_service(GrpcBrokerServer::new(host))
        .serve_with_incoming_shutdown(connections, shutdown.clone().cancelled_owned());
    tokio::pin!(serving);
    tokio::select! {
        served = &mut serving => Ok(served?),
        () = shutdown.cancelled() => match tokio::time::timeout(GRACE, serving).await {
            Ok(served) => Ok(served?),
            // Who still holds a stream open has been told, and the process ends.
            Err(_) => Ok(()),
        },
    }
}

/// What a person must tell Terraform to attach to this process. `Test` keeps
/// Terraform from ending it. Source: Terraform,
/// internal/getproviders/reattach.
fn reattach(addresses: &[String], version: u32, address: &Address) -> String {
    let provider = json!({
        "Protocol": "grpc",
        "ProtocolVersion": version,
        "Pid": std::process::id(),
        "Test": true,
        "Addr": { "Network": address.network(), "String": address.to_string() },
    });
    let providers: serde_json::Map<_, _> =
        addresses.iter().map(|address| (address.clone(), provider.clone())).collect();
    let json = serde_json::Value::Object(providers).to_string();
    let assignment = if cfg!(windows) {
        format!("\tPowerShell: $env:TF_REATTACH_PROVIDERS='{json}'\n\tcmd: set TF_REATTACH_PROVIDERS={json}")
    } else {
        format!("\tTF_REATTACH_PROVIDERS='{}'", json.replace('\'', r"'\''"))
    };
    format!(
        "The provider waits for Terraform. Run Terraform with this in its environment:\n\n{assignment}\n\n"
    )
}
