//! The simulated Azure alone: a process of its own, asked over the network.

mod doors;
mod hostile;
mod page;
mod process;
mod providers;
mod secrets;

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use amlsecure::arm::{HttpTransport, Request, Transport as _};
use serde_json::Value as Json;

use crate::terraform::bench::program;

/// How long a start may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A simulator that runs until this is dropped.
struct Standalone {
    child: Child,
    folder: tempfile::TempDir,
    ready: Json,
    transport: HttpTransport,
    runtime: tokio::runtime::Runtime,
}

/// An answer.
#[derive(Debug)]
struct Reply {
    status: u16,
    headers: http::HeaderMap,
    text: String,
    body: Json,
}

impl Standalone {
    /// A configuration for the simulated Azure in the provider, pointed at this
    /// one; `more` goes into its provider block.
    fn pointed(&self, configuration: &str, more: &str) -> String {
        configuration.replace(
            "environment = \"simulator\" # remove this line to build it in Azure",
            &format!("metadata_host = {:?}{more}", self.says("host")),
        )
    }

    /// The variables that the provider is to be told, without the secret.
    fn variables(&self) -> BTreeMap<String, String> {
        let told = self.ready["environment"]["amlsecure"].as_object().unwrap();
        told.iter()
            .filter(|(name, _)| *name != "ARM_CLIENT_SECRET")
            .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
            .collect()
    }

    /// Starts one over TLS, with `arguments` besides.
    fn start(arguments: &[&str]) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), arguments)
    }

    #[expect(clippy::disallowed_methods, reason = "the tests are a process of their own")]
    fn start_in(folder: tempfile::TempDir, arguments: &[&str]) -> Self {
        let file = folder.path().join("ready.json");
        let mut command = Command::new(program());
        command.arg("simulator").args(["--tls", "tls", "--ready-file", "ready.json"]).args(arguments);
        if !arguments.contains(&"--record")
            && let Some(file) = crate::simulator::recording("standalone.ndjson")
        {
            command.arg("--record").arg(file);
        }
        let child =
            command.current_dir(folder.path()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let started = Instant::now();
        while !file.exists() {
            assert!(started.elapsed() < PATIENCE, "the simulator does not start");
            std::thread::sleep(Duration::from_millis(20));
        }
        let ready: Json = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        let ca = std::fs::read(ready["ca_file"].as_str().unwrap()).unwrap();
        Self {
            child,
            folder,
            ready,
            transport: HttpTransport::trusting(ca),
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap(),
        }
    }

    fn says(&self, name: &str) -> &str {
        self.ready[name].as_str().unwrap_or_else(|| panic!("the ready file has no {name}"))
    }

    fn port(&self) -> u16 {
        self.says("host").rsplit_once(':').unwrap().1.parse().unwrap()
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Its folder with all that it kept, for another to start in.
    fn folder(&mut self) -> tempfile::TempDir {
        std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap())
    }

    fn try_send(&self, request: Request) -> Result<Reply, String> {
        let sent = self.runtime.block_on(self.transport.send(request));
        let (head, bytes) = sent.map_err(|error| error.message)?.into_parts();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let body = serde_json::from_str(&text).unwrap_or(Json::Null);
        Ok(Reply { status: head.status.as_u16(), headers: head.headers, text, body })
    }

    fn send(&self, request: Request) -> Reply {
        self.try_send(request).unwrap()
    }

    /// A GET of a path, with headers.
    fn get(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        let mut request = http::Request::get(format!("{}{path}", self.says("address")));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Vec::new()).unwrap())
    }

    /// A form posted to a path.
    fn form(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = http::Request::post(format!("{}{path}", self.says("address")))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.into_bytes());
        self.send(request.unwrap())
    }

    /// A token for ARM, by the client's secret.
    fn token(&self) -> String {
        let scope = format!("{}/.default", self.says("address"));
        let reply = self.form(
            &format!("/{}/oauth2/v2.0/token", self.says("tenant_id")),
            &[
                ("grant_type", "client_credentials"),
                ("client_id", self.says("client_id")),
                ("client_secret", self.says("client_secret")),
                ("scope", &scope),
            ],
        );
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.body["access_token"].as_str().unwrap().to_owned()
    }

    /// A request to ARM with a token.
    fn arm(&self, method: &str, path: &str, token: &str, body: &Json) -> Reply {
        let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let request = http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.says("address")))
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json")
            .body(bytes);
        self.send(request.unwrap())
    }

    /// Sends bytes over a plain connection and gives what comes back until the
    /// other side closes, or nothing comes for a while.
    fn bytes(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port())).unwrap();
        stream.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
        let _ = stream.write_all(bytes);
        let mut all = Vec::new();
        let mut chunk = [0; 4096];
        while let Ok(read @ 1..) = stream.read(&mut chunk) {
            all.extend_from_slice(&chunk[..read]);
        }
        String::from_utf8_lossy(&all).into_owned()
    }
}

impl Drop for Standalone {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn group(name: &str) -> String {
    format!(
        "/subscriptions/{}/resourceGroups/{name}?api-version=2025-04-01",
        amlsecure::simulator::SUBSCRIPTION
    )
}
