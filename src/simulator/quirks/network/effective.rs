//! What an interface's traffic meets: its routes and its rules.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::network_security_group::default_rules;
use super::virtual_network_peering::connected;
use crate::kinds::{ROUTE, ResourceId, SECURITY_RULE};
use crate::simulator::answer::Outcome;
use crate::simulator::store::Resource;
use crate::simulator::{Cx, body, read};

/// Ranges that lead nowhere unless somebody routes them (virtual network traffic routing).
const NOWHERE: [&str; 4] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"];

/// The subnet of the first configuration.
fn subnet(cx: &Cx<'_>, interface: &Resource) -> Outcome<Option<Resource>> {
    let ids = body::values(&interface.written, "properties.ipConfigurations[].properties.subnet.id");
    named(cx, ids.first().and_then(|id| id.as_str()))
}

fn named(cx: &Cx<'_>, id: Option<&str>) -> Outcome<Option<Resource>> {
    match id.and_then(|text| ResourceId::parse(text).ok()) {
        Some(id) => Ok(cx.store.resource(&id.canonical())?),
        None => Ok(None),
    }
}

/// The routes: those of the network, of its peers and of the subnet's table,
/// which win over a default one of the same prefix.
pub(super) fn routes(cx: &Cx<'_>, interface: &Resource) -> Outcome<Value> {
    let Some(subnet) = subnet(cx, interface)? else { return Ok(json!({ "value": [] })) };
    let mut defaults: Vec<(String, &str)> = Vec::new();
    let space = |row: &Resource| -> Vec<String> {
        let prefixes = body::values(&row.written, "properties.addressSpace.addressPrefixes[]");
        prefixes.into_iter().filter_map(|prefix| prefix.as_str().map(str::to_owned)).collect()
    };
    if let Some(id) = subnet.id.parent()
        && let Some(network) = cx.store.resource(&id.canonical())?
    {
        defaults.extend(space(&network).into_iter().map(|prefix| (prefix, "VnetLocal")));
        for peer in connected(cx, &id)? {
            defaults.extend(space(&peer).into_iter().map(|prefix| (prefix, "VNetPeering")));
        }
    }
    defaults.push(("0.0.0.0/0".to_owned(), "Internet"));
    let held: BTreeSet<String> = defaults.iter().map(|(prefix, _)| prefix.clone()).collect();
    let nowhere = NOWHERE.iter().filter(|prefix| !held.contains(**prefix));
    defaults.extend(nowhere.map(|prefix| ((*prefix).to_owned(), "None")));

    let table = named(cx, body::text(&subnet.written, "properties.routeTable.id"))?;
    let users = match &table {
        Some(table) => cx.store.children(&table.key(), ROUTE.resource_type)?,
        None => Vec::new(),
    };
    let propagates = table.as_ref().is_none_or(|table| {
        body::get(&table.written, "properties.disableBgpRoutePropagation") != Some(&Value::Bool(true))
    });
    let prefix_of =
        |route: &Resource| body::text(&route.written, "properties.addressPrefix").map(str::to_owned);
    let overridden: BTreeSet<String> = users.iter().filter_map(prefix_of).collect();
    let mut all: Vec<Value> = defaults
        .into_iter()
        .map(|(prefix, hop)| {
            let state = if overridden.contains(&prefix) { "Invalid" } else { "Active" };
            json!({
                "source": "Default", "state": state, "addressPrefix": [prefix], "nextHopType": hop,
                "nextHopIpAddress": [], "disableBgpRoutePropagation": !propagates,
            })
        })
        .collect();
    for route in &users {
        all.push(json!({
            "name": route.id.name(), "source": "User", "state": "Active",
            "addressPrefix": prefix_of(route).into_iter().collect::<Vec<_>>(),
            "nextHopType": body::text(&route.written, "properties.nextHopType"),
            "nextHopIpAddress": body::text(&route.written, "properties.nextHopIpAddress").into_iter().collect::<Vec<_>>(),
            "disableBgpRoutePropagation": !propagates,
        }));
    }
    Ok(json!({ "value": all }))
}

/// The rules of the interface's own group and of its subnet's.
pub(super) fn rules(cx: &Cx<'_>, interface: &Resource) -> Outcome<Value> {
    const GROUP: &str = "properties.networkSecurityGroup.id";
    let subnet = subnet(cx, interface)?;
    let guarded = [("networkInterface", Some(interface)), ("subnet", subnet.as_ref())];
    let mut groups = Vec::new();
    for (what, place) in guarded {
        let Some(place) = place else { continue };
        let Some(group) = named(cx, body::text(&place.written, GROUP))? else { continue };
        let mut found = Vec::new();
        for rule in cx.store.children(&group.key(), SECURITY_RULE.resource_type)? {
            found.push(effective("securityRules", &read::body(cx, &rule)?));
        }
        found.extend(default_rules(&group).iter().map(|rule| effective("defaultSecurityRules", rule)));
        groups.push(json!({
            "networkSecurityGroup": { "id": group.id.as_str() },
            "association": { what: { "id": place.id.as_str() } },
            "effectiveSecurityRules": found,
        }));
    }
    Ok(json!({ "value": groups }))
}

fn effective(list: &str, rule: &Value) -> Value {
    let properties = &rule["properties"];
    let mut shown = json!({ "name": format!("{list}/{}", rule["name"].as_str().unwrap_or_default()) });
    for field in ["access", "priority", "direction"] {
        shown[field] = properties[field].clone();
    }
    let any = properties["protocol"] == "*";
    shown["protocol"] = if any { json!("All") } else { properties["protocol"].clone() };
    for (single, plural) in [
        ("sourcePortRange", "sourcePortRanges"),
        ("destinationPortRange", "destinationPortRanges"),
        ("sourceAddressPrefix", "sourceAddressPrefixes"),
        ("destinationAddressPrefix", "destinationAddressPrefixes"),
    ] {
        let one = properties[single].as_str().map(str::to_owned);
        let many = body::values(properties, &format!("{plural}[]")).into_iter().cloned();
        let all: Vec<Value> = one.iter().map(|text| json!(text)).chain(many).collect();
        if let Some(one) = one {
            shown[single] = json!(one);
        }
        shown[plural] = json!(all);
    }
    shown
}
