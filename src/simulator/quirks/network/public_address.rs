//! Public IP addresses and the NAT gateways that use them.

use std::net::Ipv4Addr;

use serde_json::{Value, json};

use super::public_ip_prefix;
use crate::kinds::{PUBLIC_IP_ADDRESS, ResourceId};
use crate::simulator::answer::{Outcome, Refusal};
use crate::simulator::quirks::Quirk;
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body};

const NAT_GATEWAYS: &str = "Microsoft.Network/natGateways";

/// Whose ip configurations may have an address, and the segment of their ids.
const USERS: [(&str, &str); 4] = [
    ("Microsoft.Network/networkInterfaces", "ipConfigurations"),
    ("Microsoft.Network/bastionHosts", "bastionHostIpConfigurations"),
    ("Microsoft.Network/azureFirewalls", "azureFirewallIpConfigurations"),
    ("Microsoft.Network/virtualNetworkGateways", "ipConfigurations"),
];

/// Where addresses are given out from: 198.18.0.0/15, kept for benchmarks
/// (RFC 2544), which is routed nowhere.
const POOL: u32 = 0xC612_0000;

/// What the names of addresses end in.
const CLOUD: &str = "cloudapp.azure.com";

/// How many addresses the pool has.
const POOL_SIZE: i64 = 1 << 17;

pub(super) struct PublicIpAddress;

impl Quirk for PublicIpAddress {
    fn normalise(&self, draft: &mut Draft) {
        body::take(&mut draft.written, "properties.natGateway");
    }

    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        if draft.is_new() && draft.text("sku.name") == Some("Basic") {
            // Retired: there are no new ones since 2025-03-31.
            return Err(Refusal::new(
                400,
                "IPv4BasicSkuPublicIpCountLimitReached",
                "Cannot create more than 0 IPv4 Basic SKU public IP addresses for this subscription in this region.",
            )
            .into());
        }
        let standard = draft.text("sku.name").is_some_and(|name| name.starts_with("Standard"));
        let is_static = draft.text("properties.publicIPAllocationMethod") == Some("Static");
        if standard && !is_static {
            return Err(Refusal::new(
                400,
                "PublicIPAndSkuAllocationMethodMismatch",
                format!(
                    "Public IP address {} with Standard SKU must use the Static allocation method.",
                    draft.id.name()
                ),
            )
            .into());
        }
        if let Some(prefix) = draft.id_at("properties.publicIPPrefix.id")
            && body::get(&draft.stamped, "properties.ipAddress").is_none()
            && let Some(address) = public_ip_prefix::free(cx, &prefix)?
        {
            draft.stamp_once("properties.ipAddress", || Ok(json!(address)))?;
        }
        named(cx, draft)?;
        if is_static && draft.text("properties.ipAddress").is_none() {
            let offset = u32::try_from(cx.store.serial()? % POOL_SIZE).unwrap_or_default();
            draft.stamp_once("properties.ipAddress", || {
                Ok(json!(Ipv4Addr::from(POOL + offset).to_string()))
            })?;
        }
        Ok(())
    }

    fn show(&self, cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        if let Some(gateway) = cx.store.referrers(&resource.key(), NAT_GATEWAYS)?.first() {
            body::set(shown, "properties.natGateway", json!({ "id": gateway.id.as_str() }));
        }
        if let Some(user) = configuration(cx, resource)? {
            body::set(shown, "properties.ipConfiguration", json!({ "id": user }));
        }
        Ok(())
    }

    fn release(&self, cx: &Cx<'_>, resource: &Resource) -> Outcome<()> {
        let Some(user) = user(cx, resource)? else { return Ok(()) };
        Err(Refusal::new(
            400,
            "PublicIPAddressCannotBeDeleted",
            format!(
                "Public IP address {} can not be deleted since it is still allocated to resource {user}. In order to \
                 delete the public IP, disassociate/detach the Public IP address from the resource.",
                resource.id
            ),
        )
        .into())
    }
}

/// Who has the address: a NAT gateway, or an ip configuration.
pub(in crate::simulator::quirks) fn user(cx: &Cx<'_>, address: &Resource) -> Outcome<Option<String>> {
    match cx.store.referrers(&address.key(), NAT_GATEWAYS)?.first() {
        Some(gateway) => Ok(Some(gateway.id.to_string())),
        None => configuration(cx, address),
    }
}

/// The id of the ip configuration that has the address.
fn configuration(cx: &Cx<'_>, address: &Resource) -> Outcome<Option<String>> {
    for (kind, segment) in USERS {
        let Some(owner) = cx.store.referrers(&address.key(), kind)?.into_iter().next() else { continue };
        let mut all = body::values(&owner.written, "properties.ipConfigurations[]");
        all.extend(body::get(&owner.written, "properties.managementIpConfiguration"));
        let name = all
            .into_iter()
            .find(|c| {
                body::text(c, "properties.publicIPAddress.id")
                    .is_some_and(|id| id.eq_ignore_ascii_case(address.id.as_str()))
            })
            .and_then(|c| body::text(c, "name"))
            .unwrap_or_default();
        return Ok(Some(format!("{}/{segment}/{name}", owner.id)));
    }
    Ok(None)
}

/// Gives an address its name in the cloud, which no other may have.
fn named(cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
    body::take(&mut draft.written, "properties.dnsSettings.fqdn");
    body::take(&mut draft.stamped, "properties.dnsSettings");
    let Some(label) = draft.text("properties.dnsSettings.domainNameLabel").map(str::to_ascii_lowercase)
    else {
        return Ok(());
    };
    let location = draft.text("location").unwrap_or_default().to_owned();
    let fqdn = format!("{label}.{location}.{CLOUD}");
    if labelled(cx, &label, &location)?.is_some_and(|other| other.id != draft.id) {
        return Err(Refusal::new(
            400,
            "DnsRecordInUse",
            format!("DNS record {fqdn} is already used by another public IP."),
        )
        .into());
    }
    body::set(&mut draft.stamped, "properties.dnsSettings.fqdn", json!(fqdn));
    Ok(())
}

/// The address of a region that has a label.
pub(super) fn labelled(cx: &Cx<'_>, label: &str, location: &str) -> Outcome<Option<Resource>> {
    Ok(super::all_of(cx, PUBLIC_IP_ADDRESS.resource_type)?.into_iter().find(|row| {
        body::text(&row.written, "location") == Some(location)
            && body::text(&row.written, "properties.dnsSettings.domainNameLabel")
                .is_some_and(|other| other.eq_ignore_ascii_case(label))
    }))
}

pub(super) struct NatGateway;

impl Quirk for NatGateway {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        for path in ["properties.publicIpAddresses[].id", "properties.publicIpPrefixes[].id"] {
            for text in body::values(&draft.written, path).into_iter().filter_map(Value::as_str) {
                if let Ok(target) = ResourceId::parse(text) {
                    super::same_region(cx, (&draft.id, draft.text("location")), path, &target)?;
                }
            }
        }
        Ok(())
    }

    fn show(&self, cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        super::show_subnets(cx, resource, shown)
    }

    fn release(&self, cx: &Cx<'_>, resource: &Resource) -> Outcome<()> {
        let Some(subnet) = cx.store.referrers(&resource.key(), super::SUBNETS)?.into_iter().next() else {
            return Ok(());
        };
        Err(Refusal::new(
            400,
            "InUseNatGatewayCannotBeDeleted",
            format!("NAT gateway {} is in use by {} and cannot be deleted.", resource.id, subnet.id),
        )
        .into())
    }
}
