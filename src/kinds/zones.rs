//! The private DNS zones that a private endpoint's group needs.
//!
//! Azure writes the records of an endpoint only into zones of exactly these
//! names (learn.microsoft.com, "Azure private endpoint private DNS zone
//! values", November 2023).

use super::Cloud;

/// The groups that an endpoint can have to the resources of a workspace's
/// stack, each with its resource type.
pub const GROUPS: &[(&str, &str)] = &[
    ("amlworkspace", "Microsoft.MachineLearningServices/workspaces"),
    ("blob", "Microsoft.Storage/storageAccounts"),
    ("file", "Microsoft.Storage/storageAccounts"),
    ("queue", "Microsoft.Storage/storageAccounts"),
    ("table", "Microsoft.Storage/storageAccounts"),
    ("dfs", "Microsoft.Storage/storageAccounts"),
    ("web", "Microsoft.Storage/storageAccounts"),
    ("vault", "Microsoft.KeyVault/vaults"),
    ("registry", "Microsoft.ContainerRegistry/registries"),
    ("azuremonitor", "Microsoft.Insights/privateLinkScopes"),
    ("databricks_ui_api", "Microsoft.Databricks/workspaces"),
    ("browser_authentication", "Microsoft.Databricks/workspaces"),
];

/// The zones that an endpoint of `group` needs in `cloud`, all of them, or
/// none where the cloud's documentation lists none. A `_secondary` group
/// shares the zone of its primary.
///
/// The registry's zone in China is not in the documentation: it follows from
/// the cloud's registry suffix.
#[must_use]
pub fn zones(cloud: Cloud, group: &str) -> &'static [&'static str] {
    let group = group.strip_suffix("_secondary").unwrap_or(group);
    match cloud {
        Cloud::Public => match group {
            "amlworkspace" => &["privatelink.api.azureml.ms", "privatelink.notebooks.azure.net"],
            "blob" => &["privatelink.blob.core.windows.net"],
            "file" => &["privatelink.file.core.windows.net"],
            "queue" => &["privatelink.queue.core.windows.net"],
            "table" => &["privatelink.table.core.windows.net"],
            "dfs" => &["privatelink.dfs.core.windows.net"],
            "web" => &["privatelink.web.core.windows.net"],
            "vault" => &["privatelink.vaultcore.azure.net"],
            "registry" => &["privatelink.azurecr.io"],
            "databricks_ui_api" | "browser_authentication" => &["privatelink.azuredatabricks.net"],
            "azuremonitor" => &[
                "privatelink.monitor.azure.com",
                "privatelink.oms.opinsights.azure.com",
                "privatelink.ods.opinsights.azure.com",
                "privatelink.agentsvc.azure-automation.net",
                "privatelink.blob.core.windows.net",
            ],
            _ => &[],
        },
        Cloud::UsGovernment => match group {
            "amlworkspace" => &["privatelink.api.ml.azure.us", "privatelink.notebooks.usgovcloudapi.net"],
            "blob" => &["privatelink.blob.core.usgovcloudapi.net"],
            "file" => &["privatelink.file.core.usgovcloudapi.net"],
            "queue" => &["privatelink.queue.core.usgovcloudapi.net"],
            "table" => &["privatelink.table.core.usgovcloudapi.net"],
            "dfs" => &["privatelink.dfs.core.usgovcloudapi.net"],
            "web" => &["privatelink.web.core.usgovcloudapi.net"],
            "vault" => &["privatelink.vaultcore.usgovcloudapi.net"],
            "registry" => &["privatelink.azurecr.us"],
            "databricks_ui_api" | "browser_authentication" => &["privatelink.databricks.azure.us"],
            "azuremonitor" => &[
                "privatelink.monitor.azure.us",
                "privatelink.adx.monitor.azure.us",
                "privatelink.oms.opinsights.azure.us",
                "privatelink.ods.opinsights.azure.us",
                "privatelink.agentsvc.azure-automation.us",
                "privatelink.blob.core.usgovcloudapi.net",
            ],
            _ => &[],
        },
        Cloud::China => match group {
            "amlworkspace" => &["privatelink.api.ml.azure.cn", "privatelink.notebooks.chinacloudapi.cn"],
            "blob" => &["privatelink.blob.core.chinacloudapi.cn"],
            "file" => &["privatelink.file.core.chinacloudapi.cn"],
            "queue" => &["privatelink.queue.core.chinacloudapi.cn"],
            "table" => &["privatelink.table.core.chinacloudapi.cn"],
            "dfs" => &["privatelink.dfs.core.chinacloudapi.cn"],
            "web" => &["privatelink.web.core.chinacloudapi.cn"],
            "vault" => &["privatelink.vaultcore.azure.cn"],
            "registry" => &["privatelink.azurecr.cn"],
            _ => &[],
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workspace_needs_two_zones_in_every_cloud() {
        for cloud in Cloud::ALL {
            assert_eq!(zones(cloud, "amlworkspace").len(), 2, "{cloud:?}");
        }
    }

    #[test]
    fn every_group_has_a_zone_in_the_public_cloud() {
        for (group, _) in GROUPS {
            assert!(!zones(Cloud::Public, group).is_empty(), "{group}");
        }
    }

    #[test]
    fn storage_zones_end_in_the_storage_suffix_of_their_cloud() {
        for cloud in Cloud::ALL {
            for (group, _) in GROUPS.iter().filter(|(_, of)| *of == "Microsoft.Storage/storageAccounts") {
                let expected = format!("privatelink.{group}.{}", cloud.storage_suffix());
                assert_eq!(zones(cloud, group), [expected.as_str()]);
            }
        }
    }

    #[test]
    fn a_secondary_group_shares_the_zone_of_its_primary() {
        assert_eq!(zones(Cloud::China, "blob_secondary"), zones(Cloud::China, "blob"));
    }

    #[test]
    fn a_group_nobody_knows_has_no_zone() {
        assert!(zones(Cloud::Public, "blobs").is_empty());
        assert!(zones(Cloud::China, "azuremonitor").is_empty());
    }
}
