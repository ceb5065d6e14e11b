//! The provider's arguments for signing in, and the environment variables that
//! stand in for them: azurerm's, so that a pipeline needs no second set.

/// Each argument and the variables that it is read from where it is not set,
/// the first that is not empty. Source: azurerm's provider schema, 4 and 5.
pub const ARGUMENTS: &[(&str, &[&str])] = &[
    ("subscription_id", &["ARM_SUBSCRIPTION_ID"]),
    ("tenant_id", &["ARM_TENANT_ID"]),
    ("auxiliary_tenant_ids", &["ARM_AUXILIARY_TENANT_IDS"]),
    ("environment", &["ARM_ENVIRONMENT"]),
    ("metadata_host", &["ARM_METADATA_HOSTNAME"]),
    ("client_id", &["ARM_CLIENT_ID"]),
    ("client_id_file_path", &["ARM_CLIENT_ID_FILE_PATH"]),
    ("client_secret", &["ARM_CLIENT_SECRET"]),
    ("client_secret_file_path", &["ARM_CLIENT_SECRET_FILE_PATH"]),
    ("client_certificate", &["ARM_CLIENT_CERTIFICATE"]),
    ("client_certificate_path", &["ARM_CLIENT_CERTIFICATE_PATH"]),
    ("client_certificate_password", &["ARM_CLIENT_CERTIFICATE_PASSWORD"]),
    ("use_oidc", &["ARM_USE_OIDC"]),
    ("oidc_token", &["ARM_OIDC_TOKEN"]),
    ("oidc_token_file_path", &["ARM_OIDC_TOKEN_FILE_PATH"]),
    ("oidc_request_url", &["ARM_OIDC_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_URL", "SYSTEM_OIDCREQUESTURI"]),
    (
        "oidc_request_token",
        &["ARM_OIDC_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "SYSTEM_ACCESSTOKEN"],
    ),
    (
        "ado_pipeline_service_connection_id",
        &[
            "ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID",
            "ARM_OIDC_AZURE_SERVICE_CONNECTION_ID",
            "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID",
        ],
    ),
    ("use_msi", &["ARM_USE_MSI"]),
    ("msi_endpoint", &["ARM_MSI_ENDPOINT"]),
    ("msi_api_version", &["ARM_MSI_API_VERSION"]),
    ("use_aks_workload_identity", &["ARM_USE_AKS_WORKLOAD_IDENTITY"]),
    ("use_cli", &["ARM_USE_CLI"]),
    ("resource_provider_registrations", &["ARM_RESOURCE_PROVIDER_REGISTRATIONS"]),
];

/// Where `use_aks_workload_identity` is true, these variables, which the
/// cluster sets in the pod, come after [`ARGUMENTS`]' own. Source: Microsoft
/// Entra Workload ID, "service account labels and annotations".
pub const WORKLOAD_IDENTITY: &[(&str, &str)] = &[
    ("client_id", "AZURE_CLIENT_ID"),
    ("tenant_id", "AZURE_TENANT_ID"),
    ("oidc_token_file_path", "AZURE_FEDERATED_TOKEN_FILE"),
];

/// Whether `use_cli` holds where nothing says otherwise; azurerm's default.
pub const USE_CLI: bool = true;

/// The environment variable that a message names for an argument.
fn variable(argument: &str) -> &'static str {
    ARGUMENTS.iter().find(|row| row.0 == argument).map_or("", |row| row.1[0])
}

/// `client_id (ARM_CLIENT_ID)`: how messages name an argument.
pub(super) fn named(argument: &str) -> String {
    format!("{argument} ({})", variable(argument))
}

/// Every way to sign in, one on a line, in the order they are tried.
pub(super) fn ways() -> String {
    let list = |arguments: &[&str]| arguments.iter().map(|name| named(name)).collect::<Vec<_>>().join(", ");
    let or = |one, other| format!("{} or {}", named(one), named(other));
    let principal = list(&["client_id", "tenant_id"]);
    [
        format!(
            "a client certificate: {principal} and {}",
            or("client_certificate_path", "client_certificate")
        ),
        format!("a client secret: {principal} and {}", or("client_secret", "client_secret_file_path")),
        format!(
            "a federated token: {} = true, {principal} and {}",
            named("use_oidc"),
            or("oidc_token", "oidc_token_file_path")
        ),
        format!(
            "an Azure Pipelines service connection: {} = true, {principal} and {}",
            named("use_oidc"),
            list(&["ado_pipeline_service_connection_id", "oidc_request_url", "oidc_request_token"])
        ),
        format!(
            "a GitHub workflow: {} = true, {principal} and {}, which GitHub sets where a job has \
             `id-token: write`",
            named("use_oidc"),
            list(&["oidc_request_url", "oidc_request_token"])
        ),
        format!("a pod's workload identity: {} = true", named("use_aks_workload_identity")),
        format!("a managed identity: {} = true", named("use_msi")),
        format!("the Azure CLI, after `az login`: {} = true", named("use_cli")),
    ]
    .map(|way| format!("\n  - {way}"))
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_argument_has_a_variable_and_none_is_shared() {
        let mut seen = std::collections::HashSet::new();
        for (argument, variables) in ARGUMENTS {
            assert!(!variables.is_empty(), "{argument}");
            for variable in *variables {
                assert!(seen.insert(variable), "{variable} twice");
            }
        }
    }

    #[test]
    fn the_ways_name_only_arguments_that_exist() {
        let ways = ways();
        assert_eq!(ways.lines().count(), 9);
        assert!(!ways.contains("()"), "{ways}");
    }
}
