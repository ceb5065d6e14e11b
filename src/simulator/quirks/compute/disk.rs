//! Managed disks: whom they are attached to.

use serde_json::{Value, json};

use super::missing;
use crate::simulator::answer::{Outcome, Refusal};
use crate::simulator::quirks::Quirk;
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body, timestamp};

const MACHINES: &str = "Microsoft.Compute/virtualMachines";

const GIGABYTE: u64 = 1 << 30;

pub(super) struct Disk;

impl Quirk for Disk {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        let empty = draft
            .text("properties.creationData.createOption")
            .is_some_and(|o| o.eq_ignore_ascii_case("Empty"));
        if empty && body::get(&draft.written, "properties.diskSizeGB").is_none() {
            return Err(missing("diskSizeGB").into());
        }
        draft.stamp_once("properties.uniqueId", || Ok(json!(cx.store.guid()?)))?;
        draft.stamp_once("properties.timeCreated", || Ok(json!(timestamp(cx.now))))
    }

    fn show(&self, cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        let tier = body::text(shown, "sku.name").and_then(|sku| sku.split('_').next()).map(str::to_owned);
        if let Some(tier) = tier {
            body::set(shown, "sku.tier", json!(tier));
        }
        if let Some(size) = body::get(shown, "properties.diskSizeGB").and_then(Value::as_u64) {
            body::set(shown, "properties.diskSizeBytes", json!(size.saturating_mul(GIGABYTE)));
        }
        let user = machine(cx, resource)?;
        let state = if user.is_some() { "Attached" } else { "Unattached" };
        body::set(shown, "properties.diskState", json!(state));
        if let Some(user) = user {
            body::set(shown, "managedBy", json!(user));
        }
        Ok(())
    }

    fn release(&self, cx: &Cx<'_>, resource: &Resource) -> Outcome<()> {
        let Some(user) = machine(cx, resource)? else { return Ok(()) };
        Err(Refusal::new(
            409,
            "OperationNotAllowed",
            format!("Disk {} is attached to VM {user}.", resource.id.name()),
        )
        .into())
    }
}

/// The machine that a disk is attached to.
pub(super) fn machine(cx: &Cx<'_>, disk: &Resource) -> Outcome<Option<String>> {
    if let Some(owner) = &disk.owner
        && let Some(row) = cx.store.resource(owner)?
    {
        return Ok(Some(row.id.to_string()));
    }
    let users = cx.store.referrers(&disk.key(), MACHINES)?;
    Ok(users.first().map(|row| row.id.to_string()))
}
