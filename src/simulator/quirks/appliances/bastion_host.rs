//! Bastion hosts: a subnet and a public address of their own, and a host name.

use serde_json::{Value, json};

use super::configuration::{self, Place};
use crate::simulator::answer::{Outcome, Refusal};
use crate::simulator::quirks::Quirk;
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body};

const PLACE: Place = Place {
    service: "Azure Bastion",
    subnet: "AzureBastionSubnet",
    longest: 26,
    segment: "bastionHostIpConfigurations",
    last: false,
    standard: true,
};

/// The tiers, each with all that the ones before it have.
const TIERS: [&str; 4] = ["Developer", "Basic", "Standard", "Premium"];

pub(super) struct BastionHost;

impl Quirk for BastionHost {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        keeps_its_tier(draft)?;
        let held = configuration::lift(cx, draft)?;
        let configurations = body::values(&draft.written, "properties.ipConfigurations[]");
        if draft.text("sku.name") == Some("Developer") {
            if draft.id_at("properties.virtualNetwork.id").is_none() {
                return Err(configuration::missing("properties.virtualNetwork").into());
            }
        } else if configurations.is_empty() {
            return Err(configuration::missing("properties.ipConfigurations").into());
        }
        let private = body::get(&draft.written, "properties.enablePrivateOnlyBastion") == Some(&json!(true));
        for each in configurations {
            if !private && body::text(each, "properties.publicIPAddress.id").is_none() {
                return Err(
                    configuration::missing("properties.ipConfigurations.properties.publicIPAddress").into()
                );
            }
            configuration::settle(cx, draft, each, &PLACE, &held)?;
        }
        draft.stamp_once("properties.dnsName", || {
            Ok(json!(format!("bst-{}.bastion.azure.com", cx.store.guid()?)))
        })
    }

    fn show(&self, _cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        for each in body::items_mut(shown, "properties.ipConfigurations") {
            configuration::show(each, resource, &PLACE, true, None);
        }
        Ok(())
    }
}

/// Refuses a lower tier than the host has.
fn keeps_its_tier(draft: &Draft) -> Outcome<()> {
    let rank = |name: Option<&str>| TIERS.iter().position(|tier| Some(*tier) == name);
    let before = draft.old.as_ref().and_then(|old| rank(body::text(&old.written, "sku.name")));
    match (before, rank(draft.text("sku.name"))) {
        (Some(before), Some(after)) if after < before => Err(Refusal::new(
            409,
            "PropertyChangeNotAllowed",
            format!(
                "Changing property 'sku.name' is not allowed: a Bastion host cannot go from {} to {}.",
                TIERS[before], TIERS[after]
            ),
        )
        .target("sku.name")
        .into()),
        _ => Ok(()),
    }
}
