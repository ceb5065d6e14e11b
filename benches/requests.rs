//! How many requests an empty plan sends for each Azure resource of the
//! example. Exits with 1 where there are more than [`MOST`].

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a benchmark ends where it fails")]
#![allow(clippy::print_stdout, reason = "a benchmark talks to a person")]

#[path = "../tests/it/terraform/bench.rs"]
#[allow(dead_code, unreachable_pub, reason = "it is the tests' own, which use all of it")]
mod bench;

use std::collections::BTreeMap;
use std::process::ExitCode;

use bench::{Bench, example};
use serde_json::Value as Json;

/// Requests of an empty plan for each resource. azurerm asks for each, and
/// for some twice: 83 requests for a stack of 47.
const MOST: f64 = 0.8;

fn main() -> ExitCode {
    let bench = Bench::new("requests", &example("secure-workspace"));
    bench.apply();
    let state: Json = serde_json::from_str(&bench.succeed(&["show", "-json"])).unwrap();
    let objects = state["values"]["root_module"]["resources"].as_array().unwrap();
    let nodes: usize =
        objects.iter().map(|object| object["values"]["resources"].as_object().unwrap().len()).sum();
    let requests = bench.during(|| {
        let plan = bench.run(&["plan", "-input=false", "-no-color", "-detailed-exitcode"]);
        assert_eq!(plan.code, Some(0), "the plan is not empty:\n{}\n{}", plan.out, plan.err);
    });
    let mut asked: BTreeMap<String, usize> = BTreeMap::new();
    for request in &requests {
        *asked.entry(format!("{} {}", request.method, request.path)).or_default() += 1;
    }
    for (request, times) in &asked {
        println!("{times:3} {request}");
    }
    #[expect(clippy::cast_precision_loss, reason = "these are small")]
    let ratio = requests.len() as f64 / nodes as f64;
    println!("{} requests for {nodes} resources: {ratio:.2} (at most {MOST:.2})", requests.len());
    if ratio <= MOST { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
