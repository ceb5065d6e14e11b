//! Firewall policies, their rule collection groups, and the IP groups that
//! rules name.

use serde_json::{Value, json};

use crate::kinds::{AZURE_FIREWALL, FIREWALL_POLICY, RULE_COLLECTION_GROUP};
use crate::simulator::answer::{Outcome, Refusal};
use crate::simulator::quirks::{Quirk, referrers};
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body};

pub(super) struct FirewallPolicy;

impl Quirk for FirewallPolicy {
    fn show(&self, cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        let groups = cx.store.children(&resource.key(), RULE_COLLECTION_GROUP.resource_type)?;
        let groups: Value = groups.iter().map(|row| json!({ "id": row.id.as_str() })).collect();
        body::set(shown, "properties.ruleCollectionGroups", groups);
        body::set(shown, "properties.firewalls", referrers(cx, resource, AZURE_FIREWALL.resource_type)?);
        body::set(shown, "properties.childPolicies", referrers(cx, resource, FIREWALL_POLICY.resource_type)?);
        Ok(())
    }

    fn release(&self, cx: &Cx<'_>, resource: &Resource) -> Outcome<()> {
        for (kind, what) in [(&AZURE_FIREWALL, "firewall"), (&FIREWALL_POLICY, "child policy")] {
            if let Some(user) = cx.store.referrers(&resource.key(), kind.resource_type)?.first() {
                return Err(Refusal::new(
                    400,
                    "FirewallPolicyInUse",
                    format!(
                        "Firewall policy '{}' cannot be deleted since it is in use by the {what} '{}'.",
                        resource.id, user.id
                    ),
                )
                .into());
            }
        }
        Ok(())
    }

    fn patches_tags(&self) -> bool {
        false
    }
}

pub(super) struct RuleCollectionGroup;

impl Quirk for RuleCollectionGroup {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        for collection in body::values(&draft.written, "properties.ruleCollections[]") {
            well_formed(draft, collection)?;
        }
        let names = body::values(&draft.written, "properties.ruleCollections[].rules[].destinationFqdns[]");
        if names.is_empty() {
            return Ok(());
        }
        let policy = match draft.id.parent() {
            Some(policy) => cx.store.resource(&policy.canonical())?,
            None => None,
        };
        let proxy = policy.is_some_and(|policy| {
            body::get(&policy.written, "properties.dnsSettings.enableProxy") == Some(&json!(true))
        });
        if proxy {
            return Ok(());
        }
        Err(invalid(draft, "network rules with FQDNs need the DNS proxy of the policy to be enabled").into())
    }
}

/// Refuses rules that are not of their collection's type.
fn well_formed(draft: &Draft, collection: &Value) -> Outcome<()> {
    let name = collection["name"].as_str().unwrap_or_default();
    let nat = collection["ruleCollectionType"] == "FirewallPolicyNatRuleCollection";
    let action = body::text(collection, "action.type");
    if action.is_some_and(|action| (action == "DNAT") != nat) {
        return Err(invalid(draft, &format!("the collection '{name}' cannot have that action")).into());
    }
    let stray =
        body::values(collection, "rules[]").into_iter().find(|rule| (rule["ruleType"] == "NatRule") != nat);
    match stray {
        None => Ok(()),
        Some(rule) => Err(invalid(
            draft,
            &format!(
                "the collection '{name}' cannot have the rule '{}'",
                rule["name"].as_str().unwrap_or_default()
            ),
        )
        .into()),
    }
}

fn invalid(draft: &Draft, why: &str) -> Refusal {
    Refusal::new(
        400,
        "FirewallPolicyRuleCollectionGroupInvalid",
        format!("Invalid rule collection group '{}': {why}.", draft.id.name()),
    )
    .target("properties.ruleCollections")
}

pub(super) struct IpGroup;

impl Quirk for IpGroup {
    fn show(&self, cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        let policies: Value = policies(cx, resource)?.iter().map(|id| json!({ "id": id })).collect();
        body::set(shown, "properties.firewallPolicies", policies);
        body::set(shown, "properties.firewalls", json!([]));
        Ok(())
    }

    fn release(&self, cx: &Cx<'_>, resource: &Resource) -> Outcome<()> {
        if policies(cx, resource)?.is_empty() {
            return Ok(());
        }
        Err(Refusal::new(
            400,
            "IpGroupsHasFirewallPolicyReferences",
            format!(
                "IpGroups '{}' cannot be deleted since there are firewall policies using this resource.",
                resource.id
            ),
        )
        .into())
    }

    fn patches_tags(&self) -> bool {
        false
    }
}

/// The policies whose rules name the group.
fn policies(cx: &Cx<'_>, group: &Resource) -> Outcome<Vec<String>> {
    let users = cx.store.referrers(&group.key(), RULE_COLLECTION_GROUP.resource_type)?;
    let mut ids: Vec<String> =
        users.iter().filter_map(|row| row.id.parent()).map(|policy| policy.to_string()).collect();
    ids.dedup();
    Ok(ids)
}
