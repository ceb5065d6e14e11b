//! Between the messages of the protocol and what the provider speaks: values,
//! stored states, diagnostics, paths.

use super::msgpack;
use super::proto::tfplugin5 as proto;
use crate::provider::rpc::{ClientCapabilities, DeferredReason, RawState};
use crate::schema::{Diagnostic, Diagnostics, Path, Severity, Step, Type, Value, json};

/// Why a message holds no value of the type that its schema says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct WireError {
    /// Where in the value.
    pub path: Path,
    /// What is wrong, as a sentence that names the path.
    pub message: String,
}

impl From<msgpack::Error> for WireError {
    fn from(error: msgpack::Error) -> Self {
        Self { path: error.path, message: error.message }
    }
}

impl From<json::Error> for WireError {
    fn from(error: json::Error) -> Self {
        Self { message: error.to_string(), path: error.path }
    }
}

/// Reads a value: MessagePack if there is any, else JSON if there is any, else
/// null. An absent message is null too.
pub fn decode(ty: &Type, message: Option<&proto::DynamicValue>) -> Result<Value, WireError> {
    let Some(message) = message else { return Ok(Value::Null) };
    if !message.msgpack.is_empty() {
        return Ok(msgpack::decode(ty, &message.msgpack)?);
    }
    if message.json.is_empty() {
        return Ok(Value::Null);
    }
    let json = serde_json::from_slice(&message.json)
        .map_err(|error| WireError { path: Path::root(), message: error.to_string() })?;
    Ok(json::decode(ty, &json)?)
}

/// Writes a value, always in MessagePack: older Terraforms read nothing else.
pub fn encode(ty: &Type, value: &Value) -> Result<proto::DynamicValue, WireError> {
    Ok(proto::DynamicValue { msgpack: msgpack::encode(ty, value)?, json: Vec::new() })
}

/// Reads a stored state.
pub(super) fn raw_state(message: Option<proto::RawState>) -> Result<RawState, WireError> {
    let message = message.unwrap_or_default();
    if message.json.is_empty() && !message.flatmap.is_empty() {
        return Ok(RawState::Flatmap);
    }
    serde_json::from_slice(&message.json)
        .map(RawState::Json)
        .map_err(|error| WireError { path: Path::root(), message: error.to_string() })
}

/// What the client says it can do; nothing where it says nothing.
pub(super) fn capabilities(message: Option<proto::ClientCapabilities>) -> ClientCapabilities {
    let message = message.unwrap_or_default();
    ClientCapabilities {
        deferral_allowed: message.deferral_allowed,
        write_only_attributes_allowed: message.write_only_attributes_allowed,
    }
}

/// The message for a deferral. A client that allowed none is told so in
/// `diagnostics`, because it would refuse the answer without saying whose
/// fault it is.
pub(super) fn deferred(
    reason: Option<DeferredReason>,
    allowed: bool,
    diagnostics: &mut Diagnostics,
) -> Option<proto::Deferred> {
    let reason = reason?;
    if !allowed {
        diagnostics.error(
            Path::root(),
            "Invalid Deferred Response",
            "The provider put the change off, which this run of Terraform does not allow. This is a defect of \
             the provider; please report it.",
        );
        return None;
    }
    let reason = match reason {
        DeferredReason::ResourceConfigUnknown => proto::deferred::Reason::ResourceConfigUnknown,
        DeferredReason::ProviderConfigUnknown => proto::deferred::Reason::ProviderConfigUnknown,
        DeferredReason::AbsentPrerequisite => proto::deferred::Reason::AbsentPrereq,
    };
    Some(proto::Deferred { reason: reason.into() })
}

/// The messages for diagnostics about a value of type `ty`.
pub(super) fn diagnostics(ty: &Type, diagnostics: &Diagnostics) -> Vec<proto::Diagnostic> {
    diagnostics.0.iter().map(|it| diagnostic(ty, it)).collect()
}

fn diagnostic(ty: &Type, diagnostic: &Diagnostic) -> proto::Diagnostic {
    let severity = match diagnostic.severity {
        Severity::Error => proto::diagnostic::Severity::Error,
        Severity::Warning => proto::diagnostic::Severity::Warning,
    };
    let attribute = path(ty, &diagnostic.path);
    proto::Diagnostic {
        severity: severity.into(),
        summary: diagnostic.summary.clone(),
        detail: diagnostic.detail.clone(),
        attribute: (!attribute.steps.is_empty()).then_some(attribute),
    }
}

/// The message for a path into a value of type `ty`. It stops before what the
/// protocol cannot say, an element of a set, and before what is not there.
pub(super) fn path(ty: &Type, path: &Path) -> proto::AttributePath {
    use proto::attribute_path::step::Selector;

    let mut ty = ty;
    let mut steps = Vec::new();
    for step in &path.0 {
        let (selector, next) = match (step, ty) {
            (Step::Attribute(name) | Step::Key(name), Type::Object(attributes)) => {
                let Some(next) = attributes.get(name) else { break };
                (Selector::AttributeName(name.clone()), next)
            }
            (Step::Attribute(key) | Step::Key(key), Type::Map(element)) => {
                (Selector::ElementKeyString(key.clone()), &**element)
            }
            (Step::Index(index), Type::List(element)) => match i64::try_from(*index) {
                Ok(index) => (Selector::ElementKeyInt(index), &**element),
                Err(_) => break,
            },
            (Step::Index(index), Type::Tuple(elements)) => {
                match (i64::try_from(*index), elements.get(*index)) {
                    (Ok(index), Some(next)) => (Selector::ElementKeyInt(index), next),
                    _ => break,
                }
            }
            _ => break,
        };
        steps.push(proto::attribute_path::Step { selector: Some(selector) });
        ty = next;
    }
    proto::AttributePath { steps }
}

#[cfg(test)]
mod tests {
    use proto::attribute_path::step::Selector;

    use super::*;

    fn selectors(ty: &Type, of: &Path) -> Vec<Selector> {
        path(ty, of).steps.into_iter().filter_map(|step| step.selector).collect()
    }

    #[test]
    fn a_path_stops_before_an_element_of_a_set() {
        let ty = Type::object([("a", Type::set(Type::object([("b", Type::String)])))]);
        let of = Path::root().attribute("a").index(0).attribute("b");
        assert_eq!(selectors(&ty, &of), [Selector::AttributeName("a".to_owned())]);
    }

    #[test]
    fn a_member_of_a_map_is_named_by_its_key() {
        let ty = Type::object([("tags", Type::map(Type::String)), ("list", Type::list(Type::Bool))]);
        assert_eq!(
            selectors(&ty, &Path::root().attribute("tags").key("a b")),
            [Selector::AttributeName("tags".to_owned()), Selector::ElementKeyString("a b".to_owned()),]
        );
        assert_eq!(
            selectors(&ty, &Path::root().attribute("list").index(3)),
            [Selector::AttributeName("list".to_owned()), Selector::ElementKeyInt(3),]
        );
    }

    #[test]
    fn a_diagnostic_about_the_whole_block_has_no_path() {
        let mut found = Diagnostics::default();
        found.warning(Path::root(), "s", "d");
        let messages = diagnostics(&Type::object([("a", Type::Bool)]), &found);
        assert_eq!(messages[0].attribute, None);
        assert_eq!(messages[0].severity, i32::from(proto::diagnostic::Severity::Warning));
    }

    #[test]
    fn an_absent_an_empty_and_a_json_value_are_read() {
        assert_eq!(decode(&Type::Bool, None), Ok(Value::Null));
        assert_eq!(decode(&Type::Bool, Some(&proto::DynamicValue::default())), Ok(Value::Null));
        let json = proto::DynamicValue { msgpack: Vec::new(), json: b"true".to_vec() };
        assert_eq!(decode(&Type::Bool, Some(&json)), Ok(Value::Bool(true)));
    }
}
