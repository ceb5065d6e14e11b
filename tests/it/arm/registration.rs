//! Resource providers.

use amlsecure::arm::{NAMESPACES, Registrations, Unregistered};
use serde_json::json as j;

use super::fixture::{SUBSCRIPTION, Script, call, group, json, refusal, url};

#[tokio::test(start_paused = true)]
async fn one_look_tells_what_is_missing() {
    let path = format!("{SUBSCRIPTION}/providers");
    let line = format!("GET {path}");
    let provider = |namespace: &str, state: &str| j!({"namespace": namespace, "registrationState": state});
    let script = Script::new()
        .on(
            &*line,
            json(
                200,
                j!({"value": [provider("microsoft.network", "Registered"), provider("Microsoft.Storage", "NotRegistered")],
                    "nextLink": url(&format!("{path}?$skiptoken=1"))}),
            ),
        )
        .on(&*line, json(200, j!({"value": [provider("Microsoft.KeyVault", "Registered")]})));
    let wanted = ["Microsoft.Network", "Microsoft.Storage", "Microsoft.KeyVault", "Microsoft.Compute"];
    let missing = script.client().unregistered(&call(), &group(), &wanted).await.unwrap();
    assert_eq!(missing, ["Microsoft.Storage", "Microsoft.Compute"]);
    assert_eq!(script.done()[0].request.uri().query(), Some("api-version=2022-09-01"));

    let subscription = group().subscription_id().to_owned();
    let text = Unregistered { subscription, namespaces: missing }.to_string();
    assert!(text.contains(
        "az provider register --namespace Microsoft.Compute --subscription 00000000-0000-0000-0000-000000000001"
    ));
}

#[tokio::test(start_paused = true)]
async fn a_registration_is_waited_for() {
    let path = format!("{SUBSCRIPTION}/providers/Microsoft.Compute");
    let state = |word: &str| json(200, j!({"namespace": "Microsoft.Compute", "registrationState": word}));
    let script = Script::new()
        .on(format!("POST {path}/register"), state("Registering"))
        .on(format!("GET {path}"), state("Registering"))
        .on(format!("GET {path}"), state("Registered"));
    script.client().register(&call(), &group(), "Microsoft.Compute").await.unwrap();
    assert_eq!(script.seconds(), [0, 10, 20]);
}

#[tokio::test(start_paused = true)]
async fn who_may_not_look_is_told_so() {
    let script =
        Script::new().on(format!("GET {SUBSCRIPTION}/providers"), refusal(403, "AuthorizationFailed"));
    let error = script.client().unregistered(&call(), &group(), NAMESPACES).await.unwrap_err();
    assert_eq!(error.code(), Some("AuthorizationFailed"));
}

#[test]
fn azurerms_words_are_understood() {
    for word in ["core", "extended", "all", "legacy"] {
        assert_eq!(Registrations::parse(word), Some(Registrations::Register), "{word}");
    }
    assert_eq!(Registrations::parse("none"), Some(Registrations::None));
    assert_eq!(Registrations::parse("some"), None);
    assert_eq!(Registrations::default(), Registrations::Check);
}
