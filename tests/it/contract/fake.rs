//! A small provider that behaves, except where a test tells it not to.

use std::collections::BTreeMap;
use std::sync::Mutex;

use amlsecure::provider::rpc::*;
use amlsecure::schema::{
    Attribute, Block, Diagnostics, Function, NestedBlock, Parameter, Path, Schema, Schemas, Type, Value,
    proposed, requires_replace, validate,
};
use async_trait::async_trait;
use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;

/// The provider's only resource.
pub(crate) const THING: &str = "fake_thing";
/// The provider's only data source.
pub(crate) const DATA: &str = "fake_data";

/// Answers in the provider's stead.
pub(crate) type Hook<Q, A> = Box<dyn Fn(Q, CancellationToken) -> BoxFuture<'static, A> + Send + Sync>;

/// Makes a hook of a function that answers at once.
pub(crate) fn at_once<Q: Send + 'static, A: Send + 'static>(
    answer: impl Fn(Q) -> A + Send + Sync + 'static,
) -> Option<Hook<Q, A>> {
    let answer = std::sync::Arc::new(answer);
    let hook: Hook<Q, A> = Box::new(move |request, _| {
        let answer = answer.clone();
        Box::pin(async move { answer(request) })
    });
    hook.into()
}

/// The provider: things with a name, kept in memory.
pub(crate) struct Fake {
    schemas: Schemas,
    things: Mutex<BTreeMap<String, Value>>,
    pub(crate) configured: Mutex<Vec<Value>>,
    pub(crate) stopped: Mutex<usize>,
    pub(crate) on_upgrade: Option<Hook<UpgradeResourceStateRequest, UpgradeResourceStateResponse>>,
    pub(crate) on_read: Option<Hook<ReadResourceRequest, ReadResourceResponse>>,
    pub(crate) on_plan: Option<Hook<PlanResourceChangeRequest, PlanResourceChangeResponse>>,
    pub(crate) on_apply: Option<Hook<ApplyResourceChangeRequest, ApplyResourceChangeResponse>>,
    pub(crate) on_import: Option<Hook<ImportResourceStateRequest, ImportResourceStateResponse>>,
    pub(crate) on_data: Option<Hook<ReadDataSourceRequest, ReadDataSourceResponse>>,
}

fn thing() -> Block {
    let item = Block {
        attributes: vec![
            Attribute::required("value", Type::String, "What it holds."),
            Attribute::computed("id", Type::String, "Its ID."),
        ],
        ..Block::default()
    };
    let timeouts = Block {
        attributes: vec![Attribute::optional("create", Type::String, "How long a create may take.")],
        ..Block::default()
    };
    Block {
        description: "A thing.".to_owned(),
        attributes: vec![
            Attribute::computed("id", Type::String, "Its ID."),
            Attribute::required("name", Type::String, "Its name.").replace().check(named),
            Attribute::optional("size", Type::Number, "Its size.").default_value(30),
            Attribute::optional("tags", Type::map(Type::String), "Its tags."),
            Attribute::optional("zones", Type::set(Type::String), "Its zones."),
            Attribute::optional("secret", Type::String, "Sent and not kept.").write_only(),
        ],
        blocks: vec![NestedBlock::list("item", 0, 0, item), NestedBlock::optional("timeouts", timeouts)],
    }
}

fn named(value: &Value, at: &Path, diagnostics: &mut Diagnostics) {
    if value.as_str() == Some("") {
        diagnostics.error(at.clone(), "Invalid name", "`name` must not be empty.");
    }
}

impl Fake {
    pub(crate) fn new() -> Self {
        let text = |name: &str, allow_null: bool| Parameter {
            name: name.to_owned(),
            ty: Type::String,
            description: String::new(),
            allow_null,
            allow_unknown: false,
        };
        let join = Function {
            summary: "Joins texts.".to_owned(),
            description: "Joins texts; null is left out.".to_owned(),
            parameters: vec![text("separator", false)],
            variadic: Some(text("texts", true)),
            returns: Type::String,
            deprecated: None,
        };
        let data = Block {
            attributes: vec![
                Attribute::required("name", Type::String, "Its name."),
                Attribute::computed("id", Type::String, "Its ID."),
            ],
            ..Block::default()
        };
        let provider = Block {
            attributes: vec![Attribute::optional("region", Type::String, "Where.")],
            ..Block::default()
        };
        Self {
            schemas: Schemas {
                provider: Schema { version: 0, block: provider },
                resources: BTreeMap::from([(THING.to_owned(), Schema { version: 1, block: thing() })]),
                data_sources: BTreeMap::from([(DATA.to_owned(), Schema { version: 0, block: data })]),
                functions: BTreeMap::from([("join".to_owned(), join)]),
            },
            things: Mutex::default(),
            configured: Mutex::default(),
            stopped: Mutex::default(),
            on_upgrade: None,
            on_read: None,
            on_plan: None,
            on_apply: None,
            on_import: None,
            on_data: None,
        }
    }

    /// The type of a thing's values.
    pub(crate) fn thing_type() -> Type {
        thing().implied_type()
    }

    /// A thing's configuration; the rest is null.
    pub(crate) fn config(set: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
        let Value::Map(mut members) = thing().empty() else { panic!("an object") };
        members.insert("name".to_owned(), Value::from("a"));
        members.extend(set.into_iter().map(|(name, value)| (name.to_owned(), value)));
        Value::Map(members)
    }

    /// An `item` block in a configuration.
    pub(crate) fn item(value: impl Into<Value>) -> Value {
        Value::object([("value", value.into()), ("id", Value::Null)])
    }

    /// What a correct plan would say.
    pub(crate) fn good_plan(request: &PlanResourceChangeRequest) -> PlanResourceChangeResponse {
        let block = thing();
        let mut planned_state =
            proposed(&block, &request.prior_state, &request.proposed_new_state, &request.config);
        let requires_replace = requires_replace(&block, &request.prior_state, &planned_state);
        // The ID is the name's, so it stays unless the thing is replaced.
        let id = request.prior_state.attribute("id").clone();
        if let (false, true, Value::Map(members)) =
            (id.is_null(), requires_replace.is_empty(), &mut planned_state)
        {
            members.insert("id".to_owned(), id);
        }
        PlanResourceChangeResponse {
            planned_state,
            requires_replace,
            planned_private: request.prior_private.clone(),
            deferred: None,
            diagnostics: Diagnostics::default(),
        }
    }

    /// What a correct apply would leave.
    pub(crate) fn good_state(planned: &Value) -> Value {
        let Value::Map(mut members) = planned.clone() else { return Value::Null };
        let name = planned.attribute("name").as_str().unwrap_or_default().to_owned();
        members.insert("id".to_owned(), Value::from(format!("/things/{name}")));
        if let Some(Value::List(items)) = members.get_mut("item") {
            for item in items {
                let id = item.attribute("value").as_str().unwrap_or_default().to_owned();
                if let Value::Map(item) = item {
                    item.insert("id".to_owned(), Value::from(format!("item-{id}")));
                }
            }
        }
        Value::Map(members)
    }

    fn apply(&self, request: &ApplyResourceChangeRequest) -> ApplyResourceChangeResponse {
        let mut things = self.things.lock().unwrap();
        let new_state = Self::good_state(&request.planned_state);
        let state = if new_state.is_null() { &request.prior_state } else { &new_state };
        let id = state.attribute("id").as_str().unwrap_or_default().to_owned();
        if new_state.is_null() {
            things.remove(&id);
        } else {
            things.insert(id, new_state.clone());
        }
        ApplyResourceChangeResponse {
            new_state,
            private: b"private".to_vec(),
            diagnostics: Diagnostics::default(),
        }
    }
}

#[async_trait]
impl Provider for Fake {
    fn schemas(&self) -> &Schemas {
        &self.schemas
    }

    async fn validate_provider(&self, _: ValidateProviderRequest, _: CancellationToken) -> Diagnostics {
        Diagnostics::default()
    }

    async fn configure(&self, request: ConfigureRequest, _: CancellationToken) -> Diagnostics {
        self.configured.lock().unwrap().push(request.config);
        Diagnostics::default()
    }

    async fn validate_resource(&self, request: ValidateResourceRequest, _: CancellationToken) -> Diagnostics {
        let mut diagnostics = Diagnostics::default();
        let allowed = request.capabilities.write_only_attributes_allowed;
        validate(&thing(), &request.config, allowed, &mut diagnostics);
        diagnostics
    }

    async fn validate_data_source(&self, _: ValidateDataSourceRequest, _: CancellationToken) -> Diagnostics {
        Diagnostics::default()
    }

    async fn upgrade_resource_state(
        &self,
        request: UpgradeResourceStateRequest,
        cancel: CancellationToken,
    ) -> UpgradeResourceStateResponse {
        match &self.on_upgrade {
            Some(hook) => hook(request, cancel).await,
            None => upgrade_same_version(&self.schemas.resources[THING], &request),
        }
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequest,
        cancel: CancellationToken,
    ) -> ReadResourceResponse {
        if let Some(hook) = &self.on_read {
            return hook(request, cancel).await;
        }
        let id = request.current_state.attribute("id").as_str().unwrap_or_default().to_owned();
        ReadResourceResponse {
            new_state: self.things.lock().unwrap().get(&id).cloned().unwrap_or(Value::Null),
            private: request.private,
            deferred: None,
            diagnostics: Diagnostics::default(),
        }
    }

    async fn plan_resource_change(
        &self,
        request: PlanResourceChangeRequest,
        cancel: CancellationToken,
    ) -> PlanResourceChangeResponse {
        match &self.on_plan {
            Some(hook) => hook(request, cancel).await,
            None => Self::good_plan(&request),
        }
    }

    async fn apply_resource_change(
        &self,
        request: ApplyResourceChangeRequest,
        cancel: CancellationToken,
    ) -> ApplyResourceChangeResponse {
        match &self.on_apply {
            Some(hook) => hook(request, cancel).await,
            None => self.apply(&request),
        }
    }

    async fn import_resource_state(
        &self,
        request: ImportResourceStateRequest,
        cancel: CancellationToken,
    ) -> ImportResourceStateResponse {
        if let Some(hook) = &self.on_import {
            return hook(request, cancel).await;
        }
        let Value::Map(mut stub) = thing().empty() else { panic!("an object") };
        stub.insert("id".to_owned(), Value::from(request.id));
        ImportResourceStateResponse {
            imported: vec![ImportedResource {
                type_name: request.type_name,
                state: Value::Map(stub),
                private: Vec::new(),
            }],
            deferred: None,
            diagnostics: Diagnostics::default(),
        }
    }

    async fn read_data_source(
        &self,
        request: ReadDataSourceRequest,
        cancel: CancellationToken,
    ) -> ReadDataSourceResponse {
        if let Some(hook) = &self.on_data {
            return hook(request, cancel).await;
        }
        let name = request.config.attribute("name").clone();
        ReadDataSourceResponse {
            state: Value::object([("name", name), ("id", Value::from("/data"))]),
            deferred: None,
            diagnostics: Diagnostics::default(),
        }
    }

    async fn call_function(
        &self,
        request: CallFunctionRequest,
        _: CancellationToken,
    ) -> Result<Value, FunctionError> {
        let mut texts = request.arguments.iter().filter_map(Value::as_str);
        let separator = texts.next().unwrap_or_default().to_owned();
        if separator.is_empty() {
            return Err(FunctionError { text: "A separator is needed.".to_owned(), argument: Some(0) });
        }
        Ok(Value::from(texts.collect::<Vec<_>>().join(&separator)))
    }

    fn stop(&self) {
        *self.stopped.lock().unwrap() += 1;
    }
}
