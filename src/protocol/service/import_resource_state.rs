//! `ImportResourceState`: finds the object of an import ID.

use super::{Call, encode_state, resource};
use crate::protocol::proto::tfplugin5::import_resource_state::{ImportedResource, Request, Response};
use crate::protocol::wire;
use crate::provider::rpc::ImportResourceStateRequest;
use crate::schema::{Diagnostics, Path};

pub(super) async fn answer(call: Call, request: Request) -> Result<Response, Diagnostics> {
    let ty = resource(&*call.provider, &request.type_name)?.block.implied_type();
    if request.id.is_empty() {
        let mut diagnostics = Diagnostics::default();
        diagnostics.error(
            Path::root(),
            "Import needs an ID",
            format!("A {} is imported by its `id`; it has no identity.", request.type_name),
        );
        return Err(diagnostics);
    }
    let capabilities = wire::capabilities(request.client_capabilities);
    let native = ImportResourceStateRequest { type_name: request.type_name, id: request.id, capabilities };
    let answer = call.provider.import_resource_state(native, call.cancel).await;
    let mut diagnostics = answer.diagnostics;
    let mut imported_resources = Vec::with_capacity(answer.imported.len());
    for imported in answer.imported {
        let block = &resource(&*call.provider, &imported.type_name)?.block;
        let ty = block.implied_type();
        imported_resources.push(ImportedResource {
            type_name: imported.type_name,
            state: encode_state("imported state", block, &ty, &imported.state, &mut diagnostics),
            private: imported.private,
            identity: None,
        });
    }
    Ok(Response {
        imported_resources,
        deferred: wire::deferred(answer.deferred, capabilities.deferral_allowed, &mut diagnostics),
        diagnostics: wire::diagnostics(&ty, &diagnostics),
    })
}
