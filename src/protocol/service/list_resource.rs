//! `ListResource`, `ValidateListResourceConfig`: refused, since no schema
//! declares a list resource.

use super::{Call, none_of, whole};
use crate::protocol::proto::tfplugin5::{list_resource, validate_list_resource_config};
use crate::schema::Diagnostics;

const WHAT: &str = "list resource";

/// The only event of the listing.
pub(super) fn event(request: &list_resource::Request) -> list_resource::Event {
    list_resource::Event {
        diagnostic: whole(&none_of(WHAT, &request.type_name)),
        ..list_resource::Event::default()
    }
}

pub(super) async fn validate(
    _call: Call,
    request: validate_list_resource_config::Request,
) -> Result<validate_list_resource_config::Response, Diagnostics> {
    Err(none_of(WHAT, &request.type_name))
}
