//! The steps that bring Azure to a graph. Pure: what was seen goes in, data
//! comes out, and applying it leaves nothing to decide.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::actions::unfix;
use super::change::{goes_with, is_outdated, must_replace};
use super::diff::{Differ, Difference};
use super::graph::{Graph, Key, Node, Origin, Role};
use super::guests::unwelcome;
use super::ownership::{self, Claim, Found, Marks, State};
use super::problem::{Problem, Why};
use super::resolve::{Want, answer, resolve};
use super::settings::Settings;
use super::standing::ailments;
use super::world::{Observation, World};
use crate::kinds::{Kind, ResourceId, Style};

/// What a plan is made from.
pub struct Intent<'a> {
    /// What should stand; empty to take everything down.
    pub desired: &'a Graph,
    /// What our state says we had made; `None` for a create.
    pub prior: Option<&'a Graph>,
    /// What Azure was seen to hold, of both graphs ([`super::Engine::observe_both`]).
    pub world: &'a World,
    /// Who is acting.
    pub marks: &'a Marks,
    /// The ids that our state records.
    pub recorded: &'a BTreeSet<ResourceId>,
    /// The keys that Terraform's plan announced as replaced or deleted;
    /// `None` where everything may go, as in a destroy. Not asked of a create.
    pub announced: Option<&'a BTreeSet<Key>>,
    /// Ids that stay although `desired` no longer names them: those that the
    /// object which replaces an unfinished one will adopt.
    pub keep: &'a BTreeSet<ResourceId>,
    /// Whether resources that nobody marked may be taken over.
    pub adopt: bool,
    /// What the user set for every composite alike.
    pub settings: &'a Settings,
}

/// What is to be done to one node.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Make it.
    Create,
    /// Change these properties; none where it only lets go of what is
    /// replaced and takes it up again.
    Update(Vec<Difference>),
    /// Delete it and make it anew, for these properties or with another node.
    Replace(Vec<Difference>),
    /// Delete it.
    Delete,
    /// Make a found one ours and change these properties.
    Adopt(Vec<Difference>),
    /// Leave it.
    Keep,
}

/// One thing to do to one node, and why.
#[derive(Debug, Clone)]
pub struct Step {
    /// The node. A node whose id changes has two steps, the deletion of the
    /// old id and one for the new.
    pub key: Key,
    /// Its type.
    pub kind: &'static Kind,
    /// What Azure calls it.
    pub id: ResourceId,
    /// Where the user asked for it.
    pub origin: Origin,
    /// What to do.
    pub action: Action,
    /// Why, in words.
    pub reason: String,
    /// The parent whose own step does this one along with itself: a network
    /// is made with its subnets in one PUT, and takes them with it when it goes.
    pub within: Option<Key>,
    /// Resources that it must let go of before anything else is done, as they
    /// are deleted and made anew while it stays: the security group of a subnet.
    pub releases: BTreeSet<ResourceId>,
}

/// When the primary is marked `ready`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// Not by this plan: it is ready already, or goes.
    Unchanged,
    /// With its own write, as no other comes after it.
    WithPrimary,
    /// By a write of its own, once every step is done.
    AfterAll,
    /// The other way round, by a write of its own: it is marked `building`
    /// again, for another object to go on with what never became complete.
    Reopen,
}

/// What is to be done to every node of ours, in the order of the graph;
/// deletions of what is no longer wanted come last.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The steps.
    pub steps: Vec<Step>,
    /// When the primary is marked `ready`.
    pub finish: Finish,
}

impl Plan {
    /// Whether Azure stands as wanted already.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !matches!(self.finish, Finish::AfterAll | Finish::Reopen)
            && self.steps.iter().all(|step| step.action == Action::Keep)
    }
}

impl Action {
    /// Whether something stands there afterwards that is written by this.
    #[must_use]
    pub fn writes(&self) -> bool {
        match self {
            Self::Create | Self::Update(_) | Self::Replace(_) => true,
            Self::Adopt(differences) => !differences.is_empty(),
            Self::Delete | Self::Keep => false,
        }
    }

    /// Whether what stood there before is deleted by this.
    #[must_use]
    pub fn removes(&self) -> bool {
        matches!(self, Self::Replace(_) | Self::Delete)
    }

    /// The verb, for messages: `create`.
    #[must_use]
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update(_) => "update",
            Self::Replace(_) => "replace",
            Self::Delete => "delete",
            Self::Adopt(_) => "adopt",
            Self::Keep => "keep",
        }
    }
}

/// Plans the steps from what was seen to what is wanted, or says everything
/// that stands in the way.
pub fn plan(intent: &Intent<'_>) -> Result<Plan, Vec<Problem>> {
    let mut planner = Planner {
        intent,
        primary: primary(intent),
        fresh: BTreeSet::new(),
        replaced: BTreeSet::new(),
        absent: BTreeSet::new(),
        steps: Vec::new(),
        problems: Vec::new(),
    };
    for node in intent.desired.nodes() {
        planner.node(node);
    }
    planner.releases();
    planner.removals();
    if !planner.problems.is_empty() {
        return Err(planner.problems);
    }
    let finish = finish(intent, &planner.steps, planner.primary.as_ref());
    Ok(Plan { steps: planner.steps, finish })
}

/// Hands the primary of `graph` over, where it says that the whole stood once:
/// its last write took effect although nobody heard of it.
#[must_use]
pub fn reopening(graph: &Graph, world: &World, marks: &Marks) -> Option<Plan> {
    let (_, marked) = ownership::of_primary(graph, world)?;
    let is_ours = marked.owner.as_ref() == Some(&marks.owner) && marked.instance == marks.instance;
    (is_ours && marked.state == Some(State::Ready))
        .then(|| Plan { steps: Vec::new(), finish: Finish::Reopen })
}

/// The marks on the primary; nothing where it does not exist, or there is none.
fn primary(intent: &Intent<'_>) -> Option<Found> {
    let graph = Some(intent.desired).filter(|graph| graph.primary().is_some()).or(intent.prior)?;
    ownership::of_primary(graph, intent.world).map(|(_, found)| found)
}

struct Planner<'a> {
    intent: &'a Intent<'a>,
    primary: Option<Found>,
    /// Nodes whose answers are not those that were observed.
    fresh: BTreeSet<Key>,
    replaced: BTreeSet<Key>,
    /// Nodes that are made because nothing stands there: they will answer
    /// otherwise than what may have stood there before.
    absent: BTreeSet<Key>,
    steps: Vec<Step>,
    problems: Vec<Problem>,
}

impl Planner<'_> {
    fn problem(&mut self, node: &Node, why: Why) {
        self.problems.push(Problem {
            key: node.key.clone(),
            origin: node.origin.clone(),
            noun: node.kind.noun,
            id: node.id.clone(),
            why,
        });
    }

    fn node(&mut self, node: &Node) {
        let Some(id) = node.id.clone().filter(|_| !node.body.has_unknown()) else {
            self.problem(node, Why::NotKnown);
            return;
        };
        match (self.intent.world.of(&id), node.role) {
            (None, _) => self.problem(node, Why::NotObserved),
            (Some(Observation::Unknown(error)), _) => self.problem(node, Why::Unread(error.clone())),
            (Some(Observation::Absent), Role::Given) => self.problem(node, Why::GivenAbsent),
            (Some(Observation::Present(body)), Role::Given) => {
                if let Some(why) = node.is_unfit(body) {
                    self.problem(node, Why::GivenUnfit(why));
                }
            }
            (Some(Observation::Absent), Role::Managed) => {
                self.fresh.insert(node.key.clone());
                self.absent.insert(node.key.clone());
                self.push(node, id, Action::Create, "it does not exist".to_owned());
            }
            (Some(Observation::Present(body)), Role::Managed) => self.existing(node, id, body),
        }
    }

    fn existing(&mut self, node: &Node, id: ResourceId, body: &Json) {
        let intent = self.intent;
        let recorded = |id: &ResourceId| intent.recorded.contains(id);
        let adoption = match ownership::claim(intent.desired, node, intent.world, intent.marks, &recorded) {
            Claim::Ours => None,
            // Where the mark of the whole is missing, nothing says that it is unfinished.
            Claim::OtherInstance(_) if self.is_unfinished() => {
                Some("an earlier run of this composite left it unfinished")
            }
            Claim::OtherInstance(_) => return self.problem(node, Why::Live),
            Claim::Unmarked if intent.adopt => Some("it exists, and what nobody marked may be taken over"),
            Claim::Unmarked => return self.problem(node, Why::Unmarked),
            Claim::Foreign(owner) => return self.problem(node, Why::Foreign(owner)),
        };
        let differences = self.differences(node, body);
        let with_another = goes_with(intent.desired, node, &self.replaced) || is_outdated(node, &self.absent);
        if with_another || must_replace(node.kind, &differences) {
            let reason = match differences.iter().find(|difference| difference.fixed) {
                Some(fixed) => format!("{fixed}, and Azure cannot change that"),
                None if with_another => "what it lies in or is bound to is made anew".to_owned(),
                None => "Azure cannot change it".to_owned(),
            };
            if intent.prior.is_some() && intent.announced.is_some_and(|keys| !keys.contains(&node.key)) {
                return self.problem(node, Why::Unannounced { action: "replaced", reason });
            }
            self.fresh.insert(node.key.clone());
            self.replaced.insert(node.key.clone());
            self.push(node, id, Action::Replace(differences), reason);
        } else if let Some(reason) = adoption {
            self.push(node, id, Action::Adopt(differences), reason.to_owned());
        } else if differences.is_empty() {
            self.push(node, id, Action::Keep, "it is as wanted".to_owned());
        } else {
            let reason = differences.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
            self.push(node, id, Action::Update(differences), reason);
        }
    }

    fn differences(&self, node: &Node, body: &Json) -> Vec<Difference> {
        let intent = self.intent;
        let mut want = resolve(&node.body, &|key, path| {
            let known = path == "id" || !self.fresh.contains(key);
            known.then(|| answer(intent.desired, intent.world, key, path)).flatten()
        });
        ownership::mark(node.kind, &mut want, intent.marks, None);
        let prior = prior_want(intent.prior, node, intent.world);
        let ignore = &intent.settings.ignore_tags;
        let differ = Differ { kind: node.kind, ignore, pending_differs: true };
        let mut found = differ.differences(&Want::from(body), &want, prior.as_ref());
        unfix(&node.actions, &want, &mut found);
        found.extend(unwelcome(intent.desired, body, intent.world));
        found.extend(ailments(node, body));
        found
    }

    fn push(&mut self, node: &Node, id: ResourceId, action: Action, reason: String) {
        let within = (node.kind.embedded.is_some() && matches!(action, Action::Create | Action::Replace(_)))
            .then(|| self.intent.desired.parent(node))
            .flatten()
            .filter(|parent| self.fresh.contains(&parent.key))
            .map(|parent| parent.key.clone());
        self.steps.push(Step {
            key: node.key.clone(),
            kind: node.kind,
            id,
            origin: node.origin.clone(),
            action,
            reason,
            within,
            releases: BTreeSet::new(),
        });
    }

    /// Azure deletes nothing that another resource still names, so what stays
    /// lets go of what is replaced, and takes it up again when it is back.
    fn releases(&mut self) {
        let desired = self.intent.desired;
        for step in &mut self.steps {
            let Some(node) = desired.get(&step.key).filter(|_| !self.fresh.contains(&step.key)) else {
                continue;
            };
            let mut named = BTreeSet::new();
            node.body.references(&mut named);
            for key in named.intersection(&self.replaced) {
                step.releases.extend(desired.get(key).and_then(|other| other.id.clone()));
            }
            if !step.releases.is_empty() && !step.action.writes() {
                step.action = Action::Update(Vec::new());
                step.reason = String::from("something that it names is replaced");
            }
        }
    }

    /// Deletes what our state had and the wanted graph has not.
    fn removals(&mut self) {
        let intent = self.intent;
        let Some(prior) = intent.prior else { return };
        let wanted: BTreeSet<&ResourceId> =
            intent.desired.nodes().filter_map(|node| node.id.as_ref()).collect();
        let mut gone = BTreeMap::new();
        for node in prior.managed() {
            let Some(id) = node.id.as_ref().filter(|id| !wanted.contains(id)) else { continue };
            match intent.world.of(id) {
                None => self.problem(node, Why::NotObserved),
                Some(Observation::Unknown(error)) => self.problem(node, Why::Unread(error.clone())),
                Some(Observation::Absent) => {}
                Some(Observation::Present(_)) => {
                    let Some((action, reason)) = self.removal(prior, node, id) else { continue };
                    let within = (node.kind.embedded.is_some() && action == Action::Delete)
                        .then(|| prior.parent(node))
                        .flatten()
                        .and_then(|parent| gone.get(&parent.key).cloned());
                    if action == Action::Delete {
                        gone.insert(node.key.clone(), node.key.clone());
                    }
                    self.steps.push(Step {
                        key: node.key.clone(),
                        kind: node.kind,
                        id: id.clone(),
                        origin: node.origin.clone(),
                        action,
                        reason,
                        within,
                        releases: BTreeSet::new(),
                    });
                }
            }
        }
    }

    /// Whether nothing says that the whole has ever stood.
    fn is_unfinished(&self) -> bool {
        self.primary.as_ref().is_none_or(|found| found.state == Some(State::Building))
    }

    fn primary_is_own(&self) -> bool {
        self.primary.as_ref().is_some_and(|found| found.instance == self.intent.marks.instance)
    }

    /// What becomes of a node that is no longer wanted; `None` after a problem.
    fn removal(&mut self, prior: &Graph, node: &Node, id: &ResourceId) -> Option<(Action, String)> {
        let intent = self.intent;
        if intent.keep.contains(id) {
            return Some((Action::Keep, "it stays for the object that takes over".to_owned()));
        }
        let recorded = |id: &ResourceId| intent.recorded.contains(id);
        match ownership::claim(prior, node, intent.world, intent.marks, &recorded) {
            Claim::Ours => {}
            // A create that died left it to one that failed before it got so far: who has the primary has it.
            Claim::OtherInstance(_) if intent.recorded.contains(id) && self.is_unfinished() => {
                if !self.primary_is_own() {
                    self.problem(node, Why::LeftBehind);
                    return None;
                }
            }
            Claim::OtherInstance(_) => {
                return Some((Action::Keep, "another object of this composite has taken it over".to_owned()));
            }
            Claim::Unmarked => {
                return Some((
                    Action::Keep,
                    "nothing in Azure or in the state says that it is ours".to_owned(),
                ));
            }
            Claim::Foreign(owner) => {
                self.problem(node, Why::Foreign(owner));
                return None;
            }
        }
        let reason = match intent.desired.get(&node.key).and_then(|node| node.id.as_ref()) {
            Some(new) => format!("it becomes {new}"),
            None => "it is no longer wanted".to_owned(),
        };
        if intent.announced.is_some_and(|keys| !keys.contains(&node.key)) {
            self.problem(node, Why::Unannounced { action: "deleted", reason });
            return None;
        }
        Some((Action::Delete, reason))
    }
}

/// What the earlier graph said of this very resource, as far as ids and
/// observed answers resolve it.
pub(super) fn prior_want(prior: Option<&Graph>, node: &Node, world: &World) -> Option<Want> {
    let prior = prior?;
    let before =
        prior.get(&node.key).filter(|before| before.id == node.id && before.role == Role::Managed)?;
    Some(resolve(&before.body, &|key, path| answer(prior, world, key, path)))
}

fn finish(intent: &Intent<'_>, steps: &[Step], found: Option<&Found>) -> Finish {
    let Some(primary) = intent.desired.primary().filter(|node| node.role == Role::Managed) else {
        return Finish::Unchanged;
    };
    let Some(own) = steps.iter().find(|step| step.key == primary.key && step.action != Action::Delete) else {
        return Finish::Unchanged;
    };
    if found.is_some_and(|found| found.state == Some(State::Ready)) && !own.action.removes() {
        return Finish::Unchanged;
    }
    if !ownership::carries_marks(primary.kind) {
        return Finish::Unchanged;
    }
    let before = ancestors(intent.desired, primary);
    // What takes long to make is marked once it stands: whoever dies meanwhile, before any state tells of
    // it, leaves it to be gone on with.
    let at_once = primary.kind.put.style == Style::Sync || matches!(own.action, Action::Update(_));
    let is_last = own.action.writes()
        && at_once
        && steps.iter().filter(|step| step.action != Action::Keep && step.key != primary.key).all(|step| {
            step.within.as_ref() == Some(&primary.key)
                || (!step.action.removes() && before.contains(&step.key))
        });
    if is_last { Finish::WithPrimary } else { Finish::AfterAll }
}

/// Every key that `node` waits for, directly or not.
fn ancestors(graph: &Graph, node: &Node) -> BTreeSet<Key> {
    let mut found = BTreeSet::new();
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        for key in graph.waits_for(node) {
            if let Some(next) = graph.get(&key)
                && found.insert(key)
            {
                open.push(next);
            }
        }
    }
    found
}
