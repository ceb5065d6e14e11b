//! `data.amlsecure_workspace`: a workspace that somebody else made.

use super::Source;
use crate::block;
use crate::kinds::{RESOURCE_GROUP, WORKSPACE};
use crate::resources::{Outputs, Stack, checks};
use crate::schema::config::{Computed, Field};

block! {
    /// A workspace of Azure Machine Learning that exists.
    pub struct Workspace {
        /// The name of the workspace.
        pub name: Field<String> = required().check(|v, p, d| checks::name(&WORKSPACE, v, p, d)),
        /// The resource group that it lives in.
        pub resource_group_name: Field<String> = required().check(|v, p, d| checks::name(&RESOURCE_GROUP, v, p, d)),
        /// The id of the workspace.
        pub id: Computed<String> = computed(),
        /// The Azure region of the workspace.
        pub location: Computed<String> = computed(),
        /// The GUID under which the workspace is found in DNS.
        pub workspace_id: Computed<String> = computed(),
        /// Where clients ask for the workspace's services.
        pub discovery_url: Computed<String> = computed(),
        /// The object id of the workspace's system-assigned identity, where it has one.
        pub principal_id: Computed<String> = computed(),
        /// The id of its storage account.
        pub storage_account_id: Computed<String> = computed(),
        /// The id of its vault.
        pub key_vault_id: Computed<String> = computed(),
        /// The id of its Application Insights component.
        pub application_insights_id: Computed<String> = computed(),
        /// The id of its registry, where it has one.
        pub container_registry_id: Computed<String> = computed(),
    }
}

impl Source for Workspace {
    const TYPE: &'static str = "amlsecure_workspace";

    fn expand(&self, stack: &mut Stack<'_>) -> Outputs {
        let id = stack
            .resource_group(&self.resource_group_name)
            .zip(self.name.text())
            .map(|(group, name)| group.child(&WORKSPACE, name));
        let workspace = stack.given_id("workspace", &WORKSPACE, id, &self.name.path);
        [
            ("id", workspace.id()),
            ("location", workspace.output("location")),
            ("workspace_id", workspace.output("properties.workspaceId")),
            ("discovery_url", workspace.output("properties.discoveryUrl")),
            ("principal_id", workspace.output("identity.principalId")),
            ("storage_account_id", workspace.output("properties.storageAccount")),
            ("key_vault_id", workspace.output("properties.keyVault")),
            ("application_insights_id", workspace.output("properties.applicationInsights")),
            ("container_registry_id", workspace.output("properties.containerRegistry")),
        ]
        .into()
    }
}
