//! The file of progress: what every apply tells, one JSON object a line, for
//! `watch` and for whoever else wants to know.
//!
//! Nothing here may hold an apply up or make it fail. Lines are written by a
//! thread of their own; what cannot be written is said once, in the log.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, SystemTime};

use serde_json::{Value as Json, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use uuid::Uuid;

use crate::arm::{self, Clock};
use crate::engine::progress::{Doing, Event, News, Progress};

/// Lines that may wait to be written. An apply of fifty resources tells some
/// hundreds in all; more than this wait only where the disk has stopped.
const LINES_WAITING: usize = 4096;

/// How long the end of an apply waits for its lines. Terraform ends the process
/// soon after, and a disk that takes longer than this has stopped.
const WRITTEN_WITHIN: Duration = Duration::from_millis(250);

/// Which composite an operation is about, and what it does to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// `amlsecure_workspace`.
    pub type_name: String,
    /// The id of the composite.
    pub id: String,
    /// `create`, `update` or `delete`.
    pub action: String,
}

/// One line of the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// When.
    pub time: SystemTime,
    /// The operation's correlation id, by which Azure's activity log knows it too.
    pub operation: Uuid,
    /// What the operation is about.
    pub subject: Subject,
    /// What happened.
    pub event: Event,
}

impl Record {
    /// The line, with its end.
    #[must_use]
    pub fn line(&self) -> String {
        let format =
            format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
        // Formatting fails only beyond the year 9999.
        let time = OffsetDateTime::from(self.time).format(&format).unwrap_or_default();
        let mut line = json!({
            "time": time,
            "operation": self.operation.to_string(),
            "type": self.subject.type_name,
            "id": self.subject.id,
            "action": self.subject.action,
        });
        match &self.event {
            Event::Begins(steps) => {
                line["event"] = json!("begins");
                line["steps"] = steps.iter().map(doing).collect();
            }
            Event::Step { step, key, news } => {
                line["step"] = json!(step);
                line["key"] = json!(&**key);
                match news {
                    News::Begins => line["event"] = json!("step begins"),
                    News::Ends => line["event"] = json!("step ends"),
                    News::Fails { error } => {
                        line["event"] = json!("step fails");
                        line["error"] = json!(error);
                    }
                    News::Azure(arm::News::Retrying { code, pause }) => {
                        line["event"] = json!("step retries");
                        line["code"] = json!(code);
                        line["seconds"] = json!(pause.as_secs());
                    }
                    News::Azure(arm::News::Running { status, percent }) => {
                        line["event"] = json!("step runs");
                        line["status"] = json!(status);
                        if let Some(percent) = percent {
                            line["percent"] = json!(percent);
                        }
                    }
                }
            }
            Event::Ends { complete } => {
                line["event"] = json!("ends");
                line["complete"] = json!(complete);
            }
        }
        format!("{line}\n")
    }

    /// Reads a line; `None` where it is cut off, or from something else.
    #[must_use]
    pub fn read(line: &str) -> Option<Self> {
        let line: Json = serde_json::from_str(line).ok()?;
        let text = |name: &str| line.get(name)?.as_str().map(str::to_owned);
        let number = |name: &str| line.get(name)?.as_u64();
        let step = |news: News| {
            let step = usize::try_from(number("step")?).ok()?;
            Some(Event::Step { step, key: text("key")?.into(), news })
        };
        let event = match text("event")?.as_str() {
            "begins" => {
                Event::Begins(line.get("steps")?.as_array()?.iter().map(read_doing).collect::<Option<_>>()?)
            }
            "step begins" => step(News::Begins)?,
            "step ends" => step(News::Ends)?,
            "step fails" => step(News::Fails { error: text("error")? })?,
            "step retries" => step(News::Azure(arm::News::Retrying {
                code: text("code")?,
                pause: Duration::from_secs(number("seconds")?),
            }))?,
            "step runs" => step(News::Azure(arm::News::Running {
                status: text("status")?,
                percent: number("percent").and_then(|percent| u8::try_from(percent).ok()),
            }))?,
            "ends" => Event::Ends { complete: line.get("complete")?.as_bool()? },
            _ => return None,
        };
        let time = OffsetDateTime::parse(&text("time")?, &Rfc3339).ok()?;
        // A `SystemTime` cannot hold every date on every platform, and panics then.
        let millis = u64::try_from(time.unix_timestamp_nanos() / 1_000_000).ok()?;
        Some(Self {
            time: SystemTime::UNIX_EPOCH + Duration::from_millis(millis),
            operation: Uuid::parse_str(&text("operation")?).ok()?,
            subject: Subject { type_name: text("type")?, id: text("id")?, action: text("action")? },
            event,
        })
    }
}

fn doing(step: &Doing) -> Json {
    let mut line = json!({ "key": &*step.key, "action": step.action, "waits": step.waits });
    if !step.carries.is_empty() {
        line["carries"] = step.carries.iter().map(|key| json!(&**key)).collect();
    }
    if !step.turns.is_empty() {
        line["turns"] = json!(step.turns);
    }
    line
}

fn read_doing(json: &Json) -> Option<Doing> {
    let texts = |name: &str| {
        let items = json.get(name).and_then(Json::as_array);
        items.into_iter().flatten().filter_map(|item| item.as_str().map(str::to_owned))
    };
    let places = |name: &str| {
        let items = json.get(name).and_then(Json::as_array);
        items.into_iter().flatten().filter_map(|item| usize::try_from(item.as_u64()?).ok())
    };
    Some(Doing {
        key: json.get("key")?.as_str()?.into(),
        action: json.get("action")?.as_str()?.to_owned(),
        carries: texts("carries").map(Into::into).collect(),
        waits: places("waits").collect(),
        turns: texts("turns").collect(),
    })
}

/// A file that lines are appended to. Several processes may share it.
pub(super) struct ProgressFile {
    lines: SyncSender<Message>,
    /// Set once something could not be written in time.
    stuck: AtomicBool,
}

enum Message {
    Line(String),
    /// Asks for word when all that was sent before is written.
    Written(SyncSender<()>),
}

impl ProgressFile {
    /// Nothing is opened before the first line.
    pub(super) fn new(path: PathBuf) -> Option<Self> {
        let (lines, received) = sync_channel(LINES_WAITING);
        let writer = std::thread::Builder::new().name("progress".to_owned());
        match writer.spawn(move || write_all(&path, &received)) {
            Ok(_) => Some(Self { lines, stuck: AtomicBool::new(false) }),
            Err(error) => {
                tracing::warn!(%error, "Progress is not written: there is no thread for it");
                None
            }
        }
    }

    fn send(&self, line: String) {
        if self.lines.try_send(Message::Line(line)).is_err() {
            self.give_up();
        }
    }

    /// Waits a little for all lines to be written.
    fn written(&self) {
        let (word, heard) = sync_channel(1);
        let asked = self.lines.try_send(Message::Written(word)).is_ok();
        let waits = !self.stuck.load(Ordering::Relaxed);
        if !asked || (waits && heard.recv_timeout(WRITTEN_WITHIN).is_err()) {
            self.give_up();
        }
    }

    fn give_up(&self) {
        if !self.stuck.swap(true, Ordering::Relaxed) {
            tracing::warn!("Progress is written too slowly; some of it is lost");
        }
    }
}

/// Writes lines until nobody sends any.
fn write_all(path: &Path, lines: &Receiver<Message>) {
    let mut file: Option<File> = None;
    let mut warned = false;
    for message in lines {
        let line = match message {
            Message::Line(line) => line,
            Message::Written(word) => {
                let _ = word.send(());
                continue;
            }
        };
        // In a single write, so that the lines of several processes do not mix.
        let written = match &mut file {
            Some(file) => file.write_all(line.as_bytes()),
            None => OpenOptions::new().create(true).append(true).open(path).and_then(|mut opened| {
                opened.write_all(line.as_bytes())?;
                file = Some(opened);
                Ok(())
            }),
        };
        if let Err(error) = written
            && !warned
        {
            warned = true;
            tracing::warn!(%error, file = %path.display(), "Progress cannot be written");
        }
    }
}

/// Writes the events of one operation.
pub(super) struct Recorder {
    pub(super) file: Arc<ProgressFile>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) operation: Uuid,
    pub(super) subject: Subject,
}

impl Progress for Recorder {
    fn tell(&self, event: Event) {
        let over = matches!(event, Event::Ends { .. });
        let (operation, subject) = (self.operation, self.subject.clone());
        self.file.send(Record { time: self.clock.now(), operation, subject, event }.line());
        if over {
            self.file.written();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn event() -> impl Strategy<Value = Event> {
        let text = || ".{0,20}";
        let doing =
            (text(), text(), prop::collection::vec(text(), 0..3), prop::collection::vec(0..9_usize, 0..3))
                .prop_map(|(key, action, turns, waits)| Doing {
                    key: key.into(),
                    action,
                    carries: turns.iter().map(|turn| turn.as_str().into()).collect(),
                    waits,
                    turns,
                });
        let news = prop_oneof![
            Just(News::Begins),
            Just(News::Ends),
            text().prop_map(|error| News::Fails { error }),
            (text(), any::<u32>()).prop_map(|(code, seconds)| News::Azure(arm::News::Retrying {
                code,
                pause: Duration::from_secs(seconds.into())
            })),
            (text(), any::<Option<u8>>())
                .prop_map(|(status, percent)| News::Azure(arm::News::Running { status, percent })),
        ];
        prop_oneof![
            prop::collection::vec(doing, 0..4).prop_map(Event::Begins),
            (0..9_usize, text(), news).prop_map(|(step, key, news)| Event::Step {
                step,
                key: key.into(),
                news
            }),
            any::<bool>().prop_map(|complete| Event::Ends { complete }),
        ]
    }

    proptest! {
        #[test]
        fn a_record_survives_its_line(event in event(), millis in 0..4_000_000_000_000_u64, id in ".{0,40}") {
            let record = Record {
                time: SystemTime::UNIX_EPOCH + Duration::from_millis(millis),
                operation: Uuid::from_u128(millis.into()),
                subject: Subject { type_name: "amlsecure_workspace".to_owned(), id, action: "create".to_owned() },
                event,
            };
            let line = record.line();
            prop_assert!(line.ends_with('\n') && line.matches('\n').count() == 1);
            prop_assert_eq!(Record::read(line.trim_end()), Some(record.clone()));
            // A line that a killed process left half written is none.
            let cut: String = line.chars().take(line.chars().count() / 2).collect();
            prop_assert_eq!(Record::read(&cut), None);
        }

        #[test]
        fn any_line_is_a_record_or_none(line in r#"[{}\[\]",:a-z0-9\\ -]{0,80}"#, time in ".{0,30}") {
            let _ = Record::read(&line);
            let odd = json!({ "time": time, "operation": line, "event": "ends", "complete": 1 });
            prop_assert_eq!(Record::read(&odd.to_string()), None);
        }
    }

    /// A clock that stands still.
    struct Still;

    #[async_trait::async_trait]
    impl Clock for Still {
        fn now(&self) -> SystemTime {
            SystemTime::UNIX_EPOCH
        }

        async fn sleep(&self, _: Duration) {}
    }

    fn recorder(path: PathBuf) -> Recorder {
        let id = "/subscriptions/s".to_owned();
        Recorder {
            file: Arc::new(ProgressFile::new(path).unwrap()),
            clock: Arc::new(Still),
            operation: Uuid::nil(),
            subject: Subject { type_name: "amlsecure_network".to_owned(), id, action: "create".to_owned() },
        }
    }

    #[test]
    fn what_is_told_is_in_the_file_when_the_operation_ends() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("progress.ndjson");
        for _ in 0..2 {
            let recorder = recorder(path.clone());
            recorder.tell(Event::Begins(Vec::new()));
            recorder.tell(Event::Ends { complete: true });
        }
        let text = std::fs::read_to_string(path).unwrap();
        let events: Vec<_> = text.lines().map(|line| Record::read(line).unwrap().event).collect();
        let one = [Event::Begins(Vec::new()), Event::Ends { complete: true }];
        assert_eq!(events, [one.clone(), one].concat(), "the second appends");
    }

    #[test]
    fn a_file_that_cannot_be_written_stops_nobody() {
        let recorder = recorder("/dev/null/progress.ndjson".into());
        for _ in 0..2 * LINES_WAITING {
            recorder.tell(Event::Begins(Vec::new()));
        }
        recorder.tell(Event::Ends { complete: false });
    }

    /// A reader that never comes: opening a named pipe waits for one.
    #[cfg(unix)]
    #[test]
    fn a_file_that_hangs_holds_nobody_up() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
        let recorder = recorder(path);
        for _ in 0..2 * LINES_WAITING {
            recorder.tell(Event::Begins(Vec::new()));
        }
        recorder.tell(Event::Ends { complete: false });
        assert!(recorder.file.stuck.load(Ordering::Relaxed));
    }
}
