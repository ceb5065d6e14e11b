# Closed doors to models: an online endpoint with an identity of its own, and a batch endpoint. Pipelines make
# the deployments behind them.

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

resource "amlsecure_resource_group" "serving" {
  name     = "rg-serving"
  location = "eastasia"
}

resource "amlsecure_network" "serving" {
  name                = "vnet-serving"
  resource_group_name = amlsecure_resource_group.serving.name
  location            = amlsecure_resource_group.serving.location
  address_space       = ["10.30.0.0/16"]
  compute_access      = "no_public_ip"

  subnet {
    name             = "endpoints"
    purpose          = "private_endpoints"
    address_prefixes = ["10.30.0.0/26"]
  }
}

resource "amlsecure_private_dns" "serving" {
  resource_group_name = amlsecure_resource_group.serving.name
  services            = ["amlworkspace", "blob", "file", "queue", "table", "vault", "registry"]
  virtual_network_ids = [amlsecure_network.serving.id]
}

resource "amlsecure_workspace" "serving" {
  name                = "mlw-serving"
  resource_group_name = amlsecure_resource_group.serving.name
  location            = amlsecure_resource_group.serving.location

  storage_account {
    name = "stserving0001"
  }
  key_vault {
    name = "kv-serving-0001"
  }
  application_insights {
    name = "appi-serving"
  }
  container_registry {
    name = "crserving0001"
  }
  private_endpoint {
    subnet_id            = amlsecure_network.serving.subnet_ids["endpoints"]
    private_dns_zone_ids = amlsecure_private_dns.serving.zone_ids
    storage_services     = ["blob", "file", "queue", "table"] # batch endpoints schedule through queues and tables
  }
}

resource "amlsecure_online_endpoint" "score" {
  name                          = "serving-score"
  machine_learning_workspace_id = amlsecure_workspace.serving.id
  description                   = "Scores of the current model"
}

resource "amlsecure_batch_endpoint" "nightly" {
  name                          = "serving-nightly"
  machine_learning_workspace_id = amlsecure_workspace.serving.id
  description                   = "Scores of everything, every night"
}

output "score" {
  value = amlsecure_online_endpoint.score.scoring_uri
}
