# A workspace whose computes stand in a network that Azure manages: nothing
# leaves it that no rule names. People reach the workspace by a private endpoint
# in a network of their own.

terraform {
  required_version = ">= 1.8"
  required_providers {
    amlsecure = {
      source = "amlsecure/amlsecure"
    }
  }
}

provider "amlsecure" {
  environment = "simulator" # remove this line to build it in Azure
}

resource "amlsecure_resource_group" "managed" {
  name     = "rg-managed"
  location = "eastasia"
}

resource "amlsecure_network" "people" {
  name                = "vnet-people"
  resource_group_name = amlsecure_resource_group.managed.name
  location            = amlsecure_resource_group.managed.location
  address_space       = ["10.20.0.0/24"]

  subnet {
    name             = "endpoints"
    purpose          = "private_endpoints"
    address_prefixes = ["10.20.0.0/26"]
  }
}

resource "amlsecure_private_dns" "people" {
  resource_group_name = amlsecure_resource_group.managed.name
  services            = ["amlworkspace", "blob", "file", "vault", "registry"]
  virtual_network_ids = [amlsecure_network.people.id]
}

resource "amlsecure_workspace" "managed" {
  name                = "mlw-managed"
  resource_group_name = amlsecure_resource_group.managed.name
  location            = amlsecure_resource_group.managed.location
  isolation           = "managed_network"

  managed_network {
    isolation_mode                = "AllowOnlyApprovedOutbound"
    firewall_sku                  = "Basic"
    provision_on_creation_enabled = true

    outbound_rule {
      name             = "packages"
      destination_fqdn = "pypi.org"
    }
    outbound_rule {
      name             = "package-files"
      destination_fqdn = "files.pythonhosted.org"
    }
    outbound_rule {
      name        = "monitor"
      service_tag = "AzureMonitor"
      protocol    = "TCP"
      port_ranges = "443"
    }
  }
  storage_account {
    name = "stmanaged0001"
  }
  key_vault {
    name = "kv-managed-0001"
  }
  container_registry {
    name = "crmanaged0001"
  }
  application_insights {
    name = "appi-managed"
  }
  private_endpoint {
    subnet_id            = amlsecure_network.people.subnet_ids["endpoints"]
    private_dns_zone_ids = amlsecure_private_dns.people.zone_ids
  }
}

output "workspace_id" {
  value = amlsecure_workspace.managed.id
}
