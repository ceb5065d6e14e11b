//! Network interfaces: the addresses of their configurations, and the ones
//! that belong to private endpoints.

use std::net::Ipv4Addr;

use serde_json::{Value, json};

use super::{effective, subnet};
use crate::kinds::{ResourceId, VIRTUAL_MACHINE};
use crate::simulator::answer::{Answer, Outcome, Refusal};
use crate::simulator::quirks::Quirk;
use crate::simulator::store::{Resource, stable_guid};
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body};

const SECURITY_GROUP: &str = "properties.networkSecurityGroup.id";
const INTERFACES: &str = "Microsoft.Network/networkInterfaces";
const GATEWAYS: &str = "Microsoft.Network/natGateways";

pub(super) struct NetworkInterface;

impl Quirk for NetworkInterface {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        if let Some(owner) = draft.old.as_ref().and_then(|old| old.owner.clone()) {
            return Err(attached(&draft.id, &owner).into());
        }
        let key = draft.id.canonical();
        // What it held it keeps, unless the new body says otherwise.
        let held = cx.store.addresses_of(&key)?;
        cx.store.release(&key)?;
        let id = draft.id.clone();
        let location = draft.text("location").map(str::to_owned);
        if let Some(group) = draft.id_at(SECURITY_GROUP) {
            super::same_region(cx, (&id, location.as_deref()), SECURITY_GROUP, &group)?;
        }
        for text in
            body::values(&draft.written, "properties.ipConfigurations[].properties.publicIPAddress.id")
        {
            unclaimed(cx, &id, text.as_str().unwrap_or_default())?;
        }
        for configuration in body::items_mut(&mut draft.written, "properties.ipConfigurations") {
            let Some(subnet_id) =
                body::text(configuration, "properties.subnet.id").and_then(|t| ResourceId::parse(t).ok())
            else {
                continue;
            };
            // A subnet that is missing is refused with the other references.
            let Some(row) = cx.store.resource(&subnet_id.canonical())? else { continue };
            subnet::undelegated(cx, &row, &id)?;
            if let Some(network) = subnet_id.parent() {
                super::same_region(cx, (&id, location.as_deref()), "properties.subnet.id", &network)?;
            }
            let name =
                format!("{id}/ipConfigurations/{}", configuration["name"].as_str().unwrap_or_default());
            let fixed = body::text(configuration, "properties.privateIPAllocationMethod") == Some("Static");
            let before =
                held.iter().find(|(at, _, c)| *at == row.key() && c.eq_ignore_ascii_case(&name)).map(|h| h.1);
            let wished = body::text(configuration, "properties.privateIPAddress").map(str::to_owned);
            let taken = cx.store.taken_addresses(&row.key())?;
            // What another of its configurations has had is not free.
            let others: Vec<u32> = held.iter().filter(|(at, _, _)| *at == row.key()).map(|h| h.1).collect();
            let address = match (fixed, wished, before) {
                (true, Some(text), _) => subnet::given(cx, &row, &text)?,
                (_, _, Some(before)) if !taken.contains(&before) => before,
                _ => subnet::free(cx, &row, others.len() + 1)?
                    .into_iter()
                    .find(|address| !others.contains(address))
                    .ok_or_else(|| subnet::full(&row))?,
            };
            cx.store.take_address(&row.key(), address, &key, &name)?;
            body::set(
                configuration,
                "properties.privateIPAddress",
                json!(Ipv4Addr::from(address).to_string()),
            );
            if body::get(configuration, "properties.privateIPAllocationMethod").is_none() {
                body::set(configuration, "properties.privateIPAllocationMethod", json!("Dynamic"));
            }
        }
        Ok(())
    }

    fn show(&self, cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        if let Some(machine) = machine(cx, resource)? {
            body::set(shown, "properties.virtualMachine", json!({ "id": machine.id.as_str() }));
            body::set(shown, "properties.macAddress", json!(mac_address(resource)));
        }
        let servers = shown["properties"]["dnsSettings"]["dnsServers"].clone();
        body::set(shown, "properties.dnsSettings.appliedDnsServers", servers);
        // The only one there is, is the primary one.
        let alone = body::values(shown, "properties.ipConfigurations[]").len() == 1;
        for configuration in body::items_mut(shown, "properties.ipConfigurations") {
            if body::get(configuration, "properties.primary").is_none() {
                body::set(configuration, "properties.primary", json!(alone));
            }
            let name = configuration["name"].as_str().unwrap_or_default().to_owned();
            configuration["id"] = json!(format!("{}/ipConfigurations/{name}", resource.id));
            configuration["type"] = json!("Microsoft.Network/networkInterfaces/ipConfigurations");
            configuration["etag"] = json!(resource.etag);
            body::set(configuration, "properties.provisioningState", json!(resource.state));
        }
        Ok(())
    }

    fn actions(&self) -> &'static [&'static str] {
        &["effectiveRouteTable", "effectiveNetworkSecurityGroups"]
    }

    fn act(&self, cx: &Cx<'_>, resource: &Resource, action: &str, _sent: &Value) -> Outcome<Option<Answer>> {
        Ok(match action {
            "effectiveroutetable" => Some(Answer::json(200, effective::routes(cx, resource)?)),
            "effectivenetworksecuritygroups" => Some(Answer::json(200, effective::rules(cx, resource)?)),
            _ => None,
        })
    }

    fn release(&self, cx: &Cx<'_>, resource: &Resource) -> Outcome<()> {
        if let Some(owner) = &resource.owner {
            return Err(attached(&resource.id, owner).into());
        }
        if let Some(machine) = machine(cx, resource)? {
            return Err(in_use(&resource.id, &machine.id).into());
        }
        reserved(cx, resource, None)
    }
}

/// Refuses a public address that another resource has.
fn unclaimed(cx: &Cx<'_>, interface: &ResourceId, address: &str) -> Outcome<()> {
    let key = address.to_ascii_lowercase();
    let mut users = cx.store.referrers(&key, INTERFACES)?;
    users.extend(cx.store.referrers(&key, GATEWAYS)?);
    match users.into_iter().find(|user| user.id != *interface) {
        None => Ok(()),
        Some(user) => Err(Refusal::new(
            400,
            "PublicIPAddressInUse",
            format!(
                "Resource {interface} is referencing public IP address {address} that is already allocated to \
                 resource {}.",
                user.id
            ),
        )
        .into()),
    }
}

/// The machine that an interface belongs to.
fn machine(cx: &Cx<'_>, interface: &Resource) -> Outcome<Option<Resource>> {
    Ok(cx.store.referrers(&interface.key(), VIRTUAL_MACHINE.resource_type)?.into_iter().next())
}

/// An address of a card that its name always gives, of Microsoft's range.
fn mac_address(interface: &Resource) -> String {
    let digits = stable_guid(&interface.key()).to_ascii_uppercase();
    format!("00-0D-3A-{}-{}-{}", &digits[..2], &digits[2..4], &digits[4..6])
}

/// Refuses an interface that is not free for a machine.
pub(in crate::simulator::quirks) fn free_for(
    cx: &Cx<'_>,
    interface: &Resource,
    wanted: &ResourceId,
) -> Outcome<()> {
    if let Some(owner) = &interface.owner {
        return Err(attached(&interface.id, owner).into());
    }
    if let Some(other) = machine(cx, interface)?
        && other.id != *wanted
    {
        return Err(in_use(&interface.id, &other.id).into());
    }
    reserved(cx, interface, Some(wanted))
}

/// Refuses an interface that is kept for a machine that was deleted just now.
fn reserved(cx: &Cx<'_>, interface: &Resource, wanted: Option<&ResourceId>) -> Outcome<()> {
    let machines = cx.store.lingering(&interface.key(), cx.now)?;
    if machines.iter().all(|machine| wanted.is_some_and(|id| id.canonical() == *machine)) {
        return Ok(());
    }
    Err(Refusal::new(
        400,
        "NicReservedForAnotherVm",
        "Nic(s) in request is reserved for another Virtual Machine for 180 seconds. Please provide another nic(s) or \
         retry after 180 seconds.",
    )
    .into())
}

fn in_use(interface: &ResourceId, machine: &ResourceId) -> Refusal {
    Refusal::new(
        400,
        "NicInUse",
        format!(
            "Network Interface {interface} is used by existing resource {machine}. In order to delete the network \
             interface, it must be dissociated from the resource. To learn more, see aka.ms/deletenic."
        ),
    )
}

fn attached(id: &ResourceId, owner: &str) -> Refusal {
    Refusal::new(
        400,
        "CannotModifyNicAttachedToPrivateEndpoint",
        format!(
            "The network interface {id} is attached to the private endpoint {owner} and cannot be modified or deleted."
        ),
    )
}
