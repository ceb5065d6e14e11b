"""Container registries (azure-mgmt-containerregistry)."""

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.mgmt.containerregistry.models import (
    Registry,
    RegistryNameCheckRequest,
    RegistryUpdateParameters,
    Replication,
    ScopeMap,
    Sku,
    Token,
    WebhookCreateParameters,
)

from support import LOCATION, names, refused


def registry(sku="Premium", **fields):
    return Registry(location=LOCATION, sku=Sku(name=sku), **fields)


@pytest.fixture(scope="module")
def kept(registries, group):
    return registries.registries.begin_create(group, "crclientskept", registry(admin_user_enabled=True)).result()


def test_a_registry_lives_from_its_creation_to_its_deletion(registries, group):
    client = registries.registries
    made = client.begin_create(group, "crclientslife", registry(public_network_access="Disabled")).result()
    assert made.type == "Microsoft.ContainerRegistry/registries"
    assert made.provisioning_state == "Succeeded"
    assert (made.sku.name, made.sku.tier) == ("Premium", "Premium")
    assert made.login_server == "crclientslife.azurecr.io"
    assert made.admin_user_enabled is False
    assert made.public_network_access == "Disabled"
    assert made.creation_date is not None
    assert client.get(group, "crclientslife").id == made.id
    assert "crclientslife" in names(client.list_by_resource_group(group))
    assert made.id in [item.id for item in client.list()]
    changed = client.begin_update(
        group, "crclientslife", RegistryUpdateParameters(tags={"a": "b"}, admin_user_enabled=True)
    ).result()
    assert (changed.tags, changed.admin_user_enabled) == ({"a": "b"}, True)
    assert changed.public_network_access == "Disabled"
    assert client.begin_delete(group, "crclientslife").result() is None
    with refused("ResourceNotFound", 404, ResourceNotFoundError):
        client.get(group, "crclientslife")


def test_a_name_is_taken_everywhere(registries, resources, kept):
    client = registries.registries
    asked = client.check_name_availability(RegistryNameCheckRequest(name=kept.name))
    assert (asked.name_available, asked.reason) == (False, "AlreadyExists")
    asked = client.check_name_availability(RegistryNameCheckRequest(name="crclientsfree"))
    assert asked.name_available is True
    resources.resource_groups.create_or_update("rg-registry-other", {"location": LOCATION})
    with refused("AlreadyInUse", 409, ResourceExistsError):
        client.begin_create("rg-registry-other", kept.name, registry())
    resources.resource_groups.begin_delete("rg-registry-other").result()


def test_only_a_premium_registry_can_be_closed(registries, group):
    with refused("DisablingPublicNetworkAccessNotSupported", 400):
        registries.registries.begin_create(group, "crclientsbasic", registry("Basic", public_network_access="Disabled"))


def test_credentials_are_shown_where_the_administrator_may_sign_in(registries, group, kept):
    client = registries.registries
    shown = client.list_credentials(group, kept.name)
    assert shown.username == kept.name
    assert [password.name for password in shown.passwords] == ["password", "password2"]
    client.begin_create(group, "crclientsclosed", registry("Basic")).result()
    with pytest.raises(HttpResponseError) as caught:
        client.list_credentials(group, "crclientsclosed")
    assert caught.value.error.code == "UnauthorizedForCredentialOperations"
    client.begin_delete(group, "crclientsclosed").result()


def test_usages_and_link_resources_are_told(registries, group, kept):
    usage = {item.name: item for item in registries.registries.list_usages(group, kept.name).value}
    assert {"Size", "Webhooks"} <= set(usage)
    assert usage["Size"].current_value == 0
    links = {item.name: item for item in registries.registries.list_private_link_resources(group, kept.name)}
    assert links["registry"].properties.group_id == "registry"


def test_a_registry_is_replicated(registries, group, kept):
    client = registries.replications
    made = client.begin_create(group, kept.name, "northeurope", Replication(location="northeurope")).result()
    assert (made.provisioning_state, made.location) == ("Succeeded", "northeurope")
    assert "northeurope" in names(client.list(group, kept.name))
    client.begin_delete(group, kept.name, "northeurope").result()
    assert "northeurope" not in names(client.list(group, kept.name))


def test_tokens_have_a_scope_map(registries, group, kept):
    maps, tokens = registries.scope_maps, registries.tokens
    made = maps.begin_create(
        group, kept.name, "pullers", ScopeMap(actions=["repositories/train/content/read"])
    ).result()
    assert made.actions == ["repositories/train/content/read"]
    assert "pullers" in names(maps.list(group, kept.name))
    token = tokens.begin_create(
        group, kept.name, "puller", Token(scope_map_id=made.id, status="enabled")
    ).result()
    assert (token.scope_map_id, token.status) == (made.id, "enabled")
    assert names(tokens.list(group, kept.name)) == ["puller"]
    tokens.begin_delete(group, kept.name, "puller").result()
    maps.begin_delete(group, kept.name, "pullers").result()


def test_a_webhook_tells_of_pushes(registries, group, kept):
    client = registries.webhooks
    body = WebhookCreateParameters(
        location=LOCATION, service_uri="https://hook.example/", actions=["push"], status="enabled"
    )
    made = client.begin_create(group, kept.name, "pushed", body).result()
    assert (made.actions, made.status) == (["push"], "enabled")
    assert names(client.list(group, kept.name)) == ["pushed"]
    client.begin_delete(group, kept.name, "pushed").result()
    assert names(client.list(group, kept.name)) == []
