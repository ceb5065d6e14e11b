//! This provider against the simulator alone, as against any Azure that a
//! metadata host describes: the example, once for each way to sign in.

use std::collections::BTreeMap;

use super::*;
use crate::terraform::bench::{Bench, example, said};

/// Applies the example, plans it empty and destroys it, signed in as `variables` say.
fn runs(way: &str, variables: impl FnOnce(&Standalone, &mut BTreeMap<String, String>)) {
    let simulator = Standalone::start(&["--strict"]);
    let configuration = simulator.pointed(&example("secure-workspace"), "");
    let bench = Bench::new(&format!("standalone-{way}"), &configuration);
    let mut environment = simulator.variables();
    variables(&simulator, &mut environment);
    for arguments in [
        &["apply", "-auto-approve", "-input=false", "-no-color"][..],
        &["plan", "-input=false", "-no-color", "-detailed-exitcode"],
        &["destroy", "-auto-approve", "-input=false", "-no-color"],
    ] {
        let said = said(&bench.command(arguments).envs(&environment).output().unwrap());
        assert_eq!(said.code, Some(0), "{way}: terraform {arguments:?}\n{}\n{}", said.out, said.err);
    }
    let groups =
        format!("/subscriptions/{}/resources?api-version=2021-04-01", simulator.says("subscription_id"));
    let left = simulator.arm("GET", &groups, &simulator.token(), &Json::Null);
    assert_eq!(left.body["value"], serde_json::json!([]), "{way}");
}

/// Takes what the ready file says into the variables.
fn takes(simulator: &Standalone, environment: &mut BTreeMap<String, String>, names: &[(&str, &str)]) {
    for (variable, name) in names {
        environment.insert((*variable).to_owned(), simulator.says(name).to_owned());
    }
}

#[test]
fn by_a_client_secret() {
    runs("secret", |simulator, environment| {
        takes(simulator, environment, &[("ARM_CLIENT_SECRET", "client_secret")]);
    });
}

#[test]
fn by_a_client_certificate() {
    runs("certificate", |simulator, environment| {
        takes(
            simulator,
            environment,
            &[
                ("ARM_CLIENT_CERTIFICATE_PATH", "client_certificate_path"),
                ("ARM_CLIENT_CERTIFICATE_PASSWORD", "client_certificate_password"),
            ],
        );
    });
}

#[test]
fn by_a_federated_token() {
    runs("federated", |simulator, environment| {
        environment.insert("ARM_USE_OIDC".to_owned(), "true".to_owned());
        takes(simulator, environment, &[("ARM_OIDC_TOKEN", "oidc_token")]);
    });
}

#[test]
fn by_the_token_of_a_workflow() {
    runs("workflow", |simulator, environment| {
        environment.insert("ARM_USE_OIDC".to_owned(), "true".to_owned());
        takes(
            simulator,
            environment,
            &[("ARM_OIDC_REQUEST_URL", "oidc_request_url"), ("ARM_OIDC_REQUEST_TOKEN", "oidc_request_token")],
        );
    });
}

#[test]
fn by_a_service_connection_of_a_pipeline() {
    runs("pipeline", |simulator, environment| {
        environment.insert("ARM_USE_OIDC".to_owned(), "true".to_owned());
        environment.insert("ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID".to_owned(), "the-connection".to_owned());
        takes(
            simulator,
            environment,
            &[("ARM_OIDC_REQUEST_URL", "oidc_request_url"), ("ARM_OIDC_REQUEST_TOKEN", "oidc_request_token")],
        );
    });
}

#[test]
fn by_the_identity_of_a_pod() {
    runs("pod", |simulator, environment| {
        let token = simulator.path().join("token");
        std::fs::write(&token, simulator.says("oidc_token")).unwrap();
        environment.insert("ARM_USE_AKS_WORKLOAD_IDENTITY".to_owned(), "true".to_owned());
        environment.insert("ARM_OIDC_TOKEN_FILE_PATH".to_owned(), token.display().to_string());
    });
}

#[test]
fn by_a_managed_identity() {
    runs("managed", |simulator, environment| {
        environment.insert("ARM_USE_MSI".to_owned(), "true".to_owned());
        takes(simulator, environment, &[("ARM_MSI_ENDPOINT", "msi_endpoint")]);
    });
}

#[cfg(unix)]
#[test]
fn by_the_azure_cli() {
    use std::os::unix::fs::PermissionsExt as _;
    runs("cli", |simulator, environment| {
        // What `az account get-access-token` prints, from a program of that name.
        let token = serde_json::json!({
            "accessToken": simulator.token(), "expiresOn": "2100-01-01 00:00:00.000000", "expires_on": 4_102_444_800_u64,
            "subscription": simulator.says("subscription_id"), "tenant": simulator.says("tenant_id"),
            "tokenType": "Bearer",
        });
        let program = simulator.path().join("az");
        std::fs::write(&program, format!("#!/bin/sh\ncat <<'END'\n{token}\nEND\n")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        #[expect(clippy::disallowed_methods, reason = "the tests are a process of their own")]
        let path = std::env::var("PATH").unwrap();
        environment.insert("PATH".to_owned(), format!("{}:{path}", simulator.path().display()));
        environment.insert("ARM_USE_CLI".to_owned(), "true".to_owned());
        environment.remove("ARM_CLIENT_ID");
    });
}
