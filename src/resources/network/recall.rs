//! A network read back from Azure: what each subnet is for is told by what was
//! done to it.

use serde_json::Value as Json;

use super::gateway_name;
use crate::kinds::{NAT_GATEWAY, ResourceId};
use crate::resources::recall::{Found, Recalled, Seen, flag, id, items, text, texts};
use crate::schema::Value;

pub(super) fn network(at: &ResourceId, seen: &Seen) -> Result<Recalled, String> {
    let network = seen.primary(at)?;
    let group = network.id.parent();
    let here = |found: &&Found| found.id.parent() == network.id.parent();
    let mut parts = vec![("network".to_owned(), network.id.clone())];
    let mut access = None;
    let mut blocks = Vec::new();
    let mut gateway = None;
    for subnet in items(&network.body, "/properties/subnets") {
        let (Some(id), Some(name)) = (id(subnet, "/id"), subnet.get("name").and_then(Json::as_str)) else {
            continue;
        };
        let guard = seen.named(subnet, "/properties/networkSecurityGroup/id");
        let purpose = purpose(name, subnet, guard);
        let unguarded = matches!(purpose, "gateway" | "firewall");
        // Others may have added subnets to a network of ours, which carry no marks themselves.
        if network.ours && !unguarded && !guard.is_some_and(|guard| guard.ours) {
            continue;
        }
        // What stands unmarked in a network of ours is somebody else's doing; another's mark is refused later.
        let part = |found: &&Found| here(found) && (found.ours || found.foreign || !network.ours);
        gateway = gateway.or_else(|| seen.named(subnet, "/properties/natGateway/id").filter(part));
        if purpose == "training" && access.is_none() {
            access = guard.map(|guard| compute_access(&guard.body));
        }
        // A group that guards more than this is not this network's alone.
        if let Some(guard) = guard.filter(here).filter(|guard| !unguarded && guards_only(guard, &id)) {
            parts.push((format!("nsg/{name}"), guard.id.clone()));
        }
        parts.push((format!("subnet/{name}"), id));
        blocks.push(Value::object([
            ("name", name.into()),
            ("address_prefixes", prefixes(subnet)),
            ("purpose", purpose.into()),
            ("service_endpoints", service_endpoints(subnet)),
            ("default_outbound_access_enabled", flag(subnet, "/properties/defaultOutboundAccess", true)),
            (
                "scoring_sources",
                guard
                    .filter(|_| purpose == "inference")
                    .map_or(Value::Null, |guard| scoring_sources(&guard.body)),
            ),
        ]));
    }
    // Where no subnet takes our way out, it stands all the same.
    let unused = group.map(|group| group.child(&NAT_GATEWAY, &gateway_name(network.id.name())));
    let gateway = gateway.or_else(|| seen.at(&unused?).filter(|gateway| gateway.ours));
    if let Some(gateway) = gateway {
        parts.push(("nat_gateway".to_owned(), gateway.id.clone()));
        let address = seen.named(&gateway.body, "/properties/publicIpAddresses/0/id").filter(here);
        parts.extend(address.map(|address| ("nat_gateway/public_ip".to_owned(), address.id.clone())));
    }
    let egress = gateway.map_or(Value::Null, |_| Value::object([("type", Value::from("nat_gateway"))]));
    let arguments = vec![
        ("name", network.id.name().into()),
        ("resource_group_name", network.id.resource_group_name().into()),
        ("location", text(&network.body, "/location")),
        ("address_space", texts(&network.body, "/properties/addressSpace/addressPrefixes")),
        ("dns_servers", texts(&network.body, "/properties/dhcpOptions/dnsServers")),
        ("compute_access", access.into()),
        ("subnet", Value::List(blocks)),
        ("egress", egress),
    ];
    Ok(Recalled { arguments, parts: parts.into_iter().collect(), ..Recalled::default() })
}

fn service_endpoints(subnet: &Json) -> Value {
    let names: Vec<&str> = items(subnet, "/properties/serviceEndpoints")
        .filter_map(|endpoint| endpoint.get("service").and_then(Json::as_str))
        .collect();
    if names.is_empty() { Value::Null } else { Value::list(names) }
}

/// A subnet of one range shows it in either of two places.
fn prefixes(subnet: &Json) -> Value {
    match texts(subnet, "/properties/addressPrefixes") {
        Value::Null => Value::list(subnet.pointer("/properties/addressPrefix").and_then(Json::as_str)),
        several => several,
    }
}

/// What a subnet is for: Azure asks for some names and delegations, endpoints
/// stand in it, or its rules let nodes reach what training needs. Purposes that
/// are built alike are told apart by nobody.
fn purpose(name: &str, subnet: &Json, guard: Option<&Found>) -> &'static str {
    match name {
        "AzureBastionSubnet" => return "bastion",
        "GatewaySubnet" => return "gateway",
        "AzureFirewallSubnet" => return "firewall",
        _ => {}
    }
    let service = |name: &str| {
        items(subnet, "/properties/delegations")
            .filter_map(|delegation| delegation.pointer("/properties/serviceName")?.as_str())
            .any(|service| service.eq_ignore_ascii_case(name))
    };
    if service("Microsoft.ContainerInstance/containerGroups") {
        return "container_instances";
    }
    if service("Microsoft.Databricks/workspaces") {
        let private = name.to_ascii_lowercase().contains("private");
        return if private { "databricks_private" } else { "databricks_public" };
    }
    let policies = subnet.pointer("/properties/privateEndpointNetworkPolicies").and_then(Json::as_str);
    let holds_endpoints = items(subnet, "/properties/privateEndpoints").next().is_some();
    if holds_endpoints
        || policies.is_some_and(|word| word.eq_ignore_ascii_case("NetworkSecurityGroupEnabled"))
    {
        return "private_endpoints";
    }
    if guard.is_some_and(|guard| admits_ssh(&guard.body)) {
        return "attached_compute";
    }
    if guard.is_some_and(|guard| names(&guard.body, "AzureMachineLearning")) {
        return "training";
    }
    // Rules for the probes of load balancers, beside Bastion's, stand where a cluster answers.
    if guard.is_some_and(|guard| names(&guard.body, "AzureLoadBalancer")) {
        return "inference";
    }
    "general"
}

/// Who may call the scoring endpoints from outside.
fn scoring_sources(guard: &Json) -> Value {
    let scoring = items(guard, "/properties/securityRules")
        .find(|rule| rule.get("name").and_then(Json::as_str) == Some("scoring"));
    let Some(rule) = scoring else { return Value::Null };
    match texts(rule, "/properties/sourceAddressPrefixes") {
        Value::Null => Value::list(rule.pointer("/properties/sourceAddressPrefix").and_then(Json::as_str)),
        several => several,
    }
}

/// How nodes behind these rules are reached.
fn compute_access(guard: &Json) -> &'static str {
    let from = |tag: &str| {
        items(guard, "/properties/securityRules")
            .any(|rule| is_tag(rule, "/properties/sourceAddressPrefix", tag))
    };
    if from("BatchNodeManagement") {
        "legacy_batch"
    } else if from("AzureMachineLearning") {
        "public_ip"
    } else {
        "no_public_ip"
    }
}

/// Whether Azure Machine Learning may sign in to what stands behind these rules.
fn admits_ssh(guard: &Json) -> bool {
    items(guard, "/properties/securityRules").any(|rule| {
        let port = rule.pointer("/properties/destinationPortRange").and_then(Json::as_str);
        port == Some("22") && is_tag(rule, "/properties/sourceAddressPrefix", "AzureMachineLearning")
    })
}

/// Whether a rule names a service tag, of all of Azure or of a region.
fn names(guard: &Json, tag: &str) -> bool {
    let ends = ["/properties/sourceAddressPrefix", "/properties/destinationAddressPrefix"];
    items(guard, "/properties/securityRules").any(|rule| ends.iter().any(|end| is_tag(rule, end, tag)))
}

fn is_tag(rule: &Json, end: &str, tag: &str) -> bool {
    let prefix = rule.pointer(end).and_then(Json::as_str).unwrap_or_default();
    prefix.split('.').next().is_some_and(|first| first.eq_ignore_ascii_case(tag))
}

/// Whether a security group guards this subnet and nothing else.
fn guards_only(guard: &Found, subnet: &ResourceId) -> bool {
    items(&guard.body, "/properties/networkInterfaces").next().is_none()
        && items(&guard.body, "/properties/subnets").all(|other| id(other, "/id").as_ref() == Some(subnet))
}
