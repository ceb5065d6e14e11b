//! `UpgradeResourceIdentity`: refused, since no resource has an identity.

use super::{Call, none_of};
use crate::protocol::proto::tfplugin5::upgrade_resource_identity::{Request, Response};
use crate::schema::Diagnostics;

pub(super) async fn answer(_call: Call, request: Request) -> Result<Response, Diagnostics> {
    Err(none_of("resource identity", &request.type_name))
}
