//! ARM's request budget, kept before ARM has to enforce it.
//!
//! Since 2024 ARM keeps a token bucket for each region, subscription, principal
//! and sort of operation: reads 250 refilled at 25 a second, writes and deletes
//! 200 at 10 (Azure Resource Manager, "request limits and throttling"). A
//! client that runs into them is refused in bursts, and whoever shares the
//! principal with it too; one that counts along never is.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use http::{HeaderMap, Method};

/// The sorts of operation that ARM counts apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Class {
    Reads,
    Writes,
    Deletes,
}

impl Class {
    pub(super) fn of(method: &Method) -> Self {
        match *method {
            Method::GET | Method::HEAD => Self::Reads,
            Method::DELETE => Self::Deletes,
            _ => Self::Writes,
        }
    }

    /// As the `x-ms-ratelimit-remaining-subscription-` headers call it.
    fn word(self) -> &'static str {
        match self {
            Self::Reads => "reads",
            Self::Writes => "writes",
            Self::Deletes => "deletes",
        }
    }
}

/// One token bucket.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// Requests that may go at once.
    pub burst: f64,
    /// Requests a second that come back.
    pub per_second: f64,
}

/// What the client grants itself.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// GETs, polls among them.
    pub reads: Rate,
    /// PUTs, PATCHes and POSTs.
    pub writes: Rate,
    /// DELETEs.
    pub deletes: Rate,
    /// Requests under way at the same time.
    pub in_flight: usize,
}

/// Requests under way at the same time: enough for every step that the engine
/// runs at once and its polls, few enough for one connection's streams (ARM's
/// front door allows 100).
const IN_FLIGHT: usize = 32;

/// A wait shorter than the timer's resolution would end before its token is there.
const GRAIN: Duration = Duration::from_millis(1);

impl Default for Limits {
    /// ARM's own figures.
    fn default() -> Self {
        Self {
            reads: Rate { burst: 250.0, per_second: 25.0 },
            writes: Rate { burst: 200.0, per_second: 10.0 },
            deletes: Rate { burst: 200.0, per_second: 10.0 },
            in_flight: IN_FLIGHT,
        }
    }
}

/// All buckets of one client and its clones: one per subscription and class.
pub(super) struct Throttle {
    limits: Limits,
    buckets: Mutex<HashMap<(String, Class), Bucket>>,
}

struct Bucket {
    rate: Rate,
    tokens: f64,
    /// What `tokens` is the count of; in the future while ARM has us wait.
    at: SystemTime,
}

impl Bucket {
    fn refill(&mut self, now: SystemTime) {
        let Ok(passed) = now.duration_since(self.at) else { return };
        self.tokens = (self.tokens + passed.as_secs_f64() * self.rate.per_second).min(self.rate.burst);
        self.at = now;
    }
}

impl Throttle {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, buckets: Mutex::default() }
    }

    fn with<T>(
        &self,
        subscription: &str,
        class: Class,
        now: SystemTime,
        act: impl FnOnce(&mut Bucket) -> T,
    ) -> T {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let rate = match class {
            Class::Reads => self.limits.reads,
            Class::Writes => self.limits.writes,
            Class::Deletes => self.limits.deletes,
        };
        let bucket = buckets.entry((subscription.to_ascii_lowercase(), class)).or_insert(Bucket {
            rate,
            tokens: rate.burst,
            at: now,
        });
        bucket.refill(now);
        act(bucket)
    }

    /// Takes leave for one request, or says how long to wait before asking again.
    pub(super) fn take(&self, subscription: &str, class: Class, now: SystemTime) -> Result<(), Duration> {
        self.with(subscription, class, now, |bucket| {
            let paused = bucket.at.duration_since(now).unwrap_or_default();
            if paused.is_zero() && bucket.tokens >= 1.0 {
                bucket.tokens -= 1.0;
                return Ok(());
            }
            let missing = (1.0 - bucket.tokens).max(0.0) / bucket.rate.per_second;
            Err(paused + Duration::try_from_secs_f64(missing).unwrap_or_default() + GRAIN)
        })
    }

    /// Learns from an answer what ARM says remains: never more is spent.
    pub(super) fn learn(&self, subscription: &str, class: Class, now: SystemTime, headers: &HeaderMap) {
        for scope in ["subscription", "subscription-global"] {
            let name = format!("x-ms-ratelimit-remaining-{scope}-{}", class.word());
            let remaining: Option<u32> =
                headers.get(name).and_then(|value| value.to_str().ok()).and_then(|text| text.parse().ok());
            if let Some(remaining) = remaining {
                self.with(subscription, class, now, |bucket| {
                    bucket.tokens = bucket.tokens.min(f64::from(remaining));
                });
            }
        }
    }

    /// ARM refused one request of this class: none goes before `pause` is over,
    /// and then at the pace of the refill.
    pub(super) fn pause(&self, subscription: &str, class: Class, now: SystemTime, pause: Duration) {
        self.with(subscription, class, now, |bucket| {
            bucket.tokens = 1.0_f64.min(bucket.tokens);
            bucket.at = bucket.at.max(now + pause);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000001";

    fn start() -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000)
    }

    /// How many requests go from `now` on without a wait.
    fn run(throttle: &Throttle, class: Class, now: SystemTime) -> usize {
        std::iter::repeat_with(|| throttle.take(SUBSCRIPTION, class, now)).take_while(Result::is_ok).count()
    }

    #[test]
    fn a_bucket_runs_dry_and_refills_at_arms_pace() {
        let throttle = Throttle::new(Limits::default());
        assert_eq!(run(&throttle, Class::Writes, start()), 200);
        assert_eq!(run(&throttle, Class::Reads, start()), 250);
        let wait = throttle.take(SUBSCRIPTION, Class::Writes, start()).unwrap_err();
        assert_eq!(wait, Duration::from_millis(100) + GRAIN);
        assert_eq!(run(&throttle, Class::Writes, start() + Duration::from_secs(2)), 20);
        assert_eq!(run(&throttle, Class::Writes, start() + Duration::from_secs(3600)), 200);
    }

    #[test]
    fn no_more_is_spent_than_arm_says_remains() {
        let throttle = Throttle::new(Limits::default());
        let headers =
            [("x-ms-ratelimit-remaining-subscription-deletes".parse().unwrap(), "3".parse().unwrap())];
        throttle.learn(SUBSCRIPTION, Class::Deletes, start(), &headers.into_iter().collect());
        assert_eq!(run(&throttle, Class::Deletes, start()), 3);
    }

    #[test]
    fn a_pause_holds_the_whole_class_and_no_other() {
        let throttle = Throttle::new(Limits::default());
        throttle.pause(SUBSCRIPTION, Class::Writes, start(), Duration::from_secs(30));
        assert_eq!(run(&throttle, Class::Writes, start() + Duration::from_secs(29)), 0);
        assert_eq!(run(&throttle, Class::Reads, start()), 250);
        assert_eq!(run(&throttle, Class::Writes, start() + Duration::from_secs(30)), 1);
        assert_eq!(run(&throttle, Class::Writes, start() + Duration::from_secs(31)), 10);
    }

    #[test]
    fn subscriptions_are_counted_apart() {
        let throttle = Throttle::new(Limits::default());
        throttle.pause("other", Class::Writes, start(), Duration::from_secs(30));
        assert_eq!(run(&throttle, Class::Writes, start()), 200);
    }

    #[test]
    fn a_clock_that_goes_back_grants_nothing_and_breaks_nothing() {
        let throttle = Throttle::new(Limits::default());
        run(&throttle, Class::Reads, start());
        assert!(throttle.take(SUBSCRIPTION, Class::Reads, start() - Duration::from_secs(5)).is_err());
    }
}
