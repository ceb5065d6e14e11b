//! What Azure refuses only for now.

use amlsecure::arm::{Body, Condition, Error};
use serde_json::{Value as Json, json as j};

use super::fixture::{
    NETWORK, NETWORKS, OPERATION, Script, call, call_of, empty, json, network, refusal, resource, url,
};

fn put() -> String {
    format!("PUT {NETWORK}")
}
fn delete() -> String {
    format!("DELETE {NETWORK}")
}
fn get() -> String {
    format!("GET {NETWORK}")
}
fn poll() -> String {
    format!("GET {OPERATION}")
}
async fn write(script: &Script) -> Result<Json, Error> {
    script.client().put(&call(), &NETWORKS, &network(), &Body(j!({})), &Condition::Always).await
}

#[tokio::test(start_paused = true)]
async fn a_call_that_met_a_neighbour_is_repeated() {
    for (status, code) in [
        (409, "AnotherOperationInProgress"),
        (429, "AnotherOperationInProgress"),
        (429, "RetryableError"),
        (400, "ReferencedResourceNotProvisioned"),
        (400, "PrincipalNotFound"),
        (404, "ParentResourceNotFound"),
    ] {
        let script = Script::new()
            .on(put(), refusal(status, code))
            .on(put(), refusal(status, code))
            .on(put(), json(200, resource("Succeeded")));
        write(&script).await.unwrap();
        assert_eq!(script.seconds(), [0, 2, 6], "{status} {code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_busy_neighbour_does_not_hold_up_others_as_throttling_would() {
    let script = Script::new()
        .on(put(), refusal(429, "RetryableError").with("retry-after", "60"))
        .on(put(), json(200, resource("Succeeded")))
        .on(put(), json(200, resource("Succeeded")));
    let (client, call, body, id) = (script.client(), call(), Body(j!({})), network());
    let write = || client.put(&call, &NETWORKS, &id, &body, &Condition::Always);
    let (first, second) = tokio::join!(write(), write());
    assert!(first.is_ok() && second.is_ok());
    assert_eq!(script.seconds(), [0, 0, 60], "only who was asked to waits");
}

#[tokio::test(start_paused = true)]
async fn an_operation_that_ends_in_a_race_is_begun_anew() {
    let failed = j!({"status": "Failed", "error": {"code": "RetryableError", "message": "A retryable error occurred.",
        "details": [{"code": "ReferencedResourceNotProvisioned", "message": "subnet is Updating"}]}});
    let script = Script::new()
        .on(put(), empty(202).with("azure-asyncoperation", &url(OPERATION)))
        .on(poll(), json(200, failed))
        .on(put(), json(200, resource("Succeeded")));
    write(&script).await.unwrap();
    script.done();
}

#[tokio::test(start_paused = true)]
async fn a_server_fault_at_the_end_of_an_operation_is_met_nine_times_and_no_more() {
    let failed = || {
        json(
            200,
            j!({"status": "Failed", "error": {"code": "InternalServerError", "message": "An error occurred."}}),
        )
    };
    let script = (0..10).fold(Script::new(), |script, _| {
        script.on(put(), empty(202).with("azure-asyncoperation", &url(OPERATION))).on(poll(), failed())
    });
    let error = write(&script).await.unwrap_err();
    assert_eq!((error.code(), error.tries), (Some("InternalServerError"), 10));
    script.done();
}

#[tokio::test(start_paused = true)]
async fn the_operation_in_the_way_is_watched_where_arm_names_it() {
    let busy = |host: &str| {
        let message = format!(
            "Another operation is in progress. To retrieve status of the operation use uri: {host}{OPERATION}?api-version=2025-01-01."
        );
        json(409, j!({"error": {"code": "AnotherOperationInProgress", "message": message}}))
    };
    let script = Script::new()
        .on(put(), busy("https://management.azure.com"))
        .on(poll(), json(200, j!({"status": "InProgress"})).with("retry-after", "20"))
        .on(poll(), json(200, j!({"status": "Failed"})))
        .on(put(), busy("https://japaneast.network.azure.com"))
        .on(put(), json(200, resource("Succeeded")));
    write(&script).await.unwrap();
    assert_eq!(script.seconds(), [0, 2, 22, 22, 26], "elsewhere it is only waited for");
}

#[tokio::test(start_paused = true)]
async fn a_race_that_never_ends_is_told_in_arms_words() {
    let script = Script::new().times(15, &put(), || refusal(403, "LinkedAuthorizationFailed"));
    let error = write(&script).await.unwrap_err();
    assert_eq!(error.code(), Some("LinkedAuthorizationFailed"));
    assert!((120..140).contains(&error.elapsed.as_secs()), "{:?}", error.elapsed);
}

#[tokio::test(start_paused = true)]
async fn leavings_of_what_was_deleted_are_waited_for() {
    for code in ["InUseSubnetCannotBeDeleted", "CannotDeleteResource", "PublicIPAddressCannotBeDeleted"] {
        let script = Script::new()
            .on(delete(), refusal(400, code))
            .on(delete(), refusal(400, code))
            .on(delete(), empty(204))
            .on(get(), empty(404));
        script.client().delete(&call(), &NETWORKS, &network(), &[]).await.unwrap();
        script.done();
    }
}

#[tokio::test(start_paused = true)]
async fn a_lock_is_told_at_once() {
    let script = Script::new().on(delete(), refusal(409, "ScopeLocked"));
    let error = script.client().delete(&call(), &NETWORKS, &network(), &[]).await.unwrap_err();
    assert_eq!((error.code(), error.tries), (Some("ScopeLocked"), 1));
    script.done();
}

#[tokio::test(start_paused = true)]
async fn the_deadline_is_the_bound_of_all_bounds() {
    let script = Script::new().times(5, &put(), || refusal(409, "AnotherOperationInProgress"));
    let error = script
        .client()
        .put(&call_of(30), &NETWORKS, &network(), &Body(j!({})), &Condition::Always)
        .await
        .unwrap_err();
    let said = "the timeout passed; before that: 409 AnotherOperationInProgress";
    assert!(error.to_string().starts_with(said), "{error}");
    assert_eq!(error.elapsed.as_secs(), 30);
    script.done();
}

#[tokio::test(start_paused = true)]
async fn a_replica_that_has_not_heard_of_a_write_is_asked_again() {
    let script = Script::new()
        .on(put(), json(201, resource("Succeeded")))
        .on(get(), refusal(404, "ResourceNotFound"))
        .on(get(), refusal(404, "ResourceNotFound"))
        .on(get(), json(200, resource("Succeeded")))
        .on(delete(), empty(204))
        .on(get(), empty(404))
        .on(get(), empty(404));
    let (client, call) = (script.client(), call());
    client.put(&call, &NETWORKS, &network(), &Body(j!({})), &Condition::Always).await.unwrap();
    assert!(client.clone().get(&call, &NETWORKS, &network()).await.unwrap().is_some());
    client.delete(&call, &NETWORKS, &network(), &[]).await.unwrap();
    assert!(client.get(&call, &NETWORKS, &network()).await.unwrap().is_none(), "it was deleted");
    assert_eq!(script.seconds(), [0, 0, 1, 3, 3, 3, 3]);
}

#[tokio::test(start_paused = true)]
async fn what_is_still_not_found_after_two_minutes_is_gone() {
    let script = Script::new()
        .on(put(), json(201, resource("Succeeded")))
        .times(16, &get(), || refusal(404, "ResourceNotFound"));
    let (client, call) = (script.client(), call());
    client.put(&call, &NETWORKS, &network(), &Body(j!({})), &Condition::Always).await.unwrap();
    assert!(client.get(&call, &NETWORKS, &network()).await.unwrap().is_none());
    let asked = script.seconds();
    assert!((120..=130).contains(asked.last().unwrap()), "{asked:?}");
}
