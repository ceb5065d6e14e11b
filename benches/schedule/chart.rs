//! When each write was under way, as a chart.

use std::fmt::Write as _;

use super::served::Asked;

/// Columns of the chart's time.
const COLUMNS: usize = 80;

/// One write, from its request to the answer that said it is done.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) begun: f64,
    pub(crate) done: f64,
    /// The status of a write that was refused.
    pub(crate) refused: Option<u16>,
}

/// The writes among the requests, by their beginning.
pub(crate) fn writes(requests: &[Asked]) -> Vec<Written> {
    let mut writes: Vec<Written> = requests
        .iter()
        .filter(|request| matches!(request.method.as_str(), "PUT" | "PATCH" | "DELETE"))
        .map(|write| Written {
            method: write.method.clone(),
            path: write.path.clone(),
            begun: write.sent,
            done: done(write, requests),
            refused: (write.status >= 400).then_some(write.status),
        })
        .collect();
    writes.sort_by(|one, other| one.begun.total_cmp(&other.begun));
    writes
}

/// When a write was known to be done: at the last look at its operation, or
/// the first at itself that shows an end.
fn done(write: &Asked, requests: &[Asked]) -> f64 {
    let looks = |path: &str| {
        let path = path.to_owned();
        requests.iter().filter(move |request| {
            request.method == "GET" && request.path == path && request.sent >= write.sent
        })
    };
    let ends = |state: &Option<String>| state.as_deref().is_none_or(|state| state == "Succeeded");
    let found = match &write.operation {
        _ if write.status >= 400 => None,
        Some(operation) => looks(operation).next_back(),
        None if ends(&write.state) => None,
        None => looks(&write.path).find(|look| look.status == 200 && ends(&look.state)),
    };
    found.unwrap_or(write).answered
}

/// The chart, from `first` to `last`.
pub(crate) fn draw(writes: &[Written], first: f64, last: f64) -> String {
    let mut chart = String::new();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "a column of the chart"
    )]
    let column =
        |at: f64| (((at - first) / (last - first) * COLUMNS as f64).floor() as usize).min(COLUMNS - 1);
    for write in writes {
        let (begun, done) = (column(write.begun), column(write.done));
        let bar = format!("{}{}", " ".repeat(begun), "=".repeat(done - begun + 1));
        let name: Vec<&str> = write.path.rsplitn(5, '/').take(4).collect();
        let name: Vec<&str> = name.into_iter().rev().collect();
        let refused = write.refused.map(|status| format!(" {status}")).unwrap_or_default();
        let (from, to) = (write.begun - first, write.done - first);
        let _ = writeln!(
            chart,
            "{bar:COLUMNS$} {from:5.0} to {to:5.0} s {} {}{refused}",
            write.method,
            name.join("/")
        );
    }
    chart
}
