//! Private links: which endpoints can work, who approves them, and who finds
//! their names.

use serde_json::{Value as Json, json};

use super::harness::*;
use super::import::found_again;

fn link() -> (Stack, Json) {
    let stack = Stack::whole();
    // One that Azure approves.
    let arguments = with(stack.of(PRIVATE_LINK), "/private_service_connection/approval", Json::Null);
    let arguments = with(&arguments, "/private_service_connection/request_message", Json::Null);
    let arguments = with(&arguments, "/private_service_connection/is_manual_connection", json!(false));
    (stack, arguments)
}

fn zone(name: &str) -> String {
    in_group(&format!("Microsoft.Network/privateDnsZones/{name}"))
}

#[tokio::test(start_paused = true)]
async fn a_link_that_could_not_work_is_an_error_at_its_argument() {
    let bench = Bench::new().await;
    let (_, arguments) = link();
    let service = "/private_service_connection";
    let zones = "/private_dns_zone_group/private_dns_zone_ids";
    for (pointer, value, said) in [
        (
            format!("{service}/subresource_names"),
            json!(["blob", "file"]),
            "private_service_connection.subresource_names[1]: A private endpoint leads to one service of its target",
        ),
        (
            format!("{service}/subresource_names"),
            json!([]),
            "private_service_connection.subresource_names: private_service_connection.subresource_names is empty",
        ),
        (
            format!("{service}/subresource_names"),
            json!(["vault"]),
            "private_service_connection.subresource_names: A Microsoft.Storage/storageAccounts has no service \"vault\"",
        ),
        (
            format!("{service}/private_connection_resource_id"),
            json!("stmlops0001"),
            "private_service_connection.private_connection_resource_id: This is not the id of an Azure resource",
        ),
        (
            format!("{service}/request_message"),
            json!("Let us in"),
            "private_service_connection.request_message: Nobody would read this message",
        ),
        (
            format!("{service}/request_message"),
            json!("x".repeat(141)),
            "private_service_connection.request_message: The message is too long",
        ),
        (
            zones.to_owned(),
            json!([zone("privatelink.file.core.windows.net")]),
            "private_dns_zone_group.private_dns_zone_ids[0]: The zone \"privatelink.file.core.windows.net\" holds no \
             names of \"blob_secondary\"",
        ),
        (
            zones.to_owned(),
            json!([]),
            "private_dns_zone_group.private_dns_zone_ids: private_dns_zone_group.private_dns_zone_ids is empty",
        ),
        ("/private_dns_zone_group".to_owned(), Json::Null, "dns: No private DNS zone is given"),
        (
            "/dns".to_owned(),
            json!("policy"),
            "private_dns_zone_group.private_dns_zone_ids: Two would write the names of the endpoint",
        ),
    ] {
        let refused = bench.refusal(PRIVATE_LINK, &with(&arguments, &pointer, value.clone()), None).await;
        assert!(refused.iter().any(|line| line == said), "{pointer} {value}: {refused:#?}");
    }
    let orphan = with(&arguments, "/machine_learning_workspace_id", Json::Null);
    assert_eq!(
        bench.refusal(PRIVATE_LINK, &with(&orphan, "/principal_id", json!(SOMEBODY)), None).await,
        ["principal_id: An identity needs the workspace that it acts for"]
    );
}

/// A workspace is found in two zones, and with one of them it is found by half.
#[tokio::test(start_paused = true)]
async fn a_workspace_needs_both_of_its_zones() {
    let bench = Bench::new().await;
    let (_, arguments) = link();
    let service = json!({
        "private_connection_resource_id": arguments["machine_learning_workspace_id"],
        "subresource_names": ["amlworkspace"],
    });
    let arguments = with(&arguments, "/private_service_connection", service);
    let one = json!([zone("privatelink.api.azureml.ms")]);
    assert_eq!(
        bench
            .refusal(
                PRIVATE_LINK,
                &with(&arguments, "/private_dns_zone_group/private_dns_zone_ids", one),
                None
            )
            .await,
        [
            "private_dns_zone_group.private_dns_zone_ids: The zone \"privatelink.notebooks.azure.net\" is not given"
        ]
    );
    let both = json!([zone("privatelink.api.azureml.ms"), zone("privatelink.notebooks.azure.net")]);
    let whole = with(&arguments, "/private_dns_zone_group/private_dns_zone_ids", both);
    bench.plan(PRIVATE_LINK, &whole, None).await;
}

/// A target that is asked for access may be one that we cannot see.
#[tokio::test(start_paused = true)]
async fn a_target_that_is_not_there_is_an_error_at_its_argument_before_any_write() {
    let bench = Bench::new().await;
    let (stack, arguments) = link();
    bench.ground(&stack, PRIVATE_LINK).await;
    let gone = in_group("Microsoft.Storage/storageAccounts/stgone");
    let pointer = "/private_service_connection/private_connection_resource_id";
    let applied = bench.apply(PRIVATE_LINK, &with(&arguments, pointer, json!(gone)), None).await;
    let said = said(&applied.diagnostics);
    assert!(said[0].starts_with("private_service_connection.private_connection_resource_id: "), "{said:?}");
    assert_eq!(bench.azure.written(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn networks_are_linked_to_zones_that_others_own_and_the_zones_stay() {
    let bench = Bench::new().await;
    let (stack, arguments) = link();
    strangers(&bench.azure);
    bench.ground(&stack, PRIVATE_LINK).await;
    let networks = json!([their_network()]);
    let linked = with(&arguments, "/private_dns_zone_group/virtual_network_ids", networks);
    let state = bench.converge(PRIVATE_LINK, &linked, None).await;
    let key = "link/privatelink.blob.core.windows.net/vnet-aml";
    let id = ids(&state.value)[key].clone();
    assert!(id.ends_with(
        "/privateDnsZones/privatelink.blob.core.windows.net/virtualNetworkLinks/pe-secondary-vnet-aml"
    ));
    bench.destroy(&state).await;
    assert!(bench.azure.get(&id).is_null());
    assert!(!bench.azure.get(&zone("privatelink.blob.core.windows.net")).is_null());
}

/// An assignment names an identity and not whose that is, so a workspace that
/// acts as it is looked for.
#[tokio::test(start_paused = true)]
async fn a_reader_is_found_again_with_its_workspace() {
    let bench = Bench::new().await;
    let (stack, arguments) = link();
    bench.ground(&stack, PRIVATE_LINK).await;
    let state = bench.converge(PRIVATE_LINK, &arguments, None).await;
    found_again(&bench, PRIVATE_LINK, &arguments, &state).await;
    let workspace = bench.azure.get(arguments["machine_learning_workspace_id"].as_str().unwrap());
    let assignment = bench.azure.get(&ids(&state.value)["role/reader"]);
    assert_eq!(assignment["properties"]["principalId"], workspace["identity"]["principalId"]);
}
