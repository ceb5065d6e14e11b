//! `ValidateActionConfig`, `PlanAction`, `InvokeAction`: refused, since no
//! schema declares an action.

use super::{Call, none_of, whole};
use crate::protocol::proto::tfplugin5::{invoke_action, plan_action, validate_action_config};
use crate::schema::Diagnostics;

const WHAT: &str = "action";

pub(super) async fn validate(
    _call: Call,
    request: validate_action_config::Request,
) -> Result<validate_action_config::Response, Diagnostics> {
    Err(none_of(WHAT, &request.action_type))
}

pub(super) async fn plan(
    _call: Call,
    request: plan_action::Request,
) -> Result<plan_action::Response, Diagnostics> {
    Err(none_of(WHAT, &request.action_type))
}

/// The only event of the invocation: Terraform crashes on one that is neither
/// progress nor completion.
pub(super) fn event(request: &invoke_action::Request) -> invoke_action::Event {
    let diagnostics = whole(&none_of(WHAT, &request.action_type));
    let completed = invoke_action::event::Completed { diagnostics };
    invoke_action::Event { r#type: Some(invoke_action::event::Type::Completed(completed)) }
}
