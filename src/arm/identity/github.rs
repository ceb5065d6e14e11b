//! GitHub Actions: the workflow's own identity token is the assertion.

use async_trait::async_trait;
use azure_core::http::{ClientMethodOptions, Method, Pipeline, Request, Url};
use azure_identity::ClientAssertion;
use serde_json::Value as Json;

use super::Secret;
use super::bridge::{ask, failure};

/// What the token is for; Entra's name for federated credentials.
const AUDIENCE: &str = "api://AzureADTokenExchange";

/// Asks GitHub for an identity token (GitHub documentation, "OpenID Connect
/// reference", `ACTIONS_ID_TOKEN_REQUEST_URL`).
#[derive(Debug)]
pub(super) struct Workflow {
    pub(super) pipeline: Pipeline,
    pub(super) url: Url,
    pub(super) token: Secret,
}

#[async_trait]
impl ClientAssertion for Workflow {
    async fn secret(&self, _: Option<ClientMethodOptions<'_>>) -> azure_core::Result<String> {
        let mut url = self.url.clone();
        url.query_pairs_mut().append_pair("audience", AUDIENCE);
        let mut request = Request::new(url, Method::Get);
        request.insert_header("accept", "application/json");
        request.insert_header("authorization", format!("Bearer {}", self.token.reveal()));
        let json = ask(&self.pipeline, "GitHub's token endpoint", request).await?;
        let token = json.get("value").and_then(Json::as_str).map(str::to_owned);
        token.ok_or_else(|| failure("GitHub's token endpoint answers without a value".to_owned()))
    }
}
