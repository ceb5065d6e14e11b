//! Every composite, every node, every fault, in a create, an update, a delete
//! and a refresh: the error is clear, the next run converges, nothing is made
//! twice, nothing of anybody else's is written, and the subscription and the
//! state agree.
//!
//! A composite is in here as soon as the stack of the example has it. Where a
//! composite has many nodes, every node meets a share of the faults, and all of
//! them with `AMLSECURE_WHOLE_MATRIX=1`.

use std::collections::{BTreeMap, BTreeSet};

use amlsecure::schema::Diagnostics;
use http::Method;
use serde_json::{Value as Json, json};

use super::harness::*;

const WRITES: [Method; 4] = [Method::PUT, Method::PATCH, Method::POST, Method::DELETE];
const READS: [Method; 1] = [Method::GET];

/// Something that goes wrong with requests to one node until it is mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// Azure says no, for good.
    Refused,
    /// The operation that a write begins ends in failure.
    Failed,
    /// The service answers with an error of its own, again and again.
    Broken,
    /// Requests arrive, and no answer comes back.
    Unheard,
    /// Requests do not arrive.
    Lost,
    /// The service asks to come back later until no time is left.
    OutOfTime,
    /// Terraform is told to stop while the request is on its way.
    Stopped,
}

impl Fault {
    const OF_WRITES: [Self; 7] = [
        Self::Refused,
        Self::Failed,
        Self::Broken,
        Self::Unheard,
        Self::Lost,
        Self::OutOfTime,
        Self::Stopped,
    ];
    const OF_READS: [Self; 5] = [Self::Refused, Self::Broken, Self::Lost, Self::OutOfTime, Self::Stopped];

    /// What the simulated Azure is told to produce.
    fn produce(self) -> Option<Json> {
        let answer = |status: u16, code: &str, after: &str| {
            json!({ "answer": {
                "status": status, "code": code, "message": "Told to.", "headers": { "Retry-After": after },
            } })
        };
        match self {
            Self::Refused => Some(answer(403, "RequestDisallowedByPolicy", "0")),
            Self::Failed => Some(json!({ "fail": { "code": "ToldFailed", "message": "Told to." } })),
            Self::Broken => Some(answer(500, "ServiceFault", "1")),
            Self::Unheard => Some(json!({ "drop": "after_effect" })),
            Self::Lost => Some(json!({ "drop": "before_effect" })),
            Self::OutOfTime => Some(answer(503, "ServerBusy", "1800")),
            Self::Stopped => None,
        }
    }

    /// What the user must read.
    fn says(self) -> &'static [&'static str] {
        match self {
            Self::Refused => &["403 RequestDisallowedByPolicy: Told to.", "Correlation id: "],
            // Some kinds show no reason for a failed operation, only that it failed.
            Self::Failed => &["Failed"],
            Self::Broken => &["500 ServiceFault (tried 16 times in ", "Told to."],
            Self::Unheard | Self::Lost => &["no answer: ", "(tried "],
            Self::OutOfTime => &["the timeout passed; before that: 503 ServerBusy: Told to."],
            Self::Stopped => &["topped"],
        }
    }

    /// The rules that strike requests of these methods to an id, or that list it.
    fn script(self, methods: &[Method], id: &str) -> Json {
        let methods: Vec<&str> = methods.iter().map(Method::as_str).collect();
        let collection = id.rsplit_once('/').map_or(id, |(collection, _)| collection);
        let rules = self.produce().into_iter().flat_map(|produce| {
            [id, collection].map(|id| json!({ "match": { "method": methods, "id": id }, "produce": produce }))
        });
        rules.collect()
    }
}

/// Which of some faults a node meets, out of so many nodes.
fn share(faults: &[Fault], node: usize, nodes: usize) -> impl Iterator<Item = Fault> {
    let whole = nodes < faults.len() || std::env::var_os("AMLSECURE_WHOLE_MATRIX").is_some();
    let stride = if whole { 1 } else { 4 };
    faults
        .iter()
        .copied()
        .enumerate()
        .filter(move |(at, _)| (at + node).is_multiple_of(stride))
        .map(|(_, fault)| fault)
}

/// Passing trouble, at every request of everything: a word for it and its rules.
fn passing(methods: &[Method]) -> Vec<(&'static str, Json)> {
    let methods: Vec<&str> = methods.iter().map(Method::as_str).collect();
    let rule = |times: u32, produce: Json| json!([{ "match": { "method": methods, "per_id": true }, "times": times, "produce": produce }]);
    let answer = |status: u16, code: &str| json!({ "answer": { "status": status, "code": code, "headers": { "Retry-After": "3" } } });
    vec![
        ("throttled", rule(3, answer(429, "TooManyRequests"))),
        ("unavailable", rule(3, answer(503, "ServiceUnavailable"))),
        ("bad gateway", rule(2, answer(502, "BadGateway"))),
        ("lost", rule(2, json!({ "drop": "before_effect" }))),
        ("unheard", rule(2, json!({ "drop": "after_effect" }))),
    ]
}

/// One composite of the example, with what it stands on and as it stands.
struct Case {
    type_name: &'static str,
    arguments: Json,
    /// Before it is made.
    bare: Snapshot,
    ground: BTreeSet<String>,
    /// Once it is made.
    made: Snapshot,
    state: State,
    nodes: BTreeMap<String, String>,
}

/// A composite of the example per Terraform type that there is.
async fn cases() -> Vec<Case> {
    let stack = Stack::whole();
    let known: BTreeSet<String> = amlsecure::provider::schemas().resources.into_keys().collect();
    let told: BTreeSet<String> = stack.composites().iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(told, known, "the example has every composite");
    let bench = Bench::on_file().await;
    let mut cases = Vec::new();
    for (type_name, arguments) in stack.composites() {
        let (bare, ground) = (bench.azure.snapshot(), bench.azure.held());
        let state = bench.converge(type_name, arguments, None).await;
        let nodes = ids(&state.value);
        let made = bench.azure.snapshot();
        cases.push(Case { type_name, arguments: arguments.clone(), bare, ground, made, state, nodes });
    }
    cases
}

impl Case {
    /// A subscription from a snapshot in which requests to a node go wrong.
    async fn struck(&self, from: &Snapshot, fault: Fault, methods: &[Method], id: &str) -> Bench {
        let bench = Bench::from(from, &fault.script(methods, id)).await;
        if fault == Fault::Stopped {
            bench.azure.stop_at(methods, id, bench.core.cancel.clone());
        }
        bench
    }

    /// What is held beside the ground.
    fn held(&self, bench: &Bench) -> BTreeSet<String> {
        bench.azure.held().difference(&self.ground).cloned().collect()
    }

    /// Whatever stands can be found again from the state.
    fn nothing_is_orphaned(&self, bench: &Bench, state: Option<&State>, about: &str) {
        let recorded = state.map(|state| lower(&ids(&state.value))).unwrap_or_default();
        let lost: Vec<_> = self.held(bench).difference(&recorded).cloned().collect();
        assert!(lost.is_empty(), "{about}: in no state: {lost:?}");
    }

    /// The next runs bring what was asked for, without making anything twice
    /// and without touching anything else.
    async fn goes_on(&self, bench: Bench, arguments: &Json, reached: Option<&State>, about: &str) {
        let bench = bench.mended().await;
        let refreshed = match reached {
            Some(state) => bench.core.refresh(state).await.unwrap_or_else(|why| panic!("{about}: {why:#?}")),
            None => None,
        };
        let plan = bench.plan(self.type_name, arguments, refreshed.as_ref()).await;
        let state = match plan.action {
            Action::NoOp => refreshed.unwrap(),
            _ => bench.converge(self.type_name, arguments, refreshed.as_ref()).await,
        };
        assert_eq!(state.value.attribute("ready").as_bool(), Some(true), "{about}");
        assert_eq!(self.held(&bench), lower(&ids(&state.value)), "{about}");
        let wrong: Vec<_> = statuses(&state.value).into_iter().filter(|(_, s)| !is_healthy(s)).collect();
        assert!(wrong.is_empty(), "{about}: {wrong:?}");
        self.writes_are_its_own(&bench, about);
    }

    fn writes_are_its_own(&self, bench: &Bench, about: &str) {
        let own = lower(&self.nodes);
        let mut stands = BTreeSet::new();
        for write in bench.azure.writes() {
            let path = write.path.to_lowercase();
            // What the owner of a target keeps of an endpoint is named after it.
            let kept = |id: &String| {
                let name = id.rsplit('/').next().unwrap_or_default();
                write.method == Method::PUT && path.contains(&format!("/privateendpointconnections/{name}."))
            };
            let is_own = own.iter().any(|id| path.starts_with(id) || kept(id));
            assert!(is_own, "{about}: {} is not its own", write.brief());
            if write.method == Method::DELETE {
                stands.remove(&path);
            } else if write.made {
                assert!(stands.insert(path), "{about}: {} made it twice", write.brief());
            }
        }
    }
}

fn lower(ids: &BTreeMap<String, String>) -> BTreeSet<String> {
    ids.values().map(|id| id.to_lowercase()).collect()
}

fn is_healthy(status: &str) -> bool {
    status == "in sync" || status.starts_with("changed: ")
}

/// Every error says what happened, to what, and what to do next.
#[track_caller]
fn clear(diagnostics: &Diagnostics, fault: Fault, key: &str, next: &[&str], about: &str) {
    assert!(diagnostics.has_errors(), "{about}: no error");
    let mut texts = Vec::new();
    for one in &diagnostics.0 {
        let text = format!("{}\n{}", one.summary, one.detail);
        assert!(next.iter().any(|next| text.contains(next)), "{about}: does not say what is next: {text}");
        texts.push(text);
    }
    let whole = texts.join("\n");
    assert!(fault.says().iter().all(|words| whole.contains(words)), "{about}: {whole}");
    assert!(fault == Fault::Stopped || whole.contains(key), "{about} is not named: {whole}");
}

#[tokio::test(start_paused = true)]
async fn a_create_that_fails_at_any_node_is_continued() {
    for case in &cases().await {
        let mut struck = BTreeSet::new();
        for (at, (key, id)) in case.nodes.iter().enumerate() {
            for fault in share(&Fault::OF_WRITES, at, case.nodes.len()) {
                let about = format!("create {}, {key} {fault:?}", case.type_name);
                let bench = case.struck(&case.bare, fault, &WRITES, id).await;
                let applied = bench.apply(case.type_name, &case.arguments, None).await;
                if applied.diagnostics.has_errors() {
                    struck.insert(key);
                    let next = ["Nothing is lost: run terraform apply again", "Nothing was built."];
                    clear(&applied.diagnostics, fault, key, &next, &about);
                }
                case.nothing_is_orphaned(&bench, applied.state.as_ref(), &about);
                case.goes_on(bench, &case.arguments, applied.state.as_ref(), &about).await;
            }
        }
        let spared = case.nodes.keys().filter(|key| !struck.contains(key));
        let carried: Vec<_> = spared.filter(|key| !key.starts_with("subnet/")).collect();
        assert!(carried.is_empty(), "{}: nothing went wrong at {carried:?}", case.type_name);
    }
}

#[tokio::test(start_paused = true)]
async fn an_update_that_fails_at_any_node_is_planned_again() {
    for case in &cases().await {
        let retagged = with(&case.arguments, "/tags", json!({ "team": "others" }));
        let mut struck = 0;
        for (at, (key, id)) in case.nodes.iter().enumerate() {
            for fault in share(&Fault::OF_WRITES, at, case.nodes.len()) {
                let about = format!("update {}, {key} {fault:?}", case.type_name);
                let bench = case.struck(&case.made, fault, &WRITES, id).await;
                // What carries no tags is to come back instead.
                let tagged = !bench.azure.get(id)["tags"].is_null();
                if !tagged && !bench.azure.delete(id) {
                    continue;
                }
                let Some(prior) = bench.core.refresh(&case.state).await.unwrap() else { continue };
                let applied = bench.apply(case.type_name, &retagged, Some(&prior)).await;
                if applied.diagnostics.has_errors() {
                    struck += 1;
                    let next = ["Nothing is lost: run terraform apply again"];
                    clear(&applied.diagnostics, fault, key, &next, &about);
                }
                let reached = applied.state.unwrap_or_else(|| panic!("{about}: the state is lost"));
                assert!(!reached.tainted, "{about}");
                case.nothing_is_orphaned(&bench, Some(&reached), &about);
                case.goes_on(bench, &retagged, Some(&reached), &about).await;
            }
        }
        assert!(struck > 0, "{}: nothing went wrong", case.type_name);
    }
}

#[tokio::test(start_paused = true)]
async fn a_delete_that_fails_at_any_node_is_continued() {
    for case in &cases().await {
        let mut struck = 0;
        for (at, (key, id)) in case.nodes.iter().enumerate() {
            for fault in share(&Fault::OF_WRITES, at, case.nodes.len()) {
                let about = format!("delete {}, {key} {fault:?}", case.type_name);
                let bench = case.struck(&case.made, fault, &[Method::DELETE], id).await;
                let applied = bench.core.destroy(&case.state).await.unwrap();
                if applied.diagnostics.has_errors() {
                    struck += 1;
                    let next = ["Nothing is lost: run terraform destroy again"];
                    clear(&applied.diagnostics, fault, key, &next, &about);
                }
                case.nothing_is_orphaned(&bench, applied.state.as_ref(), &about);
                let bench = bench.mended().await;
                if let Some(left) = &applied.state
                    && let Some(left) = bench.core.refresh(left).await.unwrap()
                {
                    bench.destroy(&left).await;
                }
                assert_eq!(case.held(&bench), BTreeSet::new(), "{about}");
                case.writes_are_its_own(&bench, &about);
            }
        }
        assert!(struck > 0, "{}: nothing went wrong", case.type_name);
    }
}

/// What was not read is neither there nor gone.
#[tokio::test(start_paused = true)]
async fn whatever_cannot_be_read_is_left_as_it_is() {
    for case in &cases().await {
        for (at, (key, id)) in case.nodes.iter().enumerate() {
            for fault in share(&Fault::OF_READS, at, case.nodes.len()) {
                let about = format!("{}, {key} {fault:?}", case.type_name);
                let next =
                    ["Nothing was changed", "Nothing was built", "Nothing was deleted", "Nothing is lost"];
                let bench = case.struck(&case.made, fault, &READS, id).await;
                match bench.core.refresh(&case.state).await {
                    Ok(state) => assert_eq!(state.as_ref(), Some(&case.state), "refresh {about}"),
                    Err(Refusal::Provider(diagnostics)) => {
                        clear(&diagnostics, fault, key, &next, &format!("refresh {about}"));
                    }
                    Err(other) => panic!("refresh {about}: {other:?}"),
                }
                assert_eq!(bench.azure.written(), [""; 0], "refresh {about}");
                let bench = bench.mended().await;
                assert_eq!(bench.refresh(&case.state).await, case.state, "refresh {about}");

                let bench = case.struck(&case.made, fault, &READS, id).await;
                let destroyed = bench.core.destroy(&case.state).await.unwrap();
                if destroyed.diagnostics.has_errors() {
                    clear(&destroyed.diagnostics, fault, key, &next, &format!("delete {about}"));
                }
                case.nothing_is_orphaned(&bench, destroyed.state.as_ref(), &format!("delete {about}"));

                let bench = case.struck(&case.bare, fault, &READS, id).await;
                let applied = bench.apply(case.type_name, &case.arguments, None).await;
                if applied.diagnostics.has_errors() {
                    clear(&applied.diagnostics, fault, key, &next, &format!("create {about}"));
                }
                case.nothing_is_orphaned(&bench, applied.state.as_ref(), &format!("create {about}"));
                case.goes_on(bench, &case.arguments, applied.state.as_ref(), &format!("create {about}"))
                    .await;
            }
        }
    }
}

/// What passes is nobody's business.
#[tokio::test(start_paused = true)]
async fn trouble_that_passes_is_not_seen() {
    for case in &cases().await {
        let retagged = with(&case.arguments, "/tags", json!({ "team": "others" }));
        for methods in [&WRITES[..], &READS[..]] {
            for (name, faults) in passing(methods) {
                let about = format!("{} {name} {methods:?}", case.type_name);
                let bench = Bench::from(&case.bare, &faults).await;
                let state = bench.converge(case.type_name, &case.arguments, None).await;
                let state = bench.converge(case.type_name, &retagged, Some(&state)).await;
                assert_eq!(case.held(&bench), lower(&ids(&state.value)), "{about}");
                bench.destroy(&state).await;
                assert_eq!(case.held(&bench), BTreeSet::new(), "{about}");
                case.writes_are_its_own(&bench, &about);
            }
        }
    }
}
