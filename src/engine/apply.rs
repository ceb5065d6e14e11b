//! Takes the steps of a plan: in parallel, the longest way first, one writer
//! at a time where Azure wants it so.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, stream::FuturesUnordered};
use tracing::info;

use super::Engine;
use super::graph::{Expr, Graph, Key, Node};
use super::guests::evicted;
use super::locks::{Guard, Place};
use super::observe::embedded;
use super::outcome::{Done, Failure, Outcome, Trouble};
use super::ownership::{self, Marks, State};
use super::plan::{Action, Finish, Plan, Step, prior_want};
use super::progress::{self, Doing, Event, News, OfStep};
use super::resolve::{Want, answer, resolve};
use super::schedule::{Task, Work, schedule};
use super::world::{Observation, World};
use super::write::Write;
use crate::arm::{Call, Cause};
use crate::kinds::{Kind, ResourceId};

/// Writes and deletions under way at once for one composite. ARM's buckets
/// refill at ten writes a second and a write lasts seconds to minutes, so
/// this stays far below them and still runs a stack's widest level at once.
const TASKS_AT_ONCE: usize = 16;

/// A plan with what it was made from.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    /// The steps.
    pub plan: &'a Plan,
    /// The wanted graph.
    pub desired: &'a Graph,
    /// The graph of the state; `None` for a create.
    pub prior: Option<&'a Graph>,
    /// What was seen when the plan was made.
    pub world: &'a World,
    /// Who is acting, the instance included.
    pub marks: &'a Marks,
    /// Ids that another plan will make again as soon as this one has deleted
    /// them: Azure must not keep their names.
    pub frees: &'a BTreeSet<ResourceId>,
}

/// What a task that ran reports.
struct Report {
    task: usize,
    result: Result<Observation, Trouble>,
    /// What stands there after a failure.
    after: Option<Observation>,
    _place: Arc<Place>,
}

impl Engine {
    /// Takes the steps of a plan. What fails stops only what waits for it; a
    /// cancelled call starts nothing more. All that was reached is in the
    /// outcome.
    pub async fn apply(&self, job: Job<'_>, call: &Call) -> Outcome {
        let tasks = schedule(job.plan, job.desired, job.prior, job.world);
        let mut run = Run::new(self, &job, &tasks);
        let mut running: FuturesUnordered<BoxFuture<'_, Report>> = FuturesUnordered::new();
        let mut freed = self.locks.freed();
        if !tasks.is_empty() {
            run.tell(Event::Begins(run.doings()));
        }
        loop {
            freed.borrow_and_update();
            if call.cancel.is_cancelled() {
                run.outcome.stopped = true;
            }
            for task in run.startable() {
                if running.len() >= TASKS_AT_ONCE {
                    break;
                }
                let Some(guard) = self.locks.try_take(&tasks[task].locks) else { continue };
                if let Some(future) = run.start(task, guard, call) {
                    running.push(future);
                }
            }
            let waiting = !run.startable().is_empty();
            if running.is_empty() && !waiting {
                break;
            }
            tokio::select! {
                Some(report) = running.next(), if !running.is_empty() => run.settle(report),
                _ = freed.changed(), if waiting => {}
                () = call.cancel.cancelled(), if !run.outcome.stopped => {}
            }
        }
        drop(running);
        let outcome = run.close();
        if !tasks.is_empty() {
            progress::tell(self.progress.as_ref(), Event::Ends { complete: outcome.is_complete() });
        }
        outcome
    }
}

struct Run<'a> {
    engine: &'a Engine,
    job: &'a Job<'a>,
    tasks: &'a [Task],
    /// Tasks by descending rank: the order in which they may start.
    order: Vec<usize>,
    begun: BTreeSet<usize>,
    succeeded: BTreeSet<usize>,
    outcome: Outcome,
}

impl<'a> Run<'a> {
    fn new(engine: &'a Engine, job: &'a Job<'a>, tasks: &'a [Task]) -> Self {
        let mut order: Vec<usize> = (0..tasks.len()).collect();
        order.sort_by_key(|task| std::cmp::Reverse(tasks[*task].rank));
        let mut done = BTreeMap::new();
        for step in &job.plan.steps {
            match &step.action {
                Action::Keep => done.insert(step.key.clone(), Done::Kept),
                Action::Adopt(differences) if differences.is_empty() => {
                    done.insert(step.key.clone(), Done::Adopted)
                }
                _ => None,
            };
        }
        let outcome = Outcome {
            world: job.world.clone(),
            done,
            failures: Vec::new(),
            unreached: BTreeSet::new(),
            stopped: false,
        };
        Self { engine, job, tasks, order, begun: BTreeSet::new(), succeeded: BTreeSet::new(), outcome }
    }

    fn startable(&self) -> Vec<usize> {
        if self.outcome.stopped {
            return Vec::new();
        }
        let ready =
            |task: &usize| !self.begun.contains(task) && self.tasks[*task].waits.is_subset(&self.succeeded);
        self.order.iter().copied().filter(ready).collect()
    }

    fn step(&self, task: usize) -> Option<&'a Step> {
        match self.tasks[task].work {
            Work::Write(step) | Work::Remove(step) | Work::Release(step) => self.job.plan.steps.get(step),
            Work::Finish => None,
        }
    }

    /// The steps that are done along with the deletion or the write of `step`.
    fn along(&self, step: &Step, removal: bool) -> Vec<&'a Step> {
        let within = |other: &&Step| {
            let done = if removal { other.action.removes() } else { other.action.writes() };
            done && other.within.as_ref() == Some(&step.key)
        };
        self.job.plan.steps.iter().filter(within).collect()
    }

    /// Begins a task; `None` where it failed before anything was sent.
    fn start(&mut self, task: usize, guard: Guard, call: &Call) -> Option<BoxFuture<'a, Report>> {
        self.begun.insert(task);
        let engine = self.engine;
        let (kind, id) = self.target(task)?;
        self.announce(task, News::Begins);
        let place = Arc::new(Place::new(guard));
        let call = self.heard(task, call, &place);
        if let Work::Remove(_) = self.tasks[task].work {
            let comes_back = self.step(task).is_some_and(|step| step.action.writes());
            let wanted_again = comes_back || self.job.frees.contains(&id);
            let seen = self.outcome.world.body(&id).cloned();
            let future = async move {
                let deleted = engine.remove(&call, kind, &id, seen.as_ref(), wanted_again).await;
                let result =
                    deleted.map(|()| Observation::Absent).map_err(|error| Trouble::Azure(Box::new(error)));
                report(engine, &call, kind, &id, task, result, place).await
            };
            return Some(future.boxed());
        }
        if let (Work::Release(_), Some(step)) = (self.tasks[task].work, self.step(task)) {
            let future = async move {
                let released = engine.release(&call, kind, &id, &step.releases).await;
                let result = released.map(Observation::Present);
                report(engine, &call, kind, &id, task, result, place).await
            };
            return Some(future.boxed());
        }
        let prepared = self.prepare(task);
        let write = match prepared {
            Ok(write) => write,
            Err(trouble) => {
                self.fail(task, trouble);
                return None;
            }
        };
        let creates = match self.step(task).map(|step| &step.action) {
            Some(Action::Create | Action::Replace(_)) => true,
            Some(_) | None => false,
        };
        let future = async move {
            let written =
                if creates { engine.create(&call, &write).await } else { engine.update(&call, &write).await };
            let result = written.map(Observation::Present);
            report(engine, &call, kind, &id, task, result, place).await
        };
        Some(future.boxed())
    }

    fn target(&self, task: usize) -> Option<(&'static Kind, ResourceId)> {
        if let Some(step) = self.step(task) {
            return Some((step.kind, step.id.clone()));
        }
        let primary = self.job.desired.primary()?;
        Some((primary.kind, primary.id.clone()?))
    }

    /// What the write of the whole's mark is called.
    fn finishing(&self) -> &'static str {
        if self.job.plan.finish == Finish::Reopen { "mark as unfinished" } else { "mark as ready" }
    }

    /// Everything that a write must know, with the answers as they are now.
    fn prepare(&self, task: usize) -> Result<Write, Trouble> {
        let desired = self.job.desired;
        let key = match self.step(task) {
            Some(step) => &step.key,
            None => &desired.primary().ok_or(Trouble::Vanished)?.key,
        };
        let node = desired.get(key).ok_or(Trouble::Vanished)?;
        let id = node.id.clone().ok_or(Trouble::Vanished)?;
        let state = match (self.job.plan.finish, self.tasks[task].work) {
            _ if desired.primary().is_none_or(|primary| primary.key != node.key) => None,
            (Finish::AfterAll, Work::Finish) | (Finish::WithPrimary, _) => Some(State::Ready),
            (Finish::AfterAll | Finish::Reopen, _) => Some(State::Building),
            (Finish::Unchanged, _) => None,
        };
        let mut children = Vec::new();
        if let Some(step) = self.step(task) {
            for child in self.along(step, false) {
                let child = desired.get(&child.key).ok_or(Trouble::Vanished)?;
                let name = child.id.as_ref().map(|id| id.name().to_owned()).ok_or(Trouble::Vanished)?;
                children.push((child.kind, name, self.want(child, None)?));
            }
        }
        let evicts = match self.step(task).map(|step| &step.action) {
            Some(Action::Update(differences) | Action::Adopt(differences)) => {
                evicted(node.kind, &id, differences)
            }
            _ => Vec::new(),
        };
        Ok(Write {
            kind: node.kind,
            id,
            actions: node.actions.clone(),
            query: node.query.iter().map(|(name, value)| (*name, *value)).collect(),
            evicts,
            want: self.want(node, state)?,
            prior: prior_want(self.job.prior, node, &self.outcome.world),
            // A mark that says how far the whole has come waits for nobody.
            consent: self.step(task).map(|_| node.consent),
            children,
            owner: self.job.marks.owner.clone(),
        })
    }

    fn want(&self, node: &Node, state: Option<State>) -> Result<Want, Trouble> {
        let mut want =
            resolve(&node.body, &|key, path| answer(self.job.desired, &self.outcome.world, key, path));
        if let Some(expr) = want.pending() {
            return Err(unanswered(expr));
        }
        ownership::mark(node.kind, &mut want, self.job.marks, state);
        Ok(want)
    }

    fn settle(&mut self, report: Report) {
        let task = report.task;
        let Some((_, id)) = self.target(task) else { return };
        match report.result {
            Ok(seen) => {
                self.note(task, &id, seen);
                self.succeeded.insert(task);
                self.announce(task, News::Ends);
            }
            Err(trouble) => {
                if let Some(seen) = report.after {
                    self.note_node(task, &id, seen);
                }
                self.fail(task, trouble);
            }
        }
    }

    /// Notes what stands after a task that succeeded.
    fn note(&mut self, task: usize, id: &ResourceId, seen: Observation) {
        let released = matches!(self.tasks[task].work, Work::Release(_));
        let Some(step) = self.step(task).filter(|_| !released) else {
            self.note_node(task, id, seen);
            return;
        };
        let removes = matches!(self.tasks[task].work, Work::Remove(_));
        for child in self.along(step, removes) {
            if removes {
                self.outcome.world.note_id(&child.id, Observation::Absent);
            }
            self.finish_step(child, removes);
        }
        self.finish_step(step, removes);
        self.note_node(task, id, seen);
    }

    fn finish_step(&mut self, step: &Step, removes: bool) {
        let done = match (&step.action, removes) {
            (Action::Delete, _) => Done::Deleted,
            (Action::Replace(_), true) => return,
            (Action::Replace(_), false) => Done::Replaced,
            (Action::Create, _) => Done::Created,
            (Action::Update(_), _) => Done::Updated,
            (Action::Adopt(_), _) => Done::Adopted,
            (Action::Keep, _) => Done::Kept,
        };
        // A deletion of the old id does not speak for the new one.
        let renamed = done == Done::Deleted && self.job.desired.get(&step.key).is_some();
        if !renamed {
            self.outcome.done.insert(step.key.clone(), done);
        }
    }

    /// Notes an observation of a node and of the children that it shows.
    fn note_node(&mut self, task: usize, id: &ResourceId, seen: Observation) {
        if let Some(node) = self.job.desired.at(id) {
            for child in self.job.desired.embedded_in(node) {
                let Some(child_id) = &child.id else { continue };
                let shown = match &seen {
                    Observation::Present(body) => {
                        embedded(body, child.kind, child_id).map_or(Observation::Absent, Observation::Present)
                    }
                    // What could not be read may hold it or not.
                    other => other.clone(),
                };
                self.outcome.world.note_id(child_id, shown);
            }
        }
        if matches!(seen, Observation::Absent) {
            self.outcome.world.note_gone(id);
        }
        match self.step(task) {
            // The world answers for the new id under this key.
            Some(step) if step.action != Action::Delete => self.outcome.world.note(&step.key, id, seen),
            _ => self.outcome.world.note_id(id, seen),
        }
    }

    fn fail(&mut self, task: usize, trouble: Trouble) {
        let named = match self.step(task) {
            Some(step) => Some((&step.key, &step.origin, step.kind, step.id.clone(), step.action.verb())),
            None => self.job.desired.primary().and_then(|primary| {
                Some((&primary.key, &primary.origin, primary.kind, primary.id.clone()?, self.finishing()))
            }),
        };
        let Some((key, origin, kind, id, action)) = named else { return };
        info!(key = %key, kind = kind.noun, id = %id, action, error = %trouble, "step failed");
        let news = News::Fails { error: trouble.to_string() };
        self.tell(Event::Step { step: task, key: key.clone(), news });
        let complained = match &trouble {
            Trouble::Azure(error) => match &error.cause {
                Cause::Refused(refusal) => refusal.target.as_deref(),
                _ => None,
            },
            Trouble::Unapproved(unapproved) => Some(unapproved.asked_at.as_str()),
            _ => None,
        };
        // Where Azure does not say what it is about, it is about what was to change.
        let changing = match self.step(task).map(|step| &step.action) {
            Some(Action::Update(differences) | Action::Replace(differences) | Action::Adopt(differences)) => {
                differences.first().map(|difference| difference.path.as_str())
            }
            _ => None,
        };
        let body = self.job.desired.get(key).map(|node| &node.body);
        // Some services leave out that all of it stands in `properties`.
        let within = |path: &str| {
            let body = body?;
            body.origin_of(path).or_else(|| body.origin_of(&format!("properties.{path}")))
        };
        let nearest = complained.or(changing).and_then(within).unwrap_or(origin);
        self.outcome.failures.push(Failure {
            key: key.clone(),
            origin: nearest.clone(),
            noun: kind.noun,
            id,
            action,
            error: trouble,
        });
    }

    /// The node of a task, and what is done to it.
    fn doing(&self, task: usize) -> (Key, &'static str) {
        match (self.step(task), self.tasks[task].work) {
            (Some(step), Work::Remove(_)) => (step.key.clone(), "delete"),
            (Some(step), Work::Release(_)) => (step.key.clone(), "release"),
            (Some(step), _) => (step.key.clone(), step.action.verb()),
            (None, _) => (
                self.job.desired.primary().map_or_else(|| "".into(), |node| node.key.clone()),
                self.finishing(),
            ),
        }
    }

    /// All tasks, for those who watch.
    fn doings(&self) -> Vec<Doing> {
        let doing = |task: usize| {
            let (key, action) = self.doing(task);
            let carried = match (self.step(task), self.tasks[task].work) {
                (Some(step), Work::Write(_)) => self.along(step, false),
                (Some(step), Work::Remove(_)) => self.along(step, true),
                _ => Vec::new(),
            };
            let waited = &self.tasks[task];
            Doing {
                key,
                action: action.to_owned(),
                carries: carried.into_iter().map(|step| step.key.clone()).collect(),
                waits: waited.waits.iter().copied().collect(),
                turns: waited.locks.keys().map(|id| id.name().to_owned()).collect(),
            }
        };
        (0..self.tasks.len()).map(doing).collect()
    }

    /// The call of one task, whose news are told as that task's.
    fn heard(&self, task: usize, call: &Call, place: &Arc<Place>) -> Call {
        let of_step = OfStep { progress: self.engine.progress.clone(), step: task, key: self.doing(task).0 };
        Call { listener: Some(Arc::new(of_step)), turn: Some(place.clone()), ..call.clone() }
    }

    fn tell(&self, event: Event) {
        progress::tell(self.engine.progress.as_ref(), event);
    }

    /// Tells the log, and those who watch.
    fn announce(&self, task: usize, news: News) {
        let Some((kind, id)) = self.target(task) else { return };
        let (key, action) = self.doing(task);
        let what = if news == News::Begins { "begins" } else { "ends" };
        info!(key = %key, kind = kind.noun, id = %id, action, "step {what}");
        self.tell(Event::Step { step: task, key, news });
    }

    fn close(mut self) -> Outcome {
        let failed: BTreeSet<Key> = self.outcome.failures.iter().map(|failure| failure.key.clone()).collect();
        for task in (0..self.tasks.len()).filter(|task| !self.begun.contains(task)) {
            if let Some(step) = self.step(task) {
                let removal = matches!(self.tasks[task].work, Work::Remove(_));
                let left = self.along(step, removal).into_iter().chain([step]).map(|step| step.key.clone());
                self.outcome.unreached.extend(left.filter(|key| !failed.contains(key)));
            } else if failed.is_empty()
                && let Some(primary) = self.job.desired.primary()
            {
                self.outcome.unreached.insert(primary.key.clone());
            }
        }
        for failure in &self.outcome.failures {
            let carried =
                self.job.plan.steps.iter().filter(|step| step.within.as_ref() == Some(&failure.key));
            self.outcome.unreached.extend(carried.map(|step| step.key.clone()));
        }
        self.outcome
    }
}

/// Reads what a failed task left behind, so that the outcome does not guess.
async fn report(
    engine: &Engine,
    call: &Call,
    kind: &'static Kind,
    id: &ResourceId,
    task: usize,
    result: Result<Observation, Trouble>,
    place: Arc<Place>,
) -> Report {
    let after = match &result {
        Ok(_) => None,
        Err(_) => Some(engine.look(call, kind, id).await),
    };
    Report { task, result, after, _place: place }
}

fn unanswered(expr: &Expr) -> Trouble {
    let mut keys = BTreeSet::new();
    expr.references(&mut keys);
    let (key, path) = match expr.bare() {
        Expr::Output(key, path) => (key.clone(), path.to_string()),
        _ => (keys.pop_first().unwrap_or_else(|| "the configuration".into()), "a value".to_owned()),
    };
    Trouble::Unanswered { key, path }
}
