//! The private endpoints of a Databricks workspace: by which users reach it,
//! and by which its clusters reach Databricks.

use std::collections::BTreeMap;

use crate::block;
use crate::engine::graph::Handle;
use crate::kinds::{PRIVATE_DNS_ZONE, ResourceId, SUBNET};
use crate::resources::private_endpoint::{Site, endpoint_name, zone_group};
use crate::resources::recall::{Found, Recalled, Seen, id, items};
use crate::resources::{Stack, checks};
use crate::schema::config::{Field, State};
use crate::schema::{Diagnostics, Value};

const DNS: [&str; 2] = ["zones", "policy"];
/// The group by which a workspace is reached, and that of the sign-in of
/// browsers.
const WORKSPACE: &str = "databricks_ui_api";
const BROWSERS: &str = "browser_authentication";

block! {
    /// The private endpoint by which users reach the workspace, from a network of theirs.
    pub struct FrontEnd {
        /// The id of the subnet that the endpoint stands in. It must not be one of Databricks' own.
        pub subnet_id: Field<String> = required().check(|v, p, d| checks::id_of(&SUBNET, v, p, d)),
        /// The ids of the private DNS zones of `databricks_ui_api`, as `amlsecure_private_dns` gives them.
        pub private_dns_zone_ids: Field<Vec<Field<String>>> = optional()
            .check(|v, p, d| checks::each(|v, p, d| checks::id_of(&PRIVATE_DNS_ZONE, v, p, d), v, p, d)),
        /// `zones`: the endpoint writes its names into `private_dns_zone_ids`. `policy`: an Azure Policy
        /// does, and what it makes is left alone.
        pub dns: Field<String> = default("zones").check(|v, p, d| checks::one_of(&DNS, v, p, d)),
        /// Whether browsers sign in through an endpoint too. A region and its zones take one of these: leave
        /// it to one workspace that is never deleted.
        pub browser_authentication_enabled: Field<bool> = default(true),
    }
}

block! {
    /// The private endpoint by which clusters reach Databricks.
    pub struct BackEnd {
        /// The id of the subnet that the endpoint stands in, in the network of the clusters. It must not be
        /// one of Databricks' own.
        pub subnet_id: Field<String> = required().check(|v, p, d| checks::id_of(&SUBNET, v, p, d)),
        /// The ids of the private DNS zones of `databricks_ui_api`, as `amlsecure_private_dns` gives them.
        pub private_dns_zone_ids: Field<Vec<Field<String>>> = optional()
            .check(|v, p, d| checks::each(|v, p, d| checks::id_of(&PRIVATE_DNS_ZONE, v, p, d), v, p, d)),
        /// `zones`: the endpoint writes its names into `private_dns_zone_ids`. `policy`: an Azure Policy
        /// does, and what it makes is left alone.
        pub dns: Field<String> = default("zones").check(|v, p, d| checks::one_of(&DNS, v, p, d)),
    }
}

/// What both blocks say of an endpoint.
pub(super) struct Way<'a> {
    subnet_id: &'a Field<String>,
    zone_ids: &'a Field<Vec<Field<String>>>,
    dns: &'a Field<String>,
}

impl FrontEnd {
    pub(super) fn way(&self) -> Way<'_> {
        Way { subnet_id: &self.subnet_id, zone_ids: &self.private_dns_zone_ids, dns: &self.dns }
    }

    pub(super) fn expand(&self, stack: &mut Stack<'_>, site: &Site<'_>, target: &Handle) {
        self.way().expand(stack, site, target, "front_end", WORKSPACE);
        match self.browser_authentication_enabled.state {
            State::Unknown => stack.incomplete(),
            State::Known(true) => {
                self.way().expand(stack, site, target, "front_end/browser_authentication", BROWSERS);
            }
            State::Known(false) | State::Null => {}
        }
    }
}

impl BackEnd {
    pub(super) fn way(&self) -> Way<'_> {
        Way { subnet_id: &self.subnet_id, zone_ids: &self.private_dns_zone_ids, dns: &self.dns }
    }
}

impl Way<'_> {
    fn writes_names(&self) -> bool {
        self.dns.text() != Some("policy")
    }

    /// A name that no zone answers for fails in silence.
    pub(super) fn check(&self, problems: &mut Diagnostics) {
        let none = match &self.zone_ids.state {
            State::Null => true,
            State::Known(ids) => ids.is_empty(),
            State::Unknown => false,
        };
        if none && self.writes_names() && !self.dns.is_unknown() {
            problems.error(
                self.zone_ids.path.clone(),
                format!("No private DNS zone is given for {WORKSPACE:?}"),
                format!(
                    "The endpoint would have no name. Add {WORKSPACE:?} to the services of your amlsecure_private_dns, \
                     or set dns = \"policy\" if an Azure Policy writes the names."
                ),
            );
        }
    }

    /// Both endpoints have the workspace's one name: in one zone the later
    /// would take it from the earlier.
    pub(super) fn check_apart_from(&self, other: &Way<'_>, problems: &mut Diagnostics) {
        if !self.writes_names() || !other.writes_names() {
            return;
        }
        let zone = |field: &Field<String>| field.text().and_then(|text| ResourceId::parse(text).ok());
        let theirs: Vec<ResourceId> = other.zone_ids.elements().filter_map(zone).collect();
        if self.zone_ids.elements().filter_map(zone).any(|zone| theirs.contains(&zone)) {
            problems.error(
                self.zone_ids.path.clone(),
                "front_end and back_end cannot write one name into one zone",
                "Users who resolve names in the zones of back_end need no front_end; others need zones of their own, in \
                 another resource group.",
            );
        }
    }

    pub(super) fn expand(
        &self,
        stack: &mut Stack<'_>,
        site: &Site<'_>,
        target: &Handle,
        key: &str,
        service: &str,
    ) {
        let key = format!("{key}/endpoint");
        let endpoint = site.endpoint(stack, &key, &short(&key), self.subnet_id, target, service);
        if self.dns.is_unknown() {
            stack.incomplete();
        }
        if !self.writes_names() {
            return;
        }
        zone_group(stack, &format!("{key}/dns"), &endpoint, &self.zone_ids.state, &self.zone_ids.path);
    }
}

/// `front-end` of `front_end/endpoint`.
fn short(key: &str) -> String {
    key.trim_end_matches("/endpoint").replace(['/', '_'], "-")
}

/// Adds the `front_end` and `back_end` blocks that ask for the endpoints of a
/// workspace in its own resource group.
pub(super) fn recall(recalled: &mut Recalled, databricks: &Found, network: &ResourceId, seen: &Seen) {
    let endpoints: Vec<&Found> = items(&databricks.body, "/properties/privateEndpointConnections")
        .filter_map(|connection| seen.named(connection, "/properties/privateEndpoint/id"))
        .filter(|found| found.belongs_to(databricks) && found.id.parent() == databricks.id.parent())
        .collect();
    let of = |service: &str| {
        let serves = |found: &&&Found| {
            let groups = "/properties/privateLinkServiceConnections/0/properties/groupIds/0";
            found.body.pointer(groups).and_then(serde_json::Value::as_str) == Some(service)
        };
        endpoints.iter().filter(serves).copied().collect::<Vec<_>>()
    };
    let what = |way: &str| format!("{}-{}", databricks.id.name(), short(way));
    let (mut front, mut back): (Option<&Found>, Option<&Found>) = (None, None);
    for found in of(WORKSPACE) {
        let is = |way: &str| found.id.name().eq_ignore_ascii_case(&endpoint_name(&what(way)));
        let inside = id(&found.body, "/properties/subnet/id").and_then(|subnet| subnet.parent());
        let to_back = is("back_end") || !is("front_end") && inside.as_ref() == Some(network);
        let slot = if to_back && back.is_none() || front.is_some() { &mut back } else { &mut front };
        slot.get_or_insert(found);
    }
    let mut block = |key: &str, found: &Found, more: Option<&Found>| {
        let mut part = |key: &str, found: &Found| {
            recalled.endpoint(&format!("{key}/endpoint"), &what(key), WORKSPACE, found, seen)
        };
        let zones = part(key, found);
        if let Some(more) = more {
            part(&format!("{key}/browser_authentication"), more);
        }
        let mut members = BTreeMap::from([
            ("subnet_id", id(&found.body, "/properties/subnet/id").map(|id| id.to_string()).into()),
            ("dns", if zones.is_some() { "zones" } else { "policy" }.into()),
            (
                "private_dns_zone_ids",
                zones.map_or(Value::Null, |ids| Value::list(ids.iter().map(ResourceId::as_str))),
            ),
        ]);
        if key == "front_end" {
            members.insert("browser_authentication_enabled", more.is_some().into());
        }
        Value::object(members)
    };
    let front_end =
        front.map_or(Value::Null, |found| block("front_end", found, of(BROWSERS).first().copied()));
    let back_end = back.map_or(Value::Null, |found| block("back_end", found, None));
    recalled.arguments.push(("front_end", front_end));
    recalled.arguments.push(("back_end", back_end));
}
