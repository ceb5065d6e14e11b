//! Extensions of Kubernetes clusters.

use serde_json::{Value, json};

use super::{bad, missing};
use crate::kinds::MANAGED_CLUSTER;
use crate::simulator::answer::Outcome;
use crate::simulator::quirks::Quirk;
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, TENANT, body};

/// What the service decides, though the definitions let it be sent.
const DECIDED: [&str; 4] = ["statuses", "aksAssignedIdentity", "managementDetails", "additionalDetails"];

/// The extension that makes a cluster a place for machine learning.
pub(in crate::simulator) const MACHINE_LEARNING: &str = "Microsoft.AzureML.Kubernetes";

/// The release that is installed where none is asked for.
const VERSION: &str = "1.1.64";

pub(super) struct Extension;

impl Quirk for Extension {
    fn normalise(&self, draft: &mut Draft) {
        for name in DECIDED {
            body::take(&mut draft.written, &format!("properties.{name}"));
        }
    }

    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        if !draft.id.parent().is_some_and(|cluster| cluster.is(&MANAGED_CLUSTER)) {
            return Err(bad("An extension stands on a Kubernetes cluster only.").into());
        }
        let Some(kind) = draft.text("properties.extensionType").map(str::to_owned) else {
            return Err(missing("extensionType").into());
        };
        let follows = body::get(&draft.written, "properties.autoUpgradeMinorVersion");
        if draft.text("properties.version").is_some() {
            if follows == Some(&json!(true)) {
                return Err(bad("Only one of autoUpgradeMinorVersion and version can be given.").into());
            }
            body::set(&mut draft.written, "properties.autoUpgradeMinorVersion", json!(false));
        } else if follows.is_none() {
            body::set(&mut draft.written, "properties.autoUpgradeMinorVersion", json!(true));
        }
        if body::get(&draft.written, "properties.releaseTrain").is_none() {
            body::set(&mut draft.written, "properties.releaseTrain", json!("Stable"));
        }
        if kind.eq_ignore_ascii_case(MACHINE_LEARNING) {
            let settings = body::get(&draft.written, "properties.configurationSettings");
            let on = |name: &str| {
                settings
                    .and_then(|all| all.get(name))
                    .and_then(Value::as_str)
                    .is_some_and(|word| word.eq_ignore_ascii_case("true"))
            };
            if !on("enableTraining") && !on("enableInference") {
                return Err(bad("At least one of enableTraining and enableInference must be true.").into());
            }
        }
        draft.stamp_once("principal", || Ok(json!(cx.store.guid()?)))
    }

    fn show(&self, _cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        let principal = body::take(shown, "principal").unwrap_or_default();
        let version = body::text(&resource.written, "properties.version").unwrap_or(VERSION).to_owned();
        body::set(shown, "properties.currentVersion", json!(version));
        body::set(shown, "properties.isSystemExtension", json!(false));
        body::set(shown, "properties.statuses", json!([]));
        body::set(
            shown,
            "properties.aksAssignedIdentity",
            json!({ "principalId": principal, "tenantId": TENANT, "type": "SystemAssigned" }),
        );
        Ok(())
    }
}
