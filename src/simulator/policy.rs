//! What an Azure Policy denies or changes before the service is asked, and what
//! it adds once the service is done.

use http::Request;
use serde_json::{Value, json};

use super::answer::{Outcome, Refusal, Stop};
use super::behaviour::{Effect, Policy};
use super::faults::matches_glob;
use super::store::{Resource, stable_guid};
use super::write::Draft;
use super::{Cx, SUBSCRIPTION, body, route};
use crate::kinds::{self, Kind, Tags};

/// Refuses a write that a policy denies.
pub(super) fn check(cx: &Cx<'_>, draft: &Draft) -> Outcome<()> {
    match of(cx, Effect::Deny).find(|policy| policy.applies(draft.kind, &draft.written)) {
        Some(policy) => Err(refusal(policy, draft).into()),
        None => Ok(()),
    }
}

/// Changes a body as the policies of a subscription do it, without a word.
pub(super) fn change(cx: &Cx<'_>, kind: &Kind, sent: &mut Value) {
    for policy in of(cx, Effect::Modify) {
        if policy.applies(kind, sent) {
            policy.values(kind).for_each(|(path, value)| body::set(sent, path, value.clone()));
        }
    }
    for policy in of(cx, Effect::Append) {
        if policy.applies(kind, sent) {
            policy.values(kind).for_each(|(path, value)| append(sent, path, value));
        }
    }
}

fn append(sent: &mut Value, path: &str, value: &Value) {
    let mut appended = match (body::get(sent, path), value) {
        (None | Some(Value::Null), _) => return body::set(sent, path, value.clone()),
        (Some(Value::Array(there)), Value::Array(_)) => there.clone(),
        _ => return,
    };
    let more = value.as_array().into_iter().flatten();
    for item in more {
        if !appended.contains(item) {
            appended.push(item.clone());
        }
    }
    body::set(sent, path, Value::Array(appended));
}

/// Deploys what the policies want beside a resource that now stands. A
/// deployment that is refused leaves nothing, and no client hears of it.
pub(super) fn remedy(cx: &Cx<'_>, resource: &Resource) -> rusqlite::Result<()> {
    let Some(kind) = kinds::find(&resource.id.resource_type()).filter(|_| !cx.remedying) else {
        return Ok(());
    };
    for policy in of(cx, Effect::DeployIfNotExists) {
        let Some(remedy) = policy.deploy.as_ref().filter(|_| policy.applies(kind, &resource.written)) else {
            continue;
        };
        let Some(added) = kinds::find(&remedy.kind) else { continue };
        if !cx.store.children(&resource.key(), added.resource_type)?.is_empty() {
            continue;
        }
        let path = match added.resource_type.strip_prefix(kind.resource_type) {
            Some(rest) => format!("{}{rest}/{}", resource.id, remedy.name),
            None => format!("{}/providers/{}/{}", resource.id, added.resource_type, remedy.name),
        };
        let request = Request::put(format!("{}{path}?api-version={}", cx.base, added.api_version)).body(());
        let Ok(request) = request else { continue };
        let own = Cx { base: cx.base.clone(), failing: None, remedying: true, ..*cx };
        let head = request.into_parts().0;
        match own.store.attempt(|| route::answer(&own, &head, remedy.body.to_string().as_bytes())) {
            Err(Stop::Store(error)) => return Err(error),
            Ok(_) | Err(Stop::Refused(_)) => {}
        }
    }
    Ok(())
}

/// The policies of an effect.
fn of<'c>(cx: &'c Cx<'_>, effect: Effect) -> impl Iterator<Item = &'c Policy> {
    cx.settings.behaviour.policies.iter().filter(move |policy| policy.effect == effect)
}

impl Policy {
    /// What it puts where. What has no tags is given none (the mode `Indexed`).
    fn values(&self, kind: &Kind) -> impl Iterator<Item = (&String, &Value)> {
        let tagged = matches!(kind.tags, Tags::AtMost(_));
        self.set.iter().filter(move |(path, _)| tagged || path.split('.').next() != Some("tags"))
    }

    fn applies(&self, kind: &Kind, written: &Value) -> bool {
        let kind = kind.resource_type.to_ascii_lowercase();
        if !matches_glob(&self.kind.to_ascii_lowercase(), &kind) {
            return false;
        }
        let Some(path) = &self.path else { return true };
        let found = body::values(written, path);
        let wanted =
            self.unless.as_ref().is_some_and(|wanted| !found.iter().any(|value| same(value, wanted)));
        let unwanted =
            self.when.as_ref().is_some_and(|unwanted| found.iter().any(|value| same(value, unwanted)));
        wanted || unwanted
    }
}

/// Policies compare texts without regard to case.
fn same(a: &Value, b: &Value) -> bool {
    match (a.as_str(), b.as_str()) {
        (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
        _ => a == b,
    }
}

/// `RequestDisallowedByPolicy` with the violation beside it (ARM resource
/// provider contract; issue viya4-iac-azure#391).
fn refusal(policy: &Policy, draft: &Draft) -> Refusal {
    let (name, resource) = (&policy.name, draft.id.name());
    let scope = format!("/subscriptions/{SUBSCRIPTION}");
    let definition = stable_guid(&format!("policy {name}"));
    let assignment = format!("{scope}/providers/Microsoft.Authorization/policyAssignments/{name}");
    let reason = if policy.reason.is_empty() { "Not allowed here." } else { &policy.reason };
    let mut refusal = Refusal::new(
        403,
        "RequestDisallowedByPolicy",
        format!(
            "Resource '{resource}' was disallowed by policy. Reasons: '{reason}'. See error details for policy \
             resource IDs."
        ),
    )
    .target(resource)
    .gateway();
    refusal.additional_info = vec![json!({
        "type": "PolicyViolation",
        "info": {
            "policyDefinitionDisplayName": name,
            "policyDefinitionId": format!("{scope}/providers/Microsoft.Authorization/policyDefinitions/{definition}"),
            "policyDefinitionName": definition,
            "policyDefinitionEffect": "deny",
            "policyAssignmentId": assignment,
            "policyAssignmentName": name,
            "policyAssignmentDisplayName": name,
            "policyAssignmentScope": scope,
            "evaluationDetails": {},
        },
    })];
    refusal
}
