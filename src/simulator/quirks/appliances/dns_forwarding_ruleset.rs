//! DNS forwarding rulesets, their rules and the networks that follow them.

use crate::kinds::RULESET_LINK;
use crate::simulator::answer::{Outcome, Refusal};
use crate::simulator::quirks::Quirk;
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body, references};

use super::dns_resolver::{conflict, in_region, nothing_nested};

/// How many endpoints a ruleset may use, and servers a rule (limits of Azure DNS).
const ENDPOINTS: usize = 2;
const SERVERS: usize = 6;

pub(super) struct Ruleset;

impl Quirk for Ruleset {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        let endpoints = body::values(&draft.written, "properties.dnsResolverOutboundEndpoints[].id");
        if endpoints.is_empty() || endpoints.len() > ENDPOINTS {
            return Err(bad(
                format!("A DNS forwarding ruleset uses 1 to {ENDPOINTS} outbound endpoints."),
                "properties.dnsResolverOutboundEndpoints",
            )
            .into());
        }
        for id in endpoints.into_iter().filter_map(|id| id.as_str()) {
            let Some(row) = cx.store.resource(&id.to_ascii_lowercase())? else { continue };
            if body::text(&row.written, "location") != draft.text("location") {
                return Err(references::dangling(
                    &draft.id,
                    "properties.dnsResolverOutboundEndpoints",
                    &row.id,
                )
                .into());
            }
        }
        Ok(())
    }

    fn release(&self, cx: &Cx<'_>, resource: &Resource) -> Outcome<()> {
        nothing_nested(cx, resource, RULESET_LINK.resource_type)
    }
}

pub(super) struct Rule;

impl Quirk for Rule {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        const DOMAIN: &str = "properties.domainName";
        let domain = draft.text(DOMAIN).unwrap_or_default();
        if !domain.ends_with('.') {
            return Err(bad(format!("The domain name '{domain}' must end with a dot."), DOMAIN).into());
        }
        let servers = body::values(&draft.written, "properties.targetDnsServers[]").len();
        if servers == 0 || servers > SERVERS {
            return Err(bad(
                format!("A forwarding rule has 1 to {SERVERS} target DNS servers."),
                "properties.targetDnsServers",
            )
            .into());
        }
        let Some(ruleset) = draft.id.parent() else { return Ok(()) };
        let siblings = cx.store.children(&ruleset.canonical(), draft.kind.resource_type)?;
        let twin = siblings.iter().find(|row| {
            row.id != draft.id
                && body::text(&row.written, DOMAIN).is_some_and(|other| other.eq_ignore_ascii_case(domain))
        });
        match twin {
            None => Ok(()),
            Some(twin) => {
                Err(conflict(format!("The rule '{}' already forwards '{domain}'.", twin.id.name())).into())
            }
        }
    }
}

pub(super) struct Link;

impl Quirk for Link {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        let (Some(network), Some(ruleset)) = (draft.id_at("properties.virtualNetwork.id"), draft.id.parent())
        else {
            return Ok(());
        };
        if let Some(row) = cx.store.resource(&ruleset.canonical())? {
            in_region(cx, draft, &network, body::text(&row.written, "location"))?;
        }
        let others = cx.store.referrers(&network.canonical(), draft.kind.resource_type)?;
        match others.iter().find(|other| other.id != draft.id) {
            None => Ok(()),
            Some(other) => Err(conflict(format!(
                "The virtual network '{network}' is already linked to a DNS forwarding ruleset by '{}'.",
                other.id
            ))
            .into()),
        }
    }
}

fn bad(message: String, path: &str) -> Refusal {
    Refusal::new(400, "BadRequest", message).target(path)
}
