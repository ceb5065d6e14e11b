"""One simulated Azure for the whole session, and the clients that drive it."""

import os
import pathlib

import pytest
from azure.identity import ClientSecretCredential
from azure.mgmt.applicationinsights import ApplicationInsightsManagementClient
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.containerregistry import ContainerRegistryManagementClient
from azure.mgmt.containerservice import ContainerServiceClient
from azure.mgmt.keyvault import KeyVaultManagementClient
from azure.mgmt.loganalytics import LogAnalyticsManagementClient
from azure.mgmt.machinelearningservices import MachineLearningServicesMgmtClient
from azure.mgmt.msi import ManagedServiceIdentityClient
from azure.mgmt.network import NetworkManagementClient
from azure.mgmt.privatedns import PrivateDnsManagementClient
from azure.mgmt.resource.resources import ResourceManagementClient
from azure.mgmt.storage import StorageManagementClient

from support import LOCATION, Simulated, binary


def pytest_configure():
    binary()


@pytest.fixture(scope="session")
def simulated(tmp_path_factory):
    traffic = os.environ.get("AMLSECURE_TRAFFIC")
    options = []
    if traffic:
        raw = pathlib.Path(traffic) / "raw"
        raw.mkdir(parents=True, exist_ok=True)
        record = raw / "clients.ndjson"
        record.unlink(missing_ok=True)
        options = ["--record", str(record)]
    running = Simulated(tmp_path_factory.mktemp("simulated"), *options)
    yield running
    assert running.stop() == 0
    assert not running.ready_file.exists()


@pytest.fixture(scope="session")
def credential(simulated):
    ready = simulated.ready
    return ClientSecretCredential(
        ready["tenant_id"], ready["client_id"], ready["client_secret"], **simulated.authority
    )


@pytest.fixture(scope="session")
def connect(simulated, credential):
    return lambda kind, **options: simulated.client(kind, credential, **options)


@pytest.fixture(scope="session")
def resources(connect):
    return connect(ResourceManagementClient)


@pytest.fixture(scope="session")
def networks(connect):
    return connect(NetworkManagementClient)


@pytest.fixture(scope="session")
def private_dns(connect):
    return connect(PrivateDnsManagementClient)


@pytest.fixture(scope="session")
def storage(connect):
    return connect(StorageManagementClient)


@pytest.fixture(scope="session")
def vaults(connect):
    return connect(KeyVaultManagementClient)


@pytest.fixture(scope="session")
def registries(connect):
    return connect(ContainerRegistryManagementClient)


@pytest.fixture(scope="session")
def log_analytics(connect):
    return connect(LogAnalyticsManagementClient)


@pytest.fixture(scope="session")
def insights(connect):
    return connect(ApplicationInsightsManagementClient)


@pytest.fixture(scope="session")
def machine_learning(connect):
    return connect(MachineLearningServicesMgmtClient)


@pytest.fixture(scope="session")
def authorization(connect):
    return connect(AuthorizationManagementClient)


@pytest.fixture(scope="session")
def identities(connect):
    return connect(ManagedServiceIdentityClient)


@pytest.fixture(scope="session")
def compute(connect):
    return connect(ComputeManagementClient)


@pytest.fixture(scope="session")
def kubernetes(connect):
    return connect(ContainerServiceClient)


@pytest.fixture(scope="module")
def group(request, resources):
    """The name of a resource group for one module, deleted with all that the module left in it."""
    name = "rg-" + request.module.__name__.removeprefix("test_").replace("_", "-")
    resources.resource_groups.create_or_update(name, {"location": LOCATION})
    yield name
    resources.resource_groups.begin_delete(name).result()
    assert not resources.resource_groups.check_existence(name)
