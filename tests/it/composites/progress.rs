//! What an apply tells while it goes on: everything that it does, what each
//! step waits for, what Azure says meanwhile, and how it ends.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use amlsecure::arm::News as FromAzure;
use amlsecure::engine::progress::{Doing, Event, News};
use amlsecure::provider::Record;
use amlsecure::simulator::{Latency, Settings};
use http::Method;
use serde_json::json;

use super::harness::*;

/// A stack with Azure's own latencies and these faults, whose progress goes to a file.
async fn watched(faults: &str) -> (Bench, PathBuf, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("progress.ndjson");
    let script: amlsecure::simulator::Script = faults.parse().unwrap();
    let settings =
        Settings { latency: Latency::Real { scale: 1.0 }, faults: script.faults, ..Settings::default() };
    let bench = Bench::over(settings, &json!({ "progress_file": file })).await;
    (bench, file, folder)
}

/// What one operation told, in order.
struct Told {
    type_name: String,
    steps: Vec<Doing>,
    news: Vec<(usize, News)>,
    complete: bool,
}

impl Told {
    /// Where in the order a step has this news.
    fn when(&self, step: usize, news: &News) -> Option<usize> {
        self.news.iter().position(|(at, told)| *at == step && told == news)
    }

    fn failed(&self) -> Vec<usize> {
        self.news
            .iter()
            .filter(|(_, news)| matches!(news, News::Fails { .. }))
            .map(|(step, _)| *step)
            .collect()
    }

    fn key(&self, step: usize) -> &str {
        &self.steps[step].key
    }

    /// What holds for every operation, however it ends.
    fn assert_whole(&self) {
        for (at, step) in self.steps.iter().enumerate() {
            let what = format!("{} {} {}", self.type_name, step.action, step.key);
            let (begun, ended) = (self.when(at, &News::Begins), self.when(at, &News::Ends));
            assert!(step.waits.iter().all(|earlier| *earlier < self.steps.len() && *earlier != at), "{what}");
            let failed = self.failed().contains(&at);
            assert!(!(ended.is_some() && failed), "{what} ends twice");
            assert_eq!(begun.is_some(), ended.is_some() || failed, "{what} begins and ends");
            assert!(begun <= ended || failed, "{what}");
            // It begins when all that it waits for has ended, and not before.
            let Some(begun) = begun else { continue };
            for earlier in &step.waits {
                let done = self.when(*earlier, &News::Ends);
                assert!(
                    done.is_some_and(|done| done < begun),
                    "{what} did not wait for {}",
                    self.key(*earlier)
                );
            }
        }
        assert_eq!(self.complete, (0..self.steps.len()).all(|at| self.when(at, &News::Ends).is_some()));
    }
}

/// Every operation of a file, in the order in which they began.
fn told(file: &Path) -> Vec<Told> {
    let text = std::fs::read_to_string(file).unwrap();
    let records: Vec<Record> = text.lines().map(|line| Record::read(line).unwrap()).collect();
    assert!(records.windows(2).all(|pair| pair[0].time <= pair[1].time), "they carry the one clock's time");
    let mut operations: Vec<_> = Vec::new();
    for record in &records {
        if !operations.contains(&record.operation) {
            operations.push(record.operation);
        }
    }
    let of = |operation| {
        let mut events = records.iter().filter(|record| record.operation == operation);
        let first = events.next().unwrap();
        let Event::Begins(steps) = &first.event else { panic!("{first:?} comes first") };
        let mut told = Told {
            type_name: first.subject.type_name.clone(),
            steps: steps.clone(),
            news: Vec::new(),
            complete: false,
        };
        let mut over = false;
        for record in events {
            assert!(!over && record.subject == first.subject, "{record:?}");
            match &record.event {
                Event::Begins(_) => panic!("{record:?} begins again"),
                Event::Step { step, key, news } => {
                    assert_eq!(*key, told.steps[*step].key);
                    told.news.push((*step, news.clone()));
                }
                Event::Ends { complete } => (over, told.complete) = (true, *complete),
            }
        }
        assert!(over, "{} ends", first.subject.type_name);
        told
    };
    operations.into_iter().map(of).collect()
}

#[tokio::test(start_paused = true)]
async fn the_whole_stack_tells_of_every_step_what_it_waits_for_and_that_it_ends() {
    let (bench, file, _folder) = watched("{}").await;
    let stack = Stack::example();
    let mut states = Vec::new();
    for (type_name, arguments) in stack.composites() {
        states.push(bench.apply(type_name, arguments, None).await.state.unwrap());
    }
    for state in states.iter().rev() {
        bench.destroy(state).await;
    }
    let told = told(&file);
    let began: Vec<&str> = told.iter().map(|told| told.type_name.as_str()).collect();
    assert_eq!(began, [GROUP, NETWORK, DNS, WORKSPACE, CLUSTER, CLUSTER, WORKSPACE, DNS, NETWORK, GROUP]);
    for (told, state) in told.iter().zip(&states) {
        told.assert_whole();
        assert!(told.complete);
        let named: BTreeSet<&str> = told
            .steps
            .iter()
            .flat_map(|step| step.carries.iter().chain([&step.key]))
            .map(|key| &**key)
            .collect();
        let resources = ids(&state.value);
        assert_eq!(named, resources.keys().map(String::as_str).collect(), "every resource has its step");
    }
    told.iter().for_each(Told::assert_whole);

    let workspace = &told[3];
    let waits: BTreeMap<&str, BTreeSet<&str>> = workspace
        .steps
        .iter()
        .map(|step| (&*step.key, step.waits.iter().map(|at| workspace.key(*at)).collect()))
        .collect();
    assert!(
        waits["workspace/endpoint"].contains("workspace")
            && waits["storage/file/endpoint"].contains("storage"),
        "{waits:#?}"
    );
    let runs = |news: &(usize, News)| matches!(news.1, News::Azure(FromAzure::Running { .. }));
    assert!(workspace.news.iter().any(runs), "Azure's own word is passed on");
}

#[tokio::test(start_paused = true)]
async fn a_race_is_told_while_it_is_waited_out_and_a_failure_with_its_reason() {
    let (bench, file, _folder) = watched(
        r#"{ "faults": [{
            "match": { "method": "PUT", "kind": "Microsoft.Network/privateEndpoints" },
            "times": 2,
            "produce": { "race": "StorageAccountOperationInProgress" }
        }] }"#,
    )
    .await;
    let stack = Stack::example();
    bench.ground(&stack, WORKSPACE).await;
    bench.azure.refuse(Method::PUT, "/pe-mlw-mlops-vault", 1);
    let failed = bench.apply(WORKSPACE, &stack.workspace, None).await;
    assert!(failed.diagnostics.has_errors());
    let first = told(&file).pop().unwrap();
    first.assert_whole();
    assert!(!first.complete);
    let races: Vec<&FromAzure> = first
        .news
        .iter()
        .filter_map(|(_, news)| match news {
            News::Azure(retrying @ FromAzure::Retrying { .. }) => Some(retrying),
            _ => None,
        })
        .collect();
    assert!(
        races.iter().all(|race| matches!(race, FromAzure::Retrying { code, pause }
            if code == "StorageAccountOperationInProgress" && !pause.is_zero())),
        "{races:?}"
    );
    assert_eq!(races.len(), 2);
    let reasons: Vec<(&str, &str)> = first
        .news
        .iter()
        .filter_map(|(step, news)| match news {
            News::Fails { error } => Some((first.key(*step), error.as_str())),
            _ => None,
        })
        .collect();
    let policy = "403 RequestDisallowedByPolicy: A policy of the test disallows this.";
    assert_eq!(reasons, [("key_vault/endpoint", policy)]);
    // What waits for it never begins.
    let bound = first.steps.iter().position(|step| &*step.key == "key_vault/endpoint/dns").unwrap();
    assert_eq!(first.when(bound, &News::Begins), None);

    let state = State { tainted: true, ..failed.state.unwrap() };
    bench.apply(WORKSPACE, &stack.workspace, Some(&state)).await;
    let last = told(&file).pop().unwrap();
    last.assert_whole();
    assert!(last.complete && last.steps.len() < first.steps.len(), "only what was left is done");
}

#[tokio::test(start_paused = true)]
async fn an_apply_that_changes_nothing_or_cannot_be_written_down_is_as_any_other() {
    let stack = Stack::example();
    let bench = Bench::with(&json!({ "progress_file": "/dev/null/nowhere/progress.ndjson" })).await;
    let state = bench.converge(GROUP, &stack.group, None).await;
    bench.destroy(&state).await;
}
