//! `amlsecure_private_dns`: the zones in which the names of closed services
//! are found, linked to every network that asks.
//!
//! ```text
//! <service> <- <service>/link/<network>     (amlworkspace has two zones)
//! ```

use std::collections::BTreeMap;

use super::{Outputs, Resource, Stack, checks};
use crate::engine::graph::{Expr, Handle};
use crate::kinds::{
    self, PRIVATE_DNS_ZONE, RESOURCE_GROUP, ResourceId, VIRTUAL_NETWORK, VIRTUAL_NETWORK_LINK,
};
use crate::schema::Diagnostics;
use crate::schema::config::{Computed, Field, SetOf};
use crate::{block, body};

/// The services that have zones of their own here, under Azure's group ids.
pub(super) const SERVICES: [&str; 8] =
    ["amlworkspace", "blob", "file", "queue", "table", "dfs", "vault", "registry"];

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
        /// `registry`.
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
            let zones = kinds::zones::zones(stack.azure.cloud, service);
            let mut ids = Vec::new();
            for zone in zones {
                let key =
                    if zones.len() == 1 { service.to_owned() } else { format!("{service}/{}", short(zone)) };
                let handle = stack.add(
                    &key,
                    &PRIVATE_DNS_ZONE,
                    group.as_ref(),
                    Some((*zone).to_owned()),
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
        let id = group.map_or(Expr::Unknown, |group| {
            format!("{group}/providers/{}", PRIVATE_DNS_ZONE.resource_type).into()
        });
        let zone_ids = if self.services.is_whole() { Expr::Object(zone_ids) } else { Expr::Unknown };
        [("id", id), ("zone_ids", zone_ids)].into()
    }
}

impl PrivateDns {
    /// The networks under names that tell them apart: their own, and where two
    /// of different groups share one, their groups' as well.
    fn networks(&self) -> Vec<(String, &Field<String>)> {
        let known: Vec<(ResourceId, &Field<String>)> = self
            .virtual_network_ids
            .elements()
            .filter_map(|field| Some((ResourceId::parse(field.text()?).ok()?, field)))
            .collect();
        known
            .iter()
            .map(|(id, field)| {
                let shared =
                    known.iter().filter(|(other, _)| other.name().eq_ignore_ascii_case(id.name())).count()
                        > 1;
                let name = match id.resource_group_name().filter(|_| shared) {
                    Some(group) => format!("{group}-{}", id.name()),
                    None => id.name().to_owned(),
                };
                (name, *field)
            })
            .collect()
    }
}

/// `api` of `privatelink.api.azureml.ms`.
fn short(zone: &str) -> &str {
    zone.split('.').nth(1).unwrap_or(zone)
}
