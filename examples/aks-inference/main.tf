# Models served on Kubernetes, closed: a cluster whose API and whose scoring
# have private addresses, attached to a workspace by the extension. Callers
# outside the network are admitted by name and by TLS alone.

terraform {
  required_version = ">= 1.11" # the certificate's key is sent and never stored
  required_providers {
    amlsecure = {
      source = "amlsecure/amlsecure"
    }
  }
}

provider "amlsecure" {
  environment = "simulator" # remove this line to build it in Azure
}

resource "amlsecure_resource_group" "scoring" {
  name     = "rg-aks-inference"
  location = "eastasia"
}

resource "amlsecure_network" "scoring" {
  name                = "vnet-aks-inference"
  resource_group_name = amlsecure_resource_group.scoring.name
  location            = amlsecure_resource_group.scoring.location
  address_space       = ["10.30.0.0/16"]

  subnet {
    name             = "endpoints"
    purpose          = "private_endpoints"
    address_prefixes = ["10.30.0.0/26"]
  }
  subnet {
    name             = "inference"
    purpose          = "inference"
    address_prefixes = ["10.30.1.0/24"]
    scoring_sources  = ["203.0.113.0/24"]
  }
  egress {
    type = "nat_gateway"
  }
}

resource "amlsecure_private_dns" "scoring" {
  resource_group_name = amlsecure_resource_group.scoring.name
  services            = ["amlworkspace", "blob", "file", "vault", "registry"]
  virtual_network_ids = [amlsecure_network.scoring.id]
}

resource "amlsecure_workspace" "scoring" {
  name                = "mlw-aks-inference"
  resource_group_name = amlsecure_resource_group.scoring.name
  location            = amlsecure_resource_group.scoring.location

  storage_account {
    name = "staksinference0001"
  }
  key_vault {
    name = "kv-aksinfer-0001"
  }
  container_registry {
    name = "craksinference0001"
  }
  application_insights {
    name = "appi-aks-inference"
  }
  private_endpoint {
    subnet_id            = amlsecure_network.scoring.subnet_ids["endpoints"]
    private_dns_zone_ids = amlsecure_private_dns.scoring.zone_ids
  }
}

resource "amlsecure_inference_cluster" "scoring" {
  name                          = "scoring"
  machine_learning_workspace_id = amlsecure_workspace.scoring.id
  virtual_network_address_space = amlsecure_network.scoring.address_space

  kubernetes_cluster {
    name                = "aks-inference"
    resource_group_name = amlsecure_resource_group.scoring.name

    default_node_pool {
      vm_size        = "Standard_D4s_v5"
      node_count     = 3
      vnet_subnet_id = amlsecure_network.scoring.subnet_ids["inference"]
    }
    network_profile {
      service_cidr   = "172.16.0.0/16"
      dns_service_ip = "172.16.0.10"
    }
  }
  ssl {
    cert  = "-----BEGIN CERTIFICATE-----\n(your certificate and its chain)\n-----END CERTIFICATE-----"
    key   = "(its key, from a variable that is ephemeral)"
    cname = "scoring.example.com"
  }
}

output "compute_id" {
  value = amlsecure_inference_cluster.scoring.id
}

output "api_host" {
  value = amlsecure_inference_cluster.scoring.private_fqdn
}
