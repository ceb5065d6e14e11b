//! The process: where it listens, what it keeps, how it ends.

use serde_json::json;

use super::*;

/// Ends a process as Ctrl-C does.
#[cfg(unix)]
fn interrupt(simulator: &mut Standalone) -> Option<i32> {
    let id = simulator.child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    simulator.child.wait().unwrap().code()
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_it_with_its_state_whole() {
    let folder = tempfile::tempdir().unwrap();
    let mut simulator = Standalone::start_in(folder, &["--state", "state.db"]);
    let token = simulator.token();
    simulator.arm("PUT", &group("rg"), &token, &json!({ "location": "eastus" }));
    let (secret, ca) = (simulator.says("client_secret").to_owned(), simulator.says("ca_file").to_owned());
    let ca = std::fs::read(ca).unwrap();
    assert_eq!(interrupt(&mut simulator), Some(0));
    assert!(!simulator.path().join("ready.json").exists(), "nobody is there any more");

    let again = Standalone::start_in(simulator.folder(), &["--state", "state.db"]);
    assert_eq!(again.says("client_secret"), secret);
    assert_eq!(std::fs::read(again.says("ca_file")).unwrap(), ca);
    assert_eq!(
        again.arm("GET", &group("rg"), &token, &Json::Null).status,
        401,
        "the token was for another address"
    );
    assert_eq!(again.arm("GET", &group("rg"), &again.token(), &Json::Null).status, 200);
}

#[test]
fn it_listens_on_this_machine_alone_unless_told_otherwise() {
    let simulator = Standalone::start(&[]);
    assert!(simulator.says("address").starts_with("https://localhost:"));
    assert!(simulator.says("proxy").starts_with("http://127.0.0.1:"));
}

#[cfg(unix)]
#[test]
fn the_files_that_hold_secrets_are_their_owners() {
    use std::os::unix::fs::PermissionsExt as _;
    let simulator = Standalone::start(&["--state", "state.db"]);
    for name in ["ready.json", "tls/ca.key", "tls/client.pfx", "state.db"] {
        let mode = std::fs::metadata(simulator.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name} is {mode:o}");
    }
}

#[test]
fn two_processes_may_write_one_state_and_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state.db").display().to_string();
    let processes: Vec<Standalone> = (0..2).map(|_| Standalone::start(&["--state", &state])).collect();
    std::thread::scope(|scope| {
        for (of, simulator) in processes.iter().enumerate() {
            scope.spawn(move || {
                let token = simulator.token();
                for at in 0..50 {
                    let path = group(&format!("rg-{of}-{at}"));
                    let made = simulator.arm("PUT", &path, &token, &json!({ "location": "eastus" }));
                    assert_eq!(made.status, 201, "{made:?}");
                }
            });
        }
    });
    let list = format!(
        "/subscriptions/{}/resourceGroups?api-version=2025-04-01&$top=1000",
        processes[0].says("subscription_id")
    );
    let listed = processes[0].arm("GET", &list, &processes[0].token(), &Json::Null);
    assert_eq!(listed.body["value"].as_array().unwrap().len(), 100);
}

#[test]
fn a_fault_can_end_the_process_after_the_effect() {
    let folder = tempfile::tempdir().unwrap();
    let faults =
        json!({ "faults": [{ "match": { "method": "PUT" }, "produce": { "end": "after_effect" } }] });
    std::fs::write(folder.path().join("faults.json"), faults.to_string()).unwrap();
    let mut simulator = Standalone::start_in(folder, &["--state", "state.db", "--faults", "faults.json"]);
    let token = simulator.token();
    let request = http::Request::put(format!("{}{}", simulator.says("address"), group("rg")))
        .header("authorization", format!("Bearer {token}"))
        .body(json!({ "location": "eastus" }).to_string().into_bytes());
    simulator.try_send(request.unwrap()).unwrap_err();
    assert!(!simulator.child.wait().unwrap().success());
    let folder = simulator.folder();
    std::fs::remove_file(folder.path().join("ready.json")).unwrap();
    let again = Standalone::start_in(folder, &["--state", "state.db"]);
    assert_eq!(again.arm("GET", &group("rg"), &again.token(), &Json::Null).status, 200);
}

#[test]
fn what_cannot_be_started_says_why() {
    for (arguments, words) in [
        (&["--listen", "nowhere"][..], "--listen \"nowhere\""),
        (&["--faults", "none.json"], "The file of faults none.json cannot be read"),
        (&["--latency", "fast"], "latency is \"instant\""),
    ] {
        let output = Command::new(program()).arg("simulator").args(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(words), "{arguments:?}: {said}");
    }
}
