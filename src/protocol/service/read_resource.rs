//! `ReadResource`: looks at the real object.

use super::{Call, decode, encode_state, resource};
use crate::protocol::proto::tfplugin5::read_resource::{Request, Response};
use crate::protocol::wire;
use crate::provider::rpc::ReadResourceRequest;
use crate::schema::Diagnostics;

pub(super) async fn answer(call: Call, request: Request) -> Result<Response, Diagnostics> {
    let block = &resource(&*call.provider, &request.type_name)?.block;
    let ty = block.implied_type();
    let capabilities = wire::capabilities(request.client_capabilities);
    let native = ReadResourceRequest {
        current_state: decode("state", &ty, request.current_state.as_ref())?,
        type_name: request.type_name,
        private: request.private,
        capabilities,
    };
    let answer = call.provider.read_resource(native, call.cancel).await;
    let mut diagnostics = answer.diagnostics;
    Ok(Response {
        new_state: encode_state("refreshed state", block, &ty, &answer.new_state, &mut diagnostics),
        private: answer.private,
        deferred: wire::deferred(answer.deferred, capabilities.deferral_allowed, &mut diagnostics),
        new_identity: None,
        diagnostics: wire::diagnostics(&ty, &diagnostics),
    })
}
