//! Where data, secrets and images lie: Microsoft.Storage, Microsoft.KeyVault and Microsoft.ContainerRegistry.

mod blob_container;
mod blob_service;
mod container_registry;
mod file_service;
mod file_share;
mod key_vault;
mod key_vault_access_policies;
mod key_vault_connection;
mod key_vault_key;
mod key_vault_secret;
mod queue_service;
mod registry_connection;
mod registry_replication;
mod registry_scope_map;
mod registry_token;
mod registry_webhook;
mod storage_account;
mod storage_connection;
mod storage_management_policy;
mod storage_queue;
mod storage_table;
mod table_service;

pub use blob_container::BLOB_CONTAINER;
pub use blob_service::BLOB_SERVICE;
pub use container_registry::CONTAINER_REGISTRY;
pub use file_service::FILE_SERVICE;
pub use file_share::FILE_SHARE;
pub use key_vault::KEY_VAULT;
pub use key_vault_access_policies::KEY_VAULT_ACCESS_POLICIES;
pub use key_vault_connection::KEY_VAULT_CONNECTION;
pub use key_vault_key::KEY_VAULT_KEY;
pub use key_vault_secret::KEY_VAULT_SECRET;
pub use queue_service::QUEUE_SERVICE;
pub use registry_connection::REGISTRY_CONNECTION;
pub use registry_replication::REGISTRY_REPLICATION;
pub use registry_scope_map::REGISTRY_SCOPE_MAP;
pub use registry_token::REGISTRY_TOKEN;
pub use registry_webhook::REGISTRY_WEBHOOK;
pub use storage_account::STORAGE_ACCOUNT;
pub use storage_connection::STORAGE_CONNECTION;
pub use storage_management_policy::STORAGE_MANAGEMENT_POLICY;
pub use storage_queue::STORAGE_QUEUE;
pub use storage_table::STORAGE_TABLE;
pub use table_service::TABLE_SERVICE;

use super::Kind;

/// Every kind of the family, parents before their children.
pub(super) static ALL: &[&Kind] = &[
    &STORAGE_ACCOUNT,
    &BLOB_SERVICE,
    &BLOB_CONTAINER,
    &FILE_SERVICE,
    &FILE_SHARE,
    &QUEUE_SERVICE,
    &STORAGE_QUEUE,
    &TABLE_SERVICE,
    &STORAGE_TABLE,
    &STORAGE_MANAGEMENT_POLICY,
    &STORAGE_CONNECTION,
    &KEY_VAULT,
    &KEY_VAULT_KEY,
    &KEY_VAULT_SECRET,
    &KEY_VAULT_ACCESS_POLICIES,
    &KEY_VAULT_CONNECTION,
    &CONTAINER_REGISTRY,
    &REGISTRY_REPLICATION,
    &REGISTRY_WEBHOOK,
    &REGISTRY_SCOPE_MAP,
    &REGISTRY_TOKEN,
    &REGISTRY_CONNECTION,
];
