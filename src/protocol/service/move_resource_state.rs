//! `MoveResourceState`: takes over the state of another type of resource, of
//! any provider. OpenTofu asks without looking at the capability, and neither
//! sends an identity that we would need.

use super::{Call, encode_state, resource, unreadable};
use crate::protocol::proto::tfplugin5::move_resource_state::{Request, Response};
use crate::protocol::wire;
use crate::provider::rpc::MoveResourceStateRequest;
use crate::schema::Diagnostics;

pub(super) async fn answer(call: Call, request: Request) -> Result<Response, Diagnostics> {
    let block = &resource(&*call.provider, &request.target_type_name)?.block;
    let ty = block.implied_type();
    let native = MoveResourceStateRequest {
        source_provider_address: request.source_provider_address,
        source_type_name: request.source_type_name,
        source_schema_version: request.source_schema_version,
        source_state: wire::raw_state(request.source_state)
            .map_err(|error| unreadable("source state", &error))?,
        source_private: request.source_private,
        target_type_name: request.target_type_name,
    };
    let answer = call.provider.move_resource_state(native, call.cancel).await;
    let mut diagnostics = answer.diagnostics;
    let state = encode_state("moved state", block, &ty, &answer.target_state, &mut diagnostics);
    Ok(Response {
        target_state: state,
        target_private: answer.target_private,
        target_identity: None,
        diagnostics: wire::diagnostics(&ty, &diagnostics),
    })
}
