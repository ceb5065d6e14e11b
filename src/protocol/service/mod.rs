//! The service `tfplugin5.Provider`: one file per RPC, which converts the
//! request, asks the provider, and converts its answer.
//!
//! What all have in common is here: each runs in a task of its own with a
//! token that Stop and a departed caller cancel, a panic becomes an error
//! diagnostic, and what happens is logged under the keys that Terraform's own
//! providers use.

mod action;
mod apply_resource_change;
mod call_function;
mod configure;
mod ephemeral_resource;
mod generate_resource_config;
mod get_functions;
mod get_metadata;
mod get_resource_identity_schemas;
mod get_schema;
mod import_resource_state;
mod list_resource;
mod move_resource_state;
mod plan_resource_change;
mod prepare_provider_config;
mod read_data_source;
mod read_resource;
mod upgrade_resource_identity;
mod upgrade_resource_state;
mod validate_data_source_config;
mod validate_resource_type_config;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use futures::{Stream, stream};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};
use tracing::Instrument as _;

use super::proto::tfplugin5 as proto;
use super::proto::tfplugin5::provider_server::Provider as Tfplugin5;
use super::stop::Epochs;
use super::{crash, wire};
use crate::provider::rpc::{Provider, unknown_type};
use crate::schema::{Block, Diagnostics, Path, Schema, Type, Value, without_write_only};

/// The version of the protocol, as logs name it.
const PROTOCOL: &str = "5.11";

/// Answers Terraform's RPCs by asking a provider.
pub(super) struct Service {
    provider: Arc<dyn Provider>,
    epochs: Epochs,
}

/// What an RPC has to answer with.
struct Call {
    provider: Arc<dyn Provider>,
    cancel: CancellationToken,
}

/// What a request is about, for the log.
enum Subject {
    Provider,
    Resource(String),
    DataSource(String),
    Other(String),
}

type Answer<T> = Result<Response<T>, Status>;
type Events<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

impl Service {
    pub(super) fn new(provider: Arc<dyn Provider>, shutdown: CancellationToken) -> Self {
        Self { provider, epochs: Epochs::new(shutdown) }
    }

    /// Answers one request by `work`. Its `Err`, and a panic in it, are an
    /// otherwise empty answer with error diagnostics.
    async fn answer<Q, A, F>(
        &self,
        rpc: &'static str,
        subject: Subject,
        request: Request<Q>,
        work: impl FnOnce(Call, Q) -> F,
    ) -> Answer<A>
    where
        A: Reply,
        F: Future<Output = Result<A, Diagnostics>> + Send + 'static,
    {
        let span = span(rpc, &subject);
        let started = tokio::time::Instant::now();
        let cancel = self.epochs.request();
        // Terraform hanging up drops this future, and with it the guard.
        let _guard = cancel.clone().drop_guard();
        let work = work(Call { provider: self.provider.clone(), cancel }, request.into_inner());
        let work = async move {
            tracing::trace!("Received request");
            let result = work.await;
            let answer = result.unwrap_or_else(|diagnostics| A::refusal(&diagnostics));
            log_diagnostics(answer.diagnostics());
            let elapsed = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
            tracing::trace!(tf_req_duration_ms = elapsed, "Served request");
            answer
        };
        let answer = crash::catch(work.instrument(span)).await;
        Ok(Response::new(answer.unwrap_or_else(|panic| {
            let mut diagnostics = Diagnostics::default();
            diagnostics.error(
                Path::root(),
                "Provider panicked",
                format!(
                    "{rpc} ended in a panic, which is a defect of the provider; please report it: {panic}"
                ),
            );
            A::refusal(&diagnostics)
        })))
    }
}

fn span(rpc: &'static str, subject: &Subject) -> tracing::Span {
    let span = tracing::error_span!(
        "rpc",
        tf_rpc = rpc,
        tf_req_id = %uuid::Uuid::new_v4(),
        tf_proto_version = PROTOCOL,
        tf_resource_type = tracing::field::Empty,
        tf_data_source_type = tracing::field::Empty,
        tf_type = tracing::field::Empty,
    );
    match subject {
        Subject::Provider => {}
        Subject::Resource(name) => drop(span.record("tf_resource_type", name)),
        Subject::DataSource(name) => drop(span.record("tf_data_source_type", name)),
        Subject::Other(name) => drop(span.record("tf_type", name)),
    }
    span
}

fn log_diagnostics(diagnostics: &[proto::Diagnostic]) {
    for it in diagnostics {
        let (summary, detail) = (it.summary.as_str(), it.detail.as_str());
        if it.severity == i32::from(proto::diagnostic::Severity::Error) {
            tracing::error!(
                diagnostic_severity = "ERROR",
                diagnostic_summary = summary,
                diagnostic_detail = detail,
                "Response contains error diagnostic"
            );
        } else {
            // Terraform shows it; at WARN it would look like a complaint about the provider.
            tracing::info!(
                diagnostic_severity = "WARNING",
                diagnostic_summary = summary,
                diagnostic_detail = detail,
                "Response contains warning diagnostic"
            );
        }
    }
}

/// A response that can say what is wrong.
trait Reply: Sized + Send + 'static {
    /// The response that says nothing else.
    fn refusal(diagnostics: &Diagnostics) -> Self;
    /// What the response says.
    fn diagnostics(&self) -> &[proto::Diagnostic];
}

macro_rules! reply {
    ($($message:ident),+ $(,)?) => {$(
        impl Reply for proto::$message::Response {
            #[allow(clippy::needless_update, reason = "some have diagnostics only")]
            fn refusal(diagnostics: &Diagnostics) -> Self {
                Self { diagnostics: whole(diagnostics), ..Self::default() }
            }

            fn diagnostics(&self) -> &[proto::Diagnostic] {
                &self.diagnostics
            }
        }
    )+};
}

reply!(
    apply_resource_change,
    close_ephemeral_resource,
    configure,
    generate_resource_config,
    get_functions,
    get_metadata,
    get_provider_schema,
    get_resource_identity_schemas,
    import_resource_state,
    move_resource_state,
    open_ephemeral_resource,
    plan_action,
    plan_resource_change,
    prepare_provider_config,
    read_data_source,
    read_resource,
    renew_ephemeral_resource,
    upgrade_resource_identity,
    upgrade_resource_state,
    validate_action_config,
    validate_data_source_config,
    validate_ephemeral_resource_config,
    validate_list_resource_config,
    validate_resource_type_config,
);

impl Reply for proto::call_function::Response {
    fn refusal(diagnostics: &Diagnostics) -> Self {
        let text = diagnostics.0.iter().map(|it| it.detail.as_str()).collect::<Vec<_>>().join("\n");
        Self { result: None, error: Some(proto::FunctionError { text, function_argument: None }) }
    }

    fn diagnostics(&self) -> &[proto::Diagnostic] {
        &[]
    }
}

/// Diagnostics that point at no attribute, since no schema says which there
/// are.
fn whole(diagnostics: &Diagnostics) -> Vec<proto::Diagnostic> {
    wire::diagnostics(&Type::Dynamic, diagnostics)
}

/// The schema of a resource, or the diagnostics that there is none.
fn resource<'a>(provider: &'a dyn Provider, type_name: &str) -> Result<&'a Schema, Diagnostics> {
    provider.schemas().resources.get(type_name).ok_or_else(|| unknown_type(type_name))
}

/// The schema of a data source, or the diagnostics that there is none.
fn data_source<'a>(provider: &'a dyn Provider, type_name: &str) -> Result<&'a Schema, Diagnostics> {
    provider.schemas().data_sources.get(type_name).ok_or_else(|| unknown_type(type_name))
}

/// Reads a value of the request, called `what` where it cannot be read.
fn decode(what: &str, ty: &Type, message: Option<&proto::DynamicValue>) -> Result<Value, Diagnostics> {
    wire::decode(ty, message).map_err(|error| unreadable(what, &error))
}

fn unreadable(what: &str, error: &wire::WireError) -> Diagnostics {
    let mut diagnostics = Diagnostics::default();
    diagnostics.error(
        error.path.clone(),
        "Request cannot be read",
        format!("The {what} that Terraform sent does not fit the provider's schema: {error}"),
    );
    diagnostics
}

/// Writes a value of the answer. One that does not fit becomes a diagnostic
/// here, because Terraform says only that it does not.
fn encode(
    what: &str,
    ty: &Type,
    value: &Value,
    diagnostics: &mut Diagnostics,
) -> Option<proto::DynamicValue> {
    match wire::encode(ty, value) {
        Ok(message) => Some(message),
        Err(error) => {
            diagnostics.error(
                error.path.clone(),
                "Provider returned an invalid value",
                format!("The {what} does not fit the schema, which is a defect of the provider: {error}"),
            );
            None
        }
    }
}

/// Writes a state of the answer. What must not be stored is null in it,
/// whatever the provider says.
fn encode_state(
    what: &str,
    block: &Block,
    ty: &Type,
    state: &Value,
    diagnostics: &mut Diagnostics,
) -> Option<proto::DynamicValue> {
    encode(what, ty, &without_write_only(block, state), diagnostics)
}

/// The diagnostics for something that this provider has none of.
fn none_of(what: &str, type_name: &str) -> Diagnostics {
    let mut diagnostics = Diagnostics::default();
    diagnostics.error(
        Path::root(),
        format!("No such {what}"),
        format!("This provider has no {what} {type_name:?}, nor any other."),
    );
    diagnostics
}

#[tonic::async_trait]
impl Tfplugin5 for Service {
    async fn get_metadata(
        &self,
        request: Request<proto::get_metadata::Request>,
    ) -> Answer<proto::get_metadata::Response> {
        self.answer("GetMetadata", Subject::Provider, request, get_metadata::answer).await
    }

    async fn get_schema(
        &self,
        request: Request<proto::get_provider_schema::Request>,
    ) -> Answer<proto::get_provider_schema::Response> {
        self.answer("GetSchema", Subject::Provider, request, get_schema::answer).await
    }

    async fn get_resource_identity_schemas(
        &self,
        request: Request<proto::get_resource_identity_schemas::Request>,
    ) -> Answer<proto::get_resource_identity_schemas::Response> {
        let work = get_resource_identity_schemas::answer;
        self.answer("GetResourceIdentitySchemas", Subject::Provider, request, work).await
    }

    async fn prepare_provider_config(
        &self,
        request: Request<proto::prepare_provider_config::Request>,
    ) -> Answer<proto::prepare_provider_config::Response> {
        self.answer("PrepareProviderConfig", Subject::Provider, request, prepare_provider_config::answer)
            .await
    }

    async fn validate_resource_type_config(
        &self,
        request: Request<proto::validate_resource_type_config::Request>,
    ) -> Answer<proto::validate_resource_type_config::Response> {
        let subject = Subject::Resource(request.get_ref().type_name.clone());
        let work = validate_resource_type_config::answer;
        self.answer("ValidateResourceTypeConfig", subject, request, work).await
    }

    async fn validate_data_source_config(
        &self,
        request: Request<proto::validate_data_source_config::Request>,
    ) -> Answer<proto::validate_data_source_config::Response> {
        let subject = Subject::DataSource(request.get_ref().type_name.clone());
        self.answer("ValidateDataSourceConfig", subject, request, validate_data_source_config::answer).await
    }

    async fn upgrade_resource_state(
        &self,
        request: Request<proto::upgrade_resource_state::Request>,
    ) -> Answer<proto::upgrade_resource_state::Response> {
        let subject = Subject::Resource(request.get_ref().type_name.clone());
        self.answer("UpgradeResourceState", subject, request, upgrade_resource_state::answer).await
    }

    async fn upgrade_resource_identity(
        &self,
        request: Request<proto::upgrade_resource_identity::Request>,
    ) -> Answer<proto::upgrade_resource_identity::Response> {
        let subject = Subject::Resource(request.get_ref().type_name.clone());
        self.answer("UpgradeResourceIdentity", subject, request, upgrade_resource_identity::answer).await
    }

    async fn configure(
        &self,
        request: Request<proto::configure::Request>,
    ) -> Answer<proto::configure::Response> {
        self.answer("Configure", Subject::Provider, request, configure::answer).await
    }

    async fn read_resource(
        &self,
        request: Request<proto::read_resource::Request>,
    ) -> Answer<proto::read_resource::Response> {
        let subject = Subject::Resource(request.get_ref().type_name.clone());
        self.answer("ReadResource", subject, request, read_resource::answer).await
    }

    async fn plan_resource_change(
        &self,
        request: Request<proto::plan_resource_change::Request>,
    ) -> Answer<proto::plan_resource_change::Response> {
        let subject = Subject::Resource(request.get_ref().type_name.clone());
        self.answer("PlanResourceChange", subject, request, plan_resource_change::answer).await
    }

    async fn apply_resource_change(
        &self,
        request: Request<proto::apply_resource_change::Request>,
    ) -> Answer<proto::apply_resource_change::Response> {
        let subject = Subject::Resource(request.get_ref().type_name.clone());
        self.answer("ApplyResourceChange", subject, request, apply_resource_change::answer).await
    }

    async fn import_resource_state(
        &self,
        request: Request<proto::import_resource_state::Request>,
    ) -> Answer<proto::import_resource_state::Response> {
        let subject = Subject::Resource(request.get_ref().type_name.clone());
        self.answer("ImportResourceState", subject, request, import_resource_state::answer).await
    }

    async fn move_resource_state(
        &self,
        request: Request<proto::move_resource_state::Request>,
    ) -> Answer<proto::move_resource_state::Response> {
        let subject = Subject::Resource(request.get_ref().target_type_name.clone());
        self.answer("MoveResourceState", subject, request, move_resource_state::answer).await
    }

    async fn read_data_source(
        &self,
        request: Request<proto::read_data_source::Request>,
    ) -> Answer<proto::read_data_source::Response> {
        let subject = Subject::DataSource(request.get_ref().type_name.clone());
        self.answer("ReadDataSource", subject, request, read_data_source::answer).await
    }

    async fn generate_resource_config(
        &self,
        request: Request<proto::generate_resource_config::Request>,
    ) -> Answer<proto::generate_resource_config::Response> {
        let subject = Subject::Resource(request.get_ref().type_name.clone());
        self.answer("GenerateResourceConfig", subject, request, generate_resource_config::answer).await
    }

    async fn validate_ephemeral_resource_config(
        &self,
        request: Request<proto::validate_ephemeral_resource_config::Request>,
    ) -> Answer<proto::validate_ephemeral_resource_config::Response> {
        let subject = Subject::Other(request.get_ref().type_name.clone());
        self.answer("ValidateEphemeralResourceConfig", subject, request, ephemeral_resource::validate).await
    }

    async fn open_ephemeral_resource(
        &self,
        request: Request<proto::open_ephemeral_resource::Request>,
    ) -> Answer<proto::open_ephemeral_resource::Response> {
        let subject = Subject::Other(request.get_ref().type_name.clone());
        self.answer("OpenEphemeralResource", subject, request, ephemeral_resource::open).await
    }

    async fn renew_ephemeral_resource(
        &self,
        request: Request<proto::renew_ephemeral_resource::Request>,
    ) -> Answer<proto::renew_ephemeral_resource::Response> {
        let subject = Subject::Other(request.get_ref().type_name.clone());
        self.answer("RenewEphemeralResource", subject, request, ephemeral_resource::renew).await
    }

    async fn close_ephemeral_resource(
        &self,
        request: Request<proto::close_ephemeral_resource::Request>,
    ) -> Answer<proto::close_ephemeral_resource::Response> {
        let subject = Subject::Other(request.get_ref().type_name.clone());
        self.answer("CloseEphemeralResource", subject, request, ephemeral_resource::close).await
    }

    type ListResourceStream = Events<proto::list_resource::Event>;

    async fn list_resource(
        &self,
        request: Request<proto::list_resource::Request>,
    ) -> Answer<Self::ListResourceStream> {
        Ok(Response::new(Box::pin(stream::iter([Ok(list_resource::event(request.get_ref()))]))))
    }

    async fn validate_list_resource_config(
        &self,
        request: Request<proto::validate_list_resource_config::Request>,
    ) -> Answer<proto::validate_list_resource_config::Response> {
        let subject = Subject::Other(request.get_ref().type_name.clone());
        self.answer("ValidateListResourceConfig", subject, request, list_resource::validate).await
    }

    async fn get_functions(
        &self,
        request: Request<proto::get_functions::Request>,
    ) -> Answer<proto::get_functions::Response> {
        self.answer("GetFunctions", Subject::Provider, request, get_functions::answer).await
    }

    async fn call_function(
        &self,
        request: Request<proto::call_function::Request>,
    ) -> Answer<proto::call_function::Response> {
        let subject = Subject::Other(request.get_ref().name.clone());
        self.answer("CallFunction", subject, request, call_function::answer).await
    }

    async fn validate_action_config(
        &self,
        request: Request<proto::validate_action_config::Request>,
    ) -> Answer<proto::validate_action_config::Response> {
        let subject = Subject::Other(request.get_ref().action_type.clone());
        self.answer("ValidateActionConfig", subject, request, action::validate).await
    }

    async fn plan_action(
        &self,
        request: Request<proto::plan_action::Request>,
    ) -> Answer<proto::plan_action::Response> {
        let subject = Subject::Other(request.get_ref().action_type.clone());
        self.answer("PlanAction", subject, request, action::plan).await
    }

    type InvokeActionStream = Events<proto::invoke_action::Event>;

    async fn invoke_action(
        &self,
        request: Request<proto::invoke_action::Request>,
    ) -> Answer<Self::InvokeActionStream> {
        Ok(Response::new(Box::pin(stream::iter([Ok(action::event(request.get_ref()))]))))
    }

    /// Cancels all that runs, and returns at once: Terraform waits for it
    /// provider by provider.
    async fn stop(&self, _request: Request<proto::stop::Request>) -> Answer<proto::stop::Response> {
        tracing::debug!(tf_rpc = "Stop", "Terraform asks to stop");
        self.epochs.stop();
        self.provider.stop();
        Ok(Response::new(proto::stop::Response { error: String::new() }))
    }
}
