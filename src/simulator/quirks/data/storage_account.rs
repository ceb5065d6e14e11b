//! Storage accounts.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value, json};

use super::storage_service;
use crate::kinds::ResourceId;
use crate::simulator::answer::Answer;
use crate::simulator::answer::{Outcome, Refusal};
use crate::simulator::quirks::private_link::show_connections;
use crate::simulator::quirks::{Quirk, RENEWED, renew, secret};
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body, timestamp};

pub(super) struct StorageAccount;

impl Quirk for StorageAccount {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        admits_by_endpoints(cx, draft)?;
        let name = draft.id.name().to_ascii_lowercase();
        let host = |service: &str| json!(format!("https://{name}.{service}.core.windows.net/"));
        let endpoints: Value =
            ["blob", "file", "queue", "table", "dfs"].map(|s| (s.to_owned(), host(s))).into_iter().collect();
        let location = draft.text("location").unwrap_or_default().to_owned();
        let now = timestamp(cx.now);
        let tier =
            draft.text("sku.name").and_then(|sku| sku.split('_').next()).unwrap_or_default().to_owned();
        draft.stamp_once("properties.primaryEndpoints", || Ok(endpoints))?;
        draft.stamp_once("properties.primaryLocation", || Ok(json!(location)))?;
        draft.stamp_once("properties.statusOfPrimary", || Ok(json!("available")))?;
        draft.stamp_once("properties.creationTime", || Ok(json!(now)))?;
        draft.stamp_once("properties.keyCreationTime", || Ok(json!({ "key1": now, "key2": now })))?;
        body::set(&mut draft.stamped, "sku", json!({ "tier": tier }));
        Ok(())
    }

    fn show(&self, cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        body::take(shown, RENEWED);
        show_connections(cx, resource, shown)?;
        for rule in body::items_mut(shown, "properties.networkAcls.virtualNetworkRules") {
            rule["state"] = json!("Succeeded");
        }
        Ok(())
    }

    fn complete(&self, cx: &Cx<'_>, resource: &mut Resource) -> Outcome<()> {
        storage_service::make_all(cx, resource)
    }

    fn actions(&self) -> &'static [&'static str] {
        &["listKeys", "regenerateKey", "ListAccountSas", "ListServiceSas", "revokeUserDelegationKeys"]
    }

    fn act(&self, cx: &Cx<'_>, resource: &Resource, action: &str, sent: &Value) -> Outcome<Option<Answer>> {
        // A token that no data plane checks.
        let token = || format!("sv=2025-07-05&sr=c&sig={}", secret(resource, "sas"));
        Ok(Some(match action {
            "listkeys" => keys(resource),
            "regeneratekey" => {
                let name = body::text(sent, "keyName").unwrap_or_default();
                if !KEYS.contains(&name) {
                    return Err(Refusal::new(
                        400,
                        "InvalidValuesForRequestParameters",
                        "Values for request parameters are invalid: keyName.",
                    )
                    .into());
                }
                let mut renewed = renew(cx, resource, name)?;
                body::set(
                    &mut renewed.stamped,
                    &format!("properties.keyCreationTime.{name}"),
                    json!(timestamp(cx.now)),
                );
                cx.store.save(&renewed)?;
                keys(&renewed)
            }
            "listaccountsas" => Answer::json(200, json!({ "accountSasToken": token() })),
            "listservicesas" => Answer::json(200, json!({ "serviceSasToken": token() })),
            "revokeuserdelegationkeys" => Answer::empty(200),
            _ => return Ok(None),
        }))
    }

    fn taken(&self, id: &ResourceId) -> Refusal {
        Refusal::new(
            409,
            "StorageAccountAlreadyTaken",
            format!("The storage account named {} is already taken.", id.name()),
        )
    }
}

/// Refuses to let in a subnet that has no service endpoint for storage
/// (terraform-provider-azurerm#16547).
fn admits_by_endpoints(cx: &Cx<'_>, draft: &Draft) -> Outcome<()> {
    for text in body::values(&draft.written, "properties.networkAcls.virtualNetworkRules[].id") {
        let Some(id) = text.as_str().and_then(|text| ResourceId::parse(text).ok()) else { continue };
        let (Some(subnet), Some(network)) = (cx.store.resource(&id.canonical())?, id.parent()) else {
            continue;
        };
        let services = body::values(&subnet.written, "properties.serviceEndpoints[].service");
        let for_storage = |service: &&Value| {
            service.as_str().is_some_and(|name| name.to_ascii_lowercase().starts_with("microsoft.storage"))
        };
        if !services.iter().any(for_storage) {
            return Err(Refusal::new(
                400,
                "NetworkAclsValidationFailure",
                format!(
                    "Validation of network acls failure: SubnetsHaveNoServiceEndpointsConfigured:Subnets {} of virtual \
                     network {network} do not have ServiceEndpoints for Microsoft.Storage resources configured. Add \
                     Microsoft.Storage to subnet's ServiceEndpoints collection before trying to ACL Microsoft.Storage \
                     resources to these subnets.",
                    id.name()
                ),
            )
            .into());
        }
    }
    Ok(())
}

const KEYS: [&str; 2] = ["key1", "key2"];

/// A key of an account. Clients decode it: 64 bytes in base64.
pub(in crate::simulator::quirks) fn key(account: &Resource, name: &str) -> String {
    BASE64_STANDARD.encode(format!("{0}{0}", secret(account, name).replace('-', "")))
}

fn keys(account: &Resource) -> Answer {
    let keys = KEYS.map(|name| {
        json!({
            "keyName": name, "value": key(account, name), "permissions": "Full",
            "creationTime": account.stamped["properties"]["keyCreationTime"][name],
        })
    });
    Answer::json(200, json!({ "keys": keys }))
}
