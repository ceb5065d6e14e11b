//! Logs and metrics.

mod application_insights;
mod beside;
mod diagnostic_setting;
mod log_analytics;
mod private_link_scope;

pub(super) use beside::beside;

use super::Quirk;

/// The quirk of a resource type in lower case, where it has one.
pub(super) fn of(kind: &str) -> Option<&'static dyn Quirk> {
    Some(match kind {
        "microsoft.insights/components" => &application_insights::Component,
        "microsoft.operationalinsights/workspaces" => &log_analytics::LogWorkspace,
        "microsoft.insights/diagnosticsettings" => &diagnostic_setting::DiagnosticSetting,
        "microsoft.insights/privatelinkscopes" => &private_link_scope::PrivateLinkScope,
        "microsoft.insights/privatelinkscopes/scopedresources" => &private_link_scope::ScopedResource,
        "microsoft.insights/privatelinkscopes/privateendpointconnections" => &super::connection::Connection,
        _ => return None,
    })
}
