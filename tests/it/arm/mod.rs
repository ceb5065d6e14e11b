//! The ARM client against a scripted network, in virtual time.

mod authority;
mod fixture;
mod operations;
mod races;
mod registration;
mod retries;
mod sign_in;
mod verbs;
