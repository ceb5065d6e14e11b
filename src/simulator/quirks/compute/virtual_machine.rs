//! Virtual machines: their interfaces, their disks, and whether they run.

use serde_json::{Value, json};

use super::{accepted, missing, remember, sizes};
use crate::kinds::{DISK, NETWORK_INTERFACE, ResourceId, VIRTUAL_MACHINE, VIRTUAL_MACHINE_EXTENSION};
use crate::simulator::answer::{Answer, Outcome, Refusal};
use crate::simulator::latency::Lag;
use crate::simulator::quirks::{Quirk, make, network::network_interface, sibling};
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body, delete, read, references, timestamp};

const INTERFACES: &str = "properties.networkProfile.networkInterfaces";
const OS_DISK: &str = "properties.storageProfile.osDisk";
const OS_DISK_ID: &str = "properties.storageProfile.osDisk.managedDisk.id";

pub(super) struct VirtualMachine;

impl Quirk for VirtualMachine {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        if draft.old.as_ref().is_some_and(|old| old.state == "Deleting") {
            return Err(marked(draft.id.name(), "Create Or Update").into());
        }
        if draft.text("properties.hardwareProfile.vmSize").is_none() {
            return Err(missing("vmSize").into());
        }
        sizes::offered(cx, draft, "properties.hardwareProfile.vmSize")?;
        networked(cx, draft)?;
        disked(cx, draft)?;
        if draft.is_new() {
            administrated(draft)?;
        }
        if body::get(&draft.written, "properties.osProfile").is_some() {
            for name in ["allowExtensionOperations", "requireGuestProvisionSignal"] {
                let path = format!("properties.osProfile.{name}");
                if body::get(&draft.written, &path).is_none() {
                    body::set(&mut draft.written, &path, json!(true));
                }
            }
        }
        draft.stamp_once("properties.vmId", || Ok(json!(cx.store.guid()?)))?;
        draft.stamp_once("properties.timeCreated", || Ok(json!(timestamp(cx.now))))?;
        draft.stamp_once("power", || Ok(json!("running")))
    }

    fn complete(&self, cx: &Cx<'_>, resource: &mut Resource) -> Outcome<()> {
        if body::get(&resource.written, OS_DISK_ID).is_some() {
            return Ok(());
        }
        let name = body::text(&resource.written, &format!("{OS_DISK}.name")).unwrap_or_default().to_owned();
        let group = resource.id.resource_group_id();
        let Some(id) = group.and_then(|group| sibling(&group, DISK.resource_type, &name)) else {
            return Ok(());
        };
        if !cx.store.exists(&id.canonical())? {
            let of = |name: &str| body::get(&resource.written, &format!("{OS_DISK}.{name}")).cloned();
            let image = body::get(&resource.written, "properties.storageProfile.imageReference").cloned();
            let mut disk = json!({
                "location": resource.written["location"],
                "sku": { "name": of("managedDisk.storageAccountType") },
                "properties": {
                    "osType": of("osType"), "diskSizeGB": of("diskSizeGB"), "networkAccessPolicy": "AllowAll",
                    "publicNetworkAccess": "Enabled",
                    "creationData": { "createOption": "FromImage" },
                    "uniqueId": cx.store.guid()?, "timeCreated": timestamp(cx.now),
                },
            });
            if let Some(image) = image.filter(|image| image.get("id").is_some()) {
                disk["properties"]["creationData"]["imageReference"] = json!({ "id": image["id"] });
            }
            if let Some(zones) = resource.written.get("zones") {
                disk["zones"] = zones.clone();
            }
            make(cx, id.clone(), &resource.key(), disk)?;
        }
        body::set(&mut resource.written, OS_DISK_ID, json!(id.as_str()));
        Ok(())
    }

    fn show(&self, cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        body::take(shown, "power");
        body::take(shown, "properties.userData");
        let extensions = cx.store.children(&resource.key(), VIRTUAL_MACHINE_EXTENSION.resource_type)?;
        if !extensions.is_empty() {
            let bodies = extensions.iter().map(|row| read::body(cx, row)).collect::<Outcome<Vec<_>>>()?;
            body::set(shown, "resources", json!(bodies));
        }
        Ok(())
    }

    fn actions(&self) -> &'static [&'static str] {
        &["start", "restart", "powerOff", "deallocate", "redeploy", "reapply"]
    }

    fn act(&self, cx: &Cx<'_>, resource: &Resource, action: &str, _sent: &Value) -> Outcome<Option<Answer>> {
        let power = match action {
            "start" | "restart" => Some("running"),
            "poweroff" => Some("stopped"),
            "deallocate" => Some("deallocated"),
            "redeploy" | "reapply" => None,
            _ => return Ok(None),
        };
        if resource.state == "Deleting" {
            return Err(marked(resource.id.name(), action).into());
        }
        if let Some(power) = power {
            remember(cx, resource, "power", json!(power))?;
        }
        accepted(cx, &VIRTUAL_MACHINE, resource).map(Some)
    }

    fn removed(&self, cx: &Cx<'_>, resource: &Resource) -> Outcome<()> {
        let lag = cx.settings.latency.lag(Lag::InterfaceReservation);
        for interface in body::values(&resource.written, &format!("{INTERFACES}[]")) {
            let Some(row) = find(cx, body::text(interface, "id"))? else { continue };
            if goes_too(interface, "properties.deleteOption") {
                delete::remove(cx, &row)?;
            } else if lag > 0 {
                cx.store.linger(&row.key(), &resource.key(), cx.now.saturating_add(lag))?;
            }
        }
        for disk in body::values(&resource.written, "properties.storageProfile.dataDisks[]") {
            if goes_too(disk, "deleteOption")
                && let Some(row) = find(cx, body::text(disk, "managedDisk.id"))?
            {
                delete::remove(cx, &row)?;
            }
        }
        if let Some(disk) = body::get(&resource.written, OS_DISK)
            && let Some(mut row) = find(cx, body::text(disk, "managedDisk.id"))?
        {
            if goes_too(disk, "deleteOption") {
                delete::remove(cx, &row)?;
            } else {
                // It outlives the machine that it was made for.
                row.owner = None;
                cx.store.save(&row)?;
            }
        }
        Ok(())
    }
}

fn goes_too(part: &Value, path: &str) -> bool {
    body::text(part, path).is_some_and(|option| option.eq_ignore_ascii_case("Delete"))
}

fn find(cx: &Cx<'_>, id: Option<&str>) -> Outcome<Option<Resource>> {
    match id.and_then(|text| ResourceId::parse(text).ok()) {
        Some(id) => Ok(cx.store.resource(&id.canonical())?),
        None => Ok(None),
    }
}

fn marked(name: &str, operation: &str) -> Refusal {
    Refusal::new(
        409,
        "OperationNotAllowed",
        format!(
            "Operation '{operation}' is not allowed on VM '{name}' since the VM is marked for deletion. You can only \
             retry the Delete operation (or wait for an ongoing one to complete)."
        ),
    )
}

/// Refuses interfaces that are missing, another's, elsewhere, or without a first among them.
fn networked(cx: &Cx<'_>, draft: &Draft) -> Outcome<()> {
    let interfaces = body::values(&draft.written, &format!("{INTERFACES}[]"));
    if body::get(&draft.written, "properties.networkProfile.networkInterfaceConfigurations").is_some() {
        return Err(Refusal::new(
            400,
            "InvalidParameter",
            "Network interfaces that are made with the virtual machine are not simulated: make them first.",
        )
        .target("networkInterfaceConfigurations")
        .into());
    }
    if interfaces.is_empty() {
        return Err(missing("networkProfile").into());
    }
    let primary = |one: &&Value| body::get(one, "properties.primary") == Some(&json!(true));
    if interfaces.len() > 1 && interfaces.iter().copied().filter(|one| primary(one)).count() != 1 {
        return Err(Refusal::new(
            400,
            "VirtualMachineMustHaveOneNetworkInterfaceAsPrimary",
            format!(
                "Virtual machine {} must have one network interface set as the primary.",
                draft.id.name()
            ),
        )
        .into());
    }
    for interface in interfaces {
        let Some(row) = find(cx, body::text(interface, "id"))? else { continue };
        if !row.id.is(&NETWORK_INTERFACE) || body::text(&row.written, "location") != draft.text("location") {
            return Err(references::dangling(&draft.id, INTERFACES, &row.id).into());
        }
        network_interface::free_for(cx, &row, &draft.id)?;
    }
    Ok(())
}

/// Completes the disks, and refuses those that are another's.
fn disked(cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
    if body::get(&draft.written, OS_DISK).is_none() {
        return Err(missing("osDisk").into());
    }
    let option = draft.text(&format!("{OS_DISK}.createOption")).unwrap_or_default();
    let attach = option.eq_ignore_ascii_case("Attach");
    if attach && draft.text(OS_DISK_ID).is_none() {
        return Err(missing("osDisk.managedDisk.id").into());
    }
    if !attach && body::get(&draft.written, "properties.storageProfile.imageReference").is_none() {
        return Err(missing("imageReference").into());
    }
    let windows = body::get(&draft.written, "properties.osProfile.windowsConfiguration").is_some()
        || draft
            .text("properties.storageProfile.imageReference.publisher")
            .is_some_and(|publisher| publisher.to_ascii_lowercase().contains("windows"));
    let family = draft
        .text("properties.hardwareProfile.vmSize")
        .and_then(super::sizes::find)
        .map_or("Standard_LRS", |_| "Premium_LRS");
    let before = draft.old.as_ref().and_then(|old| body::get(&old.written, OS_DISK)).cloned();
    let serial = cx.store.guid()?.replace('-', "");
    for (name, value) in [
        ("osType", json!(if windows { "Windows" } else { "Linux" })),
        ("name", json!(format!("{}_OsDisk_1_{serial}", draft.id.name()))),
        ("diskSizeGB", json!(if windows { 127 } else { 30 })),
        ("managedDisk.storageAccountType", json!(family)),
        ("managedDisk.id", Value::Null),
        ("caching", json!("ReadWrite")),
        ("deleteOption", json!("Detach")),
    ] {
        let path = format!("{OS_DISK}.{name}");
        if body::get(&draft.written, &path).is_some() {
            continue;
        }
        let value = before.as_ref().and_then(|disk| body::get(disk, name)).cloned().unwrap_or(value);
        if !value.is_null() {
            body::set(&mut draft.written, &path, value);
        }
    }
    let attached = body::values(&draft.written, "properties.storageProfile.dataDisks[].managedDisk.id");
    let os = body::values(&draft.written, OS_DISK_ID);
    for id in attached.into_iter().chain(os) {
        let Some(row) = find(cx, id.as_str())? else { continue };
        if let Some(user) = super::disk::machine(cx, &row)?
            && !user.eq_ignore_ascii_case(draft.id.as_str())
        {
            return Err(Refusal::new(
                409,
                "ConflictingUserInput",
                format!("Disk '{}' cannot be attached as the disk is already owned by VM '{user}'.", row.id),
            )
            .into());
        }
    }
    Ok(())
}

/// Refuses a machine from an image that nobody could sign in to.
fn administrated(draft: &Draft) -> Outcome<()> {
    if draft.text("properties.storageProfile.imageReference.publisher").is_none() {
        // An image of one's own may bring its users along.
        return Ok(());
    }
    for name in ["computerName", "adminUsername"] {
        if draft.text(&format!("properties.osProfile.{name}")).is_none() {
            return Err(missing(&format!("osProfile.{name}")).into());
        }
    }
    let linux = "properties.osProfile.linuxConfiguration";
    let keys = body::values(&draft.written, &format!("{linux}.ssh.publicKeys[]"));
    let closed =
        body::get(&draft.written, &format!("{linux}.disablePasswordAuthentication")) == Some(&json!(true));
    if closed && keys.is_empty() {
        return Err(missing("linuxConfiguration.ssh.publicKeys").into());
    }
    if !closed
        && keys.is_empty()
        && body::get(&draft.sent_only, "properties.osProfile.adminPassword").is_none()
    {
        return Err(missing("adminPassword").into());
    }
    Ok(())
}

/// What `instanceView` shows of a machine.
pub(super) fn instance_view(cx: &Cx<'_>, resource: &Resource) -> Outcome<Value> {
    let power = body::text(&resource.stamped, "power").unwrap_or("running");
    let time = timestamp(resource.changed);
    let state = resource.state.to_ascii_lowercase();
    let mut view = json!({
        "statuses": [
            {
                "code": format!("ProvisioningState/{state}"), "level": "Info",
                "displayStatus": format!("Provisioning {state}"), "time": time,
            },
            { "code": format!("PowerState/{power}"), "level": "Info", "displayStatus": format!("VM {power}") },
        ],
        "disks": [{
            "name": body::text(&resource.written, &format!("{OS_DISK}.name")),
            "statuses": [{
                "code": "ProvisioningState/succeeded", "level": "Info", "displayStatus": "Provisioning succeeded",
                "time": time,
            }],
        }],
    });
    if power == "running" {
        view["vmAgent"] = json!({
            "vmAgentVersion": "2.9.1.1",
            "statuses": [{
                "code": "ProvisioningState/succeeded", "level": "Info", "displayStatus": "Ready", "time": time,
                "message": "Guest Agent is running",
            }],
        });
    }
    let extensions: Vec<Value> = cx
        .store
        .children(&resource.key(), VIRTUAL_MACHINE_EXTENSION.resource_type)?
        .iter()
        .map(|row| {
            json!({
                "name": row.id.name(), "type": body::text(&row.written, "properties.type"),
                "typeHandlerVersion": body::text(&row.written, "properties.typeHandlerVersion"),
                "statuses": [{
                    "code": format!("ProvisioningState/{}", row.state.to_ascii_lowercase()), "level": "Info",
                    "displayStatus": "Ready",
                }],
            })
        })
        .collect();
    if !extensions.is_empty() {
        view["extensions"] = json!(extensions);
    }
    Ok(view)
}
