//! Whatever a configuration, a state or private bytes may hold, as long as it
//! has the types of the schema: every composite answers, and none panics. What
//! is held here holds for composites that are added later.

use std::sync::Arc;

use amlsecure::provider::rpc::{
    ApplyResourceChangeRequest, ClientCapabilities, ImportResourceStateRequest, PlanResourceChangeRequest,
    Provider, RawState, ReadResourceRequest, UpgradeResourceStateRequest, ValidateProviderRequest,
    ValidateResourceRequest,
};
use amlsecure::provider::schemas;
use amlsecure::schema::{Block, Nesting, Type, Value};
use amlsecure::simulator::SUBSCRIPTION;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use serde_json::{Value as Json, json};
use tokio_util::sync::CancellationToken;

use super::harness::*;

/// Texts as users write them, as they should not, and as nobody does.
fn text() -> impl Strategy<Value = String> {
    let known = [
        "",
        "rg-mlops",
        "eastasia",
        "East Asia",
        "stmlops0001",
        "10.10.0.0/16",
        "10.10.0.0/26",
        "10.10.0.7",
        "0.0.0.0/0",
        "fd00::/8",
        "10.10.0.0/99",
        "private_endpoints",
        "training",
        "nat_gateway",
        "no_public_ip",
        "blob",
        "SystemAssigned",
        "UserAssigned",
        "Standard_DS3_v2",
        "PT30S",
        "PT99999999999999999999S",
        "30m",
        "99999999999999999h",
        "in sync",
        "drifted beyond repair: x",
        "Microsoft.Storage/storageAccounts",
        "00000000-0000-0000-0000-000000000001",
        "*",
        "100-200",
        "65536",
        "/subscriptions/x",
        "ＬＯＮＧ",
    ];
    let group = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-mlops");
    let ids = vec![
        group.clone(),
        in_network(""),
        in_network("/subnets/endpoints"),
        in_group("Microsoft.MachineLearningServices/workspaces/mlw-mlops"),
        in_group("Microsoft.Network/privateDnsZones/privatelink.blob.core.windows.net"),
        in_group("Microsoft.ManagedIdentity/userAssignedIdentities/id"),
        format!("{group}/providers/A.B/c/d/e/f"),
    ];
    prop_oneof![
        4 => prop::sample::select(known.to_vec()).prop_map(str::to_owned),
        2 => prop::sample::select(ids),
        1 => any::<String>(),
        1 => "[a-z0-9-]{1,80}",
    ]
}

fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        (0..20_i64).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        Just(Value::Number("1e400".parse().unwrap())),
        Just(Value::Number("0.1".parse().unwrap())),
    ]
}

/// A value of a type; unknown too where a configuration may be.
fn value(ty: &Type, unknowns: bool) -> BoxedStrategy<Value> {
    let known = match ty {
        Type::Bool => any::<bool>().prop_map(Value::from).boxed(),
        Type::Number => number().boxed(),
        Type::String | Type::Dynamic => text().prop_map(Value::from).boxed(),
        Type::List(element) | Type::Set(element) => {
            prop::collection::vec(value(element, unknowns), 0..3).prop_map(Value::List).boxed()
        }
        Type::Map(element) => {
            prop::collection::btree_map(text(), value(element, unknowns), 0..3).prop_map(Value::Map).boxed()
        }
        Type::Tuple(types) => {
            types.iter().map(|ty| value(ty, unknowns)).collect::<Vec<_>>().prop_map(Value::List).boxed()
        }
        Type::Object(attributes) => {
            let names: Vec<String> = attributes.keys().cloned().collect();
            let values: Vec<_> = attributes.values().map(|ty| value(ty, unknowns)).collect();
            values.prop_map(move |values| Value::object(names.iter().cloned().zip(values))).boxed()
        }
    };
    if unknowns {
        prop_oneof![1 => Just(Value::Null), 1 => Just(Value::Unknown), 8 => known].boxed()
    } else {
        prop_oneof![1 => Just(Value::Null), 8 => known].boxed()
    }
}

/// A configuration where `unknowns`, else a state.
fn block(block: &Block, unknowns: bool) -> BoxedStrategy<Value> {
    let attributes = block.attributes.iter().map(|attribute| {
        let of_azure = attribute.computed && !attribute.optional;
        let value =
            if unknowns && of_azure { Just(Value::Null).boxed() } else { value(&attribute.ty, unknowns) };
        (attribute.name.clone(), value)
    });
    let blocks = block.blocks.iter().map(|nested| {
        let inner = self::block(&nested.block, unknowns);
        let value = match nested.nesting {
            Nesting::Single { .. } => prop_oneof![1 => Just(Value::Null), 3 => inner].boxed(),
            Nesting::List { .. } => prop::collection::vec(inner, 0..3).prop_map(Value::List).boxed(),
        };
        (nested.name.clone(), value)
    });
    let (names, values): (Vec<String>, Vec<_>) = attributes.chain(blocks).unzip();
    values.prop_map(move |values| Value::object(names.iter().cloned().zip(values))).boxed()
}

/// What a plan lays over nothing: the arguments, and unknown where Azure answers.
fn proposed(schema: &Block, config: &Value) -> Value {
    let Value::Map(members) = config else { return config.clone() };
    let mut members = members.clone();
    for attribute in schema.attributes.iter().filter(|attribute| attribute.computed) {
        if members[&attribute.name].is_null() {
            members.insert(attribute.name.clone(), Value::Unknown);
        }
    }
    Value::Map(members)
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..24),
        Just(br#"{"update":true}"#.to_vec()),
        Just(br#"{"create":{"keeps":["x","/subscriptions/y"]}}"#.to_vec()),
        Just(br#"{"create":{}}"#.to_vec()),
    ]
}

/// Configurations tried of each composite. Each is validated and planned over
/// an empty subscription; more would hold up who waits for the tests.
const CASES: u32 = 48;

fn each(name: &'static str, test: impl Fn(&Bench, &str, &tokio::runtime::Runtime, &mut Draw)) {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    for type_name in schemas().resources.keys() {
        let bench = runtime.block_on(Bench::new());
        let mut draw = Draw::new(name);
        for _ in 0..CASES {
            test(&bench, type_name, &runtime, &mut draw);
        }
    }
}

/// Draws values, repeatably.
struct Draw(proptest::test_runner::TestRunner);

impl Draw {
    fn new(seed: &str) -> Self {
        let mut bytes = [0; 32];
        bytes.iter_mut().zip(seed.bytes()).for_each(|(byte, letter)| *byte = letter);
        let rng =
            proptest::test_runner::TestRng::from_seed(proptest::test_runner::RngAlgorithm::ChaCha, &bytes);
        Self(proptest::test_runner::TestRunner::new_with_rng(ProptestConfig::default(), rng))
    }

    fn one<T: std::fmt::Debug>(&mut self, strategy: &impl Strategy<Value = T>) -> T {
        strategy.new_tree(&mut self.0).unwrap().current()
    }
}

#[test]
fn any_configuration_is_validated_and_planned_without_a_panic() {
    each("configurations", |bench, type_name, runtime, draw| {
        let (provider, cancel) = (bench.core.provider(), CancellationToken::new());
        let schema = &schemas().resources[type_name].block;
        let config = draw.one(&block(schema, true));
        let request = ValidateResourceRequest {
            type_name: type_name.to_owned(),
            config: config.clone(),
            capabilities: ClientCapabilities::default(),
        };
        let validated = runtime.block_on(provider.validate_resource(request, cancel.clone()));
        assert!(validated.0.iter().all(|one| !one.summary.is_empty()), "{validated:?}");
        let request = PlanResourceChangeRequest {
            type_name: type_name.to_owned(),
            prior_state: Value::Null,
            proposed_new_state: proposed(schema, &config),
            config,
            prior_private: draw.one(&bytes()),
            capabilities: ClientCapabilities::default(),
        };
        runtime.block_on(provider.plan_resource_change(request, cancel));
    });
}

#[test]
fn any_state_is_read_planned_and_deleted_without_a_panic() {
    each("states", |bench, type_name, runtime, draw| {
        let (provider, cancel) = (bench.core.provider(), CancellationToken::new());
        let schema = &schemas().resources[type_name].block;
        let (state, private) = (draw.one(&block(schema, false)), draw.one(&bytes()));
        let request = ReadResourceRequest {
            type_name: type_name.to_owned(),
            current_state: state.clone(),
            private: private.clone(),
            capabilities: ClientCapabilities::default(),
        };
        runtime.block_on(provider.read_resource(request, cancel.clone()));
        let config = draw.one(&block(schema, true));
        let request = PlanResourceChangeRequest {
            type_name: type_name.to_owned(),
            prior_state: state.clone(),
            proposed_new_state: proposed(schema, &config),
            config,
            prior_private: private.clone(),
            capabilities: ClientCapabilities::default(),
        };
        runtime.block_on(provider.plan_resource_change(request, cancel.clone()));
        let request = ApplyResourceChangeRequest {
            type_name: type_name.to_owned(),
            prior_state: state,
            planned_state: Value::Null,
            config: Value::Null,
            planned_private: private,
        };
        runtime.block_on(provider.apply_resource_change(request, cancel));
    });
}

/// JSON that is near a state, and some that is not.
fn stored() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        text().prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let name = prop::sample::select(vec![
            "name",
            "id",
            "resources",
            "instance",
            "ready",
            "tags",
            "subnet",
            "timeouts",
            "identity",
            "names",
            "status",
        ]);
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..3).prop_map(Json::from),
            4 => prop::collection::vec((name, inner), 0..6).prop_map(|members| {
                members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            }),
        ]
    })
}

#[test]
fn any_stored_state_and_any_id_is_taken_or_refused_without_a_panic() {
    each("stored", |bench, type_name, runtime, draw| {
        let (provider, cancel) = (bench.core.provider(), CancellationToken::new());
        for raw_state in [RawState::Json(draw.one(&stored())), RawState::Flatmap] {
            let version = draw.one(&(-1..3_i64));
            let request = UpgradeResourceStateRequest { type_name: type_name.to_owned(), version, raw_state };
            let upgraded = runtime.block_on(provider.upgrade_resource_state(request, cancel.clone()));
            assert!(
                upgraded.diagnostics.has_errors() != upgraded.upgraded_state.as_map().is_some(),
                "a state or a reason: {upgraded:?}"
            );
        }
        let request = ImportResourceStateRequest {
            type_name: type_name.to_owned(),
            id: draw.one(&text()),
            capabilities: ClientCapabilities::default(),
        };
        let imported = runtime.block_on(provider.import_resource_state(request, cancel));
        assert!(imported.diagnostics.has_errors() || imported.imported.len() == 1, "{imported:?}");
    });
}

#[test]
fn any_provider_block_is_validated_without_a_panic() {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let bench = runtime.block_on(Bench::new());
    let provider: Arc<dyn Provider> = bench.core.provider();
    let mut draw = Draw::new("provider");
    for _ in 0..CASES {
        let config = draw.one(&block(&schemas().provider.block, true));
        runtime.block_on(
            provider.validate_provider(ValidateProviderRequest { config }, CancellationToken::new()),
        );
    }
}

#[test]
fn any_file_of_faults_is_taken_or_refused_with_a_reason() {
    let mut draw = Draw::new("faults");
    let word = prop::sample::select(vec![
        "faults",
        "settings",
        "match",
        "produce",
        "method",
        "kind",
        "id",
        "times",
        "occurrence",
        "chance",
        "race",
        "fail",
        "answer",
        "drop",
        "end",
        "slow",
        "code",
        "message",
        "status",
        "quotas",
        "throttle",
        "policies",
        "AnotherOperationInProgress",
        "TooManyRequests",
        "after_effect",
        "*",
    ]);
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        word.clone().prop_map(Json::from),
    ];
    let script = leaf.prop_recursive(5, 32, 4, move |inner| {
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..3).prop_map(Json::from),
            4 => prop::collection::vec((word.clone(), inner), 0..5).prop_map(|members| {
                members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            }),
        ]
    });
    for _ in 0..2000 {
        let inner = draw.one(&script);
        for text in [inner.to_string(), json!({ "faults": [inner] }).to_string(), draw.one(&any::<String>())]
        {
            if let Err(reason) = text.parse::<amlsecure::simulator::Script>() {
                assert!(!reason.is_empty());
            }
        }
    }
}
