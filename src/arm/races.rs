//! Which of ARM's errors mean "say it again": one table.
//!
//! Azure's services refuse a write while a neighbour is being written, before a
//! fresh identity has reached every replica, or while the leavings of a deleted
//! resource still hold on. None of that is wrong with the request, so the whole
//! call is repeated, within a bound of its own for each cause. The errors come
//! at once or at the end of a long operation; both are treated alike.

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
    /// How long after its first appearance the call is repeated, while nothing
    /// else comes; [`LEAST`] times in any case.
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

/// The least repeats, however long each takes: an operation of five minutes
/// that fails in its end deserves more than one. What strikes every fifth call
/// strikes nine in a row once in two million.
const LEAST: u32 = 8;

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
    .says(&["conflict occurred", "changed from the point", "serialize"]),
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
        "an operation that ended in the service's own fault. Some faults are for good: nine times more \
         outlast one that strikes every fifth operation",
    )
    .times(9),
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
        "NatGatewayInUseBySubnet",
        Calls::Deletes,
        minutes(15),
        seconds(15),
        "the same; which of the two codes the service has is not certain",
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
        "ResourceGroupDeletionBlocked",
        Calls::Deletes,
        minutes(15),
        seconds(30),
        "something in the group was still in use when ARM came to it (deletion of groups; a lock or a \
         policy inside is final)",
    ),
    race(
        "ResourceGroupBeingDeleted",
        Calls::Puts,
        minutes(2),
        seconds(10),
        "a group of this name is on its way out, and gone for other replicas of ARM; one that somebody \
         else is deleting takes longer, and what is asked for would go with it",
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
        "MissingSubscriptionRegistration",
        Calls::Puts,
        minutes(1),
        seconds(5),
        "a registration of a moment ago is not in every replica of ARM yet; azurerm demands ten reads in a \
         row that agree",
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

/// What no patience mends, wherever it stands in an error: somebody has said no.
const FINAL: &[&str] =
    &["ScopeLocked", "RequestDisallowedByPolicy", "PolicyViolation", "AuthorizationFailed"];

/// The pause before the first repeat; it doubles up to the row's own.
const PAUSE_FIRST: Duration = Duration::from_secs(2);

/// The row for what a call of `method` was refused with.
pub(super) fn find(method: &Method, refusal: &Refusal) -> Option<&'static Race> {
    let is_final = |refusal: &Refusal| FINAL.iter().any(|code| code.eq_ignore_ascii_case(&refusal.code));
    if *method == Method::GET || refusal.all().any(is_final) {
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

/// How much of a row's bound one call has used up: since when it has met that
/// race and no other, and how often. Another one says that the first is over.
#[derive(Default)]
pub(super) struct Patience(Option<(&'static str, SystemTime, u32)>);

impl Patience {
    /// The pause before the call is repeated for `race` once more; `None` when
    /// its bound is reached.
    pub(super) fn pause(&mut self, race: &Race, now: SystemTime) -> Option<Duration> {
        let (since, before) = match self.0 {
            Some((code, since, times)) if code == race.code => (since, times),
            _ => (now, 0),
        };
        self.0 = Some((race.code, since, before + 1));
        let spent = now.duration_since(since).unwrap_or_default();
        let doubled = PAUSE_FIRST.saturating_mul(1 << before.min(16));
        (before < race.times && (before < LEAST || spent < race.within)).then(|| doubled.min(race.every))
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

    /// What Azure answers to a call of ours while something passes: one line for
    /// each row at least. An error at the end of an operation has status 200.
    const PASSING: &[(&str, u16, &str, &str)] = &[
        (
            "PUT",
            409,
            "AnotherOperationInProgress",
            "Another operation on this or dependent resource is in progress.",
        ),
        ("DELETE", 429, "AnotherOperationInProgress", ""),
        ("PUT", 200, "AnotherOperationInProgress", ""),
        ("PUT", 429, "RetryableErrorDueToAnotherOperation", ""),
        (
            "PUT",
            400,
            "ReferencedResourceNotProvisioned",
            "Cannot proceed with operation because resource a used by \
            resource b is not in Succeeded state.",
        ),
        ("PUT", 200, "RetryableError", "A retryable error occurred."),
        ("PUT", 429, "RetryableError", ""),
        (
            "PUT",
            200,
            "StorageAccountOperationInProgress",
            "Call to Microsoft.Storage/storageAccounts failed.",
        ),
        ("PATCH", 409, "StorageAccountOperationInProgress", ""),
        (
            "PUT",
            200,
            "ConflictError",
            "Call to Microsoft.KeyVault/vaults failed. Error message: A conflict occurred \
            that prevented the operation from completing.",
        ),
        (
            "DELETE",
            409,
            "ConflictError",
            "The operation failed because the Key Vault 'kv' changed from the point the \
            operation began.",
        ),
        ("PUT", 409, "ConflictError", "To prevent this error, serialize the operations."),
        ("PUT", 409, "Conflict", "Another operation is in progress on the resource 'mlw'."),
        ("PUT", 200, "CanceledAndSupersededDueToAnotherOperation", ""),
        ("PUT", 200, "OperationPreempted", ""),
        ("PUT", 400, "PrincipalNotFound", "Principal p does not exist in the directory t."),
        ("PUT", 403, "LinkedAuthorizationFailed", ""),
        ("PUT", 400, "FailedIdentityOperation", ""),
        ("PUT", 200, "InternalServerError", "An error occurred."),
        (
            "PUT",
            200,
            "FirewallPolicyUpdateFailed",
            "Put on Firewall Policy p Failed with 1 faulted referenced firewalls",
        ),
        ("PUT", 200, "IpGroupsUpdateFailed", ""),
        ("DELETE", 400, "InUseSubnetCannotBeDeleted", ""),
        ("DELETE", 400, "InUseNetworkSecurityGroupCannotBeDeleted", ""),
        ("DELETE", 400, "InUseRouteTableCannotBeDeleted", ""),
        ("DELETE", 400, "InUseNatGatewayCannotBeDeleted", ""),
        ("DELETE", 400, "NatGatewayInUseBySubnet", ""),
        ("DELETE", 400, "PublicIPAddressCannotBeDeleted", ""),
        ("DELETE", 409, "CannotDeleteResource", "Cannot delete resource while nested resources exist."),
        ("DELETE", 409, "ResourceGroupDeletionBlocked", ""),
        ("DELETE", 400, "NicInUse", ""),
        ("DELETE", 400, "NicReservedForAnotherVm", ""),
        ("PUT", 409, "ResourceGroupBeingDeleted", ""),
        ("PUT", 409, "MissingSubscriptionRegistration", ""),
        ("PUT", 404, "ParentResourceNotFound", ""),
        ("PUT", 404, "ResourceGroupNotFound", ""),
        ("PUT", 404, "ResourceNotFound", ""),
    ];

    /// What no repeat mends, or what the wire's own tries are for (500, 429).
    const FINAL_ANSWERS: &[(&str, u16, &str, &str)] = &[
        ("PUT", 409, "ConflictError", "Exist soft deleted vault with the same name. "),
        ("PUT", 409, "ConflictError", "A vault with the same name already exists in deleted state."),
        ("PUT", 409, "VaultAlreadyExists", ""),
        ("PUT", 409, "StorageAccountAlreadyTaken", ""),
        ("PUT", 409, "AlreadyInUse", ""),
        ("PUT", 409, "Conflict", "The workspace name 'x' is not unique"),
        ("PUT", 400, "BadRequest", "Soft-deleted workspace exists. Please purge or recover it."),
        ("PUT", 400, "ValidationError", "Missing dependent resources in workspace json"),
        ("PUT", 200, "UserError", "Provided EnableNodePublicIp 'False' requires workspace private endpoint."),
        ("PUT", 200, "ClusterMinNodesExceedCoreQuota", ""),
        ("PUT", 409, "SkuNotAvailable", ""),
        ("PUT", 409, "OperationNotAllowed", ""),
        ("PUT", 400, "SubnetIsFull", ""),
        ("PUT", 400, "InsufficientSubnetSize", ""),
        ("PUT", 400, "NetcfgSubnetRangesOverlap", ""),
        ("PUT", 400, "NetcfgSubnetRangeOutsideVnet", ""),
        ("PUT", 400, "SecurityRuleConflict", ""),
        ("PUT", 400, "VnetAddressSpacesOverlap", ""),
        ("PUT", 400, "InvalidResourceReference", ""),
        ("PUT", 400, "PublicIPCountLimitReached", ""),
        ("PUT", 400, "InUseSubnetCannotBeUpdated", ""),
        ("PUT", 400, "DisablingPublicNetworkAccessNotSupported", ""),
        ("PUT", 409, "RoleAssignmentExists", ""),
        ("PUT", 400, "RoleAssignmentUpdateNotPermitted", ""),
        ("PUT", 400, "CannotModifyNicAttachedToPrivateEndpoint", ""),
        ("PUT", 403, "AuthorizationFailed", ""),
        ("PUT", 403, "RequestDisallowedByPolicy", ""),
        ("DELETE", 409, "ScopeLocked", ""),
        ("PUT", 412, "PreconditionFailed", ""),
        ("PUT", 500, "InternalServerError", ""),
        ("PUT", 429, "TooManyRequests", ""),
        ("PUT", 400, "InUseSubnetCannotBeDeleted", ""),
        ("DELETE", 404, "ResourceNotFound", ""),
        ("GET", 409, "AnotherOperationInProgress", ""),
    ];

    fn found(method: &str, status: u16, code: &str, message: &str) -> Option<&'static Race> {
        find(&method.parse().unwrap(), &refusal(status, code, message))
    }

    #[test]
    fn every_row_is_met_and_what_is_final_meets_none() {
        for (method, status, code, message) in PASSING {
            let race = found(method, *status, code, message);
            assert_eq!(race.map(|race| race.code), Some(*code), "{method} {status} {message}");
        }
        for race in RACES {
            assert!(PASSING.iter().any(|(_, _, code, _)| *code == race.code), "{} is not met", race.code);
        }
        for (method, status, code, message) in FINAL_ANSWERS {
            assert!(found(method, *status, code, message).is_none(), "{method} {status} {code} {message}");
        }
    }

    #[test]
    fn what_somebody_forbids_is_final_wherever_it_stands() {
        let mut blocked = refusal(409, "ResourceGroupDeletionBlocked", "");
        assert!(find(&Method::DELETE, &blocked).is_some());
        blocked.details.push(refusal(409, "ScopeLocked", ""));
        assert!(find(&Method::DELETE, &blocked).is_none());
    }

    #[test]
    fn what_lies_inside_counts_too() {
        let mut outer = refusal(429, "SomethingNew", "");
        assert!(find(&Method::PUT, &outer).is_none());
        outer.details.push(refusal(429, "ReferencedResourceNotProvisioned", ""));
        assert!(find(&Method::PUT, &outer).is_some());
    }

    #[test]
    fn patience_ends_by_count_and_by_time() {
        let start = SystemTime::UNIX_EPOCH;
        let mut patience = Patience::default();
        let fault = find(&Method::PUT, &refusal(200, "InternalServerError", "")).unwrap();
        let pauses: Vec<_> = (0..10).map_while(|_| patience.pause(fault, start)).collect();
        assert_eq!(pauses.len(), 9);
        assert_eq!(&pauses[..5], [2, 4, 8, 16, 30].map(seconds));
        assert_eq!(patience.pause(fault, start), None);
        let busy = find(&Method::PUT, &refusal(409, "AnotherOperationInProgress", "")).unwrap();
        for pause in [2, 4, 8, 10, 10, 10, 10, 10] {
            assert_eq!(patience.pause(busy, start + minutes(59)), Some(seconds(pause)));
        }
        assert!(patience.pause(busy, start + minutes(118)).is_some());
        assert_eq!(patience.pause(busy, start + minutes(119)), None);
    }

    #[test]
    fn what_takes_long_is_repeated_all_the_same() {
        let mut patience = Patience::default();
        let linked = find(&Method::PUT, &refusal(403, "LinkedAuthorizationFailed", "")).unwrap();
        let hour = |n: u32| SystemTime::UNIX_EPOCH + minutes(60) * n;
        assert_eq!((0..20).take_while(|n| patience.pause(linked, hour(*n)).is_some()).count(), 8);
    }

    #[test]
    fn another_race_says_that_the_first_is_over() {
        let start = SystemTime::UNIX_EPOCH;
        let mut patience = Patience::default();
        let linked = find(&Method::PUT, &refusal(403, "LinkedAuthorizationFailed", "")).unwrap();
        let busy = find(&Method::PUT, &refusal(409, "AnotherOperationInProgress", "")).unwrap();
        for minute in 0..20 {
            assert_eq!(patience.pause(linked, start + minutes(minute)), Some(seconds(2)));
            assert_eq!(patience.pause(busy, start + minutes(minute)), Some(seconds(2)));
        }
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
