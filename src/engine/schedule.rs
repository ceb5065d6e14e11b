//! The order of a plan's work: what waits for what, and what goes first
//! among that which waits for nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::graph::{Graph, Key, Node, Role};
use super::locks::{self, Wanted};
use super::plan::{Action, Finish, Plan};

/// Half a step, as a replacement is two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    /// Write the node of this step, and the children carried by it.
    Write(usize),
    /// Delete what stands there, and the children that go with it.
    Remove(usize),
    /// Mark the primary ready.
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
pub(crate) fn schedule(plan: &Plan, desired: &Graph, prior: Option<&Graph>) -> Vec<Task> {
    let mut order = Order { tasks: Vec::new(), writes: BTreeMap::new(), removes: BTreeMap::new() };
    order.collect(plan, desired, prior);
    order.link_by_graph(plan, desired, prior);
    order.link_by_prudence(plan, desired, prior);
    if plan.finish == Finish::AfterAll
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
    writes: BTreeMap<Key, usize>,
    removes: BTreeMap<Key, usize>,
}

impl Order {
    fn collect(&mut self, plan: &Plan, desired: &Graph, prior: Option<&Graph>) {
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
                let locks = locks::wanted(graph, node, &children);
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

const RESOURCE_GROUP: &str = "Microsoft.Resources/resourceGroups";

fn id_of<'g>(graph: &'g Graph, key: &str) -> Option<&'g crate::kinds::ResourceId> {
    graph.get(key).and_then(|node| node.id.as_ref())
}
