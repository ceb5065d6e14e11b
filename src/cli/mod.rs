//! The verbs of the binary. Without one it is a Terraform plugin.

mod backend;
mod terraform;
mod try_example;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};

pub use backend::Machine;

use crate::protocol;
use crate::provider::{Amlsecure, Environment};

/// A Terraform provider that puts Azure Machine Learning into closed networks.
///
/// Terraform starts this program by itself. By hand it tries an example
/// against a simulated Azure, or waits for a debugger.
#[derive(Debug, Parser)]
#[command(name = "terraform-provider-amlsecure", version)]
struct Arguments {
    /// Serve Terraform commands that are started with the printed TF_REATTACH_PROVIDERS, until interrupted.
    #[arg(long)]
    debug: bool,
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Plan, apply and plan again an example, with real Terraform against a simulated Azure.
    Try {
        /// The directory of the example.
        directory: PathBuf,
        /// Take the example down again, and show what is left in the simulated subscription.
        #[arg(long)]
        destroy: bool,
        /// Run just this Terraform command in the example's working directory.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<String>,
    },
}

/// Runs the program with what the process was started with.
pub fn run(arguments: impl IntoIterator<Item = String>, environment: BTreeMap<String, String>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are "errors" that belong on stdout.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match arguments.verb {
        Some(Verb::Try { directory, destroy, command }) => {
            let task = if destroy {
                try_example::Task::Destroy
            } else if command.is_empty() {
                try_example::Task::Everything
            } else {
                try_example::Task::Just(command)
            };
            try_example::run(&directory, &task, &environment)
        }
        None => serve(arguments.debug, environment),
    }
}

fn serve(debug: bool, environment: BTreeMap<String, String>) -> ExitCode {
    let options = protocol::ServeOptions {
        address: "registry.terraform.io/amlsecure/amlsecure".to_owned(),
        debug,
        environment: protocol::Environment::from_variables(&environment),
    };
    let provider = Amlsecure::new(Arc::new(Machine::default()), Environment::new(environment));
    protocol::serve(Arc::new(provider), options)
}
