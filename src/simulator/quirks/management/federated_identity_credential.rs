//! Federated credentials of an identity.

use crate::kinds::FEDERATED_IDENTITY_CREDENTIAL;
use crate::simulator::answer::{Outcome, Refusal};
use crate::simulator::quirks::Quirk;
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body};

/// How many credentials an identity may have.
const MOST: usize = 20;

pub(super) struct FederatedIdentityCredential;

impl Quirk for FederatedIdentityCredential {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        if body::values(&draft.written, "properties.audiences[]").len() != 1 {
            return Err(Refusal::new(
                400,
                "BadRequest",
                "A federated identity credential must have exactly one audience.",
            )
            .into());
        }
        let Some(identity) = draft.id.parent() else { return Ok(()) };
        let all = cx.store.children(&identity.canonical(), FEDERATED_IDENTITY_CREDENTIAL.resource_type)?;
        if draft.is_new() && all.len() >= MOST {
            return Err(Refusal::new(
                400,
                "BadRequest",
                format!(
                    "The identity '{}' already has {MOST} federated identity credentials.",
                    identity.name()
                ),
            )
            .into());
        }
        let same = |path: &str, other| body::text(other, path) == draft.text(path);
        if all.iter().any(|other| {
            other.id != draft.id
                && same("properties.issuer", &other.written)
                && same("properties.subject", &other.written)
        }) {
            return Err(Refusal::new(
                409,
                "Conflict",
                "Issuer and subject combination already exists for this Managed Identity.",
            )
            .into());
        }
        Ok(())
    }
}
