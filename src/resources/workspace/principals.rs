//! Who acts for a workspace, and what that somebody may do where.

use std::collections::{BTreeMap, BTreeSet};

use super::{Ground, Workspace};
use crate::engine::graph::Handle;
use crate::resources::roles::{Assignment, Principal, builtin};

/// An identity of the user's.
pub(super) fn principal_of(identity: &Handle) -> Principal {
    Principal { id: identity.output("properties.principalId"), owner: identity.known_id().cloned() }
}

impl Workspace {
    /// Who acts for the workspace.
    pub(super) fn principal(&self, workspace: &Handle, identities: &[Handle]) -> Principal {
        match identities.first() {
            Some(identity) if !self.has_own_identity() => principal_of(identity),
            _ => Principal {
                id: workspace.output("identity.principalId"),
                owner: workspace.known_id().cloned(),
            },
        }
    }

    /// What an identity of the user's needs before the workspace is made
    /// ("set up authentication between Azure ML and other services").
    pub(super) fn roles_of_user_identity<'g>(
        &self,
        identities: &[Handle],
        ground: &'g Ground,
        targets: &'g [Option<Handle>],
    ) -> Option<(Principal, Vec<Assignment<'g>>)> {
        let identity = identities.first().filter(|_| !self.has_own_identity())?;
        let principal = principal_of(identity);
        let role = |key: &str, role, scope| Assignment { key: format!("role/{key}"), role, scope };
        let mut wanted = Vec::new();
        for (key, is, scope) in [
            ("storage/contributor", &builtin::CONTRIBUTOR, &ground.storage),
            ("storage/data", &builtin::STORAGE_BLOB_DATA_CONTRIBUTOR, &ground.storage),
            ("key_vault/contributor", &builtin::CONTRIBUTOR, &ground.vault),
            ("key_vault/administrator", &builtin::KEY_VAULT_ADMINISTRATOR, &ground.vault),
            ("application_insights/contributor", &builtin::CONTRIBUTOR, &ground.insights),
            ("container_registry/contributor", &builtin::CONTRIBUTOR, &ground.registry),
        ] {
            wanted.extend(scope.as_ref().map(|scope| role(key, is, scope)));
        }
        // Azure has an identity of its own approve the endpoints of a managed
        // network, and grants that right itself to a system-assigned one only.
        if let Some(network) = &self.managed_network {
            let approver = &builtin::AZURE_AI_ENTERPRISE_NETWORK_CONNECTION_APPROVER;
            for (key, scope) in [
                ("storage/approver", &ground.storage),
                ("key_vault/approver", &ground.vault),
                ("container_registry/approver", &ground.registry),
            ] {
                wanted.extend(scope.as_ref().map(|scope| role(key, approver, scope)));
            }
            let mut scopes = BTreeSet::new();
            for (rule, target) in network.outbound_rule.items.iter().zip(targets) {
                if let (Some(name), Some(target)) = (rule.name.text(), target)
                    && scopes.insert(target.known_id())
                {
                    wanted.push(role(&format!("outbound_rule/{name}/approver"), approver, target));
                }
            }
        }
        Some((principal, wanted))
    }

    /// What the identity needs once the workspace stands: the registry, its
    /// data seen from the studio ("studio in a virtual network"), and, for an
    /// identity of the user's, the workspace itself.
    pub(super) fn roles_of_workspace<'h>(
        &self,
        workspace: &'h Handle,
        ground: &'h Ground,
        endpoints: &'h BTreeMap<String, Handle>,
    ) -> Vec<Assignment<'h>> {
        let role = |key: String, role, scope| Assignment { key: format!("role/{key}"), role, scope };
        let mut wanted = Vec::new();
        if let Some(storage) = &ground.storage {
            wanted.push(role("storage/reader".to_owned(), &builtin::READER, storage));
            wanted.push(role("storage/data_reader".to_owned(), &builtin::STORAGE_BLOB_DATA_READER, storage));
        }
        for service in ["blob", "file", "dfs"] {
            let key = format!("storage/{service}/endpoint");
            if let Some(endpoint) = endpoints.get(&key) {
                wanted.push(role(format!("{key}/reader"), &builtin::READER, endpoint));
            }
        }
        if let Some(storage) = &ground.storage
            && self.storage_account_access_type.text() == Some("Identity")
        {
            wanted.push(role(
                "storage/file_data".to_owned(),
                &builtin::STORAGE_FILE_DATA_PRIVILEGED_CONTRIBUTOR,
                storage,
            ));
        }
        if self.has_own_identity() {
            if let Some(registry) = &ground.registry {
                wanted.push(role(
                    "container_registry/contributor".to_owned(),
                    &builtin::CONTRIBUTOR,
                    registry,
                ));
            }
        } else {
            wanted.push(role("workspace/contributor".to_owned(), &builtin::CONTRIBUTOR, workspace));
        }
        wanted
    }
}
