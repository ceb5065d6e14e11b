//! What a file of progress has told so far.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use uuid::Uuid;

use crate::arm::News as FromAzure;
use crate::engine::progress::{Doing, Event, News};
use crate::provider::{Record, Subject};

/// Every operation that has begun, the latest on each composite.
#[derive(Default)]
pub(super) struct Board {
    pub(super) operations: Vec<Operation>,
    latest: Option<SystemTime>,
}

/// One composite being made, changed or taken down.
pub(super) struct Operation {
    id: Uuid,
    pub(super) subject: Subject,
    pub(super) began: SystemTime,
    pub(super) steps: Vec<Step>,
    /// When it ended, and whether all was done.
    pub(super) ended: Option<(SystemTime, bool)>,
}

/// One step and how it stands.
pub(super) struct Step {
    pub(super) doing: Doing,
    pub(super) state: State,
    began: Option<SystemTime>,
}

/// How a step stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum State {
    Waiting,
    Running { since: SystemTime, azure: Option<String> },
    Retrying { since: SystemTime, code: String, next: SystemTime },
    Done,
    Failed { error: String },
}

impl Board {
    /// Takes a record, and gives it as a line for a log. What it cannot place
    /// (its beginning is missing, or it came twice) is left out.
    pub(super) fn note(&mut self, record: &Record) -> Option<String> {
        self.latest = self.latest.max(Some(record.time));
        let said = match &record.event {
            Event::Begins(steps) => {
                let known = self.operations.iter().any(|operation| operation.id == record.operation);
                if known {
                    return None;
                }
                // An operation whose process was killed never ends; a later one takes its place.
                self.operations.retain(|operation| {
                    operation.subject.type_name != record.subject.type_name
                        || operation.subject.id != record.subject.id
                });
                let steps = steps
                    .iter()
                    .map(|doing| Step { doing: doing.clone(), state: State::Waiting, began: None })
                    .collect();
                let operation = Operation {
                    id: record.operation,
                    subject: record.subject.clone(),
                    began: record.time,
                    steps,
                    ended: None,
                };
                let said = format!("{} begins: {} resources", operation.subject.action, operation.total());
                self.operations.push(operation);
                said
            }
            Event::Step { step, news, .. } => self.open(record)?.step(*step, news, record.time)?,
            Event::Ends { complete } => {
                let operation = self.open(record)?;
                operation.ended = Some((record.time, *complete));
                let took = took(record.time, operation.began);
                let how = if *complete { "done" } else { "not finished" };
                format!("{} {how} after {took}", operation.subject.action)
            }
        };
        let operation = self.operations.iter().find(|operation| operation.id == record.operation)?;
        let counted = format!("{}/{}", operation.done(), operation.total());
        Some(plain(&format!("{} {} {counted} {said}", clock(record.time), operation.title())))
    }

    /// The operation of a record that has begun and not ended.
    fn open(&mut self, record: &Record) -> Option<&mut Operation> {
        self.operations
            .iter_mut()
            .find(|operation| operation.id == record.operation && operation.ended.is_none())
    }

    /// Whether something has begun, all of it has ended, and nothing has been
    /// heard for a while.
    pub(super) fn is_over(&self, now: SystemTime, quiet: Duration) -> bool {
        let ended = self.operations.iter().all(|operation| operation.ended.is_some());
        let silent =
            self.latest.is_some_and(|latest| now.duration_since(latest).is_ok_and(|since| since >= quiet));
        !self.operations.is_empty() && ended && silent
    }

    /// Whether something ended before all of it was done.
    pub(super) fn fell_short(&self) -> bool {
        self.operations.iter().any(|operation| matches!(operation.ended, Some((_, false))))
    }
}

impl Operation {
    /// `amlsecure_workspace "mlw-mlops"`.
    pub(super) fn title(&self) -> String {
        let name = self.subject.id.rsplit('/').next().unwrap_or_default();
        plain(&format!("{} {name:?}", self.subject.type_name))
    }

    /// Resources that it is about.
    pub(super) fn total(&self) -> usize {
        self.steps.iter().map(Step::weight).sum()
    }

    /// Resources that are done.
    pub(super) fn done(&self) -> usize {
        self.steps.iter().filter(|step| step.state == State::Done).map(Step::weight).sum()
    }

    /// What a waiting step waits for: the steps before it that are not done.
    pub(super) fn waits(&self, step: &Step) -> Vec<&str> {
        let before = step.doing.waits.iter().filter_map(|at| self.steps.get(*at));
        let mut open: Vec<&Step> = before.filter(|step| step.state != State::Done).collect();
        // What is under way is nearer than what waits itself.
        open.sort_by_key(|step| step.state == State::Waiting);
        open.into_iter().map(|step| &*step.doing.key).collect()
    }

    fn step(&mut self, at: usize, news: &News, time: SystemTime) -> Option<String> {
        let step = self.steps.get_mut(at)?;
        let since = step.began.unwrap_or(time);
        let (state, said) = match news {
            News::Begins => {
                step.began = Some(time);
                (State::Running { since: time, azure: None }, step.doing.action.clone())
            }
            News::Ends => (State::Done, format!("{} done in {}", step.doing.action, took(time, since))),
            News::Fails { error } => {
                (State::Failed { error: error.clone() }, format!("{} failed: {error}", step.doing.action))
            }
            News::Azure(FromAzure::Retrying { code, pause }) => {
                let next = time.checked_add(*pause).unwrap_or(time);
                let said = format!("{code}, next try in {}", span(*pause));
                (State::Retrying { since, code: code.clone(), next }, said)
            }
            News::Azure(FromAzure::Running { status, percent }) => {
                let azure = match percent {
                    Some(percent) => format!("Azure: {status} {percent} %"),
                    None => format!("Azure: {status}"),
                };
                (State::Running { since, azure: Some(azure.clone()) }, azure)
            }
        };
        step.state = state;
        Some(format!("{}: {said}", step.doing.key))
    }
}

impl Step {
    /// A network's write makes its subnets too.
    fn weight(&self) -> usize {
        1 + self.doing.carries.len()
    }

    /// How it stands now: a pause that is over is a try under way.
    pub(super) fn now(&self, now: SystemTime) -> State {
        match &self.state {
            State::Retrying { since, next, .. } if *next <= now => {
                State::Running { since: *since, azure: None }
            }
            state => state.clone(),
        }
    }
}

/// How often each state occurs among steps, by its word.
pub(super) fn tally<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for word in words {
        *counts.entry(word).or_default() += 1;
    }
    counts.iter().map(|(word, count)| format!("{count} {word}")).collect::<Vec<_>>().join(", ")
}

/// Time between two moments, as a person says it.
pub(super) fn took(now: SystemTime, since: SystemTime) -> String {
    span(now.duration_since(since).unwrap_or_default())
}

pub(super) fn span(duration: Duration) -> String {
    match duration.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..3600 => format!("{} m {} s", seconds / 60, seconds % 60),
        seconds => format!("{} h {} m", seconds / 3600, seconds % 3600 / 60),
    }
}

/// The time of day, UTC.
fn clock(time: SystemTime) -> String {
    let time = time::OffsetDateTime::from(time);
    format!("{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second())
}

/// One line without anything that a terminal would obey: the file may hold
/// what somebody else wrote into it.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}
