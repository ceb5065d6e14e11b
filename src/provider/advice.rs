//! What to do about what Azure refuses for good: one sentence for each code
//! that a closed stack meets.

use crate::arm::Refusal;

/// A code, words of which the message holds one (lower case; none: any
/// message), and what to do.
type Row = (&'static str, &'static [&'static str], &'static str);

const LOCK: &str = "Remove the lock that is named; Azure goes on refusing for a minute or two after that.";
const POLICY: &str =
    "An Azure Policy forbids it: change what its reason names, or have the assignment exempt this scope.";
const RIGHT: &str =
    "Have the right that is named granted to whoever runs Terraform, on the scope that is named.";
const NAME: &str = "The name is taken somewhere in Azure: choose another one.";
const DELETED: &str = "A deleted resource still has the name: recover it, purge it, or choose another name.";
const DELETED_WORKSPACE: &str = "Purge the deleted one (az ml workspace delete --permanently-delete), make it again with the storage account, vault \
     and insights that it had, or choose another name. It frees the name by itself 14 days after its deletion, and at \
     once where soft_delete.machine_learning.purge_soft_deleted_workspace_on_destroy was set before.";
const QUOTA: &str = "Ask for more in the subscription's quotas, or want less here.";
const SPACE: &str = "Give the subnet a wider range, or use another one.";
const IN_USE: &str = "Something that is not of this configuration still uses it: see what the message names.";

static ROWS: &[Row] = &[
    ("ScopeLocked", &[], LOCK),
    ("RequestDisallowedByPolicy", &[], POLICY),
    ("AuthorizationFailed", &[], RIGHT),
    ("LinkedAuthorizationFailed", &[], RIGHT),
    ("ValidationError", &["required permissions"], RIGHT),
    (
        "MissingSubscriptionRegistration",
        &[],
        "Register the namespace that is named once for the subscription: az provider register --namespace NAME.",
    ),
    ("StorageAccountAlreadyTaken", &[], NAME),
    ("VaultAlreadyExists", &[], NAME),
    ("AlreadyInUse", &[], NAME),
    ("Conflict", &["not unique"], NAME),
    ("ConflictError", &["deleted"], DELETED),
    ("BadRequest", &["soft-deleted workspace"], DELETED_WORKSPACE),
    ("BadRequest", &["soft-deleted", "soft deleted"], DELETED),
    ("ClusterMinNodesExceedCoreQuota", &[], QUOTA),
    ("OperationNotAllowed", &["quota"], QUOTA),
    ("PublicIPCountLimitReached", &[], QUOTA),
    ("StandardSkuPublicIPCountLimitReached", &[], QUOTA),
    ("VnetCountLimitReached", &[], QUOTA),
    ("MaxStorageAccountsCountPerSubscriptionExceeded", &[], QUOTA),
    ("SkuNotAvailable", &[], "Choose another size, or another region or zone."),
    ("OutOfCapacity", &[], "Choose another size or region, or try again when Azure has room."),
    ("SubnetIsFull", &[], SPACE),
    ("InsufficientSubnetSize", &[], SPACE),
    ("InUseSubnetCannotBeDeleted", &[], IN_USE),
    ("InUseSubnetCannotBeUpdated", &[], IN_USE),
    ("InUsePrefixCannotBeDeleted", &[], IN_USE),
    ("InUseNetworkSecurityGroupCannotBeDeleted", &[], IN_USE),
    ("InUseRouteTableCannotBeDeleted", &[], IN_USE),
    ("InUseNatGatewayCannotBeDeleted", &[], IN_USE),
    ("NatGatewayInUseBySubnet", &[], IN_USE),
    ("PublicIPAddressCannotBeDeleted", &[], IN_USE),
    ("CannotDeleteResource", &[], IN_USE),
    ("ResourceGroupDeletionBlocked", &[], IN_USE),
    (
        "RoleAssignmentExists",
        &[],
        "Somebody has made this assignment under another id: delete that one, or leave it to its maker.",
    ),
    ("ResourceGroupBeingDeleted", &[], "Wait until the group is gone, or use another one."),
];

/// What to do about a refusal; of its errors, the one that lies deepest knows
/// most.
pub(super) fn advice(refusal: &Refusal) -> Option<&'static str> {
    let row = |refusal: &Refusal| {
        let message = refusal.message.to_ascii_lowercase();
        let fits = |says: &&[&str]| says.is_empty() || says.iter().any(|words| message.contains(words));
        ROWS.iter().find(|(code, says, _)| code.eq_ignore_ascii_case(&refusal.code) && fits(says))
    };
    let mut errors = refusal.details.iter().rev().chain([refusal]);
    errors.find_map(row).map(|(_, _, advice)| *advice)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(code: &str, message: &str) -> Refusal {
        let (code, message) = (code.to_owned(), message.to_owned());
        Refusal { status: 409, code, message, target: None, details: Vec::new() }
    }

    #[test]
    fn one_code_may_mean_two_things() {
        let gone = refusal("ConflictError", "Exist soft deleted vault with the same name. ");
        assert_eq!(advice(&gone), Some(DELETED));
        assert_eq!(advice(&refusal("ConflictError", "A conflict occurred.")), None);
        assert_eq!(advice(&refusal("scopelocked", "")), Some(LOCK));
        assert_eq!(advice(&refusal("SomethingNew", "")), None);
    }

    #[test]
    fn what_lies_deepest_knows_most() {
        let mut blocked = refusal("ResourceGroupDeletionBlocked", "");
        blocked.details.push(refusal("ScopeLocked", ""));
        assert_eq!(advice(&blocked), Some(LOCK));
    }
}
