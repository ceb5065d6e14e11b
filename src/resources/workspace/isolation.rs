//! How a workspace and what it stands on are kept from the internet, as one
//! word, and the arguments that would say otherwise.

use super::Workspace;
use super::rules::has_any;
use crate::engine::graph::Expr;
use crate::resources::expansion::{enabled, origin};
use crate::resources::private_endpoint::PrivateEndpoint;
use crate::schema::config::Field;
use crate::schema::{Diagnostics, Path};

/// Every way under its name in HCL.
pub(super) const ISOLATIONS: [&str; 4] =
    ["private_endpoint", "service_endpoint", "managed_network", "public"];

/// How many addresses and ranges a workspace lets in at most (learn.microsoft.com, "configure a private endpoint").
const MOST_ADDRESSES: usize = 200;

/// How a workspace is kept from the internet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Isolation {
    PrivateEndpoint,
    ServiceEndpoint,
    ManagedNetwork,
    Public,
}

impl Isolation {
    pub(super) fn of(word: &Field<String>) -> Option<Self> {
        match word.text()? {
            "private_endpoint" => Some(Self::PrivateEndpoint),
            "service_endpoint" => Some(Self::ServiceEndpoint),
            "managed_network" => Some(Self::ManagedNetwork),
            "public" => Some(Self::Public),
            _ => None,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::PrivateEndpoint => "private_endpoint",
            Self::ServiceEndpoint => "service_endpoint",
            Self::ManagedNetwork => "managed_network",
            Self::Public => "public",
        }
    }
}

/// `publicNetworkAccess` of a part. Rules on subnets and addresses only count
/// where it is on, so that a part behind them says `Enabled` though the internet
/// does not reach it.
pub(super) fn access(isolation: &Field<String>, flag: &Field<bool>, has_rules: bool) -> Expr {
    let inner = match Isolation::of(isolation) {
        _ if isolation.is_unknown() => Expr::Unknown,
        Some(Isolation::ServiceEndpoint) if has_rules => "Enabled".into(),
        _ => return enabled(flag),
    };
    Expr::At(origin(&isolation.path), Box::new(inner))
}

/// What a firewall says to those whom no rule names, where no rules are given.
pub(super) fn default_action(isolation: &Field<String>) -> Expr {
    let inner = match Isolation::of(isolation) {
        _ if isolation.is_unknown() => Expr::Unknown,
        Some(Isolation::Public) => "Allow".into(),
        _ => return "Deny".into(),
    };
    Expr::At(origin(&isolation.path), Box::new(inner))
}

/// What rules a part has, as far as isolation asks.
struct Rules<'a> {
    /// The block that they stand in.
    at: Path,
    default_action: &'a Field<String>,
    /// Where its first exception stands.
    exception: Option<Path>,
    trusts_services: Option<&'a Path>,
}

/// One part, as far as isolation asks.
struct Part<'a> {
    /// The argument that it is: `storage_account`.
    name: &'static str,
    /// The argument that rules stand in: `network_rules`.
    rules_are: &'static str,
    flag: &'a Field<bool>,
    rules: Option<Rules<'a>>,
    takes_subnets: bool,
}

impl Workspace {
    /// Every argument that says something else than `isolation`, at itself.
    pub(super) fn check_isolation(&self, problems: &mut Diagnostics) {
        let Some(isolation) = Isolation::of(&self.isolation) else { return };
        let word = isolation.word();
        self.check_blocks(isolation, problems);
        for part in self.parts() {
            match isolation {
                Isolation::PrivateEndpoint | Isolation::ManagedNetwork => part.check_shut(word, problems),
                Isolation::ServiceEndpoint => {
                    part.check_behind_rules(self.private_endpoint.as_ref(), problems);
                }
                Isolation::Public => part.check_open(problems),
            }
        }
        let open = self.public_network_access_enabled.known();
        let at = || self.public_network_access_enabled.path.clone();
        match (isolation, open) {
            (Isolation::PrivateEndpoint, Some(true)) => problems.error(
                at(),
                format!("isolation = {word:?} keeps the internet out"),
                "Leave public_network_access_enabled at false, or leave isolation out to open this alone.",
            ),
            (Isolation::ManagedNetwork, Some(true)) => problems.warning(
                at(),
                "A workspace that is open gets no endpoint in its managed network",
                "Azure makes the endpoint of the workspace itself only if public access is off when the network is \
                 provisioned.",
            ),
            (Isolation::ServiceEndpoint, Some(false)) if !self.has_endpoint_of_its_own() => problems.error(
                at(),
                "Nobody would reach the workspace",
                "A workspace has no service endpoints. Set public_network_access_enabled = true, or give it a private \
                 endpoint of its own: a private_endpoint block with targets = [\"workspace\"].",
            ),
            (Isolation::Public, Some(false)) => problems.error(
                at(),
                "isolation = \"public\" says that the internet reaches the workspace",
                "Set public_network_access_enabled = true, or choose another isolation.",
            ),
            _ => {}
        }
    }

    /// Who passes is asked only where the internet reaches the workspace at all.
    pub(super) fn check_addresses(&self, problems: &mut Diagnostics) {
        let count = self.ip_allow_list.elements().count();
        if count == 0 {
            return;
        }
        let at = || self.ip_allow_list.path.clone();
        if count > MOST_ADDRESSES {
            problems.error(
                at(),
                format!("ip_allow_list has {count} entries"),
                format!("Azure takes {MOST_ADDRESSES} at most. Join neighbours into ranges."),
            );
        }
        if Isolation::of(&self.isolation) == Some(Isolation::Public) {
            problems.error(
                at(),
                "isolation = \"public\" says that everybody reaches the workspace",
                "Leave ip_allow_list out, or leave isolation out to let in those addresses alone.",
            );
        } else if self.public_network_access_enabled.known() == Some(&false) {
            problems.error(
                at(),
                "Nobody comes from these addresses while public access is off",
                "Set public_network_access_enabled = true, by which these and no others are let in, or leave \
                 ip_allow_list out.",
            );
        }
    }

    fn check_blocks(&self, isolation: Isolation, problems: &mut Diagnostics) {
        let word = isolation.word();
        let block = |name: &str| Path::root().attribute(name);
        match (&self.private_endpoint, isolation) {
            (None, Isolation::PrivateEndpoint) => problems.error(
                self.isolation.path.clone(),
                "isolation = \"private_endpoint\" needs a private_endpoint block",
                "Without endpoints nobody reaches a closed workspace.",
            ),
            (Some(endpoint), Isolation::PrivateEndpoint) if !endpoint.is_for_all() => problems.error(
                endpoint.targets.path.clone(),
                "isolation = \"private_endpoint\" gives everything an endpoint",
                "Leave targets out, or leave isolation out to say of each part how it is reached.",
            ),
            (Some(endpoint), Isolation::ServiceEndpoint) if endpoint.is_for_what_has_service_endpoints() => {
                problems.error(
                    if endpoint.targets.is_null() { block("private_endpoint") } else { endpoint.targets.path.clone() },
                    "isolation = \"service_endpoint\" leaves no private endpoint to storage and vault",
                    "Leave the private_endpoint block out, or limit it to what has no service endpoint: targets = \
                     [\"workspace\", \"container_registry\"].",
                );
            }
            (Some(_), Isolation::Public) => problems.error(
                block("private_endpoint"),
                "isolation = \"public\" has no private endpoints",
                "Leave the private_endpoint block out, or choose another isolation.",
            ),
            _ => {}
        }
        match (&self.managed_network, isolation) {
            (None, Isolation::ManagedNetwork) => problems.error(
                self.isolation.path.clone(),
                "isolation = \"managed_network\" needs a managed_network block",
                "It says what the managed network lets out.",
            ),
            (Some(_), other) if other != Isolation::ManagedNetwork => problems.error(
                block("managed_network"),
                format!("isolation = {word:?} has no managed network"),
                "Set isolation = \"managed_network\", or leave the managed_network block out.",
            ),
            _ => {}
        }
    }

    fn has_endpoint_of_its_own(&self) -> bool {
        self.private_endpoint.as_ref().is_some_and(|endpoint| endpoint.may_be_for("workspace"))
    }

    /// The parts that this block makes: one that is given is its owner's to isolate.
    fn parts(&self) -> Vec<Part<'_>> {
        let mut parts = Vec::new();
        if let Some(storage) = self.storage_account.as_ref().filter(|storage| storage.name.is_set()) {
            let rules = storage.network_rules.as_ref().map(|rules| Rules {
                at: Path::root().attribute("storage_account").attribute("network_rules"),
                default_action: &rules.default_action,
                exception: [&rules.virtual_network_subnet_ids, &rules.ip_rules]
                    .into_iter()
                    .find(|list| has_any(list))
                    .map(|list| list.path.clone())
                    .or_else(|| {
                        let first = rules.private_link_access.items.first();
                        first.map(|access| access.endpoint_resource_id.path.clone())
                    }),
                trusts_services: (!rules.lets_trusted_services_in()).then_some(&rules.bypass.path),
            });
            parts.push(Part {
                name: "storage_account",
                rules_are: "network_rules",
                flag: &storage.public_network_access_enabled,
                rules,
                takes_subnets: true,
            });
        }
        if let Some(vault) = self.key_vault.as_ref().filter(|vault| vault.name.is_set()) {
            let rules = vault.network_acls.as_ref().map(|rules| Rules {
                at: Path::root().attribute("key_vault").attribute("network_acls"),
                default_action: &rules.default_action,
                exception: [&rules.virtual_network_subnet_ids, &rules.ip_rules]
                    .into_iter()
                    .find(|list| has_any(list))
                    .map(|list| list.path.clone()),
                trusts_services: (rules.bypass.text() == Some("None")).then_some(&rules.bypass.path),
            });
            parts.push(Part {
                name: "key_vault",
                rules_are: "network_acls",
                flag: &vault.public_network_access_enabled,
                rules,
                takes_subnets: true,
            });
        }
        if let Some(registry) = self.container_registry.as_ref().filter(|registry| registry.name.is_set()) {
            let rules = registry.network_rule_set.as_ref().map(|rules| Rules {
                at: Path::root().attribute("container_registry").attribute("network_rule_set"),
                default_action: &rules.default_action,
                exception: rules.ip_rule.items.first().map(|rule| rule.ip_range.path.clone()),
                trusts_services: None,
            });
            parts.push(Part {
                name: "container_registry",
                rules_are: "network_rule_set",
                flag: &registry.public_network_access_enabled,
                rules,
                takes_subnets: false,
            });
        }
        parts
    }
}

impl Part<'_> {
    fn block(&self) -> Path {
        Path::root().attribute(self.name)
    }

    /// Only endpoints lead in, and rules count for nothing.
    fn check_shut(&self, word: &str, problems: &mut Diagnostics) {
        if self.flag.is_true() {
            problems.error(
                self.flag.path.clone(),
                format!("isolation = {word:?} keeps the internet out"),
                "Leave public_network_access_enabled at false, or leave isolation out to open this alone.",
            );
        }
        if let Some(Rules { exception: Some(at), .. }) = &self.rules {
            problems.error(
                at.clone(),
                format!("isolation = {word:?} lets nobody in by rules"),
                format!(
                    "Azure asks no rules where public access is off. Leave it out, or choose isolation = \
                     \"service_endpoint\", in which {} counts.",
                    self.rules_are
                ),
            );
        }
    }

    /// Subnets and addresses pass, and trusted services do.
    fn check_behind_rules(&self, endpoint: Option<&PrivateEndpoint>, problems: &mut Diagnostics) {
        if self.takes_subnets && self.flag.is_true() {
            problems.error(
                self.flag.path.clone(),
                "isolation = \"service_endpoint\" keeps the internet out",
                format!("Leave public_network_access_enabled at false: {} says who passes.", self.rules_are),
            );
        }
        match &self.rules {
            Some(rules) => {
                if rules.default_action.text() == Some("Allow") {
                    problems.error(
                        rules.default_action.path.clone(),
                        "isolation = \"service_endpoint\" lets nobody in whom no rule names",
                        "Leave default_action at \"Deny\".",
                    );
                }
                if let Some(at) = rules.trusts_services {
                    problems.error(
                        at.clone(),
                        "Azure Machine Learning would not pass",
                        "Behind a network it comes in as a trusted service. Leave bypass at \"AzureServices\".",
                    );
                }
                if self.takes_subnets && rules.exception.is_none() {
                    problems.error(
                        rules.at.clone(),
                        format!("{} lets no subnet in", self.rules_are),
                        "List the subnets of your computes in virtual_network_subnet_ids.",
                    );
                }
            }
            None if self.takes_subnets => problems.error(
                self.block(),
                format!("isolation = \"service_endpoint\" needs a {} block here", self.rules_are),
                "List the subnets of your computes in its virtual_network_subnet_ids.",
            ),
            None => {
                let reached = self.flag.known() != Some(&false)
                    || endpoint.is_some_and(|endpoint| endpoint.may_be_for(self.name));
                if !reached {
                    problems.error(
                        self.flag.path.clone(),
                        "Nobody in the network would reach the registry",
                        "A registry has no service endpoints. Give it a private endpoint (targets = \
                         [\"container_registry\"]), list the public address of the network's way out in \
                         network_rule_set, or set public_network_access_enabled = true.",
                    );
                }
            }
        }
    }

    fn check_open(&self, problems: &mut Diagnostics) {
        if self.flag.known() == Some(&false) {
            problems.error(
                self.flag.path.clone(),
                format!("isolation = \"public\" says that the internet reaches {}", self.name),
                "Set public_network_access_enabled = true, or choose another isolation.",
            );
        }
        if let Some(rules) = &self.rules
            && rules.default_action.text() == Some("Deny")
        {
            problems.error(
                rules.default_action.path.clone(),
                format!("isolation = \"public\" says that the internet reaches {}", self.name),
                format!("Leave {} out, or choose another isolation.", self.rules_are),
            );
        }
    }
}
