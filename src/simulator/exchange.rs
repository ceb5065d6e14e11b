//! One request through everything: what a fault makes of it, what a replica
//! that is behind says, the buckets, the routes.

use std::time::Duration;

use http::Response;
use http::request::Parts;

use super::answer::{Answer, Stop};
use super::faults::{Delay, Moment, Produce, Shows};
use super::{Cx, Dropped, answer, consistency, route};

/// One request, and what a fault makes of it.
pub(super) struct Exchange<'a> {
    pub(super) head: &'a Parts,
    pub(super) body: &'a [u8],
    pub(super) struck: Option<&'a Produce>,
}

impl Exchange<'_> {
    /// The answer, or that none comes; what it did is kept either way.
    pub(super) fn answer(&self, cx: &mut Cx<'_>) -> rusqlite::Result<Result<Response<Vec<u8>>, Dropped>> {
        let refused = match self.struck {
            Some(Produce::Drop(Moment::BeforeEffect)) => {
                return Ok(Err(Dropped::because("a fault, before its effect")));
            }
            Some(Produce::End(Moment::BeforeEffect)) => {
                return Ok(Err(Dropped::ending()));
            }
            Some(Produce::Answer(canned)) => {
                let mut response = answer::finish(cx, self.head, canned.answer())?;
                canned.put_headers(response.headers_mut());
                return Ok(Ok(response));
            }
            Some(Produce::Fail(error)) => {
                cx.failing = Some(error.refusal());
                None
            }
            Some(Produce::Race(race)) => match race.shows(cx, self.head.uri.path()) {
                Shows::AtOnce(refusal) => Some(refusal),
                Shows::InTheEnd(refusal) => {
                    cx.failing = Some(refusal);
                    None
                }
            },
            Some(Produce::Drop(_) | Produce::End(_) | Produce::Slow(_)) | None => None,
        };
        let answer = match refused {
            Some(refusal) => refusal.into_answer(),
            None => self.route(cx)?,
        };
        let mut response = answer::finish(cx, self.head, answer)?;
        Ok(match self.struck {
            Some(Produce::Drop(_)) => Err(Dropped::because("a fault, after its effect")),
            Some(Produce::End(_)) => Err(Dropped::ending()),
            Some(Produce::Slow(seconds)) => {
                response.extensions_mut().insert(Delay(Duration::from_secs_f64(*seconds)));
                Ok(response)
            }
            _ => Ok(response),
        })
    }

    fn route(&self, cx: &Cx<'_>) -> rusqlite::Result<Answer> {
        if let Some(stale) = consistency::stale(cx, self.head)? {
            return Ok(stale);
        }
        let asked = answer::quota(cx, self.head)
            // What was settled stands, what a refused request began does not.
            .and_then(|()| cx.store.attempt(|| route::answer(cx, self.head, self.body)));
        match asked {
            Ok(answer) => Ok(answer),
            Err(Stop::Refused(refusal)) => Ok(refusal.shaped(self.head.uri.path()).into_answer()),
            Err(Stop::Store(error)) => Err(error),
        }
    }
}
