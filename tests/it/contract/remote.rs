//! A provider at the other end of the wire, so that the same tests run against
//! the plugin layer too.

#![expect(clippy::unnecessary_wraps, reason = "a field of a message is optional, and always there here")]

use amlsecure::protocol::proto::tfplugin5 as proto;
use amlsecure::protocol::proto::tfplugin5::provider_client::ProviderClient;
use amlsecure::protocol::wire;
use amlsecure::provider::rpc::*;
use amlsecure::schema::{Diagnostics, Path, Schemas, Step, Type, Value};
use async_trait::async_trait;
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;

/// Asks a provider over gRPC. A call that fails as a call fails the test.
pub(crate) struct Remote {
    client: ProviderClient<Channel>,
    schemas: Schemas,
}

impl Remote {
    /// The provider at the other end of `channel`, which has those `schemas`.
    pub(crate) fn new(channel: Channel, schemas: Schemas) -> Self {
        Self { client: ProviderClient::new(channel), schemas }
    }

    fn resource(&self, type_name: &str) -> Type {
        self.schemas.resources[type_name].block.implied_type()
    }

    fn data_source(&self, type_name: &str) -> Type {
        self.schemas.data_sources[type_name].block.implied_type()
    }
}

/// A value on the wire.
pub(crate) fn sent(ty: &Type, value: &Value) -> Option<proto::DynamicValue> {
    Some(wire::encode(ty, value).expect("a value of the type"))
}

/// A value from the wire.
pub(crate) fn received(ty: &Type, message: Option<&proto::DynamicValue>) -> Value {
    wire::decode(ty, message).expect("a value of the type")
}

/// Diagnostics from the wire.
pub(crate) fn told(messages: Vec<proto::Diagnostic>) -> Diagnostics {
    let mut diagnostics = Diagnostics::default();
    for message in messages {
        let path = message.attribute.map(path).unwrap_or_default();
        if message.severity == i32::from(proto::diagnostic::Severity::Error) {
            diagnostics.error(path, message.summary, message.detail);
        } else {
            diagnostics.warning(path, message.summary, message.detail);
        }
    }
    diagnostics
}

fn path(message: proto::AttributePath) -> Path {
    use proto::attribute_path::step::Selector;

    let steps = message.steps.into_iter().filter_map(|step| step.selector).map(|selector| match selector {
        Selector::AttributeName(name) => Step::Attribute(name),
        Selector::ElementKeyString(key) => Step::Key(key),
        Selector::ElementKeyInt(index) => Step::Index(usize::try_from(index).expect("an index")),
    });
    Path(steps.collect())
}

fn capabilities(native: ClientCapabilities) -> Option<proto::ClientCapabilities> {
    Some(proto::ClientCapabilities {
        deferral_allowed: native.deferral_allowed,
        write_only_attributes_allowed: native.write_only_attributes_allowed,
    })
}

fn deferred(message: Option<proto::Deferred>) -> Option<DeferredReason> {
    message.map(|message| match message.reason() {
        proto::deferred::Reason::ProviderConfigUnknown => DeferredReason::ProviderConfigUnknown,
        proto::deferred::Reason::AbsentPrereq => DeferredReason::AbsentPrerequisite,
        _ => DeferredReason::ResourceConfigUnknown,
    })
}

fn raw(state: RawState) -> Option<proto::RawState> {
    let RawState::Json(json) = state else { panic!("no state of old Terraforms") };
    Some(proto::RawState { json: json.to_string().into_bytes(), ..proto::RawState::default() })
}

#[async_trait]
impl Provider for Remote {
    fn schemas(&self) -> &Schemas {
        &self.schemas
    }

    async fn validate_provider(&self, request: ValidateProviderRequest, _: CancellationToken) -> Diagnostics {
        let ty = self.schemas.provider.block.implied_type();
        let message = proto::prepare_provider_config::Request { config: sent(&ty, &request.config) };
        let answer = self.client.clone().prepare_provider_config(message).await.unwrap().into_inner();
        assert_eq!(received(&ty, answer.prepared_config.as_ref()), request.config);
        told(answer.diagnostics)
    }

    async fn configure(&self, request: ConfigureRequest, _: CancellationToken) -> Diagnostics {
        let ty = self.schemas.provider.block.implied_type();
        let message = proto::configure::Request {
            terraform_version: request.terraform_version,
            config: sent(&ty, &request.config),
            client_capabilities: capabilities(request.capabilities),
        };
        told(self.client.clone().configure(message).await.unwrap().into_inner().diagnostics)
    }

    async fn validate_resource(&self, request: ValidateResourceRequest, _: CancellationToken) -> Diagnostics {
        let message = proto::validate_resource_type_config::Request {
            config: sent(&self.resource(&request.type_name), &request.config),
            type_name: request.type_name,
            client_capabilities: capabilities(request.capabilities),
        };
        told(
            self.client
                .clone()
                .validate_resource_type_config(message)
                .await
                .unwrap()
                .into_inner()
                .diagnostics,
        )
    }

    async fn validate_data_source(
        &self,
        request: ValidateDataSourceRequest,
        _: CancellationToken,
    ) -> Diagnostics {
        let message = proto::validate_data_source_config::Request {
            config: sent(&self.data_source(&request.type_name), &request.config),
            type_name: request.type_name,
        };
        told(self.client.clone().validate_data_source_config(message).await.unwrap().into_inner().diagnostics)
    }

    async fn upgrade_resource_state(
        &self,
        request: UpgradeResourceStateRequest,
        _: CancellationToken,
    ) -> UpgradeResourceStateResponse {
        let ty = self.resource(&request.type_name);
        let message = proto::upgrade_resource_state::Request {
            type_name: request.type_name,
            version: request.version,
            raw_state: raw(request.raw_state),
        };
        let answer = self.client.clone().upgrade_resource_state(message).await.unwrap().into_inner();
        UpgradeResourceStateResponse {
            upgraded_state: received(&ty, answer.upgraded_state.as_ref()),
            diagnostics: told(answer.diagnostics),
        }
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequest,
        _: CancellationToken,
    ) -> ReadResourceResponse {
        let ty = self.resource(&request.type_name);
        let message = proto::read_resource::Request {
            type_name: request.type_name,
            current_state: sent(&ty, &request.current_state),
            private: request.private,
            client_capabilities: capabilities(request.capabilities),
            ..proto::read_resource::Request::default()
        };
        let answer = self.client.clone().read_resource(message).await.unwrap().into_inner();
        ReadResourceResponse {
            new_state: received(&ty, answer.new_state.as_ref()),
            private: answer.private,
            deferred: deferred(answer.deferred),
            diagnostics: told(answer.diagnostics),
        }
    }

    async fn plan_resource_change(
        &self,
        request: PlanResourceChangeRequest,
        _: CancellationToken,
    ) -> PlanResourceChangeResponse {
        let ty = self.resource(&request.type_name);
        let message = proto::plan_resource_change::Request {
            type_name: request.type_name,
            prior_state: sent(&ty, &request.prior_state),
            proposed_new_state: sent(&ty, &request.proposed_new_state),
            config: sent(&ty, &request.config),
            prior_private: request.prior_private,
            client_capabilities: capabilities(request.capabilities),
            ..proto::plan_resource_change::Request::default()
        };
        let answer = self.client.clone().plan_resource_change(message).await.unwrap().into_inner();
        assert!(!answer.legacy_type_system);
        PlanResourceChangeResponse {
            planned_state: received(&ty, answer.planned_state.as_ref()),
            requires_replace: answer.requires_replace.into_iter().map(path).collect(),
            planned_private: answer.planned_private,
            deferred: deferred(answer.deferred),
            diagnostics: told(answer.diagnostics),
        }
    }

    async fn apply_resource_change(
        &self,
        request: ApplyResourceChangeRequest,
        _: CancellationToken,
    ) -> ApplyResourceChangeResponse {
        let ty = self.resource(&request.type_name);
        let message = proto::apply_resource_change::Request {
            type_name: request.type_name,
            prior_state: sent(&ty, &request.prior_state),
            planned_state: sent(&ty, &request.planned_state),
            config: sent(&ty, &request.config),
            planned_private: request.planned_private,
            ..proto::apply_resource_change::Request::default()
        };
        let answer = match self.client.clone().apply_resource_change(message).await {
            Ok(answer) => answer.into_inner(),
            // Terraform keeps what it had, in these words.
            Err(status) => {
                let mut diagnostics = Diagnostics::default();
                diagnostics.error(Path::root(), "Plugin did not respond", status.to_string());
                return ApplyResourceChangeResponse {
                    new_state: request.prior_state,
                    private: Vec::new(),
                    diagnostics,
                };
            }
        };
        assert!(!answer.legacy_type_system);
        ApplyResourceChangeResponse {
            new_state: received(&ty, answer.new_state.as_ref()),
            private: answer.private,
            diagnostics: told(answer.diagnostics),
        }
    }

    async fn import_resource_state(
        &self,
        request: ImportResourceStateRequest,
        _: CancellationToken,
    ) -> ImportResourceStateResponse {
        let message = proto::import_resource_state::Request {
            type_name: request.type_name,
            id: request.id,
            client_capabilities: capabilities(request.capabilities),
            identity: None,
        };
        let answer = self.client.clone().import_resource_state(message).await.unwrap().into_inner();
        let imported = answer.imported_resources.into_iter().map(|imported| ImportedResource {
            state: received(&self.resource(&imported.type_name), imported.state.as_ref()),
            type_name: imported.type_name,
            private: imported.private,
        });
        ImportResourceStateResponse {
            imported: imported.collect(),
            deferred: deferred(answer.deferred),
            diagnostics: told(answer.diagnostics),
        }
    }

    async fn move_resource_state(
        &self,
        request: MoveResourceStateRequest,
        _: CancellationToken,
    ) -> MoveResourceStateResponse {
        let ty = self.resource(&request.target_type_name);
        let message = proto::move_resource_state::Request {
            source_provider_address: request.source_provider_address,
            source_type_name: request.source_type_name,
            source_schema_version: request.source_schema_version,
            source_state: raw(request.source_state),
            target_type_name: request.target_type_name,
            source_private: request.source_private,
            ..proto::move_resource_state::Request::default()
        };
        let answer = self.client.clone().move_resource_state(message).await.unwrap().into_inner();
        MoveResourceStateResponse {
            target_state: received(&ty, answer.target_state.as_ref()),
            target_private: answer.target_private,
            diagnostics: told(answer.diagnostics),
        }
    }

    async fn read_data_source(
        &self,
        request: ReadDataSourceRequest,
        _: CancellationToken,
    ) -> ReadDataSourceResponse {
        let ty = self.data_source(&request.type_name);
        let message = proto::read_data_source::Request {
            type_name: request.type_name,
            config: sent(&ty, &request.config),
            provider_meta: None,
            client_capabilities: capabilities(request.capabilities),
        };
        let answer = self.client.clone().read_data_source(message).await.unwrap().into_inner();
        ReadDataSourceResponse {
            state: received(&ty, answer.state.as_ref()),
            deferred: deferred(answer.deferred),
            diagnostics: told(answer.diagnostics),
        }
    }

    async fn generate_resource_config(
        &self,
        request: GenerateResourceConfigRequest,
        _: CancellationToken,
    ) -> GenerateResourceConfigResponse {
        let ty = self.resource(&request.type_name);
        let message = proto::generate_resource_config::Request {
            type_name: request.type_name,
            state: sent(&ty, &request.state),
        };
        let answer = self.client.clone().generate_resource_config(message).await.unwrap().into_inner();
        GenerateResourceConfigResponse {
            config: received(&ty, answer.config.as_ref()),
            diagnostics: told(answer.diagnostics),
        }
    }

    async fn call_function(
        &self,
        request: CallFunctionRequest,
        _: CancellationToken,
    ) -> Result<Value, FunctionError> {
        let function = &self.schemas.functions[&request.name];
        let arguments = request.arguments.iter().enumerate().map(|(index, argument)| {
            let parameter = function.parameter(index).expect("a parameter");
            sent(&parameter.ty, argument).expect("a value")
        });
        let message =
            proto::call_function::Request { name: request.name.clone(), arguments: arguments.collect() };
        let answer = self.client.clone().call_function(message).await.unwrap().into_inner();
        match answer.error {
            Some(error) => Err(FunctionError {
                text: error.text,
                argument: error.function_argument.and_then(|index| usize::try_from(index).ok()),
            }),
            None => Ok(received(&function.returns, answer.result.as_ref())),
        }
    }
}
