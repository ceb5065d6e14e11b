# A closed workspace whose data at Microsoft is encrypted with a key of yours, and whose images are built by a cluster of
# its own. The key, its vault and the identity that uses it are made elsewhere. Where this is tried, the file beside.json
# says what stands already.

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

variable "key_id" {
  description = "A version of the key: its vault's data plane knows it by this address."
  type        = string
  default     = "https://kv-keys-0001.vault.azure.net/keys/mlw/1"
}

variable "key_vault_id" {
  description = "The vault that the key lies in. It has purge protection, as a lost key is lost data."
  type        = string
  default     = "/subscriptions/5eed0000-0000-4000-8000-000000000001/resourceGroups/rg-keys/providers/Microsoft.KeyVault/vaults/kv-keys-0001"
}

variable "user_assigned_identity_id" {
  description = "The identity that uses the key."
  type        = string
  default     = "/subscriptions/5eed0000-0000-4000-8000-000000000001/resourceGroups/rg-keys/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-keys"
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

  customer_managed_key {
    key_id                          = var.key_id
    key_vault_id                    = var.key_vault_id
    user_assigned_identity_id       = var.user_assigned_identity_id
    service_side_encryption_enabled = true
  }
  identity {
    type         = "SystemAssigned, UserAssigned"
    identity_ids = [var.user_assigned_identity_id]
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
