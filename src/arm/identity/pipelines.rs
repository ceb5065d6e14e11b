//! Azure Pipelines: the service connection's identity token is the assertion.

use async_trait::async_trait;
use azure_core::http::{ClientMethodOptions, Method, Pipeline, Request, Url};
use azure_identity::ClientAssertion;
use serde_json::Value as Json;

use super::Secret;
use super::bridge::{ask, failure};

/// The version of the endpoint that Microsoft's own libraries name.
const API_VERSION: &str = "7.1";

/// Asks Azure Pipelines for an identity token of a service connection (Azure
/// DevOps REST, "oidctoken: create").
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) pipeline: Pipeline,
    pub(super) url: Url,
    pub(super) token: Secret,
    pub(super) id: String,
}

#[async_trait]
impl ClientAssertion for Connection {
    async fn secret(&self, _: Option<ClientMethodOptions<'_>>) -> azure_core::Result<String> {
        let mut url = self.url.clone();
        url.query_pairs_mut()
            .append_pair("api-version", API_VERSION)
            .append_pair("serviceConnectionId", &self.id);
        let mut request = Request::new(url, Method::Post);
        request.insert_header("accept", "application/json");
        request.insert_header("content-type", "application/json");
        request.insert_header("authorization", format!("Bearer {}", self.token.reveal()));
        // A token that is not accepted is answered with 401, not with a sign-in page.
        request.insert_header("x-tfs-fedauthredirect", "Suppress");
        request.insert_header("content-length", "0");
        let json = ask(&self.pipeline, "Azure Pipelines' token endpoint", request).await?;
        let token = json.get("oidcToken").and_then(Json::as_str).map(str::to_owned);
        token.ok_or_else(|| failure("Azure Pipelines' token endpoint answers without oidcToken".to_owned()))
    }
}
