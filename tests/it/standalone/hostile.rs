//! Clients that mean no good (issue part 5).

use std::fmt::Write as _;

use serde_json::json;

use super::*;

/// That it still serves, after whatever was done to it.
fn assert_well(simulator: &mut Standalone) {
    assert_eq!(simulator.child.try_wait().unwrap(), None, "the process is gone");
    assert_eq!(simulator.get("/metadata/endpoints?api-version=2022-09-01", &[]).status, 200);
}

#[test]
fn garbage_ends_its_own_connection_only() {
    let mut simulator = Standalone::start(&[]);
    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(1 << 20));
    for bytes in [
        &b"\x16\x03\x01\x00\x05hello"[..],
        b"\x00\x01\x02\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
        b"CONNECT / HTTP/1.1\r\n\r\n",
        b"GET /%zz HTTP/1.1\r\nHost: a b\r\n\r\n",
        long.as_bytes(),
    ] {
        let said = simulator.bytes(bytes);
        assert!(!said.starts_with("HTTP/1.1 5"), "{said}");
    }
    assert_well(&mut simulator);
}

#[test]
fn a_body_is_bounded_in_size_and_depth() {
    let mut simulator = Standalone::start(&[]);
    let token = simulator.token();
    let large = json!({ "location": "x".repeat(5 << 20) });
    let request = http::Request::put(format!("{}{}", simulator.says("address"), group("rg")))
        .header("authorization", format!("Bearer {token}"))
        .body(large.to_string().into_bytes())
        .unwrap();
    // Either its answer arrives, or the connection ends under the flood.
    if let Ok(reply) = simulator.try_send(request) {
        assert_eq!(reply.status, 413);
    }
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let request = http::Request::put(format!("{}{}", simulator.says("address"), group("rg")))
        .header("authorization", format!("Bearer {token}"))
        .body(format!("{{\"location\":{deep}}}").into_bytes())
        .unwrap();
    assert_eq!(simulator.send(request).body["error"]["code"], "InvalidRequestContent");
    assert_well(&mut simulator);
}

#[test]
fn an_id_reaches_nothing_outside_the_state() {
    let mut simulator = Standalone::start(&["--state", "state.db"]);
    let token = simulator.token();
    let mut before: Vec<_> = entries(simulator.path());
    for name in ["..%2F..%2Fetc%2Fpasswd", "..", "%00", "a'%3B%20DROP%20TABLE%20resources%3B--", "%2e%2e"] {
        let reply = simulator.arm("PUT", &group(name), &token, &json!({ "location": "eastus" }));
        assert!(reply.status < 500, "{name}: {reply:?}");
        simulator.arm("DELETE", &group(name), &token, &Json::Null);
    }
    let mut after = entries(simulator.path());
    // SQLite's own files beside the state may come and go.
    before.retain(|name| !name.starts_with("state.db-"));
    after.retain(|name| !name.starts_with("state.db-"));
    assert_eq!(before, after);
    assert_eq!(simulator.arm("PUT", &group("rg"), &token, &json!({ "location": "eastus" })).status, 201);
    assert_well(&mut simulator);
}

fn entries(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn many_headers_and_slow_clients_do_not_stop_others() {
    let mut simulator = Standalone::start(&[]);
    let mut many = String::from("GET / HTTP/1.1\r\n");
    for at in 0..5000 {
        write!(many, "x-{at}: y\r\n").unwrap();
    }
    many.push_str("\r\n");
    let said = simulator.bytes(many.as_bytes());
    assert!(!said.starts_with("HTTP/1.1 5"), "{said}");
    let half: Vec<TcpStream> = (0..50)
        .map(|_| {
            let mut stream = TcpStream::connect(("127.0.0.1", simulator.port())).unwrap();
            stream.write_all(b"GET / HTTP/1.1\r\n").unwrap();
            stream
        })
        .collect();
    assert_well(&mut simulator);
    drop(half);
}
