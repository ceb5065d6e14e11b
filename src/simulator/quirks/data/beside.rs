//! What is asked for beside resources: names and deleted vaults.

use http::Method;
use serde_json::{Value, json};

use crate::kinds::{CONTAINER_REGISTRY, KEY_VAULT, Kind, STORAGE_ACCOUNT, Style};
use crate::simulator::answer::{Answer, Outcome, Refusal};
use crate::simulator::operation::{Start, Verb};
use crate::simulator::route::Request;
use crate::simulator::store::Deleted;
use crate::simulator::{Cx, SUBSCRIPTION, body, operation, timestamp, validate};

/// Answers what lies beside the resources of a subscription.
pub(super) fn beside(cx: &Cx<'_>, request: &Request<'_>, lower: &[&str]) -> Outcome<Option<Answer>> {
    let get = *request.method == Method::GET;
    let post = *request.method == Method::POST;
    match lower {
        ["subscriptions", _, "providers", namespace, "checknameavailability"] if post => {
            let Some(kind) = named_globally(namespace) else { return Ok(None) };
            name_availability(cx, request, kind).map(Some)
        }
        ["subscriptions", _, "providers", "microsoft.keyvault", "deletedvaults"] if get => {
            let all = cx.store.deleted_of(KEY_VAULT.resource_type, None)?;
            let items: Vec<Value> = all.iter().map(deleted_vault).collect();
            Ok(Some(Answer::json(200, json!({ "value": items }))))
        }
        [
            "subscriptions",
            _,
            "providers",
            "microsoft.keyvault",
            "locations",
            location,
            "deletedvaults",
            name,
        ] if get => {
            let vault = find_deleted_vault(cx, location, name)?;
            Ok(Some(Answer::json(200, deleted_vault(&vault))))
        }
        [
            "subscriptions",
            _,
            "providers",
            "microsoft.keyvault",
            "locations",
            location,
            "deletedvaults",
            name,
            "purge",
        ] if post => purge_vault(cx, location, name).map(Some),
        _ => Ok(None),
    }
}

/// The kind of a namespace whose names are host names and can be asked for.
fn named_globally(namespace: &str) -> Option<&'static Kind> {
    [&STORAGE_ACCOUNT, &KEY_VAULT, &CONTAINER_REGISTRY].into_iter().find(|kind| {
        kind.resource_type.split('/').next().is_some_and(|known| known.eq_ignore_ascii_case(namespace))
    })
}

fn name_availability(cx: &Cx<'_>, request: &Request<'_>, kind: &'static Kind) -> Outcome<Answer> {
    let sent = validate::object(request.body)?;
    let name = body::text(&sent, "name").unwrap_or_default();
    let (reason, message) = if !kind.name.admits(name) {
        ("AccountNameInvalid", format!("{name} is not a valid name: {}.", kind.name.words))
    } else if !cx.store.named(kind.resource_type, name)?.is_empty()
        || !cx.store.deleted_of(kind.resource_type, Some(name))?.is_empty()
    {
        ("AlreadyExists", format!("The {} named {name} is already taken.", kind.noun))
    } else {
        return Ok(Answer::json(200, json!({ "nameAvailable": true })));
    };
    Ok(Answer::json(200, json!({ "nameAvailable": false, "reason": reason, "message": message })))
}

fn deleted_vault(vault: &Deleted) -> Value {
    let location = body::text(&vault.written, "location").unwrap_or_default();
    let name = vault.id.name();
    let mut properties = json!({
        "vaultId": vault.id.as_str(),
        "location": location,
        "tags": vault.written.get("tags").cloned().unwrap_or(json!({})),
        "deletionDate": timestamp(vault.at),
        "scheduledPurgeDate": timestamp(vault.until),
    });
    if is_protected(vault) {
        properties["purgeProtectionEnabled"] = json!(true);
    }
    json!({
        "id": format!(
            "/subscriptions/{SUBSCRIPTION}/providers/Microsoft.KeyVault/locations/{location}/deletedVaults/{name}"
        ),
        "name": name,
        "type": "Microsoft.KeyVault/deletedVaults",
        "properties": properties,
    })
}

fn is_protected(vault: &Deleted) -> bool {
    body::get(&vault.written, "properties.enablePurgeProtection") == Some(&Value::Bool(true))
}

fn find_deleted_vault(cx: &Cx<'_>, location: &str, name: &str) -> Outcome<Deleted> {
    let found = cx.store.deleted_of(KEY_VAULT.resource_type, Some(name))?;
    let location = body::location(location);
    found
        .into_iter()
        .find(|vault| body::text(&vault.written, "location") == Some(location.as_str()))
        .ok_or_else(|| {
            Refusal::new(
                404,
                "DeletedVaultNotFound",
                format!("The specified deleted vault '{name}' does not exist in location '{location}'."),
            )
            .into()
        })
}

fn purge_vault(cx: &Cx<'_>, location: &str, name: &str) -> Outcome<Answer> {
    let vault = find_deleted_vault(cx, location, name)?;
    if is_protected(&vault) {
        return Err(Refusal::new(
            400,
            "MethodNotAllowed",
            format!("Operation 'DeletedVaultPurge' is not allowed: purge protection is enabled on the vault '{name}'."),
        )
        .into());
    }
    let begun = operation::start(
        cx,
        Start {
            kind: &KEY_VAULT,
            resource: &vault.id,
            location,
            verb: Verb::Purge,
            takes: cx.settings.latency.delete(&KEY_VAULT),
            failure: None,
            holds: Vec::new(),
            answer: None,
        },
    )?;
    Ok(Answer::empty(202).with(operation::headers(cx, Style::Location, Verb::Purge, &begun)))
}
