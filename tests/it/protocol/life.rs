//! Health, silence, Stop, cancellation and Shutdown.

use std::sync::Arc;
use std::time::Duration;

use amlsecure::protocol::proto::health::HealthCheckRequest;
use amlsecure::protocol::proto::health::health_client::HealthClient;
use amlsecure::protocol::proto::plugin::grpc_broker_client::GrpcBrokerClient;
use amlsecure::protocol::proto::plugin::grpc_controller_client::GrpcControllerClient;
use amlsecure::protocol::proto::plugin::grpc_stdio_client::GrpcStdioClient;
use amlsecure::protocol::proto::plugin::{ConnInfo, Empty};
use amlsecure::protocol::proto::tfplugin5 as proto;
use amlsecure::provider::rpc::{ApplyResourceChangeRequest, ApplyResourceChangeResponse};
use amlsecure::schema::{Diagnostics, Path};
use futures::{StreamExt as _, stream};
use tokio::sync::Notify;
use tonic::Code;

use super::running::{Running, SOON};
use crate::contract::fake::{Fake, THING};
use crate::contract::sent;

/// Long enough to hear a server that is not silent.
const A_MOMENT: Duration = Duration::from_millis(200);

#[tokio::test]
async fn the_plugin_is_healthy_and_no_other_service_is() {
    let running = Running::plaintext(Fake::new()).await;
    let mut health = HealthClient::new(running.channel().await);
    let ask = |service: &str| HealthCheckRequest { service: service.to_owned() };
    assert_eq!(health.check(ask("plugin")).await.unwrap().into_inner().status, 1);
    assert_eq!(health.check(ask("other")).await.unwrap_err().code(), Code::NotFound);
    let mut watch = health.watch(ask("plugin")).await.unwrap().into_inner();
    assert_eq!(watch.message().await.unwrap().unwrap().status, 1);
    assert!(tokio::time::timeout(A_MOMENT, watch.message()).await.is_err());
}

#[tokio::test]
async fn stdio_and_broker_stay_open_and_silent_for_any_number_of_hosts() {
    let running = Running::plaintext(Fake::new()).await;
    let mut streams = Vec::new();
    for _ in 0..2 {
        let channel = running.channel().await;
        streams.push(GrpcStdioClient::new(channel).stream_stdio(()).await.unwrap().into_inner());
    }
    let mut broker = GrpcBrokerClient::new(running.channel().await);
    let mut conn_info = broker
        .start_stream(stream::iter([ConnInfo::default()]).chain(stream::pending()))
        .await
        .unwrap()
        .into_inner();
    for stdio in &mut streams {
        assert!(tokio::time::timeout(A_MOMENT, stdio.message()).await.is_err());
    }
    assert!(tokio::time::timeout(A_MOMENT, conn_info.message()).await.is_err());
}

#[tokio::test]
async fn shutdown_ends_the_server_at_once_though_streams_and_requests_are_open() {
    let (fake, began, _) = hanging();
    let running = Running::plaintext(fake).await;
    let channel = running.channel().await;
    let stdio = GrpcStdioClient::new(channel.clone()).stream_stdio(()).await.unwrap();
    let mut client = running.client().await;
    let applying = tokio::spawn(async move { client.apply_resource_change(apply_request()).await });
    began.notified().await;
    GrpcControllerClient::new(channel).shutdown(Empty {}).await.unwrap();
    // Terraform kills what has not ended after 2 seconds.
    let ended = tokio::time::timeout(Duration::from_secs(2), running.served).await;
    ended.expect("it ends in time").unwrap().unwrap();
    drop(stdio);
    applying.abort();
}

fn apply_request() -> proto::apply_resource_change::Request {
    let ty = Fake::thing_type();
    proto::apply_resource_change::Request {
        type_name: THING.to_owned(),
        prior_state: None,
        planned_state: sent(&ty, &Fake::config([])),
        config: sent(&ty, &Fake::config([])),
        ..proto::apply_resource_change::Request::default()
    }
}

/// A provider whose apply says when it began, waits until it is cancelled, and
/// says then that it was.
fn hanging() -> (Fake, Arc<Notify>, Arc<Notify>) {
    let (began, cancelled) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let mut fake = Fake::new();
    let notes = (began.clone(), cancelled.clone());
    fake.on_apply = Some(Box::new(move |request: ApplyResourceChangeRequest, cancel| {
        let (began, cancelled) = notes.clone();
        Box::pin(async move {
            began.notify_one();
            cancel.cancelled().await;
            cancelled.notify_one();
            let mut diagnostics = Diagnostics::default();
            diagnostics.error(Path::root(), "Stopped", "");
            ApplyResourceChangeResponse {
                new_state: Fake::good_state(&request.planned_state),
                private: b"kept".to_vec(),
                diagnostics,
            }
        })
    }));
    (fake, began, cancelled)
}

#[tokio::test]
async fn stop_cancels_what_runs_which_still_answers_with_its_state_and_later_calls_run() {
    let (fake, began, _) = hanging();
    let running = Running::plaintext(fake).await;
    let mut client = running.client().await;
    for _ in 0..2 {
        let mut applying = client.clone();
        let applying = tokio::spawn(async move { applying.apply_resource_change(apply_request()).await });
        began.notified().await;
        let stopped = client.stop(proto::stop::Request {}).await.unwrap().into_inner();
        assert_eq!(stopped.error, "");
        let applied = tokio::time::timeout(SOON, applying).await.unwrap().unwrap().unwrap().into_inner();
        assert_eq!(applied.diagnostics[0].summary, "Stopped");
        assert_eq!(applied.private, b"kept");
        assert!(applied.new_state.is_some());
    }
    assert!(client.get_metadata(proto::get_metadata::Request {}).await.is_ok());
}

#[tokio::test]
async fn a_caller_that_goes_away_cancels_its_request_which_ends_where_it_is_safe() {
    let (fake, began, cancelled) = hanging();
    let running = Running::plaintext(fake).await;
    let mut client = running.client().await;
    let calling = tokio::spawn(async move { client.apply_resource_change(apply_request()).await });
    began.notified().await;
    calling.abort();
    tokio::time::timeout(SOON, cancelled.notified()).await.expect("the token is cancelled");
}

#[tokio::test]
async fn one_request_does_not_wait_for_another() {
    let (fake, began, _) = hanging();
    let running = Running::plaintext(fake).await;
    let mut client = running.client().await;
    let mut hanging = client.clone();
    let hanging = tokio::spawn(async move { hanging.apply_resource_change(apply_request()).await });
    began.notified().await;
    let answer = tokio::time::timeout(SOON, client.get_metadata(proto::get_metadata::Request {})).await;
    assert!(answer.expect("an answer").is_ok());
    hanging.abort();
}

#[tokio::test]
async fn one_process_is_configured_more_than_once() {
    let fake = Arc::new(Fake::new());
    let running = Running::shared(fake.clone()).await;
    let mut client = running.client().await;
    for _ in 0..2 {
        let answer = client.configure(proto::configure::Request::default()).await.unwrap().into_inner();
        assert!(answer.diagnostics.is_empty());
    }
    assert_eq!(fake.configured.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn stop_reaches_the_provider() {
    let fake = Arc::new(Fake::new());
    let running = Running::shared(fake.clone()).await;
    running.client().await.stop(proto::stop::Request {}).await.unwrap();
    assert_eq!(*fake.stopped.lock().unwrap(), 1);
}
