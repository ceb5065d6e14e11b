//! `amlsecure_private_dns`: the zones in which the names of closed services
//! are found, linked to every network that asks.
//!
//! ```text
//! <service> <- <service>/link/<network>     (amlworkspace has two zones)
//! ```

use std::collections::BTreeMap;

use super::recall::{Found, id};
use super::{Outputs, Recalled, Resource, Seen, Stack, checks};
use crate::engine::graph::{Expr, Handle};
use crate::kinds::{
    self, Kind, PRIVATE_DNS_ZONE, RESOURCE_GROUP, ResourceId, VIRTUAL_NETWORK, VIRTUAL_NETWORK_LINK,
};
use crate::schema::config::{Computed, Field, SetOf};
use crate::schema::{Diagnostics, Value};
use crate::{block, body};

/// The services that have zones of their own here, under Azure's group ids.
pub(super) const SERVICES: [&str; 9] =
    ["amlworkspace", "blob", "file", "queue", "table", "dfs", "vault", "registry", "databricks_ui_api"];

block! {
    /// The private DNS zones of a closed stack, linked to the networks that resolve names in them.
    ///
    /// The zones have the names that Azure asks for in the cloud that the provider is configured for. A
    /// network can be linked to one zone of a name only: share one `amlsecure_private_dns` among networks
    /// that use the same endpoints.
    pub struct PrivateDns {
        /// The resource group that the zones live in.
        pub resource_group_name: Field<String> = required().replaces()
            .check(|v, p, d| checks::name(&RESOURCE_GROUP, v, p, d)),
        /// The services to resolve: `amlworkspace`, `blob`, `file`, `queue`, `table`, `dfs`, `vault`,
        /// `registry`, `databricks_ui_api`.
        pub services: Field<SetOf> = required().check(checks::not_empty)
            .check(|v, p, d| checks::each(|v, p, d| checks::one_of(&SERVICES, v, p, d), v, p, d)),
        /// The ids of the networks that resolve names in the zones.
        pub virtual_network_ids: Field<Vec<Field<String>>> = optional()
            .check(|v, p, d| checks::each(|v, p, d| checks::id_of(&VIRTUAL_NETWORK, v, p, d), v, p, d)),
        /// The id of the resource group's private DNS zones.
        pub id: Computed<String> = computed(),
        /// The ids of the zones, by service. `amlworkspace` has two.
        pub zone_ids: Computed<BTreeMap<String, Field<Vec<Field<String>>>>> = computed(),
    }
}

impl Resource for PrivateDns {
    const TYPE: &'static str = "amlsecure_private_dns";
    const MOVED_FROM: super::MovedFrom = &[("azurerm_private_dns_zone", &PRIVATE_DNS_ZONE)];
    const IMPORTED_BY: &'static [&'static Kind] = &[&PRIVATE_DNS_ZONE, &RESOURCE_GROUP];
    const IMPORT: &'static str = "The `id` of the block, the id of the resource group, and the id of any of its zones mean the same: all \
         zones of services in the group, with their links. Where this provider has built some of them, those are meant, \
         and the others are left alone. Zones and links that others have made become this block's own; a link whose \
         name is not its network's lands in `names`.";

    /// Of a group or of any of its zones.
    fn id_of(id: &ResourceId) -> String {
        group_of(id).map_or_else(|| id.to_string(), |group| own_id(&group))
    }

    fn check(&self, problems: &mut Diagnostics) {
        let mut seen: Vec<ResourceId> = Vec::new();
        for element in self.virtual_network_ids.elements() {
            let Some(id) = element.text().and_then(|text| ResourceId::parse(text).ok()) else { continue };
            if seen.contains(&id) {
                problems.error(
                    element.path.clone(),
                    format!("The network {:?} stands here twice", id.name()),
                    "A network is linked to a zone once.",
                );
            }
            seen.push(id);
        }
    }

    fn expand(&self, stack: &mut Stack<'_>) -> Outputs {
        let group = stack.resource_group(&self.resource_group_name);
        if !self.services.is_whole() || !self.virtual_network_ids.is_whole() {
            stack.incomplete();
        }
        let networks = self.networks();
        let mut zone_ids: BTreeMap<String, Expr> = BTreeMap::new();
        let mut first: Option<Handle> = None;
        for service in self.services.texts() {
            let mut ids = Vec::new();
            for (key, zone) in zones_of(stack.azure.cloud, service) {
                let handle = stack.add(
                    &key,
                    &PRIVATE_DNS_ZONE,
                    group.as_ref(),
                    Some(zone.to_owned()),
                    body!({ "location": "global" }),
                    &self.services.path,
                );
                for (name, network) in &networks {
                    stack.add(
                        &format!("{key}/link/{name}"),
                        &VIRTUAL_NETWORK_LINK,
                        handle.known_id().cloned().as_ref(),
                        Some(name.clone()),
                        body!({
                            "location": "global",
                            "properties": {
                                "registrationEnabled": false,
                                "virtualNetwork": { "id": (*network) },
                            },
                        }),
                        &network.path,
                    );
                }
                ids.push(handle.id());
                first.get_or_insert(handle);
            }
            zone_ids.insert(service.to_owned(), Expr::Array(ids));
        }
        if let Some(first) = &first {
            stack.graph.set_primary(first);
        }
        let id = group.map_or(Expr::Unknown, |group| own_id(&group).into());
        let zone_ids = if self.services.is_whole() { Expr::Object(zone_ids) } else { Expr::Unknown };
        [("id", id), ("zone_ids", zone_ids)].into()
    }

    /// The zones of a group are one object's: all of those that carry its mark,
    /// or, where none does, all that a service asks for.
    fn recall(at: &ResourceId, seen: &Seen) -> Result<Recalled, String> {
        let group = group_of(at).ok_or_else(|| format!("{at} lies in no resource group."))?;
        let zones = seen.within(&group, &PRIVATE_DNS_ZONE);
        let marked = zones.iter().any(|zone| zone.ours);
        let mut parts = Vec::new();
        let mut links = Vec::new();
        let mut services = Vec::new();
        for service in SERVICES {
            for (key, name) in zones_of(seen.cloud, service) {
                let Some(zone) = zones
                    .iter()
                    .find(|zone| zone.ours == marked && zone.id.name().eq_ignore_ascii_case(name))
                else {
                    continue;
                };
                if services.last() != Some(&service) {
                    services.push(service);
                }
                let of_zone = seen.within(&zone.id, &VIRTUAL_NETWORK_LINK);
                links.extend(
                    of_zone.iter().filter(|link| link.ours == marked).map(|link| (key.clone(), link)),
                );
                parts.push((key, zone.id.clone()));
            }
        }
        if services.is_empty() {
            return Err(format!("{group} holds no private DNS zone of a service that this block knows."));
        }
        let of_link = |link: &Found| id(&link.body, "/properties/virtualNetwork/id");
        let mut networks: Vec<ResourceId> = Vec::new();
        for network in links.iter().filter_map(|(_, link)| of_link(link)) {
            if !networks.contains(&network) {
                networks.push(network);
            }
        }
        networks.sort();
        let names = told_apart(&networks);
        for (zone, link) in links {
            let at = networks.iter().position(|network| Some(network) == of_link(link).as_ref());
            parts.extend(at.map(|at| (format!("{zone}/link/{}", names[at]), link.id.clone())));
        }
        let networks = networks.iter().map(ResourceId::as_str);
        let arguments = vec![
            ("resource_group_name", group.name().into()),
            ("services", Value::list(services)),
            ("virtual_network_ids", if names.is_empty() { Value::Null } else { Value::list(networks) }),
        ];
        Ok(Recalled { arguments, parts: parts.into_iter().collect(), ..Recalled::default() })
    }
}

/// What `id` says for the zones of a group.
fn own_id(group: &ResourceId) -> String {
    format!("{group}/providers/{}", PRIVATE_DNS_ZONE.resource_type)
}

fn group_of(id: &ResourceId) -> Option<ResourceId> {
    id.resource_group_id().map(|group| super::recall::spelt(&group))
}

/// The zones of a service, each under its key.
fn zones_of(cloud: kinds::Cloud, service: &str) -> impl Iterator<Item = (String, &'static str)> {
    let zones = kinds::zones::zones(cloud, service);
    zones.iter().map(move |zone| {
        let key = if zones.len() == 1 { service.to_owned() } else { format!("{service}/{}", short(zone)) };
        (key, *zone)
    })
}

/// Networks under names that tell them apart: their own, and where several
/// groups have one of a name, the group's as well.
pub(super) fn told_apart(networks: &[ResourceId]) -> Vec<String> {
    let shares = |id: &ResourceId| {
        networks.iter().filter(|other| other.name().eq_ignore_ascii_case(id.name())).count() > 1
    };
    networks
        .iter()
        .map(|id| match id.resource_group_name().filter(|_| shares(id)) {
            Some(group) => format!("{group}-{}", id.name()),
            None => id.name().to_owned(),
        })
        .collect()
}

impl PrivateDns {
    /// The networks under names that tell them apart.
    fn networks(&self) -> Vec<(String, &Field<String>)> {
        let (ids, fields): (Vec<ResourceId>, Vec<&Field<String>>) = self
            .virtual_network_ids
            .elements()
            .filter_map(|field| Some((ResourceId::parse(field.text()?).ok()?, field)))
            .unzip();
        told_apart(&ids).into_iter().zip(fields).collect()
    }
}

/// `api` of `privatelink.api.azureml.ms`.
fn short(zone: &str) -> &str {
    zone.split('.').nth(1).unwrap_or(zone)
}
