# A machine and an HDInsight cluster that somebody else keeps, as computes of a closed workspace: nothing that is
# attached is ever deleted. In a network such machines stand in a subnet that Azure Machine Learning signs in to by SSH,
# as `machines` here. Where this is tried, the file beside.json says what stands already.

terraform {
  required_version = ">= 1.11" # passwords and keys are sent and never stored
  required_providers {
    amlsecure = {
      source = "amlsecure/amlsecure"
    }
  }
}

provider "amlsecure" {
  environment = "simulator" # remove this line to build it in Azure
}

variable "virtual_machine_id" {
  description = "The id of a virtual machine that runs Ubuntu."
  type        = string
  default     = "/subscriptions/5eed0000-0000-4000-8000-000000000001/resourceGroups/rg-machines/providers/Microsoft.Compute/virtualMachines/vm-gpu"
}

variable "hdinsight_cluster_id" {
  description = "The id of an HDInsight cluster."
  type        = string
  default     = "/subscriptions/5eed0000-0000-4000-8000-000000000001/resourceGroups/rg-machines/providers/Microsoft.HDInsight/clusters/spark"
}

variable "machine_key" {
  description = "The private key of the machine's account."
  type        = string
  sensitive   = true
  ephemeral   = true
  default     = "(a private key, as PEM)"
}

variable "cluster_password" {
  description = "The password of the cluster's account."
  type        = string
  sensitive   = true
  ephemeral   = true
  default     = "not-a-real-password"
}

resource "amlsecure_resource_group" "attach" {
  name     = "rg-attach"
  location = "eastasia"
}

resource "amlsecure_network" "attach" {
  name                = "vnet-attach"
  resource_group_name = amlsecure_resource_group.attach.name
  location            = amlsecure_resource_group.attach.location
  address_space       = ["10.40.0.0/16"]

  subnet {
    name             = "endpoints"
    purpose          = "private_endpoints"
    address_prefixes = ["10.40.0.0/26"]
  }
  subnet {
    name             = "machines"
    purpose          = "attached_compute"
    address_prefixes = ["10.40.1.0/24"]
  }
  egress {
    type = "nat_gateway"
  }
}

resource "amlsecure_private_dns" "attach" {
  resource_group_name = amlsecure_resource_group.attach.name
  services            = ["amlworkspace", "blob", "file", "vault"]
  virtual_network_ids = [amlsecure_network.attach.id]
}

resource "amlsecure_workspace" "attach" {
  name                = "mlw-attach"
  resource_group_name = amlsecure_resource_group.attach.name
  location            = amlsecure_resource_group.attach.location

  storage_account {
    name = "stattach0001"
  }
  key_vault {
    name = "kv-attach-0001"
  }
  application_insights {
    name = "appi-attach"
  }
  private_endpoint {
    subnet_id            = amlsecure_network.attach.subnet_ids["endpoints"]
    private_dns_zone_ids = amlsecure_private_dns.attach.zone_ids
  }
}

resource "amlsecure_attached_compute" "machine" {
  name                          = "gpu"
  machine_learning_workspace_id = amlsecure_workspace.attach.id

  virtual_machine {
    virtual_machine_id = var.virtual_machine_id
    address            = "10.41.0.4"

    administrator_account {
      username         = "azureuser"
      private_key_data = var.machine_key
      version          = 1
    }
  }
}

resource "amlsecure_attached_compute" "spark" {
  name                          = "spark"
  machine_learning_workspace_id = amlsecure_workspace.attach.id

  hdinsight {
    hdinsight_cluster_id = var.hdinsight_cluster_id
    address              = "spark-ssh.azurehdinsight.net"

    administrator_account {
      username = "sshuser"
      password = var.cluster_password
    }
  }
}

output "subnet_of_the_machines" {
  value = amlsecure_network.attach.subnet_ids["machines"]
}

output "compute_ids" {
  value = [amlsecure_attached_compute.machine.id, amlsecure_attached_compute.spark.id]
}
