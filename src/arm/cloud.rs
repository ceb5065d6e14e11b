//! Azure's clouds: where each has its resource manager and its sign-in.

use serde_json::Value as Json;
use url::Url;

use super::transport::{Request, Transport};

/// One Azure cloud.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cloud {
    /// As azurerm's `environment` calls it: `public`.
    pub name: String,
    /// The resource manager: the one endpoint that our tokens go to.
    pub resource_manager: Url,
    /// Where tokens come from, without a tenant: `https://login.microsoftonline.com/`.
    pub authority: Url,
    /// What tokens are for.
    pub audience: String,
    /// What the host names of its services end in.
    pub suffixes: Suffixes,
}

/// What the host names of a cloud's services end in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suffixes {
    /// `core.windows.net`
    pub storage: String,
    /// `vault.azure.net`
    pub key_vault: String,
    /// `azurecr.io`
    pub container_registry: String,
}

/// Why there is no such cloud.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CloudError {
    /// A name that is none of ours.
    #[error("there is no Azure environment {0:?}; there are public, usgovernment and china")]
    Unknown(String),
    /// Something that is no host name.
    #[error("metadata_host is {0:?}; it must be a host name, with a port or not, and nothing else")]
    Host(String),
    /// The metadata host did not answer, or not as one does.
    #[error("the clouds of {host} cannot be read: {reason}")]
    Metadata {
        /// Who was asked.
        host: String,
        /// What went wrong, in words.
        reason: String,
    },
}

/// name, resource manager, authority, suffixes of storage, vaults, registries.
/// Source: the `environments` package of Microsoft's and `HashiCorp`'s Go SDKs.
type Row = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

const PUBLIC: Row = (
    "public",
    "https://management.azure.com/",
    "https://login.microsoftonline.com/",
    "core.windows.net",
    "vault.azure.net",
    "azurecr.io",
);
const US_GOVERNMENT: Row = (
    "usgovernment",
    "https://management.usgovcloudapi.net/",
    "https://login.microsoftonline.us/",
    "core.usgovcloudapi.net",
    "vault.usgovcloudapi.net",
    "azurecr.us",
);
const CHINA: Row = (
    "china",
    "https://management.chinacloudapi.cn/",
    "https://login.chinacloudapi.cn/",
    "core.chinacloudapi.cn",
    "vault.azure.cn",
    "azurecr.cn",
);

/// What [`Cloud::discover`] asks for; azurerm asks for the same.
const METADATA_VERSION: &str = "2022-09-01";

impl Cloud {
    /// The cloud that azurerm's `environment` argument calls this.
    pub fn named(name: &str) -> Result<Self, CloudError> {
        let unknown = || CloudError::Unknown(name.to_owned());
        let row = [PUBLIC, US_GOVERNMENT, CHINA]
            .into_iter()
            .find(|row| row.0.eq_ignore_ascii_case(name))
            .ok_or_else(unknown)?;
        let (name, resource_manager, authority, storage, key_vault, container_registry) = row;
        Ok(Self {
            name: name.to_owned(),
            resource_manager: Url::parse(resource_manager).map_err(|_| unknown())?,
            authority: Url::parse(authority).map_err(|_| unknown())?,
            audience: resource_manager.trim_end_matches('/').to_owned(),
            suffixes: Suffixes {
                storage: storage.to_owned(),
                key_vault: key_vault.to_owned(),
                container_registry: container_registry.to_owned(),
            },
        })
    }

    /// The scope that tokens are asked for.
    #[must_use]
    pub fn scope(&self) -> String {
        format!("{}/.default", self.audience.trim_end_matches('/'))
    }

    /// Asks `host` (`host` or `host:port`) for its cloud, as `metadata_host`
    /// has azurerm do: always over TLS, without a token.
    pub async fn discover(transport: &dyn Transport, host: &str) -> Result<Self, CloudError> {
        let fail = |reason: String| CloudError::Metadata { host: host.to_owned(), reason };
        let url = format!("https://{host}/metadata/endpoints?api-version={METADATA_VERSION}");
        let plain = Url::parse(&url).is_ok_and(|url| {
            url.path() == "/metadata/endpoints" && url.username().is_empty() && url.fragment().is_none()
        });
        if !plain || host.is_empty() || host.contains(['/', '?', '#', '@', '\\']) {
            return Err(CloudError::Host(host.to_owned()));
        }
        let request: Request = http::Request::get(&url)
            .header(http::header::ACCEPT, "application/json")
            .body(Vec::new())
            .map_err(|error| fail(error.to_string()))?;
        let answer = transport.send(request).await.map_err(|error| fail(error.message))?;
        if !answer.status().is_success() {
            return Err(fail(format!("it answers {}", answer.status())));
        }
        let body = answer.body();
        // Some answer with a byte order mark.
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        let json: Json = serde_json::from_slice(body).map_err(|error| fail(error.to_string()))?;
        // Older servers answer with a list of clouds, their own first.
        let json = json.as_array().and_then(|clouds| clouds.first()).unwrap_or(&json);
        Self::of_metadata(json).map_err(fail)
    }

    fn of_metadata(json: &Json) -> Result<Self, String> {
        let text = |pointer: &str| json.pointer(pointer).and_then(Json::as_str);
        let url = |pointer: &str| {
            let text = text(pointer).ok_or_else(|| format!("{pointer} is missing"))?;
            let url = Url::parse(text).map_err(|error| format!("{pointer}: {error}"))?;
            // Tokens and secrets go there.
            if url.scheme() == "https" { Ok(url) } else { Err(format!("{pointer} is not https")) }
        };
        let suffix = |pointer: &str| text(pointer).unwrap_or_default().trim_start_matches('.').to_owned();
        let resource_manager = url("/resourceManager")?;
        Ok(Self {
            name: text("/name").unwrap_or("custom").to_owned(),
            audience: resource_manager.as_str().trim_end_matches('/').to_owned(),
            resource_manager,
            authority: url("/authentication/loginEndpoint")?,
            suffixes: Suffixes {
                storage: suffix("/suffixes/storage"),
                key_vault: suffix("/suffixes/keyVaultDns"),
                container_registry: suffix("/suffixes/acrLoginServer"),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_three_clouds_have_azurerms_names() {
        let public = Cloud::named("public").unwrap();
        assert_eq!(public.scope(), "https://management.azure.com/.default");
        assert_eq!(Cloud::named("USGovernment").unwrap().suffixes.container_registry, "azurecr.us");
        assert_eq!(Cloud::named("china").unwrap().authority.as_str(), "https://login.chinacloudapi.cn/");
        let error = Cloud::named("german").unwrap_err().to_string();
        assert!(error.contains("\"german\"") && error.contains("usgovernment"), "{error}");
    }

    #[test]
    fn metadata_must_name_https_endpoints() {
        let body = |manager: &str| {
            json!({
                "name": "Sim", "resourceManager": manager,
                "authentication": {"loginEndpoint": "https://localhost:8443"},
                "suffixes": {"storage": "core.sim.test", "keyVaultDns": ".vault.sim.test"},
            })
        };
        let cloud = Cloud::of_metadata(&body("https://localhost:8443")).unwrap();
        assert_eq!(cloud.scope(), "https://localhost:8443/.default");
        assert_eq!(cloud.suffixes.key_vault, "vault.sim.test");
        assert!(Cloud::of_metadata(&body("http://localhost:8443")).is_err());
        assert!(Cloud::of_metadata(&json!({})).unwrap_err().contains("/resourceManager"));
    }
}
