//! Key vaults: their names outlive them.

use serde_json::{Value, json};

use crate::kinds::ResourceId;
use crate::simulator::answer::{Outcome, Refusal};
use crate::simulator::quirks::Quirk;
use crate::simulator::quirks::private_link::show_connections;
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body};

/// Days that a deleted vault keeps its name unless it says otherwise.
const RETENTION_DAYS: i64 = 90;

/// The first version in which a vault without a word about it uses roles
/// rather than access policies (learn.microsoft.com, access-control-default).
const ROLES_BY_DEFAULT: &str = "2026-02-01";

const PURGE_PROTECTION: &str = "properties.enablePurgeProtection";
const USES_ROLES: &str = "properties.enableRbacAuthorization";

pub(super) struct Vault;

impl Quirk for Vault {
    fn normalise(&self, draft: &mut Draft) {
        if body::get(&draft.written, USES_ROLES).is_some() {
            return;
        }
        let uses_roles = match &draft.old {
            Some(old) => body::get(&old.written, USES_ROLES) == Some(&json!(true)),
            None => draft.api_version.as_str() >= ROLES_BY_DEFAULT,
        };
        body::set(&mut draft.written, USES_ROLES, json!(uses_roles));
    }

    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        let recovers = body::text(&draft.sent_only, "properties.createMode") == Some("recover");
        if draft.is_new() {
            come_back(cx, draft, recovers)?;
        }
        if draft.text("properties.tenantId").is_some_and(|tenant| uuid::Uuid::parse_str(tenant).is_err()) {
            return Err(bad("The property \"tenantId\" must be a GUID."));
        }
        // Only the creation counts for the result.
        draft.sent_only = json!({});
        match (&draft.old, body::get(&draft.written, PURGE_PROTECTION)) {
            (Some(old), now) if body::get(&old.written, PURGE_PROTECTION) == Some(&json!(true)) => {
                if now == Some(&json!(false)) {
                    return Err(bad(
                        "The property \"enablePurgeProtection\" cannot be set to false. Enabling the purge protection \
                         for a vault is an irreversible action.",
                    ));
                }
                body::set(&mut draft.written, PURGE_PROTECTION, json!(true));
            }
            (_, Some(Value::Bool(false))) => {
                return Err(bad("The property \"enablePurgeProtection\" cannot be set to false."));
            }
            _ => {}
        }
        if body::get(&draft.written, "properties.enableSoftDelete") == Some(&json!(false)) {
            return Err(bad(
                "The property \"enableSoftDelete\" cannot be set to false for creating new vault. Enabling \
                the soft delete functionality is mandatory.",
            ));
        }
        let policies = body::get(&draft.written, "properties.accessPolicies").is_some();
        if !policies {
            if body::get(&draft.written, USES_ROLES) != Some(&json!(true)) && !recovers {
                return Err(bad("The parameter accessPolicies is not specified."));
            }
            body::set(&mut draft.written, "properties.accessPolicies", json!([]));
        }
        let name = draft.id.name().to_ascii_lowercase();
        draft.stamp_once("properties.vaultUri", || Ok(json!(format!("https://{name}.vault.azure.net/"))))
    }

    fn show(&self, cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        show_connections(cx, resource, shown)?;
        // The types know no `name` and `type` in these.
        for connection in body::items_mut(shown, "properties.privateEndpointConnections") {
            body::take(connection, "name");
            body::take(connection, "type");
        }
        Ok(())
    }

    fn taken(&self, id: &ResourceId) -> Refusal {
        Refusal::new(
            409,
            "VaultAlreadyExists",
            format!(
                "The vault name '{}' is already in use. Vault names are globally unique so it is possible that the \
                 name is already taken.",
                id.name()
            ),
        )
    }

    fn retention_days(&self, resource: &Resource) -> Option<i64> {
        Some(
            body::get(&resource.written, "properties.softDeleteRetentionInDays")
                .and_then(Value::as_i64)
                .unwrap_or(RETENTION_DAYS),
        )
    }
}

fn bad(text: &str) -> crate::simulator::answer::Stop {
    Refusal::new(400, "BadRequest", text).into()
}

/// Judges a creation over the name of a deleted vault.
fn come_back(cx: &Cx<'_>, draft: &mut Draft, recovers: bool) -> Outcome<()> {
    let deleted = cx.store.deleted_of(draft.kind.resource_type, Some(draft.id.name()))?;
    let own = deleted.iter().find(|vault| vault.id == draft.id);
    match (recovers, own) {
        (true, Some(vault)) => {
            // It comes back as it was; what else the body says is not applied.
            draft.written = vault.written.clone();
            draft.stamped = vault.stamped.clone();
            Ok(cx.store.forget(&vault.id.canonical())?)
        }
        (true, None) => Err(Refusal::new(
            404,
            "DeletedVaultNotFound",
            format!("The specified deleted vault '{}' does not exist.", draft.id.name()),
        )
        .into()),
        (false, _) if !deleted.is_empty() => Err(Refusal::new(
            409,
            "ConflictError",
            "Exist soft deleted vault with the same name. ".to_owned(),
        )
        .into()),
        (false, _) => Ok(()),
    }
}
