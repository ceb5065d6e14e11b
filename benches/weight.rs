//! What the provider weighs: the size of its binary, its memory under
//! `terraform validate`, and the time from its start to its schema. Exits with
//! 1 where size or memory are over their bounds; time has none, as it is the
//! machine's.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a benchmark ends where it fails")]
#![allow(clippy::print_stdout, reason = "a benchmark talks to a person")]

#[path = "../tests/it/terraform/bench.rs"]
#[allow(dead_code, unreachable_pub, reason = "it is the tests' own, which use all of it")]
mod bench;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread;
use std::time::Duration;

use amlsecure::arm::{Clock as _, SystemClock};
use amlsecure::protocol::COOKIE;
use amlsecure::protocol::proto::tfplugin5::get_provider_schema;
use amlsecure::protocol::proto::tfplugin5::provider_client::ProviderClient;
use bench::{Bench, example, program};
use hyper_util::rt::TokioIo;
use tokio::net::UnixStream;
use tokio::runtime::Runtime;
use tonic::transport::Endpoint;

/// The binary, in bytes. azurerm's has 191 MB.
const BINARY_MOST: u64 = 30_000_000;

/// Peak resident memory of one process, in bytes. azurerm has two processes
/// of 150 and 165 MB.
const MEMORY_MOST: u64 = 30_000_000;

/// Between two looks at a process's memory. The peak is kept by the system, so
/// only growth in its last moment is missed, when it is already ending.
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// Starts of which the median counts.
const STARTS: usize = 21;

fn main() -> ExitCode {
    let size = std::fs::metadata(program()).unwrap().len();
    println!("binary: {:.1} MB (at most {:.0})", megabytes(size), megabytes(BINARY_MOST));

    let peaks = memory_under_validate();
    let most = peaks.values().copied().max();
    for (process, peak) in &peaks {
        println!(
            "peak resident memory of process {process}: {:.1} MB (at most {:.0})",
            megabytes(*peak),
            megabytes(MEMORY_MOST)
        );
    }
    if most.is_none() {
        println!("peak resident memory: not measured, it is read from Linux's /proc");
    }

    let runtime = Runtime::new().unwrap();
    let mut schema: Vec<Duration> = (0..STARTS).map(|_| runtime.block_on(until_schema())).collect();
    let program = bench::terraform();
    let mut terraform: Vec<Duration> = (0..STARTS).map(|_| until_version(&program)).collect();
    let (schema, terraform) = (median(&mut schema), median(&mut terraform));
    println!(
        "from start to schema: {:.0} ms, {:.2} of one `terraform version` ({:.0} ms)",
        schema.as_secs_f64() * 1e3,
        schema.as_secs_f64() / terraform.as_secs_f64(),
        terraform.as_secs_f64() * 1e3
    );

    let fits = size <= BINARY_MOST && most.is_none_or(|peak| peak <= MEMORY_MOST);
    if fits { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[expect(clippy::cast_precision_loss, reason = "a figure to show")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// The peak of every provider process that `terraform validate` starts, in
/// bytes, by process id. Empty where there is no /proc.
fn memory_under_validate() -> BTreeMap<u32, u64> {
    let bench = Bench::new("weight", &example("secure-workspace"));
    let provider = program().canonicalize().unwrap();
    let mut terraform =
        bench.command(&["validate"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut peaks = BTreeMap::new();
    loop {
        for (process, peak) in running(&provider) {
            peaks.insert(process, peak);
        }
        if let Some(status) = terraform.try_wait().unwrap() {
            assert!(status.success(), "the example is not valid");
            return peaks;
        }
        thread::sleep(LOOK_EVERY);
    }
}

/// The processes that run `program`, and the peak of each so far in bytes.
fn running(program: &Path) -> Vec<(u32, u64)> {
    let Ok(processes) = std::fs::read_dir("/proc") else { return Vec::new() };
    let peak = |process: PathBuf| {
        let id = process.file_name()?.to_str()?.parse().ok()?;
        (std::fs::read_link(process.join("exe")).ok()? == program).then_some(())?;
        let status = std::fs::read_to_string(process.join("status")).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kibibytes: u64 = line.trim().trim_end_matches(" kB").parse().ok()?;
        Some((id, kibibytes * 1024))
    };
    processes.filter_map(|process| peak(process.ok()?.path())).collect()
}

/// A plugin that ends with its measurement.
struct Plugin(Child);

impl Drop for Plugin {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// From the start of the process to its answered schema, as Terraform has it
/// but without TLS, whose half is Terraform's.
async fn until_schema() -> Duration {
    let begun = SystemClock.now();
    let process = Command::new(program())
        .env(COOKIE.0, COOKIE.1)
        .env("PLUGIN_PROTOCOL_VERSIONS", "5")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut plugin = Plugin(process);
    let mut handshake = String::new();
    BufReader::new(plugin.0.stdout.take().unwrap()).read_line(&mut handshake).unwrap();
    let socket = handshake.split('|').nth(3).expect("a handshake names a socket").to_owned();
    let channel = Endpoint::from_static("http://localhost")
        .connect_with_connector(tower::service_fn(move |_| {
            let socket = socket.clone();
            async move { UnixStream::connect(socket).await.map(TokioIo::new) }
        }))
        .await
        .unwrap();
    let mut client = ProviderClient::new(channel);
    let answer = client.get_schema(get_provider_schema::Request::default()).await.unwrap().into_inner();
    assert!(!answer.resource_schemas.is_empty());
    SystemClock.now().duration_since(begun).unwrap()
}

/// The yardstick of the machine: a start of Terraform that does nothing.
fn until_version(terraform: &str) -> Duration {
    let mut version = Command::new(terraform);
    version.arg("version").env("CHECKPOINT_DISABLE", "1").stdout(Stdio::null()).stderr(Stdio::null());
    let begun = SystemClock.now();
    assert!(version.status().unwrap().success());
    SystemClock.now().duration_since(begun).unwrap()
}
