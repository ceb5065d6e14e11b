//! The services that go-plugin's host expects of any plugin, beside the
//! plugin's own.

use std::pin::Pin;

use futures::{Stream, StreamExt as _, stream};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};

use super::proto::health::health_check_response::ServingStatus;
use super::proto::health::health_server::Health;
use super::proto::health::{HealthCheckRequest, HealthCheckResponse};
use super::proto::plugin::grpc_broker_server::GrpcBroker;
use super::proto::plugin::grpc_controller_server::GrpcController;
use super::proto::plugin::grpc_stdio_server::GrpcStdio;
use super::proto::plugin::{ConnInfo, Empty, StdioData};

/// The service whose health a go-plugin host asks for.
const HEALTH_SERVICE: &str = "plugin";

/// Answers to the host. All streams end with the server.
#[derive(Clone)]
pub(super) struct Host {
    /// Cancelled to end the server.
    pub(super) shutdown: CancellationToken,
}

type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[tonic::async_trait]
impl GrpcController for Host {
    async fn shutdown(&self, _request: Request<Empty>) -> Result<Response<Empty>, Status> {
        self.shutdown.cancel();
        Ok(Response::new(Empty {}))
    }
}

#[tonic::async_trait]
impl GrpcStdio for Host {
    type StreamStdioStream = Answers<StdioData>;

    /// Open and silent: what Terraform hears here it reports as unexpected.
    async fn stream_stdio(&self, _request: Request<()>) -> Result<Response<Self::StreamStdioStream>, Status> {
        let silence = stream::pending().take_until(self.shutdown.clone().cancelled_owned());
        Ok(Response::new(Box::pin(silence)))
    }
}

#[tonic::async_trait]
impl GrpcBroker for Host {
    type StartStreamStream = Answers<ConnInfo>;

    /// Open and silent: a provider asks for no further connections.
    async fn start_stream(
        &self,
        request: Request<Streaming<ConnInfo>>,
    ) -> Result<Response<Self::StartStreamStream>, Status> {
        let heard = request.into_inner().filter_map(|_| async { None });
        let silence = heard.chain(stream::pending()).take_until(self.shutdown.clone().cancelled_owned());
        Ok(Response::new(Box::pin(silence)))
    }
}

#[tonic::async_trait]
impl Health for Host {
    type WatchStream = Answers<HealthCheckResponse>;

    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        if is_served(&request.into_inner().service) {
            Ok(Response::new(HealthCheckResponse { status: ServingStatus::Serving.into() }))
        } else {
            Err(Status::not_found("no such service"))
        }
    }

    async fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let served = is_served(&request.into_inner().service);
        let status = if served { ServingStatus::Serving } else { ServingStatus::ServiceUnknown };
        let first = stream::iter([Ok(HealthCheckResponse { status: status.into() })]);
        let watch = first.chain(stream::pending()).take_until(self.shutdown.clone().cancelled_owned());
        Ok(Response::new(Box::pin(watch)))
    }
}

/// The empty name asks for the server as a whole.
fn is_served(service: &str) -> bool {
    service == HEALTH_SERVICE || service.is_empty()
}
