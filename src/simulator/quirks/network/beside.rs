//! What is asked for beside resources: tags, usages, names, and what lies in
//! a resource without being one.

use std::net::IpAddr;

use http::Method;
use ipnet::IpNet;
use serde_json::{Value, json};

use super::{all_of, network_security_group, private_dns_record, public_address, service_tags, subnet};
use crate::kinds::SUBNET;
use crate::kinds::zones::GROUPS;
use crate::simulator::answer::{Answer, Outcome, Refusal};
use crate::simulator::read::{self, Listed};
use crate::simulator::route::Request;
use crate::simulator::store::Resource;
use crate::simulator::{Cx, SUBSCRIPTION, body, validate};

/// What a region counts: the name, the type and how many a subscription may
/// have there (subscription limits).
const QUOTAS: [(&str, &str, &str, i64); 10] = [
    ("VirtualNetworks", "Virtual Networks", "Microsoft.Network/virtualNetworks", 1000),
    ("NetworkSecurityGroups", "Network Security Groups", "Microsoft.Network/networkSecurityGroups", 5000),
    ("NetworkInterfaces", "Network Interfaces", "Microsoft.Network/networkInterfaces", 65_536),
    ("RouteTables", "Route Tables", "Microsoft.Network/routeTables", 200),
    ("PublicIPAddresses", "Public IP Addresses", "Microsoft.Network/publicIPAddresses", 10),
    ("PublicIpPrefixes", "Public Ip Prefixes", "Microsoft.Network/publicIPPrefixes", 100),
    ("NatGateways", "NAT Gateways", "Microsoft.Network/natGateways", 1000),
    ("PrivateEndpoints", "Private Endpoints", "Microsoft.Network/privateEndpoints", 65_536),
    (
        "ApplicationSecurityGroups",
        "Application Security Groups",
        "Microsoft.Network/applicationSecurityGroups",
        3000,
    ),
    (
        "ServiceEndpointPolicies",
        "Service Endpoint Policies",
        "Microsoft.Network/serviceEndpointPolicies",
        500,
    ),
];

/// Services that a subnet can be delegated to.
const DELEGATIONS: [&str; 5] = [
    "Microsoft.ContainerInstance/containerGroups",
    "Microsoft.Databricks/workspaces",
    "Microsoft.MachineLearningServices/workspaces",
    "Microsoft.Network/dnsResolvers",
    "Microsoft.Web/serverFarms",
];

/// Aliases that a service endpoint policy of `Global` can name (azurerm).
const ALIASES: [&str; 7] = [
    "/services/Azure",
    "/services/Azure/Batch",
    "/services/Azure/Databricks",
    "/services/Azure/DataFactory",
    "/services/Azure/MachineLearning",
    "/services/Azure/ManagedInstance",
    "/services/Azure/WebPI",
];

/// Services that a subnet can have an endpoint to (azurerm).
const ENDPOINT_SERVICES: [&str; 11] = [
    "Microsoft.AzureActiveDirectory",
    "Microsoft.AzureCosmosDB",
    "Microsoft.CognitiveServices",
    "Microsoft.ContainerRegistry",
    "Microsoft.EventHub",
    "Microsoft.KeyVault",
    "Microsoft.ServiceBus",
    "Microsoft.Sql",
    "Microsoft.Storage",
    "Microsoft.Storage.Global",
    "Microsoft.Web",
];

/// Free addresses that are offered where the one asked for is taken.
const OFFERED: usize = 5;

/// Answers what lies beside the resources of a subscription.
pub(in crate::simulator::quirks) fn beside(
    cx: &Cx<'_>,
    request: &Request<'_>,
    lower: &[&str],
) -> Outcome<Option<Answer>> {
    let get = *request.method == Method::GET;
    let post = *request.method == Method::POST;
    let Some(at) = lower.iter().rposition(|segment| *segment == "microsoft.network") else { return Ok(None) };
    match &lower[at + 1..] {
        ["locations", location, what] => {
            let found = match *what {
                "servicetags" if get => service_tags::all(),
                "servicetagdetails" if get => json!({ "value": service_tags::each() }),
                "availabledelegations" if get => delegations(),
                "availableservicealiases" if get => aliases(),
                "virtualnetworkavailableendpointservices" if get => endpoint_services(),
                "usages" if get => usages(cx, location)?,
                "checkdnsnameavailability" if get => name_availability(cx, request, location)?,
                "availableprivateendpointtypes" if get => endpoint_types(),
                "autoapprovedprivatelinkservices" if get => json!({ "value": [] }),
                "checkprivatelinkservicevisibility" if post => visibility(request)?,
                _ => return Ok(None),
            };
            Ok(Some(Answer::json(200, found)))
        }
        ["networksecuritygroups", _, "defaultsecurityrules", rest @ ..] if get && rest.len() < 2 => {
            let group = read::find(cx, &request.id_before(rest.len() + 1)?)?;
            let rules = network_security_group::default_rules(&group);
            part(&group, "defaultSecurityRules", rules, rest.first().copied()).map(Some)
        }
        ["networkinterfaces", _, "ipconfigurations", rest @ ..] if get && rest.len() < 2 => {
            let interface = read::find(cx, &request.id_before(rest.len() + 1)?)?;
            let shown = read::body(cx, &interface)?;
            let items = body::values(&shown, "properties.ipConfigurations[]").into_iter().cloned().collect();
            part(&interface, "ipConfigurations", items, rest.first().copied()).map(Some)
        }
        ["virtualnetworks", _, "checkipaddressavailability"] if get => {
            let network = read::find(cx, &request.id_before(1)?)?;
            address_availability(cx, request, &network).map(Some)
        }
        ["virtualnetworks", _, "usages"] if get => {
            let network = read::find(cx, &request.id_before(1)?)?;
            Ok(Some(Answer::json(200, subnet_usages(cx, &network)?)))
        }
        ["virtualnetworks", _, "subnets", _, "serviceassociationlinks" | "resourcenavigationlinks"]
            if get =>
        {
            read::find(cx, &request.id_before(1)?)?;
            Ok(Some(Answer::json(200, json!({ "value": [] }))))
        }
        ["privatednszones", _, "all" | "recordsets"] if get => {
            let zone = request.id_before(1)?;
            let kinds: Vec<&str> = private_dns_record::RECORD_SETS.iter().map(|(kind, _)| *kind).collect();
            let mut answer = read::list(cx, request, &zone, &Listed::Children(&kinds))?;
            if let (Some(suffix), Some(body)) = (request.query("$recordsetnamesuffix"), &mut answer.body)
                && let Some(sets) = body["value"].as_array_mut()
            {
                // A page may be short, even empty, and have a next one.
                sets.retain(|set| set["name"].as_str().is_some_and(|name| name.ends_with(suffix)));
            }
            Ok(Some(answer))
        }
        _ => Ok(None),
    }
}

/// A list of what a region offers: names, and what each stands for under `offers`.
fn offered(list: &str, offers: &str, names: &[(String, &str)]) -> Value {
    let one = |(key, name): &(String, &str)| {
        json!({
            "name": key,
            "id": format!("/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Network/{list}/{key}"),
            "type": format!("Microsoft.Network/{list}"),
            offers: name,
        })
    };
    json!({ "value": names.iter().map(one).collect::<Vec<_>>() })
}

fn aliases() -> Value {
    let names = ALIASES.map(|alias| (alias.trim_start_matches('/').replace('/', "_"), alias));
    offered("availableServiceAliases", "resourceName", &names)
}

fn endpoint_services() -> Value {
    let names = ENDPOINT_SERVICES.map(|service| (service.to_owned(), service));
    offered("virtualNetworkAvailableEndpointServices", "name", &names)
}

fn delegations() -> Value {
    let names = DELEGATIONS.map(|service| (service.replace('/', "."), service));
    let mut list = offered("availableDelegations", "serviceName", &names);
    for item in body::items_mut(&mut list, "value") {
        let actions = subnet::delegation_actions(item["serviceName"].as_str().unwrap_or_default());
        item["actions"] = json!(actions);
    }
    list
}

fn usages(cx: &Cx<'_>, location: &str) -> Outcome<Value> {
    let location = body::location(location);
    let mut items = Vec::new();
    for (name, shown, kind, limit) in QUOTAS {
        let all = all_of(cx, kind)?;
        let count = all.iter().filter(|row| body::text(&row.written, "location") == Some(&location)).count();
        items.push(json!({
            "id": format!(
                "/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Network/locations/{location}/usages/{name}"
            ),
            "unit": "Count", "currentValue": count, "limit": limit,
            "name": { "value": name, "localizedValue": shown },
        }));
    }
    Ok(json!({ "value": items }))
}

fn name_availability(cx: &Cx<'_>, request: &Request<'_>, location: &str) -> Outcome<Value> {
    let Some(label) = request.query("domainNameLabel").filter(|label| !label.is_empty()) else {
        return Err(missing("domainNameLabel").into());
    };
    let taken = public_address::labelled(cx, label, &body::location(location))?.is_some();
    Ok(json!({ "available": !taken }))
}

fn missing(parameter: &str) -> Refusal {
    Refusal::new(400, "InvalidParameter", format!("Required query parameter '{parameter}' is missing."))
        .target(parameter)
}

fn endpoint_types() -> Value {
    let one = |kind: &&str| {
        let dotted = kind.replace('/', ".");
        json!({
            "name": dotted,
            "id": format!(
                "/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Network/AvailablePrivateEndpointTypes/{dotted}"
            ),
            "type": "Microsoft.Network/AvailablePrivateEndpointTypes",
            "resourceName": kind,
            "displayName": kind,
        })
    };
    let mut kinds: Vec<&str> = GROUPS.iter().map(|(_, kind)| *kind).collect();
    kinds.dedup();
    json!({ "value": kinds.iter().map(one).collect::<Vec<_>>() })
}

/// Nobody offers a private link service here, so none is visible.
fn visibility(request: &Request<'_>) -> Outcome<Value> {
    let sent = validate::object(request.body)?;
    match body::text(&sent, "privateLinkServiceAlias") {
        Some(alias) if !alias.is_empty() => Ok(json!({ "visible": false })),
        _ => Err(missing("privateLinkServiceAlias").into()),
    }
}

/// What lies in a resource without being one: all of it, or the one of this name.
fn part(owner: &Resource, list: &str, items: Vec<Value>, name: Option<&str>) -> Outcome<Answer> {
    let Some(name) = name else { return Ok(Answer::json(200, json!({ "value": items }))) };
    let named = |item: &Value| item["name"].as_str().is_some_and(|own| own.eq_ignore_ascii_case(name));
    match items.into_iter().find(named) {
        Some(item) => Ok(Answer::json(200, item)),
        None => {
            Err(Refusal::new(404, "NotFound", format!("Resource {}/{list}/{name} not found.", owner.id))
                .into())
        }
    }
}

fn address_availability(cx: &Cx<'_>, request: &Request<'_>, network: &Resource) -> Outcome<Answer> {
    let Some(text) = request.query("ipAddress") else { return Err(missing("ipAddress").into()) };
    let address: Option<IpAddr> = text.parse().ok();
    let inside = |range: &IpNet| address.as_ref().is_some_and(|address| range.contains(address));
    for row in cx.store.children(&network.key(), SUBNET.resource_type)? {
        if !subnet::ranges(&row.written, &row.id)?.iter().any(inside) {
            continue;
        }
        if subnet::given(cx, &row, text).is_ok() {
            return Ok(Answer::json(200, json!({ "available": true })));
        }
        let free = subnet::free(cx, &row, OFFERED)?;
        let offered: Vec<String> =
            free.into_iter().map(|address| std::net::Ipv4Addr::from(address).to_string()).collect();
        return Ok(Answer::json(200, json!({ "available": false, "availableIPAddresses": offered })));
    }
    Err(Refusal::new(
        400,
        "PrivateIPAddressNotInAnySubnet",
        format!("The address {text} lies in no subnet of the virtual network {}.", network.id),
    )
    .into())
}

/// How many addresses of each subnet are taken, of those that Azure gives out.
fn subnet_usages(cx: &Cx<'_>, network: &Resource) -> Outcome<Value> {
    let mut items = Vec::new();
    for row in cx.store.children(&network.key(), SUBNET.resource_type)? {
        let taken = cx.store.taken_addresses(&row.key())?.len();
        items.push(json!({
            "id": row.id.as_str(), "unit": "Count", "currentValue": taken, "limit": subnet::capacity(&row)?,
            "name": { "value": "SubnetSpace", "localizedValue": "Subnet size and usage" },
        }));
    }
    Ok(json!({ "value": items }))
}
