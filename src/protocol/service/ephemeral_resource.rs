//! `ValidateEphemeralResourceConfig`, `OpenEphemeralResource`,
//! `RenewEphemeralResource`, `CloseEphemeralResource`: refused, since no schema
//! declares an ephemeral resource.

use super::{Call, none_of};
use crate::protocol::proto::tfplugin5 as proto;
use crate::schema::Diagnostics;

const WHAT: &str = "ephemeral resource";

pub(super) async fn validate(
    _call: Call,
    request: proto::validate_ephemeral_resource_config::Request,
) -> Result<proto::validate_ephemeral_resource_config::Response, Diagnostics> {
    Err(none_of(WHAT, &request.type_name))
}

pub(super) async fn open(
    _call: Call,
    request: proto::open_ephemeral_resource::Request,
) -> Result<proto::open_ephemeral_resource::Response, Diagnostics> {
    Err(none_of(WHAT, &request.type_name))
}

pub(super) async fn renew(
    _call: Call,
    request: proto::renew_ephemeral_resource::Request,
) -> Result<proto::renew_ephemeral_resource::Response, Diagnostics> {
    Err(none_of(WHAT, &request.type_name))
}

pub(super) async fn close(
    _call: Call,
    request: proto::close_ephemeral_resource::Request,
) -> Result<proto::close_ephemeral_resource::Response, Diagnostics> {
    Err(none_of(WHAT, &request.type_name))
}
