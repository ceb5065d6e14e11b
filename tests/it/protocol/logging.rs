//! What of a request reaches Terraform's log.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use amlsecure::protocol::HclogLayer;
use amlsecure::protocol::proto::tfplugin5 as proto;
use serde_json::Value as Json;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::layer::SubscriberExt as _;

use super::running::{Running, now};
use crate::contract::fake::{Fake, THING};

#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_request_is_logged_under_the_keys_of_terraforms_own_providers() {
    let buffer = Buffer::default();
    let layer = HclogLayer::new(LevelFilter::TRACE, now, Box::new(buffer.clone()));
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
    let running = Running::plaintext(Fake::new()).await;
    let request = proto::import_resource_state::Request { type_name: THING.to_owned(), ..Default::default() };
    running.client().await.import_resource_state(request).await.unwrap();

    let text = String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<Json> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let of = |message: &str| {
        let line = lines.iter().find(|line| line["@message"] == message);
        line.unwrap_or_else(|| panic!("no {message:?} in {text}"))
    };
    let served = of("Served request");
    assert_eq!(served["@level"], "trace");
    assert_eq!(served["@module"], "sdk.proto");
    assert_eq!(served["tf_rpc"], "ImportResourceState");
    assert_eq!(served["tf_resource_type"], THING);
    assert_eq!(served["tf_proto_version"], "5.11");
    assert!(served["tf_req_id"].is_string() && served["tf_req_duration_ms"].is_u64());
    let told = of("Response contains error diagnostic");
    assert_eq!(told["@level"], "error");
    assert_eq!(told["diagnostic_summary"], "Import needs an ID");
    assert_eq!(told["tf_req_id"], served["tf_req_id"]);
    for line in &lines {
        let timestamp = line["@timestamp"].as_str().expect("a text");
        assert_eq!((timestamp.len(), &timestamp[19..20], &timestamp[26..]), (27, ".", "Z"), "{timestamp}");
    }
}
