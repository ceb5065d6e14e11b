# A closed workspace whose jobs run on serverless compute, in a subnet of yours
# and without public addresses.

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

resource "amlsecure_resource_group" "serverless" {
  name     = "rg-serverless"
  location = "eastasia"
}

resource "amlsecure_network" "serverless" {
  name                = "vnet-serverless"
  resource_group_name = amlsecure_resource_group.serverless.name
  location            = amlsecure_resource_group.serverless.location
  address_space       = ["10.40.0.0/16"]

  subnet {
    name             = "endpoints"
    purpose          = "private_endpoints"
    address_prefixes = ["10.40.0.0/26"]
  }
  subnet {
    name             = "training"
    purpose          = "training"
    address_prefixes = ["10.40.1.0/24"]
  }
  egress {
    type = "nat_gateway"
  }
}

resource "amlsecure_private_dns" "serverless" {
  resource_group_name = amlsecure_resource_group.serverless.name
  services            = ["amlworkspace", "blob", "file", "vault"]
  virtual_network_ids = [amlsecure_network.serverless.id]
}

resource "amlsecure_workspace" "serverless" {
  name                = "mlw-serverless"
  resource_group_name = amlsecure_resource_group.serverless.name
  location            = amlsecure_resource_group.serverless.location
  isolation           = "private_endpoint"

  storage_account {
    name = "stserverless0001"
  }
  key_vault {
    name = "kv-serverless-0001"
  }
  application_insights {
    name = "appi-serverless"
  }
  private_endpoint {
    subnet_id            = amlsecure_network.serverless.subnet_ids["endpoints"]
    private_dns_zone_ids = amlsecure_private_dns.serverless.zone_ids
  }
  serverless_compute {
    subnet_id = amlsecure_network.serverless.subnet_ids["training"]
  }
}

output "workspace_id" {
  value = amlsecure_workspace.serverless.id
}
