//! Single RPCs, as Terraform and OpenTofu send them.

use amlsecure::protocol::proto::tfplugin5 as proto;
use amlsecure::provider::rpc::{PlanResourceChangeRequest, PlanResourceChangeResponse, Provider as _};
use amlsecure::schema::{Path, Type, Value};
use proto::attribute_path::step::Selector;

use super::running::Running;
use crate::contract::fake::{DATA, Fake, THING, at_once};
use crate::contract::{received, sent, told};

fn planning(config: &Value) -> proto::plan_resource_change::Request {
    let ty = Fake::thing_type();
    proto::plan_resource_change::Request {
        type_name: THING.to_owned(),
        // Absent, as any null may be.
        prior_state: None,
        proposed_new_state: sent(&ty, config),
        config: sent(&ty, config),
        ..proto::plan_resource_change::Request::default()
    }
}

#[tokio::test]
async fn the_schema_says_all_that_the_provider_offers() {
    let running = Running::plaintext(Fake::new()).await;
    let schema =
        running.client().await.get_schema(proto::get_provider_schema::Request {}).await.unwrap().into_inner();
    let capabilities = schema.server_capabilities.unwrap();
    assert!(capabilities.plan_destroy && capabilities.get_provider_schema_optional);
    assert!(capabilities.move_resource_state && capabilities.generate_resource_config);
    assert!(schema.provider.unwrap().block.is_some());
    assert!(schema.provider_meta.is_none());

    let thing = &schema.resource_schemas[THING];
    assert_eq!(thing.version, 1);
    let block = thing.block.as_ref().unwrap();
    let attribute = |name: &str| block.attributes.iter().find(|it| it.name == name).unwrap();
    let size = attribute("size");
    assert!(size.optional && size.computed && !size.required);
    assert_eq!(attribute("tags").r#type, br#"["map","string"]"#);
    assert!(attribute("secret").write_only);
    let nested: Vec<_> = block
        .block_types
        .iter()
        .map(|it| (it.type_name.as_str(), it.nesting, it.min_items, it.max_items))
        .collect();
    assert_eq!(nested, [("item", 2, 0, 0), ("timeouts", 1, 0, 0)]);

    let join = &schema.functions["join"];
    assert_eq!(join.r#return.as_ref().unwrap().r#type, br#""string""#);
    assert!(join.variadic_parameter.as_ref().unwrap().allow_null_value);
}

#[tokio::test]
async fn metadata_functions_and_identities_answer_like_the_schema() {
    let running = Running::plaintext(Fake::new()).await;
    let mut client = running.client().await;
    let metadata = client.get_metadata(proto::get_metadata::Request {}).await.unwrap().into_inner();
    assert_eq!(metadata.resources[0].type_name, THING);
    assert_eq!(metadata.data_sources[0].type_name, DATA);
    assert_eq!(metadata.functions[0].name, "join");
    let functions = client.get_functions(proto::get_functions::Request {}).await.unwrap().into_inner();
    assert!(functions.functions.contains_key("join"));
    let request = proto::get_resource_identity_schemas::Request {};
    let identities = client.get_resource_identity_schemas(request).await.unwrap().into_inner();
    assert!(identities.identity_schemas.is_empty() && identities.diagnostics.is_empty());
}

#[tokio::test]
async fn a_plan_needs_no_schema_call_no_meta_and_no_capabilities_before_it() {
    let running = Running::plaintext(Fake::new()).await;
    let answer =
        running.client().await.plan_resource_change(planning(&Fake::config([]))).await.unwrap().into_inner();
    assert_eq!(answer.diagnostics, []);
    assert!(!answer.legacy_type_system);
    let planned = received(&Fake::thing_type(), answer.planned_state.as_ref());
    assert_eq!(planned.attribute("id"), &Value::Unknown);
    assert_eq!(planned.attribute("size"), &Value::from(30));
}

#[tokio::test]
async fn a_message_of_20_mib_passes_both_ways() {
    let running = Running::plaintext(Fake::new()).await;
    let big = "x".repeat(20 << 20);
    let config = Fake::config([("tags", Value::object([("big", Value::from(big))]))]);
    let answer = running.client().await.plan_resource_change(planning(&config)).await.unwrap().into_inner();
    let planned = received(&Fake::thing_type(), answer.planned_state.as_ref());
    assert_eq!(planned.attribute("tags"), config.attribute("tags"));
}

#[tokio::test]
async fn digits_survive_from_configuration_to_plan() {
    let running = Running::plaintext(Fake::new()).await;
    let digits = "0.123456789012345678901234567890123456789";
    let number = Value::Number(amlsecure::schema::number::parse(digits).unwrap());
    let config = Fake::config([("size", number.clone())]);
    let answer = running.client().await.plan_resource_change(planning(&config)).await.unwrap().into_inner();
    assert_eq!(received(&Fake::thing_type(), answer.planned_state.as_ref()).attribute("size"), &number);
}

#[tokio::test]
async fn a_type_that_is_not_ours_is_a_diagnostic_in_every_call() {
    let running = Running::plaintext(Fake::new()).await;
    let mut client = running.client().await;
    let name = || "other_thing".to_owned();
    let mut found = Vec::new();
    macro_rules! ask {
        ($method:ident, $message:ident, $field:ident) => {
            let request = proto::$message::Request { $field: name(), ..Default::default() };
            found
                .push((stringify!($method), client.$method(request).await.unwrap().into_inner().diagnostics));
        };
    }
    ask!(validate_resource_type_config, validate_resource_type_config, type_name);
    ask!(validate_data_source_config, validate_data_source_config, type_name);
    ask!(upgrade_resource_state, upgrade_resource_state, type_name);
    ask!(upgrade_resource_identity, upgrade_resource_identity, type_name);
    ask!(read_resource, read_resource, type_name);
    ask!(plan_resource_change, plan_resource_change, type_name);
    ask!(apply_resource_change, apply_resource_change, type_name);
    ask!(import_resource_state, import_resource_state, type_name);
    ask!(move_resource_state, move_resource_state, target_type_name);
    ask!(read_data_source, read_data_source, type_name);
    ask!(generate_resource_config, generate_resource_config, type_name);
    ask!(validate_ephemeral_resource_config, validate_ephemeral_resource_config, type_name);
    ask!(open_ephemeral_resource, open_ephemeral_resource, type_name);
    ask!(renew_ephemeral_resource, renew_ephemeral_resource, type_name);
    ask!(close_ephemeral_resource, close_ephemeral_resource, type_name);
    ask!(validate_list_resource_config, validate_list_resource_config, type_name);
    ask!(validate_action_config, validate_action_config, action_type);
    ask!(plan_action, plan_action, action_type);
    for (method, diagnostics) in found {
        assert!(told(diagnostics.clone()).has_errors(), "{method}: {diagnostics:?}");
    }

    let request = proto::list_resource::Request { type_name: name(), ..Default::default() };
    let event = client.list_resource(request).await.unwrap().into_inner().message().await.unwrap().unwrap();
    assert!(told(event.diagnostic).has_errors());
    let request = proto::invoke_action::Request { action_type: name(), ..Default::default() };
    let event = client.invoke_action(request).await.unwrap().into_inner().message().await.unwrap().unwrap();
    let Some(proto::invoke_action::event::Type::Completed(completed)) = event.r#type else {
        panic!("complete")
    };
    assert!(told(completed.diagnostics).has_errors());
}

#[tokio::test]
async fn a_diagnostic_points_at_its_attribute() {
    let running = Running::plaintext(Fake::new()).await;
    let request = proto::validate_resource_type_config::Request {
        type_name: THING.to_owned(),
        config: sent(
            &Fake::thing_type(),
            &Fake::config([("name", Value::from("")), ("secret", Value::from("s"))]),
        ),
        client_capabilities: None,
    };
    let answer =
        running.client().await.validate_resource_type_config(request).await.unwrap().into_inner().diagnostics;
    let at = |index: usize| answer[index].attribute.as_ref().unwrap().steps[0].selector.clone().unwrap();
    assert_eq!(at(0), Selector::AttributeName("name".to_owned()));
    assert_eq!(at(1), Selector::AttributeName("secret".to_owned()));
    assert_eq!(answer[1].summary, "WriteOnly Attribute Not Allowed");
}

#[tokio::test]
async fn a_panic_in_a_handler_is_a_diagnostic_and_the_server_lives() {
    let mut fake = Fake::new();
    fake.on_plan =
        at_once(|_: PlanResourceChangeRequest| -> PlanResourceChangeResponse { panic!("a defect") });
    let running = Running::plaintext(fake).await;
    let mut client = running.client().await;
    for _ in 0..2 {
        let answer = client.plan_resource_change(planning(&Fake::config([]))).await.unwrap().into_inner();
        assert_eq!(answer.diagnostics[0].summary, "Provider panicked");
        assert!(answer.diagnostics[0].detail.contains("PlanResourceChange"));
        assert!(answer.diagnostics[0].detail.contains("a defect"));
    }
}

#[tokio::test]
async fn an_answer_that_does_not_fit_the_schema_names_the_attribute() {
    let mut fake = Fake::new();
    fake.on_plan = at_once(|request: PlanResourceChangeRequest| {
        let mut good = Fake::good_plan(&request);
        *good.planned_state.get_mut(&Path::root().attribute("size")).unwrap() = Value::from("big");
        good
    });
    let running = Running::plaintext(fake).await;
    let answer =
        running.client().await.plan_resource_change(planning(&Fake::config([]))).await.unwrap().into_inner();
    let diagnostics = told(answer.diagnostics);
    assert_eq!(diagnostics.0[0].path.to_string(), "size");
    assert!(diagnostics.0[0].detail.contains("number is required"));
    assert!(answer.planned_state.is_none());
}

#[tokio::test]
async fn bytes_that_are_no_value_are_a_diagnostic() {
    let running = Running::plaintext(Fake::new()).await;
    let mut request = planning(&Fake::config([]));
    request.config = Some(proto::DynamicValue { msgpack: vec![0xc1, 0xff], json: Vec::new() });
    let answer = running.client().await.plan_resource_change(request).await.unwrap().into_inner();
    assert_eq!(answer.diagnostics[0].summary, "Request cannot be read");
}

#[tokio::test]
async fn a_secret_that_the_provider_returns_is_not_passed_on() {
    let mut fake = Fake::new();
    fake.on_plan = at_once(|request: PlanResourceChangeRequest| {
        let mut good = Fake::good_plan(&request);
        *good.planned_state.get_mut(&Path::root().attribute("secret")).unwrap() = Value::from("s");
        good
    });
    let running = Running::plaintext(fake).await;
    let answer =
        running.client().await.plan_resource_change(planning(&Fake::config([]))).await.unwrap().into_inner();
    let planned = received(&Fake::thing_type(), answer.planned_state.as_ref());
    assert_eq!(planned.attribute("secret"), &Value::Null);
}

#[tokio::test]
async fn a_deferral_that_was_not_allowed_is_the_providers_error() {
    let mut fake = Fake::new();
    fake.on_plan = at_once(|request: PlanResourceChangeRequest| PlanResourceChangeResponse {
        deferred: Some(amlsecure::provider::rpc::DeferredReason::AbsentPrerequisite),
        ..Fake::good_plan(&request)
    });
    let running = Running::plaintext(fake).await;
    let mut client = running.client().await;
    let mut request = planning(&Fake::config([]));
    let answer = client.plan_resource_change(request.clone()).await.unwrap().into_inner();
    assert_eq!(
        (answer.deferred, answer.diagnostics[0].summary.as_str()),
        (None, "Invalid Deferred Response")
    );
    request.client_capabilities =
        Some(proto::ClientCapabilities { deferral_allowed: true, write_only_attributes_allowed: true });
    let answer = client.plan_resource_change(request).await.unwrap().into_inner();
    assert_eq!((answer.deferred.unwrap().reason, answer.diagnostics.len()), (3, 0));
}

async fn upgraded(version: i64, raw: proto::RawState) -> proto::upgrade_resource_state::Response {
    let running = Running::plaintext(Fake::new()).await;
    let request =
        proto::upgrade_resource_state::Request { type_name: THING.to_owned(), version, raw_state: Some(raw) };
    running.client().await.upgrade_resource_state(request).await.unwrap().into_inner()
}

#[tokio::test]
async fn a_stored_state_gains_what_it_lacks_and_loses_what_is_not_known() {
    let json = br#"{"id":"/things/a","name":"a","size":1e2,"secret":"leaked","removed":{"x":1}}"#.to_vec();
    let answer = upgraded(1, proto::RawState { json, ..Default::default() }).await;
    assert_eq!(answer.diagnostics, []);
    let state = received(&Fake::thing_type(), answer.upgraded_state.as_ref());
    assert_eq!(state.attribute("size"), &Value::from(100));
    assert_eq!(state.attribute("item"), &Value::List(Vec::new()));
    assert_eq!(state.attribute("tags"), &Value::Null);
    assert_eq!(state.attribute("secret"), &Value::Null);
}

#[tokio::test]
async fn a_state_that_cannot_be_read_is_an_error_and_never_a_lost_object() {
    let flatmap = [("id".to_owned(), "x".to_owned())].into();
    for (version, raw) in [
        (1, proto::RawState { json: Vec::new(), flatmap }),
        (0, proto::RawState { json: b"{}".to_vec(), ..Default::default() }),
        (1, proto::RawState { json: b"{".to_vec(), ..Default::default() }),
        (1, proto::RawState::default()),
        (1, proto::RawState { json: b"null".to_vec(), ..Default::default() }),
    ] {
        let answer = upgraded(version, raw).await;
        assert!(told(answer.diagnostics).has_errors());
    }
}

#[tokio::test]
async fn a_function_works_without_configuration_and_takes_an_empty_argument_for_null() {
    let running = Running::plaintext(Fake::new()).await;
    let mut client = running.client().await;
    let text = |it: &str| sent(&Type::String, &Value::from(it)).unwrap();
    let call = |arguments| proto::call_function::Request { name: "join".to_owned(), arguments };
    // OpenTofu leaves the message of a null argument empty.
    let arguments = vec![text("-"), text("a"), proto::DynamicValue::default(), text("b")];
    let answer = client.call_function(call(arguments.clone())).await.unwrap().into_inner();
    assert_eq!(received(&Type::String, answer.result.as_ref()), Value::from("a-b"));
    // OpenTofu asks the configured provider.
    client.configure(proto::configure::Request::default()).await.unwrap();
    let answer = client.call_function(call(arguments)).await.unwrap().into_inner();
    assert!(answer.error.is_none());

    let answer = client.call_function(call(vec![text("")])).await.unwrap().into_inner();
    let error = answer.error.unwrap();
    assert_eq!((error.text.as_str(), error.function_argument), ("A separator is needed.", Some(0)));
    assert!(client.call_function(call(Vec::new())).await.unwrap().into_inner().error.is_some());
    let unknown = proto::call_function::Request { name: "none".to_owned(), arguments: Vec::new() };
    let error = client.call_function(unknown).await.unwrap().into_inner().error.unwrap();
    assert!(error.text.contains("none"));
}

#[tokio::test]
async fn a_move_that_opentofu_asks_for_is_refused_in_words() {
    let running = Running::plaintext(Fake::new()).await;
    let request = proto::move_resource_state::Request {
        source_provider_address: "registry.opentofu.org/hashicorp/azurerm".to_owned(),
        source_type_name: "azurerm_thing".to_owned(),
        source_state: Some(proto::RawState { json: b"{}".to_vec(), ..Default::default() }),
        target_type_name: THING.to_owned(),
        ..Default::default()
    };
    let answer = running.client().await.move_resource_state(request).await.unwrap().into_inner();
    assert_eq!(answer.diagnostics[0].summary, "Unsupported move");
    assert!(answer.diagnostics[0].detail.contains("azurerm_thing"));
}

#[tokio::test]
async fn an_import_without_an_id_is_refused() {
    let running = Running::plaintext(Fake::new()).await;
    let request = proto::import_resource_state::Request { type_name: THING.to_owned(), ..Default::default() };
    let answer = running.client().await.import_resource_state(request).await.unwrap().into_inner();
    assert_eq!(answer.diagnostics[0].summary, "Import needs an ID");
}

#[tokio::test]
async fn a_configuration_is_generated_from_a_state() {
    let running = Running::plaintext(Fake::new()).await;
    let ty = Fake::thing_type();
    let state = Fake::good_state(&Fake::config([("size", Value::from(30))]));
    let request =
        proto::generate_resource_config::Request { type_name: THING.to_owned(), state: sent(&ty, &state) };
    let answer = running.client().await.generate_resource_config(request).await.unwrap().into_inner();
    assert_eq!(received(&ty, answer.config.as_ref()), Fake::config([]));
}

#[tokio::test]
async fn the_provider_block_comes_back_as_it_was() {
    let fake = Fake::new();
    let ty = fake.schemas().provider.block.implied_type();
    let running = Running::plaintext(fake).await;
    let config = sent(&ty, &Value::object([("region", Value::Unknown)]));
    let request = proto::prepare_provider_config::Request { config: config.clone() };
    let answer = running.client().await.prepare_provider_config(request).await.unwrap().into_inner();
    assert_eq!((answer.prepared_config, answer.diagnostics.len()), (config, 0));
}
