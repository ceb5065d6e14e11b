//! Groups, identities and rights: Microsoft.Resources, Microsoft.ManagedIdentity and Microsoft.Authorization.

mod federated_identity_credential;
mod lock;
mod resource_group;
mod role_assignment;
mod role_definition;
mod tags;
mod user_assigned_identity;

pub use federated_identity_credential::FEDERATED_IDENTITY_CREDENTIAL;
pub use lock::LOCK;
pub use resource_group::RESOURCE_GROUP;
pub use role_assignment::ROLE_ASSIGNMENT;
pub use role_definition::ROLE_DEFINITION;
pub use tags::TAGS;
pub use user_assigned_identity::USER_ASSIGNED_IDENTITY;

use super::Kind;

/// Every kind of the family, parents before their children.
pub(super) static ALL: &[&Kind] = &[
    &RESOURCE_GROUP,
    &TAGS,
    &USER_ASSIGNED_IDENTITY,
    &FEDERATED_IDENTITY_CREDENTIAL,
    &ROLE_ASSIGNMENT,
    &ROLE_DEFINITION,
    &LOCK,
];
