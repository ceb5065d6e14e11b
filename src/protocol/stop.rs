//! Terraform's Stop: what runs is to end, what comes later runs as ever.

use std::sync::{Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

/// Hands out tokens of the current epoch. Stop ends the epoch and begins
/// another; the end of the server ends all. Source: terraform-plugin-go,
/// tf5server.
pub(super) struct Epochs {
    server: CancellationToken,
    current: Mutex<CancellationToken>,
}

impl Epochs {
    pub(super) fn new(server: CancellationToken) -> Self {
        let current = Mutex::new(server.child_token());
        Self { server, current }
    }

    /// A token for one request.
    pub(super) fn request(&self) -> CancellationToken {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).child_token()
    }

    /// Cancels the tokens of all requests so far.
    pub(super) fn stop(&self) {
        let next = self.server.child_token();
        let ended = {
            let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *current, next)
        };
        ended.cancel();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stop_ends_what_runs_and_not_what_comes_later() {
        let server = CancellationToken::new();
        let epochs = Epochs::new(server.clone());
        let running = epochs.request();
        epochs.stop();
        let later = epochs.request();
        assert!(running.is_cancelled());
        assert!(!later.is_cancelled());
        server.cancel();
        assert!(later.is_cancelled());
    }
}
