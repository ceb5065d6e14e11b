//! `amlsecure_inference_cluster`: a Kubernetes cluster, made or given, that a
//! workspace serves its models on.
//!
//! ```text
//! workspace (given) <-----------------------------------+
//! role/private_dns_zone <- kubernetes_cluster <- extension <- compute
//!                            role/network -> (or before, for an identity of the user's)
//! ```

mod kubernetes_cluster;
mod nodes;
mod recall;
mod tls;

use crate::engine::graph::{Expr, Handle, Unfit};
use crate::kinds::{
    COMPUTE, KUBERNETES_EXTENSION, Kind, MANAGED_CLUSTER, PRIVATE_DNS_ZONE, RESOURCE_GROUP, ResourceId,
    SUBNET, USER_ASSIGNED_IDENTITY, WORKSPACE,
};
use crate::resources::private_endpoint::connected;
use crate::resources::roles::{self, Assignment, Principal, RequiredRole, Roles, builtin};
use crate::resources::{
    MovedFrom, Outputs, Recalled, Resource, Seen, Stack, checks, compute_cluster, expansion, identity,
};
use crate::schema::config::{Computed, Field, State};
use crate::schema::{Diagnostics, Path};
use crate::{block, body};
use kubernetes_cluster::{COMPARE_RANGES, KubernetesCluster};
use nodes::NodePool;
use tls::Tls;

pub(super) const COMPUTE_TYPES: [&str; 2] = ["Kubernetes", "AKS"];
pub(super) const PURPOSES: [&str; 3] = ["FastProd", "DenseProd", "DevTest"];
pub(super) const BALANCERS: [&str; 2] = ["InternalLoadBalancer", "PublicIp"];

/// Where Azure Machine Learning works in a cluster where nobody says where.
const USUAL_NAMESPACE: &str = "default";

/// What the extension is that makes a cluster a place for machine learning, and where it lives there.
pub(super) const EXTENSION_TYPE: &str = "Microsoft.AzureML.Kubernetes";
pub(super) const EXTENSION_NAME: &str = "azureml";

/// AML-Kubernetes, prerequisites.
const NO_LOCAL_ACCOUNTS: Unfit = Unfit {
    path: "properties.disableLocalAccounts",
    word: Some("true"),
    why: "Its local accounts are disabled, and Azure Machine Learning attaches no such cluster. Have them enabled.",
};

/// A private API has none: Azure takes them for a public one only.
const GUARDED: Unfit =
    Unfit { path: "properties.apiServerAccessProfile.authorizedIPRanges[]", word: None, why: COMPARE_RANGES };

/// AML-Kubernetes, of 2022: a compute's own identity.
const CLOSED: Unfit = connected(
    "It has a private endpoint, and Microsoft's documentation of attached clusters said in 2022 that the identity of a \
     compute does not work in such a workspace. Try a job that reads data before people rely on it, or leave identity \
     out.",
);

block! {
    /// A Kubernetes cluster that a workspace serves its models on: made here or given, attached to the
    /// workspace, with private addresses for its API and for scoring unless you ask for others, and TLS
    /// for whoever scores.
    ///
    /// A cluster that is given is never changed, except for the extension, and stays when the block goes.
    pub struct InferenceCluster {
        /// What the workspace calls the cluster.
        pub name: Field<String> = required().replaces().check(|v, p, d| checks::name(&COMPUTE, v, p, d)),
        /// The id of the workspace that the cluster is attached to. It lies in the same subscription as the
        /// cluster, and has no managed network.
        pub machine_learning_workspace_id: Field<String> = required().replaces()
            .check(|v, p, d| checks::id_of(&WORKSPACE, v, p, d)),
        /// How it is attached: `Kubernetes`, by the extension that is installed on the cluster for it, or `AKS`,
        /// as version 1 of Azure Machine Learning does.
        pub compute_type: Field<String> = default("Kubernetes").replaces()
            .check(|v, p, d| checks::one_of(&COMPUTE_TYPES, v, p, d)),
        /// The id of a cluster that exists. Its local accounts are enabled, and it acts with an identity. Where only
        /// some ranges reach its API, Azure Machine Learning's must be among them, and a plan warns.
        pub kubernetes_cluster_id: Field<String> = optional().replaces()
            .check(|v, p, d| checks::id_of(&MANAGED_CLUSTER, v, p, d)),
        /// The cluster that is made, where none is given.
        pub kubernetes_cluster: Option<KubernetesCluster> = optional(),
        /// The Azure region of the cluster that is made, where it is not the workspace's. Its network lies in
        /// the same region.
        pub location: Field<String> = optional().or_computed().replaces().check(checks::location),
        /// The ranges of the network that the nodes stand in, as its `amlsecure_network` has them. With them a
        /// plan sees that services and pods keep out; without them only Azure does.
        pub virtual_network_address_space: Field<Vec<Field<String>>> = optional().or_computed()
            .check(|v, p, d| checks::each(checks::cidr, v, p, d)),
        /// `FastProd` or `DenseProd` for production, which asks for three nodes, and `FastProd` for twelve vCPUs
        /// in all, or `DevTest`.
        pub cluster_purpose: Field<String> = default("FastProd").check(|v, p, d| checks::one_of(&PURPOSES, v, p, d)),
        /// `InternalLoadBalancer`: scoring has a private address. `PublicIp`: it has a public one.
        pub load_balancer_type: Field<String> = default("InternalLoadBalancer")
            .check(|v, p, d| checks::one_of(&BALANCERS, v, p, d)),
        /// The id of the subnet of the internal load balancer, where it is not that of the nodes. With a
        /// cluster that is given it says as well in whose group the cluster's identity becomes Network Contributor.
        pub load_balancer_subnet_id: Field<String> = optional().check(|v, p, d| checks::id_of(&SUBNET, v, p, d)),
        /// The certificate that scoring is served with.
        pub ssl: Option<Tls> = optional(),
        /// Whether scoring is served without TLS.
        pub insecure_connections_allowed: Field<bool> = default(false),
        /// Whether jobs train there as well. Only a cluster of the type `Kubernetes` can.
        pub training_enabled: Field<bool> = default(false),
        /// The Kubernetes namespace that the workspace uses, for the type `Kubernetes`.
        pub namespace: Field<String> = default(USUAL_NAMESPACE).replaces(),
        /// `managed`: the extension is installed here. `none`: somebody else has installed it.
        pub extension: Field<String> = default("managed")
            .check(|v, p, d| checks::one_of(&["managed", "none"], v, p, d)),
        /// The object id of the identity that the workspace acts as, where that is not its system-assigned one:
        /// it becomes a Reader of the cluster, which Azure gives only to a system-assigned one by itself.
        pub workspace_principal_id: Field<String> = optional().check(checks::guid),
        /// `managed`: the provider assigns the roles that the two identities need. `none`: somebody with the
        /// right to assign roles does it, from `required_role_assignments`.
        pub role_assignments: Field<String> = default("managed")
            .check(|v, p, d| checks::one_of(&["managed", "none"], v, p, d)),
        /// What the cluster is for.
        pub description: Field<String> = optional().replaces(),
        /// The identity that the workspace reaches data with from there.
        pub identity: Option<compute_cluster::Identity> = optional(),
        /// The id of the compute.
        pub id: Computed<String> = computed(),
        /// The object id of the compute's system-assigned identity, where it has one.
        pub principal_id: Computed<String> = computed(),
        /// The public host name of the API of the cluster that is made, where it has one.
        pub fqdn: Computed<String> = computed(),
        /// The host name of that API in the network, where it is private.
        pub private_fqdn: Computed<String> = computed(),
        /// The object id of the identity that the nodes of the cluster that is made pull images with.
        pub kubelet_object_id: Computed<String> = computed(),
        /// The roles that the cluster's identity needs, and the workspace's: scope, role and principal of each.
        pub required_role_assignments: Computed<Vec<Field<RequiredRole>>> = computed(),
    }
}

impl Resource for InferenceCluster {
    const TYPE: &'static str = "amlsecure_inference_cluster";
    const MOVED_FROM: MovedFrom = &[("azurerm_machine_learning_inference_cluster", &COMPUTE)];
    const IMPORTED_BY: &'static [&'static Kind] = &[&COMPUTE];
    const IMPORT: &'static str = "A cluster that this provider has made for it comes along as `kubernetes_cluster`; any other is given, by \
         `kubernetes_cluster_id`, and so is the extension on it. Role assignments are found at their scope by role and \
         principal. The key of the certificate is never read back: the next change of the certificate sends both.";

    fn check(&self, problems: &mut Diagnostics) {
        self.check_cluster(problems);
        self.check_scoring(problems);
        self.check_nodes(problems);
        if let Some(cluster) = &self.kubernetes_cluster {
            cluster.check(&self.virtual_network_address_space, problems);
        }
        if let Some(identity) = &self.identity {
            identity.check(problems);
        }
    }

    fn expand(&self, stack: &mut Stack<'_>) -> Outputs {
        let workspace = stack.given("workspace", &WORKSPACE, &self.machine_learning_workspace_id);
        if self.identity.as_ref().is_some_and(|own| own.r#type.text() == Some("UserAssigned")) {
            stack.graph.doubt(&workspace, CLOSED);
        }
        if !self.is_decided() {
            stack.incomplete();
        }
        self.check_places(stack, &workspace);
        let location = match &self.location.state {
            State::Null => workspace.output("location"),
            State::Unknown | State::Known(_) => Expr::from(&self.location),
        };
        let (cluster, location, mut required) = match &self.kubernetes_cluster {
            Some(made) if self.kubernetes_cluster_id.is_null() => {
                let (cluster, roles) = self.make(stack, made, location.clone());
                (cluster, location, roles)
            }
            _ => {
                let cluster =
                    stack.given("kubernetes_cluster", &MANAGED_CLUSTER, &self.kubernetes_cluster_id);
                stack.graph.doubt(&cluster, GUARDED);
                if self.compute_type.text() == Some("Kubernetes") {
                    stack.graph.refuse(&cluster, NO_LOCAL_ACCOUNTS);
                }
                let roles = self.roles_of_given(stack, &cluster);
                let location = cluster.output("location");
                (cluster, location, roles)
            }
        };
        if self.workspace_principal_id.is_set() {
            let principal = roles::of_workspace(&workspace, &self.workspace_principal_id);
            let reader =
                Assignment { key: "role/cluster".to_owned(), role: &builtin::READER, scope: &cluster };
            required.want(stack, &principal, &reader, &self.role_assignments);
        }
        // An internal load balancer is made by the cluster's identity.
        let mut earlier = required.assigned;
        if let Some(extension) = self.extension(stack, &cluster, &earlier) {
            earlier.push(extension);
        }
        let compute = self.compute(stack, &workspace, &cluster, &location);
        stack.after(&compute, &earlier);
        stack.graph.set_primary(&compute);
        let principal = match &self.identity {
            Some(identity) if identity.r#type.is_unknown() => Expr::Unknown,
            Some(identity) if identity.r#type.text() != Some("UserAssigned") => {
                compute.output("identity.principalId")
            }
            _ => null(),
        };
        let space = &self.virtual_network_address_space;
        let space = if space.is_set() { Expr::from(space) } else { null() };
        [
            ("id", compute.id()),
            ("location", location),
            ("virtual_network_address_space", space),
            ("principal_id", principal),
            ("fqdn", self.host(&cluster, "properties.fqdn", KubernetesCluster::has_public_name)),
            ("private_fqdn", self.host(&cluster, "properties.privateFQDN", KubernetesCluster::is_private)),
            (
                "kubelet_object_id",
                self.host(&cluster, "properties.identityProfile.kubeletidentity.objectId", |_| Some(true)),
            ),
            (
                "required_role_assignments",
                if self.is_decided() { Expr::Array(required.listed) } else { Expr::Unknown },
            ),
        ]
        .into()
    }

    fn recall(id: &ResourceId, seen: &Seen) -> Result<Recalled, String> {
        recall::inference_cluster(id, seen)
    }
}

impl InferenceCluster {
    pub(super) fn is_attached_by_extension(&self) -> bool {
        self.compute_type.text() != Some("AKS")
    }

    fn is_internal(&self) -> bool {
        self.load_balancer_type.text() != Some("PublicIp")
    }

    fn pool(&self) -> Option<&NodePool> {
        self.kubernetes_cluster.as_ref()?.default_node_pool.as_ref()
    }

    /// What Azure answers of the cluster that is made, where it will.
    fn host(
        &self,
        cluster: &Handle,
        path: &str,
        answered: impl Fn(&KubernetesCluster) -> Option<bool>,
    ) -> Expr {
        match self.kubernetes_cluster.as_ref().map(answered) {
            Some(Some(true)) => cluster.output(path),
            Some(None) => Expr::Unknown,
            Some(Some(false)) | None => null(),
        }
    }

    /// Whether it is known which resources there will be.
    fn is_decided(&self) -> bool {
        let words = [&self.compute_type, &self.extension, &self.role_assignments, &self.load_balancer_type];
        let subnet = self.kubernetes_cluster.is_some() || !self.load_balancer_subnet_id.is_unknown();
        words.into_iter().all(|word| !word.is_unknown())
            && subnet
            && self.kubernetes_cluster.as_ref().is_none_or(KubernetesCluster::is_decided)
    }

    fn check_cluster(&self, problems: &mut Diagnostics) {
        let made = self.kubernetes_cluster.is_some();
        if made && self.kubernetes_cluster_id.is_set() && !self.kubernetes_cluster_id.is_unknown() {
            problems.error(
                self.kubernetes_cluster_id.path.clone(),
                "A cluster is made or given, not both",
                "kubernetes_cluster makes a new one; kubernetes_cluster_id takes one that exists.",
            );
        }
        if !made && self.kubernetes_cluster_id.is_null() {
            problems.error(
                self.kubernetes_cluster_id.path.clone(),
                "There is no cluster to attach",
                "Add a kubernetes_cluster block to make one, or set kubernetes_cluster_id to take one that exists.",
            );
        }
        if self.is_attached_by_extension() || self.compute_type.is_unknown() {
            return;
        }
        let only_extension = [
            (&self.training_enabled.path, self.training_enabled.is_true()),
            (&self.namespace.path, self.namespace.text().is_some_and(|name| name != USUAL_NAMESPACE)),
            (&self.extension.path, self.extension.text() == Some("none")),
        ];
        for (path, _) in only_extension.into_iter().filter(|(_, set)| *set) {
            problems.error(
                path.clone(),
                format!("{path} is for clusters of the type Kubernetes"),
                "Leave it out, or set compute_type = \"Kubernetes\".",
            );
        }
        if !made && self.is_internal() && self.load_balancer_subnet_id.is_null() {
            problems.error(
                self.load_balancer_subnet_id.path.clone(),
                "An internal load balancer needs a subnet",
                "Nobody can tell where the nodes of a given cluster stand: give the subnet that they stand in, or set \
                 load_balancer_type = \"PublicIp\".",
            );
        }
    }

    fn check_scoring(&self, problems: &mut Diagnostics) {
        match &self.ssl {
            None if self.insecure_connections_allowed.known() == Some(&false) => problems.error(
                Path::root().attribute("ssl"),
                "Scoring has no certificate",
                "Models and what is asked of them would cross the network in the clear. Add an ssl block, or set \
                 insecure_connections_allowed = true.",
            ),
            None => {}
            Some(_) if self.insecure_connections_allowed.is_true() => problems.error(
                self.insecure_connections_allowed.path.clone(),
                "Scoring is served with TLS or without, not both",
                "Leave insecure_connections_allowed out, or the ssl block.",
            ),
            Some(tls) => {
                let by_extension = (!self.compute_type.is_unknown()).then(|| self.is_attached_by_extension());
                let internal = (!self.load_balancer_type.is_unknown()).then(|| self.is_internal());
                tls.check(by_extension, internal, problems);
            }
        }
        if self.load_balancer_subnet_id.is_set() && self.load_balancer_type.text() == Some("PublicIp") {
            problems.error(
                self.load_balancer_subnet_id.path.clone(),
                "A public load balancer stands in no subnet",
                "Leave load_balancer_subnet_id out, or set load_balancer_type = \"InternalLoadBalancer\".",
            );
        }
        if let Some(subnet) =
            self.load_balancer_subnet_id.text().and_then(|text| ResourceId::parse(text).ok())
            && let Some(nodes) = self.pool().and_then(NodePool::subnet)
            && subnet.parent() != nodes.parent()
        {
            problems.error(
                self.load_balancer_subnet_id.path.clone(),
                "The load balancer's subnet lies in another network than the nodes",
                "A cluster makes load balancers in its own network only.",
            );
        }
    }

    /// What production asks of the nodes (azurerm's `cluster_purpose`, and the
    /// extension's three routers).
    fn check_nodes(&self, problems: &mut Diagnostics) {
        const PRODUCTION_VCPUS: i64 = 12;
        const ROUTERS: i64 = 3;
        let Some(pool) = self.pool() else { return };
        let purpose = self.cluster_purpose.text();
        if let Some(all) = pool.vcpus().filter(|all| purpose == Some("FastProd") && *all < PRODUCTION_VCPUS) {
            problems.error(
                self.cluster_purpose.path.clone(),
                format!("FastProd asks for {PRODUCTION_VCPUS} vCPUs, and the nodes have {all}"),
                "Take more or larger nodes, or set cluster_purpose = \"DevTest\".",
            );
        }
        if self.compute_type.text() == Some("Kubernetes")
            && let Some(small) = pool.is_too_small()
        {
            problems.error(pool.vm_size.path.clone(), small, "It asks for 4 vCPUs and 14 GB on a node.");
        }
        if let Some(count) = pool.node_count.known().filter(|count| **count < ROUTERS)
            && purpose.is_some_and(|purpose| purpose != "DevTest")
            && self.compute_type.text() == Some("Kubernetes")
        {
            problems.error(
                pool.node_count.path.clone(),
                format!("Production asks for {ROUTERS} nodes, and there are {count}"),
                "Each holds one of the routers that scoring goes through. Take more nodes, or set cluster_purpose = \
                 \"DevTest\".",
            );
        }
    }

    /// Everything of a workspace's compute lies in its subscription.
    fn check_places(&self, stack: &mut Stack<'_>, workspace: &Handle) {
        let Some(home) = workspace.known_id().map(|id| id.subscription_id().to_owned()) else { return };
        if self.kubernetes_cluster.is_some()
            && !stack.azure.subscription.subscription_id().eq_ignore_ascii_case(&home)
        {
            stack.problems.error(
                self.machine_learning_workspace_id.path.clone(),
                "The workspace lies in another subscription than the cluster that is made",
                "Azure Machine Learning attaches only clusters of the workspace's subscription: configure a provider \
                 for that one.",
            );
            return;
        }
        let pool = self.pool().map(|pool| &pool.vnet_subnet_id);
        let fields = [Some(&self.kubernetes_cluster_id), Some(&self.load_balancer_subnet_id), pool];
        for field in fields.into_iter().flatten() {
            let Some(id) = field.text().and_then(|text| ResourceId::parse(text).ok()) else { continue };
            if !id.subscription_id().eq_ignore_ascii_case(&home) {
                stack.problems.error(
                    field.path.clone(),
                    "This lies in another subscription than the workspace",
                    "Azure Machine Learning attaches only clusters of the workspace's subscription, in networks of it.",
                );
            }
        }
        if let (Some(cluster), location) = (&self.kubernetes_cluster, self.location.text()) {
            cluster.check_zone(location, stack.azure.cloud, &mut stack.problems);
        }
    }

    /// The cluster that is made, and the roles of its identity: before it where
    /// the identity is the user's, after it where it is its own.
    fn make(&self, stack: &mut Stack<'_>, made: &KubernetesCluster, location: Expr) -> (Handle, Roles) {
        let mut roles = Roles::default();
        let subnet = self.pool().map(|pool| &pool.vnet_subnet_id);
        let network_group = subnet.map(|subnet| network_group(stack, subnet));
        let user = made.user_identity().map(|id| stack.given("identity", &USER_ASSIGNED_IDENTITY, id));
        let zone = made.own_zone().map(|id| stack.given("private_dns_zone", &PRIVATE_DNS_ZONE, id));
        if let Some(identity) = &user {
            let principal = Principal {
                id: identity.output("properties.principalId"),
                owner: identity.known_id().cloned(),
            };
            if let Some(group) = &network_group {
                roles.want(stack, &principal, &network_contributor(group), &self.role_assignments);
            }
            if let Some(zone) = &zone {
                let wanted = Assignment {
                    key: "role/private_dns_zone".to_owned(),
                    role: &builtin::PRIVATE_DNS_ZONE_CONTRIBUTOR,
                    scope: zone,
                };
                roles.want(stack, &principal, &wanted, &self.role_assignments);
            }
        }
        let group = stack.resource_group(&made.resource_group_name);
        let name = made.name.text().map(str::to_owned);
        let body = made.body(location);
        let cluster =
            stack.add("kubernetes_cluster", &MANAGED_CLUSTER, group.as_ref(), name, body, &made.name.path);
        stack.after(&cluster, &roles.assigned);
        if let (None, Some(group)) = (&user, &network_group) {
            let principal = own_principal(&cluster);
            roles.want(stack, &principal, &network_contributor(group), &self.role_assignments);
        }
        (cluster, roles)
    }

    /// What a given cluster's own identity needs before an internal load
    /// balancer.
    fn roles_of_given(&self, stack: &mut Stack<'_>, cluster: &Handle) -> Roles {
        let mut roles = Roles::default();
        if self.is_internal() && self.load_balancer_subnet_id.is_set() {
            let group = network_group(stack, &self.load_balancer_subnet_id);
            roles.want(stack, &own_principal(cluster), &network_contributor(&group), &self.role_assignments);
        }
        roles
    }

    fn extension(&self, stack: &mut Stack<'_>, cluster: &Handle, earlier: &[Handle]) -> Option<Handle> {
        if !self.is_attached_by_extension() || self.extension.text() == Some("none") {
            return None;
        }
        let word = |on: bool| if on { "True" } else { "False" };
        let flag = |field: &Field<bool>| match field.state {
            State::Unknown => Expr::Unknown,
            _ => word(field.is_true()).into(),
        };
        let known = |field: &Field<String>, value: &dyn Fn() -> Expr| {
            if field.is_unknown() { Expr::Unknown } else { value() }
        };
        let mut settings = vec![
            ("enableTraining", flag(&self.training_enabled)),
            ("enableInference", word(true).into()),
            ("inferenceRouterServiceType", "LoadBalancer".into()),
            ("allowInsecureConnections", flag(&self.insecure_connections_allowed)),
            ("clusterPurpose", Expr::from(&self.cluster_purpose)),
            (
                "inferenceRouterHA",
                known(&self.cluster_purpose, &|| word(self.cluster_purpose.text() != Some("DevTest")).into()),
            ),
        ];
        if self.is_internal() {
            settings
                .push(("internalLoadBalancerProvider", known(&self.load_balancer_type, &|| "azure".into())));
        }
        let mut properties = vec![
            ("extensionType", EXTENSION_TYPE.into()),
            ("autoUpgradeMinorVersion", true.into()),
            ("releaseTrain", "stable".into()),
            ("scope", body!({ "cluster": { "releaseNamespace": (EXTENSION_NAME) } })),
        ];
        if let Some(tls) = &self.ssl {
            settings.push(("sslCname", Expr::from(&tls.cname)));
            properties.push(("configurationProtectedSettings", tls.protected()));
        }
        properties.push(("configurationSettings", Expr::object(settings)));
        let extension = stack.add(
            "extension",
            &KUBERNETES_EXTENSION,
            cluster.known_id().cloned().as_ref(),
            Some(EXTENSION_NAME.to_owned()),
            Expr::object([("properties", Expr::object(properties))]),
            &self.extension.path,
        );
        // Its id begins with the cluster's, which makes no edge where the cluster is given.
        stack.after(&extension, [cluster]);
        stack.after(&extension, earlier);
        Some(extension)
    }

    fn compute(
        &self,
        stack: &mut Stack<'_>,
        workspace: &Handle,
        cluster: &Handle,
        location: &Expr,
    ) -> Handle {
        let inner = if self.is_attached_by_extension() {
            body!({ "namespace": (&self.namespace) })
        } else {
            self.legacy(cluster)
        };
        let mut body = body!({
            "location": (workspace.output("location")),
            "properties": {
                "computeType": (&self.compute_type),
                "computeLocation": (location.clone()),
                "description": (&self.description),
                "resourceId": (cluster.id()),
                "properties": (expansion::spoken(inner)),
            },
        });
        if let (Expr::Object(members), Some(identity)) = (&mut body, &self.identity) {
            members
                .insert("identity".to_owned(), identity::identity(&identity.r#type, &identity.identity_ids));
        }
        let name = self.name.text().map(str::to_owned);
        let parent = workspace.known_id().cloned();
        stack.add("compute", &COMPUTE, parent.as_ref(), name, body, &self.name.path)
    }

    /// What version 1 asks for. Its load balancer is public where nobody says
    /// otherwise.
    fn legacy(&self, cluster: &Handle) -> Expr {
        let private = self.host(cluster, "properties.privateFQDN", KubernetesCluster::is_private);
        let host = match private.bare() {
            Expr::Json(_) => self.host(cluster, "properties.fqdn", KubernetesCluster::has_public_name),
            _ => private,
        };
        body!({
            "clusterFqdn": (host),
            "clusterPurpose": (&self.cluster_purpose),
            "sslConfiguration": (self.ssl.as_ref().map_or_else(tls::disabled, Tls::legacy)),
            "loadBalancerType": (&self.load_balancer_type),
            "loadBalancerSubnet": (self.balancer_subnet()),
        })
    }

    /// Version 1 knows the subnet by its name.
    fn balancer_subnet(&self) -> Expr {
        if !self.is_internal() {
            return null();
        }
        let given = Some(&self.load_balancer_subnet_id).filter(|subnet| subnet.is_set());
        let Some(subnet) = given.or_else(|| self.pool().map(|pool| &pool.vnet_subnet_id)) else {
            return null();
        };
        let name = subnet.text().and_then(|text| ResourceId::parse(text).ok()).map(|id| id.name().to_owned());
        let name = if subnet.is_unknown() { Expr::Unknown } else { name.map_or_else(null, Expr::from) };
        Expr::At(expansion::origin(&subnet.path), Box::new(name))
    }
}

fn null() -> Expr {
    Expr::Json(serde_json::Value::Null)
}

fn own_principal(cluster: &Handle) -> Principal {
    Principal { id: cluster.output("identity.principalId"), owner: cluster.known_id().cloned() }
}

/// The resource group of the network that a subnet lies in.
fn network_group(stack: &mut Stack<'_>, subnet: &Field<String>) -> Handle {
    let id = subnet.text().and_then(|text| ResourceId::parse(text).ok());
    let group = id.and_then(|id| id.resource_group_id());
    stack.given_id("network_group", &RESOURCE_GROUP, group, &subnet.path)
}

/// "Network Contributor role" of the page on securing inference: on the group
/// of the network, before its load balancer becomes internal.
fn network_contributor(group: &Handle) -> Assignment<'_> {
    Assignment { key: "role/network".to_owned(), role: &builtin::NETWORK_CONTRIBUTOR, scope: group }
}
