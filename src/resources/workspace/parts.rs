//! What a workspace stands on: each part made, with safe defaults, or given by
//! id.

use super::isolation::{access, default_action};
use super::rules::{NetworkAcls, NetworkRuleSet, NetworkRules};
use crate::engine::graph::{Expr, Handle, Unfit};
use crate::kinds::{
    APPLICATION_INSIGHTS, CONTAINER_REGISTRY, KEY_VAULT, Kind, LOG_ANALYTICS, ResourceId, STORAGE_ACCOUNT,
};
use crate::resources::expansion::origin;
use crate::resources::{Stack, checks};
use crate::schema::config::{Field, State};
use crate::schema::{Diagnostics, Path, Value};
use crate::{block, body};

pub(super) const REPLICATION_TYPES: [&str; 6] = ["LRS", "ZRS", "GRS", "RAGRS", "GZRS", "RAGZRS"];
pub(super) const VAULT_SKUS: [&str; 2] = ["standard", "premium"];
pub(super) const REGISTRY_SKUS: [&str; 3] = ["Basic", "Standard", "Premium"];

block! {
    /// The storage account of a workspace: made under a `name`, or given by `id`. One that is given is never
    /// changed; the other arguments are for one that is made.
    pub struct StorageAccount {
        /// The name of an account to make, unique in all of Azure.
        pub name: Field<String> = optional().replaces().check(|v, p, d| checks::name(&STORAGE_ACCOUNT, v, p, d)),
        /// The id of an account that exists.
        pub id: Field<String> = optional().replaces().check(|v, p, d| checks::id_of(&STORAGE_ACCOUNT, v, p, d)),
        /// How Azure copies its data: `LRS`, `ZRS`, `GRS`, `RAGRS`, `GZRS` or `RAGZRS`.
        pub account_replication_type: Field<String> = default("LRS")
            .check(|v, p, d| checks::one_of(&REPLICATION_TYPES, v, p, d)),
        /// Whether the internet reaches it.
        pub public_network_access_enabled: Field<bool> = default(false),
        /// Whether containers may be opened to anyone.
        pub allow_nested_items_to_be_public: Field<bool> = default(false),
        /// Whether its keys sign in. The default datastores use them, unless
        /// `storage_account_access_type` is `Identity`.
        pub shared_access_key_enabled: Field<bool> = default(true),
        /// Who passes its firewall. Without the block, trusted services of Azure and nobody else.
        pub network_rules: Option<NetworkRules> = optional(),
    }
}

block! {
    /// The vault of a workspace: made under a `name`, or given by `id`. One that is given is never changed;
    /// the other arguments are for one that is made.
    pub struct KeyVault {
        /// The name of a vault to make, unique in all of Azure.
        pub name: Field<String> = optional().replaces().check(|v, p, d| checks::name(&KEY_VAULT, v, p, d)),
        /// The id of a vault that exists.
        pub id: Field<String> = optional().replaces().check(|v, p, d| checks::id_of(&KEY_VAULT, v, p, d)),
        /// `standard`, or `premium` for keys in hardware.
        pub sku_name: Field<String> = default("standard")
            .check(|v, p, d| checks::one_of(&VAULT_SKUS, v, p, d)),
        /// Whether roles decide who may read it, rather than access policies.
        pub rbac_authorization_enabled: Field<bool> = default(true),
        /// Whether nobody, Microsoft included, can remove it for good before its retention ends. Azure never
        /// takes this back.
        pub purge_protection_enabled: Field<bool> = default(false),
        /// How many days a deleted vault can be recovered, 7 to 90. Azure never changes it.
        pub soft_delete_retention_days: Field<i64> = default(90).replaces().check(retention_days),
        /// Whether the internet reaches it.
        pub public_network_access_enabled: Field<bool> = default(false),
        /// Who passes its firewall. Without the block, trusted services of Azure and nobody else.
        pub network_acls: Option<NetworkAcls> = optional(),
    }
}

block! {
    /// The Application Insights component of a workspace: made under a `name`, or given by `id`. The workspace
    /// stays when another takes its place.
    pub struct ApplicationInsights {
        /// The name of a component to make.
        pub name: Field<String> = optional()
            .check(|v, p, d| checks::name(&APPLICATION_INSIGHTS, v, p, d)),
        /// The id of a component that exists.
        pub id: Field<String> = optional()
            .check(|v, p, d| checks::id_of(&APPLICATION_INSIGHTS, v, p, d)),
        /// The id of the Log Analytics workspace that keeps its data. Without it one is made, named `log-` and
        /// the component's name.
        pub workspace_id: Field<String> = optional()
            .check(|v, p, d| checks::id_of(&LOG_ANALYTICS, v, p, d)),
        /// How many days the Log Analytics workspace that is made keeps data, 30 to 730.
        pub retention_in_days: Field<i64> = default(30).check(log_retention_days),
    }
}

block! {
    /// The registry of a workspace's images: made under a `name`, or given by `id`. One that is given is
    /// never changed; the other arguments are for one that is made. The workspace stays when another takes
    /// its place.
    pub struct ContainerRegistry {
        /// The name of a registry to make, unique in all of Azure.
        pub name: Field<String> = optional()
            .check(|v, p, d| checks::name(&CONTAINER_REGISTRY, v, p, d)),
        /// The id of a registry that exists.
        pub id: Field<String> = optional()
            .check(|v, p, d| checks::id_of(&CONTAINER_REGISTRY, v, p, d)),
        /// `Premium`, which private endpoints and a closed registry need, `Standard` or `Basic`.
        pub sku: Field<String> = default("Premium")
            .check(|v, p, d| checks::one_of(&REGISTRY_SKUS, v, p, d)),
        /// Whether a password signs in to it.
        pub admin_enabled: Field<bool> = default(false),
        /// Whether the internet reaches it.
        pub public_network_access_enabled: Field<bool> = default(false),
        /// Who passes its firewall, where public access is on. Needs `sku = "Premium"`.
        pub network_rule_set: Option<NetworkRuleSet> = optional(),
    }
}

/// Where parts are made, and how they are kept from the internet.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) group: Option<&'a ResourceId>,
    pub(super) location: &'a Field<String>,
    pub(super) isolation: &'a Field<String>,
}

/// A part is made under a name or given by an id, not both and not neither.
fn one_of_name_and_id(what: &str, name: &Field<String>, id: &Field<String>, problems: &mut Diagnostics) {
    if name.is_unknown() || id.is_unknown() {
        return;
    }
    if name.is_set() == id.is_set() {
        let both = name.is_set();
        problems.error(
            if both { id.path.clone() } else { block_of(&name.path) },
            format!("{what} needs a name or an id{}", if both { ", not both" } else { "" }),
            "A name makes a new one; an id takes one that exists.",
        );
    }
}

/// Whether it is known that a part is made, or that it is given. With one of
/// the two left out it is, whatever the other will say.
fn is_made_or_given(name: &Field<String>, id: &Field<String>) -> bool {
    !id.is_unknown() || name.is_null()
}

fn block_of(path: &Path) -> Path {
    let mut steps = path.0.clone();
    steps.pop();
    Path(steps)
}

const PREMIUM: &str = "It is a premium account, and a workspace stands on standard ones alone. Give another.";

/// "The default storage account" (manage workspaces), and azurerm's page of the workspace.
const NO_STORAGE_OF_A_WORKSPACE: [Unfit; 3] = [
    Unfit {
        path: "properties.isHnsEnabled",
        word: Some("true"),
        why: "It has a hierarchical namespace, and no workspace stands on such an account. Give another, and make this \
              one an amlsecure_datastore.",
    },
    Unfit { path: "sku.name", word: Some("Premium_LRS"), why: PREMIUM },
    Unfit { path: "sku.name", word: Some("Premium_ZRS"), why: PREMIUM },
];

const OWN_ZONE: Unfit = Unfit {
    path: "properties.dnsEndpointType",
    word: Some("AzureDnsZone"),
    why: "Its host names lie in a zone of Azure's choice, and not where the privatelink zones of storage answer for it. \
          Give an account of the type Standard, or see to its names in the network.",
};

const KEYS_OF_INSTANCES: &str = "Its keys are off. Microsoft's documentation asks for them where a workspace has compute \
     instances; stacks without keys whose datastores sign in by identity have been seen to run. Try an instance before \
     people rely on it.";

const KEYS_OF_DATASTORES: &str = "Its keys are off, and the default datastores would sign in with them. Set \
     storage_account_access_type = \"Identity\", or have the keys enabled.";

/// Whether the default datastores sign in with the keys of the account, where that is known.
fn needs_keys(access: &Field<String>) -> Option<bool> {
    (!access.is_unknown()).then(|| access.text().is_none_or(|access| access == "AccessKey"))
}

impl StorageAccount {
    pub(super) fn is_decided(&self) -> bool {
        is_made_or_given(&self.name, &self.id)
    }

    pub(super) fn check(&self, access: &Field<String>, problems: &mut Diagnostics) {
        one_of_name_and_id("storage_account", &self.name, &self.id, problems);
        if !self.name.is_set() || self.shared_access_key_enabled.known() != Some(&false) {
            return;
        }
        let at = self.shared_access_key_enabled.path.clone();
        if needs_keys(access) == Some(true) {
            problems.error(
                at,
                "The default datastores sign in with the storage account's keys",
                "Set storage_account_access_type = \"Identity\" as well, or leave the keys enabled.",
            );
        } else {
            problems.warning(at, "Compute instances may need the storage account's keys", KEYS_OF_INSTANCES);
        }
    }

    /// What of one that is given only Azure can tell.
    fn look_at_given(&self, stack: &mut Stack<'_>, account: &Handle, access: &Field<String>) {
        let keyless = |why| Unfit { path: "properties.allowSharedKeyAccess", word: Some("false"), why };
        if !self.id.is_set() {
            return;
        }
        for unfit in NO_STORAGE_OF_A_WORKSPACE {
            stack.graph.refuse(account, unfit);
        }
        stack.graph.doubt(account, OWN_ZONE);
        match needs_keys(access) {
            Some(true) => stack.graph.refuse(account, keyless(KEYS_OF_DATASTORES)),
            Some(false) => stack.graph.doubt(account, keyless(KEYS_OF_INSTANCES)),
            None => {}
        }
    }

    pub(super) fn expand(&self, stack: &mut Stack<'_>, here: Place<'_>, access: &Field<String>) -> Handle {
        let account = self.account(stack, here);
        self.look_at_given(stack, &account, access);
        account
    }

    fn account(&self, stack: &mut Stack<'_>, here: Place<'_>) -> Handle {
        made_or_given(stack, "storage", &STORAGE_ACCOUNT, here, &self.name, &self.id, |stack| {
            let rules = self.network_acls(stack, here.isolation);
            let behind = self.network_rules.is_some();
            body!({
                "location": (here.location),
                "kind": "StorageV2",
                "sku": { "name": (self.sku()) },
                "properties": {
                    "accessTier": "Hot",
                    "allowBlobPublicAccess": (&self.allow_nested_items_to_be_public),
                    "allowSharedKeyAccess": (&self.shared_access_key_enabled),
                    "minimumTlsVersion": "TLS1_2",
                    "supportsHttpsTrafficOnly": true,
                    "publicNetworkAccess": (access(here.isolation, &self.public_network_access_enabled, behind)),
                    "networkAcls": (rules),
                },
            })
        })
    }

    fn sku(&self) -> Expr {
        let inner = match &self.account_replication_type.state {
            State::Known(kind) => format!("Standard_{kind}").into(),
            State::Unknown => Expr::Unknown,
            State::Null => return "Standard_LRS".into(),
        };
        Expr::At(origin(&self.account_replication_type.path), Box::new(inner))
    }

    fn network_acls(&self, stack: &mut Stack<'_>, isolation: &Field<String>) -> Expr {
        match &self.network_rules {
            Some(rules) => rules.expr(stack),
            None => body!({
                "bypass": "AzureServices",
                "defaultAction": (default_action(isolation)),
                "ipRules": [],
                "virtualNetworkRules": [],
            }),
        }
    }
}

impl KeyVault {
    pub(super) fn is_decided(&self) -> bool {
        is_made_or_given(&self.name, &self.id)
    }

    pub(super) fn check(&self, problems: &mut Diagnostics) {
        one_of_name_and_id("key_vault", &self.name, &self.id, problems);
    }

    pub(super) fn expand(&self, stack: &mut Stack<'_>, here: Place<'_>) -> Handle {
        made_or_given(stack, "key_vault", &KEY_VAULT, here, &self.name, &self.id, |stack| {
            // Azure refuses `false`, even where it is the truth.
            let purge_protection = match self.purge_protection_enabled.state {
                State::Known(false) | State::Null => Expr::Json(serde_json::Value::Null),
                _ => Expr::from(&self.purge_protection_enabled),
            };
            let rules = match &self.network_acls {
                Some(rules) => rules.expr(),
                None => body!({
                    "bypass": "AzureServices",
                    "defaultAction": (default_action(here.isolation)),
                }),
            };
            let behind = self.network_acls.is_some();
            body!({
                "location": (here.location),
                "properties": {
                    "tenantId": (stack.tenant_id()),
                    "sku": { "family": "A", "name": (&self.sku_name) },
                    "accessPolicies": [],
                    "enableRbacAuthorization": (&self.rbac_authorization_enabled),
                    "enableSoftDelete": true,
                    "softDeleteRetentionInDays": (&self.soft_delete_retention_days),
                    "enablePurgeProtection": (purge_protection),
                    "publicNetworkAccess": (access(here.isolation, &self.public_network_access_enabled, behind)),
                    "networkAcls": (rules),
                },
            })
        })
    }
}

impl ApplicationInsights {
    /// A Log Analytics workspace is made where none is given, so that one whose
    /// id is not known may yet be ours to make.
    pub(super) fn is_decided(&self) -> bool {
        is_made_or_given(&self.name, &self.id) && (!self.workspace_id.is_unknown() || self.id.is_set())
    }

    pub(super) fn check(&self, problems: &mut Diagnostics) {
        one_of_name_and_id("application_insights", &self.name, &self.id, problems);
    }

    pub(super) fn expand(&self, stack: &mut Stack<'_>, here: Place<'_>) -> Handle {
        made_or_given(
            stack,
            "application_insights",
            &APPLICATION_INSIGHTS,
            here,
            &self.name,
            &self.id,
            |stack| {
                let logs = self.logs(stack, here);
                body!({
                    "location": (here.location),
                    "kind": "web",
                    "properties": {
                        "Application_Type": "web",
                        "WorkspaceResourceId": (logs),
                        "IngestionMode": "LogAnalytics",
                    },
                })
            },
        )
    }

    fn logs(&self, stack: &mut Stack<'_>, here: Place<'_>) -> Expr {
        if self.workspace_id.is_set() {
            return stack.given("log_analytics", &LOG_ANALYTICS, &self.workspace_id).id();
        }
        let body = body!({
            "location": (here.location),
            "properties": {
                "sku": { "name": "PerGB2018" },
                "retentionInDays": (&self.retention_in_days),
            },
        });
        let name = self.name.text().map(|name| format!("log-{name}"));
        stack.add("log_analytics", &LOG_ANALYTICS, here.group, name, body, &self.name.path).id()
    }
}

impl ContainerRegistry {
    pub(super) fn is_decided(&self) -> bool {
        is_made_or_given(&self.name, &self.id)
    }

    /// Only Premium has private endpoints and can be closed.
    pub(super) fn check(&self, has_endpoint: bool, problems: &mut Diagnostics) {
        one_of_name_and_id("container_registry", &self.name, &self.id, problems);
        let closed = self.public_network_access_enabled.known() == Some(&false);
        if self.name.is_set()
            && let Some(sku) = self.sku.text()
            && sku != "Premium"
            && (closed || has_endpoint || self.network_rule_set.is_some())
        {
            problems.error(
                self.sku.path.clone(),
                format!("A {sku} registry cannot be private"),
                "Private endpoints, public_network_access_enabled = false and network_rule_set need sku = \"Premium\".",
            );
        }
    }

    pub(super) fn expand(&self, stack: &mut Stack<'_>, here: Place<'_>) -> Handle {
        made_or_given(stack, "container_registry", &CONTAINER_REGISTRY, here, &self.name, &self.id, |_| {
            let behind = self.network_rule_set.is_some();
            let mut body = body!({
                "location": (here.location),
                "sku": { "name": (&self.sku) },
                "properties": {
                    "adminUserEnabled": (&self.admin_enabled),
                    "publicNetworkAccess": (access(here.isolation, &self.public_network_access_enabled, behind)),
                    "networkRuleBypassOptions": "AzureServices",
                },
            });
            if let (Some(rules), Expr::Object(members)) = (&self.network_rule_set, &mut body)
                && let Some(Expr::Object(properties)) = members.get_mut("properties")
            {
                properties.insert("networkRuleSet".to_owned(), rules.expr());
            }
            body
        })
    }
}

fn made_or_given(
    stack: &mut Stack<'_>,
    key: &str,
    kind: &'static Kind,
    here: Place<'_>,
    name: &Field<String>,
    id: &Field<String>,
    body: impl FnOnce(&mut Stack<'_>) -> Expr,
) -> Handle {
    if id.is_set() {
        return stack.given(key, kind, id);
    }
    let body = body(stack);
    stack.add(key, kind, here.group, name.text().map(str::to_owned), body, &name.path)
}

fn whole_number_between(low: i64, high: i64, value: &Value, path: &Path, problems: &mut Diagnostics) {
    use bigdecimal::ToPrimitive as _;
    if let Value::Number(number) = value
        && !(number.is_integer() && number.to_i64().is_some_and(|n| (low..=high).contains(&n)))
    {
        problems.error(
            path.clone(),
            format!("{number} is not a number of days that Azure takes"),
            format!("It takes {low} to {high}."),
        );
    }
}

fn retention_days(value: &Value, path: &Path, problems: &mut Diagnostics) {
    whole_number_between(7, 90, value, path, problems);
}

fn log_retention_days(value: &Value, path: &Path, problems: &mut Diagnostics) {
    whole_number_between(30, 730, value, path, problems);
}
