//! Any graph over any state in any weather: what the engine promises holds,
//! and once the weather is fair, it finishes.
//!
//! A failing case is printed as the line of a test that replays it.
//! `PROPTEST_CASES` has it look further.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use amlsecure::engine::graph::{Expr, Graph, Handle, Role};
use amlsecure::engine::{Done, Observation, Outcome};
use amlsecure::kinds::{self, ResourceId};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use serde_json::json;

use super::cloud::{Cloud, call};
use super::stack::{Object, at, id};
use super::weather::Weather;

/// Cases of one run; each is some operations of some dozen writes.
const CASES: u32 = 96;

/// Virtual time that no operation may take: what waits longer waits for ever.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// What a graph has. Places in the arrays are names, so that two sketches
/// speak of the same resources.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Sketch {
    /// Each subnet, by the security group that it names.
    subnets: [Option<u8>; 3],
    /// Each storage account, by whether it is open.
    accounts: [Option<bool>; 2],
    /// Each endpoint, by its subnet and its account; the third account is a stranger's.
    endpoints: [Option<(u8, u8)>; 3],
    /// Each zone, by whether it is linked and whether endpoints have groups in it.
    zones: [Option<(bool, bool)>; 2],
    /// The value of a tag.
    team: u8,
    /// Nodes that wait for an earlier one for no reason that bodies show.
    after: [(u8, u8); 4],
}

/// What somebody does behind our back.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Drift {
    Lose(u8),
    Open(u8),
    Strip(u8),
}

/// One thing that befalls a Terraform object.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Step {
    Apply(Sketch, Weather, Ending),
    Destroy(Weather, Ending),
    Drifts(Drift),
}

/// How a run ends.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Ending {
    Ends,
    /// Terraform asks to stop after so many seconds.
    Stops(u8),
    /// As that, and what it reached is in no state.
    Dies(u8),
}

use Drift::{Lose, Open, Strip};
use Ending::{Dies, Ends, Stops};
use Step::{Apply, Destroy, Drifts};

impl Sketch {
    fn expand(&self) -> Graph {
        let mut graph = Graph::default();
        let mut free: Vec<Handle> = Vec::new();
        let tags = json!({ "team": format!("t{}", self.team) });
        let plain = |location: &str| {
            Expr::object([("location", Expr::from(location)), ("tags", tags.clone().into())])
        };
        let groups: BTreeSet<u8> = self.subnets.into_iter().flatten().map(|group| group % 2).collect();
        let groups: Vec<(u8, Handle)> = groups
            .into_iter()
            .map(|n| {
                let kind = &kinds::NETWORK_SECURITY_GROUP;
                let name = format!("nsg{n}");
                (n, graph.add(&*name, kind, Some(id(kind, &name)), plain("eastasia"), at(&name)))
            })
            .collect();
        free.extend(groups.iter().map(|(_, handle)| handle.clone()));
        let network_id = id(&kinds::VIRTUAL_NETWORK, "vnet");
        let network = Expr::object([
            ("location", Expr::from("eastasia")),
            ("tags", tags.clone().into()),
            ("properties", json!({ "addressSpace": { "addressPrefixes": ["10.0.0.0/16"] } }).into()),
        ]);
        let network =
            graph.add("network", &kinds::VIRTUAL_NETWORK, Some(network_id.clone()), network, at("network"));
        graph.set_primary(&network);
        let mut subnets = Vec::new();
        for (n, group) in self.subnets.into_iter().enumerate() {
            let Some(group) = group else { continue };
            let named = groups.iter().find(|(of, _)| *of == group % 2).map(|(_, handle)| handle.id());
            let mut properties = vec![("addressPrefix", Expr::from(format!("10.0.{n}.0/24")))];
            properties.extend(named.map(|id| ("networkSecurityGroup", Expr::object([("id", id)]))));
            let key = format!("network/s{n}");
            let subnet = network_id.child(&kinds::SUBNET, &format!("s{n}"));
            let body = Expr::object([("properties", Expr::object(properties))]);
            subnets.push(graph.add(&*key, &kinds::SUBNET, Some(subnet), body, at(&key)));
        }
        let mut accounts = Vec::new();
        for (n, open) in self.accounts.into_iter().enumerate() {
            let Some(open) = open else { continue };
            let (kind, key) = (&kinds::STORAGE_ACCOUNT, format!("st{n}"));
            let action = if open { "Allow" } else { "Deny" };
            let body = Expr::object([
                ("location", Expr::from("eastasia")),
                ("kind", "StorageV2".into()),
                ("sku", json!({ "name": "Standard_LRS" }).into()),
                ("tags", tags.clone().into()),
                ("properties", json!({ "networkAcls": { "defaultAction": action } }).into()),
            ]);
            let account = graph.add(&*key, kind, Some(id(kind, &key)), body, at(&key));
            free.push(account.clone());
            accounts.push(account);
        }
        accounts.push(graph.given("theirs", &kinds::STORAGE_ACCOUNT, Some(theirs()), at("theirs")));
        let mut zones = Vec::new();
        for (n, zone) in self.zones.into_iter().enumerate() {
            let Some((linked, grouped)) = zone else { continue };
            let (kind, key) = (&kinds::PRIVATE_DNS_ZONE, format!("z{n}.test"));
            let zone_id = id(kind, &key);
            let zone = graph.add(&*key, kind, Some(zone_id.clone()), plain("global"), at(&key));
            free.push(zone.clone());
            if linked {
                let kind = &kinds::VIRTUAL_NETWORK_LINK;
                let body = Expr::object([
                    ("location", Expr::from("global")),
                    (
                        "properties",
                        Expr::object([
                            ("virtualNetwork", Expr::object([("id", network.id())])),
                            ("registrationEnabled", false.into()),
                        ]),
                    ),
                ]);
                let key = format!("{key}/link");
                free.push(graph.add(&*key, kind, Some(zone_id.child(kind, "vnet")), body, at(&key)));
            }
            if grouped {
                zones.push(zone);
            }
        }
        for (n, endpoint) in self.endpoints.into_iter().enumerate() {
            let Some((subnet, account)) = endpoint else { continue };
            let Some(subnet) = subnets.get(usize::from(subnet) % subnets.len().max(1)) else { continue };
            let account = &accounts[usize::from(account) % accounts.len()];
            let (kind, key) = (&kinds::PRIVATE_ENDPOINT, format!("pe{n}"));
            let endpoint_id = id(kind, &key);
            let connection = Expr::object([
                ("name", Expr::from("blob")),
                (
                    "properties",
                    Expr::object([
                        ("privateLinkServiceId", account.id()),
                        ("groupIds", json!(["blob"]).into()),
                    ]),
                ),
            ]);
            let body = Expr::object([
                ("location", Expr::from("eastasia")),
                ("tags", tags.clone().into()),
                (
                    "properties",
                    Expr::object([
                        ("subnet", Expr::object([("id", subnet.id())])),
                        ("privateLinkServiceConnections", Expr::array([connection])),
                    ]),
                ),
            ]);
            free.push(graph.add(&*key, kind, Some(endpoint_id.clone()), body, at(&key)));
            if zones.is_empty() {
                continue;
            }
            let configs = zones.iter().map(|zone| {
                Expr::object([
                    ("name", Expr::from(zone.key().replace('.', "-"))),
                    ("properties", Expr::object([("privateDnsZoneId", zone.id())])),
                ])
            });
            let body = Expr::object([(
                "properties",
                Expr::object([("privateDnsZoneConfigs", Expr::array(configs))]),
            )]);
            let kind = &kinds::PRIVATE_DNS_ZONE_GROUP;
            let key = format!("{key}/zones");
            free.push(graph.add(&*key, kind, Some(endpoint_id.child(kind, "default")), body, at(&key)));
        }
        for (later, earlier) in self.after {
            let of = |n: u8| &free[usize::from(n) % free.len().max(1)];
            if !free.is_empty() {
                graph.after(of(later), of(earlier));
            }
        }
        graph
    }
}

/// The account that endpoints may name and nobody may write.
fn theirs() -> ResourceId {
    id(&kinds::STORAGE_ACCOUNT, "theirs")
}

/// A zone where a stranger may be in the way.
fn contested() -> ResourceId {
    id(&kinds::PRIVATE_DNS_ZONE, "z1.test")
}

/// What a state says after an apply that fell short: what it said before, and
/// what was begun beside it.
fn union(prior: Option<&Graph>, desired: &Graph) -> Graph {
    let Some(prior) = prior else { return desired.clone() };
    let mut whole = prior.clone();
    for node in desired.nodes().filter(|node| prior.get(&node.key).is_none()) {
        let (key, origin) = (node.key.clone(), node.origin.clone());
        match node.role {
            Role::Managed => whole.add(key, node.kind, node.id.clone(), node.body.clone(), origin),
            Role::Given => whole.given(key, node.kind, node.id.clone(), origin),
        };
    }
    whole
}

/// One life of an object under all these steps.
struct Life {
    cloud: Cloud,
    object: Object,
    instances: usize,
    /// What an apply that died had in mind.
    lost: Option<Sketch>,
    /// What went wrong in the last run.
    told: String,
    /// Whether the last run was an apply that ended well.
    is_whole: bool,
}

type Broken = Result<(), String>;

fn ensure(holds: bool, what: impl FnOnce() -> String) -> Broken {
    if holds { Ok(()) } else { Err(what()) }
}

impl Life {
    fn new(contested_by_stranger: bool) -> Self {
        let cloud = Cloud::default();
        cloud.place_foreign(&theirs(), json!({ "location": "eastasia" }));
        if contested_by_stranger {
            cloud.place_foreign(&contested(), json!({ "location": "global" }));
        }
        let object = Object::new(&cloud, "0");
        Self { cloud, object, instances: 0, lost: None, told: String::new(), is_whole: false }
    }

    async fn step(&mut self, step: Step) -> Broken {
        match step {
            Drifts(drift) => {
                self.drift(drift);
                Ok(())
            }
            // Nobody knows of what it has made but the same apply.
            Apply(_, weather, ending) | Destroy(weather, ending) if self.lost.is_some() => {
                let lost = self.lost.unwrap_or_else(|| unreachable!());
                self.run(Some(lost), weather, ending).await
            }
            Apply(sketch, weather, ending) => self.run(Some(sketch), weather, ending).await,
            Destroy(weather, ending) => self.run(None, weather, ending).await,
        }
    }

    fn drift(&self, drift: Drift) {
        let ours = self.cloud.ours();
        let pick =
            |n: u8| ours.get(usize::from(n) % ours.len().max(1)).map(|id| ResourceId::parse(id).unwrap());
        match drift {
            Lose(n) => {
                if let Some(id) = pick(n) {
                    self.cloud.try_lose(id.as_str());
                }
            }
            Open(n) => {
                if let Some(id) = pick(n).filter(|id| id.resource_type().contains("storageAccounts")) {
                    self.cloud.touch(&id, |body| {
                        body["properties"]["networkAcls"]["defaultAction"] = "Allow".into();
                    });
                }
            }
            Strip(n) => {
                // What no state records is known by its tags alone.
                let recorded = |id: &ResourceId| {
                    self.object.state.iter().flat_map(Graph::managed).any(|node| node.id.as_ref() == Some(id))
                };
                if let Some(id) = pick(n).filter(recorded) {
                    self.cloud.touch(&id, |body| {
                        if let Some(tags) = body.get_mut("tags") {
                            *tags = json!({});
                        }
                    });
                }
            }
        }
    }

    /// An apply of a sketch, or a destroy.
    async fn run(&mut self, sketch: Option<Sketch>, weather: Weather, ending: Ending) -> Broken {
        let desired = sketch.map_or_else(Graph::default, |sketch| sketch.expand());
        if self.object.state.is_none() && sketch.is_none() {
            return Ok(());
        }
        let prior = self.object.state.clone();
        self.cloud.weather(weather);
        self.cloud.requests();
        let call = call();
        let stop = call.cancel.clone();
        #[expect(clippy::disallowed_methods, reason = "tokio's time is the virtual one here")]
        let stopping = async move {
            match ending {
                Ends => std::future::pending().await,
                Stops(seconds) | Dies(seconds) => {
                    tokio::time::sleep(Duration::from_secs(seconds.into())).await;
                }
            }
            stop.cancel();
            std::future::pending::<()>().await;
        };
        let run = async { tokio::time::timeout(LONGEST, self.object.try_apply(&desired, &call)).await };
        let ran = tokio::select! { ran = run => ran, () = stopping => unreachable!() };
        self.cloud.weather(Weather::default());
        self.is_whole = false;
        let outcome = ran.map_err(|_| "it waits for ever".to_owned())?;
        let broken = self.cloud.broken();
        ensure(broken.is_empty(), || broken.join("\n"))?;
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(problems) => {
                self.told = problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
                let writes = self.cloud.writes();
                return ensure(writes.is_empty(), || format!("a plan with problems was begun: {writes:?}"));
            }
        };
        self.told = outcome.failures.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        self.agrees(&outcome)?;
        keeps_order(&outcome, &desired, prior.as_ref())?;
        if outcome.is_complete() {
            self.is_whole = sketch.is_some();
            self.object.state = sketch.map(|_| desired);
            self.lost = None;
        } else if matches!(ending, Dies(_)) {
            // The state is what it was before, and Terraform makes a new object where there was none.
            self.lost = sketch;
            if prior.is_none() && self.is_marked_ready() {
                // It died after its last write, and has to be imported.
                self.object.state = Some(desired);
            } else if prior.is_none() {
                self.instances += 1;
                self.object = Object::new(&self.cloud, &self.instances.to_string());
            }
        } else {
            // What a dead one has left is known only once the same apply has ended well.
            self.object.state = Some(union(prior.as_ref(), &desired));
        }
        Ok(())
    }

    fn is_marked_ready(&self) -> bool {
        let network = self.cloud.body(&id(&kinds::VIRTUAL_NETWORK, "vnet"));
        network.is_some_and(|body| body["tags"]["amlsecure-state"] == "ready")
    }

    /// The outcome says of every resource what is so.
    fn agrees(&self, outcome: &Outcome) -> Broken {
        for (key, id, seen) in outcome.world.iter() {
            let stands = self.cloud.body(id).is_some();
            let agrees = match seen {
                Observation::Present(_) => stands,
                Observation::Absent => !stands,
                Observation::Unknown(_) => true,
            };
            ensure(agrees, || format!("{key} is said to be {seen:?} and stands: {stands}"))?;
        }
        for (key, done) in &outcome.done {
            let gone = *done == Done::Deleted;
            let seen = outcome.world.get(key);
            // It may have been made and not be readable now.
            ensure(gone || !matches!(seen, None | Some(Observation::Absent)), || {
                format!("{key} is said to be {done:?} and was seen {seen:?}")
            })?;
        }
        Ok(())
    }

    /// The weather is fair and strangers have given way: it finishes.
    async fn finish(&mut self, last: Sketch) -> Broken {
        self.cloud.try_lose(contested().as_str());
        let sketch = self.lost.unwrap_or(last);
        let graph = sketch.expand();
        self.run(Some(sketch), Weather::default(), Ends).await?;
        ensure(self.is_whole && self.lost.is_none(), || format!("it does not converge: {}", self.told))?;
        let (_, plan) = self.object.plan(&graph).await;
        let plan = plan.map_err(|problems| format!("the next plan is refused: {problems:?}"))?;
        ensure(plan.is_empty(), || format!("the next plan is not empty: {}", plan.explain()))?;
        let drift = self.object.drift(&graph).await;
        ensure(drift.is_empty(), || format!("it drifts at once: {drift:?}"))?;
        self.run(None, Weather::default(), Ends).await?;
        let left = self.cloud.ours();
        ensure(left.is_empty(), || format!("a destroy leaves {left:?}: {}", self.told))
    }
}

/// Nothing was made that waits for what failed, nor deleted before what
/// stands on it.
fn keeps_order(outcome: &Outcome, desired: &Graph, prior: Option<&Graph>) -> Broken {
    let failed = |key: &str| outcome.failures.iter().find(|failure| &*failure.key == key);
    for node in desired.managed().filter(|node| node.kind.embedded.is_none()) {
        for earlier in desired.waits_for(node) {
            let made = matches!(outcome.done.get(&node.key), Some(Done::Created | Done::Replaced));
            let missing = failed(&earlier).is_some_and(|failure| failure.action == "create");
            ensure(!(made && missing), || format!("{} was made though {earlier} failed", node.key))?;
        }
    }
    for node in prior.into_iter().flat_map(Graph::managed) {
        let Some(graph) = prior else { continue };
        for earlier in graph.waits_for(node) {
            let left = failed(&node.key).is_some_and(|failure| failure.action == "delete");
            let deleted = outcome.done.get(&earlier) == Some(&Done::Deleted);
            ensure(!(left && deleted), || format!("{earlier} was deleted though {} failed", node.key))?;
        }
    }
    Ok(())
}

/// Lives through all steps and then to a good end.
fn live(contested_by_stranger: bool, steps: &[Step], last: Sketch) -> Broken {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let mut life = Life::new(contested_by_stranger);
        for (n, step) in steps.iter().enumerate() {
            life.step(*step).await.map_err(|broken| format!("step {n}: {broken}"))?;
        }
        life.finish(last).await.map_err(|broken| format!("in the end: {broken}"))
    })
}

fn sketches() -> impl Strategy<Value = Sketch> {
    let few = || 0..3_u8;
    (
        prop::array::uniform3(prop::option::of(few())),
        prop::array::uniform2(prop::option::of(any::<bool>())),
        prop::array::uniform3(prop::option::of((few(), few()))),
        prop::array::uniform2(prop::option::of((any::<bool>(), any::<bool>()))),
        0..2_u8,
        prop::array::uniform4((0..16_u8, 0..16_u8)),
    )
        .prop_map(|(subnets, accounts, endpoints, zones, team, after)| Sketch {
            subnets,
            accounts,
            endpoints,
            zones,
            team,
            after,
        })
}

fn steps() -> impl Strategy<Value = Step> {
    let weather = || {
        prop_oneof![
            1 => Just(Weather::default()),
            3 => (any::<u64>(), 1..40_u8).prop_map(|(seed, percent)| Weather { seed, percent }),
        ]
    };
    let ending =
        || prop_oneof![3 => Just(Ends), 1 => any::<u8>().prop_map(Stops), 1 => any::<u8>().prop_map(Dies)];
    let drift =
        prop_oneof![any::<u8>().prop_map(Lose), any::<u8>().prop_map(Open), any::<u8>().prop_map(Strip),];
    prop_oneof![
        4 => (sketches(), weather(), ending()).prop_map(|(sketch, weather, ending)| Apply(sketch, weather, ending)),
        1 => (weather(), ending()).prop_map(|(weather, ending)| Destroy(weather, ending)),
        2 => drift.prop_map(Drifts),
    ]
}

/// The same cases in every run, unless `PROPTEST_CASES` asks for so many others.
#[expect(clippy::disallowed_methods, reason = "a longer run is asked for by the environment")]
fn runner() -> TestRunner {
    let asked: Option<u32> = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok());
    let config = Config { cases: asked.unwrap_or(CASES), failure_persistence: None, ..Config::default() };
    match asked {
        Some(_) => TestRunner::new(config),
        None => TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::default())),
    }
}

#[test]
fn whatever_happens_the_promises_hold_and_fair_weather_finishes() {
    let mut runner = runner();
    let lives = (any::<bool>(), prop::collection::vec(steps(), 1..6), sketches());
    let found = runner
        .run(&lives, |(contested, steps, last)| live(contested, &steps, last).map_err(TestCaseError::fail));
    match found {
        Ok(()) => {}
        Err(TestError::Fail(reason, (contested, steps, last))) => {
            let mut replay = String::new();
            for step in steps {
                writeln!(replay, "        {step:?},").unwrap();
            }
            panic!("{reason}\n\n    live({contested}, &[\n{replay}    ], {last:?}).unwrap();\n");
        }
        Err(other) => panic!("{other}"),
    }
}

const NOTHING: Sketch = Sketch {
    subnets: [None; 3],
    accounts: [None; 2],
    endpoints: [None; 3],
    zones: [None; 2],
    team: 0,
    after: [(0, 0); 4],
};

const FAIR: Weather = Weather { seed: 0, percent: 0 };

/// Found: the state still named the subnet's old group.
#[test]
fn a_subnet_lets_go_of_the_group_that_it_was_given_before_the_apply_fell_short() {
    let zones = [None, Some((false, false))];
    let first =
        Sketch { subnets: [None, Some(1), None], endpoints: [Some((0, 0)), None, None], zones, ..NOTHING };
    let second = Sketch { subnets: [Some(0), Some(0), None], zones, ..NOTHING };
    let weather = Weather { seed: 6_656_768_420_289_615_282, percent: 6 };
    live(false, &[Apply(first, FAIR, Ends), Apply(second, weather, Ends)], NOTHING).unwrap();
}

/// Found: the answer to the network's deletion was lost, and its subnets were
/// said to stand.
#[test]
fn what_lay_in_a_resource_is_gone_with_it() {
    let first = Sketch {
        subnets: [Some(0), None, None],
        endpoints: [Some((0, 0)), None, Some((0, 0))],
        zones: [Some((false, true)), None],
        ..NOTHING
    };
    let weather = Weather { seed: 12_611_238_415_475_825_900, percent: 26 };
    let steps = [Apply(first, FAIR, Ends), Drifts(Lose(131)), Destroy(weather, Ends)];
    live(false, &steps, NOTHING).unwrap();
}
