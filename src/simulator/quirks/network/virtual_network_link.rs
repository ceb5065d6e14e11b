//! Links between private DNS zones and virtual networks.

use serde_json::{Value, json};

use crate::kinds::ResourceId;
use crate::simulator::answer::{Outcome, Refusal};
use crate::simulator::latency::Lag;
use crate::simulator::quirks::Quirk;
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body};

const NETWORK: &str = "properties.virtualNetwork.id";

pub(super) struct Link;

impl Quirk for Link {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        let (Some(network), Some(zone)) = (draft.id_at(NETWORK), draft.id.parent()) else {
            return Err(Refusal::new(
                400,
                "BadRequest",
                format!("The virtual network link '{}' names no virtual network.", draft.id.name()),
            )
            .target(NETWORK)
            .into());
        };
        let registers = |written: &Value| {
            body::get(written, "properties.registrationEnabled") == Some(&Value::Bool(true))
        };
        for other in cx.store.referrers(&network.canonical(), draft.kind.resource_type)? {
            let Some(other_zone) = other.id.parent() else { continue };
            if other.id == draft.id {
                continue;
            }
            if other_zone == zone {
                return Err(Refusal::new(
                    409,
                    "Conflict",
                    format!(
                        "The virtual network '{network}' is already linked to the zone '{}' by '{}'.",
                        zone.name(),
                        other.id
                    ),
                )
                .into());
            }
            if other_zone.name().eq_ignore_ascii_case(zone.name()) {
                return Err(overlap(&other_zone, &zone).into());
            }
            if registers(&other.written) && registers(&draft.written) {
                return Err(Refusal::new(
                    400,
                    "BadRequest",
                    format!("The virtual network '{network}' is already linked to a zone with registration enabled."),
                )
                .into());
            }
        }
        if zone.name().to_ascii_lowercase().starts_with("privatelink.")
            && body::get(&draft.written, "properties.resolutionPolicy").is_none()
        {
            body::set(&mut draft.written, "properties.resolutionPolicy", json!("Default"));
        }
        Ok(())
    }

    fn show(&self, _cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        let state = if resource.state == "Succeeded" { "Completed" } else { "InProgress" };
        body::set(shown, "properties.virtualNetworkLinkState", json!(state));
        Ok(())
    }

    fn removed(&self, cx: &Cx<'_>, resource: &Resource) -> Outcome<()> {
        let lag = cx.settings.latency.lag(Lag::ZoneLink);
        if lag > 0
            && let Some(zone) = resource.id.parent()
        {
            cx.store.linger(&zone.canonical(), resource.id.as_str(), cx.now.saturating_add(lag))?;
        }
        Ok(())
    }
}

fn overlap(one: &ResourceId, other: &ResourceId) -> Refusal {
    Refusal::new(
        400,
        "BadRequest",
        format!(
            "A virtual network cannot be linked to multiple zones with overlapping namespaces. You tried to link \
             virtual network with '{}' and '{}' zones.",
            one.name(),
            other.name()
        ),
    )
}
