//! Import: from one id to the arguments that say where an object is. A read
//! then says the rest.

use super::rpc;
use crate::kinds::ResourceId;
use crate::resources;
use crate::schema::{Diagnostics, Path, Value};

pub(super) fn resource(request: &rpc::ImportResourceStateRequest) -> rpc::ImportResourceStateResponse {
    let mut answer = rpc::ImportResourceStateResponse {
        imported: Vec::new(),
        deferred: None,
        diagnostics: Diagnostics::default(),
    };
    let Some(composite) = resources::find(&request.type_name) else {
        answer.diagnostics = rpc::unknown_type(&request.type_name);
        return answer;
    };
    let located = ResourceId::parse(&request.id)
        .map_err(|error| error.to_string())
        .and_then(|id| composite.locate(&id));
    match located {
        Err(reason) => answer.diagnostics.error(
            Path::root(),
            format!("{:?} is not the id of a {}", request.id, request.type_name),
            reason,
        ),
        Ok(arguments) => {
            let mut state = composite.schema().block.empty();
            if let Value::Map(members) = &mut state {
                members
                    .extend(arguments.into_iter().map(|(name, text)| (name.to_owned(), Value::from(text))));
            }
            answer.imported.push(rpc::ImportedResource {
                type_name: request.type_name.clone(),
                state,
                private: Vec::new(),
            });
        }
    }
    answer
}
