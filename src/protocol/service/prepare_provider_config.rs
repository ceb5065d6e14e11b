//! `PrepareProviderConfig`: checks the provider block. Terraform ignores the
//! configuration in the answer, and only wants it to be the one it sent.

use super::{Call, decode};
use crate::protocol::proto::tfplugin5::prepare_provider_config::{Request, Response};
use crate::protocol::wire;
use crate::provider::rpc::ValidateProviderRequest;
use crate::schema::Diagnostics;

pub(super) async fn answer(call: Call, request: Request) -> Result<Response, Diagnostics> {
    let ty = call.provider.schemas().provider.block.implied_type();
    let config = decode("configuration", &ty, request.config.as_ref())?;
    let diagnostics = call.provider.validate_provider(ValidateProviderRequest { config }, call.cancel).await;
    Ok(Response { prepared_config: request.config, diagnostics: wire::diagnostics(&ty, &diagnostics) })
}
