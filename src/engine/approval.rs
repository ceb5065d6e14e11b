//! Approvals: what stands and is of no use before the owner of what it leads
//! to says so.
//!
//! Azure writes such a resource at once and says that it succeeded. Its answer
//! tells how the owner stands to it, and a kind's table tells where
//! ([`Approval`]). A write of ours ends when the approval is there, unless the
//! composite only asks for it; where the composite gives it in the owner's
//! place, that is a write of what the owner keeps of it, under a name that
//! Azure chose.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde_json::Value as Json;
use tracing::info;

use super::Engine;
use super::diff::{Difference, Side};
use super::graph::{Consent, Graph, IN_THE_OWNERS_PLACE, Key, Node};
use super::merge::Merger;
use super::outcome::Trouble;
use super::place::{at, set};
use super::resolve::Want;
use super::world::World;
use super::write::Write;
use crate::arm::{self, Body, Call, Cause, Condition, News};
use crate::kinds::{self, Approval, Kind, ResourceId};

/// How often a write looks whether its approval has come. A person gives it,
/// and an answer that is seen a quarter of a minute late keeps nobody waiting.
const PAUSE: Duration = Duration::from_secs(15);

/// Something that stands without the approval that it needs.
///
/// Prints as a clause; [`Unapproved::next`] says what to do about it.
#[derive(Debug, Clone)]
pub struct Unapproved {
    /// Azure's word for how it stands: `Pending`, `Rejected`, `Disconnected`.
    pub status: String,
    /// The resource that it leads to, whose owner approves.
    pub of: String,
    /// What the owner keeps of it, and approves there, where that could be read.
    pub kept: Option<ResourceId>,
    /// Where in the body it says what it leads to.
    pub(super) asked_at: String,
    /// What the owner says.
    said: String,
    list: &'static str,
    name: String,
    asker: ResourceId,
    approval: &'static Approval,
}

impl Unapproved {
    fn is(&self, word: &str) -> bool {
        self.status.eq_ignore_ascii_case(word)
    }

    /// Whether an answer may still come by itself.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.is(self.approval.pending)
    }

    fn is_lost(&self) -> bool {
        self.is(self.approval.lost)
    }

    /// Who has to do what, and the command for it on a line of its own.
    #[must_use]
    pub fn next(&self) -> String {
        if self.is_lost() {
            return "No approval brings it back. Run terraform plan again: it replaces the endpoint."
                .to_owned();
        }
        let kind = ResourceId::parse(&self.of).map(|of| of.resource_type()).unwrap_or_default();
        let who = format!("Whoever has the right to {kind}/{}Approval/action there", self.approval.kept_in);
        let approve = "az network private-endpoint-connection approve";
        match &self.kept {
            Some(kept) => format!("{who} approves it with\n\n    {approve} --id {kept}"),
            None => format!(
                "{who} looks up the id of this connection and approves it with\n\n    \
                 az network private-endpoint-connection list --id {}\n    {approve} --id ID",
                self.of
            ),
        }
    }
}

impl fmt::Display for Unapproved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { status, of, said, .. } = self;
        match (self.is_pending(), self.is_lost()) {
            (true, _) => write!(f, "the owner of {of} has not approved the connection yet: it is {status}")?,
            (_, true) => write!(f, "the connection was removed at {of}, or that is gone: it is {status}")?,
            _ => write!(f, "the owner of {of} does not approve the connection: it is {status}")?,
        }
        if said.is_empty() { Ok(()) } else { write!(f, " ({said})") }
    }
}

/// Everything of a body that stands without its approval.
fn unapproved(kind: &'static Kind, id: &ResourceId, body: &Json) -> Vec<Unapproved> {
    let mut found = Vec::new();
    for property in kind.properties {
        let Some(approval) = property.approval else { continue };
        let items = at(body, property.path).and_then(Json::as_array);
        for (position, item) in items.into_iter().flatten().enumerate() {
            let text = |path: &str| at(item, path).and_then(Json::as_str).unwrap_or_default().to_owned();
            let status = text(approval.status);
            if status.is_empty() || status.eq_ignore_ascii_case(approval.given) {
                continue;
            }
            found.push(Unapproved {
                status,
                of: text(approval.of),
                kept: None,
                asked_at: format!("{}[{position}].{}", property.path, approval.of),
                said: text(approval.said),
                list: property.path,
                name: text("name"),
                asker: id.clone(),
                approval,
            });
        }
    }
    found
}

/// The approvals that a node should have and has not. Only what is lost needs
/// another resource to ask anew.
pub(super) fn lacking(node: &Node, body: &Json) -> Vec<Difference> {
    let Some(id) = &node.id else { return Vec::new() };
    unapproved(node.kind, id, body)
        .into_iter()
        .filter(|one| !(one.is_pending() && node.consent == Consent::Requested))
        .map(|one| Difference {
            path: format!("{}[{}].{}", one.list, one.name, one.approval.status),
            fixed: one.is_lost(),
            have: Side::Value(one.status.into()),
            want: Side::Value(one.approval.given.into()),
        })
        .collect()
}

impl Engine {
    /// Everything of ours that stands without its approval, and where that is
    /// given, as far as we may look.
    pub async fn unapproved(&self, graph: &Graph, world: &World, call: &Call) -> Vec<(Key, Unapproved)> {
        let mut found = Vec::new();
        for node in graph.managed() {
            let Some((id, body)) = node.id.as_ref().and_then(|id| Some((id, world.body(id)?))) else {
                continue;
            };
            for mut one in unapproved(node.kind, id, body) {
                self.look_up(call, &mut one).await;
                found.push((node.key.clone(), one));
            }
        }
        found
    }

    /// Waits until what was written has the approvals that it needs, or gives
    /// them, and returns the body that it has then.
    pub(super) async fn approved(&self, call: &Call, write: &Write, written: Json) -> Result<Json, Trouble> {
        let Some(consent) = write.consent else { return Ok(written) };
        let mut body = written;
        let mut waiting: Option<Unapproved> = None;
        loop {
            let all = unapproved(write.kind, &write.id, &body);
            let asked = |one: &Unapproved| one.is_pending() && consent == Consent::Requested;
            let Some(mut one) = all.into_iter().find(|one| !asked(one)) else { return Ok(body) };
            let refused = !one.is_pending() && consent != Consent::Given;
            if refused || one.is_lost() {
                self.look_up(call, &mut one).await;
                return Err(Trouble::Unapproved(Box::new(one)));
            }
            let given = consent == Consent::Given && self.give(call, &one).await?;
            if !given {
                let first = waiting.is_none();
                one.kept = waiting.and_then(|before| before.kept);
                if first {
                    self.look_up(call, &mut one).await;
                    info!(id = %write.id, of = one.of, status = one.status, "waiting for an approval");
                    if let Some(listener) = &call.listener {
                        listener.hear(News::Running { status: one.status.clone(), percent: None });
                    }
                    // It may take hours, and nothing of ours is written meanwhile.
                    if let Some(turn) = call.turn.as_ref().filter(|_| consent == Consent::Awaited) {
                        turn.give_way();
                    }
                }
                match self.client.wait(call, write.id.as_str(), PAUSE).await {
                    Err(error) if matches!(error.cause, Cause::TimedOut(_)) => {
                        return Err(Trouble::Unapproved(Box::new(one)));
                    }
                    waited => waited.map_err(azure)?,
                }
                waiting = Some(one);
            }
            let read = self.client.get(call, write.kind, &write.id).await.map_err(azure)?;
            body = read.ok_or(Trouble::Vanished)?;
        }
    }

    /// Approves in the owner's place. Says whether there was something to
    /// approve: Azure may not have told the owner yet.
    async fn give(&self, call: &Call, one: &Unapproved) -> Result<bool, Trouble> {
        let Some((kind, id, body)) = self.kept(call, one).await.map_err(azure)? else { return Ok(false) };
        let approval = one.approval;
        let status = at(&body, approval.status).and_then(Json::as_str).unwrap_or_default();
        if status.eq_ignore_ascii_case(approval.given) {
            return Ok(false);
        }
        let merger = Merger { kind, ignore: &self.settings.ignore_tags };
        let mut body = merger.put(&body, &Want::Object(BTreeMap::new()), None);
        set(&mut body, approval.status, approval.given.into());
        set(&mut body, approval.said, IN_THE_OWNERS_PLACE.into());
        let body = Body(body);
        self.client.put(call, kind, &id, &body, &Condition::Always).await.map_err(azure)?;
        Ok(true)
    }

    /// What the owner keeps of it. Azure names it, so it is found by who asks.
    async fn kept(
        &self,
        call: &Call,
        one: &Unapproved,
    ) -> Result<Option<(&'static Kind, ResourceId, Json)>, arm::Error> {
        let Ok(of) = ResourceId::parse(&one.of) else { return Ok(None) };
        let Some(kind) = kinds::find(&format!("{}/{}", of.resource_type(), one.approval.kept_in)) else {
            return Ok(None);
        };
        let all = self.client.list(call, kind, &of).await?;
        let asks = |item: &Json| {
            let asker = at(item, one.approval.asker).and_then(Json::as_str);
            asker.and_then(|text| ResourceId::parse(text).ok()).is_some_and(|id| id == one.asker)
        };
        let found = all.into_iter().find(asks);
        Ok(found.and_then(|item| Some((kind, ResourceId::of(&item)?, item))))
    }

    /// Completes the id that a message names; who may not look has to go without.
    async fn look_up(&self, call: &Call, one: &mut Unapproved) {
        if let Ok(Some((_, id, _))) = self.kept(call, one).await {
            one.kept = Some(id);
        }
    }
}

fn azure(error: arm::Error) -> Trouble {
    Trouble::Azure(Box::new(error))
}
