//! The nodes of a Kubernetes cluster that is made, and the addresses of its
//! services.

use std::net::Ipv4Addr;

use bigdecimal::ToPrimitive as _;
use ipnet::Ipv4Net;
use serde_json::Value as Json;

use super::kubernetes_cluster::overlap;
use crate::engine::graph::Expr;
use crate::kinds::{AGENT_POOL, ResourceId, SUBNET};
use crate::resources::checks;
use crate::resources::recall::{id, items, number, text, texts, word};
use crate::schema::config::{Field, SetOf};
use crate::schema::{Diagnostics, Path, Value};
use crate::{block, body};

const PLUGINS: [&str; 2] = ["azure", "kubenet"];
const MODES: [&str; 1] = ["overlay"];
const POLICIES: [&str; 3] = ["azure", "calico", "cilium"];
const WAYS_OUT: [&str; 5] =
    ["loadBalancer", "userDefinedRouting", "managedNATGateway", "userAssignedNATGateway", "none"];

/// The way out that needs no address of the cluster's own: the subnet's NAT gateway.
const USUAL_WAY_OUT: &str = "userAssignedNATGateway";

/// Ranges that AKS lets neither services nor pods have ("configure Azure CNI").
const RESERVED: [([u8; 4], u8); 4] =
    [([169, 254, 0, 0], 16), ([172, 30, 0, 0], 16), ([172, 31, 0, 0], 16), ([192, 0, 2, 0], 24)];

/// Docker's own bridge on every node, which must lie outside the services and the subnets.
const DOCKER_BRIDGE: ([u8; 4], u8) = ([172, 17, 0, 0], 16);

/// What Azure gives services, and pods with addresses of their own, where nobody says anything.
const USUAL_SERVICES: &str = "10.0.0.0/16";
const USUAL_RESOLVER: &str = "10.0.0.10";
const USUAL_PODS: &str = "10.244.0.0/16";

/// How many pods a node of the plugin `azure` holds where nobody says anything.
const USUAL_MAX_PODS: i64 = 30;

block! {
    /// The nodes that the cluster begins with. Pools that others add are left alone.
    pub struct NodePool {
        /// The name of the pool.
        pub name: Field<String> = default("system").replaces()
            .check(|v, p, d| checks::name(&AGENT_POOL, v, p, d)),
        /// The size of its nodes, such as `Standard_D4s_v5`.
        pub vm_size: Field<String> = required().replaces(),
        /// How many nodes there are.
        pub node_count: Field<i64> = required().check(node_count),
        /// The id of the subnet that the nodes stand in, an `inference` subnet.
        pub vnet_subnet_id: Field<String> = required().replaces()
            .check(|v, p, d| checks::id_of(&SUBNET, v, p, d)),
        /// How many pods a node holds. With the plugin `azure` and without `overlay` each takes an address of the
        /// subnet, and Azure keeps all of them from the beginning.
        pub max_pods: Field<i64> = default(USUAL_MAX_PODS).replaces().check(max_pods),
        /// The availability zones of its nodes.
        pub zones: Field<SetOf> = optional().replaces(),
    }
}

block! {
    /// The addresses of its services, and its way out.
    pub struct NetworkProfile {
        /// `azure`, which gives pods addresses of the subnet, or `kubenet`.
        pub network_plugin: Field<String> = default("azure").replaces()
            .check(|v, p, d| checks::one_of(&PLUGINS, v, p, d)),
        /// `overlay`, so that the pods of the plugin `azure` have addresses of their own.
        pub network_plugin_mode: Field<String> = optional().replaces()
            .check(|v, p, d| checks::one_of(&MODES, v, p, d)),
        /// What holds the rules between pods: `azure`, `calico` or `cilium`.
        pub network_policy: Field<String> = optional().replaces()
            .check(|v, p, d| checks::one_of(&POLICIES, v, p, d)),
        /// The range of its services: no subnet may overlap it.
        pub service_cidr: Field<String> = default(USUAL_SERVICES).replaces().check(checks::cidr),
        /// The address of its DNS service, in `service_cidr` and not the first.
        pub dns_service_ip: Field<String> = default(USUAL_RESOLVER).replaces().check(checks::ip_address),
        /// The range of pods that have addresses of their own, where it is not `10.244.0.0/16`.
        pub pod_cidr: Field<String> = optional().replaces().check(checks::cidr),
        /// How nodes reach what they may reach: `userAssignedNATGateway`, by the NAT gateway of their subnet,
        /// `userDefinedRouting`, by its route table, `loadBalancer` or `managedNATGateway`, by a public address
        /// of the cluster's own, or `none`.
        pub outbound_type: Field<String> = default(USUAL_WAY_OUT).replaces()
            .check(|v, p, d| checks::one_of(&WAYS_OUT, v, p, d)),
    }
}

impl NodePool {
    pub(super) fn body(&self) -> Expr {
        body!({
            "name": (&self.name),
            "mode": "System",
            "osType": "Linux",
            "type": "VirtualMachineScaleSets",
            "vmSize": (&self.vm_size),
            "count": (&self.node_count),
            "vnetSubnetID": (&self.vnet_subnet_id),
            "maxPods": (&self.max_pods),
            "availabilityZones": (&self.zones),
            "enableNodePublicIP": false,
        })
    }

    /// The subnet of the nodes.
    pub(super) fn subnet(&self) -> Option<ResourceId> {
        self.vnet_subnet_id.text().and_then(|text| ResourceId::parse(text).ok())
    }

    /// How many vCPUs all nodes have, where the size tells.
    pub(super) fn vcpus(&self) -> Option<i64> {
        vcpus(self.vm_size.text()?)?.checked_mul(*self.node_count.known()?)
    }

    /// Why a node does not hold the extension, where its size tells.
    pub(super) fn is_too_small(&self) -> Option<String> {
        const VCPUS: i64 = 4;
        const GIGABYTES: i64 = 14;
        let size = self.vm_size.text()?;
        let what = match (vcpus(size)?, gigabytes(size)) {
            (vcpus, _) if vcpus < VCPUS => format!("{vcpus} vCPUs"),
            (_, Some(gigabytes)) if gigabytes < GIGABYTES => format!("{gigabytes} GB"),
            _ => return None,
        };
        Some(format!("A node of {what} is too small for the extension"))
    }

    /// A subnet that belongs to another service holds no nodes.
    pub(super) fn check(&self, problems: &mut Diagnostics) {
        const RESERVED_NAMES: [&str; 3] = ["AzureBastionSubnet", "GatewaySubnet", "AzureFirewallSubnet"];
        if let Some(name) = self.subnet().map(|subnet| subnet.name().to_owned())
            && RESERVED_NAMES.iter().any(|reserved| reserved.eq_ignore_ascii_case(&name))
        {
            problems.error(
                self.vnet_subnet_id.path.clone(),
                format!("{name} holds no nodes"),
                "Azure keeps it for another service. Give a subnet of the purpose \"inference\".",
            );
        }
    }

    /// The pool that the cluster began with: the first that holds the system.
    pub(super) fn recalled(cluster: &Json) -> Value {
        let mut pools = items(cluster, "/properties/agentPoolProfiles");
        let is_system = |pool: &&Json| text(pool, "/mode").as_str() == Some("System");
        let Some(pool) = pools.find(is_system) else { return Value::Null };
        Value::object([
            ("name", text(pool, "/name")),
            ("vm_size", text(pool, "/vmSize")),
            ("node_count", number(pool, "/count")),
            ("vnet_subnet_id", id(pool, "/vnetSubnetID").map(|id| id.to_string()).into()),
            ("max_pods", number(pool, "/maxPods")),
            ("zones", texts(pool, "/availabilityZones")),
        ])
    }
}

impl NetworkProfile {
    /// What is asked for where there is no block.
    pub(super) fn usual() -> Expr {
        body!({
            "networkPlugin": "azure",
            "serviceCidr": (USUAL_SERVICES),
            "dnsServiceIP": (USUAL_RESOLVER),
            "outboundType": (USUAL_WAY_OUT),
            "loadBalancerSku": "standard",
        })
    }

    pub(super) fn body(&self) -> Expr {
        body!({
            "networkPlugin": (&self.network_plugin),
            "networkPluginMode": (&self.network_plugin_mode),
            "networkPolicy": (&self.network_policy),
            "serviceCidr": (&self.service_cidr),
            "dnsServiceIP": (&self.dns_service_ip),
            "podCidr": (self.pods()),
            "outboundType": (&self.outbound_type),
            "loadBalancerSku": "standard",
        })
    }

    fn pods(&self) -> Expr {
        let of_their_own = self.network_plugin_mode.is_set() || self.network_plugin.text() == Some("kubenet");
        if self.pod_cidr.is_null() && of_their_own { USUAL_PODS.into() } else { Expr::from(&self.pod_cidr) }
    }

    pub(super) fn check(&self, space: &Field<Vec<Field<String>>>, problems: &mut Diagnostics) {
        let overlay = self.network_plugin_mode.is_set();
        if overlay && self.network_plugin.text() == Some("kubenet") {
            problems.error(
                self.network_plugin_mode.path.clone(),
                "The plugin kubenet has no overlay mode",
                "Set network_plugin = \"azure\", or leave the mode out.",
            );
        }
        if self.pod_cidr.is_set() && !overlay && self.network_plugin.text() == Some("azure") {
            problems.error(
                self.pod_cidr.path.clone(),
                "Pods of the plugin azure have addresses of the subnet",
                "Set network_plugin_mode = \"overlay\" for a range of their own, or leave pod_cidr out.",
            );
        }
        self.check_ranges(problems);
        for network in known_ranges(space) {
            for field in [&self.service_cidr, &self.pod_cidr] {
                if let Some(range) = known_range(field) {
                    outside_the_network(&field.path, range, network, problems);
                }
            }
        }
    }

    fn check_ranges(&self, problems: &mut Diagnostics) {
        let (services, pods) = (known_range(&self.service_cidr), known_range(&self.pod_cidr));
        if let Some(services) = services {
            /// The largest range of services that AKS takes.
            const LARGEST: u8 = 12;
            if services.prefix_len() < LARGEST {
                problems.error(
                    self.service_cidr.path.clone(),
                    format!("{services} is too large for services"),
                    format!("The largest range that Azure takes is a /{LARGEST}."),
                );
            }
            self.check_resolver(services, problems);
            keeps_out(
                &self.service_cidr.path,
                services,
                "Docker's bridge on every node",
                DOCKER_BRIDGE,
                problems,
            );
        }
        if let (Some(services), Some(pods)) = (services, pods)
            && overlap(services, pods)
        {
            problems.error(
                self.pod_cidr.path.clone(),
                format!("{pods} overlaps the services' range {services}"),
                "Every address belongs to a pod or to a service.",
            );
        }
        for (path, range) in [(&self.service_cidr.path, services), (&self.pod_cidr.path, pods)] {
            let Some(range) = range else { continue };
            for reserved in RESERVED {
                keeps_out(path, range, "a range that Azure keeps for itself", reserved, problems);
            }
        }
    }

    fn check_resolver(&self, services: Ipv4Net, problems: &mut Diagnostics) {
        let Some(address) = self.dns_service_ip.text().and_then(|text| text.parse::<Ipv4Addr>().ok()) else {
            return;
        };
        if !services.contains(&address) {
            problems.error(
                self.dns_service_ip.path.clone(),
                format!("{address} lies outside the services' range {services}"),
                "The DNS service is one of them: give an address of service_cidr.",
            );
        } else if u32::from(address) - u32::from(services.network()) <= 1 {
            problems.error(
                self.dns_service_ip.path.clone(),
                format!("{address} is the first address of {services}, which Kubernetes takes for itself"),
                "Give a later one: the tenth is usual.",
            );
        }
    }

    /// The block that asks for what was found.
    pub(super) fn recalled(cluster: &Json) -> Value {
        let at = |name: &str| format!("/properties/networkProfile/{name}");
        let policy = word(cluster, &at("networkPolicy"), &POLICIES);
        let pods = text(cluster, &at("podCidr"));
        Value::object([
            ("network_plugin", word(cluster, &at("networkPlugin"), &PLUGINS)),
            ("network_plugin_mode", word(cluster, &at("networkPluginMode"), &MODES)),
            ("network_policy", if policy.as_str() == Some("none") { Value::Null } else { policy }),
            ("service_cidr", text(cluster, &at("serviceCidr"))),
            ("dns_service_ip", text(cluster, &at("dnsServiceIP"))),
            ("pod_cidr", if pods.as_str() == Some(USUAL_PODS) { Value::Null } else { pods }),
            ("outbound_type", word(cluster, &at("outboundType"), &WAYS_OUT)),
        ])
    }
}

/// Services and pods need addresses that no subnet has.
pub(super) fn outside_the_network(path: &Path, range: Ipv4Net, network: Ipv4Net, problems: &mut Diagnostics) {
    if overlap(range, network) {
        problems.error(
            path.clone(),
            format!("{range} overlaps the network's {network}"),
            "Services and pods need addresses that no subnet has. Choose a range outside the network, such as \
             172.16.0.0/16.",
        );
    }
}

fn keeps_out(path: &Path, range: Ipv4Net, whose: &str, taken: ([u8; 4], u8), problems: &mut Diagnostics) {
    let taken = net(taken);
    if overlap(range, taken) {
        problems.error(
            path.clone(),
            format!("{range} overlaps {taken}, {whose}"),
            "Choose a range outside it.",
        );
    }
}

fn known_range(field: &Field<String>) -> Option<Ipv4Net> {
    field.text().and_then(|text| checks::parse_cidr(text).ok())
}

/// The ranges of a list that are known.
pub(super) fn known_ranges(list: &Field<Vec<Field<String>>>) -> impl Iterator<Item = Ipv4Net> {
    list.elements().filter_map(known_range)
}

/// The range that services have where there is no block.
pub(super) fn usual_services() -> Option<Ipv4Net> {
    checks::parse_cidr(USUAL_SERVICES).ok()
}

fn net((address, prefix): ([u8; 4], u8)) -> Ipv4Net {
    Ipv4Net::new_assert(address.into(), prefix)
}

fn node_count(value: &Value, path: &Path, problems: &mut Diagnostics) {
    /// The largest pool (AKS, "quotas").
    const MOST: i64 = 1000;
    between(1, MOST, "nodes in a pool that holds the system", value, path, problems);
}

fn max_pods(value: &Value, path: &Path, problems: &mut Diagnostics) {
    between(10, 250, "pods on a node", value, path, problems);
}

fn between(low: i64, high: i64, what: &str, value: &Value, path: &Path, problems: &mut Diagnostics) {
    if let Value::Number(number) = value
        && !(number.is_integer() && number.to_i64().is_some_and(|n| (low..=high).contains(&n)))
    {
        problems.error(
            path.clone(),
            format!("Azure takes no {number} {what}"),
            format!("It takes {low} to {high}."),
        );
    }
}

/// How many vCPUs a machine of this size has, where its name says so. Sizes of
/// the first two generations count otherwise, and nothing is said of them.
fn vcpus(size: &str) -> Option<i64> {
    let name = size.strip_prefix("Standard_").or_else(|| size.strip_prefix("standard_"))?;
    let (family, version) = name.split_once("_v")?;
    let generation: u32 = version.split('_').next()?.parse().ok()?;
    let digits: String =
        family.chars().skip_while(char::is_ascii_alphabetic).take_while(char::is_ascii_digit).collect();
    if generation < 3 && !family.starts_with('F') {
        return None;
    }
    digits.parse().ok()
}

/// How much memory a machine of this size has, where it has least of all: two
/// GB to a vCPU, which is the letter `l`, and the series Fsv2.
fn gigabytes(size: &str) -> Option<i64> {
    let (name, version) = size.rsplit_once('_')?;
    let (_, family) = name.split_once('_')?;
    let features = family.trim_start_matches(|c: char| c.is_ascii_uppercase());
    let features = features.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_compute = version == "v2" && family.starts_with('F') && !family.starts_with("FX");
    (features.contains('l') || is_compute).then(|| vcpus(size)?.checked_mul(2)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_tells_its_processors_by_its_name_or_not_at_all() {
        for (size, each) in [
            ("Standard_D4s_v5", Some(4)),
            ("Standard_NC6s_v3", Some(6)),
            ("Standard_F16s_v2", Some(16)),
            ("Standard_E8-4ds_v5", Some(8)),
            ("Standard_DS3_v2", None),
            ("Standard_D2_v2", None),
            ("Standard_A4_v2", None),
            ("Standard_B2ms", None),
            ("custom", None),
        ] {
            assert_eq!(vcpus(size), each, "{size}");
        }
    }

    #[test]
    fn a_size_with_little_memory_tells_so_by_its_name() {
        for (size, memory) in [
            ("Standard_F4s_v2", Some(8)),
            ("Standard_F8s_v2", Some(16)),
            ("Standard_D4ls_v5", Some(8)),
            ("Standard_D8lds_v5", Some(16)),
            ("Standard_FX4ms_v2", None),
            ("Standard_D4s_v5", None),
            ("Standard_L8s_v3", None),
            ("Standard_DS3_v2", None),
            ("custom", None),
        ] {
            assert_eq!(gigabytes(size), memory, "{size}");
        }
    }
}
