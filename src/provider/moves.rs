//! Moves: an object of another provider's, carried into one of our composites
//! by a `moved` block.
//!
//! Terraform asks for the new state before it sends the provider block, so
//! Azure cannot be asked then. What is answered holds an id and nothing else.
//! The refresh that follows finds the object as an import does; until then
//! nothing else is done with it.

use serde_json::Value as Json;

use super::common::set;
use super::import::refused;
use super::private::Private;
use super::rpc;
use crate::kinds::{Kind, ResourceId};
use crate::resources::{self, Composite};
use crate::schema::{Diagnostics, Path, Value};

/// Whose state is understood: the end of a provider's address, whichever
/// registry or mirror it came from.
const AZURERM: &str = "/hashicorp/azurerm";
const AZAPI: &str = "/azure/azapi";

/// azapi has one type for all that it manages, and says in `type` what it is:
/// `Microsoft.Network/virtualNetworks@2024-05-01`.
const AZAPI_TYPE: &str = "azapi_resource";

pub(super) fn resource(request: &rpc::MoveResourceStateRequest) -> rpc::MoveResourceStateResponse {
    let carried = match resources::find(&request.target_type_name) {
        Some(composite) => carry(composite, request),
        None => Err(rpc::unknown_type(&request.target_type_name)),
    };
    let (target_state, diagnostics) = match carried {
        Ok(state) => (state, Diagnostics::default()),
        Err(problems) => (Value::Null, problems),
    };
    let target_private = Private { imported: true, ..Private::default() }.bytes();
    rpc::MoveResourceStateResponse { target_state, target_private, diagnostics }
}

/// The id of an object that was moved and has not been found in Azure yet.
pub(super) fn arriving(state: &Value) -> Option<&str> {
    let unseen = state.attribute("resources").is_null();
    unseen.then(|| state.attribute("id").as_str()).flatten()
}

/// An object that was moved can be refreshed, and nothing else.
pub(super) fn refuse_arriving(state: &Value) -> Diagnostics {
    let mut problems = Diagnostics::default();
    if let Some(id) = arriving(state) {
        problems.error(
            Path::root(),
            "What was moved has not been refreshed",
            format!(
                "Of {id} the state holds its id alone, until a refresh has found it in Azure. Run the command without \
                 -refresh=false."
            ),
        );
    }
    problems
}

/// The state of the target: the id of the source, if it is one of the kinds
/// that the target takes over.
fn carry(composite: &Composite, request: &rpc::MoveResourceStateRequest) -> Result<Value, Diagnostics> {
    let (target, source) = (composite.type_name, &*request.source_type_name);
    let rpc::RawState::Json(stored) = &request.source_state else {
        return Err(refused(
            format!("The state of this {source} cannot be read"),
            "It was written by Terraform 0.11 or older. Apply it once with a version between 0.12 and 1.0, which \
             rewrites it.",
        ));
    };
    let text = |name: &str| stored.get(name).and_then(Json::as_str).unwrap_or_default();
    let Some(kind) = kind(composite, request, text("type")) else {
        return Err(refused(
            "Unsupported move",
            format!(
                "{} from {} cannot become a {target}. {} Remove the moved block, or import the object instead.",
                described(source, text("type")),
                request.source_provider_address,
                taken(composite),
            ),
        ));
    };
    match ResourceId::parse(text("id")) {
        Ok(id) if id.is(kind) => {
            let mut state = composite.schema().block.empty();
            set(&mut state, "id", id.as_str().into());
            Ok(state)
        }
        _ => Err(refused(
            format!("The state of this {source} does not say which {} it is", kind.noun),
            format!("Its id is {:?}. Refresh it with the provider that wrote it, then move it.", text("id")),
        )),
    }
}

/// Which of its kinds the target would take over from this source.
fn kind(
    composite: &Composite,
    request: &rpc::MoveResourceStateRequest,
    azapi_type: &str,
) -> Option<&'static Kind> {
    let from = |provider: &str| request.source_provider_address.to_ascii_lowercase().ends_with(provider);
    let resource_type = azapi_type.split('@').next().unwrap_or_default();
    let mut taken = composite.moved_from.iter();
    let found = taken.find(|(azurerm_type, kind)| {
        (from(AZURERM) && request.source_type_name == *azurerm_type)
            || (from(AZAPI)
                && request.source_type_name == AZAPI_TYPE
                && kind.resource_type.eq_ignore_ascii_case(resource_type))
    });
    found.map(|(_, kind)| *kind)
}

fn described(source: &str, azapi_type: &str) -> String {
    if azapi_type.is_empty() { source.to_owned() } else { format!("{source} ({azapi_type})") }
}

/// What a composite takes over, as a sentence.
fn taken(composite: &Composite) -> String {
    let sources: Vec<String> = composite
        .moved_from
        .iter()
        .map(|(azurerm_type, kind)| {
            let azapi = format!("{AZAPI_TYPE} of the type {}", kind.resource_type);
            if azurerm_type.is_empty() { azapi } else { format!("{azurerm_type} of azurerm, and {azapi}") }
        })
        .collect();
    if sources.is_empty() {
        "It takes over no other type.".to_owned()
    } else {
        format!("It takes over {}.", sources.join(", "))
    }
}
