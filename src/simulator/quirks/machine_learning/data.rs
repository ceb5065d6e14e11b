//! Datastores and connections: what a workspace may reach, and with which secrets.

use serde_json::{Value, json};

use crate::kinds::{DATASTORE, ResourceId, STORAGE_ACCOUNT};
use crate::simulator::answer::{Answer, Outcome, Refusal, Stop};
use crate::simulator::quirks::{Quirk, make};
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body, read};

/// Where secrets are kept, which no answer but that of the action shows.
const SECRETS: &str = "secrets";

const CREDENTIALS: &str = "properties.credentials";

pub(super) struct Datastore;
pub(super) struct Connection;

impl Quirk for Datastore {
    fn normalise(&self, draft: &mut Draft) {
        let kind = draft.text("properties.datastoreType").unwrap_or_default().to_owned();
        if ["AzureBlob", "AzureFile", "AzureDataLakeGen2"].contains(&kind.as_str()) {
            for (path, usual) in
                [("properties.endpoint", "core.windows.net"), ("properties.protocol", "https")]
            {
                if body::get(&draft.written, path).is_none() {
                    body::set(&mut draft.written, path, json!(usual));
                }
            }
        }
    }

    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        complete(draft)?;
        if !draft.unchecked {
            reachable(cx, draft)?;
        }
        if let Some(secrets) = body::get(&draft.sent_only, "properties.credentials.secrets").cloned() {
            body::set(&mut draft.stamped, SECRETS, secrets);
        }
        // What was in it is kept apart, and no answer shows that it was there.
        body::take(&mut draft.written, "properties.credentials.secrets");
        if body::text(&draft.written, "properties.credentials.credentialsType") == Some("None") {
            body::take(&mut draft.stamped, SECRETS);
        }
        draft.stamp_once("properties.isDefault", || Ok(json!(false)))
    }

    fn show(&self, _cx: &Cx<'_>, _resource: &Resource, shown: &mut Value) -> Outcome<()> {
        body::take(shown, SECRETS);
        Ok(())
    }

    fn actions(&self) -> &'static [&'static str] {
        &["listSecrets"]
    }

    fn act(&self, _cx: &Cx<'_>, resource: &Resource, action: &str, _sent: &Value) -> Outcome<Option<Answer>> {
        if action != "listsecrets" {
            return Ok(None);
        }
        match body::get(&resource.stamped, SECRETS) {
            Some(secrets) => Ok(Some(Answer::json(200, secrets.clone()))),
            None => Err(bad(format!("The datastore '{}' has no secrets.", resource.id.name()))),
        }
    }
}

impl Quirk for Connection {
    fn accept(&self, _cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        if let Some(secrets) = body::get(&draft.sent_only, CREDENTIALS).cloned() {
            body::set(&mut draft.stamped, SECRETS, secrets);
        }
        body::take(&mut draft.written, CREDENTIALS);
        let workspace = draft.id.parent();
        draft.stamp_once("properties.createdByWorkspaceArmId", || {
            Ok(json!(workspace.map(|id| id.to_string())))
        })
    }

    fn show(&self, _cx: &Cx<'_>, _resource: &Resource, shown: &mut Value) -> Outcome<()> {
        body::take(shown, SECRETS);
        Ok(())
    }

    fn actions(&self) -> &'static [&'static str] {
        &["listSecrets"]
    }

    fn act(&self, cx: &Cx<'_>, resource: &Resource, action: &str, _sent: &Value) -> Outcome<Option<Answer>> {
        if action != "listsecrets" {
            return Ok(None);
        }
        let mut whole = read::body(cx, resource)?;
        if let Some(secrets) = body::get(&resource.stamped, SECRETS) {
            body::set(&mut whole, CREDENTIALS, secrets.clone());
        }
        Ok(Some(Answer::json(200, whole)))
    }
}

fn bad(message: String) -> Stop {
    Refusal::new(400, "BadRequest", message).into()
}

/// Refuses a datastore without what its type and its credentials need.
fn complete(draft: &Draft) -> Outcome<()> {
    let kind = draft.text("properties.datastoreType").unwrap_or_default();
    let needed: &[&str] = match kind {
        "AzureFile" => &["accountName", "fileShareName"],
        "AzureDataLakeGen2" => &["accountName", "filesystem"],
        "AzureDataLakeGen1" => &["storeName"],
        "OneLake" => &["oneLakeWorkspaceName", "artifact"],
        _ => &[],
    };
    let credentials = draft.text("properties.credentials.credentialsType").unwrap_or_default();
    let by: &[&str] = match credentials {
        "ServicePrincipal" => &["credentials.tenantId", "credentials.clientId"],
        "Certificate" => &["credentials.tenantId", "credentials.clientId", "credentials.thumbprint"],
        _ => &[],
    };
    for name in needed.iter().chain(by) {
        if body::get(&draft.written, &format!("properties.{name}")).is_none() {
            return Err(missing(&format!("properties.{name}")));
        }
    }
    let known = body::get(&draft.stamped, SECRETS).is_some();
    let sent = body::get(&draft.sent_only, "properties.credentials.secrets");
    match sent {
        Some(secrets) if secrets["secretsType"].as_str().is_none() => {
            Err(missing("properties.credentials.secrets.secretsType"))
        }
        None if credentials != "None" && !known => Err(missing("properties.credentials.secrets")),
        _ => Ok(()),
    }
}

fn missing(path: &str) -> Stop {
    Refusal::new(400, "ValidationError", format!("Required parameter '{path}' is missing (null)."))
        .target(path)
        .into()
}

/// What the service does unless it is told to skip it: it looks at the store,
/// which it cannot where a Blob or File store is behind a network.
fn reachable(cx: &Cx<'_>, draft: &Draft) -> Outcome<()> {
    let kind = draft.text("properties.datastoreType").unwrap_or_default();
    let Some(account) =
        draft.text("properties.accountName").filter(|_| kind.starts_with("AzureBlob") || kind == "AzureFile")
    else {
        return Ok(());
    };
    let found = cx.store.named(STORAGE_ACCOUNT.resource_type, account)?;
    let Some(row) = found.first() else {
        return Err(bad(format!(
            "The storage account '{account}' of the datastore '{}' cannot be found. Validation can be left out with \
             skipValidation.",
            draft.id.name()
        )));
    };
    if body::text(&row.written, "properties.publicNetworkAccess") == Some("Disabled") {
        return Err(bad(format!(
            "The storage account '{account}' of the datastore '{}' cannot be reached, as it is closed to the public. \
             Validation can be left out with skipValidation.",
            draft.id.name()
        )));
    }
    Ok(())
}

/// Makes the datastores that every workspace has over its storage account.
pub(super) fn make_defaults(cx: &Cx<'_>, workspace: &Resource) -> Outcome<()> {
    let Some(account) = body::text(&workspace.written, "properties.storageAccount")
        .and_then(|text| ResourceId::parse(text).ok())
    else {
        return Ok(());
    };
    let guid = body::text(&workspace.stamped, "properties.workspaceId").unwrap_or_default();
    for (name, kind, place, container, main) in [
        ("workspaceblobstore", "AzureBlob", "containerName", format!("azureml-blobstore-{guid}"), true),
        ("workspaceartifactstore", "AzureBlob", "containerName", "azureml".to_owned(), false),
        ("workspacefilestore", "AzureFile", "fileShareName", format!("azureml-filestore-{guid}"), false),
        ("workspaceworkingdirectory", "AzureFile", "fileShareName", format!("code-{guid}"), false),
    ] {
        let id = workspace.id.child(&DATASTORE, name);
        if cx.store.exists(&id.canonical())? {
            continue;
        }
        let mut properties = json!({
            "datastoreType": kind, "credentials": { "credentialsType": "None" },
            "subscriptionId": crate::simulator::SUBSCRIPTION,
            "resourceGroup": account.resource_group_name().unwrap_or_default(),
            "accountName": account.name(), "endpoint": "core.windows.net", "protocol": "https",
            "serviceDataAccessAuthIdentity": "None",
        });
        properties[place] = json!(container);
        make(cx, id.clone(), &workspace.key(), json!({ "properties": properties }))?;
        if let Some(mut made) = cx.store.resource(&id.canonical())? {
            body::set(&mut made.stamped, "properties.isDefault", json!(main));
            cx.store.save(&made)?;
        }
    }
    Ok(())
}
