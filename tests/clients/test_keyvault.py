"""Key vaults, and what is left of them (azure-mgmt-keyvault)."""

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.mgmt.keyvault.models import (
    AccessPolicyEntry,
    KeyAttributes,
    KeyCreateParameters,
    KeyProperties,
    NetworkRuleSet,
    Permissions,
    SecretCreateOrUpdateParameters,
    SecretProperties,
    Sku,
    VaultAccessPolicyParameters,
    VaultAccessPolicyProperties,
    VaultCheckNameAvailabilityParameters,
    VaultCreateOrUpdateParameters,
    VaultPatchParameters,
    VaultPatchProperties,
    VaultProperties,
)

from support import LOCATION, names, refused


@pytest.fixture(scope="module")
def vault(simulated):
    def body(**fields):
        given = {
            "tenant_id": simulated.ready["tenant_id"],
            "sku": Sku(family="A", name="standard"),
            "enable_rbac_authorization": True,
        }
        return VaultCreateOrUpdateParameters(location=LOCATION, properties=VaultProperties(**{**given, **fields}))

    return body


@pytest.fixture(scope="module")
def kept(vaults, group, vault):
    return vaults.vaults.begin_create_or_update(group, "kv-clients-kept", vault()).result()


def test_a_vault_lives_and_leaves_its_name_taken(vaults, group, vault):
    client = vaults.vaults
    made = client.begin_create_or_update(
        group,
        "kv-clients-life",
        vault(
            network_acls=NetworkRuleSet(default_action="Deny", bypass="AzureServices"),
            public_network_access="disabled",
            soft_delete_retention_in_days=7,
        ),
    ).result()
    assert made.type == "Microsoft.KeyVault/vaults"
    assert made.properties.provisioning_state == "Succeeded"
    assert made.properties.vault_uri == "https://kv-clients-life.vault.azure.net/"
    assert made.properties.enable_soft_delete is True
    assert made.properties.soft_delete_retention_in_days == 7
    assert made.properties.network_acls.default_action == "Deny"
    assert made.properties.sku.name == "standard"

    assert client.get(group, "kv-clients-life").id == made.id
    assert "kv-clients-life" in names(client.list_by_resource_group(group))
    assert made.id in [item.id for item in client.list_by_subscription()]
    assert made.id in [item.id for item in client.list()]
    changed = client.update(group, "kv-clients-life", VaultPatchParameters(tags={"a": "b"}))
    assert changed.tags == {"a": "b"}
    assert changed.properties.soft_delete_retention_in_days == 7

    client.delete(group, "kv-clients-life")
    with refused("ResourceNotFound", 404, ResourceNotFoundError):
        client.get(group, "kv-clients-life")
    gone = client.get_deleted("kv-clients-life", LOCATION)
    assert gone.properties.vault_id == made.id
    assert gone.properties.deletion_date < gone.properties.scheduled_purge_date
    assert "kv-clients-life" in names(client.list_deleted())
    asked = client.check_name_availability(VaultCheckNameAvailabilityParameters(name="kv-clients-life"))
    assert (asked.name_available, asked.reason) == (False, "AlreadyExists")
    with refused("ConflictError", 409, ResourceExistsError):
        client.begin_create_or_update(group, "kv-clients-life", vault())

    assert client.begin_purge_deleted("kv-clients-life", LOCATION).result() is None
    with refused("DeletedVaultNotFound", 404, ResourceNotFoundError):
        client.get_deleted("kv-clients-life", LOCATION)
    asked = client.check_name_availability(VaultCheckNameAvailabilityParameters(name="kv-clients-life"))
    assert asked.name_available is True


def test_a_deleted_vault_comes_back_as_it_was(vaults, group, vault):
    client = vaults.vaults
    body = vault(enabled_for_deployment=True)
    client.begin_create_or_update(group, "kv-clients-back", body).result()
    client.delete(group, "kv-clients-back")
    body.properties.create_mode = "recover"
    back = client.begin_create_or_update(group, "kv-clients-back", body).result()
    assert back.properties.enabled_for_deployment is True
    assert "kv-clients-back" not in names(client.list_deleted())
    client.delete(group, "kv-clients-back")
    client.begin_purge_deleted("kv-clients-back", LOCATION).result()


def test_protection_from_purges_is_for_good(vaults, group, vault):
    client = vaults.vaults
    client.begin_create_or_update(group, "kv-clients-sure", vault(enable_purge_protection=True)).result()
    with refused("BadRequest", 400):
        client.update(
            group,
            "kv-clients-sure",
            VaultPatchParameters(properties=VaultPatchProperties(enable_purge_protection=False)),
        )
    client.delete(group, "kv-clients-sure")
    with pytest.raises(HttpResponseError) as caught:
        client.begin_purge_deleted("kv-clients-sure", LOCATION).result()
    assert caught.value.error.code == "MethodNotAllowed"


def test_a_name_is_taken_everywhere(vaults, resources, kept, vault):
    resources.resource_groups.create_or_update("rg-keyvault-other", {"location": LOCATION})
    with refused("VaultAlreadyExists", 409, ResourceExistsError):
        vaults.vaults.begin_create_or_update("rg-keyvault-other", kept.name, vault())
    resources.resource_groups.begin_delete("rg-keyvault-other").result()


def test_access_policies_are_added_replaced_and_removed(vaults, group, kept, simulated):
    client = vaults.vaults

    def policies(*secrets):
        entry = AccessPolicyEntry(
            tenant_id=simulated.ready["tenant_id"],
            object_id=simulated.ready["principal_id"],
            permissions=Permissions(secrets=list(secrets)),
        )
        return VaultAccessPolicyParameters(properties=VaultAccessPolicyProperties(access_policies=[entry]))

    added = client.update_access_policy(group, kept.name, "add", policies("get"))
    assert [entry.permissions.secrets for entry in added.properties.access_policies] == [["get"]]
    [seen] = client.get(group, kept.name).properties.access_policies
    assert seen.object_id == simulated.ready["principal_id"]
    client.update_access_policy(group, kept.name, "replace", policies("get", "list"))
    [seen] = client.get(group, kept.name).properties.access_policies
    assert seen.permissions.secrets == ["get", "list"]
    client.update_access_policy(group, kept.name, "remove", policies("get", "list"))
    assert client.get(group, kept.name).properties.access_policies == []


def test_a_secret_shows_no_value(vaults, group, kept):
    client = vaults.secrets
    body = SecretCreateOrUpdateParameters(properties=SecretProperties(value="hidden", content_type="text"))
    made = client.create_or_update(group, kept.name, "secret", body)
    assert made.properties.secret_uri == f"{kept.properties.vault_uri}secrets/secret"
    got = client.get(group, kept.name, "secret")
    assert (got.properties.value, got.properties.content_type) == (None, "text")
    assert names(client.list(group, kept.name)) == ["secret"]


def test_a_key_is_made_once(vaults, group, kept):
    client = vaults.keys
    body = KeyCreateParameters(
        properties=KeyProperties(kty="RSA", key_size=2048, attributes=KeyAttributes(enabled=True))
    )
    made = client.create_if_not_exist(group, kept.name, "key", body)
    assert made.properties.key_uri == f"{kept.properties.vault_uri}keys/key"
    assert made.properties.key_uri_with_version.startswith(made.properties.key_uri)
    again = client.create_if_not_exist(group, kept.name, "key", body)
    assert again.properties.key_uri_with_version == made.properties.key_uri_with_version
    assert names(client.list(group, kept.name)) == ["key"]
