//! Logs and metrics: Microsoft.OperationalInsights and Microsoft.Insights.

mod action_group;
mod application_insights;
mod diagnostic_setting;
mod log_analytics;
mod log_analytics_linked_service;
mod private_link_scope;
mod private_link_scope_connection;
mod scoped_resource;

pub use action_group::ACTION_GROUP;
pub use application_insights::APPLICATION_INSIGHTS;
pub use diagnostic_setting::DIAGNOSTIC_SETTING;
pub use log_analytics::LOG_ANALYTICS;
pub use log_analytics_linked_service::LOG_ANALYTICS_LINKED_SERVICE;
pub use private_link_scope::PRIVATE_LINK_SCOPE;
pub use private_link_scope_connection::PRIVATE_LINK_SCOPE_CONNECTION;
pub use scoped_resource::SCOPED_RESOURCE;

use super::Kind;

/// Every kind of the family, parents before their children.
pub(super) static ALL: &[&Kind] = &[
    &LOG_ANALYTICS,
    &LOG_ANALYTICS_LINKED_SERVICE,
    &APPLICATION_INSIGHTS,
    &PRIVATE_LINK_SCOPE,
    &SCOPED_RESOURCE,
    &PRIVATE_LINK_SCOPE_CONNECTION,
    &DIAGNOSTIC_SETTING,
    &ACTION_GROUP,
];
