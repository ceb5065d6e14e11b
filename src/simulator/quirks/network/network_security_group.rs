//! Network security groups: rules written together, the rules that are always
//! there, and who uses the group.

use serde_json::{Value, json};

use super::security_rule;
use crate::simulator::answer::{Outcome, Refusal};
use crate::simulator::quirks::{Quirk, referrers};
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body};

const SUBNETS: &str = "Microsoft.Network/virtualNetworks/subnets";
const INTERFACES: &str = "Microsoft.Network/networkInterfaces";

/// Name, priority, access, direction, source, destination.
type DefaultRule = (&'static str, u32, &'static str, &'static str, &'static str, &'static str);

/// The rules of every group.
pub(super) const DEFAULT_RULES: [DefaultRule; 6] = [
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
        let rules: Vec<&Draft> = draft.embedded.iter().flat_map(|embedded| &embedded.drafts).collect();
        for (at, rule) in rules.iter().enumerate() {
            for other in &rules[..at] {
                security_rule::apart((rule.id.name(), &rule.written), (other.id.name(), &other.written))?;
            }
        }
        Ok(())
    }

    fn show(&self, cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        body::set(shown, "properties.defaultSecurityRules", json!(default_rules(resource)));
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

/// The rules that every group has, as they are answered.
pub(super) fn default_rules(group: &Resource) -> Vec<Value> {
    let rule = |(name, priority, access, direction, source, destination): &DefaultRule| {
        json!({
            "id": format!("{}/defaultSecurityRules/{name}", group.id),
            "name": name,
            "type": "Microsoft.Network/networkSecurityGroups/defaultSecurityRules",
            "etag": group.etag,
            "properties": {
                "provisioningState": "Succeeded", "protocol": "*", "access": access, "priority": priority,
                "direction": direction, "sourcePortRange": "*", "destinationPortRange": "*",
                "sourceAddressPrefix": source, "destinationAddressPrefix": destination,
            },
        })
    };
    DEFAULT_RULES.iter().map(rule).collect()
}
