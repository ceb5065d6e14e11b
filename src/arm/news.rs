//! What a call tells while it goes on, to whoever waits for it.

use std::time::Duration;

/// Something that a person who waits would like to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// The request will be sent again.
    Retrying {
        /// Why: ARM's code, or that no answer came.
        code: String,
        /// When.
        pause: Duration,
    },
    /// Azure is at work.
    Running {
        /// Azure's own word: `InProgress`.
        status: String,
        /// How far it is, where Azure says.
        percent: Option<u8>,
    },
}

/// Hears the news of one call. It is told in the middle of the work, so it
/// must not wait for anything.
pub trait Listener: Send + Sync {
    /// Takes one piece of news.
    fn hear(&self, news: News);
}
