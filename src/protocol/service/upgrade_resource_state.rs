//! `UpgradeResourceState`: brings a stored state to the current schema.
//! Terraform asks for every object of every state, whatever its version.

use super::{Call, encode_state, resource, unreadable};
use crate::protocol::proto::tfplugin5::upgrade_resource_state::{Request, Response};
use crate::protocol::wire;
use crate::provider::rpc::UpgradeResourceStateRequest;
use crate::schema::Diagnostics;

pub(super) async fn answer(call: Call, request: Request) -> Result<Response, Diagnostics> {
    let block = &resource(&*call.provider, &request.type_name)?.block;
    let ty = block.implied_type();
    let native = UpgradeResourceStateRequest {
        type_name: request.type_name,
        version: request.version,
        raw_state: wire::raw_state(request.raw_state).map_err(|error| unreadable("stored state", &error))?,
    };
    let answer = call.provider.upgrade_resource_state(native, call.cancel).await;
    let mut diagnostics = answer.diagnostics;
    let state = encode_state("upgraded state", block, &ty, &answer.upgraded_state, &mut diagnostics);
    Ok(Response { upgraded_state: state, diagnostics: wire::diagnostics(&ty, &diagnostics) })
}
