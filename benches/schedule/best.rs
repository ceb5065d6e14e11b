//! The least time that any schedule of the example takes.
//!
//! Not a schedule but a bound below all of them: the longest of the ways
//! through each composite's graph, and of the queues before each resource that
//! only one may write at a time; the composites one after the other as
//! Terraform has them. Terraform starts a composite when all that it refers to
//! is done, and a poller learns of an end at the next Retry-After.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use amlsecure::engine::graph::{Graph, Key, Node, Role};
use amlsecure::kinds::{Cloud, Kind, ResourceId, Tags, Writer};
use amlsecure::resources::{self, Azure};
use amlsecure::schema::json;
use amlsecure::simulator;
use serde_json::Value as Json;

use super::served::Asked;

/// The bound, and what it is made of.
pub(crate) struct Best {
    /// The whole apply.
    pub(crate) seconds: f64,
    composites: Vec<Composite>,
}

struct Composite {
    address: String,
    /// When the last of those that it refers to is done.
    begins: f64,
    /// The longest way through its graph.
    way: f64,
    /// The longest queue, and before what.
    queue: (f64, String),
}

impl Composite {
    fn ends(&self) -> f64 {
        self.begins + self.way.max(self.queue.0)
    }
}

impl fmt::Display for Best {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for composite in &self.composites {
            writeln!(
                f,
                "{:32} from {:4.0} to {:4.0} s: longest way {:4.0} s, longest queue {:4.0} s {}",
                composite.address,
                composite.begins,
                composite.ends(),
                composite.way,
                composite.queue.0,
                composite.queue.1
            )?;
        }
        Ok(())
    }
}

/// The bound for an apply: `plan` and `state` are Terraform's JSON of either,
/// `requests` what the apply sent.
pub(crate) fn schedule(plan: &Json, state: &Json, requests: &[Asked]) -> Best {
    let objects = state["values"]["root_module"]["resources"].as_array().unwrap();
    let addresses: Vec<&str> = objects.iter().map(|object| object["address"].as_str().unwrap()).collect();
    let configured = plan["configuration"]["root_module"]["resources"].as_array().unwrap();
    let poll = requests.iter().filter_map(|request| request.retry_after).fold(f64::INFINITY, f64::min);
    let mut composites: Vec<Composite> = Vec::new();
    while composites.len() < objects.len() {
        // Those whose turn it is: all that they refer to has been placed.
        for object in objects {
            let address = object["address"].as_str().unwrap();
            let block = configured.iter().find(|block| block["address"] == address).unwrap();
            let mut refers = BTreeSet::new();
            references(&block["expressions"], &addresses, &mut refers);
            let done: Option<Vec<f64>> = refers
                .iter()
                .map(|other| composites.iter().find(|placed| placed.address == *other).map(Composite::ends))
                .collect();
            if let Some(done) = done
                && !composites.iter().any(|placed| placed.address == address)
            {
                let begins = done.into_iter().fold(0.0, f64::max);
                let tasks = Tasks::of(object, requests, poll);
                composites.push(Composite {
                    address: address.to_owned(),
                    begins,
                    way: tasks.longest_way(),
                    queue: tasks.longest_queue(),
                });
            }
        }
    }
    Best { seconds: composites.iter().map(Composite::ends).fold(0.0, f64::max), composites }
}

/// The addresses that a block's expressions refer to.
fn references<'a>(expressions: &Json, addresses: &[&'a str], found: &mut BTreeSet<&'a str>) {
    match expressions {
        Json::Array(items) => items.iter().for_each(|item| references(item, addresses, found)),
        Json::Object(members) => {
            for named in members.get("references").and_then(Json::as_array).into_iter().flatten() {
                found.extend(addresses.iter().filter(|address| named == **address));
            }
            members.values().for_each(|value| references(value, addresses, found));
        }
        _ => {}
    }
}

/// One write.
struct Task {
    seconds: f64,
    /// Positions of those that must be done before; all of them come earlier.
    after: BTreeSet<usize>,
    /// What it must have for itself.
    alone: BTreeSet<ResourceId>,
}

/// The writes of one composite.
struct Tasks {
    /// A task stands after those that it waits for.
    all: Vec<Task>,
    places: BTreeMap<Key, usize>,
}

impl Tasks {
    fn of(object: &Json, requests: &[Asked], poll: f64) -> Self {
        let composite = resources::find(object["type"].as_str().unwrap()).unwrap();
        let value = json::decode_block(&composite.schema().block, &object["values"]).unwrap();
        let azure = Azure {
            subscription: ResourceId::subscription(simulator::SUBSCRIPTION).unwrap(),
            tenant_id: Some(simulator::TENANT.to_owned()),
            cloud: Cloud::Public,
            default_tags: BTreeMap::new(),
            compute_instance_actions: false,
        };
        let graph = composite.expand(&value, &azure).graph;
        // A child that its parent's creation carries is no write of its own.
        let carrier = |node: &Node| match graph.parent(node) {
            Some(parent) if node.kind.embedded.is_some() && parent.role == Role::Managed => {
                parent.key.clone()
            }
            _ => node.key.clone(),
        };
        let mut left: Vec<&Node> = graph.managed().filter(|node| carrier(node) == node.key).collect();
        let mut tasks = Self { all: Vec::new(), places: BTreeMap::new() };
        while !left.is_empty() {
            let before = left.len();
            left.retain(|node| {
                let managed = graph.waits_for(node).into_iter().filter_map(|key| graph.get(&key));
                let keys = managed.filter(|other| other.role == Role::Managed).map(carrier);
                let after: Option<BTreeSet<usize>> =
                    keys.map(|key| tasks.places.get(&key).copied()).collect();
                let Some(after) = after else { return true };
                tasks.places.insert(node.key.clone(), tasks.all.len());
                tasks.add(node, after, requests, poll);
                false
            });
            assert!(left.len() < before, "the graph has a cycle");
        }
        tasks.add_mark(&graph, requests, poll);
        tasks
    }

    fn add(&mut self, node: &Node, after: BTreeSet<usize>, requests: &[Asked], poll: f64) {
        let id = node.id.clone().unwrap();
        let write = first_write(requests, &id);
        let alone = alone(node.kind, &id, write);
        self.all.push(Task { seconds: seconds(node.kind, write, poll), after, alone });
    }

    /// The primary is marked as ready when all the rest stands: with its own
    /// write where that can come last, else with another.
    fn add_mark(&mut self, graph: &Graph, requests: &[Asked], poll: f64) {
        let Some(primary) = graph.primary().filter(|node| node.kind.tags != Tags::None) else { return };
        let Some(place) = self.places.get(&primary.key).copied() else { return };
        if (0..self.all.len()).all(|other| other == place || self.follows(place, other)) {
            return;
        }
        self.add(primary, (0..self.all.len()).collect(), requests, poll);
    }

    fn follows(&self, later: usize, earlier: usize) -> bool {
        self.all[later].after.iter().any(|other| *other == earlier || self.follows(*other, earlier))
    }

    /// Seconds before each task at the least.
    fn heads(&self) -> Vec<f64> {
        let mut heads: Vec<f64> = Vec::new();
        for task in &self.all {
            let done = task.after.iter().map(|other| heads[*other] + self.all[*other].seconds);
            heads.push(done.fold(0.0, f64::max));
        }
        heads
    }

    /// Seconds after each task at the least.
    fn tails(&self) -> Vec<f64> {
        let mut tails = vec![0.0; self.all.len()];
        for (at, task) in self.all.iter().enumerate().rev() {
            for other in &task.after {
                tails[*other] = f64::max(tails[*other], tails[at] + task.seconds);
            }
        }
        tails
    }

    fn longest_way(&self) -> f64 {
        let ends = self.heads().into_iter().zip(&self.all).map(|(head, task)| head + task.seconds);
        ends.fold(0.0, f64::max)
    }

    /// Whoever writes the same resource does so one after the other, after
    /// what comes before the first and before what comes after the last.
    fn longest_queue(&self) -> (f64, String) {
        let (heads, tails) = (self.heads(), self.tails());
        let mut longest = (0.0, String::new());
        let all: BTreeSet<&ResourceId> = self.all.iter().flat_map(|task| &task.alone).collect();
        for resource in all {
            let queue: Vec<usize> =
                (0..self.all.len()).filter(|at| self.all[*at].alone.contains(resource)).collect();
            // A part of the queue may be worse than all of it: leave out who
            // may come early, or whom little follows.
            let ends = queue.iter().flat_map(|first| queue.iter().map(move |last| (*first, *last)));
            for (head, tail) in ends.map(|(first, last)| (heads[first], tails[last])) {
                let part = queue.iter().filter(|at| heads[**at] >= head && tails[**at] >= tail);
                let (count, busy) = part.fold((0, 0.0), |(n, sum), at| (n + 1, sum + self.all[*at].seconds));
                if count > 1 && head + busy + tail > longest.0 {
                    longest = (head + busy + tail, format!("of {count} at {}", resource.name()));
                }
            }
        }
        longest
    }
}

/// The first accepted write of a resource.
fn first_write<'a>(requests: &'a [Asked], id: &ResourceId) -> &'a Asked {
    let path = id.as_str().to_lowercase();
    requests
        .iter()
        .find(|request| request.method == "PUT" && request.path == path && request.status < 400)
        .unwrap_or_else(|| panic!("{id} was not written"))
}

/// What a write takes, up to the poll that learns of its end.
fn seconds(kind: &Kind, write: &Asked, poll: f64) -> f64 {
    let takes = f64::from(kind.put.seconds);
    match (&write.operation, &write.state) {
        (Some(_), _) => (takes / poll).ceil() * poll,
        // Without a Retry-After a poller that guesses well sees the end at once.
        (None, Some(state)) if state != "Succeeded" => takes,
        (None, _) => 0.0,
    }
}

/// What a write must have for itself while it lasts.
fn alone(kind: &Kind, id: &ResourceId, write: &Asked) -> BTreeSet<ResourceId> {
    let mut alone = BTreeSet::from([id.clone()]);
    for writer in kind.writers {
        match writer {
            Writer::Itself | Writer::NetworkOf(_) => {}
            Writer::Parent => alone.extend(id.parent()),
            Writer::At(path) => texts(&write.body, path, &mut alone),
        }
    }
    alone
}

/// The ids at a path of a body, with `[]` for every element.
fn texts(body: &Json, path: &str, found: &mut BTreeSet<ResourceId>) {
    match path.split_once('.') {
        _ if path.is_empty() => found.extend(body.as_str().and_then(|text| ResourceId::parse(text).ok())),
        split => {
            let (step, rest) = split.unwrap_or((path, ""));
            match step.strip_suffix("[]") {
                Some(list) => {
                    body[list].as_array().into_iter().flatten().for_each(|item| texts(item, rest, found));
                }
                None => texts(&body[step], rest, found),
            }
        }
    }
}
