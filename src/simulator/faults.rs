//! Failures on demand: a table of rules, each with what it strikes and what it
//! produces. What is left to chance is drawn from the seed, and what was
//! counted is kept in the state, so that a run can be repeated.

use std::collections::BTreeMap;
use std::time::Duration;

use http::request::Parts;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, Refusal};
use super::store::stable_guid;
use super::{Cx, quota};
use crate::kinds::{self, ResourceId};

/// A rule: what it strikes, how often, and what it produces.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Which requests.
    #[serde(default, rename = "match")]
    matches: Match,
    /// How often at most; without it, every time.
    times: Option<i64>,
    /// What comes instead of an answer, or with it.
    produce: Produce,
    /// What this rule is counted under, whichever place it has in the file.
    #[serde(skip)]
    key: String,
}

/// Which requests a rule strikes; what is left out strikes all.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Match {
    /// `PUT`, or several.
    #[serde(default)]
    method: OneOrMore,
    /// A resource type: `Microsoft.Network/privateEndpoints`; `*` stands for any text.
    kind: Option<String>,
    /// The id of the resource, which is the path of the url; `*` stands for any text.
    id: Option<String>,
    /// The first matching request, the third: counted for each id where `per_id` says so.
    occurrence: Option<OneOrMore<i64>>,
    /// Whether requests and strikes are counted for each id on its own.
    #[serde(default)]
    per_id: bool,
    /// How likely a request that matches is struck, from 0 to 1.
    chance: Option<f64>,
}

/// One value or a list of them.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum OneOrMore<T = String> {
    One(T),
    More(Vec<T>),
}

impl<T> Default for OneOrMore<T> {
    fn default() -> Self {
        Self::More(Vec::new())
    }
}

impl<T> OneOrMore<T> {
    fn as_slice(&self) -> &[T] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::More(more) => more,
        }
    }
}

/// What a rule produces.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Produce {
    /// This answer; the request has no effect.
    Answer(Canned),
    /// The operation that the request begins fails in the end; where it
    /// begins none, the request is refused with 400.
    Fail(Error),
    /// A race that Azure is known for, in its words.
    Race(Race),
    /// A broken connection.
    Drop(Moment),
    /// The answer, after so many seconds.
    Slow(f64),
    /// The end of the process that asks.
    End(Moment),
}

/// Whether the request has its effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Moment {
    /// It has none.
    BeforeEffect,
    /// It has, and nobody hears of it.
    AfterEffect,
}

/// A whole answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Canned {
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// Sent as it is; `code` and `message` make one otherwise.
    body: Option<Value>,
    code: Option<String>,
    message: Option<String>,
}

/// An ARM error.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Error {
    code: String,
    #[serde(default)]
    message: String,
    #[serde(default)]
    details: Vec<Value>,
}

/// The races that Azure is known for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum Race {
    AnotherOperationInProgress,
    RetryableError,
    ReferencedResourceNotProvisioned,
    StorageAccountOperationInProgress,
    ConflictError,
    InternalServerError,
    PrincipalNotFound,
    FailedIdentityOperation,
    ResourceNotFound,
    TooManyRequests,
    ServiceUnavailable,
    GatewayTimeout,
}

/// What is read from the file of faults.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// How Azure behaves where that is not certain, or differs by subscription.
    #[serde(default)]
    pub settings: super::behaviour::Behaviour,
    /// What fails.
    #[serde(default)]
    pub faults: Vec<Fault>,
}

impl std::str::FromStr for Script {
    type Err = String;

    /// Reads a script from JSON, or says where it is wrong.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut script: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        script.settings.quotas = std::mem::take(&mut script.settings.quotas)
            .into_iter()
            .map(|(kind, limit)| match quota::limits().find(|(known, _)| known.eq_ignore_ascii_case(&kind)) {
                Some((known, _)) => Ok((known.to_owned(), limit)),
                None => Err(format!("settings.quotas: no limit of {kind:?} is simulated")),
            })
            .collect::<Result<_, _>>()?;
        for (at, fault) in script.faults.iter_mut().enumerate() {
            fault.key = stable_guid(&format!("{fault:?}"));
            fault.check().map_err(|reason| format!("faults[{at}]: {reason}"))?;
        }
        Ok(script)
    }
}

impl Fault {
    fn check(&self) -> Result<(), String> {
        if self.matches.chance.is_some_and(|chance| !(0.0..=1.0).contains(&chance)) {
            return Err("match.chance is not between 0 and 1".to_owned());
        }
        match &self.produce {
            Produce::Slow(seconds) if !(0.0..=LONGEST).contains(seconds) => {
                Err(format!("produce.slow is not between 0 and {LONGEST} seconds"))
            }
            Produce::Answer(canned) => {
                if !(200..=599).contains(&canned.status) {
                    return Err(format!("produce.answer.status {} is no status of an answer", canned.status));
                }
                for (name, value) in &canned.headers {
                    if http::HeaderName::try_from(name).is_err()
                        || http::HeaderValue::try_from(value).is_err()
                    {
                        return Err(format!("produce.answer.headers: {name:?} is no header"));
                    }
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// The longest that an answer may be held back, in seconds.
const LONGEST: f64 = 3600.0;

/// Counts a request for every rule that it matches, and gives what the first
/// of them that strikes produces.
pub(super) fn strike<'f>(cx: &Cx<'f>, head: &Parts) -> rusqlite::Result<Option<&'f Produce>> {
    if cx.settings.faults.is_empty() {
        return Ok(None);
    }
    let path = head.uri.path().trim_end_matches('/').to_ascii_lowercase();
    let kind = ResourceId::parse(&path).ok().map(|id| id.resource_type().to_ascii_lowercase());
    let mut struck = None;
    for fault in &cx.settings.faults {
        if !fault.matches.admits(head.method.as_str(), &path, kind.as_deref()) {
            continue;
        }
        let rule = fault.key.as_str();
        let of = if fault.matches.per_id { path.as_str() } else { "" };
        let (seen, strikes) = cx.store.fault_seen(rule, of)?;
        let due = fault.times.is_none_or(|times| strikes < times)
            && fault.matches.occurrence.as_ref().is_none_or(|nth| nth.as_slice().contains(&seen))
            && fault.matches.chance.is_none_or(|chance| draw(cx.settings.seed, rule, of, seen) < chance);
        if due && struck.is_none() {
            cx.store.fault_struck(rule, of)?;
            struck = Some(&fault.produce);
        }
    }
    Ok(struck)
}

impl Match {
    fn admits(&self, method: &str, path: &str, kind: Option<&str>) -> bool {
        let methods = self.method.as_slice();
        (methods.is_empty() || methods.iter().any(|given| given.eq_ignore_ascii_case(method)))
            && self.id.as_ref().is_none_or(|glob| matches_glob(&glob.to_ascii_lowercase(), path))
            && self
                .kind
                .as_ref()
                .is_none_or(|glob| kind.is_some_and(|kind| matches_glob(&glob.to_ascii_lowercase(), kind)))
    }
}

/// Whether a text matches a pattern in which `*` stands for any text.
pub(super) fn matches_glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// A number from 0 to 1 that the seed, the rule and the count decide.
fn draw(seed: u64, rule: &str, of: &str, count: i64) -> f64 {
    let digits = stable_guid(&format!("{seed}/{rule}/{of}/{count}"));
    let digits: String = digits.chars().filter(char::is_ascii_hexdigit).take(12).collect();
    let number = u64::from_str_radix(&digits, 16).unwrap_or_default();
    #[expect(clippy::cast_precision_loss, reason = "48 bits fit into the mantissa")]
    let part = number as f64 / (1_u64 << 48) as f64;
    part
}

impl Canned {
    pub(super) fn answer(&self) -> Answer {
        let body = match (&self.body, &self.code) {
            (Some(body), _) => Some(body.clone()),
            (None, Some(code)) => Some(json!({
                "error": { "code": code, "message": self.message.as_deref().unwrap_or_default() },
            })),
            (None, None) => None,
        };
        Answer { status: self.status, headers: Vec::new(), body }
    }

    /// Headers that the file gives, in place of ours of the same name.
    pub(super) fn put_headers(&self, headers: &mut http::HeaderMap) {
        for (name, value) in &self.headers {
            if let (Ok(name), Ok(value)) =
                (http::HeaderName::try_from(name), http::HeaderValue::try_from(value))
            {
                headers.insert(name, value);
            }
        }
    }
}

impl Error {
    pub(super) fn refusal(&self) -> Refusal {
        let mut refusal = Refusal::new(400, &self.code, self.message.clone());
        refusal.details.clone_from(&self.details);
        refusal
    }
}

/// How a race shows.
pub(super) enum Shows {
    /// The request is refused.
    AtOnce(Refusal),
    /// The operation fails.
    InTheEnd(Refusal),
}

impl Race {
    /// The refusal of a request for `path`, in the words of the test records of
    /// Azure/terraform's quickstarts and of the issues of azurerm.
    pub(super) fn shows(self, cx: &Cx<'_>, path: &str) -> Shows {
        let kind = ResourceId::parse(path).map(|id| id.resource_type()).unwrap_or_default();
        let noun = kinds::find(&kind).map_or("resource", |kind| kind.noun);
        let name = path.rsplit('/').next().unwrap_or_default();
        match self {
            Self::AnotherOperationInProgress => Shows::AtOnce(Refusal::new(
                409,
                "AnotherOperationInProgress",
                format!(
                    "Another operation on this or dependent resource is in progress. To retrieve status of the \
                     operation use uri: {}/subscriptions/{}/providers/Microsoft.Network/locations/eastus/operations/{}\
                     ?api-version=2025-01-01.",
                    cx.base,
                    super::SUBSCRIPTION,
                    stable_guid(path)
                ),
            )),
            Self::RetryableError => Shows::InTheEnd(
                Refusal::new(429, "RetryableError", "A retryable error occurred.")
                    .detail("ReferencedResourceNotProvisioned", not_provisioned(path)),
            ),
            Self::ReferencedResourceNotProvisioned => {
                Shows::AtOnce(Refusal::new(400, "ReferencedResourceNotProvisioned", not_provisioned(path)))
            }
            Self::StorageAccountOperationInProgress => Shows::InTheEnd(Refusal::new(
                409,
                "StorageAccountOperationInProgress",
                "Call to Microsoft.Storage/storageAccounts failed. Error message: An operation is currently performing \
                 on this storage account that requires exclusive access.",
            )),
            Self::ConflictError => Shows::InTheEnd(Refusal::new(
                409,
                "ConflictError",
                format!(
                    "Call to Microsoft.KeyVault/vaults failed. Error message: A conflict occurred that prevented the \
                     operation from completing. The operation failed because the Key Vault '{name}' changed from the \
                     point the operation began."
                ),
            )),
            Self::InternalServerError => {
                Shows::InTheEnd(Refusal::new(500, "InternalServerError", "An error occurred."))
            }
            Self::PrincipalNotFound => Shows::AtOnce(Refusal::new(
                400,
                "PrincipalNotFound",
                format!(
                    "Principal {} does not exist in the directory {}. If you are creating this principal and then \
                     immediately assigning a role, this error might be related to a replication delay.",
                    stable_guid(path),
                    super::TENANT
                ),
            )),
            Self::FailedIdentityOperation => Shows::AtOnce(Refusal::new(
                400,
                "FailedIdentityOperation",
                format!(
                    "Identity operation for resource '{path}' failed with error 'Failed to perform resource identity \
                     operation. Status: 'BadRequest'. Response: the identity was not found.'."
                ),
            )),
            Self::ResourceNotFound => Shows::AtOnce(
                Refusal::new(404, "ResourceNotFound", format!("The {noun} '{name}' was not found.")).gateway(),
            ),
            Self::TooManyRequests => Shows::AtOnce(
                Refusal::new(
                    429,
                    "TooManyRequests",
                    "The number of requests for the subscription exceeded the limit. Please try again after '1' \
                     seconds.",
                )
                .gateway()
                .retry_after(1),
            ),
            Self::ServiceUnavailable => Shows::AtOnce(
                Refusal::new(503, "ServiceUnavailable", "The service is unavailable. Please try again.")
                    .retry_after(1),
            ),
            Self::GatewayTimeout => Shows::AtOnce(
                Refusal::new(
                    504,
                    "GatewayTimeout",
                    "The gateway did not receive a response from the resource provider within the specified time \
                     period.",
                )
                .gateway(),
            ),
        }
    }
}

fn not_provisioned(path: &str) -> String {
    format!(
        "Cannot proceed with operation because a resource used by resource {path} is not in Succeeded state. Resource \
         is in Updating state and the last operation that updated/is updating the resource is PutSubnetOperation."
    )
}

/// How long an answer is to be held back; in the extensions of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delay(pub Duration);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, text, fits) in [
            ("*", "", true),
            ("a*c", "abc", true),
            ("a*c", "ac", true),
            ("a*c", "acd", false),
            ("*/subnets/*", "/x/subnets/y", true),
            ("abc", "abc", true),
            ("abc", "abcd", false),
            ("a*b*c", "a-b-b-c", true),
            ("*b", "ab", true),
            ("aa*aa", "aaa", false),
        ] {
            assert_eq!(matches_glob(pattern, text), fits, "{pattern} {text}");
        }
    }

    #[test]
    fn a_script_says_where_it_is_wrong() {
        let wrong = |text: &str| text.parse::<Script>().unwrap_err();
        assert!(wrong(r#"{"faults":[{"produce":{"explode":1}}]}"#).contains("explode"));
        assert!(wrong(r#"{"faults":[{"produce":{"slow":-1}}]}"#).starts_with("faults[0]: produce.slow"));
        assert!(wrong(r#"{"faults":[{"match":{"chance":2},"produce":{"slow":1}}]}"#).contains("chance"));
        assert!(wrong(r#"{"faults":[{"match":{"verb":"PUT"},"produce":{"slow":1}}]}"#).contains("verb"));
        assert!(wrong(r#"{"faults":[{"produce":{"answer":{"status":42}}}]}"#).contains("status"));
        assert!(wrong(r#"{"settings":{"quotas":{"Contoso/x":1}}}"#).contains("Contoso/x"));
        let script: Script =
            r#"{"settings":{"quotas":{"microsoft.network/routetables":1}}}"#.parse().unwrap();
        assert_eq!(script.settings.quotas.get("Microsoft.Network/routeTables"), Some(&1));
    }

    #[test]
    fn chance_is_fair_and_the_same_for_a_seed() {
        let struck = (0..1000).filter(|seen| draw(1, "rule", "", *seen) < 0.2).count();
        assert!((150..250).contains(&struck), "{struck}");
        assert!((draw(1, "rule", "", 7) - draw(1, "rule", "", 7)).abs() < f64::EPSILON);
        assert!((draw(1, "rule", "", 7) - draw(2, "rule", "", 7)).abs() > f64::EPSILON);
    }
}
