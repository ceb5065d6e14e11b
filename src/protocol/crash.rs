//! What happens on a panic: one in a request becomes that request's error,
//! any other is shown by Terraform as a crash of the plugin.

use std::any::Any;
use std::backtrace::Backtrace;
use std::future::Future;
use std::io::Write as _;
use std::panic::{self, PanicHookInfo};
use std::sync::{Arc, Mutex, PoisonError};

/// Where the hook leaves what it saw of a request's panic.
type Note = Arc<Mutex<Option<String>>>;

tokio::task_local! {
    /// Set while a request is being answered.
    static REQUEST: Note;
}

/// Makes a panic outside of requests show as Terraform expects it: a line
/// `panic: …` on stderr, then where. Terraform shows that to the user even with
/// logging off. One within a request is logged only. Source: Terraform,
/// internal/logging/panic.go.
pub(super) fn install_hook() {
    panic::set_hook(Box::new(|info| {
        let text = describe(info);
        let in_request = REQUEST.try_with(|note| {
            *note.lock().unwrap_or_else(PoisonError::into_inner) = Some(text.clone());
        });
        if in_request.is_ok() {
            tracing::error!(backtrace = %Backtrace::force_capture(), "A request panicked: {text}");
        } else {
            // Nothing can be done about an error here.
            let _ = writeln!(std::io::stderr(), "panic: {text}\n\n{}", Backtrace::force_capture());
        }
    }));
}

fn describe(info: &PanicHookInfo<'_>) -> String {
    let message = message(info.payload());
    match info.location() {
        Some(location) => format!("{message}, at {}:{}", location.file(), location.line()),
        None => message,
    }
}

/// What a panic said.
fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}

/// Runs a request's work as a task of its own; a panic in it is the error. The
/// task goes on to its end when the caller goes away, so that it can stop where
/// it is safe to.
pub(super) async fn catch<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, String> {
    let note = Note::default();
    tokio::spawn(REQUEST.scope(note.clone(), work)).await.map_err(|error| {
        let seen = note.lock().unwrap_or_else(PoisonError::into_inner).take();
        seen.unwrap_or_else(|| match error.try_into_panic() {
            Ok(payload) => message(&*payload),
            Err(error) => error.to_string(),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_in_a_request_is_an_error_with_its_message() {
        let caught = catch(async { std::panic::panic_any("a defect".to_owned()) as () }).await;
        assert!(caught.unwrap_err().starts_with("a defect"));
        assert_eq!(catch(async { 1 }).await, Ok(1));
    }
}
