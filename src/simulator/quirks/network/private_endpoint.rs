//! Private endpoints: an interface with an address for each member of the
//! group, and a connection on the target.

use std::net::Ipv4Addr;

use serde_json::{Value, json};

use super::subnet;
use crate::kinds::{CONTAINER_REGISTRY, PRIVATE_DNS_ZONE_GROUP, ResourceId};
use crate::simulator::answer::{Outcome, Refusal};
use crate::simulator::latency::Lag;
use crate::simulator::quirks::private_link::{self, Member};
use crate::simulator::quirks::{Quirk, make, sibling};
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body, references, rights};

/// The type.
pub(super) const TYPE: &str = "Microsoft.Network/privateEndpoints";

const LISTS: [&str; 2] = ["privateLinkServiceConnections", "manualPrivateLinkServiceConnections"];

pub(super) struct PrivateEndpoint;

impl Quirk for PrivateEndpoint {
    fn normalise(&self, draft: &mut Draft) {
        body::take(&mut draft.written, "properties.customDnsConfigs");
        for list in LISTS {
            for item in body::items_mut(&mut draft.written, &format!("properties.{list}")) {
                body::take(item, "properties.privateLinkServiceConnectionState");
            }
        }
    }

    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        let connection = connection(&draft.written)?.clone();
        let (target_id, group) = aim(&connection)?;
        let Some(target) = cx.store.resource(&target_id.canonical())? else {
            return Err(references::dangling(
                &draft.id,
                "properties.privateLinkServiceConnections",
                &target_id,
            )
            .into());
        };
        let Some(members) = private_link::members(&target, &group) else {
            return Err(wrong_group(&target, &group).into());
        };
        if draft.is_new() {
            premium(&target)?;
        }
        // A subnet that is missing is refused with the other references.
        let Some(subnet_id) = draft.id_at("properties.subnet.id") else { return Ok(()) };
        let Some(row) = cx.store.resource(&subnet_id.canonical())? else { return Ok(()) };
        subnet::in_region(cx, draft, &row)?;
        if body::get(&draft.stamped, "addresses").is_none() {
            let name =
                match draft.text("properties.customNetworkInterfaceName").filter(|name| !name.is_empty()) {
                    Some(name) => name.to_owned(),
                    None => format!("{}.nic.{}", draft.id.name(), cx.store.guid()?),
                };
            let interface = interface_id(&draft.id, &name).ok_or_else(|| {
                Refusal::new(400, "InvalidResourceName", format!("Resource name {name} is invalid."))
            })?;
            let addresses = allocate(cx, draft, &row, &members, &interface)?;
            draft.stamp_once("addresses", || Ok(addresses))?;
            draft.stamp_once("interface", || Ok(json!(name)))?;
            let connection = format!("{}.{}", draft.id.name(), cx.store.guid()?);
            draft.stamp_once("connection", || Ok(json!(connection)))?;
        }
        Ok(())
    }

    fn complete(&self, cx: &Cx<'_>, resource: &mut Resource) -> Outcome<()> {
        let connection = connection(&resource.written)?.clone();
        let (target_id, group) = aim(&connection)?;
        let Some(target) = cx.store.resource(&target_id.canonical())? else {
            return Err(references::dangling(&resource.id, "privateLinkServiceId", &target_id).into());
        };
        let Some(members) = private_link::members(&target, &group) else {
            return Err(wrong_group(&target, &group).into());
        };
        make_interface(cx, resource, &members, &group)?;
        let Some(name) = body::text(&resource.stamped, "connection").map(str::to_owned) else {
            return Ok(());
        };
        let kind = private_link::connection_type(&target.id.resource_type());
        let Ok(id) = ResourceId::parse(&format!("{}/privateEndpointConnections/{name}", target.id)) else {
            return Ok(());
        };
        if !cx.store.exists(&id.canonical())? {
            make(cx, id, &resource.key(), connection_body(cx, resource, &target, &kind))?;
            cx.store.touch(&target.key())?;
        }
        Ok(())
    }

    fn show(&self, cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        let interface = body::take(shown, "interface");
        let addresses = body::take(shown, "addresses").unwrap_or_default();
        let connection_name = body::take(shown, "connection");
        let target = connection(&resource.written).and_then(aim).ok();
        let target_row = match &target {
            Some((id, _)) => cx.store.resource(&id.canonical())?,
            None => None,
        };
        if let Some(id) = interface.as_ref().and_then(|name| interface_id(&resource.id, name.as_str()?))
            && cx.store.exists(&id.canonical())?
        {
            body::set(shown, "properties.networkInterfaces", json!([{ "id": id.as_str() }]));
        }
        let grouped = cx.store.count_children(&resource.key(), PRIVATE_DNS_ZONE_GROUP.resource_type)? > 0;
        let configs = match &target_row {
            Some(row) if !grouped && resource.state == "Succeeded" => {
                custom_dns(row, target.as_ref(), &addresses)
            }
            _ => json!([]),
        };
        body::set(shown, "properties.customDnsConfigs", configs);
        let state = connection_state(cx, resource, target_row.as_ref(), connection_name.as_ref())?;
        for list in LISTS {
            for item in body::items_mut(shown, &format!("properties.{list}")) {
                let name = item["name"].as_str().unwrap_or_default().to_owned();
                item["id"] = json!(format!("{}/{list}/{name}", resource.id));
                item["type"] = json!(format!("{TYPE}/{list}"));
                item["etag"] = json!(resource.etag);
                body::set(item, "properties.provisioningState", json!(resource.state));
                body::set(item, "properties.privateLinkServiceConnectionState", state.clone());
            }
        }
        Ok(())
    }

    fn removed(&self, cx: &Cx<'_>, resource: &Resource) -> Outcome<()> {
        let lag = cx.settings.latency.lag(Lag::EndpointInterface);
        if lag > 0 {
            for (subnet, _, configuration) in cx.store.addresses_of(&resource.key())? {
                cx.store.linger(&subnet, &configuration, cx.now.saturating_add(lag))?;
            }
        }
        Ok(())
    }
}

/// The one connection that an endpoint has.
fn connection(written: &Value) -> Outcome<&Value> {
    let mut all =
        LISTS.iter().flat_map(|list| body::values(written, &format!("properties.{list}[]")).into_iter());
    match (all.next(), all.next()) {
        (Some(only), None) => Ok(only),
        _ => Err(Refusal::new(
            400,
            "PrivateEndpointMustHaveExactlyOneConnection",
            "A private endpoint must have exactly one private link service connection, in \
             privateLinkServiceConnections or in manualPrivateLinkServiceConnections.",
        )
        .into()),
    }
}

/// The target of a connection and the group it asks for.
fn aim(connection: &Value) -> Outcome<(ResourceId, String)> {
    let text = body::text(connection, "properties.privateLinkServiceId").unwrap_or_default();
    let invalid = || {
        Refusal::new(
            400,
            "InvalidPrivateLinkServiceId",
            format!("PrivateLinkServiceId Invalid private link service id {text}."),
        )
    };
    let id = ResourceId::parse(text).map_err(|_| invalid())?;
    if !private_link::is_target(&id.resource_type()) {
        return Err(invalid().into());
    }
    let groups: Vec<&str> =
        body::values(connection, "properties.groupIds[]").into_iter().filter_map(Value::as_str).collect();
    match groups.as_slice() {
        [group] => Ok((id, (*group).to_owned())),
        [] => Err(Refusal::new(
            400,
            "BadRequest",
            format!("Call to {} failed. Error message: missing 'group Id'.", id.resource_type()),
        )
        .into()),
        _ => Err(Refusal::new(
            400,
            "BadRequest",
            format!("Call to {} failed. Error message: only one group id is supported.", id.resource_type()),
        )
        .into()),
    }
}

/// Refuses a registry whose SKU has no private link.
fn premium(target: &Resource) -> Outcome<()> {
    let kind = target.id.resource_type();
    let sku = body::text(&target.written, "sku.name").unwrap_or_default();
    if !kind.eq_ignore_ascii_case(CONTAINER_REGISTRY.resource_type) || sku.eq_ignore_ascii_case("Premium") {
        return Ok(());
    }
    Err(Refusal::new(
        400,
        "BadRequest",
        format!(
            "Call to {kind} failed. Error message: Private endpoints are not supported for the SKU {sku}. Please \
             upgrade the registry to Premium. To learn more, see https://aka.ms/acr/private-link."
        ),
    )
    .into())
}

fn wrong_group(target: &Resource, group: &str) -> Refusal {
    let kind = target.id.resource_type();
    Refusal::new(
        400,
        "BadRequest",
        format!(
            "Call to {kind} failed. Error message: the group id '{group}' is not valid for the resource. Valid group \
             ids are: {}.",
            private_link::groups(&kind).join(", ")
        ),
    )
}

/// Takes an address for each member: the one that `ipConfigurations` names, or
/// the lowest free one.
fn allocate(
    cx: &Cx<'_>,
    draft: &Draft,
    row: &Resource,
    members: &[Member],
    interface: &ResourceId,
) -> Outcome<Value> {
    let key = draft.id.canonical();
    let wished = body::values(&draft.written, "properties.ipConfigurations[]");
    let mut noted = Vec::new();
    for member in members {
        let wish = wished
            .iter()
            .find(|c| {
                body::text(c, "properties.memberName")
                    .is_some_and(|name| name.eq_ignore_ascii_case(&member.name))
            })
            .and_then(|c| body::text(c, "properties.privateIPAddress"));
        let address = match wish {
            Some(text) => subnet::given(cx, row, text)?,
            None => *subnet::free(cx, row, 1)?.first().ok_or_else(|| subnet::full(row))?,
        };
        let configuration =
            format!("{interface}/ipConfigurations/privateEndpointIpConfig.{}", cx.store.guid()?);
        cx.store.take_address(&row.key(), address, &key, &configuration)?;
        noted.push(json!({ "member": member.name, "address": Ipv4Addr::from(address).to_string(), "configuration": configuration }));
    }
    Ok(json!({ "members": noted }))
}

/// The addresses of an endpoint, member by member, once it has them.
pub(in crate::simulator::quirks) fn addresses(endpoint: &Resource) -> Vec<(String, String)> {
    noted(&endpoint.stamped["addresses"])
}

fn noted(addresses: &Value) -> Vec<(String, String)> {
    body::values(addresses, "members[]")
        .into_iter()
        .filter_map(|m| Some((m["member"].as_str()?.to_owned(), m["address"].as_str()?.to_owned())))
        .collect()
}

/// The target and group of an endpoint, for who writes its records.
pub(in crate::simulator::quirks) fn target(cx: &Cx<'_>, endpoint: &Resource) -> Outcome<Option<Vec<Member>>> {
    let (id, group) = aim(connection(&endpoint.written)?)?;
    Ok(cx.store.resource(&id.canonical())?.and_then(|row| private_link::members(&row, &group)))
}

fn interface_id(endpoint: &ResourceId, name: &str) -> Option<ResourceId> {
    sibling(&endpoint.resource_group_id()?, "Microsoft.Network/networkInterfaces", name)
}

fn make_interface(cx: &Cx<'_>, endpoint: &Resource, members: &[Member], group: &str) -> Outcome<()> {
    let Some(id) =
        body::text(&endpoint.stamped, "interface").and_then(|name| interface_id(&endpoint.id, name))
    else {
        return Ok(());
    };
    if cx.store.exists(&id.canonical())? {
        return Ok(());
    }
    let subnet = body::text(&endpoint.written, "properties.subnet.id").unwrap_or_default();
    let configurations: Vec<Value> = body::values(&endpoint.stamped, "addresses.members[]")
        .into_iter()
        .enumerate()
        .map(|(at, noted)| {
            let member = members.iter().find(|m| noted["member"].as_str() == Some(m.name.as_str()));
            let fqdns: Vec<&str> = member.iter().flat_map(|m| &m.names).map(|n| n.fqdn.as_str()).collect();
            let name = noted["configuration"].as_str().and_then(|c| c.rsplit('/').next()).unwrap_or_default();
            json!({
                "name": name,
                "properties": {
                    "privateIPAddress": noted["address"], "privateIPAllocationMethod": "Dynamic",
                    "privateIPAddressVersion": "IPv4", "primary": at == 0, "subnet": { "id": subnet },
                    "privateLinkConnectionProperties": {
                        "groupId": group, "requiredMemberName": noted["member"], "fqdns": fqdns,
                    },
                },
            })
        })
        .collect();
    let written = json!({
        "location": endpoint.written["location"],
        "properties": {
            "ipConfigurations": configurations,
            "dnsSettings": { "dnsServers": [] },
            "enableAcceleratedNetworking": false, "enableIPForwarding": false,
            "privateEndpoint": { "id": endpoint.id.as_str() },
        },
    });
    make(cx, id, &endpoint.key(), written)
}

fn connection_body(cx: &Cx<'_>, endpoint: &Resource, target: &Resource, kind: &str) -> Value {
    let asked = body::values(&endpoint.written, "properties.manualPrivateLinkServiceConnections[]");
    let manual = !asked.is_empty()
        || !cx.settings.behaviour.auto_approval
        || rights::denies(cx, &private_link::approval(&target.id), target.id.as_str());
    let mut properties = json!({
        "privateEndpoint": { "id": endpoint.id.as_str() },
        "privateLinkServiceConnectionState": {
            "status": if manual { "Pending" } else { "Approved" },
            "description": if manual { "" } else { "Auto-Approved" },
            "actionsRequired": "None",
        },
        "provisioningState": "Succeeded",
    });
    match kind.split('/').next().unwrap_or_default() {
        "Microsoft.Storage" => {
            // Its own type has another word for it, and shows it only when there is something to do.
            body::take(&mut properties, "privateLinkServiceConnectionState.actionsRequired");
        }
        "Microsoft.MachineLearningServices" => {
            return json!({ "location": target.written["location"], "properties": properties });
        }
        _ => {}
    }
    json!({ "properties": properties })
}

/// The state that the endpoint sees: what the target says, or that it is gone.
fn connection_state(
    cx: &Cx<'_>,
    endpoint: &Resource,
    target: Option<&Resource>,
    name: Option<&Value>,
) -> Outcome<Value> {
    let gone = |why: &str| json!({ "status": "Disconnected", "description": why, "actionsRequired": "None" });
    let Some(target) = target else { return Ok(gone("The target resource was deleted.")) };
    let id = format!(
        "{}/privateendpointconnections/{}",
        target.key(),
        name.and_then(Value::as_str).unwrap_or_default().to_ascii_lowercase()
    );
    if let Some(row) = cx.store.resource(&id)? {
        return Ok(row.written["properties"]["privateLinkServiceConnectionState"].clone());
    }
    if endpoint.state == "Succeeded" {
        return Ok(gone("The connection was removed."));
    }
    Ok(json!({ "status": "Pending", "description": "Awaiting Approval", "actionsRequired": "None" }))
}

fn custom_dns(target: &Resource, aim: Option<&(ResourceId, String)>, addresses: &Value) -> Value {
    let noted = noted(addresses);
    let members = aim.and_then(|(_, group)| private_link::members(target, group)).unwrap_or_default();
    members
        .iter()
        .flat_map(|member| member.names.iter().map(move |name| (member, name)))
        .filter_map(|(member, name)| {
            let (_, address) = noted.iter().find(|(of, _)| *of == member.name)?;
            Some(json!({ "fqdn": name.fqdn, "ipAddresses": [address] }))
        })
        .collect()
}
