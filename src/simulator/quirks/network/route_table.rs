//! Route tables: what a route may say, and who uses the table.

use std::net::IpAddr;

use serde_json::Value;

use super::security_rule::is_address_prefix;
use crate::simulator::answer::{Outcome, Refusal};
use crate::simulator::quirks::Quirk;
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body};

pub(super) struct RouteTable;

impl Quirk for RouteTable {
    fn accept(&self, _cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        let routes: Vec<&Draft> = draft.embedded.iter().flat_map(|embedded| &embedded.drafts).collect();
        for (at, route) in routes.iter().enumerate() {
            for other in &routes[..at] {
                apart((route.id.name(), &route.written), (other.id.name(), &other.written))?;
            }
        }
        Ok(())
    }

    fn show(&self, cx: &Cx<'_>, resource: &Resource, shown: &mut Value) -> Outcome<()> {
        super::show_subnets(cx, resource, shown)
    }

    fn release(&self, cx: &Cx<'_>, resource: &Resource) -> Outcome<()> {
        if cx.store.referrers(&resource.key(), super::SUBNETS)?.is_empty() {
            return Ok(());
        }
        Err(Refusal::new(
            400,
            "InUseRouteTableCannotBeDeleted",
            format!("Route table {} is in use and cannot be deleted.", resource.id.name()),
        )
        .into())
    }
}

pub(super) struct Route;

impl Quirk for Route {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        well_formed(draft)?;
        // The table judges its routes together.
        let Some(table) = draft.id.parent().filter(|_| !draft.inline) else { return Ok(()) };
        for other in cx.store.children(&table.canonical(), draft.kind.resource_type)? {
            if other.id != draft.id {
                apart((draft.id.name(), &draft.written), (other.id.name(), &other.written))?;
            }
        }
        Ok(())
    }

    fn show(&self, _cx: &Cx<'_>, _resource: &Resource, shown: &mut Value) -> Outcome<()> {
        body::set(shown, "properties.hasBgpOverride", Value::Bool(false));
        Ok(())
    }
}

/// Refuses two routes of one prefix.
fn apart(route: (&str, &Value), other: (&str, &Value)) -> Outcome<()> {
    let prefix = |route: &Value| body::text(route, "properties.addressPrefix").map(str::to_ascii_lowercase);
    if prefix(route.1) != prefix(other.1) {
        return Ok(());
    }
    Err(Refusal::new(
        400,
        "RouteConflict",
        format!(
            "Route {} conflicts with route {}. Routes cannot have the same AddressPrefix.",
            route.0, other.0
        ),
    )
    .into())
}

/// Refuses a route to nowhere that is.
fn well_formed(draft: &Draft) -> Outcome<()> {
    let name = draft.id.name();
    let fail = |why: String| Refusal::new(400, "InvalidRoute", why).target(name);
    let prefix = draft.text("properties.addressPrefix").unwrap_or_default();
    if prefix == "*" || !is_address_prefix(prefix) {
        return Err(
            fail(format!("Route {name} has an invalid address prefix. Value provided: {prefix}.")).into()
        );
    }
    let to_appliance = draft.text("properties.nextHopType") == Some("VirtualAppliance");
    let hop = draft.text("properties.nextHopIpAddress").filter(|hop| !hop.is_empty());
    match hop {
            Some(_) if !to_appliance => Err(fail(format!(
                "Route {name} has a NextHopIpAddress, which is allowed only where NextHopType is VirtualAppliance."
            ))
            .into()),
            None if to_appliance => Err(fail(format!(
                "NextHopIpAddress cannot be Null or Empty in route {name} when NextHopType is VirtualAppliance."
            ))
            .into()),
            Some(hop) if hop.parse::<IpAddr>().is_err() => {
                Err(fail(format!("Route {name} has an invalid NextHopIpAddress. Value provided: {hop}.")).into())
            }
            _ => Ok(()),
        }
}
