//! Log Analytics workspaces: made again within two weeks they are the old one.

use serde_json::{Value, json};

use super::private_link_scope::show_scopes;
use crate::simulator::answer::{Answer, Outcome, Refusal};
use crate::simulator::quirks::{Quirk, secret};
use crate::simulator::route::Request;
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body, timestamp};

/// Days that a deleted workspace keeps its name and data.
const RETENTION_DAYS: i64 = 14;

const PERMISSIONS_ONLY: &str = "properties.features.enableLogAccessUsingOnlyResourcePermissions";

pub(super) struct LogWorkspace;

impl Quirk for LogWorkspace {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        if draft.is_new()
            && let Some(deleted) = cx.store.deleted(&draft.id.canonical())?
        {
            // Only in its own region is the old one brought back.
            let taken = cx.settings.behaviour.deleted_log_names_taken;
            if taken && body::text(&deleted.written, "location") != draft.text("location") {
                return Err(Refusal::new(
                    409,
                    "Conflict",
                    format!("The workspace name '{}' is not unique", draft.id.name()),
                )
                .target("name")
                .into());
            }
            draft.stamped = deleted.stamped;
            cx.store.forget(&draft.id.canonical())?;
        }
        if draft.is_new() && body::get(&draft.written, PERMISSIONS_ONLY) == Some(&json!(true)) {
            // Kept from the second PUT on (azure-rest-api-specs#21591).
            body::set(&mut draft.written, PERMISSIONS_ONLY, json!(false));
        }
        let now = timestamp(cx.now);
        draft.stamp_once("properties.customerId", || Ok(json!(cx.store.guid()?)))?;
        draft.stamp_once("properties.createdDate", || Ok(json!(now)))?;
        Ok(())
    }

    fn show(&self, cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        show_scopes(cx, resource, shown, ["properties.privateLinkScopedResources", "resourceId", "scopeId"])
    }

    fn actions(&self) -> &'static [&'static str] {
        &["sharedKeys"]
    }

    fn act(&self, _cx: &Cx<'_>, resource: &Resource, action: &str, _sent: &Value) -> Outcome<Option<Answer>> {
        Ok((action == "sharedkeys").then(|| {
            let (primary, secondary) = (secret(resource, "primary"), secret(resource, "secondary"));
            Answer::json(200, json!({ "primarySharedKey": primary, "secondarySharedKey": secondary }))
        }))
    }

    fn purges(&self, request: &Request<'_>) -> bool {
        request.query("force").is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    fn retention_days(&self, _resource: &Resource) -> Option<i64> {
        Some(RETENTION_DAYS)
    }
}
