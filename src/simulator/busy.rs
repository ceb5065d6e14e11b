//! Who may write while another writes.
//!
//! A running operation holds what its kind's `writers` name, alone or in
//! company. A second writer is refused at once, or is let in and fails in its
//! operation, as the service does it.

use super::answer::{Outcome, Refusal};
use super::body;
use super::references::not_provisioned_text;
use super::store::Operation;
use super::write::Draft;
use super::{Cx, type_of};
use crate::kinds::{Kind, ResourceId, Writer};

/// One thing that a write holds while it lasts.
#[derive(Debug)]
struct Claim {
    key: String,
    shared: bool,
    writer: Writer,
    /// The id that the body names, where it names one.
    named: Option<ResourceId>,
}

/// Kinds that learn of a busy dependency in their operation and not at once
/// (test records of Azure/terraform quickstart 301).
const FIND_OUT_LATER: &[&str] =
    &["Microsoft.Network/privateEndpoints", "Microsoft.MachineLearningServices/workspaces/computes"];

/// Whether a write of `kind` learns of a busy dependency in its operation.
pub(super) fn finds_out_later(kind: &Kind) -> bool {
    FIND_OUT_LATER.contains(&kind.resource_type)
}

fn claims(draft: &Draft) -> Vec<Claim> {
    let mut claims =
        vec![Claim { key: draft.id.canonical(), shared: false, writer: Writer::Itself, named: None }];
    for &writer in draft.kind.writers {
        let ids = |path: &str| -> Vec<ResourceId> {
            body::values(&draft.written, path)
                .into_iter()
                .filter_map(|value| value.as_str().and_then(|text| ResourceId::parse(text).ok()))
                .collect()
        };
        match writer {
            Writer::Itself => {}
            Writer::Parent => claims.extend(draft.id.parent().map(|id| Claim {
                key: id.canonical(),
                shared: false,
                writer,
                named: None,
            })),
            Writer::At(path) => claims.extend(ids(path).into_iter().map(|id| Claim {
                key: id.canonical(),
                shared: false,
                writer,
                named: Some(id),
            })),
            Writer::NetworkOf(path) => claims.extend(ids(path).into_iter().filter_map(|id| {
                let network = id.parent()?;
                Some(Claim { key: network.canonical(), shared: true, writer, named: Some(id) })
            })),
        }
    }
    // Of the children that its body carries, what each names besides its parent.
    let children =
        draft.embedded.iter().flat_map(|embedded| &embedded.drafts).filter(|child| child.changes());
    for claim in children.flat_map(self::claims) {
        if matches!(claim.writer, Writer::At(_)) && !claims.iter().any(|known| known.key == claim.key) {
            claims.push(claim);
        }
    }
    claims
}

/// What the operation of `draft` holds, as key and whether in company.
pub(super) fn holds(draft: &Draft) -> Vec<(String, bool)> {
    claims(draft).into_iter().map(|claim| (claim.key, claim.shared)).collect()
}

/// What the deletion of a resource holds.
pub(super) fn holds_of_delete(kind: &Kind, id: &ResourceId) -> Vec<(String, bool)> {
    let mut holds = vec![(id.canonical(), false)];
    if kind.writers.contains(&Writer::Parent) {
        holds.extend(id.parent().map(|id| (id.canonical(), false)));
    }
    holds
}

/// Refuses a write that meets another, or says how its operation will fail.
pub(super) fn contend(cx: &Cx<'_>, draft: &Draft) -> Outcome<Option<Refusal>> {
    for claim in claims(draft) {
        let Some(holder) = cx.store.holder(&claim.key, !claim.shared)? else { continue };
        if preempt(cx, draft.kind, &draft.id, &holder)? {
            continue;
        }
        match (claim.writer, &claim.named) {
            (Writer::NetworkOf(_), Some(subnet)) if finds_out_later(draft.kind) => {
                return Ok(Some(Refusal::new(200, "RetryableError", "A retryable error occurred.").detail(
                    "ReferencedResourceNotProvisioned",
                    not_provisioned_text(&draft.id, subnet, "Updating"),
                )));
            }
            (Writer::At(_), Some(target)) if finds_out_later(draft.kind) => {
                return Ok(Some(target_busy(target)));
            }
            _ => return Err(another_operation(cx, &draft.id, &holder).into()),
        }
    }
    Ok(None)
}

/// Refuses to delete what another writes.
pub(super) fn contend_delete(cx: &Cx<'_>, kind: &Kind, id: &ResourceId) -> Outcome<()> {
    for (key, shared) in holds_of_delete(kind, id) {
        if let Some(holder) = cx.store.holder(&key, !shared)?
            && !preempt(cx, kind, id, &holder)?
        {
            return Err(another_operation(cx, id, &holder).into());
        }
    }
    Ok(())
}

/// What a later write of the same resource takes over from an earlier one,
/// whose operation then fails (azure-sdk-for-python#5167, azure-rest-api-specs#22434).
const PREEMPTED: [&str; 2] =
    ["Microsoft.Compute/virtualMachines", "Microsoft.Compute/virtualMachineScaleSets"];

/// Ends an earlier write of the same resource where a later one goes before it.
fn preempt(cx: &Cx<'_>, kind: &Kind, id: &ResourceId, holder: &Operation) -> Outcome<bool> {
    if !PREEMPTED.contains(&kind.resource_type) || holder.resource != *id || holder.verb != "put" {
        return Ok(false);
    }
    let words = "Operation execution has been preempted by a more recent operation.";
    cx.store.settle(&holder.id, Some(&Refusal::new(200, "OperationPreempted", words).error()))?;
    Ok(true)
}

/// How the operation of a private endpoint fails while its target is written.
fn target_busy(target: &ResourceId) -> Refusal {
    let kind = type_of(target);
    match kind.as_str() {
        "Microsoft.Storage/storageAccounts" => Refusal::new(
            200,
            "StorageAccountOperationInProgress",
            format!(
                "Call to {kind} failed. Error message: An operation is currently performing on this storage account \
                 that requires exclusive access."
            ),
        ),
        "Microsoft.KeyVault/vaults" => Refusal::new(
            200,
            "ConflictError",
            format!(
                "Call to {kind} failed. Error message: A conflict occurred that prevented the operation from \
                 completing. The operation failed because the Key Vault '{}' changed from the point the operation \
                 began. This can happen if parallel operations are being performed on the Key Vault. To prevent this \
                 error, serialize the operations so that only one operation is performed on the Key Vault at a time.",
                target.name()
            ),
        ),
        _ => Refusal::new(200, "RetryableError", "A retryable error occurred.").detail(
            "RetryableError",
            format!("Call to {kind} failed. Error message: another operation is in progress."),
        ),
    }
}

/// The refusal of a second writer, in the words of the service.
fn another_operation(cx: &Cx<'_>, id: &ResourceId, holder: &Operation) -> Refusal {
    let kind = id.resource_type();
    let (code, message) = if kind.starts_with("Microsoft.Network/") {
        (
            "AnotherOperationInProgress",
            format!(
                "Another operation on this or dependent resource is in progress. To retrieve status of the operation \
                 use uri: {}{}.",
                cx.base, holder.status_url
            ),
        )
    } else if kind == "Microsoft.Storage/storageAccounts" {
        (
            "StorageAccountOperationInProgress",
            "An operation is currently performing on this storage account that requires exclusive access."
                .to_owned(),
        )
    } else if kind == "Microsoft.KeyVault/vaults" {
        (
            "ConflictError",
            format!("A conflict occurred: another operation is running on the vault '{}'.", id.name()),
        )
    } else {
        ("Conflict", format!("Another operation is in progress on the resource '{}'.", id.name()))
    };
    Refusal::new(409, code, message)
}
