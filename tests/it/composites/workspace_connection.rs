//! Connections of a workspace, and where their secrets do not go.

use http::Method;
use serde_json::{Value as Json, json};

use super::harness::*;

const SECRET: &str = "a-token-of-the-feed";

fn connected(connections: Json) -> Json {
    with(&Stack::example().workspace, "/workspace_connection", connections)
}

#[tokio::test(start_paused = true)]
async fn a_secret_of_a_connection_is_sent_and_stands_nowhere_and_another_version_sends_it_again() {
    let bench = Bench::new().await.on_the_ground_of(WORKSPACE).await;
    let arguments = connected(json!([feed()]));
    let plan = bench.plan(WORKSPACE, &arguments, None).await;
    assert!(!format!("{:?}", plan.planned).contains(SECRET));
    let state = bench.converge(WORKSPACE, &arguments, None).await;
    assert!(!format!("{:?}", state.value).contains(SECRET));
    let sent = |bench: &Bench| -> Vec<Json> {
        let writes = bench.azure.writes().into_iter();
        let own = writes.filter(|write| write.path.ends_with("/connections/feed"));
        own.map(|write| write.request["properties"].clone()).collect()
    };
    assert_eq!(
        sent(&bench),
        [json!({
            "authType": "PAT", "category": "PythonFeed", "isSharedToAll": true,
            "target": "https://pkgs.example.com/feed/pypi/simple/", "credentials": { "pat": SECRET },
            "metadata": { "amlsecure-credentials": "1" },
        })]
    );

    // Nobody can see that a secret is another one.
    let another =
        with(&arguments, "/workspace_connection/0/credentials/personal_access_token", json!("another"));
    assert_eq!(bench.plan(WORKSPACE, &another, Some(&state)).await.action, Action::NoOp);
    let second = with(&another, "/workspace_connection/0/credentials/version", json!(2));
    let plan = bench.plan(WORKSPACE, &second, Some(&state)).await;
    assert_eq!(
        statuses(&plan.planned)["connection/feed"],
        "changed: properties.metadata.amlsecure-credentials 1 -> 2"
    );
    let state = bench.converge(WORKSPACE, &second, Some(&state)).await;
    assert_eq!(sent(&bench)[0]["credentials"], json!({ "pat": "another" }));
    let open = with(&second, "/workspace_connection/0/credentials", Json::Null);
    bench.converge(WORKSPACE, &open, Some(&state)).await;
    assert_eq!(sent(&bench)[0]["authType"], "None");
}

#[tokio::test(start_paused = true)]
async fn connections_come_go_and_are_mended_one_by_one_and_strangers_stay() {
    let bench = Bench::new().await.on_the_ground_of(WORKSPACE).await;
    let git = json!({ "name": "code", "category": "Git", "target": "https://git.example.com/" });
    let both = connected(json!([git, feed()]));
    let state = bench.converge(WORKSPACE, &both, None).await;
    let all = ids(&state.value);
    let theirs = format!("{}/connections/theirs", all["workspace"]);
    let body =
        json!({ "properties": { "authType": "None", "category": "Git", "target": "https://x.example/" } });
    bench.azure.put(&theirs, &body);
    super::import::found_again(&bench, WORKSPACE, &both, &state).await;
    bench.azure.change(&all["connection/feed"], |body| {
        body["properties"]["target"] = json!("https://evil.example.com/");
    });
    let refreshed = bench.refresh(&state).await;
    assert_eq!(
        statuses(&refreshed.value)["connection/feed"],
        "drifted: properties.target is https://evil.example.com/, want https://pkgs.example.com/feed/pypi/simple/"
    );
    bench.azure.writes();
    let state = bench.converge(WORKSPACE, &both, Some(&refreshed)).await;
    assert_eq!(bench.azure.written(), ["PUT mlw-mlops/connections/feed"]);
    bench.converge(WORKSPACE, &connected(json!([feed()])), Some(&state)).await;
    assert_eq!(bench.azure.written(), ["DELETE mlw-mlops/connections/code"]);
    assert!(!bench.azure.get(&theirs).is_null());
}

/// What the workspace itself has been told, only the action shows.
#[tokio::test(start_paused = true)]
async fn each_type_sends_its_own_credentials() {
    let bench = Bench::new().await.on_the_ground_of(WORKSPACE).await;
    let mut state = None;
    for (credentials, sent) in [
        (
            json!({ "type": "UsernamePassword", "username": "me", "password": "p" }),
            json!({ "username": "me", "password": "p" }),
        ),
        (json!({ "type": "SAS", "shared_access_signature": "sv=1" }), json!({ "sas": "sv=1" })),
        (json!({ "type": "ApiKey", "key": "k" }), json!({ "key": "k" })),
        (json!({ "type": "AccountKey", "key": "a" }), json!({ "key": "a" })),
        (
            json!({ "type": "AccessKey", "access_key_id": "i", "secret_access_key": "s" }),
            json!({ "accessKeyId": "i", "secretAccessKey": "s" }),
        ),
        (
            json!({ "type": "ServicePrincipal", "client_id": "c", "client_secret": "s", "tenant_id": "t" }),
            json!({ "clientId": "c", "clientSecret": "s", "tenantId": "t" }),
        ),
        (json!({ "type": "ManagedIdentity", "client_id": "c" }), json!({ "clientId": "c" })),
    ] {
        let arguments = connected(json!([with(&feed(), "/credentials", credentials.clone())]));
        let next = bench.converge(WORKSPACE, &arguments, state.as_ref()).await;
        let id = ids(&next.value)["connection/feed"].clone();
        let (_, listed) = bench.azure.ask(Method::POST, &format!("{id}/listSecrets"), &Json::Null);
        assert_eq!(listed["properties"]["authType"], credentials["type"]);
        assert_eq!(listed["properties"]["credentials"], sent, "{credentials}");
        state = Some(next);
    }
}

#[tokio::test(start_paused = true)]
async fn every_rule_of_a_connection_is_an_error_at_its_argument() {
    let bench = Bench::new().await;
    for (at, value, said) in [
        ("/name", json!("my feed"), "name: \"my feed\" cannot name a workspace connection"),
        ("/category", json!(""), "category: This is empty"),
        ("/target", json!(" "), "target: This is empty"),
        (
            "/credentials/type",
            json!("Handshake"),
            "credentials.type: \"Handshake\" is not one of the values that workspace_connection[0].credentials.type takes",
        ),
        (
            "/credentials/type",
            json!("UsernamePassword"),
            "credentials.type: Credentials of type \"UsernamePassword\" need username",
        ),
        (
            "/credentials/personal_access_token",
            Json::Null,
            "credentials.type: Credentials of type \"PAT\" need personal_access_token",
        ),
        (
            "/credentials/password",
            json!("p"),
            "credentials.password: Credentials of type \"PAT\" take no password",
        ),
        (
            "/credentials/type",
            json!("AAD"),
            "credentials.personal_access_token: Credentials of type \"AAD\" take no personal_access_token",
        ),
    ] {
        let refused = bench.refusal(WORKSPACE, &connected(json!([with(&feed(), at, value)])), None).await;
        assert!(refused.contains(&format!("workspace_connection[0].{said}")), "{at}: {refused:#?}");
    }
    let twice = connected(json!([feed(), with(&feed(), "/name", json!("Feed"))]));
    let refused = bench.refusal(WORKSPACE, &twice, None).await;
    assert_eq!(refused, ["workspace_connection[1].name: There are two connections named \"Feed\""]);
}
