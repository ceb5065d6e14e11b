# A closed MLOps stack: a virtual network, private endpoints for the workspace
# and everything that it stands on, the DNS zones in which they are found, and
# a training cluster without public addresses.

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

resource "amlsecure_resource_group" "mlops" {
  name     = "rg-mlops"
  location = "eastasia"
}

resource "amlsecure_network" "aml" {
  name                = "vnet-aml"
  resource_group_name = amlsecure_resource_group.mlops.name
  location            = amlsecure_resource_group.mlops.location
  address_space       = ["10.10.0.0/16"]
  compute_access      = "no_public_ip"

  subnet {
    name             = "endpoints"
    purpose          = "private_endpoints"
    address_prefixes = ["10.10.0.0/26"]
  }
  subnet {
    name             = "training"
    purpose          = "training"
    address_prefixes = ["10.10.1.0/24"]
  }
  egress {
    type = "nat_gateway"
  }
}

resource "amlsecure_private_dns" "aml" {
  resource_group_name = amlsecure_resource_group.mlops.name
  services            = ["amlworkspace", "blob", "file", "queue", "table", "dfs", "vault", "registry"]
  virtual_network_ids = [amlsecure_network.aml.id]
}

resource "amlsecure_workspace" "mlops" {
  name                     = "mlw-mlops"
  resource_group_name      = amlsecure_resource_group.mlops.name
  location                 = amlsecure_resource_group.mlops.location
  image_build_compute_name = "cpu"

  storage_account {
    name = "stmlops0001"
  }
  key_vault {
    name = "kv-mlops-0001"
  }
  container_registry {
    name = "crmlops0001"
  }
  application_insights {
    name = "appi-mlops"
  }
  private_endpoint {
    subnet_id            = amlsecure_network.aml.subnet_ids["endpoints"]
    private_dns_zone_ids = amlsecure_private_dns.aml.zone_ids
    storage_services     = ["blob", "file", "queue", "table", "dfs"]
  }
  identity {
    type = "SystemAssigned"
  }
  tags = {
    team = "mlops"
  }
}

resource "amlsecure_compute_cluster" "cpu" {
  name                          = "cpu"
  machine_learning_workspace_id = amlsecure_workspace.mlops.id
  subnet_resource_id            = amlsecure_network.aml.subnet_ids["training"]
  vm_size                       = "Standard_DS3_v2"
  vm_priority                   = "LowPriority"

  scale_settings {
    min_node_count                       = 0
    max_node_count                       = 3
    scale_down_nodes_after_idle_duration = "PT30S"
  }
  identity {
    type = "SystemAssigned"
  }
}

output "workspace_id" {
  value = amlsecure_workspace.mlops.id
}

output "private_endpoint_addresses" {
  value = amlsecure_workspace.mlops.private_endpoint_addresses
}

output "training_nodes_that_fit" {
  value = provider::amlsecure::subnet_capacity("10.10.1.0/24")
}
