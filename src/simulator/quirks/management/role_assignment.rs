//! Role assignments.

use serde_json::{Value, json};

use crate::kinds::roles::Role;
use crate::kinds::{ROLE_ASSIGNMENT, ROLE_DEFINITION};
use crate::simulator::answer::{Outcome, Refusal};
use crate::simulator::quirks::Quirk;
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, PRINCIPAL, TENANT, body, timestamp};

pub(super) struct RoleAssignment;

const ROLE: &str = "properties.roleDefinitionId";
const WHO: &str = "properties.principalId";

impl Quirk for RoleAssignment {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        let role = draft.text(ROLE).unwrap_or_default();
        if !is_role(role) {
            return Err(Refusal::new(
                400,
                "InvalidRoleDefinitionId",
                format!("The role definition ID '{role}' is not valid."),
            )
            .into());
        }
        let name = last(role);
        if cx.settings.behaviour.unknown_roles_refused
            && Role::find(name).is_none()
            && cx.store.named(ROLE_DEFINITION.resource_type, name)?.is_empty()
        {
            return Err(super::role_definition::unknown(400, name).into());
        }
        let principal = draft.text(WHO).unwrap_or_default().to_owned();
        if uuid::Uuid::parse_str(&principal).is_err() {
            return Err(Refusal::new(
                400,
                "InvalidPrincipalId",
                format!("The Principal ID '{principal}' is not valid. Principal ID must be a GUID."),
            )
            .into());
        }
        // With a type given, nobody asks the directory.
        let asks = body::get(&draft.written, "properties.principalType").is_none();
        if draft.is_new()
            && asks
            && principal != PRINCIPAL
            && !cx.store.knows_principal(&principal, cx.now)?
        {
            return Err(Refusal::new(
                400,
                "PrincipalNotFound",
                format!(
                    "Principal {principal} does not exist in the directory {TENANT}. Check that you have the correct \
                     principal ID. If you are creating this principal and then immediately assigning a role, this \
                     error might be related to a replication delay. In this case, set the role assignment \
                     principalType property to a value, such as ServicePrincipal, User, or Group. See \
                     https://aka.ms/docs-principaltype"
                ),
            )
            .into());
        }
        if let Some(scope) = draft.id.parent() {
            for other in cx.store.children(&scope.canonical(), ROLE_ASSIGNMENT.resource_type)? {
                let same = |path: &str| {
                    body::text(&other.written, path)
                        .zip(draft.text(path))
                        .is_some_and(|(a, b)| last(a).eq_ignore_ascii_case(last(b)))
                };
                if other.id != draft.id && same(ROLE) && same(WHO) {
                    return Err(Refusal::new(
                        409,
                        "RoleAssignmentExists",
                        "The role assignment already exists.",
                    )
                    .into());
                }
            }
            let scope = scope.to_string();
            draft.stamp_once("properties.scope", || Ok(json!(scope)))?;
        }
        if asks {
            // What the directory knows it by; every principal here is of a service.
            body::set(&mut draft.written, "properties.principalType", json!("ServicePrincipal"));
        }
        let now = json!(timestamp(cx.now));
        draft.stamp_once("properties.createdOn", || Ok(now.clone()))?;
        draft.stamp_once("properties.createdBy", || Ok(json!(PRINCIPAL)))?;
        body::set(&mut draft.stamped, "properties.updatedBy", json!(PRINCIPAL));
        Ok(())
    }

    fn show(&self, _cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        body::set(shown, "properties.updatedOn", json!(timestamp(resource.changed)));
        Ok(())
    }
}

fn last(text: &str) -> &str {
    text.rsplit('/').next().unwrap_or(text)
}

/// `…/providers/Microsoft.Authorization/roleDefinitions/{guid}`, with or
/// without a subscription before it.
fn is_role(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    lower
        .rsplit_once("/providers/microsoft.authorization/roledefinitions/")
        .is_some_and(|(_, guid)| uuid::Uuid::parse_str(guid).is_ok())
}
