//! `watch`: follows a file of progress and shows it.

mod board;
mod picture;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, IsTerminal as _, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use self::board::Board;
use self::picture::picture;
use crate::arm::{Clock as _, SystemClock};
use crate::provider::Record;

/// Between two looks at the file.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// How long nothing may be under way before all is taken to be over. Terraform
/// needs a moment between a composite and the next one that waits for it.
const QUIET: Duration = Duration::from_secs(3);

/// A longer line is none of ours.
const LINE_MOST: usize = 1 << 20;

/// Read at once.
const CHUNK: usize = 64 << 10;

/// What `watch` is told on its command line.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// The file that `progress_file` or AMLSECURE_PROGRESS names for the provider. AMLSECURE_PROGRESS unless given.
    file: Option<PathBuf>,
    /// Go on when everything has ended, until interrupted.
    #[arg(long)]
    follow: bool,
}

/// Shows the file until all operations in it have ended.
pub(super) fn run(options: &Options, environment: &BTreeMap<String, String>) -> ExitCode {
    let named = environment.get("AMLSECURE_PROGRESS").filter(|name| !name.is_empty()).map(PathBuf::from);
    let Some(file) = options.file.clone().or(named) else {
        complain(
            "There is nothing to watch. Set progress_file in the provider block, or the variable AMLSECURE_PROGRESS, \
             and name the same file here.",
        );
        return ExitCode::from(2);
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let watched = runtime
        .map_err(|error| format!("The watch cannot start: {error}"))
        .and_then(|runtime| runtime.block_on(watch(&file, options.follow)));
    match watched {
        Ok(code) => code,
        Err(reason) => {
            complain(&reason);
            ExitCode::FAILURE
        }
    }
}

fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

async fn watch(file: &Path, follow: bool) -> Result<ExitCode, String> {
    let mut tail = Tail::new(file);
    let mut board = Board::default();
    let mut screen = Screen::new();
    if !file.exists() {
        complain(&format!("{} is not there yet; waiting for it.", file.display()));
    }
    loop {
        let lines = tail.lines().map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
        for record in lines.iter().filter_map(|line| Record::read(line)) {
            if let Some(told) = board.note(&record) {
                screen.say(&told);
            }
        }
        let now = SystemClock.now();
        screen.draw(&picture(&board, now));
        if !follow && board.is_over(now, QUIET) {
            screen.leave(&picture(&board, now));
            return Ok(if board.fell_short() { ExitCode::FAILURE } else { ExitCode::SUCCESS });
        }
        SystemClock.sleep(LOOK_EVERY).await;
    }
}

/// The end of a file that others append to.
struct Tail<'a> {
    path: &'a Path,
    read: u64,
    /// A line whose end has not been written yet.
    begun: Vec<u8>,
}

impl<'a> Tail<'a> {
    fn new(path: &'a Path) -> Self {
        Self { path, read: 0, begun: Vec::new() }
    }

    /// The lines that have been ended since the last look.
    fn lines(&mut self) -> io::Result<Vec<String>> {
        let mut file = match File::open(self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        // Somebody began it anew.
        if file.metadata()?.len() < self.read {
            self.read = 0;
            self.begun.clear();
        }
        file.seek(SeekFrom::Start(self.read))?;
        let mut lines = Vec::new();
        let mut chunk = vec![0; CHUNK];
        loop {
            let count = file.read(&mut chunk)?;
            if count == 0 {
                return Ok(lines);
            }
            self.read += count as u64;
            for piece in chunk[..count].split_inclusive(|byte| *byte == b'\n') {
                self.begun.extend_from_slice(piece);
                if piece.ends_with(b"\n") {
                    lines.push(String::from_utf8_lossy(&self.begun).trim_end().to_owned());
                    self.begun.clear();
                } else if self.begun.len() > LINE_MOST {
                    self.begun.clear();
                }
            }
        }
    }
}

/// Where it is shown: a terminal, which is drawn over, or a log, to which lines
/// are added.
struct Screen {
    terminal: bool,
    /// Lines of the last picture.
    drawn: usize,
}

impl Screen {
    fn new() -> Self {
        Self { terminal: io::stdout().is_terminal(), drawn: 0 }
    }

    fn say(&self, line: &str) {
        if !self.terminal {
            say!("{line}");
        }
    }

    fn draw(&mut self, lines: &[String]) {
        if !self.terminal {
            return;
        }
        let up = if self.drawn > 0 { format!("\x1b[{}A", self.drawn) } else { String::new() };
        // Lines that wrap would not be counted; without wrapping they are cut.
        let mut frame = format!("\x1b[?7l{up}\x1b[J");
        for line in lines {
            frame.push_str(line);
            frame.push('\n');
        }
        frame.push_str("\x1b[?7h");
        self.drawn = lines.len();
        let mut out = io::stdout();
        let _ = out.write_all(frame.as_bytes()).and_then(|()| out.flush());
    }

    /// What stays when the watch is over.
    fn leave(&mut self, lines: &[String]) {
        self.draw(lines);
        if !self.terminal {
            for line in lines {
                say!("{line}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_taken_once_they_are_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("progress.ndjson");
        let mut tail = Tail::new(&path);
        assert_eq!(tail.lines().unwrap(), [""; 0], "it is not there yet");
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(&path).unwrap();
        for (written, seen) in [
            (&b"one\ntw"[..], &["one"][..]),
            (b"", &[]),
            (b"o\n\xff\n", &["two", "\u{fffd}"]),
            (b"three\r\n", &["three"]),
        ] {
            file.write_all(written).unwrap();
            assert_eq!(tail.lines().unwrap(), seen);
        }
        std::fs::write(&path, "anew\n").unwrap();
        assert_eq!(tail.lines().unwrap(), ["anew"]);
    }

    #[test]
    fn a_line_without_an_end_takes_no_more_than_its_bound() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("progress.ndjson");
        std::fs::write(&path, "x".repeat(3 * LINE_MOST)).unwrap();
        let mut tail = Tail::new(&path);
        assert_eq!(tail.lines().unwrap(), [""; 0]);
        assert!(tail.begun.len() <= LINE_MOST + CHUNK);
    }
}
