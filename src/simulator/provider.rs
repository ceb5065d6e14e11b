//! Resource providers: which there are and whether the subscription uses them.

use serde_json::{Value, json};

use super::answer::{Answer, Outcome, Refusal};
use super::{Cx, SUBSCRIPTION};
use crate::kinds::{ALL, ResourceId};

/// The namespaces of all kinds, each once.
fn namespaces() -> Vec<&'static str> {
    let mut found: Vec<&str> = ALL.iter().filter_map(|kind| kind.resource_type.split('/').next()).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Whether there is such a namespace.
pub(super) fn is_known(namespace: &str) -> bool {
    namespaces().iter().any(|known| known.eq_ignore_ascii_case(namespace))
}

/// Refuses a write to a namespace that the subscription is not registered for.
pub(super) fn registered(cx: &Cx<'_>, id: &ResourceId) -> Outcome<()> {
    let kind = id.resource_type();
    let namespace = kind.split('/').next().unwrap_or_default();
    if registration(cx, namespace)? == "Registered" {
        return Ok(());
    }
    let message = format!(
        "The subscription is not registered to use namespace '{namespace}'. See https://aka.ms/rps-not-found for how \
         to register subscriptions."
    );
    let mut refusal = Refusal::new(409, "MissingSubscriptionRegistration", message.clone()).gateway();
    refusal
        .details
        .push(json!({ "code": "MissingSubscriptionRegistration", "target": namespace, "message": message }));
    Err(refusal.into())
}

/// Answers a GET of one provider or of all.
pub(super) fn answer(cx: &Cx<'_>, namespace: Option<&str>) -> Outcome<Answer> {
    let Some(namespace) = namespace else {
        let all = namespaces().into_iter().map(|known| body(cx, known)).collect::<Outcome<Vec<_>>>()?;
        return Ok(Answer::json(200, json!({ "value": all })));
    };
    match namespaces().into_iter().find(|known| known.eq_ignore_ascii_case(namespace)) {
        Some(known) => Ok(Answer::json(200, body(cx, known)?)),
        None => Err(invalid(namespace).into()),
    }
}

/// Answers `register` and `unregister`. A registration takes its time.
pub(super) fn register(cx: &Cx<'_>, namespace: &str, on: bool) -> Outcome<Answer> {
    if !is_known(namespace) {
        return Err(invalid(namespace).into());
    }
    if on {
        let takes = cx.settings.latency.milliseconds(cx.settings.behaviour.registration_seconds);
        cx.store.register(namespace, cx.now.saturating_add(takes))?;
    } else {
        cx.store.unregister(namespace)?;
    }
    answer(cx, Some(namespace))
}

fn registration(cx: &Cx<'_>, namespace: &str) -> rusqlite::Result<&'static str> {
    Ok(match cx.store.unregistered(namespace)? {
        None => "Registered",
        Some(until) if until <= cx.now => "Registered",
        Some(i64::MAX) => "NotRegistered",
        Some(_) => "Registering",
    })
}

fn body(cx: &Cx<'_>, namespace: &str) -> Outcome<Value> {
    let types: Vec<Value> = ALL
        .iter()
        .filter_map(|kind| {
            let (of, name) = kind.resource_type.split_once('/')?;
            (of == namespace)
                .then(|| json!({ "resourceType": name, "locations": [], "apiVersions": [kind.api_version] }))
        })
        .collect();
    let state = registration(cx, namespace)?;
    Ok(json!({
        "id": format!("/subscriptions/{SUBSCRIPTION}/providers/{namespace}"),
        "namespace": namespace,
        "registrationPolicy": "RegistrationRequired",
        "registrationState": state,
        "resourceTypes": types,
    }))
}

fn invalid(namespace: &str) -> Refusal {
    Refusal::new(404, "InvalidResourceNamespace", format!("The resource namespace '{namespace}' is invalid."))
        .gateway()
}
