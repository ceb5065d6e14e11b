//! The verbs of the binary. Without one it is a Terraform plugin.

/// Prints a line. Nobody may be listening any more (`... | head`), which is no
/// reason to stop half way.
macro_rules! say {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stdout(), $($text)*);
    }};
}

mod backend;
mod beside;
mod simulator;
mod terraform;
mod try_example;
mod watch;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};

pub use backend::Machine;

use crate::arm::{Clock as _, SystemClock};
use crate::protocol::{self, Mode};
use crate::provider::{Amlsecure, Environment};

/// A Terraform provider that puts Azure Machine Learning into closed networks.
///
/// Terraform starts this program by itself. By hand it tries an example
/// against a simulated Azure, serves that Azure to other clients, shows how an
/// apply comes along, or waits for a debugger.
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
    /// Run the simulated Azure alone, for Terraform providers, Azure's SDKs and its command line.
    Simulator(simulator::Options),
    /// Show how applies come along, from the file that progress_file or AMLSECURE_PROGRESS names.
    Watch(watch::Options),
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
        Some(Verb::Simulator(options)) => simulator::run(&options),
        Some(Verb::Watch(options)) => watch::run(&options, &environment),
        None => serve(arguments.debug, environment),
    }
}

/// Threads that serve Terraform. Requests wait for Azure, not for a processor,
/// and every thread costs memory at each of Terraform's many starts.
const THREADS: usize = 2;

/// Where configurations find the provider: Terraform's registry and OpenTofu's.
const ADDRESSES: [&str; 2] =
    ["registry.terraform.io/amlsecure/amlsecure", "registry.opentofu.org/amlsecure/amlsecure"];

fn serve(debug: bool, environment: BTreeMap<String, String>) -> ExitCode {
    let mode =
        if debug { Mode::Debug { addresses: ADDRESSES.map(str::to_owned).to_vec() } } else { Mode::Plugin };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(THREADS).enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "The provider cannot start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let provider = Amlsecure::new(Arc::new(Machine), Environment::new(environment));
    runtime.block_on(protocol::run(Arc::new(provider), protocol::Environment::from_process(), mode, || {
        SystemClock.now()
    }))
}
