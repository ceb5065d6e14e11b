//! `amlsecure_network`: a virtual network whose subnets are guarded by what
//! they are for.
//!
//! ```text
//! public_ip <- nat_gateway <- subnet/<name> -> nsg/<name>
//!                                  |
//!                               network
//! ```

mod recall;
mod rules;

use std::collections::{BTreeMap, BTreeSet};

use ipnet::Ipv4Net;
use serde_json::Value as Json;

use crate::engine::graph::{Expr, Handle};
use crate::kinds::{
    Kind, NAT_GATEWAY, NETWORK_SECURITY_GROUP, PUBLIC_IP_ADDRESS, RESOURCE_GROUP, ResourceId, SUBNET,
    VIRTUAL_NETWORK,
};
use crate::resources::{MovedFrom, Outputs, Recalled, Resource, Seen, Stack, checks, expansion};
use crate::schema::config::{Blocks, Computed, Field, SetOf};
use crate::schema::{Diagnostics, Path, Value};
use crate::{block, body};
use rules::{COMPUTE_ACCESS, ComputeAccess, LONGEST_PREFIX, PURPOSE_NAMES, Purpose, inference_rules, rules};

block! {
    /// A virtual network for a closed stack: its subnets, the security group that guards each of them, and
    /// the way out.
    ///
    /// What a subnet is for decides its rules, its delegation, its endpoint policies and its smallest size.
    /// Subnets, tags and rules that others add to the network survive every change made here, unless a rule
    /// allows something.
    pub struct Network {
        /// The name of the virtual network.
        pub name: Field<String> = required().replaces().check(|v, p, d| checks::name(&VIRTUAL_NETWORK, v, p, d)),
        /// The resource group that the network lives in.
        pub resource_group_name: Field<String> = required().replaces()
            .check(|v, p, d| checks::name(&RESOURCE_GROUP, v, p, d)),
        /// The Azure region of the network, such as `eastasia`.
        pub location: Field<String> = required().replaces().check(checks::location),
        /// The IPv4 ranges of the network.
        pub address_space: Field<Vec<Field<String>>> = required().check(checks::not_empty)
            .check(|v, p, d| checks::each(checks::cidr, v, p, d)),
        /// The addresses of the DNS servers that its machines ask, where it is not Azure's own.
        pub dns_servers: Field<Vec<Field<String>>> = optional()
            .check(|v, p, d| checks::each(checks::ip_address, v, p, d)),
        /// How the nodes of training subnets are reached, which decides their rules: `no_public_ip` (nobody
        /// calls them), `public_ip` (Azure Machine Learning calls port 44224), or `legacy_batch` (the rules
        /// of 2020, for computes made then).
        pub compute_access: Field<String> = default("no_public_ip")
            .check(|v, p, d| checks::one_of(&COMPUTE_ACCESS, v, p, d)),
        /// The subnets. Their order means nothing.
        pub subnet: Blocks<Subnet> = optional(),
        /// How machines without public addresses reach what they may reach.
        pub egress: Option<Egress> = optional(),
        /// The id of the virtual network.
        pub id: Computed<String> = computed(),
        /// The ids of the subnets, by name.
        pub subnet_ids: Computed<BTreeMap<String, Field<String>>> = computed(),
        /// The ids of the security groups, by the name of the subnet that each guards.
        pub network_security_group_ids: Computed<BTreeMap<String, Field<String>>> = computed(),
    }
}

block! {
    /// A subnet.
    pub struct Subnet {
        /// The name of the subnet. `bastion`, `gateway` and `firewall` subnets have the one that Azure asks
        /// for: `AzureBastionSubnet`, `GatewaySubnet`, `AzureFirewallSubnet`.
        pub name: Field<String> = required().check(|v, p, d| checks::name(&SUBNET, v, p, d)),
        /// Its IPv4 ranges, within the network's. Azure keeps 5 addresses of each; `/29` is the smallest.
        pub address_prefixes: Field<Vec<Field<String>>> = required().check(checks::not_empty)
            .check(|v, p, d| checks::each(checks::cidr, v, p, d)),
        /// What it is for: `private_endpoints`, `training`, `inference`, `container_instances`,
        /// `databricks_public`, `databricks_private`, `bastion`, `gateway`, `firewall`, `agents`,
        /// `attached_compute` (machines and HDInsight clusters that Azure Machine Learning signs in to by SSH) or
        /// `general`.
        pub purpose: Field<String> = required().check(|v, p, d| checks::one_of(&PURPOSE_NAMES, v, p, d)),
        /// Services that its machines reach by service endpoints, such as `Microsoft.Storage` and
        /// `Microsoft.KeyVault`: the firewalls of those services can let the subnet in.
        pub service_endpoints: Field<SetOf> = optional().check(checks::not_empty)
            .check(|v, p, d| checks::each(service, v, p, d)),
        /// Whether Azure gives its machines a way to the internet that nobody asked for.
        pub default_outbound_access_enabled: Field<bool> = default(false),
        /// The IPv4 ranges outside the network that may call the scoring endpoints of an `inference` subnet,
        /// by TLS. Without them only the network itself may.
        pub scoring_sources: Field<Vec<Field<String>>> = optional()
            .check(|v, p, d| checks::each(checks::cidr, v, p, d)),
    }
}

block! {
    /// How machines without public addresses reach what they may reach.
    pub struct Egress {
        /// `nat_gateway`, or `none` where routes or peerings made elsewhere lead out.
        pub r#type: Field<String> = required()
            .check(|v, p, d| checks::one_of(&["nat_gateway", "none"], v, p, d)),
    }
}

impl Resource for Network {
    const TYPE: &'static str = "amlsecure_network";
    const MOVED_FROM: MovedFrom = &[("azurerm_virtual_network", &VIRTUAL_NETWORK)];
    const IMPORTED_BY: &'static [&'static Kind] = &[&VIRTUAL_NETWORK];
    const IMPORT: &'static str = "Its subnets, their security groups and the NAT gateway with its address are found by what the network and \
         they name. In a network that this provider has built, subnets of others are left alone. One that others have \
         built becomes this block's own with all of its subnets; names that follow no rule of this block's land in \
         `names`. What a subnet is for is told by its name, its delegation, the endpoints in it and the rules that \
         guard it, and the configuration has the last word. A security group that guards anything else besides, or \
         that lies in another resource group, is left alone, and the subnet gets one of its own.";

    fn check(&self, problems: &mut Diagnostics) {
        self.check_names(problems);
        self.check_ranges(problems);
    }

    fn expand(&self, stack: &mut Stack<'_>) -> Outputs {
        let group = stack.resource_group(&self.resource_group_name);
        let here = Place {
            group,
            network: self.name.text().map(str::to_owned),
            location: &self.location,
            region: region(&self.location),
        };
        let named = !self.subnet.unknown && self.subnet.items.iter().all(|subnet| !subnet.name.is_unknown());
        let guarded = named && self.subnet.items.iter().all(|subnet| !subnet.purpose.is_unknown());
        let egress = self.egress.as_ref().is_none_or(|egress| !egress.r#type.is_unknown());
        if !guarded || !egress {
            stack.incomplete();
        }
        let nat_gateway = self.has_nat_gateway().then(|| nat_gateway(stack, &here, self));
        let groups: BTreeMap<&str, Handle> = self
            .subnet
            .items
            .iter()
            .filter_map(|subnet| {
                let guarded = subnet.purpose()?.guarded().then_some(subnet.name.text()?)?;
                Some((guarded, self.security_group(stack, &here, subnet)?))
            })
            .collect();

        let network = stack.add(
            "network",
            &VIRTUAL_NETWORK,
            here.group.as_ref(),
            here.network.clone(),
            body!({
                "location": (&self.location),
                "properties": {
                    "addressSpace": { "addressPrefixes": (&self.address_space) },
                    "dhcpOptions": { "dnsServers": (self.dns_servers()) },
                },
            }),
            &self.name.path,
        );
        stack.graph.set_primary(&network);
        let mut subnets = BTreeMap::new();
        for subnet in &self.subnet.items {
            let Some(name) = subnet.name.text() else { continue };
            let body = subnet.body(groups.get(name), nat_gateway.as_ref());
            let key = format!("subnet/{name}");
            let scope = network.known_id().cloned();
            let handle =
                stack.add(&key, &SUBNET, scope.as_ref(), Some(name.to_owned()), body, &subnet.name.path);
            subnets.insert(name.to_owned(), handle.id());
        }
        let groups = groups.into_iter().map(|(name, handle)| (name.to_owned(), handle.id())).collect();
        let whole = |known: bool, ids| if known { Expr::Object(ids) } else { Expr::Unknown };
        [
            ("id", network.id()),
            ("subnet_ids", whole(named, subnets)),
            ("network_security_group_ids", whole(guarded, groups)),
        ]
        .into()
    }

    fn recall(id: &ResourceId, seen: &Seen) -> Result<Recalled, String> {
        recall::network(id, seen)
    }
}

/// Where the parts of a network are made.
struct Place<'a> {
    group: Option<ResourceId>,
    network: Option<String>,
    location: &'a Field<String>,
    /// The region as service tags write it; `None` while it is not known.
    region: Option<String>,
}

/// A region as service tags write it: lower case, no blanks.
fn region(location: &Field<String>) -> Option<String> {
    location.text().map(|text| text.replace(' ', "").to_ascii_lowercase())
}

pub(super) fn gateway_name(network: &str) -> String {
    format!("nat-{network}")
}

fn nat_gateway(stack: &mut Stack<'_>, here: &Place<'_>, network: &Network) -> Handle {
    let at = network.egress.as_ref().map_or_else(Path::root, |egress| egress.r#type.path.clone());
    let address = stack.add(
        "nat_gateway/public_ip",
        &PUBLIC_IP_ADDRESS,
        here.group.as_ref(),
        here.network.as_ref().map(|network| format!("pip-nat-{network}")),
        body!({
            "location": (here.location),
            "sku": { "name": "Standard", "tier": "Regional" },
            "properties": { "publicIPAllocationMethod": "Static", "publicIPAddressVersion": "IPv4" },
        }),
        &at,
    );
    stack.add(
        "nat_gateway",
        &NAT_GATEWAY,
        here.group.as_ref(),
        here.network.as_deref().map(gateway_name),
        body!({
            "location": (here.location),
            "sku": { "name": "Standard" },
            "properties": { "publicIpAddresses": [{ "id": (address.id()) }] },
        }),
        &at,
    )
}

impl Network {
    fn has_nat_gateway(&self) -> bool {
        self.egress.as_ref().is_some_and(|egress| egress.r#type.text() == Some("nat_gateway"))
    }

    fn dns_servers(&self) -> Expr {
        if self.dns_servers.is_null() { Expr::array([]) } else { Expr::from(&self.dns_servers) }
    }

    fn security_group(&self, stack: &mut Stack<'_>, here: &Place<'_>, subnet: &Subnet) -> Option<Handle> {
        let name = subnet.name.text()?;
        let access = self.compute_access.text().and_then(ComputeAccess::named);
        let rules = match (subnet.purpose(), access, &here.region) {
            (Some(Purpose::Inference), ..) => subnet.inference_rules(),
            (Some(purpose), Some(access), Some(region)) => {
                Expr::Array(rules(purpose, access, region, stack.azure.cloud))
            }
            _ => Expr::Unknown,
        };
        let rules = Expr::At(expansion::origin(&subnet.purpose.path), Box::new(rules));
        Some(stack.add(
            &format!("nsg/{name}"),
            &NETWORK_SECURITY_GROUP,
            here.group.as_ref(),
            here.network.as_ref().map(|network| format!("nsg-{network}-{name}")),
            body!({ "location": (here.location), "properties": { "securityRules": (rules) } }),
            &subnet.name.path,
        ))
    }

    fn check_names(&self, problems: &mut Diagnostics) {
        let mut seen = BTreeSet::new();
        for subnet in &self.subnet.items {
            let Some(name) = subnet.name.text() else { continue };
            if !seen.insert(name.to_ascii_lowercase()) {
                problems.error(
                    subnet.name.path.clone(),
                    format!("There are two subnets named {name:?}"),
                    "Azure tells subnets apart by name, without regard to case.",
                );
            }
            let Some(purpose) = subnet.purpose() else { continue };
            if purpose != Purpose::Inference && subnet.scoring_sources.is_set() {
                problems.error(
                    subnet.scoring_sources.path.clone(),
                    "Only an inference subnet has scoring_sources",
                    "Nothing is scored in a subnet of another purpose. Leave them out, or set purpose = \"inference\".",
                );
            }
            if let Some(reserved) = purpose.reserved_name()
                && reserved != name
            {
                problems.error(
                    subnet.name.path.clone(),
                    format!(
                        "A {} subnet must be named {reserved}",
                        subnet.purpose.text().unwrap_or_default()
                    ),
                    format!("Azure looks for it by that name; this one is named {name:?}."),
                );
            }
        }
    }

    fn check_ranges(&self, problems: &mut Diagnostics) {
        let space: Vec<(&Path, Ipv4Net)> = ranges(&self.address_space);
        for (path, range) in &space {
            if let Some(reason) = unusable(*range) {
                problems.error((*path).clone(), format!("Azure takes no network in {range}"), reason);
            }
            // Docker's own bridge on every node; its routes would hide the network's.
            if overlap(*range, Ipv4Net::new_assert([172, 17, 0, 0].into(), 16)) {
                problems.warning(
                    (*path).clone(),
                    "This range holds 172.17.0.0/16, which Docker uses on every node",
                    "Nodes cannot reach addresses in it. Microsoft advises another range, such as 172.16.0.0/16.",
                );
            }
        }
        for (at, (path, range)) in space.iter().enumerate() {
            if let Some((_, other)) = space[..at].iter().find(|(_, other)| overlap(*other, *range)) {
                problems.error(
                    (*path).clone(),
                    format!("{range} overlaps {other}"),
                    "The ranges of a network must not overlap.",
                );
            }
        }
        let mut taken: Vec<(&str, Ipv4Net)> = Vec::new();
        for subnet in &self.subnet.items {
            let name = subnet.name.text().unwrap_or("(not known yet)");
            let longest = subnet.purpose().map_or(LONGEST_PREFIX, Purpose::longest_prefix);
            for (path, range) in ranges(&subnet.address_prefixes) {
                if range.prefix_len() > longest {
                    let purpose = subnet.purpose.text().unwrap_or("any");
                    problems.error(
                        path.clone(),
                        format!("{range} is too small for a subnet"),
                        format!(
                            "The smallest that Azure takes for the purpose {purpose:?} is /{longest}: it keeps 5 \
                             addresses of every subnet for itself."
                        ),
                    );
                }
                let whole = self.address_space.is_whole();
                if whole && !space.is_empty() && !space.iter().any(|(_, space)| space.contains(&range)) {
                    let spaces: Vec<String> = space.iter().map(|(_, space)| space.to_string()).collect();
                    problems.error(
                        path.clone(),
                        format!("{range} lies outside the network"),
                        format!("The address space of the network is {}.", spaces.join(", ")),
                    );
                }
                if let Some((other, there)) = taken.iter().find(|(_, there)| overlap(*there, range)) {
                    problems.error(
                        path.clone(),
                        format!("{range} overlaps {there}, which is subnet {other:?}"),
                        "Every address belongs to one subnet.",
                    );
                }
                taken.push((name, range));
            }
        }
    }
}

impl Subnet {
    fn inference_rules(&self) -> Expr {
        if !self.scoring_sources.is_whole() {
            return Expr::Unknown;
        }
        let sources: Vec<&str> = self.scoring_sources.elements().filter_map(Field::text).collect();
        Expr::Array(inference_rules(&sources))
    }

    fn purpose(&self) -> Option<Purpose> {
        self.purpose.text().and_then(Purpose::named)
    }

    /// Every property is sent, as a PUT of a subnet that leaves one out
    /// detaches it.
    fn body(&self, group: Option<&Handle>, nat_gateway: Option<&Handle>) -> Expr {
        let Some(purpose) = self.purpose() else { return Expr::Unknown };
        let id_or_null = |handle: Option<&Handle>| match handle {
            Some(handle) => body!({ "id": (handle.id()) }),
            None => Expr::Json(Json::Null),
        };
        let delegations = purpose
            .delegation()
            .map(|service| body!({ "name": "delegation", "properties": { "serviceName": (service) } }));
        let mut body = body!({
            "properties": {
                "addressPrefixes": (&self.address_prefixes),
                "networkSecurityGroup": (id_or_null(group)),
                "natGateway": (id_or_null(nat_gateway.filter(|_| purpose.uses_egress()))),
                "delegations": (Expr::array(delegations)),
                "privateEndpointNetworkPolicies": (purpose.endpoint_policies()),
                "privateLinkServiceNetworkPolicies": "Disabled",
                "defaultOutboundAccess": (&self.default_outbound_access_enabled),
            },
        });
        if let Expr::Object(members) = &mut body
            && self.service_endpoints.is_set()
            && let Some(Expr::Object(properties)) = members.get_mut("properties")
        {
            let each = self.service_endpoints.texts().into_iter().map(|name| body!({ "service": (name) }));
            let all = if self.service_endpoints.is_whole() { Expr::array(each) } else { Expr::Unknown };
            let all = Expr::At(expansion::origin(&self.service_endpoints.path), Box::new(all));
            properties.insert("serviceEndpoints".to_owned(), all);
        }
        body
    }
}

/// A service that has service endpoints: `Microsoft.Storage`.
fn service(value: &Value, path: &Path, problems: &mut Diagnostics) {
    if let Value::String(text) = value
        && !text.strip_prefix("Microsoft.").is_some_and(|rest| {
            !rest.is_empty() && rest.chars().all(|c| c.is_ascii_alphanumeric() || c == '.')
        })
    {
        problems.error(
            path.clone(),
            format!("{text:?} has no service endpoints"),
            "They are written like \"Microsoft.Storage\" or \"Microsoft.KeyVault\".",
        );
    }
}

/// The known, well-formed ranges of a list.
fn ranges(list: &Field<Vec<Field<String>>>) -> Vec<(&Path, Ipv4Net)> {
    list.elements()
        .filter_map(|element| Some((&element.path, checks::parse_cidr(element.text()?).ok()?)))
        .collect()
}

fn overlap(a: Ipv4Net, b: Ipv4Net) -> bool {
    a.contains(&b) || b.contains(&a)
}

/// Why Azure takes no network in a range ("virtual-networks-faq").
fn unusable(range: Ipv4Net) -> Option<&'static str> {
    const REFUSED: [([u8; 4], u8, &str); 5] = [
        ([224, 0, 0, 0], 4, "224.0.0.0/4 is multicast."),
        ([255, 255, 255, 255], 32, "255.255.255.255 is broadcast."),
        ([127, 0, 0, 0], 8, "127.0.0.0/8 is loopback."),
        ([169, 254, 0, 0], 16, "169.254.0.0/16 is link-local."),
        ([168, 63, 129, 16], 32, "168.63.129.16 is Azure's own DNS."),
    ];
    REFUSED
        .iter()
        .find(|(address, prefix, _)| overlap(range, Ipv4Net::new_assert((*address).into(), *prefix)))
        .map(|(_, _, reason)| *reason)
}
