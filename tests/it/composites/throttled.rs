//! Many stacks at once through one provider, with ARM's token buckets on.

use std::time::Duration;

use amlsecure::simulator::Latency;
use futures::future::join_all;
use http::Method;
use serde_json::json;

use super::harness::*;

/// Stacks that are applied together, each of some fifty resources.
const STACKS: usize = 20;

/// What an apply may take, as a part of the time that the buckets allow.
const MOST: f64 = 1.2;

/// ARM's buckets: what they hold, and what they gain a second (request limits
/// and throttling of Azure Resource Manager).
const READS: (f64, f64) = (250.0, 25.0);
const WRITES: (f64, f64) = (200.0, 10.0);

/// The least seconds in which a full bucket gives so many tokens.
fn least(requests: usize, (holds, gains): (f64, f64)) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "these are small")]
    let requests = requests as f64;
    ((requests - holds) / gains).max(0.0)
}

#[tokio::test(start_paused = true)]
async fn twenty_stacks_at_once_are_throttled_by_nobody_but_the_provider_itself() {
    let script = json!({ "settings": {
        "throttle": true,
        "quotas": { "Microsoft.Network/publicIPAddresses": 100 },
    }});
    let bench = Bench::scripted(script, Latency::Instant, 0).await;
    let mut stacks: Vec<Stack> = (0..STACKS).map(Stack::numbered).collect();
    for (number, stack) in stacks.iter_mut().enumerate() {
        // Clusters of a region have names of their own, and cores of this size are not counted.
        stack.cluster["name"] = format!("cpu{number}").into();
        stack.cluster["vm_size"] = "Standard_D4s_v5".into();
    }
    let began = tokio::time::Instant::now();
    let built = join_all(stacks.iter().map(|stack| async {
        let mut resources = 0;
        for (type_name, arguments) in stack.composites() {
            let applied = bench.apply(type_name, arguments, None).await;
            assert!(!applied.diagnostics.has_errors(), "{:#?}", applied.diagnostics);
            resources += ids(&applied.state.unwrap().value).len();
        }
        resources
    }))
    .await;
    let took = began.elapsed();
    assert!(built.iter().all(|resources| *resources >= 50), "{built:?}");

    let asked = bench.azure.exchanges();
    let refused = asked.iter().filter(|exchange| exchange.status == 429).count();
    let reads = asked.iter().filter(|exchange| exchange.method == Method::GET).count();
    let writes = asked.len() - reads;
    let least = least(reads, READS).max(least(writes, WRITES));
    let ratio = took.as_secs_f64() / least;
    println!(
        "{reads} reads, {writes} writes, {refused} refused: {took:?}, {least:.1} s at least, {ratio:.3}"
    );
    assert_eq!(refused, 0, "requests that ARM refused as too many");
    assert!(took > Duration::from_secs(30), "the buckets have to be what bounds it");
    assert!(ratio <= MOST, "{took:?} where the buckets allow {least:.1} s");
}
