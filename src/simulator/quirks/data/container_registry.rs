//! Container registries.

use serde_json::{Value, json};

use crate::kinds::ResourceId;
use crate::simulator::answer::{Answer, Outcome, Refusal};
use crate::simulator::quirks::private_link::show_connections;
use crate::simulator::quirks::{Quirk, secret};
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body, timestamp};

pub(super) struct Registry;

impl Quirk for Registry {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        let sku = draft.text("sku.name").unwrap_or_default().to_owned();
        if sku == "Classic" {
            return Err(Refusal::new(
                400,
                "ClassicSkuDeprecated",
                "The Classic SKU has been deprecated. Please use Basic, Standard or Premium SKU.",
            )
            .into());
        }
        let public = draft.text("properties.publicNetworkAccess").unwrap_or("Enabled").to_owned();
        if sku != "Premium" {
            only_premium(draft, &sku, &public)?;
        }
        let exports = draft.text("properties.policies.exportPolicy.status") != Some("disabled");
        if !exports && public != "Disabled" {
            return Err(Refusal::new(
                400,
                "ExportPolicyRequiresPrivateAccess",
                "Property exportPolicy can only be disabled when publicNetworkAccess is Disabled.",
            )
            .into());
        }
        let name = draft.id.name().to_ascii_lowercase();
        let now = timestamp(cx.now);
        draft.stamp_once("properties.loginServer", || Ok(json!(format!("{name}.azurecr.io"))))?;
        draft.stamp_once("properties.creationDate", || Ok(json!(now)))?;
        body::set(&mut draft.stamped, "sku", json!({ "tier": sku }));
        if body::get(&draft.written, "properties.publicNetworkAccess").is_none() {
            body::set(&mut draft.written, "properties.publicNetworkAccess", json!("Enabled"));
        }
        if body::get(&draft.written, "properties.adminUserEnabled").is_none() {
            body::set(&mut draft.written, "properties.adminUserEnabled", json!(false));
        }
        Ok(())
    }

    fn show(&self, cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        let location = body::text(&resource.written, "location").unwrap_or_default();
        let data = body::get(&resource.written, "properties.dataEndpointEnabled") == Some(&json!(true));
        let hosts: Vec<String> = data
            .then(|| format!("{}.{location}.data.azurecr.io", resource.id.name().to_ascii_lowercase()))
            .into_iter()
            .collect();
        body::set(shown, "properties.dataEndpointHostNames", json!(hosts));
        show_connections(cx, resource, shown)
    }

    fn act(&self, _cx: &Cx<'_>, resource: &Resource, action: &str, _sent: &Value) -> Outcome<Option<Answer>> {
        if action != "listcredentials" {
            return Ok(None);
        }
        if body::get(&resource.written, "properties.adminUserEnabled") != Some(&Value::Bool(true)) {
            return Err(Refusal::new(
                400,
                "UnauthorizedForCredentialOperations",
                "Cannot perform credential operations as the admin user is disabled. Kindly enable the admin user as \
                 per docs: https://aka.ms/acr/admin-account",
            )
            .into());
        }
        let passwords =
            ["password", "password2"].map(|name| json!({ "name": name, "value": secret(resource, name) }));
        Ok(Some(Answer::json(200, json!({ "username": resource.id.name(), "passwords": passwords }))))
    }

    fn taken(&self, id: &ResourceId) -> Refusal {
        Refusal::new(
            409,
            "AlreadyInUse",
            format!(
                "The registry DNS name {}.azurecr.io is already in use. You can check if the name is already claimed \
                 using following API: https://docs.microsoft.com/rest/api/containerregistry/registries/checknameavailability",
                id.name().to_ascii_lowercase()
            ),
        )
    }
}

/// Refuses what only the Premium SKU can do.
fn only_premium(draft: &Draft, sku: &str, public: &str) -> Outcome<()> {
    if public == "Disabled" {
        return Err(Refusal::new(
            400,
            "DisablingPublicNetworkAccessNotSupported",
            format!(
                "Disabling public network access is not supported for the SKU {sku}. For more information visit \
                 https://aka.ms/acr/private-link"
            ),
        )
        .into());
    }
    let denies = draft.text("properties.networkRuleSet.defaultAction") == Some("Deny");
    let data = body::get(&draft.written, "properties.dataEndpointEnabled") == Some(&json!(true));
    let zones = draft.text("properties.zoneRedundancy") == Some("Enabled");
    for (used, what) in [(denies, "networkRuleSet"), (data, "dataEndpointEnabled"), (zones, "zoneRedundancy")]
    {
        if used {
            return Err(Refusal::new(
                400,
                "PremiumSkuRequired",
                format!("The property {what} requires the SKU Premium; the registry has the SKU {sku}."),
            )
            .into());
        }
    }
    Ok(())
}
