//! The file that tells clients where the simulated Azure is and who they are.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::time::SystemTime;

use serde_json::{Value, json};

use super::certificates::{Certificates, PFX_PASSWORD, keep};
use crate::simulator::{CLIENT, Door, PRINCIPAL, SUBSCRIPTION, TENANT};

/// What the file is made of.
pub(super) struct Ready<'a> {
    pub(super) address: SocketAddr,
    pub(super) certificates: Option<&'a Certificates>,
    pub(super) door: &'a Door,
}

impl Ready<'_> {
    /// `localhost:PORT` for this machine, else the address.
    fn host(&self) -> String {
        if self.address.ip().is_loopback() {
            format!("localhost:{}", self.address.port())
        } else {
            self.address.to_string()
        }
    }

    /// Where the front is: `https://localhost:PORT`.
    pub(super) fn base(&self) -> String {
        let scheme = if self.certificates.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.host())
    }

    /// Writes the file whole, so that whoever waits for it never reads a part.
    pub(super) fn write(&self, file: &Path, now: SystemTime) -> io::Result<()> {
        let mut name = file.as_os_str().to_owned();
        name.push(".new");
        let new = Path::new(&name);
        keep(new, format!("{:#}\n", self.json(now)).as_bytes())?;
        std::fs::rename(new, file)
    }

    fn json(&self, now: SystemTime) -> Value {
        let (host, base) = (self.host(), self.base());
        let credentials = self.door.credentials();
        let plain = format!("http://{}", self.address);
        let federated = self.door.federated_token(&base, now);
        let mut ready = json!({
            "address": base,
            "host": host,
            "proxy": plain,
            "subscription_id": SUBSCRIPTION,
            "tenant_id": TENANT,
            "client_id": CLIENT,
            "principal_id": PRINCIPAL,
            "client_secret": credentials.client_secret,
            "oidc_token": federated,
            "oidc_request_url": format!("{base}/workflow/token"),
            "oidc_request_token": credentials.request_token,
            "msi_endpoint": format!("{plain}/metadata/identity/oauth2/token"),
            "identity_endpoint": format!("{plain}/msi/token"),
            "identity_header": credentials.identity_header,
        });
        if let Some(certificates) = self.certificates {
            ready["ca_file"] = json!(certificates.ca_file);
            ready["client_certificate_path"] = json!(certificates.pfx_file);
            ready["client_certificate_password"] = json!(PFX_PASSWORD);
        }
        ready["environment"] = environments(&ready);
        ready
    }
}

/// The variables with which each client finds its way; `docs/simulator.md`
/// says what else each needs.
fn environments(ready: &Value) -> Value {
    let ca = ready.get("ca_file").cloned().unwrap_or_else(|| json!(""));
    let base = &ready["address"];
    let terraform = json!({
        "ARM_SUBSCRIPTION_ID": SUBSCRIPTION,
        "ARM_TENANT_ID": TENANT,
        "ARM_CLIENT_ID": CLIENT,
        "ARM_CLIENT_SECRET": ready["client_secret"],
        "ARM_USE_CLI": "false",
        "SSL_CERT_FILE": ca,
    });
    let with = |more: Value| -> Value {
        [&terraform, &more]
            .into_iter()
            .filter_map(Value::as_object)
            .flatten()
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect()
    };
    json!({
        "amlsecure": terraform,
        "azurerm": with(json!({
            "ARM_METADATA_HOSTNAME": ready["host"],
            "ARM_RESOURCE_PROVIDER_REGISTRATIONS": "none",
            "HTTPS_PROXY": ready["proxy"],
            "NO_PROXY": "localhost,127.0.0.1",
        })),
        "azapi": with(json!({
            "ARM_ENVIRONMENT": "custom",
            "ARM_RESOURCE_MANAGER_ENDPOINT": base,
            "ARM_RESOURCE_MANAGER_AUDIENCE": base,
            "ARM_ACTIVE_DIRECTORY_AUTHORITY_HOST": base,
            "ARM_DISABLE_INSTANCE_DISCOVERY": "true",
            "ARM_SKIP_PROVIDER_REGISTRATION": "true",
        })),
        "azure-sdk-for-python": {
            "AZURE_AUTHORITY_HOST": base,
            "AZURE_TENANT_ID": TENANT,
            "AZURE_CLIENT_ID": CLIENT,
            "AZURE_CLIENT_SECRET": ready["client_secret"],
            "AZURE_SUBSCRIPTION_ID": SUBSCRIPTION,
            "REQUESTS_CA_BUNDLE": ca,
        },
        "azure-cli": {
            "AZURE_CORE_INSTANCE_DISCOVERY": "false",
            "AZURE_CORE_COLLECT_TELEMETRY": "no",
            "REQUESTS_CA_BUNDLE": ca,
        },
    })
}
