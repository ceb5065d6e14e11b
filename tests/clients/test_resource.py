"""Subscriptions, resource groups, providers, generic resources, locks and tags (azure-mgmt-resource)."""

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.resource.locks import ManagementLockClient
from azure.mgmt.resource.locks.models import ManagementLockObject
from azure.mgmt.resource.resources.models import GenericResource, ResourceGroup, ResourceGroupPatchable
from azure.mgmt.resource.subscriptions import SubscriptionClient

from support import LOCATION, group_id, names, refused

NETWORKS = "2024-05-01"


@pytest.fixture
def new_group(resources):
    """Makes groups that are gone after the test."""
    made = []

    def make(name, **fields):
        made.append(name)
        return resources.resource_groups.create_or_update(name, ResourceGroup(location=LOCATION, **fields))

    yield make
    for name in made:
        if resources.resource_groups.check_existence(name):
            resources.resource_groups.begin_delete(name).result()


def test_the_subscription_and_its_tenant_are_found(simulated, connect):
    client = connect(SubscriptionClient, subscription_id=None)
    [subscription] = client.subscriptions.list()
    assert subscription.subscription_id == simulated.subscription
    assert subscription.state == "Enabled"
    assert subscription.tenant_id == simulated.ready["tenant_id"]
    assert client.subscriptions.get(simulated.subscription).id == f"/subscriptions/{simulated.subscription}"
    [tenant] = client.tenants.list()
    assert tenant.tenant_id == simulated.ready["tenant_id"]
    locations = {item.name: item for item in client.subscriptions.list_locations(simulated.subscription)}
    assert locations[LOCATION].display_name == "West Europe"
    assert locations[LOCATION].metadata.region_type == "Physical"


def test_another_subscription_is_not_found(connect):
    client = connect(SubscriptionClient, subscription_id=None)
    with refused("SubscriptionNotFound", 404, ResourceNotFoundError):
        client.subscriptions.get("00000000-0000-0000-0000-000000000009")


def test_a_group_lives_from_its_creation_to_its_deletion(resources, simulated, new_group):
    groups = resources.resource_groups
    assert groups.check_existence("rg-life") is False
    made = new_group("rg-life", tags={"stage": "one"})
    assert made.id == group_id(simulated, "rg-life")
    assert (made.name, made.type, made.location) == ("rg-life", "Microsoft.Resources/resourceGroups", LOCATION)
    assert made.properties.provisioning_state == "Succeeded"
    assert made.tags == {"stage": "one"}
    assert groups.check_existence("rg-life") is True
    assert groups.get("RG-LIFE").id == made.id
    assert "rg-life" in names(groups.list())

    changed = groups.update("rg-life", ResourceGroupPatchable(tags={"stage": "two"}))
    assert changed.tags == {"stage": "two"}
    assert changed.location == LOCATION
    again = groups.create_or_update("rg-life", ResourceGroup(location=LOCATION))
    assert again.tags is None or again.tags == {}

    assert groups.begin_delete("rg-life").result() is None
    assert groups.check_existence("rg-life") is False
    with refused("ResourceGroupNotFound", 404, ResourceNotFoundError):
        groups.get("rg-life")


def test_what_is_no_group_cannot_be_changed_or_deleted(resources):
    with refused("ResourceGroupNotFound", 404, ResourceNotFoundError):
        resources.resource_groups.update("rg-none", ResourceGroupPatchable(tags={}))
    with refused("ResourceGroupNotFound", 404, ResourceNotFoundError):
        resources.resource_groups.begin_delete("rg-none")


def test_a_group_stays_in_its_region(resources, new_group):
    new_group("rg-moves")
    with refused("InvalidResourceGroupLocation", 409, HttpResponseError):
        resources.resource_groups.create_or_update("rg-moves", ResourceGroup(location="eastus"))


def test_groups_are_listed_page_by_page_and_by_tag(resources, new_group):
    for number in range(5):
        new_group(f"rg-page-{number}", tags={"page": "odd" if number % 2 else "even"})
    pages = list(resources.resource_groups.list(top=2).by_page())
    sizes = [len(list(page)) for page in pages]
    assert len(sizes) >= 3
    assert all(size == 2 for size in sizes[:-1])
    found = [group.name for group in resources.resource_groups.list(top=2)]
    assert len(found) == len(set(found)) == sum(sizes)
    odd = resources.resource_groups.list(filter="tagName eq 'page' and tagValue eq 'odd'")
    assert sorted(names(odd)) == ["rg-page-1", "rg-page-3"]


def test_providers_are_described_registered_and_unregistered(resources):
    provider = resources.providers.get("Microsoft.MachineLearningServices")
    assert provider.registration_state == "Registered"
    types = {item.resource_type: item for item in provider.resource_types}
    assert "2026-05-01" in types["workspaces"].api_versions
    assert "workspaces/computes" in types

    known = {item.namespace for item in resources.providers.list()}
    assert {"Microsoft.Network", "Microsoft.Storage", "Microsoft.KeyVault"} <= known
    gone = resources.providers.unregister("Microsoft.ContainerRegistry")
    try:
        assert gone.registration_state in ("Unregistering", "NotRegistered", "Unregistered")
    finally:
        resources.providers.register("Microsoft.ContainerRegistry")
    assert resources.providers.get("Microsoft.ContainerRegistry").registration_state == "Registered"
    with refused("InvalidResourceNamespace", 404, ResourceNotFoundError):
        resources.providers.get("Microsoft.Nothing")


def test_any_resource_is_written_by_its_id(resources, simulated, group):
    network = f"{group_id(simulated, group)}/providers/Microsoft.Network/virtualNetworks/vnet-generic"
    client = resources.resources
    assert client.check_existence_by_id(network, api_version=NETWORKS) is False
    made = client.begin_create_or_update_by_id(
        network,
        GenericResource(location=LOCATION, properties={"addressSpace": {"addressPrefixes": ["10.9.0.0/16"]}}),
        api_version=NETWORKS,
    ).result()
    assert made.id == network
    assert made.properties["provisioningState"] == "Succeeded"
    assert client.check_existence_by_id(network, api_version=NETWORKS) is True
    assert client.get_by_id(network, api_version=NETWORKS).location == LOCATION
    changed = client.begin_update_by_id(network, GenericResource(tags={"a": "b"}), api_version=NETWORKS).result()
    assert changed.tags == {"a": "b"}
    assert changed.properties["addressSpace"]["addressPrefixes"] == ["10.9.0.0/16"]

    [listed] = client.list_by_resource_group(group, filter="resourceType eq 'Microsoft.Network/virtualNetworks'")
    assert (listed.id, listed.type, listed.location) == (network, "Microsoft.Network/virtualNetworks", LOCATION)
    assert listed.tags == {"a": "b"}
    assert network in [item.id for item in client.list()]
    assert names(client.list(filter="name eq 'vnet-generic'")) == ["vnet-generic"]
    [dated] = client.list_by_resource_group(group, expand="createdTime,changedTime,provisioningState")
    assert dated.provisioning_state == "Succeeded"
    assert dated.created_time <= dated.changed_time

    client.begin_delete_by_id(network, api_version=NETWORKS).result()
    with refused("ResourceNotFound", 404, ResourceNotFoundError):
        client.get_by_id(network, api_version=NETWORKS)


def test_what_no_provider_has_is_refused(resources, simulated, group):
    root = group_id(simulated, group)
    with refused("InvalidResourceType", 404, ResourceNotFoundError):
        resources.resources.get_by_id(f"{root}/providers/Microsoft.Network/nothings/a", api_version=NETWORKS)
    with refused("InvalidResourceNamespace", 404, ResourceNotFoundError):
        resources.resources.get_by_id(f"{root}/providers/Microsoft.Nothing/a/b", api_version=NETWORKS)
    with refused("ResourceGroupNotFound", 404, ResourceNotFoundError):
        list(resources.resources.list_by_resource_group("rg-none"))


def test_a_lock_keeps_what_it_locks(connect, resources, new_group):
    new_group("rg-locked")
    locks = connect(ManagementLockClient).management_locks
    lock = locks.create_or_update_at_resource_group_level(
        "rg-locked", "keep", ManagementLockObject(level="CanNotDelete", notes="kept")
    )
    assert (lock.name, lock.level, lock.notes) == ("keep", "CanNotDelete", "kept")
    assert lock.type == "Microsoft.Authorization/locks"
    assert names(locks.list_at_resource_group_level("rg-locked")) == ["keep"]
    assert "keep" in names(locks.list_at_subscription_level())
    with refused("ScopeLocked", 409):
        resources.resource_groups.begin_delete("rg-locked")
    assert resources.resource_groups.update("rg-locked", ResourceGroupPatchable(tags={"a": "b"})).tags == {"a": "b"}
    locks.delete_at_resource_group_level("rg-locked", "keep")
    assert names(locks.list_at_resource_group_level("rg-locked")) == []


def test_the_tags_of_any_scope_are_written_alone(resources, simulated, new_group):
    new_group("rg-tagged", tags={"a": "1"})
    scope = group_id(simulated, "rg-tagged")
    merged = resources.tags.begin_update_at_scope(
        scope, {"operation": "Merge", "properties": {"tags": {"b": "2"}}}
    ).result()
    assert merged.properties.tags == {"a": "1", "b": "2"}
    assert resources.tags.get_at_scope(scope).properties.tags == {"a": "1", "b": "2"}
    assert resources.resource_groups.get("rg-tagged").tags == {"a": "1", "b": "2"}
    resources.tags.begin_create_or_update_at_scope(scope, {"properties": {"tags": {"c": "3"}}}).result()
    assert resources.resource_groups.get("rg-tagged").tags == {"c": "3"}
