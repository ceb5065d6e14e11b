//! The hinge between Terraform's values and Azure's graphs: configure,
//! validate, plan, read and apply for *any* composite. One file per thing that
//! Terraform asks.
//!
//! Nothing here knows a resource by name, the wire, or HTTP.

mod advice;
mod apply;
mod backend;
mod common;
mod configure;
mod destroy;
mod foreign;
mod import;
mod moves;
mod outputs;
mod plan;
mod private;
mod progress;
mod provider_block;
mod read;
mod report;
pub mod rpc;
mod state;
mod validate;

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::RwLock;
use tokio_util::sync::CancellationToken;

pub use backend::{Backend, Simulated, SimulatorSettings};
pub use configure::{Configured, Environment};
pub use progress::{Record, Subject};

use crate::schema::{Diagnostics, Path, Schemas, Value, validate as validate_block};
use crate::{data_sources, functions, resources};

/// The provider that Terraform talks to.
pub struct Amlsecure {
    schemas: Schemas,
    backend: Arc<dyn Backend>,
    environment: Environment,
    configured: RwLock<Option<Arc<Configured>>>,
}

impl Amlsecure {
    /// A provider that reaches Azure through `backend` and takes what the
    /// provider block leaves open from `environment`.
    pub fn new(backend: Arc<dyn Backend>, environment: Environment) -> Self {
        Self { schemas: schemas(), backend, environment, configured: RwLock::new(None) }
    }

    /// What the provider block said. Terraform configures before it asks for
    /// anything that needs Azure.
    async fn configured(&self) -> Result<Arc<Configured>, Diagnostics> {
        self.configured.read().await.clone().ok_or_else(|| {
            let mut problems = Diagnostics::default();
            problems.error(
                Path::root(),
                "The provider is not configured",
                "Terraform asked for a resource before it sent the provider block. Run the command again; if it \
                 happens twice, please report it.",
            );
            problems
        })
    }
}

/// The schemas of all that the provider offers.
pub fn schemas() -> Schemas {
    Schemas {
        provider: provider_block::schema(),
        resources: resources::ALL
            .iter()
            .map(|composite| (composite.type_name.to_owned(), composite.schema()))
            .collect(),
        data_sources: data_sources::ALL
            .iter()
            .map(|source| (source.type_name.to_owned(), source.schema()))
            .collect(),
        functions: functions::ALL
            .iter()
            .map(|function| (function.name.to_owned(), (function.signature)()))
            .collect::<BTreeMap<_, _>>(),
    }
}

#[async_trait]
impl rpc::Provider for Amlsecure {
    fn schemas(&self) -> &Schemas {
        &self.schemas
    }

    async fn validate_provider(
        &self,
        request: rpc::ValidateProviderRequest,
        _: CancellationToken,
    ) -> Diagnostics {
        let mut problems = Diagnostics::default();
        validate_block(&self.schemas.provider.block, &request.config, true, &mut problems);
        problems.extend(provider_block::check(&request.config));
        problems
    }

    async fn configure(&self, request: rpc::ConfigureRequest, cancel: CancellationToken) -> Diagnostics {
        let (configured, problems) =
            configure::configure(&request, self.backend.as_ref(), &self.environment, cancel).await;
        if let Some(configured) = configured {
            *self.configured.write().await = Some(Arc::new(configured));
        }
        problems
    }

    async fn validate_resource(
        &self,
        request: rpc::ValidateResourceRequest,
        _: CancellationToken,
    ) -> Diagnostics {
        validate::resource(&self.schemas, &request)
    }

    async fn validate_data_source(
        &self,
        request: rpc::ValidateDataSourceRequest,
        _: CancellationToken,
    ) -> Diagnostics {
        validate::data_source(&self.schemas, &request)
    }

    async fn read_resource(
        &self,
        request: rpc::ReadResourceRequest,
        cancel: CancellationToken,
    ) -> rpc::ReadResourceResponse {
        match self.configured().await {
            Ok(configured) => read::resource(&configured, request, cancel).await,
            Err(diagnostics) => rpc::ReadResourceResponse {
                new_state: request.current_state,
                private: request.private,
                deferred: None,
                diagnostics,
            },
        }
    }

    async fn plan_resource_change(
        &self,
        request: rpc::PlanResourceChangeRequest,
        cancel: CancellationToken,
    ) -> rpc::PlanResourceChangeResponse {
        match self.configured().await {
            Ok(configured) => plan::resource(&configured, request, cancel).await,
            Err(diagnostics) => plan::refused(request, diagnostics),
        }
    }

    async fn apply_resource_change(
        &self,
        request: rpc::ApplyResourceChangeRequest,
        cancel: CancellationToken,
    ) -> rpc::ApplyResourceChangeResponse {
        match self.configured().await {
            Ok(configured) => apply::resource(&configured, request, cancel).await,
            Err(diagnostics) => apply::refused(request, diagnostics),
        }
    }

    async fn import_resource_state(
        &self,
        request: rpc::ImportResourceStateRequest,
        cancel: CancellationToken,
    ) -> rpc::ImportResourceStateResponse {
        match self.configured().await {
            Ok(configured) => import::resource(&configured, request, cancel).await,
            Err(diagnostics) => {
                rpc::ImportResourceStateResponse { imported: Vec::new(), deferred: None, diagnostics }
            }
        }
    }

    /// Asked before the provider is configured.
    async fn move_resource_state(
        &self,
        request: rpc::MoveResourceStateRequest,
        _: CancellationToken,
    ) -> rpc::MoveResourceStateResponse {
        moves::resource(&request)
    }

    async fn read_data_source(
        &self,
        request: rpc::ReadDataSourceRequest,
        cancel: CancellationToken,
    ) -> rpc::ReadDataSourceResponse {
        match self.configured().await {
            Ok(configured) => read::data_source(&configured, request, cancel).await,
            Err(diagnostics) => {
                rpc::ReadDataSourceResponse { state: Value::Null, deferred: None, diagnostics }
            }
        }
    }

    async fn call_function(
        &self,
        request: rpc::CallFunctionRequest,
        _: CancellationToken,
    ) -> Result<Value, rpc::FunctionError> {
        match functions::ALL.iter().find(|function| function.name == request.name) {
            Some(function) => (function.call)(&request.arguments)
                .map_err(|(argument, text)| rpc::FunctionError { text, argument: Some(argument) }),
            None => Err(rpc::FunctionError {
                text: format!("This provider has no function {:?}.", request.name),
                argument: None,
            }),
        }
    }
}
