//! What is read beside resources: sizes, cores, and what belongs to a
//! workspace without being a resource.

use http::Method;

use super::{quota, workspace_actions};
use crate::kinds::ResourceId;
use crate::simulator::answer::{Answer, Outcome};
use crate::simulator::route::Request;
use crate::simulator::{Cx, body, read, validate};

/// Answers what lies beside the resources of the family.
pub(in crate::simulator::quirks) fn beside(
    cx: &Cx<'_>,
    request: &Request<'_>,
    lower: &[&str],
) -> Outcome<Option<Answer>> {
    let get = *request.method == Method::GET;
    let post = *request.method == Method::POST;
    let answer = match lower {
        ["subscriptions", _, "providers", "microsoft.machinelearningservices", "locations", region, what] => {
            let region = body::location(region);
            match *what {
                "usages" if get => quota::usages(cx, &region)?,
                "quotas" if get => quota::quotas(cx, &region)?,
                "vmsizes" if get => quota::sizes(),
                "updatequotas" if post => quota::update(cx, &region, &validate::object(request.body)?)?,
                _ => return Ok(None),
            }
        }
        [
            "subscriptions",
            _,
            "resourcegroups",
            _,
            "providers",
            "microsoft.machinelearningservices",
            "workspaces",
            _,
            what,
        ] if get && workspace_actions::BESIDE.contains(what) => {
            let Ok(id) = ResourceId::parse(&format!("/{}", lower[..lower.len() - 1].join("/"))) else {
                return Ok(None);
            };
            match workspace_actions::read(cx, &read::find(cx, &id)?, what)? {
                Some(answer) => answer,
                None => return Ok(None),
            }
        }
        _ => return Ok(None),
    };
    Ok(Some(answer))
}
