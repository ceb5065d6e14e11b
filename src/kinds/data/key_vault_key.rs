//! Keys of a vault, made through ARM.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Bool, Shape::Int, Shape::Location, Shape::OneOf,
    Shape::Set, Shape::Text, Shape::Word, Style, Tags, Unique, Update, ro, rw,
};

/// A key of a vault. ARM makes its first version and changes none: a PUT over
/// an existing key answers with what is there.
pub static KEY_VAULT_KEY: Kind = Kind {
    noun: "key vault key",
    resource_type: "Microsoft.KeyVault/vaults/keys",
    api_version: "2026-02-01",
    name: NameRule {
        pattern: "^[a-zA-Z0-9-]+$",
        length: (1, 127),
        words: "1 to 127 letters, digits and hyphens",
        unique: Unique::Scope,
    },
    tags: Tags::AtMost(50),
    put: Put { created: 200, updated: 200, style: Style::Sync, seconds: 1 },
    update: Update::Never,
    delete: Delete { status: 200, style: Style::Sync, seconds: 1, query: &[], kept: None },
    embedded: None,
    writers: &[],
    properties: &[
        ro("location", Location),
        rw("properties", Any).required(),
        rw("properties.kty", OneOf(&["EC", "EC-HSM", "RSA", "RSA-HSM"])),
        rw("properties.keyOps", Set),
        rw(
            "properties.keyOps[]",
            OneOf(&["encrypt", "decrypt", "sign", "verify", "wrapKey", "unwrapKey", "import", "release"]),
        ),
        rw("properties.keySize", Int(2048, 4096)),
        rw("properties.curveName", OneOf(&["P-256", "P-384", "P-521", "P-256K"])),
        rw("properties.attributes.enabled", Bool).default("true"),
        rw("properties.attributes.nbf", Int(0, i64::MAX)),
        rw("properties.attributes.exp", Int(0, i64::MAX)),
        rw("properties.attributes.exportable", Bool).default("false"),
        ro("properties.attributes.created", Int(0, i64::MAX)),
        ro("properties.attributes.updated", Int(0, i64::MAX)),
        ro("properties.attributes.recoveryLevel", Word),
        rw("properties.rotationPolicy", Any),
        rw("properties.release_policy", Any),
        ro("properties.keyUri", Text),
        ro("properties.keyUriWithVersion", Text),
    ],
    source: "type definitions of Microsoft.KeyVault 2026-02-01; what a PUT does: REST reference, create a key \
             if it does not exist",
};
