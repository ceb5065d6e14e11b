//! What a subnet's purpose decides, and the rules that guard it.
//!
//! Ports and service tags are those of Microsoft's pages on securing a
//! training environment: the current edition for `no_public_ip` and
//! `public_ip`, the edition of 2020 for `legacy_batch`.

use serde_json::{Value as Json, json};

use crate::engine::graph::Expr;
use crate::kinds::Cloud;

/// What a subnet is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    PrivateEndpoints,
    Training,
    Inference,
    ContainerInstances,
    DatabricksPublic,
    DatabricksPrivate,
    Bastion,
    Gateway,
    Firewall,
    Agents,
    AttachedCompute,
    General,
}

/// Every purpose under its name in HCL.
pub(super) const PURPOSES: [(&str, Purpose); 12] = [
    ("private_endpoints", Purpose::PrivateEndpoints),
    ("training", Purpose::Training),
    ("inference", Purpose::Inference),
    ("container_instances", Purpose::ContainerInstances),
    ("databricks_public", Purpose::DatabricksPublic),
    ("databricks_private", Purpose::DatabricksPrivate),
    ("bastion", Purpose::Bastion),
    ("gateway", Purpose::Gateway),
    ("firewall", Purpose::Firewall),
    ("agents", Purpose::Agents),
    ("attached_compute", Purpose::AttachedCompute),
    ("general", Purpose::General),
];

/// The names of [`PURPOSES`].
pub(super) const PURPOSE_NAMES: [&str; 12] = {
    let mut names = [""; 12];
    let mut at = 0;
    while at < names.len() {
        names[at] = PURPOSES[at].0;
        at += 1;
    }
    names
};

/// The longest prefix that Azure takes for any subnet: of /29's 8 addresses it keeps 5.
pub(super) const LONGEST_PREFIX: u8 = 29;

impl Purpose {
    pub(super) fn named(name: &str) -> Option<Self> {
        PURPOSES.iter().find(|(known, _)| *known == name).map(|(_, purpose)| *purpose)
    }

    /// The one name that Azure takes for a subnet of this purpose.
    pub(super) fn reserved_name(self) -> Option<&'static str> {
        match self {
            Self::Bastion => Some("AzureBastionSubnet"),
            Self::Gateway => Some("GatewaySubnet"),
            Self::Firewall => Some("AzureFirewallSubnet"),
            _ => None,
        }
    }

    /// The longest prefix that Azure takes for this purpose.
    pub(super) fn longest_prefix(self) -> u8 {
        match self {
            // Bastion and Firewall ask for /26, Databricks for /26 per subnet.
            Self::Bastion | Self::Firewall | Self::DatabricksPublic | Self::DatabricksPrivate => 26,
            _ => LONGEST_PREFIX,
        }
    }

    /// The service that the subnet is handed over to.
    pub(super) fn delegation(self) -> Option<&'static str> {
        match self {
            Self::ContainerInstances => Some("Microsoft.ContainerInstance/containerGroups"),
            Self::DatabricksPublic | Self::DatabricksPrivate => Some("Microsoft.Databricks/workspaces"),
            _ => None,
        }
    }

    /// Whether Azure takes a network security group there. A gateway's subnet
    /// and a firewall's must have none.
    pub(super) fn guarded(self) -> bool {
        !matches!(self, Self::Gateway | Self::Firewall)
    }

    /// Whether its way out is the network's NAT gateway. Endpoints start no
    /// connections, and the appliances have addresses of their own.
    pub(super) fn uses_egress(self) -> bool {
        !matches!(self, Self::PrivateEndpoints | Self::Bastion | Self::Gateway | Self::Firewall)
    }

    /// Whether security groups apply to private endpoints in it. Nodes without
    /// public addresses ask for `Disabled` in their own subnet.
    pub(super) fn endpoint_policies(self) -> &'static str {
        match self {
            Self::PrivateEndpoints => "NetworkSecurityGroupEnabled",
            _ => "Disabled",
        }
    }
}

/// How the nodes of a training subnet are reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ComputeAccess {
    NoPublicIp,
    PublicIp,
    LegacyBatch,
}

/// Every way under its name in HCL.
pub(super) const COMPUTE_ACCESS: [&str; 3] = ["no_public_ip", "public_ip", "legacy_batch"];

impl ComputeAccess {
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "no_public_ip" => Some(Self::NoPublicIp),
            "public_ip" => Some(Self::PublicIp),
            "legacy_batch" => Some(Self::LegacyBatch),
            _ => None,
        }
    }
}

/// One rule, before it becomes JSON.
struct Rule<'a> {
    name: &'a str,
    direction: &'a str,
    access: &'a str,
    protocol: &'a str,
    from: &'a str,
    to: String,
    ports: &'a [&'a str],
}

impl Rule<'_> {
    fn json(&self, priority: u32) -> Json {
        let mut properties = json!({
            "priority": priority,
            "direction": self.direction,
            "access": self.access,
            "protocol": self.protocol,
            "sourcePortRange": "*",
            "sourceAddressPrefix": self.from,
            "destinationAddressPrefix": self.to,
        });
        // Azure takes one range or several, under different names.
        match self.ports {
            [one] => properties["destinationPortRange"] = json!(one),
            several => properties["destinationPortRanges"] = json!(several),
        }
        json!({ "name": self.name, "properties": properties })
    }
}

fn inbound<'a>(name: &'a str, protocol: &'a str, from: &'a str, ports: &'a [&'a str]) -> Rule<'a> {
    Rule {
        name,
        direction: "Inbound",
        access: "Allow",
        protocol,
        from,
        to: "VirtualNetwork".to_owned(),
        ports,
    }
}

fn outbound<'a>(name: &'a str, protocol: &'a str, to: impl Into<String>, ports: &'a [&'a str]) -> Rule<'a> {
    Rule {
        name,
        direction: "Outbound",
        access: "Allow",
        protocol,
        from: "VirtualNetwork",
        to: to.into(),
        ports,
    }
}

fn refuse_the_rest(direction: &'static str) -> Rule<'static> {
    let name = if direction == "Inbound" { "deny-inbound" } else { "deny-outbound" };
    Rule { name, direction, access: "Deny", protocol: "*", from: "*", to: "*".to_owned(), ports: &["*"] }
}

/// Priorities from 100 in steps of 10, and the last word at the end of
/// Azure's range, so that rules of others fit between and around.
fn numbered(rules: &[Rule<'_>]) -> Vec<Expr> {
    const FIRST: u32 = 100;
    const STEP: u32 = 10;
    const LAST: u32 = 4096;
    let mut next = [FIRST; 2];
    rules
        .iter()
        .map(|rule| {
            let counter = &mut next[usize::from(rule.direction == "Outbound")];
            let priority = if rule.access == "Deny" { LAST } else { *counter };
            *counter += STEP;
            Expr::Json(rule.json(priority))
        })
        .collect()
}

/// The rules of a subnet's security group. `location` is lower case without
/// blanks, as regional service tags want it.
pub(super) fn rules(purpose: Purpose, access: ComputeAccess, location: &str, cloud: Cloud) -> Vec<Expr> {
    match purpose {
        Purpose::Training => numbered(&training(access, location, cloud)),
        Purpose::Bastion => numbered(&bastion()),
        // Databricks writes its own rules into the group of its subnets; the others have no group.
        Purpose::DatabricksPublic | Purpose::DatabricksPrivate | Purpose::Gateway | Purpose::Firewall => {
            Vec::new()
        }
        Purpose::Inference => inference_rules(&[]),
        Purpose::AttachedCompute => numbered(&attached_compute()),
        Purpose::PrivateEndpoints | Purpose::ContainerInstances | Purpose::Agents | Purpose::General => {
            numbered(&[inbound("virtual-network", "*", "VirtualNetwork", &["*"]), refuse_the_rest("Inbound")])
        }
    }
}

/// What calls the scoring endpoints of a Kubernetes cluster: the network, the
/// probes of its load balancers, and `sources` outside it, by TLS alone. What
/// goes out is left to Azure's own rules ("secure an inferencing environment").
pub(super) fn inference_rules(sources: &[&str]) -> Vec<Expr> {
    let mut rules = vec![
        inbound("virtual-network", "*", "VirtualNetwork", &["*"]),
        inbound("load-balancer", "*", "AzureLoadBalancer", &["*"]),
    ];
    if !sources.is_empty() {
        rules.push(inbound("scoring", "Tcp", "", &["443"]));
    }
    rules.push(refuse_the_rest("Inbound"));
    let mut rules = numbered(&rules);
    for rule in &mut rules {
        if let Expr::Json(rule) = rule
            && rule["name"] == "scoring"
            && let Some(properties) = rule["properties"].as_object_mut()
        {
            properties.remove("sourceAddressPrefix");
            properties.insert("sourceAddressPrefixes".to_owned(), json!(sources));
        }
    }
    rules
}

fn training(access: ComputeAccess, location: &str, cloud: Cloud) -> Vec<Rule<'static>> {
    let mut rules = vec![inbound("virtual-network", "*", "VirtualNetwork", &["*"])];
    // Only nodes with public addresses are called from outside.
    if access != ComputeAccess::NoPublicIp {
        rules.push(inbound("machine-learning", "Tcp", "AzureMachineLearning", &["44224"]));
    }
    if access == ComputeAccess::LegacyBatch {
        rules.push(inbound("batch", "Tcp", "BatchNodeManagement", &["29876-29877"]));
    }
    rules.push(refuse_the_rest("Inbound"));

    rules.push(outbound("virtual-network-out", "*", "VirtualNetwork", &["*"]));
    rules.push(outbound("machine-learning-tcp", "Tcp", "AzureMachineLearning", &["443", "8787", "18881"]));
    rules.push(outbound("machine-learning-udp", "Udp", "AzureMachineLearning", &["5831"]));
    if access == ComputeAccess::LegacyBatch {
        // The closed list of 2020 ("limiting outbound connectivity").
        rules.push(outbound("registry", "Tcp", format!("AzureContainerRegistry.{location}"), &["443"]));
    } else {
        rules.push(outbound("batch-out", "*", format!("BatchNodeManagement.{location}"), &["443"]));
    }
    rules.push(outbound("storage", "Tcp", format!("Storage.{location}"), &["443"]));
    rules.push(outbound("entra", "Tcp", "AzureActiveDirectory", &["80", "443"]));
    rules.push(outbound("resource-manager", "Tcp", "AzureResourceManager", &["443"]));
    // The studio's front door does not exist in the cloud of 21Vianet.
    if cloud != Cloud::China {
        rules.push(outbound("front-door", "Tcp", "AzureFrontDoor.Frontend", &["443"]));
    }
    let images = match access {
        ComputeAccess::LegacyBatch => "MicrosoftContainerRegistry".to_owned(),
        _ => format!("MicrosoftContainerRegistry.{location}"),
    };
    rules.push(outbound("microsoft-images", "Tcp", images, &["443"]));
    rules.push(outbound("microsoft-images-front", "Tcp", "AzureFrontDoor.FirstParty", &["443"]));
    rules.push(refuse_the_rest("Outbound"));
    rules
}

/// Azure Machine Learning signs in to machines and HDInsight clusters by SSH,
/// from any port and by any protocol, and what goes out is left to Azure's own
/// rules ("virtual machine or HDInsight cluster" in a virtual network).
fn attached_compute() -> [Rule<'static>; 3] {
    [
        inbound("virtual-network", "*", "VirtualNetwork", &["*"]),
        inbound("machine-learning-ssh", "*", "AzureMachineLearning", &["22"]),
        refuse_the_rest("Inbound"),
    ]
}

/// All of these must be there, or Azure refuses the Bastion ("bastion-nsg").
fn bastion() -> Vec<Rule<'static>> {
    let to_any = |mut rule: Rule<'static>| {
        "*".clone_into(&mut rule.to);
        rule
    };
    let from_any = |mut rule: Rule<'static>| {
        rule.from = "*";
        rule
    };
    vec![
        to_any(inbound("https", "Tcp", "Internet", &["443"])),
        to_any(inbound("gateway-manager", "Tcp", "GatewayManager", &["443"])),
        to_any(inbound("load-balancer", "Tcp", "AzureLoadBalancer", &["443"])),
        inbound("bastion-hosts", "*", "VirtualNetwork", &["8080", "5701"]),
        refuse_the_rest("Inbound"),
        from_any(outbound("ssh-rdp", "*", "VirtualNetwork", &["22", "3389"])),
        from_any(outbound("azure-cloud", "Tcp", "AzureCloud", &["443"])),
        outbound("bastion-hosts-out", "*", "VirtualNetwork", &["8080", "5701"]),
        from_any(outbound("sessions", "*", "Internet", &["80"])),
        refuse_the_rest("Outbound"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(access: ComputeAccess) -> Vec<String> {
        table_of(Purpose::Training, access)
    }

    fn table_of(purpose: Purpose, access: ComputeAccess) -> Vec<String> {
        rules(purpose, access, "eastasia", Cloud::Public)
            .into_iter()
            .map(|rule| {
                let Expr::Json(rule) = rule else { panic!("rules are plain JSON") };
                let p = &rule["properties"];
                let other = if p["direction"] == "Inbound" {
                    "sourceAddressPrefix"
                } else {
                    "destinationAddressPrefix"
                };
                let ports = match p.get("destinationPortRanges") {
                    Some(several) => several
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|s| s.as_str().unwrap())
                        .collect::<Vec<_>>()
                        .join(","),
                    None => p["destinationPortRange"].as_str().unwrap().to_owned(),
                };
                format!(
                    "{} {} {} {} {} {}",
                    p["direction"].as_str().unwrap(),
                    p["priority"],
                    p["access"].as_str().unwrap(),
                    p["protocol"].as_str().unwrap(),
                    p[other].as_str().unwrap(),
                    ports
                )
            })
            .collect()
    }

    #[test]
    fn nodes_without_public_addresses_may_reach_what_microsoft_lists_and_nothing_else() {
        assert_eq!(
            table(ComputeAccess::NoPublicIp),
            [
                "Inbound 100 Allow * VirtualNetwork *",
                "Inbound 4096 Deny * * *",
                "Outbound 100 Allow * VirtualNetwork *",
                "Outbound 110 Allow Tcp AzureMachineLearning 443,8787,18881",
                "Outbound 120 Allow Udp AzureMachineLearning 5831",
                "Outbound 130 Allow * BatchNodeManagement.eastasia 443",
                "Outbound 140 Allow Tcp Storage.eastasia 443",
                "Outbound 150 Allow Tcp AzureActiveDirectory 80,443",
                "Outbound 160 Allow Tcp AzureResourceManager 443",
                "Outbound 170 Allow Tcp AzureFrontDoor.Frontend 443",
                "Outbound 180 Allow Tcp MicrosoftContainerRegistry.eastasia 443",
                "Outbound 190 Allow Tcp AzureFrontDoor.FirstParty 443",
                "Outbound 4096 Deny * * *",
            ]
        );
    }

    #[test]
    fn public_nodes_are_called_on_44224_and_batch_nodes_of_2020_on_two_ports_more() {
        assert!(
            table(ComputeAccess::PublicIp)
                .contains(&"Inbound 110 Allow Tcp AzureMachineLearning 44224".to_owned())
        );
        let legacy = table(ComputeAccess::LegacyBatch);
        assert!(legacy.contains(&"Inbound 120 Allow Tcp BatchNodeManagement 29876-29877".to_owned()));
        assert!(legacy.contains(&"Outbound 130 Allow Tcp AzureContainerRegistry.eastasia 443".to_owned()));
    }

    #[test]
    fn machines_that_are_attached_are_signed_in_to_by_ssh_and_nothing_else_comes_in() {
        assert_eq!(
            table_of(Purpose::AttachedCompute, ComputeAccess::NoPublicIp),
            [
                "Inbound 100 Allow * VirtualNetwork *",
                "Inbound 110 Allow * AzureMachineLearning 22",
                "Inbound 4096 Deny * * *",
            ]
        );
    }

    #[test]
    fn scoring_is_for_the_network_and_for_whoever_is_named() {
        let inbound = |sources: &[&str]| -> Vec<Json> {
            let rules = inference_rules(sources).into_iter();
            rules
                .map(|rule| match rule {
                    Expr::Json(rule) => rule,
                    _ => panic!("rules are plain JSON"),
                })
                .collect()
        };
        let names =
            |rules: &[Json]| rules.iter().map(|rule| rule["name"].to_string()).collect::<Vec<_>>().join(" ");
        assert_eq!(names(&inbound(&[])), r#""virtual-network" "load-balancer" "deny-inbound""#);
        let open = inbound(&["203.0.113.0/24"]);
        assert_eq!(names(&open), r#""virtual-network" "load-balancer" "scoring" "deny-inbound""#);
        let scoring = &open[2]["properties"];
        assert_eq!(scoring["sourceAddressPrefixes"], json!(["203.0.113.0/24"]));
        assert_eq!((&scoring["destinationPortRange"], &scoring["access"]), (&json!("443"), &json!("Allow")));
        assert!(scoring.get("sourceAddressPrefix").is_none());
    }

    #[test]
    fn every_set_of_rules_has_names_and_priorities_of_its_own() {
        for (_, purpose) in PURPOSES {
            for access in [ComputeAccess::NoPublicIp, ComputeAccess::PublicIp, ComputeAccess::LegacyBatch] {
                let mut seen = std::collections::BTreeSet::new();
                for rule in rules(purpose, access, "eastasia", Cloud::Public) {
                    let Expr::Json(rule) = rule else { panic!("rules are plain JSON") };
                    let p = &rule["properties"];
                    assert!(seen.insert(rule["name"].to_string()), "{purpose:?} {rule}");
                    assert!(
                        seen.insert(format!("{} {}", p["direction"], p["priority"])),
                        "{purpose:?} {rule}"
                    );
                }
            }
        }
    }
}
