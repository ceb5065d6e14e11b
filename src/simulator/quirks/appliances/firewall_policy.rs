//! Firewall policies, their rule collection groups, and the IP groups that
//! rules name.

use serde_json::{Value, json};

use crate::kinds::{AZURE_FIREWALL, FIREWALL_POLICY, RULE_COLLECTION_GROUP, ResourceId};
use crate::simulator::answer::{Outcome, Refusal};
use crate::simulator::quirks::{Quirk, referrers};
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body};

pub(super) struct FirewallPolicy;

impl Quirk for FirewallPolicy {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        reaches_firewalls(cx, draft, &draft.id.clone())
    }

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
        if let Some(policy) = draft.id.parent() {
            reaches_firewalls(cx, draft, &policy)?;
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

/// Has the operation fail where a firewall that follows the policy has failed:
/// what is written goes to all of them (azurerm#19843).
fn reaches_firewalls(cx: &Cx<'_>, draft: &mut Draft, policy: &ResourceId) -> Outcome<()> {
    let firewalls = cx.store.referrers(&policy.canonical(), AZURE_FIREWALL.resource_type)?;
    let faulted = firewalls.iter().filter(|firewall| firewall.state == "Failed").count();
    if faulted > 0 && draft.changes() {
        draft.failure = Some(put_failed("FirewallPolicyUpdateFailed", "Firewall Policy", policy, faulted));
    }
    Ok(())
}

fn put_failed(code: &str, what: &str, id: &ResourceId, faulted: usize) -> Refusal {
    let words = format!("Put on {what} {} Failed with {faulted} faulted referenced firewalls", id.name());
    Refusal::new(200, code, words)
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
    /// Its addresses go to the firewalls of the policies that name it, and each
    /// takes one change at a time (azurerm#19843).
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        let Some(group) = draft.old.as_ref().filter(|_| draft.changes()) else { return Ok(()) };
        let mut faulted = 0;
        for policy in policies(cx, group)?.iter().filter_map(|id| ResourceId::parse(id).ok()) {
            let changing = neighbours(cx, &policy)?
                .into_iter()
                .filter(|other| *other != draft.id)
                .try_fold(false, |found, other| {
                    cx.store.running(&other.canonical()).map(|op| found || op.is_some())
                })?;
            for firewall in cx.store.referrers(&policy.canonical(), AZURE_FIREWALL.resource_type)? {
                if changing || firewall.state == "Failed" || cx.store.running(&firewall.key())?.is_some() {
                    faulted += 1;
                }
            }
        }
        if faulted > 0 {
            draft.failure = Some(put_failed("IpGroupsUpdateFailed", "IpGroups", &draft.id, faulted));
        }
        Ok(())
    }

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

/// The IP groups that the rules of a policy name.
fn neighbours(cx: &Cx<'_>, policy: &ResourceId) -> Outcome<Vec<ResourceId>> {
    let mut groups: Vec<ResourceId> = Vec::new();
    for rules in cx.store.children(&policy.canonical(), RULE_COLLECTION_GROUP.resource_type)? {
        for path in ["sourceIpGroups", "destinationIpGroups"] {
            let path = format!("properties.ruleCollections[].rules[].{path}[]");
            let ids = body::values(&rules.written, &path).into_iter().filter_map(Value::as_str);
            groups.extend(ids.filter_map(|id| ResourceId::parse(id).ok()));
        }
    }
    groups.dedup();
    Ok(groups)
}

/// The policies whose rules name the group.
fn policies(cx: &Cx<'_>, group: &Resource) -> Outcome<Vec<String>> {
    let users = cx.store.referrers(&group.key(), RULE_COLLECTION_GROUP.resource_type)?;
    let mut ids: Vec<String> =
        users.iter().filter_map(|row| row.id.parent()).map(|policy| policy.to_string()).collect();
    ids.dedup();
    Ok(ids)
}
