//! Compiles the protocols in `proto/`, without `protoc`.

use std::error::Error;

const PROTOCOLS: &[&str] = &["proto/tfplugin5.proto", "proto/plugin.proto", "proto/health.proto"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=proto");
    let descriptors = protox::compile(PROTOCOLS, ["proto"])?;
    // Who connects has a channel of its own, so no way to dial is generated.
    tonic_prost_build::configure().build_transport(false).compile_fds(descriptors)?;
    Ok(())
}
