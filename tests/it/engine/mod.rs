//! The engine over the real ARM client and a small map of resources that
//! behaves like ARM where the engine's promises touch it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "the cloud and the stack are tests too")]

mod cloud;
mod converge;
mod observe;
mod order;
mod ownership;
mod random;
mod stack;
mod update;
mod weather;
