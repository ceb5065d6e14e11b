"""Kubernetes clusters (azure-mgmt-containerservice)."""

import base64

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.containerservice.models import (
    AgentPool,
    ContainerServiceNetworkProfile,
    ManagedCluster,
    ManagedClusterAgentPoolProfile,
    ManagedClusterAPIServerAccessProfile,
    ManagedClusterIdentity,
    TagsObject,
)
from azure.mgmt.network.models import AddressSpace, Subnet, VirtualNetwork

from support import LOCATION, names, refused


@pytest.fixture(scope="module")
def subnet(networks, group):
    body = VirtualNetwork(
        location=LOCATION,
        address_space=AddressSpace(address_prefixes=["10.0.0.0/16"]),
        subnets=[Subnet(name="snet", address_prefix="10.0.0.0/20")],
    )
    return networks.virtual_networks.begin_create_or_update(group, "vnet", body).result().subnets[0]


def cluster(subnet):
    return ManagedCluster(
        location=LOCATION,
        identity=ManagedClusterIdentity(type="SystemAssigned"),
        dns_prefix="clients",
        agent_pool_profiles=[
            ManagedClusterAgentPoolProfile(
                name="system", mode="System", count=1, vm_size="Standard_D2s_v5", vnet_subnet_id=subnet.id
            )
        ],
        network_profile=ContainerServiceNetworkProfile(
            network_plugin="azure", service_cidr="10.100.0.0/16", dns_service_ip="10.100.0.10"
        ),
        api_server_access_profile=ManagedClusterAPIServerAccessProfile(enable_private_cluster=True),
    )


def test_a_cluster_lives_in_a_network(kubernetes, resources, networks, group, subnet):
    client = kubernetes.managed_clusters
    made = client.begin_create_or_update(group, "aks", cluster(subnet)).result()
    assert made.type == "Microsoft.ContainerService/managedClusters"
    assert (made.provisioning_state, made.power_state.code) == ("Succeeded", "Running")
    assert made.dns_prefix == "clients"
    assert made.private_fqdn
    assert made.node_resource_group == f"MC_{group}_aks_{LOCATION}"
    assert made.identity.principal_id
    [pool] = made.agent_pool_profiles
    assert (pool.name, pool.count, pool.provisioning_state) == ("system", 1, "Succeeded")
    assert resources.resource_groups.check_existence(made.node_resource_group)
    with refused("InUseSubnetCannotBeDeleted", 400):
        networks.subnets.begin_delete(group, "vnet", subnet.name)

    assert client.get(group, "aks").id == made.id
    assert names(client.list_by_resource_group(group)) == ["aks"]
    assert made.id in [item.id for item in client.list()]
    assert client.begin_update_tags(group, "aks", TagsObject(tags={"a": "b"})).result().tags == {"a": "b"}
    [config] = client.list_cluster_user_credentials(group, "aks").kubeconfigs
    assert b"apiVersion" in (config.value if isinstance(config.value, bytes) else base64.b64decode(config.value))

    pools = kubernetes.agent_pools
    extra = AgentPool(count=2, vm_size="Standard_D2s_v5", mode="User", vnet_subnet_id=subnet.id)
    added = pools.begin_create_or_update(group, "aks", "train", extra).result()
    assert (added.name, added.count, added.mode) == ("train", 2, "User")
    assert sorted(names(pools.list(group, "aks"))) == ["system", "train"]
    pools.begin_delete(group, "aks", "train").result()
    with pytest.raises(HttpResponseError):
        pools.begin_delete(group, "aks", "system").result()

    client.begin_delete(group, "aks").result()
    with refused("ResourceNotFound", 404, ResourceNotFoundError):
        client.get(group, "aks")
    assert not resources.resource_groups.check_existence(made.node_resource_group)
    networks.subnets.begin_delete(group, "vnet", subnet.name).result()
