//! Resource providers: whether the subscription may use the services at all.

use std::fmt;
use std::time::Duration;

use serde_json::Value as Json;

use super::{Call, Cause, Client, Error};
use crate::kinds::ResourceId;

/// The namespaces that the network-isolated stack needs in its subscription.
pub const NAMESPACES: &[&str] = &[
    "Microsoft.Authorization",
    "Microsoft.Compute",
    "Microsoft.ContainerRegistry",
    "Microsoft.Insights",
    "Microsoft.KeyVault",
    "Microsoft.MachineLearningServices",
    "Microsoft.ManagedIdentity",
    "Microsoft.Network",
    "Microsoft.OperationalInsights",
    "Microsoft.Storage",
];

/// The version of Microsoft.Resources' provider endpoints that azurerm asks too.
const API_VERSION: &str = "2022-09-01";

/// The pause between two looks at a registration; azurerm's.
const PAUSE: Duration = Duration::from_secs(10);

/// How often a registration is looked at: a quarter of an hour, while most take
/// one or two minutes.
const LOOKS_MOST: u32 = 90;

/// What `resource_provider_registrations` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Registrations {
    /// Look once, and say which are missing: the default, as whoever may build
    /// in a resource group often may not register providers.
    #[default]
    Check,
    /// Register what is missing.
    Register,
    /// Ask nothing.
    None,
}

impl Registrations {
    /// Reads azurerm's words. Its sets differ by which other services they
    /// hold; ours is always exactly what the composites need.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "core" | "extended" | "all" | "legacy" => Some(Self::Register),
            "none" => Some(Self::None),
            _ => None,
        }
    }
}

/// Namespaces that the subscription is not registered for. Displayed, it says
/// how to register them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unregistered {
    /// The subscription's GUID.
    pub subscription: String,
    /// The namespaces, in the order they were asked for.
    pub namespaces: Vec<String>,
}

impl fmt::Display for Unregistered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { subscription, namespaces } = self;
        write!(f, "the subscription {subscription} is not registered for {}. ", namespaces.join(", "))?;
        write!(f, "Someone with Contributor rights on it can register it once:")?;
        for namespace in namespaces {
            write!(f, "\n  az provider register --namespace {namespace} --subscription {subscription}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Unregistered {}

impl Client {
    /// Which of `namespaces` the subscription of `scope` is not registered for,
    /// by one request (and its pages).
    pub async fn unregistered(
        &self,
        call: &Call,
        scope: &ResourceId,
        namespaces: &[&str],
    ) -> Result<Vec<String>, Error> {
        let path = format!("/subscriptions/{}/providers", scope.subscription_id());
        let providers = self.read_all(call, &path, API_VERSION).await?;
        let registered = |namespace: &str| {
            providers.iter().any(|provider| {
                let name = provider.get("namespace").and_then(Json::as_str);
                name.is_some_and(|name| name.eq_ignore_ascii_case(namespace)) && is_registered(provider)
            })
        };
        Ok(namespaces.iter().filter(|name| !registered(name)).map(|name| (*name).to_owned()).collect())
    }

    /// Registers the subscription of `scope` for one namespace, and returns
    /// when ARM says that it is.
    pub async fn register(&self, call: &Call, scope: &ResourceId, namespace: &str) -> Result<(), Error> {
        let path = format!("/subscriptions/{}/providers/{namespace}", scope.subscription_id());
        let mut provider = self.post(call, &format!("{path}/register"), API_VERSION, None).await?;
        for _ in 0..LOOKS_MOST {
            if is_registered(&provider) {
                return Ok(());
            }
            self.wait(call, &path, PAUSE).await?;
            provider = self.read(call, &path, API_VERSION).await?.unwrap_or_default();
        }
        Err(Error {
            cause: Cause::TimedOut(None),
            request: format!("POST {path}/register"),
            correlation_id: Some(call.correlation.to_string()),
            tries: 1,
            elapsed: PAUSE * LOOKS_MOST,
        })
    }
}

fn is_registered(provider: &Json) -> bool {
    let state = provider.get("registrationState").and_then(Json::as_str);
    state.is_some_and(|state| state.eq_ignore_ascii_case("Registered"))
}
