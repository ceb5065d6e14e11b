//! Network security groups: rules that exclude each other, the rules that are
//! always there, and who uses the group.

use serde_json::{Value, json};

use crate::simulator::answer::{Outcome, Refusal};
use crate::simulator::quirks::{Quirk, referrers};
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body};

const SUBNETS: &str = "Microsoft.Network/virtualNetworks/subnets";
const INTERFACES: &str = "Microsoft.Network/networkInterfaces";

/// The rules of every group: name, priority, access, direction, source, destination.
const DEFAULT_RULES: [(&str, u32, &str, &str, &str, &str); 6] = [
    ("AllowVnetInBound", 65000, "Allow", "Inbound", "VirtualNetwork", "VirtualNetwork"),
    ("AllowAzureLoadBalancerInBound", 65001, "Allow", "Inbound", "AzureLoadBalancer", "*"),
    ("DenyAllInBound", 65500, "Deny", "Inbound", "*", "*"),
    ("AllowVnetOutBound", 65000, "Allow", "Outbound", "VirtualNetwork", "VirtualNetwork"),
    ("AllowInternetOutBound", 65001, "Allow", "Outbound", "*", "Internet"),
    ("DenyAllOutBound", 65500, "Deny", "Outbound", "*", "*"),
];

pub(super) struct NetworkSecurityGroup;

impl Quirk for NetworkSecurityGroup {
    fn accept(&self, _cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        let rules = body::values(&draft.written, "properties.securityRules[]");
        for (at, rule) in rules.iter().enumerate() {
            let name = rule["name"].as_str().unwrap_or_default();
            if name.is_empty() {
                return Err(Refusal::new(
                    400,
                    "InvalidRequestFormat",
                    "Cannot parse the request. A security rule has no name.",
                )
                .target("properties.securityRules")
                .into());
            }
            well_formed(name, rule)?;
            let slot = |rule: &Value| {
                (rule["properties"]["direction"].clone(), rule["properties"]["priority"].clone())
            };
            if let Some(other) = rules[..at].iter().find(|other| slot(other) == slot(rule)) {
                return Err(Refusal::new(
                    400,
                    "SecurityRuleConflict",
                    format!(
                        "Security rule {name} conflicts with rule {}. Rules cannot have the same Priority and \
                         Direction. To learn more, see aka.ms/nsgrules.",
                        other["name"].as_str().unwrap_or_default()
                    ),
                )
                .into());
            }
        }
        Ok(())
    }

    fn show(&self, cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        for rule in body::items_mut(shown, "properties.securityRules") {
            let name = rule["name"].as_str().unwrap_or_default().to_owned();
            rule["id"] = json!(format!("{}/securityRules/{name}", resource.id));
            rule["type"] = json!("Microsoft.Network/networkSecurityGroups/securityRules");
            rule["etag"] = json!(resource.etag);
            body::set(rule, "properties.provisioningState", json!(resource.state));
        }
        let defaults: Vec<Value> = DEFAULT_RULES
            .iter()
            .map(|(name, priority, access, direction, source, destination)| {
                json!({
                    "id": format!("{}/defaultSecurityRules/{name}", resource.id),
                    "name": name,
                    "type": "Microsoft.Network/networkSecurityGroups/defaultSecurityRules",
                    "etag": resource.etag,
                    "properties": {
                        "provisioningState": "Succeeded", "protocol": "*", "access": access, "priority": priority,
                        "direction": direction, "sourcePortRange": "*", "destinationPortRange": "*",
                        "sourceAddressPrefix": source, "destinationAddressPrefix": destination,
                    },
                })
            })
            .collect();
        body::set(shown, "properties.defaultSecurityRules", json!(defaults));
        for (path, kind) in [("properties.subnets", SUBNETS), ("properties.networkInterfaces", INTERFACES)] {
            let users = referrers(cx, resource, kind)?;
            if users.as_array().is_some_and(|list| !list.is_empty()) {
                body::set(shown, path, users);
            }
        }
        Ok(())
    }

    fn release(&self, cx: &Cx<'_>, resource: &Resource) -> Outcome<()> {
        let mut users = cx.store.referrers(&resource.key(), SUBNETS)?;
        users.extend(cx.store.referrers(&resource.key(), INTERFACES)?);
        if users.is_empty() {
            return Ok(());
        }
        let list: Vec<&str> = users.iter().map(|row| row.id.as_str()).collect();
        Err(Refusal::new(
            400,
            "InUseNetworkSecurityGroupCannotBeDeleted",
            format!(
                "Network security group {} cannot be deleted because it is in use by the following resources: {}. In \
                 order to delete the Network security group, remove the association with the resource(s). To learn \
                 how to do this, see aka.ms/deletensg.",
                resource.id,
                list.join(", ")
            ),
        )
        .into())
    }
}

/// Refuses a rule that says the same thing in two forms, or in none.
fn well_formed(name: &str, rule: &Value) -> Outcome<()> {
    let properties = &rule["properties"];
    for (single, plural) in [
        ("sourcePortRange", "sourcePortRanges"),
        ("destinationPortRange", "destinationPortRanges"),
        ("sourceAddressPrefix", "sourceAddressPrefixes"),
        ("destinationAddressPrefix", "destinationAddressPrefixes"),
    ] {
        let one = properties[single].as_str().is_some_and(|text| !text.is_empty());
        let many = properties[plural].as_array().is_some_and(|list| !list.is_empty());
        let group = single.ends_with("AddressPrefix")
            && properties[single.replace("AddressPrefix", "ApplicationSecurityGroups")].is_array();
        if one && many {
            return Err(Refusal::new(
                400,
                "SecurityRuleParameterContainsUnsupportedValue",
                format!("Security rule {name} specifies both {single} and {plural}. Only one of them can be specified."),
            )
            .into());
        }
        if !one && !many && !group {
            return Err(Refusal::new(
                400,
                "SecurityRuleInvalidParameter",
                format!("Security rule {name} must specify {single} or {plural}."),
            )
            .into());
        }
    }
    Ok(())
}
