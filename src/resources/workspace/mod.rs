//! `amlsecure_workspace`: a workspace and what it stands on, closed.
//!
//! ```text
//! log_analytics <- application_insights <-+
//! storage <-------------------------------+
//! key_vault <-----------------------------+- workspace <- role/*
//! container_registry <--------------------+
//!
//! each of them <- <service>/endpoint <- <service>/endpoint/dns
//!
//! workspace <- connection/*
//! ```

mod build_cluster;
mod connection;
mod encryption;
mod isolation;
mod kind;
mod network;
mod network_recall;
mod parts;
mod principals;
mod recall;
mod rules;
mod shared_link;

use std::collections::BTreeMap;

use crate::engine::graph::{Expr, Handle};
use crate::kinds::{
    Kind, PROVISION_MANAGED_NETWORK, RESOURCE_GROUP, ResourceId, USER_ASSIGNED_IDENTITY, WORKSPACE,
};
use crate::resources::expansion::enabled;
use crate::resources::identity::Identity;
use crate::resources::private_endpoint::{PrivateEndpoint, Site};
use crate::resources::roles::{self, Assignment, RequiredRole, builtin};
use crate::resources::{MovedFrom, Outputs, Recalled, Resource, Seen, Stack, checks};
use crate::schema::Diagnostics;
use crate::schema::config::{Blocks, Computed, Field};
use crate::{block, body};
use build_cluster::ImageBuildCluster;
use connection::Connection;
use encryption::{CustomerManagedKey, Key};
use isolation::ISOLATIONS;
use kind::{FeatureStore, KINDS};
use network::{BY_SERVICE_ENDPOINTS, ManagedNetwork, ServerlessCompute};
use parts::{ApplicationInsights, ContainerRegistry, KeyVault, Place, StorageAccount};
use principals::principal_of;
use rules::has_any;
use shared_link::SharedPrivateLink;

block! {
    /// A workspace of Azure Machine Learning with everything that it stands on, closed: storage, vault,
    /// registry and insights made or given, private endpoints for each of them, and the roles that its
    /// identity needs.
    pub struct Workspace {
        /// The name of the workspace.
        pub name: Field<String> = required().replaces().check(|v, p, d| checks::name(&WORKSPACE, v, p, d)),
        /// The resource group that it lives in, with everything that is made for it.
        pub resource_group_name: Field<String> = required().replaces()
            .check(|v, p, d| checks::name(&RESOURCE_GROUP, v, p, d)),
        /// The Azure region, such as `eastasia`.
        pub location: Field<String> = required().replaces().check(checks::location),
        /// What it is: `Default`, a `Hub` of projects, a `Project` of one, or a `FeatureStore`. None becomes another.
        pub kind: Field<String> = default("Default").replaces()
            .check(|v, p, d| checks::one_of(&KINDS, v, p, d)),
        /// The id of the hub of a `Project`. Storage, vault, registry, insights, endpoints and networks of a project
        /// are its hub's.
        pub ai_services_hub_id: Field<String> = optional().replaces()
            .check(|v, p, d| checks::id_of(&WORKSPACE, v, p, d)),
        /// How the workspace and what this block makes for it are kept from the internet, which then is checked of
        /// every argument: `private_endpoint` (only private endpoints lead in), `service_endpoint` (subnets, and
        /// addresses that rules name, lead in), `managed_network` (Azure manages the network of its computes), or
        /// `public`. Without it, each argument says its own, all of them closed where they are left out. It changes in
        /// place.
        pub isolation: Field<String> = optional().check(|v, p, d| checks::one_of(&ISOLATIONS, v, p, d)),
        /// The storage account of its default datastores, which every workspace needs but a `Project`.
        pub storage_account: Option<StorageAccount> = optional(),
        /// The vault of its secrets. A `Hub` without the block has one that Microsoft manages, and a `Project` its
        /// hub's; every other workspace needs one.
        pub key_vault: Option<KeyVault> = optional(),
        /// Where its metrics and logs go. A `Hub` and a `Project` can be without.
        pub application_insights: Option<ApplicationInsights> = optional(),
        /// The registry of its images. Without one, Azure makes one at the first image build, with a
        /// public address.
        pub container_registry: Option<ContainerRegistry> = optional(),
        /// Private endpoints of the workspace and of everything that it stands on.
        pub private_endpoint: Option<PrivateEndpoint> = optional(),
        /// A network that Azure manages for the computes of the workspace.
        pub managed_network: Option<ManagedNetwork> = optional(),
        /// Where serverless compute stands, where it is not in the managed network.
        pub serverless_compute: Option<ServerlessCompute> = optional(),
        /// Private links that Azure Machine Learning itself has to the registry, or to something else.
        pub shared_private_link: Blocks<SharedPrivateLink> = optional(),
        /// What a `FeatureStore` computes and keeps its features with.
        pub feature_store: Option<FeatureStore> = optional(),
        /// Connections to other services, such as private feeds of Python packages.
        pub workspace_connection: Blocks<Connection> = optional(),
        /// The identity of the workspace. Without the block it has one of its own.
        pub identity: Option<Identity> = optional(),
        /// Whether the internet reaches the workspace.
        pub public_network_access_enabled: Field<bool> = default(false),
        /// Public IPv4 addresses and ranges, 200 at most, from which alone the internet reaches a workspace whose
        /// `public_network_access_enabled` is true. Azure has it in preview only: set, it makes the workspace be read
        /// and written in the api-version `2026-05-15-preview`. A new workspace stays closed until it is in force.
        pub ip_allow_list: Field<Vec<Field<String>>> = optional()
            .check(|v, p, d| checks::each(rules::public_address, v, p, d)),
        /// Whether only the API of version 1 is served, which keeps everything but the control plane in the
        /// private network.
        pub v1_legacy_mode_enabled: Field<bool> = default(false),
        /// The name of the cluster that builds images, which a closed registry needs. The cluster may be
        /// made later.
        pub image_build_compute_name: Field<String> = optional(),
        /// The cluster that builds images, made with the workspace.
        pub image_build_cluster: Option<ImageBuildCluster> = optional(),
        /// A key of yours that encrypts what the service keeps of the workspace.
        pub customer_managed_key: Option<CustomerManagedKey> = optional(),
        /// How the default datastores sign in to the storage account: `AccessKey` or `Identity`.
        pub storage_account_access_type: Field<String> = default("AccessKey")
            .check(|v, p, d| checks::one_of(&["AccessKey", "Identity"], v, p, d)),
        /// Whether the workspace holds data of high business impact, so that Microsoft collects less about
        /// it.
        pub high_business_impact: Field<bool> = default(false).replaces(),
        /// How many days Azure keeps the workspace once it is deleted, and its name with it; 14 where nobody says. In
        /// preview only, as `ip_allow_list` is.
        pub soft_delete_retention_days: Field<i64> = optional().check(checks::positive),
        /// What the studio calls it.
        pub friendly_name: Field<String> = optional(),
        /// What it is for.
        pub description: Field<String> = optional(),
        /// `managed`: the provider assigns the roles that the workspace's identity needs. `none`: somebody
        /// with the right to assign roles does it, from `required_role_assignments`.
        pub role_assignments: Field<String> = default("managed")
            .check(|v, p, d| checks::one_of(&["managed", "none"], v, p, d)),
        /// The id of the workspace.
        pub id: Computed<String> = computed(),
        /// The GUID under which the workspace is found in DNS.
        pub workspace_id: Computed<String> = computed(),
        /// Where clients ask for the workspace's services.
        pub discovery_url: Computed<String> = computed(),
        /// The object id of the workspace's system-assigned identity, where it has one.
        pub principal_id: Computed<String> = computed(),
        /// The id of the storage account, made or given, where there is one.
        pub storage_account_id: Computed<String> = computed(),
        /// The id of the vault, made or given, where there is one.
        pub key_vault_id: Computed<String> = computed(),
        /// The id of the Application Insights component, made or given, where there is one.
        pub application_insights_id: Computed<String> = computed(),
        /// The id of the registry, made or given, where there is one.
        pub container_registry_id: Computed<String> = computed(),
        /// The private addresses of each endpoint, by the endpoint's key.
        pub private_endpoint_addresses: Computed<BTreeMap<String, Field<Vec<Field<String>>>>> = computed(),
        /// The roles that the workspace's identity needs: scope, role and principal of each.
        pub required_role_assignments: Computed<Vec<Field<RequiredRole>>> = computed(),
    }
}

/// What the workspace stands on, made or given.
pub(super) struct Ground {
    pub(super) storage: Option<Handle>,
    pub(super) vault: Option<Handle>,
    pub(super) insights: Option<Handle>,
    pub(super) registry: Option<Handle>,
}

/// What is known well enough to say which of these there will be.
struct Decided {
    endpoints: bool,
    roles: bool,
    /// All of them together, and the parts.
    resources: bool,
}

impl Decided {
    fn of(workspace: &Workspace) -> Self {
        let storage = workspace.storage_account.as_ref().is_none_or(StorageAccount::is_decided);
        let vault = workspace.key_vault.as_ref().is_none_or(KeyVault::is_decided);
        let insights = workspace.application_insights.as_ref().is_none_or(ApplicationInsights::is_decided);
        let registry = workspace.container_registry.as_ref().is_none_or(ContainerRegistry::is_decided);
        let endpoint = workspace.private_endpoint.as_ref();
        let endpoints = registry && endpoint.is_none_or(PrivateEndpoint::is_decided);
        let identity = workspace.identity.as_ref().is_none_or(Identity::is_decided);
        let roles = endpoints && identity && !workspace.storage_account_access_type.is_unknown();
        let written = endpoint.is_none_or(|endpoint| !endpoint.dns.is_unknown());
        let assigned = roles && !workspace.role_assignments.is_unknown();
        let network = workspace.managed_network.as_ref().is_none_or(ManagedNetwork::is_decided);
        let within = network && connection::is_decided(&workspace.workspace_connection);
        Self { endpoints, roles, resources: storage && vault && insights && written && assigned && within }
    }
}

impl Resource for Workspace {
    const TYPE: &'static str = "amlsecure_workspace";
    const MOVED_FROM: MovedFrom = &[
        ("azurerm_machine_learning_workspace", &WORKSPACE),
        ("azurerm_ai_foundry", &WORKSPACE),
        ("azurerm_ai_foundry_project", &WORKSPACE),
    ];
    const IMPORTED_BY: &'static [&'static Kind] = &[&WORKSPACE];
    const IMPORT: &'static str = "What it stands on is found by what the workspace names. A part that this provider has made for it is \
         found under its `name`; any other is given, by its `id`, and stays its maker's. Private endpoints are found by \
         the connections of the workspace and its parts: those in the workspace's resource group, in one subnet with \
         the workspace's own, become this block's, with their zone groups. Role assignments are found at their scope by \
         role and principal. Connections become this block's where they carry the provider's mark, without their \
         credentials. Names that others chose land in `names`. To make a part that was given this block's own, \
         write its `name` in place of its `id`, and set `adopt`.";

    fn check(&self, problems: &mut Diagnostics) {
        self.check_kind(problems);
        self.check_group(problems);
        if let Some(storage) = &self.storage_account {
            storage.check(&self.storage_account_access_type, problems);
        }
        if let Some(vault) = &self.key_vault {
            vault.check(problems);
        }
        if let Some(insights) = &self.application_insights {
            insights.check(problems);
        }
        if let Some(registry) = &self.container_registry {
            let endpoint = self.private_endpoint.as_ref();
            registry.check(endpoint.is_some_and(|endpoint| endpoint.is_for("container_registry")), problems);
        }
        if let Some(endpoint) = &self.private_endpoint {
            endpoint.check(&self.targets(), problems);
        }
        if let Some(identity) = &self.identity {
            identity.check(problems);
        }
        if let Some(network) = &self.managed_network {
            let storage = self.storage_account.as_ref().and_then(|storage| storage.name.text());
            network.check(storage, problems);
        }
        if let Some(serverless) = &self.serverless_compute {
            let open =
                self.public_network_access_enabled.known() != Some(&false) && !has_any(&self.ip_allow_list);
            let endpoint = self.private_endpoint.as_ref();
            let has_endpoint = endpoint.is_some_and(|endpoint| endpoint.may_be_for("workspace"));
            serverless.check(self.managed_network.is_some(), open, has_endpoint, problems);
        }
        if let Some(cluster) = &self.image_build_cluster {
            let endpoint = self.private_endpoint.as_ref();
            let has_endpoint = endpoint.is_some_and(|endpoint| endpoint.may_be_for("workspace"));
            cluster.check(
                &self.image_build_compute_name,
                self.managed_network.is_some(),
                has_endpoint,
                problems,
            );
        }
        if let Some(key) = &self.customer_managed_key {
            key.check(self.identity.as_ref(), problems);
        }
        connection::check(&self.workspace_connection, problems);
        shared_link::check(&self.shared_private_link, self.container_registry.is_some(), problems);
        self.check_isolation(problems);
        self.check_addresses(problems);
        self.check_soft_delete(problems);
    }

    fn check_change(&self, before: &Self, problems: &mut Diagnostics) {
        let (was, is) = (before.managed_network.as_ref(), self.managed_network.as_ref());
        ManagedNetwork::check_change(was, is, problems);
        let (was, is) = (before.serverless_compute.as_ref(), self.serverless_compute.as_ref());
        ServerlessCompute::check_change(was, is, problems);
        Identity::check_change(before.identity.as_ref(), self.identity.as_ref(), problems);
    }

    fn expand(&self, stack: &mut Stack<'_>) -> Outputs {
        let group = stack.resource_group(&self.resource_group_name);
        let group = group.as_ref();
        let decided = Decided::of(self);
        if !decided.resources {
            stack.incomplete();
        }
        let here = Place { group, location: &self.location, isolation: &self.isolation };
        let ground = Ground {
            storage: self
                .storage_account
                .as_ref()
                .map(|storage| storage.expand(stack, here, &self.storage_account_access_type)),
            vault: self.key_vault.as_ref().map(|vault| vault.expand(stack, here)),
            insights: self.application_insights.as_ref().map(|insights| insights.expand(stack, here)),
            registry: self.container_registry.as_ref().map(|registry| registry.expand(stack, here)),
        };
        let network = self.managed_network.as_ref();
        if let (Some(_), Some(storage)) = (network, &ground.storage) {
            stack.graph.doubt(storage, BY_SERVICE_ENDPOINTS);
        }
        let targets = network.map(|network| network.targets(stack)).unwrap_or_default();
        let key = self.customer_managed_key.as_ref().map(|key| {
            if let (Some(vault), Some(made)) = (&self.key_vault, &ground.vault) {
                key.check_vault(stack, vault, made);
            }
            key.expand(stack)
        });
        let identities = self.user_identities(stack);
        // A workspace that acts as somebody else from its first moment needs
        // that somebody's roles before it.
        let before = self.roles_of_user_identity(&identities, &ground, &targets);
        let mut required = Vec::new();
        let mut earlier = Vec::new();
        if let Some((principal, wanted)) = &before {
            for assignment in wanted {
                required.push(roles::listed(stack, principal, assignment));
                if self.assigns_roles() {
                    earlier.push(roles::assign(stack, principal, assignment, &self.role_assignments.path));
                }
            }
        }
        if let Some(Key { vault, identity: Some(identity) }) = &key {
            let principal = principal_of(identity);
            let role = &builtin::KEY_VAULT_CRYPTO_SERVICE_ENCRYPTION_USER;
            let assignment =
                Assignment { key: "role/customer_managed_key/user".to_owned(), role, scope: vault };
            required.push(roles::listed(stack, &principal, &assignment));
            if self.assigns_roles() {
                earlier.push(roles::assign(stack, &principal, &assignment, &self.role_assignments.path));
            }
        }
        let workspace = self.workspace(stack, group, &ground, &identities, key.as_ref());
        stack.graph.set_primary(&workspace);
        stack.after(&workspace, &earlier);
        if let Some(network) = network {
            stack.graph.act(&workspace, &PROVISION_MANAGED_NETWORK);
            network.rules(stack, &workspace, &targets);
        }
        if let Some(serverless) = &self.serverless_compute {
            serverless.check_subscription(stack);
        }

        connection::expand(&self.workspace_connection, stack, &workspace);

        let mut endpoints = BTreeMap::new();
        let mut names = Vec::new();
        if let Some(endpoint) = &self.private_endpoint {
            let mut targets = vec![("workspace", &workspace)];
            targets.extend(ground.vault.as_ref().map(|vault| ("key_vault", vault)));
            targets.extend(ground.registry.as_ref().map(|registry| ("container_registry", registry)));
            let site = Site { group, workspace: &self.name, location: &self.location };
            (endpoints, names) = endpoint.expand(stack, &site, &targets, ground.storage.as_ref());
        }
        if let Some(cluster) = &self.image_build_cluster {
            names.extend(endpoints.values().cloned());
            cluster.expand(stack, &workspace, &self.location, &names);
        }
        let principal = self.principal(&workspace, &identities);
        for assignment in self.roles_of_workspace(&workspace, &ground, &endpoints) {
            required.push(roles::listed(stack, &principal, &assignment));
            if self.assigns_roles() {
                roles::assign(stack, &principal, &assignment, &self.role_assignments.path);
            }
        }
        let mut outputs = self.outputs(&workspace, &ground, endpoints, required);
        if !decided.endpoints {
            outputs.insert("private_endpoint_addresses", Expr::Unknown);
        }
        if !decided.roles {
            outputs.insert("required_role_assignments", Expr::Unknown);
        }
        outputs
    }

    fn recall(id: &ResourceId, seen: &Seen) -> Result<Recalled, String> {
        recall::workspace(id, seen)
    }
}

impl Workspace {
    /// "Manage Azure Machine Learning workspaces", troubleshooting: registries know no other letters.
    fn check_group(&self, problems: &mut Diagnostics) {
        let group = &self.resource_group_name;
        if self.container_registry.is_none()
            && self.kind.text().is_some_and(|kind| kind != "Project")
            && group.text().is_some_and(|name| !name.is_ascii())
        {
            problems.warning(
                group.path.clone(),
                "Azure makes no registry in a resource group of this name",
                "A workspace without a container_registry gets one of Azure's with its first image, and that fails where \
                 the group has other letters than those of ASCII. Give one that stands in another group by its id, or \
                 name the group otherwise.",
            );
        }
    }

    fn assigns_roles(&self) -> bool {
        self.role_assignments.text() != Some("none")
    }

    pub(super) fn has_own_identity(&self) -> bool {
        self.identity.as_ref().is_none_or(Identity::has_system_assigned)
    }

    /// ("workspace soft deletion")
    fn check_soft_delete(&self, problems: &mut Diagnostics) {
        if !self.soft_delete_retention_days.is_null() && !self.has_own_identity() {
            problems.error(
                self.soft_delete_retention_days.path.clone(),
                "Azure cannot recover a workspace that has user-assigned identities only",
                "Leave soft_delete_retention_days out, or set type = \"SystemAssigned, UserAssigned\" in identity.",
            );
        }
    }

    fn workspace(
        &self,
        stack: &mut Stack<'_>,
        group: Option<&ResourceId>,
        ground: &Ground,
        identities: &[Handle],
        key: Option<&Key>,
    ) -> Handle {
        let builder = match &self.image_build_cluster {
            Some(cluster) => cluster.named(stack),
            None => Expr::from(&self.image_build_compute_name),
        };
        let null = || Expr::Json(serde_json::Value::Null);
        let id = |part: &Option<Handle>| part.as_ref().map_or_else(null, Handle::id);
        let primary = match &self.identity {
            // The first acts for a workspace without an identity of its own.
            Some(identity) if !identity.has_system_assigned() => {
                identities.first().map_or(Expr::Unknown, Handle::id)
            }
            _ => null(),
        };
        let mut properties = body!({
            "friendlyName": (&self.friendly_name),
            "description": (&self.description),
            "primaryUserAssignedIdentity": (primary),
        });
        let mut say = |more: Expr| {
            if let (Expr::Object(all), Expr::Object(more)) = (&mut properties, more) {
                all.extend(more);
            }
        };
        if self.is_project() {
            let hub = stack.given("hub", &WORKSPACE, &self.ai_services_hub_id);
            say(body!({ "hubResourceId": (hub.id()) }));
            // Left unsaid, it is as the hub says.
            if self.high_business_impact.is_true() {
                say(body!({ "hbiWorkspace": (&self.high_business_impact) }));
            }
        } else {
            say(body!({
                "storageAccount": (id(&ground.storage)),
                "keyVault": (id(&ground.vault)),
                "applicationInsights": (id(&ground.insights)),
                "containerRegistry": (id(&ground.registry)),
                "imageBuildCompute": (builder),
                "publicNetworkAccess": (enabled(&self.public_network_access_enabled)),
                "v1LegacyMode": (&self.v1_legacy_mode_enabled),
                "hbiWorkspace": (&self.high_business_impact),
                "systemDatastoresAuthMode": (&self.storage_account_access_type),
            }));
            say(self.settings(key, ground));
        }
        let body = body!({
            "location": (&self.location),
            "kind": (&self.kind),
            "sku": { "name": "Basic", "tier": "Basic" },
            "identity": (self.identity.as_ref().map_or_else(Identity::of_its_own, Identity::expr)),
            "properties": (properties),
        });
        let name = self.name.text().map(str::to_owned);
        stack.add("workspace", self.facts(), group, name, body, &self.name.path)
    }

    /// What is said only where a block says it.
    fn settings(&self, key: Option<&Key>, ground: &Ground) -> Expr {
        let mut said = Vec::new();
        if !self.ip_allow_list.is_null() {
            said.push(("ipAllowlist", Expr::from(&self.ip_allow_list)));
        }
        if !self.soft_delete_retention_days.is_null() {
            said.push(("softDeleteRetentionInDays", Expr::from(&self.soft_delete_retention_days)));
        }
        if let Some(network) = &self.managed_network {
            said.push(("managedNetwork", network.expr()));
            // Whether it is provisioned does not show here, so no refresh writes it into the argument.
            let now = Expr::from(&network.provision_on_creation_enabled).bare().clone();
            said.push(("provisionNetworkNow", now));
        }
        if let Some(serverless) = &self.serverless_compute {
            said.push(("serverlessComputeSettings", serverless.expr()));
        }
        if let Some(store) = &self.feature_store {
            said.push(("featureStoreSettings", store.expr()));
        }
        let links = shared_link::expr(&self.shared_private_link, ground.registry.as_ref());
        said.extend(links.map(|links| ("sharedPrivateLinkResources", links)));
        if let (Some(encryption), Some(key)) = (&self.customer_managed_key, key) {
            said.push(("encryption", encryption.expr(key)));
            let ours = Expr::from(&encryption.service_side_encryption_enabled);
            said.push(("enableServiceSideCMKEncryption", ours));
        }
        Expr::object(said)
    }

    /// What can have private endpoints here.
    fn targets(&self) -> Vec<&'static str> {
        let parts = [
            ("workspace", true),
            ("storage_account", self.storage_account.is_some()),
            ("key_vault", self.key_vault.is_some()),
            ("container_registry", self.container_registry.is_some()),
        ];
        parts.into_iter().filter(|(_, is_there)| *is_there).map(|(name, _)| name).collect()
    }

    fn user_identities(&self, stack: &mut Stack<'_>) -> Vec<Handle> {
        let Some(identity) = &self.identity else { return Vec::new() };
        identity
            .identity_ids
            .elements()
            .filter_map(|id| {
                let name = ResourceId::parse(id.text()?).ok()?.name().to_owned();
                Some(stack.given(&format!("identity/{name}"), &USER_ASSIGNED_IDENTITY, id))
            })
            .collect()
    }

    fn outputs(
        &self,
        workspace: &Handle,
        ground: &Ground,
        endpoints: BTreeMap<String, Handle>,
        required: Vec<Expr>,
    ) -> Outputs {
        let null = || Expr::Json(serde_json::Value::Null);
        let id = |part: &Option<Handle>| part.as_ref().map_or_else(null, Handle::id);
        let principal = match &self.identity {
            Some(identity) if !identity.is_decided() => Expr::Unknown,
            _ if self.has_own_identity() => workspace.output("identity.principalId"),
            _ => null(),
        };
        let with_zones = self.private_endpoint.as_ref().is_some_and(PrivateEndpoint::makes_zone_groups);
        let addresses = endpoints.into_iter().map(|(key, endpoint)| {
            // The zone group empties the endpoint's own list and keeps one of its own.
            let addresses = if with_zones {
                let group = format!("{key}/dns");
                Expr::Output(
                    group.into(),
                    "properties.privateDnsZoneConfigs.*.properties.recordSets.*.ipAddresses.*".into(),
                )
            } else {
                endpoint.output("properties.customDnsConfigs.*.ipAddresses.*")
            };
            (key, addresses)
        });
        [
            ("id", workspace.id()),
            ("workspace_id", workspace.output("properties.workspaceId")),
            ("discovery_url", workspace.output("properties.discoveryUrl")),
            ("principal_id", principal),
            ("storage_account_id", id(&ground.storage)),
            ("key_vault_id", id(&ground.vault)),
            ("application_insights_id", id(&ground.insights)),
            ("container_registry_id", id(&ground.registry)),
            ("private_endpoint_addresses", Expr::object(addresses)),
            ("required_role_assignments", Expr::Array(required)),
        ]
        .into()
    }
}
