//! Virtual machines, their interfaces, disks and extensions, and scale sets
//! (azure-network B.0.2, B.12, B.23, B.24, B.25, C.3, D.2, E 4).

use super::*;

fn compute(tail: &str) -> String {
    format!("{}/providers/Microsoft.Compute/{tail}", rg())
}

fn machine(name: &str) -> String {
    compute(&format!("virtualMachines/{name}"))
}

fn extension(name: &str) -> String {
    format!("{}/extensions/{name}", machine("vm"))
}

fn scale_set() -> String {
    compute("virtualMachineScaleSets/vmss")
}

fn nic(name: &str) -> String {
    network(&format!("networkInterfaces/{name}"))
}

fn nic_body() -> Value {
    json!({
        "location": "eastus",
        "properties": {
            "ipConfigurations": [{ "name": "internal", "properties": { "subnet": { "id": subnet("training") } } }],
        },
    })
}

pub fn machine_body(nics: &[&str]) -> Value {
    let interfaces: Vec<Value> = nics
        .iter()
        .enumerate()
        .map(|(at, name)| json!({ "id": nic(name), "properties": { "primary": at == 0 } }))
        .collect();
    json!({
        "location": "eastus",
        "properties": {
            "hardwareProfile": { "vmSize": "Standard_DS3_v2" },
            "storageProfile": {
                "imageReference": {
                    "publisher": "Canonical", "offer": "ubuntu-24_04-lts", "sku": "server", "version": "latest",
                },
                "osDisk": { "createOption": "FromImage", "deleteOption": "Delete" },
            },
            "osProfile": {
                "computerName": "vm", "adminUsername": "azureuser", "adminPassword": "not-a-real-password",
                "customData": "I2Nsb3VkLWNvbmZpZw==",
                "linuxConfiguration": { "disablePasswordAuthentication": false },
            },
            "networkProfile": { "networkInterfaces": interfaces },
            "userData": "aGVsbG8=",
        },
    })
}

fn with_nic(cloud: Cloud) -> Cloud {
    let cloud = cloud.with_network();
    cloud.make(&nic("nic"), nic_body());
    cloud
}

fn with_machine() -> Cloud {
    let cloud = with_nic(Cloud::instant());
    cloud.make(&machine("vm"), machine_body(&["nic"]));
    cloud
}

fn script(settings: Value) -> Value {
    json!({
        "location": "eastus",
        "properties": {
            "publisher": "Microsoft.Azure.Extensions", "type": "CustomScript", "typeHandlerVersion": "2.1",
            "settings": settings,
        },
    })
}

fn scale_set_body(capacity: u64) -> Value {
    json!({
        "location": "eastus", "sku": { "name": "Standard_D2s_v3", "capacity": capacity },
        "properties": {
            "upgradePolicy": { "mode": "Manual" }, "overprovision": false,
            "virtualMachineProfile": {
                "userData": "aGVsbG8=",
                "osProfile": {
                    "computerNamePrefix": "agent", "adminUsername": "azureuser", "adminPassword": "not-a-real-one",
                },
                "storageProfile": {
                    "imageReference": { "publisher": "Canonical", "offer": "u", "sku": "s", "version": "latest" },
                    "osDisk": { "createOption": "FromImage" },
                },
                "networkProfile": {
                    "networkInterfaceConfigurations": [{
                        "name": "nic",
                        "properties": {
                            "primary": true,
                            "ipConfigurations": [{
                                "name": "internal", "properties": { "subnet": { "id": subnet("training") } },
                            }],
                        },
                    }],
                },
                "extensionProfile": {
                    "extensions": [{
                        "name": "hello",
                        "properties": {
                            "publisher": "p", "type": "t", "typeHandlerVersion": "1.0",
                            "protectedSettings": { "key": "secret" },
                        },
                    }],
                },
            },
        },
    })
}

fn action(cloud: &Cloud, path: &str, name: &str) -> Reply {
    cloud.send(Method::POST, &format!("{path}/{name}"), &[], &Value::Null)
}

fn held(cloud: &Cloud) -> usize {
    cloud.get(&subnet("training")).body["properties"]["ipConfigurations"].as_array().map_or(0, Vec::len)
}

fn power(cloud: &Cloud) -> Value {
    cloud.get(&format!("{}/instanceView", machine("vm"))).ok().body["statuses"][1]["code"].clone()
}

#[test]
fn a_machine_is_made_read_listed_changed_and_deleted() {
    let cloud = with_nic(Cloud::real());
    let begun = cloud.put(&machine("vm"), machine_body(&["nic"]));
    assert_eq!((begun.status, &begun.body["properties"]["provisioningState"]), (201, &json!("Creating")));
    assert!(begun.header("azure-asyncoperation").is_some());
    assert_eq!(cloud.follow(&begun)["status"], "Succeeded");
    let made = cloud.get(&machine("vm")).ok().body;
    assert!(made["properties"]["vmId"].is_string() && made["properties"]["timeCreated"].is_string());
    let list = cloud.get(&compute("virtualMachines")).ok().body;
    assert_eq!(list["value"], json!([made]));
    let tagged = cloud.patch(&machine("vm"), json!({ "tags": { "a": "b" } })).ok();
    assert_eq!(cloud.follow(&tagged)["status"], "Succeeded");
    let resized = cloud
        .patch(&machine("vm"), json!({ "properties": { "hardwareProfile": { "vmSize": "Standard_B2s" } } }));
    assert_eq!((resized.status, cloud.follow(&resized)["status"].clone()), (200, json!("Succeeded")));
    let seen = cloud.get(&machine("vm")).body;
    assert_eq!(seen["properties"]["hardwareProfile"]["vmSize"], "Standard_B2s");
    assert_eq!(
        (&seen["tags"], &seen["properties"]["vmId"]),
        (&json!({ "a": "b" }), &made["properties"]["vmId"])
    );
    let gone = cloud.delete(&format!("{}?forceDeletion=true", machine("vm")));
    assert_eq!((gone.status, gone.header("location").is_some()), (202, true));
    assert_eq!(cloud.follow(&gone)["status"], "Succeeded");
    assert_eq!(cloud.get(&machine("vm")).status, 404);
    assert_eq!(cloud.delete(&machine("vm")).status, 204);
}

#[test]
fn secrets_of_a_machine_are_never_answered() {
    let cloud = with_machine();
    let seen = cloud.get(&machine("vm")).body;
    assert_eq!(seen["properties"]["osProfile"]["adminUsername"], "azureuser");
    for hidden in ["adminPassword", "customData"] {
        assert!(seen["properties"]["osProfile"].get(hidden).is_none(), "{hidden}");
    }
    assert!(seen["properties"].get("userData").is_none() && seen["properties"].get("instanceView").is_none());
    let more = cloud.get(&format!("{}?$expand=userData", machine("vm"))).ok().body;
    assert_eq!(more["properties"]["userData"], "aGVsbG8=");
    cloud.get(&format!("{}?$expand=nonsense", machine("vm"))).refused(400, "InvalidParameter");
}

#[test]
fn what_a_machine_was_born_with_stays() {
    let cloud = with_machine();
    let mut body = machine_body(&["nic"]);
    body["properties"]["osProfile"]["adminUsername"] = json!("other");
    cloud.put(&machine("vm"), body).refused(409, "PropertyChangeNotAllowed");
    let mut body = machine_body(&["nic"]);
    body["properties"]["storageProfile"]["imageReference"]["sku"] = json!("minimal");
    cloud.put(&machine("vm"), body).refused(409, "PropertyChangeNotAllowed");
    // What was read can be written back.
    let mut back = cloud.get(&machine("vm")).body;
    back.as_object_mut().unwrap().remove("etag");
    for answered in ["provisioningState", "vmId", "timeCreated"] {
        back["properties"].as_object_mut().unwrap().remove(answered);
    }
    cloud.put(&machine("vm"), back).ok();
}

#[test]
fn a_machine_needs_a_size_an_image_an_administrator_and_an_interface() {
    let cloud = with_nic(Cloud::instant());
    for (pointer, target) in [
        ("/properties/hardwareProfile/vmSize", "vmSize"),
        ("/properties/storageProfile/imageReference", "imageReference"),
        ("/properties/storageProfile/osDisk", "osDisk"),
        ("/properties/osProfile/adminPassword", "adminPassword"),
        ("/properties/osProfile/adminUsername", "osProfile.adminUsername"),
        ("/properties/networkProfile/networkInterfaces", "networkProfile"),
    ] {
        let mut body = machine_body(&["nic"]);
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        body.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name);
        let refused = cloud.put(&machine("vm"), body);
        refused.refused(400, "InvalidParameter");
        assert_eq!(refused.body["error"]["target"], target, "{refused:?}");
    }
    let mut closed = machine_body(&["nic"]);
    closed["properties"]["osProfile"]["linuxConfiguration"]["disablePasswordAuthentication"] = json!(true);
    cloud.put(&machine("vm"), closed.clone()).refused(400, "InvalidParameter");
    closed["properties"]["osProfile"]["linuxConfiguration"]["ssh"] = json!({ "publicKeys": [{ "path": "/home/azureuser/.ssh/authorized_keys", "keyData": "ssh-rsa AAAA" }] });
    closed["properties"]["osProfile"].as_object_mut().unwrap().remove("adminPassword");
    cloud.put(&machine("vm"), closed).ok();
}

#[test]
fn an_interface_knows_its_machine_and_stays_with_it() {
    let cloud = with_machine();
    let seen = cloud.get(&nic("nic")).body;
    assert_eq!(seen["properties"]["virtualMachine"]["id"], machine("vm"));
    assert!(seen["properties"]["macAddress"].as_str().unwrap().starts_with("00-0D-3A-"));
    let refused = cloud.delete(&nic("nic"));
    refused.refused(400, "NicInUse");
    assert!(refused.message().contains(&machine("vm")), "{refused:?}");
    cloud.put(&machine("other"), machine_body(&["nic"])).refused(400, "NicInUse");
    cloud.put(&machine("lost"), machine_body(&["none"])).refused(400, "InvalidResourceReference");
    cloud.unmake(&machine("vm"));
    assert!(cloud.get(&nic("nic")).body["properties"].get("virtualMachine").is_none());
    cloud.unmake(&nic("nic"));
}

#[test]
fn a_machine_with_two_interfaces_has_one_that_is_first() {
    let cloud = with_nic(Cloud::instant());
    cloud.make(&nic("second"), nic_body());
    let mut body = machine_body(&["nic", "second"]);
    body["properties"]["networkProfile"]["networkInterfaces"][0]["properties"]["primary"] = json!(false);
    cloud.put(&machine("vm"), body).refused(400, "VirtualMachineMustHaveOneNetworkInterfaceAsPrimary");
    cloud.make(&machine("vm"), machine_body(&["nic", "second"]));
}

#[test]
fn an_interface_is_kept_for_a_while_for_the_machine_that_was_deleted() {
    let cloud = with_nic(Cloud::real());
    cloud.make(&machine("vm"), machine_body(&["nic"]));
    cloud.unmake(&machine("vm"));
    cloud.delete(&nic("nic")).refused(400, "NicReservedForAnotherVm");
    cloud.put(&machine("other"), machine_body(&["nic"])).refused(400, "NicReservedForAnotherVm");
    cloud.pass(181);
    cloud.unmake(&nic("nic"));
}

#[test]
fn parts_go_with_the_machine_where_it_says_so() {
    let cloud = with_nic(Cloud::instant());
    let mut body = machine_body(&["nic"]);
    body["properties"]["networkProfile"]["networkInterfaces"][0]["properties"]["deleteOption"] =
        json!("Delete");
    let made = cloud.make(&machine("vm"), body);
    let disk =
        made["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"].as_str().unwrap().to_owned();
    let seen = cloud.get(&disk).ok().body;
    assert_eq!(
        (&seen["managedBy"], &seen["properties"]["diskState"]),
        (&json!(machine("vm")), &json!("Attached"))
    );
    let refused = cloud.delete(&disk);
    refused.refused(409, "OperationNotAllowed");
    assert!(refused.message().contains("is attached to VM"), "{refused:?}");
    cloud.unmake(&machine("vm"));
    assert_eq!((cloud.get(&nic("nic")).status, cloud.get(&disk).status), (404, 404));

    cloud.make(&nic("nic"), nic_body());
    let mut body = machine_body(&["nic"]);
    body["properties"]["storageProfile"]["osDisk"]["deleteOption"] = json!("Detach");
    let made = cloud.make(&machine("vm"), body);
    let disk =
        made["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"].as_str().unwrap().to_owned();
    cloud.unmake(&machine("vm"));
    assert_eq!(cloud.get(&disk).ok().body["properties"]["diskState"], "Unattached");
    cloud.unmake(&disk);
}

#[test]
fn a_disk_belongs_to_one_machine() {
    let cloud = with_machine();
    let disk = compute("disks/data");
    let empty =
        json!({ "location": "eastus", "properties": { "creationData": { "createOption": "Empty" } } });
    cloud.put(&disk, empty.clone()).refused(400, "InvalidParameter");
    let mut body = empty;
    body["properties"]["diskSizeGB"] = json!(64);
    let made = cloud.make(&disk, body);
    assert_eq!(made["properties"]["diskSizeBytes"], 64_u64 << 30);
    assert_eq!(
        (&made["properties"]["diskState"], &made["sku"]["tier"]),
        (&json!("Unattached"), &json!("Standard"))
    );
    let attach = json!({ "properties": { "storageProfile": { "dataDisks": [
        { "lun": 0, "createOption": "Attach", "managedDisk": { "id": disk } },
    ] } } });
    cloud.patch(&machine("vm"), attach.clone()).ok();
    assert_eq!(cloud.get(&disk).body["managedBy"], machine("vm"));
    cloud.delete(&disk).refused(409, "OperationNotAllowed");
    cloud.make(&nic("second"), nic_body());
    cloud.make(&machine("other"), machine_body(&["second"]));
    cloud.patch(&machine("other"), attach).refused(409, "ConflictingUserInput");
    cloud.patch(&machine("vm"), json!({ "properties": { "storageProfile": { "dataDisks": [] } } })).ok();
    let grown = cloud.patch(&disk, json!({ "properties": { "diskSizeGB": 128 } })).ok();
    assert_eq!(grown.body["properties"]["diskSizeGB"], 128);
    assert_eq!(cloud.get(&compute("disks")).body["value"].as_array().map(Vec::len), Some(3));
    cloud.unmake(&disk);
}

#[test]
fn a_machine_is_started_stopped_and_deallocated() {
    let cloud = with_machine();
    assert_eq!(power(&cloud), "PowerState/running");
    for (name, state) in [("powerOff", "stopped"), ("deallocate", "deallocated"), ("start", "running")] {
        let begun = action(&cloud, &machine("vm"), name);
        assert_eq!(
            (begun.status, cloud.follow(&begun)["status"].clone()),
            (202, json!("Succeeded")),
            "{name}"
        );
        assert_eq!(power(&cloud), format!("PowerState/{state}"));
    }
    assert_eq!(action(&cloud, &machine("vm"), "restart").status, 202);
    let view = cloud.get(&format!("{}?$expand=instanceView", machine("vm"))).ok().body;
    assert_eq!(view["properties"]["instanceView"]["statuses"][0]["code"], "ProvisioningState/succeeded");
    assert_eq!(view["properties"]["instanceView"]["vmAgent"]["statuses"][0]["displayStatus"], "Ready");
    action(&cloud, &machine("vm"), "fly").refused(404, "InvalidResourceType");
    action(&cloud, &machine("none"), "start").refused(404, "ResourceNotFound");
}

#[test]
fn a_machine_that_is_being_deleted_does_nothing_else() {
    let cloud = with_nic(Cloud::real());
    cloud.make(&machine("vm"), machine_body(&["nic"]));
    cloud.delete(&machine("vm")).ok();
    let refused = action(&cloud, &machine("vm"), "start");
    refused.refused(409, "OperationNotAllowed");
    assert!(refused.message().contains("marked for deletion"), "{refused:?}");
    cloud.put(&machine("vm"), machine_body(&["nic"])).refused(409, "OperationNotAllowed");
}

#[test]
fn extensions_are_made_read_listed_changed_and_deleted() {
    let cloud = with_machine();
    let mut body = script(json!({ "timestamp": 1 }));
    body["properties"]["protectedSettings"] = json!({ "commandToExecute": "echo secret" });
    let made = cloud.make(&extension("setup"), body.clone());
    assert_eq!(made["properties"]["settings"], json!({ "timestamp": 1 }));
    assert!(made["properties"].get("protectedSettings").is_none());
    let list = cloud.get(&format!("{}/extensions", machine("vm"))).ok().body;
    assert_eq!(list["value"], json!([made]));
    assert_eq!(cloud.get(&machine("vm")).body["resources"], json!([made]));
    let view = cloud.get(&format!("{}/instanceView", machine("vm"))).body;
    assert_eq!(view["extensions"][0]["name"], "setup");
    body["properties"]["settings"] = json!({ "timestamp": 2 });
    assert_eq!(cloud.make(&extension("setup"), body)["properties"]["settings"]["timestamp"], 2);
    cloud.patch(&extension("setup"), json!({ "tags": { "a": "b" } })).ok();
    cloud.unmake(&extension("setup"));
    cloud.make(&extension("setup"), script(json!({ "commandToExecute": "true" })));
    cloud.unmake(&machine("vm"));
    assert_eq!(cloud.get(&extension("setup")).status, 404, "it goes with its machine");
}

#[test]
fn a_script_has_one_source_and_a_machine_one_script() {
    let cloud = with_machine();
    let command = json!({ "commandToExecute": "true" });
    cloud.put(&extension("setup"), script(json!({}))).refused(400, "InvalidParameter");
    let both = json!({ "commandToExecute": "true", "script": "dHJ1ZQ==" });
    cloud.put(&extension("setup"), script(both)).refused(400, "InvalidParameter");
    let mut twice = script(command.clone());
    twice["properties"]["protectedSettings"] = command.clone();
    cloud.put(&extension("setup"), twice).refused(400, "InvalidParameter");
    cloud.make(&extension("setup"), script(command.clone()));
    let second = cloud.put(&extension("more"), script(command.clone()));
    second.refused(400, "BadRequest");
    assert!(second.message().contains("'setup'"), "{second:?}");
    let mut other = script(command);
    other["properties"]["type"] = json!("AzureMonitorLinuxAgent");
    cloud.put(&extension("setup"), other).refused(409, "PropertyChangeNotAllowed");
}

#[test]
fn extensions_are_worked_on_one_at_a_time_on_a_machine_that_runs() {
    let cloud = with_nic(Cloud::real());
    cloud.make(&machine("vm"), machine_body(&["nic"]));
    let body = |kind: &str| {
        let mut body = script(json!({}));
        body["properties"]["type"] = json!(kind);
        body
    };
    let first = cloud.put(&extension("one"), body("One")).ok();
    cloud.put(&extension("two"), body("Two")).refused(409, "Conflict");
    assert_eq!(cloud.follow(&first)["status"], "Succeeded");
    cloud.make(&extension("two"), body("Two"));
    action(&cloud, &machine("vm"), "deallocate").ok();
    cloud.put(&extension("three"), body("Three")).refused(409, "OperationNotAllowed");
    cloud.put(&format!("{}/extensions/x", machine("none")), body("X")).refused(404, "ParentResourceNotFound");
}

#[test]
fn a_scale_set_is_made_read_listed_scaled_and_deleted() {
    let cloud = Cloud::instant().with_network();
    let begun = cloud.put(&scale_set(), scale_set_body(2));
    assert_eq!(begun.status, 201);
    let made = cloud.get(&scale_set()).ok().body;
    assert!(made["properties"]["uniqueId"].is_string());
    assert_eq!(made["properties"]["orchestrationMode"], "Uniform");
    let profile = &made["properties"]["virtualMachineProfile"];
    assert!(profile["osProfile"].get("adminPassword").is_none() && profile.get("userData").is_none());
    let more = cloud.get(&format!("{}?$expand=userData", scale_set())).ok().body;
    assert_eq!(more["properties"]["virtualMachineProfile"]["userData"], "aGVsbG8=");
    assert_eq!(cloud.get(&compute("virtualMachineScaleSets")).body["value"], json!([made]));
    let machines = cloud.get(&format!("{}/virtualMachines", scale_set())).ok().body;
    assert_eq!(machines["value"].as_array().map(Vec::len), Some(2));
    assert_eq!(machines["value"][1]["instanceId"], "1");
    assert_eq!(held(&cloud), 2);
    cloud.delete(&subnet("training")).refused(400, "InUseSubnetCannotBeDeleted");
    cloud.patch(&scale_set(), json!({ "sku": { "capacity": 4 } })).ok();
    assert_eq!(held(&cloud), 4);
    assert_eq!(action(&cloud, &scale_set(), "deallocate").status, 202);
    cloud.unmake(&scale_set());
    assert_eq!(held(&cloud), 0);
    cloud.unmake(&subnet("training"));
}

#[test]
fn a_scale_set_and_its_extensions_tell_of_each_other() {
    let cloud = Cloud::instant().with_network();
    let made = cloud.make(&scale_set(), scale_set_body(0));
    let listed = |body: &Value| {
        body["properties"]["virtualMachineProfile"]["extensionProfile"]["extensions"]
            .as_array()
            .cloned()
            .unwrap()
    };
    assert_eq!(listed(&made)[0]["name"], "hello");
    assert!(listed(&made)[0]["properties"].get("protectedSettings").is_none());
    let inline = format!("{}/extensions/hello", scale_set());
    assert_eq!(cloud.get(&inline).ok().body["properties"]["provisioningState"], "Succeeded");
    let own = format!("{}/extensions/own", scale_set());
    let body = json!({ "properties": { "publisher": "p", "type": "other", "typeHandlerVersion": "1.0" } });
    cloud.make(&own, body);
    assert_eq!(listed(&cloud.get(&scale_set()).body).len(), 2);
    cloud.patch(&own, json!({ "properties": { "forceUpdateTag": "1" } })).ok();
    assert_eq!(
        cloud.get(&format!("{}/extensions", scale_set())).body["value"].as_array().map(Vec::len),
        Some(2)
    );
    cloud.unmake(&own);
    assert_eq!(listed(&cloud.get(&scale_set()).body).len(), 1);
    let mut without = scale_set_body(0);
    without["properties"]["virtualMachineProfile"]["extensionProfile"]["extensions"] = json!([]);
    cloud.make(&scale_set(), without);
    assert_eq!(cloud.get(&inline).status, 404, "a list that leaves it out takes it away");
}

#[test]
fn a_scale_set_keeps_to_what_fits() {
    let cloud = Cloud::instant().with_network();
    cloud.put(&scale_set(), scale_set_body(300)).refused(400, "SubnetIsFull");
    assert_eq!(held(&cloud), 0, "nothing is kept of what was refused");
    let mut without = scale_set_body(1);
    without["properties"].as_object_mut().unwrap().remove("upgradePolicy");
    cloud.put(&scale_set(), without).refused(400, "InvalidParameter");
    let mut elsewhere = scale_set_body(1);
    elsewhere["location"] = json!("westeurope");
    cloud.put(&scale_set(), elsewhere).refused(400, "InvalidResourceReference");
    let mut delegated = cloud.get(&subnet("endpoints")).body;
    delegated["properties"] = json!({
        "addressPrefix": "10.1.0.0/26",
        "delegations": [{ "name": "d", "properties": { "serviceName": "Microsoft.ContainerInstance/containerGroups" } }],
    });
    cloud.make(&subnet("endpoints"), json!({ "properties": delegated["properties"] }));
    let mut body = scale_set_body(1);
    body["properties"]["virtualMachineProfile"]["networkProfile"]["networkInterfaceConfigurations"][0]["properties"]
        ["ipConfigurations"][0]["properties"]["subnet"]["id"] = json!(subnet("endpoints"));
    cloud.put(&scale_set(), body).refused(400, "ResourceNotPermittedOnDelegatedSubnet");
    let made = cloud.make(&scale_set(), scale_set_body(1));
    assert_eq!(made["sku"]["tier"], "Standard");
    let mut flexible = scale_set_body(1);
    flexible["properties"]["orchestrationMode"] = json!("Flexible");
    cloud.put(&scale_set(), flexible).refused(409, "PropertyChangeNotAllowed");
}

#[test]
fn sizes_and_quotas_can_be_asked_for() {
    let cloud = with_machine();
    let at = |tail: &str| format!("/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Compute/{tail}");
    let sizes = cloud.get(&at("locations/eastus/vmSizes")).ok().body;
    let names = |body: &Value| -> Vec<String> {
        body["value"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    };
    assert!(names(&sizes).contains(&"Standard_DS3_v2".to_owned()));
    assert_eq!(cloud.get(&format!("{}/vmSizes", machine("vm"))).ok().body, sizes);
    let skus = cloud.get(&at("skus?$filter=location%20eq%20'westeurope'")).ok().body;
    assert_eq!((names(&skus), &skus["value"][0]["locations"]), (names(&sizes), &json!(["westeurope"])));
    cloud.get(&at("skus?$filter=name%20eq%20'x'")).refused(400, "InvalidParameter");
    let used = |location: &str, name: &str| {
        let all = cloud.get(&at(&format!("locations/{location}/usages"))).ok().body;
        let found = all["value"].as_array().unwrap().iter().find(|one| one["name"]["value"] == name).cloned();
        found.unwrap()["currentValue"].as_u64().unwrap()
    };
    assert_eq!((used("eastus", "cores"), used("eastus", "standardDSv2Family")), (4, 4));
    assert_eq!((used("eastus", "virtualMachines"), used("westeurope", "cores")), (1, 0));
}

#[test]
fn a_group_is_emptied_of_machines_and_what_they_use() {
    let cloud = with_machine();
    cloud.make(&scale_set(), scale_set_body(1));
    let gone = cloud.delete(&rg());
    assert_eq!(cloud.follow(&gone)["status"], "Succeeded");
    assert_eq!(cloud.get(&rg()).status, 404);
    assert_eq!(cloud.simulator.list().unwrap(), []);
}

#[test]
fn a_new_configuration_of_an_interface_takes_no_address_of_another() {
    let cloud = Cloud::instant().with_network();
    let made = |names: &[&str], fixed: Option<(&str, &str)>| {
        let configurations: Vec<Value> = names
            .iter()
            .enumerate()
            .map(|(at, name)| {
                let mut properties = json!({ "subnet": { "id": subnet("training") }, "primary": at == 0 });
                if let Some((_, address)) = fixed.filter(|(of, _)| of == name) {
                    properties["privateIPAllocationMethod"] = json!("Static");
                    properties["privateIPAddress"] = json!(address);
                }
                json!({ "name": name, "properties": properties })
            })
            .collect();
        let body = json!({ "location": "eastus", "properties": { "ipConfigurations": configurations } });
        let seen = cloud.make(&nic("nic"), body);
        let list = seen["properties"]["ipConfigurations"].as_array().unwrap().clone();
        let address = |item: &Value| item["properties"]["privateIPAddress"].as_str().unwrap().to_owned();
        list.iter().map(address).collect::<Vec<_>>()
    };
    assert_eq!(made(&["b"], None), ["10.1.1.4"]);
    assert_eq!(made(&["a", "b"], None), ["10.1.1.5", "10.1.1.4"], "what b has stays with it");
    assert_eq!(made(&["c", "b"], None), ["10.1.1.6", "10.1.1.4"]);
    assert_eq!(
        made(&["c", "b"], Some(("c", "10.1.1.4"))),
        ["10.1.1.4", "10.1.1.5"],
        "who asks for an address gets it, and who has one that moves another"
    );
}
