//! What Microsoft.Storage tells of a region and a subscription.

use http::Method;
use serde_json::{Value, json};

use crate::kinds::STORAGE_ACCOUNT;
use crate::simulator::answer::{Answer, Outcome, Refusal};
use crate::simulator::route::Request;
use crate::simulator::{Cx, body};

/// Accounts that a subscription may have in a region.
const ACCOUNTS: usize = 250;

/// Account kinds of a sku.
const SKUS: &[(&str, &[&str])] = &[
    ("Standard_LRS", &["Storage", "StorageV2", "BlobStorage"]),
    ("Standard_GRS", &["Storage", "StorageV2", "BlobStorage"]),
    ("Standard_RAGRS", &["Storage", "StorageV2", "BlobStorage"]),
    ("Standard_ZRS", &["StorageV2"]),
    ("Standard_GZRS", &["StorageV2"]),
    ("Standard_RAGZRS", &["StorageV2"]),
    ("Premium_LRS", &["StorageV2", "BlockBlobStorage", "FileStorage"]),
    ("Premium_ZRS", &["BlockBlobStorage", "FileStorage"]),
];

/// Answers the usages of a region, the skus and the deleted accounts.
pub(super) fn beside(cx: &Cx<'_>, request: &Request<'_>, lower: &[&str]) -> Outcome<Option<Answer>> {
    let ["subscriptions", _, "providers", "microsoft.storage", rest @ ..] = lower else { return Ok(None) };
    if *request.method != Method::GET {
        return Ok(None);
    }
    Ok(Some(match rest {
        ["locations", location, "usages"] => usages(cx, &body::location(location))?,
        ["skus"] => skus(),
        // An account is gone when it is deleted.
        ["deletedaccounts"] => Answer::json(200, json!({ "value": [] })),
        ["locations", location, "deletedaccounts", name] => {
            return Err(Refusal::new(
                404,
                "DeletedAccountNotFound",
                format!("The deleted storage account '{name}' was not found in location '{location}'."),
            )
            .into());
        }
        _ => return Ok(None),
    }))
}

fn usages(cx: &Cx<'_>, location: &str) -> Outcome<Answer> {
    let all = cx.store.of_type(STORAGE_ACCOUNT.resource_type)?;
    let here = all.iter().filter(|row| body::text(&row.written, "location") == Some(location)).count();
    Ok(Answer::json(
        200,
        json!({ "value": [{
            "unit": "Count", "currentValue": here, "limit": ACCOUNTS,
            "name": { "value": "StorageAccounts", "localizedValue": "Storage Accounts" },
        }] }),
    ))
}

fn skus() -> Answer {
    let items: Vec<Value> = SKUS
        .iter()
        .flat_map(|(name, kinds)| kinds.iter().map(move |kind| (name, kind)))
        .map(|(name, kind)| {
            let tier = name.split('_').next();
            json!({
                "resourceType": "storageAccounts", "name": name, "tier": tier, "kind": kind,
                "locations": [], "capabilities": [], "restrictions": [],
            })
        })
        .collect();
    Answer::json(200, json!({ "value": items }))
}
