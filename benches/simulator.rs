//! The simulated Azure as it fills: what a request costs at a hundred, a
//! thousand and ten thousand resources, how many it answers in a second, what
//! memory it takes and how soon it serves. Exits with 1 where a request at ten
//! thousand costs more than [`GROWTH_MOST`] times what it did at a hundred.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a benchmark ends where it fails")]
#![allow(clippy::print_stdout, reason = "a benchmark talks to a person")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, SystemTime};

use amlsecure::arm::{Clock as _, SystemClock};
use amlsecure::kinds::{self, ResourceId};
use amlsecure::simulator::{SUBSCRIPTION, Settings, Simulator, State};
use serde_json::{Value as Json, json};

/// How much more a request may cost at the largest size than at the smallest,
/// which is a hundredth of it. The trees of the indexes grow by a level or two,
/// and SQLite's page cache no longer holds all of them.
const GROWTH_MOST: f64 = 2.0;

/// Resources of the three sizes.
const SIZES: [usize; 3] = [100, 1_000, 10_000];

/// Resources of a group.
const GROUP: usize = 100;

/// Requests of which the median counts.
const REQUESTS: usize = 400;

/// Rounds of which the fastest counts: another program on the machine can
/// only make one slower.
const ROUNDS: usize = 5;

/// GETs over one connection.
const GETS: usize = 4000;

/// Peak resident memory at the largest size, in bytes.
const MEMORY_MOST: u64 = 60_000_000;

fn main() -> ExitCode {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state.db");
    let cloud = Cloud::open(&state);
    let mut table: Vec<(&str, Vec<f64>)> = Work::ALL.iter().map(|work| (work.name(), Vec::new())).collect();
    let mut filled = 0;
    for size in SIZES {
        let started = SystemClock.now();
        let before = filled;
        while filled < size {
            cloud.group(filled / GROUP);
            filled += GROUP;
        }
        let seconds = since(started).as_secs_f64();
        println!(
            "{:>6} resources, the last {} made at {:.0} a second",
            filled,
            filled - before,
            rate(filled - before, seconds)
        );
        for (work, (_, costs)) in Work::ALL.iter().zip(&mut table) {
            costs.push((0..ROUNDS).map(|_| cloud.cost(*work, filled)).fold(f64::MAX, f64::min));
        }
    }
    println!("\nmicroseconds a request, by resources there:");
    println!("{:28} {:>8} {:>8} {:>8} {:>8}", "", SIZES[0], SIZES[1], SIZES[2], "growth");
    let mut worst: f64 = 0.0;
    for (name, costs) in &table {
        let growth = costs[2] / costs[0];
        worst = worst.max(growth);
        println!("{name:28} {:8.0} {:8.0} {:8.0} {growth:8.2}", costs[0], costs[1], costs[2]);
    }
    println!("growth at most {GROWTH_MOST}, worst {worst:.2}\n");
    drop(cloud);

    // The first start of all reads the program from the disk.
    alone(&folder.path().join("cold.db"));
    let (empty, ..) = alone(&folder.path().join("empty.db"));
    let (full, memory, answered) = alone(&state);
    println!(
        "from start to ready: {:.0} ms with nothing, {:.0} ms with {filled} resources ({:.2} of it)",
        empty.as_secs_f64() * 1e3,
        full.as_secs_f64() * 1e3,
        full.as_secs_f64() / empty.as_secs_f64()
    );
    println!("GETs a second over one plain connection, with {filled} resources: {answered:.0}");
    match memory {
        Some(peak) => println!(
            "peak resident memory with {filled} resources: {:.1} MB (at most {:.0})",
            megabytes(peak),
            megabytes(MEMORY_MOST)
        ),
        None => println!("peak resident memory: not measured, it is read from Linux's /proc"),
    }
    let fits = worst <= GROWTH_MOST && memory.is_none_or(|peak| peak <= MEMORY_MOST);
    if fits { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn since(started: SystemTime) -> Duration {
    SystemClock.now().duration_since(started).unwrap_or_default()
}

#[expect(clippy::cast_precision_loss, reason = "a figure to show")]
fn rate(count: usize, seconds: f64) -> f64 {
    count as f64 / seconds
}

#[expect(clippy::cast_precision_loss, reason = "a figure to show")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// What is asked.
#[derive(Clone, Copy)]
enum Work {
    Get,
    Missing,
    Create,
    Same,
    Tags,
    Delete,
    ListGroup,
    ListSubscription,
}

impl Work {
    const ALL: [Self; 8] = [
        Self::Get,
        Self::Missing,
        Self::Create,
        Self::Same,
        Self::Tags,
        Self::Delete,
        Self::ListGroup,
        Self::ListSubscription,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET a security group",
            Self::Missing => "GET of nothing",
            Self::Create => "PUT a new identity",
            Self::Same => "PUT the same again",
            Self::Tags => "PATCH tags",
            Self::Delete => "DELETE an identity",
            Self::ListGroup => "a page of a group",
            Self::ListSubscription => "a page of the subscription",
        }
    }
}

struct Cloud(Simulator);

impl Cloud {
    fn open(state: &Path) -> Self {
        Self(Simulator::open(Settings { state: State::File(state.into()), ..Settings::default() }).unwrap())
    }

    fn ask(&self, method: &str, path: &str, body: &Json) -> u16 {
        let version = ResourceId::parse(path)
            .ok()
            .and_then(|id| kinds::find(&id.resource_type()))
            .map_or("2025-04-01", |kind| kind.api_version);
        let query = if path.contains('?') { '&' } else { '?' };
        let request = http::Request::builder()
            .method(method)
            .uri(format!("https://management.azure.com{path}{query}api-version={version}"))
            .body(if body.is_null() { Vec::new() } else { body.to_string().into_bytes() })
            .unwrap();
        self.0.handle(request, SystemClock.now()).unwrap().status().as_u16()
    }

    fn put(&self, path: &str, body: &Json) {
        let status = self.ask("PUT", path, body);
        assert!(status < 300, "{path}: {status}");
    }

    /// A group of a hundred resources: a network with subnets, security
    /// groups, identities, a zone with records.
    fn group(&self, number: usize) {
        let group = in_group(number, "");
        let group = group.trim_end_matches("/providers/");
        self.put(group, &json!({ "location": "eastus" }));
        let mut left = GROUP - 1;
        let subnets: Vec<Json> = (0..20)
            .map(|at| json!({ "name": format!("s{at}"), "properties": { "addressPrefix": format!("10.0.{at}.0/24") } }))
            .collect();
        left -= 1 + subnets.len();
        let network = json!({ "location": "eastus", "properties": {
            "addressSpace": { "addressPrefixes": ["10.0.0.0/16"] }, "subnets": subnets,
        } });
        self.put(&in_group(number, "Microsoft.Network/virtualNetworks/vnet"), &network);
        let zone = in_group(number, "Microsoft.Network/privateDnsZones/example.internal");
        self.put(&zone, &json!({ "location": "global" }));
        // The zone brings its own SOA record.
        left -= 2;
        for at in 0..20 {
            let record = json!({ "properties": { "ttl": 300, "aRecords": [{ "ipv4Address": "10.0.0.4" }] } });
            self.put(&format!("{zone}/A/r{at}"), &record);
            left -= 1;
        }
        for at in 0..20 {
            let path = in_group(number, &format!("Microsoft.Network/networkSecurityGroups/nsg{at}"));
            self.put(&path, &json!({ "location": "eastus", "properties": {} }));
            left -= 1;
        }
        for at in 0..left {
            self.put(&identity(number, &format!("id{at}")), &json!({ "location": "eastus" }));
        }
    }

    /// Microseconds of a request of this kind, with so many resources there.
    fn cost(&self, work: Work, there: usize) -> f64 {
        let groups = there / GROUP;
        let mut took: Vec<f64> = (0..REQUESTS)
            .map(|at| {
                let group = (at * 7919) % groups;
                let security = in_group(group, &format!("Microsoft.Network/networkSecurityGroups/nsg{}", at % 20));
                let new = identity(group, &format!("new{at}"));
                let none = Json::Null;
                if matches!(work, Work::Delete) {
                    self.put(&new, &json!({ "location": "eastus" }));
                }
                let started = SystemClock.now();
                let status = match work {
                    Work::Get => self.ask("GET", &security, &none),
                    Work::Missing => self.ask("GET", &new, &none),
                    Work::Create => self.ask("PUT", &new, &json!({ "location": "eastus" })),
                    Work::Same => self.ask("PUT", &security, &json!({ "location": "eastus", "properties": {} })),
                    Work::Tags => self.ask("PATCH", &security, &json!({ "tags": { "at": at.to_string() } })),
                    Work::Delete => self.ask("DELETE", &new, &none),
                    Work::ListGroup => {
                        let list = in_group(group, "Microsoft.Network/networkSecurityGroups");
                        self.ask("GET", &list, &none)
                    }
                    Work::ListSubscription => self.ask(
                        "GET",
                        &format!("/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Network/networkSecurityGroups?$top=20"),
                        &none,
                    ),
                };
                let micros = since(started).as_secs_f64() * 1e6;
                let expected = if matches!(work, Work::Missing) { status == 404 } else { status < 300 };
                assert!(expected, "{}: {status}", work.name());
                if matches!(work, Work::Create) {
                    self.ask("DELETE", &new, &none);
                }
                micros
            })
            .collect();
        took.sort_by(f64::total_cmp);
        took[REQUESTS / 2]
    }
}

fn in_group(number: usize, tail: &str) -> String {
    format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/rg{number}/providers/{tail}")
}

fn identity(number: usize, name: &str) -> String {
    in_group(number, &format!("Microsoft.ManagedIdentity/userAssignedIdentities/{name}"))
}

/// Starts the simulator alone on a state: the time until it is ready, its peak
/// memory after it has listed what there is, and what it answers in a second.
fn alone(state: &Path) -> (Duration, Option<u64>, f64) {
    let folder = tempfile::tempdir().unwrap();
    let ready = folder.path().join("ready.json");
    let started = SystemClock.now();
    let child = Command::new(env!("CARGO_BIN_EXE_terraform-provider-amlsecure"))
        .args(["simulator", "--state"])
        .arg(state)
        .arg("--ready-file")
        .arg(&ready)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut child = Ended(child);
    while !ready.exists() {
        assert!(since(started) < Duration::from_secs(30), "the simulator does not start");
        std::thread::yield_now();
    }
    let took = since(started);
    let text = std::fs::read_to_string(&ready).unwrap();
    let ready: Json = serde_json::from_str(&text).unwrap();
    let answered = read(&ready);
    let memory = std::fs::read_to_string(format!("/proc/{}/status", child.0.id())).ok().and_then(|status| {
        let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
        Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1024)
    });
    let _ = child.0.kill();
    (took, memory, answered)
}

/// Reads a thousand resources over HTTP, as a client with a token would, and
/// then one group again and again: how often in a second.
fn read(ready: &Json) -> f64 {
    let says = |name: &str| ready[name].as_str().unwrap();
    let address = says("proxy").trim_start_matches("http://");
    let stream = std::net::TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    let mut stream = BufReader::new(stream);
    let mut get = |path: &str, header: &str| -> Vec<u8> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n{header}\r\n\r\n");
        stream.get_mut().write_all(request.as_bytes()).unwrap();
        let mut length = 0;
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).unwrap();
            if line.trim().is_empty() {
                break;
            }
            if let Some(text) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = text.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).unwrap();
        body
    };
    let asked = format!("/metadata/identity/oauth2/token?resource={}", says("address"));
    let token: Json = serde_json::from_slice(&get(&asked, "Metadata: true")).unwrap();
    let header = format!("Authorization: Bearer {}", token["access_token"].as_str().unwrap());
    get(&format!("/subscriptions/{SUBSCRIPTION}/resources?api-version=2021-04-01&$top=1000"), &header);
    let group = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/rg0?api-version=2025-04-01");
    let started = SystemClock.now();
    for _ in 0..GETS {
        get(&group, &header);
    }
    rate(GETS, since(started).as_secs_f64())
}

/// A process that ends with this.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
