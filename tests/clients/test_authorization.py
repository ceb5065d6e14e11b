"""Role assignments and definitions (azure-mgmt-authorization)."""

import uuid

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.mgmt.authorization.v2022_04_01.models import Permission, RoleAssignmentCreateParameters, RoleDefinition
from azure.mgmt.msi.models import Identity

from support import LOCATION, group_id, refused

READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"


@pytest.fixture(scope="module")
def principal(identities, group):
    made = identities.user_assigned_identities.create_or_update(group, "id-principal", Identity(location=LOCATION))
    return made.principal_id


def role(simulated, name):
    root = f"/subscriptions/{simulated.subscription}"
    return f"{root}/providers/Microsoft.Authorization/roleDefinitions/{name}"


def test_a_role_is_assigned_listed_and_taken_away(authorization, group, simulated, principal):
    client = authorization.role_assignments
    scope = group_id(simulated, group)
    name = str(uuid.uuid4())
    body = RoleAssignmentCreateParameters(
        role_definition_id=role(simulated, READER), principal_id=principal, principal_type="ServicePrincipal"
    )
    made = client.create(scope, name, body)
    assert made.name == name
    assert made.type == "Microsoft.Authorization/roleAssignments"
    assert (made.scope, made.principal_id, made.principal_type) == (scope, principal, "ServicePrincipal")
    assert made.role_definition_id == role(simulated, READER)
    assert client.get(scope, name).id == made.id
    assert client.get_by_id(made.id).name == name
    assert name in [item.name for item in client.list_for_scope(scope)]
    assert name in [item.name for item in client.list_for_resource_group(group)]
    assert name in [item.name for item in client.list_for_subscription()]
    mine = client.list_for_scope(scope, filter=f"principalId eq '{principal}'")
    assert [item.name for item in mine] == [name]

    with refused("RoleAssignmentExists", 409, ResourceExistsError):
        client.create(scope, str(uuid.uuid4()), body)
    body.role_definition_id = role(simulated, CONTRIBUTOR)
    with pytest.raises(HttpResponseError) as caught:
        client.create(scope, name, body)
    assert caught.value.error.code == "RoleAssignmentUpdateNotPermitted"

    gone = client.delete(scope, name)
    assert gone.name == name
    assert client.delete(scope, name) is None
    with refused("RoleAssignmentNotFound", 404, ResourceNotFoundError):
        client.get(scope, name)


def test_a_role_is_assigned_for_one_resource(authorization, group, simulated, principal, resources):
    scope = f"{group_id(simulated, group)}/providers/Microsoft.Network/virtualNetworks/vnet"
    resources.resources.begin_create_or_update_by_id(
        scope,
        {"location": LOCATION, "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}},
        api_version="2024-05-01",
    ).result()
    client = authorization.role_assignments
    body = RoleAssignmentCreateParameters(role_definition_id=role(simulated, READER), principal_id=principal)
    made = client.create(scope, str(uuid.uuid4()), body)
    assert made.scope == scope
    assert [item.id for item in client.list_for_scope(scope, filter="atScope()") if item.scope == scope] == [made.id]
    resources.resources.begin_delete_by_id(scope, api_version="2024-05-01").result()
    assert made.id not in [item.id for item in client.list_for_subscription()]


def test_what_is_no_role_is_not_assigned(authorization, group, simulated, principal):
    body = RoleAssignmentCreateParameters(role_definition_id="Reader", principal_id=principal)
    with refused("InvalidRoleDefinitionId", 400):
        authorization.role_assignments.create(group_id(simulated, group), str(uuid.uuid4()), body)


def test_built_in_roles_are_found_by_their_names(authorization, simulated):
    client = authorization.role_definitions
    scope = f"/subscriptions/{simulated.subscription}"
    [reader] = client.list(scope, filter="roleName eq 'Reader'")
    assert (reader.name, reader.role_type) == (READER, "BuiltInRole")
    assert reader.permissions[0].actions == ["*/read"]
    assert client.get(scope, READER).role_name == "Reader"
    assert client.get_by_id(reader.id).name == READER
    named = {item.role_name for item in client.list(scope)}
    assert {"Owner", "Contributor", "AzureML Data Scientist", "Storage Blob Data Contributor"} <= named


def test_a_role_of_our_own_is_made_and_assigned(authorization, group, simulated, principal):
    scope = group_id(simulated, group)
    name = str(uuid.uuid4())
    definitions = authorization.role_definitions
    body = RoleDefinition(
        role_name="Joins subnets",
        description="Puts things into subnets",
        role_type="CustomRole",
        permissions=[Permission(actions=["Microsoft.Network/virtualNetworks/subnets/join/action"], not_actions=[])],
        assignable_scopes=[scope],
    )
    made = definitions.create_or_update(scope, name, body)
    assert (made.name, made.role_name, made.role_type) == (name, "Joins subnets", "CustomRole")
    assert definitions.get(scope, name).assignable_scopes == [scope]
    assert name in [item.name for item in definitions.list(scope, filter="type eq 'CustomRole'")]
    assigned = authorization.role_assignments.create(
        scope,
        str(uuid.uuid4()),
        RoleAssignmentCreateParameters(role_definition_id=made.id, principal_id=principal),
    )
    with pytest.raises(HttpResponseError) as caught:
        definitions.delete(scope, name)
    assert caught.value.error.code == "RoleDefinitionHasAssignments"
    authorization.role_assignments.delete_by_id(assigned.id)
    assert definitions.delete(scope, name).name == name
