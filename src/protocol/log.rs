//! Logs as Terraform reads them: one JSON object a line on stderr.
//!
//! Source: go-hclog, intlogger.go, for the form; go-plugin, log_entry.go and
//! client.go, for what its reader takes. There, a `@message` or `@level` that
//! is no string crashes Terraform, a time without exactly six digits of its
//! second turns the line into plain text, and so do 64 KiB.

use std::fmt;
use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use serde_json::{Map, Value as Json};
use time::OffsetDateTime;
use time::macros::format_description;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Metadata, Subscriber, span};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt as _};
use tracing_subscriber::registry::{LookupSpan, Scope};

use super::environment::Environment;

/// The longest line. Terraform's reader cuts at 65,536 bytes.
const MAX_LINE: usize = 60_000;

/// How many characters of a message are kept where the line would be too long.
/// Escaping makes at most six bytes of one.
const MAX_CUT_MESSAGE: usize = 8_000;

/// Sends the process's log to stderr, as far as Terraform asks for it. Does
/// nothing where the process has a subscriber already.
pub(super) fn install(environment: &Environment, now: fn() -> SystemTime) {
    let level = level(environment);
    if level != LevelFilter::OFF {
        let layer = HclogLayer::new(level, now, Box::new(std::io::stderr()));
        let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer));
    }
}

/// How much Terraform keeps of a provider's log; nothing, where it was not
/// asked to log at all. An unknown level is all, as for Terraform's own
/// providers.
fn level(environment: &Environment) -> LevelFilter {
    let level = environment.log_provider.as_ref().or(environment.log.as_ref());
    match level.map(|it| it.to_ascii_uppercase()).as_deref() {
        None | Some("OFF") => LevelFilter::OFF,
        Some("ERROR") => LevelFilter::ERROR,
        Some("WARN") => LevelFilter::WARN,
        Some("INFO") => LevelFilter::INFO,
        Some("DEBUG") => LevelFilter::DEBUG,
        Some(_) => LevelFilter::TRACE,
    }
}

/// Writes events, with the fields of the spans that they happen in.
pub struct HclogLayer {
    level: LevelFilter,
    now: fn() -> SystemTime,
    out: Mutex<Box<dyn Write + Send>>,
}

impl HclogLayer {
    /// Writes what is at least as grave as `level` to `out`.
    pub fn new(level: LevelFilter, now: fn() -> SystemTime, out: Box<dyn Write + Send>) -> Self {
        Self { level, now, out: Mutex::new(out) }
    }
}

/// The first part of the names of this crate's modules.
fn own_crate() -> &'static str {
    module_path!().split("::").next().unwrap_or_default()
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for HclogLayer {
    fn enabled(&self, metadata: &Metadata<'_>, _context: Context<'_, S>) -> bool {
        // What libraries tell below a warning is about bytes on the wire.
        let own = metadata.target().starts_with(own_crate());
        *metadata.level() <= self.level && (own || *metadata.level() <= Level::WARN)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level)
    }

    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &span::Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &span::Id, values: &span::Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        for span in context.event_scope(event).into_iter().flat_map(Scope::from_root) {
            if let Some(of_span) = span.extensions().get::<Fields>() {
                fields.0.extend(of_span.0.iter().map(|(name, value)| (name.clone(), value.clone())));
            }
        }
        event.record(&mut fields);
        let line = line(event.metadata(), fields, (self.now)());
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        // A log that cannot be written has nowhere to say so.
        let _ = out.write_all(&line).and_then(|()| out.flush());
    }
}

fn line(metadata: &Metadata<'_>, mut fields: Fields, now: SystemTime) -> Vec<u8> {
    let message = match fields.0.remove("message") {
        Some(Json::String(text)) => text,
        Some(other) => other.to_string(),
        None => String::new(),
    };
    let mut entry = Map::new();
    entry.insert("@level".to_owned(), metadata.level().as_str().to_ascii_lowercase().into());
    entry.insert("@message".to_owned(), message.clone().into());
    entry.insert("@module".to_owned(), module(metadata.target()).into());
    entry.insert("@timestamp".to_owned(), timestamp(now).into());
    let mut line = {
        let mut entry = entry.clone();
        entry.extend(fields.0);
        Json::Object(entry).to_string()
    };
    if line.len() > MAX_LINE {
        let cut: String = message.chars().take(MAX_CUT_MESSAGE).collect();
        entry.insert("@message".to_owned(), format!("{cut} (cut)").into());
        line = Json::Object(entry).to_string();
    }
    line.push('\n');
    line.into_bytes()
}

/// The module's name in the log: `provider`, and below it the layer.
fn module(target: &str) -> String {
    let mut parts = target.split("::");
    match (parts.next(), parts.next()) {
        (Some(root), Some("protocol")) if root == own_crate() => "sdk.proto".to_owned(),
        (Some(root), Some(layer)) if root == own_crate() => format!("provider.{layer}"),
        (Some(root), None) if root == own_crate() => "provider".to_owned(),
        (root, _) => format!("provider.{}", root.unwrap_or_default()),
    }
}

fn timestamp(now: SystemTime) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");
    // Formatting fails only beyond the year 9999.
    OffsetDateTime::from(now).format(&format).unwrap_or_default()
}

/// The fields of a span or an event. Names that begin with `@` are the form's
/// own and cannot be fields.
#[derive(Default)]
struct Fields(Map<String, Json>);

impl Fields {
    fn put(&mut self, field: &Field, value: impl Into<Json>) {
        if !field.name().starts_with('@') {
            self.0.insert(field.name().to_owned(), value.into());
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn logged(level: LevelFilter, work: impl FnOnce()) -> Vec<Json> {
        let buffer = Buffer::default();
        let now = || SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_500);
        let layer = HclogLayer::new(level, now, Box::new(buffer.clone()));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), work);
        let bytes = buffer.0.lock().unwrap().clone();
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.lines().all(|line| line.len() < 65_536));
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn a_line_is_what_terraforms_reader_takes() {
        let lines = logged(LevelFilter::TRACE, || {
            let span =
                tracing::info_span!("rpc", tf_rpc = "ReadResource", tf_resource_type = tracing::field::Empty);
            span.record("tf_resource_type", "x_y");
            let _entered = span.enter();
            tracing::warn!(tries = 3, "A \"quoted\" {}", "message");
        });
        assert_eq!(
            lines[0].to_string(),
            r#"{"@level":"warn","@message":"A \"quoted\" message","@module":"sdk.proto","@timestamp":"2023-11-14T22:13:20.500000Z","tf_rpc":"ReadResource","tf_resource_type":"x_y","tries":3}"#
        );
    }

    #[test]
    fn a_long_line_is_cut_and_still_json() {
        let lines = logged(LevelFilter::TRACE, || {
            tracing::info!(field = "\u{1}".repeat(100_000), "{}", "é".repeat(70_000));
        });
        assert!(lines[0]["@message"].as_str().unwrap().ends_with("(cut)"));
        assert_eq!(lines[0]["@level"], "info");
    }

    #[test]
    fn less_than_the_level_and_the_chatter_of_libraries_is_not_written() {
        let lines = logged(LevelFilter::DEBUG, || {
            tracing::trace!("below");
            tracing::debug!(target: "h2::frame", "chatter");
            tracing::warn!(target: "h2::frame", "grave");
        });
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0]["@module"], "provider.h2");
    }

    #[test]
    fn terraform_says_how_much_it_wants() {
        let of = |log: Option<&str>, log_provider: Option<&str>| {
            level(&Environment {
                log: log.map(str::to_owned),
                log_provider: log_provider.map(str::to_owned),
                ..Environment::default()
            })
        };
        assert_eq!(of(None, None), LevelFilter::OFF);
        assert_eq!(of(Some("debug"), None), LevelFilter::DEBUG);
        assert_eq!(of(Some("TRACE"), Some("WARN")), LevelFilter::WARN);
        assert_eq!(of(Some("TRACE"), Some("off")), LevelFilter::OFF);
        assert_eq!(of(Some("JSON"), None), LevelFilter::TRACE);
    }
}
