//! How a host and a plugin find each other.

use amlsecure::protocol::proto::health::HealthCheckRequest;
use amlsecure::protocol::proto::health::health_client::HealthClient;
use amlsecure::protocol::{Environment, Mode, ServeError};
use serde_json::Value as Json;
use tokio::net::UnixStream;

use super::running::{Running, environment, plaintext};
use crate::contract::fake::Fake;

#[tokio::test]
async fn without_the_cookie_nothing_is_served_and_a_person_is_told_why() {
    for cookie in [None, Some("other".to_owned())] {
        let environment = Environment { cookie, ..environment() };
        let error = Running::start(Fake::new(), environment, Mode::Plugin).await.err().unwrap();
        assert!(matches!(error, ServeError::NotTerraform));
        assert!(error.to_string().contains("terraform init"));
    }
}

#[tokio::test]
async fn one_line_of_six_fields_says_where() {
    let running = Running::plaintext(Fake::new()).await;
    let fields = running.fields();
    assert_eq!(fields.len(), 6);
    assert_eq!((fields[0], fields[1], fields[2], fields[4], fields[5]), ("1", "5", "unix", "grpc", ""));
    assert!(running.socket().file_name().unwrap().to_str().unwrap().starts_with("plugin"));
}

#[cfg(unix)]
#[tokio::test]
async fn the_socket_is_its_owners_and_goes_with_the_server() {
    use std::os::unix::fs::PermissionsExt as _;

    let running = Running::plaintext(Fake::new()).await;
    let socket = running.socket();
    assert_eq!(socket.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    running.shutdown.cancel();
    running.ended().await.unwrap();
    assert!(!socket.exists());
}

#[tokio::test]
async fn a_host_that_speaks_no_version_of_ours_still_gets_a_line_to_report() {
    let environment = Environment { protocol_versions: Some("4,99".to_owned()), ..environment() };
    let running = Running::start(Fake::new(), environment, Mode::Plugin).await.unwrap();
    assert_eq!(running.fields()[1], "5");
}

#[tokio::test]
async fn a_host_that_asks_is_told_that_its_broker_is_not_multiplexed() {
    let environment = Environment { multiplex: Some("true".to_owned()), ..environment() };
    let running = Running::start(Fake::new(), environment, Mode::Plugin).await.unwrap();
    assert_eq!(running.fields()[6], "false");
}

#[tokio::test]
async fn a_bad_client_certificate_is_an_error_and_not_plaintext() {
    let environment = Environment { client_certificate: Some("nonsense".to_owned()), ..environment() };
    let error = Running::start(Fake::new(), environment, Mode::Plugin).await.err().unwrap();
    assert!(matches!(error, ServeError::Tls(_)), "{error}");
}

#[tokio::test]
async fn a_person_gets_an_assignment_that_attaches_terraform() {
    let addresses =
        vec!["registry.terraform.io/a/fake".to_owned(), "registry.opentofu.org/a/fake".to_owned()];
    // Neither cookie nor certificate counts, since no host starts it.
    let environment =
        Environment { client_certificate: Some("nonsense".to_owned()), ..Environment::default() };
    let running =
        Running::start(Fake::new(), environment, Mode::Debug { addresses: addresses.clone() }).await.unwrap();
    let (_, assignment) = running.announcement.split_once("TF_REATTACH_PROVIDERS='").unwrap();
    let json: Json = serde_json::from_str(assignment.split('\'').next().unwrap()).unwrap();
    for address in &addresses {
        let provider = &json[address];
        assert_eq!(provider["Protocol"], "grpc");
        assert_eq!(provider["ProtocolVersion"], 5);
        assert_eq!(provider["Pid"], std::process::id());
        assert_eq!(provider["Test"], true);
        assert_eq!(provider["Addr"]["Network"], "unix");
    }

    let socket = json[&addresses[0]]["Addr"]["String"].as_str().unwrap().to_owned();
    // The host first opens a connection only to see whether somebody is there.
    for _ in 0..3 {
        drop(UnixStream::connect(&socket).await.unwrap());
    }
    let mut health = HealthClient::new(plaintext(socket.into()).await);
    let request = HealthCheckRequest { service: "plugin".to_owned() };
    assert_eq!(health.check(request).await.unwrap().into_inner().status, 1);
}
