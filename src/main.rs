//! The provider's binary: reads what the process was started with, once, and
//! hands it on.

use std::process::ExitCode;

fn main() -> ExitCode {
    amlsecure::cli::run(std::env::args(), std::env::vars().collect())
}
