//! `ApplyResourceChange`: creates, updates or deletes.

use super::{Call, decode, encode_state, resource};
use crate::protocol::proto::tfplugin5::apply_resource_change::{Request, Response};
use crate::protocol::wire;
use crate::provider::rpc::ApplyResourceChangeRequest;
use crate::schema::Diagnostics;

pub(super) async fn answer(call: Call, request: Request) -> Result<Response, Diagnostics> {
    let block = &resource(&*call.provider, &request.type_name)?.block;
    let ty = block.implied_type();
    let native = ApplyResourceChangeRequest {
        prior_state: decode("prior state", &ty, request.prior_state.as_ref())?,
        planned_state: decode("planned state", &ty, request.planned_state.as_ref())?,
        config: decode("configuration", &ty, request.config.as_ref())?,
        type_name: request.type_name,
        planned_private: request.planned_private,
    };
    let answer = call.provider.apply_resource_change(native, call.cancel).await;
    let mut diagnostics = answer.diagnostics;
    // A change that failed halfway may not have learnt everything. Terraform
    // would store null as well, but add an error of its own.
    let reached =
        if diagnostics.has_errors() { answer.new_state.without_unknown() } else { answer.new_state };
    Ok(Response {
        new_state: encode_state("new state", block, &ty, &reached, &mut diagnostics),
        private: answer.private,
        legacy_type_system: false,
        new_identity: None,
        diagnostics: wire::diagnostics(&ty, &diagnostics),
    })
}
