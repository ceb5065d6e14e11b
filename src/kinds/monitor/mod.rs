//! Logs and metrics: Microsoft.OperationalInsights and Microsoft.Insights.

mod application_insights;
mod log_analytics;

pub use application_insights::APPLICATION_INSIGHTS;
pub use log_analytics::LOG_ANALYTICS;

use super::Kind;

/// Every kind of the family, parents before their children.
pub(super) static ALL: &[&Kind] = &[&LOG_ANALYTICS, &APPLICATION_INSIGHTS];
