//! Takes secrets out of what Azure, or something in between, says back.
//!
//! ARM's own errors hold none. A proxy or a gateway may answer with the request
//! that it was sent, and some services put connection strings into their
//! messages. Errors go to the log, to the terminal and into bug reports.

use std::sync::OnceLock;

use http::HeaderValue;
use regex::{Captures, Regex};

use super::{Cause, Refusal};

/// What stands in the place of a secret.
const REMOVED: &str = "(removed)";

/// Shorter texts are no secrets, and would be found inside of words.
const SECRET_LEAST: usize = 6;

/// How secrets look, each with what is kept of it before the secret itself.
const SHAPES: &[&str] = &[
    // An Authorization header. Words are shorter than any token.
    r"(?i)(\b(?:bearer|basic|sharedkey(?:lite)?)\s+)[A-Za-z0-9._~+/=:-]{20,}",
    // A JSON web token: base64 of `{"`.
    r"()\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,4}",
    // Forms, queries of signed urls, and connection strings.
    r#"(?i)(\b(?:accountkey|sharedaccesskey|sharedaccesssignature|sig|client_secret|client_assertion|assertion|refresh_token|access_token|password|pwd)=)[^;&\s"'<>,]+"#,
    // Members of JSON, quoted once or within a text.
    r#"(?i)(\\?"(?:[a-z_]*(?:secret|password|token|assertion)|(?:primary|secondary|account|shared|access|storage|workspace|primaryshared|secondaryshared)_?key|(?:[a-z_]*)connection_?string)\\?"\s*:\s*\\?")[^"\\]+"#,
];

fn shapes() -> &'static [Regex] {
    static COMPILED: OnceLock<Vec<Regex>> = OnceLock::new();
    // A test holds that all of them are expressions.
    COMPILED.get_or_init(|| SHAPES.iter().filter_map(|shape| Regex::new(shape).ok()).collect())
}

/// `text` without what looks like a secret, and without `known` ones.
pub(super) fn redact(text: &str, known: &[&str]) -> String {
    let mut text = text.to_owned();
    for secret in known.iter().filter(|secret| secret.len() >= SECRET_LEAST) {
        text = text.replace(secret, REMOVED);
    }
    for shape in shapes() {
        let kept = |found: &Captures<'_>| format!("{}{REMOVED}", &found[1]);
        text = shape.replace_all(&text, kept).into_owned();
    }
    text
}

/// A cause without secrets, the token that was sent among them.
pub(super) fn cause(cause: Cause, sent: Option<&HeaderValue>) -> Cause {
    let token = sent.and_then(|header| header.to_str().ok()).unwrap_or_default();
    let token = token.split_once(' ').map_or(token, |(_, token)| token);
    let clean = |text: &str| redact(text, &[token]);
    match cause {
        Cause::Refused(refusal) => Cause::Refused(refused(refusal, &clean)),
        Cause::Unreachable(text) => Cause::Unreachable(clean(&text)),
        Cause::Unreadable(text) => Cause::Unreadable(clean(&text)),
        Cause::SignIn(text) => Cause::SignIn(clean(&text)),
        // What was in the way was cleaned when it was met.
        Cause::TimedOut(_) | Cause::Stopped => cause,
    }
}

fn refused(refusal: Refusal, clean: &impl Fn(&str) -> String) -> Refusal {
    Refusal {
        status: refusal.status,
        code: clean(&refusal.code),
        message: clean(&refusal.message),
        target: refusal.target.as_deref().map(clean),
        details: refusal.details.into_iter().map(|detail| refused(detail, clean)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CANARY: &str = "eyJ0eXAiOiJKV1QifQ.Q0FOQVJZ.c2lnbmF0dXJl";

    #[test]
    fn every_shape_is_an_expression() {
        assert_eq!(shapes().len(), SHAPES.len());
    }

    #[test]
    fn a_secret_is_taken_out_wherever_it_stands() {
        for (text, want) in [
            (format!("headers: Authorization: Bearer {CANARY}"), "headers: Authorization: Bearer (removed)"),
            (format!("the token {CANARY} is not valid"), "the token (removed) is not valid"),
            (
                "DefaultEndpointsProtocol=https;AccountName=st;AccountKey=a+b/c==;EndpointSuffix=x"
                    .to_owned(),
                "DefaultEndpointsProtocol=https;AccountName=st;AccountKey=(removed);EndpointSuffix=x",
            ),
            (
                "https://x/operations/1?api-version=1&sig=a%2Fb&se=1".to_owned(),
                "https://x/operations/1?api-version=1&sig=(removed)&se=1",
            ),
            (
                "grant_type=client_credentials&client_secret=x~y.z&scope=s".to_owned(),
                "grant_type=client_credentials&client_secret=(removed)&scope=s",
            ),
            (
                r#"{"properties":{"primaryKey":"abc","adminPassword":"p w","keyVault":"/id"}}"#.to_owned(),
                r#"{"properties":{"primaryKey":"(removed)","adminPassword":"(removed)","keyVault":"/id"}}"#,
            ),
            (
                r#"{\"access_token\": \"abc\", \"expires_in\": 1}"#.to_owned(),
                r#"{\"access_token\": \"(removed)\", \"expires_in\": 1}"#,
            ),
        ] {
            assert_eq!(redact(&text, &[]), want);
        }
    }

    #[test]
    fn azures_own_sentences_stay_as_they_are() {
        for text in [
            "The client 'x' with object id '00000000-0000-0000-0000-000000000001' does not have authorization.",
            "Authentication failed. The 'Authorization' header is missing a bearer authentication token.",
            "A vault with the same name already exists in deleted state.",
            "AADSTS7000215: Invalid client secret provided.",
            "Subnet /subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v/subnets/s is in use",
        ] {
            assert_eq!(redact(text, &[]), text);
        }
    }

    proptest! {
        #[test]
        fn what_was_sent_never_comes_back(before in ".{0,40}", token in "[A-Za-z0-9._~-]{8,60}", after in ".{0,40}") {
            let header = HeaderValue::from_str(&format!("Bearer {token}")).unwrap();
            let said = Cause::Unreadable(format!("{before}{token}{after}"));
            let Cause::Unreadable(text) = cause(said, Some(&header)) else { unreachable!() };
            prop_assert!(!text.contains(&token), "{}", text);
        }
    }
}
