//! How long things take.

use crate::kinds::Kind;

/// The profile of time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Latency {
    /// Every operation is over when the next request comes.
    Instant,
    /// What each kind typically takes, times `scale`.
    Real {
        /// 1.0 is Azure's pace, 0.01 a hundred times faster.
        scale: f64,
    },
}

impl std::str::FromStr for Latency {
    type Err = String;

    /// Reads `instant`, `real` or `real:SCALE`.
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "instant" => Ok(Self::Instant),
            "real" => Ok(Self::Real { scale: 1.0 }),
            _ => match text.strip_prefix("real:").and_then(|scale| scale.parse::<f64>().ok()) {
                Some(scale) if scale > 0.0 && scale.is_finite() => Ok(Self::Real { scale }),
                _ => Err(format!("latency is \"instant\", \"real\" or \"real:SCALE\", not {text:?}")),
            },
        }
    }
}

/// Seconds between two polls that ARM's services usually ask for (recorded
/// answers of Microsoft.Network show 1 to 10).
const POLL_SECONDS: f64 = 5.0;

/// Seconds that the interface of a deleted private endpoint is still seen in
/// its subnet (reports go up to ten minutes; the common case is far less).
const ENDPOINT_INTERFACE_SECONDS: f64 = 20.0;

/// Seconds that the hidden interfaces of a deleted compute still hold its
/// subnet (reports range from minutes to an hour).
const COMPUTE_INTERFACE_SECONDS: f64 = 120.0;

/// Seconds that a zone still sees a deleted virtual network link.
const ZONE_LINK_SECONDS: f64 = 10.0;

/// Seconds that the interface of a deleted machine is kept for another of its name.
const INTERFACE_RESERVATION_SECONDS: f64 = 180.0;

/// Seconds until the directory knows a new managed identity.
const PRINCIPAL_SECONDS: f64 = 15.0;

/// What is seen of something for a while after it is gone, or not yet seen of
/// something that is there.
#[derive(Debug, Clone, Copy)]
pub(super) enum Lag {
    EndpointInterface,
    ComputeInterface,
    InterfaceReservation,
    ZoneLink,
    Principal,
}

impl Latency {
    /// The milliseconds that so many seconds of Azure take here.
    pub(super) fn milliseconds(self, seconds: f64) -> i64 {
        match self {
            Self::Instant => 0,
            // A negative or absurd scale is clamped by the saturating cast.
            #[allow(clippy::cast_possible_truncation)]
            Self::Real { scale } => (seconds * scale.max(0.0) * 1000.0).round() as i64,
        }
    }

    /// Milliseconds that a PUT of `kind` takes to complete.
    pub(super) fn put(self, kind: &Kind) -> i64 {
        self.milliseconds(f64::from(kind.put.seconds))
    }

    /// Milliseconds that a DELETE of `kind` takes to complete.
    pub(super) fn delete(self, kind: &Kind) -> i64 {
        self.milliseconds(f64::from(kind.delete.seconds))
    }

    /// Milliseconds that an action of so many seconds takes.
    pub(super) fn action(self, seconds: f64) -> i64 {
        self.milliseconds(seconds)
    }

    /// Milliseconds that `lag` lasts.
    pub(super) fn lag(self, lag: Lag) -> i64 {
        self.milliseconds(match lag {
            Lag::EndpointInterface => ENDPOINT_INTERFACE_SECONDS,
            Lag::ComputeInterface => COMPUTE_INTERFACE_SECONDS,
            Lag::InterfaceReservation => INTERFACE_RESERVATION_SECONDS,
            Lag::ZoneLink => ZONE_LINK_SECONDS,
            Lag::Principal => PRINCIPAL_SECONDS,
        })
    }

    /// The headers that tell a poller when to come back: whole seconds, and
    /// milliseconds beside them where the pace is faster than that.
    pub(super) fn retry_after(self) -> Vec<(&'static str, String)> {
        let wait = self.milliseconds(POLL_SECONDS);
        let seconds = wait.saturating_add(999) / 1000;
        let mut headers = vec![("retry-after", seconds.to_string())];
        if wait % 1000 != 0 && wait < 1000 {
            headers.push(("x-ms-retry-after-ms", wait.to_string()));
        }
        headers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_azure_asks_to_be_polled_at_once() {
        assert_eq!(Latency::Instant.retry_after(), vec![("retry-after", "0".to_owned())]);
    }

    #[test]
    fn a_pace_under_a_second_is_told_in_milliseconds_too() {
        assert_eq!(
            Latency::Real { scale: 0.01 }.retry_after(),
            vec![("retry-after", "1".to_owned()), ("x-ms-retry-after-ms", "50".to_owned())],
        );
        assert_eq!(Latency::Real { scale: 1.0 }.retry_after(), vec![("retry-after", "5".to_owned())]);
    }
}
