//! Requests to the simulated Azure: lines of `METHOD path body`, to one subscription.

#![no_main]

use std::time::{Duration, SystemTime};

use amlsecure::simulator::{Settings, Simulator};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(simulator) = Simulator::open(Settings::default()) else { return };
    for (at, line) in text.lines().enumerate() {
        let mut words = line.splitn(3, ' ');
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let body = words.next().unwrap_or_default().as_bytes().to_vec();
        let request = http::Request::builder()
            .method(method)
            .uri(format!("https://management.azure.com{path}"))
            .body(body);
        let Ok(request) = request else { continue };
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_305_600 + at as u64);
        if let Ok(response) = simulator.handle(request, now) {
            assert_ne!(response.status().as_u16(), 500, "{line}");
        }
    }
});
