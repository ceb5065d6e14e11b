//! Built-in roles, by the GUIDs that are the same in every tenant.
//!
//! Source: the role tables of Azure Verified Modules, cross-checked with the
//! role definitions of an independent emulator; learn.microsoft.com, "Azure
//! built-in roles".

use super::ResourceId;

/// A built-in role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Role {
    /// Its name, as the portal shows it.
    pub name: &'static str,
    /// Its GUID.
    pub id: &'static str,
}

impl Role {
    /// The definition's id in the subscription of `scope`, as a role assignment names it.
    #[must_use]
    pub fn definition_id(&self, scope: &ResourceId) -> String {
        format!(
            "/subscriptions/{}/providers/Microsoft.Authorization/roleDefinitions/{}",
            scope.subscription_id(),
            self.id
        )
    }

    /// The role of this name or GUID, in any case.
    #[must_use]
    pub fn find(name_or_id: &str) -> Option<&'static Self> {
        ALL.iter().copied().find(|role| {
            role.name.eq_ignore_ascii_case(name_or_id) || role.id.eq_ignore_ascii_case(name_or_id)
        })
    }
}

/// Owner.
pub static OWNER: Role = Role { name: "Owner", id: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635" };
/// Contributor.
pub static CONTRIBUTOR: Role = Role { name: "Contributor", id: "b24988ac-6180-42a0-ab88-20f7382dd24c" };
/// Reader.
pub static READER: Role = Role { name: "Reader", id: "acdd72a7-3385-48ef-bd42-f606fba81ae7" };
/// Network Contributor.
pub static NETWORK_CONTRIBUTOR: Role =
    Role { name: "Network Contributor", id: "4d97b98b-1d4f-4787-a291-c67834d212e7" };
/// Private DNS Zone Contributor.
pub static PRIVATE_DNS_ZONE_CONTRIBUTOR: Role =
    Role { name: "Private DNS Zone Contributor", id: "b12aa53e-6015-4669-85d0-8515ebb3ae7f" };
/// Storage Account Contributor.
pub static STORAGE_ACCOUNT_CONTRIBUTOR: Role =
    Role { name: "Storage Account Contributor", id: "17d1049b-9a84-46fb-8f53-869881c3d3ab" };
/// Storage Blob Data Owner.
pub static STORAGE_BLOB_DATA_OWNER: Role =
    Role { name: "Storage Blob Data Owner", id: "b7e6dc6d-f1e8-4753-8033-0f276bb0955b" };
/// Storage Blob Data Contributor.
pub static STORAGE_BLOB_DATA_CONTRIBUTOR: Role =
    Role { name: "Storage Blob Data Contributor", id: "ba92f5b4-2d11-453d-a403-e96b0029c9fe" };
/// Storage Blob Data Reader.
pub static STORAGE_BLOB_DATA_READER: Role =
    Role { name: "Storage Blob Data Reader", id: "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1" };
/// Storage File Data Privileged Contributor. Mounts of an instance need it where shared keys are off.
pub static STORAGE_FILE_DATA_PRIVILEGED_CONTRIBUTOR: Role =
    Role { name: "Storage File Data Privileged Contributor", id: "69566ab7-960f-475b-8e7c-b3118f30c6bd" };
/// Storage File Data Privileged Reader.
pub static STORAGE_FILE_DATA_PRIVILEGED_READER: Role =
    Role { name: "Storage File Data Privileged Reader", id: "b8eda974-7b85-4f76-af95-65846b26df6d" };
/// Storage File Data SMB Share Contributor.
pub static STORAGE_FILE_DATA_SMB_SHARE_CONTRIBUTOR: Role =
    Role { name: "Storage File Data SMB Share Contributor", id: "0c867c2a-1d8c-454a-a3db-ab2ea1bdc8bb" };
/// Storage Queue Data Contributor.
pub static STORAGE_QUEUE_DATA_CONTRIBUTOR: Role =
    Role { name: "Storage Queue Data Contributor", id: "974c5e8b-45b9-4653-ba55-5f855dd0fb88" };
/// Storage Table Data Contributor.
pub static STORAGE_TABLE_DATA_CONTRIBUTOR: Role =
    Role { name: "Storage Table Data Contributor", id: "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3" };
/// AcrPull.
pub static ACR_PULL: Role = Role { name: "AcrPull", id: "7f951dda-4ed3-4680-a7ca-43fe172d538d" };
/// AcrPush.
pub static ACR_PUSH: Role = Role { name: "AcrPush", id: "8311e382-0749-4cb8-b61a-304f252e45ec" };
/// Container Registry Repository Reader. In place of AcrPull where a registry assigns roles per repository.
pub static CONTAINER_REGISTRY_REPOSITORY_READER: Role =
    Role { name: "Container Registry Repository Reader", id: "b93aa761-3e63-49ed-ac28-beffa264f7ac" };
/// Container Registry Repository Writer. In place of AcrPush where a registry assigns roles per repository.
pub static CONTAINER_REGISTRY_REPOSITORY_WRITER: Role =
    Role { name: "Container Registry Repository Writer", id: "2a1e307c-b015-4ebd-883e-5b7698a07328" };
/// Key Vault Administrator.
pub static KEY_VAULT_ADMINISTRATOR: Role =
    Role { name: "Key Vault Administrator", id: "00482a5a-887f-4fb3-b363-3b7fe8e74483" };
/// Key Vault Contributor.
pub static KEY_VAULT_CONTRIBUTOR: Role =
    Role { name: "Key Vault Contributor", id: "f25e0fa2-a7c8-4377-a976-54943a77a395" };
/// Key Vault Reader.
pub static KEY_VAULT_READER: Role =
    Role { name: "Key Vault Reader", id: "21090545-7ca7-4776-b22c-e363652d74d2" };
/// Key Vault Secrets Officer.
pub static KEY_VAULT_SECRETS_OFFICER: Role =
    Role { name: "Key Vault Secrets Officer", id: "b86a8fe4-44ce-4948-aee5-eccb2c155cd7" };
/// Key Vault Secrets User.
pub static KEY_VAULT_SECRETS_USER: Role =
    Role { name: "Key Vault Secrets User", id: "4633458b-17de-408a-b874-0445c86b69e6" };
/// Key Vault Crypto Service Encryption User.
pub static KEY_VAULT_CRYPTO_SERVICE_ENCRYPTION_USER: Role =
    Role { name: "Key Vault Crypto Service Encryption User", id: "e147488a-f6f5-4113-8e2d-b22465e65bf6" };
/// AzureML Data Scientist.
pub static AZUREML_DATA_SCIENTIST: Role =
    Role { name: "AzureML Data Scientist", id: "f6c7c914-8db3-469d-8ca1-694a8f32e121" };
/// AzureML Compute Operator.
pub static AZUREML_COMPUTE_OPERATOR: Role =
    Role { name: "AzureML Compute Operator", id: "e503ece1-11d0-4e8e-8e2c-7a6c3bf38815" };
/// Azure AI Enterprise Network Connection Approver. A managed network needs it on what it reaches privately.
pub static AZURE_AI_ENTERPRISE_NETWORK_CONNECTION_APPROVER: Role = Role {
    name: "Azure AI Enterprise Network Connection Approver",
    id: "b556d68e-0be0-4f35-a333-ad7ee1ce17ea",
};
/// Managed Identity Operator.
pub static MANAGED_IDENTITY_OPERATOR: Role =
    Role { name: "Managed Identity Operator", id: "f1a07417-d97a-45cb-824c-7a7467783830" };
/// Monitoring Metrics Publisher.
pub static MONITORING_METRICS_PUBLISHER: Role =
    Role { name: "Monitoring Metrics Publisher", id: "3913510d-42f4-4e42-8a64-420c390055eb" };

/// Every role named here.
pub static ALL: &[&Role] = &[
    &OWNER,
    &CONTRIBUTOR,
    &READER,
    &NETWORK_CONTRIBUTOR,
    &PRIVATE_DNS_ZONE_CONTRIBUTOR,
    &STORAGE_ACCOUNT_CONTRIBUTOR,
    &STORAGE_BLOB_DATA_OWNER,
    &STORAGE_BLOB_DATA_CONTRIBUTOR,
    &STORAGE_BLOB_DATA_READER,
    &STORAGE_FILE_DATA_PRIVILEGED_CONTRIBUTOR,
    &STORAGE_FILE_DATA_PRIVILEGED_READER,
    &STORAGE_FILE_DATA_SMB_SHARE_CONTRIBUTOR,
    &STORAGE_QUEUE_DATA_CONTRIBUTOR,
    &STORAGE_TABLE_DATA_CONTRIBUTOR,
    &ACR_PULL,
    &ACR_PUSH,
    &CONTAINER_REGISTRY_REPOSITORY_READER,
    &CONTAINER_REGISTRY_REPOSITORY_WRITER,
    &KEY_VAULT_ADMINISTRATOR,
    &KEY_VAULT_CONTRIBUTOR,
    &KEY_VAULT_READER,
    &KEY_VAULT_SECRETS_OFFICER,
    &KEY_VAULT_SECRETS_USER,
    &KEY_VAULT_CRYPTO_SERVICE_ENCRYPTION_USER,
    &AZUREML_DATA_SCIENTIST,
    &AZUREML_COMPUTE_OPERATOR,
    &AZURE_AI_ENTERPRISE_NETWORK_CONNECTION_APPROVER,
    &MANAGED_IDENTITY_OPERATOR,
    &MONITORING_METRICS_PUBLISHER,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_role_has_a_guid_of_its_own() {
        assert!(ALL.iter().all(|role| uuid::Uuid::parse_str(role.id).is_ok()));
        assert_eq!(ALL.iter().map(|role| role.id).collect::<BTreeSet<_>>().len(), ALL.len());
        assert_eq!(ALL.iter().map(|role| role.name).collect::<BTreeSet<_>>().len(), ALL.len());
    }

    #[test]
    fn a_definition_lies_in_the_subscription_of_its_scope() {
        let scope =
            ResourceId::parse("/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg")
                .unwrap();
        assert_eq!(
            READER.definition_id(&scope),
            "/subscriptions/00000000-0000-0000-0000-000000000001/providers/Microsoft.Authorization/\
             roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7"
        );
        assert_eq!(Role::find("acrpull"), Some(&ACR_PULL));
        assert_eq!(Role::find("Nobody"), None);
    }
}
