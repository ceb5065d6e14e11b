"""The process itself: how it starts, keeps, throttles and ends; and operations that take their time."""

import os
import stat
import time

import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from azure.identity import ClientSecretCredential
from azure.mgmt.authorization.v2022_04_01 import AuthorizationManagementClient
from azure.mgmt.authorization.v2022_04_01.models import RoleAssignmentCreateParameters
from azure.mgmt.msi import ManagedServiceIdentityClient
from azure.mgmt.msi.models import Identity
from azure.mgmt.network import NetworkManagementClient
from azure.mgmt.network.models import AddressSpace, Subnet, VirtualNetwork
from azure.mgmt.resource.resources import ResourceManagementClient

from support import LOCATION, Simulated, group_id, names, refused

READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"


@pytest.fixture
def start(tmp_path):
    """Starts simulators of the test's own, which share a directory."""
    started = []

    def begin(*options):
        running = Simulated(tmp_path, *options)
        started.append(running)
        return running

    yield begin
    for running in started:
        if running.process.poll() is None:
            running.stop()


def signed_in(simulated):
    ready = simulated.ready
    return ClientSecretCredential(
        ready["tenant_id"], ready["client_id"], ready["client_secret"], **simulated.authority
    )


def test_it_ends_cleanly_and_takes_its_ready_file_with_it(start):
    running = start()
    assert stat.S_IMODE(os.stat(running.ready_file).st_mode) == 0o600
    assert running.stop() == 0
    assert not running.ready_file.exists()
    # What it stood at is free again, and nobody answers there.
    with pytest.raises(ClientAuthenticationError, match="refused"):
        signed_in(running).get_token(running.scope)


def test_a_state_file_outlives_the_process(start, tmp_path):
    state = str(tmp_path / "state.db")
    first = start("--state", state)
    client = first.client(ResourceManagementClient, signed_in(first))
    made = client.resource_groups.create_or_update("rg-kept", {"location": LOCATION, "tags": {"a": "b"}})
    assert first.stop() == 0
    second = start("--state", state)
    assert second.ready["client_secret"] == first.ready["client_secret"]
    client = second.client(ResourceManagementClient, signed_in(second))
    kept = client.resource_groups.get("rg-kept")
    assert (kept.id, kept.tags) == (made.id, {"a": "b"})
    assert second.stop() == 0


def test_memory_forgets(start):
    first = start()
    first.client(ResourceManagementClient, signed_in(first)).resource_groups.create_or_update(
        "rg-lost", {"location": LOCATION}
    )
    assert first.stop() == 0
    second = start()
    client = second.client(ResourceManagementClient, signed_in(second))
    assert names(client.resource_groups.list()) == []


def test_a_poller_waits_as_long_as_azure_takes(start):
    running = start("--latency", "real:0.05")
    credential = signed_in(running)
    running.client(ResourceManagementClient, credential).resource_groups.create_or_update(
        "rg", {"location": LOCATION}
    )
    networks = running.client(NetworkManagementClient, credential)
    body = VirtualNetwork(location=LOCATION, address_space=AddressSpace(address_prefixes=["10.0.0.0/16"]))
    began = time.monotonic()
    poller = networks.virtual_networks.begin_create_or_update("rg", "vnet", body)
    assert not poller.done()
    seen = networks.virtual_networks.get("rg", "vnet")
    assert seen.provisioning_state == "Updating"
    made = poller.result()
    assert made.provisioning_state == "Succeeded"
    assert time.monotonic() - began > 0.2
    # One at a time: the network is busy with its subnet.
    first = networks.subnets.begin_create_or_update("rg", "vnet", "a", Subnet(address_prefix="10.0.0.0/24"))
    with pytest.raises(HttpResponseError) as caught:
        networks.subnets.begin_create_or_update(
            "rg", "vnet", "b", Subnet(address_prefix="10.0.1.0/24"), retry_total=0
        )
    assert caught.value.status_code in (409, 429)
    assert caught.value.error.code == "AnotherOperationInProgress"
    assert first.result().provisioning_state == "Succeeded"
    gone = networks.virtual_networks.begin_delete("rg", "vnet")
    assert gone.result() is None
    assert names(networks.virtual_networks.list("rg")) == []


def test_the_directory_knows_a_new_identity_only_after_a_while(start):
    running = start("--latency", "real:0.1")
    credential = signed_in(running)
    running.client(ResourceManagementClient, credential).resource_groups.create_or_update(
        "rg", {"location": LOCATION}
    )
    made = running.client(ManagedServiceIdentityClient, credential).user_assigned_identities.create_or_update(
        "rg", "id-new", Identity(location=LOCATION)
    )
    client = running.client(AuthorizationManagementClient, credential).role_assignments
    scope = group_id(running, "rg")
    root = f"/subscriptions/{running.subscription}/providers/Microsoft.Authorization/roleDefinitions"

    def assign(**fields):
        body = RoleAssignmentCreateParameters(
            role_definition_id=f"{root}/{READER}", principal_id=made.principal_id, **fields
        )
        return client.create(scope, "00000000-0000-0000-0000-00000000000a", body)

    with refused("PrincipalNotFound", 400):
        # None, as the client says User by itself.
        assign(principal_type=None)
    # With the type given, nobody asks the directory.
    assert assign(principal_type="ServicePrincipal").principal_id == made.principal_id


def test_who_asks_too_much_is_told_to_wait(start):
    running = start("--throttle")
    client = running.client(ResourceManagementClient, signed_in(running), retry_total=0)
    with refused("TooManyRequests", 429) as caught:
        for number in range(400):
            client.resource_groups.create_or_update(f"rg-{number}", {"location": LOCATION})
    assert int(caught.value.response.headers["Retry-After"]) >= 1
    patient = running.client(ResourceManagementClient, signed_in(running))
    assert patient.resource_groups.create_or_update("rg-late", {"location": LOCATION}).name == "rg-late"
