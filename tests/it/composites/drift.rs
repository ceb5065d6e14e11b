//! What changes behind our back: seen by a refresh, shown by the plan, mended
//! by a write to that resource alone.

use std::collections::BTreeMap;

use super::golden::hold;
use super::harness::*;

/// A stack of the example, and what each composite recorded.
async fn stood() -> (Bench, Stack, BTreeMap<&'static str, State>) {
    let bench = Bench::new().await;
    let stack = Stack::example();
    let states = bench.build(&stack).await;
    (bench, stack, states)
}

/// A key with what a refresh or a plan says of it.
fn lines(mark: char, statuses: &BTreeMap<String, String>, before: &BTreeMap<String, String>) -> String {
    let changed = statuses.iter().filter(|(key, status)| before.get(*key) != Some(status));
    changed.map(|(key, status)| format!("  {mark} {key}: {status}\n")).collect()
}

#[tokio::test(start_paused = true)]
async fn a_resource_that_was_deleted_is_missing_and_made_again_with_what_is_bound_to_it() {
    let (bench, stack, mut states) = stood().await;
    let mut text = String::new();
    for (type_name, arguments) in stack.composites().into_iter().skip(1) {
        let mut state = states.remove(type_name).unwrap();
        for (key, id) in ids(&state.value) {
            text.push_str(&format!("{key}\n"));
            if !bench.azure.delete(&id) {
                text.push_str("  in use: Azure deletes it for nobody\n");
                continue;
            }
            let whole = statuses(&state.value);
            let Some(refreshed) = bench.core.refresh(&state).await.unwrap() else {
                text.push_str("  nothing is left\n");
                state = bench.converge(type_name, arguments, None).await;
                continue;
            };
            let seen = statuses(&refreshed.value);
            assert_eq!(seen[&key], "missing", "{type_name}");
            text.push_str(&lines('~', &seen, &whole));
            let plan = bench.plan(type_name, arguments, Some(&refreshed)).await;
            assert_eq!(plan.action, Action::Update, "{type_name} {key}");
            let back: Vec<String> = seen.iter().filter(|(_, s)| *s == "missing").map(|(key, _)| key.clone()).collect();
            assert!(back.iter().all(|key| statuses(&plan.planned)[key] == "in sync"), "{type_name} {key}");
            let mut planned = statuses(&plan.planned);
            planned.retain(|key, _| !back.contains(key));
            text.push_str(&lines('+', &planned, &seen));

            bench.azure.writes();
            state = bench.converge(type_name, arguments, Some(&refreshed)).await;
            for write in bench.azure.written() {
                text.push_str(&format!("  > {write}\n"));
            }
        }
    }
    hold("deleted.txt", &text);
}
