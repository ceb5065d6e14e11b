//! Groups, identities and rights: Microsoft.Resources, Microsoft.ManagedIdentity and Microsoft.Authorization.

mod resource_group;
mod role_assignment;
mod user_assigned_identity;

pub use resource_group::RESOURCE_GROUP;
pub use role_assignment::ROLE_ASSIGNMENT;
pub use user_assigned_identity::USER_ASSIGNED_IDENTITY;

use super::Kind;

/// Every kind of the family, parents before their children.
pub(super) static ALL: &[&Kind] = &[&RESOURCE_GROUP, &USER_ASSIGNED_IDENTITY, &ROLE_ASSIGNMENT];
