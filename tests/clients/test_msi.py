"""Managed identities (azure-mgmt-msi)."""

import uuid

from azure.core.exceptions import ResourceNotFoundError
from azure.mgmt.msi.models import FederatedIdentityCredential, Identity, IdentityUpdate

from support import LOCATION, names, refused


def test_an_identity_lives_from_its_creation_to_its_deletion(identities, group, simulated):
    client = identities.user_assigned_identities
    made = client.create_or_update(group, "id-life", Identity(location=LOCATION, tags={"a": "b"}))
    assert made.type == "Microsoft.ManagedIdentity/userAssignedIdentities"
    assert made.tenant_id == simulated.ready["tenant_id"]
    assert uuid.UUID(made.principal_id) != uuid.UUID(made.client_id)
    got = client.get(group, "id-life")
    assert (got.id, got.principal_id, got.client_id) == (made.id, made.principal_id, made.client_id)
    again = client.create_or_update(group, "id-life", Identity(location=LOCATION))
    assert again.principal_id == made.principal_id
    changed = client.update(group, "id-life", IdentityUpdate(tags={"c": "d"}))
    assert changed.tags == {"c": "d"}
    assert "id-life" in names(client.list_by_resource_group(group))
    assert made.id in [item.id for item in client.list_by_subscription()]
    client.delete(group, "id-life")
    with refused("ResourceNotFound", 404, ResourceNotFoundError):
        client.get(group, "id-life")
    client.delete(group, "id-life")


def test_an_identity_trusts_a_workflow(identities, group):
    identities.user_assigned_identities.create_or_update(group, "id-workflow", Identity(location=LOCATION))
    client = identities.federated_identity_credentials
    body = FederatedIdentityCredential(
        issuer="https://token.actions.githubusercontent.com",
        subject="repo:example/train:ref:refs/heads/main",
        audiences=["api://AzureADTokenExchange"],
    )
    made = client.create_or_update(group, "id-workflow", "main", body)
    assert (made.subject, made.audiences) == (body.subject, body.audiences)
    assert made.type == "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials"
    assert client.get(group, "id-workflow", "main").issuer == body.issuer
    assert names(client.list(group, "id-workflow")) == ["main"]
    client.delete(group, "id-workflow", "main")
    assert names(client.list(group, "id-workflow")) == []


def test_an_identity_needs_a_group(identities):
    with refused("ResourceGroupNotFound", 404, ResourceNotFoundError):
        identities.user_assigned_identities.create_or_update("rg-none", "id", Identity(location=LOCATION))
