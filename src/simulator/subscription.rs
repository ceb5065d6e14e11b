//! The subscription itself.

use serde_json::{Value, json};

use super::answer::Answer;
use super::{Cx, SUBSCRIPTION, TENANT};
use crate::kinds::TAGS;

/// The regions that are listed: names, names for people, and where they are.
/// Any region may be written: the list is only what clients offer.
const LOCATIONS: &[(&str, &str, &str)] = &[
    ("eastasia", "East Asia", "Asia Pacific"),
    ("eastus", "East US", "US"),
    ("eastus2", "East US 2", "US"),
    ("japaneast", "Japan East", "Asia Pacific"),
    ("northeurope", "North Europe", "Europe"),
    ("southeastasia", "Southeast Asia", "Asia Pacific"),
    ("westeurope", "West Europe", "Europe"),
    ("westus2", "West US 2", "US"),
];

/// The subscription as a GET answers it.
pub(super) fn body(cx: &Cx<'_>) -> rusqlite::Result<Value> {
    let id = format!("/subscriptions/{SUBSCRIPTION}");
    let row =
        cx.store.resource(&format!("{id}/providers/{}/default", TAGS.resource_type).to_ascii_lowercase())?;
    let tags = row.map_or_else(|| json!({}), |row| row.written["properties"]["tags"].clone());
    Ok(json!({
        "id": id,
        "tags": tags,
        "subscriptionId": SUBSCRIPTION,
        "tenantId": TENANT,
        "displayName": "Simulated subscription",
        "state": "Enabled",
        "authorizationSource": "RoleBased",
        "subscriptionPolicies": { "locationPlacementId": "Public_2014-09-01", "quotaId": "Simulated", "spendingLimit": "Off" },
    }))
}

pub(super) fn list(cx: &Cx<'_>) -> rusqlite::Result<Answer> {
    Ok(Answer::json(200, json!({ "value": [body(cx)?], "count": { "type": "Total", "value": 1 } })))
}

pub(super) fn tenants() -> Answer {
    Answer::json(200, json!({ "value": [{ "id": format!("/tenants/{TENANT}"), "tenantId": TENANT }] }))
}

pub(super) fn locations() -> Answer {
    let item = |(name, display, group): &(&str, &str, &str)| {
        json!({
            "id": format!("/subscriptions/{SUBSCRIPTION}/locations/{name}"),
            "name": name,
            "type": "Region",
            "displayName": display,
            "regionalDisplayName": format!("({group}) {display}"),
            "metadata": { "regionType": "Physical", "regionCategory": "Recommended", "geographyGroup": group },
        })
    };
    Answer::json(200, json!({ "value": LOCATIONS.iter().map(item).collect::<Vec<_>>() }))
}
