//! Private DNS zone groups: they write an endpoint's addresses into the zones.

use serde_json::{Value, json};

use super::private_endpoint;
use crate::kinds::{A_RECORD, ResourceId};
use crate::simulator::answer::{Outcome, Refusal};
use crate::simulator::quirks::{Quirk, make};
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body};

/// How many zones a group may name (private endpoint documentation).
const MAX_ZONES: usize = 5;

/// Seconds of life of the records that a group writes.
const TTL: u32 = 10;

const CONFIGS: &str = "properties.privateDnsZoneConfigs";

pub(super) struct ZoneGroup;

impl Quirk for ZoneGroup {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        let Some(endpoint) = draft.id.parent() else { return Ok(()) };
        let others = cx.store.children(&endpoint.canonical(), draft.kind.resource_type)?;
        if others.iter().any(|other| other.id != draft.id) {
            return Err(Refusal::new(
                400,
                "MoreThanOnePrivateDnsZoneGroupPerPrivateEndpointNotAllowed",
                "Cannot create more than one private dns zone groups in the private endpoint.",
            )
            .into());
        }
        let zones = body::values(&draft.written, "properties.privateDnsZoneConfigs[]");
        if zones.is_empty() || zones.len() > MAX_ZONES {
            return Err(Refusal::new(
                400,
                "InvalidRequestFormat",
                format!(
                    "A private dns zone group must have 1 to {MAX_ZONES} private dns zone configurations."
                ),
            )
            .target(CONFIGS)
            .into());
        }
        if let Some(row) = cx.store.resource(&endpoint.canonical())?
            && row.state != "Succeeded"
        {
            return Err(crate::simulator::references::not_provisioned(&draft.id, &row.id, &row.state).into());
        }
        Ok(())
    }

    fn complete(&self, cx: &Cx<'_>, resource: &mut Resource) -> Outcome<()> {
        for made in cx.store.owned(&resource.key())? {
            cx.store.remove(&made.key())?;
        }
        for (zone, _, name, address) in records(cx, resource)? {
            let record = zone.child(&A_RECORD, &name);
            if !cx.store.exists(&zone.canonical())? {
                continue;
            }
            // An earlier endpoint's record of the same name gives way.
            cx.store.remove(&record.canonical())?;
            let written = json!({
                "properties": {
                    "ttl": TTL, "aRecords": [{ "ipv4Address": address }], "metadata": { "creator": resource.id.as_str() },
                },
            });
            make(cx, record, &resource.key(), written)?;
        }
        Ok(())
    }

    fn show(&self, cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        let records = records(cx, resource)?;
        for config in body::items_mut(shown, CONFIGS) {
            let Some(zone) = body::text(config, "properties.privateDnsZoneId")
                .and_then(|text| ResourceId::parse(text).ok())
            else {
                continue;
            };
            let sets: Vec<Value> = records
                .iter()
                .filter(|(of, ..)| *of == zone)
                .map(|(_, fqdn, name, address)| {
                    json!({
                        "recordType": "A", "recordSetName": name, "fqdn": fqdn, "ttl": TTL,
                        "ipAddresses": [address], "provisioningState": resource.state,
                    })
                })
                .collect();
            body::set(config, "properties.recordSets", json!(sets));
        }
        Ok(())
    }
}

/// What the group writes: zone, full name, record name, address. Only zones of
/// the recommended names get records.
fn records(cx: &Cx<'_>, group: &Resource) -> Outcome<Vec<(ResourceId, String, String, String)>> {
    let Some(endpoint) = group.id.parent() else { return Ok(Vec::new()) };
    let Some(endpoint) = cx.store.resource(&endpoint.canonical())? else { return Ok(Vec::new()) };
    let members = private_endpoint::target(cx, &endpoint)?.unwrap_or_default();
    let addresses = private_endpoint::addresses(&endpoint);
    let mut found = Vec::new();
    for text in body::values(&group.written, "properties.privateDnsZoneConfigs[].properties.privateDnsZoneId")
    {
        let Some(zone) = text.as_str().and_then(|text| ResourceId::parse(text).ok()) else { continue };
        for member in &members {
            let Some((_, address)) = addresses.iter().find(|(name, _)| *name == member.name) else {
                continue;
            };
            for name in member.names.iter().filter(|name| name.zone.eq_ignore_ascii_case(zone.name())) {
                let fqdn = format!("{}.{}", name.record, name.zone);
                found.push((zone.clone(), fqdn, name.record.clone(), address.clone()));
            }
        }
    }
    Ok(found)
}
