//! The description of the cloud, in the shapes that clients ask for by version.

use http::{Response, request::Parts};
use serde_json::{Value, json};

use super::{TENANT, parameter};

/// The version since which a description is of one cloud and holds suffixes.
const OF_ONE_CLOUD: &str = "2022-09-01";

/// The version since which it is a list of clouds.
const OF_ALL_CLOUDS: &str = "2019-05-01";

/// The description that a version has.
fn description(version: &str, base: &str) -> Value {
    if version >= OF_ONE_CLOUD {
        cloud(base)
    } else if version >= OF_ALL_CLOUDS {
        json!([cloud(base)])
    } else {
        json!({
            "galleryEndpoint": base, "graphEndpoint": base, "portalEndpoint": base,
            "authentication": { "loginEndpoint": base, "audiences": [base] },
        })
    }
}

/// Answers `GET /metadata/endpoints`.
pub(super) fn answer(head: &Parts, base: &str) -> Response<Vec<u8>> {
    let version = parameter(head.uri.query().unwrap_or_default().as_bytes(), "api-version");
    super::answer(200, &description(version.as_deref().unwrap_or(OF_ONE_CLOUD), base))
}

/// One cloud. Clients use the sign-in's address to the letter, so it has no
/// slash at its end; without the suffixes of storage and vaults azurerm cannot
/// be configured.
fn cloud(base: &str) -> Value {
    json!({
        "name": "AmlsecureSimulator",
        "portal": base,
        "authentication": {
            "loginEndpoint": base,
            "audiences": [base, "https://management.core.windows.net/", "https://management.azure.com/"],
            "tenant": TENANT,
            "identityProvider": "AAD",
        },
        "resourceManager": format!("{base}/"),
        "microsoftGraphResourceId": format!("{base}/"),
        "graph": format!("{base}/"),
        "graphAudience": format!("{base}/"),
        "gallery": format!("{base}/"),
        "batch": "https://batch.core.windows.net/",
        "media": "https://rest.media.azure.net",
        "sqlManagement": format!("{base}/"),
        "vmImageAliasDoc": format!("{base}/"),
        "logAnalyticsResourceId": "https://api.loganalytics.io",
        "appInsightsResourceId": "https://api.applicationinsights.io",
        "appInsightsTelemetryChannelResourceId": "https://dc.applicationinsights.azure.com/v2/track",
        "ossrdbmsResourceId": "https://ossrdbms-aad.database.windows.net",
        "synapseAnalyticsResourceId": "https://dev.azuresynapse.net",
        "attestationResourceId": "https://attest.azure.net",
        "activeDirectoryDataLake": "https://datalake.azure.net/",
        "suffixes": {
            "storage": "core.windows.net",
            "keyVaultDns": "vault.azure.net",
            "acrLoginServer": "azurecr.io",
            "mhsmDns": "managedhsm.azure.net",
            "sqlServerHostname": "database.windows.net",
            "postgresqlServerEndpoint": "postgres.database.azure.com",
            "mysqlServerEndpoint": "mysql.database.azure.com",
            "mariadbServerEndpoint": "mariadb.database.azure.com",
            "azureDataLakeStoreFileSystem": "azuredatalakestore.net",
            "azureDataLakeAnalyticsCatalogAndJob": "azuredatalakeanalytics.net",
            "azureFrontDoorEndpointSuffix": "azurefd.net",
            "storageSyncEndpointSuffix": "afs.azure.net",
            "synapseAnalytics": "dev.azuresynapse.net",
            "attestationEndpoint": "attest.azure.net",
        },
    })
}
