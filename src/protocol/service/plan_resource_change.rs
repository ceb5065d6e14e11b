//! `PlanResourceChange`: says what an apply would bring.

use super::{Call, decode, encode_state, resource};
use crate::protocol::proto::tfplugin5::plan_resource_change::{Request, Response};
use crate::protocol::wire;
use crate::provider::rpc::PlanResourceChangeRequest;
use crate::schema::Diagnostics;

pub(super) async fn answer(call: Call, request: Request) -> Result<Response, Diagnostics> {
    let block = &resource(&*call.provider, &request.type_name)?.block;
    let ty = block.implied_type();
    let capabilities = wire::capabilities(request.client_capabilities);
    let native = PlanResourceChangeRequest {
        prior_state: decode("prior state", &ty, request.prior_state.as_ref())?,
        proposed_new_state: decode("proposed state", &ty, request.proposed_new_state.as_ref())?,
        config: decode("configuration", &ty, request.config.as_ref())?,
        type_name: request.type_name,
        prior_private: request.prior_private,
        capabilities,
    };
    let mut answer = call.provider.plan_resource_change(native, call.cancel).await;
    let mut diagnostics = answer.diagnostics;
    answer.requires_replace.sort();
    answer.requires_replace.dedup();
    Ok(Response {
        planned_state: encode_state("planned state", block, &ty, &answer.planned_state, &mut diagnostics),
        requires_replace: answer.requires_replace.iter().map(|path| wire::path(&ty, path)).collect(),
        planned_private: answer.planned_private,
        legacy_type_system: false,
        deferred: wire::deferred(answer.deferred, capabilities.deferral_allowed, &mut diagnostics),
        planned_identity: None,
        diagnostics: wire::diagnostics(&ty, &diagnostics),
    })
}
