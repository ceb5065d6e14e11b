"""Storage accounts and what lies in them (azure-mgmt-storage)."""

import base64

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.mgmt.storage.models import (
    BlobContainer,
    BlobServiceProperties,
    DeleteRetentionPolicy,
    FileShare,
    NetworkRuleSet,
    Sku,
    StorageAccountCheckNameAvailabilityParameters,
    StorageAccountCreateParameters,
    StorageAccountRegenerateKeyParameters,
    StorageAccountUpdateParameters,
)

from support import LOCATION, names, refused


def account(**fields):
    given = {"sku": Sku(name="Standard_LRS"), "kind": "StorageV2", "location": LOCATION}
    return StorageAccountCreateParameters(**{**given, **fields})


@pytest.fixture(scope="module")
def kept(storage, group):
    return storage.storage_accounts.begin_create(group, "stclientskept", account()).result()


def test_an_account_lives_from_its_creation_to_its_deletion(storage, group):
    client = storage.storage_accounts
    made = client.begin_create(
        group,
        "stclientslife",
        account(
            minimum_tls_version="TLS1_2",
            allow_blob_public_access=False,
            public_network_access="Disabled",
            network_rule_set=NetworkRuleSet(default_action="Deny", bypass="AzureServices"),
            tags={"a": "b"},
        ),
    ).result()
    assert made.type == "Microsoft.Storage/storageAccounts"
    assert (made.name, made.kind, made.provisioning_state) == ("stclientslife", "StorageV2", "Succeeded")
    assert (made.sku.name, made.sku.tier) == ("Standard_LRS", "Standard")
    assert made.primary_endpoints.blob == "https://stclientslife.blob.core.windows.net/"
    assert (made.primary_location, made.status_of_primary) == (LOCATION, "available")
    assert made.network_rule_set.default_action == "Deny"
    assert made.enable_https_traffic_only is True
    assert made.creation_time is not None

    assert client.get_properties(group, "stclientslife").id == made.id
    assert "stclientslife" in names(client.list_by_resource_group(group))
    assert made.id in [item.id for item in client.list()]
    changed = client.update(group, "stclientslife", StorageAccountUpdateParameters(tags={"c": "d"}))
    assert changed.tags == {"c": "d"}
    assert changed.public_network_access == "Disabled"
    opened = client.update(
        group, "stclientslife", StorageAccountUpdateParameters(public_network_access="Enabled")
    )
    assert (opened.public_network_access, opened.tags) == ("Enabled", {"c": "d"})

    assert client.delete(group, "stclientslife") is None
    with refused("ResourceNotFound", 404, ResourceNotFoundError):
        client.get_properties(group, "stclientslife")
    client.delete(group, "stclientslife")


def test_a_name_is_taken_everywhere(storage, group, kept, resources):
    client = storage.storage_accounts
    asked = client.check_name_availability(StorageAccountCheckNameAvailabilityParameters(name=kept.name))
    assert (asked.name_available, asked.reason) == (False, "AlreadyExists")
    asked = client.check_name_availability(StorageAccountCheckNameAvailabilityParameters(name="stclientsfree"))
    assert asked.name_available is True
    asked = client.check_name_availability(StorageAccountCheckNameAvailabilityParameters(name="NO"))
    assert (asked.name_available, asked.reason) == (False, "AccountNameInvalid")
    resources.resource_groups.create_or_update("rg-storage-other", {"location": LOCATION})
    with refused("StorageAccountAlreadyTaken", 409, ResourceExistsError):
        client.begin_create("rg-storage-other", kept.name, account())
    resources.resource_groups.begin_delete("rg-storage-other").result()
    with refused("AccountNameInvalid", 400):
        client.begin_create(group, "Not-a-name", account())


def test_the_same_account_again_changes_nothing(storage, group, kept):
    again = storage.storage_accounts.begin_create(group, kept.name, account()).result()
    assert (again.id, again.creation_time) == (kept.id, kept.creation_time)


def test_keys_are_listed_and_made_anew(storage, group, kept):
    client = storage.storage_accounts
    first = {key.key_name: key for key in client.list_keys(group, kept.name).keys_property}
    assert set(first) == {"key1", "key2"}
    assert first["key1"].permissions.lower() == "full"
    assert len(base64.b64decode(first["key1"].value)) == 64
    client.regenerate_key(group, kept.name, StorageAccountRegenerateKeyParameters(key_name="key1"))
    second = {key.key_name: key for key in client.list_keys(group, kept.name).keys_property}
    assert second["key1"].value != first["key1"].value
    assert second["key2"].value == first["key2"].value


def test_the_blob_service_keeps_what_it_deletes(storage, group, kept):
    client = storage.blob_services
    assert client.get_service_properties(group, kept.name).name == "default"
    body = BlobServiceProperties(
        delete_retention_policy=DeleteRetentionPolicy(enabled=True, days=7), is_versioning_enabled=True
    )
    made = client.set_service_properties(group, kept.name, body)
    assert (made.delete_retention_policy.days, made.is_versioning_enabled) == (7, True)
    assert client.get_service_properties(group, kept.name).delete_retention_policy.enabled is True
    assert names(client.list(group, kept.name)) == ["default"]
    assert storage.file_services.get_service_properties(group, kept.name).name == "default"


def test_a_container_lives_in_an_account(storage, group, kept):
    client = storage.blob_containers
    made = client.create(group, kept.name, "azureml", BlobContainer(metadata={"a": "b"}))
    assert (made.name, made.type) == ("azureml", "Microsoft.Storage/storageAccounts/blobServices/containers")
    got = client.get(group, kept.name, "azureml")
    assert (got.public_access, got.has_legal_hold, got.metadata) == ("None", False, {"a": "b"})
    assert names(client.list(group, kept.name)) == ["azureml"]
    client.update(group, kept.name, "azureml", BlobContainer(metadata={"c": "d"}))
    assert client.get(group, kept.name, "azureml").metadata["c"] == "d"
    client.delete(group, kept.name, "azureml")
    assert names(client.list(group, kept.name)) == []
    with pytest.raises(HttpResponseError) as caught:
        client.get(group, kept.name, "azureml")
    assert caught.value.status_code == 404


def test_a_share_lives_in_an_account(storage, group, kept):
    client = storage.file_shares
    made = client.create(group, kept.name, "code", FileShare(share_quota=100))
    assert made.name == "code"
    assert client.get(group, kept.name, "code").share_quota == 100
    assert names(client.list(group, kept.name)) == ["code"]
    client.delete(group, kept.name, "code")
    assert names(client.list(group, kept.name)) == []


def test_queues_and_tables_live_in_an_account(storage, group, kept):
    assert storage.queue.create(group, kept.name, "jobs", {}).name == "jobs"
    assert names(storage.queue.list(group, kept.name)) == ["jobs"]
    storage.queue.delete(group, kept.name, "jobs")
    assert storage.table.create(group, kept.name, "Runs").table_name == "Runs"
    assert names(storage.table.list(group, kept.name)) == ["Runs"]
    storage.table.delete(group, kept.name, "Runs")


def test_an_account_of_nobody_has_nothing(storage, group):
    with refused("ResourceNotFound", 404, ResourceNotFoundError):
        storage.storage_accounts.list_keys(group, "stclientsnone")
    with refused("ResourceGroupNotFound", 404, ResourceNotFoundError):
        storage.storage_accounts.begin_create("rg-none", "stclientsnone", account())
