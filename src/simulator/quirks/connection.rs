//! The target's side of private endpoints: its owner approves or rejects.

use serde_json::Value;

use crate::simulator::answer::{Outcome, no_resource};
use crate::simulator::quirks::{Quirk, private_link};
use crate::simulator::write::Draft;
use crate::simulator::{Cx, body, rights};

/// Where the owner's answer stands.
const STATUS: &str = "properties.privateLinkServiceConnectionState.status";

pub(super) struct Connection;

impl Quirk for Connection {
    fn accept(&self, cx: &Cx<'_>, draft: &mut Draft) -> Outcome<()> {
        match &draft.old {
            None => Err(no_resource(&draft.id).into()),
            Some(old) => {
                // Whose endpoint it is was decided when it was made.
                let mut written = old.written.clone();
                body::merge(&mut written, &draft.written);
                let status = |body: &Value| body::text(body, STATUS).unwrap_or_default().to_ascii_lowercase();
                if status(&written) == "approved"
                    && status(&old.written) != "approved"
                    && let Some(target) = draft.id.parent()
                {
                    rights::require(cx, &private_link::approval(&target), target.as_str())?;
                }
                draft.written = written;
                Ok(())
            }
        }
    }
}
