//! Agent pools of a Kubernetes cluster.

use crate::kinds::{
    Delete, Kind, NameRule, Put, Shape::Any, Shape::Bool, Shape::Id, Shape::Int, Shape::List, Shape::Map,
    Shape::OneOf, Shape::Set, Shape::Text, Shape::Word, Style, Tags, Unique, Update, Writer, ro, rw,
};

/// The rows of a pool, which stand among the properties of one of its own and
/// in the elements of a cluster's list, after rows of the table's own.
macro_rules! with_pool {
    ($at:literal, [$($own:expr),* $(,)?]) => {
        &[
            $($own,)*
                rw(concat!($at, ".count"), Int(0, 1000)).default("1"),
                rw(concat!($at, ".vmSize"), Word).fixed(),
                rw(concat!($at, ".osDiskSizeGB"), Int(0, 2048)),
                rw(concat!($at, ".osDiskType"), OneOf(&["Managed", "Ephemeral"])),
                rw(concat!($at, ".kubeletDiskType"), OneOf(&["OS", "Temporary"])),
                rw(concat!($at, ".workloadRuntime"), OneOf(&["OCIContainer", "WasmWasi", "KataVmIsolation"])),
                rw(concat!($at, ".messageOfTheDay"), Text).fixed(),
                rw(concat!($at, ".vnetSubnetID"), Id).fixed(),
                rw(concat!($at, ".podSubnetID"), Id),
                rw(concat!($at, ".podIPAllocationMode"), OneOf(&["DynamicIndividual", "StaticBlock"])),
                rw(concat!($at, ".maxPods"), Int(10, 250)).fixed(),
                rw(concat!($at, ".osType"), OneOf(&["Linux", "Windows"])).fixed().default(r#""Linux""#),
                rw(concat!($at, ".osSKU"), Word),
                rw(concat!($at, ".maxCount"), Int(0, 1000)),
                rw(concat!($at, ".minCount"), Int(0, 1000)),
                rw(concat!($at, ".enableAutoScaling"), Bool),
                rw(concat!($at, ".scaleDownMode"), OneOf(&["Delete", "Deallocate"])),
                rw(concat!($at, ".type"), OneOf(&["VirtualMachineScaleSets", "AvailabilitySet", "VirtualMachines"]))
                    .fixed()
                    .default(r#""VirtualMachineScaleSets""#),
                rw(concat!($at, ".mode"), OneOf(&["System", "User", "Gateway"])),
                rw(concat!($at, ".orchestratorVersion"), Text),
                rw(concat!($at, ".nodeImageVersion"), Text),
                rw(concat!($at, ".upgradeSettings"), Any),
                rw(concat!($at, ".powerState.code"), OneOf(&["Running", "Stopped"])).default(r#""Running""#),
                rw(concat!($at, ".availabilityZones"), Set).fixed(),
                rw(concat!($at, ".availabilityZones[]"), Text),
                rw(concat!($at, ".enableNodePublicIP"), Bool).default("false"),
                rw(concat!($at, ".nodePublicIPPrefixID"), Id).fixed(),
                rw(concat!($at, ".scaleSetPriority"), OneOf(&["Spot", "Regular"])).fixed(),
                rw(concat!($at, ".scaleSetEvictionPolicy"), OneOf(&["Delete", "Deallocate"])).fixed(),
                rw(concat!($at, ".spotMaxPrice"), Any).fixed(),
                rw(concat!($at, ".tags"), Map),
                rw(concat!($at, ".nodeLabels"), Map),
                rw(concat!($at, ".nodeTaints"), List),
                rw(concat!($at, ".nodeTaints[]"), Text),
                rw(concat!($at, ".proximityPlacementGroupID"), Id).fixed(),
                rw(concat!($at, ".kubeletConfig"), Any),
                rw(concat!($at, ".linuxOSConfig"), Any),
                rw(concat!($at, ".enableEncryptionAtHost"), Bool),
                rw(concat!($at, ".enableUltraSSD"), Bool),
                rw(concat!($at, ".enableFIPS"), Bool),
                rw(concat!($at, ".gpuInstanceProfile"), Word).fixed(),
                rw(concat!($at, ".creationData"), Any),
                rw(concat!($at, ".capacityReservationGroupID"), Id).fixed(),
                rw(concat!($at, ".hostGroupID"), Id).fixed(),
                rw(concat!($at, ".networkProfile"), Any),
                rw(concat!($at, ".windowsProfile"), Any),
                rw(concat!($at, ".securityProfile"), Any),
                rw(concat!($at, ".gpuProfile"), Any),
                rw(concat!($at, ".gatewayProfile"), Any),
                rw(concat!($at, ".artifactStreamingProfile"), Any),
                rw(concat!($at, ".virtualMachinesProfile"), Any),
                rw(concat!($at, ".virtualMachineNodesStatus"), Any),
                rw(concat!($at, ".status"), Any),
                rw(concat!($at, ".localDNSProfile"), Any),
                ro(concat!($at, ".eTag"), Text),
                ro(concat!($at, ".currentOrchestratorVersion"), Text),
                ro(concat!($at, ".provisioningState"), Word),
        ]
    };
}
pub(super) use with_pool;

/// A pool of nodes. A PUT of the cluster may carry it too, without the
/// `properties` around its own.
pub static AGENT_POOL: Kind = Kind {
    noun: "agent pool",
    resource_type: "Microsoft.ContainerService/managedClusters/agentPools",
    api_version: "2026-05-01",
    name: NameRule {
        pattern: "^[a-z][a-z0-9]{0,11}$",
        length: (1, 12),
        words: "1 to 12 lower-case letters and digits, beginning with a letter",
        unique: Unique::Scope,
    },
    // Its tags stand among its properties.
    tags: Tags::None,
    put: Put { created: 201, updated: 200, style: Style::AsyncOperation, seconds: 120 },
    update: Update::Put,
    delete: Delete { status: 202, style: Style::AsyncOperation, seconds: 120, query: &[], kept: None },
    embedded: None,
    writers: &[Writer::Itself, Writer::NetworkOf("properties.vnetSubnetID")],
    properties: with_pool!("properties", []),
    source: "type definitions of Microsoft.ContainerService 2026-05-01; accepted statuses: go-azure-sdk \
             containerservice; what is fixed: azurerm kubernetes_cluster_node_pool",
};
