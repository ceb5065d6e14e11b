//! What an Azure Policy denies: asked before the service is.

use serde_json::{Value, json};

use super::answer::{Outcome, Refusal};
use super::behaviour::Policy;
use super::faults::matches_glob;
use super::store::stable_guid;
use super::write::Draft;
use super::{Cx, SUBSCRIPTION, body};

/// Refuses a write that a policy denies.
pub(super) fn check(cx: &Cx<'_>, draft: &Draft) -> Outcome<()> {
    match cx.settings.behaviour.policies.iter().find(|policy| policy.denies(draft)) {
        Some(policy) => Err(refusal(policy, draft).into()),
        None => Ok(()),
    }
}

impl Policy {
    fn denies(&self, draft: &Draft) -> bool {
        let kind = draft.kind.resource_type.to_ascii_lowercase();
        if !matches_glob(&self.kind.to_ascii_lowercase(), &kind) {
            return false;
        }
        let Some(path) = &self.path else { return true };
        let found = body::values(&draft.written, path);
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
