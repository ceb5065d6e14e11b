//! Subnets: ranges, the addresses in them and who uses them.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::{IpNet, Ipv4Net};
use serde_json::{Value, json};

use super::private_endpoint;
use crate::kinds::ResourceId;
use crate::simulator::answer::{Answer, Outcome, Refusal};
use crate::simulator::quirks::{Quirk, compute, referrers};
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body, references};

/// Addresses at the beginning of a subnet that Azure keeps: the network, the
/// gateway and two for DNS (virtual networks FAQ). The last one is kept too.
const RESERVED_FIRST: u32 = 4;

/// The shortest and the longest prefix of an IPv4 subnet (virtual networks FAQ).
const SHORTEST_PREFIX: u8 = 8;
const LONGEST_PREFIX: u8 = 29;

/// The segment of what shows that a service is in a subnet delegated to it.
const LINKS: &str = "/serviceAssociationLinks/";

/// The service whose links there are.
pub(in crate::simulator::quirks) const RESOLVERS: &str = "Microsoft.Network/dnsResolvers";
/// Names that Azure's own services look for, the longest prefix that each
/// takes and whether a security group may guard it (documentation of Bastion,
/// Azure Firewall and VPN gateway).
const SPECIAL: [(&str, u8, bool); 4] = [
    ("AzureBastionSubnet", 26, true),
    ("AzureFirewallSubnet", 26, false),
    ("AzureFirewallManagementSubnet", 26, false),
    ("GatewaySubnet", 29, false),
];

pub(super) struct Subnet;

impl Quirk for Subnet {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        for endpoint in body::items_mut(&mut draft.written, "properties.serviceEndpoints") {
            if let Some(map) = endpoint.as_object_mut() {
                map.entry("locations").or_insert_with(|| json!(["*"]));
            }
        }
        let ranges = ranges(&draft.written, &draft.id)?;
        keeps_addresses(cx, draft, &ranges)?;
        keeps_delegations(cx, draft)?;
        guards_no_gateway(draft)?;
        special(draft, &ranges)?;
        if draft.inline {
            // The network judges its subnets together.
            return Ok(());
        }
        let Some(network) = draft.id.parent() else { return Ok(()) };
        let Some(parent) = cx.store.resource(&network.canonical())? else { return Ok(()) };
        neighbours(cx, draft, body::text(&parent.written, "location"))?;
        let mut plan = Vec::new();
        for other in cx.store.children(&parent.key(), draft.kind.resource_type)? {
            if other.id != draft.id {
                plan.push((other.id.name().to_owned(), self::ranges(&other.written, &other.id)?));
            }
        }
        plan.push((draft.id.name().to_owned(), ranges));
        fit(&network, &address_space(&parent.written, &network)?, &plan)
    }

    fn show(&self, cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        let (links, configurations): (Vec<String>, Vec<String>) =
            cx.store.configurations(&resource.key())?.into_iter().partition(|id| id.contains(LINKS));
        if !configurations.is_empty() {
            let ids: Vec<Value> = configurations.iter().map(|id| json!({ "id": id })).collect();
            body::set(shown, "properties.ipConfigurations", json!(ids));
        }
        if !links.is_empty() {
            let links: Vec<Value> = links.iter().map(|id| link(resource, id)).collect();
            body::set(shown, "properties.serviceAssociationLinks", json!(links));
        }
        let endpoints = referrers(cx, resource, private_endpoint::TYPE)?;
        if endpoints.as_array().is_some_and(|list| !list.is_empty()) {
            body::set(shown, "properties.privateEndpoints", endpoints);
            body::set(shown, "properties.purpose", json!("PrivateEndpoints"));
        }
        for endpoint in body::items_mut(shown, "properties.serviceEndpoints") {
            endpoint["provisioningState"] = json!("Succeeded");
        }
        for delegation in body::items_mut(shown, "properties.delegations") {
            let name = delegation["name"].as_str().unwrap_or_default().to_owned();
            delegation["id"] = json!(format!("{}/delegations/{name}", resource.id));
            delegation["etag"] = json!(resource.etag);
            delegation["type"] = json!("Microsoft.Network/virtualNetworks/subnets/delegations");
            body::set(delegation, "properties.provisioningState", json!("Succeeded"));
            let service = body::text(delegation, "properties.serviceName").unwrap_or_default();
            let actions = delegation_actions(service);
            body::set(delegation, "properties.actions", json!(actions));
        }
        Ok(())
    }

    fn actions(&self) -> &'static [&'static str] {
        &["PrepareNetworkPolicies", "UnprepareNetworkPolicies"]
    }

    fn act(
        &self,
        _cx: &Cx<'_>,
        _resource: &Resource,
        action: &str,
        _sent: &Value,
    ) -> Outcome<Option<Answer>> {
        let known = ["preparenetworkpolicies", "unpreparenetworkpolicies"].contains(&action);
        Ok(known.then(|| Answer::empty(200)))
    }

    fn release(&self, cx: &Cx<'_>, resource: &Resource) -> Outcome<()> {
        let Some(user) = user(cx, resource)? else { return Ok(()) };
        Err(Refusal::new(
            400,
            "InUseSubnetCannotBeDeleted",
            format!(
                "Subnet {} is in use by {user} and cannot be deleted. In order to delete the subnet, delete all the \
                 resources within the subnet. See aka.ms/deletesubnet.",
                resource.id.name()
            ),
        )
        .into())
    }
}

/// Refuses a subnet whose network is in another region.
pub(in crate::simulator::quirks) fn in_region(cx: &Cx<'_>, draft: &Draft, subnet: &Resource) -> Outcome<()> {
    let Some(network) = subnet.id.parent() else { return Ok(()) };
    let Some(row) = cx.store.resource(&network.canonical())? else { return Ok(()) };
    if body::text(&row.written, "location") == draft.text("location") {
        return Ok(());
    }
    Err(references::dangling(&draft.id, "properties.subnet.id", &subnet.id).into())
}

/// The refusal of a subnet without the delegation that a service's link in it needs.
pub(in crate::simulator::quirks) fn not_delegated(id: &ResourceId, service: &str, link: &str) -> Refusal {
    Refusal::new(
        400,
        "SubnetMissingRequiredDelegation",
        format!(
            "Subnet {id} requires any of the following delegation(s) [{service}] to reference service association link \
             {link}."
        ),
    )
}

/// Refuses a subnet of one of Azure's names that does not suit its service.
fn special(draft: &Draft, ranges: &[IpNet]) -> Outcome<()> {
    let Some((name, longest, guarded)) =
        SPECIAL.iter().find(|(name, ..)| name.eq_ignore_ascii_case(draft.id.name()))
    else {
        return Ok(());
    };
    if let Some(small) = ranges.iter().find(|r| matches!(r, IpNet::V4(net) if net.prefix_len() > *longest)) {
        return Err(Refusal::new(
            400,
            "NetcfgInvalidSubnet",
            format!(
                "Subnet '{name}' is not valid in virtual network '{}': the prefix {small} is longer than /{longest}.",
                draft.id.parent().map(|p| p.name().to_owned()).unwrap_or_default()
            ),
        )
        .into());
    }
    if !guarded && draft.text("properties.networkSecurityGroup.id").is_some() {
        // That it is refused is documented, its code is not.
        return Err(Refusal::new(
            400,
            "NetworkSecurityGroupNotAllowedOnSubnet",
            format!("Subnet {name} cannot have a network security group."),
        )
        .into());
    }
    Ok(())
}

/// Refuses neighbours of a subnet that lie in another region than its network,
/// and policies without the endpoint that they are for.
pub(super) fn neighbours(cx: &Cx<'_>, draft: &Draft, location: Option<&str>) -> Outcome<()> {
    for path in [
        "properties.networkSecurityGroup.id",
        "properties.routeTable.id",
        "properties.natGateway.id",
        "properties.serviceEndpointPolicies[].id",
    ] {
        for text in body::values(&draft.written, path).into_iter().filter_map(Value::as_str) {
            if let Ok(target) = ResourceId::parse(text) {
                super::same_region(cx, (&draft.id, location), path, &target)?;
            }
        }
    }
    let policies = body::values(&draft.written, "properties.serviceEndpointPolicies[]");
    let storage = body::values(&draft.written, "properties.serviceEndpoints[].service")
        .into_iter()
        .filter_map(Value::as_str)
        .any(|service| service.to_ascii_lowercase().starts_with("microsoft.storage"));
    if policies.is_empty() || storage {
        return Ok(());
    }
    // That the endpoint is needed is documented, the code is not.
    Err(Refusal::new(
        400,
        "ServiceEndpointPolicyRequiresServiceEndpoint",
        format!(
            "Subnet {} has a service endpoint policy and no service endpoint for Microsoft.Storage.",
            draft.id.name()
        ),
    )
    .into())
}

/// What a service may do to the subnets that are delegated to it.
pub(super) fn delegation_actions(service: &str) -> Vec<String> {
    let actions: &[&str] = match service.to_ascii_lowercase().as_str() {
        "microsoft.databricks/workspaces" => {
            &["join/action", "prepareNetworkPolicies/action", "unprepareNetworkPolicies/action"]
        }
        "microsoft.containerinstance/containergroups" => &["action"],
        _ => &["join/action"],
    };
    actions.iter().map(|action| format!("Microsoft.Network/virtualNetworks/subnets/{action}")).collect()
}

/// Refuses a subnet that a service has for itself, once it is in there or before.
pub(super) fn undelegated(cx: &Cx<'_>, subnet: &Resource, user: &ResourceId) -> Outcome<()> {
    if let Some(link) = cx.store.configurations(&subnet.key())?.into_iter().find(|id| id.contains(LINKS)) {
        return Err(Refusal::new(
            400,
            "SubnetWithExternalResourcesCannotBeUsedByOtherResources",
            format!(
                "Subnet {} referenced by {user} cannot be used because it contains external resources. The external \
                 resources in this subnet are ({RESOLVERS}, {link}). You need to delete these external resources before \
                 deploying into this subnet.",
                subnet.id
            ),
        )
        .into());
    }
    if body::values(&subnet.written, "properties.delegations[]").is_empty() {
        return Ok(());
    }
    Err(Refusal::new(
        400,
        "ResourceNotPermittedOnDelegatedSubnet",
        format!("Resource {user} is not permitted on subnet {}, which is delegated to a service.", subnet.id),
    )
    .into())
}

/// Who is in the subnet: an ip configuration, or what Azure has not cleared away yet.
pub(in crate::simulator::quirks) fn user(cx: &Cx<'_>, subnet: &Resource) -> Outcome<Option<String>> {
    let key = subnet.key();
    if let Some(first) = cx.store.configurations(&key)?.into_iter().next() {
        return Ok(Some(first));
    }
    // One that failed, or is under way, holds no address and is there all the same.
    if let Some(endpoint) = cx.store.referrers(&key, private_endpoint::TYPE)?.into_iter().next() {
        return Ok(Some(endpoint.id.to_string()));
    }
    if let Some(workspace) = compute::tenant(cx, subnet)? {
        return Ok(Some(workspace.to_string()));
    }
    Ok(cx.store.lingering(&key, cx.now)?.into_iter().next())
}

/// A link as it is answered.
fn link(subnet: &Resource, id: &str) -> Value {
    json!({
        "id": id,
        "name": id.rsplit('/').next(),
        "type": "Microsoft.Network/virtualNetworks/subnets/serviceAssociationLinks",
        "etag": subnet.etag,
        "properties": {
            "provisioningState": "Succeeded", "linkedResourceType": RESOLVERS, "allowDelete": false, "locations": [],
        },
    })
}

/// Refuses a security group where gateways are.
fn guards_no_gateway(draft: &Draft) -> Outcome<()> {
    match draft.id_at("properties.networkSecurityGroup.id") {
        Some(group) if draft.id.name().eq_ignore_ascii_case("GatewaySubnet") => Err(Refusal::new(
            400,
            "NetworkSecurityGroupCannotBeAttachedToGatewaySubnet",
            format!(
                "The operation failed because the network security group {} can not be associated to the GatewaySubnet.",
                group.name()
            ),
        )
        .into()),
        _ => Ok(()),
    }
}

/// Refuses to give away a subnet that a service works in.
fn keeps_delegations(cx: &Cx<'_>, draft: &Draft) -> Outcome<()> {
    let Some(old) = &draft.old else { return Ok(()) };
    let names = body::values(&draft.written, "properties.delegations[].properties.serviceName");
    let resolvers = |name: &&Value| name.as_str().is_some_and(|name| name.eq_ignore_ascii_case(RESOLVERS));
    if !names.iter().any(resolvers)
        && let Some(link) = cx.store.configurations(&old.key())?.into_iter().find(|id| id.contains(LINKS))
    {
        return Err(not_delegated(&draft.id, RESOLVERS, &link).into());
    }
    let services = |written: &Value| -> Vec<String> {
        body::values(written, "properties.delegations[].properties.serviceName")
            .into_iter()
            .filter_map(|value| value.as_str().map(str::to_ascii_lowercase))
            .collect()
    };
    let (before, after) = (services(&old.written), services(&draft.written));
    if before.iter().all(|service| after.contains(service)) {
        return Ok(());
    }
    let Some(user) = user(cx, old)? else { return Ok(()) };
    Err(Refusal::new(
        400,
        "SubnetDelegationsCannotChangeWhenSubnetUsedByResource",
        format!(
            "Delegations of subnet {} cannot be changed from [{}] to [{}] because it is being used by the resource \
             {user}.",
            draft.id,
            before.join(", "),
            after.join(", ")
        ),
    )
    .into())
}

/// Refuses a range that leaves out an address in use.
fn keeps_addresses(cx: &Cx<'_>, draft: &Draft, ranges: &[IpNet]) -> Outcome<()> {
    let Some(old) = &draft.old else { return Ok(()) };
    let used = cx.store.taken_addresses(&old.key())?;
    let outside = used
        .into_iter()
        .map(|a| IpAddr::V4(Ipv4Addr::from(a)))
        .find(|a| !ranges.iter().any(|r| r.contains(a)));
    let Some(address) = outside else { return Ok(()) };
    let before = self::ranges(&old.written, &old.id)?;
    // One of several prefixes goes, the others stay.
    if let Some(gone) = before.iter().find(|range| range.contains(&address))
        && before.iter().any(|range| ranges.contains(range))
    {
        return Err(Refusal::new(
            400,
            "InUsePrefixCannotBeDeleted",
            format!(
                "The address prefix {gone} of subnet {} has active allocations and cannot be deleted.",
                draft.id.name()
            ),
        )
        .into());
    }
    Err(Refusal::new(
        400,
        "InUseSubnetCannotBeUpdated",
        format!(
            "Subnet {} is in use and cannot be updated: the address {address} is used by {} and lies outside the new \
             address prefix.",
            draft.id.name(),
            cx.store.configurations(&old.key())?.into_iter().next().unwrap_or_default()
        ),
    )
    .into())
}

/// The ranges that a subnet's body names, in either form.
pub(in crate::simulator::quirks) fn ranges(written: &Value, id: &ResourceId) -> Outcome<Vec<IpNet>> {
    let single = body::text(written, "properties.addressPrefix").into_iter();
    let several = body::values(written, "properties.addressPrefixes[]").into_iter().filter_map(Value::as_str);
    let mut ranges: Vec<IpNet> = Vec::new();
    for text in single.chain(several) {
        let range = parse(text, id)?;
        if !ranges.contains(&range) {
            ranges.push(range);
        }
    }
    if ranges.is_empty() {
        return Err(Refusal::new(
            400,
            "NetcfgInvalidSubnet",
            format!(
                "Subnet '{}' is not valid in virtual network '{}'.",
                id.name(),
                id.parent().map(|p| p.name().to_owned()).unwrap_or_default()
            ),
        )
        .into());
    }
    let odd = |r: &&IpNet| matches!(r, IpNet::V4(net) if !(SHORTEST_PREFIX..=LONGEST_PREFIX).contains(&net.prefix_len()));
    if let Some(odd) = ranges.iter().find(odd) {
        return Err(Refusal::new(
            400,
            "NetcfgInvalidSubnet",
            format!(
                "Subnet '{}' is not valid in virtual network '{}': the prefix {odd} is not between /{SHORTEST_PREFIX} \
                 and /{LONGEST_PREFIX}.",
                id.name(),
                id.parent().map(|p| p.name().to_owned()).unwrap_or_default()
            ),
        )
        .into());
    }
    Ok(ranges)
}

/// The ranges of a network's body.
pub(in crate::simulator::quirks) fn address_space(written: &Value, id: &ResourceId) -> Outcome<Vec<IpNet>> {
    body::values(written, "properties.addressSpace.addressPrefixes[]")
        .into_iter()
        .filter_map(Value::as_str)
        .map(|text| parse(text, id))
        .collect()
}

fn parse(text: &str, id: &ResourceId) -> Outcome<IpNet> {
    let fail = |why: &str| {
        Refusal::new(
            400,
            "InvalidAddressPrefixFormat",
            format!("Address prefix {text} of resource {id} is not formatted correctly. {why}"),
        )
    };
    let range: IpNet =
        text.parse().map_err(|_| fail("It should follow CIDR notation, for example 10.0.0.0/24."))?;
    if range.addr() != range.network() {
        return Err(fail("It has bits set outside its prefix.").into());
    }
    Ok(range)
}

/// Refuses subnets outside the address space or across each other.
pub(in crate::simulator::quirks) fn fit(
    network: &ResourceId,
    space: &[IpNet],
    plan: &[(String, Vec<IpNet>)],
) -> Outcome<()> {
    for (name, ranges) in plan {
        for range in ranges {
            if !space.iter().any(|whole| whole.contains(range)) {
                return Err(Refusal::new(
                    400,
                    "NetcfgSubnetRangeOutsideVnet",
                    format!(
                        "Subnet '{name}' with address range {range} is not within the address space of virtual \
                         network '{}'.",
                        network.name()
                    ),
                )
                .into());
            }
        }
    }
    for (at, (name, ranges)) in plan.iter().enumerate() {
        for (other, others) in &plan[..at] {
            let crossing = ranges.iter().find(|a| others.iter().any(|b| a.contains(b) || b.contains(*a)));
            if let Some(range) = crossing {
                return Err(Refusal::new(
                    400,
                    "NetcfgSubnetRangesOverlap",
                    format!("Subnet '{name}' is not valid because its IP address range {range} overlaps with that of subnet '{other}'."),
                )
                .into());
            }
        }
    }
    Ok(())
}

/// The IPv4 ranges of a stored subnet.
fn ipv4(subnet: &Resource) -> Outcome<Vec<Ipv4Net>> {
    Ok(ranges(&subnet.written, &subnet.id)?
        .into_iter()
        .filter_map(|range| match range {
            IpNet::V4(range) => Some(range),
            IpNet::V6(_) => None,
        })
        .collect())
}

/// How many addresses of a subnet Azure gives out.
pub(super) fn capacity(subnet: &Resource) -> Outcome<u32> {
    let kept = RESERVED_FIRST + 1;
    Ok(ipv4(subnet)?
        .iter()
        .map(|range| (u32::from(range.broadcast()) - u32::from(range.network()) + 1).saturating_sub(kept))
        .sum())
}

/// The lowest free addresses of a subnet, at most `count`.
pub(in crate::simulator::quirks) fn free(cx: &Cx<'_>, subnet: &Resource, count: usize) -> Outcome<Vec<u32>> {
    let taken = cx.store.taken_addresses(&subnet.key())?;
    let mut found = Vec::new();
    for range in ipv4(subnet)? {
        let (first, last) = (u32::from(range.network()), u32::from(range.broadcast()));
        for address in first.saturating_add(RESERVED_FIRST)..last {
            if found.len() == count {
                return Ok(found);
            }
            if taken.binary_search(&address).is_err() {
                found.push(address);
            }
        }
    }
    Ok(found)
}

/// The highest free address of a subnet that is none of `others`.
pub(in crate::simulator::quirks) fn highest(
    cx: &Cx<'_>,
    subnet: &Resource,
    others: &[u32],
) -> Outcome<Option<u32>> {
    let taken = cx.store.taken_addresses(&subnet.key())?;
    let is_free = |address: &u32| taken.binary_search(address).is_err() && !others.contains(address);
    Ok(ipv4(subnet)?.into_iter().find_map(|range| {
        let (first, last) = (u32::from(range.network()), u32::from(range.broadcast()));
        (first.saturating_add(RESERVED_FIRST)..last).rev().find(is_free)
    }))
}

/// Takes one given address of a subnet.
pub(in crate::simulator::quirks) fn given(cx: &Cx<'_>, subnet: &Resource, text: &str) -> Outcome<u32> {
    let refuse = |code: &str, why: String| Refusal::new(400, code, why);
    let address: Ipv4Addr = text.parse().map_err(|_| {
        refuse(
            "PrivateIPAddressNotInSubnet",
            format!("Private static IP address {text} is not an IPv4 address."),
        )
    })?;
    let number = u32::from(address);
    let Some(range) = ipv4(subnet)?.into_iter().find(|range| range.contains(&address)) else {
        return Err(refuse(
            "PrivateIPAddressNotInSubnet",
            format!("Private static IP address {text} does not belong to the range of subnet {}.", subnet.id),
        )
        .into());
    };
    let (first, last) = (u32::from(range.network()), u32::from(range.broadcast()));
    if number - first < RESERVED_FIRST || number == last {
        return Err(refuse(
            "PrivateIPAddressInReservedRange",
            format!(
                "Private static IP address {text} falls within reserved IP range of subnet {}.",
                subnet.id
            ),
        )
        .into());
    }
    if cx.store.taken_addresses(&subnet.key())?.binary_search(&number).is_ok() {
        return Err(refuse(
            "PrivateIPAddressIsAllocated",
            format!(
                "IP configuration cannot use the address {text}: it is already allocated in subnet {}.",
                subnet.id
            ),
        )
        .into());
    }
    Ok(number)
}

/// `SubnetIsFull`.
pub(in crate::simulator::quirks) fn full(subnet: &Resource) -> Refusal {
    Refusal::new(
        400,
        "SubnetIsFull",
        format!(
            "Subnet {} with address prefix {} does not have enough capacity for the requested IP addresses.",
            subnet.id.name(),
            body::text(&subnet.written, "properties.addressPrefix")
                .or_else(|| body::values(&subnet.written, "properties.addressPrefixes[]")
                    .first()
                    .and_then(|v| v.as_str()))
                .unwrap_or_default()
        ),
    )
}
