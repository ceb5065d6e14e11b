//! A datastore read back from Azure.

use serde_json::Value as Json;

use super::{CREDENTIAL_TYPES, CREDENTIALS, IDENTITIES, TYPES};
use crate::kinds::{ROLE_ASSIGNMENT, ResourceId};
use crate::resources::recall::{Found, Recalled, Seen, parsed, text, word};
use crate::resources::roles::builtin;
use crate::schema::Value;

pub(super) fn datastore(at: &ResourceId, seen: &Seen) -> Result<Recalled, String> {
    let datastore = seen.primary(at)?;
    let body = &datastore.body;
    let kind = word(body, "/properties/datastoreType", &TYPES);
    let kind = kind.as_str().unwrap_or_default();
    if !TYPES.contains(&kind) {
        return Err(format!("{at} is a datastore of type {kind:?}, which this block has not."));
    }
    let workspace = datastore.id.parent().ok_or_else(|| format!("{at} lies in no workspace."))?;
    let (argument, store) = store(kind, body, &workspace)
        .ok_or_else(|| format!("{at} does not say in which account its data lies."))?;
    let identity = word(body, "/properties/serviceDataAccessAuthIdentity", &IDENTITIES);
    let identity = identity.as_str().unwrap_or("None").to_owned();

    let mut recalled = Recalled::default();
    recalled.parts.insert("datastore".to_owned(), datastore.id.clone());
    let account = std::iter::successors(Some(store.clone()), ResourceId::parent)
        .find(|id| id.is(&crate::kinds::STORAGE_ACCOUNT));
    let assigned: Vec<&Found> = account
        .iter()
        .filter(|_| identity != "None")
        .flat_map(|account| seen.within(account, &ROLE_ASSIGNMENT))
        .filter(|assignment| assignment.ours)
        .collect();
    for assignment in &assigned {
        let role = assignment.body.pointer("/properties/roleDefinitionId").and_then(Json::as_str);
        let role = role.and_then(|role| role.rsplit('/').next()).unwrap_or_default();
        let key = if role.eq_ignore_ascii_case(builtin::READER.id) { "role/reader" } else { "role/data" };
        recalled.parts.insert(key.to_owned(), assignment.id.clone());
    }
    let takes_roles = account.is_some() && identity != "None";
    let principal = assigned.first().map_or(Value::Null, |one| text(&one.body, "/properties/principalId"));
    let own = identity != "WorkspaceUserAssignedIdentity";
    recalled.arguments = vec![
        ("name", datastore.id.name().into()),
        ("workspace_id", workspace.as_str().into()),
        ("type", kind.into()),
        (argument, store.as_str().into()),
        ("service_data_identity", identity.as_str().into()),
        ("credentials", credentials(body)),
        ("description", text(body, "/properties/description")),
        ("principal_id", if own { Value::Null } else { principal }),
        ("role_assignments", if takes_roles && assigned.is_empty() { "none" } else { "managed" }.into()),
    ];
    Ok(recalled)
}

/// What the data lies in, and which argument says so. Where the datastore does
/// not say in which group, it is the workspace's.
fn store(kind: &str, body: &Json, workspace: &ResourceId) -> Option<(&'static str, ResourceId)> {
    let said = |name: &str| {
        let text = body.pointer(&format!("/properties/{name}")).and_then(Json::as_str);
        text.filter(|text| !text.is_empty())
    };
    let group = format!(
        "/subscriptions/{}/resourceGroups/{}/providers",
        said("subscriptionId").unwrap_or(workspace.subscription_id()),
        said("resourceGroup").or(workspace.resource_group_name())?,
    );
    let account = || Some(format!("{group}/Microsoft.Storage/storageAccounts/{}", said("accountName")?));
    let container =
        |name: &str| Some(format!("{}/blobServices/default/containers/{}", account()?, said(name)?));
    let (argument, id) = match kind {
        "AzureFile" => {
            let share = said("fileShareName")?;
            ("storage_fileshare_id", format!("{}/fileServices/default/shares/{share}", account()?))
        }
        "AzureDataLakeGen1" => {
            let store = said("storeName")?;
            ("data_lake_store_id", format!("{group}/Microsoft.DataLakeStore/accounts/{store}"))
        }
        "AzureDataLakeGen2" => ("storage_container_id", container("filesystem")?),
        _ => ("storage_container_id", container("containerName")?),
    };
    Some((argument, parsed(&id)?))
}

fn credentials(body: &Json) -> Value {
    let kind = word(body, "/properties/credentials/credentialsType", &CREDENTIAL_TYPES);
    if kind.as_str().is_none_or(|kind| !CREDENTIAL_TYPES.contains(&kind)) {
        return Value::Null;
    }
    let at = |name: &str| text(body, &format!("/properties/credentials/{name}"));
    let version = text(body, &format!("/properties/tags/{CREDENTIALS}"));
    let version = version.as_str().and_then(|text| text.parse::<i64>().ok()).unwrap_or(1);
    let secrets = ["account_key", "shared_access_signature", "client_secret", "certificate"];
    let mut members = vec![
        ("type", kind),
        ("version", version.into()),
        ("tenant_id", at("tenantId")),
        ("client_id", at("clientId")),
        ("thumbprint", at("thumbprint")),
        ("authority_url", at("authorityUrl")),
        ("resource_url", at("resourceUrl")),
    ];
    members.extend(secrets.map(|name| (name, Value::Null)));
    Value::object(members)
}
