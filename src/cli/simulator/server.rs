//! HTTP/1.1 before a [`Door`]: over TLS and plain on one port, and as the
//! proxy through which clients reach the hosts of services that do not exist.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::arm::{Clock as _, SystemClock};
use crate::cli::backend::end_process;
use crate::simulator::{Delay, Door, is_data_plane};

/// The largest request body: a little more than ARM takes (4 MB), so that it
/// is ARM's refusal that a client sees.
const LARGEST_BODY: usize = 4 * 1024 * 1024 + 4096;

/// Connections at a time. Terraform opens some ten for each provider.
const CONNECTIONS: usize = 1024;

/// How long a client may take over a TLS handshake, a request's head, or its body.
const PATIENCE: Duration = Duration::from_secs(30);

/// The pause after the machine has refused a connection (it has no files left).
const PAUSE: Duration = Duration::from_millis(50);

/// How long requests that are being answered may take at the end.
const LAST_ANSWERS: Duration = Duration::from_secs(5);

/// The first byte of a TLS connection: a handshake record (RFC 8446, 5.1).
const TLS: u8 = 0x16;

/// A server.
pub(super) struct Server {
    shared: Arc<Shared>,
}

struct Shared {
    door: Door,
    acceptor: Option<TlsAcceptor>,
    address: SocketAddr,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Server {
    pub(super) fn new(door: Door, acceptor: Option<TlsAcceptor>, address: SocketAddr) -> Self {
        let shared =
            Shared { door, acceptor, address, stop: CancellationToken::new(), tasks: TaskTracker::new() };
        Self { shared: Arc::new(shared) }
    }

    /// Serves until `stop`, and then finishes what was begun.
    pub(super) async fn run(&self, listener: TcpListener, stop: CancellationToken) {
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        loop {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { break };
            let accepted = tokio::select! {
                () = stop.cancelled() => break,
                accepted = listener.accept() => accepted,
            };
            let Ok((stream, _)) = accepted else {
                SystemClock.sleep(PAUSE).await;
                continue;
            };
            let _ = stream.set_nodelay(true);
            let shared = Arc::clone(&self.shared);
            self.shared.tasks.spawn(async move {
                shared.connection(stream).await;
                drop(place);
            });
        }
        self.shared.stop.cancel();
        self.shared.tasks.close();
        let _ = tokio::time::timeout(LAST_ANSWERS, self.shared.tasks.wait()).await;
    }
}

impl Shared {
    async fn connection(self: Arc<Self>, stream: TcpStream) {
        let mut first = [0];
        let peeked = tokio::time::timeout(PATIENCE, stream.peek(&mut first));
        let peeked = tokio::select! {
            () = self.stop.cancelled() => return,
            peeked = peeked => peeked,
        };
        match (peeked, &self.acceptor) {
            (Ok(Ok(1)), Some(acceptor)) if first[0] == TLS => {
                let handshake = tokio::time::timeout(PATIENCE, acceptor.clone().accept(stream));
                if let Ok(Ok(stream)) = handshake.await {
                    self.speak(stream, "https").await;
                }
            }
            (Ok(Ok(1)), _) => self.speak(stream, "http").await,
            _ => {}
        }
    }

    async fn speak(
        self: &Arc<Self>,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        scheme: &'static str,
    ) {
        let service = service_fn(|request| {
            let shared = Arc::clone(self);
            async move { shared.answer(request, scheme).await }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(PATIENCE)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        tokio::pin!(connection);
        tokio::select! {
            // A client that breaks off is its own affair, and a dropped answer ends the connection on purpose.
            _ = connection.as_mut() => {}
            () = self.stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                let _ = connection.await;
            }
        }
    }

    /// Answers one request; an error closes the connection without a word.
    async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
        scheme: &'static str,
    ) -> Result<Response<Full<Bytes>>, Broken> {
        if request.method() == Method::CONNECT {
            return Ok(self.tunnel(request));
        }
        let (mut head, body) = request.into_parts();
        let body = match tokio::time::timeout(PATIENCE, Limited::new(body, LARGEST_BODY).collect()).await {
            Ok(Ok(body)) => body.to_bytes().to_vec(),
            Ok(Err(error)) if error.is::<LengthLimitError>() => return Ok(too_large()),
            _ => return Err(Broken("the body did not come".to_owned())),
        };
        // The path alone is asked for; what it is asked of stands in Host.
        let host =
            head.headers.get(http::header::HOST).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let path = head.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string);
        let authority = host.unwrap_or_else(|| self.address.to_string());
        let Ok(uri) = http::Uri::builder().scheme(scheme).authority(authority).path_and_query(path).build()
        else {
            return Ok(plain(StatusCode::BAD_REQUEST));
        };
        head.uri = uri;
        let shared = Arc::clone(&self);
        let answered = tokio::task::spawn_blocking(move || {
            shared.door.handle(Request::from_parts(head, body), super::now())
        })
        .await;
        match answered {
            Ok(Ok(response)) => {
                if let Some(Delay(held_back)) = response.extensions().get() {
                    SystemClock.sleep(*held_back).await;
                }
                Ok(response.map(|bytes| Full::new(Bytes::from(bytes))))
            }
            Ok(Err(dropped)) if dropped.ends_process => end_process(),
            Ok(Err(dropped)) => Err(Broken(dropped.to_string())),
            Err(crashed) => Err(Broken(crashed.to_string())),
        }
    }

    /// A tunnel to this very server, for the names of services that do not
    /// exist. Nothing is ever asked of another machine.
    fn tunnel(self: Arc<Self>, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let Some(authority) = request.uri().authority().cloned() else {
            return plain(StatusCode::BAD_REQUEST);
        };
        let own = matches!(authority.host(), "localhost" | "127.0.0.1" | "[::1]")
            && authority.port_u16() == Some(self.address.port());
        if !own && !is_data_plane(authority.host()) {
            return plain(StatusCode::FORBIDDEN);
        }
        let Some(acceptor) = self.acceptor.clone() else { return plain(StatusCode::FORBIDDEN) };
        let shared = Arc::clone(&self);
        self.tasks.spawn(async move {
            let Ok(upgraded) = hyper::upgrade::on(request).await else { return };
            let handshake = tokio::time::timeout(PATIENCE, acceptor.accept(TokioIo::new(upgraded)));
            if let Ok(Ok(stream)) = handshake.await {
                shared.speak(stream, "https").await;
            }
        });
        plain(StatusCode::OK)
    }
}

/// What ends a connection.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Broken(String);

fn plain(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}

/// ARM's refusal of a body that is not even read.
fn too_large() -> Response<Full<Bytes>> {
    let text = r#"{"error":{"code":"RequestEntityTooLarge","message":"The request content size exceeds the maximum size of '4194304' bytes."}}"#;
    let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
    response
        .headers_mut()
        .insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    response.headers_mut().insert(http::header::CONNECTION, HeaderValue::from_static("close"));
    response
}
