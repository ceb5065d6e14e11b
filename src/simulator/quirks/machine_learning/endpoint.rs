//! Online and batch endpoints, and the deployments that they lead to.

use serde_json::{Value, json};

use crate::kinds::{BATCH_DEPLOYMENT, ONLINE_DEPLOYMENT, ResourceId};
use crate::simulator::answer::{Answer, Outcome, Refusal, Stop};
use crate::simulator::operation::{self, Action};
use crate::simulator::quirks::{Quirk, secret};
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body};

/// Seconds that a token of an endpoint is good for, and after which it should be renewed.
const TOKEN: (i64, i64) = (12 * 60 * 60, 10 * 60 * 60);

/// Seconds that new keys take.
const REGENERATE: f64 = 10.0;

/// The most of the traffic, in percent, that may be mirrored to a deployment
/// (azure-ai-ml documentation, test a deployment with mirrored traffic).
const MIRRORED: i64 = 50;

/// How long the names of an endpoint and a deployment on Kubernetes are together.
const KUBERNETES_NAMES: std::ops::RangeInclusive<usize> = 6..=62;

/// Where the keys are kept, which no answer but that of `listKeys` shows.
const KEYS: &str = "keys";

pub(super) struct OnlineEndpoint;
pub(super) struct BatchEndpoint;
pub(super) struct Deployment;

impl Quirk for OnlineEndpoint {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        shares(cx, draft)?;
        keep_keys(draft);
        let (name, location) = (draft.id.name().to_owned(), draft.text("location").unwrap_or_default());
        let host = format!("https://{name}.{location}.inference.ml.azure.com");
        draft.stamp_once("properties.scoringUri", || Ok(json!(format!("{host}/score"))))?;
        draft.stamp_once("properties.swaggerUri", || Ok(json!(format!("{host}/swagger.json"))))
    }

    fn show(&self, _cx: &Cx<'_>, _resource: &Resource, shown: &mut Value) -> Outcome<()> {
        body::take(shown, KEYS);
        if body::get(shown, "properties.traffic").is_none() {
            body::set(shown, "properties.traffic", json!({}));
        }
        Ok(())
    }

    fn actions(&self) -> &'static [&'static str] {
        &["listKeys", "regenerateKeys", "token"]
    }

    fn act(&self, cx: &Cx<'_>, resource: &Resource, action: &str, sent: &Value) -> Outcome<Option<Answer>> {
        Ok(Some(match action {
            "listkeys" => keys(resource)?,
            "token" => token(cx, resource)?,
            "regeneratekeys" => {
                let which = sent["keyType"].as_str().unwrap_or_default().to_ascii_lowercase();
                let action = match which.as_str() {
                    "primary" => "regenerate primary",
                    "secondary" => "regenerate secondary",
                    _ => return Err(bad("The keyType must be Primary or Secondary.".to_owned())),
                };
                operation::act(
                    cx,
                    resource,
                    Action { name: action, seconds: REGENERATE, alone: true, answer: None },
                )?
            }
            _ => return Ok(None),
        }))
    }

    fn acted(&self, cx: &Cx<'_>, resource: &mut Resource, action: &str) -> Outcome<()> {
        if let Some(which) = action.strip_prefix("regenerate ") {
            let key = cx.store.guid()?;
            body::set(&mut resource.stamped, &format!("{KEYS}.{which}Key"), json!(key));
        }
        Ok(())
    }

    fn taken(&self, id: &ResourceId) -> Refusal {
        taken(id)
    }
}

impl Quirk for BatchEndpoint {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        if let Some(name) = draft.text("properties.defaults.deploymentName").filter(|name| !name.is_empty()) {
            let id = draft.id.child(&BATCH_DEPLOYMENT, name);
            if !cx.store.exists(&id.canonical())? {
                return Err(bad(format!("The default deployment '{name}' does not exist.")));
            }
        }
        keep_keys(draft);
        let (name, location) = (draft.id.name().to_owned(), draft.text("location").unwrap_or_default());
        let host = format!("https://{name}.{location}.inference.ml.azure.com");
        draft.stamp_once("properties.scoringUri", || Ok(json!(format!("{host}/jobs"))))
    }

    fn show(&self, _cx: &Cx<'_>, _resource: &Resource, shown: &mut Value) -> Outcome<()> {
        body::take(shown, KEYS);
        Ok(())
    }

    fn actions(&self) -> &'static [&'static str] {
        &["listKeys"]
    }

    fn act(&self, _cx: &Cx<'_>, resource: &Resource, action: &str, _sent: &Value) -> Outcome<Option<Answer>> {
        (action == "listkeys").then(|| keys(resource)).transpose()
    }

    fn taken(&self, id: &ResourceId) -> Refusal {
        taken(id)
    }
}

impl Quirk for Deployment {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        let endpoint = draft.id.parent();
        if draft.text("properties.endpointComputeType") == Some("Kubernetes") {
            let together =
                draft.id.name().len() + endpoint.as_ref().map_or(0, |endpoint| endpoint.name().len());
            if !KUBERNETES_NAMES.contains(&together) {
                return Err(Refusal::new(
                    400,
                    "InferencingClientCallFailed",
                    format!(
                        "The names of an endpoint and its deployment on Kubernetes have {} to {} characters together, \
                         not {together}.",
                        KUBERNETES_NAMES.start(),
                        KUBERNETES_NAMES.end()
                    ),
                )
                .into());
            }
        }
        let workspace = match endpoint.and_then(|endpoint| endpoint.parent()) {
            Some(id) => cx.store.resource(&id.canonical())?,
            None => None,
        };
        let managed = workspace
            .is_some_and(|row| super::workspace::isolation(&row.written) != super::workspace::UNMANAGED);
        if managed && draft.text("properties.egressPublicNetworkAccess") == Some("Disabled") {
            return Err(bad(
                "egressPublicNetworkAccess cannot be disabled in a workspace with a managed network."
                    .to_owned(),
            ));
        }
        Ok(())
    }

    fn actions(&self) -> &'static [&'static str] {
        &["getLogs"]
    }

    fn act(
        &self,
        _cx: &Cx<'_>,
        _resource: &Resource,
        action: &str,
        _sent: &Value,
    ) -> Outcome<Option<Answer>> {
        Ok((action == "getlogs").then(|| Answer::json(200, json!({ "content": "" }))))
    }
}

fn bad(message: String) -> Stop {
    Refusal::new(400, "BadRequest", message).into()
}

fn taken(id: &ResourceId) -> Refusal {
    Refusal::new(
        409,
        "Conflict",
        format!("The endpoint name '{}' is already used in the region. Choose another name.", id.name()),
    )
}

/// Holds the shares of the traffic to what there is: deployments by name, a
/// hundred percent or none at all.
fn shares(cx: &Cx<'_>, draft: &Draft) -> Outcome<()> {
    let mut sums = [0_i64; 2];
    for (sum, path) in sums.iter_mut().zip(["properties.traffic", "properties.mirrorTraffic"]) {
        let Some(Value::Object(shares)) = body::get(&draft.written, path) else { continue };
        for (name, share) in shares {
            let id = draft.id.child(&ONLINE_DEPLOYMENT, name);
            if !cx.store.exists(&id.canonical())? {
                return Err(bad(format!("The deployment '{name}' named by '{path}' does not exist.")));
            }
            let Some(share) = share.as_i64().filter(|share| (0..=100).contains(share)) else {
                return Err(bad(format!("The share of '{name}' in '{path}' must be between 0 and 100.")));
            };
            *sum += share;
        }
    }
    if ![0, 100].contains(&sums[0]) {
        return Err(bad(format!("The traffic of an endpoint must add up to 0 or 100, not {}.", sums[0])));
    }
    if sums[1] > MIRRORED {
        return Err(bad(format!("At most {MIRRORED} percent of the traffic can be mirrored.")));
    }
    Ok(())
}

/// Keeps keys that were sent.
fn keep_keys(draft: &mut Draft) {
    if let Some(Value::Object(sent)) = body::get(&draft.sent_only, "properties.keys").cloned() {
        for (name, key) in sent {
            body::set(&mut draft.stamped, &format!("{KEYS}.{name}"), key);
        }
    }
}

fn mode(resource: &Resource) -> &str {
    body::text(&resource.written, "properties.authMode").unwrap_or_default()
}

fn keys(resource: &Resource) -> Outcome<Answer> {
    if mode(resource) != "Key" {
        return Err(bad(format!("The endpoint '{}' does not use keys.", resource.id.name())));
    }
    let key = |name: &str| match body::text(&resource.stamped, &format!("{KEYS}.{name}")) {
        Some(key) => key.to_owned(),
        None => secret(resource, name),
    };
    Ok(Answer::json(200, json!({ "primaryKey": key("primaryKey"), "secondaryKey": key("secondaryKey") })))
}

fn token(cx: &Cx<'_>, resource: &Resource) -> Outcome<Answer> {
    if mode(resource) == "Key" {
        return Err(bad(format!("The endpoint '{}' uses keys and has no tokens.", resource.id.name())));
    }
    let now = cx.now / 1000;
    Ok(Answer::json(
        200,
        json!({
            "accessToken": secret(resource, "token"), "tokenType": "Bearer",
            "expiryTimeUtc": now + TOKEN.0, "refreshAfterTimeUtc": now + TOKEN.1,
        }),
    ))
}
