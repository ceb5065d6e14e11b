//! What Azure, or something in between, answers with a secret in it: the secret
//! reaches neither an error nor the log, however much is logged.

use std::fmt::Write as _;
use std::io;
use std::sync::{Arc, Mutex};

use amlsecure::arm::{
    Anonymous, Authorize, Body, Client, Condition, Limits, Listener, News, Request, Settings,
};
use amlsecure::protocol::HclogLayer;
use async_trait::async_trait;
use serde_json::json;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::layer::SubscriberExt as _;

use super::fixture::{
    ENDPOINT, NETWORK, NETWORKS, OPERATION, Script, VirtualClock, call, empty, epoch, json as answer,
    network, refusal, url,
};

/// A token whose looks give nothing away.
const TOKEN: &str = "canary.of.the.token_~1";
const KEY: &str = "canaryOfTheKey/1+2==";
const PASSWORD: &str = "canary-of-the-password";

struct SignedIn;

#[async_trait]
impl Authorize for SignedIn {
    async fn authorize(&self, request: &mut Request) -> Result<(), String> {
        request.headers_mut().insert("authorization", format!("Bearer {TOKEN}").parse().unwrap());
        Ok(())
    }
}

#[derive(Clone, Default)]
struct Heard(Arc<Mutex<Vec<u8>>>);

impl io::Write for Heard {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Listener for Heard {
    fn hear(&self, news: News) {
        let mut heard = String::new();
        writeln!(heard, "{news:?}").unwrap();
        self.0.lock().unwrap().extend(heard.bytes());
    }
}

fn assert_silent(what: &str, text: &str) {
    for canary in [TOKEN, KEY, PASSWORD] {
        assert!(!text.contains(canary), "{what} tells {canary}:\n{text}");
    }
}

fn client(script: &Script, authorize: Arc<dyn Authorize>) -> Client {
    Client::new(Settings {
        endpoint: ENDPOINT.parse().unwrap(),
        authorize,
        transport: Arc::new(script.clone()),
        clock: Arc::new(VirtualClock::default()),
        user_agent: "amlsecure/test".to_owned(),
        limits: Limits::default(),
    })
}

/// Whatever Azure says, and however it says it.
#[tokio::test(start_paused = true, flavor = "current_thread")]
async fn an_answer_that_repeats_a_secret_is_shown_without_it() {
    let heard = Heard::default();
    let layer = HclogLayer::new(LevelFilter::TRACE, epoch, Box::new(heard.clone()));
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
    let echo = format!("Request headers: Host: x; Authorization: Bearer {TOKEN}; Accept: */*");
    let settings = format!("AccountName=st;AccountKey={KEY};EndpointSuffix=core.windows.net");
    let nested = json!({ "error": { "code": "Outer", "message": "failed", "details": [
        { "code": "Inner", "message": format!("{{\"adminPassword\":\"{PASSWORD}\",\"token\":\"{TOKEN}\"}}"), "target": TOKEN },
    ] } });
    let (put, get, poll) = (format!("PUT {NETWORK}"), format!("GET {NETWORK}"), format!("GET {OPERATION}"));
    let begun = || empty(202).with("azure-asyncoperation", &url(OPERATION));
    let plain = |status: u16, text: &str| {
        let mut response = http::Response::new(text.as_bytes().to_vec());
        *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
        super::fixture::Reply::Answer(response)
    };
    let scripts = [
        Script::new().on(put.as_str(), answer(403, json!({ "error": { "code": "No", "message": echo } }))),
        Script::new()
            .on(put.as_str(), answer(400, json!({ "error": { "code": TOKEN, "message": settings } }))),
        Script::new().on(put.as_str(), answer(400, nested.clone())),
        Script::new().on(put.as_str(), plain(400, &format!("<html>{echo}<br>{settings}</html>"))),
        Script::new().on(put.as_str(), plain(200, &format!("{{\"key\": \"{KEY}\" {TOKEN}"))),
        Script::new().on(put.as_str(), begun()).on(poll.as_str(), {
            let mut failed = nested.clone();
            failed["status"] = json!("Failed");
            answer(200, failed)
        }),
        Script::new()
            .on(put.as_str(), begun())
            .on(poll.as_str(), answer(200, json!({ "status": "Succeeded" })))
            .on(get.as_str(), plain(404, &echo)),
        // The secret comes in an answer that is tried again.
        Script::new()
            .on(put.as_str(), refusal(429, "TooManyRequests").with("x-ms-error-code", TOKEN))
            .on(put.as_str(), plain(503, &echo))
            .on(
                put.as_str(),
                answer(409, json!({ "error": { "code": "AnotherOperationInProgress", "message": echo } })),
            )
            .on(put.as_str(), answer(403, nested)),
    ];
    for script in scripts {
        // Another test may have met an event first, and found that nobody listens.
        tracing::callsite::rebuild_interest_cache();
        let mut call = call();
        call.listener = Some(Arc::new(heard.clone()));
        let body = Body(json!({ "properties": { "password": PASSWORD, "key": KEY } }));
        let client = client(&script, Arc::new(SignedIn));
        let error = client.put(&call, &NETWORKS, &network(), &body, &Condition::Always).await.unwrap_err();
        assert_silent("an error", &format!("{error}\n{}\n{error:?}", error.circumstances()));
        script.done();
    }
    // Keys that are asked for go to who asked, and nowhere else.
    let keys = json!({ "keys": [{ "keyName": "key1", "value": KEY }] });
    let path = format!("{NETWORK}/listKeys");
    let script = Script::new().on(format!("POST {path}"), answer(200, keys.clone()));
    assert_eq!(
        client(&script, Arc::new(Anonymous)).post(&call(), &path, "2025-01-01", None).await.unwrap(),
        keys
    );
    let text = String::from_utf8(heard.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("\"@message\":\"request\"") && text.contains("Retrying"), "{text}");
    assert_silent("the log", &text);
}
