//! User-assigned identities.

use serde_json::json;

use crate::simulator::answer::Outcome;
use crate::simulator::latency::Lag;
use crate::simulator::quirks::Quirk;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, TENANT, body};

pub(super) struct UserAssignedIdentity;

impl Quirk for UserAssignedIdentity {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        draft.stamp_once("properties.tenantId", || Ok(json!(TENANT)))?;
        draft.stamp_once("properties.clientId", || Ok(json!(cx.store.guid()?)))?;
        draft.stamp_once("properties.principalId", || Ok(json!(cx.store.guid()?)))?;
        if draft.is_new()
            && let Some(principal) = body::text(&draft.stamped, "properties.principalId")
        {
            let seen = cx.now.saturating_add(cx.settings.latency.lag(Lag::Principal));
            cx.store.add_principal(principal, &draft.id.canonical(), seen)?;
        }
        Ok(())
    }
}
