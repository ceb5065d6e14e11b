//! A provider served as Terraform would have it, in this process.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use amlsecure::arm::{Clock as _, SystemClock};
use amlsecure::protocol::proto::tfplugin5::provider_client::ProviderClient;
use amlsecure::protocol::{COOKIE, Environment, Mode, ServeError, ServeOptions, serve};
use amlsecure::provider::rpc::Provider;
use hyper_util::rt::TokioIo;
use tempfile::TempDir;
use tokio::net::UnixStream;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic::transport::{Channel, Endpoint};

/// Longer than anything here takes on a busy machine.
pub(crate) const SOON: Duration = Duration::from_secs(20);

/// The message limit of go-plugin's client.
const CLIENT_LIMIT: usize = i32::MAX as usize;

/// A provider that is being served.
pub(crate) struct Running {
    /// All that it wrote to stdout.
    pub(crate) announcement: String,
    /// Ends it.
    pub(crate) shutdown: CancellationToken,
    /// How it ended.
    pub(crate) served: JoinHandle<Result<(), ServeError>>,
    _directory: TempDir,
}

struct Stdout(mpsc::UnboundedSender<Vec<u8>>);

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.send(bytes.to_vec()).map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(crate) fn now() -> SystemTime {
    SystemClock.now()
}

/// What Terraform sets in the environment, without TLS.
pub(crate) fn environment() -> Environment {
    Environment {
        cookie: Some(COOKIE.1.to_owned()),
        protocol_versions: Some("6,5".to_owned()),
        min_port: Some("10000".to_owned()),
        max_port: Some("25000".to_owned()),
        ..Environment::default()
    }
}

impl Running {
    /// Serves as Terraform has it with `TF_DISABLE_PLUGIN_TLS`.
    pub(crate) async fn plaintext(provider: impl Provider) -> Self {
        Self::start(provider, environment(), Mode::Plugin).await.expect("it starts")
    }

    /// As [`Running::plaintext`], with a provider that the test looks at.
    pub(crate) async fn shared(provider: Arc<dyn Provider>) -> Self {
        Self::start_shared(provider, environment(), Mode::Plugin).await.expect("it starts")
    }

    /// Serves until it has said where.
    pub(crate) async fn start(
        provider: impl Provider,
        environment: Environment,
        mode: Mode,
    ) -> Result<Self, ServeError> {
        Self::start_shared(Arc::new(provider), environment, mode).await
    }

    async fn start_shared(
        provider: Arc<dyn Provider>,
        mut environment: Environment,
        mode: Mode,
    ) -> Result<Self, ServeError> {
        let directory = tempfile::tempdir().expect("a directory");
        environment.temp_dir = directory.path().to_owned();
        let (sender, mut stdout) = mpsc::unbounded_channel();
        let shutdown = CancellationToken::new();
        let options = ServeOptions {
            environment,
            mode,
            now,
            stdout: Box::new(Stdout(sender)),
            shutdown: shutdown.clone(),
        };
        let mut served = tokio::spawn(serve(provider, options));
        tokio::select! {
            Some(announcement) = stdout.recv() => {
                let announcement = String::from_utf8(announcement).expect("a text");
                Ok(Self { announcement, shutdown, served, _directory: directory })
            }
            ended = &mut served => {
                Err(ended.expect("no panic").expect_err("it ended before it said where"))
            }
        }
    }

    /// The fields of the handshake line.
    pub(crate) fn fields(&self) -> Vec<&str> {
        self.announcement.strip_suffix('\n').expect("a whole line").split('|').collect()
    }

    /// Where the socket is.
    pub(crate) fn socket(&self) -> PathBuf {
        PathBuf::from(self.fields()[3])
    }

    /// A connection without TLS.
    pub(crate) async fn channel(&self) -> Channel {
        plaintext(self.socket()).await
    }

    /// Terraform's client.
    pub(crate) async fn client(&self) -> ProviderClient<Channel> {
        ProviderClient::new(self.channel().await)
            .max_decoding_message_size(CLIENT_LIMIT)
            .max_encoding_message_size(CLIENT_LIMIT)
    }

    /// Waits until it has ended, which must be soon.
    pub(crate) async fn ended(self) -> Result<(), ServeError> {
        tokio::time::timeout(SOON, self.served).await.expect("it ends").expect("no panic")
    }
}

/// A connection without TLS to a socket.
pub(crate) async fn plaintext(socket: PathBuf) -> Channel {
    Endpoint::from_static("http://localhost")
        .connect_with_connector(tower::service_fn(move |_| {
            let socket = socket.clone();
            async move { UnixStream::connect(socket).await.map(TokioIo::new) }
        }))
        .await
        .expect("a connection")
}
