//! Connections of gateways, their keys, and the gateways at their far ends.

use serde_json::{Value, json};

use super::configuration;
use super::virtual_network_gateway::has_no_connections;
use crate::simulator::answer::Outcome;
use crate::simulator::quirks::Quirk;
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body};

const KIND: &str = "properties.connectionType";

/// Where a connection's key is kept; no answer of the connection shows it.
pub(super) const KEY: &str = "sharedKey";

pub(super) struct Connection;

impl Quirk for Connection {
    fn accept(&self, _cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        let other_end = match draft.text(KIND) {
            Some("IPsec") => "properties.localNetworkGateway2",
            Some("Vnet2Vnet") => "properties.virtualNetworkGateway2",
            Some("ExpressRoute") => "properties.peer",
            _ => "properties",
        };
        if body::get(&draft.written, other_end).is_none() {
            return Err(configuration::missing(other_end).into());
        }
        if draft.text(KIND) != Some("ExpressRoute") && draft.text("properties.connectionProtocol").is_none() {
            body::set(&mut draft.written, "properties.connectionProtocol", json!("IKEv2"));
        }
        if let Some(key) = body::get(&draft.sent_only, "properties.sharedKey").cloned() {
            body::set(&mut draft.stamped, KEY, key);
        }
        Ok(())
    }

    fn show(&self, cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        body::take(shown, KEY);
        let connected = resource.state == "Succeeded" && is_answered(cx, resource)?;
        let status = if connected { "Connected" } else { "Unknown" };
        body::set(shown, "properties.connectionStatus", json!(status));
        body::set(shown, "properties.ingressBytesTransferred", json!(0));
        body::set(shown, "properties.egressBytesTransferred", json!(0));
        Ok(())
    }
}

/// Whether the gateway at the other end connects back with the same key. A far
/// end outside of Azure never does.
fn is_answered(cx: &Cx<'_>, resource: &Resource) -> Outcome<bool> {
    let end = |row: &Resource, which: &str| {
        body::text(&row.written, &format!("properties.{which}.id")).map(str::to_ascii_lowercase)
    };
    let (own, other) = (end(resource, "virtualNetworkGateway1"), end(resource, "virtualNetworkGateway2"));
    let Some(other) = other else { return Ok(false) };
    let back = cx.store.referrers(&other, &resource.id.resource_type())?;
    Ok(back.iter().any(|row| {
        row.state == "Succeeded"
            && end(row, "virtualNetworkGateway1").as_deref() == Some(other.as_str())
            && end(row, "virtualNetworkGateway2") == own
            && row.stamped.get(KEY) == resource.stamped.get(KEY)
    }))
}

pub(super) struct LocalNetworkGateway;

impl Quirk for LocalNetworkGateway {
    fn accept(&self, _cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        let named =
            ["properties.gatewayIpAddress", "properties.fqdn"].iter().any(|p| draft.text(p).is_some());
        if named { Ok(()) } else { Err(configuration::missing("properties.gatewayIpAddress").into()) }
    }

    fn release(&self, cx: &Cx<'_>, resource: &Resource) -> Outcome<()> {
        has_no_connections(cx, resource, "Local network gateway", "InUseLocalNetworkGatewayCannotBeDeleted")
    }
}
