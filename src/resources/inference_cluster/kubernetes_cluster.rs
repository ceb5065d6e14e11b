//! The `kubernetes_cluster` block of an inference cluster: the cluster that is
//! made for it, and the ranges, names and rights that it needs.

use ipnet::Ipv4Net;
use serde_json::Value as Json;

use super::nodes::{NetworkProfile, NodePool, known_ranges, outside_the_network, usual_services};
use crate::engine::graph::Expr;
use crate::kinds::{
    Cloud, MANAGED_CLUSTER, PRIVATE_DNS_ZONE, RESOURCE_GROUP, ResourceId, USER_ASSIGNED_IDENTITY,
};
use crate::resources::checks;
use crate::resources::expansion::{origin, spoken};
use crate::resources::identity;
use crate::resources::recall::{Found, flag, parsed, text, texts, word};
use crate::schema::config::{Field, SetOf};
use crate::schema::{Diagnostics, Path, Value};
use crate::{block, body};

const TIERS: [&str; 3] = ["Free", "Standard", "Premium"];

/// What Azure calls the zones that it keeps by itself, and no zone at all.
const ZONE_WORDS: [&str; 2] = ["System", "None"];

/// "If AKS has an authorized IP range enabled" (AML-Kubernetes). No API tells which of Azure's addresses are
/// Azure Machine Learning's in a cluster's region.
pub(super) const COMPARE_RANGES: &str = "Only the authorized ranges reach the API, and nothing tells here whether Azure Machine Learning's addresses are \
     among them. Without them it can neither attach the cluster nor bring models there. They are those of the service \
     tag AzureMachineLearning: az network list-service-tags lists them by region.";

block! {
    /// The Kubernetes cluster that is made. Its API is private unless you ask for another.
    pub struct KubernetesCluster {
        /// The name of the Kubernetes cluster.
        pub name: Field<String> = required().replaces()
            .check(|v, p, d| checks::name(&MANAGED_CLUSTER, v, p, d)),
        /// The resource group that it lives in.
        pub resource_group_name: Field<String> = required().replaces()
            .check(|v, p, d| checks::name(&RESOURCE_GROUP, v, p, d)),
        /// What the host name of its API begins with, where it is not the cluster's name.
        pub dns_prefix: Field<String> = optional().replaces().check(dns_prefix),
        /// The release of Kubernetes, such as `1.33`. Without it Azure installs its default.
        pub kubernetes_version: Field<String> = optional(),
        /// `Free`, or `Standard` or `Premium` for an API with a service level.
        pub sku_tier: Field<String> = default("Free").check(|v, p, d| checks::one_of(&TIERS, v, p, d)),
        /// The resource group that Azure makes for its nodes, where it is not to be named by Azure.
        pub node_resource_group: Field<String> = optional().replaces()
            .check(|v, p, d| checks::name(&RESOURCE_GROUP, v, p, d)),
        /// Its nodes.
        pub default_node_pool: Option<NodePool> = required(),
        /// Whether its API has a private address and no other.
        pub private_cluster_enabled: Field<bool> = default(true).replaces(),
        /// Where the name of a private API stands: the id of a zone named `privatelink.<region>.azmk8s.io`,
        /// which takes an identity of yours, `System` for a zone that Azure keeps, or `None`.
        pub private_dns_zone_id: Field<String> = optional().replaces().check(zone),
        /// Whether the name of a private API can be looked up from anywhere. Its address stays private.
        pub private_cluster_public_fqdn_enabled: Field<bool> = default(false),
        /// Who reaches an API that is not private.
        pub api_server_access_profile: Option<ApiServer> = optional(),
        /// The addresses of its services, and its way out.
        pub network_profile: Option<NetworkProfile> = optional(),
        /// The identity that the cluster acts with in the network. Without the block it has one of its own.
        pub identity: Option<ClusterIdentity> = optional(),
    }
}

block! {
    /// Who reaches an API that is not private.
    pub struct ApiServer {
        /// The public IPv4 ranges that reach it. Azure Machine Learning's must be among them, and as no plan can tell
        /// whether they are, it warns. Without any, everybody reaches it.
        pub authorized_ip_ranges: Field<SetOf> = optional()
            .check(|v, p, d| checks::each(checks::cidr, v, p, d)),
    }
}

block! {
    /// The identity that the cluster acts with: its own, or one of yours.
    pub struct ClusterIdentity {
        /// `SystemAssigned` or `UserAssigned`.
        pub r#type: Field<String> = required().replaces()
            .check(|v, p, d| checks::one_of(&["SystemAssigned", "UserAssigned"], v, p, d)),
        /// The id of the user-assigned identity: Azure takes one.
        pub identity_ids: Field<Vec<Field<String>>> = optional().replaces()
            .check(|v, p, d| checks::each(|v, p, d| checks::id_of(&USER_ASSIGNED_IDENTITY, v, p, d), v, p, d)),
    }
}

impl KubernetesCluster {
    pub(super) fn check(&self, space: &Field<Vec<Field<String>>>, problems: &mut Diagnostics) {
        self.check_api(problems);
        if let Some(pool) = &self.default_node_pool {
            pool.check(problems);
        }
        match &self.network_profile {
            Some(network) => network.check(space, problems),
            None => {
                for (network, services) in known_ranges(space).zip(usual_services().iter().cycle()) {
                    outside_the_network(&space.path, *services, network, problems);
                }
            }
        }
        let Some(identity) = &self.identity else { return };
        identity::check_identity(&identity.r#type, &identity.identity_ids, problems);
        if let Some(second) = identity.identity_ids.elements().nth(1) {
            problems.error(
                second.path.clone(),
                "A Kubernetes cluster has one user-assigned identity",
                "Give the one that may act in the network, and leave out the others.",
            );
        }
    }

    fn check_api(&self, problems: &mut Diagnostics) {
        let private = self.private_cluster_enabled.known();
        if private == Some(&true)
            && let Some(api) = &self.api_server_access_profile
            && api.authorized_ip_ranges.is_set()
        {
            problems.error(
                api.authorized_ip_ranges.path.clone(),
                "A private API has no authorized_ip_ranges",
                "It has no public address that they could guard. Leave them out, or set private_cluster_enabled = \
                 false.",
            );
        }
        if private == Some(&false)
            && let Some(api) = &self.api_server_access_profile
            && !api.authorized_ip_ranges.texts().is_empty()
        {
            problems.warning(
                api.authorized_ip_ranges.path.clone(),
                "Azure Machine Learning may be kept from the API",
                COMPARE_RANGES,
            );
        }
        if private == Some(&false) {
            let zone = (&self.private_dns_zone_id.path, self.private_dns_zone_id.is_set());
            let public_name = &self.private_cluster_public_fqdn_enabled;
            let only_private = [zone, (&public_name.path, public_name.is_true())];
            for (path, _) in only_private.into_iter().filter(|(_, set)| *set) {
                problems.error(
                    path.clone(),
                    format!("{path} is for a private API"),
                    "Leave it out, or set private_cluster_enabled = true.",
                );
            }
        }
        match self.private_dns_zone_id.text() {
            Some("None") if self.private_cluster_public_fqdn_enabled.known() == Some(&false) => problems.error(
                self.private_dns_zone_id.path.clone(),
                "Nobody could find the API",
                "Without a private zone its name must be public: set private_cluster_public_fqdn_enabled = true, or \
                 private_dns_zone_id = \"System\".",
            ),
            Some(zone) if !ZONE_WORDS.contains(&zone) && self.has_own_identity() == Some(true) => problems.error(
                self.private_dns_zone_id.path.clone(),
                "A private DNS zone of yours takes an identity of yours",
                "The cluster writes its name there while it is made, and an identity of its own has no rights yet. \
                 Set identity { type = \"UserAssigned\" } with the id of one.",
            ),
            _ => {}
        }
    }

    /// Whether its API is private, where that is known.
    pub(super) fn is_private(&self) -> Option<bool> {
        self.private_cluster_enabled.known().copied()
    }

    /// Whether its API has a public name, where that is known.
    pub(super) fn has_public_name(&self) -> Option<bool> {
        if self.is_private()? {
            self.private_cluster_public_fqdn_enabled.known().copied()
        } else {
            Some(true)
        }
    }

    /// Whether the cluster acts as itself; `None` while that is not known.
    pub(super) fn has_own_identity(&self) -> Option<bool> {
        match &self.identity {
            None => Some(true),
            Some(identity) => identity.r#type.text().map(|kind| kind != "UserAssigned"),
        }
    }

    /// The identity of the user's that it acts with.
    pub(super) fn user_identity(&self) -> Option<&Field<String>> {
        let identity = self.identity.as_ref().filter(|_| self.has_own_identity() == Some(false))?;
        identity.identity_ids.elements().next()
    }

    /// Whether it is known which roles its identity needs, and who has them.
    pub(super) fn is_decided(&self) -> bool {
        let zone = self.has_own_identity() != Some(false) || !self.private_dns_zone_id.is_unknown();
        let identity = self.identity.as_ref();
        zone && self.has_own_identity().is_some()
            && identity.is_none_or(|identity| identity.identity_ids.is_whole())
    }

    /// The zone of the user's that it writes its name into.
    pub(super) fn own_zone(&self) -> Option<&Field<String>> {
        let named = self.private_dns_zone_id.text().is_some_and(|zone| !ZONE_WORDS.contains(&zone));
        named.then_some(&self.private_dns_zone_id)
    }

    /// A zone under another name is never asked (AKS, "private clusters").
    pub(super) fn check_zone(&self, location: Option<&str>, cloud: Cloud, problems: &mut Diagnostics) {
        let zone = self.own_zone().and_then(Field::text).and_then(|text| ResourceId::parse(text).ok());
        let (Some(zone), Some(location), Cloud::Public) = (zone, location, cloud) else { return };
        let region = location.replace(' ', "").to_ascii_lowercase();
        let wanted = format!("privatelink.{region}.azmk8s.io");
        let name = zone.name().to_ascii_lowercase();
        if name != wanted && !name.ends_with(&format!(".{wanted}")) {
            problems.error(
                self.private_dns_zone_id.path.clone(),
                format!("A cluster in {region} writes no name into the zone {name}"),
                format!("Azure asks for {wanted}, or for a zone below it."),
            );
        }
    }

    pub(super) fn body(&self, location: Expr) -> Expr {
        let identity = match &self.identity {
            Some(identity) => identity::identity(&identity.r#type, &identity.identity_ids),
            None => body!({ "type": "SystemAssigned" }),
        };
        let network = match &self.network_profile {
            Some(network) => network.body(),
            None => NetworkProfile::usual(),
        };
        spoken(body!({
            "location": (location),
            "sku": { "name": "Base", "tier": (&self.sku_tier) },
            "identity": (identity),
            "properties": {
                "kubernetesVersion": (&self.kubernetes_version),
                "dnsPrefix": (self.prefix()),
                "nodeResourceGroup": (&self.node_resource_group),
                // Azure Machine Learning attaches no cluster without local accounts.
                "disableLocalAccounts": false,
                "agentPoolProfiles": (Expr::array(self.default_node_pool.as_ref().map(NodePool::body))),
                "networkProfile": (network),
                "apiServerAccessProfile": (self.api()),
            },
        }))
    }

    fn prefix(&self) -> Expr {
        match self.name.text() {
            Some(name) if self.dns_prefix.is_null() => prefix_of(name).into(),
            _ if self.dns_prefix.is_null() => Expr::Unknown,
            _ => Expr::from(&self.dns_prefix),
        }
    }

    /// Azure's own words are written small there.
    fn zone(&self) -> Expr {
        let word = match (self.private_dns_zone_id.text(), self.private_cluster_enabled.known()) {
            (_, Some(false)) => return Expr::Json(Json::Null),
            (Some("System"), _) => "system",
            (Some("None"), _) => "none",
            (None, _) if self.private_dns_zone_id.is_null() => "system",
            _ => return Expr::from(&self.private_dns_zone_id),
        };
        Expr::At(origin(&self.private_dns_zone_id.path), Box::new(word.into()))
    }

    fn api(&self) -> Expr {
        let public_name = match self.private_cluster_enabled.known() {
            Some(false) => Expr::Json(Json::Null),
            _ => Expr::from(&self.private_cluster_public_fqdn_enabled),
        };
        let ranges = self.api_server_access_profile.as_ref();
        body!({
            "enablePrivateCluster": (&self.private_cluster_enabled),
            "privateDNSZone": (self.zone()),
            "enablePrivateClusterPublicFQDN": (public_name),
            "authorizedIPRanges": (ranges.map_or(Expr::Json(Json::Null), |api| Expr::from(&api.authorized_ip_ranges))),
        })
    }
}

/// What the host name begins with where nobody says so: the cluster's name, as
/// far as a host name takes it.
fn prefix_of(name: &str) -> String {
    /// The longest prefix that Azure takes.
    const LONGEST: usize = 54;
    let letters: String = name.chars().map(|c| if c == '_' { '-' } else { c }).take(LONGEST).collect();
    letters.trim_end_matches('-').to_owned()
}

fn dns_prefix(value: &Value, path: &Path, problems: &mut Diagnostics) {
    let Value::String(text) = value else { return };
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let inner = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if !(inner && ends(text.chars().next()) && ends(text.chars().last()) && text.len() <= 54) {
        problems.error(
            path.clone(),
            format!("{text:?} cannot begin a host name"),
            "Azure takes 1 to 54 letters, digits and hyphens, beginning and ending with a letter or digit.",
        );
    }
}

fn zone(value: &Value, path: &Path, problems: &mut Diagnostics) {
    if value.as_str().is_some_and(|text| !ZONE_WORDS.contains(&text)) {
        checks::id_of(&PRIVATE_DNS_ZONE, value, path, problems);
    }
}

/// The block that asks for a cluster that was found.
pub(super) fn recalled(cluster: &Found) -> Value {
    let body = &cluster.body;
    let api = "/properties/apiServerAccessProfile";
    let private = flag(body, &format!("{api}/enablePrivateCluster"), false);
    let prefix = match text(body, "/properties/dnsPrefix") {
        Value::String(prefix) if prefix == prefix_of(cluster.id.name()) => Value::Null,
        other => other,
    };
    let zone = match text(body, &format!("{api}/privateDNSZone")) {
        Value::String(zone) => match parsed(&zone) {
            Some(id) => id.as_str().into(),
            // Azure's own zone is what stands there where nobody says anything.
            None if zone.eq_ignore_ascii_case("system") => Value::Null,
            None => "None".into(),
        },
        _ => Value::Null,
    };
    let ranges = texts(body, &format!("{api}/authorizedIPRanges"));
    let ranges = match ranges {
        Value::Null => Value::Null,
        some => Value::object([("authorized_ip_ranges", some)]),
    };
    // Azure names the group of the nodes after these three.
    let location = text(body, "/location");
    let derived = format!(
        "MC_{}_{}_{}",
        cluster.id.resource_group_name().unwrap_or_default(),
        cluster.id.name(),
        location.as_str().unwrap_or_default().replace(' ', "").to_ascii_lowercase()
    );
    let nodes = match text(body, "/properties/nodeResourceGroup") {
        Value::String(nodes) if nodes.eq_ignore_ascii_case(&derived) => Value::Null,
        other => other,
    };
    let identity = match identity::recalled(body) {
        Value::Map(members) if members.get("type").and_then(Value::as_str) == Some("SystemAssigned") => {
            Value::Null
        }
        other => other,
    };
    Value::object([
        ("name", Value::from(cluster.id.name())),
        ("resource_group_name", cluster.id.resource_group_name().into()),
        ("dns_prefix", prefix),
        ("sku_tier", word(body, "/sku/tier", &TIERS)),
        ("node_resource_group", nodes),
        ("default_node_pool", NodePool::recalled(body)),
        ("private_cluster_enabled", private),
        ("private_dns_zone_id", zone),
        (
            "private_cluster_public_fqdn_enabled",
            flag(body, &format!("{api}/enablePrivateClusterPublicFQDN"), false),
        ),
        ("api_server_access_profile", ranges),
        ("network_profile", NetworkProfile::recalled(body)),
        ("identity", identity),
    ])
}

/// Whether two ranges share an address.
pub(super) fn overlap(a: Ipv4Net, b: Ipv4Net) -> bool {
    a.contains(&b) || b.contains(&a)
}
