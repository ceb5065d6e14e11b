//! `Configure`: hands over the provider block, which may hold unknown values
//! while planning.

use super::{Call, decode};
use crate::protocol::proto::tfplugin5::configure::{Request, Response};
use crate::protocol::wire;
use crate::provider::rpc::ConfigureRequest;
use crate::schema::Diagnostics;

pub(super) async fn answer(call: Call, request: Request) -> Result<Response, Diagnostics> {
    let ty = call.provider.schemas().provider.block.implied_type();
    let request = ConfigureRequest {
        config: decode("configuration", &ty, request.config.as_ref())?,
        terraform_version: request.terraform_version,
        capabilities: wire::capabilities(request.client_capabilities),
    };
    let diagnostics = call.provider.configure(request, call.cancel).await;
    Ok(Response { diagnostics: wire::diagnostics(&ty, &diagnostics) })
}
