//! What Terraform asks of a provider, in values instead of wire messages: one
//! request and one response per RPC, and the [`Provider`] that answers them.
//!
//! Problems are diagnostics in the response, never a failed call. The
//! `CancellationToken` that every asynchronous method gets is cancelled by
//! Terraform's Stop and when the caller goes away. Work then ends as soon as
//! it can do so cleanly, and the answer still holds the state it reached.
//!
//! Identity, ephemeral resources, list resources and actions have no place
//! here, because no schema in [`Schemas`] declares one: the plugin layer
//! answers those RPCs itself.

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use crate::schema::{Block, Diagnostics, Path, Schema, Schemas, Value, generate, json};

/// A provider, as the plugin layer serves it.
///
/// Values in a request conform to the type that the schema implies, and those
/// in a response must. One process serves several [`Provider::configure`]
/// calls when Terraform attaches to it, and up to ten other calls at a time.
#[async_trait]
pub trait Provider: Send + Sync + 'static {
    /// The schemas of everything it offers. Must answer at once and always the
    /// same: Terraform may ask for it once and then use other processes.
    fn schemas(&self) -> &Schemas;

    /// Checks the provider block. No credentials and no network are at hand.
    async fn validate_provider(
        &self,
        request: ValidateProviderRequest,
        cancel: CancellationToken,
    ) -> Diagnostics;

    /// Takes the provider block. While planning it may hold unknown values.
    async fn configure(&self, request: ConfigureRequest, cancel: CancellationToken) -> Diagnostics;

    /// Checks a resource block, in which values may be unknown. Offline.
    async fn validate_resource(
        &self,
        request: ValidateResourceRequest,
        cancel: CancellationToken,
    ) -> Diagnostics;

    /// Checks a data block, in which values may be unknown. Offline.
    async fn validate_data_source(
        &self,
        request: ValidateDataSourceRequest,
        cancel: CancellationToken,
    ) -> Diagnostics;

    /// Brings a stored state to the current schema. Called for every object in
    /// the state, also if its version is current: then attributes that the
    /// state does not have become null and those that the schema does not have
    /// are dropped, which is all that this default can do.
    async fn upgrade_resource_state(
        &self,
        request: UpgradeResourceStateRequest,
        cancel: CancellationToken,
    ) -> UpgradeResourceStateResponse {
        let _ = cancel;
        match self.schemas().resources.get(&request.type_name) {
            Some(schema) => upgrade_same_version(schema, &request),
            None => UpgradeResourceStateResponse {
                upgraded_state: Value::Null,
                diagnostics: unknown_type(&request.type_name),
            },
        }
    }

    /// Looks at the real object. A null state in the answer says that it is
    /// gone. Private bytes that are not returned are lost.
    async fn read_resource(
        &self,
        request: ReadResourceRequest,
        cancel: CancellationToken,
    ) -> ReadResourceResponse;

    /// Says what an apply would bring. Asked again when applying, in another
    /// process, and must then say the same.
    async fn plan_resource_change(
        &self,
        request: PlanResourceChangeRequest,
        cancel: CancellationToken,
    ) -> PlanResourceChangeResponse;

    /// Creates (prior is null), updates, or deletes (planned is null).
    async fn apply_resource_change(
        &self,
        request: ApplyResourceChangeRequest,
        cancel: CancellationToken,
    ) -> ApplyResourceChangeResponse;

    /// Finds the object of an import ID. Terraform reads it afterwards.
    async fn import_resource_state(
        &self,
        request: ImportResourceStateRequest,
        cancel: CancellationToken,
    ) -> ImportResourceStateResponse;

    /// Takes over the state of another type of resource, of any provider. Asked
    /// before the provider is configured, and followed by a refresh. The
    /// default takes over none.
    async fn move_resource_state(
        &self,
        request: MoveResourceStateRequest,
        cancel: CancellationToken,
    ) -> MoveResourceStateResponse {
        let _ = cancel;
        let mut diagnostics = Diagnostics::default();
        diagnostics.error(
            Path::root(),
            "Unsupported move",
            format!(
                "{} cannot take over the state of {} from {}. Remove the moved block, or import the object \
                 instead.",
                request.target_type_name, request.source_type_name, request.source_provider_address
            ),
        );
        MoveResourceStateResponse { target_state: Value::Null, target_private: Vec::new(), diagnostics }
    }

    /// Reads a data source, whose configuration is wholly known.
    async fn read_data_source(
        &self,
        request: ReadDataSourceRequest,
        cancel: CancellationToken,
    ) -> ReadDataSourceResponse;

    /// Writes the configuration that would yield a state, for `terraform plan
    /// -generate-config-out`. The default leaves out what a user cannot or
    /// need not write.
    async fn generate_resource_config(
        &self,
        request: GenerateResourceConfigRequest,
        cancel: CancellationToken,
    ) -> GenerateResourceConfigResponse {
        let _ = cancel;
        match self.schemas().resources.get(&request.type_name) {
            Some(schema) => GenerateResourceConfigResponse {
                config: generate::config(&schema.block, &request.state),
                diagnostics: Diagnostics::default(),
            },
            None => GenerateResourceConfigResponse {
                config: Value::Null,
                diagnostics: unknown_type(&request.type_name),
            },
        }
    }

    /// Calls a function. It must be pure, and work without configuration. The
    /// error's argument is the 0-based index of the argument at fault.
    async fn call_function(
        &self,
        request: CallFunctionRequest,
        cancel: CancellationToken,
    ) -> Result<Value, FunctionError>;

    /// Told when Terraform asks to stop, beside the cancellation of all calls
    /// that run. Must return at once.
    fn stop(&self) {}
}

/// What the Terraform at the other end can do. A client that does not say so
/// cannot.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ClientCapabilities {
    /// It takes a deferred change for an answer.
    pub deferral_allowed: bool,
    /// It does not store write-only attributes.
    pub write_only_attributes_allowed: bool,
}

/// Why a change is put off to a later run. Only an answer where
/// [`ClientCapabilities::deferral_allowed`] is set, and never when applying.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeferredReason {
    /// The resource's own configuration is not known well enough.
    ResourceConfigUnknown,
    /// The provider's configuration is not known well enough.
    ProviderConfigUnknown,
    /// Something it builds upon does not exist yet.
    AbsentPrerequisite,
}

/// A state as it was stored, by whatever provider and version wrote it.
#[derive(Debug, Clone, PartialEq)]
pub enum RawState {
    /// The attributes as JSON, digits of numbers preserved.
    Json(serde_json::Value),
    /// The form of Terraform before 0.12, which no longer can be read.
    Flatmap,
}

/// See [`Provider::validate_provider`]. The block may hold secrets, so it cannot be printed.
#[derive(Clone)]
pub struct ValidateProviderRequest {
    /// The provider block.
    pub config: Value,
}

/// See [`Provider::configure`]. The block may hold secrets, so it cannot be printed.
#[derive(Clone)]
pub struct ConfigureRequest {
    /// The version of Terraform or OpenTofu, for a user agent.
    pub terraform_version: String,
    /// The provider block.
    pub config: Value,
    /// What the client can do.
    pub capabilities: ClientCapabilities,
}

/// See [`Provider::validate_resource`].
#[derive(Debug, Clone)]
pub struct ValidateResourceRequest {
    /// The resource's type.
    pub type_name: String,
    /// The resource block, as the user wrote it.
    pub config: Value,
    /// What the client can do.
    pub capabilities: ClientCapabilities,
}

/// See [`Provider::validate_data_source`].
#[derive(Debug, Clone)]
pub struct ValidateDataSourceRequest {
    /// The data source's type.
    pub type_name: String,
    /// The data block.
    pub config: Value,
}

/// See [`Provider::upgrade_resource_state`].
#[derive(Debug, Clone)]
pub struct UpgradeResourceStateRequest {
    /// The resource's type.
    pub type_name: String,
    /// The version of the schema that the state was written with.
    pub version: i64,
    /// The stored state.
    pub raw_state: RawState,
}

/// See [`Provider::upgrade_resource_state`].
#[derive(Debug, Clone)]
pub struct UpgradeResourceStateResponse {
    /// The state by the current schema: wholly known, write-only attributes
    /// null. Null without an error would forget the object.
    pub upgraded_state: Value,
    /// Problems.
    pub diagnostics: Diagnostics,
}

/// See [`Provider::read_resource`].
#[derive(Debug, Clone)]
pub struct ReadResourceRequest {
    /// The resource's type.
    pub type_name: String,
    /// The state as last seen.
    pub current_state: Value,
    /// The private bytes of the object.
    pub private: Vec<u8>,
    /// What the client can do.
    pub capabilities: ClientCapabilities,
}

/// See [`Provider::read_resource`].
#[derive(Debug, Clone)]
pub struct ReadResourceResponse {
    /// The state as it is now; null if the object is gone.
    pub new_state: Value,
    /// The private bytes to keep.
    pub private: Vec<u8>,
    /// Whether and why reading is put off.
    pub deferred: Option<DeferredReason>,
    /// Problems. With an error among them the old state is kept.
    pub diagnostics: Diagnostics,
}

/// See [`Provider::plan_resource_change`].
#[derive(Debug, Clone)]
pub struct PlanResourceChangeRequest {
    /// The resource's type.
    pub type_name: String,
    /// The state; null to create.
    pub prior_state: Value,
    /// Configuration laid over the state; null to destroy.
    pub proposed_new_state: Value,
    /// The resource block, ignored changes already put back; null to destroy.
    pub config: Value,
    /// The private bytes of the object, or, where the object is about to be
    /// replaced, those of the plan that said so.
    pub prior_private: Vec<u8>,
    /// What the client can do.
    pub capabilities: ClientCapabilities,
}

/// See [`Provider::plan_resource_change`].
#[derive(Debug, Clone)]
pub struct PlanResourceChangeResponse {
    /// The state that an apply would bring; null to destroy.
    pub planned_state: Value,
    /// The attributes because of which the object must be replaced. No path
    /// enters a set.
    pub requires_replace: Vec<Path>,
    /// Private bytes for the apply of this plan.
    pub planned_private: Vec<u8>,
    /// Whether and why the change is put off.
    pub deferred: Option<DeferredReason>,
    /// Problems.
    pub diagnostics: Diagnostics,
}

/// See [`Provider::apply_resource_change`].
#[derive(Debug, Clone)]
pub struct ApplyResourceChangeRequest {
    /// The resource's type.
    pub type_name: String,
    /// The state; null to create.
    pub prior_state: Value,
    /// The state that was planned; null to destroy.
    pub planned_state: Value,
    /// The resource block, wholly known; null to destroy.
    pub config: Value,
    /// The private bytes of the plan. The delete half of a replacement gets
    /// those of the plan of its create half.
    pub planned_private: Vec<u8>,
}

/// See [`Provider::apply_resource_change`].
#[derive(Debug, Clone)]
pub struct ApplyResourceChangeResponse {
    /// The state that was reached, also where an error stopped the way; null
    /// if nothing exists any more.
    pub new_state: Value,
    /// The private bytes to keep.
    pub private: Vec<u8>,
    /// Problems. A create that failed with a state is tainted.
    pub diagnostics: Diagnostics,
}

/// See [`Provider::import_resource_state`].
#[derive(Debug, Clone)]
pub struct ImportResourceStateRequest {
    /// The resource's type.
    pub type_name: String,
    /// What the user calls the object.
    pub id: String,
    /// What the client can do.
    pub capabilities: ClientCapabilities,
}

/// See [`Provider::import_resource_state`].
#[derive(Debug, Clone)]
pub struct ImportResourceStateResponse {
    /// The object, as far as its ID tells; Terraform takes no more than one.
    pub imported: Vec<ImportedResource>,
    /// Whether and why the import is put off.
    pub deferred: Option<DeferredReason>,
    /// Problems.
    pub diagnostics: Diagnostics,
}

/// One object of an import.
#[derive(Debug, Clone)]
pub struct ImportedResource {
    /// The resource's type.
    pub type_name: String,
    /// What is known of it: enough for a read.
    pub state: Value,
    /// Private bytes for the read.
    pub private: Vec<u8>,
}

/// See [`Provider::move_resource_state`].
#[derive(Debug, Clone)]
pub struct MoveResourceStateRequest {
    /// The full address of the provider that wrote the state.
    pub source_provider_address: String,
    /// The type that it was.
    pub source_type_name: String,
    /// The version of that type's schema.
    pub source_schema_version: i64,
    /// The state as that provider stored it.
    pub source_state: RawState,
    /// That provider's private bytes, in whatever form it keeps them.
    pub source_private: Vec<u8>,
    /// The type that it shall be.
    pub target_type_name: String,
}

/// See [`Provider::move_resource_state`].
#[derive(Debug, Clone)]
pub struct MoveResourceStateResponse {
    /// The state of the new type: wholly known, write-only attributes null.
    pub target_state: Value,
    /// Private bytes of the new type.
    pub target_private: Vec<u8>,
    /// Problems.
    pub diagnostics: Diagnostics,
}

/// See [`Provider::read_data_source`].
#[derive(Debug, Clone)]
pub struct ReadDataSourceRequest {
    /// The data source's type.
    pub type_name: String,
    /// The data block, wholly known.
    pub config: Value,
    /// What the client can do.
    pub capabilities: ClientCapabilities,
}

/// See [`Provider::read_data_source`].
#[derive(Debug, Clone)]
pub struct ReadDataSourceResponse {
    /// The whole block with what was found; never null without an error.
    pub state: Value,
    /// Whether and why reading is put off.
    pub deferred: Option<DeferredReason>,
    /// Problems.
    pub diagnostics: Diagnostics,
}

/// See [`Provider::generate_resource_config`].
#[derive(Debug, Clone)]
pub struct GenerateResourceConfigRequest {
    /// The resource's type.
    pub type_name: String,
    /// The state to write a configuration for.
    pub state: Value,
}

/// See [`Provider::generate_resource_config`].
#[derive(Debug, Clone)]
pub struct GenerateResourceConfigResponse {
    /// The configuration, as a value of the same type.
    pub config: Value,
    /// Problems.
    pub diagnostics: Diagnostics,
}

/// See [`Provider::call_function`].
#[derive(Debug, Clone)]
pub struct CallFunctionRequest {
    /// The function's name.
    pub name: String,
    /// The arguments by the types of the parameters, variadic ones last.
    pub arguments: Vec<Value>,
}

/// Why a function gave no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct FunctionError {
    /// What is wrong, as a sentence.
    pub text: String,
    /// The 0-based index of the argument at fault, if it is one.
    pub argument: Option<usize>,
}

/// The diagnostics for a type of resource or data source that is not ours.
#[must_use]
pub fn unknown_type(type_name: &str) -> Diagnostics {
    let mut diagnostics = Diagnostics::default();
    diagnostics.error(
        Path::root(),
        "Unknown type",
        format!(
            "This provider has no {type_name:?}. Terraform may be using the schema of another version of the \
             provider; run `terraform init -upgrade`."
        ),
    );
    diagnostics
}

/// Reads a stored state by the current schema, where both have one version.
/// An older state is an error, because only the resource knows the way.
#[must_use]
pub fn upgrade_same_version(
    schema: &Schema,
    request: &UpgradeResourceStateRequest,
) -> UpgradeResourceStateResponse {
    let mut diagnostics = Diagnostics::default();
    let mut upgraded_state = Value::Null;
    let summary = "Stored state cannot be read";
    match &request.raw_state {
        RawState::Flatmap => diagnostics.error(
            Path::root(),
            summary,
            format!(
                "The state of this {} was written by Terraform 0.11 or older. Apply it once with a version \
                 between 0.12 and 1.0, which rewrites it.",
                request.type_name
            ),
        ),
        RawState::Json(_) if request.version != schema.version => diagnostics.error(
            Path::root(),
            summary,
            format!(
                "The state of this {} has schema version {}, and this provider reads version {}. Use the \
                 version of the provider that wrote it.",
                request.type_name, request.version, schema.version
            ),
        ),
        RawState::Json(raw) => match read_state(&schema.block, raw) {
            // Terraform would take it for gone.
            Ok(Value::Null) => diagnostics.error(Path::root(), summary, "The stored state is null."),
            Ok(state) => upgraded_state = state,
            Err(error) => diagnostics.error(error.path.clone(), summary, error.to_string()),
        },
    }
    UpgradeResourceStateResponse { upgraded_state, diagnostics }
}

/// A stored state by `block`, without what must not be stored.
fn read_state(block: &Block, raw: &serde_json::Value) -> Result<Value, json::Error> {
    Ok(crate::schema::without_write_only(block, &json::decode_block(block, raw)?))
}
