//! Virtual network gateways: one of a type in a network, its addresses, and
//! the connections that keep it.

use serde_json::{Value, json};

use super::configuration::{self, Place};
use crate::kinds::CONNECTION;
use crate::simulator::answer::{Outcome, Refusal};
use crate::simulator::quirks::Quirk;
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body};

const PLACE: Place = Place {
    service: "A virtual network gateway",
    subnet: "GatewaySubnet",
    longest: 29,
    segment: "ipConfigurations",
    // Recorded: 10.0.0.254 in 10.0.0.0/24.
    last: true,
    standard: false,
};

/// The number of a gateway's own network in BGP, unless another is sent.
const ASN: u32 = 65515;

const TYPE: &str = "properties.gatewayType";

pub(super) struct VirtualNetworkGateway;

impl Quirk for VirtualNetworkGateway {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        let vpn = match draft.text(TYPE) {
            None => return Err(configuration::missing(TYPE).into()),
            Some(kind) => kind == "Vpn",
        };
        let generation = if vpn { "Generation1" } else { "None" };
        let kind = if vpn { Some("RouteBased") } else { None };
        let tier = draft.text("properties.sku.name").map(str::to_owned);
        for (path, value) in [
            ("properties.vpnGatewayGeneration", Some(generation)),
            ("properties.vpnType", kind),
            ("properties.sku.tier", tier.as_deref()),
        ] {
            if let (None, Some(value)) = (draft.text(path), value) {
                body::set(&mut draft.written, path, json!(value));
            }
        }
        let held = configuration::lift(cx, draft)?;
        let configurations = body::values(&draft.written, "properties.ipConfigurations[]");
        if configurations.is_empty() {
            return Err(configuration::missing("properties.ipConfigurations").into());
        }
        for each in configurations {
            if body::text(each, "properties.subnet.id").is_none() {
                return Err(configuration::missing("properties.ipConfigurations.properties.subnet").into());
            }
            if vpn && body::text(each, "properties.publicIPAddress.id").is_none() {
                return Err(
                    configuration::missing("properties.ipConfigurations.properties.publicIPAddress").into()
                );
            }
            is_the_only_one(cx, draft, each)?;
            configuration::settle(cx, draft, each, &PLACE, &held)?;
        }
        Ok(())
    }

    fn show(&self, cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        let held = cx.store.addresses_of(&resource.key())?;
        let yes = |shown: &Value, path: &str| body::get(shown, path) == Some(&json!(true));
        let private = yes(shown, "properties.enablePrivateIpAddress").then_some(&held);
        for each in body::items_mut(shown, "properties.ipConfigurations") {
            configuration::show(each, resource, &PLACE, false, private);
        }
        body::set(shown, "properties.sku.capacity", json!(2));
        if body::text(shown, TYPE) == Some("Vpn") {
            bgp(cx, &held, shown)?;
        }
        let first = body::values(&resource.written, "properties.ipConfigurations[]")
            .first()
            .and_then(|each| configuration::address(&held, &configuration::id(&resource.id, each, &PLACE)));
        if let Some(first) = first
            && yes(shown, "properties.enableDnsForwarding")
        {
            body::set(shown, "properties.inboundDnsForwardingEndpoint", json!(first));
        }
        Ok(())
    }

    fn release(&self, cx: &Cx<'_>, resource: &Resource) -> Outcome<()> {
        has_no_connections(
            cx,
            resource,
            "Virtual network gateway",
            "InUseVirtualNetworkGatewayCannotBeDeleted",
        )
    }
}

/// Refuses a second gateway of one type in a network.
fn is_the_only_one(cx: &Cx<'_>, draft: &Draft, each: &Value) -> Outcome<()> {
    let subnet = body::text(each, "properties.subnet.id").unwrap_or_default().to_ascii_lowercase();
    let others = cx.store.referrers(&subnet, draft.kind.resource_type)?;
    let other = others
        .iter()
        .find(|other| other.id != draft.id && body::text(&other.written, TYPE) == draft.text(TYPE));
    match other {
        None => Ok(()),
        Some(other) => Err(Refusal::new(
            400,
            "VirtualNetworkGatewayAlreadyExists",
            format!(
                "The virtual network of subnet {subnet} already has a gateway of type {}: {}.",
                draft.text(TYPE).unwrap_or_default(),
                other.id
            ),
        )
        .into()),
    }
}

/// What a VPN gateway tells of its BGP speakers, one for each configuration.
fn bgp(cx: &Cx<'_>, held: &configuration::Held, shown: &mut Value) -> Outcome<()> {
    let mut addresses = Vec::new();
    let mut speakers = Vec::new();
    for each in body::values(shown, "properties.ipConfigurations[]") {
        let id = body::text(each, "id").unwrap_or_default();
        let own: Vec<String> = configuration::address(held, id).into_iter().collect();
        let tunnel = match body::text(each, "properties.publicIPAddress.id") {
            Some(public) => cx.store.resource(&public.to_ascii_lowercase())?,
            None => None,
        };
        let tunnel: Vec<String> = tunnel
            .iter()
            .filter_map(|row| {
                body::text(&row.written, "properties.ipAddress")
                    .or_else(|| body::text(&row.stamped, "properties.ipAddress"))
            })
            .map(str::to_owned)
            .collect();
        let sent = body::values(shown, "properties.bgpSettings.bgpPeeringAddresses[]")
            .into_iter()
            .find(|s| body::text(s, "ipconfigurationId").is_some_and(|at| at.eq_ignore_ascii_case(id)));
        let custom = sent.and_then(|s| body::get(s, "customBgpIpAddresses")).cloned().unwrap_or(json!([]));
        speakers.push(json!({
            "ipconfigurationId": id, "defaultBgpIpAddresses": own, "customBgpIpAddresses": custom,
            "tunnelIpAddresses": tunnel,
        }));
        addresses.extend(own);
    }
    for (path, value) in [
        ("properties.bgpSettings.asn", json!(ASN)),
        ("properties.bgpSettings.bgpPeeringAddress", json!(addresses.join(","))),
        ("properties.bgpSettings.peerWeight", json!(0)),
    ] {
        if body::get(shown, path).is_none() {
            body::set(shown, path, value);
        }
    }
    body::set(shown, "properties.bgpSettings.bgpPeeringAddresses", json!(speakers));
    Ok(())
}

/// Refuses the deletion of a gateway that connections name.
pub(super) fn has_no_connections(
    cx: &Cx<'_>,
    resource: &Resource,
    what: &str,
    code: &'static str,
) -> Outcome<()> {
    match cx.store.referrers(&resource.key(), CONNECTION.resource_type)?.first() {
        None => Ok(()),
        Some(user) => Err(Refusal::new(
            400,
            code,
            format!(
                "{what} {} is in use by the connection {} and cannot be deleted. Delete the connection first.",
                resource.id, user.id
            ),
        )
        .into()),
    }
}
