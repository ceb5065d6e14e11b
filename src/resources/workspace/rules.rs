//! Who passes the firewalls of what a workspace stands on: the trusted services
//! of Azure, subnets with service endpoints, addresses, and resources by name.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::engine::graph::Expr;
use crate::kinds::SUBNET;
use crate::resources::Stack;
use crate::resources::checks;
use crate::resources::expansion::origin;
use crate::schema::config::{Blocks, Field, SetOf};
use crate::schema::{Diagnostics, Path, Value};
use crate::{block, body};

pub(super) const DEFAULT_ACTIONS: [&str; 2] = ["Deny", "Allow"];
pub(super) const BYPASS: [&str; 4] = ["AzureServices", "Logging", "Metrics", "None"];
pub(super) const VAULT_BYPASS: [&str; 2] = ["AzureServices", "None"];

block! {
    /// Who passes its firewall.
    pub struct NetworkRules {
        /// `Deny`, or `Allow` for everybody.
        pub default_action: Field<String> = default("Deny")
            .check(|v, p, d| checks::one_of(&DEFAULT_ACTIONS, v, p, d)),
        /// Who passes in any case: `AzureServices`, `Logging`, `Metrics`, or `None`.
        pub bypass: Field<SetOf> = default(["AzureServices"])
            .check(|v, p, d| checks::each(|v, p, d| checks::one_of(&BYPASS, v, p, d), v, p, d)),
        /// Public IPv4 addresses or ranges that pass, such as those of your clients or of hosted agents.
        pub ip_rules: Field<Vec<Field<String>>> = optional()
            .check(|v, p, d| checks::each(storage_address, v, p, d)),
        /// Subnets that pass. Each needs the service endpoint `Microsoft.Storage`.
        pub virtual_network_subnet_ids: Field<Vec<Field<String>>> = optional()
            .check(|v, p, d| checks::each(|v, p, d| checks::id_of(&SUBNET, v, p, d), v, p, d)),
        /// Azure resources that pass by the identity that they carry.
        pub private_link_access: Blocks<PrivateLinkAccess> = optional(),
    }
}

block! {
    /// An Azure resource that passes by its identity.
    pub struct PrivateLinkAccess {
        /// The id of the resource.
        pub endpoint_resource_id: Field<String> = required().check(resource_id),
        /// The Entra tenant that it belongs to, where it is not the workspace's.
        pub endpoint_tenant_id: Field<String> = optional().check(tenant),
    }
}

block! {
    /// Who passes the firewall of the vault.
    pub struct NetworkAcls {
        /// `Deny`, or `Allow` for everybody.
        pub default_action: Field<String> = default("Deny")
            .check(|v, p, d| checks::one_of(&DEFAULT_ACTIONS, v, p, d)),
        /// Who passes in any case: `AzureServices` or `None`.
        pub bypass: Field<String> = default("AzureServices")
            .check(|v, p, d| checks::one_of(&VAULT_BYPASS, v, p, d)),
        /// Public IPv4 addresses or ranges that pass, such as those of your clients or of hosted agents.
        pub ip_rules: Field<Vec<Field<String>>> = optional()
            .check(|v, p, d| checks::each(public_address, v, p, d)),
        /// Subnets that pass. Each needs the service endpoint `Microsoft.KeyVault`.
        pub virtual_network_subnet_ids: Field<Vec<Field<String>>> = optional()
            .check(|v, p, d| checks::each(|v, p, d| checks::id_of(&SUBNET, v, p, d), v, p, d)),
    }
}

block! {
    /// Who passes the firewall of the registry, besides the trusted services of Azure. Azure takes no subnets
    /// there any more: what stands in a network reaches a closed registry by a private endpoint.
    pub struct NetworkRuleSet {
        /// `Deny`, or `Allow` for everybody.
        pub default_action: Field<String> = default("Deny")
            .check(|v, p, d| checks::one_of(&DEFAULT_ACTIONS, v, p, d)),
        /// Public addresses that pass.
        pub ip_rule: Blocks<IpRule> = optional(),
    }
}

block! {
    /// A public address that passes.
    pub struct IpRule {
        /// The IPv4 address or range.
        pub ip_range: Field<String> = required().check(public_address),
    }
}

impl NetworkRules {
    pub(super) fn expr(&self, stack: &mut Stack<'_>) -> Expr {
        let mut resources = Vec::new();
        for access in &self.private_link_access.items {
            let tenant = if access.endpoint_tenant_id.is_null() {
                stack.tenant_id()
            } else {
                Expr::from(&access.endpoint_tenant_id)
            };
            resources.push(body!({ "tenantId": (tenant), "resourceId": (&access.endpoint_resource_id) }));
        }
        let mut rules = body!({
            "bypass": (self.bypass()),
            "defaultAction": (&self.default_action),
            "ipRules": (each(&self.ip_rules, "value", Some("Allow"))),
            "virtualNetworkRules": (each(&self.virtual_network_subnet_ids, "id", Some("Allow"))),
        });
        let resources = if self.private_link_access.unknown { Expr::Unknown } else { Expr::Array(resources) };
        if let Expr::Object(members) = &mut rules
            && resources != Expr::Array(Vec::new())
        {
            members.insert("resourceAccessRules".to_owned(), resources);
        }
        rules
    }

    /// Azure takes the words as one text.
    fn bypass(&self) -> Expr {
        let inner =
            if self.bypass.is_whole() { self.bypass.texts().join(", ").into() } else { Expr::Unknown };
        Expr::At(origin(&self.bypass.path), Box::new(inner))
    }

    pub(super) fn lets_trusted_services_in(&self) -> bool {
        !self.bypass.is_whole() || self.bypass.texts().contains(&"AzureServices")
    }
}

impl NetworkAcls {
    pub(super) fn expr(&self) -> Expr {
        body!({
            "bypass": (&self.bypass),
            "defaultAction": (&self.default_action),
            "ipRules": (each(&self.ip_rules, "value", None)),
            "virtualNetworkRules": (each(&self.virtual_network_subnet_ids, "id", None)),
        })
    }
}

impl NetworkRuleSet {
    pub(super) fn expr(&self) -> Expr {
        let rules = if self.ip_rule.unknown {
            Expr::Unknown
        } else {
            Expr::array(
                self.ip_rule.items.iter().map(|rule| body!({ "value": (&rule.ip_range), "action": "Allow" })),
            )
        };
        body!({ "defaultAction": (&self.default_action), "ipRules": (rules) })
    }
}

fn each(list: &Field<Vec<Field<String>>>, key: &'static str, action: Option<&'static str>) -> Expr {
    if list.is_unknown() {
        return Expr::Unknown;
    }
    Expr::array(list.elements().map(|element| {
        let action = action.map(|action| ("action", Expr::from(action)));
        Expr::object([(key, Expr::from(element))].into_iter().chain(action))
    }))
}

/// Whether a list has, or may have, something in it.
pub(super) fn has_any(list: &Field<Vec<Field<String>>>) -> bool {
    list.is_unknown() || list.elements().next().is_some()
}

fn resource_id(value: &Value, path: &Path, problems: &mut Diagnostics) {
    if let Value::String(text) = value
        && let Err(error) = crate::kinds::ResourceId::parse(text)
    {
        problems.error(path.clone(), "This is not the id of an Azure resource", format!("{error}."));
    }
}

fn tenant(value: &Value, path: &Path, problems: &mut Diagnostics) {
    if let Value::String(text) = value
        && uuid::Uuid::parse_str(text).is_err()
    {
        problems.error(path.clone(), format!("{text:?} is not the id of a tenant"), "It is a GUID.");
    }
}

/// A firewall sees public addresses only: what comes from a network has others.
pub(super) fn public_address(value: &Value, path: &Path, problems: &mut Diagnostics) {
    let Value::String(text) = value else { return };
    let range = match text.parse::<Ipv4Addr>() {
        Ok(address) => Ipv4Net::from(address),
        Err(_) => match checks::parse_cidr(text) {
            Ok(range) => range,
            Err(reason) => {
                problems.error(
                    path.clone(),
                    format!("{text:?} is not a public IPv4 address or range"),
                    reason,
                );
                return;
            }
        },
    };
    if range.addr().is_private() || range.addr().is_loopback() || range.addr().is_link_local() {
        problems.error(
            path.clone(),
            format!("{text} is not a public address"),
            "A firewall of Azure never sees private addresses. Name the subnet instead, or the public address of its \
             way out.",
        );
    }
}

/// Storage writes a single address, and a range of two, without a prefix.
fn storage_address(value: &Value, path: &Path, problems: &mut Diagnostics) {
    if let Value::String(text) = value
        && (text.ends_with("/31") || text.ends_with("/32"))
    {
        problems.error(
            path.clone(),
            format!("{text:?} is too small for a range"),
            "A storage account takes ranges up to /30. Write single addresses without a prefix.",
        );
        return;
    }
    public_address(value, path, problems);
}
