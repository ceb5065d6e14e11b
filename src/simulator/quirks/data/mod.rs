//! Storage accounts, vaults and registries.

mod beside;
mod container_registry;
mod key_vault;
mod key_vault_contents;
mod registry_parts;
mod storage_account;
mod storage_catalogue;
mod storage_service;

use super::Quirk;
use crate::simulator::Cx;
use crate::simulator::answer::{Answer, Outcome};
use crate::simulator::route::Request;

/// The quirk of a resource type in lower case, where it has one.
pub(super) fn of(kind: &str) -> Option<&'static dyn Quirk> {
    let (namespace, name) = kind.split_once('/')?;
    Some(match (namespace, name) {
        ("microsoft.storage", "storageaccounts") => &storage_account::StorageAccount,
        (
            "microsoft.storage",
            "storageaccounts/blobservices"
            | "storageaccounts/fileservices"
            | "storageaccounts/queueservices"
            | "storageaccounts/tableservices",
        ) => &storage_service::StorageService,
        ("microsoft.storage", "storageaccounts/blobservices/containers") => &storage_service::Container,
        ("microsoft.storage", "storageaccounts/fileservices/shares") => &storage_service::Share,
        ("microsoft.storage", "storageaccounts/tableservices/tables") => &storage_service::Table,
        ("microsoft.storage", "storageaccounts/managementpolicies") => &storage_service::ManagementPolicy,
        ("microsoft.keyvault", "vaults") => &key_vault::Vault,
        ("microsoft.keyvault", "vaults/keys") => &key_vault_contents::Key,
        ("microsoft.keyvault", "vaults/secrets") => &key_vault_contents::Secret,
        ("microsoft.containerregistry", "registries") => &container_registry::Registry,
        ("microsoft.containerregistry", "registries/replications") => &registry_parts::Replication,
        ("microsoft.containerregistry", "registries/webhooks") => &registry_parts::Webhook,
        ("microsoft.containerregistry", "registries/scopemaps" | "registries/tokens") => {
            &registry_parts::Dated
        }
        (
            "microsoft.storage" | "microsoft.keyvault" | "microsoft.containerregistry",
            "storageaccounts/privateendpointconnections"
            | "vaults/privateendpointconnections"
            | "registries/privateendpointconnections",
        ) => &super::connection::Connection,
        _ => return None,
    })
}

/// Answers what lies beside the resources of the family.
pub(super) fn beside(cx: &Cx<'_>, request: &Request<'_>, lower: &[&str]) -> Outcome<Option<Answer>> {
    for part in
        [beside::beside, storage_catalogue::beside, key_vault_contents::beside, registry_parts::beside]
    {
        if let Some(answer) = part(cx, request, lower)? {
            return Ok(Some(answer));
        }
    }
    Ok(None)
}
