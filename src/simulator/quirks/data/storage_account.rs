//! Storage accounts.

use serde_json::{Value, json};

use crate::kinds::ResourceId;
use crate::simulator::answer::Answer;
use crate::simulator::answer::{Outcome, Refusal};
use crate::simulator::quirks::private_link::show_connections;
use crate::simulator::quirks::{Quirk, secret};
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body, timestamp};

pub(super) struct StorageAccount;

impl Quirk for StorageAccount {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
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
        show_connections(cx, resource, shown)?;
        for rule in body::items_mut(shown, "properties.networkAcls.virtualNetworkRules") {
            rule["state"] = json!("Succeeded");
        }
        Ok(())
    }

    fn act(&self, _cx: &Cx<'_>, resource: &Resource, action: &str, _sent: &Value) -> Outcome<Option<Answer>> {
        if action != "listkeys" {
            return Ok(None);
        }
        let created = timestamp(resource.created);
        let keys = ["key1", "key2"].map(|name| {
            json!({
                "keyName": name, "value": secret(resource, name), "permissions": "Full", "creationTime": created,
            })
        });
        Ok(Some(Answer::json(200, json!({ "keys": keys }))))
    }

    fn taken(&self, id: &ResourceId) -> Refusal {
        Refusal::new(
            409,
            "StorageAccountAlreadyTaken",
            format!("The storage account named {} is already taken.", id.name()),
        )
    }
}
