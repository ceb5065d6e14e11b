//! The request log: one JSON object a line, as the contract checker reads it.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use http::{Response, request::Parts};
use serde_json::{Value, json};

/// Opens the log for appending, making it where there is none.
pub(super) fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

/// Appends one request and its answer, in a single write so that the lines of
/// several processes do not mix.
pub(super) fn append(path: &Path, head: &Parts, body: &[u8], response: &Response<Vec<u8>>) -> io::Result<()> {
    let mut line = json!({ "method": head.method.as_str(), "url": head.uri.to_string() });
    if !body.is_empty() {
        line["request"] = parsed(body);
    }
    line["status"] = json!(response.status().as_u16());
    if !response.body().is_empty() {
        line["response"] = parsed(response.body());
    }
    let mut text = line.to_string();
    text.push('\n');
    open(path)?.write_all(text.as_bytes())
}

/// The body as JSON, or as a text where it is none.
fn parsed(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(body).into_owned()))
}
