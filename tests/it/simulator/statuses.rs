//! The statuses of every kind are among those that real clients accept
//! (azure-aml 2.1; azure-network B.0.2). The sets are those of go-azure-sdk's
//! expected statuses, of the resolvers those of the REST definitions.

use super::*;

/// Types (`*` at the end stands for whatever follows), what a PUT and what a
/// DELETE may answer. The first that fits counts.
const ACCEPTED: &[(&str, &[u16], &[u16])] = &[
    ("Microsoft.Network/privateDnsZones", &[200, 201, 202], &[200, 202, 204]),
    ("Microsoft.Network/privateDnsZones/virtualNetworkLinks", &[200, 201, 202], &[200, 202, 204]),
    // Record sets of every type.
    ("Microsoft.Network/privateDnsZones/*", &[200, 201], &[200, 204]),
    ("Microsoft.Network/dnsForwardingRulesets/forwardingRules", &[200, 201], &[200, 204]),
    ("Microsoft.Network/dns*", &[200, 201, 202], &[200, 202, 204]),
    ("Microsoft.Network/natGateways", &[200, 201, 202], &[200, 202, 204]),
    ("Microsoft.Network/*", &[200, 201], &[200, 202, 204]),
    ("Microsoft.Compute/disks", &[200, 202], &[200, 202, 204]),
    ("Microsoft.Compute/*", &[200, 201], &[200, 202, 204]),
    ("Microsoft.Resources/resourceGroups", &[200, 201], &[200, 202]),
    ("Microsoft.Resources/tags", &[200, 202], &[200, 202]),
    ("Microsoft.Authorization/roleDefinitions", &[201], &[200, 204]),
    ("Microsoft.Authorization/*", &[200, 201], &[200, 204]),
    ("Microsoft.ManagedIdentity/*", &[200, 201], &[200, 204]),
    ("Microsoft.Storage/storageAccounts", &[200, 202], &[200, 204]),
    ("Microsoft.Storage/storageAccounts/blobServices/containers", &[200, 201], &[200, 204]),
    ("Microsoft.Storage/storageAccounts/fileServices/shares", &[200, 201], &[200, 204]),
    ("Microsoft.Storage/storageAccounts/queueServices/queues", &[200], &[204]),
    ("Microsoft.Storage/storageAccounts/tableServices/tables", &[200], &[204]),
    ("Microsoft.Storage/storageAccounts/*", &[200], &[200, 204]),
    ("Microsoft.KeyVault/*", &[200, 201], &[200, 204]),
    ("Microsoft.ContainerRegistry/*", &[200, 201], &[200, 202, 204]),
    ("Microsoft.MachineLearningServices/workspaces", &[200, 202], &[200, 202, 204]),
    ("Microsoft.MachineLearningServices/workspaces/computes", &[200, 201], &[200, 202, 204]),
    ("Microsoft.MachineLearningServices/workspaces/datastores", &[200, 201], &[200, 204]),
    ("Microsoft.MachineLearningServices/workspaces/outboundRules", &[200, 202], &[200, 202, 204]),
    ("Microsoft.Insights/components", &[200], &[200, 204]),
    ("Microsoft.Insights/diagnosticSettings", &[200], &[200, 204]),
    ("Microsoft.Insights/actionGroups", &[200, 201], &[200, 204]),
    ("Microsoft.Insights/privateLinkScopes", &[200, 201], &[200, 202, 204]),
    ("Microsoft.Insights/privateLinkScopes/scopedResources", &[200, 201, 202], &[200, 202, 204]),
    ("Microsoft.OperationalInsights/*", &[200, 201, 202], &[200, 202, 204]),
    ("Microsoft.ContainerService/managedClusters*", &[200, 201], &[202, 204]),
    ("Microsoft.KubernetesConfiguration/extensions", &[200, 201], &[200, 202, 204]),
    ("Microsoft.ContainerInstance/containerGroups", &[200, 201], &[200, 202, 204]),
    ("Microsoft.Databricks/workspaces", &[200, 201], &[200, 202, 204]),
    ("Microsoft.HDInsight/clusters", &[200], &[200, 202, 204]),
];

fn fits(pattern: &str, kind: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == kind, |prefix| kind.starts_with(prefix))
}

#[test]
fn every_kind_answers_with_a_status_that_clients_accept() {
    for kind in kinds::ALL.iter() {
        let Some((_, put, delete)) = ACCEPTED.iter().find(|row| fits(row.0, kind.resource_type)) else {
            continue;
        };
        let kind_put = [kind.put.created, kind.put.updated];
        assert!(kind_put.iter().all(|status| put.contains(status)), "{}: PUT {kind_put:?}", kind.noun);
        assert!(delete.contains(&kind.delete.status), "{}: DELETE {}", kind.noun, kind.delete.status);
    }
}

#[test]
fn no_row_of_accepted_statuses_is_about_nothing() {
    for (at, (pattern, ..)) in ACCEPTED.iter().enumerate() {
        let first =
            |kind: &&kinds::Kind| ACCEPTED.iter().position(|row| fits(row.0, kind.resource_type)) == Some(at);
        assert!(kinds::ALL.iter().any(first), "{pattern}");
    }
}

/// The kinds whose clients follow a 202 to a PATCH; of all others they take 200.
const FOLLOWED: &[&str] = &[
    "Microsoft.MachineLearningServices/workspaces",
    "Microsoft.Network/dns*",
    "Microsoft.Network/privateDnsZones",
    "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
];

/// A PATCH answers as a PUT of what is there does.
#[test]
fn every_patch_answers_with_a_status_that_clients_accept() {
    for kind in kinds::ALL.iter() {
        let patched = matches!(kind.tags, kinds::Tags::AtMost(_)) || kind.update == kinds::Update::Patch;
        let followed = FOLLOWED.iter().any(|pattern| fits(pattern, kind.resource_type));
        if patched && !followed {
            assert_eq!(kind.put.updated, 200, "{}", kind.noun);
        }
    }
}
