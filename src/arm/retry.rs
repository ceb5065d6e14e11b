//! Which answers are worth asking for again, and when: pure.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, Method, StatusCode};
use time::PrimitiveDateTime;
use time::macros::format_description;
use uuid::Uuid;

/// Tries in a row of a request that ARM answered with a passing error. Microsoft's Go
/// client for ARM has the same sixteen; with the pauses below they span eleven
/// minutes, longer than any regional failover of ARM that was worth waiting for.
const TRIES_ANSWERED: u32 = 16;

/// Tries in a row of a request whose answer was lost on the way. Three to four minutes:
/// the five that a refresh has leave it time to say what happened.
const TRIES_LOST: u32 = 10;

/// Tries in a row of a request that found nobody to take it. Half a minute: it passes
/// over a name server's hiccup, and does not keep someone waiting who is offline.
const TRIES_UNSENT: u32 = 6;

/// Tries in all, whatever troubles come in turns.
const TRIES_MOST: u32 = 64;

/// The first pause where the server names none.
const PAUSE_FIRST: Duration = Duration::from_secs(1);

/// The longest pause where the server names none.
const PAUSE_MOST: Duration = Duration::from_secs(60);

/// The longest pause that a server may ask for: ARM's oldest limits count by
/// the hour, and more is a broken header.
const RETRY_AFTER_MOST: Duration = Duration::from_secs(3600);

/// What became of one try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// An answer with this status.
    Answered(StatusCode),
    /// It was sent and no answer came.
    Lost,
    /// It was certainly never sent.
    Unsent,
}

/// Whether to send a request of `method` again that met this trouble `in_a_row`
/// times, after so many tries in all.
///
/// A PUT or DELETE does twice what it does once, and a PATCH of ours sets
/// values, so they may be sent again without knowing what became of them. A
/// POST may not, unless it was certainly not taken.
pub(super) fn again(method: &Method, trouble: Trouble, in_a_row: u32, tries: u32) -> bool {
    if tries >= TRIES_MOST {
        return false;
    }
    let repeatable = *method != Method::POST;
    match trouble {
        Trouble::Unsent => in_a_row < TRIES_UNSENT,
        Trouble::Lost => repeatable && in_a_row < TRIES_LOST,
        Trouble::Answered(status) => {
            let not_taken = matches!(status.as_u16(), 408 | 429 | 503);
            in_a_row < TRIES_ANSWERED && passing(status) && (repeatable || not_taken)
        }
    }
}

/// Whether a status says that the same request may succeed later: Microsoft's
/// Go client for ARM repeats the same ones.
fn passing(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 424 | 429) || (status.is_server_error() && status.as_u16() != 501)
}

/// The pause before the next try where the server names none: doubling, and
/// somewhere between half and whole by the request's own id, so that requests
/// which failed together do not return together.
pub(super) fn pause(tries: u32, request: Uuid) -> Duration {
    let doubled = PAUSE_FIRST.saturating_mul(1 << tries.saturating_sub(1).min(16)).min(PAUSE_MOST);
    let [a, b, ..] = request.into_bytes();
    let share = f64::from(u16::from_be_bytes([a, b])) / f64::from(u16::MAX);
    doubled.mul_f64(0.5 + share / 2.0)
}

/// How long the server asks to wait: milliseconds first, as they are the finer
/// word, then `Retry-After` in seconds or as a date (RFC 9110, 10.2.3).
pub(super) fn asked(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let millis = ["retry-after-ms", "x-ms-retry-after-ms"]
        .into_iter()
        .find_map(|name| text(name)?.parse().ok())
        .map(Duration::from_millis);
    let after = || {
        let value = text("retry-after")?;
        match value.parse() {
            Ok(seconds) => Some(Duration::from_secs(seconds)),
            Err(_) => Some(until(value, now)?),
        }
    };
    millis.or_else(after).map(|pause| pause.min(RETRY_AFTER_MOST))
}

/// How long it is until an HTTP date; nothing where it is past.
fn until(date: &str, now: SystemTime) -> Option<Duration> {
    let format = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    let date = PrimitiveDateTime::parse(date, format).ok()?.assume_utc();
    // A `SystemTime` cannot hold every date on every platform, and panics then.
    let since_1970 = Duration::from_secs(u64::try_from(date.unix_timestamp()).unwrap_or_default());
    let now = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Some(since_1970.saturating_sub(now))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_a_server_asks_the_wait_is_bounded(
            name in prop::sample::select(vec!["retry-after", "retry-after-ms", "x-ms-retry-after-ms"]),
            value in "[0-9]{0,30}|-[0-9]{1,5}|[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT|[ -~]{0,40}",
            now in any::<u32>(),
        ) {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            let now = SystemTime::UNIX_EPOCH + Duration::from_secs(now.into());
            prop_assert!(asked(&headers, now).is_none_or(|pause| pause <= RETRY_AFTER_MOST));
        }
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn only_passing_statuses_are_tried_again() {
        for status in 100..600 {
            let status = StatusCode::from_u16(status).unwrap();
            let want = matches!(status.as_u16(), 408 | 424 | 429 | 500 | 502..=599);
            assert_eq!(again(&Method::GET, Trouble::Answered(status), 1, 1), want, "{status}");
        }
    }

    #[test]
    fn a_post_is_sent_twice_only_if_it_was_not_taken() {
        assert!(again(&Method::POST, Trouble::Unsent, 1, 1));
        assert!(again(&Method::POST, Trouble::Answered(StatusCode::TOO_MANY_REQUESTS), 1, 1));
        assert!(!again(&Method::POST, Trouble::Lost, 1, 1));
        assert!(!again(&Method::POST, Trouble::Answered(StatusCode::BAD_GATEWAY), 1, 1));
        assert!(again(&Method::PUT, Trouble::Lost, 1, 1));
        assert!(again(&Method::DELETE, Trouble::Lost, 1, 1));
    }

    #[test]
    fn tries_are_bounded() {
        for trouble in [Trouble::Unsent, Trouble::Lost, Trouble::Answered(StatusCode::BAD_GATEWAY)] {
            assert!(!again(&Method::GET, trouble, TRIES_ANSWERED, TRIES_ANSWERED));
        }
        assert!(!again(&Method::GET, Trouble::Lost, 1, TRIES_MOST), "in turns too");
    }

    #[test]
    fn pauses_double_up_to_a_minute_and_differ_between_requests() {
        let longest = Uuid::from_bytes([255; 16]);
        let seconds: Vec<_> = (1..9).map(|tries| pause(tries, longest).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(pause(1, Uuid::nil()), Duration::from_millis(500));
        assert_eq!(pause(u32::MAX, longest), PAUSE_MOST);
    }

    #[test]
    fn the_finest_word_of_the_server_counts() {
        let now: SystemTime = time::macros::datetime!(1994-11-06 08:49:00 UTC).into();
        let both = headers(&[("retry-after", "7"), ("x-ms-retry-after-ms", "250")]);
        assert_eq!(asked(&both, now), Some(Duration::from_millis(250)));
        assert_eq!(asked(&headers(&[("retry-after", "17")]), now), Some(Duration::from_secs(17)));
        let date = headers(&[("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT")]);
        assert_eq!(asked(&date, now), Some(Duration::from_secs(37)));
        let past = headers(&[("retry-after", "Sun, 06 Nov 1994 08:48:37 GMT")]);
        assert_eq!(asked(&past, now), Some(Duration::ZERO));
        assert_eq!(asked(&headers(&[("retry-after", "soon")]), now), None);
        assert_eq!(asked(&headers(&[("retry-after", "99999999")]), now), Some(RETRY_AFTER_MOST));
        let ancient = headers(&[("retry-after", "Mon, 01 Jan 0001 00:00:00 GMT")]);
        assert_eq!(asked(&ancient, now), Some(Duration::ZERO));
    }
}
