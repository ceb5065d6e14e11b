//! `GetMetadata`: the names of all that the provider offers.

use super::Call;
use crate::protocol::proto::tfplugin5::get_metadata::{
    DataSourceMetadata, FunctionMetadata, Request, ResourceMetadata, Response,
};
use crate::protocol::schema::CAPABILITIES;
use crate::schema::Diagnostics;

pub(super) async fn answer(call: Call, _request: Request) -> Result<Response, Diagnostics> {
    let schemas = call.provider.schemas();
    Ok(Response {
        server_capabilities: Some(CAPABILITIES),
        resources: schemas.resources.keys().map(|it| ResourceMetadata { type_name: it.clone() }).collect(),
        data_sources: schemas
            .data_sources
            .keys()
            .map(|it| DataSourceMetadata { type_name: it.clone() })
            .collect(),
        functions: schemas.functions.keys().map(|it| FunctionMetadata { name: it.clone() }).collect(),
        ..Response::default()
    })
}
