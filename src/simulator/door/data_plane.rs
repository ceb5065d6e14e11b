//! The hosts of storage accounts, vaults and registries, as far as clients
//! that manage them knock there. A closed one answers as Azure's does, which
//! is how a pipeline outside the network finds out.

use http::{HeaderValue, Response, StatusCode, request::Parts};
use serde_json::json;

use super::{TENANT, answer};
use crate::kinds::{CONTAINER_REGISTRY, KEY_VAULT, Kind, STORAGE_ACCOUNT};
use crate::simulator::store::{Resource, Store};
use crate::simulator::{Dropped, Simulator, body};

/// What the names of a service's hosts end in.
const SUFFIXES: &[(&str, &Kind)] = &[
    (".blob.core.windows.net", &STORAGE_ACCOUNT),
    (".queue.core.windows.net", &STORAGE_ACCOUNT),
    (".table.core.windows.net", &STORAGE_ACCOUNT),
    (".file.core.windows.net", &STORAGE_ACCOUNT),
    (".dfs.core.windows.net", &STORAGE_ACCOUNT),
    (".web.core.windows.net", &STORAGE_ACCOUNT),
    (".vault.azure.net", &KEY_VAULT),
    (".azurecr.io", &CONTAINER_REGISTRY),
];

/// The name and kind of what a host (with its port or not) belongs to.
fn target(host: &str) -> Option<(&str, &'static Kind)> {
    let host = host.split_once(':').map_or(host, |(name, _)| name);
    SUFFIXES.iter().find_map(|(suffix, kind)| {
        let at = host.len().checked_sub(suffix.len()).filter(|at| *at > 0)?;
        let (name, end) = host.split_at_checked(at)?;
        (end.eq_ignore_ascii_case(suffix) && !name.contains('.')).then_some((name, *kind))
    })
}

/// Whether a host is one of a service's data plane.
#[must_use]
pub fn is_data_plane(host: &str) -> bool {
    target(host).is_some()
}

/// The names that a certificate must hold for these hosts.
#[must_use]
pub fn host_names() -> Vec<String> {
    SUFFIXES.iter().map(|(suffix, _)| format!("*{suffix}")).collect()
}

impl Simulator {
    /// Answers a request to the host of a service.
    pub(super) fn data_plane(&self, head: &Parts, host: &str) -> Result<Response<Vec<u8>>, Dropped> {
        let Some((name, kind)) = target(host) else { return Ok(answer(404, &json!({}))) };
        let found = self.transact(|connection| Store::new(connection).named(kind.resource_type, name))?;
        let Some(resource) = found.first() else {
            // In Azure the name would not even resolve.
            return Ok(xml(404, "ResourceNotFound", "The specified resource does not exist."));
        };
        Ok(match kind.resource_type {
            "Microsoft.KeyVault/vaults" => vault(head, resource),
            "Microsoft.ContainerRegistry/registries" => registry(resource),
            _ => storage(head, resource),
        })
    }
}

/// Whether who stands outside the network is kept out.
fn is_closed(resource: &Resource) -> bool {
    let text = |path: &str| body::text(&resource.written, path);
    text("properties.publicNetworkAccess").is_some_and(|access| access.eq_ignore_ascii_case("Disabled"))
        || ["properties.networkAcls.defaultAction", "properties.networkRuleSet.defaultAction"]
            .iter()
            .any(|path| text(path) == Some("Deny"))
}

fn storage(head: &Parts, account: &Resource) -> Response<Vec<u8>> {
    if is_closed(account) {
        return xml(403, "AuthorizationFailure", "This request is not authorized to perform this operation.");
    }
    if !head.headers.contains_key(http::header::AUTHORIZATION) {
        return xml(
            401,
            "NoAuthenticationInformation",
            "Server failed to authenticate the request. Please refer to the information in the www-authenticate header.",
        );
    }
    let query = head.uri.query().unwrap_or_default().to_ascii_lowercase();
    if query.contains("comp=properties") {
        return document(
            200,
            "<StorageServiceProperties><Logging><Version>1.0</Version><Delete>false</Delete><Read>false</Read>\
             <Write>false</Write><RetentionPolicy><Enabled>false</Enabled></RetentionPolicy></Logging><HourMetrics>\
             <Version>1.0</Version><Enabled>false</Enabled><RetentionPolicy><Enabled>false</Enabled></RetentionPolicy>\
             </HourMetrics><MinuteMetrics><Version>1.0</Version><Enabled>false</Enabled><RetentionPolicy>\
             <Enabled>false</Enabled></RetentionPolicy></MinuteMetrics><Cors/><StaticWebsite><Enabled>false</Enabled>\
             </StaticWebsite></StorageServiceProperties>",
        );
    }
    xml(404, "ResourceNotFound", "The specified resource does not exist.")
}

fn vault(head: &Parts, vault: &Resource) -> Response<Vec<u8>> {
    if is_closed(vault) {
        let message = "Public network access is disabled and request is not from a trusted service nor via an approved \
                       private link.";
        let inner = json!({ "code": "ForbiddenByConnection" });
        return answer(
            403,
            &json!({ "error": { "code": "Forbidden", "message": message, "innererror": inner } }),
        );
    }
    if !head.headers.contains_key(http::header::AUTHORIZATION) {
        let message = "AKV10000: Request is missing a Bearer or PoP token.";
        let mut refused = answer(401, &json!({ "error": { "code": "Unauthorized", "message": message } }));
        let challenge = format!(
            "Bearer authorization=\"https://login.microsoftonline.com/{TENANT}\", resource=\"https://vault.azure.net\""
        );
        if let Ok(challenge) = HeaderValue::from_str(&challenge) {
            refused.headers_mut().insert(http::header::WWW_AUTHENTICATE, challenge);
        }
        return refused;
    }
    let contacts = head.uri.path().to_ascii_lowercase().ends_with("/certificates/contacts");
    let code = if contacts { "ContactsNotFound" } else { "NotFound" };
    answer(404, &json!({ "error": { "code": code, "message": "What is kept in a vault is not simulated." } }))
}

fn registry(registry: &Resource) -> Response<Vec<u8>> {
    if is_closed(registry) {
        let message = "client with IP '127.0.0.1' is not allowed access. Refer https://aka.ms/acr/firewall to grant \
                       access.";
        return answer(403, &json!({ "errors": [{ "code": "DENIED", "message": message }] }));
    }
    let message = "authentication required, visit https://aka.ms/acr/authorization for more information.";
    answer(401, &json!({ "errors": [{ "code": "UNAUTHORIZED", "message": message }] }))
}

/// A refusal as storage writes it.
fn xml(status: u16, code: &str, message: &str) -> Response<Vec<u8>> {
    let mut response =
        document(status, &format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>"));
    if let Ok(code) = HeaderValue::from_str(code) {
        response.headers_mut().insert("x-ms-error-code", code);
    }
    response
}

fn document(status: u16, inner: &str) -> Response<Vec<u8>> {
    let mut response =
        Response::new(format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>{inner}").into_bytes());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    response.headers_mut().insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_belongs_to_the_resource_of_its_first_label() {
        let of = |host| target(host).map(|(name, kind)| (name, kind.noun));
        assert_eq!(of("stml.blob.core.windows.net"), Some(("stml", "storage account")));
        assert_eq!(of("stml.DFS.core.windows.net:443"), Some(("stml", "storage account")));
        assert_eq!(of("kv-ml.vault.azure.net"), Some(("kv-ml", "key vault")));
        assert_eq!(of(".blob.core.windows.net"), None);
        assert_eq!(of("a.b.blob.core.windows.net"), None);
        assert_eq!(of("localhost:8443"), None);
        assert_eq!(of("ü"), None);
    }
}
