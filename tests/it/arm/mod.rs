//! The ARM client against a scripted network, in virtual time.

mod authority;
mod fixture;
mod hostile;
mod operations;
mod races;
mod registration;
mod retries;
mod secrets;
mod sign_in;
mod verbs;
