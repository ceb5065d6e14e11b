//! Computes of a machine learning workspace: clusters, instances and what is attached.

use crate::kinds::{
    Action, Delete, Kind, NameRule, Parameter, Put, Shape::Any, Shape::Bool, Shape::Duration, Shape::Id,
    Shape::IdMap, Shape::Int, Shape::Keyed, Shape::List, Shape::Location, Shape::OneOf, Shape::Secret,
    Shape::Set, Shape::Text, Shape::Word, Style, Tags, Unique, Update, Writer, ro, rw, wo,
};

/// What a new compute may be called, since version 2025-12-01. What is named
/// otherwise keeps its name.
pub static NEW_COMPUTE: NameRule = NameRule {
    // A letter somewhere after the last hyphen, or nothing there: `x-1` is refused, `x-1a` is not.
    pattern: "^[a-zA-Z]([a-zA-Z0-9]*|[a-zA-Z0-9-]*-([a-zA-Z0-9]*[a-zA-Z][a-zA-Z0-9]*)?)$",
    length: (3, 24),
    words: "3 to 24 letters, digits and hyphens, beginning with a letter and not ending in a hyphen and digits",
    unique: Unique::Global,
};

/// A compute: `properties.computeType` says whether it is a cluster
/// (`AmlCompute`), an instance (`ComputeInstance`) or one of the types that are
/// attached by `properties.resourceId`, and so which of the rows under
/// `properties.properties` it has. Rows of one type alone have no default, as
/// it would be answered for the others too.
pub static COMPUTE: Kind = Kind {
    noun: "compute",
    resource_type: "Microsoft.MachineLearningServices/workspaces/computes",
    api_version: "2026-05-01",
    name: NameRule {
        // Of those that stand; a new one is held to `NEW_COMPUTE`.
        pattern: "^[a-zA-Z][a-zA-Z0-9-]*$",
        length: (3, 32),
        words: "3 to 32 letters, digits and hyphens, beginning with a letter",
        // Among all computes of the region, whoever owns them.
        unique: Unique::Global,
    },
    tags: Tags::AtMost(50),
    put: Put { created: 201, updated: 200, style: Style::AsyncOperation, seconds: 300 },
    // PATCH knows the scale settings only.
    update: Update::Put,
    delete: Delete {
        status: 202,
        style: Style::AsyncOperationOnly,
        seconds: 180,
        // Only nodes that Azure has made itself are nobody else's: "Delete" takes along the machine that was attached.
        query: &[
            Parameter { of: Some(("properties.isAttachedCompute", &["true"])), ..DETACH },
            Parameter {
                value: "Delete",
                of: Some(("properties.computeType", &["AmlCompute", "ComputeInstance"])),
                ..DETACH
            },
            DETACH,
        ],
        kept: None,
    },
    embedded: None,
    writers: &[Writer::NetworkOf("properties.properties.subnet.id")],
    properties: &[
        // The workspace's, also where the nodes are elsewhere.
        rw("location", Location).required().fixed(),
        rw("sku.name", Word).required(),
        rw("sku.tier", OneOf(&["Free", "Basic", "Standard", "Premium"])),
        rw("sku.size", Text),
        rw("sku.family", Text),
        rw("sku.capacity", Int(0, i32::MAX as i64)),
        rw(
            "identity.type",
            OneOf(&["None", "SystemAssigned", "UserAssigned", "SystemAssigned,UserAssigned"]),
        )
        .required(),
        rw("identity.userAssignedIdentities", IdMap),
        ro("identity.userAssignedIdentities{}.principalId", Word),
        ro("identity.userAssignedIdentities{}.clientId", Word),
        ro("identity.principalId", Word),
        ro("identity.tenantId", Word),
        rw("properties", Any).required(),
        rw(
            "properties.computeType",
            OneOf(&[
                "AKS",
                "AmlCompute",
                "ComputeInstance",
                "DataFactory",
                "DataLakeAnalytics",
                "Databricks",
                "HDInsight",
                "Kubernetes",
                "SynapseSpark",
                "VirtualMachine",
            ]),
        )
        .required()
        .fixed(),
        rw("properties.computeLocation", Location).fixed(),
        rw("properties.description", Text).fixed(),
        rw("properties.resourceId", Id).fixed(),
        rw("properties.disableLocalAuth", Bool).fixed(),
        ro("properties.createdOn", Text),
        ro("properties.modifiedOn", Text),
        ro("properties.provisioningErrors", Any),
        ro("properties.isAttachedCompute", Bool),
        ro("properties.provisioningState", Word),
        // Of clusters and instances; what is attached is answered without the default.
        rw("properties.properties.vmSize", Word).fixed(),
        rw("properties.properties.subnet.id", Id).required().fixed(),
        rw("properties.properties.enableNodePublicIp", Bool).fixed().default("true"),
        ro("properties.properties.errors", Any),
        // Of clusters.
        rw("properties.properties.osType", OneOf(&["Linux", "Windows"])).fixed(),
        rw("properties.properties.vmPriority", OneOf(&["Dedicated", "LowPriority"])).fixed(),
        rw("properties.properties.virtualMachineImage.id", Text).required().fixed(),
        rw("properties.properties.isolatedNetwork", Bool).fixed(),
        rw("properties.properties.scaleSettings.maxNodeCount", Int(0, i32::MAX as i64)).required(),
        rw("properties.properties.scaleSettings.minNodeCount", Int(0, i32::MAX as i64)),
        rw("properties.properties.scaleSettings.nodeIdleTimeBeforeScaleDown", Duration),
        rw("properties.properties.userAccountCredentials.adminUserName", Text).required().fixed(),
        wo("properties.properties.userAccountCredentials.adminUserSshPublicKey", Text).fixed(),
        wo("properties.properties.userAccountCredentials.adminUserPassword", Secret).fixed(),
        rw(
            "properties.properties.remoteLoginPortPublicAccess",
            OneOf(&["Enabled", "Disabled", "NotSpecified"]),
        )
        .fixed(),
        rw("properties.properties.propertyBag", Any),
        ro("properties.properties.allocationState", Word),
        ro("properties.properties.allocationStateTransitionTime", Text),
        ro("properties.properties.currentNodeCount", Int(0, i64::MAX)),
        ro("properties.properties.targetNodeCount", Int(0, i64::MAX)),
        ro("properties.properties.nodeStateCounts", Any),
        // Of instances, of which nothing can be changed by a PUT.
        rw("properties.properties.applicationSharingPolicy", OneOf(&["Personal", "Shared"])).fixed(),
        rw("properties.properties.computeInstanceAuthorizationType", OneOf(&["personal"])).fixed(),
        rw("properties.properties.personalComputeInstanceSettings.assignedUser.objectId", Word)
            .required()
            .fixed(),
        rw("properties.properties.personalComputeInstanceSettings.assignedUser.tenantId", Word)
            .required()
            .fixed(),
        rw("properties.properties.sshSettings.sshPublicAccess", OneOf(&["Enabled", "Disabled"])).fixed(),
        rw("properties.properties.sshSettings.adminPublicKey", Text).fixed(),
        ro("properties.properties.sshSettings.adminUserName", Text),
        ro("properties.properties.sshSettings.sshPort", Int(0, 65535)),
        rw("properties.properties.enableSSO", Bool).fixed(),
        rw("properties.properties.idleTimeBeforeShutdown", Duration).fixed(),
        rw("properties.properties.setupScripts.scripts.creationScript.scriptSource", Word).fixed(),
        rw("properties.properties.setupScripts.scripts.creationScript.scriptData", Text).fixed(),
        rw("properties.properties.setupScripts.scripts.creationScript.scriptArguments", Text).fixed(),
        rw("properties.properties.setupScripts.scripts.creationScript.timeout", Text).fixed(),
        rw("properties.properties.setupScripts.scripts.startupScript.scriptSource", Word).fixed(),
        rw("properties.properties.setupScripts.scripts.startupScript.scriptData", Text).fixed(),
        rw("properties.properties.setupScripts.scripts.startupScript.scriptArguments", Text).fixed(),
        rw("properties.properties.setupScripts.scripts.startupScript.timeout", Text).fixed(),
        rw("properties.properties.customServices", Keyed("name")).fixed(),
        rw("properties.properties.customServices[]", Any).fixed(),
        rw("properties.properties.schedules.computeStartStop", List).fixed(),
        rw("properties.properties.schedules.computeStartStop[]", Any).required(),
        ro("properties.properties.schedules.computeStartStop[].id", Text),
        ro("properties.properties.schedules.computeStartStop[].provisioningStatus", Word),
        rw("properties.properties.schedules.computeStartStop[].status", OneOf(&["Enabled", "Disabled"])),
        rw("properties.properties.schedules.computeStartStop[].action", OneOf(&["Start", "Stop"])),
        rw("properties.properties.schedules.computeStartStop[].triggerType", OneOf(&["Recurrence", "Cron"])),
        rw("properties.properties.schedules.computeStartStop[].cron.expression", Text),
        rw("properties.properties.schedules.computeStartStop[].cron.startTime", Text),
        rw("properties.properties.schedules.computeStartStop[].cron.timeZone", Text),
        rw(
            "properties.properties.schedules.computeStartStop[].recurrence.frequency",
            OneOf(&["Minute", "Hour", "Day", "Week", "Month"]),
        ),
        rw("properties.properties.schedules.computeStartStop[].recurrence.interval", Int(1, i32::MAX as i64)),
        rw("properties.properties.schedules.computeStartStop[].recurrence.startTime", Text),
        rw("properties.properties.schedules.computeStartStop[].recurrence.timeZone", Text),
        rw("properties.properties.schedules.computeStartStop[].recurrence.schedule.hours", Set).required(),
        rw("properties.properties.schedules.computeStartStop[].recurrence.schedule.hours[]", Int(0, 23)),
        rw("properties.properties.schedules.computeStartStop[].recurrence.schedule.minutes", Set).required(),
        rw("properties.properties.schedules.computeStartStop[].recurrence.schedule.minutes[]", Int(0, 59)),
        rw("properties.properties.schedules.computeStartStop[].recurrence.schedule.weekDays", Set),
        rw("properties.properties.schedules.computeStartStop[].recurrence.schedule.weekDays[]", Word),
        rw("properties.properties.schedules.computeStartStop[].recurrence.schedule.monthDays", Set),
        rw("properties.properties.schedules.computeStartStop[].recurrence.schedule.monthDays[]", Int(1, 31)),
        // Of an earlier time.
        rw("properties.properties.schedules.computeStartStop[].schedule", Any),
        ro("properties.properties.osImageMetadata", Any),
        ro("properties.properties.connectivityEndpoints", Any),
        ro("properties.properties.applications", Any),
        ro("properties.properties.createdBy", Any),
        ro("properties.properties.state", Word),
        ro("properties.properties.lastOperation", Any),
        ro("properties.properties.containers", Any),
        ro("properties.properties.dataDisks", Any),
        ro("properties.properties.dataMounts", Any),
        ro("properties.properties.versions", Any),
        // Of AKS.
        rw("properties.properties.clusterFqdn", Word).fixed(),
        rw("properties.properties.agentCount", Int(0, i32::MAX as i64)).fixed(),
        rw("properties.properties.agentVmSize", Word).fixed(),
        rw("properties.properties.clusterPurpose", OneOf(&["FastProd", "DenseProd", "DevTest"])).fixed(),
        rw("properties.properties.sslConfiguration.status", OneOf(&["Disabled", "Enabled", "Auto"])),
        wo("properties.properties.sslConfiguration.cert", Text),
        wo("properties.properties.sslConfiguration.key", Secret),
        rw("properties.properties.sslConfiguration.cname", Word),
        rw("properties.properties.sslConfiguration.leafDomainLabel", Word),
        rw("properties.properties.sslConfiguration.overwriteExistingDomain", Bool),
        rw("properties.properties.aksNetworkingConfiguration", Any).fixed(),
        // An internal one can only be asked for once the cluster is attached.
        rw("properties.properties.loadBalancerType", OneOf(&["PublicIp", "InternalLoadBalancer"])).later(),
        rw("properties.properties.loadBalancerSubnet", Text).later(),
        ro("properties.properties.systemServices", Any),
        // Of Kubernetes.
        wo("properties.properties.relayConnectionString", Secret),
        wo("properties.properties.serviceBusConnectionString", Secret),
        rw("properties.properties.extensionPrincipalId", Word),
        rw("properties.properties.extensionInstanceReleaseTrain", Text),
        rw("properties.properties.vcName", Text),
        rw("properties.properties.namespace", Text).fixed(),
        rw("properties.properties.defaultInstanceType", Text),
        rw("properties.properties.instanceTypes", Any),
        // Of virtual machines and HDInsight.
        rw("properties.properties.virtualMachineSize", Word).fixed(),
        rw("properties.properties.sshPort", Int(0, 65535)).fixed(),
        rw("properties.properties.notebookServerPort", Int(0, 65535)).fixed(),
        rw("properties.properties.address", Word).fixed(),
        rw("properties.properties.isNotebookInstanceCompute", Bool).fixed(),
        wo("properties.properties.administratorAccount", Any),
        // Of Databricks and Data Lake Analytics.
        wo("properties.properties.databricksAccessToken", Secret),
        rw("properties.properties.workspaceUrl", Word).fixed(),
        rw("properties.properties.dataLakeStoreAccountName", Word).fixed(),
        // Of Synapse Spark.
        rw("properties.properties.autoScaleProperties", Any),
        rw("properties.properties.autoPauseProperties", Any),
        rw("properties.properties.sparkVersion", Text),
        rw("properties.properties.nodeCount", Int(0, i32::MAX as i64)),
        rw("properties.properties.nodeSize", Word),
        rw("properties.properties.nodeSizeFamily", Word),
        rw("properties.properties.subscriptionId", Word).fixed(),
        rw("properties.properties.resourceGroup", Word).fixed(),
        rw("properties.properties.workspaceName", Word).fixed(),
        rw("properties.properties.poolName", Word).fixed(),
    ],
    source: "type definitions of Microsoft.MachineLearningServices 2026-05-01; recorded: 201 with the body on PUT, \
             202 on DELETE (azure-service-operator); what is fixed: azurerm machine_learning_compute_cluster and \
             machine_learning_compute_instance; about five minutes: learn.microsoft.com, create a compute cluster; \
             what comes later: learn.microsoft.com, use private IPs with Azure Kubernetes Service; \
             longer names of older computes: azurerm machine_learning_compute_cluster",
};

/// Changes when a compute instance starts and stops. The type definitions do not list it; the Azure CLI's
/// `az ml compute` posts it.
pub static UPDATE_SCHEDULES: Action = Action {
    name: "updateSchedules",
    path: "properties.properties.schedules.computeStartStop",
    none: Some("[]"),
};

/// Changes after how much idle time a compute instance stops, but not that it does. The type definitions do not
/// list it either.
pub static UPDATE_IDLE_SHUTDOWN_SETTING: Action = Action {
    name: "updateIdleShutdownSetting",
    path: "properties.properties.idleTimeBeforeShutdown",
    none: None,
};

/// What is attached is let go of, and what it stood for stays.
const DETACH: Parameter = Parameter { name: "underlyingResourceAction", value: "Detach", of: None };

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;

    #[test]
    fn only_what_azure_has_made_is_deleted_and_all_else_is_let_go_of() {
        let action = |body: Json| COMPUTE.delete.query(Some(&body)).unwrap().1;
        let of = |kind: &str| json!({ "properties": { "computeType": kind } });
        for kind in ["AmlCompute", "ComputeInstance", "amlcompute"] {
            assert_eq!(action(of(kind)), "Delete", "{kind}");
        }
        for kind in
            ["VirtualMachine", "HDInsight", "Databricks", "AKS", "Kubernetes", "SynapseSpark", "Later"]
        {
            assert_eq!(action(of(kind)), "Detach", "{kind}");
        }
        assert_eq!(
            action(json!({ "properties": { "computeType": "AmlCompute", "isAttachedCompute": true } })),
            "Detach"
        );
        assert_eq!(action(json!({})), "Detach");
        assert_eq!(COMPUTE.delete.query(None), Some(("underlyingResourceAction", "Detach")));
    }
}
