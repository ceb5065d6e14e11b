//! Extensions of virtual machines.

use serde_json::Value;

use super::missing;
use crate::kinds::VIRTUAL_MACHINE_EXTENSION;
use crate::simulator::answer::{Outcome, Refusal};
use crate::simulator::quirks::Quirk;
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body};

const TYPE: &str = "properties.type";

pub(super) struct Extension;

impl Quirk for Extension {
    fn normalise(&self, draft: &mut Draft) {
        body::take(&mut draft.written, "properties.instanceView");
    }

    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        for name in ["publisher", "type", "typeHandlerVersion"] {
            if draft.text(&format!("properties.{name}")).is_none() {
                return Err(missing(name).into());
            }
        }
        let Some(machine) = draft.id.parent() else { return Ok(()) };
        let Some(machine) = cx.store.resource(&machine.canonical())? else { return Ok(()) };
        running(&machine)?;
        if draft.text(TYPE).is_some_and(is_script) {
            script(draft)?;
            for other in cx.store.children(&machine.key(), VIRTUAL_MACHINE_EXTENSION.resource_type)? {
                if other.id != draft.id && body::text(&other.written, TYPE).is_some_and(is_script) {
                    return Err(Refusal::new(
                        400,
                        "BadRequest",
                        format!(
                            "Multiple VMExtensions per handler not supported for OS type 'Linux'. VMExtension '{}' \
                             with handler 'Microsoft.Azure.Extensions.CustomScript' already added or specified in \
                             input.",
                            other.id.name()
                        ),
                    )
                    .into());
                }
            }
        }
        Ok(())
    }
}

fn is_script(kind: &str) -> bool {
    kind.eq_ignore_ascii_case("CustomScript")
}

/// Refuses to touch the extensions of a machine that is off or on its way out.
fn running(machine: &Resource) -> Outcome<()> {
    let power = body::text(&machine.stamped, "power").unwrap_or("running");
    if power == "running" && machine.state != "Deleting" {
        return Ok(());
    }
    Err(Refusal::new(
        409,
        "OperationNotAllowed",
        "Cannot modify extensions in the VM when the VM is not running.",
    )
    .into())
}

/// The rules of the settings of CustomScript.
fn script(draft: &Draft) -> Outcome<()> {
    let open = body::get(&draft.written, "properties.settings").and_then(Value::as_object);
    let closed = body::get(&draft.sent_only, "properties.protectedSettings").and_then(Value::as_object);
    let refuse = |why: String| Err(Refusal::new(400, "InvalidParameter", why).target("settings").into());
    let names = |map: Option<&serde_json::Map<String, Value>>| -> Vec<String> {
        map.into_iter().flat_map(|map| map.keys().cloned()).collect()
    };
    let (open, closed) = (names(open), names(closed));
    if let Some(both) = open.iter().find(|name| closed.contains(name)) {
        return refuse(format!("The key '{both}' stands in both settings and protectedSettings."));
    }
    let has = |name: &str| open.iter().chain(&closed).any(|known| known == name);
    if draft.is_new() && !has("commandToExecute") && !has("script") {
        return refuse("Either 'commandToExecute' or 'script' must be given.".to_owned());
    }
    if has("commandToExecute") && has("script") {
        return refuse("Only one of 'commandToExecute' and 'script' can be given.".to_owned());
    }
    Ok(())
}
