# Models served by Container Instances: a private address in a subnet that is
# delegated to them. Azure Machine Learning asks for the network in the
# workspace's resource group, a registry that the internet reaches, and a
# workspace without private endpoints.

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

resource "amlsecure_resource_group" "aci" {
  name     = "rg-container-instances"
  location = "eastasia"
}

resource "amlsecure_network" "aci" {
  name                = "vnet-container-instances"
  resource_group_name = amlsecure_resource_group.aci.name
  location            = amlsecure_resource_group.aci.location
  address_space       = ["10.40.0.0/16"]

  subnet {
    name             = "instances"
    purpose          = "container_instances"
    address_prefixes = ["10.40.0.0/24"]
  }
  egress {
    type = "nat_gateway"
  }
}

resource "amlsecure_workspace" "aci" {
  name                          = "mlw-container-instances"
  resource_group_name           = amlsecure_resource_group.aci.name
  location                      = amlsecure_resource_group.aci.location
  public_network_access_enabled = true

  storage_account {
    name = "stcontainers0001"
  }
  key_vault {
    name = "kv-containers-0001"
  }
  container_registry {
    name                          = "crcontainers0001"
    public_network_access_enabled = true
  }
  application_insights {
    name = "appi-containers"
  }
}

resource "amlsecure_container_group" "score" {
  name                          = "aci-score"
  resource_group_name           = amlsecure_resource_group.aci.name
  location                      = amlsecure_resource_group.aci.location
  machine_learning_workspace_id = amlsecure_workspace.aci.id
  subnet_ids                    = [amlsecure_network.aci.subnet_ids["instances"]]

  container_registry_public_network_access_enabled = true

  container {
    name   = "score"
    image  = "mcr.microsoft.com/azureml/minimal-inference:1"
    cpu    = 0.5
    memory = 1.5

    ports {
      port = 5001
    }
  }
}

output "address" {
  value = amlsecure_container_group.score.ip_address
}
