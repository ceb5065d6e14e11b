//! Extensions of virtual machine scale sets.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Bool, Shape::Id, Shape::List, Shape::Text, Shape::Word,
    Style, Tags, Unique, Update, Writer, ro, rw, wo,
};

/// An extension of a scale set.
pub static SCALE_SET_EXTENSION: Kind = Kind {
    noun: "scale set extension",
    resource_type: "Microsoft.Compute/virtualMachineScaleSets/extensions",
    api_version: "2025-04-01",
    name: NameRule {
        pattern: "^[a-zA-Z0-9._-]+$",
        length: (1, 80),
        words: "1 to 80 letters, digits and . _ -",
        unique: Unique::Scope,
    },
    tags: Tags::None,
    put: Put { created: 201, updated: 200, style: Style::AsyncOperation, seconds: 60 },
    update: Update::Patch,
    delete: Delete { status: 202, style: Style::AsyncOperation, seconds: 30, query: &[], kept: None },
    embedded: None,
    writers: &[Writer::Itself, Writer::Parent],
    properties: &[
        rw("properties.publisher", Text).fixed(),
        rw("properties.type", Text).fixed(),
        rw("properties.typeHandlerVersion", Text),
        rw("properties.autoUpgradeMinorVersion", Bool),
        rw("properties.enableAutomaticUpgrade", Bool),
        rw("properties.forceUpdateTag", Text),
        rw("properties.settings", Any),
        wo("properties.protectedSettings", Any),
        rw("properties.protectedSettingsFromKeyVault.secretUrl", Text).required(),
        rw("properties.protectedSettingsFromKeyVault.sourceVault", Any).required(),
        rw("properties.protectedSettingsFromKeyVault.sourceVault.id", Id),
        rw("properties.provisionAfterExtensions", List),
        rw("properties.provisionAfterExtensions[]", Text),
        rw("properties.suppressFailures", Bool),
        ro("properties.provisioningState", Word),
    ],
    source: "type definitions of Microsoft.Compute 2025-04-01; accepted statuses: go-azure-sdk compute; what is \
             fixed: azurerm virtual_machine_scale_set_extension",
};
