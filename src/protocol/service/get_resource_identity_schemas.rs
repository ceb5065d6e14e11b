//! `GetResourceIdentitySchemas`: none, since an object is known by its `id`.

use super::Call;
use crate::protocol::proto::tfplugin5::get_resource_identity_schemas::{Request, Response};
use crate::schema::Diagnostics;

pub(super) async fn answer(_call: Call, _request: Request) -> Result<Response, Diagnostics> {
    Ok(Response::default())
}
