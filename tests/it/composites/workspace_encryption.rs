//! A key of the user's, the cluster that builds images, and links of the service
//! itself: what a workspace is made with beside its networks.

use http::Method;
use serde_json::{Value as Json, json};

use super::harness::*;

/// The example, encrypted with a key of strangers.
fn encrypted() -> Json {
    let identity = json!({ "type": "SystemAssigned, UserAssigned", "identity_ids": [their_identity()] });
    let arguments = with(&Stack::example().workspace, "/identity", identity);
    with(&arguments, "/customer_managed_key", their_customer_managed_key())
}

/// The example, with the cluster that builds its images.
fn with_builder() -> Json {
    let arguments = with(&Stack::example().workspace, "/image_build_compute_name", Json::Null);
    let cluster = json!({ "name": "builder", "subnet_resource_id": in_network("/subnets/training") });
    with(&arguments, "/image_build_cluster", cluster)
}

fn made_at(writes: &[Exchange], id: &str) -> usize {
    let put = |write: &Exchange| write.method == Method::PUT && write.path.eq_ignore_ascii_case(id);
    writes.iter().position(put).unwrap_or_else(|| panic!("{id} was never made"))
}

#[tokio::test(start_paused = true)]
async fn the_identity_may_use_the_key_before_the_workspace_is_made() {
    let bench = Bench::slow().await.on_the_ground_of(WORKSPACE).await;
    let state = bench.converge(WORKSPACE, &encrypted(), None).await;
    let writes = bench.azure.writes();
    let ids = ids(&state.value);
    let role = &ids["role/customer_managed_key/user"];
    assert!(role.starts_with(&their_protected_vault()), "{role}");
    let of_keys = "e147488a-f6f5-4113-8e2d-b22465e65bf6";
    let assigned = bench.azure.get(role)["properties"]["roleDefinitionId"].clone();
    assert!(assigned.as_str().unwrap().ends_with(of_keys), "{assigned}");
    assert!(made_at(&writes, role) < made_at(&writes, &ids["workspace"]));
    let encryption = bench.azure.get(&ids["workspace"])["properties"]["encryption"].clone();
    assert_eq!(
        encryption,
        json!({
            "status": "Enabled",
            "keyVaultProperties": { "keyVaultArmId": their_protected_vault(), "keyIdentifier": their_key("1") },
            "identity": { "userAssignedIdentity": their_identity() },
        })
    );
    super::import::found_again(&bench, WORKSPACE, &encrypted(), &state).await;
}

#[tokio::test(start_paused = true)]
async fn a_key_comes_with_a_new_workspace_and_its_versions_in_place() {
    let bench = Bench::new().await.on_the_ground_of(WORKSPACE).await;
    let state = bench.converge(WORKSPACE, &encrypted(), None).await;
    let rotated = with(&encrypted(), "/customer_managed_key/key_id", json!(their_key("2")));
    assert_eq!(bench.plan(WORKSPACE, &rotated, Some(&state)).await.action, Action::Update);
    let without = with(&encrypted(), "/customer_managed_key", Json::Null);
    assert_eq!(bench.plan(WORKSPACE, &without, Some(&state)).await.action, Action::Replace);
}

#[tokio::test(start_paused = true)]
async fn a_vault_without_purge_protection_is_refused_by_azure_at_the_key() {
    let bench = Bench::new().await.on_the_ground_of(WORKSPACE).await;
    let mut arguments = encrypted();
    arguments["customer_managed_key"]["key_vault_id"] = json!(their_vault());
    arguments["customer_managed_key"]["key_id"] = json!("https://kv-theirs.vault.azure.net/keys/mlw/1");
    let applied = bench.apply(WORKSPACE, &arguments, None).await;
    let details: Vec<_> = applied.diagnostics.0.iter().map(|one| one.detail.clone()).collect();
    assert!(details.iter().any(|text| text.contains("needs purge protection")), "{details:?}");
}

#[tokio::test(start_paused = true)]
async fn every_rule_of_a_key_is_an_error_at_its_argument() {
    let own_vault = in_group("Microsoft.KeyVault/vaults/kv-mlops-0001");
    let in_own = |arguments: Json| {
        let key = json!({
            "key_vault_id": own_vault,
            "key_id": "https://kv-mlops-0001.vault.azure.net/keys/mlw/1",
            "user_assigned_identity_id": their_identity(),
        });
        with(&arguments, "/customer_managed_key", key)
    };
    let protected = with(&encrypted(), "/key_vault/purge_protection_enabled", json!(true));
    let policies = with(&protected, "/key_vault/rbac_authorization_enabled", json!(false));
    let bench = Bench::new().await;
    for (arguments, expected) in [
        (
            in_own(encrypted()),
            "key_vault.purge_protection_enabled: The vault of a customer-managed key needs purge protection",
        ),
        (
            in_own(policies),
            "key_vault.rbac_authorization_enabled: The right to use the key is given by a role",
        ),
        (
            with(&encrypted(), "/customer_managed_key/key_id", json!("kv-protected/mlw")),
            "customer_managed_key.key_id: \"kv-protected/mlw\" is not the address of a key",
        ),
        (
            with(
                &encrypted(),
                "/customer_managed_key/key_id",
                json!("https://kv-other.vault.azure.net/keys/mlw/1"),
            ),
            "customer_managed_key.key_id: The key lies in another vault",
        ),
        (
            with(&encrypted(), "/identity", json!({ "type": "SystemAssigned" })),
            "customer_managed_key.user_assigned_identity_id: The workspace does not carry this identity",
        ),
        (
            with(
                &with(&encrypted(), "/identity/type", json!("UserAssigned")),
                "/customer_managed_key/user_assigned_identity_id",
                Json::Null,
            ),
            "customer_managed_key.key_id: A workspace without an identity of its own uses its key as somebody",
        ),
    ] {
        assert_eq!(bench.refusal(WORKSPACE, &arguments, None).await[0], expected);
    }
}

#[tokio::test(start_paused = true)]
async fn the_cluster_that_builds_images_comes_after_the_endpoints_and_goes_before_the_workspace() {
    let bench = Bench::slow().await.on_the_ground_of(WORKSPACE).await;
    let state = bench.converge(WORKSPACE, &with_builder(), None).await;
    let writes = bench.azure.writes();
    let all = ids(&state.value);
    let cluster = &all["image_build_cluster"];
    assert_eq!(bench.azure.get(&all["workspace"])["properties"]["imageBuildCompute"], "builder");
    let properties = bench.azure.get(cluster)["properties"]["properties"].clone();
    assert_eq!(properties["enableNodePublicIp"], false);
    assert_eq!(properties["subnet"]["id"], in_network("/subnets/training"));
    for key in ["workspace/endpoint", "workspace/endpoint/dns", "storage/blob/endpoint/dns"] {
        assert!(made_at(&writes, &all[key]) < made_at(&writes, cluster), "{key}");
    }
    super::import::found_again(&bench, WORKSPACE, &with_builder(), &state).await;
    bench.azure.writes();
    bench.destroy(&state).await;
    let writes = bench.azure.writes();
    let gone_at = |id: &str| {
        let delete = |write: &Exchange| write.method == Method::DELETE && write.path.eq_ignore_ascii_case(id);
        writes.iter().position(delete).unwrap_or_else(|| panic!("{id} was never deleted"))
    };
    assert!(gone_at(cluster) < gone_at(&all["workspace"]));
}

#[tokio::test(start_paused = true)]
async fn every_rule_of_the_cluster_that_builds_images_is_an_error_at_its_argument() {
    let managed = json!({ "isolation_mode": "AllowInternetOutbound" });
    let bench = Bench::new().await;
    for (arguments, expected) in [
        (
            with(&with_builder(), "/image_build_compute_name", json!("cpu")),
            "image_build_compute_name: The image_build_cluster block names the cluster that builds images",
        ),
        (
            with(&with_builder(), "/image_build_cluster/subnet_resource_id", Json::Null),
            "image_build_cluster.name: The cluster that builds images needs a subnet",
        ),
        (
            with(&with_builder(), "/private_endpoint", Json::Null),
            "image_build_cluster.subnet_resource_id: Nodes without public addresses reach the workspace by its private \
             endpoint alone",
        ),
        (
            with(&with_builder(), "/managed_network", managed),
            "image_build_cluster.subnet_resource_id: A workspace with a managed network has no computes in other subnets",
        ),
        (
            with(&with_builder(), "/image_build_cluster/vm_size", json!("Standard_NC6s_v3")),
            "image_build_cluster.vm_size: Standard_NC6s_v3 has a GPU",
        ),
    ] {
        assert_eq!(bench.refusal(WORKSPACE, &arguments, None).await[0], expected);
    }
}

/// The link of the seed's template.
#[tokio::test(start_paused = true)]
async fn the_service_itself_has_a_private_link_to_the_registry_where_that_is_asked_for() {
    let bench = Bench::new().await.on_the_ground_of(WORKSPACE).await;
    let link = json!([{ "name": "Acr", "subresource_name": "registry", "request_message": "Approve" }]);
    let linked = with(&Stack::example().workspace, "/shared_private_link", link);
    let state = bench.converge(WORKSPACE, &linked, None).await;
    let all = ids(&state.value);
    let links = |bench: &Bench| {
        let body = bench.azure.get(&all["workspace"]);
        body["properties"]["sharedPrivateLinkResources"].as_array().cloned().unwrap_or_default()
    };
    let properties = links(&bench)[0]["properties"].clone();
    assert_eq!(properties["groupId"], "registry");
    let registry = &all["container_registry"];
    assert_eq!(properties["privateLinkResourceId"], format!("{registry}/privateLinkResources/registry"));
    assert_eq!(properties["requestMessage"], "Approve");
    super::import::found_again(&bench, WORKSPACE, &linked, &state).await;
    bench.converge(WORKSPACE, &Stack::example().workspace, Some(&state)).await;
    assert_eq!(links(&bench), Vec::<Json>::new());

    let alone = with(&linked, "/container_registry", Json::Null);
    let refusal = bench.refusal(WORKSPACE, &alone, None).await;
    assert_eq!(refusal, ["shared_private_link[0].name: There is no registry that this link could lead to"]);
    let second = json!({ "name": "acr", "subresource_name": "registry" });
    let twice = with(&linked, "/shared_private_link/1", second);
    let refusal = bench.refusal(WORKSPACE, &twice, None).await;
    assert_eq!(refusal, ["shared_private_link[1].name: There are two shared private links named \"acr\""]);
}
