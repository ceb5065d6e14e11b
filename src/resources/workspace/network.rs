//! The network that Azure manages for a workspace, with its outbound rules, and
//! where serverless compute stands.

use std::collections::BTreeSet;

use crate::engine::graph::{Expr, Handle, Unfit};
use crate::kinds::{self, OUTBOUND_RULE, ResourceId, STORAGE_ACCOUNT, SUBNET};
use crate::resources::expansion::origin;
use crate::resources::{Stack, checks};
use crate::schema::config::{Blocks, Field, State};
use crate::schema::{Diagnostics, Path, Value};
use crate::{block, body};

/// From the weakest on: Azure only ever goes forward.
pub(super) const ISOLATION_MODES: [&str; 2] = ["AllowInternetOutbound", "AllowOnlyApprovedOutbound"];
pub(super) const FIREWALL_SKUS: [&str; 2] = ["Standard", "Basic"];
pub(super) const PROTOCOLS: [&str; 4] = ["*", "TCP", "UDP", "ICMP"];
pub(super) const ACTIONS: [&str; 2] = ["Allow", "Deny"];

/// The mode in which nothing leaves that no rule names.
const ONLY_APPROVED: &str = ISOLATION_MODES[1];

/// "Workspace managed virtual network isolation", limitations.
pub(super) const BY_SERVICE_ENDPOINTS: Unfit = Unfit {
    path: "properties.networkAcls.virtualNetworkRules[].id",
    word: None,
    why: "It lets subnets in by service endpoints, and Microsoft's documentation has no managed network reach such an \
          account by its private endpoints. Take those rules away where nobody needs them.",
};

block! {
    /// A network that Azure makes and manages for the computes of the workspace. It lives and dies with the
    /// workspace, and Azure adds the private endpoints that the workspace itself needs. Computes in it stand in
    /// no subnet of yours.
    pub struct ManagedNetwork {
        /// `AllowInternetOutbound`, or `AllowOnlyApprovedOutbound`, in which nothing leaves that no rule names.
        /// It can be tightened, never loosened.
        pub isolation_mode: Field<String> = required()
            .check(|v, p, d| checks::one_of(&ISOLATION_MODES, v, p, d)),
        /// The firewall that comes with the first rule on a host name, which is billed: `Standard` where this
        /// is left out, or `Basic`.
        pub firewall_sku: Field<String> = optional()
            .check(|v, p, d| checks::one_of(&FIREWALL_SKUS, v, p, d)),
        /// Whether Azure builds the network together with the workspace, which takes about half an hour,
        /// rather than with the first compute. Of a workspace that stands already, it is built by the next apply.
        pub provision_on_creation_enabled: Field<bool> = default(false),
        /// What may leave the network, besides what Azure Machine Learning needs itself.
        pub outbound_rule: Blocks<OutboundRule> = optional(),
    }
}

block! {
    /// What may leave the network: to a host by `destination_fqdn`, to a service by `service_tag`, or to an Azure
    /// resource, by a private endpoint, by `service_resource_id`.
    pub struct OutboundRule {
        /// The name of the rule.
        pub name: Field<String> = required().check(|v, p, d| checks::name(&OUTBOUND_RULE, v, p, d)),
        /// A host name, such as `pypi.org` or `*.anaconda.com`. It brings a firewall, which is billed.
        pub destination_fqdn: Field<String> = optional().check(host),
        /// A service tag, such as `AzureMonitor`.
        pub service_tag: Field<String> = optional(),
        /// The protocol of a service tag: `TCP`, `UDP`, `ICMP`, or `*` for all.
        pub protocol: Field<String> = optional().check(|v, p, d| checks::one_of(&PROTOCOLS, v, p, d)),
        /// The ports of a service tag, such as `443` or `80,443,8000-8100`.
        pub port_ranges: Field<String> = optional().check(ports),
        /// Ranges that take the place of those of the service tag.
        pub address_prefixes: Field<Vec<Field<String>>> = optional()
            .check(|v, p, d| checks::each(checks::cidr, v, p, d)),
        /// What becomes of traffic to a service tag: `Allow` where this is left out, or `Deny`.
        pub action: Field<String> = optional().check(|v, p, d| checks::one_of(&ACTIONS, v, p, d)),
        /// The id of an Azure resource that gets a private endpoint in the network.
        pub service_resource_id: Field<String> = optional().check(target),
        /// Which part of it: `blob`, `vault`, `registry`, and so on.
        pub sub_resource_target: Field<String> = optional(),
        /// Whether Spark jobs reach it too.
        pub spark_enabled: Field<bool> = optional(),
    }
}

block! {
    /// Where the nodes of serverless compute stand.
    pub struct ServerlessCompute {
        /// The id of your subnet that they stand in, which must not be delegated. Each node takes one address.
        pub subnet_id: Field<String> = optional().check(|v, p, d| checks::id_of(&SUBNET, v, p, d)),
        /// Whether they have public addresses. Without them they need a subnet, and a private endpoint of the
        /// workspace.
        pub public_ip_enabled: Field<bool> = default(false),
    }
}

/// What a rule lets out to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum To {
    Host,
    Tag,
    Resource,
}

impl ManagedNetwork {
    pub(super) fn check(&self, storage: Option<&str>, problems: &mut Diagnostics) {
        let mode = self.isolation_mode.text();
        if self.firewall_sku.is_set() && mode.is_some_and(|mode| mode != ONLY_APPROVED) {
            problems.error(
                self.firewall_sku.path.clone(),
                "This managed network has no firewall",
                format!("Only isolation_mode = {ONLY_APPROVED:?} comes with one."),
            );
        }
        let mut names = BTreeSet::new();
        for rule in &self.outbound_rule.items {
            rule.check(mode, storage, problems);
            if let Some(name) = rule.name.text()
                && !names.insert(name.to_ascii_lowercase())
            {
                problems.error(
                    rule.name.path.clone(),
                    format!("There are two outbound rules named {name:?}"),
                    "Azure tells them apart by name, without regard to case.",
                );
            }
        }
    }

    /// What Azure would have to undo, and never does ("managed virtual network isolation").
    pub(super) fn check_change(before: Option<&Self>, now: Option<&Self>, problems: &mut Diagnostics) {
        let rank =
            |mode: &Field<String>| ISOLATION_MODES.iter().position(|known| Some(*known) == mode.text());
        let Some(was) = before.and_then(|before| rank(&before.isolation_mode)) else { return };
        let at = match now {
            None => Path::root().attribute("managed_network"),
            Some(now) if rank(&now.isolation_mode).is_some_and(|is| is < was) => {
                now.isolation_mode.path.clone()
            }
            Some(_) => return,
        };
        problems.error(
            at,
            "A managed network can be tightened, never loosened",
            format!(
                "It is {:?}, and Azure takes no step back. Leave it so, or build another workspace: terraform taint \
                 marks this one to be replaced by the next apply.",
                ISOLATION_MODES[was]
            ),
        );
    }

    pub(super) fn expr(&self) -> Expr {
        let mut members = vec![("isolationMode", Expr::from(&self.isolation_mode))];
        // Azure chooses one where nobody does.
        if self.firewall_sku.is_set() {
            members.push(("firewallSku", Expr::from(&self.firewall_sku)));
        }
        match self.provision_on_creation_enabled.state {
            State::Known(true) => members.push(("status", body!({ "status": "Active" }))),
            State::Unknown => members.push(("status", body!({ "status": (Expr::Unknown) }))),
            State::Known(false) | State::Null => {}
        }
        Expr::object(members)
    }

    /// What rules on private endpoints lead to, which must exist before the
    /// rules are written.
    pub(super) fn targets(&self, stack: &mut Stack<'_>) -> Vec<Option<Handle>> {
        self.outbound_rule.items.iter().map(|rule| rule.target(stack)).collect()
    }

    pub(super) fn rules(&self, stack: &mut Stack<'_>, workspace: &Handle, targets: &[Option<Handle>]) {
        for (rule, target) in self.outbound_rule.items.iter().zip(targets) {
            rule.expand(stack, workspace, target.as_ref());
        }
    }

    /// Whether it is known which rules there are.
    pub(super) fn is_decided(&self) -> bool {
        !self.outbound_rule.unknown && self.outbound_rule.items.iter().all(|rule| !rule.name.is_unknown())
    }
}

impl OutboundRule {
    /// To what it leads; `None` where that is not known, or nothing.
    fn to(&self) -> Option<To> {
        let given = |field: &Field<String>| field.is_set();
        match (given(&self.destination_fqdn), given(&self.service_tag), given(&self.service_resource_id)) {
            (true, false, false) => Some(To::Host),
            (false, true, false) => Some(To::Tag),
            (false, false, true) => Some(To::Resource),
            _ => None,
        }
    }

    fn check(&self, mode: Option<&str>, storage: Option<&str>, problems: &mut Diagnostics) {
        let all = [&self.destination_fqdn, &self.service_tag, &self.service_resource_id];
        let Some(to) = self.to() else {
            if all.iter().all(|field| !field.is_unknown()) {
                problems.error(
                    self.name.path.clone(),
                    "An outbound rule leads to one thing",
                    "Set one of destination_fqdn, service_tag and service_resource_id.",
                );
            }
            return;
        };
        let foremost = match to {
            To::Host => &self.destination_fqdn,
            To::Tag => &self.service_tag,
            To::Resource => &self.service_resource_id,
        };
        if to != To::Resource && mode.is_some_and(|mode| mode != ONLY_APPROVED) {
            problems.error(
                foremost.path.clone(),
                "This managed network lets everything out, so that Azure takes no such rule",
                format!("Rules on host names and service tags need isolation_mode = {ONLY_APPROVED:?}."),
            );
        }
        if let (Some(host), Some(storage)) = (self.destination_fqdn.text(), storage)
            && host.to_ascii_lowercase().starts_with(&format!("{storage}."))
            && host.contains(".core.")
        {
            problems.error(
                self.destination_fqdn.path.clone(),
                "A host name does not lead to the private storage account",
                "Azure reaches it by an endpoint of its own, which it adds by itself.",
            );
        }
        self.check_belongs(to, problems);
        if let (Some(id), Some(part)) = (self.service_resource_id.text(), self.sub_resource_target.text())
            && let Ok(id) = ResourceId::parse(id)
            && let Some(known) = parts_of(&id.resource_type())
            && !known.contains(&part)
        {
            problems.error(
                self.sub_resource_target.path.clone(),
                format!("{part:?} is no part of a {} that has endpoints", id.resource_type()),
                format!("It takes {}.", checks::listed(known)),
            );
        }
    }

    /// What each kind of rule needs, and what the others would not read.
    fn check_belongs(&self, to: To, problems: &mut Diagnostics) {
        let of_tags: [(&str, bool, bool, &Path); 4] = [
            ("protocol", self.protocol.is_set(), true, &self.protocol.path),
            ("port_ranges", self.port_ranges.is_set(), true, &self.port_ranges.path),
            ("address_prefixes", self.address_prefixes.is_set(), false, &self.address_prefixes.path),
            ("action", self.action.is_set(), false, &self.action.path),
        ];
        let of_resources: [(&str, bool, bool, &Path); 2] = [
            ("sub_resource_target", self.sub_resource_target.is_set(), true, &self.sub_resource_target.path),
            ("spark_enabled", self.spark_enabled.is_set(), false, &self.spark_enabled.path),
        ];
        let tags = of_tags.into_iter().map(|one| (To::Tag, "service_tag", one));
        let resources = of_resources.into_iter().map(|one| (To::Resource, "service_resource_id", one));
        for (of, with, (name, is_set, needed, path)) in tags.chain(resources) {
            if of == to && needed && !is_set {
                problems.error(
                    path.clone(),
                    format!("A rule with {with} needs {name}"),
                    "Azure takes no rule without it.",
                );
            }
            if of != to && is_set {
                problems.error(
                    path.clone(),
                    format!("{name} goes with {with}"),
                    format!("This rule leads elsewhere. Leave {name} out."),
                );
            }
        }
    }

    fn target(&self, stack: &mut Stack<'_>) -> Option<Handle> {
        let name = self.name.text()?;
        let id = ResourceId::parse(self.service_resource_id.text()?).ok()?;
        let kind = kinds::find(&id.resource_type())?;
        let target = stack.given(&format!("outbound_rule/{name}/target"), kind, &self.service_resource_id);
        if id.is(&STORAGE_ACCOUNT) {
            stack.graph.doubt(&target, BY_SERVICE_ENDPOINTS);
        }
        Some(target)
    }

    fn expand(&self, stack: &mut Stack<'_>, workspace: &Handle, target: Option<&Handle>) {
        let Some(name) = self.name.text() else { return };
        let (kind, destination) = match self.to() {
            Some(To::Host) => ("FQDN", Expr::from(&self.destination_fqdn)),
            Some(To::Tag) => (
                "ServiceTag",
                body!({
                    "serviceTag": (&self.service_tag),
                    "protocol": (&self.protocol),
                    "portRanges": (&self.port_ranges),
                    "addressPrefixes": (&self.address_prefixes),
                    "action": (or(&self.action, "Allow")),
                }),
            ),
            Some(To::Resource) => (
                "PrivateEndpoint",
                body!({
                    "serviceResourceId": (target.map_or_else(|| Expr::from(&self.service_resource_id), Handle::id)),
                    "subresourceTarget": (&self.sub_resource_target),
                    "sparkEnabled": (self.spark_enabled.is_true()),
                }),
            ),
            // Which of them it is will be known later.
            None => {
                stack.incomplete();
                return;
            }
        };
        stack.add(
            &format!("outbound_rule/{name}"),
            &OUTBOUND_RULE,
            workspace.known_id(),
            Some(name.to_owned()),
            body!({ "properties": { "type": (kind), "category": "UserDefined", "destination": (destination) } }),
            &self.name.path,
        );
    }
}

impl ServerlessCompute {
    pub(super) fn check(&self, managed: bool, open: bool, has_endpoint: bool, problems: &mut Diagnostics) {
        if managed && self.subnet_id.is_set() {
            problems.error(
                self.subnet_id.path.clone(),
                "A workspace with a managed network has no computes in other subnets",
                "Leave subnet_id out: serverless compute stands in the managed network.",
            );
            return;
        }
        let private = self.public_ip_enabled.known() == Some(&false);
        if private && self.subnet_id.is_null() && !managed && !open {
            problems.error(
                self.public_ip_enabled.path.clone(),
                "Serverless compute without public addresses needs a subnet",
                "Set subnet_id: the workspace is closed to what stands elsewhere. Or set public_ip_enabled = true.",
            );
        }
        if private && self.subnet_id.is_set() && !has_endpoint {
            problems.error(
                self.public_ip_enabled.path.clone(),
                "Nodes without public addresses reach the workspace by its private endpoint alone",
                "Add a private_endpoint block, or set public_ip_enabled = true.",
            );
        }
    }

    pub(super) fn check_subscription(&self, stack: &mut Stack<'_>) {
        let id = self.subnet_id.text().and_then(|text| ResourceId::parse(text).ok());
        if id.is_some_and(|id| {
            !id.subscription_id().eq_ignore_ascii_case(stack.azure.subscription.subscription_id())
        }) {
            stack.problems.error(
                self.subnet_id.path.clone(),
                "The subnet lies in another subscription than the workspace",
                "Azure Machine Learning starts nodes only in networks of the workspace's subscription.",
            );
        }
    }

    /// Azure takes addresses away only from nodes in a subnet of yours.
    pub(super) fn check_change(before: Option<&Self>, now: Option<&Self>, problems: &mut Diagnostics) {
        if let (Some(before), Some(now)) = (before, now)
            && before.public_ip_enabled.is_true()
            && now.public_ip_enabled.known() == Some(&false)
            && now.subnet_id.is_null()
        {
            problems.error(
                now.public_ip_enabled.path.clone(),
                "Azure takes public addresses from serverless compute only in a subnet",
                "Set subnet_id as well.",
            );
        }
    }

    pub(super) fn expr(&self) -> Expr {
        let private = match self.public_ip_enabled.state {
            State::Unknown => Expr::Unknown,
            State::Known(public) => (!public).into(),
            State::Null => true.into(),
        };
        let private = Expr::At(origin(&self.public_ip_enabled.path), Box::new(private));
        body!({ "serverlessComputeCustomSubnet": (&self.subnet_id), "serverlessComputeNoPublicIP": (private) })
    }
}

/// What a field says, or else this.
fn or(field: &Field<String>, otherwise: &str) -> Expr {
    if field.is_null() { otherwise.into() } else { Expr::from(field) }
}

/// The parts of a type that private endpoints lead to; `None` where Azure has
/// types that are not known here.
fn parts_of(resource_type: &str) -> Option<&'static [&'static str]> {
    const STORAGE: [&str; 6] = ["blob", "table", "queue", "file", "web", "dfs"];
    match resource_type.to_ascii_lowercase().as_str() {
        "microsoft.storage/storageaccounts" => Some(&STORAGE),
        "microsoft.keyvault/vaults" => Some(&["vault"]),
        "microsoft.containerregistry/registries" => Some(&["registry"]),
        "microsoft.machinelearningservices/workspaces" => Some(&["amlworkspace"]),
        "microsoft.cache/redis" => Some(&["redisCache"]),
        _ => None,
    }
}

/// A host name, perhaps with a star for its first label.
fn host(value: &Value, path: &Path, problems: &mut Diagnostics) {
    let Value::String(text) = value else { return };
    let name = text.strip_prefix("*.").unwrap_or(text);
    let is_label = |label: &str| {
        !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    if !name.split('.').all(is_label) || !name.contains('.') {
        problems.error(
            path.clone(),
            format!("{text:?} is not a host name"),
            "It is written like \"pypi.org\" or \"*.anaconda.com\", without a scheme, a port or a path.",
        );
    }
}

/// Ports and ranges of ports, parted by commas.
fn ports(value: &Value, path: &Path, problems: &mut Diagnostics) {
    let Value::String(text) = value else { return };
    let is_range = |range: &str| {
        let mut ends = range.split('-').map(|end| end.trim().parse::<u16>());
        match (ends.next(), ends.next(), ends.next()) {
            (Some(Ok(_)), None, None) => true,
            (Some(Ok(low)), Some(Ok(high)), None) => low <= high,
            _ => false,
        }
    };
    if text != "*" && !text.split(',').all(|range| is_range(range.trim())) {
        problems.error(
            path.clone(),
            format!("{text:?} are not ports"),
            "They are written like \"443\", \"80,443\" or \"8000-8100\", or \"*\" for all.",
        );
    }
}

fn target(value: &Value, path: &Path, problems: &mut Diagnostics) {
    if let Value::String(text) = value
        && let Err(error) = ResourceId::parse(text)
    {
        problems.error(path.clone(), "This is not the id of an Azure resource", format!("{error}."));
    }
}
