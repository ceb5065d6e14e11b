//! `GetFunctions`: the functions, for OpenTofu, which asks for those that it
//! does not find in the schema.

use super::Call;
use crate::protocol::proto::tfplugin5::get_functions::{Request, Response};
use crate::protocol::schema::functions;
use crate::schema::Diagnostics;

pub(super) async fn answer(call: Call, _request: Request) -> Result<Response, Diagnostics> {
    Ok(Response { functions: functions(&call.provider.schemas().functions), diagnostics: Vec::new() })
}
