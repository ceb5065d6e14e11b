//! Texts that people and other programs write: ids, files of faults, and lines
//! of progress.

#![no_main]

use amlsecure::kinds::ResourceId;
use amlsecure::provider::Record;
use amlsecure::simulator::Script;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(id) = ResourceId::parse(text) {
        assert_eq!(id.as_str(), text);
        let _ = (id.name(), id.resource_type(), id.parent());
    }
    if let Some(record) = Record::read(text) {
        assert_eq!(Record::read(record.line().trim_end()), Some(record));
    }
    let _ = text.parse::<Script>();
});
