//! Resource groups.

use crate::simulator::Cx;
use crate::simulator::answer::{Outcome, Refusal};
use crate::simulator::quirks::Quirk;
use crate::simulator::store::Resource;
use crate::simulator::write::Draft;

pub(super) struct ResourceGroup;

impl Quirk for ResourceGroup {
    fn accept(&self, _cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        if draft.old.as_ref().is_some_and(|old| old.state == "Deleting") {
            return Err(Refusal::new(
                409,
                "ResourceGroupBeingDeleted",
                format!(
                    "The resource group '{}' is in deprovisioning state and cannot perform this operation.",
                    draft.id.name()
                ),
            )
            .into());
        }
        Ok(())
    }

    fn release(&self, _cx: &Cx<'_>, _resource: &Resource) -> Outcome<()> {
        // What blocks it is found when it is emptied.
        Ok(())
    }
}
