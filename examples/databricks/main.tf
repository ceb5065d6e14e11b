# Databricks in the network of a closed workspace and linked to it: clusters
# without public addresses, in two subnets of their own, and one private
# endpoint by which users and clusters reach Databricks.

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

resource "amlsecure_resource_group" "spark" {
  name     = "rg-spark"
  location = "eastasia"
}

resource "amlsecure_network" "spark" {
  name                = "vnet-spark"
  resource_group_name = amlsecure_resource_group.spark.name
  location            = amlsecure_resource_group.spark.location
  address_space       = ["10.30.0.0/16"]

  subnet {
    name             = "endpoints"
    purpose          = "private_endpoints"
    address_prefixes = ["10.30.0.0/26"]
  }
  subnet {
    name             = "databricks-public"
    purpose          = "databricks_public"
    address_prefixes = ["10.30.1.0/24"]
  }
  subnet {
    name             = "databricks-private"
    purpose          = "databricks_private"
    address_prefixes = ["10.30.2.0/24"]
  }
  subnet {
    name             = "default" # asked for beside the two, where a workspace is linked
    purpose          = "general"
    address_prefixes = ["10.30.3.0/24"]
  }
  egress {
    type = "nat_gateway"
  }
}

resource "amlsecure_private_dns" "spark" {
  resource_group_name = amlsecure_resource_group.spark.name
  services            = ["amlworkspace", "blob", "file", "vault", "databricks_ui_api"]
  virtual_network_ids = [amlsecure_network.spark.id]
}

resource "amlsecure_workspace" "spark" {
  name                = "mlw-spark"
  resource_group_name = amlsecure_resource_group.spark.name
  location            = amlsecure_resource_group.spark.location

  storage_account {
    name = "stspark0001"
  }
  key_vault {
    name = "kv-spark-0001"
  }
  application_insights {
    name = "appi-spark"
  }
  private_endpoint {
    subnet_id            = amlsecure_network.spark.subnet_ids["endpoints"]
    private_dns_zone_ids = amlsecure_private_dns.spark.zone_ids
  }
}

resource "amlsecure_databricks_workspace" "spark" {
  name                = "dbw-spark"
  resource_group_name = amlsecure_resource_group.spark.name
  location            = amlsecure_resource_group.spark.location

  custom_parameters {
    virtual_network_id            = amlsecure_network.spark.id
    public_subnet_name            = "databricks-public"
    private_subnet_name           = "databricks-private"
    machine_learning_workspace_id = amlsecure_workspace.spark.id
  }
  back_end {
    subnet_id            = amlsecure_network.spark.subnet_ids["endpoints"]
    private_dns_zone_ids = amlsecure_private_dns.spark.zone_ids["databricks_ui_api"]
  }
  tags = {
    team = "research"
  }
}

output "workspace_url" {
  value = amlsecure_databricks_workspace.spark.workspace_url
}
