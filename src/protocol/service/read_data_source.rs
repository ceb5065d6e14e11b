//! `ReadDataSource`: reads a data source.

use super::{Call, data_source, decode, encode};
use crate::protocol::proto::tfplugin5::read_data_source::{Request, Response};
use crate::protocol::wire;
use crate::provider::rpc::ReadDataSourceRequest;
use crate::schema::Diagnostics;

pub(super) async fn answer(call: Call, request: Request) -> Result<Response, Diagnostics> {
    let ty = data_source(&*call.provider, &request.type_name)?.block.implied_type();
    let capabilities = wire::capabilities(request.client_capabilities);
    let native = ReadDataSourceRequest {
        config: decode("configuration", &ty, request.config.as_ref())?,
        type_name: request.type_name,
        capabilities,
    };
    let answer = call.provider.read_data_source(native, call.cancel).await;
    let mut diagnostics = answer.diagnostics;
    Ok(Response {
        state: encode("data", &ty, &answer.state, &mut diagnostics),
        deferred: wire::deferred(answer.deferred, capabilities.deferral_allowed, &mut diagnostics),
        diagnostics: wire::diagnostics(&ty, &diagnostics),
    })
}
