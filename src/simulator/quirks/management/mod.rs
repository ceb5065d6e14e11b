//! Groups, identities, rights, locks and tags.

mod federated_identity_credential;
mod lock;
mod resource_group;
mod role_assignment;
mod role_definition;
mod tags;
mod user_assigned_identity;

use http::Method;
use serde_json::json;

use super::Quirk;
use crate::simulator::answer::{Answer, Outcome};
use crate::simulator::route::Request;
use crate::simulator::{Cx, rights};

/// The quirk of a resource type in lower case, where it has one.
pub(super) fn of(kind: &str) -> Option<&'static dyn Quirk> {
    Some(match kind {
        "microsoft.resources/resourcegroups" => &resource_group::ResourceGroup,
        "microsoft.managedidentity/userassignedidentities" => &user_assigned_identity::UserAssignedIdentity,
        "microsoft.managedidentity/userassignedidentities/federatedidentitycredentials" => {
            &federated_identity_credential::FederatedIdentityCredential
        }
        "microsoft.authorization/roleassignments" => &role_assignment::RoleAssignment,
        "microsoft.authorization/roledefinitions" => &role_definition::RoleDefinition,
        "microsoft.authorization/locks" => &lock::Lock,
        _ => return None,
    })
}

/// Answers what lies beside the resources of the family.
pub(super) fn beside(cx: &Cx<'_>, request: &Request<'_>, lower: &[&str]) -> Outcome<Option<Answer>> {
    if let [.., "providers", "microsoft.authorization", "permissions"] = lower
        && *request.method == Method::GET
    {
        // Whoever asks may do everything that no setting denies.
        let scope = format!("/{}", lower[..lower.len() - 3].join("/"));
        let denied = rights::denied(cx, &scope);
        let all =
            json!({ "actions": ["*"], "notActions": denied, "dataActions": ["*"], "notDataActions": [] });
        return Ok(Some(Answer::json(200, json!({ "value": [all] }))));
    }
    if let Some(answer) = role_definition::beside(cx, request, lower)? {
        return Ok(Some(answer));
    }
    tags::beside(cx, request, lower)
}
