//! ARM resource ids: parsed by segment, compared without regard to case.
//!
//! ARM keeps the casing of the last writer and some services answer with
//! another, so two spellings of one id are one id here (resource provider
//! contract, "resource ids").

use std::fmt;
use std::hash::{Hash, Hasher};

use serde_json::Value as Json;

use super::Kind;

/// The id of one ARM resource, resource group or subscription.
///
/// It keeps the spelling it was given; equality, order and hash ignore case.
#[derive(Clone)]
pub struct ResourceId(String);

/// Why a text is not a resource id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not an Azure resource id: {reason}")]
pub struct IdError {
    /// The text as it was given.
    pub text: String,
    /// What is wrong with it, in words.
    pub reason: &'static str,
}

impl ResourceId {
    /// The id that Azure gives with a resource it shows.
    #[must_use]
    pub fn of(body: &Json) -> Option<Self> {
        Self::parse(body.get("id")?.as_str()?).ok()
    }

    /// Reads an id such as
    /// `/subscriptions/{s}/resourceGroups/{rg}/providers/{namespace}/{type}/{name}`.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let fail = |reason| IdError { text: text.to_owned(), reason };
        let rest = text.strip_prefix('/').ok_or_else(|| fail("it must begin with /"))?;
        let segments: Vec<&str> = rest.split('/').collect();
        if segments.iter().any(|s| s.is_empty()) {
            return Err(fail("it has an empty segment"));
        }
        if segments.iter().any(|s| s.contains(['?', '#', '%', '\\', '<', '>', '&', ':'])) {
            return Err(fail("it has a character that no Azure name may have"));
        }
        if !segments[0].eq_ignore_ascii_case("subscriptions") {
            return Err(fail("it must begin with /subscriptions/"));
        }
        if segments.len() < 2 || uuid::Uuid::parse_str(segments[1]).is_err() {
            return Err(fail("the subscription is not a GUID"));
        }
        let mut at = 2;
        if at < segments.len() && segments[at].eq_ignore_ascii_case("resourceGroups") {
            if segments.len() < 4 {
                return Err(fail("the resource group has no name"));
            }
            at = 4;
        }
        while at < segments.len() {
            if !segments[at].eq_ignore_ascii_case("providers") {
                return Err(fail("/providers/ is expected after the scope"));
            }
            let end = (at + 1..segments.len())
                .find(|i| segments[*i].eq_ignore_ascii_case("providers"))
                .unwrap_or(segments.len());
            // namespace, then pairs of type and name
            let parts = end - at - 1;
            if parts < 3 || parts.is_multiple_of(2) {
                return Err(fail("after /providers/ come a namespace and pairs of type and name"));
            }
            at = end;
        }
        Ok(Self(text.to_owned()))
    }

    /// The id of a subscription.
    pub fn subscription(id: &str) -> Result<Self, IdError> {
        Self::parse(&format!("/subscriptions/{id}"))
    }

    /// The resource group `name` in the subscription of `self`.
    #[must_use]
    pub fn resource_group(&self, name: &str) -> Self {
        Self(format!("/subscriptions/{}/resourceGroups/{name}", self.subscription_id()))
    }

    /// The resource of `kind` named `name` in this scope: a child where `kind`
    /// is a child type of this resource's own, otherwise a top-level or
    /// extension resource under `/providers/`.
    #[must_use]
    pub fn child(&self, kind: &Kind, name: &str) -> Self {
        if kind.resource_type == "Microsoft.Resources/resourceGroups" {
            return self.resource_group(name);
        }
        let own = self.resource_type();
        if let Some(segment) =
            strip_prefix_ignore_case(kind.resource_type, &own).and_then(|rest| rest.strip_prefix('/'))
            && !segment.contains('/')
        {
            return Self(format!("{}/{segment}/{name}", self.0));
        }
        Self(format!("{}/providers/{}/{name}", self.0, kind.resource_type))
    }

    /// The id as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last segment.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// The subscription's GUID.
    #[must_use]
    pub fn subscription_id(&self) -> &str {
        self.0.split('/').nth(2).unwrap_or_default()
    }

    /// The name of the resource group, where the id lies in one.
    #[must_use]
    pub fn resource_group_name(&self) -> Option<&str> {
        let mut parts = self.0.split('/').skip(3);
        parts.next().filter(|s| s.eq_ignore_ascii_case("resourceGroups")).and_then(|_| parts.next())
    }

    /// The id of the resource group, where the id lies in one.
    #[must_use]
    pub fn resource_group_id(&self) -> Option<Self> {
        self.resource_group_name().map(|name| self.resource_group(name))
    }

    /// `Microsoft.Network/virtualNetworks/subnets`; resource groups and
    /// subscriptions are `Microsoft.Resources/resourceGroups` and
    /// `Microsoft.Resources/subscriptions`.
    #[must_use]
    pub fn resource_type(&self) -> String {
        let segments: Vec<&str> = self.0.split('/').skip(1).collect();
        match segments.iter().rposition(|s| s.eq_ignore_ascii_case("providers")) {
            Some(at) => {
                let rest = &segments[at + 1..];
                let mut parts = vec![rest[0]];
                parts.extend(rest[1..].iter().step_by(2));
                parts.join("/")
            }
            None if segments.len() >= 4 => "Microsoft.Resources/resourceGroups".to_owned(),
            None => "Microsoft.Resources/subscriptions".to_owned(),
        }
    }

    /// Whether this is a resource of `kind`.
    #[must_use]
    pub fn is(&self, kind: &Kind) -> bool {
        self.resource_type().eq_ignore_ascii_case(kind.resource_type)
    }

    /// The resource this one lies in: the parent resource, the scope of an
    /// extension, the resource group; `None` for a subscription.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let segments: Vec<&str> = self.0.split('/').skip(1).collect();
        if segments.len() <= 2 {
            return None;
        }
        let keep = match segments.iter().rposition(|s| s.eq_ignore_ascii_case("providers")) {
            // providers/ns/type/name: the scope itself; deeper: one pair less
            Some(at) if segments.len() - at <= 4 => at,
            _ => segments.len() - 2,
        };
        Some(Self(format!("/{}", segments[..keep].join("/"))))
    }

    /// Whether `self` lies under `other` (at any depth), or is it.
    #[must_use]
    pub fn within(&self, other: &Self) -> bool {
        strip_prefix_ignore_case(&self.0, &other.0)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// The form that two spellings of one id share.
    #[must_use]
    pub fn canonical(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

fn strip_prefix_ignore_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

impl PartialEq for ResourceId {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}
impl Eq for ResourceId {}
impl PartialOrd for ResourceId {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for ResourceId {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.canonical().cmp(&other.canonical())
    }
}
impl Hash for ResourceId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.canonical().hash(state);
    }
}
impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl fmt::Debug for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ResourceId({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUBSCRIPTION: &str = "/subscriptions/00000000-0000-0000-0000-000000000001";

    fn id(tail: &str) -> ResourceId {
        ResourceId::parse(&format!("{SUBSCRIPTION}{tail}")).unwrap()
    }

    #[test]
    fn two_spellings_of_one_id_are_equal() {
        assert_eq!(
            id("/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/Kv"),
            id("/resourcegroups/RG/providers/microsoft.keyvault/Vaults/kv"),
        );
    }

    #[test]
    fn types_and_parents_are_read_by_segment() {
        let subnet = id("/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v/subnets/s");
        assert_eq!(subnet.resource_type(), "Microsoft.Network/virtualNetworks/subnets");
        let network = subnet.parent().unwrap();
        assert_eq!(network.name(), "v");
        assert_eq!(network.parent().unwrap().resource_type(), "Microsoft.Resources/resourceGroups");
        assert_eq!(subnet.resource_group_name(), Some("rg"));
        let role =
            ResourceId::parse(&format!("{network}/providers/Microsoft.Authorization/roleAssignments/b"))
                .unwrap();
        assert_eq!(role.resource_type(), "Microsoft.Authorization/roleAssignments");
        assert_eq!(role.parent(), Some(network));
    }

    #[test]
    fn malformed_ids_are_refused_with_a_reason() {
        for text in [
            "",
            "/",
            "subscriptions/x",
            "/subscriptions/not-a-guid",
            "vnet-aml",
            "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups",
            "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks",
            "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups//providers/a/b/c",
            "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg?x/providers/a/b/c",
        ] {
            assert!(ResourceId::parse(text).is_err(), "{text:?}");
        }
    }
}
