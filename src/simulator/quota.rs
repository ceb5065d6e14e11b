//! How many of a kind there may be (Azure subscription and service limits,
//! networking), where a stack could meet the limit.

use super::Cx;
use super::answer::{Outcome, Refusal};
use super::write::Draft;
use crate::kinds::PUBLIC_IP_ADDRESS;

/// Where a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Per {
    /// In a region of the subscription.
    Region,
    /// In the resource that holds it.
    Parent,
}

/// A resource type, where it is counted, how many there may be, and the code
/// of the refusal.
type Limit = (&'static str, Per, u32, &'static str);

const LIMITS: &[Limit] = &[
    ("Microsoft.Network/virtualNetworks", Per::Region, 1000, "VnetCountLimitReached"),
    ("Microsoft.Network/virtualNetworks/subnets", Per::Parent, 3000, "SubnetCountLimitReached"),
    (
        "Microsoft.Network/virtualNetworks/virtualNetworkPeerings",
        Per::Parent,
        500,
        "VnetPeeringCountLimitReached",
    ),
    ("Microsoft.Network/networkSecurityGroups", Per::Region, 5000, "NetworkSecurityGroupCountLimitReached"),
    (
        "Microsoft.Network/networkSecurityGroups/securityRules",
        Per::Parent,
        1000,
        "SecurityRuleCountLimitReached",
    ),
    ("Microsoft.Network/routeTables", Per::Region, 200, "RouteTableCountLimitReached"),
    ("Microsoft.Network/routeTables/routes", Per::Parent, 400, "RouteCountLimitReached"),
    ("Microsoft.Network/publicIPAddresses", Per::Region, 10, "StandardSkuPublicIPCountLimitReached"),
    (
        "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
        Per::Parent,
        1000,
        "VirtualNetworkLinkCountLimitReached",
    ),
    ("Microsoft.Storage/storageAccounts", Per::Region, 250, "MaxStorageAccountsCountPerSubscriptionExceeded"),
];

/// The resource types that have a limit, and how many there may be.
pub(super) fn limits() -> impl Iterator<Item = (&'static str, u32)> {
    LIMITS.iter().map(|(kind, _, limit, _)| (*kind, *limit))
}

/// Refuses one more of a kind than there may be.
pub(super) fn check(cx: &Cx<'_>, draft: &Draft) -> Outcome<()> {
    if !draft.is_new() {
        return Ok(());
    }
    let kind = draft.kind.resource_type;
    let Some((_, per, limit, code)) = LIMITS.iter().find(|(of, ..)| *of == kind) else { return Ok(()) };
    let code = match draft.text("sku.name") {
        // Addresses of other skus count with the Standard ones and are refused with a code of their own.
        sku if kind == PUBLIC_IP_ADDRESS.resource_type && sku != Some("Standard") => {
            "PublicIPCountLimitReached"
        }
        _ => code,
    };
    let limit = cx.settings.behaviour.quotas.get(kind).copied().unwrap_or(*limit);
    let region = draft.text("location").unwrap_or_default();
    let parent = draft.id.parent().map(|id| id.canonical()).unwrap_or_default();
    let there = match per {
        // Counted no further than the limit, so that a large subscription costs no more than a small one.
        Per::Region if cx.store.count_of(kind, limit)? < limit => return Ok(()),
        Per::Region => cx.store.count_in_region(kind, region)?,
        Per::Parent => cx.store.count_children(&parent, kind)?,
    };
    if there < i64::from(limit) {
        return Ok(());
    }
    let place = match per {
        Per::Region => format!("in region {region} for subscription {}", super::SUBSCRIPTION),
        Per::Parent => format!("in {parent}"),
    };
    Err(Refusal::new(
        400,
        code,
        format!(
            "Cannot create more than {limit} of {kind} {place}. See https://aka.ms/azure-limits for limits."
        ),
    )
    .into())
}
