//! What Terraform core does with a provider's answers: a small core that drives
//! a provider as Terraform does and refuses what Terraform would refuse, with
//! its words. Tests of resources go through it.

mod compatible;
mod core;
pub(crate) mod fake;
mod plan_valid;
mod proposed;
mod random;
mod refused;
mod remote;
mod works;

pub(crate) use self::core::{Action, Applied, Core, Plan, Refusal, State};
pub(crate) use self::remote::{Remote, received, sent, told};
