//! What each verb sends and makes of the answers.

use amlsecure::arm::{Body, Cause, Cloud, CloudError, Condition};
use serde_json::json as j;

use super::fixture::{
    ENDPOINT, GROUP, NETWORK, NETWORKS, SUBSCRIPTION, Script, call, empty, group, json, network, refusal,
    resource, url,
};

fn get() -> String {
    format!("GET {NETWORK}")
}

#[tokio::test(start_paused = true)]
async fn every_request_says_who_asks_and_for_what_operation() {
    let script = Script::new().on(get(), json(200, resource("Succeeded"))).on(get(), empty(404));
    let (client, call) = (script.client(), call());
    client.get(&call, &NETWORKS, &network()).await.unwrap().unwrap();
    assert_eq!(client.get(&call, &NETWORKS, &network()).await.unwrap(), None);
    let seen = script.done();
    let header = |at: usize, name: &str| seen[at].request.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(seen[0].request.uri().query(), Some("api-version=2025-01-01"));
    assert_eq!(header(0, "user-agent"), "amlsecure/test");
    assert_eq!(header(0, "x-ms-correlation-request-id"), call.correlation.to_string());
    assert_eq!(header(0, "x-ms-return-client-request-id"), "true");
    assert_ne!(header(0, "x-ms-client-request-id"), header(1, "x-ms-client-request-id"));
    assert!(!seen[0].request.headers().contains_key("authorization"));
}

#[tokio::test(start_paused = true)]
async fn a_404_about_something_else_is_no_absence() {
    let script = Script::new()
        .on(get(), refusal(404, "SubscriptionNotFound"))
        .on(get(), refusal(404, "InvalidResourceType"));
    let client = script.client();
    for code in ["SubscriptionNotFound", "InvalidResourceType"] {
        let error = client.get(&call(), &NETWORKS, &network()).await.unwrap_err();
        assert_eq!(error.code(), Some(code));
    }
    script.done();
}

#[tokio::test(start_paused = true)]
async fn a_404_that_arm_did_not_write_is_no_absence() {
    let mut page = http::Response::new(b"<html>no such page</html>".to_vec());
    *page.status_mut() = http::StatusCode::NOT_FOUND;
    let script = Script::new().on(get(), super::fixture::Reply::Answer(page));
    let error = script.client().get(&call(), &NETWORKS, &network()).await.unwrap_err();
    assert!(matches!(&error.cause, Cause::Unreadable(text) if text.contains("no such page")), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_error_tells_arms_words_and_the_circumstances() {
    let script = Script::new().on(
        get(),
        refusal(403, "AuthorizationFailed").with("x-ms-correlation-request-id", "from-the-server"),
    );
    let error = script.client().get(&call(), &NETWORKS, &network()).await.unwrap_err();
    assert_eq!(error.to_string(), "403 AuthorizationFailed: AuthorizationFailed says ARM.");
    assert_eq!(
        error.circumstances().to_string(),
        format!("GET {NETWORK}, 1 request in 0 s, correlation id from-the-server")
    );
}

#[tokio::test(start_paused = true)]
async fn a_write_that_ends_at_once_needs_no_other_request() {
    let script = Script::new().on(format!("PUT {NETWORK}"), json(201, resource("Succeeded")));
    let body = Body(j!({"location": "japaneast"}));
    let condition = Condition::Match("W/\"1\"".to_owned());
    let written = script.client().put(&call(), &NETWORKS, &network(), &body, &condition).await.unwrap();
    assert_eq!(written, resource("Succeeded"));
    let seen = script.done();
    assert_eq!(seen[0].request.headers()["if-match"], "W/\"1\"");
    assert_eq!(seen[0].request.headers()["content-type"], "application/json");
    assert_eq!(seen[0].request.body(), br#"{"location":"japaneast"}"#);
}

#[tokio::test(start_paused = true)]
async fn a_list_is_read_to_its_last_page_even_past_an_empty_one() {
    let list = format!("GET {GROUP}/providers/Microsoft.Network/virtualNetworks");
    let path = &list[4..];
    let item = |name: &str| j!({"id": format!("{path}/{name}")});
    let script = Script::new()
        .on(&*list, json(200, j!({"value": [item("a")], "nextLink": url(&format!("{path}?$skipToken=1"))})))
        .on(&*list, json(200, j!({"value": [], "nextLink": url(&format!("{path}?$skipToken=2"))})))
        .on(&*list, json(200, j!({"value": [item("b")]})));
    let found = script.client().list(&call(), &NETWORKS, &group()).await.unwrap();
    assert_eq!(found, [item("a"), item("b")]);
    let seen = script.done();
    assert_eq!(seen[2].request.uri().query(), Some("$skipToken=2"), "the link is taken as it is");
}

#[tokio::test(start_paused = true)]
async fn a_list_holds_only_what_is_directly_in_the_scope() {
    let list = format!("GET {GROUP}/providers/Microsoft.Network/virtualNetworks");
    let elsewhere = NETWORK.replace("/rg/", "/other/");
    let script =
        Script::new().on(list, json(200, j!({"value": [{"id": NETWORK.to_uppercase().replace("/SUBSCRIPTIONS", "/subscriptions")}, {"id": elsewhere}]})));
    assert_eq!(script.client().list(&call(), &NETWORKS, &group()).await.unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_scope_that_is_not_there_holds_nothing() {
    let list = format!("GET {GROUP}/providers/Microsoft.Network/virtualNetworks");
    let script = Script::new().on(list, refusal(404, "ResourceGroupNotFound"));
    assert!(script.client().list(&call(), &NETWORKS, &group()).await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_list_leads_nowhere_else_and_ends() {
    let list = format!("GET {GROUP}/providers/Microsoft.Network/virtualNetworks");
    let script = Script::new()
        .on(&*list, json(200, j!({"value": [], "nextLink": "https://evil.example/subscriptions"})));
    let error = script.client().list(&call(), &NETWORKS, &group()).await.unwrap_err();
    assert!(matches!(&error.cause, Cause::Unreadable(text) if text.contains("evil.example")), "{error}");

    let again = format!("{ENDPOINT}{}", &list[4..]);
    let script = Script::new().times(1000, &list, || json(200, j!({"value": [], "nextLink": again})));
    let error = script.client().list(&call(), &NETWORKS, &group()).await.unwrap_err();
    assert!(error.to_string().contains("1000 pages"), "{error}");
    script.done();
}

#[tokio::test(start_paused = true)]
async fn a_delete_asks_as_its_kind_needs_and_sees_it_gone() {
    let script = Script::new()
        .on(format!("DELETE {NETWORK}"), empty(200))
        .on(get(), json(200, resource("Succeeded")))
        .on(get(), refusal(404, "ResourceNotFound"));
    script.client().delete(&call(), &NETWORKS, &network(), &[("force", "true")]).await.unwrap();
    let seen = script.done();
    assert_eq!(seen[0].request.uri().query(), Some("api-version=2025-01-01&force=true"));
    assert_eq!(seen[1].request.uri().query(), Some("api-version=2025-01-01"));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_there_is_deleted() {
    let script = Script::new()
        .on(format!("DELETE {NETWORK}"), refusal(404, "ResourceGroupNotFound"))
        .on(format!("DELETE {NETWORK}"), empty(204))
        .on(get(), empty(404));
    let client = script.client();
    client.delete(&call(), &NETWORKS, &network(), &[]).await.unwrap();
    client.delete(&call(), &NETWORKS, &network(), &[]).await.unwrap();
    script.done();
}

#[tokio::test(start_paused = true)]
async fn a_resource_that_never_goes_is_an_error_after_ten_minutes() {
    let script = Script::new()
        .on(format!("DELETE {NETWORK}"), empty(200))
        .times(64, &get(), || json(200, resource("Succeeded")));
    let error = script.client().delete(&call(), &NETWORKS, &network(), &[]).await.unwrap_err();
    assert!(error.to_string().contains("still there 10 minutes"), "{error}");
    assert!((600..620).contains(&error.elapsed.as_secs()));
}

#[tokio::test(start_paused = true)]
async fn a_post_returns_its_answer_and_null_for_none() {
    let line = format!("POST {NETWORK}/listKeys");
    let script = Script::new().on(&*line, json(200, j!({"key": "k"}))).on(&*line, empty(200));
    let (client, path) = (script.client(), format!("{NETWORK}/listKeys?$expand=kerb"));
    assert_eq!(client.post(&call(), &path, "2025-01-01", None).await.unwrap(), j!({"key": "k"}));
    assert_eq!(client.post(&call(), &path, "2025-01-01", None).await.unwrap(), j!(null));
    let query = script.done()[0].request.uri().query().unwrap().to_owned();
    assert_eq!(query, "api-version=2025-01-01&%24expand=kerb");
}

#[tokio::test(start_paused = true)]
async fn what_is_of_no_kind_is_read_by_its_path() {
    let path = format!("{SUBSCRIPTION}/providers/Microsoft.KeyVault/locations/x/deletedVaults/kv");
    let line = format!("GET {path}");
    let script = Script::new()
        .on(&*line, refusal(404, "DeletedVaultNotFound"))
        .on(&*line, json(200, j!({"name": "kv"})));
    let client = script.client();
    assert_eq!(client.read(&call(), &path, "1").await.unwrap(), None);
    assert_eq!(client.read(&call(), &path, "1").await.unwrap(), Some(j!({"name": "kv"})));
    script.done();
}

#[tokio::test(start_paused = true)]
async fn a_path_that_leaves_its_place_is_never_sent() {
    let script = Script::new();
    let error = script.client().post(&call(), "/subscriptions/../tenants", "1", None).await.unwrap_err();
    assert!(matches!(error.cause, Cause::Unreachable(_)), "{error}");
    let id = amlsecure::kinds::ResourceId::parse(&format!("{GROUP}/providers/A.B/c/..")).unwrap();
    assert!(script.client().get(&call(), &NETWORKS, &id).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_metadata_host_tells_its_cloud() {
    let cloud = j!({
        "name": "AzureSimulator", "resourceManager": "https://localhost:8443",
        "authentication": {"loginEndpoint": "https://localhost:8444"},
        "suffixes": {"storage": "core.sim.test", "keyVaultDns": "vault.sim.test", "acrLoginServer": "acr.sim.test"},
    });
    let line = "GET /metadata/endpoints";
    let marked = http::Response::new([b"\xef\xbb\xbf", cloud.to_string().as_bytes()].concat());
    let script = Script::new()
        .on(line, json(200, cloud.clone()))
        .on(line, super::fixture::Reply::Answer(marked))
        .on(line, json(200, j!([cloud])))
        .on(line, json(200, j!({"name": "half"})))
        .on(line, empty(503));
    for _ in 0..3 {
        let cloud = Cloud::discover(&script, "localhost:8443").await.unwrap();
        assert_eq!(cloud.scope(), "https://localhost:8443/.default");
        assert_eq!(cloud.authority.as_str(), "https://localhost:8444/");
        assert_eq!(cloud.suffixes.container_registry, "acr.sim.test");
    }
    for want in ["/resourceManager is missing", "503"] {
        let error = Cloud::discover(&script, "localhost:8443").await.unwrap_err().to_string();
        assert!(error.contains(want), "{error}");
    }
    let seen = script.done();
    assert_eq!(seen[0].request.uri(), "https://localhost:8443/metadata/endpoints?api-version=2022-09-01");
    for host in ["", "https://localhost", "a/b", "user@host", "host?x", "host#x", "two words"] {
        let error = Cloud::discover(&script, host).await.unwrap_err();
        assert!(matches!(error, CloudError::Host(_)), "{host:?}: {error}");
    }
}
