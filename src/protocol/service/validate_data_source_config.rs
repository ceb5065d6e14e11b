//! `ValidateDataSourceConfig`: checks a data block.

use super::{Call, data_source, decode};
use crate::protocol::proto::tfplugin5::validate_data_source_config::{Request, Response};
use crate::protocol::wire;
use crate::provider::rpc::ValidateDataSourceRequest;
use crate::schema::Diagnostics;

pub(super) async fn answer(call: Call, request: Request) -> Result<Response, Diagnostics> {
    let ty = data_source(&*call.provider, &request.type_name)?.block.implied_type();
    let config = decode("configuration", &ty, request.config.as_ref())?;
    let request = ValidateDataSourceRequest { type_name: request.type_name, config };
    let diagnostics = call.provider.validate_data_source(request, call.cancel).await;
    Ok(Response { diagnostics: wire::diagnostics(&ty, &diagnostics) })
}
