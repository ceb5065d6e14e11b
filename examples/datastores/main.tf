# Data for a closed workspace, a private feed of its packages, and a second way to it: datastores over a container, a
# share and a lake, and endpoints of the workspace and its storage in the network of those who use them.

terraform {
  required_version = ">= 1.11" # it keeps no write-only argument before
  required_providers {
    amlsecure = {
      source = "amlsecure/amlsecure"
    }
  }
}

provider "amlsecure" {
  environment = "simulator" # remove this line to build it in Azure
}

variable "storage_key" {
  description = "A key of the storage account, which is sent and stored nowhere."
  type        = string
  sensitive   = true
  ephemeral   = true
  default     = "c2ltdWxhdGVkLWtleS1vZi10aGUtYWNjb3VudA=="
}

variable "feed_token" {
  description = "A token that reads the feed of packages, which is sent and stored nowhere."
  type        = string
  sensitive   = true
  ephemeral   = true
  default     = "a-simulated-token"
}

resource "amlsecure_resource_group" "data" {
  name     = "rg-data"
  location = "eastasia"
}

resource "amlsecure_network" "data" {
  name                = "vnet-data"
  resource_group_name = amlsecure_resource_group.data.name
  location            = amlsecure_resource_group.data.location
  address_space       = ["10.20.0.0/16"]
  compute_access      = "no_public_ip"

  subnet {
    name             = "endpoints"
    purpose          = "private_endpoints"
    address_prefixes = ["10.20.0.0/26"]
  }
}

resource "amlsecure_private_dns" "data" {
  resource_group_name = amlsecure_resource_group.data.name
  services            = ["amlworkspace", "blob", "file", "dfs", "vault"]
  virtual_network_ids = [amlsecure_network.data.id]
}

resource "amlsecure_workspace" "data" {
  name                = "mlw-data"
  resource_group_name = amlsecure_resource_group.data.name
  location            = amlsecure_resource_group.data.location

  storage_account {
    name = "stdata0001"
  }
  key_vault {
    name = "kv-data-0001"
  }
  application_insights {
    name = "appi-data"
  }
  private_endpoint {
    subnet_id            = amlsecure_network.data.subnet_ids["endpoints"]
    private_dns_zone_ids = amlsecure_private_dns.data.zone_ids
    storage_services     = ["blob", "file", "dfs"]
  }
  workspace_connection {
    name     = "packages"
    category = "PythonFeed"
    target   = "https://pkgs.dev.azure.com/contoso/_packaging/research/pypi/simple/"

    credentials {
      type                  = "PAT"
      personal_access_token = var.feed_token
    }
  }
}

# The workspace has its roles on its own account already.

resource "amlsecure_datastore" "images" {
  name                 = "images"
  workspace_id         = amlsecure_workspace.data.id
  type                 = "AzureBlob"
  storage_container_id = "${amlsecure_workspace.data.storage_account_id}/blobServices/default/containers/images"
  role_assignments     = "none"
}

resource "amlsecure_datastore" "notes" {
  name                  = "notes"
  workspace_id          = amlsecure_workspace.data.id
  type                  = "AzureFile"
  storage_fileshare_id  = "${amlsecure_workspace.data.storage_account_id}/fileServices/default/shares/notes"
  service_data_identity = "None"

  credentials {
    type        = "AccountKey"
    account_key = var.storage_key
    version     = 1
  }
}

resource "amlsecure_datastore" "lake" {
  name                 = "lake"
  workspace_id         = amlsecure_workspace.data.id
  type                 = "AzureDataLakeGen2"
  storage_container_id = "${amlsecure_workspace.data.storage_account_id}/blobServices/default/containers/curated"
  role_assignments     = "none"
}

# Those who use the workspace have a network and zones of their own. An endpoint that wrote its names into the
# first network's zones would take them from the first endpoint.

resource "amlsecure_resource_group" "clients" {
  name     = "rg-data-clients"
  location = amlsecure_resource_group.data.location
}

resource "amlsecure_network" "clients" {
  name                = "vnet-data-clients"
  resource_group_name = amlsecure_resource_group.clients.name
  location            = amlsecure_resource_group.clients.location
  address_space       = ["10.21.0.0/16"]
  compute_access      = "no_public_ip"

  subnet {
    name             = "endpoints"
    purpose          = "private_endpoints"
    address_prefixes = ["10.21.0.0/26"]
  }
}

resource "amlsecure_private_dns" "clients" {
  resource_group_name = amlsecure_resource_group.clients.name
  services            = ["amlworkspace", "dfs"]
  virtual_network_ids = [amlsecure_network.clients.id]
}

resource "amlsecure_private_link" "workspace" {
  name                = "pe-clients-workspace"
  resource_group_name = amlsecure_resource_group.clients.name
  location            = amlsecure_resource_group.clients.location
  subnet_id           = amlsecure_network.clients.subnet_ids["endpoints"]

  private_service_connection {
    private_connection_resource_id = amlsecure_workspace.data.id
    subresource_names              = ["amlworkspace"]
  }
  private_dns_zone_group {
    private_dns_zone_ids = amlsecure_private_dns.clients.zone_ids["amlworkspace"]
  }
}

resource "amlsecure_private_link" "lake" {
  name                          = "pe-clients-lake"
  resource_group_name           = amlsecure_resource_group.clients.name
  location                      = amlsecure_resource_group.clients.location
  subnet_id                     = amlsecure_network.clients.subnet_ids["endpoints"]
  machine_learning_workspace_id = amlsecure_workspace.data.id

  private_service_connection {
    private_connection_resource_id = amlsecure_workspace.data.storage_account_id
    subresource_names              = ["dfs"]
  }
  private_dns_zone_group {
    private_dns_zone_ids = amlsecure_private_dns.clients.zone_ids["dfs"]
  }
}

output "lake_from_the_clients" {
  value = amlsecure_private_link.lake.private_ip_addresses
}

output "access_control_of_the_lake" {
  value = amlsecure_datastore.lake.data_plane_commands
}
