//! The order of a plan's work: what waits for what, and what goes first
//! among that which waits for nothing.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::graph::{Graph, Key, Node, Role};
use super::locks::{self, Wanted};
use super::merge::writable;
use super::plan::{Action, Finish, Plan};
use super::world::World;
use crate::kinds::{Kind, ResourceId};

/// A part of a step, as a replacement has two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    /// Write the node of this step, and the children carried by it.
    Write(usize),
    /// Delete what stands there, and the children that go with it.
    Remove(usize),
    /// Take out of the node of this step what it must let go of.
    Release(usize),
    /// Mark the primary as ready, or as unfinished.
    Finish,
}

/// One write or deletion, with what it waits for.
#[derive(Debug)]
pub(crate) struct Task {
    pub work: Work,
    /// Positions of the tasks that must have succeeded before.
    pub waits: BTreeSet<usize>,
    /// Seconds from its start to the end of the longest chain that waits for
    /// it: the greatest goes first.
    pub rank: u64,
    pub locks: Wanted,
}

/// The tasks of `plan`, free of cycles.
pub(crate) fn schedule(plan: &Plan, desired: &Graph, prior: Option<&Graph>, world: &World) -> Vec<Task> {
    let mut order = Order {
        tasks: Vec::new(),
        releases: BTreeMap::new(),
        writes: BTreeMap::new(),
        removes: BTreeMap::new(),
    };
    order.collect(plan, desired, prior, world);
    order.link_by_graph(plan, desired, prior);
    order.link_by_sight(plan, world);
    order.link_by_prudence(plan, desired, prior);
    if matches!(plan.finish, Finish::AfterAll | Finish::Reopen)
        && let Some(primary) = desired.primary()
    {
        let seconds = u64::from(primary.kind.put.seconds);
        let waits = (0..order.tasks.len()).collect();
        let locks = locks::wanted(desired, primary, &[]);
        order.tasks.push(Task { work: Work::Finish, waits, rank: seconds, locks });
    }
    order.rank();
    order.tasks
}

/// The node that a task removes: as it was made, so by the earlier graph.
pub(crate) fn removed_node<'g>(
    desired: &'g Graph,
    prior: Option<&'g Graph>,
    key: &str,
) -> Option<(&'g Graph, &'g Node)> {
    let in_graph =
        |graph: &'g Graph| graph.get(key).filter(|node| node.role == Role::Managed).map(|node| (graph, node));
    prior.and_then(in_graph).or_else(|| in_graph(desired))
}

struct Order {
    tasks: Vec<Task>,
    releases: BTreeMap<Key, usize>,
    writes: BTreeMap<Key, usize>,
    removes: BTreeMap<Key, usize>,
}

impl Order {
    fn collect(&mut self, plan: &Plan, desired: &Graph, prior: Option<&Graph>, world: &World) {
        for (at, step) in plan.steps.iter().enumerate() {
            let carried: Vec<&str> = plan
                .steps
                .iter()
                .filter(|other| other.within.as_ref() == Some(&step.key))
                .map(|s| &*s.key)
                .collect();
            if step.within.is_some() {
                continue;
            }
            if step.action.removes()
                && let Some((graph, node)) = removed_node(desired, prior, &step.key)
            {
                let children: Vec<&Node> = carried.iter().filter_map(|key| graph.get(key)).collect();
                let mut locks = locks::wanted(graph, node, &children);
                if let Some(body) = world.body(&step.id) {
                    locks::as_it_stands(step.kind, &step.id, body, &mut locks);
                }
                self.removes.insert(step.key.clone(), self.tasks.len());
                self.push(Work::Remove(at), step.kind.delete.seconds, locks);
            }
            if step.action.writes()
                && let Some(node) = desired.get(&step.key)
            {
                let children: Vec<&Node> = carried.iter().filter_map(|key| desired.get(key)).collect();
                let locks = locks::wanted(desired, node, &children);
                self.writes.insert(step.key.clone(), self.tasks.len());
                self.push(Work::Write(at), step.kind.put.seconds, locks);
            }
        }
        for (at, step) in plan.steps.iter().enumerate().filter(|(_, step)| !step.releases.is_empty()) {
            if let Some(node) = desired.get(&step.key) {
                self.releases.insert(step.key.clone(), self.tasks.len());
                self.push(Work::Release(at), step.kind.put.seconds, locks::wanted(desired, node, &[]));
            }
        }
        // What goes with its parent is done when the parent is.
        for step in &plan.steps {
            let Some(parent) = &step.within else { continue };
            if step.action.writes()
                && let Some(task) = self.writes.get(parent).copied()
            {
                self.writes.insert(step.key.clone(), task);
            }
            if step.action.removes()
                && let Some(task) = self.removes.get(parent).copied()
            {
                self.removes.insert(step.key.clone(), task);
            }
        }
    }

    fn push(&mut self, work: Work, seconds: u32, locks: Wanted) {
        self.tasks.push(Task { work, waits: BTreeSet::new(), rank: u64::from(seconds), locks });
    }

    /// Writes follow the references, deletions go against them.
    fn link_by_graph(&mut self, plan: &Plan, desired: &Graph, prior: Option<&Graph>) {
        for step in plan.steps.iter().filter(|step| matches!(step.action, Action::Replace(_))) {
            self.link(self.writes.get(&step.key).copied(), self.removes.get(&step.key).copied());
        }
        for step in plan.steps.iter().filter(|step| !step.releases.is_empty()) {
            let release = self.releases.get(&step.key).copied();
            self.link(self.writes.get(&step.key).copied(), release);
            for gone in plan.steps.iter().filter(|other| step.releases.contains(&other.id)) {
                self.link(self.removes.get(&gone.key).copied(), release);
            }
        }
        for node in desired.managed() {
            for earlier in desired.waits_for(node) {
                self.link(self.writes.get(&node.key).copied(), self.writes.get(&earlier).copied());
            }
        }
        for graph in prior.into_iter().chain([desired]) {
            for node in graph.managed() {
                for earlier in graph.waits_for(node) {
                    self.link(self.removes.get(&earlier).copied(), self.removes.get(&node.key).copied());
                }
            }
        }
    }

    /// What stands may name what no graph says that it names, where an earlier
    /// apply fell short: a subnet the group that it was to be given.
    fn link_by_sight(&mut self, plan: &Plan, world: &World) {
        for step in plan.steps.iter().filter(|step| step.action.removes() || step.action.writes()) {
            let Some(body) = world.body(&step.id) else { continue };
            let named = named(step.kind, body);
            for gone in plan.steps.iter().filter(|gone| gone.action.removes() && named.contains(&gone.id)) {
                let lets_go = if step.action.removes() { &self.removes } else { &self.writes };
                self.link(self.removes.get(&gone.key).copied(), lets_go.get(&step.key).copied());
            }
        }
    }

    /// What ARM would refuse in another order, wherever the graph leaves the choice.
    fn link_by_prudence(&mut self, plan: &Plan, desired: &Graph, prior: Option<&Graph>) {
        // A NAT gateway is free to go once its subnet has been written without it.
        for before in prior.into_iter().flat_map(Graph::managed) {
            let Some(after) = desired.get(&before.key) else { continue };
            let still = desired.waits_for(after);
            for earlier in prior.map(|graph| graph.waits_for(before)).unwrap_or_default() {
                let detached = !still.contains(&earlier)
                    || id_of(desired, &earlier) != prior.and_then(|p| id_of(p, &earlier));
                if detached {
                    self.link(self.removes.get(&earlier).copied(), self.writes.get(&before.key).copied());
                }
            }
        }
        // A new sibling may need what the old one holds: a subnet its
        // addresses, a zone group its endpoint, which has room for one.
        for new in plan.steps.iter().filter(|step| step.action == Action::Create) {
            for old in plan.steps.iter().filter(|step| step.action == Action::Delete) {
                let siblings = std::ptr::eq(new.kind, old.kind)
                    && new.id.parent().is_some_and(|parent| {
                        parent.resource_type() != RESOURCE_GROUP && old.id.parent() == Some(parent)
                    });
                if siblings {
                    self.link(self.writes.get(&new.key).copied(), self.removes.get(&old.key).copied());
                }
            }
        }
    }

    /// Makes `later` wait for `earlier`, unless that would close a cycle.
    fn link(&mut self, later: Option<usize>, earlier: Option<usize>) {
        if let (Some(later), Some(earlier)) = (later, earlier)
            && later != earlier
            && !self.waits(earlier, later)
        {
            self.tasks[later].waits.insert(earlier);
        }
    }

    /// Whether `one` waits for `other`, directly or not.
    fn waits(&self, one: usize, other: usize) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = vec![one];
        while let Some(task) = open.pop() {
            if task == other {
                return true;
            }
            if seen.insert(task) {
                open.extend(&self.tasks[task].waits);
            }
        }
        false
    }

    fn rank(&mut self) {
        let mut followers: Vec<usize> = vec![0; self.tasks.len()];
        for task in &self.tasks {
            task.waits.iter().for_each(|earlier| followers[*earlier] += 1);
        }
        // From the ends backwards: a task's rank is final once all that wait for it are.
        let mut open: Vec<usize> = (0..self.tasks.len()).filter(|at| followers[*at] == 0).collect();
        let own: Vec<u64> = self.tasks.iter().map(|task| task.rank).collect();
        while let Some(at) = open.pop() {
            let rank = self.tasks[at].rank;
            for earlier in self.tasks[at].waits.clone() {
                self.tasks[earlier].rank = self.tasks[earlier].rank.max(own[earlier] + rank);
                followers[earlier] -= 1;
                if followers[earlier] == 0 {
                    open.push(earlier);
                }
            }
        }
    }
}

/// The ids that a resource names of its own; those that only Azure lists there
/// name it in their turn.
fn named(kind: &'static Kind, body: &Json) -> BTreeSet<ResourceId> {
    let body = writable(body, Some(kind.tree().root())).unwrap_or_default();
    let mut found = BTreeSet::new();
    let mut open = vec![&body];
    while let Some(value) = open.pop() {
        match value {
            Json::String(text) => found.extend(ResourceId::parse(text).ok()),
            Json::Array(items) => open.extend(items),
            Json::Object(members) => open.extend(members.values()),
            _ => {}
        }
    }
    found
}

const RESOURCE_GROUP: &str = "Microsoft.Resources/resourceGroups";

fn id_of<'g>(graph: &'g Graph, key: &str) -> Option<&'g ResourceId> {
    graph.get(key).and_then(|node| node.id.as_ref())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::engine::graph::{Handle, Origin};
    use crate::engine::ownership::{INSTANCE, Marks, OWNER};
    use crate::engine::plan::{Intent, plan};
    use crate::engine::settings::Settings;
    use crate::engine::world::Observation;
    use crate::kinds::NETWORK_SECURITY_GROUP;

    /// What is so of one node of a random composite.
    #[derive(Debug, Clone)]
    struct Sketch {
        /// Which of the earlier nodes it waits for, one bit each.
        after: u16,
        prior: bool,
        desired: bool,
        present: bool,
        region: &'static str,
    }

    fn sketches() -> impl Strategy<Value = Vec<Sketch>> {
        let one = (any::<u16>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
            |(after, prior, desired, present, moved)| Sketch {
                after,
                prior,
                desired: desired || !prior,
                present,
                region: if moved { "westeurope" } else { "eastasia" },
            },
        );
        prop::collection::vec(one, 1..14)
    }

    fn id(n: usize) -> ResourceId {
        let group = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg";
        ResourceId::parse(group).unwrap().child(&NETWORK_SECURITY_GROUP, &format!("n{n}"))
    }

    fn graph(sketches: &[Sketch], has: impl Fn(&Sketch) -> bool) -> Graph {
        let mut graph = Graph::default();
        let mut handles: Vec<(usize, Handle)> = Vec::new();
        for (n, sketch) in sketches.iter().enumerate().filter(|(_, sketch)| has(sketch)) {
            let body = json!({"location": "eastasia"});
            let handle =
                graph.add(format!("n{n}"), &NETWORK_SECURITY_GROUP, Some(id(n)), body, Origin("x".into()));
            for (_, earlier) in handles.iter().filter(|(m, _)| sketch.after & (1 << m) != 0) {
                graph.after(&handle, earlier);
            }
            handles.push((n, handle));
        }
        if let Some((_, first)) = handles.first() {
            graph.set_primary(first);
        }
        graph
    }

    fn planned(sketches: &[Sketch]) -> (Graph, Graph, World, Plan) {
        let desired = graph(sketches, |sketch| sketch.desired);
        let prior = graph(sketches, |sketch| sketch.prior);
        let mut world = World::default();
        for (n, sketch) in sketches.iter().enumerate() {
            let body = json!({"location": sketch.region, "tags": {OWNER: "me", INSTANCE: "one"}});
            let seen = if sketch.present { Observation::Present(body) } else { Observation::Absent };
            world.note(&format!("n{n}").into(), &id(n), seen);
        }
        let made = plan(&Intent {
            desired: &desired,
            prior: Some(&prior),
            world: &world,
            marks: &Marks { owner: "me".into(), instance: Some("one".into()) },
            recorded: &BTreeSet::new(),
            announced: None,
            keep: &BTreeSet::new(),
            adopt: false,
            settings: &Settings::default(),
        });
        let made = made.unwrap();
        (desired, prior, world, made)
    }

    /// The order in which the tasks end when each starts as soon as it may.
    fn run(tasks: &[Task]) -> Vec<usize> {
        let mut ended = Vec::new();
        while let Some(next) = (0..tasks.len())
            .filter(|at| !ended.contains(at))
            .find(|at| tasks[*at].waits.iter().all(|earlier| ended.contains(earlier)))
        {
            ended.push(next);
        }
        ended
    }

    proptest! {
        #[test]
        fn every_task_is_reached_and_every_edge_is_respected(sketches in sketches()) {
            let (desired, prior, world, plan) = planned(&sketches);
            let tasks = schedule(&plan, &desired, Some(&prior), &world);
            let ended = run(&tasks);
            prop_assert_eq!(ended.len(), tasks.len());
            let when = |work: Work| {
                let task = tasks.iter().position(|task| task.work == work)?;
                ended.iter().position(|at| *at == task)
            };
            let step = |key: &str| plan.steps.iter().position(|step| &*step.key == key).unwrap_or(usize::MAX);
            for node in desired.managed() {
                for earlier in desired.waits_for(node) {
                    let (later, earlier) = (when(Work::Write(step(&node.key))), when(Work::Write(step(&earlier))));
                    prop_assert!(later.is_none() || earlier < later);
                }
                let (gone, made) = (when(Work::Remove(step(&node.key))), when(Work::Write(step(&node.key))));
                prop_assert!(gone.is_none() || gone < made, "a replacement deletes first");
            }
            for node in prior.managed() {
                for earlier in prior.waits_for(node) {
                    let (first, last) = (when(Work::Remove(step(&node.key))), when(Work::Remove(step(&earlier))));
                    prop_assert!(last.is_none() || first.is_none() || first < last);
                }
            }
            if let Some(finish) = when(Work::Finish) {
                prop_assert_eq!(finish, tasks.len() - 1);
            }
        }

        #[test]
        fn a_task_outranks_what_waits_for_it(sketches in sketches()) {
            let (desired, prior, world, plan) = planned(&sketches);
            let tasks = schedule(&plan, &desired, Some(&prior), &world);
            for task in &tasks {
                for earlier in &task.waits {
                    prop_assert!(tasks[*earlier].rank > task.rank);
                }
            }
        }

        #[test]
        fn every_step_that_does_something_has_its_tasks(sketches in sketches()) {
            let (desired, prior, world, plan) = planned(&sketches);
            let tasks = schedule(&plan, &desired, Some(&prior), &world);
            for (at, step) in plan.steps.iter().enumerate() {
                let has = |work: Work| tasks.iter().any(|task| task.work == work);
                prop_assert_eq!(has(Work::Write(at)), step.action.writes());
                prop_assert_eq!(has(Work::Remove(at)), step.action.removes());
            }
        }
    }
}
