//! ARM's error bodies, in all the shapes that services give them.
//!
//! The contract is `{"error": {code, message, target, details, additionalInfo,
//! innererror}}` (resource provider contract, "error response content"). Older
//! services put the same fields at the top, write them in capitals, in OData's
//! envelope, or as a JSON text inside `message`; each of these has been seen.

use std::fmt;

use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value as Json};

/// How deep inner errors are followed. ARM nests three or four levels; more is
/// a body that refers to itself in text.
const DEPTH_MOST: usize = 8;

/// How many inner errors are kept; a message longer than this helps nobody.
const DETAILS_MOST: usize = 32;

/// How much of a body that is not JSON is shown.
const TEXT_MOST: usize = 512;

/// ARM's error body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status; 200 where the error came at the end of an operation.
    pub status: u16,
    /// `AnotherOperationInProgress`.
    pub code: String,
    /// ARM's sentence.
    pub message: String,
    /// What it is about, where ARM says.
    pub target: Option<String>,
    /// Inner errors, flattened.
    pub details: Vec<Refusal>,
}

impl Refusal {
    /// Reads the body of an error answer. Anything that is not one of ARM's
    /// shapes becomes the status in words and the beginning of the text.
    pub(super) fn of_answer(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        if let Some(refusal) = serde_json::from_slice(strip_bom(body))
            .ok()
            .and_then(|json: Json| Self::of_body(status.as_u16(), &json))
        {
            return refusal;
        }
        // The front door repeats the code here (azure-core reads it first).
        let code = headers.get("x-ms-error-code").and_then(|value| value.to_str().ok());
        let reason = status.canonical_reason().unwrap_or("unknown status");
        let text = String::from_utf8_lossy(strip_bom(body));
        let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
        Self {
            status: status.as_u16(),
            code: code.map_or_else(|| reason.replace(' ', ""), str::to_owned),
            message: if text.is_empty() { reason.to_owned() } else { text.chars().take(TEXT_MOST).collect() },
            target: None,
            details: Vec::new(),
        }
    }

    /// Reads an error out of a JSON body: of an error answer, of an operation,
    /// or of a resource whose provisioning failed. `None` where there is none.
    pub(super) fn of_body(status: u16, body: &Json) -> Option<Self> {
        let mut details = Vec::new();
        let mut refusal = read(status, body, &mut details, 0)?;
        details.retain(|detail| (&detail.code, &detail.message) != (&refusal.code, &refusal.message));
        details.truncate(DETAILS_MOST);
        refusal.details = details;
        Some(refusal)
    }

    /// The error itself and its inner ones.
    pub(super) fn all(&self) -> impl Iterator<Item = &Refusal> {
        std::iter::once(self).chain(&self.details)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The end of an operation has no status of its own.
        if self.status >= 300 {
            write!(f, "{} ", self.status)?;
        }
        write!(f, "{}: {}", self.code, self.message)?;
        if let Some(target) = &self.target {
            write!(f, " (target: {target})")?;
        }
        for detail in &self.details {
            write!(f, "\n  {}: {}", detail.code, detail.message)?;
            if let Some(target) = &detail.target {
                write!(f, " (target: {target})")?;
            }
        }
        Ok(())
    }
}

fn strip_bom(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)
}

/// Reads one error and puts what lies inside it into `inner`, outermost first.
fn read(status: u16, json: &Json, inner: &mut Vec<Refusal>, depth: usize) -> Option<Refusal> {
    if depth > DEPTH_MOST {
        return None;
    }
    let object = json.as_object()?;
    for envelope in ["error", "odata.error", "Error"] {
        match object.get(envelope) {
            Some(Json::Object(_)) => return read(status, &object[envelope], inner, depth + 1),
            // OAuth's shape, which a proxy in front of ARM may answer with.
            Some(Json::String(code)) => {
                let message = text(object, &["error_description", "message"]).unwrap_or_default();
                let message = if message.is_empty() { code.clone() } else { message };
                return Some(Refusal {
                    status,
                    code: code.clone(),
                    message,
                    target: None,
                    details: Vec::new(),
                });
            }
            _ => {}
        }
    }
    let code = text(object, &["code", "Code", "errorCode"]);
    let message = text(object, &["message", "Message"]);
    if code.is_none() && message.is_none() {
        return None;
    }
    let mut message = message.unwrap_or_default();
    // A whole answer as text: what it says is what matters.
    if message.trim_start().starts_with('{')
        && let Ok(json) = serde_json::from_str::<Json>(&message)
    {
        let mut deeper = Vec::new();
        if let Some(wrapped) = read(status, &json, &mut deeper, depth + 1) {
            message.clone_from(&wrapped.message);
            inner.push(wrapped);
            inner.append(&mut deeper);
        }
    }
    let details = ["details", "Details"].iter().find_map(|key| object.get(*key)?.as_array());
    let nested = ["innererror", "innerError", "InnerError"].iter().filter_map(|key| object.get(*key));
    for json in details.into_iter().flatten().chain(nested) {
        let mut deeper = Vec::new();
        if let Some(refusal) = read(status, json, &mut deeper, depth + 1) {
            inner.push(refusal);
        }
        inner.append(&mut deeper);
    }
    for info in object.get("additionalInfo").and_then(Json::as_array).into_iter().flatten() {
        inner.extend(policy(status, info));
    }
    Some(Refusal {
        status,
        code: code.unwrap_or_else(|| "Error".to_owned()),
        message,
        target: text(object, &["target", "Target"]).filter(|target| !target.is_empty()),
        details: Vec::new(),
    })
}

/// The first of `keys` that holds a text; OData has it one level deeper, in
/// `value`, and some services write numbers.
fn text(object: &Map<String, Json>, keys: &[&str]) -> Option<String> {
    keys.iter().find_map(|key| match object.get(*key)? {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Object(object) => object.get("value")?.as_str().map(str::to_owned),
        _ => None,
    })
}

/// Which policy denied a write: ARM names it beside the message only.
fn policy(status: u16, info: &Json) -> Option<Refusal> {
    if info.get("type")?.as_str()? != "PolicyViolation" {
        return None;
    }
    let info = info.get("info")?;
    let name = |display: &str, id: &str| {
        [display, id].iter().find_map(|key| info.get(*key)?.as_str()).unwrap_or("?").to_owned()
    };
    Some(Refusal {
        status,
        code: "PolicyViolation".to_owned(),
        message: format!(
            "policy '{}', assigned as '{}'",
            name("policyDefinitionDisplayName", "policyDefinitionId"),
            name("policyAssignmentDisplayName", "policyAssignmentId"),
        ),
        target: info.get("policyAssignmentScope").and_then(Json::as_str).map(str::to_owned),
        details: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn refusal(body: &Json) -> Refusal {
        Refusal::of_body(400, body).unwrap()
    }

    #[test]
    fn every_envelope_that_services_use_is_read() {
        for body in [
            json!({"error": {"code": "Conflict", "message": "taken"}}),
            json!({"code": "Conflict", "message": "taken"}),
            json!({"Code": "Conflict", "Message": "taken"}),
            json!({"odata.error": {"code": "Conflict", "message": {"lang": "en-us", "value": "taken"}}}),
            json!({"status": "Failed", "error": {"code": "Conflict", "message": "taken"}}),
            json!({"error": "Conflict", "error_description": "taken"}),
        ] {
            let refusal = refusal(&body);
            assert_eq!((refusal.code.as_str(), refusal.message.as_str()), ("Conflict", "taken"), "{body}");
        }
    }

    #[test]
    fn inner_errors_are_flattened_outermost_first() {
        let refusal = refusal(&json!({"error": {
            "code": "RetryableError", "message": "A retryable error occurred.",
            "details": [{"code": "ReferencedResourceNotProvisioned", "message": "subnet is Updating",
                "details": [{"code": "Deeper", "message": "still", "target": "subnet"}]}],
            "innererror": {"code": "Inner", "message": "why"},
        }}));
        let codes: Vec<_> = refusal.details.iter().map(|detail| detail.code.as_str()).collect();
        assert_eq!(codes, ["ReferencedResourceNotProvisioned", "Deeper", "Inner"]);
        assert_eq!(refusal.details[1].target.as_deref(), Some("subnet"));
    }

    #[test]
    fn a_message_that_is_json_text_is_unwrapped() {
        let refusal = refusal(&json!({"error": {
            "code": "BadRequest",
            "message": "{\"error\":{\"code\":\"OutOfCapacity\",\"message\":\"no cores left\"}}",
        }}));
        assert_eq!(refusal.code, "BadRequest");
        assert_eq!(refusal.message, "no cores left");
        assert_eq!(refusal.details[0].code, "OutOfCapacity");
    }

    #[test]
    fn a_policy_denial_names_the_policy() {
        let refusal = refusal(&json!({"error": {
            "code": "RequestDisallowedByPolicy", "message": "disallowed", "target": "st",
            "additionalInfo": [{"type": "PolicyViolation", "info": {
                "policyDefinitionDisplayName": "Deny public access",
                "policyAssignmentId": "/assignments/a", "policyAssignmentScope": "/subscriptions/s"}}],
        }}));
        assert_eq!(
            refusal.to_string(),
            "400 RequestDisallowedByPolicy: disallowed (target: st)\n  PolicyViolation: policy \
             'Deny public access', assigned as '/assignments/a' (target: /subscriptions/s)"
        );
    }

    #[test]
    fn a_body_that_is_not_json_is_shown_by_its_beginning() {
        let refusal = Refusal::of_answer(
            StatusCode::BAD_GATEWAY,
            &HeaderMap::new(),
            format!("<html>\n  {}", "x".repeat(2000)).as_bytes(),
        );
        assert_eq!(refusal.code, "BadGateway");
        assert_eq!(refusal.message.len(), TEXT_MOST);
        let empty = Refusal::of_answer(StatusCode::CONFLICT, &HeaderMap::new(), b"");
        assert_eq!(empty.to_string(), "409 Conflict: Conflict");
    }

    #[test]
    fn the_end_of_an_operation_shows_no_status() {
        let refusal = Refusal::of_body(200, &json!({"error": {"code": "A", "message": "b"}})).unwrap();
        assert_eq!(refusal.to_string(), "A: b");
    }

    fn any_json() -> impl Strategy<Value = Json> {
        let word = prop_oneof![
            Just("error"),
            Just("code"),
            Just("message"),
            Just("details"),
            Just("innererror"),
            Just("additionalInfo"),
            Just("target"),
            Just("odata.error"),
            Just("value"),
            Just("info"),
            Just("type"),
        ];
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::from),
            any::<i64>().prop_map(Json::from),
            ".*".prop_map(Json::from),
            Just(Json::from(r#"{"error":{"code":"a","message":"{\"code\":1}"}}"#)),
            Just(Json::from("PolicyViolation")),
        ];
        leaf.prop_recursive(6, 64, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
                prop::collection::hash_map(word.clone(), inner, 0..5).prop_map(|map| {
                    Json::Object(map.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn whatever_comes_is_shown_and_bounded(body in any_json()) {
            let text = body.to_string();
            let refusal = Refusal::of_answer(StatusCode::CONFLICT, &HeaderMap::new(), text.as_bytes());
            prop_assert!(refusal.to_string().starts_with("409 "));
            prop_assert!(refusal.details.len() <= DETAILS_MOST);
            prop_assert!(refusal.details.iter().all(|detail| detail.details.is_empty()), "flattened");
        }
    }

    #[test]
    fn endless_nesting_ends() {
        let mut body = json!({"code": "leaf", "message": "m"});
        for _ in 0..100 {
            body = json!({"code": "c", "message": "m", "details": [body]});
        }
        assert!(refusal(&body).details.len() <= DEPTH_MOST + 1);
    }
}
