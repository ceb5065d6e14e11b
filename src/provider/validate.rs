//! Validate: attribute by attribute, then across attributes. Offline, and
//! silent about what is not known yet.

use super::rpc;
use crate::schema::{Diagnostics, Schemas, validate};
use crate::{data_sources, resources};

pub(super) fn resource(schemas: &Schemas, request: &rpc::ValidateResourceRequest) -> Diagnostics {
    let Some((composite, schema)) =
        resources::find(&request.type_name).zip(schemas.resources.get(&request.type_name))
    else {
        return rpc::unknown_type(&request.type_name);
    };
    let mut problems = Diagnostics::default();
    let write_only = request.capabilities.write_only_attributes_allowed;
    validate(&schema.block, &request.config, write_only, &mut problems);
    // A rule across attributes reads defaults as the plan will.
    let config = crate::schema::proposed(&schema.block, &request.config, &request.config, &request.config);
    problems.extend(composite.check(&crate::schema::with_write_only(
        &schema.block,
        &config,
        &request.config,
    )));
    problems
}

pub(super) fn data_source(schemas: &Schemas, request: &rpc::ValidateDataSourceRequest) -> Diagnostics {
    let Some(schema) =
        data_sources::find(&request.type_name).and_then(|source| schemas.data_sources.get(source.type_name))
    else {
        return rpc::unknown_type(&request.type_name);
    };
    let mut problems = Diagnostics::default();
    validate(&schema.block, &request.config, false, &mut problems);
    problems
}
