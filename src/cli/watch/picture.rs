//! Draws what a board holds as lines of text: the same board at the same
//! moment is the same picture.

use std::time::SystemTime;

use super::board::{Board, Operation, State, Step, plain, span, tally, took};

/// Characters of a bar.
const BAR: usize = 32;

/// Steps shown of one composite: what matters most of them, and the rest in a
/// number.
const STEPS_MOST: usize = 8;

/// Lines of a picture. A terminal has at least 24.
const LINES_MOST: usize = 22;

/// Names shown of what a step waits for.
const WAITS_MOST: usize = 2;

/// Characters of an error.
const ERROR_MOST: usize = 200;

/// The picture at a moment.
pub(super) fn picture(board: &Board, now: SystemTime) -> Vec<String> {
    let columns = Columns::of(board);
    let blocks = board.operations.iter().map(|operation| block(operation, &columns, now));
    let mut blocks: Vec<(bool, Vec<String>)> = board
        .operations
        .iter()
        .map(|operation| matches!(operation.ended, Some((_, true))))
        .zip(blocks)
        .collect();
    // What is done makes room first, the oldest before the others.
    let mut left_out = 0;
    while lines(&blocks) > LINES_MOST {
        let Some(at) = blocks.iter().position(|(done, _)| *done) else { break };
        blocks.remove(at);
        left_out += 1;
    }
    let mut all: Vec<String> = blocks.into_iter().flat_map(|(_, lines)| lines).collect();
    if left_out > 0 {
        all.insert(0, format!("{left_out} more are done"));
    }
    if all.len() > LINES_MOST {
        let more = all.len() - (LINES_MOST - 1);
        all.truncate(LINES_MOST - 1);
        all.push(format!("  and {more} more lines"));
    }
    all
}

fn lines(blocks: &[(bool, Vec<String>)]) -> usize {
    // One for the number of those that are left out.
    1 + blocks.iter().map(|(_, lines)| lines.len()).sum::<usize>()
}

/// How wide what stands under each other is.
struct Columns {
    title: usize,
    count: usize,
}

impl Columns {
    fn of(board: &Board) -> Self {
        let widest = |width: &dyn Fn(&Operation) -> usize| {
            board.operations.iter().map(width).max().unwrap_or_default()
        };
        Self {
            title: widest(&|operation| operation.title().chars().count()),
            count: widest(&|operation| counted(operation).len()),
        }
    }
}

fn counted(operation: &Operation) -> String {
    format!("{}/{}", operation.done(), operation.total())
}

fn block(operation: &Operation, columns: &Columns, now: SystemTime) -> Vec<String> {
    let until = operation.ended.map_or(now, |(ended, _)| ended);
    let how = match operation.ended {
        None => String::new(),
        Some((_, true)) => "  done".to_owned(),
        Some((_, false)) => "  not finished".to_owned(),
    };
    let mut all = vec![format!(
        "{:<title$}  {:<6}  {:>count$}  {}  {}{how}",
        operation.title(),
        plain(&operation.subject.action),
        counted(operation),
        bar(operation.done(), operation.total()),
        took(until, operation.began),
        title = columns.title,
        count = columns.count,
    )];
    let mut rows: Vec<Row> = operation.steps.iter().filter_map(|step| row(operation, step, until)).collect();
    rows.sort_by_key(|row| row.rank);
    let width =
        rows.iter().take(STEPS_MOST).map(|row| row.key.chars().count()).max().unwrap_or_default().max(24);
    for row in rows.iter().take(STEPS_MOST) {
        let line = format!("  {:<width$}  {:<9}  {}", row.key, row.word, row.text);
        all.push(line.trim_end().to_owned());
    }
    if rows.len() > STEPS_MOST {
        all.push(format!("  and {}", tally(rows[STEPS_MOST..].iter().map(|row| row.word))));
    }
    all
}

fn bar(done: usize, total: usize) -> String {
    let filled = (BAR * done).checked_div(total).unwrap_or(BAR).min(BAR);
    format!("{}{}", "#".repeat(filled), "-".repeat(BAR - filled))
}

struct Row {
    /// What matters most comes first.
    rank: u8,
    key: String,
    word: &'static str,
    text: String,
}

/// The line of a step; none where it is done.
fn row(operation: &Operation, step: &Step, now: SystemTime) -> Option<Row> {
    let (rank, word, text) = match step.now(now) {
        State::Done => return None,
        State::Failed { error } => (0, "failed", error.chars().take(ERROR_MOST).collect()),
        State::Retrying { code, next, .. } => {
            let left = next.duration_since(now).unwrap_or_default();
            (1, "retrying", format!("{code}, next try in {}", span(left)))
        }
        State::Running { since, azure } => {
            let azure = azure.map(|azure| format!("   {azure}")).unwrap_or_default();
            (2, doing(&step.doing.action), format!("{}{azure}", took(now, since)))
        }
        State::Waiting if operation.ended.is_some() => (3, "not begun", String::new()),
        State::Waiting => (3, "waiting", waits(operation, step)),
    };
    Some(Row { rank, key: plain(&step.doing.key), word, text: plain(&text) })
}

fn waits(operation: &Operation, step: &Step) -> String {
    let open = operation.waits(step);
    match open.len() {
        0 if step.doing.turns.is_empty() => "for its turn".to_owned(),
        // One writer at a time: somebody else has it.
        0 => format!("for its turn at {}", step.doing.turns.join(", ")),
        1..=WAITS_MOST => format!("for {}", open.join(" and ")),
        count => format!("for {} and {} more", open[..WAITS_MOST].join(", "), count - WAITS_MOST),
    }
}

/// `create` as what goes on.
fn doing(action: &str) -> &'static str {
    match action {
        "create" | "replace" => "creating",
        "update" => "updating",
        "adopt" => "adopting",
        "delete" => "deleting",
        "release" => "releasing",
        _ => "finishing",
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::arm::News as FromAzure;
    use crate::engine::progress::{Doing, Event, News};
    use crate::provider::{Record, Subject};

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_305_600 + seconds)
    }

    fn step(key: &str, waits: &[usize], turns: &[&str]) -> Doing {
        Doing {
            key: key.into(),
            action: "create".to_owned(),
            carries: Vec::new(),
            waits: waits.to_vec(),
            turns: turns.iter().map(|turn| (*turn).to_owned()).collect(),
        }
    }

    fn record(operation: u128, name: &str, seconds: u64, event: Event) -> Record {
        Record {
            time: at(seconds),
            operation: Uuid::from_u128(operation),
            subject: Subject {
                type_name: "amlsecure_workspace".to_owned(),
                id: format!("/subscriptions/s/workspaces/{name}"),
                action: "create".to_owned(),
            },
            event,
        }
    }

    fn news(seconds: u64, step: usize, news: News) -> Record {
        record(1, "mlw-mlops", seconds, Event::Step { step, key: "x".into(), news })
    }

    fn runs(status: &str, percent: Option<u8>) -> News {
        News::Azure(FromAzure::Running { status: status.to_owned(), percent })
    }

    fn retries(code: &str, seconds: u64) -> News {
        News::Azure(FromAzure::Retrying { code: code.to_owned(), pause: Duration::from_secs(seconds) })
    }

    /// A workspace half way, and what a log says of it.
    fn half_way() -> (Board, Vec<String>) {
        let steps = vec![
            step("storage", &[], &["stmlops0001"]),
            step("registry", &[], &[]),
            step("workspace", &[0, 1], &[]),
            step("registry/endpoint", &[2, 1], &[]),
            step("storage/file/endpoint", &[0], &["stmlops0001"]),
            step("storage/blob/endpoint", &[0], &["stmlops0001"]),
            step("vault", &[], &[]),
            Doing { action: "mark as ready".to_owned(), ..step("workspace", &[2, 3, 4, 5, 6], &[]) },
        ];
        let mut board = Board::default();
        let said = [
            record(1, "mlw-mlops", 0, Event::Begins(steps)),
            news(0, 0, News::Begins),
            news(0, 1, News::Begins),
            news(1, 6, News::Begins),
            news(9, 6, News::Fails { error: "409 VaultAlreadyExists: taken\nby somebody".to_owned() }),
            news(20, 0, News::Ends),
            news(21, 1, News::Ends),
            news(22, 2, News::Begins),
            news(24, 4, News::Begins),
            news(60, 2, runs("InProgress", Some(60))),
            news(120, 4, retries("StorageAccountOperationInProgress", 30)),
        ];
        let said = said.iter().filter_map(|record| board.note(record)).collect();
        (board, said)
    }

    #[test]
    fn a_half_built_workspace_shows_what_runs_what_is_tried_again_and_what_waits_for_what() {
        let (board, said) = half_way();
        assert_eq!(
            picture(&board, at(130)).join("\n"),
            r#"amlsecure_workspace "mlw-mlops"  create  2/8  ########------------------------  2 m 10 s
  vault                     failed     409 VaultAlreadyExists: taken by somebody
  storage/file/endpoint     retrying   StorageAccountOperationInProgress, next try in 20 s
  workspace                 creating   1 m 48 s   Azure: InProgress 60 %
  registry/endpoint         waiting    for workspace
  storage/blob/endpoint     waiting    for its turn at stmlops0001
  workspace                 waiting    for workspace, storage/file/endpoint and 3 more"#
        );
        assert_eq!(
            said.join("\n"),
            r#"00:00:00 amlsecure_workspace "mlw-mlops" 0/8 create begins: 8 resources
00:00:00 amlsecure_workspace "mlw-mlops" 0/8 storage: create
00:00:00 amlsecure_workspace "mlw-mlops" 0/8 registry: create
00:00:01 amlsecure_workspace "mlw-mlops" 0/8 vault: create
00:00:09 amlsecure_workspace "mlw-mlops" 0/8 vault: create failed: 409 VaultAlreadyExists: taken by somebody
00:00:20 amlsecure_workspace "mlw-mlops" 1/8 storage: create done in 20 s
00:00:21 amlsecure_workspace "mlw-mlops" 2/8 registry: create done in 21 s
00:00:22 amlsecure_workspace "mlw-mlops" 2/8 workspace: create
00:00:24 amlsecure_workspace "mlw-mlops" 2/8 storage/file/endpoint: create
00:01:00 amlsecure_workspace "mlw-mlops" 2/8 workspace: Azure: InProgress 60 %
00:02:00 amlsecure_workspace "mlw-mlops" 2/8 storage/file/endpoint: StorageAccountOperationInProgress, next try in 30 s"#
        );
    }

    #[test]
    fn a_pause_that_is_over_is_a_try_under_way() {
        let (board, _) = half_way();
        let picture = picture(&board, at(150));
        assert!(
            picture.contains(&"  storage/file/endpoint     creating   2 m 6 s".to_owned()),
            "{picture:#?}"
        );
    }

    #[test]
    fn what_has_ended_says_how() {
        let (mut board, _) = half_way();
        board.note(&news(200, 2, News::Ends));
        board.note(&record(1, "mlw-mlops", 250, Event::Ends { complete: false }));
        board.note(&record(2, "mlw-other", 251, Event::Begins(vec![step("workspace", &[], &[])])));
        board.note(&record(2, "mlw-other", 252, Event::Step { step: 0, key: "x".into(), news: News::Ends }));
        assert!(!board.is_over(at(900), Duration::ZERO), "one still runs");
        board.note(&record(2, "mlw-other", 253, Event::Ends { complete: true }));
        assert_eq!(
            picture(&board, at(9000)).join("\n"),
            r#"amlsecure_workspace "mlw-mlops"  create  3/8  ############--------------------  4 m 10 s  not finished
  vault                     failed     409 VaultAlreadyExists: taken by somebody
  storage/file/endpoint     creating   3 m 46 s
  registry/endpoint         not begun
  storage/blob/endpoint     not begun
  workspace                 not begun
amlsecure_workspace "mlw-other"  create  1/1  ################################  2 s  done"#
        );
        assert!(board.fell_short());
        assert!(!board.is_over(at(255), Duration::from_secs(3)), "another may be about to begin");
        assert!(board.is_over(at(256), Duration::from_secs(3)));
    }

    #[test]
    fn a_later_operation_takes_the_place_of_an_earlier_one_on_the_same_composite() {
        let (mut board, _) = half_way();
        board.note(&record(2, "mlw-mlops", 300, Event::Begins(vec![step("vault", &[], &[])])));
        let title = r#"amlsecure_workspace "mlw-mlops"  create  0/1  --------------------------------  5 s"#;
        assert_eq!(picture(&board, at(305)), [title, "  vault                     waiting    for its turn"]);
        assert_eq!(board.note(&news(306, 2, News::Ends)), None, "the killed one's last words");
    }

    #[test]
    fn many_steps_are_a_number() {
        let mut board = Board::default();
        let steps = (0..52).map(|at| step(&format!("node/{at}"), &[], &[])).collect();
        board.note(&record(1, "mlw", 0, Event::Begins(steps)));
        for at in 0..3 {
            board.note(&record(1, "mlw", 0, Event::Step { step: at, key: "x".into(), news: News::Begins }));
        }
        let picture = picture(&board, at(1));
        assert_eq!(picture.len(), 1 + STEPS_MOST + 1);
        assert_eq!(picture.last().unwrap(), "  and 44 waiting");
    }

    #[test]
    fn what_somebody_wrote_into_the_file_does_not_command_the_terminal() {
        let mut board = Board::default();
        let said =
            board.note(&record(1, "\u{1b}[2J", 0, Event::Begins(vec![step("\u{1b}]0;x\u{7}", &[], &[])])));
        let all = picture(&board, at(1)).join("") + &said.unwrap();
        assert!(!all.contains(char::is_control), "{all:?}");
    }

    fn any_event() -> impl Strategy<Value = Event> {
        let steps = prop::collection::vec((".{0,12}", prop::collection::vec(0..40_usize, 0..4)), 0..40)
            .prop_map(|steps| {
                Event::Begins(steps.iter().map(|(key, waits)| step(key, waits, &[])).collect())
            });
        let news = prop_oneof![
            Just(News::Begins),
            Just(News::Ends),
            ".{0,300}".prop_map(|error| News::Fails { error }),
            any::<u64>().prop_map(|seconds| retries("Code", seconds)),
            any::<u8>().prop_map(|percent| runs("InProgress", Some(percent))),
        ];
        prop_oneof![
            steps,
            (0..50_usize, news).prop_map(|(step, news)| Event::Step { step, key: "x".into(), news }),
            any::<bool>().prop_map(|complete| Event::Ends { complete }),
        ]
    }

    proptest! {
        #[test]
        fn any_events_in_any_order_are_a_picture_that_fits(
            events in prop::collection::vec((0..30_u128, 0..9_u8, 0..100_000_u64, any_event()), 0..60),
            now in 0..100_000_u64,
        ) {
            let mut board = Board::default();
            for (operation, name, seconds, event) in events {
                board.note(&record(operation, &format!("mlw{name}"), seconds, event));
            }
            let picture = picture(&board, at(now));
            prop_assert!(picture.len() <= LINES_MOST);
            prop_assert!(picture.iter().all(|line| !line.contains(char::is_control)));
        }
    }
}
