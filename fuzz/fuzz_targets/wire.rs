//! Values as Terraform sends them: a type as JSON, a zero byte, then the value.

#![no_main]

use amlsecure::protocol::{proto::tfplugin5::DynamicValue, wire};
use amlsecure::schema::Type;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some(end) = data.iter().position(|byte| *byte == 0) else { return };
    let Ok(ty) = Type::from_json(&data[..end]) else { return };
    let value = data[end + 1..].to_vec();
    for message in [
        DynamicValue { msgpack: value.clone(), json: Vec::new() },
        DynamicValue { msgpack: Vec::new(), json: value },
    ] {
        let Ok(value) = wire::decode(&ty, Some(&message)) else { continue };
        // A set is written without its repetitions, so only the second time is the same.
        let written = wire::encode(&ty, &value).expect("what was read can be written");
        let once = wire::decode(&ty, Some(&written)).expect("what was written can be read");
        let again = wire::encode(&ty, &once).expect("what was read can be written");
        assert_eq!(wire::decode(&ty, Some(&again)), Ok(once));
    }
});
