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

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::process::{Command, Output};
    use std::sync::Mutex;

    use azure_identity::{AzureCliCredentialOptions, Executor};

    use super::*;

    /// A shell that runs something else than it is told, and remembers what.
    #[derive(Debug)]
    struct Shell {
        instead: &'static str,
        told: Mutex<String>,
    }

    #[async_trait]
    impl Executor for Shell {
        async fn run(&self, _: &OsStr, args: &[&OsStr]) -> std::io::Result<Output> {
            *self.told.lock().unwrap() = args.last().unwrap().to_string_lossy().into_owned();
            Command::new("sh").args(["-c", self.instead]).output()
        }
    }

    async fn token(instead: &'static str) -> (Result<String, String>, String) {
        let shell = Arc::new(Shell { instead, told: Mutex::default() });
        let options = AzureCliCredentialOptions {
            tenant_id: Some("a-tenant".to_owned()),
            executor: Some(shell.clone()),
            ..AzureCliCredentialOptions::default()
        };
        let cli = Cli(AzureCliCredential::new(Some(options)).unwrap());
        let token = cli.get_token(&["https://management.azure.com/.default"], None).await;
        let told = shell.told.lock().unwrap().clone();
        (token.map(|token| token.token.secret().to_owned()).map_err(|error| error.to_string()), told)
    }

    #[tokio::test]
    async fn the_cli_is_asked_for_a_token_of_the_tenant() {
        let (token, told) =
            token(r#"echo '{"accessToken":"t","expires_on":4102444800,"tokenType":"Bearer"}'"#).await;
        assert_eq!(token.as_deref(), Ok("t"));
        let want = "az account get-access-token -o json --scope https://management.azure.com/.default --tenant a-tenant";
        assert!(told.ends_with(want), "{told}");
    }

    #[tokio::test]
    async fn who_is_not_signed_in_there_is_told_of_every_way() {
        let (token, _) = token("echo \"Please run 'az login' to setup account.\" >&2; exit 1").await;
        let error = token.unwrap_err();
        assert!(error.contains("Please run 'az login'") && error.contains("ARM_CLIENT_SECRET"), "{error}");
    }
}
