//! Private endpoints and their names, as composites make and recall them; and
//! the `private_endpoint` block of a workspace, which makes them for the
//! workspace and for everything that it stands on.
//!
//! ```text
//! workspace, key_vault, container_registry, storage/<service>
//!     <- <key>/endpoint <- <key>/endpoint/dns
//! ```

use std::collections::BTreeMap;

use super::recall::{Found, Recalled, Seen, id, items, text};
use super::{Stack, checks};
use crate::engine::graph::{Expr, Handle, Unfit};
use crate::kinds::zones::zones;
use crate::kinds::{PRIVATE_DNS_ZONE, PRIVATE_DNS_ZONE_GROUP, PRIVATE_ENDPOINT, ResourceId, SUBNET};
use crate::schema::config::{Field, SetOf, State};
use crate::schema::{Diagnostics, Path, Value};
use crate::{block, body};

/// What a resource shows that has a private endpoint.
pub(super) const fn connected(why: &'static str) -> Unfit {
    let path = "properties.privateEndpointConnections[].properties.privateLinkServiceConnectionState.status";
    Unfit { path, word: Some("Approved"), why }
}

block! {
    /// Private endpoints of the workspace and of everything that it stands on, all in one subnet.
    pub struct PrivateEndpoint {
        /// The id of the subnet that the endpoints stand in.
        pub subnet_id: Field<String> = required().check(|v, p, d| checks::id_of(&SUBNET, v, p, d)),
        /// The ids of the private DNS zones by service, as `amlsecure_private_dns` gives them. They may lie in
        /// another subscription.
        pub private_dns_zone_ids: Field<BTreeMap<String, Field<Vec<Field<String>>>>> = optional()
            .check(check_zone_ids),
        /// What gets an endpoint: `workspace`, `storage_account`, `key_vault`, `container_registry`. Everything
        /// does where this is left out. Leave out here what is reached by a service endpoint.
        pub targets: Field<SetOf> = optional().check(checks::not_empty)
            .check(|v, p, d| checks::each(|v, p, d| checks::one_of(&TARGETS, v, p, d), v, p, d)),
        /// Services of the storage account that get endpoints besides `blob` and `file`, which always do:
        /// `queue`, `table` and `dfs`.
        pub storage_services: Field<SetOf> = default(["blob", "file"])
            .check(|v, p, d| checks::each(|v, p, d| checks::one_of(&STORAGE_SERVICES, v, p, d), v, p, d)),
        /// `zones`: the endpoints write their names into `private_dns_zone_ids`. `policy`: an Azure Policy
        /// does, and what it makes is left alone.
        pub dns: Field<String> = default("zones")
            .check(|v, p, d| checks::one_of(&["zones", "policy"], v, p, d)),
    }
}

/// What can have endpoints.
pub(super) const TARGETS: [&str; 4] = ["workspace", "storage_account", "key_vault", "container_registry"];

/// The zone group that Azure's own policies write ("configure private DNS zones").
const OF_A_POLICY: &str = "deployedByPolicy";

pub(super) const STORAGE_SERVICES: [&str; 5] = ["blob", "file", "queue", "table", "dfs"];

/// Where endpoints are made, and for which workspace.
pub(super) struct Site<'a> {
    pub(super) group: Option<&'a ResourceId>,
    pub(super) workspace: &'a Field<String>,
    pub(super) location: &'a Field<String>,
}

impl Site<'_> {
    /// An endpoint in a subnet for one service of a target. `suffix` tells it
    /// from the others of the workspace.
    pub(super) fn endpoint(
        &self,
        stack: &mut Stack<'_>,
        key: &str,
        suffix: &str,
        subnet: &Field<String>,
        target: &Handle,
        service: &str,
    ) -> Handle {
        let of = self.workspace.text().map(|workspace| format!("{workspace}-{suffix}"));
        let asked = body!({ "privateLinkServiceId": (target.id()), "groupIds": [(service)] });
        let body = body!({
            "location": (self.location),
            "properties": {
                "subnet": { "id": (subnet) },
                "privateLinkServiceConnections": (connections(stack, key, of.as_deref(), asked)),
            },
        });
        stack.add(key, &PRIVATE_ENDPOINT, self.group, of.as_deref().map(endpoint_name), body, &subnet.path)
    }
}

impl PrivateEndpoint {
    /// The services that get an endpoint, out of what there is.
    fn services(&self, there: &[&str]) -> Vec<&str> {
        let is_for = |target| there.contains(&target) && self.is_for(target);
        let mut services = Vec::new();
        services.extend(is_for("workspace").then_some("amlworkspace"));
        services.extend(is_for("key_vault").then_some("vault"));
        services.extend(is_for("container_registry").then_some("registry"));
        if is_for("storage_account") {
            services.extend(self.storage_services());
        }
        services
    }

    /// Whether a target certainly has endpoints.
    pub(super) fn is_for(&self, target: &str) -> bool {
        self.targets.is_null() || self.targets.texts().contains(&target)
    }

    /// Whether a target has endpoints, or may have.
    pub(super) fn may_be_for(&self, target: &str) -> bool {
        !self.targets.is_whole() || self.is_for(target)
    }

    pub(super) fn is_for_all(&self) -> bool {
        TARGETS.iter().all(|target| self.may_be_for(target))
    }

    /// Whether it certainly has one for what service endpoints lead to as well.
    pub(super) fn is_for_what_has_service_endpoints(&self) -> bool {
        self.is_for("storage_account") || self.is_for("key_vault")
    }

    /// Whether it is known which endpoints there will be.
    pub(super) fn is_decided(&self) -> bool {
        self.targets.is_whole() && self.storage_services.is_whole()
    }

    fn storage_services(&self) -> Vec<&str> {
        let chosen = self.storage_services.texts();
        STORAGE_SERVICES
            .into_iter()
            .filter(|service| matches!(*service, "blob" | "file") || chosen.contains(service))
            .collect()
    }

    pub(super) fn makes_zone_groups(&self) -> bool {
        self.dns.text() != Some("policy")
    }

    /// A name that no zone answers for fails in silence: every service needs its zones.
    pub(super) fn check(&self, there: &[&str], problems: &mut Diagnostics) {
        if !self.makes_zone_groups() || self.private_dns_zone_ids.is_unknown() || self.dns.is_unknown() {
            return;
        }
        let zones = self.private_dns_zone_ids.known();
        for service in self.services(there) {
            let given = zones.and_then(|zones| zones.get(service));
            let missing = match given.map(|ids| &ids.state) {
                None | Some(State::Null) => true,
                Some(State::Known(ids)) => ids.is_empty(),
                Some(State::Unknown) => false,
            };
            if missing {
                problems.error(
                    self.private_dns_zone_ids.path.clone(),
                    format!("No private DNS zone is given for {service:?}"),
                    format!(
                        "The endpoint of {service:?} would have no name. Add {service:?} to the services of your \
                         amlsecure_private_dns, or set dns = \"policy\" if an Azure Policy writes the names."
                    ),
                );
            }
        }
    }

    /// An endpoint, and its names, for each target and each service of the
    /// storage account; the endpoints by key, and the zone groups with their names.
    pub(super) fn expand(
        &self,
        stack: &mut Stack<'_>,
        site: &Site<'_>,
        targets: &[(&str, &Handle)],
        storage: Option<&Handle>,
    ) -> (BTreeMap<String, Handle>, Vec<Handle>) {
        if !self.is_decided() {
            stack.incomplete();
        }
        let mut all: Vec<(String, &Handle, &str)> = targets
            .iter()
            .filter(|(key, _)| self.is_for(key))
            .map(|(key, target)| {
                let service = match *key {
                    "key_vault" => "vault",
                    "container_registry" => "registry",
                    _ => "amlworkspace",
                };
                ((*key).to_owned(), *target, service)
            })
            .collect();
        if let Some(storage) = storage.filter(|_| self.is_for("storage_account")) {
            let each = self.storage_services().into_iter();
            all.extend(each.map(|service| (format!("storage/{service}"), storage, service)));
        }
        let mut endpoints = BTreeMap::new();
        let mut groups = Vec::new();
        for (key, target, service) in all {
            let key = format!("{key}/endpoint");
            let endpoint = site.endpoint(stack, &key, service, &self.subnet_id, target, service);
            if self.makes_zone_groups() {
                groups.push(self.zone_group(stack, &key, &endpoint, service));
            }
            endpoints.insert(key, endpoint);
        }
        (endpoints, groups)
    }

    fn zone_group(&self, stack: &mut Stack<'_>, key: &str, endpoint: &Handle, service: &str) -> Handle {
        let all = &self.private_dns_zone_ids;
        let of_service = all.known().and_then(|zones| zones.get(service)).map(|ids| &ids.state);
        let ids = match of_service {
            None if all.is_unknown() => &State::Unknown,
            None => &State::Null,
            Some(ids) => ids,
        };
        zone_group(stack, &format!("{key}/dns"), endpoint, ids, &all.path)
    }
}

/// The connections of the endpoint `key`: one, under a name that follows from
/// what the endpoint is `of`, unless the user has another.
pub(super) fn connections(stack: &mut Stack<'_>, key: &str, of: Option<&str>, asked: Expr) -> Expr {
    let name = stack.name(&format!("{key}/connection"), of.map(connection_name));
    body!([{ "name": (name.map_or(Expr::Unknown, Expr::from)), "properties": (asked) }])
}

/// The group by which an endpoint writes its names into the zones of these ids.
pub(super) fn zone_group(
    stack: &mut Stack<'_>,
    key: &str,
    endpoint: &Handle,
    ids: &State<Vec<Field<String>>>,
    at: &Path,
) -> Handle {
    let configs = match ids {
        State::Known(ids) => Expr::array(ids.iter().map(|id| zone_config(stack, key, id))),
        State::Unknown => Expr::Unknown,
        State::Null => Expr::array([]),
    };
    if configs.has_unknown() {
        stack.names_within(key);
    }
    stack.add(
        key,
        &PRIVATE_DNS_ZONE_GROUP,
        endpoint.known_id().cloned().as_ref(),
        Some("default".to_owned()),
        body!({ "properties": { "privateDnsZoneConfigs": (configs) } }),
        at,
    )
}

/// A zone under a name that follows from its own, unless the user has another.
fn zone_config(stack: &mut Stack<'_>, key: &str, id: &Field<String>) -> Expr {
    let name = id
        .text()
        .and_then(|text| ResourceId::parse(text).ok())
        .and_then(|zone| stack.name(&format!("{key}/{}", zone.name()), Some(zone_config_name(&zone))));
    let name = name.map_or(Expr::Unknown, Expr::from);
    body!({ "name": (name), "properties": { "privateDnsZoneId": (id) } })
}

/// Dots are not allowed there.
fn zone_config_name(zone: &ResourceId) -> String {
    zone.name().replace('.', "-")
}

/// What an endpoint is called that a composite names itself.
pub(super) fn endpoint_name(of: &str) -> String {
    format!("pe-{of}")
}

/// What the connection of an endpoint is called.
pub(super) fn connection_name(of: &str) -> String {
    format!("psc-{of}")
}

impl Recalled {
    /// Notes an endpoint for a service, and what [`Recalled::zone_group`] does.
    pub(super) fn endpoint(
        &mut self,
        key: &str,
        of: &str,
        service: &str,
        endpoint: &Found,
        seen: &Seen,
    ) -> Option<Vec<ResourceId>> {
        self.parts.insert(key.to_owned(), endpoint.id.clone());
        let connection = text(&endpoint.body, "/properties/privateLinkServiceConnections/0/name");
        self.rename(&format!("{key}/connection"), &connection, &connection_name(of));
        self.zone_group(key, endpoint, service, seen)
    }

    /// Notes the zone group of an endpoint. The zones that it writes into, in
    /// the order in which every `amlsecure_private_dns` lists them; `None` where
    /// there is no group, or a policy's.
    pub(super) fn zone_group(
        &mut self,
        key: &str,
        endpoint: &Found,
        service: &str,
        seen: &Seen,
    ) -> Option<Vec<ResourceId>> {
        let group = seen.within(&endpoint.id, &PRIVATE_DNS_ZONE_GROUP).first()?;
        if group.id.name() == OF_A_POLICY {
            return None;
        }
        self.parts.insert(format!("{key}/dns"), group.id.clone());
        let mut ids = Vec::new();
        for config in items(&group.body, "/properties/privateDnsZoneConfigs") {
            let Some(zone) = id(config, "/properties/privateDnsZoneId") else { continue };
            let place = format!("{key}/dns/{}", zone.name());
            self.rename(&place, &text(config, "/name"), &zone_config_name(&zone));
            ids.push(zone);
        }
        let order = zones(seen.cloud, service);
        ids.sort_by_key(|id| order.iter().position(|zone| zone.eq_ignore_ascii_case(id.name())));
        Some(ids)
    }
}

fn check_zone_ids(value: &Value, path: &Path, problems: &mut Diagnostics) {
    let Value::Map(zones) = value else { return };
    for (service, ids) in zones {
        checks::one_of(
            &super::private_dns::SERVICES,
            &Value::String(service.clone()),
            &path.key(service),
            problems,
        );
        if let Value::List(ids) = ids {
            for (at, id) in ids.iter().enumerate() {
                checks::id_of(&PRIVATE_DNS_ZONE, id, &path.key(service).index(at), problems);
            }
        }
    }
}
