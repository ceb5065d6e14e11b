"""Workspaces, computes and what else lies in them (azure-mgmt-machinelearningservices)."""

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.keyvault.models import Sku as VaultSku
from azure.mgmt.keyvault.models import VaultCreateOrUpdateParameters, VaultProperties
from azure.mgmt.loganalytics.models import Workspace as LogWorkspace
from azure.mgmt.machinelearningservices.models import (
    AccountKeyDatastoreCredentials,
    AccountKeyDatastoreSecrets,
    AmlCompute,
    AmlComputeProperties,
    AzureBlobDatastore,
    BatchEndpoint,
    BatchEndpointProperties,
    ClusterUpdateParameters,
    ComputeInstance,
    ComputeInstanceProperties,
    ComputeResource,
    Datastore,
    DefaultScaleSettings,
    ManagedOnlineDeployment,
    ManagedServiceIdentity,
    NoneAuthTypeWorkspaceConnectionProperties,
    OnlineDeployment,
    OnlineEndpoint,
    OnlineEndpointProperties,
    ScaleSettings,
    ScaleSettingsInformation,
    Sku,
    Workspace,
    WorkspaceConnectionPropertiesV2BasicResource,
    WorkspaceUpdateParameters,
)
from azure.mgmt.applicationinsights.v2020_02_02.models import ApplicationInsightsComponent
from azure.mgmt.storage.models import Sku as StorageSku
from azure.mgmt.storage.models import StorageAccountCreateParameters

from support import LOCATION, names, refused

SIZE = "STANDARD_DS3_V2"


@pytest.fixture(scope="module")
def dependencies(group, storage, vaults, log_analytics, insights, simulated):
    account = storage.storage_accounts.begin_create(
        group,
        "stclientsml",
        StorageAccountCreateParameters(sku=StorageSku(name="Standard_LRS"), kind="StorageV2", location=LOCATION),
    ).result()
    vault = vaults.vaults.begin_create_or_update(
        group,
        "kv-clients-ml",
        VaultCreateOrUpdateParameters(
            location=LOCATION,
            properties=VaultProperties(
                tenant_id=simulated.ready["tenant_id"],
                sku=VaultSku(family="A", name="standard"),
                enable_rbac_authorization=True,
            ),
        ),
    ).result()
    logs = log_analytics.workspaces.begin_create_or_update(group, "log-clients", LogWorkspace(location=LOCATION)).result()
    component = insights.components.create_or_update(
        group,
        "appi",
        ApplicationInsightsComponent(location=LOCATION, kind="web", workspace_resource_id=logs.id),
    )
    yield {
        "storage_account": account.id,
        "key_vault": vault.id,
        "application_insights": component.id,
    }


@pytest.fixture(scope="module")
def body(dependencies):
    def make(**fields):
        given = {
            "location": LOCATION,
            "identity": ManagedServiceIdentity(type="SystemAssigned"),
            "sku": Sku(name="Basic"),
            **dependencies,
        }
        return Workspace(**{**given, **fields})

    return make


@pytest.fixture(scope="module")
def workspace(machine_learning, group, body):
    return machine_learning.workspaces.begin_create_or_update(group, "mlw", body()).result()


def cluster(nodes=4, **fields):
    properties = AmlComputeProperties(
        vm_size=SIZE, scale_settings=ScaleSettings(max_node_count=nodes, min_node_count=0), **fields
    )
    return ComputeResource(location=LOCATION, properties=AmlCompute(properties=properties))


def test_a_workspace_lives_and_leaves_its_name_taken(machine_learning, group, body, dependencies):
    client = machine_learning.workspaces
    made = client.begin_create_or_update(
        group, "mlw-life", body(friendly_name="Life", public_network_access="Disabled", hbi_workspace=False)
    ).result()
    assert made.type == "Microsoft.MachineLearningServices/workspaces"
    assert made.provisioning_state == "Succeeded"
    assert (made.friendly_name, made.public_network_access) == ("Life", "Disabled")
    assert made.workspace_id
    assert made.storage_account.lower() == dependencies["storage_account"].lower()
    assert made.key_vault.lower() == dependencies["key_vault"].lower()
    assert made.identity.type == "SystemAssigned"
    assert made.identity.principal_id
    assert made.ml_flow_tracking_uri.startswith(f"azureml://{LOCATION}.api.azureml.ms/")
    assert made.discovery_url.startswith("https://")
    assert made.system_data.created_at <= made.system_data.last_modified_at

    assert client.get(group, "mlw-life").workspace_id == made.workspace_id
    assert "mlw-life" in names(client.list_by_resource_group(group))
    assert made.id in [item.id for item in client.list_by_subscription()]
    changed = client.begin_update(
        group, "mlw-life", WorkspaceUpdateParameters(tags={"a": "b"}, description="changed")
    ).result()
    assert (changed.tags, changed.description, changed.friendly_name) == ({"a": "b"}, "changed", "Life")

    assert client.begin_delete(group, "mlw-life").result() is None
    with refused("ResourceNotFound", 404, ResourceNotFoundError):
        client.get(group, "mlw-life")
    # It is kept for a while, and who asks for the same again gets it back.
    back = client.begin_create_or_update(group, "mlw-life", body(friendly_name="Life")).result()
    assert back.workspace_id == made.workspace_id
    client.begin_delete(group, "mlw-life", params={"forceToPurge": "true"}).result()
    anew = client.begin_create_or_update(group, "mlw-life", body()).result()
    assert anew.workspace_id != made.workspace_id
    client.begin_delete(group, "mlw-life", params={"forceToPurge": "true"}).result()


def test_a_workspace_needs_an_identity_and_what_it_stands_on(machine_learning, group, body, dependencies):
    client = machine_learning.workspaces
    with pytest.raises(HttpResponseError) as caught:
        client.begin_create_or_update(group, "mlw-none", body(identity=None)).result()
    assert caught.value.status_code == 400
    with refused("ValidationError", 400):
        client.begin_create_or_update(group, "mlw-none", body(storage_account=None))
    with pytest.raises(HttpResponseError) as caught:
        missing = dependencies["key_vault"] + "-none"
        client.begin_create_or_update(group, "mlw-none", body(key_vault=missing)).result()
    assert caught.value.status_code in (400, 404)


def test_a_cluster_lives_in_a_workspace(machine_learning, group, workspace):
    client = machine_learning.compute
    made = client.begin_create_or_update(group, workspace.name, "cpu", cluster()).result()
    assert made.type == "Microsoft.MachineLearningServices/workspaces/computes"
    assert made.properties.compute_type == "AmlCompute"
    assert made.properties.provisioning_state == "Succeeded"
    assert made.properties.properties.vm_size == SIZE
    assert made.properties.properties.scale_settings.max_node_count == 4
    assert made.properties.properties.allocation_state == "Steady"
    assert made.properties.properties.current_node_count == 0
    assert made.properties.is_attached_compute is False

    assert isinstance(client.get(group, workspace.name, "cpu").properties, AmlCompute)
    assert "cpu" in names(client.list(group, workspace.name))
    nodes = list(client.list_nodes(group, workspace.name, "cpu"))
    assert nodes == []
    changed = client.begin_update(
        group,
        workspace.name,
        "cpu",
        ClusterUpdateParameters(
            properties=ScaleSettingsInformation(
                scale_settings=ScaleSettings(max_node_count=2, min_node_count=0)
            )
        ),
    ).result()
    assert changed.properties.properties.scale_settings.max_node_count == 2
    assert changed.properties.properties.vm_size == SIZE

    client.begin_delete(group, workspace.name, "cpu", underlying_resource_action="Delete").result()
    with pytest.raises(ResourceNotFoundError) as caught:
        client.get(group, workspace.name, "cpu")
    assert caught.value.status_code == 404


def test_an_instance_starts_and_stops(machine_learning, group, workspace):
    client = machine_learning.compute
    body = ComputeResource(
        location=LOCATION, properties=ComputeInstance(properties=ComputeInstanceProperties(vm_size=SIZE))
    )
    made = client.begin_create_or_update(group, workspace.name, "ci-clients", body).result()
    assert isinstance(made.properties, ComputeInstance)
    assert made.properties.properties.state == "Running"
    client.begin_stop(group, workspace.name, "ci-clients").result()
    assert client.get(group, workspace.name, "ci-clients").properties.properties.state == "Stopped"
    client.begin_start(group, workspace.name, "ci-clients").result()
    assert client.get(group, workspace.name, "ci-clients").properties.properties.state == "Running"
    client.begin_restart(group, workspace.name, "ci-clients").result()
    client.begin_delete(group, workspace.name, "ci-clients", underlying_resource_action="Delete").result()


def test_a_compute_needs_a_workspace_and_its_region(machine_learning, group, workspace):
    client = machine_learning.compute
    with refused("ParentResourceNotFound", 404, ResourceNotFoundError):
        client.begin_create_or_update(group, "mlw-none", "cpu", cluster())
    elsewhere = cluster()
    elsewhere.location = "eastus"
    with pytest.raises(HttpResponseError) as caught:
        client.begin_create_or_update(group, workspace.name, "cpu-far", elsewhere)
    assert caught.value.status_code == 400


def test_a_workspace_has_stores_of_its_own_and_takes_more(machine_learning, group, workspace):
    client = machine_learning.datastores
    own = {item.name: item for item in client.list(group, workspace.name)}
    assert {"workspaceblobstore", "workspacefilestore"} <= set(own)
    [first] = client.list(group, workspace.name, is_default=True)
    assert first.name == "workspaceblobstore"
    body = Datastore(
        properties=AzureBlobDatastore(
            account_name="stclientsml",
            container_name="data",
            credentials=AccountKeyDatastoreCredentials(secrets=AccountKeyDatastoreSecrets(key="a2V5")),
            tags={"a": "b"},
        )
    )
    made = client.create_or_update(group, workspace.name, "data", body, skip_validation=True)
    assert isinstance(made.properties, AzureBlobDatastore)
    assert (made.properties.container_name, made.properties.tags) == ("data", {"a": "b"})
    assert made.properties.credentials.credentials_type == "AccountKey"
    assert getattr(made.properties.credentials.secrets, "key", None) is None
    assert client.list_secrets(group, workspace.name, "data").key == "a2V5"
    assert client.get(group, workspace.name, "data").id == made.id
    client.delete(group, workspace.name, "data")
    with pytest.raises(ResourceNotFoundError):
        client.get(group, workspace.name, "data")


def test_a_connection_points_elsewhere(machine_learning, group, workspace):
    client = machine_learning.workspace_connections
    body = WorkspaceConnectionPropertiesV2BasicResource(
        properties=NoneAuthTypeWorkspaceConnectionProperties(
            category="PythonFeed", target="https://feed.example/simple"
        )
    )
    made = client.create(group, workspace.name, "feed", body)
    assert (made.properties.category, made.properties.auth_type) == ("PythonFeed", "None")
    assert made.properties.target == "https://feed.example/simple"
    assert names(client.list(group, workspace.name)) == ["feed"]
    client.delete(group, workspace.name, "feed")
    assert names(client.list(group, workspace.name)) == []


def test_an_endpoint_answers_by_its_deployments(machine_learning, group, workspace):
    endpoints, deployments = machine_learning.online_endpoints, machine_learning.online_deployments
    made = endpoints.begin_create_or_update(
        group,
        workspace.name,
        "ep-clients",
        OnlineEndpoint(
            location=LOCATION,
            identity=ManagedServiceIdentity(type="SystemAssigned"),
            properties=OnlineEndpointProperties(auth_mode="Key", public_network_access="Disabled"),
        ),
    ).result()
    assert made.properties.provisioning_state == "Succeeded"
    assert made.properties.scoring_uri.startswith("https://ep-clients.")
    keys = endpoints.list_keys(group, workspace.name, "ep-clients")
    assert keys.primary_key and keys.primary_key != keys.secondary_key
    deployment = deployments.begin_create_or_update(
        group,
        workspace.name,
        "ep-clients",
        "blue",
        OnlineDeployment(
            location=LOCATION,
            sku=Sku(name="Default", capacity=1),
            properties=ManagedOnlineDeployment(
                instance_type="Standard_DS3_v2",
                model="azureml://registries/azureml/models/model/versions/1",
                scale_settings=DefaultScaleSettings(),
                egress_public_network_access="Disabled",
            ),
        ),
    ).result()
    assert deployment.properties.provisioning_state == "Succeeded"
    assert deployment.properties.endpoint_compute_type == "Managed"
    assert names(deployments.list(group, workspace.name, "ep-clients")) == ["blue"]
    assert names(endpoints.list(group, workspace.name)) == ["ep-clients"]
    deployments.begin_delete(group, workspace.name, "ep-clients", "blue").result()
    endpoints.begin_delete(group, workspace.name, "ep-clients").result()
    assert names(endpoints.list(group, workspace.name)) == []


def test_a_batch_endpoint_is_made(machine_learning, group, workspace):
    client = machine_learning.batch_endpoints
    made = client.begin_create_or_update(
        group,
        workspace.name,
        "bep-clients",
        BatchEndpoint(location=LOCATION, properties=BatchEndpointProperties(auth_mode="AADToken")),
    ).result()
    assert made.properties.provisioning_state == "Succeeded"
    assert names(client.list(group, workspace.name)) == ["bep-clients"]
    client.begin_delete(group, workspace.name, "bep-clients").result()


def test_a_workspace_tells_its_keys_and_its_health(machine_learning, group, workspace):
    client = machine_learning.workspaces
    keys = client.list_keys(group, workspace.name)
    assert keys.user_storage_key
    assert keys.app_insights_instrumentation_key
    assert client.begin_resync_keys(group, workspace.name).result() is None
    assert client.list_storage_account_keys(group, workspace.name).user_storage_key == keys.user_storage_key
    report = client.begin_diagnose(group, workspace.name, {"value": {}}).result()
    assert report.value.storage_account_results == []
    notebook = client.begin_prepare_notebook(group, workspace.name).result()
    assert notebook.fqdn
    outside = list(client.list_outbound_network_dependencies_endpoints(group, workspace.name).value)
    assert {item.properties.category for item in outside} >= {"Azure Active Directory", "Azure Storage"}


def test_what_may_be_used_is_counted(machine_learning, group, workspace):
    usages = list(machine_learning.usages.list(LOCATION))
    assert usages and all(item.current_value <= item.limit for item in usages)
    sizes = machine_learning.virtual_machine_sizes.list(LOCATION).value
    assert SIZE in {size.name.upper() for size in sizes}
    quotas = list(machine_learning.quotas.list(LOCATION))
    assert all(item.limit is not None for item in quotas)
