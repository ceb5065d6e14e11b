# A workspace behind a virtual network, as it was first done: the workspace by
# Private Link, storage and vault behind the network by service endpoints,
# Application Insights and the registry outside of it.

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

resource "amlsecure_resource_group" "aml" {
  name     = "amlvnetrg"
  location = "eastus"
}

resource "amlsecure_network" "aml" {
  name                = "amlvnet"
  resource_group_name = amlsecure_resource_group.aml.name
  location            = amlsecure_resource_group.aml.location
  address_space       = ["10.30.0.0/16"]

  subnet {
    name              = "amlvsubnet"
    purpose           = "training"
    address_prefixes  = ["10.30.0.0/24"]
    service_endpoints = ["Microsoft.Storage", "Microsoft.KeyVault"]
  }
}

resource "amlsecure_private_dns" "aml" {
  resource_group_name = amlsecure_resource_group.aml.name
  services            = ["amlworkspace"]
  virtual_network_ids = [amlsecure_network.aml.id]
}

resource "amlsecure_workspace" "aml" {
  name                = "amlvnetworkspace"
  resource_group_name = amlsecure_resource_group.aml.name
  location            = amlsecure_resource_group.aml.location
  isolation           = "service_endpoint"

  # By Private Link.
  private_endpoint {
    targets              = ["workspace"]
    subnet_id            = amlsecure_network.aml.subnet_ids["amlvsubnet"]
    private_dns_zone_ids = amlsecure_private_dns.aml.zone_ids
  }
  # Behind the network.
  storage_account {
    name = "amlvnetstorage"
    network_rules {
      virtual_network_subnet_ids = [amlsecure_network.aml.subnet_ids["amlvsubnet"]]
      ip_rules                   = ["20.43.0.17"] # a client outside of the network
    }
  }
  # Behind the network.
  key_vault {
    name = "amlvnetkeyvault"
    network_acls {
      virtual_network_subnet_ids = [amlsecure_network.aml.subnet_ids["amlvsubnet"]]
    }
  }
  # Never behind a network.
  application_insights {
    name = "amlvnetappinsights"
  }
  # Outside of the network, as it would have to be Premium to be closed.
  container_registry {
    name                          = "amlvnetconreg"
    sku                           = "Standard"
    public_network_access_enabled = true
  }
}

output "workspace_id" {
  value = amlsecure_workspace.aml.id
}
