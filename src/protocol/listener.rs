//! Where a plugin listens, and the connections it takes there.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::Stream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tonic::transport::server::Connected;

use super::environment::Environment;

/// How long a client may take for its TLS handshake. It is on this machine.
const TLS_LIMIT: Duration = Duration::from_secs(30);

/// How long to wait after a connection could not be taken, which mostly says
/// that the process has no file descriptor left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How many connections may wait to be served. Terraform opens one.
const BACKLOG: usize = 16;

/// Where a plugin can be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Address {
    /// A Unix socket.
    Unix(PathBuf),
    /// A port of this machine.
    Tcp(SocketAddr),
}

impl Address {
    /// What the host calls the network.
    #[must_use]
    pub(super) fn network(&self) -> &'static str {
        match self {
            Self::Unix(_) => "unix",
            Self::Tcp(_) => "tcp",
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "{}", path.display()),
            Self::Tcp(address) => write!(f, "{address}"),
        }
    }
}

/// A bound address.
pub(super) struct Listener {
    socket: Socket,
    address: Address,
    file: SocketFile,
}

/// The file of a Unix socket, which goes when this is dropped.
pub(super) struct SocketFile(Option<PathBuf>);

impl Drop for SocketFile {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            // Nothing can be done about a socket file that stays.
            let _ = std::fs::remove_file(path);
        }
    }
}

enum Socket {
    #[cfg(unix)]
    Unix(tokio::net::UnixListener),
    Tcp(TcpListener),
}

impl Listener {
    /// Binds a Unix socket, or where there are none a port of the loopback
    /// interface, as go-plugin does.
    pub(super) async fn bind(environment: &Environment) -> io::Result<Self> {
        if cfg!(unix) { Self::bind_unix(environment) } else { Self::bind_tcp(environment).await }
    }

    #[cfg(not(unix))]
    fn bind_unix(_environment: &Environment) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    #[cfg(unix)]
    fn bind_unix(environment: &Environment) -> io::Result<Self> {
        use std::os::unix::fs::PermissionsExt;

        let directory = environment.socket_dir.as_ref().unwrap_or(&environment.temp_dir);
        let path = directory.join(format!("plugin{}", uuid::Uuid::new_v4().simple()));
        let socket = tokio::net::UnixListener::bind(&path)?;
        let file = SocketFile(Some(path.clone()));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
        Ok(Self { socket: Socket::Unix(socket), address: Address::Unix(path), file })
    }

    /// Binds the first free port that the environment allows; without limits,
    /// any that the system chooses.
    async fn bind_tcp(environment: &Environment) -> io::Result<Self> {
        let port = |text: &Option<String>| text.as_deref().map_or(Ok(0), str::parse::<u16>);
        let bad = |error| io::Error::new(io::ErrorKind::InvalidInput, format!("PLUGIN_*_PORT: {error}"));
        let min = port(&environment.min_port).map_err(bad)?;
        let max = port(&environment.max_port).map_err(bad)?;
        let mut last = io::Error::new(
            io::ErrorKind::InvalidInput,
            "PLUGIN_MIN_PORT must not be greater than PLUGIN_MAX_PORT",
        );
        for port in min..=max {
            match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
                Ok(socket) => {
                    let address = Address::Tcp(socket.local_addr()?);
                    return Ok(Self { socket: Socket::Tcp(socket), address, file: SocketFile(None) });
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    pub(super) fn address(&self) -> &Address {
        &self.address
    }

    /// Takes connections, with TLS if there is an `acceptor`, until `shutdown`.
    /// One that fails, in TLS or otherwise, is its own misfortune only: a host
    /// that attaches to a running plugin first opens and closes one for a try.
    /// The socket's file is the caller's to keep as long as it serves.
    pub(super) fn connections(
        self,
        acceptor: Option<TlsAcceptor>,
        shutdown: CancellationToken,
    ) -> (SocketFile, impl Stream<Item = io::Result<Connection>>) {
        let (sender, mut receiver) = mpsc::channel(BACKLOG);
        tokio::spawn(async move {
            let _ = shutdown.run_until_cancelled(self.socket.accept_all(acceptor, sender)).await;
        });
        (self.file, futures::stream::poll_fn(move |context| receiver.poll_recv(context)))
    }
}

impl Socket {
    async fn accept_all(self, acceptor: Option<TlsAcceptor>, sender: mpsc::Sender<io::Result<Connection>>) {
        loop {
            let connection = match self.accept().await {
                Ok(connection) => connection,
                Err(error) => {
                    tracing::warn!(%error, "A connection could not be taken");
                    let _ = tokio::time::timeout(ACCEPT_PAUSE, sender.closed()).await;
                    continue;
                }
            };
            let (acceptor, sender) = (acceptor.clone(), sender.clone());
            tokio::spawn(async move {
                let connection = match acceptor {
                    None => connection,
                    Some(acceptor) => {
                        match tokio::time::timeout(TLS_LIMIT, acceptor.accept(connection)).await {
                            Ok(Ok(stream)) => Connection(Box::pin(stream)),
                            Ok(Err(error)) => return tracing::warn!(%error, "A client was refused"),
                            Err(_) => return tracing::warn!("A client did not finish its TLS handshake"),
                        }
                    }
                };
                // The server is gone if nobody takes it.
                let _ = sender.send(Ok(connection)).await;
            });
        }
    }

    async fn accept(&self) -> io::Result<Connection> {
        match self {
            #[cfg(unix)]
            Self::Unix(socket) => Ok(Connection(Box::pin(socket.accept().await?.0))),
            Self::Tcp(socket) => {
                let (stream, _) = socket.accept().await?;
                stream.set_nodelay(true)?;
                Ok(Connection(Box::pin(stream)))
            }
        }
    }
}

trait ReadWrite: AsyncRead + AsyncWrite + Send {}
impl<T: AsyncRead + AsyncWrite + Send> ReadWrite for T {}

/// A connection that was taken, whatever it runs over.
pub(super) struct Connection(Pin<Box<dyn ReadWrite>>);

impl Connected for Connection {
    type ConnectInfo = ();

    fn connect_info(&self) -> Self::ConnectInfo {}
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.0.as_mut().poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.0.as_mut().poll_write(context, buffer)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.0.as_mut().poll_write_vectored(context, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.as_mut().poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.as_mut().poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ports(min: &str, max: &str) -> Environment {
        Environment {
            min_port: Some(min.to_owned()),
            max_port: Some(max.to_owned()),
            ..Environment::default()
        }
    }

    #[tokio::test]
    async fn a_port_within_the_limits_is_taken_and_a_taken_one_passed_over() {
        let busy = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let busy = busy.local_addr().unwrap().port();
        let keep = TcpListener::bind((Ipv4Addr::LOCALHOST, busy)).await;
        let limits = ports(&busy.to_string(), &busy.saturating_add(50).to_string());
        let listener = Listener::bind_tcp(&limits).await.unwrap();
        let Address::Tcp(address) = listener.address() else { panic!("a port") };
        assert!(address.ip().is_loopback() && address.port() >= busy);
        assert!(keep.is_err() || address.port() != busy);
    }

    #[tokio::test]
    async fn limits_the_wrong_way_round_are_an_error() {
        assert!(Listener::bind_tcp(&ports("2", "1")).await.is_err());
        assert!(Listener::bind_tcp(&ports("x", "1")).await.is_err());
    }
}
