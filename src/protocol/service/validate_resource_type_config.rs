//! `ValidateResourceTypeConfig`: checks a resource block.

use super::{Call, decode, resource};
use crate::protocol::proto::tfplugin5::validate_resource_type_config::{Request, Response};
use crate::protocol::wire;
use crate::provider::rpc::ValidateResourceRequest;
use crate::schema::Diagnostics;

pub(super) async fn answer(call: Call, request: Request) -> Result<Response, Diagnostics> {
    let ty = resource(&*call.provider, &request.type_name)?.block.implied_type();
    let request = ValidateResourceRequest {
        config: decode("configuration", &ty, request.config.as_ref())?,
        type_name: request.type_name,
        capabilities: wire::capabilities(request.client_capabilities),
    };
    let diagnostics = call.provider.validate_resource(request, call.cancel).await;
    Ok(Response { diagnostics: wire::diagnostics(&ty, &diagnostics) })
}
