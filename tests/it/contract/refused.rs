//! The small core refuses what Terraform refuses, with Terraform's titles.

use std::sync::Arc;

use amlsecure::provider::rpc::*;
use amlsecure::schema::{Diagnostics, Path, Value};

use super::fake::{DATA, Fake, THING, at_once};
use super::{Core, Refusal, State};

/// The title and the detail of a refusal that is core's own.
fn refused<T: std::fmt::Debug>(result: Result<T, Refusal>) -> (&'static str, String) {
    match result.unwrap_err() {
        Refusal::Contract { title, detail } => (title, detail),
        Refusal::Provider(diagnostics) => panic!("the provider refused: {diagnostics:?}"),
    }
}

fn put(mut value: Value, path: &str, new: Value) -> Value {
    *value.get_mut(&Path::parse(path).unwrap()).unwrap() = new;
    value
}

/// Plans to create a thing with a provider that plans `change` of the truth.
async fn planned(
    config: Value,
    change: impl Fn(Value) -> Value + Send + Sync + 'static,
) -> (&'static str, String) {
    let mut fake = Fake::new();
    fake.on_plan = at_once(move |request: PlanResourceChangeRequest| {
        let good = Fake::good_plan(&request);
        PlanResourceChangeResponse { planned_state: change(good.planned_state), ..good }
    });
    refused(Core::new(Arc::new(fake)).plan(THING, config, None).await)
}

const INVALID_PLAN: &str = "Provider produced invalid plan";

#[tokio::test]
async fn a_plan_that_changes_what_the_user_set() {
    let (title, detail) = planned(Fake::config([]), |it| put(it, "name", Value::from("A"))).await;
    assert_eq!(title, INVALID_PLAN);
    assert!(
        detail.contains("name: planned value") && detail.contains("does not match config value"),
        "{detail}"
    );
}

#[tokio::test]
async fn a_plan_that_sets_what_only_the_user_sets() {
    let (title, detail) = planned(Fake::config([]), |it| {
        put(it, "tags", Value::object([("a", "b")].map(|(k, v)| (k, Value::from(v)))))
    })
    .await;
    assert_eq!(title, INVALID_PLAN);
    assert!(detail.contains("for a non-computed attribute"), "{detail}");
}

#[tokio::test]
async fn a_plan_that_knows_what_the_configuration_does_not() {
    let config = Fake::config([("tags", Value::Unknown)]);
    let (title, _) = planned(config, |it| put(it, "tags", Value::Null)).await;
    assert_eq!(title, INVALID_PLAN);
}

#[tokio::test]
async fn a_plan_that_keeps_a_secret() {
    let config = Fake::config([("secret", Value::from("s"))]);
    let (title, detail) = planned(config, |it| put(it, "secret", Value::from("s"))).await;
    assert_eq!(title, INVALID_PLAN);
    assert!(detail.contains("write-only"), "{detail}");
}

#[tokio::test]
async fn a_plan_with_other_blocks_than_the_configuration() {
    let config = Fake::config([("item", Value::List(vec![Fake::item("x")]))]);
    let (title, detail) = planned(config.clone(), |it| put(it, "item", Value::List(Vec::new()))).await;
    assert_eq!(
        (title, detail.contains("block count in plan (0) disagrees")),
        (INVALID_PLAN, true),
        "{detail}"
    );
    let (_, detail) = planned(config.clone(), |it| put(it, "item", Value::Null)).await;
    assert!(detail.contains("must be empty to indicate no blocks, not null"), "{detail}");
    let (_, detail) = planned(config, |it| put(it, "item[0]", Value::Unknown)).await;
    assert!(detail.contains("must not be unknown itself"), "{detail}");
}

#[tokio::test]
async fn a_plan_of_another_type_or_of_nothing() {
    let (title, _) = planned(Fake::config([]), |it| put(it, "size", Value::from("big"))).await;
    assert_eq!(title, INVALID_PLAN);
    let (title, detail) = planned(Fake::config([]), |_| Value::Null).await;
    assert_eq!((title, detail.as_str()), (INVALID_PLAN, ": planned for absence but config wants existence"));
}

#[tokio::test]
async fn a_replacement_for_a_path_that_does_not_exist() {
    let mut fake = Fake::new();
    fake.on_plan = at_once(|request: PlanResourceChangeRequest| PlanResourceChangeResponse {
        requires_replace: vec![Path::root().attribute("nonsense")],
        ..Fake::good_plan(&request)
    });
    let core = Core::new(Arc::new(fake));
    let plan = core.plan(THING, Fake::config([]), None).await.unwrap();
    let state = core.apply(plan).await.unwrap().state.unwrap();
    let (title, detail) =
        refused(core.plan(THING, Fake::config([("size", Value::from(2))]), Some(&state)).await);
    assert_eq!(title, INVALID_PLAN);
    assert!(detail.contains("non-existent attribute path: nonsense"), "{detail}");
}

#[tokio::test]
async fn a_destroy_that_plans_something() {
    let mut fake = Fake::new();
    fake.on_plan = at_once(|request: PlanResourceChangeRequest| PlanResourceChangeResponse {
        planned_state: request.prior_state.clone(),
        ..Fake::good_plan(&request)
    });
    let (title, detail) = refused(Core::new(Arc::new(fake)).plan_destroy(&stored()).await);
    assert_eq!((title, detail.as_str()), (INVALID_PLAN, "planned a non-null destroy value"));
}

#[tokio::test]
async fn a_second_plan_that_says_something_else() {
    let mut fake = Fake::new();
    let calls = std::sync::atomic::AtomicI64::new(0);
    fake.on_plan = at_once(move |request: PlanResourceChangeRequest| {
        let good = Fake::good_plan(&request);
        let call = calls.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        PlanResourceChangeResponse {
            planned_state: put(good.planned_state, "id", Value::from(call.to_string())),
            ..good
        }
    });
    let core = Core::new(Arc::new(fake));
    let plan = core.plan(THING, Fake::config([]), None).await.unwrap();
    let (title, _) = refused(core.apply(plan).await);
    assert_eq!(title, "Provider produced inconsistent final plan");
}

/// Creates a thing with a provider whose apply leaves `change` of the truth.
async fn applied(change: impl Fn(Value) -> Value + Send + Sync + 'static) -> (&'static str, String) {
    let mut fake = Fake::new();
    fake.on_apply = at_once(move |request: ApplyResourceChangeRequest| ApplyResourceChangeResponse {
        new_state: change(Fake::good_state(&request.planned_state)),
        private: Vec::new(),
        diagnostics: Diagnostics::default(),
    });
    let core = Core::new(Arc::new(fake));
    let config = Fake::config([
        ("zones", Value::list(["1"])),
        ("tags", Value::object([("a", Value::from("b"))])),
        ("item", Value::List(vec![Fake::item("x")])),
    ]);
    let plan = core.plan(THING, config, None).await.unwrap();
    refused(core.apply(plan).await)
}

#[tokio::test]
async fn a_result_that_breaks_the_plans_promises() {
    const TITLE: &str = "Provider produced inconsistent result after apply";
    let cases: [(&str, Value, &str); 6] = [
        ("size", Value::from(31), "was Number"),
        ("size", Value::Null, "but now null"),
        ("zones", Value::list(["1", "2"]), "length changed from 1 to 2"),
        ("zones", Value::list(["2"]), "does not correlate with any element in actual"),
        ("item", Value::List(Vec::new()), "block count changed from 1 to 0"),
        ("tags", Value::object([("c", Value::from("d"))]), "has vanished"),
    ];
    for (path, new, expected) in cases {
        let (title, detail) = applied(move |it| put(it, path, new.clone())).await;
        assert_eq!(title, TITLE);
        assert!(detail.contains(expected), "{expected}: {detail}");
    }
}

#[tokio::test]
async fn a_result_that_is_unknown_null_or_of_another_type() {
    let (title, _) = applied(|it| put(it, "id", Value::Unknown)).await;
    assert_eq!(title, "Provider returned invalid result object after apply");
    let (title, _) = applied(|_| Value::Null).await;
    assert_eq!(title, "Provider returned invalid result object after apply");
    let (title, _) = applied(|it| put(it, "id", Value::from(1))).await;
    assert_eq!(title, "Provider produced invalid object");
    let (title, detail) = applied(|it| put(it, "secret", Value::from("s"))).await;
    assert_eq!(
        (title, detail.as_str()),
        ("Provider produced invalid object", "returned a value for a write-only attribute")
    );
}

/// A thing that is stored, whatever is really there.
fn stored() -> State {
    let value = Fake::good_state(&Fake::config([("size", Value::from(30))]));
    State { type_name: THING.to_owned(), value, private: Vec::new(), tainted: false }
}

#[tokio::test]
async fn a_delete_that_leaves_something() {
    let mut fake = Fake::new();
    fake.on_apply = at_once(|request: ApplyResourceChangeRequest| ApplyResourceChangeResponse {
        new_state: request.prior_state,
        private: Vec::new(),
        diagnostics: Diagnostics::default(),
    });
    let (title, _) = refused(Core::new(Arc::new(fake)).destroy(&stored()).await);
    assert_eq!(title, "Provider returned invalid result object after apply");
}

#[tokio::test]
async fn a_delete_that_fails_keeps_the_state() {
    let mut fake = Fake::new();
    fake.on_apply = at_once(|_: ApplyResourceChangeRequest| {
        let mut diagnostics = Diagnostics::default();
        diagnostics.error(Path::root(), "No", "");
        ApplyResourceChangeResponse { new_state: Value::Null, private: Vec::new(), diagnostics }
    });
    let applied = Core::new(Arc::new(fake)).destroy(&stored()).await.unwrap();
    assert_eq!(applied.state, Some(stored()));
}

#[tokio::test]
async fn a_refresh_that_is_unknown_or_keeps_a_secret() {
    for (path, new) in [("id", Value::Unknown), ("secret", Value::from("s")), ("name", Value::from(1))] {
        let mut fake = Fake::new();
        fake.on_read = at_once(move |request: ReadResourceRequest| ReadResourceResponse {
            new_state: put(request.current_state, path, new.clone()),
            private: request.private,
            deferred: None,
            diagnostics: Diagnostics::default(),
        });
        let (title, _) = refused(Core::new(Arc::new(fake)).refresh(&stored()).await);
        assert_eq!(title, "Provider produced invalid object");
    }
}

#[tokio::test]
async fn an_upgrade_that_loses_the_object() {
    let mut fake = Fake::new();
    fake.on_upgrade = at_once(|_: UpgradeResourceStateRequest| UpgradeResourceStateResponse {
        upgraded_state: Value::Null,
        diagnostics: Diagnostics::default(),
    });
    let (title, _) = refused(Core::new(Arc::new(fake)).refresh(&stored()).await);
    assert_eq!(title, "Invalid resource state upgrade");
}

#[tokio::test]
async fn an_import_of_none_of_several_or_of_null() {
    let imported = |state: &Value| ImportedResource {
        type_name: THING.to_owned(),
        state: state.clone(),
        private: Vec::new(),
    };
    let one = imported(&stored().value);
    for (found, expected) in [
        (vec![], "Import returned no resources"),
        (vec![one.clone(), one], "Multiple import states not supported"),
        (vec![imported(&Value::Null)], "Import returned null resource"),
    ] {
        let mut fake = Fake::new();
        fake.on_import = at_once(move |_: ImportResourceStateRequest| ImportResourceStateResponse {
            imported: found.clone(),
            deferred: None,
            diagnostics: Diagnostics::default(),
        });
        let (title, _) = refused(Core::new(Arc::new(fake)).import(THING, "x").await);
        assert_eq!(title, expected);
    }
}

#[tokio::test]
async fn data_that_is_null_unknown_or_not_what_was_asked_for() {
    let config = Value::object([("name", Value::from("x")), ("id", Value::Null)]);
    let other = Value::object([("name", Value::from("y")), ("id", Value::from("1"))]);
    let unknown = Value::object([("name", Value::from("x")), ("id", Value::Unknown)]);
    for (state, expected) in [
        (Value::Null, "Provider produced null object"),
        (unknown, "Provider produced invalid object"),
        (other, "Provider produced invalid object"),
    ] {
        let mut fake = Fake::new();
        fake.on_data = at_once(move |_: ReadDataSourceRequest| ReadDataSourceResponse {
            state: state.clone(),
            deferred: None,
            diagnostics: Diagnostics::default(),
        });
        let (title, _) = refused(Core::new(Arc::new(fake)).data(DATA, config.clone()).await);
        assert_eq!(title, expected);
    }
}

#[tokio::test]
async fn what_the_provider_refuses_itself_is_passed_on() {
    let core = Core::new(Arc::new(Fake::new()));
    let refusal = core.plan(THING, Fake::config([("name", Value::from(""))]), None).await.unwrap_err();
    let Refusal::Provider(diagnostics) = refusal else { panic!("the provider refuses") };
    assert_eq!(diagnostics.0[0].summary, "Invalid name");
    assert_eq!(diagnostics.0[0].path.to_string(), "name");
}
