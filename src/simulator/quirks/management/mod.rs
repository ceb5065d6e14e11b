//! Groups, identities and rights.

mod resource_group;
mod role_assignment;
mod user_assigned_identity;

use super::Quirk;

/// The quirk of a resource type in lower case, where it has one.
pub(super) fn of(kind: &str) -> Option<&'static dyn Quirk> {
    Some(match kind {
        "microsoft.resources/resourcegroups" => &resource_group::ResourceGroup,
        "microsoft.managedidentity/userassignedidentities" => &user_assigned_identity::UserAssignedIdentity,
        "microsoft.authorization/roleassignments" => &role_assignment::RoleAssignment,
        _ => return None,
    })
}
