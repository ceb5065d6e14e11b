//! The provider block: its arguments, azurerm's where azurerm has one.

use crate::block;
use crate::resources::{Tags, checks};
use crate::schema::config::{Declared as _, Field, SetOf, Typed};
use crate::schema::{Diagnostics, Path, Schema, Value};

block! {
    /// The provider builds closed Azure Machine Learning stacks out of composite resources, each of which owns
    /// the network, private endpoint, DNS, storage, vault, registry, identity and role resources that it
    /// expands to.
    ///
    /// It speaks to Azure's control plane alone, so it runs outside the network that it closes. With
    /// `environment = "simulator"` it builds in a simulated Azure instead, without a subscription.
    pub struct ProviderBlock {
        /// Which Azure: `public` (the default), `usgovernment`, `china`, or `simulator` for a simulated one.
        /// Also `ARM_ENVIRONMENT`, and `AMLSECURE_ENVIRONMENT=simulator`.
        pub environment: Field<String> = optional()
            .check(|v, p, d| checks::one_of(&["public", "usgovernment", "china", "simulator"], v, p, d)),
        /// The subscription to build in. Also `ARM_SUBSCRIPTION_ID`. The simulated Azure has one of its own.
        pub subscription_id: Field<String> = optional().check(guid),
        /// The Entra tenant to sign in to. Also `ARM_TENANT_ID`.
        pub tenant_id: Field<String> = optional().check(guid),
        /// Up to three further tenants whose resources are referred to. Also `ARM_AUXILIARY_TENANT_IDS`.
        pub auxiliary_tenant_ids: Field<Vec<Field<String>>> = optional()
            .check(|v, p, d| checks::each(guid, v, p, d)),
        /// The application, or the user-assigned identity, to sign in as. Also `ARM_CLIENT_ID`.
        pub client_id: Field<String> = optional(),
        /// A file that holds `client_id`. Also `ARM_CLIENT_ID_FILE_PATH`.
        pub client_id_file_path: Field<String> = optional(),
        /// The secret of the application. Also `ARM_CLIENT_SECRET`.
        pub client_secret: Field<String> = optional().sensitive(),
        /// A file that holds `client_secret`. Also `ARM_CLIENT_SECRET_FILE_PATH`.
        pub client_secret_file_path: Field<String> = optional(),
        /// The certificate and key of the application, PFX in base64. Also `ARM_CLIENT_CERTIFICATE`.
        pub client_certificate: Field<String> = optional().sensitive(),
        /// A PFX file with the certificate and key of the application. Also `ARM_CLIENT_CERTIFICATE_PATH`.
        pub client_certificate_path: Field<String> = optional(),
        /// The password of the certificate. Also `ARM_CLIENT_CERTIFICATE_PASSWORD`.
        pub client_certificate_password: Field<String> = optional().sensitive(),
        /// Whether to sign in with a federated token. Also `ARM_USE_OIDC`.
        pub use_oidc: Field<bool> = optional(),
        /// The federated token. Also `ARM_OIDC_TOKEN`.
        pub oidc_token: Field<String> = optional().sensitive(),
        /// A file that holds the federated token. Also `ARM_OIDC_TOKEN_FILE_PATH`.
        pub oidc_token_file_path: Field<String> = optional(),
        /// Where GitHub or Azure Pipelines hands out a federated token. Also `ARM_OIDC_REQUEST_URL`,
        /// `ACTIONS_ID_TOKEN_REQUEST_URL` and `SYSTEM_OIDCREQUESTURI`.
        pub oidc_request_url: Field<String> = optional(),
        /// The token to show there. Also `ARM_OIDC_REQUEST_TOKEN`, `ACTIONS_ID_TOKEN_REQUEST_TOKEN` and
        /// `SYSTEM_ACCESSTOKEN`.
        pub oidc_request_token: Field<String> = optional().sensitive(),
        /// The Azure Pipelines service connection to sign in as. Also
        /// `ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID`.
        pub ado_pipeline_service_connection_id: Field<String> = optional(),
        /// Whether to sign in with a managed identity. Also `ARM_USE_MSI`.
        pub use_msi: Field<bool> = optional(),
        /// Where tokens of the managed identity come from, where it is not the machine's own place. Also
        /// `ARM_MSI_ENDPOINT`.
        pub msi_endpoint: Field<String> = optional(),
        /// The version of that place. Also `ARM_MSI_API_VERSION`.
        pub msi_api_version: Field<String> = optional(),
        /// Whether to sign in with a Kubernetes pod's identity. Also `ARM_USE_AKS_WORKLOAD_IDENTITY`.
        pub use_aks_workload_identity: Field<bool> = optional(),
        /// Whether to use the Azure CLI's sign-in where nothing else is configured; true unless set. Also
        /// `ARM_USE_CLI`.
        pub use_cli: Field<bool> = optional(),
        /// The host that describes the cloud, for clouds that have no name here. It must stand in the
        /// provider block: the variable `ARM_METADATA_HOSTNAME` alone is refused, as tokens would follow it.
        pub metadata_host: Field<String> = optional(),
        /// What to do about resource providers that the subscription is not registered for. Unset: look once,
        /// and stop with the commands that register them. `none`: do not look. `core`, `extended`, `all` or
        /// `legacy`: register those that the composites need. Also `ARM_RESOURCE_PROVIDER_REGISTRATIONS`.
        pub resource_provider_registrations: Field<String> = optional()
            .check(|v, p, d| checks::one_of(&["none", "core", "extended", "all", "legacy"], v, p, d)),
        /// Tags of everything that is built. A resource's own `tags` come before them.
        pub default_tags: Field<Tags> = optional().check(checks::tags),
        /// Tags that others write, which are left as they are.
        pub ignore_tags: Option<IgnoreTags> = optional(),
        /// Where the progress of every apply is written, one JSON object a line, for
        /// `terraform-provider-amlsecure watch`. Also `AMLSECURE_PROGRESS`.
        pub progress_file: Field<String> = optional(),
        /// Whether schedules and the idle time of compute instances are changed in place, by the actions
        /// `updateSchedules` and `updateIdleShutdownSetting`, which Azure's type definitions do not list; false
        /// unless set. Otherwise the instance is replaced, and what is on its disk is gone.
        pub compute_instance_actions: Field<bool> = optional(),
        /// What becomes of names that Azure keeps of the deleted. Without it, what a composite deleted is
        /// recovered when it is made again, and a destroy leaves it recoverable.
        pub soft_delete: Option<SoftDelete> = optional(),
        /// The simulated Azure, for `environment = "simulator"`.
        pub simulator: Option<SimulatorBlock> = optional(),
    }
}

block! {
    /// Tags that others write, which are left as they are.
    pub struct IgnoreTags {
        /// Names of tags.
        pub keys: Field<SetOf> = optional(),
        /// Beginnings of names of tags.
        pub key_prefixes: Field<SetOf> = optional(),
    }
}

block! {
    /// What becomes of names that Azure keeps of the deleted. The arguments are those of azurerm's `features`.
    pub struct SoftDelete {
        /// Key vaults, kept for their `soft_delete_retention_days`.
        pub key_vault: Option<SoftDeletedVaults> = optional(),
        /// Log Analytics workspaces, kept for 14 days, which return when they are made again.
        pub log_analytics_workspace: Option<SoftDeletedLogs> = optional(),
        /// Machine learning workspaces, kept for 14 days.
        pub machine_learning: Option<SoftDeletedWorkspaces> = optional(),
    }
}

block! {
    /// Key vaults, kept for their `soft_delete_retention_days`.
    pub struct SoftDeletedVaults {
        /// Whether a vault that a composite deleted is recovered, secrets and all, when it is made again; true
        /// unless set. Otherwise Azure refuses its name until it is purged.
        pub recover_soft_deleted_key_vaults: Field<bool> = optional(),
        /// Whether a destroy removes vaults for good; false unless set. A vault with purge protection is
        /// never purged.
        pub purge_soft_delete_on_destroy: Field<bool> = optional(),
    }
}

block! {
    /// Log Analytics workspaces, kept for 14 days, which return when they are made again.
    pub struct SoftDeletedLogs {
        /// Whether a destroy removes them for good, logs and all; false unless set.
        pub permanently_delete_on_destroy: Field<bool> = optional(),
    }
}

block! {
    /// Machine learning workspaces, kept for 14 days.
    pub struct SoftDeletedWorkspaces {
        /// Whether a destroy removes them for good, so that their names are free; false unless set.
        pub purge_soft_deleted_workspace_on_destroy: Field<bool> = optional(),
    }
}

block! {
    /// The simulated Azure, for `environment = "simulator"`. Each argument also has a variable:
    /// `AMLSECURE_SIMULATOR_STATE_FILE` and so on.
    pub struct SimulatorBlock {
        /// Where it keeps what was built; `.amlsecure/simulator.db` unless set, and `:memory:` to forget it.
        pub state_file: Field<String> = optional(),
        /// `instant` (the default), `real` for latencies like Azure's, or `real:SCALE` for a fraction of them.
        pub latency: Field<String> = optional(),
        /// Where every request is recorded, one JSON object a line.
        pub record_file: Field<String> = optional(),
        /// The failures to produce, and how Azure behaves where that is not certain: JSON, as the guide to the simulator describes it.
        pub faults_file: Field<String> = optional(),
        /// The seed of what is left to chance.
        pub seed: Field<i64> = optional(),
        /// Whether it refuses unknown and read-only properties, which Azure ignores; true unless set.
        pub strict: Field<bool> = optional(),
    }
}

/// The schema of the provider block.
pub(super) fn schema() -> Schema {
    Schema { version: 0, block: ProviderBlock::block() }
}

/// Rules across the arguments of the provider block, asked offline.
pub(super) fn check(config: &Value) -> Diagnostics {
    let mut problems = Diagnostics::default();
    let block = ProviderBlock::read(config, &Path::root());
    if let Some(simulator) = &block.simulator
        && block.environment.text().is_some_and(|name| name != "simulator")
    {
        problems.warning(
            simulator.state_file.path.clone(),
            "The simulator block has no effect",
            "It is for environment = \"simulator\".",
        );
    }
    problems
}

fn guid(value: &Value, path: &Path, problems: &mut Diagnostics) {
    if let Some(text) = String::read(value, path)
        && uuid::Uuid::parse_str(&text).is_err()
    {
        problems.error(
            path.clone(),
            format!("{path} is not a GUID"),
            format!("It is {text:?}. A GUID is written like 00000000-0000-0000-0000-000000000000."),
        );
    }
}
