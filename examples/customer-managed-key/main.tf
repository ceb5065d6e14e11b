# A closed workspace whose data at Microsoft is encrypted with a key of yours, and
# whose images are built by a cluster of its own. The key, its vault and the
# identity that uses it are made elsewhere; without them, nothing is encrypted
# with a key of yours.

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

variable "key" {
  description = "The key, the vault that it lies in, and the user-assigned identity that uses it."
  type = object({
    key_id                    = string
    key_vault_id              = string
    user_assigned_identity_id = string
  })
  default = null
}

resource "amlsecure_resource_group" "keyed" {
  name     = "rg-keyed"
  location = "eastasia"
}

resource "amlsecure_network" "keyed" {
  name                = "vnet-keyed"
  resource_group_name = amlsecure_resource_group.keyed.name
  location            = amlsecure_resource_group.keyed.location
  address_space       = ["10.50.0.0/16"]

  subnet {
    name             = "endpoints"
    purpose          = "private_endpoints"
    address_prefixes = ["10.50.0.0/26"]
  }
  subnet {
    name             = "training"
    purpose          = "training"
    address_prefixes = ["10.50.1.0/24"]
  }
  egress {
    type = "nat_gateway"
  }
}

resource "amlsecure_private_dns" "keyed" {
  resource_group_name = amlsecure_resource_group.keyed.name
  services            = ["amlworkspace", "blob", "file", "vault", "registry"]
  virtual_network_ids = [amlsecure_network.keyed.id]
}

resource "amlsecure_workspace" "keyed" {
  name                 = "mlw-keyed"
  resource_group_name  = amlsecure_resource_group.keyed.name
  location             = amlsecure_resource_group.keyed.location
  isolation            = "private_endpoint"
  high_business_impact = true

  dynamic "customer_managed_key" {
    for_each = var.key[*]
    content {
      key_id                          = customer_managed_key.value.key_id
      key_vault_id                    = customer_managed_key.value.key_vault_id
      user_assigned_identity_id       = customer_managed_key.value.user_assigned_identity_id
      service_side_encryption_enabled = true
    }
  }
  identity {
    type         = var.key == null ? "SystemAssigned" : "SystemAssigned, UserAssigned"
    identity_ids = var.key == null ? null : [var.key.user_assigned_identity_id]
  }
  storage_account {
    name = "stkeyed0001"
  }
  key_vault {
    name = "kv-keyed-0001"
  }
  container_registry {
    name = "crkeyed0001"
  }
  application_insights {
    name = "appi-keyed"
  }
  private_endpoint {
    subnet_id            = amlsecure_network.keyed.subnet_ids["endpoints"]
    private_dns_zone_ids = amlsecure_private_dns.keyed.zone_ids
  }
  image_build_cluster {
    name               = "builder"
    subnet_resource_id = amlsecure_network.keyed.subnet_ids["training"]
    max_node_count     = 1
  }
}

output "workspace_id" {
  value = amlsecure_workspace.keyed.id
}
