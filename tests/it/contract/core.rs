//! The small core: validate, plan, apply, refresh, import, upgrade and data, in
//! Terraform's order and with its checks.

use std::sync::Arc;

use amlsecure::provider::rpc::*;
use amlsecure::schema::{Block, Diagnostics, Path, Schema, Value, internal_validate, json};
use tokio_util::sync::CancellationToken;

use super::{compatible, plan_valid, proposed::proposed_new};

/// A Terraform without configuration language, state file or graph.
pub(crate) struct Core {
    provider: Arc<dyn Provider>,
    /// Given to every call; cancelled as Terraform's Stop cancels.
    pub(crate) cancel: CancellationToken,
    /// What this Terraform says that it can do.
    pub(crate) capabilities: ClientCapabilities,
}

/// An object as Terraform stores it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct State {
    pub(crate) type_name: String,
    pub(crate) value: Value,
    pub(crate) private: Vec<u8>,
    /// Its create failed; the next plan replaces it.
    pub(crate) tainted: bool,
}

/// What is to become of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    NoOp,
    Create,
    Update,
    Replace,
    Delete,
}

/// A plan that core accepted.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) type_name: String,
    pub(crate) action: Action,
    pub(crate) prior: Option<State>,
    pub(crate) config: Value,
    pub(crate) planned: Value,
    pub(crate) private: Vec<u8>,
    pub(crate) requires_replace: Vec<Path>,
    /// Warnings; with an error there is no plan.
    pub(crate) diagnostics: Diagnostics,
}

/// What an apply left.
#[derive(Debug, Clone)]
pub(crate) struct Applied {
    /// What Terraform would store; nothing if the object is gone.
    pub(crate) state: Option<State>,
    /// With an error among them, the apply failed, and `state` is what it
    /// reached.
    pub(crate) diagnostics: Diagnostics,
}

/// Why core went no further.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Refusal {
    /// The provider said so.
    Provider(Diagnostics),
    /// The provider's answer is one that core does not accept.
    Contract {
        /// Core's own title.
        title: &'static str,
        /// What is wrong.
        detail: String,
    },
}

const INVALID_PLAN: &str = "Provider produced invalid plan";
const INCONSISTENT_PLAN: &str = "Provider produced inconsistent final plan";
const INCONSISTENT_RESULT: &str = "Provider produced inconsistent result after apply";
const INVALID_RESULT: &str = "Provider returned invalid result object after apply";
const INVALID_OBJECT: &str = "Provider produced invalid object";
const INVALID_UPGRADE: &str = "Invalid resource state upgrade";
const NULL_OBJECT: &str = "Provider produced null object";

fn contract<T>(title: &'static str, detail: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal::Contract { title, detail: detail.into() })
}

fn none_or(title: &'static str, errors: &[String]) -> Result<(), Refusal> {
    if errors.is_empty() { Ok(()) } else { contract(title, errors.join("\n")) }
}

fn no_errors(diagnostics: Diagnostics) -> Result<Diagnostics, Refusal> {
    if diagnostics.has_errors() { Err(Refusal::Provider(diagnostics)) } else { Ok(diagnostics) }
}

/// What any object that a provider returns must be: of its type, and without
/// write-only values.
fn object_errors(block: &Block, value: &Value) -> Vec<String> {
    let mut errors = Vec::new();
    if let Err(mismatch) = value.conforms(&block.implied_type()) {
        errors.push(mismatch.to_string());
    }
    if amlsecure::schema::without_write_only(block, value) != *value {
        errors.push("returned a value for a write-only attribute".to_owned());
    }
    errors
}

impl Core {
    /// Loads a provider, whose schemas must be ones that core takes.
    pub(crate) fn new(provider: Arc<dyn Provider>) -> Self {
        assert_eq!(internal_validate(provider.schemas()), [""; 0], "schemas");
        let capabilities =
            ClientCapabilities { deferral_allowed: false, write_only_attributes_allowed: true };
        Self { provider, cancel: CancellationToken::new(), capabilities }
    }

    /// Checks the provider block and hands it over.
    pub(crate) async fn configure(&self, config: Value) -> Result<Diagnostics, Refusal> {
        let validated = self
            .provider
            .validate_provider(ValidateProviderRequest { config: config.clone() }, self.cancel.clone())
            .await;
        let mut diagnostics = no_errors(validated)?;
        let request = ConfigureRequest {
            terraform_version: "1.15.9".to_owned(),
            config,
            capabilities: self.capabilities,
        };
        diagnostics.extend(no_errors(self.provider.configure(request, self.cancel.clone()).await)?);
        Ok(diagnostics)
    }

    /// Checks a resource block.
    pub(crate) async fn validate(&self, type_name: &str, config: &Value) -> Result<Diagnostics, Refusal> {
        let request = ValidateResourceRequest {
            type_name: type_name.to_owned(),
            config: config.clone(),
            capabilities: self.capabilities,
        };
        no_errors(self.provider.validate_resource(request, self.cancel.clone()).await)
    }

    /// Plans a resource block over what is stored, as `terraform plan` does
    /// after a refresh.
    pub(crate) async fn plan(
        &self,
        type_name: &str,
        config: Value,
        prior: Option<&State>,
    ) -> Result<Plan, Refusal> {
        let mut diagnostics = self.validate(type_name, &config).await?;
        let (action, response, requires_replace) = self.plan_once(type_name, &config, prior).await?;
        diagnostics.extend(response.diagnostics);
        Ok(Plan {
            type_name: type_name.to_owned(),
            action,
            prior: prior.cloned(),
            config,
            planned: response.planned_state,
            private: response.planned_private,
            requires_replace,
            diagnostics,
        })
    }

    /// Plans to replace an object though nothing asks for it, as `-replace`
    /// does.
    pub(crate) async fn plan_replace(
        &self,
        type_name: &str,
        config: Value,
        prior: &State,
    ) -> Result<Plan, Refusal> {
        let plan = self.plan(type_name, config, Some(prior)).await?;
        if plan.action == Action::Replace {
            return Ok(plan);
        }
        let block = &self.resource(type_name).block;
        let again = self.ask_plan(type_name, block, &Value::Null, &plan.config, plan.private).await?;
        Ok(Plan {
            action: Action::Replace,
            planned: again.planned_state,
            private: again.planned_private,
            ..plan
        })
    }

    async fn plan_once(
        &self,
        type_name: &str,
        config: &Value,
        prior: Option<&State>,
    ) -> Result<(Action, PlanResourceChangeResponse, Vec<Path>), Refusal> {
        let block = &self.resource(type_name).block;
        // A tainted object is planned as if there were none, and the provider
        // sees nothing of it.
        let live = prior.filter(|state| !state.tainted);
        let (before, private) =
            live.map_or((Value::Null, Vec::new()), |state| (state.value.clone(), state.private.clone()));
        let response = self.ask_plan(type_name, block, &before, config, private).await?;
        let Some(state) = prior else { return Ok((Action::Create, response, Vec::new())) };
        if state.tainted {
            return Ok((Action::Replace, response, Vec::new()));
        }
        let paths = replacing_paths(block, &before, &response)?;
        if !paths.is_empty() {
            let private = response.planned_private;
            let again = self.ask_plan(type_name, block, &Value::Null, config, private).await?;
            return Ok((Action::Replace, again, paths));
        }
        let same = response.planned_state.same(&before, &block.implied_type());
        Ok((if same { Action::NoOp } else { Action::Update }, response, paths))
    }

    async fn ask_plan(
        &self,
        type_name: &str,
        block: &Block,
        prior: &Value,
        config: &Value,
        prior_private: Vec<u8>,
    ) -> Result<PlanResourceChangeResponse, Refusal> {
        let request = PlanResourceChangeRequest {
            type_name: type_name.to_owned(),
            prior_state: prior.clone(),
            proposed_new_state: proposed_new(block, prior, config),
            config: config.clone(),
            prior_private,
            capabilities: self.capabilities,
        };
        let mut response = self.provider.plan_resource_change(request, self.cancel.clone()).await;
        response.diagnostics = no_errors(response.diagnostics)?;
        if response.deferred.is_some() {
            return contract(INVALID_PLAN, "deferred changes when Terraform did not allow deferrals");
        }
        none_or(INVALID_PLAN, &object_errors(block, &response.planned_state))?;
        none_or(INVALID_PLAN, &plan_valid::errors(block, prior, config, &response.planned_state))?;
        Ok(response)
    }

    /// Plans to destroy an object that is stored.
    pub(crate) async fn plan_destroy(&self, state: &State) -> Result<Plan, Refusal> {
        let request = PlanResourceChangeRequest {
            type_name: state.type_name.clone(),
            prior_state: state.value.clone(),
            proposed_new_state: Value::Null,
            config: Value::Null,
            prior_private: state.private.clone(),
            capabilities: self.capabilities,
        };
        let response = self.provider.plan_resource_change(request, self.cancel.clone()).await;
        let diagnostics = no_errors(response.diagnostics)?;
        if !response.planned_state.is_null() {
            return contract(INVALID_PLAN, "planned a non-null destroy value");
        }
        Ok(Plan {
            type_name: state.type_name.clone(),
            action: Action::Delete,
            prior: Some(state.clone()),
            config: Value::Null,
            planned: Value::Null,
            private: response.planned_private,
            requires_replace: Vec::new(),
            diagnostics,
        })
    }

    /// Applies a plan with the configuration that it was made with.
    pub(crate) async fn apply(&self, plan: Plan) -> Result<Applied, Refusal> {
        let config = plan.config.clone();
        self.apply_with(plan, config).await
    }

    /// Applies a plan with a configuration in which what was unknown is known,
    /// in a new process for all that the provider can tell: it is validated and
    /// planned once more.
    pub(crate) async fn apply_with(&self, plan: Plan, config: Value) -> Result<Applied, Refusal> {
        assert!(config.is_wholly_known(), "core applies known configurations only");
        if plan.action == Action::Delete {
            return self.delete(plan.prior.as_ref(), plan.private).await;
        }
        let block = &self.resource(&plan.type_name).block;
        self.validate(&plan.type_name, &config).await?;
        let mut prior = plan.prior;
        if plan.action == Action::Replace {
            // The object's own private bytes are not in the plan of its
            // replacement, and no destroy is planned.
            let deleted = self.delete(prior.as_ref(), plan.private).await?;
            if deleted.state.is_some() {
                return Ok(deleted);
            }
            prior = None;
        }
        let (action, planned, _) = self.plan_once(&plan.type_name, &config, prior.as_ref()).await?;
        let expected = if plan.action == Action::Replace { Action::Create } else { plan.action };
        if action != expected && (expected, action) != (Action::Update, Action::NoOp) {
            return contract(
                INCONSISTENT_PLAN,
                format!("the action was {expected:?}, but is now {action:?}"),
            );
        }
        none_or(INCONSISTENT_PLAN, &compatible::errors(block, &plan.planned, &planned.planned_state))?;
        if action == Action::NoOp {
            return Ok(Applied { state: prior, diagnostics: planned.diagnostics });
        }

        let request = ApplyResourceChangeRequest {
            type_name: plan.type_name.clone(),
            prior_state: prior.as_ref().map_or(Value::Null, |state| state.value.clone()),
            planned_state: planned.planned_state.clone(),
            config,
            planned_private: planned.planned_private,
        };
        let response = self.provider.apply_resource_change(request, self.cancel.clone()).await;
        let failed = response.diagnostics.has_errors();
        none_or(INVALID_OBJECT, &object_errors(block, &response.new_state))?;
        if !response.new_state.is_wholly_known() {
            return contract(INVALID_RESULT, "after the apply the provider still says unknown");
        }
        if !failed && response.new_state.is_null() {
            return contract(INVALID_RESULT, "after the apply the object is null");
        }
        if !failed {
            let errors = compatible::errors(block, &planned.planned_state, &response.new_state);
            none_or(INCONSISTENT_RESULT, &errors)?;
        }
        let state = if response.new_state.is_null() {
            prior
        } else {
            Some(State {
                type_name: plan.type_name,
                value: response.new_state,
                private: response.private,
                tainted: failed && action == Action::Create,
            })
        };
        Ok(Applied { state, diagnostics: response.diagnostics })
    }

    /// Applies a replacement as `create_before_destroy` does: the new object
    /// first, then the old one with a destroy plan of its own. Returns what
    /// became of either.
    pub(crate) async fn apply_create_before_destroy(
        &self,
        plan: Plan,
    ) -> Result<(Applied, Applied), Refusal> {
        assert_eq!(plan.action, Action::Replace, "only a replacement has two halves");
        let deposed = plan.prior.clone().expect("a replacement has a prior state");
        let created = self.apply(Plan { action: Action::Create, prior: None, ..plan }).await?;
        if created.diagnostics.has_errors() {
            let kept = Applied { state: Some(deposed), diagnostics: Diagnostics::default() };
            return Ok((created, kept));
        }
        let destroyed = self.destroy(&deposed).await?;
        Ok((created, destroyed))
    }

    async fn delete(&self, prior: Option<&State>, planned_private: Vec<u8>) -> Result<Applied, Refusal> {
        let Some(state) = prior else {
            return Ok(Applied { state: None, diagnostics: Diagnostics::default() });
        };
        let block = &self.resource(&state.type_name).block;
        let request = ApplyResourceChangeRequest {
            type_name: state.type_name.clone(),
            prior_state: state.value.clone(),
            planned_state: Value::Null,
            config: Value::Null,
            planned_private,
        };
        let response = self.provider.apply_resource_change(request, self.cancel.clone()).await;
        let failed = response.diagnostics.has_errors();
        none_or(INVALID_OBJECT, &object_errors(block, &response.new_state))?;
        if !failed && !response.new_state.is_null() {
            return contract(INVALID_RESULT, "after the delete the object is not null");
        }
        let state = match response.new_state {
            Value::Null if failed => Some(state.clone()),
            Value::Null => None,
            value => Some(State { value, private: response.private, ..state.clone() }),
        };
        Ok(Applied { state, diagnostics: response.diagnostics })
    }

    /// Plans and carries out the destruction of an object.
    pub(crate) async fn destroy(&self, state: &State) -> Result<Applied, Refusal> {
        let plan = self.plan_destroy(state).await?;
        self.apply(plan).await
    }

    /// Plans and applies, and insists that the next plan is empty.
    pub(crate) async fn converge(
        &self,
        type_name: &str,
        config: Value,
        prior: Option<&State>,
    ) -> Result<State, Refusal> {
        let plan = self.plan(type_name, config.clone(), prior).await?;
        let applied = self.apply(plan).await?;
        no_errors(applied.diagnostics)?;
        let Some(state) = applied.state else { return contract(INVALID_RESULT, "nothing was made") };
        let refreshed = self.refresh(&state).await?;
        let Some(refreshed) = refreshed else { return contract(INVALID_RESULT, "what was made is gone") };
        for state in [&state, &refreshed] {
            let again = self.plan(type_name, config.clone(), Some(state)).await?;
            if again.action != Action::NoOp {
                return contract("The next plan was not empty", format!("{:?}", again.planned));
            }
        }
        Ok(refreshed)
    }

    /// Reads an object from its stored form and looks at the real one. `None`
    /// says that it is gone.
    pub(crate) async fn refresh(&self, state: &State) -> Result<Option<State>, Refusal> {
        Ok(self.refresh_saying(state).await?.0)
    }

    /// The same, with what the provider warned of.
    pub(crate) async fn refresh_saying(
        &self,
        state: &State,
    ) -> Result<(Option<State>, Diagnostics), Refusal> {
        let schema = self.resource(&state.type_name);
        let block = &schema.block;
        let stored = json::encode(&block.implied_type(), &state.value).expect("a state can be stored");
        let upgraded = self.upgrade(&state.type_name, schema.version, stored).await?;
        let request = ReadResourceRequest {
            type_name: state.type_name.clone(),
            current_state: upgraded,
            private: state.private.clone(),
            capabilities: self.capabilities,
        };
        let response = self.provider.read_resource(request, self.cancel.clone()).await;
        let warned = no_errors(response.diagnostics)?;
        none_or(INVALID_OBJECT, &object_errors(block, &response.new_state))?;
        if !response.new_state.is_wholly_known() {
            return contract(INVALID_OBJECT, "after the refresh the provider says unknown");
        }
        if response.new_state.is_null() {
            return Ok((None, warned));
        }
        let state = State { value: response.new_state, private: response.private, ..state.clone() };
        Ok((Some(state), warned))
    }

    /// Brings a stored state to the current schema.
    pub(crate) async fn upgrade(
        &self,
        type_name: &str,
        version: i64,
        stored: serde_json::Value,
    ) -> Result<Value, Refusal> {
        let block = &self.resource(type_name).block;
        let request = UpgradeResourceStateRequest {
            type_name: type_name.to_owned(),
            version,
            raw_state: RawState::Json(stored),
        };
        let response = self.provider.upgrade_resource_state(request, self.cancel.clone()).await;
        no_errors(response.diagnostics)?;
        none_or(INVALID_UPGRADE, &object_errors(block, &response.upgraded_state))?;
        if response.upgraded_state.is_null() || !response.upgraded_state.is_wholly_known() {
            return contract(INVALID_UPGRADE, "the upgraded state is null or not wholly known");
        }
        Ok(response.upgraded_state)
    }

    /// Imports an object by its ID and reads it.
    pub(crate) async fn import(&self, type_name: &str, id: &str) -> Result<State, Refusal> {
        let request = ImportResourceStateRequest {
            type_name: type_name.to_owned(),
            id: id.to_owned(),
            capabilities: self.capabilities,
        };
        let response = self.provider.import_resource_state(request, self.cancel.clone()).await;
        no_errors(response.diagnostics)?;
        let imported = match <[ImportedResource; 1]>::try_from(response.imported) {
            Ok([imported]) => imported,
            Err(several) if several.is_empty() => {
                return contract("Import returned no resources", "none was found");
            }
            Err(_) => return contract("Multiple import states not supported", "one was expected"),
        };
        if imported.state.is_null() {
            return contract("Import returned null resource", imported.type_name);
        }
        let block = &self.resource(&imported.type_name).block;
        none_or(INVALID_OBJECT, &object_errors(block, &imported.state))?;
        let stub = State {
            type_name: imported.type_name,
            value: imported.state,
            private: imported.private,
            tainted: false,
        };
        match self.refresh(&stub).await? {
            Some(state) => Ok(state),
            None => contract("Cannot import non-existent remote object", id),
        }
    }

    /// Reads a data source with a known configuration.
    pub(crate) async fn data(&self, type_name: &str, config: Value) -> Result<Value, Refusal> {
        assert!(config.is_wholly_known(), "core reads with known configurations only");
        let request = ValidateDataSourceRequest { type_name: type_name.to_owned(), config: config.clone() };
        no_errors(self.provider.validate_data_source(request, self.cancel.clone()).await)?;
        let request = ReadDataSourceRequest {
            type_name: type_name.to_owned(),
            config: config.clone(),
            capabilities: self.capabilities,
        };
        let response = self.provider.read_data_source(request, self.cancel.clone()).await;
        no_errors(response.diagnostics)?;
        let block = &self.provider.schemas().data_sources[type_name].block;
        none_or(INVALID_OBJECT, &object_errors(block, &response.state))?;
        if response.state.is_null() {
            return contract(NULL_OBJECT, "a data source was read as null");
        }
        if !response.state.is_wholly_known() {
            return contract(INVALID_OBJECT, "a data source was read as unknown");
        }
        none_or(INVALID_OBJECT, &plan_valid::errors(block, &Value::Null, &config, &response.state))?;
        Ok(response.state)
    }

    fn resource(&self, type_name: &str) -> &Schema {
        &self.provider.schemas().resources[type_name]
    }
}

/// The paths that really ask for a replacement: those where something changes,
/// may change, or cannot be seen.
fn replacing_paths(
    block: &Block,
    prior: &Value,
    response: &PlanResourceChangeResponse,
) -> Result<Vec<Path>, Refusal> {
    let planned = &response.planned_state;
    let mut paths = Vec::new();
    for path in &response.requires_replace {
        let (before, after) = (prior.get(path), planned.get(path));
        if before.is_none() && after.is_none() {
            return contract(
                INVALID_PLAN,
                format!("has indicated \"requires replacement\" for a non-existent attribute path: {path}"),
            );
        }
        let write_only = path.0.len() == 1
            && block.attribute(&path.to_string()).is_some_and(|attribute| attribute.write_only);
        if before != after || after.is_some_and(Value::is_unknown) || write_only {
            paths.push(path.clone());
        }
    }
    Ok(paths)
}
