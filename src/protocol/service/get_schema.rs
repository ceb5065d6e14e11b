//! `GetSchema`: the schemas of all that the provider offers. Terraform may ask
//! one process for it and then talk to others, which it never asks.

use super::Call;
use crate::protocol::proto::tfplugin5::get_provider_schema::{Request, Response};
use crate::protocol::schema::{CAPABILITIES, functions, schema, schemas};
use crate::schema::Diagnostics;

pub(super) async fn answer(call: Call, _request: Request) -> Result<Response, Diagnostics> {
    let offered = call.provider.schemas();
    Ok(Response {
        provider: Some(schema(&offered.provider)),
        resource_schemas: schemas(&offered.resources),
        data_source_schemas: schemas(&offered.data_sources),
        functions: functions(&offered.functions),
        server_capabilities: Some(CAPABILITIES),
        ..Response::default()
    })
}
