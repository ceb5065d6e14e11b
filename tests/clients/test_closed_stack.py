"""A whole closed stack, from its network to a cluster in it, built and taken down with the SDKs alone."""

import ipaddress
import uuid

import pytest
from azure.core.exceptions import HttpResponseError
from azure.mgmt.applicationinsights.v2020_02_02.models import ApplicationInsightsComponent
from azure.mgmt.authorization.v2022_04_01.models import RoleAssignmentCreateParameters
from azure.mgmt.containerregistry.models import Registry
from azure.mgmt.containerregistry.models import Sku as RegistrySku
from azure.mgmt.keyvault.models import NetworkRuleSet as VaultRules
from azure.mgmt.keyvault.models import Sku as VaultSku
from azure.mgmt.keyvault.models import VaultCreateOrUpdateParameters, VaultProperties
from azure.mgmt.loganalytics.models import Workspace as LogWorkspace
from azure.mgmt.machinelearningservices.models import (
    AmlCompute,
    AmlComputeProperties,
    ComputeResource,
    ManagedServiceIdentity,
    ResourceId,
    ScaleSettings,
    Sku,
    Workspace,
)
from azure.mgmt.network.models import (
    AddressSpace,
    NetworkSecurityGroup,
    PrivateDnsZoneConfig,
    PrivateDnsZoneGroup,
    PrivateEndpoint,
    PrivateLinkServiceConnection,
    SecurityRule,
    Subnet,
    VirtualNetwork,
)
from azure.mgmt.privatedns.models import PrivateZone, SubResource, VirtualNetworkLink
from azure.mgmt.storage.models import NetworkRuleSet as StorageRules
from azure.mgmt.storage.models import Sku as StorageSku
from azure.mgmt.storage.models import StorageAccountCreateParameters

from support import LOCATION, group_id, names, refused

DATA_SCIENTIST = "f6c7c914-8db3-469d-8ca1-694a8f32e121"

ZONES = {
    "blob": ["privatelink.blob.core.windows.net"],
    "vault": ["privatelink.vaultcore.azure.net"],
    "registry": ["privatelink.azurecr.io"],
    "amlworkspace": ["privatelink.api.azureml.ms", "privatelink.notebooks.azure.net"],
}


@pytest.fixture(scope="module")
def network(networks, group):
    rule = SecurityRule(
        name="deny-internet",
        priority=4096,
        direction="Outbound",
        access="Deny",
        protocol="*",
        source_address_prefix="*",
        source_port_range="*",
        destination_address_prefix="Internet",
        destination_port_range="*",
    )
    guard = networks.network_security_groups.begin_create_or_update(
        group, "nsg", NetworkSecurityGroup(location=LOCATION, security_rules=[rule])
    ).result()
    subnets = [
        Subnet(
            name="snet-endpoints", address_prefix="10.0.0.0/24", private_endpoint_network_policies="Disabled"
        ),
        Subnet(
            name="snet-computes",
            address_prefix="10.0.1.0/24",
            private_endpoint_network_policies="Disabled",
            private_link_service_network_policies="Disabled",
            network_security_group=NetworkSecurityGroup(id=guard.id),
        ),
    ]
    return networks.virtual_networks.begin_create_or_update(
        group,
        "vnet",
        VirtualNetwork(
            location=LOCATION, address_space=AddressSpace(address_prefixes=["10.0.0.0/16"]), subnets=subnets
        ),
    ).result()


@pytest.fixture(scope="module")
def zones(private_dns, group, network):
    made = {}
    for zone in (zone for several in ZONES.values() for zone in several):
        made[zone] = private_dns.private_zones.begin_create_or_update(
            group, zone, PrivateZone(location="global")
        ).result()
        link = VirtualNetworkLink(
            location="global", virtual_network=SubResource(id=network.id), registration_enabled=False
        )
        private_dns.virtual_network_links.begin_create_or_update(group, zone, "link", link).result()
    return made


@pytest.fixture(scope="module")
def services(storage, vaults, registries, log_analytics, insights, group, simulated):
    """What a workspace stands on, closed to the outside."""
    account = storage.storage_accounts.begin_create(
        group,
        "stclientsstack",
        StorageAccountCreateParameters(
            sku=StorageSku(name="Standard_LRS"),
            kind="StorageV2",
            location=LOCATION,
            public_network_access="Disabled",
            allow_blob_public_access=False,
            network_rule_set=StorageRules(default_action="Deny", bypass="AzureServices"),
        ),
    ).result()
    vault = vaults.vaults.begin_create_or_update(
        group,
        "kv-clients-stack",
        VaultCreateOrUpdateParameters(
            location=LOCATION,
            properties=VaultProperties(
                tenant_id=simulated.ready["tenant_id"],
                sku=VaultSku(family="A", name="standard"),
                enable_rbac_authorization=True,
                public_network_access="Disabled",
                network_acls=VaultRules(default_action="Deny", bypass="AzureServices"),
            ),
        ),
    ).result()
    registry = registries.registries.begin_create(
        group,
        "crclientsstack",
        Registry(location=LOCATION, sku=RegistrySku(name="Premium"), public_network_access="Disabled"),
    ).result()
    logs = log_analytics.workspaces.begin_create_or_update(group, "log-stack", LogWorkspace(location=LOCATION)).result()
    component = insights.components.create_or_update(
        group,
        "appi",
        ApplicationInsightsComponent(location=LOCATION, kind="web", workspace_resource_id=logs.id),
    )
    return {"blob": account, "vault": vault, "registry": registry, "insights": component}


@pytest.fixture(scope="module")
def workspace(machine_learning, group, services):
    return machine_learning.workspaces.begin_create_or_update(
        group,
        "mlw",
        Workspace(
            location=LOCATION,
            sku=Sku(name="Basic"),
            identity=ManagedServiceIdentity(type="SystemAssigned"),
            storage_account=services["blob"].id,
            key_vault=services["vault"].id,
            container_registry=services["registry"].id,
            application_insights=services["insights"].id,
            public_network_access="Disabled",
            image_build_compute="cpu-stack",
        ),
    ).result()


@pytest.fixture(scope="module")
def endpoints(networks, group, network, zones, services, workspace):
    subnet = network.subnets[0].id
    made = {}
    for kind, target in {**services, "amlworkspace": workspace}.items():
        if kind not in ZONES:
            continue
        connection = PrivateLinkServiceConnection(
            name="connection", private_link_service_id=target.id, group_ids=[kind]
        )
        made[kind] = networks.private_endpoints.begin_create_or_update(
            group,
            f"pe-{kind}",
            PrivateEndpoint(
                location=LOCATION, subnet=Subnet(id=subnet), private_link_service_connections=[connection]
            ),
        ).result()
        configs = [
            PrivateDnsZoneConfig(name=zone.replace(".", "-"), private_dns_zone_id=zones[zone].id)
            for zone in ZONES[kind]
        ]
        networks.private_dns_zone_groups.begin_create_or_update(
            group, f"pe-{kind}", "default", PrivateDnsZoneGroup(private_dns_zone_configs=configs)
        ).result()
    return made


@pytest.fixture(scope="module")
def cluster(machine_learning, group, network, workspace, endpoints):
    properties = AmlComputeProperties(
        vm_size="STANDARD_DS3_V2",
        scale_settings=ScaleSettings(min_node_count=1, max_node_count=4),
        subnet=ResourceId(id=network.subnets[1].id),
        enable_node_public_ip=False,
    )
    body = ComputeResource(location=LOCATION, properties=AmlCompute(properties=properties))
    return machine_learning.compute.begin_create_or_update(group, workspace.name, "cpu-stack", body).result()


def test_every_endpoint_is_approved_and_has_addresses_of_its_subnet(networks, group, endpoints):
    room = ipaddress.ip_network("10.0.0.0/24")
    for kind, endpoint in endpoints.items():
        seen = networks.private_endpoints.get(group, endpoint.name)
        [connection] = seen.private_link_service_connections
        assert connection.private_link_service_connection_state.status == "Approved", kind
        [interface] = seen.network_interfaces
        card = networks.network_interfaces.get(group, interface.id.rsplit("/", 1)[1])
        assert card.private_endpoint.id == endpoint.id
        for configuration in card.ip_configurations:
            assert ipaddress.ip_address(configuration.private_ip_address) in room
            assert configuration.private_link_connection_properties.group_id == kind
        # Before its zone group took them over, it told the names by itself.
        assert {address for config in endpoint.custom_dns_configs for address in config.ip_addresses} == {
            configuration.private_ip_address for configuration in card.ip_configurations
        }
        assert not seen.custom_dns_configs
    assert {item.id for item in networks.private_endpoints.list_by_subscription()} >= {
        endpoint.id for endpoint in endpoints.values()
    }


def test_every_service_shows_its_connection(storage, vaults, registries, machine_learning, group, endpoints):
    [blob] = storage.private_endpoint_connections.list(group, "stclientsstack")
    assert blob.private_endpoint.id == endpoints["blob"].id
    assert blob.private_link_service_connection_state.status == "Approved"
    [vault] = vaults.vaults.get(group, "kv-clients-stack").properties.private_endpoint_connections
    assert vault.properties.private_endpoint.id == endpoints["vault"].id
    [registry] = registries.private_endpoint_connections.list(group, "crclientsstack")
    assert registry.private_endpoint.id == endpoints["registry"].id
    [link] = machine_learning.workspaces.get(group, "mlw").private_endpoint_connections
    assert link.private_endpoint.id == endpoints["amlworkspace"].id
    assert machine_learning.workspaces.get(group, "mlw").private_link_count == 1
    [listed] = machine_learning.private_endpoint_connections.list(group, "mlw")
    assert listed.private_link_service_connection_state.status == "Approved"


def test_every_service_says_what_can_be_linked(storage, vaults, machine_learning, group, workspace, services):
    blob = {item.group_id: item for item in storage.private_link_resources.list_by_storage_account(
        group, services["blob"].name).value}
    assert blob["blob"].required_zone_names == ["privatelink.blob.core.windows.net"]
    vault = vaults.private_link_resources.list_by_vault(group, services["vault"].name).value
    assert [item.group_id for item in vault] == ["vault"]
    own = machine_learning.private_link_resources.list(group, workspace.name).value
    assert [item.group_id for item in own] == ["amlworkspace"]


def test_every_zone_holds_the_records_of_its_endpoint(networks, private_dns, group, endpoints):
    for kind, endpoint in endpoints.items():
        [zone_group] = networks.private_dns_zone_groups.list(endpoint.name, group)
        assert len(zone_group.private_dns_zone_configs) == len(ZONES[kind])
        for config in zone_group.private_dns_zone_configs:
            zone = config.private_dns_zone_id.rsplit("/", 1)[1]
            records = {item.name: item for item in private_dns.record_sets.list_by_type(group, zone, "A")}
            assert config.record_sets
            for record in config.record_sets:
                there = records[record.record_set_name]
                assert [a.ipv4_address for a in there.a_records] == record.ip_addresses
    [blob] = [
        item.name for item in private_dns.record_sets.list_by_type(group, "privatelink.blob.core.windows.net", "A")
    ]
    assert blob == "stclientsstack"


def test_the_cluster_stands_in_its_subnet(machine_learning, networks, group, cluster):
    assert cluster.properties.provisioning_state == "Succeeded"
    inner = cluster.properties.properties
    assert inner.subnet.id.endswith("/subnets/snet-computes")
    assert inner.enable_node_public_ip is False
    assert inner.current_node_count == 1
    nodes = list(machine_learning.compute.list_nodes(group, "mlw", "cpu-stack"))
    used = networks.subnets.get(group, "vnet", "snet-computes")
    assert used.ip_configurations
    for node in nodes:
        assert ipaddress.ip_address(node.private_ip_address) in ipaddress.ip_network("10.0.1.0/24")


def test_the_identity_of_the_workspace_gets_a_role(authorization, group, simulated, workspace):
    scope = group_id(simulated, group)
    root = f"/subscriptions/{simulated.subscription}/providers/Microsoft.Authorization/roleDefinitions"
    made = authorization.role_assignments.create(
        scope,
        str(uuid.uuid4()),
        RoleAssignmentCreateParameters(
            role_definition_id=f"{root}/{DATA_SCIENTIST}",
            principal_id=workspace.identity.principal_id,
            principal_type="ServicePrincipal",
        ),
    )
    assert made.principal_id == workspace.identity.principal_id


def test_it_is_taken_down_in_order_and_in_no_other(
    networks, private_dns, machine_learning, vaults, group, endpoints, cluster
):
    for subnet in ("snet-endpoints", "snet-computes"):
        with refused("InUseSubnetCannotBeDeleted", 400):
            networks.subnets.begin_delete(group, "vnet", subnet)
    with refused("CannotDeleteResource", 409):
        private_dns.private_zones.begin_delete(group, "privatelink.azurecr.io")
    interface = networks.private_endpoints.get(group, "pe-blob").network_interfaces[0].id.rsplit("/", 1)[1]
    with pytest.raises(HttpResponseError):
        networks.network_interfaces.begin_delete(group, interface).result()

    machine_learning.compute.begin_delete(group, "mlw", "cpu-stack", underlying_resource_action="Delete").result()
    for endpoint in endpoints.values():
        networks.private_endpoints.begin_delete(group, endpoint.name).result()
    assert names(networks.network_interfaces.list(group)) == []
    for zone in (zone for several in ZONES.values() for zone in several):
        assert names(private_dns.record_sets.list_by_type(group, zone, "A")) == []
        private_dns.virtual_network_links.begin_delete(group, zone, "link").result()
        private_dns.private_zones.begin_delete(group, zone).result()
    networks.virtual_networks.begin_delete(group, "vnet").result()
    networks.network_security_groups.begin_delete(group, "nsg").result()
    machine_learning.workspaces.begin_delete(group, "mlw", params={"forceToPurge": "true"}).result()
    vaults.vaults.delete(group, "kv-clients-stack")
    vaults.vaults.begin_purge_deleted("kv-clients-stack", LOCATION).result()
