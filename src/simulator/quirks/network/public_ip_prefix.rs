//! Public IP prefixes, and the addresses taken from them.

use ipnet::Ipv4Net;
use serde_json::{Value, json};

use crate::kinds::ResourceId;
use crate::simulator::answer::{Outcome, Refusal};
use crate::simulator::quirks::{Quirk, referrers};
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body};

const ADDRESSES: &str = "Microsoft.Network/publicIPAddresses";
const GATEWAYS: &str = "Microsoft.Network/natGateways";
const RANGE: &str = "properties.ipPrefix";

/// Where ranges are given out from: 240.0.0.0/8, which is reserved (RFC 1112)
/// and routed nowhere. Each has a place of the size of the largest.
const POOL: u32 = 0xF000_0000;

/// How many places the pool has.
const PLACES: i64 = 1 << 13;

/// The lengths of prefixes that there are, of both versions.
const LENGTHS: [(&str, i64, i64); 2] = [("IPv4", 21, 31), ("IPv6", 117, 127)];

pub(super) struct PublicIpPrefix;

impl Quirk for PublicIpPrefix {
    fn normalise(&self, draft: &mut Draft) {
        body::take(&mut draft.written, "properties.natGateway");
    }

    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        let version = draft.text("properties.publicIPAddressVersion").unwrap_or("IPv4");
        let length = body::get(&draft.written, "properties.prefixLength").and_then(Value::as_i64);
        let fits = |(known, low, high): &&(&str, i64, i64)| {
            *known == version && length.is_some_and(|length| (*low..=*high).contains(&length))
        };
        let (Some(length), Some(_)) = (length, LENGTHS.iter().find(fits)) else {
            return Err(Refusal::new(
                400,
                "InvalidPublicIPPrefixLength",
                format!("Public IP prefix {} has no prefix length that {version} has.", draft.id.name()),
            )
            .target("properties.prefixLength")
            .into());
        };
        let place = u32::try_from(cx.store.serial()? % PLACES).unwrap_or_default();
        let range = match version {
            "IPv4" => format!("{}/{length}", std::net::Ipv4Addr::from(POOL + (place << 11))),
            // The prefix of documentation (RFC 3849).
            _ => format!("2001:db8:{place:x}::/{length}"),
        };
        draft.stamp_once(RANGE, || Ok(json!(range)))
    }

    fn show(&self, cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        let addresses = referrers(cx, resource, ADDRESSES)?;
        if addresses.as_array().is_some_and(|list| !list.is_empty()) {
            body::set(shown, "properties.publicIPAddresses", addresses);
        }
        if let Some(gateway) = cx.store.referrers(&resource.key(), GATEWAYS)?.first() {
            body::set(shown, "properties.natGateway", json!({ "id": gateway.id.as_str() }));
        }
        Ok(())
    }

    fn release(&self, cx: &Cx<'_>, resource: &Resource) -> Outcome<()> {
        let mut users = cx.store.referrers(&resource.key(), ADDRESSES)?;
        users.extend(cx.store.referrers(&resource.key(), GATEWAYS)?);
        let Some(user) = users.first() else { return Ok(()) };
        Err(Refusal::new(
            400,
            "InUsePublicIpPrefixCannotBeDeleted",
            format!("Public IP prefix {} is in use by {} and cannot be deleted.", resource.id, user.id),
        )
        .into())
    }
}

/// The lowest free address of a prefix; `None` where there is no such prefix,
/// which is refused with the other references.
pub(super) fn free(cx: &Cx<'_>, prefix: &ResourceId) -> Outcome<Option<String>> {
    let Some(row) = cx.store.resource(&prefix.canonical())? else { return Ok(None) };
    let Some(range) = body::text(&row.stamped, RANGE).and_then(|text| text.parse::<Ipv4Net>().ok()) else {
        return Ok(None);
    };
    let users = cx.store.referrers(&row.key(), ADDRESSES)?;
    let taken: Vec<&str> =
        users.iter().filter_map(|user| body::text(&user.stamped, "properties.ipAddress")).collect();
    let (first, last) = (u32::from(range.network()), u32::from(range.broadcast()));
    let address = (first..=last)
        .map(|n| std::net::Ipv4Addr::from(n).to_string())
        .find(|a| !taken.contains(&a.as_str()));
    address.map(Some).ok_or_else(|| {
        Refusal::new(
            400,
            "PublicIpPrefixOutOfIpAddresses",
            format!("Public IP prefix {prefix} has no free address."),
        )
        .into()
    })
}
