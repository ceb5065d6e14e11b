//! Record sets of private DNS zones.

use std::net::{Ipv4Addr, Ipv6Addr};

use serde_json::{Value, json};

use crate::simulator::answer::{Outcome, Refusal};
use crate::simulator::quirks::Quirk;
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body};

/// Records that a set may hold (azurerm).
const MAX_RECORDS: usize = 20;

/// The longest text of one TXT record.
const LONGEST_TEXT: usize = 1024;

const CNAME: &str = "Microsoft.Network/privateDnsZones/CNAME";
const SOA: &str = "Microsoft.Network/privateDnsZones/SOA";

/// The types of record sets, and where each keeps its records.
pub(super) const RECORD_SETS: [(&str, &str); 8] = [
    ("Microsoft.Network/privateDnsZones/A", "aRecords"),
    ("Microsoft.Network/privateDnsZones/AAAA", "aaaaRecords"),
    (CNAME, "cnameRecord"),
    ("Microsoft.Network/privateDnsZones/MX", "mxRecords"),
    ("Microsoft.Network/privateDnsZones/PTR", "ptrRecords"),
    (SOA, "soaRecord"),
    ("Microsoft.Network/privateDnsZones/SRV", "srvRecords"),
    ("Microsoft.Network/privateDnsZones/TXT", "txtRecords"),
];

/// Where a record set of this type keeps its records; `None` where it is no type of records.
pub(super) fn list(kind: &str) -> Option<&'static str> {
    RECORD_SETS.iter().find(|(known, _)| known.eq_ignore_ascii_case(kind)).map(|(_, list)| *list)
}

pub(super) struct RecordSet;

impl Quirk for RecordSet {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        let kind = draft.kind.resource_type;
        let held = list(kind).unwrap_or_default();
        let properties = draft.written["properties"].clone();
        let records = &properties[held];
        match held {
            "soaRecord" => {}
            "cnameRecord" if records["cname"].as_str().is_some_and(|name| !name.is_empty()) => {}
            "cnameRecord" => {
                return Err(bad(format!("The record set '{}' names no cname.", draft.id.name())).into());
            }
            _ => several(draft.id.name(), held, records)?,
        }
        alone(cx, draft)?;
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
        if resource.id.resource_type().eq_ignore_ascii_case(SOA) {
            return Err(bad("The SOA record set of a zone cannot be deleted.".to_owned()).into());
        }
        Ok(())
    }
}

fn bad(why: String) -> Refusal {
    Refusal::new(400, "BadRequest", why)
}

/// Refuses a list that is empty, too long or holds what is no record.
fn several(name: &str, held: &str, records: &Value) -> Outcome<()> {
    let text = |record: &Value, field: &str| record[field].as_str().is_some_and(|text| !text.is_empty());
    let number =
        |record: &Value, field: &str| record[field].as_u64().is_some_and(|n| u16::try_from(n).is_ok());
    let is_record = |record: &Value| match held {
        "aRecords" => record["ipv4Address"].as_str().is_some_and(|t| t.parse::<Ipv4Addr>().is_ok()),
        "aaaaRecords" => record["ipv6Address"].as_str().is_some_and(|t| t.parse::<Ipv6Addr>().is_ok()),
        "mxRecords" => text(record, "exchange") && number(record, "preference"),
        "ptrRecords" => text(record, "ptrdname"),
        "srvRecords" => {
            text(record, "target") && ["priority", "weight", "port"].iter().all(|field| number(record, field))
        }
        _ => record["value"].as_array().is_some_and(|parts| {
            let length = |part: &Value| part.as_str().map_or(usize::MAX, |text| text.chars().count());
            !parts.is_empty()
                && parts.iter().fold(0, |sum: usize, part| sum.saturating_add(length(part))) <= LONGEST_TEXT
        }),
    };
    let valid = records
        .as_array()
        .is_some_and(|list| (1..=MAX_RECORDS).contains(&list.len()) && list.iter().all(is_record));
    if valid {
        return Ok(());
    }
    Err(bad(format!("The record set '{name}' must hold 1 to {MAX_RECORDS} valid {held}.")).into())
}

/// Refuses a CNAME beside other records of its name, at the apex too, and others beside it.
fn alone(cx: &Cx<'_>, draft: &Draft) -> Outcome<()> {
    let Some(zone) = draft.id.parent() else { return Ok(()) };
    let is_cname = draft.kind.resource_type == CNAME;
    for (kind, _) in RECORD_SETS {
        if kind == draft.kind.resource_type || !(is_cname || kind == CNAME) {
            continue;
        }
        let others = cx.store.named(kind, draft.id.name())?;
        if others.iter().any(|other| other.id.parent().as_ref() == Some(&zone)) {
            return Err(bad(format!(
                "The record set '{}' could not be written: a CNAME record set cannot stand beside other record sets \
                 of the same name.",
                draft.id.name()
            ))
            .into());
        }
    }
    Ok(())
}
