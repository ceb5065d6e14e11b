//! Answers that ARM never gives: whatever comes, every verb ends, in a value or
//! an error, within its deadline.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use amlsecure::arm::{
    Anonymous, Body, Client, Condition, Limits, Request, Response, Settings, Transport, TransportError,
};
use amlsecure::kinds::ResourceId;
use async_trait::async_trait;
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

use super::fixture::{
    ENDPOINT, NETWORK, NETWORKS, OPERATION, VirtualClock, call_of, epoch, group, network, url,
};

/// What a request may meet: an answer, or none.
type Met = Result<Response, TransportError>;

/// Answers with one thing after the other, and then that nothing is there.
struct Whatever(Mutex<VecDeque<Met>>);

#[async_trait]
impl Transport for Whatever {
    async fn send(&self, _: Request) -> Met {
        let next = self.0.lock().unwrap().pop_front();
        next.unwrap_or_else(|| {
            let gone = json!({ "error": { "code": "ResourceNotFound", "message": "It is not there." } });
            Ok(http::Response::builder().status(404).body(gone.to_string().into_bytes()).unwrap())
        })
    }
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(url(OPERATION)),
        Just(url(&format!("{NETWORK}?api-version=2025-01-01"))),
        Just(OPERATION.to_owned()),
        Just("https://management.azure.com:99999/".to_owned()),
        Just("https://elsewhere.example/steal".to_owned()),
        Just("//elsewhere.example".to_owned()),
        Just("\u{0}".to_owned()),
        Just("Succeeded".to_owned()),
        Just("InProgress".to_owned()),
        Just("Failed".to_owned()),
        Just("Canceled".to_owned()),
        Just("AnotherOperationInProgress".to_owned()),
        Just(format!("busy; To retrieve status of the operation use uri: {}.", url(OPERATION))),
        Just("To retrieve status of the operation use uri: https://".to_owned()),
        Just("0".to_owned()),
        Just("18446744073709551615".to_owned()),
        Just("-1".to_owned()),
        Just("Sun, 06 Nov 1994 08:49:37 GMT".to_owned()),
        Just("Fri, 31 Dec 9999 23:59:59 GMT".to_owned()),
        "[ -~]{0,40}",
        ".{0,20}",
    ]
}

fn body() -> impl Strategy<Value = Json> {
    let name = prop::sample::select(vec![
        "id",
        "name",
        "etag",
        "status",
        "properties",
        "provisioningState",
        "provisioningErrors",
        "percentComplete",
        "error",
        "errors",
        "code",
        "message",
        "details",
        "value",
        "nextLink",
    ]);
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        word().prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            3 => prop::collection::vec((name.clone(), inner), 0..6).prop_map(|members| {
                let members = members.into_iter().map(|(name, value)| (name.to_owned(), value));
                Json::Object(members.collect::<Map<_, _>>())
            }),
        ]
    })
}

fn met() -> impl Strategy<Value = Met> {
    let status = prop::sample::select(vec![
        100_u16, 200, 200, 200, 201, 202, 202, 204, 301, 400, 403, 404, 409, 409, 412, 429, 500, 503, 599,
        999,
    ]);
    let header = prop::sample::select(vec![
        "azure-asyncoperation",
        "location",
        "retry-after",
        "retry-after-ms",
        "x-ms-retry-after-ms",
        "x-ms-error-code",
        "x-ms-correlation-request-id",
        "x-ms-ratelimit-remaining-subscription-writes",
        "x-ms-ratelimit-remaining-subscription-reads",
    ]);
    let bytes = prop_oneof![
        1 => Just(Vec::new()),
        1 => prop::collection::vec(any::<u8>(), 0..40),
        6 => body().prop_map(|body| body.to_string().into_bytes()),
    ];
    let answer = (status, prop::collection::vec((header, word()), 0..4), bytes).prop_map(
        |(status, headers, bytes)| {
            let mut response = http::Response::new(bytes);
            *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
            for (name, value) in headers {
                if let Ok(value) = http::HeaderValue::from_bytes(value.as_bytes()) {
                    response.headers_mut().insert(name, value);
                }
            }
            Ok(response)
        },
    );
    let lost = any::<bool>()
        .prop_map(|unsent| Err(TransportError { message: "the wire is cut".to_owned(), unsent }));
    prop_oneof![9 => answer, 1 => lost]
}

/// More than any verb may take: its deadline, and one last answer.
const DEADLINE: u64 = 7200;

proptest! {
    #[test]
    fn whatever_is_answered_every_verb_ends_in_time(
        verb in 0..8_u8,
        answers in prop::collection::vec(met(), 0..24),
    ) {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let clock = Arc::new(VirtualClock::default());
            let client = Client::new(Settings {
                endpoint: ENDPOINT.parse().unwrap(),
                authorize: Arc::new(Anonymous),
                transport: Arc::new(Whatever(Mutex::new(answers.into()))),
                clock: clock.clone(),
                user_agent: "amlsecure/test".to_owned(),
                limits: Limits::default(),
            });
            let (call, kind, id) = (call_of(DEADLINE), &NETWORKS, network());
            let sent = Body(json!({ "location": "japaneast" }));
            let ended = match verb {
                0 => client.get(&call, kind, &id).await.map(drop),
                1 => client.list(&call, kind, &group()).await.map(drop),
                2 => client.put(&call, kind, &id, &sent, &Condition::Always).await.map(drop),
                3 => client.put(&call, kind, &id, &sent, &Condition::Match("\"1\"".to_owned())).await.map(drop),
                4 => client.patch(&call, kind, &id, &sent).await.map(drop),
                5 => client.delete(&call, kind, &id, &[]).await,
                6 => client.post(&call, &format!("{NETWORK}/act?x=1"), "2025-01-01", None).await.map(drop),
                _ => client.unregistered(&call, &group(), &["Microsoft.Network"]).await.map(drop),
            };
            if let Err(error) = ended {
                assert!(!format!("{error} {}", error.circumstances()).is_empty());
            }
            let took = amlsecure::arm::Clock::now(clock.as_ref()).duration_since(epoch()).unwrap();
            assert!(took <= Duration::from_secs(DEADLINE + 1), "{took:?}");
        });
    }

    #[test]
    fn any_text_is_an_id_that_survives_or_is_refused(text in prop_oneof![
        any::<String>(),
        "(/(subscriptions|00000000-0000-0000-0000-000000000001|resourceGroups|providers|A\\.B|c|d|\\.\\.)){0,12}/?",
    ]) {
        if let Ok(id) = ResourceId::parse(&text) {
            prop_assert_eq!(id.as_str(), &text);
            let _ = (id.name(), id.resource_type(), id.resource_group_name(), id.subscription_id());
            let mut above = id.parent();
            while let Some(parent) = above {
                prop_assert!(parent.as_str().len() < text.len());
                prop_assert!(ResourceId::parse(parent.as_str()).is_ok(), "{}", parent);
                above = parent.parent();
            }
        }
    }
}
