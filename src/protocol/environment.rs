//! What Terraform tells a provider through its environment.

use std::env;
use std::path::PathBuf;

/// The name of the cookie that says that Terraform started this process, and
/// its value. It protects nobody: it is there so that people who start a
/// provider by hand learn what it is. Source: Terraform,
/// internal/plugin/serve.go.
pub const COOKIE: (&str, &str) =
    ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2");

/// The variables that matter to a plugin, read once where the process starts.
///
/// Source: go-plugin, client.go and server.go.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// The value of [`COOKIE`].
    pub cookie: Option<String>,
    /// The major protocol versions that the host speaks, `5,6` in any order.
    pub protocol_versions: Option<String>,
    /// The host's certificate in PEM; without one, it wants no TLS.
    pub client_certificate: Option<String>,
    /// The first port to try, where the plugin listens on TCP.
    pub min_port: Option<String>,
    /// The last port to try.
    pub max_port: Option<String>,
    /// Where to put the socket; only hosts that run plugins in containers say.
    pub socket_dir: Option<PathBuf>,
    /// Set by a host that asks whether we multiplex its broker.
    pub multiplex: Option<String>,
    /// What Terraform logs, of all.
    pub log: Option<String>,
    /// What Terraform logs, of providers; goes before `log`.
    pub log_provider: Option<String>,
    /// Where temporary files go.
    pub temp_dir: PathBuf,
}

impl Environment {
    /// Reads the process's environment. A variable that is empty counts as not
    /// set, as it does for go-plugin.
    pub fn from_process() -> Self {
        let read =
            |name: &str| env::var_os(name).and_then(|it| it.into_string().ok()).filter(|it| !it.is_empty());
        Self {
            cookie: read(COOKIE.0),
            protocol_versions: read("PLUGIN_PROTOCOL_VERSIONS"),
            client_certificate: read("PLUGIN_CLIENT_CERT"),
            min_port: read("PLUGIN_MIN_PORT"),
            max_port: read("PLUGIN_MAX_PORT"),
            socket_dir: read("PLUGIN_UNIX_SOCKET_DIR").map(PathBuf::from),
            multiplex: read("PLUGIN_MULTIPLEX_GRPC"),
            log: read("TF_LOG"),
            log_provider: read("TF_LOG_PROVIDER"),
            temp_dir: env::temp_dir(),
        }
    }

    /// Whether Terraform started this process.
    #[must_use]
    pub fn has_cookie(&self) -> bool {
        self.cookie.as_deref() == Some(COOKIE.1)
    }
}
