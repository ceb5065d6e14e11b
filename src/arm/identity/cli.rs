//! The Azure CLI's sign-in, which is what remains where nothing is configured.

use std::sync::Arc;

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_identity::AzureCliCredential;

use super::arguments::ways;
use super::bridge::failure;

/// The CLI's tokens. As it is the last resort, its failure names all others.
#[derive(Debug)]
pub(super) struct Cli(pub(super) Arc<AzureCliCredential>);

#[async_trait]
impl TokenCredential for Cli {
    async fn get_token(
        &self,
        scopes: &[&str],
        options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        self.0.get_token(scopes, options).await.map_err(|error| {
            failure(format!("{error}\nNo other way to sign in is configured. There are:{}", ways()))
        })
    }
}
