//! Logs and metrics.

mod application_insights;
mod log_analytics;

use super::Quirk;

/// The quirk of a resource type in lower case, where it has one.
pub(super) fn of(kind: &str) -> Option<&'static dyn Quirk> {
    Some(match kind {
        "microsoft.insights/components" => &application_insights::Component,
        "microsoft.operationalinsights/workspaces" => &log_analytics::LogWorkspace,
        _ => return None,
    })
}
