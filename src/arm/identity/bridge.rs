//! Lets Azure's identity library speak through our transport, so that there is
//! one seam to the network for tokens too.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use azure_core::cloud::{CloudConfiguration, CustomConfiguration};
use azure_core::credentials::AccessToken;
use azure_core::error::{Error, ErrorKind};
use azure_core::http::headers::{HeaderName, HeaderValue, Headers};
use azure_core::http::{
    AsyncRawResponse, Body, ClientOptions, HttpClient, Pipeline, PipelineSendOptions, Request,
    Transport as CoreTransport,
};
use azure_core::time::OffsetDateTime;
use serde_json::Value as Json;

use crate::arm::{Cloud, Transport};

/// [`Transport`] as the identity library wants to see one.
struct Bridge(Arc<dyn Transport>);

impl fmt::Debug for Bridge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bridge")
    }
}

#[async_trait]
impl HttpClient for Bridge {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let malformed = |error: http::Error| Error::new(ErrorKind::DataConversion, error);
        let mut builder =
            http::Request::builder().method(request.method().as_str()).uri(request.url().as_str());
        for (name, value) in request.headers().iter() {
            let mut value = http::HeaderValue::from_str(value.as_str()).map_err(|e| malformed(e.into()))?;
            value.set_sensitive(true);
            builder = builder.header(name.as_str(), value);
        }
        let body = match request.body() {
            Body::Bytes(bytes) => bytes.to_vec(),
            // Token requests are short forms.
            Body::SeekableStream(_) => {
                return Err(Error::with_message(
                    ErrorKind::DataConversion,
                    "a token request is not a stream",
                ));
            }
        };
        let answer = self.0.send(builder.body(body).map_err(malformed)?).await.map_err(|error| {
            let kind = if error.unsent { ErrorKind::Connection } else { ErrorKind::Io };
            Error::with_message(kind, error.message)
        })?;
        let headers: HashMap<_, _> = answer
            .headers()
            .iter()
            .filter_map(|(name, value)| {
                let value = HeaderValue::from(value.to_str().ok()?.to_owned());
                Some((HeaderName::from(name.as_str().to_owned()), value))
            })
            .collect();
        let status = answer.status().as_u16().into();
        Ok(AsyncRawResponse::from_bytes(status, Headers::from(headers), answer.into_body()))
    }
}

/// The identity library's options for a cloud: its authority, our transport.
/// Its own retries stay: a minute at most, which is right for a token.
pub(super) fn options(cloud: &Cloud, transport: &Arc<dyn Transport>) -> ClientOptions {
    let mut custom = CustomConfiguration::default();
    custom.authority_host = cloud.authority.to_string();
    ClientOptions {
        transport: Some(CoreTransport::new(Arc::new(Bridge(Arc::clone(transport))))),
        cloud: Some(Arc::new(CloudConfiguration::Custom(custom))),
        ..ClientOptions::default()
    }
}

/// A pipeline for what the identity library has no credential for.
pub(super) fn pipeline(cloud: &Cloud, transport: &Arc<dyn Transport>) -> Pipeline {
    Pipeline::new(
        Some("amlsecure"),
        Some(env!("CARGO_PKG_VERSION")),
        options(cloud, transport),
        Vec::new(),
        Vec::new(),
        None,
    )
}

/// Sends a request and reads its JSON. An error says who refused and with what
/// status; never what was sent, and of the answer only an OAuth description.
pub(super) async fn ask(pipeline: &Pipeline, who: &str, mut request: Request) -> azure_core::Result<Json> {
    let options = PipelineSendOptions { skip_checks: true, ..PipelineSendOptions::default() };
    let answer = pipeline.send(&azure_core::http::Context::new(), &mut request, Some(options)).await?;
    let json = serde_json::from_slice::<Json>(answer.body().as_ref());
    if answer.status().is_success() {
        return json.map_err(|_| failure(format!("{who} answers with something that is not JSON")));
    }
    let said = json
        .ok()
        .and_then(|json| Some(json.get("error_description").or(json.get("message"))?.as_str()?.to_owned()))
        .map_or_else(String::new, |text| format!(": {text}"));
    Err(failure(format!("{who} answers {}{said}", answer.status())))
}

/// A sign-in that failed, in words.
pub(super) fn failure(message: String) -> Error {
    Error::with_message(ErrorKind::Credential, message)
}

/// Reads the answer of an endpoint that hands out tokens: `expires_on` in
/// seconds since 1970 or `expires_in` from now on, as text or number.
pub(super) fn token(who: &str, json: &Json, now: OffsetDateTime) -> azure_core::Result<AccessToken> {
    let number = |key: &str| match json.get(key)? {
        Json::Number(number) => number.as_i64(),
        Json::String(text) => text.parse().ok(),
        _ => None,
    };
    let ends = number("expires_on")
        .and_then(|at| OffsetDateTime::from_unix_timestamp(at).ok())
        .or_else(|| now.checked_add(time::Duration::seconds(number("expires_in")?)));
    match (json.get("access_token").and_then(Json::as_str), ends) {
        (Some(token), Some(ends)) => Ok(AccessToken::new(token.to_owned(), ends)),
        _ => Err(failure(format!("{who} answers without access_token and expires_on"))),
    }
}
