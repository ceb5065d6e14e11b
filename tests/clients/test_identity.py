"""Signing in with each credential that azure-identity has for an unattended client."""

import base64
import json
import time

import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import (
    CertificateCredential,
    ClientAssertionCredential,
    ClientSecretCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)
from azure.mgmt.resource.resources import ResourceManagementClient


def claims(token):
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


def signs_in(simulated, credential):
    """A token for ARM, and what ARM makes of it."""
    token = credential.get_token(simulated.scope)
    assert time.time() < token.expires_on <= time.time() + 24 * 3600
    said = claims(token.token)
    assert said["aud"] == simulated.address
    assert said["oid"] == simulated.ready["principal_id"]
    assert said["tid"] == simulated.ready["tenant_id"]
    client = simulated.client(ResourceManagementClient, credential)
    assert [p.namespace for p in client.providers.list() if p.namespace == "Microsoft.Network"]


def test_a_client_secret_signs_in(simulated, credential):
    signs_in(simulated, credential)


def test_a_certificate_signs_in(simulated):
    ready = simulated.ready
    credential = CertificateCredential(
        ready["tenant_id"],
        ready["client_id"],
        ready["client_certificate_path"],
        password=ready["client_certificate_password"],
        **simulated.authority,
    )
    signs_in(simulated, credential)


def test_a_federated_token_signs_in(simulated):
    ready = simulated.ready
    credential = ClientAssertionCredential(
        ready["tenant_id"], ready["client_id"], lambda: ready["oidc_token"], **simulated.authority
    )
    signs_in(simulated, credential)


def test_a_workload_identity_signs_in_with_the_token_in_a_file(simulated, tmp_path):
    ready = simulated.ready
    file = tmp_path / "token"
    file.write_text(ready["oidc_token"], encoding="utf-8")
    credential = WorkloadIdentityCredential(
        tenant_id=ready["tenant_id"],
        client_id=ready["client_id"],
        token_file_path=str(file),
        **simulated.authority,
    )
    signs_in(simulated, credential)


def test_the_managed_identity_of_an_app_signs_in(simulated, monkeypatch):
    monkeypatch.setenv("IDENTITY_ENDPOINT", simulated.ready["identity_endpoint"])
    monkeypatch.setenv("IDENTITY_HEADER", simulated.ready["identity_header"])
    credential = ManagedIdentityCredential(**simulated.trust)
    # The endpoint is plain, as it is in Azure, so the token names the same front by another address.
    token = credential.get_token(simulated.scope)
    assert claims(token.token)["aud"] == simulated.address
    client = simulated.client(ResourceManagementClient, credential)
    assert not client.resource_groups.check_existence("rg-of-nobody")


def test_a_managed_identity_must_show_the_header_of_its_app(simulated, monkeypatch):
    monkeypatch.setenv("IDENTITY_ENDPOINT", simulated.ready["identity_endpoint"])
    monkeypatch.setenv("IDENTITY_HEADER", "x")
    with pytest.raises(ClientAuthenticationError):
        ManagedIdentityCredential(**simulated.trust).get_token(simulated.scope)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("client_secret", "wrong", "AADSTS7000215"),
        ("client_id", "00000000-0000-0000-0000-000000000009", "AADSTS700016"),
        ("tenant_id", "00000000-0000-0000-0000-000000000009", "AADSTS90002"),
    ],
)
def test_who_is_not_known_is_refused_with_the_code_of_the_directory(simulated, field, value, code):
    given = {name: simulated.ready[name] for name in ("tenant_id", "client_id", "client_secret")}
    given[field] = value
    credential = ClientSecretCredential(**given, **simulated.authority)
    with pytest.raises(ClientAuthenticationError) as caught:
        credential.get_token(simulated.scope)
    # What is said of a tenant is in MSAL's words.
    assert code in caught.value.message or field == "tenant_id"


def test_a_token_for_another_service_does_not_open_arm(simulated, credential):
    client = ResourceManagementClient(
        credential,
        simulated.subscription,
        base_url=simulated.address,
        credential_scopes=["https://vault.azure.net/.default"],
        **simulated.trust,
    )
    with pytest.raises(ClientAuthenticationError) as caught:
        list(client.resource_groups.list())
    assert caught.value.status_code == 401
    assert caught.value.error.code == "InvalidAuthenticationTokenAudience"
