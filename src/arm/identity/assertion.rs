//! Assertions that exist already: a federated token, given or in a file.

use std::path::PathBuf;

use async_trait::async_trait;
use azure_core::http::ClientMethodOptions;
use azure_identity::ClientAssertion;

use super::Secret;
use super::bridge::failure;

/// A federated token that the configuration holds.
#[derive(Debug)]
pub(super) struct Given(pub(super) Secret);

#[async_trait]
impl ClientAssertion for Given {
    async fn secret(&self, _: Option<ClientMethodOptions<'_>>) -> azure_core::Result<String> {
        Ok(self.0.reveal().to_owned())
    }
}

/// A federated token in a file, read anew each time: whoever writes it renews
/// it there.
#[derive(Debug)]
pub(super) struct InFile(pub(super) PathBuf);

#[async_trait]
impl ClientAssertion for InFile {
    async fn secret(&self, _: Option<ClientMethodOptions<'_>>) -> azure_core::Result<String> {
        match tokio::fs::read_to_string(&self.0).await {
            Ok(token) => Ok(token.trim().to_owned()),
            Err(error) => Err(failure(format!("oidc_token_file_path {}: {error}", self.0.display()))),
        }
    }
}
