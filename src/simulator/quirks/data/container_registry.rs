//! Container registries.

use serde_json::{Value, json};

use super::registry_parts;
use crate::kinds::{REGISTRY_CONNECTION, ResourceId};
use crate::simulator::answer::{Answer, Outcome, Refusal};
use crate::simulator::quirks::private_link::{REGIONS, show_connections};
use crate::simulator::quirks::{Quirk, RENEWED, renew, secret};
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
            only_premium(cx, draft, &sku, &public)?;
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
        body::take(shown, RENEWED);
        body::take(shown, REGIONS);
        show_connections(cx, resource, shown)
    }

    fn complete(&self, cx: &Cx<'_>, resource: &mut Resource) -> Outcome<()> {
        registry_parts::make_home(cx, resource)
    }

    fn actions(&self) -> &'static [&'static str] {
        &["listCredentials", "regenerateCredential", "importImage"]
    }

    fn act(&self, cx: &Cx<'_>, resource: &Resource, action: &str, sent: &Value) -> Outcome<Option<Answer>> {
        match action {
            "listcredentials" => {
                admin(resource)?;
                Ok(Some(credentials(resource)))
            }
            "regeneratecredential" => {
                admin(resource)?;
                let name = body::text(sent, "name").unwrap_or_default();
                if !PASSWORDS.contains(&name) {
                    return Err(Refusal::new(
                        400,
                        "InvalidPasswordName",
                        format!("The password name '{name}' is none of '{}'.", PASSWORDS.join(", ")),
                    )
                    .into());
                }
                Ok(Some(credentials(&renew(cx, resource, name)?)))
            }
            // Nothing that could be looked at is imported.
            "importimage" => Ok(Some(Answer::empty(200))),
            _ => Ok(None),
        }
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

const PASSWORDS: [&str; 2] = ["password", "password2"];

fn credentials(registry: &Resource) -> Answer {
    let passwords = PASSWORDS.map(|name| json!({ "name": name, "value": secret(registry, name) }));
    Answer::json(200, json!({ "username": registry.id.name(), "passwords": passwords }))
}

/// Refuses credentials of an admin user that is off.
fn admin(registry: &Resource) -> Outcome<()> {
    if body::get(&registry.written, "properties.adminUserEnabled") == Some(&Value::Bool(true)) {
        return Ok(());
    }
    Err(Refusal::new(
        400,
        "UnauthorizedForCredentialOperations",
        "Cannot perform credential operations as the admin user is disabled. Kindly enable the admin user as \
         per docs: https://aka.ms/acr/admin-account",
    )
    .into())
}

/// The refusal of what only the Premium SKU can do.
pub(super) fn premium_required(what: &str, sku: &str) -> Refusal {
    Refusal::new(
        400,
        "PremiumSkuRequired",
        format!("The property {what} requires the SKU Premium; the registry has the SKU {sku}."),
    )
}

/// Refuses what only the Premium SKU can do.
fn only_premium(cx: &Cx<'_>, draft: &Draft, sku: &str, public: &str) -> Outcome<()> {
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
    // What was added under the Premium SKU goes before it does.
    let replicated = !registry_parts::replications(cx, &draft.id)?.is_empty();
    let connected = cx.store.count_children(&draft.id.canonical(), REGISTRY_CONNECTION.resource_type)? > 0;
    for (used, what) in [
        (denies, "networkRuleSet"),
        (data, "dataEndpointEnabled"),
        (zones, "zoneRedundancy"),
        (replicated, "replications"),
        (connected, "privateEndpointConnections"),
    ] {
        if used {
            return Err(premium_required(what, sku).into());
        }
    }
    Ok(())
}
