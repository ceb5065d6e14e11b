# A notebook machine in a closed workspace: no public address, one person, off
# in the evening and when it is idle, and a proxy for what it installs.

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

resource "amlsecure_resource_group" "notebooks" {
  name     = "rg-notebooks"
  location = "eastasia"
}

resource "amlsecure_network" "notebooks" {
  name                = "vnet-notebooks"
  resource_group_name = amlsecure_resource_group.notebooks.name
  location            = amlsecure_resource_group.notebooks.location
  address_space       = ["10.20.0.0/16"]

  subnet {
    name             = "endpoints"
    purpose          = "private_endpoints"
    address_prefixes = ["10.20.0.0/26"]
  }
  subnet {
    name             = "training"
    purpose          = "training"
    address_prefixes = ["10.20.1.0/24"]
  }
  egress {
    type = "nat_gateway"
  }
}

resource "amlsecure_private_dns" "notebooks" {
  resource_group_name = amlsecure_resource_group.notebooks.name
  services            = ["amlworkspace", "blob", "file", "vault"]
  virtual_network_ids = [amlsecure_network.notebooks.id]
}

resource "amlsecure_workspace" "notebooks" {
  name                = "mlw-notebooks"
  resource_group_name = amlsecure_resource_group.notebooks.name
  location            = amlsecure_resource_group.notebooks.location

  storage_account {
    name = "stnotebooks0001"
  }
  key_vault {
    name = "kv-notebooks-0001"
  }
  application_insights {
    name = "appi-notebooks"
  }
  private_endpoint {
    subnet_id            = amlsecure_network.notebooks.subnet_ids["endpoints"]
    private_dns_zone_ids = amlsecure_private_dns.notebooks.zone_ids
  }
}

resource "amlsecure_compute_instance" "notebooks" {
  name                          = "notebooks"
  machine_learning_workspace_id = amlsecure_workspace.notebooks.id
  subnet_resource_id            = amlsecure_network.notebooks.subnet_ids["training"]
  virtual_machine_size          = "Standard_DS3_v2"
  idle_time_before_shutdown     = "PT1H"

  assign_to_user {
    object_id = "11111111-1111-1111-1111-111111111111"
    tenant_id = "22222222-2222-2222-2222-222222222222"
  }
  schedule {
    action    = "Start"
    cron      = "0 8 * * 1-5"
    time_zone = "Tokyo Standard Time"
  }
  schedule {
    action    = "Stop"
    time_zone = "Tokyo Standard Time"
    recurrence {
      frequency = "Day"
      hours     = [19]
      minutes   = [0]
    }
  }
  proxy {
    http_proxy = "http://10.20.2.4:3128"
    no_proxy   = ["localhost", "127.0.0.1", "169.254.169.254", "168.63.129.16", ".azureml.ms", ".core.windows.net"]
  }
  identity {
    type = "SystemAssigned"
  }
  tags = {
    team = "research"
  }
}

output "roles_to_assign" {
  value = amlsecure_compute_instance.notebooks.required_role_assignments
}
