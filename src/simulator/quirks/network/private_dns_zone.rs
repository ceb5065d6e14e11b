//! Private DNS zones and their record sets.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::kinds::{A_RECORD, SOA_RECORD, VIRTUAL_NETWORK_LINK};
use crate::simulator::answer::{Outcome, Refusal};
use crate::simulator::quirks::{Quirk, make};
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body};

/// Record sets that a zone may hold.
const MAX_RECORD_SETS: u32 = 25_000;

/// Links that a zone may have, with and without registration.
const MAX_LINKS: (u32, u32) = (100, 1_000);

/// Records that a set may hold.
const MAX_RECORDS: usize = 20;

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
        let records = cx.store.count_children(&key, A_RECORD.resource_type)?
            + cx.store.count_children(&key, SOA_RECORD.resource_type)?;
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

pub(super) struct RecordSet;

impl Quirk for RecordSet {
    fn accept(&self, _cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        let records = body::values(&draft.written, "properties.aRecords[].ipv4Address");
        let is_a = draft.kind.resource_type == A_RECORD.resource_type;
        let valid =
            records.iter().all(|r| r.as_str().is_some_and(|t| t.parse::<std::net::Ipv4Addr>().is_ok()));
        if is_a && (records.is_empty() || records.len() > MAX_RECORDS || !valid) {
            return Err(Refusal::new(
                400,
                "BadRequest",
                format!("The record set '{}' must hold 1 to {MAX_RECORDS} IPv4 addresses.", draft.id.name()),
            )
            .into());
        }
        // A set that a zone group wrote is the user's once the user writes it.
        if let Some(old) = &mut draft.old {
            old.owner = None;
        }
        Ok(())
    }

    fn show(&self, _cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        let zone = resource.id.parent().map(|zone| zone.name().to_owned()).unwrap_or_default();
        let name = resource.id.name();
        let fqdn = if name == "@" { format!("{zone}.") } else { format!("{name}.{zone}.") };
        body::set(shown, "properties.fqdn", json!(fqdn));
        body::set(shown, "properties.isAutoRegistered", json!(false));
        Ok(())
    }

    fn release(&self, _cx: &Cx<'_>, resource: &Resource) -> Outcome<()> {
        if resource.id.resource_type().eq_ignore_ascii_case(SOA_RECORD.resource_type) {
            return Err(
                Refusal::new(400, "BadRequest", "The SOA record set of a zone cannot be deleted.").into()
            );
        }
        Ok(())
    }
}
