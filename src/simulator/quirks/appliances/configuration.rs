//! The ip configurations of appliances: each takes an address of a subnet that
//! is theirs alone by its name, and a public address that nobody else has.

use std::net::Ipv4Addr;

use ipnet::IpNet;
use serde_json::{Value, json};

use crate::kinds::ResourceId;
use crate::simulator::answer::{Outcome, Refusal};
use crate::simulator::quirks::network::{public_address, subnet};
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body};

/// Where the configurations of a kind may stand, and how they are called.
pub(super) struct Place {
    /// What messages call the appliance.
    pub(super) service: &'static str,
    /// The name that the subnet must have.
    pub(super) subnet: &'static str,
    /// The longest prefix that the subnet may have.
    pub(super) longest: u8,
    /// The segment of their ids before the name.
    pub(super) segment: &'static str,
    /// Whether they take addresses from the end of the subnet.
    pub(super) last: bool,
    /// Whether the public address must be a Standard one.
    pub(super) standard: bool,
}

/// Addresses as the store tells of them: subnet, address, configuration.
pub(super) type Held = Vec<(String, u32, String)>;

/// The addresses that `draft` has had, which it gives back to be placed anew.
pub(super) fn lift(cx: &Cx<'_>, draft: &Draft) -> Outcome<Held> {
    let key = draft.id.canonical();
    let held = cx.store.addresses_of(&key)?;
    cx.store.release(&key)?;
    Ok(held)
}

/// Judges one configuration and takes its address: the one it had, or a free one.
pub(super) fn settle(
    cx: &Cx<'_>,
    draft: &Draft,
    configuration: &Value,
    place: &Place,
    held: &Held,
) -> Outcome<()> {
    let name = id(&draft.id, configuration, place);
    if let Some(subnet_id) = id_at(configuration, "properties.subnet.id") {
        if !subnet_id.name().eq_ignore_ascii_case(place.subnet) {
            return Err(misplaced(place, &subnet_id).into());
        }
        // A subnet that is missing is refused with the other references.
        if let Some(row) = cx.store.resource(&subnet_id.canonical())? {
            subnet::in_region(cx, draft, &row)?;
            large_enough(&row, place)?;
            let key = row.key();
            let before =
                held.iter().find(|(at, _, c)| *at == key && c.eq_ignore_ascii_case(&name)).map(|h| h.1);
            // What another of its configurations has had is not free.
            let others: Vec<u32> = held.iter().filter(|(at, _, _)| *at == key).map(|h| h.1).collect();
            let address = match before {
                Some(before) => Some(before),
                None if place.last => subnet::highest(cx, &row, &others)?,
                None => subnet::free(cx, &row, others.len() + 1)?.into_iter().find(|a| !others.contains(a)),
            };
            let address = address.ok_or_else(|| subnet::full(&row))?;
            cx.store.take_address(&key, address, &draft.id.canonical(), &name)?;
        }
    }
    match id_at(configuration, "properties.publicIPAddress.id") {
        Some(address) => public(cx, draft, &name, &address, place),
        None => Ok(()),
    }
}

/// Completes a configuration as it is answered. Only some definitions give it
/// a type, and only some appliances show their address.
pub(super) fn show(
    configuration: &mut Value,
    resource: &Resource,
    place: &Place,
    typed: bool,
    shown: Option<&Held>,
) {
    let name = id(&resource.id, configuration, place);
    if typed {
        configuration["type"] = json!(format!("{}/{}", resource.id.resource_type(), place.segment));
    }
    configuration["etag"] = json!(resource.etag);
    body::set(configuration, "properties.provisioningState", json!(resource.state));
    if let Some(address) = shown.and_then(|held| address(held, &name)) {
        body::set(configuration, "properties.privateIPAddress", json!(address));
    }
    configuration["id"] = json!(name);
}

/// The address that a configuration holds.
pub(super) fn address(held: &Held, configuration: &str) -> Option<String> {
    held.iter()
        .find(|(_, _, c)| c.eq_ignore_ascii_case(configuration))
        .map(|(_, address, _)| Ipv4Addr::from(*address).to_string())
}

/// The id of a configuration.
pub(super) fn id(owner: &ResourceId, configuration: &Value, place: &Place) -> String {
    format!("{owner}/{}/{}", place.segment, configuration["name"].as_str().unwrap_or_default())
}

/// The refusal of a body without something that the appliance cannot be made without.
pub(super) fn missing(path: &str) -> Refusal {
    Refusal::new(400, "InvalidParameter", format!("Required parameter '{path}' is missing (null)."))
        .target(path)
}

fn id_at(configuration: &Value, path: &str) -> Option<ResourceId> {
    body::text(configuration, path).and_then(|text| ResourceId::parse(text).ok())
}

fn misplaced(place: &Place, subnet: &ResourceId) -> Refusal {
    Refusal::new(
        400,
        &format!("SubnetNameMustBe{}", place.subnet),
        format!(
            "Subnet name {subnet} is invalid for {service}. {service} can only be created in subnet with name '{}'.",
            place.subnet,
            service = place.service
        ),
    )
}

fn large_enough(row: &Resource, place: &Place) -> Outcome<()> {
    let ranges = subnet::ranges(&row.written, &row.id)?;
    if ranges.iter().any(|range| matches!(range, IpNet::V4(net) if net.prefix_len() <= place.longest)) {
        return Ok(());
    }
    Err(Refusal::new(
        400,
        "NetcfgInvalidSubnet",
        format!(
            "Subnet '{}' is not valid in virtual network '{}': {} needs a prefix of /{} or shorter.",
            row.id.name(),
            row.id.parent().map(|network| network.name().to_owned()).unwrap_or_default(),
            place.service,
            place.longest
        ),
    )
    .into())
}

fn public(
    cx: &Cx<'_>,
    draft: &Draft,
    configuration: &str,
    address: &ResourceId,
    place: &Place,
) -> Outcome<()> {
    let Some(row) = cx.store.resource(&address.canonical())? else { return Ok(()) };
    let standard = body::text(&row.written, "sku.name").is_some_and(|sku| sku.starts_with("Standard"));
    if place.standard && !standard {
        return Err(Refusal::new(
            400,
            "InvalidPublicIPAddressSku",
            format!(
                "Public IP address {address} cannot be used by {configuration}: {} needs one of the Standard SKU.",
                place.service
            ),
        )
        .into());
    }
    let own = format!("{}/", draft.id.canonical());
    match public_address::user(cx, &row)? {
        Some(user) if !user.to_ascii_lowercase().starts_with(&own) => Err(Refusal::new(
            400,
            "PublicIPAddressInUse",
            format!(
                "Resource {configuration} is referencing public IP address {address} that is already allocated to \
                 resource {user}."
            ),
        )
        .into()),
        _ => Ok(()),
    }
}
