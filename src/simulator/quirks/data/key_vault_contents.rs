//! Keys, secrets and access policies of a vault, as far as ARM writes them.

use http::Method;
use serde_json::{Value, json};

use crate::kinds::{KEY_VAULT, KEY_VAULT_ACCESS_POLICIES, KEY_VAULT_KEY, ResourceId};
use crate::simulator::answer::{Answer, Outcome, no_resource};
use crate::simulator::quirks::{Quirk, id_of, not_deletable};
use crate::simulator::route::Request;
use crate::simulator::store::{Resource, stable_guid};
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body, read, validate};

const POLICIES: &str = "properties.accessPolicies";

/// Stamps the uris and times that both have.
fn stamp(cx: &Cx<'_>, draft: &mut Draft, collection: &str, field: &str, renewed: bool) -> Outcome<()> {
    let vault = match draft.id.parent() {
        Some(parent) => cx.store.resource(&parent.canonical())?,
        None => None,
    };
    let Some(vault) = vault else { return Ok(()) };
    let uri = format!(
        "{}{collection}/{}",
        body::text(&vault.stamped, "properties.vaultUri").unwrap_or_default(),
        draft.id.name()
    );
    let now = cx.now / 1000;
    let location = vault.written["location"].clone();
    draft.stamp_once("location", || Ok(location))?;
    draft.stamp_once("properties.attributes.created", || Ok(json!(now)))?;
    body::set(&mut draft.stamped, "properties.attributes.updated", json!(now));
    if renewed {
        let version =
            stable_guid(&format!("{}/{}", draft.id.canonical(), cx.store.serial()?)).replace('-', "");
        body::set(
            &mut draft.stamped,
            &format!("properties.{field}WithVersion"),
            json!(format!("{uri}/{version}")),
        );
    }
    draft.stamp_once(&format!("properties.{field}"), || Ok(json!(uri)))
}

pub(super) struct Key;

impl Quirk for Key {
    fn normalise(&self, draft: &mut Draft) {
        if let Some(old) = &draft.old {
            draft.written = old.written.clone();
        }
    }

    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        if !draft.is_new() {
            return Ok(());
        }
        if body::get(&draft.written, "properties.kty").is_none() {
            body::set(&mut draft.written, "properties.kty", json!("RSA"));
        }
        let curve = draft.text("properties.kty").is_some_and(|kind| kind.starts_with("EC"));
        let (size, value) = if curve {
            ("properties.curveName", json!("P-256"))
        } else {
            ("properties.keySize", json!(2048))
        };
        if body::get(&draft.written, size).is_none() {
            body::set(&mut draft.written, size, value);
        }
        if body::get(&draft.written, "properties.keyOps").is_none() {
            let able: &[&str] = if curve {
                &["sign", "verify"]
            } else {
                &["encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey"]
            };
            body::set(&mut draft.written, "properties.keyOps", json!(able));
        }
        draft.stamp_once("properties.attributes.recoveryLevel", || Ok(json!("Recoverable+Purgeable")))?;
        stamp(cx, draft, "keys", "keyUri", true)
    }

    fn release(&self, _cx: &Cx<'_>, resource: &Resource) -> Outcome<()> {
        Err(not_deletable(&resource.id))
    }
}

pub(super) struct Secret;

impl Quirk for Secret {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        let renewed = draft.is_new() || body::get(&draft.sent_only, "properties.value").is_some();
        stamp(cx, draft, "secrets", "secretUri", renewed)
    }

    fn release(&self, _cx: &Cx<'_>, resource: &Resource) -> Outcome<()> {
        Err(not_deletable(&resource.id))
    }
}

/// Answers the versions of a key and changes access policies.
pub(super) fn beside(cx: &Cx<'_>, request: &Request<'_>, lower: &[&str]) -> Outcome<Option<Answer>> {
    match lower {
        [scope @ .., "accesspolicies", how] if *request.method == Method::PUT => match id_of(scope) {
            Some(id) if id.is(&KEY_VAULT) => change_policies(cx, request, &id, how).map(Some),
            _ => Ok(None),
        },
        [scope @ .., "versions"] if *request.method == Method::GET => match id_of(scope) {
            Some(id) if id.is(&KEY_VAULT_KEY) => {
                Ok(Some(Answer::json(200, json!({ "value": [version(cx, &id)?] }))))
            }
            _ => Ok(None),
        },
        [scope @ .., "versions", name] if *request.method == Method::GET => match id_of(scope) {
            Some(id) if id.is(&KEY_VAULT_KEY) => {
                let shown = version(cx, &id)?;
                if shown["name"].as_str() != Some(*name) {
                    let missing = ResourceId::parse(&format!("{id}/versions/{name}")).unwrap_or(id);
                    return Err(no_resource(&missing).into());
                }
                Ok(Some(Answer::json(200, shown)))
            }
            _ => Ok(None),
        },
        _ => Ok(None),
    }
}

/// The one version that ARM makes of a key.
fn version(cx: &Cx<'_>, id: &ResourceId) -> Outcome<Value> {
    let key = read::find(cx, id)?;
    let mut shown = read::body(cx, &key)?;
    let uri = body::text(&shown, "properties.keyUriWithVersion").unwrap_or_default();
    let name = uri.rsplit('/').next().unwrap_or_default().to_owned();
    body::set(&mut shown, "id", json!(format!("{}/versions/{name}", key.id)));
    body::set(&mut shown, "type", json!(format!("{}/versions", KEY_VAULT_KEY.resource_type)));
    body::set(&mut shown, "name", json!(name));
    Ok(shown)
}

/// Adds, replaces or removes access policies, principal by principal.
fn change_policies(cx: &Cx<'_>, request: &Request<'_>, id: &ResourceId, how: &str) -> Outcome<Answer> {
    let mut vault = read::find(cx, id)?;
    let own = vault.id.child(&KEY_VAULT_ACCESS_POLICIES, how);
    validate::name(&KEY_VAULT_ACCESS_POLICIES, &own)?;
    let sent = validate::clean(
        &KEY_VAULT_ACCESS_POLICIES,
        &own,
        validate::object(request.body)?,
        cx.settings.strict,
    )?;
    let sent: Vec<Value> =
        body::values(&sent.written, &format!("{POLICIES}[]")).into_iter().cloned().collect();
    let mut policies: Vec<Value> =
        body::values(&vault.written, &format!("{POLICIES}[]")).into_iter().cloned().collect();
    for policy in sent {
        let known = policies.iter().position(|old| same_principal(old, &policy));
        match (known, how) {
            (Some(at), "remove") => {
                strip(&mut policies[at], &policy);
                if permissions(&policies[at]).is_empty() {
                    policies.remove(at);
                }
            }
            (None, "remove") => {}
            (Some(at), "replace") => policies[at] = policy,
            (Some(at), _) => join(&mut policies[at], &policy),
            (None, _) => policies.push(policy),
        }
    }
    body::set(&mut vault.written, POLICIES, json!(policies));
    vault.etag = cx.store.etag()?;
    vault.changed = cx.now;
    cx.store.save(&vault)?;
    Ok(Answer::json(
        200,
        json!({
            "id": own.as_str(), "name": how, "type": KEY_VAULT_ACCESS_POLICIES.resource_type,
            "location": vault.written["location"], "properties": { "accessPolicies": policies },
        }),
    ))
}

fn same_principal(a: &Value, b: &Value) -> bool {
    ["tenantId", "objectId", "applicationId"].iter().all(|field| {
        let of = |policy: &Value| policy[*field].as_str().map(str::to_ascii_lowercase);
        of(a) == of(b)
    })
}

/// Every permission of a policy, as area and word.
fn permissions(policy: &Value) -> Vec<(String, String)> {
    let areas = policy["permissions"].as_object().into_iter().flatten();
    areas
        .flat_map(|(area, words)| {
            let words = words.as_array().into_iter().flatten().filter_map(Value::as_str);
            words.map(move |word| (area.clone(), word.to_owned()))
        })
        .collect()
}

fn join(policy: &mut Value, more: &Value) {
    let known = permissions(policy);
    for (area, word) in permissions(more) {
        if known.iter().any(|(of, old)| *of == area && old.eq_ignore_ascii_case(&word)) {
            continue;
        }
        match policy["permissions"][&area].as_array_mut() {
            Some(words) => words.push(json!(word)),
            None => policy["permissions"][&area] = json!([word]),
        }
    }
}

fn strip(policy: &mut Value, less: &Value) {
    for (area, word) in permissions(less) {
        if let Some(words) = policy["permissions"][&area].as_array_mut() {
            words.retain(|old| !old.as_str().is_some_and(|old| old.eq_ignore_ascii_case(&word)));
        }
    }
}
