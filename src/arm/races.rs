//! Which of ARM's errors mean "say it again": one table.
//!
//! Azure's services refuse a write while a neighbour is being written, before a
//! fresh identity has reached every replica, or while the leavings of a deleted
//! resource still hold on. None of that is wrong with the request, so the whole
//! call is repeated, within a bound of its own for each cause. The errors come
//! at once or at the end of a long operation; both are treated alike.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use http::Method;

use super::refusal::Refusal;

/// One reason to repeat a call.
#[derive(Debug)]
pub(super) struct Race {
    /// ARM's code, of the error or of one inside it.
    pub(super) code: &'static str,
    /// Words of which the message holds one (lower case); none: any message.
    says: &'static [&'static str],
    /// Which calls it repeats.
    calls: Calls,
    /// How long after its first appearance the call is repeated.
    pub(super) within: Duration,
    /// How often at most.
    times: u32,
    /// The longest pause between two calls.
    every: Duration,
    /// What goes on in Azure, and where that is known from.
    pub(super) why: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Calls {
    /// PUT, PATCH, POST and DELETE.
    Writes,
    /// PUT only.
    Puts,
    /// DELETE only.
    Deletes,
    /// PUT, PATCH, POST and DELETE, where the error ended a long operation.
    Operations,
}

/// The repeats of a row that is bounded by time alone.
const NO_COUNT: u32 = u32::MAX;

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
const fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes * 60)
}

const fn race(
    code: &'static str,
    calls: Calls,
    within: Duration,
    every: Duration,
    why: &'static str,
) -> Race {
    Race { code, says: &[], calls, within, times: NO_COUNT, every, why }
}

impl Race {
    const fn says(self, words: &'static [&'static str]) -> Self {
        Self { says: words, ..self }
    }
    const fn times(self, times: u32) -> Self {
        Self { times, ..self }
    }
}

static RACES: &[Race] = &[
    race(
        "AnotherOperationInProgress",
        Calls::Writes,
        minutes(60),
        seconds(10),
        "a neighbour in the same network is being written; gateways and firewalls take up to an hour \
         (azurerm#3780, azure bicep#5132, pulumi-azure-native#699)",
    ),
    race(
        "RetryableErrorDueToAnotherOperation",
        Calls::Writes,
        minutes(30),
        seconds(10),
        "contention in the network service (ARM throttling documentation)",
    ),
    race(
        "ReferencedResourceNotProvisioned",
        Calls::Writes,
        minutes(30),
        seconds(10),
        "a resource that the body refers to is still being written; also inside RetryableError \
         (azurerm#21293)",
    ),
    race(
        "RetryableError",
        Calls::Writes,
        minutes(30),
        seconds(10),
        "the service asks for it; azurerm repeats private endpoints on it",
    ),
    race(
        "StorageAccountOperationInProgress",
        Calls::Writes,
        minutes(15),
        seconds(10),
        "two private endpoints on one storage account at once; azurerm repeats them too",
    ),
    race(
        "ConflictError",
        Calls::Writes,
        minutes(10),
        seconds(10),
        "two writers of one key vault, private endpoints among them. The same code about a soft-deleted \
         vault is final, so the message decides",
    )
    .says(&["changed from the point", "serialize"]),
    race(
        "Conflict",
        Calls::Writes,
        minutes(30),
        seconds(10),
        "an earlier operation on the same resource still runs, one that was stopped here for instance; the \
         message decides, as names that are taken have the same code (unverified for machine learning)",
    )
    .says(&["operation is in progress"]),
    race(
        "CanceledAndSupersededDueToAnotherOperation",
        Calls::Writes,
        minutes(10),
        seconds(10),
        "a later write of the same resource took over (network service's error codes)",
    ),
    race(
        "OperationPreempted",
        Calls::Writes,
        minutes(10),
        seconds(10),
        "a later write went first (compute and network services' error codes)",
    ),
    race(
        "PrincipalNotFound",
        Calls::Puts,
        minutes(10),
        seconds(10),
        "an identity of a moment ago is not in every directory replica yet; azurerm repeats role \
         assignments on it",
    ),
    race(
        "LinkedAuthorizationFailed",
        Calls::Puts,
        minutes(2),
        seconds(15),
        "a role assignment of a moment ago has not reached the other service. Without the right it is \
         final, so the bound is short (azurerm#25853)",
    ),
    race(
        "FailedIdentityOperation",
        Calls::Writes,
        minutes(5),
        seconds(15),
        "the identity service did not find or attach a fresh identity (AKS and ML error codes)",
    ),
    race(
        "InternalServerError",
        Calls::Operations,
        minutes(20),
        seconds(30),
        "an operation that ended in the service's own fault; twice more, as some faults are for good",
    )
    .times(2),
    race(
        "FirewallPolicyUpdateFailed",
        Calls::Writes,
        minutes(30),
        seconds(30),
        "the firewall of the policy was being written (azurerm#19843)",
    )
    .times(5),
    race(
        "IpGroupsUpdateFailed",
        Calls::Writes,
        minutes(30),
        seconds(30),
        "the firewall of the group was being written (azurerm#19843)",
    )
    .times(5),
    race(
        "InUseSubnetCannotBeDeleted",
        Calls::Deletes,
        minutes(45),
        seconds(20),
        "network interfaces of deleted computes and endpoints go away late (azurerm#13820)",
    ),
    race(
        "InUseNetworkSecurityGroupCannotBeDeleted",
        Calls::Deletes,
        minutes(15),
        seconds(15),
        "the subnet's association is taken off late",
    ),
    race(
        "InUseRouteTableCannotBeDeleted",
        Calls::Deletes,
        minutes(15),
        seconds(15),
        "the subnet's association is taken off late",
    ),
    race(
        "InUseNatGatewayCannotBeDeleted",
        Calls::Deletes,
        minutes(15),
        seconds(15),
        "the subnet's association is taken off late",
    ),
    race(
        "PublicIPAddressCannotBeDeleted",
        Calls::Deletes,
        minutes(15),
        seconds(15),
        "the gateway, host or firewall that held the address is still being torn down",
    ),
    race(
        "CannotDeleteResource",
        Calls::Deletes,
        minutes(15),
        seconds(15),
        "a nested resource is still listed after its deletion: links of a private zone, projects of a hub \
         (azure-cli#15010, azapi#894)",
    ),
    race(
        "NicInUse",
        Calls::Deletes,
        minutes(15),
        seconds(15),
        "the machine or endpoint of the interface is still being torn down",
    ),
    race(
        "NicReservedForAnotherVm",
        Calls::Deletes,
        minutes(10),
        seconds(30),
        "an interface stays reserved for three minutes after its machine is gone",
    ),
    race(
        "ParentResourceNotFound",
        Calls::Puts,
        minutes(2),
        seconds(5),
        "a parent of a moment ago is not in every replica of ARM yet",
    ),
    race(
        "ResourceGroupNotFound",
        Calls::Puts,
        minutes(1),
        seconds(5),
        "a resource group of a moment ago is not in every replica of ARM yet; azurerm reads one several \
         times before it goes on",
    ),
    race(
        "ResourceNotFound",
        Calls::Puts,
        minutes(1),
        seconds(5),
        "a PUT creates what is missing, so what was not found is a parent or a neighbour of a moment ago",
    ),
];

/// The pause before the first repeat; it doubles up to the row's own.
const PAUSE_FIRST: Duration = Duration::from_secs(2);

/// The row for what a call of `method` was refused with.
pub(super) fn find(method: &Method, refusal: &Refusal) -> Option<&'static Race> {
    if *method == Method::GET {
        return None;
    }
    refusal.all().find_map(|refusal| {
        RACES.iter().find(|race| {
            race.code.eq_ignore_ascii_case(&refusal.code)
                && match race.calls {
                    Calls::Writes => true,
                    Calls::Puts => *method == Method::PUT,
                    Calls::Deletes => *method == Method::DELETE,
                    Calls::Operations => refusal.status < 300,
                }
                && (race.says.is_empty() || {
                    let message = refusal.message.to_ascii_lowercase();
                    race.says.iter().any(|words| message.contains(words))
                })
        })
    })
}

/// Where the operation can be watched that stands in the way, where the
/// network service says so: `To retrieve status of the operation use uri: ...`.
pub(super) fn blocker(refusal: &Refusal) -> Option<&str> {
    refusal.all().find_map(|refusal| {
        let (_, rest) = refusal.message.split_once("uri: ")?;
        let uri = rest.split_whitespace().next()?.trim_end_matches(['.', ',', '"', '\'']);
        uri.starts_with("https://").then_some(uri)
    })
}

/// How much of each row's bound one call has used up.
#[derive(Default)]
pub(super) struct Patience(HashMap<&'static str, (SystemTime, u32)>);

impl Patience {
    /// The pause before the call is repeated for `race` once more; `None` when
    /// its bound is reached.
    pub(super) fn pause(&mut self, race: &Race, now: SystemTime) -> Option<Duration> {
        let (since, times) = self.0.entry(race.code).or_insert((now, 0));
        *times += 1;
        let spent = now.duration_since(*since).unwrap_or_default();
        let doubled = PAUSE_FIRST.saturating_mul(1 << (*times - 1).min(16));
        (*times <= race.times && spent < race.within).then(|| doubled.min(race.every))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn refusal(status: u16, code: &str, message: &str) -> Refusal {
        Refusal {
            status,
            code: code.to_owned(),
            message: message.to_owned(),
            target: None,
            details: Vec::new(),
        }
    }

    #[test]
    fn every_row_is_bounded_reasoned_and_there_once() {
        let mut codes = HashSet::new();
        for race in RACES {
            assert!(codes.insert(race.code), "{} twice", race.code);
            assert!(race.why.len() > 20 && !race.within.is_zero() && race.every >= PAUSE_FIRST, "{race:?}");
            assert!(race.within <= minutes(60), "{}", race.code);
            assert!(race.says.iter().all(|words| *words == words.to_ascii_lowercase()));
        }
    }

    #[test]
    fn a_conflict_about_a_soft_deleted_vault_is_final() {
        let gone = refusal(409, "ConflictError", "Exist soft deleted vault with the same name.");
        assert!(find(&Method::PUT, &gone).is_none());
        let changed =
            refusal(409, "ConflictError", "the Key Vault 'kv' changed from the point the operation began");
        assert!(find(&Method::PUT, &changed).is_some());
    }

    #[test]
    fn what_lies_inside_counts_too() {
        let mut outer = refusal(429, "SomethingNew", "");
        assert!(find(&Method::PUT, &outer).is_none());
        outer.details.push(refusal(429, "ReferencedResourceNotProvisioned", ""));
        assert!(find(&Method::PUT, &outer).is_some());
    }

    #[test]
    fn leavings_hold_up_deletes_only_and_locks_nothing() {
        let subnet = refusal(400, "InUseSubnetCannotBeDeleted", "");
        assert!(find(&Method::DELETE, &subnet).is_some());
        assert!(find(&Method::PUT, &subnet).is_none());
        assert!(find(&Method::DELETE, &refusal(409, "ScopeLocked", "")).is_none());
        assert!(find(&Method::GET, &refusal(409, "AnotherOperationInProgress", "")).is_none());
    }

    #[test]
    fn a_server_fault_repeats_the_call_only_where_an_operation_ended_in_it() {
        assert!(find(&Method::PUT, &refusal(200, "InternalServerError", "")).is_some());
        assert!(find(&Method::PUT, &refusal(500, "InternalServerError", "")).is_none());
    }

    #[test]
    fn patience_ends_by_count_and_by_time() {
        let start = SystemTime::UNIX_EPOCH;
        let mut patience = Patience::default();
        let fault = find(&Method::PUT, &refusal(200, "InternalServerError", "")).unwrap();
        assert_eq!(patience.pause(fault, start), Some(seconds(2)));
        assert_eq!(patience.pause(fault, start), Some(seconds(4)));
        assert_eq!(patience.pause(fault, start), None);
        let busy = find(&Method::PUT, &refusal(409, "AnotherOperationInProgress", "")).unwrap();
        assert_eq!(patience.pause(busy, start), Some(seconds(2)));
        assert_eq!(patience.pause(busy, start + minutes(59)), Some(seconds(4)));
        assert_eq!(patience.pause(busy, start + minutes(60)), None);
    }

    #[test]
    fn the_operation_in_the_way_is_found_in_the_message() {
        let busy = refusal(
            409,
            "AnotherOperationInProgress",
            "Another operation is in progress. To retrieve status of the operation use uri: \
             https://management.azure.com/subscriptions/s/operations/o?api-version=2025-01-01.",
        );
        assert_eq!(
            blocker(&busy),
            Some("https://management.azure.com/subscriptions/s/operations/o?api-version=2025-01-01")
        );
        assert_eq!(blocker(&refusal(409, "AnotherOperationInProgress", "busy")), None);
    }
}
