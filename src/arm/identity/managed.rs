//! A managed identity at an endpoint of the user's choice. Where none is
//! chosen, Azure's identity library finds it.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::http::{Method, Pipeline, Request, Url};

use super::bridge::{ask, token};
use crate::arm::Clock;

/// The metadata service's version of its token endpoint (instance metadata
/// service, "acquire an access token").
pub(super) const API_VERSION: &str = "2018-02-01";

/// Asks a metadata endpoint for tokens.
pub(super) struct Endpoint {
    pub(super) pipeline: Pipeline,
    pub(super) url: Url,
    pub(super) api_version: String,
    /// The user-assigned identity; the machine's own where there is none.
    pub(super) client_id: Option<String>,
    pub(super) clock: Arc<dyn Clock>,
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

#[async_trait]
impl TokenCredential for Endpoint {
    async fn get_token(
        &self,
        scopes: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let scope = scopes.first().copied().unwrap_or_default();
        let mut url = self.url.clone();
        // The endpoint speaks of resources, which are scopes without the ending.
        url.query_pairs_mut()
            .append_pair("api-version", &self.api_version)
            .append_pair("resource", scope.strip_suffix("/.default").unwrap_or(scope));
        if let Some(client_id) = &self.client_id {
            url.query_pairs_mut().append_pair("client_id", client_id);
        }
        let mut request = Request::new(url, Method::Get);
        // What a request forged through a server cannot carry.
        request.insert_header("metadata", "true");
        let who = "the managed identity endpoint";
        let json = ask(&self.pipeline, who, request).await?;
        token(who, &json, self.clock.now().into())
    }
}
