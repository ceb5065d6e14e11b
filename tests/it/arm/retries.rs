//! Retries, throttling, stop and deadline.

use std::time::Duration;

use amlsecure::arm::{Body, Cause, Condition, Error, Limits, Rate};
use futures::future::join_all;
use serde_json::{Value as Json, json as j};

use super::fixture::{
    NETWORK, NETWORKS, Reply, SUBSCRIPTION, Script, call, call_of, empty, json, network, refusal, resource,
};

fn get() -> String {
    format!("GET {NETWORK}")
}
fn put() -> String {
    format!("PUT {NETWORK}")
}
async fn read(script: &Script) -> Result<Option<Json>, Error> {
    script.client().get(&call(), &NETWORKS, &network()).await
}
async fn write(script: &Script) -> Result<Json, Error> {
    let body = Body(j!({"location": "japaneast"}));
    script.client().put(&call(), &NETWORKS, &network(), &body, &Condition::Always).await
}

#[tokio::test(start_paused = true)]
async fn a_lost_reply_is_asked_for_again() {
    let script = Script::new().on(put(), Reply::Lost).on(put(), json(200, resource("Succeeded")));
    write(&script).await.unwrap();
    let seen = script.done();
    assert_eq!(seen[0].request.body(), seen[1].request.body());
    let id = |at: usize| seen[at].request.headers()["x-ms-client-request-id"].clone();
    assert_ne!(id(0), id(1), "each try is a request of its own");
}

#[tokio::test(start_paused = true)]
async fn a_post_whose_reply_was_lost_is_not_sent_twice() {
    let line = format!("POST {NETWORK}/act");
    let script = Script::new().on(&*line, Reply::Unsent).on(&*line, Reply::Lost);
    let path = format!("{NETWORK}/act");
    let error = script.client().post(&call(), &path, "1", None).await.unwrap_err();
    assert!(matches!(error.cause, Cause::Unreachable(_)), "{error}");
    assert_eq!(error.tries, 2);
    script.done();
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_kept_to_the_second() {
    let date = "Thu, 01 Jan 2026 00:01:00 GMT";
    let script = Script::new()
        .on(get(), empty(503).with("retry-after", "17"))
        .on(get(), empty(503).with("retry-after", "900").with("retry-after-ms", "3000"))
        .on(get(), empty(503).with("retry-after", date))
        .on(get(), json(200, resource("Succeeded")));
    read(&script).await.unwrap();
    assert_eq!(script.seconds(), [0, 17, 20, 60]);
}

#[tokio::test(start_paused = true)]
async fn tries_are_bounded_and_spread() {
    let script = Script::new().times(16, &get(), || refusal(502, "BadGateway"));
    let error = read(&script).await.unwrap_err();
    assert_eq!((error.tries, error.code()), (16, Some("BadGateway")));
    assert!((320..700).contains(&error.elapsed.as_secs()), "{:?}", error.elapsed);
    script.done();

    let script = (0..6).fold(Script::new(), |script, _| script.on(get(), Reply::Unsent));
    let error = read(&script).await.unwrap_err();
    assert!(error.elapsed < Duration::from_secs(32), "someone offline is told soon");
    assert_eq!(error.to_string(), "no answer: the wire is cut");
    script.done();
}

#[tokio::test(start_paused = true)]
async fn what_will_not_pass_is_not_tried_again() {
    for status in [400, 401, 403, 409, 412, 501] {
        let script = Script::new().on(put(), refusal(status, "Final"));
        assert_eq!(write(&script).await.unwrap_err().tries, 1, "{status}");
        script.done();
    }
}

#[tokio::test(start_paused = true)]
async fn a_throttled_request_holds_up_its_whole_class() {
    let script = Script::new()
        .on(get(), refusal(429, "TooManyRequests").with("retry-after", "30"))
        .on(put(), json(200, resource("Succeeded")))
        .on(get(), json(200, resource("Succeeded")))
        .on(get(), json(200, resource("Succeeded")));
    let client = script.client();
    let (call, body) = (call(), Body(j!({})));
    let (first, second, third) = tokio::join!(
        async { client.get(&call, &NETWORKS, &network()).await },
        async {
            tokio::task::yield_now().await;
            client.put(&call, &NETWORKS, &network(), &body, &Condition::Always).await
        },
        async {
            client.wait_a_second().await;
            client.get(&call, &NETWORKS, &network()).await
        },
    );
    assert!(first.is_ok() && second.is_ok() && third.is_ok());
    assert_eq!(script.seconds(), [0, 0, 30, 30], "writes go on, reads wait");
}

#[tokio::test(start_paused = true)]
async fn another_trouble_is_counted_anew() {
    let mut script = Script::new();
    for _ in 0..20 {
        script = script.on(get(), empty(503).with("retry-after", "1")).on(get(), Reply::Lost);
    }
    let script = script.on(get(), json(200, resource("Succeeded")));
    assert!(script.client().get(&call(), &NETWORKS, &network()).await.is_ok());
    script.done();
}

/// A pause that is the test's, not the client's.
trait WaitASecond {
    async fn wait_a_second(&self);
}
impl WaitASecond for amlsecure::arm::Client {
    #[expect(clippy::disallowed_methods, reason = "the test's own time")]
    async fn wait_a_second(&self) {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_budget_is_kept_and_learned_from_answers() {
    let script = Script::new().times(70, &get(), || json(200, resource("Succeeded")));
    let limits = Limits { reads: Rate { burst: 50.0, per_second: 10.0 }, ..Limits::default() };
    let (client, call, id) = (script.client_with(limits), call(), network());
    let reads = join_all((0..70).map(|_| client.get(&call, &NETWORKS, &id))).await;
    assert!(reads.iter().all(Result::is_ok));
    let at: Vec<f64> = script.done().iter().map(|seen| seen.at.as_secs_f64()).collect();
    assert!(at[49] < 0.01 && at[50] >= 0.1 && (1.9..2.5).contains(&at[69]), "{at:?}");

    let said = ("x-ms-ratelimit-remaining-subscription-reads", "0");
    let script = Script::new()
        .on(get(), json(200, resource("Succeeded")).with(said.0, said.1))
        .on(get(), json(200, resource("Succeeded")));
    let client = script.client_with(limits);
    client.get(&call, &NETWORKS, &id).await.unwrap();
    client.clone().get(&call, &NETWORKS, &id).await.unwrap();
    assert!(script.done()[1].at >= Duration::from_millis(100), "clones share the budget");
}

#[tokio::test(start_paused = true)]
async fn only_so_many_requests_are_under_way() {
    let script =
        (0..9).fold(Script::new(), |script, _| script.on(get(), json(200, resource("Succeeded")).slow(10)));
    let client = script.client_with(Limits { in_flight: 3, ..Limits::default() });
    let (call, id) = (call(), network());
    join_all((0..9).map(|_| client.get(&call, &NETWORKS, &id))).await;
    assert_eq!(script.seconds(), [0, 0, 0, 10, 10, 10, 20, 20, 20]);
}

#[tokio::test(start_paused = true)]
async fn a_stop_ends_waits_and_reads_at_once_and_starts_nothing() {
    let script = Script::new().on(get(), empty(503).with("retry-after", "600"));
    let (client, call, id) = (script.client(), call(), network());
    let (outcome, ()) = tokio::join!(client.get(&call, &NETWORKS, &id), async {
        client.wait_a_second().await;
        call.cancel.cancel();
    });
    let error = outcome.unwrap_err();
    assert!(matches!(error.cause, Cause::Stopped) && error.elapsed.as_secs() == 1, "{error:?}");
    let error = client.get(&call, &NETWORKS, &network()).await.unwrap_err();
    assert!(matches!(error.cause, Cause::Stopped));
    script.done();
}

#[tokio::test(start_paused = true)]
async fn a_write_under_way_is_heard_out_when_stopped() {
    let script = Script::new().on(put(), json(201, resource("Succeeded")).slow(5));
    let (client, call, body, id) = (script.client(), call(), Body(j!({})), network());
    let (outcome, ()) = tokio::join!(client.put(&call, &NETWORKS, &id, &body, &Condition::Always), async {
        client.wait_a_second().await;
        call.cancel.cancel();
    });
    assert_eq!(outcome.unwrap(), resource("Succeeded"), "what stands is known");
    script.done();
}

#[tokio::test(start_paused = true)]
async fn the_deadline_ends_waits_and_reads() {
    let script = Script::new().on(get(), empty(503).with("retry-after", "600"));
    let error = script.client().get(&call_of(20), &NETWORKS, &network()).await.unwrap_err();
    assert!(matches!(error.cause, Cause::TimedOut(_)) && error.elapsed.as_secs() == 20, "{error:?}");

    let script = Script::new().on(get(), empty(200).slow(600));
    let error = script.client().get(&call_of(20), &NETWORKS, &network()).await.unwrap_err();
    assert!(matches!(error.cause, Cause::TimedOut(_)) && error.elapsed.as_secs() == 20, "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn subscriptions_have_budgets_of_their_own() {
    let other = SUBSCRIPTION.replace("0001", "0002");
    let line = format!("POST {other}/act");
    let script = Script::new()
        .on(
            format!("POST {SUBSCRIPTION}/act"),
            refusal(429, "SubscriptionRequestsThrottled").with("retry-after", "30"),
        )
        .on(&*line, empty(200))
        .on(format!("POST {SUBSCRIPTION}/act"), empty(200));
    let (client, call) = (script.client(), call());
    let (mine, others) = (format!("{SUBSCRIPTION}/act"), format!("{other}/act"));
    let (first, second) = tokio::join!(client.post(&call, &mine, "1", None), async {
        client.wait_a_second().await;
        client.post(&call, &others, "1", None).await
    });
    assert!(first.is_ok() && second.is_ok());
    assert_eq!(script.seconds(), [0, 1, 30]);
}
