# A closed hub, with a vault that Microsoft manages, and a project that stands on it.

terraform {
  required_providers {
    amlsecure = {
      source = "amlsecure/amlsecure"
    }
  }
}

provider "amlsecure" {
  environment = "simulator" # remove this line to build it in Azure
}

resource "amlsecure_resource_group" "hub" {
  name     = "rg-hub"
  location = "eastasia"
}

resource "amlsecure_network" "hub" {
  name                = "vnet-hub"
  resource_group_name = amlsecure_resource_group.hub.name
  location            = amlsecure_resource_group.hub.location
  address_space       = ["10.30.0.0/16"]
  compute_access      = "no_public_ip"

  subnet {
    name             = "endpoints"
    purpose          = "private_endpoints"
    address_prefixes = ["10.30.0.0/26"]
  }
}

resource "amlsecure_private_dns" "hub" {
  resource_group_name = amlsecure_resource_group.hub.name
  services            = ["amlworkspace", "blob", "file"]
  virtual_network_ids = [amlsecure_network.hub.id]
}

resource "amlsecure_workspace" "hub" {
  name                = "hub-research"
  resource_group_name = amlsecure_resource_group.hub.name
  location            = amlsecure_resource_group.hub.location
  kind                = "Hub"

  storage_account {
    name = "sthubresearch01"
  }
  managed_network {
    isolation_mode = "AllowInternetOutbound"
  }
  private_endpoint {
    subnet_id            = amlsecure_network.hub.subnet_ids["endpoints"]
    private_dns_zone_ids = amlsecure_private_dns.hub.zone_ids
  }
}

resource "amlsecure_workspace" "project" {
  name                = "proj-forecast"
  resource_group_name = amlsecure_resource_group.hub.name
  location            = amlsecure_resource_group.hub.location
  kind                = "Project"
  ai_services_hub_id  = amlsecure_workspace.hub.id
  description         = "Finds what will break"
}

output "project_id" {
  value = amlsecure_workspace.project.workspace_id
}
