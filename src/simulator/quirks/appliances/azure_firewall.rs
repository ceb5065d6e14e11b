//! Firewalls: the private address that routes name, and rules of their own or of a policy.

use serde_json::Value;

use super::configuration::{self, Place};
use crate::simulator::answer::{Outcome, Refusal};
use crate::simulator::quirks::Quirk;
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body};

const PLACE: Place = Place {
    service: "Azure Firewall",
    subnet: "AzureFirewallSubnet",
    longest: 26,
    segment: "azureFirewallIpConfigurations",
    last: false,
    standard: true,
};

const MANAGEMENT: Place = Place { subnet: "AzureFirewallManagementSubnet", ..PLACE };

const MANAGED: &str = "properties.managementIpConfiguration";

pub(super) struct AzureFirewall;

impl Quirk for AzureFirewall {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        has_one_source_of_rules(draft)?;
        let held = configuration::lift(cx, draft)?;
        let configurations = body::values(&draft.written, "properties.ipConfigurations[]");
        let management = body::get(&draft.written, MANAGED);
        if draft.text("properties.sku.name") == Some("AZFW_VNet") {
            let subnets: Vec<bool> =
                configurations.iter().map(|c| body::text(c, "properties.subnet.id").is_some()).collect();
            if subnets.first() != Some(&true) {
                return Err(configuration::missing("properties.ipConfigurations.properties.subnet").into());
            }
            if subnets[1..].contains(&true) {
                return Err(Refusal::new(
                    400,
                    "AzureFirewallMultipleSubnets",
                    format!(
                        "Only the first ip configuration of the firewall '{}' may name a subnet.",
                        draft.id.name()
                    ),
                )
                .into());
            }
            if draft.text("properties.sku.tier") == Some("Basic") && management.is_none() {
                return Err(configuration::missing(MANAGED).into());
            }
        }
        for each in configurations {
            configuration::settle(cx, draft, each, &PLACE, &held)?;
        }
        match management {
            Some(management) => configuration::settle(cx, draft, management, &MANAGEMENT, &held),
            None => Ok(()),
        }
    }

    fn show(&self, cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        let held = cx.store.addresses_of(&resource.key())?;
        for each in body::items_mut(shown, "properties.ipConfigurations") {
            configuration::show(each, resource, &PLACE, true, Some(&held));
        }
        if let Some(management) = shown.pointer_mut("/properties/managementIpConfiguration") {
            configuration::show(management, resource, &MANAGEMENT, true, Some(&held));
        }
        Ok(())
    }
}

/// Refuses rules of the firewall's own beside those of a policy.
fn has_one_source_of_rules(draft: &Draft) -> Outcome<()> {
    if draft.id_at("properties.firewallPolicy.id").is_none() {
        return Ok(());
    }
    let own = ["application", "network", "nat"]
        .map(|kind| format!("properties.{kind}RuleCollections"))
        .into_iter()
        .find(|path| {
            body::get(&draft.written, path).and_then(Value::as_array).is_some_and(|rules| !rules.is_empty())
        });
    match own {
        None => Ok(()),
        Some(path) => Err(Refusal::new(
            400,
            "AzureFirewallPolicyAndRuleCollectionsConflict",
            format!(
                "The firewall '{}' follows a firewall policy and cannot have rule collections of its own.",
                draft.id.name()
            ),
        )
        .target(path)
        .into()),
    }
}
