//! A small closed workspace, as a composite would expand it, and a Terraform
//! object that owns one.

use std::collections::BTreeSet;

use amlsecure::arm::Call;
use amlsecure::engine::graph::{Expr, Graph, Handle, Key, Origin};
use amlsecure::engine::{
    Engine, IgnoreTags, Intent, Job, Marks, Outcome, Plan, Problem, Settings, World, compare, plan,
};
use amlsecure::kinds::{self, Kind, ResourceId};
use serde_json::json;

use super::cloud::{Cloud, call};

pub(super) const GROUP: &str = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg";
pub(super) const OWNER: &str = "workspace-ws";

/// What the user wrote.
#[derive(Clone)]
pub(super) struct Config {
    pub storage: &'static str,
    pub network: &'static str,
    pub access: &'static str,
    pub region: &'static str,
    pub rules: Vec<&'static str>,
    pub team: Option<&'static str>,
    pub file: bool,
    pub training: Option<&'static str>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            storage: "st",
            network: "vnet",
            access: "Deny",
            region: "eastasia",
            rules: vec!["batch", "storage"],
            team: Some("ml"),
            file: true,
            training: Some("10.0.1.0/24"),
        }
    }
}

pub(super) fn at(text: &str) -> Origin {
    Origin(text.into())
}

pub(super) fn id(kind: &'static Kind, name: &str) -> ResourceId {
    ResourceId::parse(GROUP).unwrap().child(kind, name)
}

impl Config {
    /// The graph: 17 nodes, the workspace primary.
    pub(super) fn expand(&self) -> Graph {
        let mut graph = Graph::default();
        let location = || Expr::from(self.region);
        let mut tags = json!({"env": "test"});
        if let Some(team) = self.team {
            tags["team"] = team.into();
        }
        let tags = || Expr::from(tags.clone());
        let mut add = |key: &str, kind: &'static Kind, id: ResourceId, body: Expr| {
            graph.add(key, kind, Some(id), body, at(key))
        };

        let rules: Vec<_> = self
            .rules
            .iter()
            .enumerate()
            .map(|(n, name)| {
                json!({"name": name, "properties": {
                    "priority": 100 + n, "direction": "Outbound", "access": "Allow", "protocol": "Tcp",
                    "sourceAddressPrefix": "*", "sourcePortRange": "*",
                    "destinationAddressPrefix": name, "destinationPortRange": "443",
                }})
            })
            .collect();
        let group = add(
            "group",
            &kinds::NETWORK_SECURITY_GROUP,
            id(&kinds::NETWORK_SECURITY_GROUP, "nsg"),
            Expr::object([
                ("location", location()),
                ("tags", tags()),
                ("properties", json!({"securityRules": rules}).into()),
            ]),
        );
        let network_id = id(&kinds::VIRTUAL_NETWORK, self.network);
        let network = add(
            "network",
            &kinds::VIRTUAL_NETWORK,
            network_id.clone(),
            Expr::object([
                ("location", location()),
                ("tags", tags()),
                ("properties", json!({"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}).into()),
            ]),
        );
        let mut subnet = |name: &str, prefix: &str| {
            let body = Expr::object([(
                "properties",
                Expr::object([
                    ("addressPrefix", Expr::from(prefix)),
                    ("networkSecurityGroup", Expr::object([("id", group.id())])),
                ]),
            )]);
            let id = network_id.child(&kinds::SUBNET, name);
            add(&format!("network/{name}"), &kinds::SUBNET, id, body)
        };
        let endpoints = subnet("endpoints", "10.0.0.0/24");
        if let Some(prefix) = self.training {
            subnet("training", prefix);
        }

        let storage_id = id(&kinds::STORAGE_ACCOUNT, self.storage);
        let storage = add(
            "storage",
            &kinds::STORAGE_ACCOUNT,
            storage_id.clone(),
            Expr::object([
                ("location", location()),
                ("kind", "StorageV2".into()),
                ("sku", json!({"name": "Standard_LRS"}).into()),
                ("tags", tags()),
                (
                    "properties",
                    json!({"networkAcls": {"defaultAction": self.access, "bypass": "AzureServices"}}).into(),
                ),
            ]),
        );
        let workspace = add(
            "workspace",
            &kinds::WORKSPACE,
            id(&kinds::WORKSPACE, "ws"),
            Expr::object([
                ("location", location()),
                ("tags", tags()),
                ("identity", json!({"type": "SystemAssigned"}).into()),
                (
                    "properties",
                    Expr::object([
                        ("storageAccount", storage.id()),
                        ("publicNetworkAccess", "Disabled".into()),
                    ]),
                ),
            ]),
        );
        let role = storage_id.child(&kinds::ROLE_ASSIGNMENT, "6f0c2f3e-0000-5000-8000-000000000001");
        add(
            "storage/contributor",
            &kinds::ROLE_ASSIGNMENT,
            role,
            Expr::object([(
                "properties",
                Expr::object([
                    (
                        "roleDefinitionId",
                        Expr::from(
                            "/subscriptions/00000000-0000-0000-0000-000000000001/providers/Microsoft.Authorization/roleDefinitions/ba92f5b4-2d11-453d-a403-e96b0029c9fe",
                        ),
                    ),
                    ("principalId", workspace.output("identity.principalId")),
                    ("principalType", "ServicePrincipal".into()),
                ]),
            )]),
        );

        let mut services = vec![("blob", storage.clone()), ("amlworkspace", workspace.clone())];
        if self.file {
            services.insert(1, ("file", storage.clone()));
        }
        for (service, target) in services {
            let zone_id = id(&kinds::PRIVATE_DNS_ZONE, &format!("privatelink.{service}.test"));
            let zone = add(
                &format!("{service}/zone"),
                &kinds::PRIVATE_DNS_ZONE,
                zone_id.clone(),
                Expr::object([("location", "global".into()), ("tags", tags())]),
            );
            add(
                &format!("{service}/zone/link"),
                &kinds::VIRTUAL_NETWORK_LINK,
                zone_id.child(&kinds::VIRTUAL_NETWORK_LINK, "vnet"),
                Expr::object([
                    ("location", "global".into()),
                    (
                        "properties",
                        Expr::object([
                            ("virtualNetwork", Expr::object([("id", network.id())])),
                            ("registrationEnabled", false.into()),
                        ]),
                    ),
                ]),
            );
            let endpoint_id = id(&kinds::PRIVATE_ENDPOINT, &format!("pe-{service}"));
            endpoint(&mut add, service, &endpoint_id, &location, &endpoints, &target);
            add(
                &format!("{service}/endpoint/zones"),
                &kinds::PRIVATE_DNS_ZONE_GROUP,
                endpoint_id.child(&kinds::PRIVATE_DNS_ZONE_GROUP, "default"),
                Expr::object([(
                    "properties",
                    Expr::object([(
                        "privateDnsZoneConfigs",
                        Expr::array([Expr::object([
                            ("name", Expr::from(service)),
                            ("properties", Expr::object([("privateDnsZoneId", zone.id())])),
                        ])]),
                    )]),
                )]),
            );
        }
        graph.set_primary(&workspace);
        graph
    }
}

fn endpoint(
    add: &mut impl FnMut(&str, &'static Kind, ResourceId, Expr) -> Handle,
    service: &str,
    id: &ResourceId,
    location: &impl Fn() -> Expr,
    subnet: &Handle,
    target: &Handle,
) {
    let connection = Expr::object([
        ("name", Expr::from(service)),
        (
            "properties",
            Expr::object([("privateLinkServiceId", target.id()), ("groupIds", json!([service]).into())]),
        ),
    ]);
    add(
        &format!("{service}/endpoint"),
        &kinds::PRIVATE_ENDPOINT,
        id.clone(),
        Expr::object([
            ("location", location()),
            (
                "properties",
                Expr::object([
                    ("subnet", Expr::object([("id", subnet.id())])),
                    ("privateLinkServiceConnections", Expr::array([connection])),
                ]),
            ),
        ]),
    );
}

/// A Terraform object: what its state keeps from one run to the next.
pub(super) struct Object {
    pub engine: Engine,
    pub marks: Marks,
    pub state: Option<Graph>,
    pub adopt: bool,
    pub announced: Option<BTreeSet<Key>>,
    pub keep: BTreeSet<ResourceId>,
    pub settings: Settings,
}

impl Object {
    pub(super) fn new(cloud: &Cloud, instance: &str) -> Self {
        let settings = Settings {
            ignore_tags: IgnoreTags { keys: vec!["cost".into()], prefixes: Vec::new() },
            ..Settings::default()
        };
        Self {
            engine: Engine::new(cloud.client(), settings.clone()),
            marks: Marks { owner: OWNER.into(), instance: Some(instance.into()) },
            state: None,
            adopt: false,
            announced: None,
            keep: BTreeSet::new(),
            settings,
        }
    }

    pub(super) async fn plan(&self, desired: &Graph) -> (World, Result<Plan, Vec<Problem>>) {
        let world = self.engine.observe_both(desired, self.state.as_ref(), &call()).await;
        let recorded: BTreeSet<ResourceId> =
            self.state.iter().flat_map(Graph::managed).filter_map(|node| node.id.clone()).collect();
        let made = plan(&Intent {
            desired,
            prior: self.state.as_ref(),
            world: &world,
            marks: &self.marks,
            recorded: &recorded,
            announced: self.announced.as_ref(),
            keep: &self.keep,
            adopt: self.adopt,
            settings: &self.settings,
        });
        (world, made)
    }

    /// Plans and applies, and keeps the state as the provider would.
    pub(super) async fn apply(&mut self, desired: &Graph) -> Outcome {
        self.apply_with(desired, &call()).await
    }

    pub(super) async fn apply_with(&mut self, desired: &Graph, call: &Call) -> Outcome {
        let applied = self.try_apply(desired, call).await;
        applied.unwrap_or_else(|problems| {
            panic!("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
        })
    }

    /// As the others, where the plan may say that it cannot be.
    pub(super) async fn try_apply(&mut self, desired: &Graph, call: &Call) -> Result<Outcome, Vec<Problem>> {
        let (world, made) = self.plan(desired).await;
        let made = made?;
        let job = Job {
            plan: &made,
            desired,
            prior: self.state.as_ref(),
            world: &world,
            marks: &self.marks,
            frees: &BTreeSet::new(),
        };
        let outcome = self.engine.apply(job, call).await;
        if outcome.is_complete() {
            self.state = Some(desired.clone());
        }
        Ok(outcome)
    }

    pub(super) async fn destroy(&mut self) -> Outcome {
        self.apply(&Graph::default()).await
    }

    /// The status that Terraform's read would write, for what is not in sync.
    pub(super) async fn drift(&self, graph: &Graph) -> Vec<String> {
        let world = self.engine.observe(graph, &call()).await;
        compare(graph, &world, &self.marks, &self.settings)
            .into_iter()
            .map(|(key, standing)| (key, standing.to_string()))
            .filter(|(_, standing)| standing != "in sync")
            .map(|(key, standing)| format!("{key}: {standing}"))
            .collect()
    }
}
