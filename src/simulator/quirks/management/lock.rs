//! Management locks. What they forbid is looked at before any service is asked.

use crate::simulator::Cx;
use crate::simulator::answer::{Outcome, Refusal};
use crate::simulator::quirks::Quirk;
use crate::simulator::write::Draft;

/// How many characters the notes of a lock have.
const NOTES: usize = 512;

pub(super) struct Lock;

impl Quirk for Lock {
    fn accept(&self, _cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        if draft.text("properties.notes").is_some_and(|notes| notes.chars().count() > NOTES) {
            return Err(Refusal::new(
                400,
                "InvalidLockNotes",
                format!("The notes of a lock have at most {NOTES} characters."),
            )
            .into());
        }
        Ok(())
    }
}
