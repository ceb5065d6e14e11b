//! Computes that are attached (azure-aml 4.1, 4.4 to 4.7, A.4).

use super::*;

fn outside(tail: &str) -> String {
    format!("{}/providers/{tail}", rg())
}

fn attached_body(kind: &str, target: &str, properties: Value) -> Value {
    let mut body =
        json!({ "location": "eastus", "properties": { "computeType": kind, "resourceId": target } });
    if !properties.is_null() {
        body["properties"]["properties"] = properties;
    }
    body
}

/// Something of a namespace of which nothing is simulated.
fn factory() -> String {
    outside("Microsoft.DataFactory/factories/adf")
}

#[test]
fn every_type_of_compute_can_be_attached_and_detached() {
    let cloud = Cloud::instant().with_workspace();
    for (at, (kind, target, properties)) in [
        ("Kubernetes", "Contoso.Outside/connectedClusters/arc", json!({ "namespace": "ml" })),
        ("VirtualMachine", "Contoso.Outside/machines/vm", json!({ "sshPort": 22, "address": "10.0.0.4" })),
        ("HDInsight", "Contoso.Outside/clusters/hdi", json!({ "sshPort": 22, "address": "hdi.example" })),
        ("Databricks", "Contoso.Outside/workspaces/dbw", json!({ "workspaceUrl": "dbw.example" })),
        ("DataFactory", "Microsoft.DataFactory/factories/adf", Value::Null),
        ("DataLakeAnalytics", "Contoso.Outside/accounts/dla", json!({ "dataLakeStoreAccountName": "dls" })),
        ("SynapseSpark", "Microsoft.Synapse/workspaces/syn/bigDataPools/pool", json!({ "poolName": "pool" })),
        ("AKS", "Contoso.Outside/managedClusters/aks", json!({ "clusterPurpose": "DevTest" })),
    ]
    .into_iter()
    .enumerate()
    {
        let path = compute(&format!("outside{at}x"));
        let reply = cloud.put(&path, attached_body(kind, &outside(target), properties));
        assert_eq!(reply.status, 201, "{kind}: {reply:?}");
        cloud.follow(&reply);
        let seen = cloud.get(&path).body;
        assert_eq!(seen["properties"]["provisioningState"], "Succeeded");
        assert_eq!(seen["properties"]["isAttachedCompute"], true, "{kind}");
        assert_eq!(seen["properties"]["provisioningErrors"], Value::Null);
        let inner = &seen["properties"]["properties"];
        assert!(inner["enableNodePublicIp"].is_null() && inner["state"].is_null(), "{kind}: {inner}");
        cloud.unmake(&format!("{path}?underlyingResourceAction=Detach"));
    }
}

#[test]
fn detaching_leaves_what_was_attached() {
    let cloud = Cloud::instant().with_workspace();
    // Any resource that is simulated will do: what counts is that it stays.
    let target = network("virtualNetworks/vnet");
    let path = compute("attached");
    cloud.make(&path, attached_body("HDInsight", &target, Value::Null));
    cloud.unmake(&format!("{path}?underlyingResourceAction=Detach"));
    assert_eq!(cloud.get(&target).status, 200);
}

/// 4.6, recorded: `Detach` keeps the machine, `Delete` removes it.
#[test]
fn only_a_machine_is_deleted_with_its_compute_and_only_if_told_so() {
    let cloud = Cloud::instant().with_workspace();
    // Something simulated stands for the machine.
    let target = network("publicIPAddresses/machine");
    let body = json!({ "location": "eastus", "sku": { "name": "Standard" },
        "properties": { "publicIPAllocationMethod": "Static" } });
    cloud.make(&target, body);
    let path = compute("attached");
    for (kind, word, status) in
        [("VirtualMachine", "Detach", 200), ("HDInsight", "Delete", 200), ("VirtualMachine", "Delete", 404)]
    {
        cloud.make(&path, attached_body(kind, &target, Value::Null));
        cloud.delete(&format!("{path}?underlyingResourceAction=Forget")).refused(400, "BadRequest");
        cloud.unmake(&format!("{path}?underlyingResourceAction={word}"));
        assert_eq!(cloud.get(&target).status, status, "{kind} {word}");
    }
}

#[test]
fn what_is_attached_must_be_there_where_it_could_be() {
    let cloud = Cloud::instant().with_workspace();
    let lost = network("virtualNetworks/none");
    cloud
        .put(&compute("attached"), attached_body("HDInsight", &lost, Value::Null))
        .refused(400, "ValidationError");
    let mut nameless = attached_body("Kubernetes", "", Value::Null);
    nameless["properties"].as_object_mut().unwrap().remove("resourceId");
    cloud.put(&compute("attached"), nameless).refused(400, "BadRequest");
    let mut unknown = attached_body("DataFactory", &factory(), Value::Null);
    unknown["properties"]["computeType"] = json!("Abacus");
    cloud.put(&compute("attached"), unknown).refused(400, "InvalidParameter");
}

/// 4.5, 14.3: whose words are not documented.
#[test]
fn a_kubernetes_cluster_is_attached_once_the_extension_stands_on_it() {
    let cloud = Cloud::instant().with_workspace();
    let cluster = outside("Microsoft.ContainerService/managedClusters/aks");
    let pool = json!({
        "name": "system", "mode": "System", "count": 3, "vmSize": "Standard_D4s_v5", "vnetSubnetID": subnet("training"),
    });
    cloud.make(
        &cluster,
        json!({ "location": "eastus", "identity": { "type": "SystemAssigned" },
            "properties": { "dnsPrefix": "aks", "agentPoolProfiles": [pool] } }),
    );
    let extension = |kind: &str| {
        json!({ "properties": {
            "extensionType": kind, "configurationSettings": { "enableInference": "True" },
        } })
    };
    let at = |name: &str| format!("{cluster}/providers/Microsoft.KubernetesConfiguration/extensions/{name}");
    let body = attached_body("Kubernetes", &cluster, json!({ "namespace": "ml" }));
    cloud.make(&at("flux"), extension("microsoft.flux"));
    let refused = cloud.put(&compute("aks"), body.clone());
    refused.refused(400, "BadRequest");
    assert!(refused.message().contains("Microsoft.AzureML.Kubernetes is not installed"));
    cloud.make(&at("azureml"), extension("Microsoft.AzureML.Kubernetes"));
    cloud.make(&compute("aks"), body);
}

#[test]
fn a_managed_network_is_not_shared_with_clusters_of_ones_own() {
    let cloud = managed("AllowInternetOutbound");
    for kind in ["Kubernetes", "VirtualMachine"] {
        cloud
            .put(&compute("attached"), attached_body(kind, &outside("Contoso.Outside/c/c"), Value::Null))
            .refused(400, "BadRequest");
    }
    cloud.make(&compute("attached"), attached_body("DataFactory", &factory(), Value::Null));
}

#[test]
fn a_virtual_machine_reads_back_as_the_service_has_it() {
    let cloud = Cloud::instant().with_workspace();
    let properties = json!({
        "virtualMachineSize": "Standard_DS3_v2", "sshPort": 22, "address": "10.0.0.4",
        "administratorAccount": { "username": "ml", "password": "s3cret" },
    });
    let made = cloud.make(
        &compute("attached"),
        attached_body("VirtualMachine", &outside("Contoso.Outside/m/vm"), properties),
    );
    let inner = &made["properties"]["properties"];
    assert_eq!(inner["virtualMachineSize"], "STANDARD_DS3_V2");
    assert!(inner["administratorAccount"].is_null());
    let keys = post(&cloud, &format!("{}/listKeys", compute("attached")), Value::Null).ok().body;
    assert_eq!(
        keys,
        json!({
            "computeType": "VirtualMachine",
            "administratorAccount": { "username": "ml", "password": "s3cret" },
        }),
    );
    let tagged = cloud.patch(&compute("attached"), json!({ "tags": { "a": "b" } })).ok();
    cloud.follow(&tagged);
    let keys = post(&cloud, &format!("{}/listKeys", compute("attached")), Value::Null).ok().body;
    assert_eq!(keys["administratorAccount"]["password"], "s3cret");
}

#[test]
fn keys_are_listed_of_the_types_that_have_some() {
    let cloud = Cloud::instant().with_workspace();
    cloud.make(
        &compute("databricks"),
        attached_body(
            "Databricks",
            &outside("Contoso.Outside/w/w"),
            json!({ "databricksAccessToken": "dapi" }),
        ),
    );
    let list = |name: &str| post(&cloud, &format!("{}/listKeys", compute(name)), Value::Null);
    assert_eq!(list("databricks").ok().body["databricksAccessToken"], "dapi");
    assert!(
        cloud.get(&compute("databricks")).body["properties"]["properties"]["databricksAccessToken"].is_null()
    );
    cloud.make(&compute("kube"), attached_body("AKS", &outside("Contoso.Outside/k/k"), Value::Null));
    assert!(list("kube").ok().body["adminKubeConfig"].is_string());
    cloud.make(&compute("cpu"), open_cluster_body("Standard_DS3_v2", 0));
    list("cpu").refused(400, "BadRequest");
}

#[test]
fn an_internal_load_balancer_comes_after_the_attachment() {
    let cloud = Cloud::instant().with_workspace();
    let body = |kind: &str| {
        attached_body("AKS", &outside("Contoso.Outside/k/k"), json!({ "loadBalancerType": kind }))
    };
    cloud.put(&compute("kube"), body("InternalLoadBalancer")).refused(400, "BadRequest");
    cloud.make(&compute("kube"), body("PublicIp"));
    let after = cloud.make(&compute("kube"), body("InternalLoadBalancer"));
    assert_eq!(after["properties"]["properties"]["loadBalancerType"], "InternalLoadBalancer");
}

/// S0, "virtual machine or HDInsight cluster": only Ubuntu is supported.
#[test]
fn a_machine_that_runs_windows_cannot_be_attached() {
    let cloud = Cloud::instant().with_workspace().with_network();
    let nic = network("networkInterfaces/nic");
    let configuration = json!({ "name": "one", "properties": { "subnet": { "id": subnet("training") } } });
    let body = json!({ "location": "eastus", "properties": { "ipConfigurations": [configuration] } });
    cloud.make(&nic, body);
    let machine = outside("Microsoft.Compute/virtualMachines/vm");
    let image = json!({
        "publisher": "MicrosoftWindowsServer", "offer": "WindowsServer", "sku": "2022", "version": "latest",
    });
    let made = json!({ "location": "eastus", "properties": {
        "hardwareProfile": { "vmSize": "Standard_DS3_v2" },
        "storageProfile": { "imageReference": image, "osDisk": { "createOption": "FromImage" } },
        "osProfile": { "computerName": "vm", "adminUsername": "me", "adminPassword": "A-real-password-1" },
        "networkProfile": { "networkInterfaces": [{ "id": nic }] },
    }});
    cloud.make(&machine, made);
    let refused = cloud.put(&compute("attached"), attached_body("VirtualMachine", &machine, Value::Null));
    refused.refused(400, "BadRequest");
}
