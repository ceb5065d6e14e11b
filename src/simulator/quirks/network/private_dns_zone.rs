//! Private DNS zones.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::private_dns_record::RECORD_SETS;
use crate::kinds::{SOA_RECORD, VIRTUAL_NETWORK_LINK};
use crate::simulator::answer::{Outcome, Refusal};
use crate::simulator::quirks::{Quirk, make};
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body};

/// Record sets that a zone may hold.
const MAX_RECORD_SETS: u32 = 25_000;

/// Links that a zone may have, with and without registration.
const MAX_LINKS: (u32, u32) = (100, 1_000);

pub(super) struct Zone;

impl Quirk for Zone {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        if draft.text("location") != Some("global") {
            return Err(Refusal::new(
                400,
                "LocationNotAvailableForResourceType",
                format!(
                    "The provided location '{}' is not available for resource type '{}'. List of available regions \
                     for the resource type is 'global'.",
                    draft.text("location").unwrap_or_default(),
                    draft.kind.resource_type
                ),
            )
            .into());
        }
        let id = cx.store.guid()?;
        draft.stamp_once("properties.internalId", || Ok(json!(STANDARD.encode(id))))
    }

    fn complete(&self, cx: &Cx<'_>, resource: &mut Resource) -> Outcome<()> {
        let soa = resource.id.child(&SOA_RECORD, "@");
        if cx.store.exists(&soa.canonical())? {
            return Ok(());
        }
        let record = json!({
            "host": "azureprivatedns.net", "email": "azureprivatedns-host.microsoft.com", "serialNumber": 1,
            "refreshTime": 3600, "retryTime": 300, "expireTime": 2_419_200, "minimumTtl": 10,
        });
        make(cx, soa, &resource.key(), json!({ "properties": { "ttl": 3600, "soaRecord": record } }))
    }

    fn show(&self, cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        let key = resource.key();
        let mut records = 0;
        for (kind, _) in RECORD_SETS {
            records += cx.store.count_children(&key, kind)?;
        }
        let links = cx.store.children(&key, VIRTUAL_NETWORK_LINK.resource_type)?;
        let registering = links
            .iter()
            .filter(|link| {
                body::get(&link.written, "properties.registrationEnabled") == Some(&Value::Bool(true))
            })
            .count();
        let (with, without) = MAX_LINKS;
        for (name, value) in [
            ("maxNumberOfRecordSets", json!(MAX_RECORD_SETS)),
            ("numberOfRecordSets", json!(records)),
            ("maxNumberOfVirtualNetworkLinks", json!(without)),
            ("numberOfVirtualNetworkLinks", json!(links.len())),
            ("maxNumberOfVirtualNetworkLinksWithRegistration", json!(with)),
            ("numberOfVirtualNetworkLinksWithRegistration", json!(registering)),
        ] {
            body::set(shown, &format!("properties.{name}"), value);
        }
        Ok(())
    }

    fn release(&self, cx: &Cx<'_>, resource: &Resource) -> Outcome<()> {
        let links = cx.store.children(&resource.key(), VIRTUAL_NETWORK_LINK.resource_type)?;
        let blocking = match links.first() {
            Some(link) => Some(link.id.to_string()),
            None => cx.store.lingering(&resource.key(), cx.now)?.into_iter().next(),
        };
        let Some(id) = blocking else { return Ok(()) };
        Err(Refusal::new(
            409,
            "CannotDeleteResource",
            format!(
                "Cannot delete resource while nested resources exist. Some existing nested resource IDs include: \
                 '{id}'. Please delete all nested resources before deleting this resource."
            ),
        )
        .into())
    }
}
