//! What only a preview of an api-version knows: hidden from whoever asks in
//! another, and kept as it is when they write.

use serde_json::Value;

use super::answer::{Answer, Outcome};
use super::{body, validate};
use crate::kinds::{self, Kind, Property};

/// Takes out of `sent` what `version` does not know. Said by the client, it is
/// refused by a strict service and passed over by any other.
pub(super) fn take_unknown(
    kind: &Kind,
    version: &str,
    sent: &mut Value,
    stored: Option<&Value>,
    strict: bool,
) -> Outcome<()> {
    for path in unknown(kind, version) {
        let said = body::take(sent, path).filter(|said| !said.is_null());
        // A PATCH carries what is stored along.
        if strict && said.is_some() && said.as_ref() != stored.and_then(|stored| body::get(stored, path)) {
            return Err(validate::unknown(path.rsplit('.').next().unwrap_or(path), path));
        }
    }
    Ok(())
}

/// Leaves in `written` as it was what a writer in `version` does not know.
pub(super) fn keep_unknown(kind: &Kind, version: &str, written: &mut Value, stored: Option<&Value>) {
    for path in unknown(kind, version) {
        if let Some(value) = stored.and_then(|stored| body::get(stored, path)) {
            body::set(written, path, value.clone());
        }
    }
}

/// Hides what `version` does not know, in a resource or a page of them.
pub(super) fn hide(version: &str, mut answer: Answer) -> Answer {
    if let Some(body) = &mut answer.body {
        match body.get_mut("value").and_then(Value::as_array_mut) {
            Some(items) => items.iter_mut().for_each(|item| hide_in(version, item)),
            None => hide_in(version, body),
        }
    }
    answer
}

fn hide_in(version: &str, resource: &mut Value) {
    let Some(kind) = body::text(resource, "type").and_then(kinds::find) else { return };
    for path in unknown(kind, version) {
        body::take(resource, path);
    }
}

/// The paths that `version` does not know, each with all below it.
fn unknown<'a>(kind: &'a Kind, version: &str) -> impl Iterator<Item = &'static str> + use<'a> {
    let knows = kind.is_preview(version);
    let is_hidden = move |row: &&Property| row.preview && !knows && !row.path.ends_with("[]");
    kind.properties.iter().filter(is_hidden).map(|row| row.path)
}
