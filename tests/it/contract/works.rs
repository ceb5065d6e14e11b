//! The small core lets a provider pass that behaves, in process and over the
//! wire.

use std::sync::Arc;

use amlsecure::provider::rpc::{
    ApplyResourceChangeRequest, ApplyResourceChangeResponse, PlanResourceChangeRequest,
    PlanResourceChangeResponse, Provider as _,
};
use amlsecure::schema::{Diagnostics, Path, Value};

use super::fake::{DATA, Fake, THING, at_once};
use super::{Action, Applied, Core, Plan, Refusal, Remote};
use crate::protocol::running::Running;

async fn lives_a_whole_life(core: &Core) {
    core.configure(Value::object([("region", Value::Null)])).await.unwrap();
    let config = Fake::config([
        ("secret", Value::from("hidden")),
        ("zones", Value::list(["1", "2"])),
        ("item", Value::List(vec![Fake::item("x")])),
    ]);
    let state = core.converge(THING, config.clone(), None).await.unwrap();
    assert_eq!(state.value.attribute("size"), &Value::from(30));
    assert_eq!(state.value.attribute("secret"), &Value::Null);

    let larger = Fake::config([("size", Value::from(31))]);
    let plan = core.plan(THING, larger.clone(), Some(&state)).await.unwrap();
    assert_eq!(plan.action, Action::Update);
    assert_eq!(plan.planned.attribute("id"), state.value.attribute("id"));
    let state = core.converge(THING, larger, Some(&state)).await.unwrap();

    let renamed = Fake::config([("name", Value::from("b"))]);
    let plan = core.plan(THING, renamed.clone(), Some(&state)).await.unwrap();
    assert_eq!(plan.action, Action::Replace);
    assert_eq!(plan.requires_replace[0].to_string(), "name");
    let state = core.apply(plan).await.unwrap().state.unwrap();
    assert_eq!(state.value.attribute("id"), &Value::from("/things/b"));

    assert_eq!(core.import(THING, "/things/b").await.unwrap().value, state.value);
    assert!(core.destroy(&state).await.unwrap().state.is_none());
    assert_eq!(core.refresh(&state).await.unwrap(), None);
    let gone = core.import(THING, "/things/b").await.unwrap_err();
    assert!(matches!(gone, Refusal::Contract { title: "Cannot import non-existent remote object", .. }));

    let data =
        core.data(DATA, Value::object([("name", Value::from("x")), ("id", Value::Null)])).await.unwrap();
    assert_eq!(data.attribute("id"), &Value::from("/data"));
}

#[tokio::test]
async fn a_provider_that_behaves_passes_in_process() {
    lives_a_whole_life(&Core::new(Arc::new(Fake::new()))).await;
}

#[tokio::test]
async fn a_provider_that_behaves_passes_over_the_wire() {
    let running = Running::plaintext(Fake::new()).await;
    let remote = Remote::new(running.channel().await, Fake::new().schemas().clone());
    lives_a_whole_life(&Core::new(Arc::new(remote))).await;
}

#[tokio::test]
async fn what_was_unknown_when_planned_may_be_anything_when_applied() {
    let core = Core::new(Arc::new(Fake::new()));
    let unknown = Fake::config([("tags", Value::Unknown), ("item", Value::Unknown)]);
    let plan = core.plan(THING, unknown, None).await.unwrap();
    let known = Fake::config([
        ("tags", Value::object([("env", Value::from("test"))])),
        ("item", Value::List(vec![Fake::item("x"), Fake::item("y")])),
    ]);
    let applied = core.apply_with(plan, known).await.unwrap();
    assert!(!applied.diagnostics.has_errors());
    assert_eq!(
        applied.state.unwrap().value.attribute("item").element(1).attribute("id"),
        &Value::from("item-y")
    );
}

#[tokio::test]
async fn warnings_of_plan_and_apply_reach_the_user() {
    let mut warned = Diagnostics::default();
    warned.warning(Path::root(), "Mind", "the gap");
    let mut fake = Fake::new();
    let (planning, applying) = (warned.clone(), warned.clone());
    fake.on_plan = at_once(move |request: PlanResourceChangeRequest| PlanResourceChangeResponse {
        diagnostics: planning.clone(),
        ..Fake::good_plan(&request)
    });
    fake.on_apply = at_once(move |request: ApplyResourceChangeRequest| ApplyResourceChangeResponse {
        new_state: Fake::good_state(&request.planned_state),
        private: Vec::new(),
        diagnostics: applying.clone(),
    });
    let core = Core::new(Arc::new(fake));
    let plan: Plan = core.plan(THING, Fake::config([]), None).await.unwrap();
    assert_eq!(plan.diagnostics, warned);
    let applied: Applied = core.apply(plan).await.unwrap();
    assert_eq!(applied.diagnostics, warned);
}

#[tokio::test]
async fn a_create_that_fails_halfway_is_tainted_and_then_replaced() {
    let mut fake = Fake::new();
    fake.on_apply = at_once(|request: ApplyResourceChangeRequest| {
        let mut diagnostics = Diagnostics::default();
        diagnostics.error(Path::root(), "Half", "done");
        ApplyResourceChangeResponse {
            new_state: Fake::good_state(&request.planned_state),
            private: b"p".to_vec(),
            diagnostics,
        }
    });
    let core = Core::new(Arc::new(fake));
    let plan = core.plan(THING, Fake::config([]), None).await.unwrap();
    let applied = core.apply(plan).await.unwrap();
    assert!(applied.diagnostics.has_errors());
    let state = applied.state.unwrap();
    assert!(state.tainted);
    let plan = core.plan(THING, Fake::config([]), Some(&state)).await.unwrap();
    assert_eq!(plan.action, Action::Replace);
}

/// What a provider is handed at each call of plan and apply: whether there is a
/// prior state, whether there is to be one, and the private bytes.
type Handed = Arc<std::sync::Mutex<Vec<(&'static str, bool, bool, String)>>>;

/// A provider that notes what it is handed, and marks the private bytes of its
/// plans with `c` for a create, `u` for an update and `d` for a destroy.
fn noting() -> (Fake, Handed) {
    let (handed, mut fake) = (Handed::default(), Fake::new());
    let (planning, applying) = (handed.clone(), handed.clone());
    fake.on_plan = at_once(move |request: PlanResourceChangeRequest| {
        let (prior, planned) = (!request.prior_state.is_null(), !request.proposed_new_state.is_null());
        let private = String::from_utf8(request.prior_private.clone()).unwrap();
        planning.lock().unwrap().push(("plan", prior, planned, private));
        let mark = match (prior, planned) {
            (false, _) => b"c",
            (true, true) => b"u",
            (true, false) => b"d",
        };
        let planned_private = [&request.prior_private, &mark[..]].concat();
        PlanResourceChangeResponse { planned_private, ..Fake::good_plan(&request) }
    });
    fake.on_apply = at_once(move |request: ApplyResourceChangeRequest| {
        let private = String::from_utf8(request.planned_private.clone()).unwrap();
        let (prior, planned) = (!request.prior_state.is_null(), !request.planned_state.is_null());
        applying.lock().unwrap().push(("apply", prior, planned, private));
        ApplyResourceChangeResponse {
            new_state: Fake::good_state(&request.planned_state),
            private: b"o".to_vec(),
            diagnostics: Diagnostics::default(),
        }
    });
    (fake, handed)
}

fn taken(handed: &Handed) -> Vec<(&'static str, bool, bool, String)> {
    std::mem::take(&mut handed.lock().unwrap())
}

#[tokio::test]
async fn a_forced_replacement_deletes_with_the_private_bytes_of_the_create_plan() {
    let (fake, handed) = noting();
    let core = Core::new(Arc::new(fake));
    let plan = core.plan(THING, Fake::config([]), None).await.unwrap();
    let state = core.apply(plan).await.unwrap().state.unwrap();
    taken(&handed);
    let plan = core.plan_replace(THING, Fake::config([]), &state).await.unwrap();
    core.apply(plan).await.unwrap();
    assert_eq!(
        taken(&handed),
        [
            ("plan", true, true, "o".to_owned()),
            ("plan", false, true, "ou".to_owned()),
            ("apply", true, false, "ouc".to_owned()),
            ("plan", false, true, String::new()),
            ("apply", false, true, "c".to_owned()),
        ]
    );
}

#[tokio::test]
async fn create_before_destroy_destroys_with_a_plan_of_its_own() {
    let (fake, handed) = noting();
    let core = Core::new(Arc::new(fake));
    let plan = core.plan(THING, Fake::config([]), None).await.unwrap();
    let state = core.apply(plan).await.unwrap().state.unwrap();
    let plan = core.plan(THING, Fake::config([("name", Value::from("b"))]), Some(&state)).await.unwrap();
    taken(&handed);
    let (created, destroyed) = core.apply_create_before_destroy(plan).await.unwrap();
    assert!(created.state.is_some() && destroyed.state.is_none());
    assert_eq!(
        taken(&handed),
        [
            ("plan", false, true, String::new()),
            ("apply", false, true, "c".to_owned()),
            ("plan", true, false, "o".to_owned()),
            ("apply", true, false, "od".to_owned()),
        ]
    );
}
