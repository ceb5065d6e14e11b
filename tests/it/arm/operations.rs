//! Every style of long-running operation that ARM's services have.

use amlsecure::arm::{Body, Cause, Condition, Error};
use serde_json::{Value as Json, json as j};

use super::fixture::{
    NETWORK, NETWORKS, OPERATION, Script, call, call_of, empty, json, network, refusal, resource, url,
};

const ASYNC: &str = "azure-asyncoperation";

fn get() -> String {
    format!("GET {NETWORK}")
}
fn put() -> String {
    format!("PUT {NETWORK}")
}
fn delete() -> String {
    format!("DELETE {NETWORK}")
}
fn poll() -> String {
    format!("GET {OPERATION}")
}
fn result() -> String {
    format!("GET {OPERATION}Results")
}
async fn write(script: &Script) -> Result<Json, Error> {
    let body = Body(j!({"location": "japaneast"}));
    script.client().put(&call(), &NETWORKS, &network(), &body, &Condition::Always).await
}
fn status(word: &str) -> super::fixture::Answer {
    json(200, j!({"status": word}))
}

#[tokio::test(start_paused = true)]
async fn dialect_a_202_without_a_body_and_both_headers() {
    let script = Script::new()
        .on(
            put(),
            empty(202).with(ASYNC, &url(OPERATION)).with("location", &url(&format!("{OPERATION}Results"))),
        )
        .on(poll(), status("InProgress"))
        .on(poll(), status("Succeeded"))
        .on(get(), json(200, resource("Succeeded")));
    assert_eq!(write(&script).await.unwrap(), resource("Succeeded"));
    assert_eq!(script.seconds(), [0, 1, 3, 3], "where nothing is said, soon and then less often");
}

#[tokio::test(start_paused = true)]
async fn dialect_b_201_with_a_body_and_an_operation_longer_than_most_urls() {
    let signature = "s".repeat(4500);
    let operation = format!("{}?api-version=2025-01-01&t=1&c={signature}", url(OPERATION));
    let script = Script::new()
        .on(put(), json(201, resource("Updating")).with(ASYNC, &operation).with("retry-after", "10"))
        .on(poll(), status("InProgress").with("retry-after", "7"))
        .on(poll(), status("Succeeded"))
        .on(get(), json(200, resource("Succeeded")));
    write(&script).await.unwrap();
    let seen = script.done();
    assert_eq!(seen[1].request.uri().to_string(), operation, "taken as it is");
    let at: Vec<_> = seen.iter().map(|seen| seen.at.as_secs()).collect();
    assert_eq!(at, [0, 10, 17, 17]);
}

#[tokio::test(start_paused = true)]
async fn dialect_c_202_and_a_location_that_answers_with_the_resource() {
    let location = url(&format!("{OPERATION}Results?monitor=true"));
    let script = Script::new()
        .on(put(), empty(202).with("location", &location).with("retry-after", "17"))
        .on(result(), empty(202).with("location", &location).with("retry-after", "3"))
        .on(result(), json(200, resource("Succeeded")))
        .on(get(), json(200, resource("Succeeded")));
    write(&script).await.unwrap();
    assert_eq!(script.seconds(), [0, 17, 20, 20]);
}

#[tokio::test(start_paused = true)]
async fn dialect_d_the_resource_is_its_own_operation() {
    let script = Script::new()
        .on(put(), json(200, resource("RegisteringDns")))
        .on(get(), json(200, resource("RegisteringDns")).with("retry-after", "5"))
        .on(get(), json(200, resource("Succeeded")));
    assert_eq!(write(&script).await.unwrap(), resource("Succeeded"));
    assert_eq!(script.seconds(), [0, 1, 6]);
}

#[tokio::test(start_paused = true)]
async fn a_header_that_points_at_the_resource_is_dialect_d() {
    let itself = url(&format!("{}?api-version=2025-01-01", NETWORK.to_uppercase()));
    let script = Script::new()
        .on(put(), json(201, resource("Creating")).with("location", &itself).with(ASYNC, &itself))
        .on(get(), json(200, resource("Succeeded")));
    write(&script).await.unwrap();
    script.done();
}

#[tokio::test(start_paused = true)]
async fn no_wait_asked_means_none() {
    let zero = |answer: super::fixture::Answer| answer.with("retry-after", "0");
    let script = Script::new()
        .on(put(), zero(json(201, resource("Updating")).with(ASYNC, &url(OPERATION))))
        .on(poll(), zero(status("InProgress")))
        .on(poll(), zero(status("InProgress")))
        .on(poll(), status("Succeeded"))
        .on(get(), zero(json(200, resource("Updating"))))
        .on(get(), json(200, resource("Succeeded")));
    write(&script).await.unwrap();
    assert_eq!(script.seconds(), [0; 6]);
}

#[tokio::test(start_paused = true)]
async fn only_three_words_are_an_end() {
    let script = Script::new()
        .on(put(), empty(202).with(ASYNC, &url(OPERATION)))
        .on(poll(), empty(202))
        .on(poll(), refusal(404, "OperationNotFound"))
        .on(poll(), status("Accepted"))
        .on(poll(), status("SomethingNew"))
        .on(poll(), status("sUCCEEDED"))
        .on(get(), json(200, resource("Succeeded")));
    write(&script).await.unwrap();
    script.done();
}

#[tokio::test(start_paused = true)]
async fn an_operation_that_answers_200_without_a_body_is_done() {
    let script = Script::new()
        .on(put(), empty(202).with(ASYNC, &url(OPERATION)))
        .on(poll(), empty(200))
        .on(get(), json(200, resource("Succeeded")));
    write(&script).await.unwrap();
    script.done();
}

#[tokio::test(start_paused = true)]
async fn an_operation_that_fails_tells_why() {
    for word in ["Failed", "Canceled", "Cancelled", "failed"] {
        let failed = j!({"status": word, "error": {"code": "QuotaExceeded", "message": "no cores left",
            "details": [{"code": "Cores", "message": "4 of 4"}]}});
        let script =
            Script::new().on(put(), empty(202).with(ASYNC, &url(OPERATION))).on(poll(), json(200, failed));
        let error = write(&script).await.unwrap_err();
        assert_eq!(error.to_string(), "QuotaExceeded: no cores left\n  Cores: 4 of 4");
        assert_eq!(error.request, put());
        script.done();
    }
}

#[tokio::test(start_paused = true)]
async fn a_resource_that_fails_tells_why() {
    let mut failed = resource("Failed");
    failed["properties"]["provisioningErrors"] =
        j!([{"error": {"code": "UserError", "message": "the subnet has policies"}}]);
    let script = Script::new().on(put(), json(201, resource("Creating"))).on(get(), json(200, failed));
    assert_eq!(write(&script).await.unwrap_err().to_string(), "UserError: the subnet has policies");

    let script =
        Script::new().on(put(), json(201, resource("Creating"))).on(get(), json(200, resource("Canceled")));
    assert_eq!(write(&script).await.unwrap_err().code(), Some("Canceled"));
}

#[tokio::test(start_paused = true)]
async fn a_new_resource_may_be_invisible_for_a_while() {
    let script = Script::new()
        .on(put(), empty(202))
        .on(get(), refusal(404, "ResourceNotFound"))
        .on(get(), json(200, resource("Creating")))
        .on(get(), json(200, resource("Succeeded")));
    write(&script).await.unwrap();
    script.done();

    let script = Script::new().on(put(), empty(202)).times(15, &get(), || refusal(404, "ResourceNotFound"));
    let error = write(&script).await.unwrap_err();
    assert!(error.to_string().contains("not found 2 minutes after"), "{error}");
    assert!(error.elapsed.as_secs() >= 120, "{:?}", error.elapsed);
}

#[tokio::test(start_paused = true)]
async fn an_operation_that_is_forgotten_leaves_the_word_to_the_resource() {
    let script = Script::new()
        .on(put(), empty(202).with(ASYNC, &url(OPERATION)))
        .times(15, &poll(), || refusal(404, "NotFound"))
        .on(get(), json(200, resource("Succeeded")));
    write(&script).await.unwrap();
    script.done();
}

#[tokio::test(start_paused = true)]
async fn no_operation_is_followed_to_another_host() {
    for header in [ASYNC, "location"] {
        let script = Script::new().on(put(), empty(202).with(header, "https://evil.example/operations/o"));
        let error = write(&script).await.unwrap_err();
        assert!(matches!(&error.cause, Cause::Unreadable(text) if text.contains("evil.example")), "{error}");
        script.done();
    }
    let script = Script::new().on(put(), empty(202).with(ASYNC, "http://management.azure.com/operations/o"));
    assert!(write(&script).await.is_err(), "nor over a wire that is open to read");
}

#[tokio::test(start_paused = true)]
async fn a_delete_follows_its_operation_and_then_looks() {
    let script = Script::new()
        .on(
            delete(),
            empty(202).with(ASYNC, &url(OPERATION)).with("location", &url(&format!("{OPERATION}Results"))),
        )
        .on(poll(), status("InProgress"))
        .on(poll(), status("Succeeded"))
        .on(get(), json(200, resource("Deleting")))
        .on(get(), refusal(404, "ResourceNotFound"));
    script.client().delete(&call(), &NETWORKS, &network(), &[]).await.unwrap();
    assert_eq!(script.seconds(), [0, 1, 3, 3, 4]);
}

#[tokio::test(start_paused = true)]
async fn an_operation_that_goes_with_what_it_deletes_has_ended() {
    let script = Script::new()
        .on(delete(), empty(202).with("location", &url(OPERATION)))
        .on(poll(), empty(202))
        .on(poll(), refusal(404, "ResourceGroupNotFound"))
        .on(get(), refusal(404, "ResourceGroupNotFound"));
    script.client().delete(&call(), &NETWORKS, &network(), &[]).await.unwrap();
    script.done();
}

#[tokio::test(start_paused = true)]
async fn a_post_returns_what_its_operation_leaves() {
    let (line, path) = (format!("POST {NETWORK}/diagnose"), format!("{NETWORK}/diagnose"));
    let results = url(&format!("{OPERATION}Results"));
    let script = Script::new()
        .on(&*line, empty(202).with(ASYNC, &url(OPERATION)).with("location", &results))
        .on(poll(), status("Succeeded"))
        .on(result(), json(200, j!({"value": {"dns": []}})))
        .on(&*line, empty(202).with(ASYNC, &url(OPERATION)))
        .on(poll(), json(200, j!({"status": "Succeeded", "properties": {"n": 1}})))
        .on(&*line, empty(202).with("location", &results))
        .on(result(), json(200, j!({"n": 2})));
    let client = script.client();
    for want in [j!({"value": {"dns": []}}), j!({"n": 1}), j!({"n": 2})] {
        assert_eq!(client.post(&call(), &path, "1", None).await.unwrap(), want);
    }
    script.done();
}

#[tokio::test(start_paused = true)]
async fn a_stop_or_the_deadline_ends_the_watch_at_once() {
    let script = Script::new().on(put(), empty(202).with(ASYNC, &url(OPERATION)).with("retry-after", "600"));
    let body = Body(j!({}));
    let error = script
        .client()
        .put(&call_of(90), &NETWORKS, &network(), &body, &Condition::Always)
        .await
        .unwrap_err();
    assert!(matches!(error.cause, Cause::TimedOut(_)) && error.elapsed.as_secs() == 90, "{error:?}");
    script.done();

    let script = Script::new().on(put(), json(201, resource("Creating")).slow(3));
    let (client, call) = (script.client(), call());
    let id = network();
    let writing = client.put(&call, &NETWORKS, &id, &body, &Condition::Always);
    let (outcome, ()) = tokio::join!(writing, async {
        tokio::task::yield_now().await;
        call.cancel.cancel();
    });
    let error = outcome.unwrap_err();
    assert!(matches!(error.cause, Cause::Stopped) && error.elapsed.as_secs() == 3, "{error:?}");
    script.done();
}

#[tokio::test(start_paused = true)]
async fn polls_are_retried_like_any_read() {
    let script = Script::new()
        .on(put(), empty(202).with(ASYNC, &url(OPERATION)))
        .on(poll(), super::fixture::Reply::Lost)
        .on(poll(), refusal(503, "ServerBusy"))
        .on(poll(), status("Succeeded"))
        .on(get(), json(200, resource("Succeeded")));
    write(&script).await.unwrap();
    script.done();
}

#[tokio::test(start_paused = true)]
async fn a_refused_poll_is_an_error() {
    let script = Script::new()
        .on(put(), empty(202).with(ASYNC, &url(OPERATION)))
        .on(poll(), refusal(403, "AuthorizationFailed"));
    assert_eq!(write(&script).await.unwrap_err().code(), Some("AuthorizationFailed"));
    script.done();
}
