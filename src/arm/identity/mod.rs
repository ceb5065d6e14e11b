//! Signing in, with azurerm's arguments and in azurerm's order.
//!
//! What Azure's identity library has is used; where it has nothing that fits,
//! there is a file here: certificates without OpenSSL, GitHub's and Azure
//! Pipelines' tokens at given urls, managed identities at a given endpoint.

mod arguments;
mod assertion;
mod bridge;
mod certificate;
mod cli;
mod github;
mod managed;
mod pipelines;
mod secret;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use azure_core::credentials::TokenCredential;
use azure_identity as entra;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::Url;

use self::arguments::{named, ways};
use self::certificate::Certificate;
use super::{Authorize, Bearer, Clock, Cloud, Transport};

pub use self::arguments::{ARGUMENTS, USE_CLI, WORKLOAD_IDENTITY};
pub use self::secret::Secret;

/// Entra takes this many auxiliary tokens on one request (ARM documentation,
/// "authenticate requests across tenants").
const AUXILIARY_MOST: usize = 3;

/// azurerm's arguments for signing in, environment variables already filled in.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "they are azurerm's arguments")]
pub struct SignIn {
    /// The subscription, whose account the Azure CLI takes where no tenant is named.
    pub subscription_id: Option<String>,
    /// The tenant that the principal signs in to.
    pub tenant_id: Option<String>,
    /// Up to three tenants whose resources are referred to.
    pub auxiliary_tenant_ids: Vec<String>,
    /// The application, or the user-assigned identity.
    pub client_id: Option<String>,
    /// A file that holds the same.
    pub client_id_file_path: Option<PathBuf>,
    /// The application's secret.
    pub client_secret: Option<Secret>,
    /// A file that holds the same.
    pub client_secret_file_path: Option<PathBuf>,
    /// The application's certificate and key, PFX in base64.
    pub client_certificate: Option<Secret>,
    /// A PFX file of the same.
    pub client_certificate_path: Option<PathBuf>,
    /// What opens either.
    pub client_certificate_password: Option<Secret>,
    /// Whether federated tokens are used.
    pub use_oidc: bool,
    /// The federated token.
    pub oidc_token: Option<Secret>,
    /// A file that holds the same, and is read whenever it is needed.
    pub oidc_token_file_path: Option<PathBuf>,
    /// Where GitHub or Azure Pipelines hands one out.
    pub oidc_request_url: Option<String>,
    /// What is shown there.
    pub oidc_request_token: Option<Secret>,
    /// The Azure Pipelines service connection; without it, GitHub is asked.
    pub ado_pipeline_service_connection_id: Option<String>,
    /// Whether a managed identity is used.
    pub use_msi: bool,
    /// Where its tokens come from, where that is not the machine's own place.
    pub msi_endpoint: Option<String>,
    /// The version of that endpoint.
    pub msi_api_version: Option<String>,
    /// Whether a Kubernetes pod's identity is used.
    pub use_aks_workload_identity: bool,
    /// Whether the Azure CLI's sign-in is used where nothing else is.
    pub use_cli: bool,
}

/// Why nobody can be signed in as the arguments say.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SignInError {
    /// Nothing is configured.
    #[error("there is no way to sign in to Azure. Configure one of these:{}", ways())]
    NoWay,
    /// Something is configured by half.
    #[error("{way} needs {missing}")]
    Incomplete {
        /// What was begun: `client_secret (ARM_CLIENT_SECRET)`.
        way: String,
        /// What it lacks, named the same way.
        missing: String,
    },
    /// An argument cannot be used.
    #[error("{argument}: {reason}")]
    Argument {
        /// `client_certificate_path`
        argument: &'static str,
        /// Why, in words, without its value where that is secret.
        reason: String,
    },
}

impl SignIn {
    /// What authorizes the client's requests: tokens for the resource manager
    /// of `cloud`, of the principal's tenant and of the auxiliary ones.
    pub fn authorize(
        &self,
        cloud: &Cloud,
        transport: &Arc<dyn Transport>,
        clock: &Arc<dyn Clock>,
    ) -> Result<Arc<dyn Authorize>, SignInError> {
        if self.auxiliary_tenant_ids.len() > AUXILIARY_MOST {
            let reason = format!("there may be {AUXILIARY_MOST} at most");
            return Err(SignInError::Argument { argument: "auxiliary_tenant_ids", reason });
        }
        let mut credentials = vec![self.credential(cloud, transport, clock)?];
        for tenant in &self.auxiliary_tenant_ids {
            let other = Self { tenant_id: Some(tenant.clone()), ..self.clone() };
            credentials.push(other.credential(cloud, transport, clock)?);
        }
        let secrets = [
            &self.client_secret,
            &self.client_certificate,
            &self.client_certificate_password,
            &self.oidc_token,
            &self.oidc_request_token,
        ];
        let secrets = secrets.into_iter().flatten().cloned();
        Ok(Arc::new(Bearer::new(credentials, cloud, Arc::clone(clock)).hiding(secrets)))
    }

    /// The first way to sign in that the arguments begin, in azurerm's order:
    /// certificate, secret, federated token, service connection, workflow, pod,
    /// managed identity, CLI. One begun by half is an error: falling through to
    /// the next would build the stack as somebody else.
    pub fn credential(
        &self,
        cloud: &Cloud,
        transport: &Arc<dyn Transport>,
        clock: &Arc<dyn Clock>,
    ) -> Result<Arc<dyn TokenCredential>, SignInError> {
        let with = With { sign_in: self, cloud, transport, clock };
        if self.client_certificate.is_some() || self.client_certificate_path.is_some() {
            with.certificate()
        } else if self.client_secret.is_some() || self.client_secret_file_path.is_some() {
            with.secret()
        } else if self.use_aks_workload_identity {
            with.workload()
        } else if self.use_oidc {
            with.federated()
        } else if self.use_msi {
            with.managed()
        } else if self.use_cli {
            with.cli()
        } else {
            Err(SignInError::NoWay)
        }
    }
}

/// A sign-in and its surroundings.
struct With<'a> {
    sign_in: &'a SignIn,
    cloud: &'a Cloud,
    transport: &'a Arc<dyn Transport>,
    clock: &'a Arc<dyn Clock>,
}

type Outcome = Result<Arc<dyn TokenCredential>, SignInError>;

impl With<'_> {
    fn certificate(&self) -> Outcome {
        let SignIn { client_certificate, client_certificate_path, client_certificate_password, .. } =
            self.sign_in;
        let (argument, pfx) = match (client_certificate, client_certificate_path) {
            (Some(text), _) => {
                // Line breaks are what `base64` writes.
                let text: String = text.reveal().split_whitespace().collect();
                let reason = |_| "it is not base64".to_owned();
                ("client_certificate", STANDARD.decode(text).map_err(reason))
            }
            (None, Some(path)) => ("client_certificate_path", std::fs::read(path).map_err(|e| at(path, &e))),
            (None, None) => return Err(SignInError::NoWay),
        };
        let (tenant, client_id) = self.principal(argument)?;
        let password = client_certificate_password.as_ref().map_or("", Secret::reveal);
        let certificate = pfx
            .and_then(|pfx| Certificate::from_pfx(&pfx, password))
            .map_err(|reason| SignInError::Argument { argument, reason })?;
        let authority = self.cloud.authority.as_str().trim_end_matches('/');
        let assertion = certificate::Signed {
            certificate: Arc::new(certificate),
            client_id: client_id.clone(),
            audience: format!("{authority}/{tenant}/oauth2/v2.0/token"),
            clock: Arc::clone(self.clock),
        };
        self.assertion(tenant, client_id, assertion)
    }

    fn secret(&self) -> Outcome {
        let SignIn { client_secret, client_secret_file_path, .. } = self.sign_in;
        let given = client_secret.as_ref().map(Secret::reveal);
        let secret = one_of("client_secret_file_path", given, client_secret_file_path.as_deref())?
            .ok_or(SignInError::NoWay)?;
        let (tenant, client_id) = self.principal("client_secret")?;
        let options = entra::ClientSecretCredentialOptions { client_options: self.options() };
        let credential = entra::ClientSecretCredential::new(&tenant, client_id, secret.into(), Some(options));
        Ok(credential.map_err(|error| unusable("client_secret", &error))?)
    }

    fn federated(&self) -> Outcome {
        let SignIn { oidc_token, oidc_token_file_path, oidc_request_url, oidc_request_token, .. } =
            self.sign_in;
        let (tenant, client_id) = self.principal("use_oidc")?;
        if let Some(token) = oidc_token {
            return self.assertion(tenant, client_id, assertion::Given(token.clone()));
        }
        if let Some(path) = oidc_token_file_path {
            return self.assertion(tenant, client_id, assertion::InFile(path.clone()));
        }
        let (Some(url), Some(token)) = (oidc_request_url, oidc_request_token) else {
            return Err(SignInError::Incomplete {
                way: named("use_oidc"),
                missing: format!(
                    "{}, or {}, or both {} and {}",
                    named("oidc_token"),
                    named("oidc_token_file_path"),
                    named("oidc_request_url"),
                    named("oidc_request_token")
                ),
            });
        };
        // The request token goes there.
        let url = url_of("oidc_request_url", url, &["https"])?;
        let (pipeline, token) = (self.pipeline(), token.clone());
        match self.sign_in.ado_pipeline_service_connection_id.clone() {
            Some(id) => self.assertion(tenant, client_id, pipelines::Connection { pipeline, url, token, id }),
            None => self.assertion(tenant, client_id, github::Workflow { pipeline, url, token }),
        }
    }

    fn workload(&self) -> Outcome {
        let way = "use_aks_workload_identity";
        let (tenant_id, client_id) = self.principal(way)?;
        let path = self.sign_in.oidc_token_file_path.clone().ok_or_else(|| SignInError::Incomplete {
            way: named(way),
            missing: "AZURE_FEDERATED_TOKEN_FILE, which the cluster sets in pods whose service account has \
                      a workload identity"
                .to_owned(),
        })?;
        let options = entra::WorkloadIdentityCredentialOptions {
            credential_options: entra::ClientAssertionCredentialOptions { client_options: self.options() },
            client_id: Some(client_id),
            tenant_id: Some(tenant_id),
            token_file_path: Some(path),
        };
        let credential = entra::WorkloadIdentityCredential::new(Some(options));
        Ok(credential.map_err(|error| unusable(way, &error))?)
    }

    fn managed(&self) -> Outcome {
        let client_id = self.client_id()?;
        if let Some(endpoint) = &self.sign_in.msi_endpoint {
            let version = self.sign_in.msi_api_version.as_deref();
            return Ok(Arc::new(managed::Endpoint {
                pipeline: self.pipeline(),
                // The metadata service of a machine speaks plain HTTP, on its own link.
                url: url_of("msi_endpoint", endpoint, &["http", "https"])?,
                api_version: version.unwrap_or(managed::API_VERSION).to_owned(),
                client_id,
                clock: Arc::clone(self.clock),
            }));
        }
        let options = entra::ManagedIdentityCredentialOptions {
            user_assigned_id: client_id.map(entra::UserAssignedId::ClientId),
            client_options: self.options(),
        };
        let credential = entra::ManagedIdentityCredential::new(Some(options));
        Ok(credential.map_err(|error| unusable("use_msi", &error))?)
    }

    fn cli(&self) -> Outcome {
        let SignIn { tenant_id, subscription_id, .. } = self.sign_in;
        let options = entra::AzureCliCredentialOptions {
            tenant_id: tenant_id.clone(),
            // The CLI takes one of the two.
            subscription: subscription_id.clone().filter(|_| tenant_id.is_none()),
            ..entra::AzureCliCredentialOptions::default()
        };
        let credential =
            entra::AzureCliCredential::new(Some(options)).map_err(|error| unusable("use_cli", &error))?;
        Ok(Arc::new(cli::Cli(credential)))
    }

    fn assertion(
        &self,
        tenant: String,
        client_id: String,
        assertion: impl entra::ClientAssertion + 'static,
    ) -> Outcome {
        let options = entra::ClientAssertionCredentialOptions { client_options: self.options() };
        let credential = entra::ClientAssertionCredential::new(tenant, client_id, assertion, Some(options));
        Ok(credential.map_err(|error| unusable("tenant_id", &error))?)
    }

    /// The tenant and the application that `way` needs.
    fn principal(&self, way: &'static str) -> Result<(String, String), SignInError> {
        let client_id = self.client_id()?;
        match (self.sign_in.tenant_id.clone(), client_id) {
            (Some(tenant), Some(client_id)) => Ok((tenant, client_id)),
            (tenant, client_id) => {
                let lacking = [("tenant_id", tenant.is_none()), ("client_id", client_id.is_none())];
                let missing: Vec<_> =
                    lacking.iter().filter(|(_, lacks)| *lacks).map(|(name, _)| named(name)).collect();
                Err(SignInError::Incomplete { way: named(way), missing: missing.join(" and ") })
            }
        }
    }

    fn client_id(&self) -> Result<Option<String>, SignInError> {
        let SignIn { client_id, client_id_file_path, .. } = self.sign_in;
        one_of("client_id_file_path", client_id.as_deref(), client_id_file_path.as_deref())
    }

    fn options(&self) -> azure_core::http::ClientOptions {
        bridge::options(self.cloud, self.transport)
    }

    fn pipeline(&self) -> azure_core::http::Pipeline {
        bridge::pipeline(self.cloud, self.transport)
    }
}

/// What an argument says, or the file that another names; both must agree.
fn one_of(
    argument: &'static str,
    given: Option<&str>,
    path: Option<&Path>,
) -> Result<Option<String>, SignInError> {
    let fail = |reason| SignInError::Argument { argument, reason };
    let Some(path) = path else { return Ok(given.map(str::to_owned)) };
    let text = std::fs::read_to_string(path).map_err(|error| fail(at(path, &error)))?;
    let text = text.trim();
    match given {
        Some(given) if given != text => {
            let other = argument.trim_end_matches("_file_path");
            Err(fail(format!("the file says something else than {other}; give one of them")))
        }
        _ => Ok(Some(text.to_owned())),
    }
}

fn url_of(argument: &'static str, text: &str, schemes: &[&str]) -> Result<Url, SignInError> {
    let fail = |reason| SignInError::Argument { argument, reason };
    let url = Url::parse(text).map_err(|error| fail(format!("it is not a url: {error}")))?;
    if schemes.contains(&url.scheme()) {
        Ok(url)
    } else {
        Err(fail(format!("it must begin with {}://", schemes.join(":// or "))))
    }
}

fn at(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}

fn unusable(argument: &'static str, error: &azure_core::Error) -> SignInError {
    SignInError::Argument { argument, reason: error.to_string() }
}
