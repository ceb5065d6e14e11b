//! Scale sets: the addresses of their machines, and the machines as they are answered.

use serde_json::{Value, json};

use super::placement::{self, Wanted};
use super::{accepted, complete_children, embed, missing, remember, sizes};
use crate::kinds::{ResourceId, SCALE_SET, SCALE_SET_EXTENSION};
use crate::simulator::answer::{Answer, Outcome};
use crate::simulator::quirks::Quirk;
use crate::simulator::store::{Resource, stable_guid};
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body, read, timestamp};

const EXTENSIONS: &str = "properties.virtualMachineProfile.extensionProfile.extensions";
const INTERFACES: &str = "properties.virtualMachineProfile.networkProfile.networkInterfaceConfigurations[]";
const CAPACITY: &str = "sku.capacity";

pub(super) struct ScaleSet;

impl Quirk for ScaleSet {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        let uniform = is_uniform(&draft.written);
        if uniform {
            if draft.text("sku.name").is_none() {
                return Err(missing("sku.name").into());
            }
            if draft.text("properties.upgradePolicy.mode").is_none() {
                return Err(missing("upgradePolicy.mode").into());
            }
        }
        sizes::offered(cx, draft, "sku.name")?;
        if body::get(&draft.written, "sku").is_some() {
            for (name, value) in [("tier", json!("Standard")), ("capacity", json!(0))] {
                if body::get(&draft.written, &format!("sku.{name}")).is_none() {
                    body::set(&mut draft.written, &format!("sku.{name}"), value);
                }
            }
        }
        embed(cx, draft, EXTENSIONS, &SCALE_SET_EXTENSION, |item| item)?;
        let mut wanted = Vec::new();
        for (interface, configuration, id) in configurations(&draft.written) {
            let Some(row) = placement::find(cx, &id)? else { continue };
            placement::in_region(cx, &draft.id, INTERFACES, &row, draft.text("location"))?;
            placement::not_delegated(&draft.id, &row)?;
            let configurations = (0..capacity(&draft.written))
                .map(|at| {
                    let machine = format!("{}/virtualMachines/{at}", draft.id);
                    (format!("{machine}/networkInterfaces/{interface}/ipConfigurations/{configuration}"), 1)
                })
                .collect();
            wanted.push(Wanted { subnet: row, configurations });
        }
        placement::settle(cx, &draft.id.canonical(), &wanted)?;
        draft.stamp_once("properties.uniqueId", || Ok(json!(cx.store.guid()?)))?;
        draft.stamp_once("properties.timeCreated", || Ok(json!(timestamp(cx.now))))?;
        draft.stamp_once("power", || Ok(json!("running")))
    }

    fn complete(&self, cx: &Cx<'_>, resource: &mut Resource) -> Outcome<()> {
        complete_children(cx, resource, &SCALE_SET_EXTENSION)
    }

    fn show(&self, cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        body::take(shown, "power");
        body::take(shown, "properties.virtualMachineProfile.userData");
        let extensions = cx.store.children(&resource.key(), SCALE_SET_EXTENSION.resource_type)?;
        if !extensions.is_empty() {
            let bodies = extensions.iter().map(|row| read::body(cx, row)).collect::<Outcome<Vec<_>>>()?;
            body::set(shown, EXTENSIONS, json!(bodies));
        }
        Ok(())
    }

    fn actions(&self) -> &'static [&'static str] {
        &["start", "restart", "powerOff", "deallocate", "manualupgrade", "reimage", "redeploy"]
    }

    fn act(&self, cx: &Cx<'_>, resource: &Resource, action: &str, _sent: &Value) -> Outcome<Option<Answer>> {
        let power = match action {
            "start" | "restart" => Some("running"),
            "poweroff" => Some("stopped"),
            "deallocate" => Some("deallocated"),
            "manualupgrade" | "reimage" | "redeploy" => None,
            _ => return Ok(None),
        };
        if let Some(power) = power {
            remember(cx, resource, "power", json!(power))?;
        }
        accepted(cx, &SCALE_SET, resource).map(Some)
    }
}

fn is_uniform(written: &Value) -> bool {
    body::text(written, "properties.orchestrationMode") != Some("Flexible")
}

/// How many machines there are.
fn capacity(written: &Value) -> u64 {
    body::get(written, CAPACITY).and_then(Value::as_u64).unwrap_or(0)
}

/// Interface, configuration and subnet of every address that a machine has.
fn configurations(written: &Value) -> Vec<(String, String, ResourceId)> {
    let name = |value: &Value| value["name"].as_str().unwrap_or_default().to_owned();
    body::values(written, INTERFACES)
        .into_iter()
        .flat_map(|interface| {
            body::values(interface, "properties.ipConfigurations[]").into_iter().filter_map(move |one| {
                let id = ResourceId::parse(body::text(one, "properties.subnet.id")?).ok()?;
                Some((name(interface), name(one), id))
            })
        })
        .collect()
}

/// What `/virtualMachines` lists: the machines of a uniform scale set.
pub(super) fn machines(resource: &Resource) -> Vec<Value> {
    if !is_uniform(&resource.written) {
        return Vec::new();
    }
    let name = resource.id.name();
    (0..capacity(&resource.written))
        .map(|at| {
            let id = format!("{}/virtualMachines/{at}", resource.id);
            json!({
                "id": id, "name": format!("{name}_{at}"), "instanceId": at.to_string(),
                "type": "Microsoft.Compute/virtualMachineScaleSets/virtualMachines",
                "location": resource.written["location"],
                "sku": { "name": resource.written["sku"]["name"], "tier": "Standard" },
                "properties": {
                    "latestModelApplied": true, "vmId": stable_guid(&id),
                    "provisioningState": resource.state, "timeCreated": timestamp(resource.created),
                },
            })
        })
        .collect()
}
