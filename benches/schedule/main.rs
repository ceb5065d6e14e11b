//! How close an apply comes to the best schedule.
//!
//! Real Terraform applies the example to the simulated Azure at Azure's pace,
//! on a clock that runs [`FASTER`] times as fast. What it took, from the first
//! request to the last, is held against the least that any schedule would
//! take. Exits with 1 where it takes more than [`MOST`] of that.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a benchmark ends where it fails")]
#![allow(clippy::print_stdout, reason = "a benchmark talks to a person")]

#[path = "../../tests/it/terraform/bench.rs"]
#[allow(dead_code, unreachable_pub, reason = "it is the tests' own, which use all of it")]
mod bench;
mod best;
mod chart;
mod served;

use std::process::ExitCode;

use bench::{Bench, example, said};
use served::Served;

/// How much faster than Azure's the clock runs. Terraform's own time is the
/// only thing that this does not shorten, so it counts this many times over:
/// some tenths of a second here, of a quarter of an hour there.
const FASTER: u32 = 20;

/// What the apply may take, as a part of the best schedule.
const MOST: f64 = 1.10;

fn main() -> ExitCode {
    let bench = Bench::new("schedule", &example("secure-workspace"));
    let served = Served::start(FASTER);
    let run = |arguments: &[&str]| {
        let said = said(&served.attached(bench.command(arguments)).output().unwrap());
        assert_eq!(said.code, Some(0), "terraform {arguments:?}\n{}\n{}", said.out, said.err);
        said.out
    };
    run(&["plan", "-input=false", "-out=plan.bin"]);
    let plan = serde_json::from_str(&run(&["show", "-json", "plan.bin"])).unwrap();
    served.forget();
    run(&["apply", "-input=false", "plan.bin"]);
    let requests = served.requests();
    let state = serde_json::from_str(&run(&["show", "-json"])).unwrap();

    let writes = chart::writes(&requests);
    let best = best::schedule(&plan, &state, &requests);
    let first = requests.iter().map(|request| request.sent).fold(f64::INFINITY, f64::min);
    let last = requests.iter().map(|request| request.answered).fold(0.0, f64::max);
    println!("{}", chart::draw(&writes, first, last));
    println!("{best}");
    let (took, ratio) = (last - first, (last - first) / best.seconds);
    println!("first to last request of {}: {took:.0} s of Azure's time", requests.len());
    println!("no schedule is shorter than:  {:.0} s", best.seconds);
    println!("ratio:                        {ratio:.3} (at most {MOST:.2})");
    if ratio <= MOST { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
