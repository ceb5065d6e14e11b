//! A few sizes of machines, enough for clients that look one up.

use serde_json::{Value, json};

use crate::simulator::answer::{Outcome, Refusal};
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body};

/// What one size has.
pub(super) struct Size {
    pub(super) name: &'static str,
    /// As quotas count it.
    pub(super) family: &'static str,
    pub(super) cores: u32,
    memory_mb: u32,
    disks: u32,
}

const fn size(name: &'static str, family: &'static str, cores: u32, memory_gb: u32, disks: u32) -> Size {
    Size { name, family, cores, memory_mb: memory_gb * 1024, disks }
}

/// The sizes that lists show; machines of others are made all the same.
pub(super) const SIZES: &[Size] = &[
    size("Standard_B1s", "standardBSFamily", 1, 1, 2),
    size("Standard_B2s", "standardBSFamily", 2, 4, 4),
    size("Standard_B2ms", "standardBSFamily", 2, 8, 4),
    size("Standard_D2s_v3", "standardDSv3Family", 2, 8, 4),
    size("Standard_D4s_v3", "standardDSv3Family", 4, 16, 8),
    size("Standard_D8s_v3", "standardDSv3Family", 8, 32, 16),
    size("Standard_D2s_v5", "standardDSv5Family", 2, 8, 4),
    size("Standard_D4s_v5", "standardDSv5Family", 4, 16, 8),
    size("Standard_D8s_v5", "standardDSv5Family", 8, 32, 16),
    size("Standard_DS2_v2", "standardDSv2Family", 2, 7, 8),
    size("Standard_DS3_v2", "standardDSv2Family", 4, 14, 16),
    size("Standard_DS4_v2", "standardDSv2Family", 8, 28, 32),
    size("Standard_E4s_v3", "standardESv3Family", 4, 32, 8),
    size("Standard_F4s_v2", "standardFSv2Family", 4, 8, 8),
    size("Standard_NC6s_v3", "standardNCSv3Family", 6, 112, 12),
];

/// The size of a name, in any casing.
pub(super) fn find(name: &str) -> Option<&'static Size> {
    SIZES.iter().find(|size| size.name.eq_ignore_ascii_case(name))
}

/// An item of `vmSizes`.
pub(super) fn item(size: &Size) -> Value {
    json!({
        "name": size.name, "numberOfCores": size.cores, "memoryInMB": size.memory_mb, "maxDataDiskCount": size.disks,
        "osDiskSizeInMB": 1_047_552, "resourceDiskSizeInMB": size.memory_mb.saturating_mul(2),
    })
}

/// Whether a region has none of a size, as the settings say.
pub(in crate::simulator) fn is_unavailable(cx: &Cx<'_>, name: &str, location: &str) -> bool {
    let regions = cx.settings.behaviour.unavailable_sizes.iter();
    regions
        .filter(|(region, _)| body::location(region) == body::location(location))
        .any(|(_, sizes)| sizes.iter().any(|size| size.eq_ignore_ascii_case(name)))
}

/// Refuses a size that the region has none of, unless the resource has it already.
pub(super) fn offered(cx: &Cx<'_>, draft: &Draft, path: &str) -> Outcome<()> {
    let (Some(name), Some(location)) = (draft.text(path), draft.text("location")) else { return Ok(()) };
    let had = draft.old.as_ref().and_then(|old| body::text(&old.written, path));
    if had == Some(name) || !is_unavailable(cx, name, location) {
        return Ok(());
    }
    Err(Refusal::new(
        409,
        "SkuNotAvailable",
        format!(
            "The requested VM size for resource 'Following SKUs have failed for Capacity Restrictions: {name}' is \
             currently not available in location '{location}'. Please try another size or deploy to a different \
             location or different zone. See https://aka.ms/azureskunotavailable for details."
        ),
    )
    .into())
}

/// An item of `skus`, in one region.
pub(super) fn sku(cx: &Cx<'_>, size: &Size, location: &str) -> Value {
    let restrictions = if is_unavailable(cx, size.name, location) {
        json!([{
            "type": "Location", "values": [location], "restrictionInfo": { "locations": [location], "zones": [] },
            "reasonCode": "NotAvailableForSubscription",
        }])
    } else {
        json!([])
    };
    let memory = size.memory_mb / 1024;
    let capabilities: Vec<Value> = [
        ("vCPUs", size.cores.to_string()),
        ("MemoryGB", memory.to_string()),
        ("MaxDataDiskCount", size.disks.to_string()),
        ("PremiumIO", "True".to_owned()),
        ("HyperVGenerations", "V1,V2".to_owned()),
        ("AcceleratedNetworkingEnabled", "True".to_owned()),
        ("CpuArchitectureType", "x64".to_owned()),
    ]
    .into_iter()
    .map(|(name, value)| json!({ "name": name, "value": value }))
    .collect();
    let (tier, short) = size.name.split_once('_').unwrap_or(("Standard", size.name));
    json!({
        "resourceType": "virtualMachines", "name": size.name, "tier": tier, "size": short, "family": size.family,
        "locations": [location],
        "locationInfo": [{ "location": location, "zones": ["1", "2", "3"], "zoneDetails": [] }],
        "capabilities": capabilities, "restrictions": restrictions,
    })
}
