//! Service tags, with ranges of our own.

use std::net::Ipv4Addr;

use serde_json::{Value, json};

use crate::simulator::SUBSCRIPTION;

/// The tags that the rules of a machine learning network name, and whether
/// each has a part for every region.
const TAGS: [(&str, bool); 14] = [
    ("AzureActiveDirectory", false),
    ("AzureCloud", true),
    ("AzureContainerRegistry", true),
    ("AzureFrontDoor.FirstParty", false),
    ("AzureFrontDoor.Frontend", false),
    ("AzureKeyVault", true),
    ("AzureMachineLearning", true),
    ("AzureMonitor", false),
    ("AzureResourceManager", true),
    ("BatchNodeManagement", true),
    ("EventHub", true),
    ("GatewayManager", false),
    ("MicrosoftContainerRegistry", true),
    ("Storage", true),
];

/// Regions, as tags write them.
const REGIONS: [&str; 8] =
    ["EastAsia", "EastUS", "EastUS2", "JapanEast", "NorthEurope", "SoutheastAsia", "WestEurope", "WestUS2"];

/// The first of the ranges: reserved addresses (RFC 1112), routed nowhere.
const FIRST: u32 = 0xF100_0000;

/// What changes with the set.
const VERSION: &str = "1";

/// The tags one by one. A whole tag has the ranges of all its regions.
pub(super) fn each() -> Vec<Value> {
    let mut values = Vec::new();
    for (at, (tag, regional)) in TAGS.iter().enumerate() {
        let range = |region: usize| {
            let number = u32::try_from(at * 256 + region).unwrap_or_default();
            format!("{}/24", Ipv4Addr::from(FIRST + (number << 8)))
        };
        if *regional {
            values.push(one(tag, tag, "", &(0..REGIONS.len()).map(range).collect::<Vec<_>>()));
            values.extend(REGIONS.iter().enumerate().map(|(region, name)| {
                one(tag, &format!("{tag}.{name}"), &name.to_ascii_lowercase(), &[range(region)])
            }));
        } else {
            values.push(one(tag, tag, "", &[range(0)]));
        }
    }
    values
}

/// All tags of the cloud.
pub(super) fn all() -> Value {
    json!({
        "name": "Public",
        "id": format!("/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Network/serviceTags/Public"),
        "type": "Microsoft.Network/serviceTags",
        "changeNumber": VERSION,
        "cloud": "Public",
        "values": each(),
    })
}

fn one(service: &str, name: &str, region: &str, ranges: &[String]) -> Value {
    json!({
        "id": name,
        "name": name,
        "serviceTagChangeNumber": VERSION,
        "properties": {
            "changeNumber": VERSION, "region": region, "state": "GA",
            "systemService": service.split('.').next(), "addressPrefixes": ranges,
        },
    })
}
