//! Every argument of what stands on a workspace, changed forth and back.

use serde_json::{Value as Json, json};

use super::changes::{Case, case, changed};
use super::harness::*;

#[tokio::test(start_paused = true)]
async fn every_argument_of_a_compute_instance_can_be_changed() {
    let recurrence = json!({ "frequency": "Day", "hours": [19], "minutes": [0] });
    let days = |pointer: &'static str, to: Json| {
        case(pointer, to)
            .given("/schedule/0/cron", Json::Null)
            .given("/schedule/0/recurrence", recurrence.clone())
    };
    let named = |pointer: &'static str| case(pointer, "Users/me/setup.sh").given("/proxy", Json::Null);
    let startup = json!({ "inline": "date" });
    let started = |pointer: &'static str, to: &str| {
        case(pointer, to).given("/setup_scripts/startup_script", startup.clone())
    };
    let cases = vec![
        case("/name", "lab"),
        // Theirs has no private endpoint, without which an instance needs an address.
        case("/machine_learning_workspace_id", their_workspace()).along("/node_public_ip_enabled", true),
        case("/subnet_resource_id", in_network("/subnets/agents")),
        case("/virtual_machine_size", "Standard_DS4_v2"),
        case("/node_public_ip_enabled", true),
        case("/local_auth_enabled", true),
        case("/application_sharing_policy", "Shared"),
        case("/description", "for another"),
        case("/idle_time_before_shutdown", "P1D"),
        case("/assign_to_user", Json::Null).anew(),
        case("/assign_to_user/object_id", "33333333-3333-3333-3333-333333333333"),
        case("/assign_to_user/tenant_id", "33333333-3333-3333-3333-333333333333"),
        case("/ssh", Json::Null).anew(),
        case("/ssh/public_key", "ssh-rsa AAAB me"),
        case("/schedule", Json::Null).anew(),
        case("/schedule/0/action", "Start"),
        case("/schedule/0/enabled", false),
        case("/schedule/0/time_zone", "UTC"),
        case("/schedule/0/start_time", "2026-02-01T00:00:00"),
        case("/schedule/0/cron", "0 20 * * *"),
        case("/schedule/0/recurrence", recurrence.clone()).along("/schedule/0/cron", Json::Null).anew(),
        days("/schedule/0/recurrence/frequency", json!("Week")),
        days("/schedule/0/recurrence/interval", json!(2)),
        days("/schedule/0/recurrence/hours", json!([18, 20])),
        days("/schedule/0/recurrence/minutes", json!([30])),
        days("/schedule/0/recurrence/week_days", json!(["Friday"])),
        days("/schedule/0/recurrence/month_days", json!([1])),
        case("/setup_scripts", Json::Null).anew(),
        case("/setup_scripts/creation_script", Json::Null).anew(),
        case("/setup_scripts/creation_script/inline", "apt-get install -y make"),
        named("/setup_scripts/creation_script/workspace_path")
            .along("/setup_scripts/creation_script/inline", Json::Null),
        case("/setup_scripts/creation_script/arguments", "--all"),
        case("/setup_scripts/creation_script/timeout", "5m"),
        case("/setup_scripts/startup_script", startup.clone()).anew(),
        started("/setup_scripts/startup_script/inline", "uptime"),
        started("/setup_scripts/startup_script/workspace_path", "Users/me/start.sh")
            .along("/setup_scripts/startup_script/inline", Json::Null),
        started("/setup_scripts/startup_script/arguments", "--all"),
        started("/setup_scripts/startup_script/timeout", "5m"),
        case("/proxy", Json::Null).anew(),
        case("/proxy/http_proxy", "http://10.10.2.5:3128"),
        case("/proxy/https_proxy", "http://10.10.2.5:3129"),
        case("/proxy/no_proxy", json!([".azurecr.io"])),
        case("/identity", Json::Null),
        case("/identity/type", "UserAssigned").along("/identity/identity_ids", json!([their_identity()])),
        case("/identity/identity_ids", json!([their_identity()])).along("/identity/type", "UserAssigned"),
        case("/names", json!({ "instance": "named" })).given("/names", json!({})).anew(),
    ];
    changed(INSTANCE, cases).await;
}

#[tokio::test(start_paused = true)]
async fn every_argument_of_a_databricks_workspace_can_be_changed() {
    let open = |case: Case| {
        case.given("/public_network_access_enabled", true)
            .given("/network_security_group_rules_required", "AllRules")
    };
    let zones = |group: &str| zone_ids(group, &["databricks_ui_api"])["databricks_ui_api"].clone();
    let hub = zones(&their_hub());
    let cases = vec![
        case("/name", "dbw-other"),
        case("/resource_group_name", "rg-theirs"),
        case("/location", "japaneast").only_planned(),
        open(case("/sku", "standard")).given("/front_end", Json::Null).given("/back_end", Json::Null),
        case("/managed_resource_group_name", "rg-of-databricks")
            .given("/managed_resource_group_name", "rg-databricks-before"),
        open(case("/public_network_access_enabled", false))
            .along("/network_security_group_rules_required", "NoAzureServiceRules"),
        case("/network_security_group_rules_required", "NoAzureServiceRules"),
        case("/custom_parameters/virtual_network_id", their_network()).only_planned(),
        case("/custom_parameters/public_subnet_name", "spark-private")
            .along("/custom_parameters/private_subnet_name", "spark-public"),
        case("/custom_parameters/private_subnet_name", "spark-public")
            .along("/custom_parameters/public_subnet_name", "spark-private"),
        open(case("/custom_parameters/no_public_ip", false)).given("/back_end", Json::Null),
        case("/custom_parameters/machine_learning_workspace_id", Json::Null),
        case("/front_end", Json::Null),
        case("/front_end/subnet_id", in_network("/subnets/training")),
        case("/front_end/private_dns_zone_ids", hub.clone()).along("/front_end/dns", "zones"),
        case("/front_end/dns", "zones").along("/front_end/private_dns_zone_ids", hub.clone()),
        case("/front_end/browser_authentication_enabled", false),
        case("/back_end", Json::Null).along("/network_security_group_rules_required", "NoAzureServiceRules"),
        case("/back_end/subnet_id", in_network("/subnets/training")),
        case("/back_end/private_dns_zone_ids", hub),
        case("/back_end/dns", "policy").along("/back_end/private_dns_zone_ids", Json::Null),
        case("/names", json!({ "back_end/endpoint": "pe-named" })).given("/names", json!({})),
    ];
    changed(DATABRICKS, cases).await;
}

#[tokio::test(start_paused = true)]
async fn every_argument_of_a_private_link_can_be_changed() {
    let theirs = |tail: &str| format!("{}/providers/Microsoft.Network/privateDnsZones/{tail}", their_hub());
    let cases = vec![
        case("/name", "pe-other"),
        case("/resource_group_name", "rg-theirs"),
        case("/location", "japaneast").along("/subnet_id", their_far_subnet()),
        case("/subnet_id", in_network("/subnets/agents")),
        // Back under no name it would keep the one that it has.
        case("/custom_network_interface_name", "nic-secondary").for_good(),
        case("/dns", "policy").along("/private_dns_zone_group", Json::Null),
        case("/private_service_connection/private_connection_resource_id", their_storage()),
        case("/private_service_connection/subresource_names", json!(["web"]))
            .along("/private_dns_zone_group", Json::Null)
            .along("/dns", "policy"),
        case("/private_service_connection/is_manual_connection", false)
            .along("/private_service_connection/request_message", Json::Null),
        case("/private_service_connection/approval", "requested"),
        case("/private_service_connection/approval", "awaited"),
        case("/private_service_connection/approval", Json::Null),
        case("/private_service_connection/request_message", "Let us in"),
        case("/private_dns_zone_group", Json::Null).along("/dns", "policy"),
        case(
            "/private_dns_zone_group/private_dns_zone_ids",
            json!([theirs("privatelink.blob.core.windows.net")]),
        ),
        case("/private_dns_zone_group/virtual_network_ids", json!([their_network()])),
        case(
            "/ip_configuration/0",
            json!({ "name": "fixed", "private_ip_address": "10.10.0.60", "member_name": "blob_secondary" }),
        )
        .given("/ip_configuration", json!([]))
        .anew(),
        case("/ip_configuration/0/name", "other").given("/ip_configuration", fixed()),
        case("/ip_configuration/0/private_ip_address", "10.10.0.61").given("/ip_configuration", fixed()),
        case("/ip_configuration/0/subresource_name", "blob").given("/ip_configuration", fixed()),
        case("/ip_configuration/0/member_name", Json::Null).given("/ip_configuration", fixed()),
        case("/machine_learning_workspace_id", Json::Null),
        case("/principal_id", SOMEBODY),
        case("/role_assignments", "none"),
        case("/names", json!({ "endpoint/dns": "named" })).given("/names", json!({})),
    ];
    changed(PRIVATE_LINK, cases).await;
}

fn fixed() -> Json {
    json!([{ "name": "fixed", "private_ip_address": "10.10.0.60", "member_name": "blob_secondary" }])
}

#[tokio::test(start_paused = true)]
async fn every_argument_of_a_datastore_can_be_changed() {
    let storage = in_group("Microsoft.Storage/storageAccounts/stmlops0001");
    let container = |name: &str| format!("{storage}/blobServices/default/containers/{name}");
    let key = json!({ "type": "AccountKey", "account_key": "a-key-of-the-account" });
    let blob = |case: Case| case.given("/type", "AzureBlob").given("/credentials", key.clone());
    let certificate = json!({
        "type": "Certificate", "tenant_id": amlsecure::simulator::TENANT, "client_id": SOMEBODY,
        "certificate": "a-certificate", "thumbprint": "0123456789ABCDEF",
    });
    let cases = vec![
        case("/name", "other"),
        case("/workspace_id", their_workspace()),
        case("/type", "AzureBlob").along("/credentials", Json::Null),
        case("/storage_container_id", container("other")),
        case("/storage_fileshare_id", format!("{storage}/fileServices/default/shares/notes"))
            .along("/type", "AzureFile")
            .along("/storage_container_id", Json::Null)
            .along("/credentials", Json::Null),
        case("/data_lake_store_id", in_group("Microsoft.DataLakeStore/accounts/lake"))
            .along("/type", "AzureDataLakeGen1")
            .along("/storage_container_id", Json::Null),
        case("/service_data_identity", "None").along("/principal_id", Json::Null),
        case("/principal_id", "0d7d3dcb-95c4-4cbd-8b2c-1b5d5a0ef8a5"),
        case("/role_assignments", "none"),
        case("/skip_validation", false),
        case("/description", "The lake"),
        case("/credentials", Json::Null),
        blob(case("/credentials/type", "Sas"))
            .along("/credentials/account_key", Json::Null)
            .along("/credentials/shared_access_signature", "sv=a-signature"),
        blob(case("/credentials/version", 2)),
        blob(case("/credentials/account_key", "another-key")).along("/credentials/version", 2),
        case("/credentials/client_secret", "another").along("/credentials/version", 2),
        case("/credentials/tenant_id", SOMEBODY),
        case("/credentials/client_id", amlsecure::simulator::TENANT),
        case("/credentials/authority_url", "https://login.microsoftonline.com"),
        case("/credentials/resource_url", "https://storage.azure.com"),
        case("/credentials/thumbprint", "FEDCBA9876543210").given("/credentials", certificate.clone()),
        case("/credentials/certificate", "another")
            .given("/credentials", certificate)
            .along("/credentials/version", 2),
        blob(case("/credentials/shared_access_signature", "sv=a-signature"))
            .along("/credentials/account_key", Json::Null)
            .along("/credentials/type", "Sas"),
        case("/names", json!({ "datastore": "named" })).given("/names", json!({})).anew(),
    ];
    changed(DATASTORE, cases).await;
}

#[tokio::test(start_paused = true)]
async fn every_argument_of_an_online_endpoint_can_be_changed() {
    let identity = json!({ "type": "UserAssigned", "identity_ids": [their_identity()] });
    let storage = in_group("Microsoft.Storage/storageAccounts/stmlops0001");
    let registry = in_group("Microsoft.ContainerRegistry/registries/crmlops0001");
    // Which kind of compute it is, Azure asks of deployments alone.
    let compute = in_group("Microsoft.MachineLearningServices/workspaces/mlw-mlops/computes/cpu");
    let assigned =
        |case: Case| case.given("/identity", identity.clone()).given("/storage_account_id", storage.clone());
    let cases = vec![
        case("/name", "mlops-other"),
        case("/machine_learning_workspace_id", their_workspace()),
        case("/location", "japaneast").given("/location", "eastasia"),
        case("/auth_mode", "Key"),
        case("/compute_id", compute).given("/auth_mode", "AMLToken"),
        case("/public_network_access_enabled", true),
        case("/description", "Scores"),
        case("/identity", identity.clone()).anew(),
        case("/identity/type", "SystemAssigned")
            .given("/identity", identity.clone())
            .along("/identity/identity_ids", Json::Null),
        case("/identity/identity_ids", Json::Null)
            .given("/identity", identity.clone())
            .along("/identity/type", "SystemAssigned"),
        assigned(case("/storage_account_id", Json::Null)),
        assigned(case("/container_registry_id", registry)),
        assigned(case("/role_assignments", "none")),
        case("/names", json!({ "endpoint": "mlops-named" })).given("/names", json!({})).anew(),
    ];
    changed(ONLINE_ENDPOINT, cases).await;
}

#[tokio::test(start_paused = true)]
async fn every_argument_of_a_batch_endpoint_can_be_changed() {
    let cases = vec![
        case("/name", "mlops-other"),
        case("/machine_learning_workspace_id", their_workspace()),
        case("/location", "japaneast").given("/location", "eastasia"),
        case("/description", "Scores"),
        case("/names", json!({ "endpoint": "mlops-named" })).given("/names", json!({})).anew(),
    ];
    changed(BATCH_ENDPOINT, cases).await;
}

#[tokio::test(start_paused = true)]
async fn every_argument_of_an_attached_compute_can_be_changed() {
    let account = json!({ "username": "sshuser", "password": "a-password" });
    let machine = json!({
        "virtual_machine_id": their_machine("gpu"), "address": "10.10.7.4", "administrator_account": account,
    });
    let hdinsight = json!({
        "hdinsight_cluster_id": their_hdinsight("gpu"),
        "address": "gpu-theirs-ssh.azurehdinsight.net",
        "administrator_account": account,
    });
    // That of the example is not built here.
    let databricks = json!({ "databricks_workspace_id": their_databricks(), "access_token": "a-token" });
    let of_machine = |pointer: &'static str, to: Json| {
        case(pointer, to).given("/databricks", Json::Null).given("/virtual_machine", machine.clone())
    };
    let of_hdinsight = |pointer: &'static str, to: Json| {
        case(pointer, to).given("/databricks", Json::Null).given("/hdinsight", hdinsight.clone())
    };
    let of_databricks =
        |pointer: &'static str, to: Json| case(pointer, to).given("/databricks", databricks.clone());
    let root = json!({ "username": "root", "password": "b" });
    let cases = vec![
        of_machine("/name", json!("other")),
        of_machine("/machine_learning_workspace_id", json!(their_workspace())),
        of_machine("/description", json!("for another")),
        of_databricks("/virtual_machine", machine.clone()).along("/databricks", Json::Null).anew(),
        of_machine("/virtual_machine/virtual_machine_id", json!(their_machine("other"))),
        of_machine("/virtual_machine/address", json!("10.10.7.5")),
        of_machine("/virtual_machine/ssh_port", json!(2222)),
        of_machine("/virtual_machine/administrator_account", root.clone()),
        of_machine("/virtual_machine/administrator_account/username", json!("root")),
        of_machine("/virtual_machine/administrator_account/password", json!("another"))
            .along("/virtual_machine/administrator_account/version", 2),
        of_machine("/virtual_machine/administrator_account/private_key_data", json!("a-private-key"))
            .along("/virtual_machine/administrator_account/password", Json::Null)
            .along("/virtual_machine/administrator_account/version", 2),
        of_machine("/virtual_machine/administrator_account/version", json!(2)),
        of_databricks("/hdinsight", hdinsight.clone()).along("/databricks", Json::Null).anew(),
        of_hdinsight("/hdinsight/hdinsight_cluster_id", json!(their_hdinsight("other"))),
        of_hdinsight("/hdinsight/address", json!("other-ssh.azurehdinsight.net")),
        of_hdinsight("/hdinsight/ssh_port", json!(2222)),
        of_hdinsight("/hdinsight/administrator_account", root),
        of_hdinsight("/hdinsight/administrator_account/username", json!("root")),
        of_hdinsight("/hdinsight/administrator_account/password", json!("another"))
            .along("/hdinsight/administrator_account/version", 2),
        of_hdinsight("/hdinsight/administrator_account/private_key_data", json!("a-private-key"))
            .along("/hdinsight/administrator_account/password", Json::Null)
            .along("/hdinsight/administrator_account/version", 2),
        of_hdinsight("/hdinsight/administrator_account/version", json!(2)),
        of_databricks("/databricks", Json::Null).along("/virtual_machine", machine.clone()).anew(),
        of_databricks("/databricks/databricks_workspace_id", json!(format!("{}2", their_databricks()))),
        of_databricks("/databricks/access_token", json!("another")).along("/databricks/version", 2),
        of_databricks("/databricks/version", json!(2)),
        of_databricks("/names", json!({ "compute": "named" })).given("/names", json!({})).anew(),
    ];
    changed(ATTACHED, cases).await;
}

#[tokio::test(start_paused = true)]
async fn every_argument_of_a_container_group_can_be_changed() {
    let user = json!({ "type": "UserAssigned", "identity_ids": [their_identity()] });
    let credential = json!([{ "server": "cr.example.com", "username": "pull", "password": "a-password" }]);
    let pulled = |case: Case| case.given("/image_registry_credential", credential.clone());
    let open = |case: Case| case.given("/subnet_ids", Json::Null).given("/ip_address_type", "Public");
    let cases = vec![
        case("/name", "aci-other"),
        case("/resource_group_name", "rg-theirs"),
        // Its network would have to be there too.
        case("/location", "japaneast").only_planned(),
        open(case("/machine_learning_workspace_id", their_workspace())),
        case("/container_registry_public_network_access_enabled", true),
        case("/ip_address_type", "None").along("/container/0/ports", Json::Null),
        case("/subnet_ids", json!([format!("{}/subnets/instances", their_network())])).only_planned(),
        open(case("/dns_name_label", "score")),
        case("/os_type", "Windows"),
        case("/restart_policy", "Never"),
        case("/container/0/name", "serve"),
        case("/container/0/image", "mcr.microsoft.com/azureml/minimal-inference:2"),
        case("/container/0/cpu", 1),
        case("/container/0/memory", 2),
        case("/container/0/ports/0/port", 5002),
        case("/container/0/ports/0/protocol", "UDP"),
        case("/container/0/environment_variables", json!({ "MODEL": "second" })),
        case("/container/0/commands", json!(["serve"])),
        pulled(case("/image_registry_credential/0/server", "other.example.com")),
        pulled(case("/image_registry_credential/0/user_assigned_identity_id", their_identity()))
            .given("/identity", user.clone())
            .along("/image_registry_credential/0/username", Json::Null)
            .along("/image_registry_credential/0/password", Json::Null),
        pulled(case("/image_registry_credential/0/username", "other")),
        pulled(case("/image_registry_credential/0/password", "another"))
            .along("/image_registry_credential/0/username", "other"),
        case("/identity/type", "UserAssigned").along("/identity/identity_ids", json!([their_identity()])),
        case("/identity/identity_ids", json!([their_identity()])).along("/identity/type", "UserAssigned"),
        case("/names", json!({ "container_group": "aci-named" })).given("/names", json!({})).anew(),
    ];
    changed(CONTAINERS, cases).await;
}

#[tokio::test(start_paused = true)]
async fn every_argument_of_an_inference_cluster_can_be_changed() {
    let user = json!({ "type": "UserAssigned", "identity_ids": [their_identity()] });
    let agents = in_network("/subnets/agents");
    let mut cases = changed_clusters(&user);
    cases.extend(changed_scoring());
    cases.extend([
        case("/name", "serving"),
        case("/machine_learning_workspace_id", their_workspace()),
        case("/compute_type", "AKS"),
        case("/kubernetes_cluster_id", theirs("Microsoft.ContainerService/managedClusters/aks-theirs"))
            .along("/kubernetes_cluster", Json::Null)
            .only_planned(),
        // Its network would have to be there too.
        case("/location", "japaneast").only_planned(),
        // What was said of it stays.
        case("/virtual_network_address_space", json!(["10.10.0.0/16"])).for_good(),
        case("/cluster_purpose", "DevTest"),
        case("/load_balancer_type", "PublicIp"),
        case("/load_balancer_subnet_id", agents),
        case("/training_enabled", true),
        case("/namespace", "ml"),
        case("/extension", "none"),
        case("/role_assignments", "none"),
        case("/workspace_principal_id", SOMEBODY),
        case("/description", "Scores"),
        case("/identity", user.clone()),
        case("/identity/type", "SystemAssigned")
            .given("/identity", user.clone())
            .along("/identity/identity_ids", Json::Null),
        case("/identity/identity_ids", Json::Null)
            .given("/identity", user)
            .along("/identity/type", "SystemAssigned"),
        case("/names", json!({ "compute": "named" })).given("/names", json!({})).anew(),
    ]);
    changed(INFERENCE, cases).await;
}

/// The Kubernetes cluster that is made for it.
fn changed_clusters(user: &Json) -> Vec<Case> {
    let overlay =
        |case: Case| case.given("/kubernetes_cluster/network_profile/network_plugin_mode", "overlay");
    let ranges = |ranges: Json| json!({ "authorized_ip_ranges": ranges });
    let public = |case: Case| {
        case.given("/kubernetes_cluster/private_cluster_enabled", false)
            .given("/kubernetes_cluster/api_server_access_profile", ranges(json!(["203.0.113.0/24"])))
    };
    let named = "/kubernetes_cluster/private_cluster_public_fqdn_enabled";
    vec![
        case("/kubernetes_cluster/name", "aks-other"),
        case("/kubernetes_cluster/resource_group_name", "rg-theirs"),
        case("/kubernetes_cluster/dns_prefix", "scoring"),
        // No import can tell that it was asked for.
        case("/kubernetes_cluster/kubernetes_version", "1.34").only_planned(),
        case("/kubernetes_cluster/sku_tier", "Standard"),
        case("/kubernetes_cluster/node_resource_group", "rg-nodes"),
        case("/kubernetes_cluster/default_node_pool/name", "nodes"),
        case("/kubernetes_cluster/default_node_pool/vm_size", "Standard_D8s_v5"),
        case("/kubernetes_cluster/default_node_pool/node_count", 4),
        case("/kubernetes_cluster/default_node_pool/vnet_subnet_id", in_network("/subnets/agents")),
        case("/kubernetes_cluster/default_node_pool/max_pods", 20),
        case("/kubernetes_cluster/default_node_pool/zones", json!(["1", "2"])),
        case("/kubernetes_cluster/private_cluster_enabled", false),
        case("/kubernetes_cluster/private_dns_zone_id", "None").given(named, true),
        case(named, true),
        public(case(
            "/kubernetes_cluster/api_server_access_profile/authorized_ip_ranges",
            json!(["20.1.0.0/16"]),
        )),
        case("/kubernetes_cluster/network_profile/network_plugin", "kubenet"),
        case("/kubernetes_cluster/network_profile/network_plugin_mode", "overlay"),
        case("/kubernetes_cluster/network_profile/network_policy", "calico"),
        case("/kubernetes_cluster/network_profile/service_cidr", "172.20.0.0/16")
            .along("/kubernetes_cluster/network_profile/dns_service_ip", "172.20.0.10"),
        case("/kubernetes_cluster/network_profile/dns_service_ip", "172.16.0.11"),
        overlay(case("/kubernetes_cluster/network_profile/pod_cidr", "10.245.0.0/16")),
        case("/kubernetes_cluster/network_profile/outbound_type", "loadBalancer"),
        case("/kubernetes_cluster/identity/type", "SystemAssigned")
            .given("/kubernetes_cluster/identity", user.clone())
            .along("/kubernetes_cluster/identity/identity_ids", Json::Null),
        case("/kubernetes_cluster/identity/identity_ids", Json::Null)
            .given("/kubernetes_cluster/identity", user.clone())
            .along("/kubernetes_cluster/identity/type", "SystemAssigned"),
    ]
}

/// How models are scored.
fn changed_scoring() -> Vec<Case> {
    let own = json!({ "cert": "a-certificate", "key": "a-key", "cname": "scoring.example.com" });
    // No import finds a certificate again.
    let tls = |case: Case| {
        case.given("/insecure_connections_allowed", Json::Null).given("/ssl", own.clone()).only_planned()
    };
    let microsofts = |case: Case| {
        case.given("/compute_type", "AKS")
            .given("/load_balancer_type", "PublicIp")
            .given("/insecure_connections_allowed", Json::Null)
            .given("/ssl", json!({ "leaf_domain_label": "scoring" }))
    };
    vec![
        case("/insecure_connections_allowed", Json::Null).along("/ssl", own.clone()).only_planned(),
        tls(case("/ssl/cert", "another-certificate")),
        tls(case("/ssl/key", "another-key")).along("/ssl/cert", "another-certificate"),
        tls(case("/ssl/cname", "models.example.com")),
        microsofts(case("/ssl/leaf_domain_label", "models")),
        microsofts(case("/ssl/overwrite_existing_domain", true)),
    ]
}
