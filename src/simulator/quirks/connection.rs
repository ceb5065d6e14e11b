//! The target's side of private endpoints: its owner approves or rejects.

use crate::simulator::Cx;
use crate::simulator::answer::{Outcome, no_resource};
use crate::simulator::quirks::Quirk;
use crate::simulator::write::Draft;

pub(super) struct Connection;

impl Quirk for Connection {
    fn accept(&self, _cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        match &draft.old {
            None => Err(no_resource(&draft.id).into()),
            Some(old) => {
                // Whose endpoint it is was decided when it was made.
                let mut written = old.written.clone();
                crate::simulator::body::merge(&mut written, &draft.written);
                draft.written = written;
                Ok(())
            }
        }
    }
}
