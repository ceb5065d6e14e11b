//! `GenerateResourceConfig`: writes the configuration that would yield a state.

use super::{Call, decode, encode_state, resource};
use crate::protocol::proto::tfplugin5::generate_resource_config::{Request, Response};
use crate::protocol::wire;
use crate::provider::rpc::GenerateResourceConfigRequest;
use crate::schema::Diagnostics;

pub(super) async fn answer(call: Call, request: Request) -> Result<Response, Diagnostics> {
    let block = &resource(&*call.provider, &request.type_name)?.block;
    let ty = block.implied_type();
    let state = decode("state", &ty, request.state.as_ref())?;
    let native = GenerateResourceConfigRequest { type_name: request.type_name, state };
    let answer = call.provider.generate_resource_config(native, call.cancel).await;
    let mut diagnostics = answer.diagnostics;
    let config = encode_state("generated configuration", block, &ty, &answer.config, &mut diagnostics);
    Ok(Response { config, diagnostics: wire::diagnostics(&ty, &diagnostics) })
}
