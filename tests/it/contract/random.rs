//! Whatever the configuration, a plan made of the schema's own helper is one
//! that core accepts, and so is the result.

use std::sync::Arc;

use amlsecure::schema::Value;
use proptest::prelude::*;

use super::fake::{Fake, THING};
use super::{Action, Core};

/// A value, and what it may be while it is not known yet.
fn maybe_unknown(known: Value) -> impl Strategy<Value = (Value, Value)> {
    prop_oneof![Just((known.clone(), known.clone())), Just((Value::Unknown, known))]
}

fn optional(known: impl Strategy<Value = Value>) -> impl Strategy<Value = (Value, Value)> {
    prop_oneof![
        Just((Value::Null, Value::Null)),
        Just((Value::Unknown, Value::Null)),
        known.prop_flat_map(maybe_unknown),
    ]
}

fn text() -> impl Strategy<Value = Value> {
    "[a-c]{1,2}".prop_map(Value::from)
}

/// A configuration as it is when planned, and as it is when applied.
fn config() -> impl Strategy<Value = (Value, Value)> {
    let name = text().prop_flat_map(maybe_unknown);
    let size = optional((0..3_i64).prop_map(Value::from));
    let tags = optional(prop::collection::btree_map("[a-c]", text(), 0..3).prop_map(Value::Map));
    let zones = optional(prop::collection::btree_set("[1-3]", 0..3).prop_map(Value::list));
    let secret = optional(text());
    let items = prop::collection::vec(text().prop_flat_map(maybe_unknown), 0..3);
    let timeouts = prop_oneof![Just(None), optional(text()).prop_map(Some)];
    (name, size, tags, zones, secret, items, timeouts).prop_map(
        |(name, size, tags, zones, secret, items, timeouts)| {
            let block = |pick: &dyn Fn(&(Value, Value)) -> Value| {
                let items = items.iter().map(|value| Fake::item(pick(value))).collect();
                let timeouts =
                    timeouts.as_ref().map(|create| Value::object([("create", pick(create))])).into();
                Fake::config([
                    ("name", pick(&name)),
                    ("size", pick(&size)),
                    ("tags", pick(&tags)),
                    ("zones", pick(&zones)),
                    ("secret", pick(&secret)),
                    ("item", Value::List(items)),
                    ("timeouts", timeouts),
                ])
            };
            (block(&|pair| pair.0.clone()), block(&|pair| pair.1.clone()))
        },
    )
}

proptest! {
    #[test]
    fn any_configuration_is_created_changed_and_then_at_rest(first in config(), second in config()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let core = Core::new(Arc::new(Fake::new()));
            let mut state = None;
            for (planned, applied) in [first, second] {
                let plan = core.plan(THING, planned, state.as_ref()).await.unwrap();
                state = core.apply_with(plan, applied.clone()).await.unwrap().state;
                let again = core.plan(THING, applied, state.as_ref()).await.unwrap();
                assert_eq!(again.action, Action::NoOp);
            }
        });
    }
}
