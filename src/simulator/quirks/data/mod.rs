//! Storage accounts, vaults and registries.

mod beside;
mod container_registry;
mod key_vault;
mod storage_account;

pub(super) use beside::beside;

use super::Quirk;

/// The quirk of a resource type in lower case, where it has one.
pub(super) fn of(kind: &str) -> Option<&'static dyn Quirk> {
    Some(match kind {
        "microsoft.storage/storageaccounts" => &storage_account::StorageAccount,
        "microsoft.keyvault/vaults" => &key_vault::Vault,
        "microsoft.containerregistry/registries" => &container_registry::Registry,
        _ => return None,
    })
}
