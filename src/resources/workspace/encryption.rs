//! The key of the user's that encrypts what the service keeps of a workspace.

use serde_json::Value as Json;

use super::parts::KeyVault;
use crate::engine::graph::{Expr, Handle};
use crate::kinds::{KEY_VAULT, ResourceId, USER_ASSIGNED_IDENTITY};
use crate::resources::identity::Identity;
use crate::resources::recall::{flag, id, text};
use crate::resources::{Stack, checks};
use crate::schema::config::Field;
use crate::schema::{Diagnostics, Path, Value};
use crate::{block, body};

block! {
    /// A key of yours that encrypts what the service keeps of the workspace. Azure takes it only while the
    /// workspace is made, and then follows another version of it.
    pub struct CustomerManagedKey {
        /// The id of the vault that holds the key, which needs purge protection.
        pub key_vault_id: Field<String> = required().replaces()
            .check(|v, p, d| checks::id_of(&KEY_VAULT, v, p, d)),
        /// The key, such as `https://<vault>.vault.azure.net/keys/<name>/<version>`. Another version takes its
        /// place without another workspace.
        pub key_id: Field<String> = required().check(key_id),
        /// The id of the user-assigned identity that uses the key, one of the workspace's own `identity_ids`. It is
        /// given the right to, unless `role_assignments` is `none`.
        pub user_assigned_identity_id: Field<String> = optional().replaces()
            .check(|v, p, d| checks::id_of(&USER_ASSIGNED_IDENTITY, v, p, d)),
        /// Whether Azure keeps what it encrypts on its own side. Otherwise it makes a resource group in your
        /// subscription for it, which you pay for.
        pub service_side_encryption_enabled: Field<bool> = default(false).replaces(),
    }
}

impl CustomerManagedKey {
    pub(super) fn check(&self, identity: Option<&Identity>, problems: &mut Diagnostics) {
        let mine = self.user_assigned_identity_id.text().and_then(|text| ResourceId::parse(text).ok());
        let own = identity.is_none_or(Identity::has_system_assigned);
        if !own && self.user_assigned_identity_id.is_null() {
            problems.error(
                self.key_id.path.clone(),
                "A workspace without an identity of its own uses its key as somebody",
                "Set user_assigned_identity_id to one of the workspace's identity_ids.",
            );
        }
        let ids = identity.map(|identity| &identity.identity_ids);
        if let Some(mine) = mine
            && ids.is_none_or(|ids| {
                let carried = |id: &Field<String>| id.text().and_then(|text| ResourceId::parse(text).ok());
                ids.is_whole() && !ids.elements().any(|id| carried(id).as_ref() == Some(&mine))
            })
        {
            problems.error(
                self.user_assigned_identity_id.path.clone(),
                "The workspace does not carry this identity",
                "Add it to the identity_ids of the workspace's identity block.",
            );
        }
        if let (Some(key), Some(vault)) = (self.key_id.text(), self.key_vault_id.text())
            && let Ok(vault) = ResourceId::parse(vault)
            && !key
                .to_ascii_lowercase()
                .starts_with(&format!("https://{}.", vault.name().to_ascii_lowercase()))
        {
            problems.error(
                self.key_id.path.clone(),
                "The key lies in another vault",
                format!("key_vault_id names the vault {}.", vault.name()),
            );
        }
    }

    /// A key that could be lost would take the workspace with it.
    pub(super) fn check_vault(&self, stack: &mut Stack<'_>, vault: &KeyVault, made: &Handle) {
        let own = made.known_id().is_some_and(|made| {
            self.key_vault_id.text().and_then(|text| ResourceId::parse(text).ok()).as_ref() == Some(made)
        });
        if !own || vault.name.is_null() {
            return;
        }
        if vault.purge_protection_enabled.known() == Some(&false) {
            stack.problems.error(
                vault.purge_protection_enabled.path.clone(),
                "The vault of a customer-managed key needs purge protection",
                "Set purge_protection_enabled = true. Azure never takes it back.",
            );
        }
        if vault.rbac_authorization_enabled.known() == Some(&false) {
            stack.problems.error(
                vault.rbac_authorization_enabled.path.clone(),
                "The right to use the key is given by a role",
                "Leave rbac_authorization_enabled at true.",
            );
        }
    }

    pub(super) fn expand(&self, stack: &mut Stack<'_>) -> Key {
        let vault = stack.given("customer_managed_key/vault", &KEY_VAULT, &self.key_vault_id);
        let identity = self.user_assigned_identity_id.is_set().then(|| {
            let id = &self.user_assigned_identity_id;
            stack.given("customer_managed_key/identity", &USER_ASSIGNED_IDENTITY, id)
        });
        Key { vault, identity }
    }

    pub(super) fn expr(&self, key: &Key) -> Expr {
        let mut members = vec![
            ("status", Expr::from("Enabled")),
            (
                "keyVaultProperties",
                body!({ "keyVaultArmId": (key.vault.id()), "keyIdentifier": (&self.key_id) }),
            ),
        ];
        if let Some(identity) = &key.identity {
            members.push(("identity", body!({ "userAssignedIdentity": (identity.id()) })));
        }
        Expr::object(members)
    }
}

/// Where the key lies, and who uses it.
pub(super) struct Key {
    pub(super) vault: Handle,
    pub(super) identity: Option<Handle>,
}

/// The block that asks for the encryption of a body; null where it has none.
pub(super) fn recalled(body: &Json) -> Value {
    let at = "/properties/encryption";
    if text(body, &format!("{at}/status")).as_str().is_none_or(|status| status == "Disabled") {
        return Value::Null;
    }
    let id_at = |pointer: &str| Value::from(id(body, &format!("{at}/{pointer}")).map(|id| id.to_string()));
    Value::object([
        ("key_vault_id", id_at("keyVaultProperties/keyVaultArmId")),
        ("key_id", text(body, &format!("{at}/keyVaultProperties/keyIdentifier"))),
        ("user_assigned_identity_id", id_at("identity/userAssignedIdentity")),
        ("service_side_encryption_enabled", flag(body, "/properties/enableServiceSideCMKEncryption", false)),
    ])
}

/// The address of a key, perhaps of one version of it.
fn key_id(value: &Value, path: &Path, problems: &mut Diagnostics) {
    let Value::String(text) = value else { return };
    let parts: Vec<&str> = text.strip_prefix("https://").unwrap_or_default().split('/').collect();
    let whole = matches!(parts[..], [host, "keys", name] | [host, "keys", name, _] if host.contains('.') && !name.is_empty());
    if !whole || parts.iter().any(|part| part.is_empty()) {
        problems.error(
            path.clone(),
            format!("{text:?} is not the address of a key"),
            "It is written like \"https://<vault>.vault.azure.net/keys/<name>/<version>\".",
        );
    }
}
