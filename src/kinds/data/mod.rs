//! Where data, secrets and images lie: Microsoft.Storage, Microsoft.KeyVault and Microsoft.ContainerRegistry.

mod container_registry;
mod key_vault;
mod storage_account;

pub use container_registry::CONTAINER_REGISTRY;
pub use key_vault::KEY_VAULT;
pub use storage_account::STORAGE_ACCOUNT;

use super::Kind;

/// Every kind of the family, parents before their children.
pub(super) static ALL: &[&Kind] = &[&STORAGE_ACCOUNT, &KEY_VAULT, &CONTAINER_REGISTRY];
