//! `amlsecure_databricks_workspace`: Databricks in your own network, closed,
//! linked to a machine learning workspace.
//!
//! ```text
//! databricks <- front_end/endpoint, front_end/browser_authentication/endpoint,
//!               back_end/endpoint   <- <endpoint>/dns
//! ```

mod endpoints;

use std::collections::BTreeMap;

use crate::engine::graph::{Expr, Handle};
use crate::kinds::{
    DATABRICKS_WORKSPACE, Kind, RESOURCE_GROUP, ResourceId, SUBNET, VIRTUAL_NETWORK, WORKSPACE,
};
use crate::resources::expansion::{enabled, origin};
use crate::resources::private_endpoint::Site;
use crate::resources::recall::{flag, id, text, word};
use crate::resources::{MovedFrom, Outputs, Recalled, Resource, Seen, Stack, checks};
use crate::schema::config::{Computed, Field, State};
use crate::schema::{Diagnostics, Value};
use crate::{block, body};
use endpoints::{BackEnd, FrontEnd};

const SKUS: [&str; 3] = ["standard", "premium", "trial"];
const NSG_RULES: [&str; 3] = ["AllRules", "NoAzureDatabricksRules", "NoAzureServiceRules"];

/// The subnet that a network must have besides, where Databricks and a machine
/// learning workspace are used together ("secure an Azure Machine Learning
/// training environment with virtual networks").
const DEFAULT_SUBNET: &str = "default";

block! {
    /// A Databricks workspace whose clusters stand in your network, without public addresses, and that is
    /// reached through private endpoints.
    ///
    /// Its two subnets are delegated to Databricks and guarded, as `amlsecure_network` makes them for the
    /// purposes `databricks_public` and `databricks_private`. To submit jobs from a machine learning
    /// workspace, link it by `machine_learning_workspace_id`; the storage accounts of that workspace must be
    /// reachable in the same network.
    pub struct DatabricksWorkspace {
        /// The name of the workspace.
        pub name: Field<String> = required().replaces()
            .check(|v, p, d| checks::name(&DATABRICKS_WORKSPACE, v, p, d)),
        /// The resource group that it lives in, with its private endpoints.
        pub resource_group_name: Field<String> = required().replaces()
            .check(|v, p, d| checks::name(&RESOURCE_GROUP, v, p, d)),
        /// The Azure region, such as `eastasia`. It is that of the network.
        pub location: Field<String> = required().replaces().check(checks::location),
        /// `premium`, which private endpoints need, `standard` or `trial`.
        pub sku: Field<String> = default("premium").check(|v, p, d| checks::one_of(&SKUS, v, p, d)),
        /// The name of the resource group that Databricks makes for itself and takes away again. It must not
        /// exist. Without it: `databricks-rg-` and the workspace's name.
        pub managed_resource_group_name: Field<String> = optional().or_computed().replaces()
            .check(|v, p, d| checks::name(&RESOURCE_GROUP, v, p, d)),
        /// Whether the internet reaches the workspace.
        pub public_network_access_enabled: Field<bool> = default(false),
        /// Which rules Databricks writes into the security groups of its subnets: `NoAzureDatabricksRules`
        /// where clusters reach Databricks through `back_end`, `AllRules` where they do not, or
        /// `NoAzureServiceRules`.
        pub network_security_group_rules_required: Field<String> = default("NoAzureDatabricksRules")
            .check(|v, p, d| checks::one_of(&NSG_RULES, v, p, d)),
        /// The network that its clusters stand in, and what it is linked to.
        pub custom_parameters: Option<CustomParameters> = required(),
        /// The private endpoint by which users reach the workspace, from a network of theirs.
        pub front_end: Option<FrontEnd> = optional(),
        /// The private endpoint by which clusters reach Databricks. Users in the same network reach the
        /// workspace by it too, and need no `front_end`.
        pub back_end: Option<BackEnd> = optional(),
        /// The id of the workspace.
        pub id: Computed<String> = computed(),
        /// The number by which Databricks knows the workspace.
        pub workspace_id: Computed<String> = computed(),
        /// The host name of the workspace, such as `adb-1234567890.12.azuredatabricks.net`.
        pub workspace_url: Computed<String> = computed(),
        /// The id of the resource group that Databricks makes for itself.
        pub managed_resource_group_id: Computed<String> = computed(),
    }
}

block! {
    /// The network that its clusters stand in, and what it is linked to.
    pub struct CustomParameters {
        /// The id of the network, in the workspace's subscription and region.
        pub virtual_network_id: Field<String> = required().replaces()
            .check(|v, p, d| checks::id_of(&VIRTUAL_NETWORK, v, p, d)),
        /// The name of the subnet of its hosts, delegated to Databricks and guarded.
        pub public_subnet_name: Field<String> = required().replaces()
            .check(|v, p, d| checks::name(&SUBNET, v, p, d)),
        /// The name of the subnet of its containers, delegated to Databricks and guarded.
        pub private_subnet_name: Field<String> = required().replaces()
            .check(|v, p, d| checks::name(&SUBNET, v, p, d)),
        /// Whether its clusters have no public addresses (secure cluster connectivity).
        pub no_public_ip: Field<bool> = default(true),
        /// The id of a machine learning workspace to link it with, in the same subscription and region. The
        /// network then needs a subnet named `default` besides.
        pub machine_learning_workspace_id: Field<String> = optional().replaces()
            .check(|v, p, d| checks::id_of(&WORKSPACE, v, p, d)),
    }
}

impl Resource for DatabricksWorkspace {
    const TYPE: &'static str = "amlsecure_databricks_workspace";
    const MOVED_FROM: MovedFrom = &[("azurerm_databricks_workspace", &DATABRICKS_WORKSPACE)];
    const IMPORTED_BY: &'static [&'static Kind] = &[&DATABRICKS_WORKSPACE];
    const IMPORT: &'static str = "Its network and the machine learning workspace are given, by id. Its private endpoints are found by its \
         connections: those in its resource group become this block's, with their zone groups. Of two for the same \
         service, one in the network of its clusters is the `back_end`. One that others have made becomes this block's \
         own: the next apply writes the provider's marks into its tags.";

    fn check(&self, problems: &mut Diagnostics) {
        self.check_ways(problems);
        if let (Some(group), Some(managed)) =
            (self.resource_group_name.text(), self.managed_resource_group_name.text())
            && group.eq_ignore_ascii_case(managed)
        {
            problems.error(
                self.managed_resource_group_name.path.clone(),
                "Databricks makes this resource group for itself",
                "It must be another than resource_group_name, and must not exist.",
            );
        }
        if let Some(network) = &self.custom_parameters
            && let (Some(public), Some(private)) =
                (network.public_subnet_name.text(), network.private_subnet_name.text())
            && public.eq_ignore_ascii_case(private)
        {
            problems.error(
                network.private_subnet_name.path.clone(),
                "The public and the private subnet must be two",
                format!(
                    "Both are {public:?}. Databricks puts hosts into the one and containers into the other."
                ),
            );
        }
        let front_end = self.front_end.as_ref().map(FrontEnd::way);
        let back_end = self.back_end.as_ref().map(BackEnd::way);
        for way in [&front_end, &back_end].into_iter().flatten() {
            way.check(problems);
        }
        if let (Some(front), Some(back)) = (front_end, back_end) {
            front.check_apart_from(&back, problems);
        }
    }

    fn expand(&self, stack: &mut Stack<'_>) -> Outputs {
        let group = stack.resource_group(&self.resource_group_name);
        let Some(parameters) = &self.custom_parameters else {
            // The schema requires the block; without it there is nothing to expand.
            stack.incomplete();
            return Outputs::new();
        };
        let managed_name = match &self.managed_resource_group_name.state {
            State::Known(name) => Some(name.clone()),
            State::Null => self.name.text().map(|name| format!("databricks-rg-{name}")),
            State::Unknown => None,
        };
        let managed = managed_name.as_ref().map_or(Expr::Unknown, |name| {
            let id = stack.azure.subscription.resource_group(name);
            Expr::At(origin(&self.managed_resource_group_name.path), Box::new((&id).into()))
        });
        let parameters = parameters.expr(stack);
        let body = body!({
            "location": (&self.location),
            "sku": { "name": (&self.sku) },
            "properties": {
                "computeMode": "Hybrid",
                "managedResourceGroupId": (managed.clone()),
                "publicNetworkAccess": (enabled(&self.public_network_access_enabled)),
                "requiredNsgRules": (&self.network_security_group_rules_required),
                "parameters": (parameters),
            },
        });
        let name = self.name.text().map(str::to_owned);
        let databricks =
            stack.add("databricks", &DATABRICKS_WORKSPACE, group.as_ref(), name, body, &self.name.path);
        stack.graph.set_primary(&databricks);
        let site = Site { group: group.as_ref(), workspace: &self.name, location: &self.location };
        if let Some(front_end) = &self.front_end {
            front_end.expand(stack, &site, &databricks);
        }
        if let Some(back_end) = &self.back_end {
            back_end.way().expand(stack, &site, &databricks, "back_end", "databricks_ui_api");
        }
        [
            ("id", databricks.id()),
            ("workspace_id", databricks.output("properties.workspaceId")),
            ("workspace_url", databricks.output("properties.workspaceUrl")),
            ("managed_resource_group_id", managed),
            ("managed_resource_group_name", managed_name.map_or(Expr::Unknown, Expr::from)),
        ]
        .into()
    }

    fn recall(at: &ResourceId, seen: &Seen) -> Result<Recalled, String> {
        let databricks = seen.primary(at)?;
        let body = &databricks.body;
        let parameter = |name: &str| format!("/properties/parameters/{name}/value");
        let Some(network) = id(body, &parameter("customVirtualNetworkId")) else {
            return Err(format!("{at} stands in no network of yours, which Azure cannot change."));
        };
        let linked = id(body, &parameter("amlWorkspaceId")).map(|id| id.to_string());
        let managed = id(body, "/properties/managedResourceGroupId").map(|id| id.name().to_owned());
        let custom = Value::object([
            ("virtual_network_id", Value::from(network.as_str())),
            ("public_subnet_name", text(body, &parameter("customPublicSubnetName"))),
            ("private_subnet_name", text(body, &parameter("customPrivateSubnetName"))),
            ("no_public_ip", flag(body, &parameter("enableNoPublicIp"), true)),
            ("machine_learning_workspace_id", linked.into()),
        ]);
        let mut recalled = Recalled::default();
        recalled.parts.insert("databricks".to_owned(), databricks.id.clone());
        recalled.arguments = vec![
            ("name", databricks.id.name().into()),
            ("resource_group_name", databricks.id.resource_group_name().into()),
            ("location", text(body, "/location")),
            ("sku", word(body, "/sku/name", &SKUS)),
            ("managed_resource_group_name", managed.into()),
            ("public_network_access_enabled", flag(body, "/properties/publicNetworkAccess", true)),
            // Azure writes all of them where nobody says otherwise.
            (
                "network_security_group_rules_required",
                match word(body, "/properties/requiredNsgRules", &NSG_RULES) {
                    Value::Null => "AllRules".into(),
                    said => said,
                },
            ),
            ("custom_parameters", custom),
        ];
        endpoints::recall(&mut recalled, databricks, &network, seen);
        Ok(recalled)
    }
}

impl DatabricksWorkspace {
    /// What is closed needs a way in, and what Databricks must not open needs
    /// a way out ("enable Azure Private Link").
    fn check_ways(&self, problems: &mut Diagnostics) {
        let ways = self.front_end.is_some() || self.back_end.is_some();
        let closed = self.public_network_access_enabled.known() == Some(&false);
        let rules = self.network_security_group_rules_required.text();
        if closed && rules == Some("AllRules") {
            problems.error(
                self.network_security_group_rules_required.path.clone(),
                "A closed workspace cannot have Databricks write all of its rules",
                "Set \"NoAzureDatabricksRules\" with a back_end, or public_network_access_enabled = true.",
            );
        }
        if closed && !ways {
            problems.error(
                self.public_network_access_enabled.path.clone(),
                "Nobody reaches a closed workspace without a private endpoint",
                "Add a back_end, or a front_end for users of another network, or set public_network_access_enabled = \
                 true.",
            );
        }
        if rules == Some("NoAzureDatabricksRules") && self.back_end.is_none() && (!closed || ways) {
            problems.error(
                self.network_security_group_rules_required.path.clone(),
                "Without the rules of Databricks its clusters need a back_end",
                "Add a back_end, by which they reach Databricks, or set another of the values.",
            );
        }
        if ways && let Some(sku @ ("standard" | "trial")) = self.sku.text() {
            problems.error(
                self.sku.path.clone(),
                format!("A {sku} workspace has no private endpoints"),
                "front_end and back_end need sku = \"premium\".",
            );
        }
        if self.back_end.is_some()
            && let Some(network) = &self.custom_parameters
            && network.no_public_ip.known() == Some(&false)
        {
            problems.error(
                network.no_public_ip.path.clone(),
                "Clusters with public addresses do not use a back_end",
                "Set no_public_ip = true, or leave out back_end.",
            );
        }
    }
}

impl CustomParameters {
    fn expr(&self, stack: &mut Stack<'_>) -> Expr {
        let network = self.virtual_network_id.text().and_then(|text| ResourceId::parse(text).ok());
        if let Some(network) = &network
            && !network.subscription_id().eq_ignore_ascii_case(stack.azure.subscription.subscription_id())
        {
            stack.problems.error(
                self.virtual_network_id.path.clone(),
                "The network lies in another subscription than the Databricks workspace",
                "Databricks puts clusters only into networks of its workspace's subscription.",
            );
        }
        for (key, name) in
            [("subnet/public", &self.public_subnet_name), ("subnet/private", &self.private_subnet_name)]
        {
            let id = network.as_ref().zip(name.text()).map(|(network, name)| network.child(&SUBNET, name));
            stack.given_id(key, &SUBNET, id, &name.path);
        }
        let mut members = BTreeMap::from([
            ("customVirtualNetworkId", Expr::from(&self.virtual_network_id)),
            ("customPublicSubnetName", Expr::from(&self.public_subnet_name)),
            ("customPrivateSubnetName", Expr::from(&self.private_subnet_name)),
            ("enableNoPublicIp", Expr::from(&self.no_public_ip)),
        ]);
        let linked = &self.machine_learning_workspace_id;
        if linked.is_set() {
            let workspace = stack.given("workspace", &WORKSPACE, linked);
            let azure = stack.azure;
            check_linked(stack, &azure.subscription, &workspace, linked);
            let id = network.as_ref().map(|network| network.child(&SUBNET, DEFAULT_SUBNET));
            stack.given_id("subnet/default", &SUBNET, id, &linked.path);
            members.insert("amlWorkspaceId", Expr::from(linked));
        }
        Expr::object(members.into_iter().map(|(name, value)| (name, body!({ "value": (value) }))))
    }
}

/// Databricks and a machine learning workspace work together only side by side.
pub(super) fn check_linked(
    stack: &mut Stack<'_>,
    databricks: &ResourceId,
    workspace: &Handle,
    at: &Field<String>,
) {
    if let Some(workspace) = workspace.known_id()
        && !workspace.subscription_id().eq_ignore_ascii_case(databricks.subscription_id())
    {
        stack.problems.error(
            at.path.clone(),
            "The machine learning workspace lies in another subscription",
            "Databricks is linked only with one of its own subscription and region.",
        );
    }
}
