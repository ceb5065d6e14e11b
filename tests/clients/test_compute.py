"""Virtual machines, scale sets and disks (azure-mgmt-compute)."""

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.compute.models import (
    ApiEntityReference,
    CreationData,
    Disk,
    DiskSku,
    HardwareProfile,
    ImageReference,
    LinuxConfiguration,
    ManagedDiskParameters,
    NetworkInterfaceReference,
    NetworkProfile,
    OSDisk,
    OSProfile,
    Sku,
    SshConfiguration,
    SshPublicKey,
    StorageProfile,
    UpgradePolicy,
    VirtualMachine,
    VirtualMachineExtension,
    VirtualMachineExtensionProperties,
    VirtualMachineScaleSet,
    VirtualMachineScaleSetIPConfiguration,
    VirtualMachineScaleSetNetworkConfiguration,
    VirtualMachineScaleSetNetworkProfile,
    VirtualMachineScaleSetOSDisk,
    VirtualMachineScaleSetOSProfile,
    VirtualMachineScaleSetStorageProfile,
    VirtualMachineScaleSetVMProfile,
    VirtualMachineUpdate,
)
from azure.mgmt.network.models import (
    AddressSpace,
    NetworkInterface,
    NetworkInterfaceIPConfiguration,
    Subnet,
    VirtualNetwork,
)

from support import LOCATION, names, refused

IMAGE = ImageReference(publisher="Canonical", offer="ubuntu-24_04-lts", sku="server", version="latest")
KEY = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC7 nobody"


@pytest.fixture(scope="module")
def subnet(networks, group):
    body = VirtualNetwork(
        location=LOCATION,
        address_space=AddressSpace(address_prefixes=["10.0.0.0/16"]),
        subnets=[Subnet(name="snet", address_prefix="10.0.0.0/24")],
    )
    return networks.virtual_networks.begin_create_or_update(group, "vnet", body).result().subnets[0]


@pytest.fixture(scope="module")
def interface(networks, group, subnet):
    body = NetworkInterface(
        location=LOCATION,
        ip_configurations=[NetworkInterfaceIPConfiguration(name="ipconfig", subnet=Subnet(id=subnet.id))],
    )
    return networks.network_interfaces.begin_create_or_update(group, "nic", body).result()


def linux():
    keys = SshConfiguration(public_keys=[SshPublicKey(path="/home/nobody/.ssh/authorized_keys", key_data=KEY)])
    return LinuxConfiguration(disable_password_authentication=True, ssh=keys)


def machine(interface):
    return VirtualMachine(
        location=LOCATION,
        hardware_profile=HardwareProfile(vm_size="Standard_D2s_v3"),
        storage_profile=StorageProfile(
            image_reference=IMAGE,
            os_disk=OSDisk(
                create_option="FromImage",
                managed_disk=ManagedDiskParameters(storage_account_type="Premium_LRS"),
                delete_option="Delete",
            ),
        ),
        os_profile=OSProfile(computer_name="jump", admin_username="nobody", linux_configuration=linux()),
        network_profile=NetworkProfile(network_interfaces=[NetworkInterfaceReference(id=interface.id)]),
    )


def test_a_machine_lives_in_a_network(compute, networks, group, interface):
    client = compute.virtual_machines
    made = client.begin_create_or_update(group, "vm", machine(interface)).result()
    assert made.type == "Microsoft.Compute/virtualMachines"
    assert made.provisioning_state == "Succeeded"
    assert made.hardware_profile.vm_size == "Standard_D2s_v3"
    assert made.vm_id
    assert made.storage_profile.os_disk.managed_disk.id
    assert made.os_profile.admin_password is None
    seen = networks.network_interfaces.get(group, "nic")
    assert seen.virtual_machine.id == made.id

    assert client.get(group, "vm").vm_id == made.vm_id
    assert names(client.list(group)) == ["vm"]
    assert made.id in [item.id for item in client.list_all()]
    states = {status.code for status in client.instance_view(group, "vm").statuses}
    assert {"ProvisioningState/succeeded", "PowerState/running"} <= states
    client.begin_deallocate(group, "vm").result()
    states = {status.code for status in client.get(group, "vm", expand="instanceView").instance_view.statuses}
    assert "PowerState/deallocated" in states
    client.begin_start(group, "vm").result()
    changed = client.begin_update(group, "vm", VirtualMachineUpdate(tags={"a": "b"})).result()
    assert (changed.tags, changed.vm_id) == ({"a": "b"}, made.vm_id)
    with pytest.raises(HttpResponseError) as caught:
        networks.network_interfaces.begin_delete(group, "nic").result()
    assert caught.value.error.code == "NicInUse"

    extension = compute.virtual_machine_extensions.begin_create_or_update(
        group,
        "vm",
        "script",
        VirtualMachineExtension(
            location=LOCATION,
            properties=VirtualMachineExtensionProperties(
                publisher="Microsoft.Azure.Extensions",
                type="CustomScript",
                type_handler_version="2.1",
                settings={"commandToExecute": "true"},
                protected_settings={"storageAccountKey": "hidden"},
            ),
        ),
    ).result()
    assert (extension.name, extension.provisioning_state) == ("script", "Succeeded")
    assert extension.protected_settings is None
    listed = compute.virtual_machine_extensions.list(group, "vm").value
    assert names(listed) == ["script"]
    compute.virtual_machine_extensions.begin_delete(group, "vm", "script").result()

    client.begin_delete(group, "vm").result()
    with refused("ResourceNotFound", 404, ResourceNotFoundError):
        client.get(group, "vm")
    assert networks.network_interfaces.get(group, "nic").virtual_machine is None


def test_a_machine_needs_an_interface(compute, group, interface):
    body = machine(interface)
    body.network_profile.network_interfaces[0].id = f"{interface.id}-none"
    with pytest.raises(HttpResponseError) as caught:
        compute.virtual_machines.begin_create_or_update(group, "vm-none", body)
    assert caught.value.status_code in (400, 404)


def test_a_disk_lives_from_its_creation_to_its_deletion(compute, group):
    client = compute.disks
    body = Disk(
        location=LOCATION,
        sku=DiskSku(name="Premium_LRS"),
        creation_data=CreationData(create_option="Empty"),
        disk_size_gb=64,
    )
    made = client.begin_create_or_update(group, "disk", body).result()
    assert (made.disk_size_gb, made.disk_state, made.sku.tier) == (64, "Unattached", "Premium")
    assert made.unique_id
    assert "disk" in names(client.list_by_resource_group(group))
    larger = client.begin_update(group, "disk", {"properties": {"diskSizeGB": 128}}).result()
    assert larger.disk_size_gb == 128
    client.begin_delete(group, "disk").result()
    with refused("ResourceNotFound", 404, ResourceNotFoundError):
        client.get(group, "disk")


def test_a_scale_set_takes_addresses_of_its_subnet(compute, networks, group, subnet):
    client = compute.virtual_machine_scale_sets
    profile = VirtualMachineScaleSetNetworkConfiguration(
        name="nic",
        primary=True,
        ip_configurations=[
            VirtualMachineScaleSetIPConfiguration(name="ipconfig", subnet=ApiEntityReference(id=subnet.id))
        ],
    )
    made = client.begin_create_or_update(
        group,
        "vmss",
        VirtualMachineScaleSet(
            location=LOCATION,
            sku=Sku(name="Standard_D2s_v3", capacity=2),
            upgrade_policy=UpgradePolicy(mode="Manual"),
            virtual_machine_profile=VirtualMachineScaleSetVMProfile(
                os_profile=VirtualMachineScaleSetOSProfile(
                    computer_name_prefix="node", admin_username="nobody", linux_configuration=linux()
                ),
                storage_profile=VirtualMachineScaleSetStorageProfile(
                    image_reference=IMAGE, os_disk=VirtualMachineScaleSetOSDisk(create_option="FromImage")
                ),
                network_profile=VirtualMachineScaleSetNetworkProfile(
                    network_interface_configurations=[profile]
                ),
            ),
        ),
    ).result()
    assert (made.provisioning_state, made.sku.capacity) == ("Succeeded", 2)
    assert made.unique_id
    assert names(client.list(group)) == ["vmss"]
    used = networks.subnets.get(group, "vnet", subnet.name).ip_configurations
    assert len([item for item in used if "/virtualMachineScaleSets/" in item.id]) == 2
    client.begin_delete(group, "vmss").result()
    assert names(client.list(group)) == []
