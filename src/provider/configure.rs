//! Configure: the provider block and the environment become a client of one
//! Azure.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use url::Url;

use super::backend::{Backend, SimulatorSettings};
use super::progress::ProgressFile;
use super::provider_block::{self, ProviderBlock, SimulatorBlock};
use super::rpc;
use crate::arm::{self, Call, Clock, Limits, Registrations, Secret, SignIn};
use crate::engine::{self, Engine};
use crate::kinds::{self, ResourceId};
use crate::resources::Azure;
use crate::schema::config::{Declared as _, Field, SetOf};
use crate::schema::{Diagnostics, Path, Value};

/// What the process was started with.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// Takes the variables of a process, or those that a test makes up.
    pub fn new(variables: BTreeMap<String, String>) -> Self {
        Self(variables)
    }

    /// A variable that is set and not empty.
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }

    /// The first variable that stands in for an argument.
    fn argument(&self, argument: &str) -> Option<&str> {
        let (_, variables) = arm::ARGUMENTS.iter().find(|(name, _)| *name == argument)?;
        variables.iter().find_map(|variable| self.get(variable))
    }
}

/// A configured provider: everything that a plan or an apply needs.
pub struct Configured {
    /// Where it builds, and as whom.
    pub azure: Azure,
    /// What brings Azure to a graph.
    pub engine: Engine,
    /// The clock of everything.
    pub clock: Arc<dyn Clock>,
    /// Where progress is written.
    pub(super) progress: Option<Arc<ProgressFile>>,
}

/// Configures, or says why it cannot. The provider may come with warnings.
pub(super) async fn configure(
    request: &rpc::ConfigureRequest,
    backend: &dyn Backend,
    environment: &Environment,
    cancel: CancellationToken,
) -> (Option<Configured>, Diagnostics) {
    let mut setup = Setup {
        block: ProviderBlock::read(&request.config, &Path::root()),
        environment,
        backend,
        problems: Diagnostics::default(),
        user_agent: format!(
            "terraform-provider-amlsecure/{} (Terraform {})",
            env!("CARGO_PKG_VERSION"),
            request.terraform_version
        ),
    };
    let configured = setup.run(&request.config, cancel).await;
    (configured.filter(|_| !setup.problems.has_errors()), setup.problems)
}

struct Setup<'a> {
    block: ProviderBlock,
    environment: &'a Environment,
    backend: &'a dyn Backend,
    problems: Diagnostics,
    user_agent: String,
}

/// One Azure that can be asked.
struct Reached {
    client: arm::Client,
    azure: Azure,
}

impl Setup<'_> {
    async fn run(&mut self, config: &Value, cancel: CancellationToken) -> Option<Configured> {
        crate::schema::validate(&provider_block::schema().block, config, true, &mut self.problems);
        self.refuse_unknowns(config);
        if self.problems.has_errors() {
            return None;
        }
        let simulated = self.environment_name() == "simulator";
        let reached = if simulated { self.simulated() } else { self.real().await }?;
        self.registrations(&reached, cancel).await;
        let settings = engine::Settings { ignore_tags: self.ignore_tags(), soft_delete: self.soft_delete() };
        Some(Configured {
            azure: reached.azure,
            engine: Engine::new(reached.client, settings),
            clock: self.backend.clock(),
            progress: self.progress(),
        })
    }

    fn progress(&self) -> Option<Arc<ProgressFile>> {
        let file = self.block.progress_file.text().or_else(|| self.environment.get("AMLSECURE_PROGRESS"))?;
        ProgressFile::new(file.into()).map(Arc::new)
    }

    /// What is not known while planning cannot be signed in with.
    fn refuse_unknowns(&mut self, config: &Value) {
        for attribute in provider_block::schema().block.attributes {
            if !config.attribute(&attribute.name).is_wholly_known() {
                self.problems.error(
                    Path::root().attribute(&attribute.name),
                    format!("{} is not known while planning", attribute.name),
                    "The provider needs it to plan. Give it a value that does not come from a resource of the same \
                     run, or apply that resource first with -target.",
                );
            }
        }
    }

    fn environment_name(&self) -> String {
        let from_variables = || {
            self.environment.get("AMLSECURE_ENVIRONMENT").or_else(|| self.environment.argument("environment"))
        };
        self.block.environment.text().or_else(from_variables).unwrap_or("public").to_ascii_lowercase()
    }

    fn simulated(&mut self) -> Option<Reached> {
        let settings = self.simulator_settings()?;
        let simulated = match self.backend.simulated(&settings) {
            Ok(simulated) => simulated,
            Err(reason) => {
                let at = self.block.simulator.as_ref().map_or_else(
                    || self.block.environment.path.clone(),
                    |simulator| simulator.state_file.path.clone(),
                );
                self.problems.error(at, "The simulated Azure cannot be opened", reason);
                return None;
            }
        };
        self.problems.warning(
            self.block.environment.path.clone(),
            "This is a simulated Azure",
            "Nothing real is created. Remove environment = \"simulator\" to build in Azure.",
        );
        let subscription = ResourceId::subscription(&simulated.subscription_id).ok()?;
        // Nobody listens there: requests go to the simulator in this process.
        let endpoint = Url::parse("https://management.azure.com").ok()?;
        Some(Reached {
            client: self.client(endpoint, Arc::new(arm::Anonymous), simulated.transport),
            azure: self.azure(subscription, Some(simulated.tenant_id), kinds::Cloud::Public),
        })
    }

    async fn real(&mut self) -> Option<Reached> {
        let transport = self.backend.azure();
        let cloud = self.cloud(transport.as_ref()).await?;
        let Some(subscription) = self.argument(&self.block.subscription_id, "subscription_id") else {
            self.problems.error(
                self.block.subscription_id.path.clone(),
                "No subscription to build in",
                "Set subscription_id, or the variable ARM_SUBSCRIPTION_ID.",
            );
            return None;
        };
        let Ok(subscription) = ResourceId::subscription(&subscription) else {
            self.problems.error(
                self.block.subscription_id.path.clone(),
                "The subscription is not a GUID",
                format!("ARM_SUBSCRIPTION_ID is {subscription:?}."),
            );
            return None;
        };
        let sign_in = self.sign_in();
        let authorize = match sign_in.authorize(&cloud, &transport, &self.backend.clock()) {
            Ok(authorize) => authorize,
            Err(error) => {
                self.problems.error(
                    Path::root(),
                    "Nobody to sign in to Azure as",
                    sentence(&error.to_string()),
                );
                return None;
            }
        };
        let kinds_cloud = match cloud.name.as_str() {
            "usgovernment" => kinds::Cloud::UsGovernment,
            "china" => kinds::Cloud::China,
            _ => kinds::Cloud::Public,
        };
        Some(Reached {
            client: self.client(cloud.resource_manager.clone(), authorize, transport),
            azure: self.azure(subscription, sign_in.tenant_id, kinds_cloud),
        })
    }

    async fn cloud(&mut self, transport: &dyn arm::Transport) -> Option<arm::Cloud> {
        let found = match self.block.metadata_host.text() {
            Some(host) => arm::Cloud::discover(transport, host).await,
            None if self.environment.argument("metadata_host").is_some() => {
                self.problems.error(
                    self.block.metadata_host.path.clone(),
                    "ARM_METADATA_HOSTNAME alone does not choose a cloud",
                    "Tokens would go where the variable points. Set metadata_host in the provider block as well, or \
                     unset the variable.",
                );
                return None;
            }
            None => arm::Cloud::named(&self.environment_name()),
        };
        found
            .map_err(|error| {
                let at = if self.block.metadata_host.is_set() {
                    self.block.metadata_host.path.clone()
                } else {
                    self.block.environment.path.clone()
                };
                self.problems.error(
                    at,
                    "The Azure to build in cannot be found",
                    sentence(&error.to_string()),
                );
            })
            .ok()
    }

    fn client(
        &self,
        endpoint: Url,
        authorize: Arc<dyn arm::Authorize>,
        transport: Arc<dyn arm::Transport>,
    ) -> arm::Client {
        arm::Client::new(arm::Settings {
            endpoint,
            authorize,
            transport,
            clock: self.backend.clock(),
            user_agent: self.user_agent.clone(),
            limits: Limits::default(),
        })
    }

    fn azure(&self, subscription: ResourceId, tenant_id: Option<String>, cloud: kinds::Cloud) -> Azure {
        let default_tags = self
            .block
            .default_tags
            .known()
            .into_iter()
            .flatten()
            .filter_map(|(name, value)| Some((name.clone(), value.text()?.to_owned())))
            .collect();
        let compute_instance_actions = self.block.compute_instance_actions.known() == Some(&true);
        Azure { subscription, tenant_id, cloud, default_tags, compute_instance_actions }
    }

    fn soft_delete(&self) -> engine::SoftDelete {
        let mut settings = engine::SoftDelete::default();
        let Some(block) = &self.block.soft_delete else { return settings };
        let is = |flag: &Field<bool>, value: bool| flag.known() == Some(&value);
        if let Some(vaults) = &block.key_vault {
            if is(&vaults.recover_soft_deleted_key_vaults, false) {
                settings.abandons.push(kinds::KEY_VAULT.resource_type);
            }
            if is(&vaults.purge_soft_delete_on_destroy, true) {
                settings.purges.push(kinds::KEY_VAULT.resource_type);
            }
        }
        if block
            .log_analytics_workspace
            .as_ref()
            .is_some_and(|logs| is(&logs.permanently_delete_on_destroy, true))
        {
            settings.purges.push(kinds::LOG_ANALYTICS.resource_type);
        }
        if let Some(workspaces) = &block.machine_learning
            && is(&workspaces.purge_soft_deleted_workspace_on_destroy, true)
        {
            settings.purges.push(kinds::WORKSPACE.resource_type);
        }
        settings
    }

    fn ignore_tags(&self) -> engine::IgnoreTags {
        let texts = |field: &Field<SetOf>| field.texts().into_iter().map(str::to_owned).collect();
        self.block.ignore_tags.as_ref().map_or_else(engine::IgnoreTags::default, |ignore| {
            engine::IgnoreTags { keys: texts(&ignore.keys), prefixes: texts(&ignore.key_prefixes) }
        })
    }

    /// A subscription that may not use a service refuses every resource of it,
    /// one by one and late. One request says so at once.
    async fn registrations(&mut self, reached: &Reached, cancel: CancellationToken) {
        let word =
            self.argument(&self.block.resource_provider_registrations, "resource_provider_registrations");
        let wanted = word.as_deref().map_or(Some(Registrations::Check), Registrations::parse);
        let at = self.block.resource_provider_registrations.path.clone();
        let Some(wanted) = wanted else {
            self.problems.error(
                at,
                "Unknown resource_provider_registrations",
                "It is none, core, extended, all or legacy.",
            );
            return;
        };
        if wanted == Registrations::None {
            return;
        }
        let call = Call { cancel, ..Call::new(uuid::Uuid::new_v4()) };
        let scope = &reached.azure.subscription;
        let missing = match reached.client.unregistered(&call, scope, arm::NAMESPACES).await {
            Ok(missing) => missing,
            Err(error) => {
                self.problems.error(
                    Path::root(),
                    "Azure cannot be asked",
                    sentence(&format!("{error}\n{}", error.circumstances())),
                );
                return;
            }
        };
        if missing.is_empty() {
            return;
        }
        if wanted == Registrations::Register {
            for namespace in &missing {
                if let Err(error) = reached.client.register(&call, scope, namespace).await {
                    self.problems.error(
                        at.clone(),
                        format!("{namespace} could not be registered"),
                        error.to_string(),
                    );
                }
            }
            return;
        }
        let unregistered =
            arm::Unregistered { subscription: scope.subscription_id().to_owned(), namespaces: missing };
        self.problems.error(
            at,
            "The subscription may not use what the composites need",
            format!(
                "{}\n\nOr set resource_provider_registrations = \"core\" to have the provider do it, or \"none\" to go on \
                 without.",
                sentence(&unregistered.to_string())
            ),
        );
    }

    fn sign_in(&self) -> SignIn {
        let block = &self.block;
        let flag = |field: &Field<bool>, name: &str| match field.known() {
            Some(flag) => Some(*flag),
            None => {
                self.environment.argument(name).map(|text| matches!(text, "true" | "1" | "True" | "TRUE"))
            }
        };
        let text = |field: &Field<String>, name: &str| self.argument(field, name);
        let file = |field: &Field<String>, name: &str| self.argument(field, name).map(PathBuf::from);
        let secret = |field: &Field<String>, name: &str| self.argument(field, name).map(Secret::new);
        let use_aks = flag(&block.use_aks_workload_identity, "use_aks_workload_identity").unwrap_or(false);
        // The cluster sets these in the pod, and nobody else means them.
        let pod = |name: &str| {
            let (_, variable) =
                arm::WORKLOAD_IDENTITY.iter().find(|(argument, _)| use_aks && *argument == name)?;
            self.environment.get(variable).map(str::to_owned)
        };
        let tenants = match block.auxiliary_tenant_ids.known() {
            Some(ids) => ids.iter().filter_map(|id| id.text().map(str::to_owned)).collect(),
            None => self
                .environment
                .argument("auxiliary_tenant_ids")
                .map(|text| text.split(';').map(str::to_owned).collect())
                .unwrap_or_default(),
        };
        SignIn {
            subscription_id: text(&block.subscription_id, "subscription_id"),
            tenant_id: text(&block.tenant_id, "tenant_id").or_else(|| pod("tenant_id")),
            auxiliary_tenant_ids: tenants,
            client_id: text(&block.client_id, "client_id").or_else(|| pod("client_id")),
            client_id_file_path: file(&block.client_id_file_path, "client_id_file_path"),
            client_secret: secret(&block.client_secret, "client_secret"),
            client_secret_file_path: file(&block.client_secret_file_path, "client_secret_file_path"),
            client_certificate: secret(&block.client_certificate, "client_certificate"),
            client_certificate_path: file(&block.client_certificate_path, "client_certificate_path"),
            client_certificate_password: secret(
                &block.client_certificate_password,
                "client_certificate_password",
            ),
            use_oidc: flag(&block.use_oidc, "use_oidc").unwrap_or(false),
            oidc_token: secret(&block.oidc_token, "oidc_token"),
            oidc_token_file_path: file(&block.oidc_token_file_path, "oidc_token_file_path")
                .or_else(|| pod("oidc_token_file_path").map(PathBuf::from)),
            oidc_request_url: text(&block.oidc_request_url, "oidc_request_url"),
            oidc_request_token: secret(&block.oidc_request_token, "oidc_request_token"),
            ado_pipeline_service_connection_id: text(
                &block.ado_pipeline_service_connection_id,
                "ado_pipeline_service_connection_id",
            ),
            use_msi: flag(&block.use_msi, "use_msi").unwrap_or(false),
            msi_endpoint: text(&block.msi_endpoint, "msi_endpoint"),
            msi_api_version: text(&block.msi_api_version, "msi_api_version"),
            use_aks_workload_identity: use_aks,
            use_cli: flag(&block.use_cli, "use_cli").unwrap_or(arm::USE_CLI),
        }
    }

    fn argument(&self, field: &Field<String>, name: &str) -> Option<String> {
        field.text().or_else(|| self.environment.argument(name)).map(str::to_owned)
    }

    fn simulator_settings(&mut self) -> Option<SimulatorSettings> {
        let empty = SimulatorBlock::read(&Value::Null, &self.block.environment.path.clone());
        let block = self.block.simulator.clone().unwrap_or(empty);
        let text = |field: &Field<String>, name: &str| {
            let variable = format!("AMLSECURE_SIMULATOR_{name}");
            field.text().map(str::to_owned).or_else(|| self.environment.get(&variable).map(str::to_owned))
        };
        let seed = match block.seed.known() {
            Some(seed) => Some(seed.to_string()),
            None => self.environment.get("AMLSECURE_SIMULATOR_SEED").map(str::to_owned),
        };
        let strict = match block.strict.known() {
            Some(strict) => Some(*strict),
            None => {
                self.environment.get("AMLSECURE_SIMULATOR_STRICT").map(|text| text == "true" || text == "1")
            }
        };
        let parsed = seed.as_ref().map(|text| text.parse::<u64>());
        if let Some(Err(_)) = parsed {
            self.problems.error(
                block.seed.path,
                "The seed is not a whole number from 0",
                seed.unwrap_or_default(),
            );
            return None;
        }
        Some(SimulatorSettings {
            state_file: text(&block.state_file, "STATE_FILE").map(PathBuf::from),
            latency: text(&block.latency, "LATENCY"),
            record_file: text(&block.record_file, "RECORD_FILE").map(PathBuf::from),
            faults_file: text(&block.faults_file, "FAULTS_FILE").map(PathBuf::from),
            seed: parsed.and_then(Result::ok),
            strict,
        })
    }
}

/// A message that begins with a capital.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
