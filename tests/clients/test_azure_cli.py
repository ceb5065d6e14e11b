"""The Azure CLI. A longer run, for which it is installed from PyPI (some 730 MB):

    AMLSECURE_AZURE_CLI=target/azure-cli pytest tests/clients/test_azure_cli.py

The variable names the virtual environment, which is made where there is none.
Extensions, `az ml` among them, come from another place and are not run.
"""

import json
import os
import pathlib
import subprocess
import sys

import pytest

from support import LOCATION

VERSION = "2.91.0"

pytestmark = [
    pytest.mark.azure_cli,
    pytest.mark.skipif(
        not os.environ.get("AMLSECURE_AZURE_CLI"), reason="AMLSECURE_AZURE_CLI names no virtual environment"
    ),
]


class Failed(Exception):
    """What the command said on its way out."""


@pytest.fixture(scope="module")
def program():
    environment = pathlib.Path(os.environ["AMLSECURE_AZURE_CLI"]).absolute()
    if not (environment / "bin" / "az").exists():
        subprocess.run([sys.executable, "-m", "venv", environment], check=True)
        subprocess.run(
            [environment / "bin" / "python", "-m", "pip", "install", "--quiet", f"azure-cli=={VERSION}"], check=True
        )
    return environment / "bin" / "az"


@pytest.fixture(scope="module")
def az(program, simulated, tmp_path_factory):
    # No variable of ours that points at a proxy or another cloud goes in.
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path_factory.mktemp("home")),
        "AZURE_CONFIG_DIR": str(tmp_path_factory.mktemp("azure")),
        "NO_PROXY": "localhost,127.0.0.1",
        **simulated.ready["environment"]["azure-cli"],
    }

    def run(*arguments):
        done = subprocess.run(
            [program, *arguments, "--output", "json"],
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        if done.returncode != 0:
            raise Failed(done.stderr)
        return json.loads(done.stdout) if done.stdout.strip() else None

    address, ready = simulated.address, simulated.ready
    run(
        *["cloud", "register", "--name", "Simulated"],
        *["--endpoint-resource-manager", address],
        *["--endpoint-management", address],
        *["--endpoint-active-directory", address],
        *["--endpoint-active-directory-resource-id", address],
        *["--endpoint-active-directory-graph-resource-id", address],
        *["--suffix-storage-endpoint", "core.windows.net"],
        *["--suffix-keyvault-dns", ".vault.azure.net"],
        *["--suffix-acr-login-server-endpoint", ".azurecr.io"],
    )
    run("cloud", "set", "--name", "Simulated")
    signed_in = run(
        *["login", "--service-principal", "--username", ready["client_id"]],
        *["--password", ready["client_secret"], "--tenant", ready["tenant_id"]],
    )
    assert [account["id"] for account in signed_in] == [simulated.subscription]
    return run


@pytest.fixture(scope="module")
def cli_group(az):
    made = az("group", "create", "--name", "rg-az", "--location", LOCATION, "--tags", "a=b")
    assert made["properties"]["provisioningState"] == "Succeeded"
    yield "rg-az"
    az("group", "delete", "--name", "rg-az", "--yes")
    assert az("group", "exists", "--name", "rg-az") is False


def test_it_is_signed_in_to_the_simulated_subscription(az, simulated):
    account = az("account", "show")
    assert account["tenantId"] == simulated.ready["tenant_id"]
    assert account["environmentName"] == "Simulated"
    assert az("account", "get-access-token")["tokenType"] == "Bearer"
    assert LOCATION in [item["name"] for item in az("account", "list-locations")]
    assert az("provider", "show", "--namespace", "Microsoft.Network")["registrationState"] == "Registered"


def test_groups_are_shown_and_listed(az, cli_group):
    assert az("group", "show", "--name", cli_group)["tags"] == {"a": "b"}
    assert cli_group in [item["name"] for item in az("group", "list")]
    assert az("group", "list", "--tag", "a=b")[0]["name"] == cli_group
    with pytest.raises(Failed, match="ResourceGroupNotFound"):
        az("group", "show", "--name", "rg-none")


def test_a_network_with_subnets_is_made(az, cli_group):
    made = az(
        *["network", "vnet", "create", "--resource-group", cli_group, "--name", "vnet"],
        *["--address-prefixes", "10.0.0.0/16", "--subnet-name", "a", "--subnet-prefixes", "10.0.0.0/24"],
    )
    assert made["newVNet"]["provisioningState"] == "Succeeded"
    subnet = az(
        *["network", "vnet", "subnet", "create", "--resource-group", cli_group, "--vnet-name", "vnet"],
        *["--name", "b", "--address-prefixes", "10.0.1.0/24"],
    )
    assert subnet["addressPrefix"] == "10.0.1.0/24"
    with pytest.raises(Failed, match="NetcfgSubnetRangesOverlap"):
        az(
            *["network", "vnet", "subnet", "create", "--resource-group", cli_group, "--vnet-name", "vnet"],
            *["--name", "c", "--address-prefixes", "10.0.1.0/25"],
        )
    az("network", "vnet", "subnet", "delete", "--resource-group", cli_group, "--vnet-name", "vnet", "--name", "b")
    listed = az("network", "vnet", "subnet", "list", "--resource-group", cli_group, "--vnet-name", "vnet")
    assert [item["name"] for item in listed] == ["a"]


def test_an_account_is_made_shown_and_deleted(az, cli_group):
    made = az(
        *["storage", "account", "create", "--resource-group", cli_group, "--name", "stclientsaz"],
        *["--location", LOCATION, "--sku", "Standard_LRS", "--public-network-access", "Disabled"],
    )
    assert (made["provisioningState"], made["publicNetworkAccess"]) == ("Succeeded", "Disabled")
    assert len(az("storage", "account", "keys", "list", "--account-name", "stclientsaz")) == 2
    assert az("storage", "account", "check-name", "--name", "stclientsaz")["nameAvailable"] is False
    az("storage", "account", "delete", "--resource-group", cli_group, "--name", "stclientsaz", "--yes")
    assert az("storage", "account", "list", "--resource-group", cli_group) == []


def test_a_vault_is_made_deleted_and_purged(az, cli_group):
    made = az(
        *["keyvault", "create", "--resource-group", cli_group, "--name", "kv-clients-az"],
        *["--location", LOCATION, "--public-network-access", "Disabled"],
    )
    assert made["properties"]["provisioningState"] == "Succeeded"
    az("keyvault", "delete", "--name", "kv-clients-az", "--resource-group", cli_group)
    assert "kv-clients-az" in [item["name"] for item in az("keyvault", "list-deleted", "--resource-type", "vault")]
    az("keyvault", "purge", "--name", "kv-clients-az", "--location", LOCATION)
    assert az("keyvault", "list-deleted", "--resource-type", "vault") == []


def test_any_resource_is_made_listed_and_deleted(az, cli_group):
    body = {"location": LOCATION, "properties": {}}
    made = az(
        *["resource", "create", "--resource-group", cli_group, "--name", "nsg", "--is-full-object"],
        *["--resource-type", "Microsoft.Network/networkSecurityGroups", "--properties", json.dumps(body)],
        *["--api-version", "2024-05-01"],
    )
    assert made["type"] == "Microsoft.Network/networkSecurityGroups"
    listed = az("resource", "list", "--resource-group", cli_group)
    assert made["id"] in [item["id"] for item in listed]
    # Without an api-version it asks the provider for one.
    assert az("resource", "show", "--ids", made["id"])["id"] == made["id"]
    assert az("resource", "tag", "--ids", made["id"], "--tags", "c=d")["tags"] == {"c": "d"}
    az("resource", "delete", "--ids", made["id"])
    shown = az("rest", "--method", "get", "--url", f"{made['id'].split('/providers/')[0]}?api-version=2024-03-01")
    assert shown["name"] == cli_group
    assert made["id"] not in [item["id"] for item in az("resource", "list", "--resource-group", cli_group)]
