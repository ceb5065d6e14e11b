"""Terraform with providers that are not ours.

    AMLSECURE_CLIENT_MIRROR=DIR pytest tests/clients/test_terraform.py

DIR is a filesystem mirror (`terraform providers mirror DIR`) that holds hashicorp/azurerm or azure/azapi; what it does
not hold is untested. AMLSECURE_TERRAFORM names the command, else it is the one on the path.
"""

import json
import os
import pathlib
import shutil
import subprocess

import pytest

MIRROR = os.environ.get("AMLSECURE_CLIENT_MIRROR")

# azurerm's deletions ask ten times, ten seconds apart, whether a link is gone.
PATIENCE = 900

pytestmark = [
    pytest.mark.terraform,
    pytest.mark.skipif(not MIRROR, reason="untested: AMLSECURE_CLIENT_MIRROR names no mirror of providers"),
]

AZURERM = """
terraform { required_providers { azurerm = { source = "hashicorp/azurerm" } } }

provider "azurerm" {
  features {}
}

resource "azurerm_resource_group" "it" {
  name     = "rg-azurerm"
  location = "westeurope"
}

resource "azurerm_virtual_network" "it" {
  name                = "vnet"
  resource_group_name = azurerm_resource_group.it.name
  location            = azurerm_resource_group.it.location
  address_space       = ["10.0.0.0/16"]
}

resource "azurerm_subnet" "it" {
  name                              = "snet"
  resource_group_name               = azurerm_resource_group.it.name
  virtual_network_name              = azurerm_virtual_network.it.name
  address_prefixes                  = ["10.0.0.0/24"]
  private_endpoint_network_policies = "Disabled"
}

resource "azurerm_storage_account" "it" {
  name                            = "stclientsazurerm"
  resource_group_name             = azurerm_resource_group.it.name
  location                        = azurerm_resource_group.it.location
  account_tier                    = "Standard"
  account_replication_type        = "LRS"
  public_network_access_enabled   = false
  allow_nested_items_to_be_public = false
}

resource "azurerm_private_dns_zone" "it" {
  name                = "privatelink.blob.core.windows.net"
  resource_group_name = azurerm_resource_group.it.name
}

resource "azurerm_private_dns_zone_virtual_network_link" "it" {
  name                  = "link"
  resource_group_name   = azurerm_resource_group.it.name
  private_dns_zone_name = azurerm_private_dns_zone.it.name
  virtual_network_id    = azurerm_virtual_network.it.id
}

resource "azurerm_private_endpoint" "it" {
  name                = "pe-blob"
  resource_group_name = azurerm_resource_group.it.name
  location            = azurerm_resource_group.it.location
  subnet_id           = azurerm_subnet.it.id

  private_service_connection {
    name                           = "connection"
    private_connection_resource_id = azurerm_storage_account.it.id
    subresource_names              = ["blob"]
    is_manual_connection           = false
  }

  private_dns_zone_group {
    name                 = "default"
    private_dns_zone_ids = [azurerm_private_dns_zone.it.id]
  }
}
"""

AZAPI = """
terraform { required_providers { azapi = { source = "azure/azapi" } } }

provider "azapi" {}

data "azapi_client_config" "it" {}

resource "azapi_resource" "group" {
  type      = "Microsoft.Resources/resourceGroups@2024-03-01"
  parent_id = "/subscriptions/${data.azapi_client_config.it.subscription_id}"
  name      = "rg-azapi"
  location  = "westeurope"
}

resource "azapi_resource" "network" {
  type      = "Microsoft.Network/virtualNetworks@2024-05-01"
  parent_id = azapi_resource.group.id
  name      = "vnet"
  location  = "westeurope"
  body      = { properties = { addressSpace = { addressPrefixes = ["10.0.0.0/16"] } } }
}

resource "azapi_resource" "subnet" {
  type      = "Microsoft.Network/virtualNetworks/subnets@2024-05-01"
  parent_id = azapi_resource.network.id
  name      = "snet"
  body      = { properties = { addressPrefix = "10.0.0.0/24", privateEndpointNetworkPolicies = "Disabled" } }
}

resource "azapi_resource" "account" {
  type      = "Microsoft.Storage/storageAccounts@2024-01-01"
  parent_id = azapi_resource.group.id
  name      = "stclientsazapi"
  location  = "westeurope"
  body = {
    kind       = "StorageV2"
    sku        = { name = "Standard_LRS" }
    properties = { publicNetworkAccess = "Disabled", allowBlobPublicAccess = false }
  }
}

resource "azapi_resource" "zone" {
  type      = "Microsoft.Network/privateDnsZones@2024-06-01"
  parent_id = azapi_resource.group.id
  name      = "privatelink.blob.core.windows.net"
  location  = "global"
}

resource "azapi_resource" "link" {
  type      = "Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01"
  parent_id = azapi_resource.zone.id
  name      = "link"
  location  = "global"
  body      = { properties = { registrationEnabled = false, virtualNetwork = { id = azapi_resource.network.id } } }
}

resource "azapi_resource" "endpoint" {
  type      = "Microsoft.Network/privateEndpoints@2024-05-01"
  parent_id = azapi_resource.group.id
  name      = "pe-blob"
  location  = "westeurope"
  body = {
    properties = {
      subnet = { id = azapi_resource.subnet.id }
      privateLinkServiceConnections = [{
        name       = "connection"
        properties = { privateLinkServiceId = azapi_resource.account.id, groupIds = ["blob"] }
      }]
    }
  }
}
"""


def mirrored(source):
    """Whether the mirror holds a provider, from whichever registry."""
    return any(pathlib.Path(MIRROR).glob(f"*/{source}"))


@pytest.mark.parametrize(
    ("source", "configuration"), [("hashicorp/azurerm", AZURERM), ("azure/azapi", AZAPI)], ids=["azurerm", "azapi"]
)
def test_a_provider_builds_a_private_endpoint_and_sees_no_difference_afterwards(
    simulated, resources, tmp_path, source, configuration
):
    if not mirrored(source):
        pytest.skip(f"untested: the mirror holds no {source}")
    terraform = os.environ.get("AMLSECURE_TERRAFORM") or shutil.which("terraform")
    if not terraform:
        pytest.skip("untested: there is no terraform")
    name = source.split("/")[1]
    settings = tmp_path / "terraform.rc"
    settings.write_text(
        f'provider_installation {{\n  filesystem_mirror {{ path = "{pathlib.Path(MIRROR).absolute()}" }}\n}}\n',
        encoding="utf-8",
    )
    work = tmp_path / "work"
    work.mkdir()
    (work / "main.tf").write_text(configuration, encoding="utf-8")
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "TF_CLI_CONFIG_FILE": str(settings),
        "TF_IN_AUTOMATION": "1",
        "CHECKPOINT_DISABLE": "1",
        **simulated.ready["environment"][name],
    }

    def run(*arguments, expected=0):
        done = subprocess.run(
            [terraform, *arguments, "-no-color"],
            cwd=work,
            env=environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == expected, done.stdout + done.stderr
        return done.stdout

    run("init")
    try:
        run("apply", "-auto-approve")
        # 0 says that the plan is empty, 2 that it is not.
        run("plan", "-detailed-exitcode")
        state = json.loads(run("show", "-json"))
        assert state["values"]["root_module"]["resources"]
        assert resources.resource_groups.check_existence(f"rg-{name}")
    finally:
        run("destroy", "-auto-approve")
    assert not resources.resource_groups.check_existence(f"rg-{name}")
