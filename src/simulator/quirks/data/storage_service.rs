//! The services of a storage account: made with it, never deleted alone.

use serde_json::{Value, json};

use crate::kinds::{
    BLOB_SERVICE, FILE_SERVICE, Kind, QUEUE_SERVICE, ResourceId, STORAGE_ACCOUNT, TABLE_SERVICE,
};
use crate::simulator::answer::{Outcome, Refusal, Stop, no_resource};
use crate::simulator::quirks::{Quirk, make_once, not_deletable};
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body, timestamp};

/// Makes the services that an account of its kind has.
pub(super) fn make_all(cx: &Cx<'_>, account: &Resource) -> Outcome<()> {
    let services: &[&'static Kind] = match body::text(&account.written, "kind") {
        Some("FileStorage") => &[&FILE_SERVICE],
        Some("BlobStorage" | "BlockBlobStorage") => &[&BLOB_SERVICE],
        _ => &[&BLOB_SERVICE, &FILE_SERVICE, &QUEUE_SERVICE, &TABLE_SERVICE],
    };
    for service in services {
        make_once(cx, service, account.id.child(service, "default"), &account.key(), json!({}))?;
    }
    Ok(())
}

/// The account that a service, or what lies in one, belongs to.
fn account(cx: &Cx<'_>, id: &ResourceId) -> Outcome<Option<Resource>> {
    let mut id = id.clone();
    while !id.is(&STORAGE_ACCOUNT) {
        let Some(parent) = id.parent() else { return Ok(None) };
        id = parent;
    }
    Ok(cx.store.resource(&id.canonical())?)
}

fn is_on(body: &Value, path: &str) -> bool {
    body::get(body, path) == Some(&json!(true))
}

fn invalid(parameter: &str) -> Stop {
    Refusal::new(
        400,
        "InvalidValuesForRequestParameters",
        format!("Values for request parameters are invalid: {parameter}."),
    )
    .target(parameter)
    .into()
}

pub(super) struct StorageService;

impl Quirk for StorageService {
    fn normalise(&self, draft: &mut Draft) {
        if let Some(old) = &draft.old {
            let mut whole = old.written.clone();
            body::merge(&mut whole, &draft.written);
            draft.written = whole;
        }
    }

    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        if draft.is_new() {
            // Not yet made, or none that an account of its kind has.
            return Err(no_resource(&draft.id).into());
        }
        for policy in
            ["deleteRetentionPolicy", "containerDeleteRetentionPolicy", "shareDeleteRetentionPolicy"]
        {
            let path = format!("properties.{policy}");
            let days = body::get(&draft.written, &format!("{path}.days")).map(Value::as_i64);
            let fits = days.is_none_or(|days| days.is_some_and(|days| (1..=365).contains(&days)));
            if !fits || days.is_none() && is_on(&draft.written, &format!("{path}.enabled")) {
                return Err(invalid(&format!("{policy}.days")));
            }
        }
        let versions = is_on(&draft.written, "properties.isVersioningEnabled");
        let hierarchy =
            account(cx, &draft.id)?.is_some_and(|account| is_on(&account.written, "properties.isHnsEnabled"));
        if versions && hierarchy {
            return Err(Refusal::new(
                409,
                "FeatureNotSupportedForAccount",
                "Blob versioning is not supported for accounts with a hierarchical namespace.",
            )
            .into());
        }
        if is_on(&draft.written, "properties.restorePolicy.enabled") {
            let needs = ["isVersioningEnabled", "changeFeed.enabled", "deleteRetentionPolicy.enabled"];
            if let Some(missing) =
                needs.iter().find(|need| !is_on(&draft.written, &format!("properties.{need}")))
            {
                return Err(invalid(&format!("restorePolicy, which needs {missing}")));
            }
            let days = |policy: &str| {
                body::get(&draft.written, &format!("properties.{policy}.days")).and_then(Value::as_i64)
            };
            if days("restorePolicy") >= days("deleteRetentionPolicy") {
                return Err(invalid("restorePolicy.days"));
            }
        }
        Ok(())
    }

    fn show(&self, cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        // Queues and tables have no word for it.
        if (resource.id.is(&BLOB_SERVICE) || resource.id.is(&FILE_SERVICE))
            && let Some(account) = account(cx, &resource.id)?
        {
            body::set(shown, "sku", account.written["sku"].clone());
            body::set(shown, "sku.tier", account.stamped["sku"]["tier"].clone());
        }
        Ok(())
    }

    fn release(&self, _cx: &Cx<'_>, resource: &Resource) -> Outcome<()> {
        Err(not_deletable(&resource.id))
    }
}

pub(super) struct Container;

impl Quirk for Container {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        let public = draft.text("properties.publicAccess").is_some_and(|access| access != "None");
        let allowed = account(cx, &draft.id)?
            .is_some_and(|account| is_on(&account.written, "properties.allowBlobPublicAccess"));
        if public && !allowed {
            return Err(Refusal::new(
                409,
                "PublicAccessNotPermitted",
                "Public access is not permitted on this storage account.",
            )
            .into());
        }
        body::set(&mut draft.stamped, "properties.lastModifiedTime", json!(timestamp(cx.now)));
        Ok(())
    }

    fn show(&self, _cx: &Cx<'_>, _resource: &Resource, shown: &mut Value) -> Outcome<()> {
        unleased(shown);
        for flag in ["hasLegalHold", "hasImmutabilityPolicy"] {
            body::set(shown, &format!("properties.{flag}"), json!(false));
        }
        Ok(())
    }
}

pub(super) struct Share;

impl Quirk for Share {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        let premium = account(cx, &draft.id)?
            .is_some_and(|account| body::text(&account.written, "kind") == Some("FileStorage"));
        let network = draft.text("properties.enabledProtocols") == Some("NFS");
        if network && !premium {
            return Err(invalid("enabledProtocols"));
        }
        if body::get(&draft.written, "properties.rootSquash").is_some() && !network {
            return Err(invalid("rootSquash"));
        }
        if body::get(&draft.written, "properties.accessTier").is_none() {
            let tier = if premium { "Premium" } else { "TransactionOptimized" };
            body::set(&mut draft.written, "properties.accessTier", json!(tier));
        }
        body::set(&mut draft.stamped, "properties.lastModifiedTime", json!(timestamp(cx.now)));
        Ok(())
    }

    fn show(&self, _cx: &Cx<'_>, _resource: &Resource, shown: &mut Value) -> Outcome<()> {
        unleased(shown);
        Ok(())
    }
}

fn unleased(shown: &mut Value) {
    for (field, value) in [("leaseStatus", "Unlocked"), ("leaseState", "Available")] {
        body::set(shown, &format!("properties.{field}"), json!(value));
    }
}

pub(super) struct Table;

impl Quirk for Table {
    fn accept(&self, _cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        let name = draft.id.name().to_owned();
        draft.stamp_once("properties.tableName", || Ok(json!(name)))
    }
}

pub(super) struct ManagementPolicy;

impl Quirk for ManagementPolicy {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        let rules = body::values(&draft.written, "properties.policy.rules[]");
        let names: Vec<&str> = rules.iter().filter_map(|rule| rule["name"].as_str()).collect();
        let twice = names.iter().enumerate().any(|(at, name)| names[..at].contains(name));
        if rules.is_empty() || names.len() < rules.len() || twice {
            return Err(invalid("policy.rules"));
        }
        body::set(&mut draft.stamped, "properties.lastModifiedTime", json!(timestamp(cx.now)));
        Ok(())
    }
}
