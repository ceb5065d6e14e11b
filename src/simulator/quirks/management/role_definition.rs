//! Role definitions: the built-in ones and those of somebody's own, which are
//! seen at every scope of the subscription.

use http::Method;
use serde_json::{Value, json};

use crate::kinds::roles::{self, Role};
use crate::kinds::{ROLE_ASSIGNMENT, ROLE_DEFINITION, ResourceId};
use crate::simulator::answer::{Answer, Outcome, Refusal};
use crate::simulator::quirks::{Quirk, id_of, sibling};
use crate::simulator::route::Request;
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, PRINCIPAL, SUBSCRIPTION, body, delete, read, timestamp, write};

/// When the built-in roles were made, as far as anybody asks.
const BUILT: &str = "2015-02-02T21:55:09.8806423Z";

pub(super) struct RoleDefinition;

impl Quirk for RoleDefinition {
    fn normalise(&self, draft: &mut Draft) {
        body::set(&mut draft.written, "properties.type", json!("CustomRole"));
    }

    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        let name = draft.text("properties.roleName").unwrap_or_default();
        let taken = cx.store.of_type(ROLE_DEFINITION.resource_type)?.iter().any(|other| {
            other.id != draft.id
                && body::text(&other.written, "properties.roleName")
                    .is_some_and(|known| known.eq_ignore_ascii_case(name))
        });
        let built_in = roles::ALL.iter().any(|role| role.name.eq_ignore_ascii_case(name));
        if taken || built_in {
            return Err(Refusal::new(
                409,
                "RoleDefinitionWithSameNameExists",
                format!("A custom role with the same name already exists in this directory: '{name}'."),
            )
            .into());
        }
        let scopes = body::values(&draft.written, "properties.assignableScopes[]");
        let fits = |scope: &&Value| scope.as_str().is_some_and(|text| ResourceId::parse(text).is_ok());
        if scopes.is_empty() || !scopes.iter().all(fits) {
            return Err(Refusal::new(
                400,
                "InvalidAssignableScopes",
                "The assignable scopes of a custom role must be subscriptions, resource groups or resources.",
            )
            .into());
        }
        let now = timestamp(cx.now);
        draft.stamp_once("properties.createdOn", || Ok(json!(now)))?;
        draft.stamp_once("properties.createdBy", || Ok(json!(PRINCIPAL)))?;
        body::set(&mut draft.stamped, "properties.updatedOn", json!(timestamp(cx.now)));
        body::set(&mut draft.stamped, "properties.updatedBy", json!(PRINCIPAL));
        Ok(())
    }

    fn release(&self, cx: &Cx<'_>, resource: &Resource) -> Outcome<()> {
        let used = cx.store.of_type(ROLE_ASSIGNMENT.resource_type)?.iter().any(|assignment| {
            body::text(&assignment.written, "properties.roleDefinitionId")
                .and_then(|id| id.rsplit('/').next())
                .is_some_and(|guid| guid.eq_ignore_ascii_case(resource.id.name()))
        });
        if used {
            return Err(Refusal::new(
                400,
                "RoleDefinitionHasAssignments",
                format!(
                    "There are existing role assignments referencing role (code: {}).",
                    resource.id.name()
                ),
            )
            .into());
        }
        Ok(())
    }
}

/// Answers everything that is asked of role definitions, at any scope.
pub(super) fn beside(cx: &Cx<'_>, request: &Request<'_>, lower: &[&str]) -> Outcome<Option<Answer>> {
    let (scope, name) = match lower {
        [scope @ .., "providers", "microsoft.authorization", "roledefinitions"] => (scope, None),
        [scope @ .., "providers", "microsoft.authorization", "roledefinitions", name] => (scope, Some(*name)),
        _ => return Ok(None),
    };
    let get = *request.method == Method::GET;
    let subscription = ResourceId::subscription(SUBSCRIPTION).ok();
    // Of the tenant, or of a scope that must be there.
    let scope = id_of(scope).or_else(|| subscription.clone().filter(|_| get && scope.is_empty()));
    let (Some(scope), Some(subscription)) = (scope, subscription) else { return Ok(None) };
    if scope.parent().is_some() {
        read::find(cx, &scope)?;
    }
    let Some(name) = name else {
        return if get { list(cx, request, &subscription).map(Some) } else { Ok(None) };
    };
    let Some(id) = sibling(&subscription, ROLE_DEFINITION.resource_type, name) else { return Ok(None) };
    let built_in = Role::find(name).filter(|role| role.id == name);
    Ok(match (request.method, built_in) {
        (&Method::GET, Some(role)) => Some(Answer::json(200, shown(role, &subscription))),
        (&Method::GET, None) => match cx.store.resource(&id.canonical())? {
            Some(row) => Some(Answer::json(200, read::body(cx, &row)?)),
            None => {
                return Err(unknown(404, name).into());
            }
        },
        (&Method::PUT | &Method::DELETE, Some(role)) => {
            return Err(Refusal::new(
                403,
                "CannotUpdateOrDeleteBuiltInRole",
                format!("The built-in role '{}' cannot be updated or deleted.", role.name),
            )
            .into());
        }
        (&Method::PUT, None) => Some(write::put(cx, request, &ROLE_DEFINITION, &id)?),
        (&Method::DELETE, None) => Some(delete::delete(cx, request, &ROLE_DEFINITION, &id)?),
        _ => None,
    })
}

/// The refusal of a role that is nobody's.
pub(super) fn unknown(status: u16, name: &str) -> Refusal {
    Refusal::new(
        status,
        "RoleDefinitionDoesNotExist",
        format!("The specified role definition with ID '{name}' does not exist."),
    )
}

fn list(cx: &Cx<'_>, request: &Request<'_>, subscription: &ResourceId) -> Outcome<Answer> {
    let mut all: Vec<Value> = roles::ALL.iter().map(|role| shown(role, subscription)).collect();
    for row in cx.store.of_type(ROLE_DEFINITION.resource_type)? {
        all.push(read::body(cx, &row)?);
    }
    let filter = request.query("$filter").unwrap_or_default();
    for term in filter.split(" and ").map(str::trim).filter(|term| !term.is_empty()) {
        if term.eq_ignore_ascii_case("atScopeAndBelow()") || term.eq_ignore_ascii_case("atScope()") {
            continue;
        }
        let parsed = term.split_once(" eq ").and_then(|(field, value)| {
            let value = value.trim().strip_prefix('\'')?.strip_suffix('\'')?.replace("''", "'");
            let path = match field.trim().to_ascii_lowercase().as_str() {
                "rolename" => "properties.roleName",
                "type" => "properties.type",
                _ => return None,
            };
            Some((path, value))
        });
        let Some((path, value)) = parsed else {
            return Err(Refusal::new(
                400,
                "InvalidFilterInQueryString",
                format!("Invalid $filter '{filter}' specified in the query string."),
            )
            .into());
        };
        all.retain(|item| body::text(item, path).is_some_and(|text| text.eq_ignore_ascii_case(&value)));
    }
    Ok(Answer::json(200, json!({ "value": all })))
}

/// A built-in role as it is answered.
fn shown(role: &Role, subscription: &ResourceId) -> Value {
    let (actions, not_actions, data) = rights(role.name);
    json!({
        "id": role.definition_id(subscription), "name": role.id, "type": ROLE_DEFINITION.resource_type,
        "properties": {
            "roleName": role.name, "type": "BuiltInRole", "description": "", "assignableScopes": ["/"],
            "permissions": [{
                "actions": actions, "notActions": not_actions, "dataActions": data, "notDataActions": [],
            }],
            "createdOn": BUILT, "updatedOn": BUILT,
        },
    })
}

/// The actions, the exceptions and the data actions of a role; of those not
/// named here, none are told.
fn rights(name: &str) -> (Vec<&'static str>, Vec<&'static str>, Vec<&'static str>) {
    const BLOBS: &str = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/*";
    const BLOB_READ: &str = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read";
    let none = Vec::new;
    match name {
        "Owner" => (vec!["*"], none(), none()),
        "Contributor" => (
            vec!["*"],
            vec![
                "Microsoft.Authorization/*/Delete",
                "Microsoft.Authorization/*/Write",
                "Microsoft.Authorization/elevateAccess/Action",
            ],
            none(),
        ),
        "Reader" => (vec!["*/read"], none(), none()),
        "Network Contributor" => (vec!["Microsoft.Network/*"], none(), none()),
        "Private DNS Zone Contributor" => (vec!["Microsoft.Network/privateDnsZones/*"], none(), none()),
        "Storage Account Contributor" => (vec!["Microsoft.Storage/storageAccounts/*"], none(), none()),
        "Storage Blob Data Owner" | "Storage Blob Data Contributor" => {
            (vec!["Microsoft.Storage/storageAccounts/blobServices/containers/*"], none(), vec![BLOBS])
        }
        "Storage Blob Data Reader" => {
            (vec!["Microsoft.Storage/storageAccounts/blobServices/containers/read"], none(), vec![BLOB_READ])
        }
        "AcrPull" => (vec!["Microsoft.ContainerRegistry/registries/pull/read"], none(), none()),
        "AcrPush" => (
            vec![
                "Microsoft.ContainerRegistry/registries/pull/read",
                "Microsoft.ContainerRegistry/registries/push/write",
            ],
            none(),
            none(),
        ),
        "Key Vault Administrator" => {
            (vec!["Microsoft.KeyVault/vaults/*/read"], none(), vec!["Microsoft.KeyVault/vaults/*"])
        }
        _ => (none(), none(), none()),
    }
}
